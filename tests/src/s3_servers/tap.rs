//! A tap on the line between a client and a server: it tells what the server answered, and may cut or alter what is sent.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the tap does to what the client sends. Positions are bytes of the connection, head and all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twist {
    Nothing,
    /// Closes both connections after so many bytes.
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
                    let up = pass_up(from_client, to_server, twist);
                    let down = pass_down(from_server, to_client, hears);
                    // Up may end early (a cut), or late (a client that keeps the connection).
                    tokio::select! {
                        cut = up => if cut.is_none() { std::future::pending::<()>().await },
                        () = down => {}
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

    /// All that the server said, head and body.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// `Some`: the line was cut on purpose.
async fn pass_up(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, twist: Twist) -> Option<()> {
    let (mut passed, mut buffer) = (0_u64, vec![0; 64 << 10]);
    loop {
        let length = from.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        let mut piece = &mut buffer[..length];
        match twist {
            Twist::Cut(after) if passed + length as u64 > after => {
                piece = &mut piece[..usize::try_from(after - passed).unwrap()];
                let _ = to.write_all(piece).await;
                let _ = to.shutdown().await;
                return Some(());
            }
            Twist::Flip(at) if (passed..passed + length as u64).contains(&at) => {
                piece[usize::try_from(at - passed).unwrap()] ^= 1;
            }
            _ => {}
        }
        to.write_all(piece).await.ok()?;
        passed += length as u64;
    }
}

async fn pass_down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, hears: Arc<Mutex<Vec<u8>>>) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        hears.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&buffer[..length]);
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
