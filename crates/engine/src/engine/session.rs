//! Who we are at the backend: asked at the start, when the token changed, and while signed out.

use super::core::Core;
use crate::breaker::{Gate, Origin};
use crate::cause::{Code, Retry};
use crate::ledger::sources;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// While signed out the backend is asked again this often: a token may be allowed again.
const SIGNED_OUT: Duration = Duration::from_secs(60);

/// Runs until the engine stops.
pub(super) async fn keep(core: Arc<Core>) {
    // Being woken is no reason to ask again at once: trouble that asking itself met wakes us too.
    let mut not_before = Instant::now();
    loop {
        let steady = core.steady_ms();
        let (gate, wanted, urgent) = {
            let mut flow = core.flow();
            let gate = flow.breaker.gate(steady);
            // Also when trouble is over by its time: nothing may be queued that would find out.
            let wanted = flow.account.is_none() || flow.signed_out.is_some() || gate == Gate::OneTry;
            (gate, wanted, std::mem::take(&mut flow.ask_session))
        };
        let mut pause = Duration::from_secs(3600);
        if urgent || (wanted && Instant::now() >= not_before && !matches!(gate, Gate::Closed { .. })) {
            let wait = ask_once(&core).await.err().unwrap_or(pause);
            not_before = Instant::now() + wait;
            pause = wait;
        } else if let Gate::Closed { until_ms } = gate {
            pause = Duration::from_millis(until_ms.saturating_sub(steady).max(1).unsigned_abs());
        } else if wanted {
            pause = not_before.saturating_duration_since(Instant::now());
        }
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.session.notified() => {}
            () = tokio::time::sleep(pause.max(Duration::from_millis(1))) => {}
        }
    }
}

async fn ask_once(core: &Core) -> Result<(), Duration> {
    if let Err(cause) = core.token.load().await {
        core.trouble(Origin::Backend, &cause);
        return Err(SIGNED_OUT);
    }
    let said = tokio::select! {
        () = core.stop.cancelled() => return Err(Duration::ZERO),
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
            let origin = if nothing_to_send(core).await { Origin::S3 } else { Origin::Backend };
            core.through(origin);
            core.tell_standing();
            core.dispatch.notify_one();
            core.confirm.notify_one();
            Ok(())
        }
        Err(cause) if cause.retry() == Retry::SignIn => {
            core.trouble(Origin::Backend, &cause);
            Err(SIGNED_OUT)
        }
        // A backend without a session endpoint still signs and confirms: its limits are unknown, that is all.
        Err(cause) if cause.code == Code::BackendAnswer => {
            core.notice(None, format!("the backend's session answer could not be used: {cause}"));
            Ok(())
        }
        Err(cause) => {
            core.trouble(Origin::Backend, &cause);
            Err(until_open(core))
        }
    }
}

fn until_open(core: &Core) -> Duration {
    let steady = core.steady_ms();
    match core.flow().breaker.gate(steady) {
        Gate::Closed { until_ms } => Duration::from_millis(until_ms.saturating_sub(steady).max(1).unsigned_abs()),
        Gate::Open | Gate::OneTry => Duration::from_secs(1),
    }
}

async fn nothing_to_send(core: &Core) -> bool {
    let queued = core.ledger.read(|db| Ok(sources::grand_totals(db)?.queued.files)).await;
    matches!(queued, Ok(0)) && core.in_flight() == 0
}
