//! Starts workers: asks the schedule, claims rows, and sees each file through to its record.

use super::core::{Core, Flight};
use super::presigning::Presigner;
use super::recording::{Took, record};
use super::work::carry;
use crate::breaker::Gate;
use crate::ledger::files::{self, Work};
use crate::ledger::queue;
use crate::ledger::sources::{self, Source};
use crate::ledger::{LedgerError, now_ms};
use crate::schedule::{Next, Situation, ahead, next};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Waiting rows brought back at a time.
const WAKE: u32 = 200;

/// Runs until the engine stops; then calls workers back and waits for their records.
pub(super) async fn dispatch(core: Arc<Core>, presigner: Presigner) {
    let mut workers = JoinSet::new();
    let mut empty = false;
    loop {
        while workers.try_join_next().is_some() {}
        if well_ahead(&core) {
            tokio::select! {
                () = core.stop.cancelled() => break,
                () = core.dispatch.notified() => continue,
            }
        }
        let step = match decide(&core, empty).await {
            Ok(step) => step,
            Err(error) => {
                tracing::error!(%error, "the ledger could not be read");
                Next::Idle { for_ms: Some(1000) }
            }
        };
        empty = false;
        match step {
            Next::Wake => {
                if let Err(error) = core.ledger.write(|db| queue::wake_waiting(db, now_ms(), WAKE)).await {
                    tracing::error!(%error, "waiting files could not be brought back");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                continue;
            }
            Next::Claim(count) => match claim(&core, count).await {
                Ok(claimed) if claimed.is_empty() => {
                    empty = true;
                    continue;
                }
                Ok(claimed) => {
                    for (source, work) in claimed {
                        start(&core, &presigner, &mut workers, source, work);
                    }
                    continue;
                }
                Err(error) => {
                    tracing::error!(%error, "no file could be claimed");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            },
            Next::Idle { for_ms } => {
                let pause = for_ms.map_or(Duration::from_secs(3600), |ms| Duration::from_millis(ms.max(1)));
                tokio::select! {
                    () = core.stop.cancelled() => break,
                    () = core.dispatch.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
        if core.stop.is_cancelled() {
            break;
        }
    }
    core.call_back(None);
    while workers.join_next().await.is_some() {}
}

/// Whether enough is in hand beyond what may be on the line: then files are not claimed one by one, each with a commit of its
/// own, but some at a time. Every worker that ends asks again.
fn well_ahead(core: &Core) -> bool {
    let limit = core.flow().concurrency.limit();
    core.in_flight() > limit + ahead(limit) / 2
}

async fn decide(core: &Core, nothing_to_claim: bool) -> Result<Next, LedgerError> {
    let (queued, next_waiting_ms) = core
        .ledger
        .read(|db| {
            let queued = sources::grand_totals(db)?.queued.files;
            Ok((queued, files::next_due(db, offload_protocol::view::State::Waiting)?))
        })
        .await?;
    let steady = core.steady_ms();
    let in_flight = core.in_flight();
    let flow = core.flow();
    let gate = flow.breaker.gate(steady);
    let opens_in = match gate {
        Gate::Closed { until_ms } => Some(until_ms.saturating_sub(steady).max(1).unsigned_abs()),
        Gate::Open | Gate::OneTry => None,
    };
    let situation = Situation {
        paused: flow.is_paused(),
        signed_out: flow.signed_out.is_some() || !flow.token_read,
        gate,
        in_flight,
        concurrency: flow.concurrency.limit(),
        queued: if nothing_to_claim { 0 } else { queued },
        next_waiting_ms,
        now_ms: now_ms(),
    };
    Ok(next(&situation, opens_in))
}

async fn claim(core: &Core, count: u32) -> Result<Vec<(Arc<Source>, Work)>, LedgerError> {
    let only: Option<Vec<i64>> = core.rules.batches_only.then(|| core.flow().given.iter().copied().collect());
    core.ledger
        .write(move |db| {
            let works = queue::claim(db, count, only.as_deref(), now_ms())?;
            let mut known = HashMap::<i64, Arc<Source>>::new();
            let mut claimed = Vec::with_capacity(works.len());
            for work in works {
                let source = match known.get(&work.source_id) {
                    Some(source) => source.clone(),
                    None => {
                        let source = Arc::new(sources::destination(db, work.source_id)?);
                        known.insert(work.source_id, source.clone());
                        source
                    }
                };
                claimed.push((source, work));
            }
            Ok(claimed)
        })
        .await
}

fn start(core: &Arc<Core>, presigner: &Presigner, workers: &mut JoinSet<()>, source: Arc<Source>, work: Work) {
    let flight = Flight {
        source_id: work.source_id,
        size: work.stat.size,
        sent: Arc::new(AtomicU64::new(0)),
        cancel: core.stop.child_token(),
    };
    core.take_off(work.id, flight.clone());
    // A pause or cancel may have come between the claim and here; those that come later call the flight back.
    let halted = {
        let flow = core.flow();
        flow.is_paused() || flow.halted.contains(&work.source_id)
    };
    if halted {
        flight.cancel.cancel();
    }
    let (core, presigner) = (core.clone(), presigner.clone());
    workers.spawn(async move {
        let (at_ms, began) = (now_ms(), Instant::now());
        let outcome = Box::pin(carry(&core, &presigner, &source, &work, &flight)).await;
        let duration_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        record(&core, &work, outcome, Took { at_ms, duration_ms }).await;
        core.land(work.id);
        core.dispatch.notify_one();
    });
}
