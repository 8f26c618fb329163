//! Lets only files through that stand still.

use super::core::Core;
use super::roots;
use crate::cause::{Cause, Code};
use crate::ledger::files::{self, Work};
use crate::ledger::observe::Settling;
use crate::ledger::state::Move;
use crate::ledger::versions;
use crate::ledger::{LedgerError, now_ms};
use crate::transfer::checksum;
use crate::watch::Settled;
use crate::watch::still::look_and_settle;
use offload_protocol::view::State;
use rusqlite::Connection;
use std::sync::Arc;
use std::time::Duration;

/// Files looked at in one go.
const AT_ONCE: u32 = 500;
/// A file that can't be looked at, or whose folder is away, is looked at again after this.
const LATER_MS: i64 = 10_000;

/// Runs until the engine stops.
pub(super) async fn settle(core: Arc<Core>) {
    loop {
        let pause = match round(&core).await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::error!(%error, "the ledger failed while settling");
                Some(Duration::from_secs(2))
            }
        };
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.settle.notified() => {}
            () = tokio::time::sleep(pause.unwrap_or(Duration::from_secs(3600))) => {}
        }
    }
}

/// Looks at all that is due; how long until the next.
async fn round(core: &Arc<Core>) -> Result<Option<Duration>, LedgerError> {
    loop {
        let now = now_ms();
        let due = core.ledger.read(move |db| files::due(db, State::Settling, now, AT_ONCE)).await?;
        if due.is_empty() {
            let next = core.ledger.read(|db| files::next_due(db, State::Settling)).await?;
            // Looks that are near each other are made together.
            return Ok(next.map(|due| Duration::from_millis(due.saturating_sub(now).max(100).unsigned_abs())));
        }
        let rules = core.rules.settle;
        let looked = tokio::task::spawn_blocking(move || {
            due.into_iter()
                .map(|work| {
                    let settled = look_and_settle(&work.local, work.stat, work.still_since_ms, now_ms(), &rules);
                    (work, settled)
                })
                .collect::<Vec<_>>()
        })
        .await
        .map_err(|_| LedgerError::Stopped)?;
        let looked = spare_those_away(core, looked).await?;
        core.ledger
            .write(move |db| {
                for (work, settled) in &looked {
                    match note(db, work, settled) {
                        // A scan or a person was quicker.
                        Ok(()) | Err(LedgerError::Moved { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            })
            .await?;
        core.dispatch.notify_one();
        if core.stop.is_cancelled() {
            return Ok(None);
        }
    }
}

/// A file that seems gone because its whole folder is away only waits.
async fn spare_those_away(core: &Core, looked: Vec<(Work, Settled)>) -> Result<Vec<(Work, Settled)>, LedgerError> {
    let mut spared = Vec::with_capacity(looked.len());
    for (work, settled) in looked {
        let suspicious = matches!(settled, Settled::Gone | Settled::Unreadable(_));
        if suspicious {
            let id = work.source_id;
            if let Some(why) = roots::away(core, id, work.local.clone()).await {
                roots::note_away(core, id, Some(why)).await;
                let again =
                    Settled::Again { at_ms: now_ms() + LATER_MS, stat: work.stat, still_since_ms: work.still_since_ms };
                spared.push((work, again));
                continue;
            }
        }
        spared.push((work, settled));
    }
    Ok(spared)
}

fn note(db: &Connection, work: &Work, settled: &Settled) -> Result<(), LedgerError> {
    let now = now_ms();
    match settled {
        Settled::Ready(stat) => files::settled(db, work.id, stat, now),
        Settled::Again { at_ms, stat, still_since_ms } if *stat == work.stat => {
            files::settle_later(db, work.id, *still_since_ms, *at_ms, now)
        }
        Settled::Again { at_ms, stat, .. } => {
            versions::change(db, work.id, State::Settling, stat, Settling { now_ms: now, still_ms: at_ms - now })
                .map(drop)
        }
        Settled::Gone => {
            let cause = Cause::new(Code::Vanished, "the file was gone before it could be sent")
                .hint("if it should be sent, put it back: it is then picked up by itself");
            versions::lose(db, work.id, State::Settling, &cause, now)
        }
        Settled::Unreadable(kind) => {
            let cause = checksum::unreadable(&std::io::Error::from(*kind));
            files::step(db, work.id, State::Settling, Move::Fail, Some(&cause), now).map(drop)
        }
    }
}
