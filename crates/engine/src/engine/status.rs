//! How the whole stands, from the ledger's sums and the engine's flow.

use super::core::{Core, Flow};
use super::error::EngineError;
use super::look::anything_unseen;
use crate::breaker::Gate;
use crate::cause::Cause;
use crate::config::Backend;
use crate::ledger::settings;
use crate::ledger::{LedgerError, now_ms, outbox, read, sources};
use crate::notice;
use crate::schedule::{Whole, health};
use offload_protocol::view::{Health, Notice, Round, SourceKind, SourceState, SourceView, Status, Totals};
use rusqlite::Connection;
use std::collections::HashSet;
use std::time::Duration;

/// How long a look through the watched folders may take where no engine runs; what it did not reach counts as not safe.
const LOOK: Duration = Duration::from_secs(10);

/// The status' code where the daily limit lets nothing out.
pub const DAILY_LIMIT: &str = "daily_limit";

pub(super) async fn of_running(core: &Core) -> Result<Status, EngineError> {
    // The engine's own standing first: what happens between the two reads shows in the ledger as pending.
    let (own, whole, unseen, watch_notices) = {
        let steady = core.steady_ms();
        let flow = core.flow();
        (own(core, &flow, steady), whole(&flow), flow.unseen(), flow.watch_notices.clone())
    };
    let (mut sources, totals, seq) = core.ledger.read(move |db| views(db, &unseen)).await?;
    for source in &mut sources {
        // That a folder is away is said once, by who knows best.
        let told = |notice: &&Notice| !source.notices.iter().any(|other| other.code == notice.code);
        let more = watch_notices.get(&source.id).filter(told).cloned();
        source.notices.extend(more);
    }
    let states: Vec<SourceState> = sources.iter().map(|source| source.state).collect();
    Ok(Status { health: health(whole, &totals, &states), totals, sources, seq, ..own })
}

fn whole(flow: &Flow) -> Whole {
    Whole {
        signed_out: flow.signed_out.is_some(),
        offline: flow.breaker.is_offline() || flow.confirmations.is_offline(),
        paused: flow.is_paused(),
        scanning: !flow.unseen().is_empty(),
        running: true,
        ledger_trouble: flow.ledger_trouble.is_some() || flow.ledger_gone,
    }
}

/// What the engine knows by itself; what the ledger says is still to come.
fn own(core: &Core, flow: &Flow, steady_ms: i64) -> Status {
    let hold = hold(flow, steady_ms);
    let round = flow.round.map(|round| Round { seconds_left: round.seconds_left.filter(|_| !flow.is_held()), ..round });
    Status {
        health: Health::Working,
        code: hold.as_ref().map(|hold| hold.code.clone()),
        retry_in_s: hold.as_ref().and_then(|hold| hold.retry_in_s),
        detail: hold.map(|hold| hold.words),
        running: true,
        backend: Some(core.backend_url.clone()),
        account: flow.account.clone().filter(|account| !account.is_empty()),
        caveats: notice::caveats(core.backend.promises()),
        totals: Totals::default(),
        sources: Vec::new(),
        concurrency: flow.concurrency.limit(),
        bandwidth_limit: core.bandwidth.rate(),
        speed: flow.speed,
        round,
        paused_until_ms: flow.paused.map_or(flow.daily_hold, |pause| pause.until_ms),
        seq: 0,
    }
}

/// What holds the whole up.
struct Hold {
    code: String,
    words: String,
    retry_in_s: Option<u64>,
}

impl Hold {
    fn of_notice(notice: &Notice) -> Self {
        // The ledger's own code says more than that it is the ledger.
        let code = notice.args.get("kind").unwrap_or(&notice.code).clone();
        Self { code, words: notice.text.clone(), retry_in_s: None }
    }

    fn daily(until_ms: i64) -> Self {
        let until = jiff::Timestamp::from_millisecond(until_ms).map(|end| {
            let end = end.to_zoned_datetime(jiff::tz::TimeZone::system());
            format!(" until {}", end.strftime("%H:%M"))
        });
        let words = format!("the daily limit lets nothing out{}", until.unwrap_or_default());
        Self { code: DAILY_LIMIT.into(), words, retry_in_s: None }
    }

    fn of_cause(cause: &Cause) -> Self {
        let words = match &cause.hint {
            Some(hint) => format!("{cause}; {hint}"),
            None => cause.to_string(),
        };
        Self { code: cause.code.as_str().into(), words, retry_in_s: None }
    }
}

/// What holds the whole up, worst first, and when it is tried again.
fn hold(flow: &Flow, steady_ms: i64) -> Option<Hold> {
    if flow.ledger_gone {
        return Some(Hold::of_notice(&notice::ledger_gone()));
    }
    if let Some(trouble) = &flow.ledger_trouble {
        return Some(Hold::of_notice(trouble));
    }
    if let Some(cause) = &flow.signed_out {
        return Some(Hold::of_cause(cause));
    }
    let offline = flow.breaker.is_offline() || flow.confirmations.is_offline();
    if let Some(until_ms) = flow.daily_hold.filter(|_| flow.paused.is_none() && !offline) {
        return Some(Hold::daily(until_ms));
    }
    let breaker = [&flow.breaker, &flow.confirmations].into_iter().find(|breaker| breaker.cause().is_some())?;
    let hold = breaker.cause().map(Hold::of_cause)?;
    Some(match breaker.gate(steady_ms) {
        Gate::Closed { until_ms } => {
            let seconds = until_ms.saturating_sub(steady_ms).max(0).unsigned_abs() / 1000 + 1;
            Hold { retry_in_s: Some(seconds), ..hold }
        }
        Gate::Open | Gate::OneTry => hold,
    })
}

/// The ledger's last words, where no engine runs, held against what lies in the watched folders now. Blocking.
pub fn standing_status(db: &Connection, backend: &Backend) -> Result<Status, LedgerError> {
    let (sources, totals, seq) = views(db, &HashSet::new())?;
    let states: Vec<SourceState> = sources.iter().map(|source| source.state).collect();
    let pause = settings::pause(db)?.filter(|pause| !pause.is_over(now_ms()));
    let paused = pause.is_some();
    let (code, mut detail) = read::last_reason(db)?.unzip();
    let mut code = code.flatten();
    // A source that was never looked through may hold anything.
    let mut unseen =
        sources.iter().any(|source| source.scanned_at_ms.is_none() && source.state != SourceState::Cancelled);
    if !unseen && totals.pending() == 0 {
        for source in sources.iter().filter(|source| source.kind == SourceKind::Watched) {
            if anything_unseen(db, source.id, LOOK)? {
                detail =
                    Some(format!("{} holds files that were not looked at yet; `offload run` sends them", source.name));
                code = None;
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
        code,
        retry_in_s: None,
        running: false,
        backend: backend.url.as_ref().map(|url| url.as_str().to_owned()),
        account: None,
        caveats: notice::caveats(backend.dialect.promises()),
        totals,
        sources,
        concurrency: 0,
        bandwidth_limit: None,
        speed: 0,
        round: None,
        paused_until_ms: pause.and_then(|pause| pause.until_ms),
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
