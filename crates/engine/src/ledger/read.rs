//! What windows and terminals read: pages, stories, one row.

use super::attempts;
use super::error::LedgerError;
use super::files::state_of;
use super::page as pages;
pub use super::page::page;
use crate::media::thumbnail::ThumbnailSource;
use crate::watch::name::{path_from_bytes, shown};
use offload_protocol::view::{FileRow, Filter, State, Story, Version};
use rusqlite::{Connection, Row};

/// Rows that are read by their numbers at most.
pub const ROWS: usize = 1000;

const COLUMNS: &str = "f.id, f.file_id, f.source_id, f.path, f.size, f.mtime_ns, f.state, f.code, f.reason, f.hint, f.sha256, f.key, f.etag, \
                       f.attempts, f.due_ms, f.uploaded_ms, f.confirmed_ms, f.changed_ms, f.current, f.supersedes";

fn row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let state = state_of(row, 6)?;
    let due: Option<i64> = row.get(14)?;
    Ok(FileRow {
        id: row.get(0)?,
        file_id: row.get(1)?,
        source_id: row.get(2)?,
        path: row.get(3)?,
        size: row.get::<_, i64>(4)?.unsigned_abs(),
        modified_ms: row.get::<_, i64>(5)?.div_euclid(1_000_000),
        state,
        code: row.get(7)?,
        reason: row.get(8)?,
        hint: row.get(9)?,
        sha256: row.get(10)?,
        key: row.get(11)?,
        etag: row.get(12)?,
        attempts: row.get(13)?,
        retry_at_ms: due.filter(|_| matches!(state, State::Waiting | State::Uploaded)),
        uploaded_at_ms: row.get(15)?,
        confirmed_at_ms: row.get(16)?,
        changed_at_ms: row.get(17)?,
        current: row.get(18)?,
        supersedes: row.get(19)?,
        sent: None,
    })
}

/// Rows by their numbers, for a window that heard they changed.
pub fn rows(db: &Connection, ids: &[i64]) -> Result<Vec<FileRow>, LedgerError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM files f WHERE f.id = ?1"))?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        for file in statement.query_map([id], row)? {
            found.push(file?);
        }
    }
    Ok(found)
}

/// Hands every file of a filter on, in the order they were first seen, all of one moment. For exports: nothing is gathered.
pub fn each<E: From<LedgerError>>(
    db: &Connection,
    filter: &Filter,
    mut take: impl FnMut(FileRow) -> Result<(), E>,
) -> Result<(), E> {
    let mut values = Vec::new();
    let condition = pages::conditions(filter, &mut values);
    let sql = format!("SELECT {COLUMNS} FROM files f WHERE {condition} ORDER BY f.id");
    let mut statement = db.prepare(&sql).map_err(LedgerError::from)?;
    for file in statement.query_map(rusqlite::params_from_iter(values), row).map_err(LedgerError::from)? {
        take(file.map_err(LedgerError::from)?)?;
    }
    Ok(())
}

/// What stood in the way of the file that was tried last, of those still to be sent or confirmed.
pub fn last_reason(db: &Connection) -> Result<Option<(Option<String>, String)>, LedgerError> {
    use rusqlite::OptionalExtension;
    let found: Option<(Option<String>, String, Option<String>)> = db
        .prepare_cached(
            "SELECT code, reason, hint FROM files WHERE due_ms IS NOT NULL AND reason IS NOT NULL
             AND state IN ('queued', 'waiting', 'uploaded') ORDER BY changed_ms DESC LIMIT 1",
        )?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(found
        .map(|(code, reason, hint)| (code, hint.map_or_else(|| reason.clone(), |hint| format!("{reason}; {hint}")))))
}

/// All versions of one absolute path, in all sources, newest first.
pub fn story(db: &Connection, local: &[u8]) -> Result<Option<Story>, LedgerError> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} FROM files f WHERE f.local = ?1 ORDER BY f.id DESC LIMIT 100"))?;
    let files: Vec<FileRow> = statement.query_map([local], row)?.collect::<Result<_, _>>()?;
    if files.is_empty() {
        return Ok(None);
    }
    let versions = files
        .into_iter()
        .map(|file| Ok(Version { attempts: attempts::of(db, file.id)?, file }))
        .collect::<Result<_, LedgerError>>()?;
    Ok(Some(Story { local_path: shown(&path_from_bytes(local)), versions }))
}

/// The story of the path that a row stands for.
pub fn story_of(db: &Connection, id: i64) -> Result<Option<Story>, LedgerError> {
    let Some(local) = local_path(db, id)? else { return Ok(None) };
    story(db, &local)
}

/// The absolute path of a row, as bytes.
pub fn local_path(db: &Connection, id: i64) -> Result<Option<Vec<u8>>, LedgerError> {
    use rusqlite::OptionalExtension;
    Ok(db.prepare_cached("SELECT local FROM files WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?)
}

/// What a row's thumbnail is made of.
pub fn thumbnail_source(db: &Connection, id: i64) -> Result<Option<ThumbnailSource>, LedgerError> {
    use rusqlite::OptionalExtension;
    let source = |row: &Row<'_>| {
        Ok(ThumbnailSource {
            path: path_from_bytes(row.get_ref(0)?.as_blob()?),
            file_id: row.get(1)?,
            size: row.get::<_, i64>(2)?.unsigned_abs(),
            mtime_ns: row.get(3)?,
        })
    };
    let mut statement = db.prepare_cached("SELECT local, file_id, size, mtime_ns FROM files WHERE id = ?1")?;
    Ok(statement.query_row([id], source).optional()?)
}
