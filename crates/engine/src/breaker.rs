//! When the whole queue holds still: no way to a server, a backend in trouble, an S3 that asks for less. Pure.
//!
//! Closed over trouble that is not any one file's fault, it opens for a single try after a growing pause, and wholly after
//! the first success. Files lose no attempt by it.

use crate::cause::{Cause, Code};

/// First pause, doubled with each failure in a row.
const FIRST_PAUSE_MS: u64 = 500;
/// Longest pause unless the server asks for more.
const LONGEST_PAUSE_MS: u64 = 30_000;
/// Longest pause a server may ask for.
const LONGEST_ASKED_MS: u64 = 3_600_000;

/// Whether work may start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// One try, to see whether the trouble is over.
    OneTry,
    /// Not before this time, milliseconds.
    Closed {
        until_ms: i64,
    },
}

/// Where the trouble is: only a success there, or further on the way of a file, ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The backend isn't reached, or does not say who we are.
    Session,
    /// It answers, but signs no forms.
    Presign,
    /// S3 takes no files.
    S3,
}

/// The breaker; times are milliseconds of a clock that never jumps.
#[derive(Debug, Clone, Default)]
pub struct Breaker {
    failures: u32,
    until_ms: i64,
    cause: Option<(Origin, Cause)>,
}

impl Breaker {
    /// Notes trouble. Failures of tries that began before the pause did not see it, so they don't lengthen it.
    pub fn trouble(&mut self, origin: Origin, cause: &Cause, now_ms: i64, jitter: f64) {
        if now_ms < self.until_ms {
            return;
        }
        self.failures = self.failures.saturating_add(1);
        let pause = (FIRST_PAUSE_MS << (self.failures - 1).min(10)).min(LONGEST_PAUSE_MS);
        let asked = cause.retry_after_ms.unwrap_or(0).min(LONGEST_ASKED_MS);
        // Between half and the whole of the pause, so that many clients don't come back at the same moment.
        let jittered = pause / 2 + ((pause / 2) as f64 * jitter.clamp(0.0, 1.0)) as u64;
        self.until_ms = now_ms.saturating_add_unsigned(jittered.max(asked));
        self.cause = Some((origin, cause.clone()));
    }

    /// Something got through at `origin`; whether that ended the trouble. What S3 took, the backend signed: it ends all.
    ///
    /// A session that works says nothing of forms that fail; were it to end their trouble, the pauses would never grow.
    pub fn success(&mut self, origin: Origin) -> bool {
        let ends = self.origin().is_some_and(|troubled| origin >= troubled);
        if ends {
            *self = Self::default();
        }
        ends
    }

    /// Whose trouble it is, while it lasts.
    pub fn origin(&self) -> Option<Origin> {
        self.cause.as_ref().map(|(origin, _)| *origin)
    }

    /// A person, or a network that came back, asks for a try now.
    pub fn try_now(&mut self) {
        self.until_ms = 0;
    }

    pub fn gate(&self, now_ms: i64) -> Gate {
        if self.failures == 0 {
            Gate::Open
        } else if now_ms < self.until_ms {
            Gate::Closed { until_ms: self.until_ms }
        } else {
            Gate::OneTry
        }
    }

    /// What the trouble is, while it lasts.
    pub fn cause(&self) -> Option<&Cause> {
        self.cause.as_ref().map(|(_, cause)| cause)
    }

    /// Whether the trouble is that there is no way to a server at all.
    pub fn is_offline(&self) -> bool {
        matches!(self.cause().map(|cause| cause.code), Some(Code::Unreachable | Code::BadCertificate))
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, Gate, Origin};
    use crate::cause::{Cause, Code};

    #[test]
    fn pauses_grow_and_a_success_ends_them() {
        let mut breaker = Breaker::default();
        let cause = Cause::new(Code::Unreachable, "refused");
        let mut now = 0;
        for expected in [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000] {
            breaker.trouble(Origin::S3, &cause, now, 1.0);
            assert_eq!(breaker.gate(now), Gate::Closed { until_ms: now + expected });
            // Those that were under way fail too: one trouble.
            breaker.trouble(Origin::S3, &cause, now + 1, 1.0);
            now += expected;
            assert_eq!(breaker.gate(now), Gate::OneTry);
        }
        assert!(breaker.is_offline());
        assert!(!breaker.success(Origin::Presign), "the backend's word does not open the way to S3");
        assert_eq!(breaker.gate(now), Gate::OneTry);
        assert!(breaker.success(Origin::S3));
        assert_eq!(breaker.gate(now), Gate::Open);
        assert!(!breaker.is_offline() && breaker.cause().is_none());
    }

    #[test]
    fn a_session_that_works_does_not_end_trouble_with_forms() {
        let mut breaker = Breaker::default();
        let cause = Cause::new(Code::BackendError, "500");
        let mut now = 0;
        let mut pauses = Vec::new();
        for _ in 0..5 {
            breaker.trouble(Origin::Presign, &cause, now, 1.0);
            let Gate::Closed { until_ms } = breaker.gate(now) else { panic!("open") };
            pauses.push(until_ms - now);
            now = until_ms;
            assert!(!breaker.success(Origin::Session));
        }
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000]);
        assert!(breaker.success(Origin::Presign));
    }

    #[test]
    fn a_server_may_ask_for_more() {
        let mut breaker = Breaker::default();
        let cause = Cause::new(Code::BackendBusy, "busy").retry_after(Some(90_000));
        breaker.trouble(Origin::S3, &cause, 5, 0.0);
        assert_eq!(breaker.gate(6), Gate::Closed { until_ms: 90_005 });
        assert!(!breaker.is_offline());
        breaker.try_now();
        assert_eq!(breaker.gate(6), Gate::OneTry);
    }
}
