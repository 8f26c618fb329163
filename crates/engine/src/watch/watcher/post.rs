//! The thread that watches one source: builds the watch, reads its events, looks at the root now and then.

use super::coalesce::Coalesce;
use super::event::{Touch, touch};
use super::limit::{Limit, Refusal, refusal};
use super::{Hint, Hold, Letter, RescanWhy, WatchNotice, WatchOptions};
use crate::watch::filter::Filter;
use crate::watch::stat::{FileId, file_id};
use crate::watch::volume::volume_of;
use notify::{Config, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// inotify watches folder by folder. Doing that here instead of in notify spends no watch on a folder the filter leaves
/// out (Lightroom's previews have tens of thousands), and one unreadable folder doesn't end the watch of all the
/// others.
const FOLDER_BY_FOLDER: bool = cfg!(target_os = "linux");

/// Events read before hints are told again.
const AT_ONCE: usize = 1_024;

/// A running notify instance.
struct Ear {
    notify: RecommendedWatcher,
    /// The root without links, as events name it.
    real: PathBuf,
    folders: usize,
}

pub(super) struct Post {
    source_id: i64,
    root: PathBuf,
    filter: Arc<Filter>,
    options: WatchOptions,
    hints: mpsc::Sender<Hint>,
    inbox: Receiver<Letter>,
    letters: SyncSender<Letter>,
    stop: Arc<AtomicBool>,
    overflow: Arc<AtomicBool>,
    started: Instant,
    coalesce: Coalesce,
    ear: Option<Ear>,
    /// Tells events of this instance from those of one that was let go.
    generation: u64,
    notice: WatchNotice,
    /// The same, for others to read.
    notice_shown: Arc<Mutex<WatchNotice>>,
    /// The root that is watched; `None` while it is away.
    here: Option<RootId>,
    /// An event said that the root itself went.
    root_went: bool,
    next_look_ms: u64,
    next_rescan_ms: u64,
    next_retry_ms: u64,
    /// A flood that goes on must not have the watch built over and over.
    next_rebuild_ms: u64,
}

/// Tells one folder at the root's path from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RootId(Option<FileId>);

impl Post {
    pub(super) fn new(
        source_id: i64,
        root: PathBuf,
        filter: Arc<Filter>,
        options: &WatchOptions,
        hints: mpsc::Sender<Hint>,
        hold: &Hold,
        inbox: Receiver<Letter>,
    ) -> Self {
        Self {
            source_id,
            root,
            filter,
            options: options.clone(),
            hints,
            inbox,
            letters: hold.letters.clone(),
            stop: Arc::clone(&hold.stop),
            overflow: Arc::clone(&hold.overflow),
            started: Instant::now(),
            coalesce: Coalesce::new(source_id, options.coalesce_rules()),
            ear: None,
            generation: 0,
            notice: WatchNotice::Away,
            notice_shown: Arc::clone(&hold.notice),
            here: None,
            root_went: false,
            next_look_ms: 0,
            next_rescan_ms: 0,
            next_retry_ms: 0,
            next_rebuild_ms: 0,
        }
    }

    /// Watches until it is let go; `answer` hears once how the watch began.
    pub(super) fn stand(mut self, answer: oneshot::Sender<WatchNotice>) {
        self.listen();
        if self.stopped() {
            return;
        }
        // Whoever asked may have stopped waiting; the watch goes on until it is unwatched.
        let _ = answer.send(self.notice.clone());
        while !self.stopped() && self.read_letters() {
            let now = self.now_ms();
            if now >= self.next_rebuild_ms && self.overflow.swap(false, Ordering::AcqRel) {
                self.begin_anew(RescanWhy::Overflow);
                self.next_rebuild_ms = self.now_ms() + self.options.rescan_pause_ms;
            }
            if now >= self.next_look_ms || self.root_went {
                self.look_at_root();
            }
            self.keep_up(now);
            if !self.tell() {
                break;
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Waits for events and reads them; `false` when none can come any more.
    fn read_letters(&mut self) -> bool {
        let now = self.now_ms();
        let mut until = self.next_look_ms.min(self.coalesce.due_ms().unwrap_or(u64::MAX));
        if self.rescan_every_ms().is_some() {
            until = until.min(self.next_rescan_ms);
        }
        if self.overflow.load(Ordering::Acquire) {
            until = until.min(self.next_rebuild_ms);
        }
        match self.inbox.recv_timeout(Duration::from_millis(until.saturating_sub(now))) {
            Ok(letter) => self.read(letter),
            Err(RecvTimeoutError::Timeout) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        for _ in 0..AT_ONCE {
            let Ok(letter) = self.inbox.try_recv() else { break };
            self.read(letter);
        }
        true
    }

    fn read(&mut self, letter: Letter) {
        match letter {
            Letter::Stop => {}
            Letter::Event { generation, .. } if generation != self.generation => {}
            Letter::Event { event: Ok(event), .. } if !event.need_rescan() => {
                let Some(touch) = touch(event.kind) else { return };
                for path in &event.paths {
                    self.touched(path, touch);
                }
            }
            // Events were lost, or the instance is out of order.
            Letter::Event { .. } => self.overflow.store(true, Ordering::Release),
        }
    }

    fn touched(&mut self, real: &Path, touch: Touch) {
        let Some(ear) = &self.ear else { return };
        let Ok(rel) = real.strip_prefix(&ear.real).map(Path::to_owned) else { return };
        if rel.as_os_str().is_empty() {
            self.root_went |= matches!(touch, Touch::Went | Touch::FolderWent);
            return;
        }
        let path = self.root.join(&rel);
        let now = self.now_ms();
        let is_folder = || std::fs::symlink_metadata(real).is_ok_and(|metadata| metadata.is_dir());
        match touch {
            Touch::Folder => self.folder_came(&rel, &path),
            Touch::Either if is_folder() => self.folder_came(&rel, &path),
            Touch::FileOnly if !FOLDER_BY_FOLDER && is_folder() => {}
            Touch::File | Touch::FileOnly | Touch::Either => {
                if self.filter.admits_file(&rel).is_admitted() {
                    self.coalesce.file(&path, now);
                }
            }
            // A folder may be meant, so includes do not count.
            Touch::Went => {
                if self.filter.admits_folder(&rel).is_admitted() {
                    self.coalesce.file(&path, now);
                }
            }
            Touch::FolderWent => {
                if self.filter.admits_folder(&rel).is_admitted() {
                    self.coalesce.folder(&path, now);
                }
            }
        }
    }

    /// First the watch, then the hint: what was made before the watch stood is found by whoever looks after the hint.
    fn folder_came(&mut self, rel: &Path, path: &Path) {
        if !self.filter.admits_folder(rel).is_admitted() {
            return;
        }
        if FOLDER_BY_FOLDER && let Some(mut ear) = self.ear.take() {
            let refused = self.watch_below(&mut ear, rel);
            self.ear = Some(ear);
            if matches!(refused, Err(Refusal::Limit(_))) {
                // Counts anew, since folders that went meanwhile have given their watches back.
                self.begin_anew(RescanWhy::Overflow);
                return;
            }
        }
        self.coalesce.folder(path, self.now_ms());
    }

    fn look_at_root(&mut self) {
        self.next_look_ms = self.now_ms() + self.options.look_ms;
        // The same inode may come again at once, so an event that the root went counts even if all looks the same.
        let went = std::mem::take(&mut self.root_went);
        match (self.here, root_id(&self.root)) {
            (Some(_), None) => {
                self.let_go();
                self.note(WatchNotice::Away);
                self.coalesce.root_gone(self.now_ms());
            }
            (None, Some(_)) => self.begin_anew(RescanWhy::RootBack),
            (Some(before), Some(now)) if went || before != now => self.begin_anew(RescanWhy::RootReplaced),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    /// Rescans what isn't watched, or not wholly, and tries to watch it again.
    fn keep_up(&mut self, now: u64) {
        let Some((every, why)) = self.rescan_every_ms() else { return };
        if now < self.next_rescan_ms {
            return;
        }
        self.next_rescan_ms = now + every;
        if now >= self.next_retry_ms && self.notice != WatchNotice::RemoteShare {
            self.begin_anew(RescanWhy::WatchBack);
            return;
        }
        self.coalesce.rescan(why, self.now_ms());
    }

    fn rescan_every_ms(&self) -> Option<(u64, RescanWhy)> {
        match self.notice {
            WatchNotice::Watching | WatchNotice::Away => None,
            WatchNotice::RemoteShare => Some((self.options.remote_rescan_ms, RescanWhy::RemoteShare)),
            WatchNotice::Limit(_) => Some((self.options.unwatched_rescan_ms, RescanWhy::WatchLimit)),
            WatchNotice::Unwatchable(_) => Some((self.options.unwatched_rescan_ms, RescanWhy::Unwatchable)),
        }
    }

    /// Hands over what is due; `false` when nobody listens any more.
    fn tell(&mut self) -> bool {
        let hints = &self.hints;
        self.coalesce.tell(self.now_ms(), &mut |hint| {
            hints.try_send(hint).map_err(|error| match error {
                mpsc::error::TrySendError::Full(hint) | mpsc::error::TrySendError::Closed(hint) => hint,
            })
        });
        !self.hints.is_closed()
    }

    fn begin_anew(&mut self, why: RescanWhy) {
        self.listen();
        let now = self.now_ms();
        match self.notice {
            WatchNotice::Away => self.coalesce.root_gone(now),
            WatchNotice::Limit(_) => self.coalesce.rescan(RescanWhy::WatchLimit, now),
            WatchNotice::Unwatchable(_) => self.coalesce.rescan(RescanWhy::Unwatchable, now),
            WatchNotice::Watching | WatchNotice::RemoteShare => self.coalesce.rescan(why, now),
        }
    }

    fn note(&mut self, notice: WatchNotice) {
        tracing::debug!(source = self.source_id, ?notice, "watch");
        self.notice_shown.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&notice);
        self.notice = notice;
    }

    fn let_go(&mut self) {
        self.ear = None;
        self.here = None;
        self.generation += 1;
    }

    /// Builds the watch from nothing, and says in `notice` how that went.
    fn listen(&mut self) {
        self.let_go();
        self.here = root_id(&self.root);
        let notice = match self.try_listen() {
            Ok(ear) => {
                self.ear = Some(ear);
                let remote = volume_of(&self.root).is_ok_and(|volume| volume.remote);
                if remote { WatchNotice::RemoteShare } else { WatchNotice::Watching }
            }
            Err(Refusal::Limit(limit)) => WatchNotice::Limit(limit),
            Err(Refusal::Other(why)) => WatchNotice::Unwatchable(why),
            Err(Refusal::Gone) => {
                self.here = None;
                WatchNotice::Away
            }
        };
        self.note(notice);
        let now = self.now_ms();
        self.next_look_ms = now + self.options.look_ms;
        self.next_retry_ms = now + self.options.retry_ms;
        self.next_rescan_ms = now + self.rescan_every_ms().map_or(0, |(every, _)| every);
    }

    fn try_listen(&self) -> Result<Ear, Refusal> {
        if self.here.is_none() {
            return Err(Refusal::Gone);
        }
        let real = std::fs::canonicalize(&self.root).map_err(|error| refusal(&notify::Error::io(error)))?;
        let (letters, overflow, generation) = (self.letters.clone(), Arc::clone(&self.overflow), self.generation);
        let hear = move |event| hear(event, generation, &letters, &overflow);
        let config = Config::default().with_follow_symlinks(false);
        let notify = RecommendedWatcher::new(hear, config).map_err(|error| refusal(&error))?;
        let mut ear = Ear { notify, real, folders: 0 };
        if FOLDER_BY_FOLDER {
            self.watch_below(&mut ear, Path::new(""))?;
        } else {
            ear.notify.watch(&ear.real, RecursiveMode::Recursive).map_err(|error| refusal(&error))?;
        }
        Ok(ear)
    }

    /// Watches the folder at `rel` and all below it that the filter admits. A folder is watched before it is listed, so
    /// none that comes meanwhile is lost. Folders that can't be watched are passed over; a scan names them.
    fn watch_below(&self, ear: &mut Ear, rel: &Path) -> Result<(), Refusal> {
        let mut pending = vec![rel.to_owned()];
        while let Some(rel) = pending.pop() {
            if self.stopped() {
                return Ok(());
            }
            if ear.folders >= self.options.folders {
                return Err(Refusal::Limit(Limit::Folders(self.options.folders)));
            }
            let folder = ear.real.join(&rel);
            match ear.notify.watch(&folder, RecursiveMode::NonRecursive).map_err(|error| refusal(&error)) {
                Ok(()) => ear.folders += 1,
                Err(limit @ Refusal::Limit(_)) => return Err(limit),
                Err(other) if rel.as_os_str().is_empty() => return Err(other),
                Err(_) => continue,
            }
            let Ok(entries) = std::fs::read_dir(&folder) else { continue };
            for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
                let rel = rel.join(entry.file_name());
                if self.filter.admits_folder_here(&rel).is_admitted() {
                    pending.push(rel);
                }
            }
        }
        Ok(())
    }
}

/// Runs on notify's thread, which must never wait: the kernel's queue would overflow.
pub(super) fn hear(
    event: notify::Result<notify::Event>,
    generation: u64,
    letters: &SyncSender<Letter>,
    overflow: &AtomicBool,
) {
    if let Ok(event) = &event
        && !event.need_rescan()
        && touch(event.kind).is_none()
    {
        return;
    }
    if let Err(TrySendError::Full(_)) = letters.try_send(Letter::Event { generation, event }) {
        overflow.store(true, Ordering::Release);
    }
}

fn root_id(root: &Path) -> Option<RootId> {
    let metadata = std::fs::metadata(root).ok().filter(std::fs::Metadata::is_dir)?;
    Some(RootId(file_id(&metadata)))
}
