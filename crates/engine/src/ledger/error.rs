//! What can go wrong with the ledger itself.

use crate::cause::{Cause, Code};
use offload_protocol::view::State;
use std::path::PathBuf;

/// An error of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("another Offload already runs on the ledger in {}{}", dir.display(), pid.map(|pid| format!(" (process {pid})")).unwrap_or_default())]
    Owned { dir: PathBuf, pid: Option<u32> },
    #[error("the ledger {} was written by a newer version of Offload (format {found}, this version knows {known})", path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("the ledger {} is damaged: {detail}", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("{} is a database, but not a ledger of Offload's", path.display())]
    Foreign { path: PathBuf },
    #[error("there is no ledger in {}", dir.display())]
    Absent { dir: PathBuf },
    #[error("cannot use the data folder {}: {error}", dir.display())]
    Folder { dir: PathBuf, error: std::io::Error },
    #[error("the disk with the ledger is full")]
    Full,
    #[error("file {id} was not {expected:?} any more")]
    Moved { id: i64, expected: State },
    #[error("no source has the number {0}")]
    NoSource(i64),
    #[error("{0}")]
    Refused(String),
    #[error("the ledger's writer has stopped")]
    Stopped,
    /// An operation that does not fit what the ledger holds by now; trying again would not help.
    #[error("it does not fit what the ledger holds: {0}")]
    Contradiction(String),
    #[error("the ledger answered: {0}")]
    Sqlite(rusqlite::Error),
    #[error("the ledger's migration failed: {0}")]
    Migration(#[from] rusqlite_migration::Error),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            Some(rusqlite::ErrorCode::ConstraintViolation) => Self::Contradiction(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl LedgerError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Owned { .. } => "ledger_owned",
            Self::Newer { .. } => "ledger_newer",
            Self::Damaged { .. } => "ledger_damaged",
            Self::Foreign { .. } => "ledger_foreign",
            Self::Absent { .. } => "ledger_absent",
            Self::Folder { .. } => "data_folder",
            Self::Full => "disk_full",
            Self::Moved { .. } => "moved",
            Self::NoSource(_) => "no_such_source",
            Self::Refused(_) => "refused",
            Self::Stopped => "stopped",
            Self::Contradiction(_) | Self::Sqlite(_) | Self::Migration(_) => "ledger",
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Owned { .. } => {
                "use the running one (`offload status`, `offload add`, … talk to it), or stop it first".into()
            }
            Self::Newer { .. } => "update Offload; the ledger was left as it is".into(),
            Self::Damaged { path, .. } => format!(
                "nothing was changed. Move {} aside (keep it) and add your folders again: they are looked through anew, and the backend says which files it already has",
                path.display()
            ),
            Self::Foreign { .. } => "choose another data folder with --data-dir".into(),
            Self::Absent { .. } => "start with `offload add FOLDER` or `offload upload PATH`".into(),
            Self::Folder { .. } => "check that the folder exists, is yours and can be written".into(),
            Self::Full => "free some space: an Offload that runs goes on by itself, else start it again".into(),
            Self::NoSource(_) => "`offload sources` lists them".into(),
            Self::Moved { .. }
            | Self::Contradiction(_)
            | Self::Refused(_)
            | Self::Stopped
            | Self::Sqlite(_)
            | Self::Migration(_) => {
                return None;
            }
        })
    }
}

impl From<LedgerError> for Cause {
    fn from(error: LedgerError) -> Self {
        let hint = error.hint();
        Self { hint, ..Self::new(Code::Ledger, error.to_string()) }
    }
}
