//! The engine's life: started when a backend is known, again when it changes, waited for while another process owns the ledger.

use crate::setting::Setting;
use offload_engine::control::{ControlServer, serve};
use offload_engine::engine::{Engine, EngineError, Handle};
use offload_engine::ledger::LedgerError;
use offload_protocol::control::ControlError;
use offload_protocol::window::Stage;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};

/// How often it is looked whether a backend is known now, or the other process gave up the ledger.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// What keeps the engine from starting may pass by itself: a disk that is full, a folder that is not mounted yet.
const BROKEN: Duration = Duration::from_secs(30);
const MOMENT: Duration = Duration::from_millis(50);
/// A stop takes no longer.
const STOP: Duration = Duration::from_secs(10);

/// Where the engine stands, and the way to it while it runs.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) stage: Stage,
    pub(crate) engine: Option<Handle>,
}

#[derive(Debug)]
enum Order {
    /// Settings were changed: start, or start anew.
    Anew,
    /// Try now what is waited for.
    Now,
    End(oneshot::Sender<()>),
}

/// The way to the engine's life; clones speak to the same one.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    standing: watch::Receiver<Standing>,
    orders: mpsc::Sender<Order>,
}

/// Why a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// `Life::end` asked for it.
    Asked,
    /// Another program asked the engine to stop.
    ByOther,
}

impl Life {
    /// The life, and the future that lives it.
    /// `unhurried`: how long its first engine lets the window come up before it looks through the folders.
    pub(crate) fn new(setting: Setting, unhurried: Duration) -> (Self, impl Future<Output = Ended> + Send) {
        let (tell, standing) = watch::channel(Standing { stage: Stage::Starting, engine: None });
        let (orders, taken) = mpsc::channel(8);
        let living = Living { setting, unhurried, tell, orders: taken };
        (Self { standing, orders }, living.live())
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    pub(crate) fn stage(&self) -> Stage {
        self.standing.borrow().stage.clone()
    }

    /// The engine, or why there is none to ask.
    pub(crate) fn engine(&self) -> Result<Handle, ControlError> {
        let standing = self.standing.borrow();
        standing.engine.clone().ok_or_else(|| not_ready(&standing.stage))
    }

    /// Waits until an engine runs.
    pub(crate) async fn ready(&self) -> Result<Handle, ControlError> {
        let mut standing = self.standing.clone();
        let ready = standing.wait_for(|standing| standing.engine.is_some()).await;
        ready.ok().and_then(|standing| standing.engine.clone()).ok_or_else(|| not_ready(&Stage::Starting))
    }

    /// Settings were changed that an engine only reads when it starts. Returns when it runs, or does not.
    pub(crate) async fn anew(&self) -> Result<(), ControlError> {
        let mut standing = self.standing.clone();
        standing.mark_unchanged();
        if self.orders.send(Order::Anew).await.is_err() {
            return Err(not_ready(&Stage::Starting));
        }
        // First it says that it starts, then how that went.
        let settled = async {
            standing.changed().await?;
            standing.wait_for(|standing| standing.stage != Stage::Starting).await.map(|standing| standing.stage.clone())
        };
        match settled.await {
            Ok(Stage::Broken(error)) => Err(error),
            Ok(_) => Ok(()),
            Err(_) => Err(not_ready(&Stage::Starting)),
        }
    }

    /// What is waited for is tried now.
    pub(crate) fn now(&self) {
        // An order that doesn't fit in means that one is under way already.
        let _ = self.orders.try_send(Order::Now);
    }

    /// Stops the engine and gives up the ledger.
    pub(crate) async fn end(&self) {
        let (done, ended) = oneshot::channel();
        if self.orders.send(Order::End(done)).await.is_ok() && tokio::time::timeout(STOP + STOP, ended).await.is_err() {
            tracing::warn!("the engine did not stop in time; the next start puts its files back in the queue");
        }
    }
}

fn not_ready(stage: &Stage) -> ControlError {
    let (code, message, hint) = match stage {
        Stage::Welcome => ("no_backend", "no backend is known yet", Some("connect to your backend first")),
        Stage::Elsewhere => (
            "ledger_owned",
            "another Offload runs on this ledger",
            Some("use that one, or stop it: this window then goes on by itself"),
        ),
        Stage::Broken(error) => return error.clone(),
        Stage::Starting | Stage::Ready => ("starting", "Offload is just starting", Some("try again in a moment")),
    };
    ControlError { code: code.into(), message: message.into(), hint: hint.map(Into::into) }
}

struct Living {
    setting: Setting,
    unhurried: Duration,
    tell: watch::Sender<Standing>,
    orders: mpsc::Receiver<Order>,
}

/// What comes after a run, or after waiting for one.
enum Next {
    Start,
    /// The same once more, without a word.
    Again,
    End(oneshot::Sender<()>),
    ByOther,
}

impl Living {
    async fn live(mut self) -> Ended {
        let mut quietly = false;
        let mut ended: Option<Instant> = None;
        loop {
            // Trying again while another owns the ledger, or while something is broken, is nothing to flicker for.
            if !quietly {
                self.say(Stage::Starting, None);
            }
            // Boxed: the engine's futures are large.
            let next = match Box::pin(self.start()).await {
                Ok(Some(engine)) => {
                    let next = Box::pin(self.run(engine)).await;
                    ended = Some(Instant::now());
                    next
                }
                // `offload login` in a terminal makes a backend known too.
                Ok(None) => self.wait(Stage::Welcome, LOOK_AGAIN).await,
                Err(Refusal::Owned) if ended.is_some_and(|ended| ended.elapsed() < STOP) => {
                    // Whoever still asks our last engine something holds the ledger for a moment.
                    tokio::time::sleep(MOMENT).await;
                    Next::Again
                }
                Err(Refusal::Owned) => self.wait(Stage::Elsewhere, LOOK_AGAIN).await,
                Err(Refusal::Broken(error)) => {
                    tracing::error!(code = error.code, "the engine cannot start: {}", error.message);
                    self.wait(Stage::Broken(error), BROKEN).await
                }
            };
            match next {
                Next::Start => quietly = false,
                Next::Again => quietly = true,
                Next::End(done) => {
                    let _ = done.send(());
                    return Ended::Asked;
                }
                Next::ByOther => return Ended::ByOther,
            }
        }
    }

    fn say(&self, stage: Stage, engine: Option<Handle>) {
        self.tell.send_if_modified(|standing| {
            let changed = standing.stage != stage || engine.is_some() || standing.engine.is_some();
            if changed {
                tracing::info!(stage = word(&stage), "stage");
                *standing = Standing { stage, engine };
            }
            changed
        });
    }

    /// The engine; `None` where no backend is known.
    async fn start(&mut self) -> Result<Option<Engine>, Refusal> {
        let first_look_after = std::mem::take(&mut self.unhurried);
        let config = self.setting.config().await.map_err(Refusal::Broken)?;
        let Some(backend) = config.backend.url.clone() else { return Ok(None) };
        let mut options = config.engine_options(&self.setting.dir, backend, self.setting.tokens());
        options.first_look_after = first_look_after;
        match Engine::start(options).await {
            Ok(engine) => Ok(Some(engine)),
            Err(EngineError::Ledger(LedgerError::Owned { .. })) => Err(Refusal::Owned),
            Err(error) => Err(Refusal::Broken(of_engine(&error))),
        }
    }

    /// Runs an engine until it is to end.
    async fn run(&mut self, engine: Engine) -> Next {
        let mut control = match serve(engine.handle(), &self.setting.dir).await {
            Ok(control) => Some(control),
            Err(error) => {
                // The window can steer the engine; `offload` in a terminal can't.
                tracing::error!(%error, "the socket for other programs cannot be made");
                None
            }
        };
        self.say(Stage::Ready, Some(engine.handle()));
        let next = loop {
            tokio::select! {
                () = shutdown_asked(&mut control) => break Next::ByOther,
                order = self.orders.recv() => match order {
                    Some(Order::Anew) => break Next::Start,
                    Some(Order::End(done)) => break Next::End(done),
                    Some(Order::Now) => {}
                    None => break Next::ByOther,
                }
            }
        };
        match &next {
            Next::Start | Next::Again => self.say(Stage::Starting, None),
            // The end is nothing to show any more; only nobody is to ask the engine now.
            Next::End(_) | Next::ByOther => {
                self.tell.send_if_modified(|standing| {
                    standing.engine = None;
                    false
                });
            }
        }
        drop(control);
        if tokio::time::timeout(STOP, engine.stop()).await.is_err() {
            tracing::warn!("the engine did not stop in time; the next start puts its files back in the queue");
        }
        tracing::info!("the engine has stopped");
        next
    }

    /// Waits for an order, or for so long.
    async fn wait(&mut self, stage: Stage, at_most: Duration) -> Next {
        self.say(stage, None);
        tokio::select! {
            () = tokio::time::sleep(at_most) => Next::Again,
            order = self.orders.recv() => match order {
                Some(Order::Anew) => Next::Start,
                Some(Order::Now) => Next::Again,
                Some(Order::End(done)) => Next::End(done),
                None => Next::ByOther,
            }
        }
    }
}

async fn shutdown_asked(control: &mut Option<ControlServer>) {
    match control {
        Some(control) => control.shutdown_asked().await,
        None => std::future::pending().await,
    }
}

enum Refusal {
    Owned,
    Broken(ControlError),
}

/// A stage for logs and descriptions.
pub(crate) const fn word(stage: &Stage) -> &'static str {
    match stage {
        Stage::Welcome => "welcome",
        Stage::Starting => "starting",
        Stage::Elsewhere => "elsewhere",
        Stage::Broken(_) => "broken",
        Stage::Ready => "ready",
    }
}

pub(crate) fn of_engine(error: &EngineError) -> ControlError {
    ControlError { code: error.code().into(), message: error.to_string(), hint: error.hint() }
}
