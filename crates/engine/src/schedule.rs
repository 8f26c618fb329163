//! What to start next, and how the whole stands: pure decisions over what the ledger and the engine say.

use crate::breaker::Gate;
use offload_protocol::view::{Health, SourceState, State, Totals};

/// What the dispatcher knows when it decides.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    pub paused: bool,
    pub signed_out: bool,
    pub gate: Gate,
    /// Files that workers hold now.
    pub in_flight: u32,
    /// Uploads at once that the adaptive limit allows.
    pub concurrency: u32,
    /// Files waiting in the queue (those of paused sources too).
    pub queued: u64,
    /// When the next waiting file is due, milliseconds since 1970.
    pub next_waiting_ms: Option<i64>,
    pub now_ms: i64,
}

/// What the dispatcher does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Put waiting files that are due back into the queue.
    Wake,
    /// Claim up to this many.
    Claim(u32),
    /// Nothing to do before this many milliseconds have passed, or something changes.
    Idle { for_ms: Option<u64> },
}

/// Files that are hashed and presigned ahead of those being sent, so that the line never runs dry.
pub const fn ahead(concurrency: u32) -> u32 {
    concurrency
}

/// Decides; `gate_in_ms` of a closed gate is in the gate's own clock, hence handed in as a difference.
pub fn next(situation: &Situation, gate_opens_in_ms: Option<u64>) -> Next {
    let wake_in = situation.next_waiting_ms.map(|due| due.saturating_sub(situation.now_ms).max(0).unsigned_abs());
    if situation.paused || situation.signed_out {
        return Next::Idle { for_ms: None };
    }
    if wake_in == Some(0) {
        return Next::Wake;
    }
    let room = match situation.gate {
        Gate::Closed { .. } => {
            return Next::Idle { for_ms: gate_opens_in_ms };
        }
        Gate::OneTry => 1u32.saturating_sub(situation.in_flight),
        Gate::Open => (situation.concurrency + ahead(situation.concurrency)).saturating_sub(situation.in_flight),
    };
    if room == 0 || situation.queued == 0 {
        return Next::Idle { for_ms: wake_in };
    }
    Next::Claim(room)
}

/// What the whole engine's health is made of.
#[derive(Debug, Clone, Copy)]
pub struct Whole {
    pub signed_out: bool,
    pub offline: bool,
    pub paused: bool,
    pub scanning: bool,
    pub running: bool,
    /// The ledger does not do its work: nothing it says is sure.
    pub ledger_trouble: bool,
}

/// The worst true word. `UpToDate` only where nothing is left to scan, settle, send or confirm, and nothing needs a person.
pub fn health(whole: Whole, totals: &Totals, sources: &[SourceState]) -> Health {
    if whole.signed_out {
        return Health::SignedOut;
    }
    if whole.running && whole.offline {
        return Health::Offline;
    }
    let pending = totals.pending();
    let source_paused = sources.contains(&SourceState::Paused);
    if whole.paused || (source_paused && pending > 0 && whole.running) {
        return Health::Paused;
    }
    if State::ALL.into_iter().any(|state| state.needs_attention() && totals.get(state).files > 0)
        || sources.contains(&SourceState::Away)
        || whole.ledger_trouble
    {
        return Health::NeedsAttention;
    }
    if !whole.running && (pending > 0 || whole.scanning) {
        return Health::Stopped;
    }
    if whole.scanning || pending > 0 {
        return Health::Working;
    }
    Health::UpToDate
}

#[cfg(test)]
mod tests {
    use super::{Next, Situation, Whole, health, next};
    use crate::breaker::Gate;
    use offload_protocol::view::{Health, SourceState, State, Tally, Totals};
    use proptest::prelude::*;

    const CALM: Situation = Situation {
        paused: false,
        signed_out: false,
        gate: Gate::Open,
        in_flight: 0,
        concurrency: 4,
        queued: 100,
        next_waiting_ms: None,
        now_ms: 1000,
    };

    #[test]
    fn table() {
        let closed = Gate::Closed { until_ms: 9 };
        let rows = [
            ("room for twice the limit", CALM, None, Next::Claim(8)),
            ("some in flight", Situation { in_flight: 5, ..CALM }, None, Next::Claim(3)),
            ("full", Situation { in_flight: 8, ..CALM }, None, Next::Idle { for_ms: None }),
            ("over-full after a slow-down", Situation { in_flight: 30, ..CALM }, None, Next::Idle { for_ms: None }),
            ("nothing queued", Situation { queued: 0, ..CALM }, None, Next::Idle { for_ms: None }),
            ("paused", Situation { paused: true, ..CALM }, None, Next::Idle { for_ms: None }),
            ("signed out", Situation { signed_out: true, ..CALM }, None, Next::Idle { for_ms: None }),
            ("closed", Situation { gate: closed, ..CALM }, Some(8), Next::Idle { for_ms: Some(8) }),
            ("one try", Situation { gate: Gate::OneTry, ..CALM }, None, Next::Claim(1)),
            (
                "one try under way",
                Situation { gate: Gate::OneTry, in_flight: 1, ..CALM },
                None,
                Next::Idle { for_ms: None },
            ),
            ("one due", Situation { next_waiting_ms: Some(1000), ..CALM }, None, Next::Wake),
            ("one due long ago", Situation { next_waiting_ms: Some(-5), ..CALM }, None, Next::Wake),
            (
                "one due soon",
                Situation { next_waiting_ms: Some(1500), queued: 0, ..CALM },
                None,
                Next::Idle { for_ms: Some(500) },
            ),
        ];
        for (what, situation, gate, expected) in rows {
            assert_eq!(next(&situation, gate), expected, "{what}");
        }
    }

    proptest! {
        /// Never more in flight than twice the limit, and never idle for ever while something could be started.
        #[test]
        fn bounds(in_flight in 0u32..200, concurrency in 1u32..64, queued in 0u64..10, due in proptest::option::of(-10i64..5000)) {
            let situation = Situation { in_flight, concurrency, queued, next_waiting_ms: due, ..CALM };
            match next(&situation, None) {
                Next::Claim(count) => prop_assert!(count > 0 && in_flight + count <= 2 * concurrency && queued > 0),
                Next::Wake => prop_assert!(due.is_some_and(|due| due <= situation.now_ms)),
                Next::Idle { for_ms: Some(pause) } => prop_assert_eq!(Some(situation.now_ms + pause as i64), due),
                Next::Idle { for_ms: None } => prop_assert!(due.is_none() && (queued == 0 || in_flight >= 2 * concurrency)),
            }
        }

        /// Green needs all states but confirmed and skipped empty, whatever else is the case.
        #[test]
        fn green_means_safe(counts in proptest::array::uniform9(0u64..2), flags in proptest::array::uniform6(any::<bool>())) {
            let mut totals = Totals::default();
            for (state, files) in State::ALL.into_iter().zip(counts) {
                *totals.get_mut(state) = Tally { files, bytes: files };
            }
            let [signed_out, offline, paused, scanning, running, ledger_trouble] = flags;
            let word = health(Whole { signed_out, offline, paused, scanning, running, ledger_trouble }, &totals, &[SourceState::Active]);
            if word == Health::UpToDate {
                prop_assert!(!signed_out && !paused && !scanning && !ledger_trouble);
                for state in State::ALL {
                    prop_assert!(matches!(state, State::Confirmed | State::Skipped) || totals.get(state).files == 0);
                }
            }
        }
    }

    #[test]
    fn words_by_rank() {
        let calm = Whole {
            signed_out: false,
            offline: false,
            paused: false,
            scanning: false,
            running: true,
            ledger_trouble: false,
        };
        let with = |state: State| {
            let mut totals = Totals::default();
            totals.get_mut(state).files = 1;
            totals
        };
        let none = Totals::default();
        let rows = [
            (calm, none, SourceState::Active, Health::UpToDate),
            (Whole { scanning: true, ..calm }, none, SourceState::Active, Health::Working),
            (calm, with(State::Settling), SourceState::Active, Health::Working),
            (calm, with(State::Uploaded), SourceState::Active, Health::Working),
            (calm, with(State::Failed), SourceState::Active, Health::NeedsAttention),
            (calm, with(State::Missing), SourceState::Active, Health::NeedsAttention),
            (calm, none, SourceState::Away, Health::NeedsAttention),
            (calm, with(State::Queued), SourceState::Paused, Health::Paused),
            (calm, none, SourceState::Paused, Health::UpToDate),
            (Whole { paused: true, ..calm }, none, SourceState::Active, Health::Paused),
            (Whole { offline: true, ..calm }, with(State::Failed), SourceState::Active, Health::Offline),
            (Whole { signed_out: true, offline: true, ..calm }, none, SourceState::Active, Health::SignedOut),
            (Whole { running: false, ..calm }, with(State::Queued), SourceState::Active, Health::Stopped),
            (Whole { running: false, ..calm }, none, SourceState::Active, Health::UpToDate),
            (Whole { running: false, scanning: true, ..calm }, none, SourceState::Active, Health::Stopped),
        ];
        for (whole, totals, source, expected) in rows {
            assert_eq!(health(whole, &totals, &[source]), expected, "{whole:?} {source:?}");
        }
    }
}
