//! What the engine shows: files, sources, totals, a file's story, and the events that say what changed.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use ts_rs::TS;

/// Where one version of one file stands. The ledger keeps these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Seen, but not yet still for long enough to be sent.
    Settling,
    /// Ready to be sent.
    Queued,
    /// A worker has it: hashing, presigning or sending.
    Uploading,
    /// In S3; the backend has not acknowledged it yet.
    Uploaded,
    /// In S3 with a matching checksum and acknowledged by the backend. The only green state.
    Confirmed,
    /// Tried in vain; tried again at `retry_at`.
    Waiting,
    /// Needs a person: see `code` and `hint`.
    Failed,
    /// Not to be sent, with its reason.
    Skipped,
    /// Gone before it was sent.
    Missing,
}

impl State {
    pub const ALL: [Self; 9] = [
        Self::Settling,
        Self::Queued,
        Self::Uploading,
        Self::Uploaded,
        Self::Confirmed,
        Self::Waiting,
        Self::Failed,
        Self::Skipped,
        Self::Missing,
    ];

    /// The word the ledger keeps.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settling => "settling",
            Self::Queued => "queued",
            Self::Uploading => "uploading",
            Self::Uploaded => "uploaded",
            Self::Confirmed => "confirmed",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::Missing => "missing",
        }
    }

    /// Reads the ledger's word; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether Offload itself still has something to do for the file.
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Settling | Self::Queued | Self::Uploading | Self::Uploaded | Self::Waiting)
    }

    /// Whether the file stands in need of a person.
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::Failed | Self::Missing)
    }
}

/// One version of one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct FileRow {
    #[ts(type = "number")]
    pub id: i64,
    pub file_id: String,
    #[ts(type = "number")]
    pub source_id: i64,
    /// Path inside the source, `/` between folders; bytes that are not UTF-8 stand as `\xNN`.
    pub path: String,
    #[ts(type = "number")]
    pub size: u64,
    /// Milliseconds since 1970; negative before.
    #[ts(type = "number")]
    pub modified_ms: i64,
    pub state: State,
    /// Cause, where the state has one: see `Cause` in the engine for the list of codes.
    pub code: Option<String>,
    /// The cause in plain words.
    pub reason: Option<String>,
    /// What to do now.
    pub hint: Option<String>,
    pub sha256: Option<String>,
    pub key: Option<String>,
    pub etag: Option<String>,
    pub attempts: u32,
    /// Milliseconds since 1970.
    #[ts(type = "number | null")]
    pub retry_at_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub uploaded_at_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub confirmed_at_ms: Option<i64>,
    #[ts(type = "number")]
    pub changed_at_ms: i64,
    /// `false` for a version that a later one replaced.
    pub current: bool,
    /// `file_id` of the version this one replaces.
    pub supersedes: Option<String>,
    /// Bytes handed to the network in the attempt under way.
    #[ts(type = "number | null")]
    pub sent: Option<u64>,
}

/// One try at sending or confirming a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attempt {
    #[ts(type = "number")]
    pub at_ms: i64,
    #[ts(type = "number")]
    pub duration_ms: i64,
    /// `upload` or `confirm`.
    pub step: String,
    /// `ok`, or the cause's code.
    pub outcome: String,
    pub detail: Option<String>,
}

/// Everything the ledger knows of one path: its versions, newest first, and their attempts, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Story {
    /// Absolute path on this machine, escaped where it is not UTF-8.
    pub local_path: String,
    pub versions: Vec<Version>,
}

/// One version in a story.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Version {
    pub file: FileRow,
    pub attempts: Vec<Attempt>,
}

/// Count and bytes of the files in one state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Tally {
    #[ts(type = "number")]
    pub files: u64,
    #[ts(type = "number")]
    pub bytes: u64,
}

/// Files by state: the latest version of each path, and every older version that is not confirmed yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Totals {
    pub settling: Tally,
    pub queued: Tally,
    pub uploading: Tally,
    pub uploaded: Tally,
    pub confirmed: Tally,
    pub waiting: Tally,
    pub failed: Tally,
    pub skipped: Tally,
    pub missing: Tally,
}

impl Totals {
    pub fn get(&self, state: State) -> Tally {
        match state {
            State::Settling => self.settling,
            State::Queued => self.queued,
            State::Uploading => self.uploading,
            State::Uploaded => self.uploaded,
            State::Confirmed => self.confirmed,
            State::Waiting => self.waiting,
            State::Failed => self.failed,
            State::Skipped => self.skipped,
            State::Missing => self.missing,
        }
    }

    pub fn get_mut(&mut self, state: State) -> &mut Tally {
        match state {
            State::Settling => &mut self.settling,
            State::Queued => &mut self.queued,
            State::Uploading => &mut self.uploading,
            State::Uploaded => &mut self.uploaded,
            State::Confirmed => &mut self.confirmed,
            State::Waiting => &mut self.waiting,
            State::Failed => &mut self.failed,
            State::Skipped => &mut self.skipped,
            State::Missing => &mut self.missing,
        }
    }

    /// Adds another source's totals to these.
    pub fn add(&mut self, other: &Self) {
        for state in State::ALL {
            let more = other.get(state);
            let tally = self.get_mut(state);
            tally.files += more.files;
            tally.bytes += more.bytes;
        }
    }

    /// Files that Offload itself still has something to do for.
    pub fn pending(&self) -> u64 {
        State::ALL.into_iter().filter(|state| state.is_pending()).map(|state| self.get(state).files).sum()
    }

    /// Files in all states.
    pub fn all(&self) -> Tally {
        State::ALL.into_iter().fold(Tally::default(), |sum, state| {
            let tally = self.get(state);
            Tally { files: sum.files + tally.files, bytes: sum.bytes + tally.bytes }
        })
    }
}

/// Watched for ever, or given once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    Watched,
    Batch,
}

/// What happens when a file that was sent changes on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ChangedPolicy {
    /// The changed file is a new version and is sent too.
    #[default]
    NewVersion,
    /// The first version stands; later changes are not sent.
    KeepFirst,
}

/// How a source stands, beside the states of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    Active,
    /// By the person.
    Paused,
    /// Its folder is not there (unmounted, unplugged, renamed); nothing is deleted, it goes on when the folder is back.
    Away,
    /// Batch only: cancelled by the person.
    Cancelled,
}

/// Something a person should know of a source or of the whole: `text` is complete English; `code` and `args` say the same for other
/// languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    pub code: String,
    pub text: String,
    #[serde(default)]
    #[ts(type = "Record<string, string>")]
    pub args: BTreeMap<String, String>,
}

impl Notice {
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.into(), text: text.into(), args: BTreeMap::new() }
    }

    /// Adds a value that the text names.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.args.insert(name.into(), value.to_string());
        self
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A folder under watch, or a batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct SourceView {
    #[ts(type = "number")]
    pub id: i64,
    pub kind: SourceKind,
    pub name: String,
    /// Absolute paths, escaped where they are not UTF-8. A watched source has one.
    pub roots: Vec<String>,
    /// Put before each path, without slashes at its ends; empty for none.
    pub prefix: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub changed: ChangedPolicy,
    pub state: SourceState,
    /// A scan of it is under way.
    pub scanning: bool,
    /// What the person should know: watch limit reached, folder not readable, links that are not followed.
    pub notices: Vec<Notice>,
    #[ts(type = "number | null")]
    pub scanned_at_ms: Option<i64>,
    pub totals: Totals,
}

/// How the whole engine stands, worst first. The tray shows this word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// The backend does not take the token, or there is none.
    SignedOut,
    /// No way to the backend or to S3.
    Offline,
    /// By the person.
    Paused,
    /// Files failed or went missing.
    NeedsAttention,
    /// Files are still to be sent or confirmed, and no engine runs that would do it.
    Stopped,
    /// Scanning, settling, sending or confirming.
    Working,
    /// Nothing to scan, settle, send or confirm, and nothing failed.
    UpToDate,
}

/// Answer of `offload status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Status {
    pub health: Health,
    /// What holds the whole up, in plain words.
    pub detail: Option<String>,
    /// The code of the cause behind `detail`.
    #[serde(default)]
    pub code: Option<String>,
    /// Seconds until the next try, where there is one to wait for.
    #[ts(type = "number | null")]
    #[serde(default)]
    pub retry_in_s: Option<u64>,
    /// An engine runs on this ledger now; `false`: these are the ledger's last words.
    pub running: bool,
    pub backend: Option<String>,
    pub account: Option<String>,
    /// What this backend cannot promise, where it speaks another protocol than v1.
    #[serde(default)]
    pub caveats: Vec<Notice>,
    pub totals: Totals,
    pub sources: Vec<SourceView>,
    /// Uploads at once that the engine allows itself now.
    pub concurrency: u32,
    /// Bytes a second; `None`: no limit.
    #[ts(type = "number | null")]
    pub bandwidth_limit: Option<u64>,
    /// Bytes a second over the last seconds.
    #[ts(type = "number")]
    pub speed: u64,
    /// The work since there was last nothing to do; `None` where there is nothing.
    #[serde(default)]
    pub round: Option<Round>,
    /// Milliseconds since 1970; `None`: not paused, or until the person resumes.
    #[ts(type = "number | null")]
    #[serde(default)]
    pub paused_until_ms: Option<i64>,
    /// Last number of the outbox.
    #[ts(type = "number")]
    pub seq: i64,
}

/// How far the work has come since there was last nothing to do. Progress bars and "time left" show this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Round {
    /// Confirmed, or come to another end, in this round.
    #[ts(type = "number")]
    pub files_done: u64,
    #[ts(type = "number")]
    pub files_all: u64,
    /// Of files that are done, and what is sent of those on their way.
    #[ts(type = "number")]
    pub bytes_done: u64,
    #[ts(type = "number")]
    pub bytes_all: u64,
    /// At the speed of the last seconds; `None` while that says nothing.
    #[ts(type = "number | null")]
    pub seconds_left: Option<u64>,
}

/// Which files a page shows; members that are `None` do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Filter {
    #[ts(type = "number | null")]
    pub source_id: Option<i64>,
    pub states: Vec<State>,
    /// Part of the path, any case.
    pub search: Option<String>,
    /// Also versions that later ones replaced.
    pub old_versions: bool,
}

/// Order of a page; each is a column with an index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// As they were first seen.
    #[default]
    Seen,
    Path,
    Size,
    /// By the last change of state.
    Changed,
}

/// A page of files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct PageQuery {
    pub filter: Filter,
    pub order: Order,
    pub descending: bool,
    #[ts(type = "number")]
    pub offset: u64,
    /// 1 to 1000; 0 means 200.
    pub limit: u32,
    /// Also count all files the filter lets through.
    pub count: bool,
}

impl PageQuery {
    /// What the window's list shows before anybody asked for something else: what came last.
    pub fn first() -> Self {
        Self { descending: true, limit: 100, count: true, ..Self::default() }
    }
}

/// Answer to a `PageQuery`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Page {
    pub files: Vec<FileRow>,
    /// How many files the filter lets through, where that was asked.
    #[ts(type = "number | null")]
    #[serde(default)]
    pub total: Option<u64>,
    /// Outbox number this page is true for.
    #[ts(type = "number")]
    pub seq: i64,
}

/// What a window hears, at most ten times a second. A gap in `seq` means: fetch again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Files changed state.
    Files {
        /// The number before the first change told here.
        #[ts(type = "number")]
        after: i64,
        /// The number of the last change told here.
        #[ts(type = "number")]
        seq: i64,
        /// Rows that changed, each once, at most 200.
        #[ts(type = "number[]")]
        ids: Vec<i64>,
        totals: Totals,
    },
    /// Bytes on their way.
    Progress {
        files: Vec<Progress>,
        #[ts(type = "number")]
        speed: u64,
        #[serde(default)]
        round: Option<Round>,
    },
    /// The engine or a source stands otherwise than before: fetch the status.
    Standing,
    /// Something a person should read once.
    Notice {
        #[ts(type = "number | null")]
        source_id: Option<i64>,
        notice: Notice,
    },
}

/// Progress of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Progress {
    #[ts(type = "number")]
    pub id: i64,
    #[ts(type = "number")]
    pub sent: u64,
    #[ts(type = "number")]
    pub size: u64,
}
