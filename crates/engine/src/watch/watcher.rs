//! Watches the folders of sources and hints at what may have changed. A hint may be too much, or be missing: a scan is
//! the truth.
//!
//! Each source has a thread and a notify instance of its own, so a share that hangs or a flood in one folder holds up
//! no other source, and letting go of a source gives all its watches back.

mod coalesce;
mod event;
mod limit;
mod post;

use super::filter::Filter;
use coalesce::CoalesceRules;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

pub use limit::Limit;

/// Something in a source may have changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Hint {
    /// A path that came, changed or went. One that went may have been a folder; [`super::ScanRoot::part`] serves all of
    /// these.
    File { source_id: i64, path: PathBuf },
    /// Look through this folder again, and all below it. It may be gone.
    Folder { source_id: i64, path: PathBuf },
    /// Look through the whole source again.
    Rescan { source_id: i64, why: RescanWhy },
    /// The folder isn't there any more. Told once; when it is back comes a `Rescan`.
    RootGone { source_id: i64 },
}

/// Why a whole source is to be looked through again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RescanWhy {
    /// Events came quicker than they could be taken.
    Overflow,
    /// The system watches no more folders; comes again and again until it does.
    WatchLimit,
    /// The folder cannot be watched at all; comes again and again.
    Unwatchable,
    /// Other machines change the share without an event; comes again and again.
    RemoteShare,
    /// It can be watched again after `WatchLimit` or `Unwatchable`.
    WatchBack,
    /// Another folder stands at the same path.
    RootReplaced,
    /// The folder is back after `RootGone`, or came for the first time.
    RootBack,
}

impl RescanWhy {
    /// The reason in plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Overflow => "more changed at once than could be followed",
            Self::WatchLimit => "the system's limit of watched folders is reached",
            Self::Unwatchable => "the folder can't be watched",
            Self::RemoteShare => "the folder lies on a network share",
            Self::WatchBack => "the folder can be watched again",
            Self::RootReplaced => "another folder stands at the same place",
            Self::RootBack => "the folder is back",
        }
    }

    /// The reason as a name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::WatchLimit => "watch_limit",
            Self::Unwatchable => "unwatchable",
            Self::RemoteShare => "remote_share",
            Self::WatchBack => "watch_back",
            Self::RootReplaced => "root_replaced",
            Self::RootBack => "root_back",
        }
    }
}

/// How a source is watched, for the person to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchNotice {
    Watching,
    /// Watched, but what other machines change comes without events; looked through every few minutes too.
    RemoteShare,
    /// Not there now; watched as soon as it is.
    Away,
    /// Not watched, looked through every minute instead.
    Limit(Limit),
    /// Not watched, looked through every minute instead; why, in the system's words.
    Unwatchable(String),
}

impl WatchNotice {
    /// What the person should know, and what mends it; `None` when all is well.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Watching => None,
            Self::RemoteShare => Some(
                "The folder lies on a network share: what other machines change there is found by looking through it every few minutes."
                    .to_owned(),
            ),
            Self::Away => Some("The folder isn't there: unplugged, renamed or deleted. It goes on when it is back.".to_owned()),
            Self::Limit(limit) => Some(limit.text()),
            Self::Unwatchable(why) => {
                Some(format!("The folder can't be watched ({why}), so it is looked through every minute instead."))
            }
        }
    }
}

/// The source could not be taken under watch at all.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    #[error("no thread to watch the folder with: {0}")]
    Thread(#[from] std::io::Error),
    /// It was unwatched, or watched anew, meanwhile.
    #[error("the watch was given up meanwhile")]
    GivenUp,
}

/// Times in milliseconds, and bounds.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// Hints that wait for the receiver; more are held back and collapse further.
    pub hints: usize,
    /// Events of one source that wait to be read; more are an overflow.
    pub events: usize,
    /// Folders watched per source; more are treated as the system's limit, since other programs need watches too.
    pub folders: usize,
    /// Hints within this time become one.
    pub window_ms: u64,
    /// More files than this in one folder within the window become one `Folder` hint.
    pub folder_files: usize,
    /// Paths held per source; more become one `Rescan`.
    pub paths: usize,
    /// Shortest time between two `Folder` hints for the same folder.
    pub folder_pause_ms: u64,
    /// Shortest time between two `Rescan`s for the same source.
    pub rescan_pause_ms: u64,
    /// How often a root is looked at.
    pub look_ms: u64,
    /// How often a source that isn't watched is rescanned.
    pub unwatched_rescan_ms: u64,
    /// How often a network share is rescanned.
    pub remote_rescan_ms: u64,
    /// How often it is tried to watch a source again that could not be.
    pub retry_ms: u64,
}

impl Default for WatchOptions {
    fn default() -> Self {
        Self {
            hints: 1_024,
            events: 16_384,
            folders: 100_000,
            window_ms: 250,
            folder_files: 128,
            paths: 16_384,
            folder_pause_ms: 2_000,
            rescan_pause_ms: 5_000,
            look_ms: 3_000,
            unwatched_rescan_ms: 60_000,
            remote_rescan_ms: 300_000,
            retry_ms: 600_000,
        }
    }
}

impl WatchOptions {
    fn coalesce_rules(&self) -> CoalesceRules {
        CoalesceRules {
            window_ms: self.window_ms,
            folder_files: self.folder_files,
            paths: self.paths,
            folder_pause_ms: self.folder_pause_ms,
            rescan_pause_ms: self.rescan_pause_ms,
        }
    }
}

/// Watches sources until it is dropped. Dropping it ends all threads, and the receiver's stream with them.
#[derive(Debug)]
pub struct Watcher {
    options: WatchOptions,
    hints: mpsc::Sender<Hint>,
    sources: Mutex<HashMap<i64, Hold>>,
}

impl Watcher {
    pub fn start(options: WatchOptions) -> (Self, mpsc::Receiver<Hint>) {
        let (hints, receiver) = mpsc::channel(options.hints.max(1));
        (Self { options, hints, sources: Mutex::default() }, receiver)
    }

    /// Watches `root` and what `filter` admits below it, and answers when all its folders are under watch. Scan after
    /// that: what changes during the scan is then hinted at. A source that was watched before is watched anew.
    ///
    /// A root that is away, or that the system doesn't watch, is no error: the notice says so, and hints come when they
    /// can.
    ///
    /// # Errors
    /// When no thread can be had, or the source was unwatched meanwhile.
    pub async fn watch(&self, source_id: i64, root: PathBuf, filter: Arc<Filter>) -> Result<WatchNotice, WatchError> {
        let (letters, inbox) = std::sync::mpsc::sync_channel(self.options.events.max(1));
        let hold = Hold::new(letters);
        let post = post::Post::new(source_id, root, filter, &self.options, self.hints.clone(), &hold, inbox);
        let (answer, notice) = oneshot::channel();
        std::thread::Builder::new().name(format!("watch-{source_id}")).spawn(move || post.stand(answer))?;
        let before = self.sources.lock().unwrap_or_else(PoisonError::into_inner).insert(source_id, hold);
        drop(before);
        notice.await.map_err(|_| WatchError::GivenUp)
    }

    /// How the source is watched now, as its notices should say; `None` for one that isn't under watch.
    pub fn notice(&self, source_id: i64) -> Option<WatchNotice> {
        let sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        sources.get(&source_id).map(|hold| hold.notice.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Ends the watch; a hint that is already on its way may still come.
    pub fn unwatch(&self, source_id: i64) {
        let hold = self.sources.lock().unwrap_or_else(PoisonError::into_inner).remove(&source_id);
        drop(hold);
    }
}

/// What reaches a source's thread.
#[derive(Debug)]
enum Letter {
    /// From the notify instance of this generation.
    Event { generation: u64, event: notify::Result<notify::Event> },
    /// Wakes the thread so that it sees the stop flag.
    Stop,
}

/// Keeps a source's thread going; dropping it lets the thread end.
#[derive(Debug)]
struct Hold {
    stop: Arc<AtomicBool>,
    overflow: Arc<AtomicBool>,
    letters: SyncSender<Letter>,
    /// Kept by the thread.
    notice: Arc<Mutex<WatchNotice>>,
}

impl Hold {
    fn new(letters: SyncSender<Letter>) -> Self {
        let notice = Arc::new(Mutex::new(WatchNotice::Away));
        Self { stop: Arc::default(), overflow: Arc::default(), letters, notice }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // With a full inbox the thread is awake anyway.
        let _ = self.letters.try_send(Letter::Stop);
    }
}

#[cfg(test)]
mod tests;
