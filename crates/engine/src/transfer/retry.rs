//! When to try again, and whether at all. Pure: cause, counts and a random number in, decision out.

use crate::cause::{Cause, Code, Retry};

/// First pause, milliseconds; doubled with each attempt.
const BASE_MS: u64 = 500;
/// Longest pause while the engine keeps trying in one run.
const RUN_CAP_MS: u64 = 30_000;
/// Attempts tried with short pauses before the long ones begin.
pub const ATTEMPTS_IN_A_RUN: u32 = 12;
/// First long pause, doubled with each attempt.
const LONG_BASE_MS: u64 = 60_000;
const LONGEST_MS: u64 = 24 * 3_600_000;
/// A Retry-After above an hour is taken for one hour: a mistyped header must not silence a file for days.
const RETRY_AFTER_CAP_MS: u64 = 3_600_000;

const NEW_FORMS: u32 = 3;
const READ_AGAINS: u32 = 1;
/// Asking again and sending again together: about half a minute.
const SEND_AGAINS: u32 = 8;

/// How often in a row a file was answered with the same kind of free retry. Any other outcome resets its count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repeats {
    pub new_form: u32,
    pub read_again: u32,
    pub send_again: u32,
}

/// What to do with a file after a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Costs an attempt; the file waits this long.
    Wait {
        delay_ms: u64,
    },
    /// Ask the backend for a new form and send at once; costs nothing.
    NewFormNow,
    /// Hash again and send at once; costs nothing.
    ReadAgainNow,
    /// Put the object up again at once; costs nothing.
    SendAgain,
    /// Back to settling.
    Settle,
    Missing,
    /// Permanent: a person must act.
    Fail,
    /// The whole queue waits for the network.
    Offline,
    /// The whole queue waits for a sign-in.
    SignIn,
}

/// Pause before attempt `attempt + 1`, milliseconds, where `attempt` (from 1) has just failed.
///
/// Up to the 12th: full jitter over 0.5 s doubling to 30 s. After that: 1 min doubling to 24 h, ±10 %. After SlowDown the pause
/// is at least half of the full one, since a pause near zero would not be slower. `retry_after_ms` is a floor, at most 1 h.
/// `rng_fraction` is random in 0..1.
pub fn next_delay(attempt: u32, retry: Retry, retry_after_ms: Option<u64>, rng_fraction: f64) -> u64 {
    let fraction = if rng_fraction.is_finite() { rng_fraction.clamp(0.0, 1.0) } else { 0.5 };
    let attempt = attempt.max(1);
    let delay = if attempt <= ATTEMPTS_IN_A_RUN {
        let full = doubled(BASE_MS, attempt - 1, RUN_CAP_MS);
        let least = if retry == Retry::SlowDown { full / 2 } else { 0 };
        least + scaled(full - least, fraction)
    } else {
        let full = doubled(LONG_BASE_MS, attempt - ATTEMPTS_IN_A_RUN - 1, LONGEST_MS);
        scaled(full, 0.9 + 0.2 * fraction).min(LONGEST_MS)
    };
    delay.max(retry_after_ms.unwrap_or(0).min(RETRY_AFTER_CAP_MS))
}

/// Milliseconds until a backend that is not done with a file is asked again: what it asked for, else a quarter of the time the file has
/// been in S3, 2 s to 5 min. `in_s3_ms` may be negative where a clock was set back.
pub fn next_question(in_s3_ms: i64, asked: Option<std::time::Duration>) -> u64 {
    const LEAST_MS: u64 = 1_000;
    match asked {
        Some(asked) => u64::try_from(asked.as_millis()).unwrap_or(u64::MAX).clamp(LEAST_MS, RETRY_AFTER_CAP_MS),
        None => (u64::try_from(in_s3_ms).unwrap_or(0) / 4).clamp(2 * LEAST_MS, 300 * LEAST_MS),
    }
}

/// What to do after `cause`, where `attempts_so_far` attempts were spent before this one.
pub fn after(cause: &Cause, attempts_so_far: u32, repeats: &Repeats, rng_fraction: f64) -> Decision {
    let retry = cause.retry();
    let wait = || Decision::Wait {
        delay_ms: next_delay(attempts_so_far.saturating_add(1), retry, cause.retry_after_ms, rng_fraction),
    };
    match retry {
        Retry::Again | Retry::SlowDown => wait(),
        // A second form with a skewed clock is skewed as well: only the clock's owner can mend it.
        Retry::NewForm if cause.code == Code::ClockSkewed && repeats.new_form > 0 => Decision::Fail,
        Retry::NewForm if repeats.new_form < NEW_FORMS => Decision::NewFormNow,
        Retry::NewForm => wait(),
        Retry::ReadAgain if repeats.read_again < READ_AGAINS => Decision::ReadAgainNow,
        Retry::SendAgain if repeats.send_again < SEND_AGAINS => Decision::SendAgain,
        Retry::ReadAgain | Retry::SendAgain | Retry::Never => Decision::Fail,
        Retry::Changed => Decision::Settle,
        Retry::Gone => Decision::Missing,
        Retry::Offline => Decision::Offline,
        Retry::SignIn => Decision::SignIn,
    }
}

fn doubled(base: u64, times: u32, cap: u64) -> u64 {
    1_u64.checked_shl(times).and_then(|factor| base.checked_mul(factor)).unwrap_or(cap).min(cap)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "at most 24 h in ms, times 0..1.1"
)]
fn scaled(ms: u64, factor: f64) -> u64 {
    (ms as f64 * factor) as u64
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_backend_that_is_not_done_is_asked_ever_less_often() {
        let seconds = |seconds| Some(std::time::Duration::from_secs(seconds));
        for (in_s3_ms, asked, wanted_ms) in [
            (-5_000, None, 2_000),
            (0, None, 2_000),
            (60_000, None, 15_000),
            (86_400_000, None, 300_000),
            (0, seconds(5), 5_000),
            (86_400_000, seconds(0), 1_000),
            (0, seconds(1_000_000), super::RETRY_AFTER_CAP_MS),
        ] {
            assert_eq!(super::next_question(in_s3_ms, asked), wanted_ms, "{in_s3_ms} {asked:?}");
        }
    }

    use super::*;
    use proptest::prelude::*;

    const MINUTE: u64 = 60_000;
    const HOUR: u64 = 60 * MINUTE;

    #[test]
    fn pauses_grow_as_the_design_says() {
        // (attempt, fraction, pause)
        let cases = [
            (0, 1.0, 500),
            (1, 0.0, 0),
            (1, 1.0, 500),
            (2, 1.0, 1_000),
            (3, 0.5, 1_000),
            (6, 1.0, 16_000),
            (7, 1.0, 30_000),
            (12, 1.0, 30_000),
            (13, 0.5, MINUTE),
            (13, 0.0, 54_000),
            (14, 0.5, 2 * MINUTE),
            (23, 0.5, 1_024 * MINUTE),
            (24, 0.5, 24 * HOUR),
            (24, 1.0, 24 * HOUR),
            (u32::MAX, 0.5, 24 * HOUR),
        ];
        for (attempt, fraction, wanted) in cases {
            assert_eq!(next_delay(attempt, Retry::Again, None, fraction), wanted, "attempt {attempt}, {fraction}");
        }
    }

    #[test]
    fn retry_after_is_a_floor_up_to_an_hour() {
        assert_eq!(next_delay(1, Retry::Again, Some(7_000), 0.0), 7_000);
        assert_eq!(next_delay(1, Retry::Again, Some(99 * HOUR), 0.0), HOUR);
        assert_eq!(next_delay(24, Retry::Again, Some(7_000), 0.5), 24 * HOUR);
        assert_eq!(next_delay(3, Retry::SlowDown, None, 0.0), 1_000);
        assert_eq!(next_delay(3, Retry::SlowDown, None, 1.0), 2_000);
        assert_eq!(next_delay(3, Retry::Again, None, f64::NAN), 1_000);
    }

    #[test]
    fn each_cause_leads_to_its_decision() {
        let none = Repeats::default();
        let forms = |new_form| Repeats { new_form, ..none };
        let reads = |read_again| Repeats { read_again, ..none };
        let sends = |send_again| Repeats { send_again, ..none };
        let first_wait = Decision::Wait { delay_ms: 500 };
        let cases = [
            (Code::S3Internal, none, first_wait),
            (Code::S3SlowDown, none, first_wait),
            (Code::Dropped, forms(9), first_wait),
            (Code::PolicyExpired, none, Decision::NewFormNow),
            (Code::PolicyExpired, forms(2), Decision::NewFormNow),
            (Code::PolicyExpired, forms(3), first_wait),
            (Code::CredentialsExpired, forms(3), first_wait),
            (Code::ClockSkewed, none, Decision::NewFormNow),
            (Code::ClockSkewed, forms(1), Decision::Fail),
            (Code::BadDigest, none, Decision::ReadAgainNow),
            (Code::BadDigest, reads(1), Decision::Fail),
            (Code::StoredOther, reads(1), Decision::Fail),
            (Code::NotInBucket, sends(7), Decision::SendAgain),
            (Code::NotInBucket, sends(8), Decision::Fail),
            (Code::ChangedWhileSending, none, Decision::Settle),
            (Code::Vanished, none, Decision::Missing),
            (Code::Unreachable, none, Decision::Offline),
            (Code::BadCertificate, none, Decision::Offline),
            (Code::SignedOut, none, Decision::SignIn),
            (Code::PolicyCondition, none, Decision::Fail),
            (Code::BadForm, none, Decision::Fail),
        ];
        for (code, repeats, wanted) in cases {
            assert_eq!(after(&Cause::new(code, "x"), 0, &repeats, 1.0), wanted, "{code:?} {repeats:?}");
        }
        let asked = Cause::new(Code::BackendBusy, "x").retry_after(Some(90_000));
        assert_eq!(after(&asked, 0, &none, 0.0), Decision::Wait { delay_ms: 90_000 });
        assert_eq!(after(&Cause::new(Code::Stalled, "x"), 12, &none, 0.5), Decision::Wait { delay_ms: MINUTE });
    }

    proptest! {
        #[test]
        fn no_pause_leaves_its_bounds(attempt: u32, asked: Option<u64>, fraction in 0.0..1.0_f64, slow: bool) {
            let retry = if slow { Retry::SlowDown } else { Retry::Again };
            let delay = next_delay(attempt, retry, asked, fraction);
            let floor = asked.unwrap_or(0).min(RETRY_AFTER_CAP_MS);
            prop_assert!(delay >= floor);
            let most = if attempt <= ATTEMPTS_IN_A_RUN { RUN_CAP_MS.max(floor) } else { LONGEST_MS };
            prop_assert!(delay <= most);
        }

        /// However the counts stand, free retries end: a cause either waits (and costs) or ends the file's run.
        #[test]
        fn free_retries_are_bounded(index in 0..Code::ALL.len(), attempts in 0..100_u32, fraction in 0.0..1.0_f64) {
            let cause = Cause::new(Code::ALL[index], "x");
            let mut repeats = Repeats::default();
            for _ in 0..10 {
                match after(&cause, attempts, &repeats, fraction) {
                    Decision::NewFormNow => repeats.new_form += 1,
                    Decision::ReadAgainNow => repeats.read_again += 1,
                    Decision::SendAgain => repeats.send_again += 1,
                    _ => return Ok(()),
                }
            }
            prop_assert!(false, "{cause:?} is free for ever");
        }
    }
}
