//! When an upload is over, and what the process ends with. Pure.

use crate::failure::{CONFIGURATION, DONE, SOME};
use offload_protocol::view::{Health, SourceState, State, Totals};
use std::time::Duration;

/// How a batch stands at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) totals: Totals,
    /// The folders were looked through to the end since the batch was given.
    pub(super) seen: bool,
    pub(super) state: SourceState,
    pub(super) health: Health,
    /// What is left waits after many tries in vain.
    pub(super) only_waits: bool,
    /// Since when nothing has moved.
    pub(super) idle: Duration,
}

/// Why it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Nothing is left that Offload itself could do.
    Through,
    /// What is left is tried again only much later.
    OnlyWaiting,
    SignedOut,
    NoProgress,
    /// By the person.
    Interrupted,
}

impl End {
    /// Stable word for `--json`.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Through => "through",
            Self::OnlyWaiting => "only_waiting",
            Self::SignedOut => "signed_out",
            Self::NoProgress => "no_progress",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Whether it is over; `None`: go on.
pub(super) fn verdict(look: &Look, patience: Duration) -> Option<End> {
    let seen = look.seen || look.state == SourceState::Cancelled;
    if seen && look.totals.pending() == 0 {
        Some(End::Through)
    } else if look.health == Health::SignedOut {
        Some(End::SignedOut)
    } else if seen && look.only_waits {
        Some(End::OnlyWaiting)
    } else if look.idle >= patience {
        Some(End::NoProgress)
    } else {
        None
    }
}

/// 0 only if every file of the batch is confirmed.
pub(super) fn exit(end: End, totals: &Totals) -> u8 {
    let all_confirmed = totals.all().files == totals.get(State::Confirmed).files;
    match end {
        End::Through if all_confirmed => DONE,
        End::SignedOut => CONFIGURATION,
        End::Through | End::OnlyWaiting | End::NoProgress | End::Interrupted => SOME,
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Look, exit, verdict};
    use crate::status::tests::totals;
    use offload_protocol::view::{Health, SourceState, State, Totals};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(600);

    fn look(files: &[(State, u64)]) -> Look {
        Look {
            totals: totals(files),
            seen: true,
            state: SourceState::Active,
            health: Health::Working,
            only_waits: false,
            idle: Duration::ZERO,
        }
    }

    #[test]
    fn ends() {
        use State::{Confirmed, Failed, Missing, Queued, Settling, Skipped, Uploaded, Uploading, Waiting};
        let table: [(Look, Option<End>); 15] = [
            (look(&[(Confirmed, 5)]), Some(End::Through)),
            (look(&[]), Some(End::Through)),
            (look(&[(Confirmed, 5), (Failed, 1), (Skipped, 1), (Missing, 1)]), Some(End::Through)),
            (Look { seen: false, ..look(&[]) }, None),
            (Look { seen: false, ..look(&[(Confirmed, 5)]) }, None),
            (look(&[(Settling, 1)]), None),
            (look(&[(Queued, 1), (Failed, 1)]), None),
            (look(&[(Uploading, 1)]), None),
            (look(&[(Uploaded, 1)]), None),
            (look(&[(Waiting, 1)]), None),
            (Look { only_waits: true, ..look(&[(Waiting, 1)]) }, Some(End::OnlyWaiting)),
            (Look { health: Health::SignedOut, ..look(&[(Queued, 1)]) }, Some(End::SignedOut)),
            (Look { health: Health::SignedOut, ..look(&[(Confirmed, 1)]) }, Some(End::Through)),
            (Look { idle: PATIENCE, health: Health::Offline, ..look(&[(Queued, 1)]) }, Some(End::NoProgress)),
            (Look { seen: false, state: SourceState::Cancelled, ..look(&[(Skipped, 1)]) }, Some(End::Through)),
        ];
        for (look, end) in table {
            assert_eq!(verdict(&look, PATIENCE), end, "{look:?}");
        }
    }

    #[test]
    fn exits() {
        use State::{Confirmed, Failed, Missing, Queued, Skipped, Uploaded};
        let table: [(End, Totals, u8); 11] = [
            (End::Through, totals(&[(Confirmed, 5)]), 0),
            (End::Through, totals(&[]), 0),
            (End::Through, totals(&[(Confirmed, 5), (Failed, 1)]), 1),
            (End::Through, totals(&[(Confirmed, 5), (Missing, 1)]), 1),
            (End::Through, totals(&[(Confirmed, 5), (Skipped, 1)]), 1),
            (End::OnlyWaiting, totals(&[(Confirmed, 5), (Uploaded, 1)]), 1),
            (End::NoProgress, totals(&[]), 1),
            (End::NoProgress, totals(&[(Queued, 5)]), 1),
            (End::SignedOut, totals(&[(Queued, 5)]), 2),
            (End::Interrupted, totals(&[(Queued, 5)]), 1),
            (End::Interrupted, totals(&[(Confirmed, 5)]), 1),
        ];
        for (end, totals, code) in table {
            assert_eq!(exit(end, &totals), code, "{end:?} {totals:?}");
        }
    }
}
