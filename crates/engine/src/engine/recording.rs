//! What a worker's outcome becomes in the ledger, and in the engine's standing.

use super::core::Core;
use super::roots;
use super::work::Outcome;
use crate::breaker::Origin;
use crate::cause::{Cause, Code};
use crate::ledger::attempts::{self, Step};
use crate::ledger::files::{self, Work};
use crate::ledger::queue;
use crate::ledger::state::Move;
use crate::ledger::stored;
use crate::ledger::versions;
use crate::ledger::{LedgerError, now_ms, observe::Settling};
use crate::transfer::retry::{Decision, Repeats, after};
use crate::watch::StatLook;
use offload_protocol::view::State;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// Failures of files in a row from which on it is taken for trouble of the whole.
const IN_A_ROW: u32 = 8;

/// When a try began and how long it took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) at_ms: i64,
    pub(super) duration_ms: i64,
}

/// Writes the outcome down, and lets the engine learn from it.
pub(super) async fn record(core: &Arc<Core>, work: &Work, outcome: Outcome, took: Took) {
    match outcome {
        Outcome::Stored(stored) => {
            let steady = core.steady_ms().unsigned_abs();
            {
                let mut flow = core.flow();
                flow.concurrency.on_success(steady);
                flow.failures = 0;
            }
            core.through(Origin::S3);
            let id = work.id;
            write(core, id, move |db| {
                match stored::store(db, id, &stored, now_ms()) {
                    // Cancelled at the last moment: where the bytes lie stands in the story all the same.
                    Err(LedgerError::Moved { .. }) => versions::note_key(db, id, &stored.key)?,
                    stored => stored?,
                }
                note(db, id, took, "ok", None)
            })
            .await;
            core.confirm.notify_one();
        }
        Outcome::Touched { before, stat } => {
            let id = work.id;
            write(core, id, move |db| versions::fold(db, id, before, &stat, now_ms())).await;
        }
        Outcome::CalledBack => release(core, work, None).await,
        Outcome::Held(origin, cause) => {
            release(core, work, Some(cause.clone())).await;
            core.trouble(origin, &cause);
        }
        Outcome::Trouble { cause, repeats, key } => trouble(core, work, Failure { cause, repeats, key }, took).await,
    }
}

/// Back to the queue, no attempt spent; `cause` is what the row says of its last try.
async fn release(core: &Core, work: &Work, cause: Option<Cause>) {
    let id = work.id;
    write(core, id, move |db| files::step(db, id, State::Uploading, Move::Release, cause.as_ref(), now_ms()).map(drop))
        .await;
}

/// Why a try was in vain, and where something of it may lie in S3.
struct Failure {
    cause: Cause,
    repeats: Repeats,
    key: Option<String>,
}

async fn trouble(core: &Arc<Core>, work: &Work, failure: Failure, took: Took) {
    let Failure { cause, repeats, key } = failure;
    if matches!(cause.code, Code::S3SlowDown | Code::BackendBusy) {
        let steady = core.steady_ms().unsigned_abs();
        core.flow().concurrency.on_slow_down(steady);
        let origin = if cause.code == Code::BackendBusy { Origin::Presign } else { Origin::S3 };
        core.trouble(origin, &cause);
    }
    let decision = after(&cause, work.attempts, &repeats, rand::random());
    tracing::debug!(file = work.id, code = cause.code.as_str(), ?decision, "did not arrive");
    let id = work.id;
    let said = (cause.code.as_str(), cause.message.clone());
    let noted = move |db: &Connection| {
        if let Some(key) = &key {
            versions::note_key(db, id, key)?;
        }
        note(db, id, took, said.0, Some(&said.1))
    };
    match decision {
        Decision::Settle => {
            let (look, stat) = (look(work).await, work.stat);
            let rules = Settling { now_ms: now_ms(), still_ms: core.rules.settle.still_ms };
            write(core, id, move |db| {
                noted(db)?;
                match look {
                    _ if !versions::is_current(db, id)? => {
                        versions::skip_superseded(db, id, State::Uploading, rules.now_ms)
                    }
                    StatLook::Present(now) if now != stat => {
                        versions::change(db, id, State::Uploading, &now, rules).map(drop)
                    }
                    _ => queue::resettle(db, id, State::Uploading, Some(&cause), rules),
                }
            })
            .await;
            core.settle.notify_one();
        }
        Decision::Missing => {
            if let Some(why) = roots::away(core, work.source_id, work.local.clone()).await {
                release(core, work, None).await;
                roots::note_away(core, work.source_id, Some(why)).await;
                return;
            }
            write(core, id, move |db| {
                noted(db)?;
                if versions::is_current(db, id)? {
                    versions::lose(db, id, State::Uploading, &cause, now_ms())
                } else {
                    versions::skip_superseded(db, id, State::Uploading, now_ms())
                }
            })
            .await;
        }
        Decision::Fail => {
            // A folder that went away in mid-read shows as an I/O error: that is not the file's fault.
            if cause.code == Code::Unreadable
                && let Some(why) = roots::away(core, work.source_id, work.local.clone()).await
            {
                release(core, work, None).await;
                roots::note_away(core, work.source_id, Some(why)).await;
                return;
            }
            write(core, id, move |db| {
                noted(db)?;
                if !versions::is_current(db, id)? {
                    return versions::skip_superseded(db, id, State::Uploading, now_ms());
                }
                files::step(db, id, State::Uploading, Move::Fail, Some(&cause), now_ms())?;
                files::add_attempt(db, id)
            })
            .await;
        }
        Decision::Offline | Decision::SignIn => {
            release(core, work, Some(cause.clone())).await;
            core.trouble(Origin::S3, &cause);
        }
        Decision::Wait { delay_ms } => {
            many_in_a_row(core, &cause);
            wait(core, work, cause, delay_ms, noted).await;
        }
        Decision::NewFormNow | Decision::ReadAgainNow | Decision::SendAgain => {
            wait(core, work, cause, 1000, noted).await;
        }
    }
}

/// Many files in a row that fail with nothing getting through are no matter of the files: the queue holds still.
fn many_in_a_row(core: &Core, cause: &Cause) {
    let many = {
        let mut flow = core.flow();
        flow.failures += 1;
        flow.failures >= IN_A_ROW
    };
    if many {
        core.trouble(Origin::S3, cause);
    }
}

async fn wait(
    core: &Core,
    work: &Work,
    cause: Cause,
    delay_ms: u64,
    noted: impl FnOnce(&Connection) -> Result<(), LedgerError> + Send + Clone + 'static,
) {
    let id = work.id;
    write(core, id, move |db| {
        noted(db)?;
        let now = now_ms();
        if !versions::is_current(db, id)? {
            return versions::skip_superseded(db, id, State::Uploading, now);
        }
        let due = now.saturating_add_unsigned(delay_ms);
        files::step_due(db, id, State::Uploading, Move::Wait, Some(&cause), now, Some(due))?;
        files::add_attempt(db, id)
    })
    .await;
}

async fn look(work: &Work) -> StatLook {
    let local = work.local.clone();
    tokio::task::spawn_blocking(move || StatLook::at(&local))
        .await
        .unwrap_or(StatLook::Unreadable(std::io::ErrorKind::Other))
}

fn note(db: &Connection, id: i64, took: Took, outcome: &str, detail: Option<&str>) -> Result<(), LedgerError> {
    attempts::note(db, id, Step::Upload, took.at_ms, took.duration_ms, outcome, detail)
}

/// Writes until it is written: a full disk is waited out, since what happened in S3 can't be taken back.
pub(super) async fn write(
    core: &Core,
    id: i64,
    operation: impl FnOnce(&Connection) -> Result<(), LedgerError> + Send + Clone + 'static,
) {
    let mut pause = Duration::from_millis(200);
    loop {
        match core.ledger.write(operation.clone()).await {
            Ok(()) => return core.ledger_works(),
            // Somebody cancelled or removed it meanwhile: their word stands. Were it still a worker's, nobody else would put it back.
            Err(error @ (LedgerError::Moved { .. } | LedgerError::Contradiction(_))) => {
                tracing::info!(file = id, %error, "its outcome came too late");
                let back =
                    core.ledger.write(move |db| files::step(db, id, State::Uploading, Move::Release, None, now_ms()));
                if back.await.is_ok() {
                    tracing::warn!(file = id, "could not be noted as it ended; back in the queue");
                }
                return;
            }
            Err(LedgerError::Stopped) => return,
            Err(error) => {
                core.ledger_failed(&error);
                tokio::select! {
                    () = core.stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
                }
            }
        }
    }
}
