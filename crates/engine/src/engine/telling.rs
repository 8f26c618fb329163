//! What windows hear: changes from the outbox and bytes on their way, at most ten times a second.

use super::core::Core;
use crate::ledger::{LedgerError, outbox, sources};
use offload_protocol::view::Event;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(100);
/// Rows named in one event at most.
const IDS: usize = 200;
/// Outbox rows read at a time.
const ROWS: u32 = 200;
/// The speed is that of the last seconds.
const SPEED_OVER: Duration = Duration::from_secs(4);
/// Commits between two trims of the outbox.
const TRIM_EVERY: u64 = 2000;

/// Runs until the engine stops.
pub(super) async fn tell(core: Arc<Core>) {
    let mut commits = core.ledger.commits();
    let mut heard = Heard::default();
    let mut seq = match core.ledger.read(outbox::last).await {
        Ok(seq) => seq,
        Err(error) => {
            tracing::error!(%error, "the outbox could not be read; windows will not hear of changes");
            return;
        }
    };
    loop {
        let flying = core.in_flight() > 0;
        tokio::select! {
            () = core.stop.cancelled() => return,
            changed = commits.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(TICK * 5), if flying || heard.moving() => {}
        }
        seq = match tell_changes(&core, seq).await {
            Ok(seq) => seq,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                seq
            }
        };
        core.flow().speed = heard.speed(core.bytes_sent());
        if flying && core.events.receiver_count() > 0 {
            let speed = core.flow().speed;
            core.tell(Event::Progress { files: core.progress(), speed, round: None });
        }
        let count = *commits.borrow_and_update();
        if count / TRIM_EVERY != heard.trimmed {
            heard.trimmed = count / TRIM_EVERY;
            if let Err(error) = core.ledger.write(outbox::trim).await {
                tracing::warn!(%error, "the outbox could not be trimmed");
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

async fn tell_changes(core: &Core, mut seq: i64) -> Result<i64, LedgerError> {
    if core.events.receiver_count() == 0 {
        // Nobody listens: the first to come fetches the whole anyway.
        return core.ledger.read(outbox::last).await;
    }
    loop {
        let after = seq;
        let (changes, totals) = core
            .ledger
            .read(move |db| {
                let changes = outbox::after(db, after, ROWS)?;
                Ok((changes, sources::grand_totals(db)?))
            })
            .await?;
        if changes.seq == after {
            return Ok(after);
        }
        seq = changes.seq;
        debug_assert!(changes.ids.len() <= IDS);
        core.tell(Event::Files { after, seq, ids: changes.ids, totals });
    }
}

/// Samples of the bytes sent, for the speed; and when the outbox was trimmed.
#[derive(Debug, Default)]
struct Heard {
    samples: VecDeque<(Instant, u64)>,
    trimmed: u64,
}

impl Heard {
    fn speed(&mut self, bytes: u64) -> u64 {
        let now = Instant::now();
        self.samples.push_back((now, bytes));
        while self.samples.front().is_some_and(|(then, _)| now.duration_since(*then) > SPEED_OVER) {
            self.samples.pop_front();
        }
        let Some((then, before)) = self.samples.front() else { return 0 };
        let millis = u64::try_from(now.duration_since(*then).as_millis()).unwrap_or(u64::MAX);
        // A flight that was called back takes its bytes with it: the sum may step back.
        if millis < 100 { 0 } else { bytes.saturating_sub(*before).saturating_mul(1000) / millis }
    }

    /// Whether the speed shown is not zero yet though nothing flies any more.
    fn moving(&self) -> bool {
        match (self.samples.front(), self.samples.back()) {
            (Some((_, first)), Some((_, last))) => first != last,
            _ => false,
        }
    }
}
