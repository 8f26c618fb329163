//! Why a command to the engine was not carried out.

use crate::cause::Cause;
use crate::ledger::LedgerError;
use crate::watch::FilterError;
use crate::watch::name::shown;
use std::path::PathBuf;

/// An error of a command.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Cause(#[from] Cause),
    #[error(transparent)]
    Filter(#[from] FilterError),
    #[error("{} is not there", shown(.0))]
    NotThere(PathBuf),
    #[error("{} cannot be read: {error}", shown(path))]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("{} is no folder", shown(.0))]
    NoFolder(PathBuf),
    #[error("{} is not an absolute path", shown(.0))]
    Relative(PathBuf),
    #[error("`{0}` cannot be a folder in the storage")]
    Prefix(String),
    #[error("that time is over already")]
    TimeOver,
    #[error("nothing was given")]
    Nothing,
    #[error("the data folder of Offload lies in {}", shown(.0))]
    OwnFolder(PathBuf),
    #[error("the engine has stopped")]
    Stopped,
}

impl EngineError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ledger(error) => error.code(),
            Self::Cause(cause) => cause.code.as_str(),
            Self::Filter(_) => "bad_glob",
            Self::NotThere(_) => "not_there",
            Self::Unreadable { .. } => "unreadable",
            Self::NoFolder(_) => "no_folder",
            Self::Relative(_) => "relative_path",
            Self::Prefix(_) => "prefix",
            Self::TimeOver => "time_over",
            Self::Nothing => "nothing",
            Self::OwnFolder(_) => "own_folder",
            Self::Stopped => "stopped",
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Ledger(error) => error.hint(),
            Self::Cause(cause) => cause.hint.clone(),
            Self::Filter(_) => Some("globs look like `*.jpg` or `raw/**`".into()),
            Self::NotThere(_) | Self::Relative(_) => Some("check the path".into()),
            Self::Unreadable { .. } => Some("give yourself the right to read it".into()),
            Self::NoFolder(_) => Some("only folders can be watched; `offload upload` sends single files".into()),
            Self::OwnFolder(_) => {
                Some("choose another folder, or another --data-dir: Offload would send its own ledger for ever".into())
            }
            Self::Prefix(_) => Some("write it like clients/smith, without `.` or `..`".into()),
            Self::TimeOver => Some("name a time that lies ahead".into()),
            Self::Nothing | Self::Stopped => None,
        }
    }
}
