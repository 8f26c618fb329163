//! The settle gate: whether a file has stood still for long enough to be sent.
//!
//! It never gives a file up: a file that grows is deferred again, a file that is held open waits.

use super::held::open_for_writing;
use super::stat::{Stat, StatLook};
use std::io;
use std::path::Path;

/// How long a file has to stand still, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettleRules {
    /// Size and mtime unchanged for this long.
    pub still_ms: i64,
    /// The same for an empty file: programs create the name first and fill it later.
    pub empty_still_ms: i64,
    /// A file that another process holds open for writing is let through after this long without a change: some never
    /// close theirs.
    pub open_patience_ms: i64,
}

impl Default for SettleRules {
    fn default() -> Self {
        Self { still_ms: 2_000, empty_still_ms: 10_000, open_patience_ms: 60_000 }
    }
}

impl SettleRules {
    fn needed_ms(&self, stat: Stat) -> i64 {
        if stat.size == 0 { self.still_ms.max(self.empty_still_ms) } else { self.still_ms }
    }
}

/// What the gate says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Still for long enough; the stat is the version to be sent.
    Ready(Stat),
    /// Look again at `at_ms`; hand `stat` and `still_since_ms` in then.
    Again {
        at_ms: i64,
        stat: Stat,
        still_since_ms: i64,
    },
    Gone,
    /// Cannot be looked at; the caller decides when to look again.
    Unreadable(io::ErrorKind),
}

/// Decides on a file from the look before (`previous`, unchanged since `still_since_ms`) and the look `now`.
///
/// Both times come from the same clock. A clock that was set back starts the wait anew. One that was set forward would
/// end it early, so a clock that only runs forward is better; the looks before and after sending stand behind this gate
/// in any case.
pub fn settle(
    previous: Stat,
    now: StatLook,
    still_since_ms: i64,
    now_ms: i64,
    open_for_writing: bool,
    rules: &SettleRules,
) -> Settled {
    let stat = match now {
        StatLook::Present(stat) => stat,
        StatLook::Gone => return Settled::Gone,
        StatLook::Unreadable(kind) => return Settled::Unreadable(kind),
    };
    let needed_ms = rules.needed_ms(stat);
    if stat != previous || still_since_ms > now_ms {
        return Settled::Again { at_ms: now_ms.saturating_add(needed_ms), stat, still_since_ms: now_ms };
    }
    let still_ms = now_ms.saturating_sub(still_since_ms);
    if still_ms < needed_ms {
        return Settled::Again { at_ms: still_since_ms.saturating_add(needed_ms), stat, still_since_ms };
    }
    if open_for_writing && still_ms < rules.open_patience_ms {
        let patience_ends = still_since_ms.saturating_add(rules.open_patience_ms);
        return Settled::Again {
            at_ms: now_ms.saturating_add(rules.still_ms).min(patience_ends),
            stat,
            still_since_ms,
        };
    }
    Settled::Ready(stat)
}

/// Looks at the file and decides; blocking. Asks for writers only when all else says ready, since that opens the file.
pub fn look_and_settle(path: &Path, previous: Stat, still_since_ms: i64, now_ms: i64, rules: &SettleRules) -> Settled {
    let look = StatLook::at(path);
    let closed = settle(previous, look, still_since_ms, now_ms, false, rules);
    if !matches!(closed, Settled::Ready(_)) {
        return closed;
    }
    let held = open_for_writing(path) == Some(true);
    settle(previous, look, still_since_ms, now_ms, held, rules)
}

#[cfg(test)]
mod tests {
    use super::{SettleRules, Settled, look_and_settle, settle};
    use crate::watch::stat::{Stat, StatLook};
    use proptest::prelude::*;
    use std::io::ErrorKind;

    const RULES: SettleRules = SettleRules { still_ms: 2_000, empty_still_ms: 10_000, open_patience_ms: 60_000 };

    fn stat(size: u64, mtime_ns: i64) -> Stat {
        Stat { size, mtime_ns, ctime_ns: None, id: None }
    }

    fn again(at_ms: i64, stat: Stat, still_since_ms: i64) -> Settled {
        Settled::Again { at_ms, stat, still_since_ms }
    }

    #[test]
    fn decisions() {
        let (file, grown, touched, empty) = (stat(5, 1), stat(6, 1), stat(5, 2), stat(0, 1));
        let present = StatLook::Present;
        // before, now, still since, now, held open, decision
        let table = [
            (file, present(file), 1_000, 3_000, false, Settled::Ready(file)),
            (file, present(file), 1_000, 2_999, false, again(3_000, file, 1_000)),
            (file, present(file), 1_000, 1_000, false, again(3_000, file, 1_000)),
            // A change starts the clock anew, however long the wait has been.
            (file, present(grown), 1_000, 9_000_000, false, again(9_002_000, grown, 9_000_000)),
            (file, present(touched), 1_000, 3_000, false, again(5_000, touched, 3_000)),
            (grown, present(file), 1_000, 3_000, false, again(5_000, file, 3_000)),
            // Empty files wait longer, also those that become empty or stop being so.
            (empty, present(empty), 1_000, 3_000, false, again(11_000, empty, 1_000)),
            (empty, present(empty), 1_000, 11_000, false, Settled::Ready(empty)),
            (file, present(empty), 1_000, 3_000, false, again(13_000, empty, 3_000)),
            (empty, present(file), 1_000, 3_000, false, again(5_000, file, 3_000)),
            // Held open: asked again, until patience ends.
            (file, present(file), 1_000, 3_000, true, again(5_000, file, 1_000)),
            (file, present(file), 1_000, 60_500, true, again(61_000, file, 1_000)),
            (file, present(file), 1_000, 61_000, true, Settled::Ready(file)),
            (file, present(grown), 1_000, 61_000, true, again(63_000, grown, 61_000)),
            // The clock was set back: the wait starts anew.
            (file, present(file), 9_000, 1_000, false, again(3_000, file, 1_000)),
            (file, present(file), i64::MAX, i64::MIN, false, again(i64::MIN + 2_000, file, i64::MIN)),
            (file, present(file), i64::MIN, i64::MAX, false, Settled::Ready(file)),
            (file, StatLook::Gone, 1_000, 3_000, false, Settled::Gone),
            (
                file,
                StatLook::Unreadable(ErrorKind::PermissionDenied),
                1_000,
                3_000,
                false,
                Settled::Unreadable(ErrorKind::PermissionDenied),
            ),
        ];
        for (before, look, since, now, held, decision) in table {
            assert_eq!(
                settle(before, look, since, now, held, &RULES),
                decision,
                "{before:?} {look:?} {since} {now} {held}"
            );
        }
    }

    proptest! {
        /// Follows a file over many looks, and holds each `Ready` against what was really seen.
        #[test]
        fn changed_within_the_wait_is_never_ready(
            looks in prop::collection::vec((-500_i64..3_000, 0_u64..3, any::<bool>()), 1..60),
        ) {
            let mut now = 0;
            let mut shown = stat(looks[0].1, 0);
            let mut since = now;
            // What the file looked like, and when, as an onlooker would note it.
            let mut seen: Vec<(i64, Stat)> = vec![(now, shown)];
            for (step, size, held) in looks {
                if step < 0 {
                    seen.clear();
                }
                now += step;
                let look = stat(size, 0);
                seen.push((now, look));
                match settle(shown, StatLook::Present(look), since, now, held, &RULES) {
                    Settled::Ready(ready) => {
                        prop_assert_eq!(ready, look);
                        let needed = if size == 0 { RULES.empty_still_ms } else { RULES.still_ms };
                        let changed = seen.iter().any(|(at, was)| *was != look && now - at < needed);
                        prop_assert!(!changed);
                        prop_assert!(!held || now - since >= RULES.open_patience_ms);
                    }
                    Settled::Again { at_ms, stat, still_since_ms } => {
                        prop_assert_eq!(stat, look);
                        prop_assert!(at_ms > now, "asked again in the past");
                        prop_assert!(at_ms <= now + RULES.empty_still_ms);
                        since = still_since_ms;
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
                shown = look;
            }
        }
    }

    #[test]
    fn a_real_file_settles() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, b"abc").unwrap();
        let first = super::super::stat::stat(&path).unwrap();
        assert!(matches!(look_and_settle(&path, first, 0, 1_000, &RULES), Settled::Again { at_ms: 2_000, .. }));
        assert_eq!(look_and_settle(&path, first, 0, 2_000, &RULES), Settled::Ready(first));
        std::fs::write(&path, b"abcd").unwrap();
        assert!(matches!(look_and_settle(&path, first, 0, 2_000, &RULES), Settled::Again { at_ms: 4_000, .. }));
        std::fs::remove_file(&path).unwrap();
        assert_eq!(look_and_settle(&path, first, 0, 2_000, &RULES), Settled::Gone);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_real_file_that_is_held_open_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, b"abc").unwrap();
        let first = super::super::stat::stat(&path).unwrap();
        let writer = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        assert!(matches!(look_and_settle(&path, first, 0, 2_000, &RULES), Settled::Again { at_ms: 4_000, .. }));
        assert_eq!(look_and_settle(&path, first, 0, 60_000, &RULES), Settled::Ready(first));
        drop(writer);
        assert_eq!(look_and_settle(&path, first, 0, 2_000, &RULES), Settled::Ready(first));
    }
}
