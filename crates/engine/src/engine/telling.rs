//! What windows hear: changes from the outbox and bytes on their way, at most ten times a second.

use super::core::Core;
use crate::ledger::{LedgerError, outbox, sources};
use crate::progress::{Pace, Rounds};
use offload_protocol::view::Event;
use std::sync::Arc;
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(100);
/// Rows named in one event at most.
const IDS: usize = 200;
/// Outbox rows read at a time.
const ROWS: u32 = 200;
/// Commits between two trims of the outbox.
const TRIM_EVERY: u64 = 2000;

/// What is kept from one look to the next.
#[derive(Debug, Default)]
struct Teller {
    pace: Pace,
    rounds: Rounds,
    /// The outbox up to here is in the round.
    counted: i64,
    /// The last progress told was not one of standstill.
    shown: bool,
    trimmed: u64,
}

/// Runs until the engine stops.
pub(super) async fn tell(core: Arc<Core>) {
    let mut commits = core.ledger.commits();
    let mut seq = match core.ledger.read(outbox::last).await {
        Ok(seq) => seq,
        Err(error) => {
            tracing::error!(%error, "the outbox could not be read; windows will not hear of changes");
            return;
        }
    };
    let mut teller = Teller { counted: seq, ..Teller::default() };
    loop {
        // The first look is at what was left by the last engine.
        if let Err(error) = teller.show_progress(&core).await {
            tracing::error!(%error, "how far the work has come could not be read");
        }
        tokio::time::sleep(TICK).await;
        tokio::select! {
            () = core.stop.cancelled() => return,
            changed = commits.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(TICK * 5), if core.in_flight() > 0 || teller.shown => {}
        }
        seq = match tell_changes(&core, seq).await {
            Ok(seq) => seq,
            Err(error) => {
                tracing::error!(%error, "the outbox could not be read");
                seq
            }
        };
        let count = *commits.borrow();
        if count / TRIM_EVERY != teller.trimmed {
            teller.trimmed = count / TRIM_EVERY;
            if let Err(error) = core.ledger.write(outbox::trim).await {
                tracing::warn!(%error, "the outbox could not be trimmed");
            }
        }
    }
}

impl Teller {
    /// Speed, round and bytes on their way. When the flights end there is a last word that all stands still.
    async fn show_progress(&mut self, core: &Core) -> Result<(), LedgerError> {
        self.pace.note(Instant::now(), core.bytes_sent());
        let counted = self.counted;
        let (ended, mut left, last) = core
            .ledger
            .read(move |db| {
                let _snapshot = db.unchecked_transaction()?;
                let last = outbox::last(db)?;
                Ok((outbox::ended(db, counted, last)?, sources::left(db)?, last))
            })
            .await?;
        self.counted = last;
        let files = core.progress();
        left.flying = files.iter().map(|progress| progress.sent).sum();
        let speed = self.pace.speed();
        let (round, changed) = {
            let mut flow = core.flow();
            let lasting = self.pace.lasting().filter(|_| !flow.is_held());
            let round = self.rounds.look(ended, left, lasting);
            let changed = flow.round != round;
            flow.speed = speed;
            flow.round = round;
            (round, changed)
        };
        let flying = !files.is_empty() || speed > 0;
        if flying || self.shown || changed {
            core.tell(Event::Progress { files, speed, round });
        }
        self.shown = flying;
        Ok(())
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
