//! Each try at sending or confirming a file: when, how long, how it ended.

use super::error::LedgerError;
use offload_protocol::view::Attempt;
use rusqlite::{Connection, params};

/// What a try was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Upload,
    Confirm,
}

/// Notes a try of a row.
pub fn note(
    db: &Connection,
    file: i64,
    step: Step,
    at_ms: i64,
    duration_ms: i64,
    outcome: &str,
    detail: Option<&str>,
) -> Result<(), LedgerError> {
    let step = match step {
        Step::Upload => "upload",
        Step::Confirm => "confirm",
    };
    db.prepare_cached(
        "INSERT INTO attempts (file, at_ms, duration_ms, step, outcome, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![file, at_ms, duration_ms, step, outcome, detail])?;
    Ok(())
}

/// Bytes a second that one upload has had of late: the middle of the last uploads of a megabyte and more, hashing and asking included.
/// `None`: there were none.
pub fn usual_speed(db: &Connection) -> Result<Option<u64>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT files.size * 1000 / attempts.duration_ms
         FROM (SELECT * FROM attempts ORDER BY id DESC LIMIT 500) AS attempts JOIN files ON files.id = attempts.file
         WHERE attempts.step = 'upload' AND attempts.outcome = 'ok' AND attempts.duration_ms > 0 AND files.size >= 1000000
         ORDER BY 1",
    )?;
    let speeds: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(speeds.get(speeds.len() / 2).map(|speed| speed.unsigned_abs()))
}

/// A row's tries, oldest first; of very many the last 200.
pub fn of(db: &Connection, file: i64) -> Result<Vec<Attempt>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM (SELECT id, at_ms, duration_ms, step, outcome, detail FROM attempts WHERE file = ?1 ORDER BY id DESC LIMIT 200) ORDER BY id",
    )?;
    let rows = statement.query_map([file], |row| {
        Ok(Attempt {
            at_ms: row.get(1)?,
            duration_ms: row.get(2)?,
            step: row.get(3)?,
            outcome: row.get(4)?,
            detail: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
