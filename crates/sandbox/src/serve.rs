//! The accept loop. It is our own because a fault must be able to reset the TCP connection itself.
//!
//! An answer given before the whole body was read is followed by a lingering close: a plain close would make the kernel reset
//! the connection, and the client might lose the answer that tells it why.

use axum::body::Body;
use futures::future::BoxFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long, and how much of, a body that nobody wants is still read after the answer.
const LINGER: Duration = Duration::from_secs(10);
const LINGER_BYTES: u64 = 1 << 30;

/// The connection a request came by.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    reset: CancellationToken,
}

impl Connection {
    /// Resets the TCP connection; nothing more is read or written. Never returns.
    pub(crate) async fn reset<T>(&self) -> T {
        self.reset.cancel();
        std::future::pending().await
    }
}

/// Answers one request.
pub(crate) type Handler =
    Arc<dyn Fn(Request<Incoming>, Connection) -> BoxFuture<'static, Response<Body>> + Send + Sync>;

/// Binds a loopback port; 0 is any. A port that was in use a moment ago can be bound again (SO_REUSEADDR).
pub(crate) async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await
}

/// Serves until `stop`; then all its connections are closed at once, and `tasks` empties.
pub(crate) fn serve(listener: TcpListener, handler: Handler, stop: CancellationToken, tasks: &TaskTracker) {
    let connections = tasks.clone();
    tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    connections.spawn(talk(stream, Arc::clone(&handler), stop.clone()));
                }
                // Out of file descriptors, mostly: others may close theirs meanwhile.
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    });
}

async fn talk(stream: TcpStream, handler: Handler, stop: CancellationToken) {
    drop(stream.set_nodelay(true));
    let reset = CancellationToken::new();
    let connection = Connection { reset: reset.clone() };
    let service = service_fn(move |request| -> BoxFuture<'static, Result<Response<Body>, Infallible>> {
        let answer = handler(request, connection.clone());
        Box::pin(async move { Ok(answer.await) })
    });
    // The largest buffer hyper may grow to: big files come in big pieces.
    let mut conversation = http1::Builder::new().max_buf_size(1 << 20).serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        biased;
        () = stop.cancelled() => {}
        () = reset.cancelled() => {
            drop(conversation.into_parts().io.into_inner().set_zero_linger());
        }
        ended = poll_fn(|cx| conversation.poll_without_shutdown(cx)) => {
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            }
            let stream = conversation.into_parts().io.into_inner();
            tokio::select! {
                () = stop.cancelled() => {}
                () = linger(stream) => {}
            }
        }
    }
}

async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let drain = async {
        let mut buffer = vec![0; 64 << 10];
        let mut left = LINGER_BYTES;
        while left > 0 {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => return,
                Ok(n) => left = left.saturating_sub(n as u64),
            }
        }
    };
    drop(tokio::time::timeout(LINGER, drain).await);
}
