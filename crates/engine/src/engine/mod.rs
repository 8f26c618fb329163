//! The running engine: looks, settles, sends and confirms until it is stopped.

mod confirming;
mod core;
mod dispatching;
mod error;
mod handle;
mod look;
mod looking;
mod presigning;
mod recording;
mod roots;
mod session;
mod settling;
mod status;
mod telling;
mod timing;
mod token;
mod work;

pub use error::EngineError;
pub use handle::Handle;
pub(crate) use handle::{cancelled, new_roots, removed, sound, sound_edit};
pub use status::{DAILY_LIMIT, standing_status};

use self::core::{Core, Parts, Rules};
use crate::backend::{Address, Dialect};
use crate::ledger::settings;
use crate::ledger::{Ledger, sources};
use crate::media::GpsConsent;
use crate::secrets::TokenStore;
use crate::transfer::client;
use crate::transfer::concurrency::DEFAULT_MAX;
use crate::transfer::send::SendRules;
use crate::watch::SettleRules;
use offload_protocol::window::DailyLimit;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How long a stop waits for workers to put their files back.
const STOP: Duration = Duration::from_secs(10);

/// What an engine looks after.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EngineScope {
    /// Watched folders and unfinished batches.
    #[default]
    Everything,
    /// Only the batches that are given to it: a single upload from a terminal.
    BatchesOnly,
}

/// How an engine is started.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    pub data_dir: PathBuf,
    pub backend: Address,
    pub dialect: Dialect,
    pub tokens: Arc<dyn TokenStore>,
    pub scope: EngineScope,
    /// Uploads at once, at most; 1 to 64.
    pub concurrency: u32,
    /// Bytes a second; `None`: no limit.
    pub bandwidth: Option<u64>,
    /// A part of each day with a limit of its own.
    pub daily: Option<DailyLimit>,
    pub gps: GpsConsent,
    pub settle: SettleRules,
    pub send: SendRules,
    /// Between two looks through everything.
    pub rescan_every: Duration,
    /// From the start to the first of them. A window takes a moment, so that its list is on the screen before disks are walked;
    /// nothing counts as up to date before that look.
    pub first_look_after: Duration,
}

impl EngineOptions {
    /// The usual rules, for a data folder and a backend.
    pub fn new(data_dir: impl Into<PathBuf>, backend: Address, tokens: Arc<dyn TokenStore>) -> Self {
        Self {
            data_dir: data_dir.into(),
            backend,
            dialect: Dialect::default(),
            tokens,
            scope: EngineScope::default(),
            concurrency: DEFAULT_MAX,
            bandwidth: None,
            daily: None,
            gps: GpsConsent::default(),
            settle: SettleRules::default(),
            send: SendRules::default(),
            rescan_every: Duration::from_secs(3600),
            first_look_after: Duration::ZERO,
        }
    }
}

/// A running engine. Dropping it ends its tasks at once; `stop` lets them put their files back first.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
    core: Arc<Core>,
    tasks: JoinSet<()>,
}

impl Engine {
    /// Opens the ledger and starts. Errors: the ledger can't be owned or opened, no client can be made.
    ///
    /// A backend that doesn't answer or a token that isn't taken is no error: the engine waits, and its status says so.
    pub async fn start(options: EngineOptions) -> Result<Self, EngineError> {
        let dir = options.data_dir.clone();
        let batches_only = options.scope == EngineScope::BatchesOnly;
        let (ledger, (paused, daily_waived, at_work)) = tokio::task::spawn_blocking(move || {
            let ledger = Ledger::open(&dir)?;
            let kept = ledger.read_blocking(|db| {
                let at_work = if batches_only { Vec::new() } else { sources::at_work(db)? };
                let waived = settings::get(db, settings::DAILY_WAIVED)?.and_then(|until_ms| until_ms.parse().ok());
                Ok((settings::pause(db)?, waived, at_work.iter().map(|source| source.id).collect::<Vec<_>>()))
            })?;
            Ok::<_, crate::ledger::LedgerError>((ledger, kept))
        })
        .await
        .map_err(|_| EngineError::Stopped)??;
        tame_clock(&ledger).await?;
        let token = token::Token::new(options.tokens, options.backend.clone(), options.dialect.needs_token());
        let backend = options.dialect.speak_to(options.backend.clone(), token.source())?;
        let core = Arc::new(Core::new(Parts {
            ledger,
            backend_url: options.backend.as_str().to_owned(),
            backend,
            token,
            s3: client::for_s3()?,
            rules: Rules {
                settle: options.settle,
                send: options.send,
                batches_only,
                rescan_every: options.rescan_every,
                first_look_after: options.first_look_after,
            },
            bandwidth: options.bandwidth,
            daily: options.daily,
            daily_waived,
            gps: options.gps,
            concurrency: options.concurrency,
            paused,
            at_work: at_work.clone(),
        }));
        // Before the first file: in the part of the day that lets nothing out none may slip through.
        timing::apply_daily(&core);
        let (asks, asked) = mpsc::channel(64);
        let (presigner, serving) = presigning::Presigner::new(core.clone());
        let mut tasks = JoinSet::new();
        tasks.spawn(serving);
        tasks.spawn(dispatching::dispatch(core.clone(), presigner));
        tasks.spawn(confirming::confirm(core.clone()));
        tasks.spawn(settling::settle(core.clone()));
        tasks.spawn(session::keep(core.clone()));
        tasks.spawn(telling::tell(core.clone()));
        tasks.spawn(timing::keep_time(core.clone()));
        tasks.spawn(looking::look_after(core.clone(), asked, at_work));
        let handle = Handle::new(core.clone(), asks);
        Ok(Self { handle, core, tasks })
    }

    /// What others command and read the engine by; clones are cheap.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Stops cleanly: no new work, files in flight go back to the queue, the ledger is given up.
    pub async fn stop(mut self) {
        self.core.stop.cancel();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP, all).await.is_err() {
            tracing::warn!("some work did not end in time; the next start puts its files back in the queue");
            self.tasks.shutdown().await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.core.stop.cancel();
    }
}

/// Due times far ahead come from a clock that was wrong when they were written.
async fn tame_clock(ledger: &Ledger) -> Result<(), EngineError> {
    const FURTHEST_MS: i64 = 25 * 3_600_000;
    let tamed = ledger.write(|db| crate::ledger::files::tame_due(db, crate::ledger::now_ms(), FURTHEST_MS)).await?;
    if tamed > 0 {
        tracing::warn!(files = tamed, "waited for a time that a wrong clock had set; due now");
    }
    Ok(())
}
