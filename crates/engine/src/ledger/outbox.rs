//! The outbox: one numbered row for each change of a file, written by the ledger's triggers in the same transaction.

use super::error::LedgerError;
use crate::progress::Ended;
use rusqlite::Connection;

/// Changes kept for windows that fall behind; one that missed more fetches anew.
const KEPT: i64 = 10_000;

/// Changes after a number: the last number read and the rows touched, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    pub seq: i64,
    pub ids: Vec<i64>,
}

/// Number of the latest change; 0 where there was none.
pub fn last(db: &Connection) -> Result<i64, LedgerError> {
    Ok(db
        .prepare_cached("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)")?
        .query_row([], |row| row.get(0))?)
}

/// Up to `limit` changes after `seq`.
pub fn after(db: &Connection, seq: i64, limit: u32) -> Result<Changes, LedgerError> {
    let mut statement = db.prepare_cached("SELECT seq, file FROM outbox WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = statement.query(rusqlite::params![seq, limit])?;
    let mut changes = Changes { seq, ids: Vec::new() };
    let mut seen = std::collections::HashSet::new();
    while let Some(row) = rows.next()? {
        changes.seq = row.get(0)?;
        let id = row.get(1)?;
        if seen.insert(id) {
            changes.ids.push(id);
        }
    }
    Ok(changes)
}

/// Files that came to an end between two numbers, and those that were taken up again; what a person ended counts for neither.
pub fn ended(db: &Connection, after: i64, last: i64) -> Result<Ended, LedgerError> {
    const PENDING: &str = "('settling', 'queued', 'uploading', 'uploaded', 'waiting')";
    let sql = format!(
        "SELECT o.now NOT IN {PENDING} AS done, count(*), coalesce(sum(f.size), 0)
         FROM outbox o JOIN files f ON f.id = o.file JOIN sources s ON s.id = f.source_id
         WHERE o.seq > ?1 AND o.seq <= ?2 AND s.removed_ms IS NULL AND s.cancelled_ms IS NULL
         AND (o.was IN {PENDING}) <> (o.now IN {PENDING}) AND o.was <> 'confirmed' GROUP BY done"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([after, last])?;
    let mut ended = Ended::default();
    while let Some(row) = rows.next()? {
        let (files, bytes) = (row.get::<_, i64>(1)?.unsigned_abs(), row.get::<_, i64>(2)?.unsigned_abs());
        if row.get(0)? {
            (ended.files, ended.bytes) = (files, bytes);
        } else {
            (ended.again_files, ended.again_bytes) = (files, bytes);
        }
    }
    Ok(ended)
}

/// Lets go of changes that nobody will ask for any more.
pub fn trim(db: &Connection) -> Result<usize, LedgerError> {
    Ok(db.execute("DELETE FROM outbox WHERE seq <= ?1", [last(db)? - KEPT])?)
}
