//! The only legal moves between states, as a pure function.

use offload_protocol::view::State;

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Move {
    /// Stood still for long enough.
    Still,
    /// A worker takes it.
    Claim,
    /// The worker puts it back, nothing lost: pause, offline, restart.
    Release,
    /// S3 has the bytes, or the backend said it has.
    Store,
    /// The backend acknowledged it.
    Confirm,
    /// The object is not in the bucket after all.
    SendAgain,
    /// Tried in vain; later again.
    Wait,
    /// A person must act.
    Fail,
    /// Not to be sent.
    Skip,
    /// The file is not there.
    Lose,
    /// Look again until it stands still: it changed, came back, or can be read again.
    Resettle,
    /// A person asks for another try.
    Retry,
}

impl Move {
    pub const ALL: [Self; 12] = [
        Self::Still,
        Self::Claim,
        Self::Release,
        Self::Store,
        Self::Confirm,
        Self::SendAgain,
        Self::Wait,
        Self::Fail,
        Self::Skip,
        Self::Lose,
        Self::Resettle,
        Self::Retry,
    ];
}

/// The state after a move; `None` where the move is not legal.
pub const fn after(from: State, by: Move) -> Option<State> {
    use Move as M;
    use State as S;
    match (from, by) {
        (S::Settling, M::Still) | (S::Uploading | S::Waiting, M::Release) => Some(S::Queued),
        (S::Queued, M::Claim) => Some(S::Uploading),
        (S::Uploading, M::Store) => Some(S::Uploaded),
        (S::Uploaded, M::Confirm) => Some(S::Confirmed),
        (S::Waiting | S::Failed, M::Retry) => Some(S::Queued),
        (S::Uploading, M::Wait) | (S::Uploaded, M::SendAgain) => Some(S::Waiting),
        (S::Settling | S::Queued | S::Uploading | S::Uploaded | S::Waiting, M::Fail) => Some(S::Failed),
        (S::Settling | S::Queued | S::Uploading | S::Waiting | S::Failed | S::Missing, M::Skip) => Some(S::Skipped),
        (S::Settling | S::Queued | S::Uploading | S::Waiting | S::Failed, M::Lose) => Some(S::Missing),
        (S::Settling | S::Queued | S::Uploading | S::Waiting | S::Failed | S::Skipped | S::Missing, M::Resettle) => {
            Some(S::Settling)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Move, after};
    use offload_protocol::view::State;
    use proptest::prelude::*;

    #[test]
    fn only_the_backends_word_makes_it_green() {
        for from in State::ALL {
            for by in Move::ALL {
                if after(from, by) == Some(State::Confirmed) {
                    assert_eq!((from, by), (State::Uploaded, Move::Confirm));
                }
                if after(from, by) == Some(State::Uploaded) {
                    assert_eq!((from, by), (State::Uploading, Move::Store));
                }
                if after(from, by) == Some(State::Uploading) {
                    assert_eq!((from, by), (State::Queued, Move::Claim));
                }
            }
        }
    }

    #[test]
    fn confirmed_is_for_ever() {
        for by in Move::ALL {
            assert_eq!(after(State::Confirmed, by), None);
        }
    }

    #[test]
    fn what_is_in_s3_is_never_forgotten() {
        // From `uploaded` there is no way to skipped, missing or settling: the backend is told, or a person is.
        for by in Move::ALL {
            if let Some(to) = after(State::Uploaded, by) {
                assert!(matches!(to, State::Confirmed | State::Waiting | State::Failed), "{by:?} leads to {to:?}");
            }
        }
    }

    proptest! {
        /// However moves come, a file ends where it can be seen, and every state but `confirmed` has a way on.
        #[test]
        fn no_dead_ends(moves in proptest::collection::vec(0..Move::ALL.len(), 0..60)) {
            let mut state = State::Settling;
            for index in moves {
                if let Some(next) = after(state, Move::ALL[index]) {
                    state = next;
                }
            }
            let ways_on = Move::ALL.into_iter().filter(|by| after(state, *by).is_some()).count();
            prop_assert!(state == State::Confirmed || ways_on > 0);
        }
    }
}
