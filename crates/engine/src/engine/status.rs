//! How the whole stands, from the ledger's sums and the engine's flow.

use super::core::Core;
use super::error::EngineError;
use crate::ledger::settings;
use crate::ledger::{LedgerError, outbox, sources};
use crate::schedule::{Whole, health};
use offload_protocol::view::{SourceState, SourceView, Status, Totals};
use rusqlite::Connection;
use std::collections::HashSet;

pub(super) async fn of_running(core: &Core) -> Result<Status, EngineError> {
    // The engine's own standing first: what happens between the two reads shows in the ledger as pending.
    let steady = core.steady_ms();
    let (whole, detail, account, concurrency, speed, scanning) = {
        let flow = core.flow();
        let whole = Whole {
            signed_out: flow.signed_out.is_some(),
            offline: flow.breaker.is_offline(),
            paused: flow.paused,
            scanning: !(flow.scanning.is_empty() && flow.asked.is_empty()),
            running: true,
        };
        let detail = flow.signed_out.as_ref().or_else(|| flow.breaker.cause()).map(|cause| match &cause.hint {
            Some(hint) => format!("{cause}; {hint}"),
            None => cause.to_string(),
        });
        let detail = match (detail, flow.breaker.gate(steady)) {
            (Some(detail), crate::breaker::Gate::Closed { until_ms }) => {
                Some(format!("{detail} (next try in {} s)", (until_ms - steady).div_euclid(1000) + 1))
            }
            (detail, _) => detail,
        };
        (whole, detail, flow.account.clone(), flow.concurrency.limit(), flow.speed, flow.unseen())
    };
    let (sources, totals, seq) = core.ledger.read(move |db| views(db, &scanning)).await?;
    let states: Vec<SourceState> = sources.iter().map(|source| source.state).collect();
    Ok(Status {
        health: health(whole, &totals, &states),
        detail,
        running: true,
        backend: Some(core.backend_url.clone()),
        account,
        totals,
        sources,
        concurrency,
        bandwidth_limit: core.bandwidth.rate(),
        speed,
        seq,
    })
}

/// The ledger's last words, where no engine runs.
pub fn standing_status(db: &Connection, backend: Option<String>) -> Result<Status, LedgerError> {
    let (sources, totals, seq) = views(db, &HashSet::new())?;
    let states: Vec<SourceState> = sources.iter().map(|source| source.state).collect();
    let paused = settings::get(db, settings::PAUSED)?.is_some();
    let whole = Whole { signed_out: false, offline: false, paused, scanning: false, running: false };
    Ok(Status {
        health: health(whole, &totals, &states),
        detail: None,
        running: false,
        backend,
        account: None,
        totals,
        sources,
        concurrency: 0,
        bandwidth_limit: None,
        speed: 0,
        seq,
    })
}

fn views(db: &Connection, scanning: &HashSet<i64>) -> Result<(Vec<SourceView>, Totals, i64), LedgerError> {
    let _snapshot = db.is_autocommit().then(|| db.unchecked_transaction()).transpose()?;
    let sums = sources::totals(db)?;
    let mut totals = Totals::default();
    let mut views = Vec::new();
    for source in sources::list(db)? {
        let own = sums.get(&source.id).copied().unwrap_or_default();
        totals.add(&own);
        views.push(source.view(own, scanning.contains(&source.id)));
    }
    Ok((views, totals, outbox::last(db)?))
}
