//! Tells the backend what arrived: a durable step of its own, in batches, tried until it is acknowledged.

use super::core::Core;
use crate::backend::{Confirmation, PerFile};
use crate::breaker::{Gate, Origin};
use crate::cause::{Cause, Code};
use crate::ledger::attempts::{self, Step};
use crate::ledger::files;
use crate::ledger::state::Move;
use crate::ledger::stored::{self, ToConfirm};
use crate::ledger::{LedgerError, now_ms};
use crate::transfer::retry::{Decision, Repeats, after, next_delay, next_question};
use offload_protocol::view::State;
use offload_protocol::wire::CompleteFile;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// So often a backend that does not find an object is only asked again.
const ASK_AGAIN: u32 = 3;
/// How long a few arrived files wait for more to be told together.
const GATHER: Duration = Duration::from_millis(30);

/// Before rows are told again that could not be noted.
const LEDGER_PAUSE: Duration = Duration::from_secs(2);
/// Requests under way at once: a backend that looks each object up takes its time.
const REQUESTS: usize = 3;

/// Runs until the engine stops.
pub(super) async fn confirm(core: Arc<Core>) {
    let mut requests: JoinSet<HashSet<i64>> = JoinSet::new();
    let mut told = HashSet::new();
    loop {
        while let Some(done) = requests.try_join_next() {
            heard(&mut told, done);
        }
        let pause = match next_batch(&core, &told).await {
            Ok(Batch::Rows { rows, full }) if requests.len() < REQUESTS => {
                told.extend(rows.iter().map(|row| row.id));
                requests.spawn(request(core.clone(), rows));
                // Where fewer were waiting than one request may name, the next ones gather company again.
                Some(if full { Duration::ZERO } else { GATHER })
            }
            Ok(Batch::Rows { .. }) => None,
            Ok(Batch::Nothing { until }) => until,
            Err(error) => {
                core.ledger_failed(&error);
                Some(Duration::from_secs(2))
            }
        };
        if pause.is_some_and(|pause| pause.is_zero()) && !core.stop.is_cancelled() {
            continue;
        }
        tokio::select! {
            () = core.stop.cancelled() => return,
            Some(done) = requests.join_next() => heard(&mut told, done),
            () = core.confirm.notified() => {
                // Company for what just arrived.
                tokio::select! {
                    () = core.stop.cancelled() => return,
                    () = tokio::time::sleep(GATHER) => {}
                }
            }
            () = tokio::time::sleep(pause.unwrap_or(Duration::from_secs(3600))) => {}
        }
    }
}

fn heard(told: &mut HashSet<i64>, done: Result<HashSet<i64>, tokio::task::JoinError>) {
    match done {
        Ok(rows) => told.retain(|id| !rows.contains(id)),
        Err(error) => {
            tracing::error!(%error, "a confirmation ended unexpectedly");
            // Which rows it held is lost with it; the others are told once more, which does no harm.
            told.clear();
        }
    }
}

enum Batch {
    Rows {
        rows: Vec<ToConfirm>,
        full: bool,
    },
    /// `None`: until something arrives.
    Nothing {
        until: Option<Duration>,
    },
}

/// What is to be told next, without what is being told.
async fn next_batch(core: &Core, told: &HashSet<i64>) -> Result<Batch, LedgerError> {
    {
        let steady = core.steady_ms();
        let flow = core.flow();
        if flow.signed_out.is_some() || !flow.token_read {
            return Ok(Batch::Nothing { until: None });
        }
        match flow.confirmations.gate(steady) {
            Gate::Closed { until_ms } => {
                let until = Duration::from_millis(until_ms.saturating_sub(steady).max(1).unsigned_abs());
                return Ok(Batch::Nothing { until: Some(until) });
            }
            Gate::OneTry if !told.is_empty() => return Ok(Batch::Nothing { until: None }),
            Gate::OneTry | Gate::Open => {}
        }
    }
    let most = core.flow().limits.files_per_request.clamp(1, 1000);
    let asked = most + u32::try_from(told.len()).unwrap_or(u32::MAX - most);
    let mut rows = core.ledger.read(move |db| stored::to_confirm(db, now_ms(), asked)).await?;
    rows.retain(|row| !told.contains(&row.id));
    rows.truncate(most as usize);
    if rows.is_empty() {
        return Ok(Batch::Nothing { until: if told.is_empty() { until_next(core).await? } else { None } });
    }
    let full = rows.len() >= most as usize;
    Ok(Batch::Rows { rows, full })
}

/// Tells the backend, and notes what it said; gives the rows it was about.
async fn request(core: Arc<Core>, batch: Vec<ToConfirm>) -> HashSet<i64> {
    let ids = batch.iter().map(|row| row.id).collect();
    let files: Vec<CompleteFile> = batch.iter().map(told_of).collect();
    let (at_ms, began) = (now_ms(), Instant::now());
    let said = tokio::select! {
        () = core.stop.cancelled() => return ids,
        said = core.backend.complete(&files) => said,
    };
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    let noted = match said {
        Ok(entries) => {
            if core.flow().confirmations.success(Origin::S3) {
                core.tell_standing();
            }
            core.through(Origin::Session);
            note_answers(&core, batch, entries, at_ms, duration_ms).await
        }
        Err(cause) => {
            core.cannot_confirm(&cause);
            core.ledger
                .write(move |db| {
                    for row in &batch {
                        // Why it stands at `uploaded` is said; no attempt is spent, and it is due at once when the trouble ends.
                        moved_is_fine(stored::confirm_later(db, row.id, &cause, now_ms(), row.attempts))?;
                    }
                    Ok(())
                })
                .await
        }
    };
    match noted {
        Ok(()) => core.ledger_works(),
        // The backend is asked again, which it takes for the same; not at once, since the ledger needs time.
        Err(error) => {
            core.ledger_failed(&error);
            tokio::time::sleep(LEDGER_PAUSE).await;
        }
    }
    core.dispatch.notify_one();
    ids
}

fn told_of(row: &ToConfirm) -> CompleteFile {
    CompleteFile {
        file_id: row.file_id.clone(),
        key: row.stored.key.clone(),
        size: row.size,
        etag: row.stored.etag.clone(),
        sha256: row.stored.sha256.clone(),
        media: row.stored.media.clone(),
    }
}

async fn note_answers(
    core: &Core,
    batch: Vec<ToConfirm>,
    entries: PerFile<Confirmation>,
    at_ms: i64,
    duration_ms: i64,
) -> Result<(), LedgerError> {
    let mut by_id: HashMap<String, Result<Confirmation, Cause>> = entries.into_iter().collect();
    let answers: Vec<_> = batch
        .into_iter()
        .map(|row| {
            let said = by_id.remove(&row.file_id).unwrap_or_else(|| {
                Err(Cause::new(Code::BackendSilent, "the backend's answer does not name this file"))
            });
            (row, said)
        })
        .collect();
    core.ledger
        .write(move |db| {
            for (row, said) in &answers {
                moved_is_fine(settle_one(db, row, said.as_ref().copied(), at_ms, duration_ms))?;
            }
            Ok(())
        })
        .await
}

/// A row that somebody else moved meanwhile is no failure of the others.
fn moved_is_fine(result: Result<(), LedgerError>) -> Result<(), LedgerError> {
    match result {
        Err(LedgerError::Moved { .. }) => Ok(()),
        other => other,
    }
}

async fn until_next(core: &Core) -> Result<Option<Duration>, LedgerError> {
    let next = core.ledger.read(|db| files::next_due(db, State::Uploaded)).await?;
    Ok(next.map(|due| Duration::from_millis(due.saturating_sub(now_ms()).max(1).unsigned_abs())))
}

fn settle_one(
    db: &Connection,
    row: &ToConfirm,
    said: Result<Confirmation, &Cause>,
    at_ms: i64,
    duration_ms: i64,
) -> Result<(), LedgerError> {
    let cause = match said {
        Ok(Confirmation::Confirmed) => {
            attempts::note(db, row.id, Step::Confirm, at_ms, duration_ms, "ok", None)?;
            return stored::confirm(db, row.id, now_ms());
        }
        Ok(Confirmation::Pending { ask_again_in }) => {
            return not_done(db, row, ask_again_in, (at_ms, duration_ms));
        }
        Err(cause) => cause,
    };
    attempts::note(db, row.id, Step::Confirm, at_ms, duration_ms, cause.code.as_str(), Some(&cause.message))?;
    let repeats = Repeats { send_again: row.repeats, ..Repeats::default() };
    match after(cause, row.attempts, &repeats, rand::random()) {
        Decision::SendAgain => {
            let pause = next_delay(row.repeats + 1, cause.retry(), cause.retry_after_ms, rand::random());
            let due = now_ms().saturating_add_unsigned(pause);
            if row.repeats < ASK_AGAIN {
                // Some stores show a new object late: the backend is asked again before the bytes are sent again.
                stored::confirm_later(db, row.id, cause, due, row.attempts)?;
            } else {
                files::step_due(db, row.id, State::Uploaded, Move::SendAgain, Some(cause), now_ms(), Some(due))?;
            }
            files::count(db, row.id, row.attempts, row.repeats + 1)
        }
        Decision::Fail | Decision::Missing | Decision::Settle => {
            files::step(db, row.id, State::Uploaded, Move::Fail, Some(cause), now_ms()).map(drop)
        }
        Decision::Wait { delay_ms } => {
            let due = now_ms().saturating_add_unsigned(delay_ms);
            stored::confirm_later(db, row.id, cause, due, row.attempts + 1)
        }
        Decision::Offline | Decision::SignIn | Decision::NewFormNow | Decision::ReadAgainNow => {
            stored::confirm_later(db, row.id, cause, now_ms() + 1000, row.attempts + 1)
        }
    }
}

/// The backend works on it: asked again later, for as long as it takes. Stands in the story once, however often it is asked.
fn not_done(
    db: &Connection,
    row: &ToConfirm,
    ask_again_in: Option<Duration>,
    (at_ms, duration_ms): (i64, i64),
) -> Result<(), LedgerError> {
    let cause = Cause::new(Code::BackendPending, "in S3, the backend is still processing it");
    if !row.pending {
        attempts::note(db, row.id, Step::Confirm, at_ms, duration_ms, cause.code.as_str(), Some(&cause.message))?;
    }
    let now = now_ms();
    let pause = next_question(now.saturating_sub(row.uploaded_ms), ask_again_in);
    stored::confirm_later(db, row.id, &cause, now.saturating_add_unsigned(pause), 0)
}
