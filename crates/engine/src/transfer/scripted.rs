//! A server on loopback that does to each connection just what a test tells it.

use std::future::Future;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves connections one after the other until dropped.
pub(crate) struct Scripted {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Scripted {
    /// Calls `script` with each connection and its number, from 0.
    pub(crate) async fn start<F, R>(script: F) -> Self
    where
        F: Fn(Connection, usize) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut running = tokio::task::JoinSet::new();
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                running.spawn(script(Connection { stream, read: Vec::new() }, number));
            }
        });
        Self { address, task }
    }

    /// Reads each request wholly and gives the same answer to all.
    pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut connection, _| {
            let answer = answer.clone();
            async move {
                connection.request().await;
                connection.send(&answer).await;
                connection.close().await;
            }
        })
        .await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/bucket", self.address)
    }
}

pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    /// All that was read so far.
    pub(crate) read: Vec<u8>,
}

impl Connection {
    /// Reads up to the empty line and gives the head's length.
    pub(crate) async fn head(&mut self) -> usize {
        loop {
            if let Some(at) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                return at + 4;
            }
            if self.more().await == 0 {
                return self.read.len();
            }
        }
    }

    /// Reads one request by its Content-Length; `false` if the peer closed before its end.
    pub(crate) async fn request(&mut self) -> bool {
        let head = self.head().await;
        let length = content_length(&self.read[..head]);
        while self.read.len() < head + length {
            if self.more().await == 0 {
                return false;
            }
        }
        true
    }

    /// Reads what comes next; 0: the peer closed or broke the connection.
    pub(crate) async fn more(&mut self) -> usize {
        self.stream.read_buf(&mut self.read).await.unwrap_or(0)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // The peer may be gone already: the test looks at what it made of it.
        let _ = self.stream.write_all(bytes).await;
    }

    /// Closes without a reset: says the end, then takes in what is still coming.
    pub(crate) async fn close(mut self) {
        let _ = self.stream.shutdown().await;
        let mut rest = [0; 4096];
        while matches!(self.stream.read(&mut rest).await, Ok(read) if read > 0) {}
    }

    /// Breaks the connection with RST.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }
}

pub(crate) fn content_length(head: &[u8]) -> usize {
    String::from_utf8_lossy(head)
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase().strip_prefix("content-length:").map(|value| value.trim().parse().unwrap())
        })
        .unwrap_or(0)
}

/// An HTTP/1.1 answer with its Content-Length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}
