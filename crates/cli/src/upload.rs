//! `upload`: one batch, from the first look to the last confirmation.

mod follow;
mod progress;
mod report;
mod verdict;

use crate::args::Upload;
use crate::failure::Failure;
use crate::link::{Link, Reached, until_owned_or_answered};
use crate::login::stored;
use crate::run::listen;
use crate::setting::{Setting, absolute};
use crate::sources::new_source;
use offload_engine::control::ControlServer;
use offload_engine::engine::{Engine, EngineOptions, EngineScope};
use offload_engine::ledger::now_ms;
use offload_engine::program::StopSignal;
use offload_engine::watch::name::shown;
use offload_protocol::control::NewSource;
use std::path::PathBuf;
use std::time::Duration;
use verdict::End;

pub(crate) async fn upload(setting: &Setting, upload: Upload) -> Result<u8, Failure> {
    let paths = existing(upload.paths).await?;
    let new = new_source(&paths, upload.choice, false)?;
    let mut options = Options { bandwidth: upload.bandwidth, concurrency: upload.concurrency, engine: None };
    let mut signal = StopSignal::listen()?;
    let mut work = Work::begin(setting, &mut options, new).await?;
    let mut shown = progress::Shown::new(setting.json);
    shown.say(&format!("Uploading as batch {}. Ctrl-C stops it; the same command goes on.", work.batch));
    let patience = Duration::from_secs(upload.give_up_after.max(1));
    let ended = loop {
        let followed = tokio::select! {
            followed = follow::follow(&mut work, &mut shown, patience) => followed,
            () = signal.wait() => Ok(End::Interrupted),
        };
        match followed {
            // The engine we talked to was another process's, and that one ended: its work is ours now.
            Err(failure) if work.own.is_none() && went_away(&failure) => {
                shown.say("The Offload that did this upload ended; going on by ourselves.");
                work = Work::begin(setting, &mut options, work.new).await?;
            }
            ended => break ended,
        }
    };
    shown.end();
    let (batch, goes_on, detail) = (work.batch, work.own.is_none(), work.detail.take());
    // The report reads what is true after the engine stopped: what was in flight is back in the queue then.
    let mut link = tokio::select! {
        link = work.close(setting) => link?,
        () = signal.wait() => return Ok(crate::failure::SOME),
    };
    let over = report::Over { batch, end: ended?, detail, goes_on };
    report::report(setting, &mut link, &over).await
}

fn went_away(failure: &Failure) -> bool {
    matches!(failure.code.as_str(), "engine_gone" | "engine_silent" | "stopped")
}

/// Absolute, and there; what is missing is an error before anything starts.
async fn existing(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| absolute(path)).collect::<Result<_, _>>()?;
    tokio::task::spawn_blocking(move || {
        for path in &paths {
            if let Err(error) = std::fs::metadata(path) {
                let what = match error.kind() {
                    std::io::ErrorKind::NotFound => "is not there".to_owned(),
                    _ => format!("cannot be read: {error}"),
                };
                return Err(Failure::new("not_there", format!("{} {what}", shown(path)))
                    .hint("check the path; nothing was started"));
            }
        }
        Ok(paths)
    })
    .await?
}

/// What was asked for on the command line, and once it is known how our own engine starts.
struct Options {
    bandwidth: Option<u64>,
    concurrency: Option<u32>,
    engine: Option<EngineOptions>,
}

impl Options {
    /// Fails where no engine of ours could send anything: no backend, no token.
    async fn engine(&mut self, setting: &Setting) -> Result<EngineOptions, Failure> {
        if let Some(options) = &self.engine {
            return Ok(options.clone());
        }
        let config = setting.config().await?;
        let mut options = setting.engine_options(&config)?;
        if options.dialect.needs_token() {
            stored(setting, &options.backend).await?;
        }
        options.scope = EngineScope::BatchesOnly;
        options.bandwidth = self.bandwidth.or(options.bandwidth);
        options.concurrency = self.concurrency.unwrap_or(options.concurrency);
        self.engine = Some(options.clone());
        Ok(options)
    }
}

/// Our engine, and the socket by which others add to what it does.
#[derive(Debug)]
struct Own {
    control: ControlServer,
    engine: Engine,
}

/// A batch and the engine that does it.
struct Work {
    link: Link,
    own: Option<Own>,
    new: NewSource,
    batch: i64,
    /// Milliseconds since 1970, before the batch was added: a look that ended later is the one asked for.
    asked_ms: i64,
    scanned_before_ms: Option<i64>,
    /// Why nothing goes out, as the engine said last.
    detail: Option<String>,
}

impl Work {
    /// Gives the batch to the running engine, or to one of our own.
    async fn begin(setting: &Setting, options: &mut Options, new: NewSource) -> Result<Self, Failure> {
        let reached = match offload_engine::control::Client::connect(&setting.dir).await {
            Some(client) => Reached::Running(client),
            None => {
                let engine = options.engine(setting).await?;
                until_owned_or_answered(&setting.dir, || Box::pin(Engine::start(engine.clone()))).await?
            }
        };
        let (mut link, own) = match reached {
            Reached::Running(client) => {
                if options.bandwidth.is_some() || options.concurrency.is_some() {
                    setting.note("Offload already runs here with settings of its own; --bandwidth and --concurrency change nothing (see `offload limit`)");
                }
                (Link::Running(client), None)
            }
            Reached::Owned(engine) => {
                let control = listen(setting, engine.handle()).await?;
                (Link::Own(engine.handle()), Some(Own { control, engine }))
            }
        };
        link.check_backend(&setting.config_quietly().await?).await?;
        let asked_ms = now_ms();
        let source = link.add(new.clone(), true).await?;
        let scanned_before_ms = source.scanned_at_ms.filter(|at| *at < asked_ms);
        Ok(Self { link, own, new, batch: source.id, asked_ms, scanned_before_ms, detail: None })
    }

    /// Ends our own engine; what is left reads the ledger.
    async fn close(self, setting: &Setting) -> Result<Link, Failure> {
        let Some(own) = self.own else { return Ok(self.link) };
        drop((own.control, self.link));
        own.engine.stop().await;
        Link::to_read(setting).await
    }
}
