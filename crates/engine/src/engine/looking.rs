//! Decides what is looked through and when: at the start, on hints, hourly, and when a folder is back.

use super::core::Core;
use super::{look, roots};
use crate::ledger::sources::{self, Source};
use crate::ledger::{files, now_ms};
use crate::notice;
use crate::watch::name::shown;
use crate::watch::{Filter, Hint, RescanWhy, WatchOptions, Watcher};
use offload_protocol::view::{Notice, SourceKind};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How often it is looked whether the folders are there.
const ROOTS: Duration = Duration::from_secs(5);
/// Pauses before what could not be noted is looked at again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Clocks drift and are nudged; what is more was set.
const CLOCK_SLACK_MS: i64 = 2_000;
/// Parts of one source that wait to be looked at; more, and the whole source is looked through.
const PARTS: usize = 512;

/// What others ask of the looker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Look through a source, and watch it if it is a watched one.
    Source(i64),
    /// It was edited: watch it by its new rules, and look through it.
    Anew(i64),
    Everything,
    /// It was removed or cancelled.
    Forget(i64),
}

/// What waits to be looked through.
#[derive(Debug, Default)]
struct Pending {
    order: VecDeque<i64>,
    /// `None`: the whole source.
    parts: HashMap<i64, Option<HashSet<PathBuf>>>,
}

impl Pending {
    fn whole(&mut self, source: i64) {
        if self.parts.insert(source, None).is_none() && !self.order.contains(&source) {
            self.order.push_back(source);
        }
    }

    fn part(&mut self, source: i64, path: PathBuf) {
        match self.parts.get_mut(&source) {
            Some(None) => {}
            Some(Some(parts)) if parts.len() >= PARTS => self.whole(source),
            Some(Some(parts)) => {
                parts.insert(path);
            }
            None => {
                self.parts.insert(source, Some(HashSet::from([path])));
                self.order.push_back(source);
            }
        }
    }

    fn next(&mut self) -> Option<(i64, Option<HashSet<PathBuf>>)> {
        let source = self.order.pop_front()?;
        Some((source, self.parts.remove(&source).flatten()))
    }

    fn forget(&mut self, source: i64) {
        self.parts.remove(&source);
        self.order.retain(|other| *other != source);
    }

    fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

type Running = (i64, Arc<AtomicBool>, JoinHandle<bool>);

/// A source whose look could not be noted: looked through again, after a pause that grows.
#[derive(Debug, Clone, Copy)]
struct Again {
    at: Instant,
    pause: Duration,
}

struct Looker {
    core: Arc<Core>,
    watcher: Watcher,
    /// With the folder each was watched at.
    watched: HashMap<i64, PathBuf>,
    pending: Pending,
    again: HashMap<i64, Again>,
    /// Said once a source: the reason for rescans that come again and again.
    said: HashSet<(i64, RescanWhy)>,
}

/// Runs until the engine stops.
pub(super) async fn look_after(core: Arc<Core>, mut asks: mpsc::Receiver<Ask>, mut at_start: Vec<i64>) {
    let (watcher, mut hints) = Watcher::start(WatchOptions::default());
    let mut looker = Looker {
        core: core.clone(),
        watcher,
        watched: HashMap::new(),
        pending: Pending::default(),
        again: HashMap::new(),
        said: HashSet::new(),
    };
    let mut running: Option<Running> = None;
    let first = tokio::time::Instant::now() + core.rules.first_look_after;
    let mut rescan = tokio::time::interval_at(first, core.rules.rescan_every);
    rescan.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut clock = Clock::new(&core);
    let mut look_at_roots = tokio::time::interval(ROOTS);
    look_at_roots.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        if running.is_none()
            && let Some((source, parts)) = looker.pending.next()
        {
            let cancel = Arc::new(AtomicBool::new(false));
            let job = tokio::spawn(look::source(core.clone(), source, parts, cancel.clone()));
            running = Some((source, cancel, job));
        }
        looker.show_scanning(running.as_ref().map(|(source, ..)| *source));
        tokio::select! {
            biased;
            () = core.stop.cancelled() => break,
            noted = ended(&mut running) => {
                if let Some((source, cancel, _)) = running.take() {
                    looker.looked(source, noted || cancel.load(Ordering::Relaxed));
                }
                core.settle.notify_one();
                core.dispatch.notify_one();
            }
            () = looker.again_is_due() => looker.look_again(),
            ask = asks.recv() => match ask {
                Some(Ask::Source(id)) => {
                    looker.take(id).await;
                    looker.show_scanning(running.as_ref().map(|(source, ..)| *source));
                    core.flow().taken(id);
                }
                Some(Ask::Anew(id)) => {
                    if let Some((_, cancel, _)) = running.as_ref().filter(|(source, ..)| *source == id) {
                        cancel.store(true, Ordering::Relaxed);
                    }
                    looker.watched.remove(&id);
                    looker.take(id).await;
                    looker.show_scanning(running.as_ref().map(|(source, ..)| *source));
                    core.flow().taken(id);
                }
                Some(Ask::Everything) => looker.take_all().await,
                Some(Ask::Forget(id)) => {
                    looker.forget(id);
                    if let Some((_, cancel, _)) = running.as_ref().filter(|(source, ..)| *source == id) {
                        cancel.store(true, Ordering::Relaxed);
                    }
                }
                None => break,
            },
            hint = hints.recv() => match hint {
                Some(hint) => looker.heed(hint).await,
                None => break,
            },
            // The first is the look at the start.
            _ = rescan.tick() => {
                looker.take_all().await;
                looker.show_scanning(running.as_ref().map(|(source, ..)| *source));
                for source in std::mem::take(&mut at_start) {
                    core.flow().taken(source);
                }
            }
            _ = look_at_roots.tick() => {
                if clock.was_set(&core).await {
                    looker.take_all().await;
                }
                looker.show_watching();
                watch_ledger(&core);
                for back in roots::check(&core).await {
                    looker.pending.whole(back);
                }
            }
        }
    }
    if let Some((_, cancel, job)) = running {
        cancel.store(true, Ordering::Relaxed);
        if job.await.is_err() {
            tracing::error!("a look through a folder panicked");
        }
    }
}

/// A ledger whose file is not there any more is written to in vain.
fn watch_ledger(core: &Core) {
    if !core.ledger.is_in_place() {
        let mut flow = core.flow();
        if !flow.ledger_gone {
            flow.ledger_gone = true;
            drop(flow);
            core.notice(None, notice::ledger_gone());
            core.tell_standing();
        }
    }
}

/// Notices that the machine's clock was set, or that the machine slept: then the wall clock and the steady one part.
struct Clock {
    apart_ms: i64,
}

impl Clock {
    fn new(core: &Core) -> Self {
        Self { apart_ms: now_ms() - core.steady_ms() }
    }

    /// Moves what the ledger waits for along with the clock. After a sleep everything is looked through and tried anew.
    async fn was_set(&mut self, core: &Core) -> bool {
        let apart_ms = now_ms() - core.steady_ms();
        let by_ms = apart_ms - self.apart_ms;
        if by_ms.abs() < CLOCK_SLACK_MS {
            return false;
        }
        self.apart_ms = apart_ms;
        tracing::info!(by_ms, "the clock was set, or the machine slept");
        if let Err(error) = core.ledger.write(move |db| files::shift_clock(db, by_ms)).await {
            tracing::error!(%error, "the ledger's times could not be moved with the clock");
        }
        core.flow().try_now();
        core.settle.notify_one();
        core.confirm.notify_one();
        core.dispatch.notify_one();
        true
    }
}

/// The look's own word: whether what it saw is noted.
async fn ended(running: &mut Option<Running>) -> bool {
    match running {
        Some((source, _, job)) => job.await.unwrap_or_else(|error| {
            tracing::error!(source, %error, "a look through a folder ended unexpectedly");
            false
        }),
        None => std::future::pending().await,
    }
}

impl Looker {
    /// After a look: what could not be noted is looked at again, wholly, and until then nothing is up to date.
    fn looked(&mut self, source: i64, noted: bool) {
        if noted {
            self.again.remove(&source);
            return;
        }
        let pause = self.again.get(&source).map_or(FIRST_PAUSE, |again| (again.pause * 2).min(LONGEST_PAUSE));
        self.again.insert(source, Again { at: Instant::now() + pause, pause });
    }

    async fn again_is_due(&self) {
        match self
            .again
            .iter()
            .filter(|(source, _)| !self.pending.parts.contains_key(source))
            .map(|(_, again)| again.at)
            .min()
        {
            Some(at) => tokio::time::sleep_until(at.into()).await,
            None => std::future::pending().await,
        }
    }

    fn look_again(&mut self) {
        let now = Instant::now();
        let due: Vec<i64> = self.again.iter().filter(|(_, again)| again.at <= now).map(|(source, _)| *source).collect();
        for source in due {
            self.pending.whole(source);
        }
    }

    /// What a person should know of how the sources are watched stands with them as long as it is so.
    fn show_watching(&self) {
        let now: HashMap<i64, Notice> = self
            .watched
            .iter()
            .filter_map(|(id, path)| Some((*id, notice::watching(path, &self.watcher.notice(*id)?)?)))
            .collect();
        let changed = {
            let mut flow = self.core.flow();
            let changed = flow.watch_notices != now;
            flow.watch_notices = now;
            changed
        };
        if changed {
            self.core.tell_standing();
        }
    }

    /// Takes up every source that is not through: at the start, hourly, after a wake, or when asked.
    async fn take_all(&mut self) {
        match self.core.ledger.read(sources::at_work).await {
            Ok(list) => {
                for source in list {
                    if self.core.tends(source.id) {
                        self.take(source.id).await;
                    }
                }
            }
            Err(error) => tracing::error!(%error, "the sources could not be read"),
        }
    }

    async fn take(&mut self, id: i64) {
        let source = match self.core.ledger.read(move |db| sources::get(db, id)).await {
            Ok(source) => source,
            Err(error) => {
                tracing::info!(source = id, %error, "not looked through");
                return;
            }
        };
        // Watched first, looked through then: what changes meanwhile is hinted at.
        if source.kind == SourceKind::Watched && !self.core.rules.batches_only && !self.watched.contains_key(&id) {
            self.watch(&source).await;
        }
        self.pending.whole(id);
    }

    async fn watch(&mut self, source: &Source) {
        let Some(root) = source.roots.first() else { return };
        let filter = match Filter::new(&source.include, &source.exclude) {
            Ok(filter) => Arc::new(filter),
            Err(error) => {
                self.core.notice(Some(source.id), notice::bad_glob(&error.to_string()));
                return;
            }
        };
        match self.watcher.watch(source.id, root.path.clone(), filter).await {
            Ok(notice) => {
                self.watched.insert(source.id, root.path.clone());
                if let Some(mut notice) = notice::watching(&root.path, &notice) {
                    notice.text = format!("{}: {}", shown(&root.path), notice.text);
                    self.core.notice(Some(source.id), notice);
                }
            }
            Err(error) => self.core.notice(Some(source.id), notice::not_watched(&root.path, &error.to_string())),
        }
    }

    async fn heed(&mut self, hint: Hint) {
        match hint {
            Hint::File { source_id, path } | Hint::Folder { source_id, path } => {
                if self.watched.contains_key(&source_id) {
                    self.pending.part(source_id, path);
                }
            }
            Hint::Rescan { source_id, why } => {
                if self.watched.contains_key(&source_id) {
                    if self.said.insert((source_id, why)) || why == RescanWhy::Overflow {
                        self.core.notice(Some(source_id), notice::rescan(why));
                    }
                    self.pending.whole(source_id);
                }
            }
            Hint::RootGone { source_id } => {
                for back in roots::check(&self.core).await {
                    self.pending.whole(back);
                }
                tracing::info!(source = source_id, "its folder is gone");
            }
        }
    }

    fn forget(&mut self, id: i64) {
        self.watched.remove(&id);
        self.watcher.unwatch(id);
        self.pending.forget(id);
        self.again.remove(&id);
        self.said.retain(|(source, _)| *source != id);
    }

    /// Keeps the shared list of sources being looked through true: the word "up to date" hangs on it.
    fn show_scanning(&self, running: Option<i64>) {
        let now: HashSet<i64> =
            self.pending.order.iter().copied().chain(running).chain(self.again.keys().copied()).collect();
        let changed = {
            let mut flow = self.core.flow();
            let changed = flow.scanning != now;
            flow.scanning = now;
            changed
        };
        if changed {
            self.core.tell_standing();
        }
        debug_assert!(self.pending.is_empty() == self.pending.parts.is_empty());
    }
}

#[cfg(test)]
mod tests {
    use super::{PARTS, Pending};

    #[test]
    fn many_parts_become_the_whole_and_nothing_is_looked_at_twice() {
        let mut pending = Pending::default();
        pending.part(1, "a".into());
        pending.part(1, "a".into());
        pending.part(2, "b".into());
        assert_eq!(pending.next().map(|(id, parts)| (id, parts.map(|parts| parts.len()))), Some((1, Some(1))));
        pending.whole(2);
        pending.part(2, "c".into());
        assert_eq!(pending.next(), Some((2, None)));
        for number in 0..=PARTS {
            pending.part(3, number.to_string().into());
        }
        assert_eq!(pending.next(), Some((3, None)));
        assert!(pending.next().is_none() && pending.is_empty());
    }
}
