//! `logs/offload.….log` in the data folder: a file a day, the last seven kept, readable by its owner only.

use crate::setting::Setting;
use offload_engine::ledger::make_private_folder;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

const KEPT_DAYS: usize = 7;
/// Of other crates only what went wrong: some of them write whole requests at finer levels.
const USUAL: &str = "warn,offload=info,offload_engine=info";

/// Begins to log; what is returned writes the rest when it is dropped. `make`: also where there is no data folder yet.
/// A log that can't be written keeps nothing from being done.
pub(crate) fn begin(setting: &Setting, make: bool) -> Option<WorkerGuard> {
    if !make && !setting.dir.is_dir() {
        return None;
    }
    let folder = setting.dir.join("logs");
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
    Some(guard)
}
