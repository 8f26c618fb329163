//! The way to the ledger: through the engine that runs on it, or by ourselves where none runs.

use crate::failure::Failure;
use crate::setting::Setting;
use offload_engine::config::{Backend, Config};
use offload_engine::control::{Answers, Client, standing};
use offload_engine::engine::{EngineError, Handle};
use offload_engine::ledger::{Ledger, LedgerError, LedgerReader};
use offload_protocol::control::{NewSource, Reply, Request};
use offload_protocol::view::{Page, PageQuery, SourceView, Status, Story};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An engine that starts or stops holds the ledger without listening; longer than this it doesn't.
const STARTING: Duration = Duration::from_secs(6);

/// Something that answers requests.
pub(crate) enum Link {
    /// The engine of this process.
    Own(Handle),
    /// An engine of another process.
    Running(Client),
    /// No engine; the ledger is ours for the moment.
    Owned(Ledger),
    /// No engine; the ledger is only read.
    Reading { reader: Arc<Mutex<LedgerReader>>, backend: Backend },
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "Own",
            Self::Running(_) => "Running",
            Self::Owned(_) => "Owned",
            Self::Reading { .. } => "Reading",
        })
    }
}

impl Link {
    /// For reading: the running engine, else the ledger beside whoever owns it.
    pub(crate) async fn to_read(setting: &Setting) -> Result<Self, Failure> {
        let config = setting.config().await?;
        if let Some(mut client) = Client::connect(&setting.dir).await {
            match client.request(&Request::Status).await {
                // It was just ending; the ledger has its last words.
                Err(error) if error.is_gone() => {}
                Ok(_) | Err(_) => return Ok(Self::Running(client)),
            }
        }
        let dir = setting.dir.clone();
        let reader = tokio::task::spawn_blocking(move || LedgerReader::open(&dir)).await??;
        Ok(Self::Reading { reader: Arc::new(Mutex::new(reader)), backend: config.backend })
    }

    /// For changing something: the running engine, else the ledger as its owner. `make`: also where there is no ledger yet.
    pub(crate) async fn to_change(setting: &Setting, make: bool) -> Result<Self, Failure> {
        let dir = setting.dir.clone();
        if !make && !dir.join("ledger.db").exists() {
            return Err(LedgerError::Absent { dir }.into());
        }
        until_owned_or_answered(&setting.dir, || {
            let dir = dir.clone();
            async move { tokio::task::spawn_blocking(move || Ledger::open(&dir)).await.map_err(|_| LedgerError::Stopped)? }
        })
        .await
        .map(|reached| match reached {
            Reached::Running(client) => Self::Running(client),
            Reached::Owned(ledger) => Self::Owned(ledger),
        })
    }

    /// Refuses where the engine that runs sends to another backend than the one wanted here: files must not go astray.
    pub(crate) async fn check_backend(&mut self, config: &Config) -> Result<(), Failure> {
        let Some(wanted) = &config.backend.url else { return Ok(()) };
        if !matches!(self, Self::Running(_)) {
            return Ok(());
        }
        match self.status().await?.backend {
            Some(other) if other.trim_end_matches('/') != wanted.as_str() => {
                let text = format!("the Offload that runs here sends to {other}, not to {}", wanted.as_str());
                Err(Failure::new("other_backend", text)
                    .hint("stop it and start it with that backend, or use another --data-dir"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether an engine will act on what it is told.
    pub(crate) const fn engine_runs(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Running(_))
    }

    pub(crate) async fn ask(&mut self, request: Request) -> Result<Reply, Failure> {
        match self {
            Self::Own(handle) => Ok(handle.answer(request).await?),
            Self::Running(client) => Ok(client.request(&request).await?),
            Self::Owned(ledger) => {
                let ledger = ledger.clone();
                Ok(tokio::task::spawn_blocking(move || standing::carry_out(&ledger, request)).await??)
            }
            Self::Reading { reader, backend } => {
                let (reader, backend) = (reader.clone(), backend.clone());
                tokio::task::spawn_blocking(move || {
                    let reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
                    standing::read(reader.connection(), &request, &backend).unwrap_or(Err(EngineError::Stopped))
                })
                .await?
                .map_err(Failure::from)
            }
        }
    }

    pub(crate) async fn status(&mut self) -> Result<Status, Failure> {
        match self.ask(Request::Status).await? {
            Reply::Status(status) => Ok(*status),
            other => Err(odd(&other)),
        }
    }

    pub(crate) async fn page(&mut self, query: PageQuery) -> Result<Page, Failure> {
        match self.ask(Request::Page(query)).await? {
            Reply::Page(page) => Ok(page),
            other => Err(odd(&other)),
        }
    }

    pub(crate) async fn story(&mut self, local: Vec<u8>) -> Result<Option<Story>, Failure> {
        match self.ask(Request::Story(local)).await? {
            Reply::Story(story) => Ok(story),
            other => Err(odd(&other)),
        }
    }

    pub(crate) async fn add(&mut self, new: NewSource, batch: bool) -> Result<SourceView, Failure> {
        match self.ask(if batch { Request::AddBatch(new) } else { Request::AddSource(new) }).await? {
            Reply::Source(source) => Ok(*source),
            other => Err(odd(&other)),
        }
    }
}

pub(crate) fn odd(reply: &Reply) -> Failure {
    tracing::error!(?reply, "an answer to another question");
    Failure::new("engine_other_version", "the running Offload answered another question than was asked")
        .hint("use the same version of the app and of `offload`")
}

/// Who answers for a ledger.
pub(crate) enum Reached<T> {
    Running(Client),
    Owned(T),
}

/// The running engine, or whatever `own` makes of the ledger; an owner that doesn't listen yet is waited for.
pub(crate) async fn until_owned_or_answered<T, E, F>(dir: &Path, own: impl Fn() -> F) -> Result<Reached<T>, Failure>
where
    F: Future<Output = Result<T, E>>,
    E: IsOwned + Into<Failure>,
{
    let began = Instant::now();
    loop {
        if let Some(client) = Client::connect(dir).await {
            return Ok(Reached::Running(client));
        }
        match own().await {
            Ok(owned) => return Ok(Reached::Owned(owned)),
            Err(error) if error.is_owned() && began.elapsed() < STARTING => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether an error says that another process owns the ledger.
pub(crate) trait IsOwned {
    fn is_owned(&self) -> bool;
}

impl IsOwned for LedgerError {
    fn is_owned(&self) -> bool {
        matches!(self, Self::Owned { .. })
    }
}

impl IsOwned for EngineError {
    fn is_owned(&self) -> bool {
        matches!(self, Self::Ledger(error) if error.is_owned())
    }
}
