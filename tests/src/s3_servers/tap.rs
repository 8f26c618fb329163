//! A tap on the line between a client and a server: it tells what the server answered, and may cut or alter what is sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How long a server may take to close a line that was cut.
const AFTER_A_CUT: Duration = Duration::from_secs(10);

/// What the tap does to what the client sends. Positions are bytes of the connection, head and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    Nothing,
    /// Ends what the server gets after so many bytes; once it has closed its side, the client's is closed too.
    Cut(u64),
    /// Alters the byte at this position.
    Flip(u64),
}

/// A loopback port that leads to a server. Dropping it closes the port and what goes through it.
#[derive(Debug)]
pub struct Tap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    task: JoinHandle<()>,
}

impl Tap {
    pub async fn open(server: SocketAddr, twist: Twist) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hears = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut lines = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let hears = Arc::clone(&hears);
                lines.spawn(async move {
                    // One side or the other closing is the end, and no fault of the tap's.
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    let ((from_client, to_client), (from_server, to_server)) =
                        (client.into_split(), server.into_split());
                    let is_cut = AtomicBool::new(false);
                    let up = pass_up(from_client, to_server, twist, &is_cut);
                    let down = pass_down(from_server, to_client, hears, &is_cut);
                    // The server has the last word, also after a cut: only then it is done with what it got.
                    tokio::pin!(up, down);
                    tokio::select! {
                        () = &mut up => {
                            let patience = if is_cut.load(Ordering::Relaxed) { AFTER_A_CUT } else { Duration::MAX };
                            // Whoever keeps a line that is cut does nothing with it any more.
                            let _ = tokio::time::timeout(patience, down).await;
                        }
                        () = &mut down => {}
                    }
                });
            }
        });
        Self { address, heard, task }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Status and S3 code of the last answer; `None`: there was none.
    pub fn answered(&self) -> Option<(u16, Option<String>)> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&heard);
        // "100 Continue" is no answer.
        let answer = &text[text.rfind("HTTP/1.1 ").filter(|_| !text.ends_with("100 Continue\r\n\r\n"))?..];
        let status = answer.split(' ').nth(1)?.parse().ok()?;
        let code = answer.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        Some((status, code.map(|(code, _)| code.to_owned())))
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_up(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, twist: Twist, is_cut: &AtomicBool) {
    let (mut passed, mut buffer) = (0_u64, vec![0; 64 << 10]);
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let mut piece = &mut buffer[..length];
        match twist {
            Twist::Cut(after) if passed + length as u64 > after => {
                piece = &mut piece[..usize::try_from(after - passed).unwrap()];
                is_cut.store(true, Ordering::Relaxed);
            }
            Twist::Flip(at) if (passed..passed + length as u64).contains(&at) => {
                piece[usize::try_from(at - passed).unwrap()] ^= 1;
            }
            _ => {}
        }
        if to.write_all(piece).await.is_err() || is_cut.load(Ordering::Relaxed) {
            break;
        }
        passed += length as u64;
    }
    // The server may have closed it first.
    let _ = to.shutdown().await;
}

/// What is said after a cut reaches nobody.
async fn pass_down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, hears: Arc<Mutex<Vec<u8>>>, is_cut: &AtomicBool) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if is_cut.load(Ordering::Relaxed) {
            continue;
        }
        hears.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..length]);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
