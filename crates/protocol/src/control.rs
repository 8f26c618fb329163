//! What one process says to the engine in another: one JSON object a line, over a local socket that only its owner can open.

use crate::view::{ChangedPolicy, Event, FileRow, Page, PageQuery, SourceView, Status, Story};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A source to be.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct NewSource {
    /// Absolute paths, as bytes, since a path need not be UTF-8. A watched source has exactly one folder.
    pub paths: Vec<Vec<u8>>,
    /// `None`: the folder's name.
    pub name: Option<String>,
    pub prefix: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub changed: ChangedPolicy,
}

/// What a source is from now on. Its folders stay as they are; files that are in S3 already stay where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SourceEdit {
    #[ts(type = "number")]
    pub id: i64,
    pub name: String,
    pub prefix: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub changed: ChangedPolicy,
}

/// Whom a pause or resume is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    All,
    Source(#[ts(type = "number")] i64),
}

/// Which files to try again, or to dismiss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum RetryWhat {
    /// Everything that failed or waits; of those to dismiss, everything missing.
    All,
    Source(#[ts(type = "number")] i64),
    /// Ledger row ids.
    Files(#[ts(type = "number[]")] Vec<i64>),
}

/// A request to a running engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "do", content = "with", rename_all = "snake_case")]
pub enum Request {
    Status,
    /// Adds a watched folder.
    AddSource(NewSource),
    /// Adds a batch, or opens the finished batch with the same paths and prefix again.
    AddBatch(NewSource),
    /// Changes a source; its folders stay.
    EditSource(SourceEdit),
    RemoveSource(#[ts(type = "number")] i64),
    CancelBatch(#[ts(type = "number")] i64),
    Pause(Scope),
    /// Pauses everything until a time, in milliseconds since 1970; then it goes on by itself.
    PauseUntil(#[ts(type = "number")] i64),
    Resume(Scope),
    Retry(RetryWhat),
    /// Files that are gone are no longer asked for: `missing` becomes `skipped`.
    Dismiss(RetryWhat),
    Page(PageQuery),
    /// Rows by their numbers, at most 1000; those that are gone are left out.
    Rows(#[ts(type = "number[]")] Vec<i64>),
    /// The story of a path, absolute, as bytes.
    Story(Vec<u8>),
    /// The story of the path that a row stands for.
    StoryOf(#[ts(type = "number")] i64),
    /// Bytes a second; `None` lifts the limit.
    SetBandwidth(#[ts(type = "number | null")] Option<u64>),
    /// The stored token changed: read it again.
    TokenChanged,
    /// Look through every source now.
    Rescan,
    /// Answered by a stream of `Reply::Event` lines until the connection closes.
    Subscribe,
    /// Stop cleanly.
    Shutdown,
}

/// An answer of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "reply", content = "with", rename_all = "snake_case")]
pub enum Reply {
    Done,
    Status(Box<Status>),
    Source(Box<SourceView>),
    Page(Page),
    Rows(Vec<FileRow>),
    /// `None`: the ledger does not know the path.
    Story(Option<Story>),
    /// Files that were set to be tried again, or dismissed.
    Retried(#[ts(type = "number")] u64),
    Event(Event),
    Error(ControlError),
}

/// Why a request was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ControlError {
    pub code: String,
    pub message: String,
    pub hint: Option<String>,
}
