//! Versions of one path: what becomes of a row when the file on disk is not what it was.

use super::error::LedgerError;
use super::files::{Place, bytes, fresh_id, insert, one, step};
use super::observe::Settling;
use super::state::{self, Move};
use crate::cause::{Cause, Code};
use crate::watch::stat::Stat;
use offload_protocol::view::State;
use rusqlite::{Connection, OptionalExtension, params};

/// The file is not as its row says, and these bytes were never seen in S3: the row becomes the version that is on disk now.
///
/// Once a worker had the row, something may lie in S3 under its name; then the old version stays as a skipped one, and the new
/// one gets a row of its own. Gives the row of the new version.
pub fn change(db: &Connection, id: i64, from: State, stat: &Stat, rules: Settling) -> Result<i64, LedgerError> {
    let to = state::after(from, Move::Resettle).ok_or(LedgerError::Moved { id, expected: from })?;
    let rows = db
        .prepare_cached(
            "UPDATE files SET file_id = ?2, size = ?3, mtime_ns = ?4, state = ?5, code = NULL, reason = NULL, hint = NULL,
             due_ms = ?6, still_ms = ?7, sha256 = NULL, key = NULL, etag = NULL, media = NULL, attempts = 0, repeats = 0, changed_ms = ?7
             WHERE id = ?1 AND state = ?8 AND claimed = 0",
        )?
        .execute(params![
            id,
            fresh_id(),
            bytes(stat.size),
            stat.mtime_ns,
            to.as_str(),
            rules.now_ms + rules.still_ms,
            rules.now_ms,
            from.as_str()
        ])?;
    if rows == 1 {
        return Ok(id);
    }
    supersede(db, id, from, stat, rules)
}

fn supersede(db: &Connection, id: i64, from: State, stat: &Stat, rules: Settling) -> Result<i64, LedgerError> {
    if from != State::Skipped {
        skip_superseded(db, id, from, rules.now_ms)?;
    }
    let old: Option<(i64, Vec<u8>, String, String)> = db
        .prepare_cached(
            "UPDATE files SET current = 0 WHERE id = ?1 AND current = 1 RETURNING source_id, local, path, file_id",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    // A look at the folder was quicker: the newer version has its row already.
    let Some((source, local, path, file_id)) = old else { return Ok(id) };
    insert(db, &Place { source, local: &local, path: &path }, stat, State::Settling, Some(&file_id), None, rules)
}

/// What lies in S3 of a version that did not get through, for its story.
pub fn note_key(db: &Connection, id: i64, key: &str) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET key = ?2 WHERE id = ?1 AND uploaded_ms IS NULL")?.execute(params![id, key])?;
    Ok(())
}

/// The version a new one replaces, where the same bytes were sent already: (row, state).
pub fn same_bytes_before(
    db: &Connection,
    supersedes: &str,
    sha256: &str,
    size: u64,
) -> Result<Option<i64>, LedgerError> {
    Ok(db
        .prepare_cached(
            "SELECT id FROM files WHERE file_id = ?1 AND sha256 = ?2 AND size = ?3 AND state IN ('uploaded', 'confirmed')",
        )?
        .query_row(params![supersedes, sha256, bytes(size)], |row| row.get(0))
        .optional()?)
}

/// A file was only touched: the row of its new time gives way to the version that was sent.
pub fn fold(db: &Connection, touched: i64, sent: i64, stat: &Stat, now_ms: i64) -> Result<(), LedgerError> {
    let rows = db
        .prepare_cached("DELETE FROM files WHERE id = ?1 AND state = 'uploading' AND attempts = 0")?
        .execute([touched])?;
    one(rows, touched, State::Uploading)?;
    db.prepare_cached("DELETE FROM attempts WHERE file = ?1")?.execute([touched])?;
    db.prepare_cached("UPDATE files SET current = 1, mtime_ns = ?2, changed_ms = ?3 WHERE id = ?1")?
        .execute(params![sent, stat.mtime_ns, now_ms])?;
    Ok(())
}

/// Whether a row is the latest version of its path.
pub fn is_current(db: &Connection, id: i64) -> Result<bool, LedgerError> {
    Ok(db.prepare_cached("SELECT 1 FROM files WHERE id = ?1 AND current = 1")?.exists([id])?)
}

/// An older version whose bytes are not on disk any more: the newer one is sent in its place.
pub fn skip_superseded(db: &Connection, id: i64, from: State, now_ms: i64) -> Result<(), LedgerError> {
    let cause = Cause::new(Code::Superseded, "a newer version took its place before this one was confirmed");
    step(db, id, from, Move::Skip, Some(&cause), now_ms).map(drop)
}

/// Whether a version was sent: then a later one tells the backend that it supersedes it.
pub fn was_sent(db: &Connection, file_id: &str) -> Result<bool, LedgerError> {
    Ok(db.prepare_cached("SELECT 1 FROM files WHERE file_id = ?1 AND uploaded_ms IS NOT NULL")?.exists([file_id])?)
}
