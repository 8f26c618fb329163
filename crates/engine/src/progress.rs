//! How fast it goes, how far the work has come since there was last nothing to do, and how long the rest takes. Pure.

use offload_protocol::view::Round;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The speed is that of the last seconds.
const SPEED_OVER: Duration = Duration::from_secs(4);
/// Less says nothing of the time left.
const ENOUGH: Duration = Duration::from_secs(2);
/// Two looks nearer to each other than this say nothing at all.
const TOO_NEAR: Duration = Duration::from_millis(100);

/// Bytes a second, from what was sent at the last looks.
#[derive(Debug, Default)]
pub struct Pace {
    samples: VecDeque<(Instant, u64)>,
}

impl Pace {
    /// Notes how many bytes have gone out in all by now.
    pub fn note(&mut self, now: Instant, bytes: u64) {
        self.samples.push_back((now, bytes));
        while self.samples.front().is_some_and(|(then, _)| now.duration_since(*then) > SPEED_OVER) {
            self.samples.pop_front();
        }
    }

    /// Bytes a second; 0 while nothing can be said.
    pub fn speed(&self) -> u64 {
        let (over, bytes) = self.span();
        let millis = u64::try_from(over.as_millis()).unwrap_or(u64::MAX);
        if over < TOO_NEAR { 0 } else { bytes.saturating_mul(1000) / millis }
    }

    /// The speed where it says how long the rest takes.
    pub fn lasting(&self) -> Option<u64> {
        let (over, _) = self.span();
        Some(self.speed()).filter(|speed| *speed > 0 && over >= ENOUGH)
    }

    /// Whether the speed is not zero yet though nothing may fly any more.
    pub fn is_moving(&self) -> bool {
        self.span().1 > 0
    }

    /// The time looked over and the bytes of it. A flight that was called back takes its bytes with it: the sum may step back.
    fn span(&self) -> (Duration, u64) {
        match (self.samples.front(), self.samples.back()) {
            (Some((then, before)), Some((now, bytes))) => (now.duration_since(*then), bytes.saturating_sub(*before)),
            _ => (Duration::ZERO, 0),
        }
    }
}

/// What is still to be done, of sources that may send now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Left {
    pub files: u64,
    pub bytes: u64,
    /// Bytes of those that are in S3 already and only wait to be confirmed.
    pub arrived: u64,
    /// Bytes that went out of those on their way.
    pub flying: u64,
}

/// Files that came to an end since the last look, and those that were taken up again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    pub files: u64,
    pub bytes: u64,
    pub again_files: u64,
    pub again_bytes: u64,
}

/// Keeps the round: it begins when there is something to do, grows with what is added, and is over when nothing is left.
#[derive(Debug, Default)]
pub struct Rounds {
    files: u64,
    bytes: u64,
}

impl Rounds {
    /// The round as it stands after a look; `None`: there is nothing to do. `speed` is the lasting one, and `None` while nothing may go out.
    pub fn look(&mut self, ended: Ended, left: Left, speed: Option<u64>) -> Option<Round> {
        if left.files == 0 {
            *self = Self::default();
            return None;
        }
        self.files = (self.files + ended.files).saturating_sub(ended.again_files);
        self.bytes = (self.bytes + ended.bytes).saturating_sub(ended.again_bytes);
        let bytes_all = self.bytes + left.bytes;
        // A file that just landed may be counted twice for a moment.
        let bytes_done = (self.bytes + left.arrived + left.flying).min(bytes_all);
        Some(Round {
            files_done: self.files,
            files_all: self.files + left.files,
            bytes_done,
            bytes_all,
            seconds_left: speed.filter(|speed| *speed > 0).map(|speed| (bytes_all - bytes_done).div_ceil(speed)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Ended, Left, Pace, Rounds};
    use std::time::{Duration, Instant};

    /// Done and all, in files and bytes, and the seconds left.
    type Seen = Option<(u64, u64, u64, u64, Option<u64>)>;

    #[test]
    fn a_round_from_nothing_to_nothing() {
        let ended = |files: u64| Ended { files, bytes: files * 100, ..Ended::default() };
        let again = |files: u64| Ended { again_files: files, again_bytes: files * 100, ..Ended::default() };
        let left = |files: u64, arrived: u64, flying: u64| Left { files, bytes: files * 100, arrived, flying };
        let none = Ended::default();
        let mut rounds = Rounds::default();
        let table: [(&str, Ended, Left, Option<u64>, Seen); 14] = [
            ("nothing", none, left(0, 0, 0), Some(9), None),
            ("what ended before counts for nothing", ended(7), left(0, 0, 0), None, None),
            ("four files", none, left(4, 0, 0), None, Some((0, 4, 0, 400, None))),
            ("one on its way", none, left(4, 0, 50), Some(100), Some((0, 4, 50, 400, Some(4)))),
            ("one in S3", none, left(4, 100, 0), Some(100), Some((0, 4, 100, 400, Some(3)))),
            ("one confirmed", ended(1), left(3, 0, 0), Some(100), Some((1, 4, 100, 400, Some(3)))),
            ("six more found", none, left(9, 0, 0), Some(100), Some((1, 10, 100, 1000, Some(9)))),
            ("paused", none, left(9, 0, 0), None, Some((1, 10, 100, 1000, None))),
            ("one failed", ended(1), left(8, 0, 0), Some(200), Some((2, 10, 200, 1000, Some(4)))),
            ("and is tried again", again(1), left(9, 0, 0), Some(200), Some((1, 10, 100, 1000, Some(5)))),
            ("counted twice for a moment", none, left(9, 500, 500), Some(9), Some((1, 10, 1000, 1000, Some(0)))),
            ("failures of an earlier round", again(5), left(14, 0, 0), None, Some((0, 14, 0, 1400, None))),
            ("over", ended(14), left(0, 0, 0), None, None),
            ("a new round", none, left(2, 0, 0), None, Some((0, 2, 0, 200, None))),
        ];
        for (what, ended, left, speed, expected) in table {
            let round = rounds.look(ended, left, speed);
            let seen = round.map(|r| (r.files_done, r.files_all, r.bytes_done, r.bytes_all, r.seconds_left));
            assert_eq!(seen, expected, "{what}");
        }
    }

    #[test]
    fn the_pace_of_the_last_seconds() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut pace = Pace::default();
        assert_eq!((pace.speed(), pace.lasting()), (0, None));
        for (ms, bytes, speed, lasting, moving) in [
            (0, 0, 0, None, false),
            (50, 900, 0, None, true),
            (1_000, 1_000, 1_000, None, true),
            (2_000, 2_000, 1_000, Some(1_000), true),
            (4_000, 4_000, 1_000, Some(1_000), true),
            (6_000, 4_000, 500, Some(500), true),
            // One was called back.
            (6_500, 3_000, 0, None, false),
            (12_000, 3_000, 0, None, false),
            (13_000, 5_000, 2_000, None, true),
            (20_000, 5_000, 0, None, false),
        ] {
            pace.note(at(ms), bytes);
            assert_eq!((pace.speed(), pace.lasting(), pace.is_moving()), (speed, lasting, moving), "at {ms} ms");
        }
    }
}
