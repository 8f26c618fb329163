//! Another process's end of the socket.

use super::line::{self, LineError, Lines};
use super::{REPLY_BYTES, REQUEST_BYTES, place};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use offload_protocol::control::{ControlError, Reply, Request};
use offload_protocol::view::Event;
use std::io;
use std::path::Path;
use std::time::Duration;
use tokio::io::{ReadHalf, WriteHalf};

const CONNECT: Duration = Duration::from_secs(2);
/// Adding a batch of many paths is the longest; scanning is not waited for.
const ANSWER: Duration = Duration::from_secs(60);

/// Why a running engine gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the running Offload went away")]
    Closed,
    #[error("the running Offload cannot be reached: {0}")]
    Io(#[from] io::Error),
    #[error("the running Offload did not answer within {} seconds", ANSWER.as_secs())]
    Silent,
    #[error("this is too much for one request to the running Offload; name a folder instead of its files")]
    TooLong,
    #[error("the running Offload answered what this version does not understand: {0}")]
    Answer(String),
    #[error("{}", .0.message)]
    Refused(ControlError),
}

impl ClientError {
    /// Stable word for `--json`.
    pub fn code(&self) -> &str {
        match self {
            Self::Closed => "engine_gone",
            Self::Io(_) | Self::Silent => "engine_silent",
            Self::TooLong => "request_too_long",
            Self::Answer(_) => "engine_other_version",
            Self::Refused(error) => &error.code,
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused(error) => error.hint.clone(),
            Self::Answer(_) => Some("use the same version of the app and of `offload`".into()),
            Self::Closed | Self::Io(_) | Self::Silent => Some("stop it and try again".into()),
            Self::TooLong => None,
        }
    }

    /// Whether the engine is no longer there to talk to.
    pub const fn is_gone(&self) -> bool {
        matches!(self, Self::Closed | Self::Io(_))
    }
}

/// A conversation with a running engine; one request after the other.
#[derive(Debug)]
pub struct Client {
    lines: Lines<ReadHalf<Stream>>,
    writing: WriteHalf<Stream>,
}

impl Client {
    /// Connects to the engine that runs on a data folder; `None` where none listens.
    pub async fn connect(data_dir: &Path) -> Option<Self> {
        let dir = data_dir.to_owned();
        let places = tokio::task::spawn_blocking(move || place::to_connect(&dir)).await.ok()?.ok()?;
        for place in places {
            if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT, Stream::connect(place.name)).await {
                let (reading, writing) = tokio::io::split(stream);
                return Some(Self { lines: Lines::new(reading, REPLY_BYTES), writing });
            }
        }
        None
    }

    /// Asks and waits for the answer. A refusal (`Reply::Error`) is an error.
    pub async fn request(&mut self, request: &Request) -> Result<Reply, ClientError> {
        let length = serde_json::to_vec(request).map_err(|error| ClientError::Answer(error.to_string()))?.len();
        if length > REQUEST_BYTES {
            return Err(ClientError::TooLong);
        }
        let asked = async {
            line::write(&mut self.writing, request).await.map_err(gone)?;
            self.reply().await
        };
        tokio::time::timeout(ANSWER, asked).await.unwrap_or(Err(ClientError::Silent))
    }

    /// Turns the conversation into a stream of events.
    pub async fn subscribe(mut self) -> Result<Events, ClientError> {
        self.request(&Request::Subscribe).await?;
        Ok(Events { client: self })
    }

    async fn reply(&mut self) -> Result<Reply, ClientError> {
        let line = match self.lines.next().await {
            Ok(line) => line.ok_or(ClientError::Closed)?,
            Err(LineError::Io(error)) => return Err(gone(error)),
            Err(error @ LineError::TooLong(_)) => return Err(ClientError::Answer(error.to_string())),
        };
        match serde_json::from_slice(&line) {
            Ok(Reply::Error(error)) => Err(ClientError::Refused(error)),
            Ok(reply) => Ok(reply),
            Err(error) => Err(ClientError::Answer(error.to_string())),
        }
    }
}

fn gone(error: io::Error) -> ClientError {
    match error.kind() {
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
            ClientError::Closed
        }
        _ => ClientError::Io(error),
    }
}

/// What the engine tells, as it happens.
#[derive(Debug)]
pub struct Events {
    client: Client,
}

impl Events {
    /// The next event; `None` when the engine has gone. An error `fell_behind` means: subscribe again and fetch anew.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        match self.client.reply().await {
            Ok(Reply::Event(event)) => Ok(Some(event)),
            Ok(_) => Err(ClientError::Answer("another answer than an event".into())),
            Err(ClientError::Closed) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
