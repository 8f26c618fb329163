//! Does what hangs on the time of day: ends a pause that was set for some time, and applies the daily limit.

use super::core::Core;
use crate::daily::{Counts, counts};
use crate::ledger::{now_ms, settings};
use jiff::ZonedDateTime;
use std::sync::Arc;
use std::time::Duration;

/// How often the wall clock is looked at: it may be set, and a machine that slept counted no time.
const TICK: Duration = Duration::from_secs(2);

/// Runs until the engine stops.
pub(super) async fn keep_time(core: Arc<Core>) {
    loop {
        end_pause(&core).await;
        apply_daily(&core);
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.timing.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

/// Sets the limit that counts now, and holds the queue where the daily one lets nothing out.
pub(super) fn apply_daily(core: &Core) {
    let now = ZonedDateTime::now();
    let (held_before, held) = {
        let mut flow = core.flow();
        let counts = counts(&now, flow.daily.as_ref(), flow.daily_waived);
        let rate = match counts {
            Counts::Daily(rate) => Some(rate),
            Counts::Usual | Counts::Nothing { .. } => flow.usual,
        };
        let hold = match counts {
            Counts::Nothing { until_ms } => Some(until_ms),
            Counts::Usual | Counts::Daily(_) => None,
        };
        if core.bandwidth.rate() != rate {
            core.bandwidth.set(rate);
        }
        (std::mem::replace(&mut flow.daily_hold, hold), hold)
    };
    if held_before == held {
        return;
    }
    if held.is_some() {
        core.call_back(None);
    } else {
        core.flow().try_now();
        core.dispatch.notify_one();
    }
    tracing::info!(held_until_ms = held, "the daily limit");
    core.tell_standing();
}

/// A pause whose time is over ends by itself.
async fn end_pause(core: &Core) {
    let Some(over) = core.flow().paused.filter(|pause| pause.is_over(now_ms())) else { return };
    let written = core
        .ledger
        .write(move |db| {
            if settings::pause(db)? == Some(over) {
                settings::set_pause(db, None)?;
            }
            Ok(())
        })
        .await;
    if let Err(error) = written {
        // It goes on all the same; what is written is over at the next start too.
        tracing::warn!(%error, "the end of a pause could not be noted");
    }
    {
        let mut flow = core.flow();
        if flow.paused == Some(over) {
            flow.paused = None;
            flow.try_now();
        }
    }
    tracing::info!("the pause is over");
    core.dispatch.notify_one();
    core.tell_standing();
}
