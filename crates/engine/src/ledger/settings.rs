//! What outlives the engine beside files and sources: a few named values.

use super::error::LedgerError;
use rusqlite::{Connection, OptionalExtension};

/// There while everything is paused by the person: the time until which, or `1`.
const PAUSED: &str = "paused";

/// There while a person waived the daily pause: until when, in milliseconds since 1970.
pub const DAILY_WAIVED: &str = "daily_waived";

/// Everything is paused by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Milliseconds since 1970; `None`: until resumed.
    pub until_ms: Option<i64>,
}

impl Pause {
    /// Whether its time has come to an end.
    pub const fn is_over(self, now_ms: i64) -> bool {
        matches!(self.until_ms, Some(until_ms) if until_ms <= now_ms)
    }
}

/// The person's pause of everything, where there is one; its time may be over.
pub fn pause(db: &Connection) -> Result<Option<Pause>, LedgerError> {
    let until = |word: String| word.parse().ok().filter(|until_ms: &i64| *until_ms > 1);
    Ok(get(db, PAUSED)?.map(|word| Pause { until_ms: until(word) }))
}

/// Pauses everything, or (`None`) resumes it.
pub fn set_pause(db: &Connection, pause: Option<Pause>) -> Result<(), LedgerError> {
    let word = pause.map(|pause| pause.until_ms.map_or_else(|| "1".into(), |until_ms| until_ms.to_string()));
    set(db, PAUSED, word.as_deref())
}

/// Reads a setting of the engine that outlives it.
pub fn get(db: &Connection, name: &str) -> Result<Option<String>, LedgerError> {
    Ok(db
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?)
}

/// Writes a setting; `None` takes it away.
pub fn set(db: &Connection, name: &str, value: Option<&str>) -> Result<(), LedgerError> {
    match value {
        Some(value) => db.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)", [name, value])?,
        None => db.execute("DELETE FROM settings WHERE name = ?1", [name])?,
    };
    Ok(())
}
