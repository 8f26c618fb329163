//! The ledger: every file that was seen, where it stands and why, in one SQLite file with one owner.

pub mod attempts;
pub mod editing;
mod error;
pub mod files;
mod migrations;
pub mod observe;
mod open;
pub mod outbox;
mod page;
pub mod queue;
pub mod read;
pub mod settings;
pub mod sources;
pub mod state;
pub mod stored;
#[cfg(test)]
mod tests;
pub mod versions;
mod writer;

pub use error::LedgerError;
pub use open::make_private_folder;

use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Connections that only read, beside the writer's.
const READERS: usize = 2;

/// Milliseconds since 1970 by the machine's clock.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A version as the ledger keeps it: without the inode, which is no part of it.
pub(crate) const fn stat_of(size: u64, mtime_ns: i64) -> crate::watch::stat::Stat {
    crate::watch::stat::Stat { size, mtime_ns, ctime_ns: None, id: None }
}

/// A ledger this process owns. Clones share it; the last one to go closes it.
#[derive(Debug, Clone)]
pub struct Ledger {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    identity: Option<crate::watch::stat::FileId>,
    // Fields drop in this order: the writer finishes what it accepted before the lock is given up.
    writer: writer::Writer,
    readers: Vec<Mutex<Connection>>,
    next: std::sync::atomic::AtomicUsize,
    commits: watch::Receiver<u64>,
    _ownership: open::Ownership,
}

impl Ledger {
    /// Opens the ledger in a data folder as its only owner, making both where they are not there yet.
    ///
    /// Blocking. Errors: another owner, a newer or damaged ledger (left as it is), a folder that can't be used.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        let ownership = open::own(dir)?;
        let connection = open::open_owned(dir)?;
        let released = queue::release_in_flight(&connection, now_ms())?;
        if released > 0 {
            tracing::info!(files = released, "put back in the queue after a stop in mid-upload");
        }
        let (commit, commits) = watch::channel(0u64);
        let writer = writer::Writer::start(connection, move || commit.send_modify(|count| *count += 1))
            .map_err(|error| LedgerError::Folder { dir: dir.to_owned(), error })?;
        let readers = (0..READERS)
            .map(|_| Ok(Mutex::new(open::open_reader_unchecked(dir)?)))
            .collect::<Result<_, LedgerError>>()?;
        Ok(Self {
            inner: Arc::new(Inner {
                dir: dir.to_owned(),
                identity: file_identity(&open::database(dir)),
                writer,
                readers,
                next: std::sync::atomic::AtomicUsize::new(0),
                commits,
                _ownership: ownership,
            }),
        })
    }

    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Whether the ledger's file is still the one that was opened. Blocking, one look.
    pub fn is_in_place(&self) -> bool {
        file_identity(&open::database(&self.inner.dir)) == self.inner.identity
    }

    /// Counts commits; a change means there may be something new to do or to show.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.inner.commits.clone()
    }

    /// Writes; answered after the commit.
    pub async fn write<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.inner.writer.write(operation).await
    }

    /// As `write`, for threads outside the runtime.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.inner.writer.write_blocking(operation)
    }

    /// Reads, off the runtime's threads.
    pub async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let ledger = self.clone();
        tokio::task::spawn_blocking(move || ledger.read_blocking(operation)).await.map_err(|_| LedgerError::Stopped)?
    }

    /// As `read`, for threads outside the runtime.
    pub fn read_blocking<T>(
        &self,
        operation: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let turn = self.inner.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % READERS;
        // A reader that panicked left nothing half-done: connections only read.
        let connection = self.inner.readers[turn].lock().unwrap_or_else(PoisonError::into_inner);
        operation(&connection)
    }
}

fn file_identity(path: &Path) -> Option<crate::watch::stat::FileId> {
    crate::watch::stat::file_id(&std::fs::metadata(path).ok()?)
}

/// A ledger that is only read, beside its owner or without one. Blocking.
#[derive(Debug)]
pub struct LedgerReader {
    connection: Connection,
}

impl LedgerReader {
    /// Opens the ledger in a data folder for reading. Errors: none there, newer, damaged.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        Ok(Self { connection: open::open_reader(dir)? })
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}
