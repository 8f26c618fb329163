//! How long a form or URL lives, against what `expires_in` promises.

use super::Context;
use super::auth::words;
use super::checks::Check;
use jiff::Timestamp;
use offload_protocol::checkup::Finding;

/// Seconds under which a form expires on the way.
const SHORTEST: i64 = 60;
/// Seconds under which a large file on a slow line may not be through.
const SHORT: i64 = 300;
/// Seconds over which a leaked form is of use to others for long.
const LONG: i64 = 86_400;
/// What rounding and the way of an answer explain, seconds.
const ROUNDING: i64 = 15;
/// What the clocks of two machines explain, seconds.
const CLOCKS: i64 = 90;
/// `expires_in` over this is a date in seconds or milliseconds.
const A_DATE: u64 = 1_000_000_000;

/// When a signature begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) signed_at: Option<Timestamp>,
    pub(super) ends: Timestamp,
    /// The signer's clock is off, which was said already.
    pub(super) is_skewed: bool,
}

/// What is wrong with its length; at most one finding. `largest`: bytes of the largest file it may be for.
pub(super) fn check(life: Life, expires_in: u64, largest: u64, context: &Context) -> Option<Finding> {
    let signed = life.signed_at.map(|at| life.ends.as_second() - at.as_second());
    let left = Some(life.ends.as_second() - context.now.as_second());
    // Whose clock is off, and whether it was the one the end was taken from, is not known: the kinder reading counts.
    let (signed, left) = match signed {
        Some(by_date) if life.is_skewed => (Some(by_date.max(left?)), None),
        signed => (signed, left),
    };
    let ends_in = signed.into_iter().chain(left).min()?;
    if ends_in <= 0 {
        return Some(Check::Expired.problem(format!("it expired {} before it was asked for", words(-ends_in))));
    }
    if expires_in >= A_DATE {
        let detail = "expires_in looks like a date; it is the seconds from now until the form expires";
        return Some(Check::ExpiresInShape.problem(detail));
    }
    let promised = i64::try_from(expires_in).unwrap_or(i64::MAX);
    if ends_in < SHORTEST {
        return Some(Check::ExpiryTooShort.problem(format!("it lives for {}", words(ends_in))));
    }
    if promised < SHORTEST {
        return Some(
            Check::ExpiryTooShort.problem(format!("expires_in is {promised}, though it lives for {}", words(ends_in))),
        );
    }
    let beyond = signed.is_some_and(|signed| promised > signed.saturating_add(ROUNDING))
        || left.is_some_and(|left| promised > left.saturating_add(CLOCKS));
    if beyond {
        let milliseconds = signed.is_some_and(|signed| promised == signed.saturating_mul(1000));
        let guess = if milliseconds { ": milliseconds?" } else { "" };
        let detail = format!("expires_in says {promised} s, and the signature lasts {}{guess}", words(ends_in));
        return Some(Check::ExpiresInTooLong.problem(detail));
    }
    let needs =
        context.speed.filter(|speed| *speed > 0).map(|speed| i64::try_from(largest / speed).unwrap_or(i64::MAX));
    match needs {
        Some(needs) if needs > ends_in => Some(Check::ExpiryShort.note(format!(
            "it lives for {}, and the largest file takes {} at the speed of this line",
            words(ends_in),
            words(needs)
        ))),
        _ if ends_in > LONG => Some(Check::ExpiryLong.note(format!("it lives for {}", words(ends_in)))),
        None if ends_in < SHORT => Some(Check::ExpiryShort.note(format!("it lives for {}", words(ends_in)))),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use offload_protocol::checkup::Verdict;

    #[test]
    fn lives_are_judged() {
        let now: Timestamp = "2026-05-01T10:00:00Z".parse().unwrap();
        let at = |seconds: i64| Timestamp::from_second(now.as_second() + seconds).unwrap();
        let slow = Some(100_000);
        // signed, ends, skewed, expires_in, speed
        type Case = (Option<i64>, i64, bool, u64, Option<u64>, Option<(Check, Verdict)>);
        let cases: [Case; 17] = [
            (Some(0), 600, false, 600, None, None),
            (Some(0), 3600, false, 600, None, None),
            (Some(-3), 597, false, 600, None, None),
            (None, 600, false, 600, None, None),
            (Some(0), -1, false, 600, None, Some((Check::Expired, Verdict::Problem))),
            (Some(0), 0, false, 600, None, Some((Check::Expired, Verdict::Problem))),
            (Some(-3600), -3000, true, 600, None, None),
            (Some(0), 30, false, 30, None, Some((Check::ExpiryTooShort, Verdict::Problem))),
            (Some(0), 30, false, 600, None, Some((Check::ExpiryTooShort, Verdict::Problem))),
            (Some(0), 600, false, 10, None, Some((Check::ExpiryTooShort, Verdict::Problem))),
            (Some(0), 600, false, 3600, None, Some((Check::ExpiresInTooLong, Verdict::Problem))),
            (Some(0), 600, false, 600_000, None, Some((Check::ExpiresInTooLong, Verdict::Problem))),
            (Some(0), 600, false, 1_777_777_777, None, Some((Check::ExpiresInShape, Verdict::Problem))),
            (Some(-400), 200, false, 600, None, Some((Check::ExpiresInTooLong, Verdict::Problem))),
            (Some(0), 120, false, 120, None, Some((Check::ExpiryShort, Verdict::Note))),
            (Some(0), 600, false, 600, slow, Some((Check::ExpiryShort, Verdict::Note))),
            (Some(0), 600, false, 600, Some(100_000_000), None),
        ];
        for (signed, ends, is_skewed, expires_in, speed, wanted) in cases {
            let life = Life { signed_at: signed.map(at), ends: at(ends), is_skewed };
            let context = Context { now, max_file_size: None, speed };
            let found = check(life, expires_in, 1 << 30, &context).map(|found| (found.code, found.verdict));
            let wanted = wanted.map(|(check, verdict)| (check.code().to_owned(), verdict));
            assert_eq!(found, wanted, "{signed:?} {ends} {expires_in}");
        }
    }
}
