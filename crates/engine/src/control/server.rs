//! The engine's end of the socket.

use super::answer::Answers;
use super::line::{self, LineError, Lines};
use super::{REQUEST_BYTES, place};
use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use offload_protocol::control::{ControlError, Reply, Request};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::WriteHalf;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// Conversations at once; one more is told so and sent away.
const CONVERSATIONS: usize = 32;
/// A client that asks nothing for so long gives up its place.
const IDLE: Duration = Duration::from_secs(60);
/// A client that doesn't take its answer in this time is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// The listening end. Dropped, it ends all conversations and takes the socket away: drop it before the engine stops.
#[derive(Debug)]
pub struct ControlServer {
    task: JoinHandle<()>,
    socket: Option<PathBuf>,
    shutdown: watch::Receiver<bool>,
}

impl ControlServer {
    /// Waits until somebody asks the engine to stop.
    pub async fn shutdown_asked(&mut self) {
        if self.shutdown.wait_for(|asked| *asked).await.is_err() {
            // The server's task is gone: nobody will ever ask.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for ControlServer {
    fn drop(&mut self) {
        self.task.abort();
        if let Some(socket) = &self.socket {
            let _ = std::fs::remove_file(socket);
        }
    }
}

/// Starts to listen for a data folder whose ledger this process owns: a socket that is there already was left by an engine
/// that is dead, and is replaced. Errors: the socket's folder is not ours, or the system refuses.
pub async fn serve(engine: impl Answers, data_dir: &Path) -> io::Result<ControlServer> {
    let dir = data_dir.to_owned();
    let (listener, socket) = match tokio::task::spawn_blocking(move || listen(&dir)).await {
        Ok(bound) => {
            let (options, socket) = bound?;
            let listener = options.create_tokio()?;
            if let Some(socket) = &socket {
                private(socket)?;
            }
            (listener, socket)
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    let (asked, shutdown) = watch::channel(false);
    let task = tokio::spawn(accept(listener, engine, asked));
    Ok(ControlServer { task, socket, shutdown })
}

/// Clears the place and says how to bind there; binding itself needs the runtime.
fn listen(dir: &Path) -> io::Result<(ListenerOptions<'static>, Option<PathBuf>)> {
    let place = place::to_listen(dir)?;
    if let Some(file) = &place.file {
        match std::fs::remove_file(file) {
            Ok(()) => tracing::debug!("a dead engine's socket was replaced"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    // Taken away by us, while the ledger is still ours; not whenever the listener happens to be dropped.
    let options = ListenerOptions::new().name(place.name).reclaim_name(false);
    #[cfg(target_os = "linux")]
    let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
    Ok((options, place.file))
}

#[cfg(unix)]
fn private(socket: &Path) -> io::Result<()> {
    std::fs::set_permissions(socket, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn private(_socket: &Path) -> io::Result<()> {
    Ok(()) // a pipe's default rights let only its owner and administrators write
}

async fn accept(listener: Listener, engine: impl Answers, asked: watch::Sender<bool>) {
    let places = Arc::new(Semaphore::new(CONVERSATIONS));
    let mut conversations = JoinSet::new();
    loop {
        let stream = tokio::select! {
            stream = listener.accept() => stream,
            Some(_) = conversations.join_next() => continue,
        };
        match stream {
            Ok(stream) => match places.clone().try_acquire_owned() {
                Ok(place) => {
                    let (engine, asked) = (engine.clone(), asked.clone());
                    conversations.spawn(async move {
                        converse(stream, engine, &asked).await;
                        drop(place);
                    });
                }
                Err(_) => {
                    conversations.spawn(async move {
                        let (_reading, mut writing) = tokio::io::split(stream);
                        let _ =
                            say(&mut writing, &refusal("busy", "too many programs talk to this engine at once")).await;
                    });
                }
            },
            Err(error) => {
                // Out of file descriptors, mostly; it passes, and must not spin.
                tracing::warn!(%error, "a connection to the control socket failed");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

fn refusal(code: &str, message: impl Into<String>) -> Reply {
    Reply::Error(ControlError { code: code.into(), message: message.into(), hint: None })
}

async fn say(writing: &mut WriteHalf<Stream>, reply: &Reply) -> io::Result<()> {
    tokio::time::timeout(PATIENCE, line::write(writing, reply)).await.unwrap_or(Err(io::ErrorKind::TimedOut.into()))
}

async fn converse(stream: Stream, engine: impl Answers, asked: &watch::Sender<bool>) {
    let (reading, mut writing) = tokio::io::split(stream);
    let mut lines = Lines::new(reading, REQUEST_BYTES);
    loop {
        let line = match tokio::time::timeout(IDLE, lines.next()).await {
            Ok(Ok(Some(line))) => line,
            Ok(Err(error @ LineError::TooLong(_))) => {
                let _ = say(&mut writing, &refusal("request_too_long", error.to_string())).await;
                return;
            }
            Ok(Ok(None) | Err(LineError::Io(_))) | Err(_) => return,
        };
        let reply = match serde_json::from_slice::<Request>(&line) {
            Ok(Request::Subscribe) => return tell(&mut lines, &mut writing, &engine).await,
            Ok(Request::Shutdown) => {
                let _ = say(&mut writing, &Reply::Done).await;
                asked.send_replace(true);
                continue;
            }
            Ok(request) => engine.answer(request).await.unwrap_or_else(Reply::Error),
            Err(error) => refusal("bad_request", format!("this request is not understood: {error}")),
        };
        if say(&mut writing, &reply).await.is_err() {
            return;
        }
    }
}

/// Passes events on until the client goes, or falls so far behind that events are lost: then it is told, and fetches anew.
async fn tell(
    lines: &mut Lines<impl tokio::io::AsyncRead + Unpin>,
    writing: &mut WriteHalf<Stream>,
    engine: &impl Answers,
) {
    let mut events = engine.events();
    if say(writing, &Reply::Done).await.is_err() {
        return;
    }
    loop {
        let reply = tokio::select! {
            event = events.recv() => match event {
                Ok(event) => Reply::Event(event),
                Err(RecvError::Lagged(_)) => {
                    let _ = say(writing, &refusal("fell_behind", "events were lost; subscribe again and fetch anew")).await;
                    return;
                }
                Err(RecvError::Closed) => return,
            },
            line = lines.next() => match line {
                // Nothing is asked on this connection any more.
                Ok(Some(_)) => continue,
                Ok(None) | Err(_) => return,
            },
        };
        if say(writing, &reply).await.is_err() {
            return;
        }
    }
}
