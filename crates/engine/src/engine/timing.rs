//! Does what hangs on the time of day: ends a pause that was set for some time.

use super::core::Core;
use crate::ledger::{now_ms, settings};
use std::sync::Arc;
use std::time::Duration;

/// How often the wall clock is looked at: it may be set, and a machine that slept counted no time.
const TICK: Duration = Duration::from_secs(2);

/// Runs until the engine stops.
pub(super) async fn keep_time(core: Arc<Core>) {
    loop {
        end_pause(&core).await;
        tokio::select! {
            () = core.stop.cancelled() => return,
            () = core.timing.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
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
