//! What the reference backend knows: which key it gave to which file, and what was confirmed. Durable.

use crate::shelf::Seen;
use offload_protocol::wire::{CompleteFile, Media, PresignFile};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Everything the backend knows of one `file_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub account: String,
    pub file_id: String,
    /// Where the bytes are: the key of `complete`, else the one that was given at presign.
    pub key: String,
    pub filename: String,
    pub path: String,
    pub source: String,
    pub size: u64,
    pub content_type: String,
    pub sha256: String,
    pub modified_at: String,
    pub supersedes: Option<String>,
    /// As the client reported it.
    pub etag: Option<String>,
    pub media: Media,
    /// RFC 3339, of the first confirmation; `None`: presigned only.
    pub confirmed_at: Option<String>,
    /// How often a form (or a `SKIP`) was given.
    pub presigns: u64,
    /// How often `complete` was answered with `confirmed: true`.
    pub completes: u64,
}

impl Record {
    pub fn is_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}

/// The table of records. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    database: Arc<Mutex<Connection>>,
}

const COLUMNS: &str =
    "account, file_id, key, filename, path, source, size, content_type, sha256, modified_at, supersedes, etag,
    media, confirmed_at, presigns, completes";

/// Opens a database that survives the end of the process at any moment (not a power cut, which costs the last rows).
pub(crate) fn open_database(path: &Path) -> rusqlite::Result<Connection> {
    let database = Connection::open(path)?;
    database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;")?;
    Ok(database)
}

impl Records {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let database = open_database(path)?;
        database.execute_batch(
            "CREATE TABLE IF NOT EXISTS records (account TEXT NOT NULL, file_id TEXT NOT NULL, key TEXT NOT NULL,
               filename TEXT NOT NULL, path TEXT NOT NULL, source TEXT NOT NULL, size INTEGER NOT NULL,
               content_type TEXT NOT NULL, sha256 TEXT NOT NULL, modified_at TEXT NOT NULL, supersedes TEXT, etag TEXT,
               media TEXT NOT NULL DEFAULT '{}', confirmed_at TEXT, presigns INTEGER NOT NULL, completes INTEGER NOT NULL,
               PRIMARY KEY (account, file_id)) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS arrivals (key TEXT PRIMARY KEY, size INTEGER NOT NULL, etag TEXT, sha256 TEXT) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS records_by_content ON records (account, sha256);
             CREATE INDEX IF NOT EXISTS records_by_key ON records (key);",
        )?;
        Ok(Self { database: Arc::new(Mutex::new(database)) })
    }

    fn database(&self) -> MutexGuard<'_, Connection> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn find(&self, account: &str, file_id: &str) -> rusqlite::Result<Option<Record>> {
        let database = self.database();
        let mut query =
            database.prepare_cached(&format!("SELECT {COLUMNS} FROM records WHERE account = ? AND file_id = ?"))?;
        query.query_row([account, file_id], record_of_row).optional()
    }

    /// The path of the first file with this key, or of the file with this `file_id`; for faults that are meant for a path.
    pub(crate) fn path_of(&self, key_or_id: &str) -> rusqlite::Result<Option<String>> {
        self.database()
            .prepare_cached(
                "SELECT path FROM records WHERE key = ?1 UNION ALL SELECT path FROM records WHERE file_id = ?1 LIMIT 1",
            )?
            .query_row([key_or_id], |row| row.get(0))
            .optional()
    }

    /// The key under which these bytes, of this path and source, were confirmed for another `file_id`.
    pub(crate) fn find_same(&self, account: &str, file: &PresignFile) -> rusqlite::Result<Option<String>> {
        self.database()
            .prepare_cached(
                "SELECT key FROM records WHERE account = ? AND sha256 = ? AND size = ? AND path = ? AND source = ?
                   AND file_id <> ? AND confirmed_at IS NOT NULL LIMIT 1",
            )?
            .query_row(
                params![account, file.sha256, file.size.cast_signed(), file.path, file.source, file.file_id],
                |row| row.get(0),
            )
            .optional()
    }

    /// Whether these bytes were confirmed under this key for any `file_id`, so that a `SKIP` may point there.
    pub(crate) fn holds(&self, account: &str, sha256: &str, size: u64, key: &str) -> rusqlite::Result<bool> {
        self.database()
            .prepare_cached(
                "SELECT 1 FROM records WHERE account = ? AND sha256 = ? AND size = ? AND key = ? AND confirmed_at IS NOT NULL",
            )?
            .exists(params![account, sha256, size.cast_signed(), key])
    }

    /// Notes that a form or a `SKIP` was given. The key of the first time stays.
    pub(crate) fn presigned(&self, account: &str, file: &PresignFile, key: &str) -> rusqlite::Result<()> {
        self.database()
            .prepare_cached(
                "INSERT INTO records (account, file_id, key, filename, path, source, size, content_type, sha256, modified_at,
                   supersedes, presigns, completes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 0)
                 ON CONFLICT DO UPDATE SET presigns = presigns + 1, size = excluded.size, sha256 = excluded.sha256,
                   path = excluded.path, filename = excluded.filename, source = excluded.source,
                   content_type = excluded.content_type, modified_at = excluded.modified_at, supersedes = excluded.supersedes",
            )?
            .execute(params![
                account,
                file.file_id,
                key,
                file.filename,
                file.path,
                file.source,
                file.size.cast_signed(),
                file.content_type,
                file.sha256,
                file.modified_at,
                file.supersedes
            ])?;
        Ok(())
    }

    /// Notes a confirmation; an upsert, the time of the first one stays.
    pub(crate) fn confirmed(&self, account: &str, file: &CompleteFile, at: &str) -> rusqlite::Result<()> {
        let media = serde_json::to_string(&file.media).unwrap_or_else(|_| "{}".to_owned());
        self.database()
            .prepare_cached(
                "UPDATE records SET key = ?, size = ?, sha256 = ?, etag = coalesce(?, etag), media = ?,
                   confirmed_at = coalesce(confirmed_at, ?), completes = completes + 1 WHERE account = ? AND file_id = ?",
            )?
            .execute(params![file.key, file.size.cast_signed(), file.sha256, file.etag, media, at, account, file.file_id])?;
        Ok(())
    }

    /// Notes what S3 told of an object.
    pub(crate) fn arrived(&self, key: &str, seen: &Seen) -> rusqlite::Result<()> {
        self.database()
            .prepare_cached("INSERT OR REPLACE INTO arrivals (key, size, etag, sha256) VALUES (?, ?, ?, ?)")?
            .execute(params![key, seen.size.cast_signed(), seen.etag, seen.sha256])?;
        Ok(())
    }

    /// What S3 told of an object; `None`: nothing so far.
    pub(crate) fn arrival(&self, key: &str) -> rusqlite::Result<Option<Seen>> {
        self.database()
            .prepare_cached("SELECT size, etag, sha256 FROM arrivals WHERE key = ?")?
            .query_row([key], |row| {
                Ok(Seen { size: row.get::<_, i64>(0)?.cast_unsigned(), etag: row.get(1)?, sha256: row.get(2)? })
            })
            .optional()
    }

    /// All records by `file_id`, or only those that were confirmed.
    pub(crate) fn all(&self, confirmed_only: bool) -> rusqlite::Result<Vec<Record>> {
        let database = self.database();
        let mut query = database.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM records WHERE confirmed_at IS NOT NULL OR NOT ? ORDER BY file_id"
        ))?;
        query.query_map([confirmed_only], record_of_row)?.collect()
    }
}

fn record_of_row(row: &Row<'_>) -> rusqlite::Result<Record> {
    let media: String = row.get(12)?;
    Ok(Record {
        account: row.get(0)?,
        file_id: row.get(1)?,
        key: row.get(2)?,
        filename: row.get(3)?,
        path: row.get(4)?,
        source: row.get(5)?,
        size: row.get::<_, i64>(6)?.cast_unsigned(),
        content_type: row.get(7)?,
        sha256: row.get(8)?,
        modified_at: row.get(9)?,
        supersedes: row.get(10)?,
        etag: row.get(11)?,
        media: serde_json::from_str(&media).unwrap_or_default(),
        confirmed_at: row.get(13)?,
        presigns: row.get::<_, i64>(14)?.cast_unsigned(),
        completes: row.get::<_, i64>(15)?.cast_unsigned(),
    })
}
