//! The files table: one row, one version of one path. Every change of state is compare-and-set on the old one.

use super::error::LedgerError;
use super::observe::Settling;
use super::stat_of;
use super::state::{self, Move};
use crate::cause::{Cause, Code};
use crate::watch::name::path_from_bytes;
use crate::watch::stat::Stat;
use offload_protocol::view::State;
use offload_protocol::wire::Media;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::PathBuf;

/// Where a file lies: source, absolute path and the path inside the source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) source: i64,
    pub(super) local: &'a [u8],
    pub(super) path: &'a str,
}

/// A row that a worker or the settler works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    pub id: i64,
    pub file_id: String,
    pub source_id: i64,
    pub local: PathBuf,
    pub path: String,
    pub stat: Stat,
    /// Since when it stands still, milliseconds since 1970.
    pub still_since_ms: i64,
    pub attempts: u32,
    /// How often it had to be sent again since S3 didn't have it.
    pub repeats: u32,
    pub current: bool,
    pub supersedes: Option<String>,
}

const WORK: &str = "f.id, f.file_id, f.source_id, f.local, f.path, f.size, f.mtime_ns, f.still_ms, f.attempts, f.repeats, f.current, f.supersedes";

fn work(row: &Row<'_>) -> rusqlite::Result<Work> {
    Ok(Work {
        id: row.get(0)?,
        file_id: row.get(1)?,
        source_id: row.get(2)?,
        local: path_from_bytes(row.get_ref(3)?.as_blob()?),
        path: row.get(4)?,
        stat: stat_of(row.get::<_, i64>(5)?.unsigned_abs(), row.get(6)?),
        still_since_ms: row.get::<_, Option<i64>>(7)?.unwrap_or_default(),
        attempts: row.get(8)?,
        repeats: row.get(9)?,
        current: row.get(10)?,
        supersedes: row.get(11)?,
    })
}

/// Reads a state column.
pub(super) fn state_of(row: &Row<'_>, column: usize) -> rusqlite::Result<State> {
    let word = row.get_ref(column)?.as_str()?;
    State::parse(word).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            format!("`{word}` is no state of a file").into(),
        )
    })
}

fn fresh_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// SQLite keeps signed integers; a file of over 8 EiB does not exist.
fn bytes(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(super) fn insert(
    db: &Connection,
    place: &Place<'_>,
    stat: &Stat,
    state: State,
    supersedes: Option<&str>,
    cause: Option<&Cause>,
    rules: Settling,
) -> Result<i64, LedgerError> {
    let due = (state == State::Settling).then_some(rules.now_ms + rules.still_ms);
    db.prepare_cached(
        "INSERT INTO files (file_id, source_id, local, path, size, mtime_ns, state, code, reason, hint, due_ms, still_ms, supersedes, created_ms, changed_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?12, ?12)",
    )?
    .execute(params![
        fresh_id(),
        place.source,
        place.local,
        place.path,
        bytes(stat.size),
        stat.mtime_ns,
        state.as_str(),
        cause.map(|cause| cause.code.as_str()),
        cause.map(|cause| &cause.message),
        cause.and_then(|cause| cause.hint.as_ref()),
        due,
        rules.now_ms,
        supersedes,
    ])?;
    Ok(db.last_insert_rowid())
}

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

/// Looks again at a row that no one changed, until it stands still.
pub fn resettle(
    db: &Connection,
    id: i64,
    from: State,
    cause: Option<&Cause>,
    rules: Settling,
) -> Result<(), LedgerError> {
    step_due(db, id, from, Move::Resettle, cause, rules.now_ms, Some(rules.now_ms + rules.still_ms)).map(drop)
}

/// What lies in S3 of a version that did not get through, for its story.
pub fn note_key(db: &Connection, id: i64, key: &str) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET key = ?2 WHERE id = ?1 AND uploaded_ms IS NULL")?.execute(params![id, key])?;
    Ok(())
}

/// Makes one legal move; `cause` is what the row says of itself from now on (`None` clears it).
pub fn step(
    db: &Connection,
    id: i64,
    from: State,
    by: Move,
    cause: Option<&Cause>,
    now_ms: i64,
) -> Result<State, LedgerError> {
    step_due(db, id, from, by, cause, now_ms, None)
}

/// As `step`, with the time the row is due at in its new state.
pub fn step_due(
    db: &Connection,
    id: i64,
    from: State,
    by: Move,
    cause: Option<&Cause>,
    now_ms: i64,
    due_ms: Option<i64>,
) -> Result<State, LedgerError> {
    let to = state::after(from, by).ok_or(LedgerError::Moved { id, expected: from })?;
    let due = match to {
        State::Settling | State::Queued | State::Waiting | State::Uploaded => Some(due_ms.unwrap_or(now_ms)),
        State::Uploading | State::Confirmed | State::Failed | State::Skipped | State::Missing => None,
    };
    let rows = db
        .prepare_cached(
            "UPDATE files SET state = ?3, code = ?4, reason = ?5, hint = ?6, due_ms = ?7, changed_ms = ?8,
             still_ms = CASE WHEN ?3 = 'settling' THEN ?8 ELSE still_ms END WHERE id = ?1 AND state = ?2",
        )?
        .execute(params![
            id,
            from.as_str(),
            to.as_str(),
            cause.map(|cause| cause.code.as_str()),
            cause.map(|cause| &cause.message),
            cause.and_then(|cause| cause.hint.as_ref()),
            due,
            now_ms
        ])?;
    one(rows, id, from)?;
    Ok(to)
}

fn one(rows: usize, id: i64, expected: State) -> Result<(), LedgerError> {
    if rows == 1 { Ok(()) } else { Err(LedgerError::Moved { id, expected }) }
}

/// Rows of a state that are due, soonest first.
pub fn due(db: &Connection, state: State, now_ms: i64, limit: u32) -> Result<Vec<Work>, LedgerError> {
    let sql = format!("SELECT {WORK} FROM files f WHERE f.state = ?1 AND f.due_ms <= ?2 ORDER BY f.due_ms LIMIT ?3");
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![state.as_str(), now_ms, limit], work)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next row of a state is due; `None` where there is none.
pub fn next_due(db: &Connection, state: State) -> Result<Option<i64>, LedgerError> {
    Ok(db
        .prepare_cached("SELECT min(due_ms) FROM files WHERE state = ?1 AND due_ms IS NOT NULL")?
        .query_row([state.as_str()], |row| row.get(0))?)
}

/// A time that lies further ahead than any pause we ever set comes from a clock that was wrong; it is brought back.
pub fn tame_due(db: &Connection, now_ms: i64, furthest_ms: i64) -> Result<usize, LedgerError> {
    Ok(db
        .prepare_cached(
            "UPDATE files SET due_ms = ?1 WHERE due_ms > ?1 + ?2 AND state IN ('settling', 'waiting', 'uploaded')",
        )?
        .execute([now_ms, furthest_ms])?)
}

/// The settling file stood still.
pub fn settled(db: &Connection, id: i64, stat: &Stat, now_ms: i64) -> Result<(), LedgerError> {
    let rows = db
        .prepare_cached(
            "UPDATE files SET state = 'queued', code = NULL, reason = NULL, hint = NULL, due_ms = ?4, changed_ms = ?4
             WHERE id = ?1 AND state = 'settling' AND size = ?2 AND mtime_ns = ?3",
        )?
        .execute(params![id, bytes(stat.size), stat.mtime_ns, now_ms])?;
    one(rows, id, State::Settling)
}

/// A settling file that stands as it did is looked at again later.
pub fn settle_later(
    db: &Connection,
    id: i64,
    still_since_ms: i64,
    due_ms: i64,
    now_ms: i64,
) -> Result<(), LedgerError> {
    let rows = db
        .prepare_cached(
            "UPDATE files SET still_ms = ?2, due_ms = ?3, changed_ms = ?4 WHERE id = ?1 AND state = 'settling'",
        )?
        .execute(params![id, still_since_ms, due_ms, now_ms])?;
    one(rows, id, State::Settling)
}

/// Waiting rows whose time has come go back to the queue; how many.
pub fn wake_waiting(db: &Connection, now_ms: i64, limit: u32) -> Result<usize, LedgerError> {
    Ok(db
        .prepare_cached(
            "UPDATE files SET state = 'queued', due_ms = ?1, changed_ms = ?1 WHERE id IN
             (SELECT id FROM files WHERE state = 'waiting' AND due_ms <= ?1 ORDER BY due_ms LIMIT ?2)",
        )?
        .execute(params![now_ms, limit])?)
}

/// Takes up to `limit` rows off the queue, in turns among the sources that may send now (`only`: and are named).
pub fn claim(db: &Connection, limit: u32, only: Option<&[i64]>, now_ms: i64) -> Result<Vec<Work>, LedgerError> {
    let mut sources: Vec<i64> = db
        .prepare_cached(
            "SELECT s.id FROM sources s JOIN totals t ON t.source_id = s.id AND t.state = 'queued' AND t.files > 0
             WHERE s.paused = 0 AND s.away IS NULL AND s.removed_ms IS NULL ORDER BY s.kind, s.id",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    sources.retain(|source| only.is_none_or(|only| only.contains(source)));
    let mut claimed = Vec::new();
    let mut left = limit;
    for (source, sources_left) in sources.iter().zip((1..=u32::try_from(sources.len()).unwrap_or(u32::MAX)).rev()) {
        let share = left.div_ceil(sources_left);
        let sql = format!(
            "SELECT {WORK} FROM files f WHERE f.source_id = ?1 AND f.state = 'queued' ORDER BY f.due_ms LIMIT ?2"
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows: Vec<Work> = statement.query_map(params![source, share], work)?.collect::<Result<_, _>>()?;
        for row in rows {
            step(db, row.id, State::Queued, Move::Claim, None, now_ms)?;
            db.prepare_cached("UPDATE files SET claimed = 1 WHERE id = ?1")?.execute([row.id])?;
            left -= 1;
            claimed.push(row);
        }
    }
    Ok(claimed)
}

/// What is known once the bytes are in S3.
#[derive(Debug, Clone)]
pub struct Stored {
    pub key: String,
    pub etag: Option<String>,
    pub sha256: String,
    pub media: Media,
}

/// Uploading to uploaded, with all that the confirmation needs.
pub fn store(db: &Connection, id: i64, stored: &Stored, now_ms: i64) -> Result<(), LedgerError> {
    step(db, id, State::Uploading, Move::Store, None, now_ms)?;
    let media = serde_json::to_string(&stored.media).unwrap_or_default();
    db.prepare_cached("UPDATE files SET key = ?2, etag = ?3, sha256 = ?4, media = ?5, uploaded_ms = ?6 WHERE id = ?1")?
        .execute(params![id, stored.key, stored.etag, stored.sha256, media, now_ms])?;
    Ok(())
}

/// A row to be confirmed.
#[derive(Debug, Clone)]
pub struct ToConfirm {
    pub id: i64,
    pub file_id: String,
    pub size: u64,
    pub stored: Stored,
    pub attempts: u32,
    pub repeats: u32,
}

/// Uploaded rows whose confirmation is due, soonest first.
pub fn to_confirm(db: &Connection, now_ms: i64, limit: u32) -> Result<Vec<ToConfirm>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT id, file_id, size, key, etag, sha256, media, attempts, repeats FROM files
         WHERE state = 'uploaded' AND due_ms <= ?1 ORDER BY due_ms LIMIT ?2",
    )?;
    let rows = statement.query_map(params![now_ms, limit], |row| {
        let media: Option<String> = row.get(6)?;
        Ok(ToConfirm {
            id: row.get(0)?,
            file_id: row.get(1)?,
            size: row.get::<_, i64>(2)?.unsigned_abs(),
            stored: Stored {
                key: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                etag: row.get(4)?,
                sha256: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                media: media.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            },
            attempts: row.get(7)?,
            repeats: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Uploaded to confirmed.
pub fn confirm(db: &Connection, id: i64, now_ms: i64) -> Result<(), LedgerError> {
    step(db, id, State::Uploaded, Move::Confirm, None, now_ms)?;
    db.prepare_cached("UPDATE files SET confirmed_ms = ?2 WHERE id = ?1")?.execute([id, now_ms])?;
    Ok(())
}

/// The confirmation alone is tried again later; the row stays `uploaded` and says why.
pub fn confirm_later(db: &Connection, id: i64, cause: &Cause, due_ms: i64, attempts: u32) -> Result<(), LedgerError> {
    let rows = db
        .prepare_cached(
            "UPDATE files SET due_ms = ?2, code = ?3, reason = ?4, hint = ?5, attempts = ?6 WHERE id = ?1 AND state = 'uploaded'",
        )?
        .execute(params![id, due_ms, cause.code.as_str(), cause.message, cause.hint, attempts])?;
    one(rows, id, State::Uploaded)
}

/// Keeps count of tries: `attempts` in all, `repeats` of sending again what should have been there.
pub fn count(db: &Connection, id: i64, attempts: u32, repeats: u32) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET attempts = ?2, repeats = ?3 WHERE id = ?1")?
        .execute(params![id, attempts, repeats])?;
    Ok(())
}

/// After a restart: what a worker had is back in the queue. How many.
pub fn release_in_flight(db: &Connection, now_ms: i64) -> Result<usize, LedgerError> {
    Ok(db.execute(
        "UPDATE files SET state = 'queued', due_ms = ?1, changed_ms = ?1 WHERE state = 'uploading'",
        [now_ms],
    )?)
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

/// One more try was in vain.
pub fn add_attempt(db: &Connection, id: i64) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET attempts = attempts + 1 WHERE id = ?1")?.execute([id])?;
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

/// Sets rows back to the queue for another try by a person's wish; how many.
pub fn retry(db: &Connection, which: &str, argument: i64, now_ms: i64) -> Result<u64, LedgerError> {
    let sql = format!(
        "UPDATE files SET state = 'queued', code = NULL, reason = NULL, hint = NULL, due_ms = ?1, attempts = 0, repeats = 0, changed_ms = ?1
         WHERE state IN ('failed', 'waiting') AND (current = 1 OR uploaded_ms IS NOT NULL) AND {which}"
    );
    let sent = db.execute(&sql, [now_ms, argument])?;
    // A confirmation that waits for its next try goes at once.
    let sql = format!("UPDATE files SET due_ms = ?1 WHERE state = 'uploaded' AND due_ms > ?1 AND {which}");
    let told = db.execute(&sql, [now_ms, argument])?;
    Ok((sent + told) as u64)
}

/// Skips all of a source's files that are not in S3 yet; how many.
pub fn skip_all(db: &Connection, source: i64, cause: &Cause, now_ms: i64) -> Result<usize, LedgerError> {
    Ok(db.execute(
        "UPDATE files SET state = 'skipped', code = ?2, reason = ?3, hint = ?4, due_ms = NULL, changed_ms = ?5
         WHERE source_id = ?1 AND state IN ('settling', 'queued', 'uploading', 'waiting', 'failed', 'missing')",
        params![source, cause.code.as_str(), cause.message, cause.hint, now_ms],
    )?)
}

/// What was cancelled goes on: for a batch that is given again.
pub fn rows_to_look_at_again(
    db: &Connection,
    source: i64,
    after: i64,
    limit: u32,
) -> Result<Vec<(Work, State, Option<Code>)>, LedgerError> {
    let sql = format!(
        "SELECT {WORK}, f.state, f.code FROM files f WHERE f.source_id = ?1 AND f.state IN ('failed', 'skipped', 'waiting', 'queued')
         AND f.current = 1 AND f.id > ?2 ORDER BY f.id LIMIT ?3"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params![source, after, limit], |row| {
        Ok((work(row)?, state_of(row, 12)?, row.get_ref(13)?.as_str_or_null()?.and_then(Code::parse)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes a row away that stood for an obstacle which is gone.
pub fn forget_obstacle(db: &Connection, id: i64) -> Result<(), LedgerError> {
    db.execute("DELETE FROM files WHERE id = ?1 AND state IN ('failed', 'skipped') AND uploaded_ms IS NULL", [id])?;
    Ok(())
}

/// The path and state of one row.
pub fn look_up(db: &Connection, id: i64) -> Result<Option<(Work, State)>, LedgerError> {
    let sql = format!("SELECT {WORK}, f.state FROM files f WHERE f.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], |row| Ok((work(row)?, state_of(row, 12)?))).optional()?)
}
