//! Opening a ledger: one owner, never over a newer, damaged or foreign file.

use super::error::LedgerError;
use super::migrations::{APPLICATION_ID, MIGRATIONS, VERSION};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Above this size the whole check at the start would be felt; SQLite still reports damage where it meets it.
const WHOLE_CHECK_BYTES: u64 = 64 << 20;

pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("ledger.db")
}

/// Holds the lock that makes this process the ledger's owner; dropping it gives it up.
#[derive(Debug)]
pub(super) struct Ownership {
    _lock: File,
}

/// Makes the data folder (readable by its owner only) and takes the lock.
pub(super) fn own(dir: &Path) -> Result<Ownership, LedgerError> {
    let folder = |error| LedgerError::Folder { dir: dir.to_owned(), error };
    make_private_folder(dir).map_err(folder)?;
    let mut lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(dir.join("ledger.lock"))
        .map_err(folder)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(std::fs::TryLockError::WouldBlock) => {
            let mut text = String::new();
            // The owner's process number is only for the message; on Windows the locked file can't be read.
            let pid = lock.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
            return Err(LedgerError::Owned { dir: dir.to_owned(), pid });
        }
        Err(std::fs::TryLockError::Error(error)) => return Err(folder(error)),
    }
    let note_pid = |lock: &mut File| -> std::io::Result<()> {
        lock.set_len(0)?;
        lock.rewind()?;
        write!(lock, "{}", std::process::id())
    };
    // A full disk must not keep the engine from starting: the number is only for a message.
    if let Err(error) = note_pid(&mut lock) {
        tracing::warn!(%error, "could not note the process number in ledger.lock");
    }
    Ok(Ownership { _lock: lock })
}

/// Creates a folder that only its owner can read.
pub fn make_private_folder(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens the owner's connection; makes the ledger where there is none.
pub(super) fn open_owned(dir: &Path) -> Result<Connection, LedgerError> {
    let path = database(dir);
    if !path.exists() {
        create(dir, &path)?;
    }
    let mut connection = open_checked(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // WAL + NORMAL: a power cut may take back the last commits, never corrupt; what they said is found again by the scan.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    MIGRATIONS.to_latest(&mut connection)?;
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn open_reader(dir: &Path) -> Result<Connection, LedgerError> {
    let path = database(dir);
    if !path.exists() {
        return Err(LedgerError::Absent { dir: dir.to_owned() });
    }
    let connection = open_checked(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    Ok(connection)
}

/// A further reader of a ledger that was checked already.
pub(super) fn open_reader_unchecked(dir: &Path) -> Result<Connection, LedgerError> {
    let connection =
        Connection::open_with_flags(database(dir), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Makes the ledger beside its place and renames it there, so that an empty or half-made `ledger.db` is always a sign of damage.
fn create(dir: &Path, path: &Path) -> Result<(), LedgerError> {
    let fresh = dir.join("ledger.db.new");
    let folder = |error| LedgerError::Folder { dir: dir.to_owned(), error };
    for leftover in ["ledger.db.new", "ledger.db.new-journal", "ledger.db.new-wal", "ledger.db.new-shm"] {
        match std::fs::remove_file(dir.join(leftover)) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(folder(error)),
        }
    }
    // A log without its database belongs to a ledger that was taken away; replayed into a new one it would be damage.
    for orphan in ["ledger.db-wal", "ledger.db-shm"] {
        if dir.join(orphan).exists() {
            return Err(LedgerError::Damaged {
                path: path.to_owned(),
                detail: format!("the database file is gone, but its {orphan} is still there"),
            });
        }
    }
    let mut connection = Connection::open(&fresh)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    MIGRATIONS.to_latest(&mut connection)?;
    connection.close().map_err(|(_, error)| error)?;
    private_file(&fresh).map_err(folder)?;
    std::fs::rename(&fresh, path).map_err(folder)
}

#[cfg(unix)]
fn private_file(path: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn private_file(_path: &Path) -> std::io::Result<()> {
    Ok(()) // the user's profile folder is private there already
}

fn open_checked(path: &Path, flags: OpenFlags) -> Result<Connection, LedgerError> {
    let damaged = |detail: String| LedgerError::Damaged { path: path.to_owned(), detail };
    let length = std::fs::metadata(path).map_or(0, |found| found.len());
    if length == 0 {
        return Err(damaged("the file is empty".into()));
    }
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let read = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt) => damaged(error.to_string()),
        _ => LedgerError::Sqlite(error),
    };
    prepare(&connection).map_err(read)?;
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(read)?;
    if application != APPLICATION_ID {
        return Err(LedgerError::Foreign { path: path.to_owned() });
    }
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(read)?;
    if version > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found: version, known: VERSION });
    }
    if length <= WHOLE_CHECK_BYTES {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(read)?;
        if verdict != "ok" {
            return Err(damaged(verdict));
        }
    }
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), rusqlite::Error> {
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "cache_size", -8192)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What a savepoint keeps to take back, and what is sorted, stays in memory: else each group writes a file of its own.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{LedgerError, database, open_owned, open_reader, own};

    #[test]
    fn one_owner_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = own(dir.path()).unwrap();
        let second = own(dir.path()).unwrap_err();
        assert!(matches!(second, LedgerError::Owned { pid: Some(pid), .. } if pid == std::process::id()), "{second}");
        drop(first);
        own(dir.path()).unwrap();
    }

    #[test]
    fn a_newer_ledger_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        open_owned(dir.path()).unwrap().pragma_update(None, "user_version", 999).unwrap();
        let before = std::fs::read(database(dir.path())).unwrap();
        assert!(matches!(open_owned(dir.path()), Err(LedgerError::Newer { found: 999, .. })));
        assert!(matches!(open_reader(dir.path()), Err(LedgerError::Newer { .. })));
        assert_eq!(before, std::fs::read(database(dir.path())).unwrap());
    }

    #[test]
    fn damage_is_said_and_nothing_overwritten() {
        let whole = {
            let dir = tempfile::tempdir().unwrap();
            let connection = open_owned(dir.path()).unwrap();
            connection.execute("INSERT INTO settings VALUES ('a', hex(randomblob(20000)))", []).unwrap();
            connection.close().unwrap();
            std::fs::read(database(dir.path())).unwrap()
        };
        let mut scribbled = whole.clone();
        for byte in scribbled.iter_mut().skip(4096).take(3000) {
            *byte = 0xa5;
        }
        for (what, bytes) in [
            ("empty", Vec::new()),
            ("garbage", vec![0x42; 9000]),
            ("cut in half", whole[..whole.len() / 2].to_vec()),
            ("scribbled over", scribbled),
        ] {
            let dir = tempfile::tempdir().unwrap();
            std::fs::write(database(dir.path()), &bytes).unwrap();
            let error = open_owned(dir.path()).unwrap_err();
            assert!(matches!(error, LedgerError::Damaged { .. }), "{what}: {error:?}");
            assert!(error.hint().is_some());
            assert_eq!(bytes, std::fs::read(database(dir.path())).unwrap(), "{what}: was written to");
        }
    }

    #[test]
    fn somebody_elses_database_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let other = rusqlite::Connection::open(database(dir.path())).unwrap();
        other.execute_batch("CREATE TABLE songs (name TEXT)").unwrap();
        drop(other);
        assert!(matches!(open_owned(dir.path()), Err(LedgerError::Foreign { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_it() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let _own = own(&data).unwrap();
        open_owned(&data).unwrap();
        let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&data), 0o700);
        assert_eq!(mode(&database(&data)), 0o600);
    }
}
