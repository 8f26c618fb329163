//! What the engine's tasks share: the ledger, the way out, and how the whole stands.

use super::token::{Refused, Token};
use crate::backend::Backend;
use crate::breaker::{Breaker, Gate, Origin};
use crate::cause::{Cause, Code};
use crate::ledger::settings::Pause;
use crate::ledger::{Ledger, LedgerError};
use crate::media::GpsConsent;
use crate::notice;
use crate::transfer::bandwidth::Bandwidth;
use crate::transfer::concurrency::Concurrency;
use crate::transfer::send::SendRules;
use crate::watch::SettleRules;
use offload_protocol::view::{Event, Notice, Progress, Round};
use offload_protocol::window::DailyLimit;
use offload_protocol::wire::Limits;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::{Notify, Semaphore, broadcast};
use tokio_util::sync::CancellationToken;

/// Events that a slow window may fall behind by; more and it fetches anew.
const EVENTS: usize = 256;

/// What is fixed for an engine's life.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) settle: SettleRules,
    pub(super) send: SendRules,
    /// `Some`: only batches given to this engine are looked through and sent.
    pub(super) batches_only: bool,
    pub(super) rescan_every: std::time::Duration,
    pub(super) first_look_after: std::time::Duration,
}

/// How the whole stands, apart from what the ledger says.
#[derive(Debug)]
pub(super) struct Flow {
    /// By the person.
    pub(super) paused: Option<Pause>,
    /// Bytes a second, but for the part of the day that has a limit of its own.
    pub(super) usual: Option<u64>,
    pub(super) daily: Option<DailyLimit>,
    /// The daily limit lets nothing out before this time, in milliseconds since 1970.
    pub(super) daily_hold: Option<i64>,
    /// A person waived the daily pause until this time.
    pub(super) daily_waived: Option<i64>,
    /// For files that are read from now on.
    pub(super) gps: GpsConsent,
    /// Why the backend doesn't take us, in plain words.
    pub(super) signed_out: Option<Cause>,
    pub(super) account: Option<String>,
    /// The token changed: the backend is asked at once, whatever was the case before.
    pub(super) ask_session: bool,
    /// Sources that were paused, cancelled or removed while this engine runs: what was claimed before does not start.
    pub(super) halted: HashSet<i64>,
    /// Why the ledger does not do its work.
    pub(super) ledger_trouble: Option<Notice>,
    /// The ledger's file was taken away or replaced while it is in use.
    pub(super) ledger_gone: bool,
    /// What a person should know of how a source is watched.
    pub(super) watch_notices: HashMap<i64, Notice>,
    /// Files in a row that did not get through.
    pub(super) failures: u32,
    pub(super) limits: Limits,
    /// For sending.
    pub(super) breaker: Breaker,
    /// For confirming: files go on to S3 while the backend can't confirm.
    pub(super) confirmations: Breaker,
    /// The token was read from where it is kept; before that nobody can say that we are signed out.
    pub(super) token_read: bool,
    pub(super) concurrency: Concurrency,
    /// Sources being looked through, or waiting for it, as the looker says.
    pub(super) scanning: HashSet<i64>,
    /// How often the looker was asked to look through a source and has not taken it up yet.
    pub(super) asked: HashMap<i64, u32>,
    /// Batches this engine was given, where it keeps to those.
    pub(super) given: HashSet<i64>,
    pub(super) speed: u64,
    /// The work since there was last nothing to do.
    pub(super) round: Option<Round>,
    /// Uploads on the line now.
    sending: u32,
}

/// A file in a worker's hands.
#[derive(Debug, Clone)]
pub(super) struct Flight {
    pub(super) source_id: i64,
    pub(super) size: u64,
    pub(super) sent: Arc<AtomicU64>,
    pub(super) cancel: CancellationToken,
}

pub(super) struct Core {
    pub(super) ledger: Ledger,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) token: Token,
    pub(super) backend_url: String,
    pub(super) s3: reqwest::Client,
    pub(super) rules: Rules,
    pub(super) bandwidth: Arc<Bandwidth>,
    pub(super) events: broadcast::Sender<Event>,
    /// Something may be startable.
    pub(super) dispatch: Notify,
    /// Something may be confirmable.
    pub(super) confirm: Notify,
    /// Something settles, or settles sooner.
    pub(super) settle: Notify,
    /// The session should be asked for again.
    pub(super) session: Notify,
    /// What hangs on the time of day changed.
    pub(super) timing: Notify,
    /// Readers of whole files at once: the disk and the cores, not the line, are the limit.
    pub(super) hashing: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
    /// A place on the line became free.
    turns: Notify,
    flow: Mutex<Flow>,
    flights: Mutex<HashMap<i64, Flight>>,
    landed: AtomicU64,
    started: Instant,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("backend_url", &self.backend_url).finish_non_exhaustive()
    }
}

/// The parts a core is made of.
pub(super) struct Parts {
    pub(super) ledger: Ledger,
    pub(super) backend: Arc<dyn Backend>,
    pub(super) token: Token,
    pub(super) backend_url: String,
    pub(super) s3: reqwest::Client,
    pub(super) rules: Rules,
    pub(super) bandwidth: Option<u64>,
    pub(super) daily: Option<DailyLimit>,
    pub(super) daily_waived: Option<i64>,
    pub(super) gps: GpsConsent,
    pub(super) concurrency: u32,
    pub(super) paused: Option<Pause>,
    /// Sources that are looked through first of all; until then nothing is up to date.
    pub(super) at_work: Vec<i64>,
}

impl Flow {
    /// A person, or a network that came back, asks for a try now.
    pub(super) fn try_now(&mut self) {
        self.breaker.try_now();
        self.confirmations.try_now();
    }

    /// Whether nothing may be sent now, for the time being.
    pub(super) fn is_paused(&self) -> bool {
        self.paused.is_some() || self.daily_hold.is_some()
    }

    /// Whether the speed says nothing of the time left.
    pub(super) fn is_held(&self) -> bool {
        self.is_paused() || self.signed_out.is_some() || self.breaker.is_offline()
    }

    /// Sources whose folders hold what the ledger may not know yet.
    pub(super) fn unseen(&self) -> HashSet<i64> {
        self.scanning.iter().chain(self.asked.keys()).copied().collect()
    }
}

impl Flow {
    /// The looker is asked to look through a source.
    pub(super) fn ask(&mut self, source: i64) {
        *self.asked.entry(source).or_default() += 1;
    }

    /// The looker took up what it was asked for.
    pub(super) fn taken(&mut self, source: i64) {
        if let Some(times) = self.asked.get_mut(&source) {
            *times -= 1;
            if *times == 0 {
                self.asked.remove(&source);
            }
        }
    }
}

impl Core {
    pub(super) fn new(parts: Parts) -> Self {
        let hashers = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 4);
        Self {
            ledger: parts.ledger,
            backend: parts.backend,
            token: parts.token,
            backend_url: parts.backend_url,
            s3: parts.s3,
            rules: parts.rules,
            bandwidth: Arc::new(Bandwidth::new(parts.bandwidth)),
            events: broadcast::channel(EVENTS).0,
            dispatch: Notify::new(),
            confirm: Notify::new(),
            settle: Notify::new(),
            session: Notify::new(),
            timing: Notify::new(),
            hashing: Arc::new(Semaphore::new(hashers)),
            stop: CancellationToken::new(),
            turns: Notify::new(),
            flow: Mutex::new(Flow {
                paused: parts.paused,
                usual: parts.bandwidth,
                daily: parts.daily,
                daily_hold: None,
                daily_waived: parts.daily_waived,
                gps: parts.gps,
                signed_out: None,
                account: None,
                ask_session: true,
                halted: HashSet::new(),
                ledger_trouble: None,
                ledger_gone: false,
                watch_notices: HashMap::new(),
                failures: 0,
                limits: Limits::default(),
                breaker: Breaker::default(),
                confirmations: Breaker::default(),
                token_read: false,
                concurrency: Concurrency::new(parts.concurrency),
                scanning: HashSet::new(),
                asked: parts.at_work.into_iter().map(|id| (id, 1)).collect(),
                given: HashSet::new(),
                speed: 0,
                round: None,
                sending: 0,
            }),
            flights: Mutex::new(HashMap::new()),
            landed: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// The shared standing. Held for moments, never across an await.
    pub(super) fn flow(&self) -> MutexGuard<'_, Flow> {
        self.flow.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn flights(&self) -> MutexGuard<'_, HashMap<i64, Flight>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since the engine started, by a clock that never jumps.
    pub(super) fn steady_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Trouble that no single file is at fault for: the queue holds still.
    pub(super) fn trouble(&self, origin: Origin, cause: &Cause) {
        // After a sleep of the machine, say: it is renewed at once, and nobody has to sign in.
        let renewal = if cause.code == Code::SignedOut { self.token.refused() } else { Refused::ForGood };
        self.hold_for(origin, cause, renewal);
    }

    /// As `trouble`, by whoever renews the token.
    pub(super) fn hold(&self, origin: Origin, cause: &Cause) {
        self.hold_for(origin, cause, Refused::ForGood);
    }

    fn hold_for(&self, origin: Origin, cause: &Cause, renewal: Refused) {
        let now = self.steady_ms();
        {
            let mut flow = self.flow();
            flow.ask_session |= renewal == Refused::Renewable;
            if cause.code == Code::SignedOut && renewal == Refused::ForGood {
                if flow.signed_out.is_none() {
                    tracing::warn!(message = %cause.message, "signed out");
                }
                flow.signed_out = Some(cause.clone());
            } else {
                flow.breaker.trouble(origin, cause, now, rand::random());
                tracing::info!(code = cause.code.as_str(), message = %cause.message, "the queue holds still");
            }
        }
        self.tell_standing();
        self.turns.notify_waiters();
        self.dispatch.notify_one();
        self.confirm.notify_one();
        self.session.notify_one();
    }

    /// Something got through at `origin`: trouble there is over.
    pub(super) fn through(&self, origin: Origin) {
        if self.flow().breaker.success(origin) {
            self.tell_standing();
            self.dispatch.notify_one();
            self.confirm.notify_one();
        }
    }

    /// Waits for one of the adaptive limit's places on the line. `None`: trouble came meanwhile, nothing more is to be sent now.
    pub(super) async fn turn(&self) -> Option<Turn<'_>> {
        loop {
            let freed = self.turns.notified();
            {
                let steady = self.steady_ms();
                let mut flow = self.flow();
                if matches!(flow.breaker.gate(steady), Gate::Closed { .. }) {
                    return None;
                }
                if flow.sending < flow.concurrency.limit() {
                    flow.sending += 1;
                    return Some(Turn { core: self });
                }
            }
            freed.await;
        }
    }

    /// Uploads at once, at most; takes effect at once.
    pub(super) fn set_concurrency(&self, most: u32) {
        self.flow().concurrency.set_max(most);
        self.turns.notify_waiters();
        self.dispatch.notify_one();
    }

    /// Trouble with confirmations alone.
    pub(super) fn cannot_confirm(&self, cause: &Cause) {
        if cause.code == Code::SignedOut {
            return self.trouble(Origin::Session, cause);
        }
        let now = self.steady_ms();
        self.flow().confirmations.trouble(Origin::Session, cause, now, rand::random());
        tracing::info!(code = cause.code.as_str(), message = %cause.message, "confirmations hold still");
        self.tell_standing();
    }

    /// The ledger does not do its work (a full disk, a lock): said until it does again.
    pub(super) fn ledger_failed(&self, error: &LedgerError) {
        tracing::error!(%error, "the ledger failed");
        let notice = notice::ledger(error);
        let before = self.flow().ledger_trouble.replace(notice.clone());
        if before.as_ref() != Some(&notice) {
            self.notice(None, notice);
            self.tell_standing();
        }
    }

    pub(super) fn ledger_works(&self) {
        if self.flow().ledger_trouble.take().is_some() {
            self.tell_standing();
        }
    }

    /// Says that the engine or a source stands otherwise than before.
    pub(super) fn tell_standing(&self) {
        // The listener asks for the status; the word itself needs the ledger, which is read there.
        self.tell(Event::Standing);
    }

    pub(super) fn tell(&self, event: Event) {
        // No window listens: that is no error.
        let _ = self.events.send(event);
    }

    pub(super) fn notice(&self, source_id: Option<i64>, notice: Notice) {
        tracing::info!(source_id, code = notice.code, text = notice.text, "notice");
        self.tell(Event::Notice { source_id, notice });
    }

    pub(super) fn take_off(&self, id: i64, flight: Flight) {
        self.flights().insert(id, flight);
    }

    pub(super) fn land(&self, id: i64) {
        if let Some(flight) = self.flights().remove(&id) {
            self.landed.fetch_add(flight.sent.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    pub(super) fn in_flight(&self) -> u32 {
        u32::try_from(self.flights().len()).unwrap_or(u32::MAX)
    }

    /// Ends the flights of one source, or of all: their files go back to the queue.
    pub(super) fn call_back(&self, source: Option<i64>) {
        for flight in self.flights().values() {
            if source.is_none_or(|source| source == flight.source_id) {
                flight.cancel.cancel();
            }
        }
    }

    pub(super) fn progress(&self) -> Vec<Progress> {
        self.flights()
            .iter()
            .map(|(id, flight)| Progress { id: *id, sent: flight.sent.load(Ordering::Relaxed), size: flight.size })
            .collect()
    }

    /// Bytes handed to the network since the start.
    pub(super) fn bytes_sent(&self) -> u64 {
        let flying: u64 = self.flights().values().map(|flight| flight.sent.load(Ordering::Relaxed)).sum();
        self.landed.load(Ordering::Relaxed) + flying
    }

    /// Whether this engine looks after a source at all.
    pub(super) fn tends(&self, source: i64) -> bool {
        !self.rules.batches_only || self.flow().given.contains(&source)
    }
}

/// A place on the line; dropping it lets the next one go.
pub(super) struct Turn<'a> {
    core: &'a Core,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let free = {
            let mut flow = self.core.flow();
            flow.sending -= 1;
            flow.concurrency.limit().saturating_sub(flow.sending)
        };
        // The limit may have grown since the others began to wait.
        for _ in 0..free {
            self.core.turns.notify_one();
        }
    }
}
