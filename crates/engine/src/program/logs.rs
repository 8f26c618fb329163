//! `logs/offload.….log` in the data folder: a file a day, the last seven kept, readable by its owner only.

use crate::ledger::make_private_folder;
use std::path::{Path, PathBuf};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

const KEPT_DAYS: usize = 7;
/// Of other crates only what went wrong: some of them write whole requests at finer levels.
const USUAL: &str = "warn,offload=info,offload_engine=info,offload_desktop=info";

/// A log that is being written; dropped, it writes what is left.
#[derive(Debug)]
pub struct Logging {
    _writer: WorkerGuard,
}

/// Where a data folder's logs lie.
pub fn logs_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("logs")
}

/// Begins to log. `make`: also where there is no data folder yet.
/// A log that can't be written keeps nothing from being done.
pub fn begin_logs(data_dir: &Path, make: bool) -> Option<Logging> {
    if !make && !data_dir.is_dir() {
        return None;
    }
    let folder = logs_folder(data_dir);
    make_private_folder(&folder).ok()?;
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("offload")
        .filename_suffix("log")
        .max_log_files(KEPT_DAYS)
        .build(&folder)
        .ok()?;
    let (writer, guard) = tracing_appender::non_blocking(file);
    let filter = std::env::var("OFFLOAD_LOG").ok().and_then(|words| EnvFilter::try_new(words).ok());
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|| EnvFilter::new(USUAL)))
        .with_ansi(false)
        .with_writer(writer)
        .try_init()
        .ok()?;
    Some(Logging { _writer: guard })
}
