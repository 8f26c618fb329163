//! From the bucket's yes to the backend's: what the confirmation needs, and its way.

use super::error::LedgerError;
use super::files::{one, step};
use super::state::Move;
use crate::cause::{Cause, Code};
use offload_protocol::view::State;
use offload_protocol::wire::Media;
use rusqlite::{Connection, params};

/// What is known once the bytes are in S3.
#[derive(Debug, Clone)]
pub struct Stored {
    pub key: String,
    pub etag: Option<String>,
    pub sha256: String,
    pub media: Media,
    /// Of the file when it was hashed; see `Stat::ctime_ns`.
    pub ctime_ns: Option<i64>,
}

/// Uploading to uploaded, with all that the confirmation needs.
pub fn store(db: &Connection, id: i64, stored: &Stored, now_ms: i64) -> Result<(), LedgerError> {
    step(db, id, State::Uploading, Move::Store, None, now_ms)?;
    let media = serde_json::to_string(&stored.media).unwrap_or_default();
    db.prepare_cached(
        "UPDATE files SET key = ?2, etag = ?3, sha256 = ?4, media = ?5, uploaded_ms = ?6, ctime_ns = ?7 WHERE id = ?1",
    )?
    .execute(params![id, stored.key, stored.etag, stored.sha256, media, now_ms, stored.ctime_ns])?;
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
    /// Since when it is in S3.
    pub uploaded_ms: i64,
    /// The backend said before that it is not done with it.
    pub pending: bool,
}

/// Uploaded rows whose confirmation is due, soonest first.
pub fn to_confirm(db: &Connection, now_ms: i64, limit: u32) -> Result<Vec<ToConfirm>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT id, file_id, size, key, etag, sha256, media, attempts, repeats, coalesce(uploaded_ms, changed_ms), code FROM files
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
                ctime_ns: None,
            },
            attempts: row.get(7)?,
            repeats: row.get(8)?,
            uploaded_ms: row.get(9)?,
            pending: row.get::<_, Option<String>>(10)?.as_deref() == Some(Code::BackendPending.as_str()),
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
