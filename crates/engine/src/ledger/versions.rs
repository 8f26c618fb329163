//! Versions of one path: what becomes of a row when the file on disk is not what it was.

use super::error::LedgerError;
use super::files::{Place, bytes, fresh_id, insert, step};
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
             due_ms = ?6, still_ms = ?7, sha256 = NULL, key = NULL, etag = NULL, media = NULL, attempts = 0, repeats = 0, changed_ms = ?7, ctime_ns = ?9
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
            from.as_str(),
            stat.ctime_ns
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

/// The row of the version that was sent before a new one, where it has the same bytes and is not lost.
pub fn same_bytes_before(
    db: &Connection,
    supersedes: &str,
    sha256: &str,
    size: u64,
) -> Result<Option<i64>, LedgerError> {
    let before =
        sent_before(db, supersedes)?.filter(|before| before.sha256.as_deref() == Some(sha256) && before.size == size);
    let Some(before) = before else { return Ok(None) };
    let stands = db
        .prepare_cached("SELECT 1 FROM files WHERE id = ?1 AND state IN ('uploaded', 'confirmed')")?
        .exists([before.id])?;
    Ok(stands.then_some(before.id))
}

/// A file was only touched: the row of its new time gives way to the version that was sent.
pub fn fold(db: &Connection, touched: i64, sent: i64, stat: &Stat, now_ms: i64) -> Result<(), LedgerError> {
    let gone: Option<(bool, String)> = db
        .prepare_cached(
            "DELETE FROM files WHERE id = ?1 AND state = 'uploading' AND attempts = 0 RETURNING current, file_id",
        )?
        .query_row([touched], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (current, file_id) = gone.ok_or(LedgerError::Moved { id: touched, expected: State::Uploading })?;
    db.prepare_cached("DELETE FROM attempts WHERE file = ?1")?.execute([touched])?;
    if current {
        db.prepare_cached("UPDATE files SET current = 1, mtime_ns = ?2, ctime_ns = ?3, changed_ms = ?4 WHERE id = ?1")?
            .execute(params![sent, stat.mtime_ns, stat.ctime_ns, now_ms])?;
    } else {
        // It changed once more meanwhile: the newer version now follows the one that was sent.
        db.prepare_cached(
            "UPDATE files SET supersedes = (SELECT file_id FROM files WHERE id = ?1) WHERE supersedes = ?2",
        )?
        .execute(params![sent, file_id])?;
    }
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

/// A file that was never sent is not there any more. Renamed or moved within its source it is no missing one: it is sent from
/// where it lies now. Told by size and mtime, which a rename keeps to the nanosecond.
pub fn lose(db: &Connection, id: i64, from: State, cause: &Cause, now_ms: i64) -> Result<(), LedgerError> {
    let elsewhere: Option<String> = db
        .prepare_cached(
            "SELECT there.path FROM files gone JOIN files there
               ON there.mtime_ns = gone.mtime_ns AND there.size = gone.size AND there.source_id = gone.source_id
             WHERE gone.id = ?1 AND there.id <> gone.id AND there.current = 1 AND there.state NOT IN ('missing', 'skipped') LIMIT 1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    match elsewhere {
        Some(path) => step(db, id, from, Move::Skip, Some(&moved_to(&path)), now_ms).map(drop),
        None => step(db, id, from, Move::Lose, Some(cause), now_ms).map(drop),
    }
}

fn moved_to(path: &str) -> Cause {
    Cause::new(Code::MovedElsewhere, format!("it was renamed or moved before it was sent; it is now {path}"))
}

/// A file came into sight: it may be one that seemed to be missing.
pub(super) fn found_again(
    db: &Connection,
    source: i64,
    path: &str,
    stat: &Stat,
    now_ms: i64,
) -> Result<(), LedgerError> {
    let any_missing = db
        .prepare_cached("SELECT 1 FROM totals WHERE source_id = ?1 AND state = 'missing' AND files > 0")?
        .exists([source])?;
    if !any_missing {
        return Ok(());
    }
    let missing: Option<i64> = db
        .prepare_cached(
            "SELECT id FROM files WHERE mtime_ns = ?1 AND size = ?2 AND source_id = ?3 AND state = 'missing' LIMIT 1",
        )?
        .query_row(params![stat.mtime_ns, bytes(stat.size), source], |row| row.get(0))
        .optional()?;
    match missing {
        Some(id) => step(db, id, State::Missing, Move::Skip, Some(&moved_to(path)), now_ms).map(drop),
        None => Ok(()),
    }
}

/// The nearest version that was sent, of those a version replaces: what lies between was never in S3.
pub fn sent_before(db: &Connection, supersedes: &str) -> Result<Option<SentBefore>, LedgerError> {
    Ok(db
        .prepare_cached(
            "WITH RECURSIVE line (id, file_id, supersedes, sha256, size, uploaded_ms, depth) AS (
               SELECT id, file_id, supersedes, sha256, size, uploaded_ms, 0 FROM files WHERE file_id = ?1
               UNION ALL
               SELECT f.id, f.file_id, f.supersedes, f.sha256, f.size, f.uploaded_ms, line.depth + 1
               FROM line JOIN files f ON f.file_id = line.supersedes WHERE line.uploaded_ms IS NULL AND line.depth < 1000
             ) SELECT id, file_id, sha256, size FROM line WHERE uploaded_ms IS NOT NULL LIMIT 1",
        )?
        .query_row([supersedes], |row| {
            Ok(SentBefore {
                id: row.get(0)?,
                file_id: row.get(1)?,
                sha256: row.get(2)?,
                size: row.get::<_, i64>(3)?.unsigned_abs(),
            })
        })
        .optional()?)
}

/// A version that is in S3, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBefore {
    pub id: i64,
    pub file_id: String,
    pub sha256: Option<String>,
    pub size: u64,
}
