//! How the whole stands, from the ledger's sums and the engine's flow.

use super::core::{Core, Flow};
use super::error::EngineError;
use super::look::anything_unseen;
use crate::breaker::Gate;
use crate::cause::Cause;
use crate::ledger::settings;
use crate::ledger::{LedgerError, outbox, read, sources};
use crate::schedule::{Whole, health};
use offload_protocol::view::{SourceKind, SourceState, SourceView, Status, Totals};
use rusqlite::Connection;
use std::collections::HashSet;
use std::time::Duration;

/// How long a look through the watched folders may take where no engine runs; what it did not reach counts as not safe.
const LOOK: Duration = Duration::from_secs(10);

pub(super) async fn of_running(core: &Core) -> Result<Status, EngineError> {
    // The engine's own standing first: what happens between the two reads shows in the ledger as pending.
    let steady = core.steady_ms();
    let (whole, detail, account, concurrency, speed, unseen, watch_notices) = {
        let flow = core.flow();
        let unseen = flow.unseen();
        let whole = Whole {
            signed_out: flow.signed_out.is_some(),
            offline: flow.breaker.is_offline() || flow.confirmations.is_offline(),
            paused: flow.paused,
            scanning: !unseen.is_empty(),
            running: true,
            ledger_trouble: flow.ledger_trouble.is_some() || flow.ledger_gone,
        };
        let (limit, notices) = (flow.concurrency.limit(), flow.watch_notices.clone());
        (
            whole,
            detail(&flow, steady),
            flow.account.clone().filter(|account| !account.is_empty()),
            limit,
            flow.speed,
            unseen,
            notices,
        )
    };
    let (mut sources, totals, seq) = core.ledger.read(move |db| views(db, &unseen)).await?;
    for source in &mut sources {
        source.notices.extend(watch_notices.get(&source.id).cloned());
    }
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
        round: None,
        paused_until_ms: None,
        seq,
    })
}

/// What holds the whole up, worst first, and when it is tried again.
fn detail(flow: &Flow, steady_ms: i64) -> Option<String> {
    if flow.ledger_gone {
        return Some(
            "the ledger's file was taken away or replaced while Offload runs; put it back or restart Offload".into(),
        );
    }
    if flow.ledger_trouble.is_some() {
        return flow.ledger_trouble.clone();
    }
    let words = |cause: &Cause| match &cause.hint {
        Some(hint) => format!("{cause}; {hint}"),
        None => cause.to_string(),
    };
    if let Some(cause) = &flow.signed_out {
        return Some(words(cause));
    }
    let breaker = [&flow.breaker, &flow.confirmations].into_iter().find(|breaker| breaker.cause().is_some())?;
    let said = breaker.cause().map(words)?;
    Some(match breaker.gate(steady_ms) {
        Gate::Closed { until_ms } => {
            format!("{said} (next try in {} s)", until_ms.saturating_sub(steady_ms).div_euclid(1000) + 1)
        }
        Gate::Open | Gate::OneTry => said,
    })
}

/// The ledger's last words, where no engine runs, held against what lies in the watched folders now. Blocking.
pub fn standing_status(db: &Connection, backend: Option<String>) -> Result<Status, LedgerError> {
    let (sources, totals, seq) = views(db, &HashSet::new())?;
    let states: Vec<SourceState> = sources.iter().map(|source| source.state).collect();
    let paused = settings::get(db, settings::PAUSED)?.is_some();
    let mut detail = read::last_reason(db)?;
    // A source that was never looked through may hold anything.
    let mut unseen =
        sources.iter().any(|source| source.scanned_at_ms.is_none() && source.state != SourceState::Cancelled);
    if !unseen && totals.pending() == 0 {
        for source in sources.iter().filter(|source| source.kind == SourceKind::Watched) {
            if anything_unseen(db, source.id, LOOK)? {
                detail =
                    Some(format!("{} holds files that were not looked at yet; `offload run` sends them", source.name));
                unseen = true;
                break;
            }
        }
    }
    let whole =
        Whole { signed_out: false, offline: false, paused, scanning: unseen, running: false, ledger_trouble: false };
    Ok(Status {
        health: health(whole, &totals, &states),
        detail,
        running: false,
        backend,
        account: None,
        totals,
        sources,
        concurrency: 0,
        bandwidth_limit: None,
        speed: 0,
        round: None,
        paused_until_ms: None,
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
