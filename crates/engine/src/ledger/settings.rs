//! What outlives the engine beside files and sources: a few named values.

use super::error::LedgerError;
use rusqlite::{Connection, OptionalExtension};

/// There while everything is paused by the person.
pub const PAUSED: &str = "paused";

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
