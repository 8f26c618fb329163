//! The files table: one row, one version of one path. Every change of state is compare-and-set on the old one.

use super::error::LedgerError;
use super::observe::Settling;
use super::stat_of;
use super::state::{self, Move};
use crate::cause::Cause;
use crate::watch::name::path_from_bytes;
use crate::watch::stat::Stat;
use offload_protocol::view::State;
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

pub(super) const WORK: &str = "f.id, f.file_id, f.source_id, f.local, f.path, f.size, f.mtime_ns, f.still_ms, f.attempts, f.repeats, f.current, f.supersedes";

pub(super) fn work(row: &Row<'_>) -> rusqlite::Result<Work> {
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

pub(super) fn fresh_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// SQLite keeps signed integers; a file of over 8 EiB does not exist.
pub(super) fn bytes(size: u64) -> i64 {
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

pub(super) fn one(rows: usize, id: i64, expected: State) -> Result<(), LedgerError> {
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

/// The machine's clock was set: what the ledger waits for by that clock moves with it.
pub fn shift_clock(db: &Connection, by_ms: i64) -> Result<usize, LedgerError> {
    Ok(db
        .prepare_cached(
            "UPDATE files SET due_ms = due_ms + ?1, still_ms = CASE WHEN state = 'settling' THEN still_ms + ?1 ELSE still_ms END
             WHERE due_ms IS NOT NULL AND state IN ('settling', 'waiting', 'uploaded')",
        )?
        .execute([by_ms])?)
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

/// Keeps count of tries: `attempts` in all, `repeats` of sending again what should have been there.
pub fn count(db: &Connection, id: i64, attempts: u32, repeats: u32) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET attempts = ?2, repeats = ?3 WHERE id = ?1")?
        .execute(params![id, attempts, repeats])?;
    Ok(())
}

/// One more try was in vain.
pub fn add_attempt(db: &Connection, id: i64) -> Result<(), LedgerError> {
    db.prepare_cached("UPDATE files SET attempts = attempts + 1 WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The path and state of one row.
pub fn look_up(db: &Connection, id: i64) -> Result<Option<(Work, State)>, LedgerError> {
    let sql = format!("SELECT {WORK}, f.state FROM files f WHERE f.id = ?1");
    Ok(db.prepare_cached(&sql)?.query_row([id], |row| Ok((work(row)?, state_of(row, 12)?))).optional()?)
}
