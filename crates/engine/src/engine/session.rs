//! Who we are at the backend: asked at the start, when the token changed, and while signed out.

use super::core::Core;
use crate::breaker::{Gate, Origin};
use crate::ledger::sources;
use crate::notice;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While signed out the backend is asked again after this, doubled each time up to the longest: a token may be allowed again,
/// and a single refusal may have been a mistake.
const SIGNED_OUT: Duration = Duration::from_secs(2);
const SIGNED_OUT_LONGEST: Duration = Duration::from_secs(60);
/// A refusal after so long a peace is the first of its kind again.
const PEACE: Duration = Duration::from_secs(300);
/// While files do not get through, it is looked this often whether there is still one to send.
const TROUBLE: Duration = Duration::from_secs(5);

/// When the backend was asked, and how often in a row since it refused us.
#[derive(Debug, Default)]
struct Asked {
    last: Option<Instant>,
    refusals: u32,
}

impl Asked {
    /// How long to leave the backend alone, by why it is to be asked.
    fn rest(&self, signed_out: bool) -> Duration {
        let gap = if signed_out { (SIGNED_OUT * (1 << self.refusals.min(6))).min(SIGNED_OUT_LONGEST) } else { TROUBLE };
        self.last.map_or(Duration::ZERO, |last| gap.saturating_sub(last.elapsed()))
    }

    fn now(&mut self, signed_out: bool) {
        let peace = self.last.is_none_or(|last| last.elapsed() > PEACE);
        self.refusals = match (signed_out, peace) {
            (_, true) => 0,
            (true, false) => self.refusals.saturating_add(1),
            (false, false) => self.refusals,
        };
        self.last = Some(Instant::now());
    }
}

/// Between two tries to renew a token that is about to end.
const RENEWAL: Duration = Duration::from_secs(1);

/// Runs until the engine stops.
pub(super) async fn keep(core: Arc<Core>) {
    let mut asked = Asked::default();
    loop {
        let steady = core.steady_ms();
        // A token that ends is renewed before it does.
        let renewal = core.token.renew_in();
        let (gate, signed_out, wanted, urgent) = {
            let mut flow = core.flow();
            let gate = flow.breaker.gate(steady);
            let signed_out = flow.signed_out.is_some();
            // Also when trouble is over by its time: nothing may be queued that would find out.
            let wanted = flow.account.is_none() || signed_out || gate == Gate::OneTry;
            (gate, signed_out, wanted, std::mem::take(&mut flow.ask_session))
        };
        // Being woken is no reason to ask again at once: trouble that asking itself met wakes us too.
        let rest = asked.rest(signed_out);
        let renews = renewal == Some(Duration::ZERO) && asked.last.is_none_or(|last| last.elapsed() > RENEWAL);
        let pause = if urgent || renews || (wanted && rest.is_zero() && !matches!(gate, Gate::Closed { .. })) {
            asked.now(signed_out);
            ask_once(&core).await;
            continue;
        } else if let Gate::Closed { until_ms } = gate {
            Duration::from_millis(until_ms.saturating_sub(steady).max(1).unsigned_abs())
        } else if wanted {
            rest
        } else if renewal == Some(Duration::ZERO) {
            RENEWAL
        } else {
            Duration::from_secs(3600)
        };
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.session.notified() => {}
            () = tokio::time::sleep(renewal.filter(|renewal| !renewal.is_zero()).map_or(pause, |renewal| renewal.min(pause)).max(Duration::from_millis(1))) => {}
        }
    }
}

async fn ask_once(core: &Core) {
    let refused = core.flow().signed_out.is_some();
    let loaded = core.token.load(refused).await;
    core.flow().token_read = true;
    core.dispatch.notify_one();
    core.confirm.notify_one();
    if let Err(cause) = loaded {
        return core.hold(Origin::Session, &cause);
    }
    let said = tokio::select! {
        () = core.stop.cancelled() => return,
        said = core.backend.session() => said,
    };
    match said {
        Ok(session) => {
            tracing::info!(account = session.account, "signed in");
            {
                let mut flow = core.flow();
                flow.account = Some(session.account);
                flow.limits = session.limits;
                flow.signed_out = None;
            }
            // The backend answers; whether S3 does, the next file finds out by itself. Without one there is nothing to wait for.
            let origin = if nothing_to_send(core).await { Origin::S3 } else { Origin::Session };
            core.through(origin);
            core.tell_standing();
            core.dispatch.notify_one();
            core.confirm.notify_one();
        }
        // A backend without a session endpoint still signs and confirms: its limits are unknown, that is all.
        Err(cause) if cause.code.is_no_backend() => {
            core.flow().account.get_or_insert_default();
            core.notice(None, notice::session(&cause));
        }
        Err(cause) => core.hold(Origin::Session, &cause),
    }
}

async fn nothing_to_send(core: &Core) -> bool {
    let queued = core.ledger.read(|db| Ok(sources::grand_totals(db)?.queued.files)).await;
    matches!(queued, Ok(0)) && core.in_flight() == 0
}
