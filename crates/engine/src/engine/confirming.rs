//! Tells the backend what arrived: a durable step of its own, in batches, tried until it is acknowledged.

use super::core::Core;
use crate::breaker::{Gate, Origin};
use crate::cause::Cause;
use crate::ledger::attempts::{self, Step};
use crate::ledger::files;
use crate::ledger::state::Move;
use crate::ledger::stored::{self, ToConfirm};
use crate::ledger::{LedgerError, now_ms};
use crate::transfer::retry::{Decision, Repeats, after};
use offload_protocol::view::State;
use offload_protocol::wire::CompleteFile;
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a few arrived files wait for more to be told together.
const GATHER: Duration = Duration::from_millis(30);

/// Runs until the engine stops.
pub(super) async fn confirm(core: Arc<Core>) {
    loop {
        let pause = match round(&core).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the ledger failed while confirming");
                Some(Duration::from_secs(2))
            }
        };
        if pause.is_some_and(|pause| pause.is_zero()) && !core.stop.is_cancelled() {
            continue;
        }
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.confirm.notified() => {}
            () = tokio::time::sleep(pause.unwrap_or(Duration::from_secs(3600))) => {}
        }
        // Company for what just arrived.
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
    }
}

/// One request. How long to rest afterwards: zero while there is more, `None` until something arrives.
async fn round(core: &Arc<Core>) -> Result<Option<Duration>, LedgerError> {
    {
        let steady = core.steady_ms();
        let flow = core.flow();
        if flow.signed_out.is_some() {
            return Ok(None);
        }
        if let Gate::Closed { until_ms } = flow.breaker.gate(steady) {
            return Ok(Some(Duration::from_millis(until_ms.saturating_sub(steady).max(1).unsigned_abs())));
        }
    }
    let most = core.flow().limits.files_per_request.clamp(1, 1000);
    let batch = core.ledger.read(move |db| stored::to_confirm(db, now_ms(), most)).await?;
    if batch.is_empty() {
        return until_next(core).await;
    }
    let full = batch.len() >= most as usize;
    let told: Vec<CompleteFile> = batch
        .iter()
        .map(|row| CompleteFile {
            file_id: row.file_id.clone(),
            key: row.stored.key.clone(),
            size: row.size,
            etag: row.stored.etag.clone(),
            sha256: row.stored.sha256.clone(),
            media: row.stored.media.clone(),
        })
        .collect();
    let (at_ms, began) = (now_ms(), Instant::now());
    let said = tokio::select! {
        () = core.stop.cancelled() => return Ok(None),
        said = core.backend.complete(&told) => said,
    };
    let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
    match said {
        Ok(entries) => {
            core.through(Origin::Backend);
            let mut by_id: HashMap<String, Result<(), Cause>> = entries.into_iter().collect();
            let answers: Vec<_> = batch
                .into_iter()
                .map(|row| {
                    let said = by_id.remove(&row.file_id).unwrap_or_else(|| {
                        Err(Cause::new(
                            crate::cause::Code::BackendSilent,
                            "the backend's answer does not name this file",
                        ))
                    });
                    (row, said)
                })
                .collect();
            core.ledger
                .write(move |db| {
                    for (row, said) in &answers {
                        settle_one(db, row, said.as_ref().err(), at_ms, duration_ms)?;
                    }
                    Ok(())
                })
                .await?;
            core.dispatch.notify_one();
            // Where fewer were waiting than one request may name, the next ones gather company again.
            if full { Ok(Some(Duration::ZERO)) } else { until_next(core).await }
        }
        Err(cause) => {
            core.ledger
                .write(move |db| {
                    for row in &batch {
                        // Why it stands at `uploaded` is said; no attempt is spent, and it is due at once when the trouble ends.
                        stored::confirm_later(db, row.id, &cause, now_ms(), row.attempts)?;
                    }
                    Ok(cause)
                })
                .await
                .map(|cause| core.trouble(Origin::Backend, &cause))?;
            Ok(Some(Duration::from_millis(1)))
        }
    }
}

async fn until_next(core: &Core) -> Result<Option<Duration>, LedgerError> {
    let next = core.ledger.read(|db| files::next_due(db, State::Uploaded)).await?;
    Ok(next.map(|due| Duration::from_millis(due.saturating_sub(now_ms()).max(1).unsigned_abs())))
}

fn settle_one(
    db: &Connection,
    row: &ToConfirm,
    refused: Option<&Cause>,
    at_ms: i64,
    duration_ms: i64,
) -> Result<(), LedgerError> {
    let outcome = refused.map_or("ok", |cause| cause.code.as_str());
    let detail = refused.map(|cause| cause.message.as_str());
    attempts::note(db, row.id, Step::Confirm, at_ms, duration_ms, outcome, detail)?;
    let Some(cause) = refused else { return stored::confirm(db, row.id, now_ms()) };
    let repeats = Repeats { send_again: row.repeats, ..Repeats::default() };
    match after(cause, row.attempts, &repeats, rand::random()) {
        Decision::SendAgain => {
            files::step(db, row.id, State::Uploaded, Move::SendAgain, Some(cause), now_ms())?;
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
