//! The queue: who is next, and how rows get in and out of it without being sent.

use super::error::LedgerError;
use super::files::{WORK, Work, fresh_id, state_of, step, step_due, work};
use super::observe::Settling;
use super::state::Move;
use crate::cause::{Cause, Code};
use offload_protocol::control::RetryWhat;
use offload_protocol::view::State;
use rusqlite::{Connection, params};

/// In `claimed`: a worker had it, and the next one sends it under another name.
const NAME_ANEW: i64 = 2;

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
            "SELECT {WORK}, f.claimed FROM files f WHERE f.source_id = ?1 AND f.state = 'queued' ORDER BY f.due_ms LIMIT ?2"
        );
        let mut statement = db.prepare_cached(&sql)?;
        let rows: Vec<(Work, i64)> = statement
            .query_map(params![source, share], |row| Ok((work(row)?, row.get(13)?)))?
            .collect::<Result<_, _>>()?;
        for (mut row, claimed_before) in rows {
            step(db, row.id, State::Queued, Move::Claim, None, now_ms)?;
            if claimed_before == NAME_ANEW {
                name_anew(db, &mut row)?;
            }
            db.prepare_cached("UPDATE files SET claimed = 1 WHERE id = ?1")?.execute([row.id])?;
            left -= 1;
            claimed.push(row);
        }
    }
    Ok(claimed)
}

/// The row's destination changed since a worker had it: from now on it has another name, since one name has one key for ever.
fn name_anew(db: &Connection, row: &mut Work) -> Result<(), LedgerError> {
    let fresh = fresh_id();
    db.prepare_cached("UPDATE files SET file_id = ?2, key = NULL WHERE id = ?1")?.execute(params![row.id, fresh])?;
    if !row.current {
        db.prepare_cached("UPDATE files SET supersedes = ?2 WHERE supersedes = ?1")?
            .execute(params![row.file_id, fresh])?;
    }
    row.file_id = fresh;
    row.key = None;
    Ok(())
}

/// After a restart: what a worker had is back in the queue. How many.
pub fn release_in_flight(db: &Connection, now_ms: i64) -> Result<usize, LedgerError> {
    Ok(db.execute(
        "UPDATE files SET state = 'queued', due_ms = ?1, changed_ms = ?1 WHERE state = 'uploading'",
        [now_ms],
    )?)
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

/// Missing rows that a person does not ask for any more are skipped; how many. Back on disk they are sent all the same.
pub fn dismiss(db: &Connection, what: &RetryWhat, now_ms: i64) -> Result<u64, LedgerError> {
    let cause = Cause::new(Code::Dismissed, "it was gone before it could be sent, and was dismissed");
    let skip = |which: &str, argument: i64| -> Result<u64, LedgerError> {
        let sql = format!(
            "UPDATE files SET state = 'skipped', code = ?3, reason = ?4, hint = NULL, changed_ms = ?1 WHERE state = 'missing' AND {which}"
        );
        Ok(db.execute(&sql, params![now_ms, argument, cause.code.as_str(), cause.message])? as u64)
    };
    match what {
        RetryWhat::All => skip("?2 = 0", 0),
        RetryWhat::Source(id) => skip("source_id = ?2", *id),
        RetryWhat::Files(ids) => ids.iter().try_fold(0, |count, id| Ok(count + skip("id = ?2", *id)?)),
    }
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
        Ok((work(row)?, state_of(row, 13)?, row.get_ref(14)?.as_str_or_null()?.and_then(Code::parse)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Takes a row away that stood for an obstacle which is gone.
pub fn forget_obstacle(db: &Connection, id: i64) -> Result<(), LedgerError> {
    db.execute("DELETE FROM files WHERE id = ?1 AND state IN ('failed', 'skipped') AND uploaded_ms IS NULL", [id])?;
    Ok(())
}
