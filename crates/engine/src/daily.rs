//! The part of each day with a limit of its own: what counts now, and when that changes. Pure.

use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan, ZonedDateTime};
use offload_protocol::window::DailyLimit;

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;

/// What counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// The limit of the rest of the day.
    Usual,
    /// The daily one, in bytes a second.
    Daily(u64),
    /// Nothing is sent before this time, in milliseconds since 1970.
    Nothing { until_ms: i64 },
}

/// Whether a moment lies in the daily part, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub inside: bool,
    /// `None`: never, within a day.
    pub changes: Option<Timestamp>,
}

/// What counts now. A person may have waived the daily pause until some time.
pub fn counts(now: &ZonedDateTime, rule: Option<&DailyLimit>, waived_until_ms: Option<i64>) -> Counts {
    let Some(rule) = rule else { return Counts::Usual };
    let standing = at(now, rule);
    if !standing.inside {
        return Counts::Usual;
    }
    if let Some(bandwidth) = rule.bandwidth.filter(|bandwidth| *bandwidth > 0) {
        return Counts::Daily(bandwidth);
    }
    if waived_until_ms.is_some_and(|until_ms| now.timestamp().as_millisecond() < until_ms) {
        return Counts::Usual;
    }
    let until = standing.changes.unwrap_or_else(|| now.timestamp());
    Counts::Nothing { until_ms: until.as_millisecond() }
}

/// Whether a moment lies in the daily part. A whole day (`from` is `to`) ends where the next one begins.
pub fn at(now: &ZonedDateTime, rule: &DailyLimit) -> Standing {
    let mut changes: Option<Timestamp> = None;
    let mut inside = false;
    for days in -2..=2 {
        let Some((from, to)) = now.date().checked_add(days.days()).ok().and_then(|day| part(now, day, rule)) else {
            continue;
        };
        let moment = now.timestamp();
        let is_in = (from..to).contains(&moment);
        inside |= is_in;
        // Inside, only its own end matters: a whole day's end is the beginning of the next.
        let next = if is_in { Some(to) } else { [from, to].into_iter().find(|time| *time > moment) };
        changes = match (changes, next) {
            (Some(first), Some(next)) => Some(first.min(next)),
            (first, next) => first.or(next),
        };
    }
    Standing { inside, changes }
}

/// The daily part that begins on a day; `None` where the clock leaps over it. A time that the clock leaps over is the one right after;
/// of one that comes twice the first begins and ends it.
fn part(now: &ZonedDateTime, day: Date, rule: &DailyLimit) -> Option<(Timestamp, Timestamp)> {
    let last = if rule.to_minute > rule.from_minute { day } else { day.tomorrow().ok()? };
    let on = |day: Date, minute: u16| {
        let zoned = day.to_datetime(clock(minute)?).to_zoned_datetime(now.time_zone().clone()).ok()?;
        Some(zoned.timestamp())
    };
    let (from, to) = (on(day, rule.from_minute)?, on(last, rule.to_minute)?);
    (from < to).then_some((from, to))
}

fn clock(minute: u16) -> Option<Time> {
    let minute = minute % DAY;
    Time::new(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0).ok()
}

/// Reads `08:00`; `24:00` is midnight. `None`: no time of day.
pub fn parse_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let digits = |part: &str, most: usize| {
        let plain = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain { part.parse::<u16>().ok() } else { None }
    };
    match (digits(hours, 2)?, digits(minutes, 2).filter(|_| minutes.len() == 2)?) {
        (24, 0) => Some(0),
        (hours @ 0..24, minutes @ 0..60) => Some(hours * 60 + minutes),
        _ => None,
    }
}

/// The same as text.
pub fn clock_text(minute: u16) -> String {
    let minute = minute % DAY;
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use super::{Counts, DailyLimit, at, clock_text, counts, parse_clock};
    use jiff::ZonedDateTime;
    use proptest::prelude::*;

    fn rule(from: &str, to: &str, bandwidth: Option<u64>) -> DailyLimit {
        DailyLimit { from_minute: parse_clock(from).unwrap(), to_minute: parse_clock(to).unwrap(), bandwidth }
    }

    fn time(text: &str) -> ZonedDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn inside_and_until_when() {
        for (from, to, now, inside, changes) in [
            ("08:00", "18:00", "2026-11-24T07:59:59[Asia/Seoul]", false, "2026-11-24T08:00[Asia/Seoul]"),
            ("08:00", "18:00", "2026-11-24T08:00[Asia/Seoul]", true, "2026-11-24T18:00[Asia/Seoul]"),
            ("08:00", "18:00", "2026-11-24T18:00[Asia/Seoul]", false, "2026-11-25T08:00[Asia/Seoul]"),
            // Across midnight.
            ("22:00", "06:00", "2026-11-24T23:00[Asia/Seoul]", true, "2026-11-25T06:00[Asia/Seoul]"),
            ("22:00", "06:00", "2026-11-24T05:00[Asia/Seoul]", true, "2026-11-24T06:00[Asia/Seoul]"),
            ("22:00", "06:00", "2026-11-24T12:00[Asia/Seoul]", false, "2026-11-24T22:00[Asia/Seoul]"),
            ("08:00", "24:00", "2026-11-24T23:59[Asia/Seoul]", true, "2026-11-25T00:00[Asia/Seoul]"),
            // The whole day.
            ("00:00", "00:00", "2026-11-24T12:00[Asia/Seoul]", true, "2026-11-25T00:00[Asia/Seoul]"),
            ("09:00", "09:00", "2026-11-24T08:00[Asia/Seoul]", true, "2026-11-24T09:00[Asia/Seoul]"),
            ("09:00", "09:00", "2026-11-24T09:00[Asia/Seoul]", true, "2026-11-25T09:00[Asia/Seoul]"),
            // The clock leaps from 02:00 to 03:00.
            ("01:00", "04:00", "2026-03-29T01:30[Europe/Berlin]", true, "2026-03-29T04:00[Europe/Berlin]"),
            ("02:30", "05:00", "2026-03-29T01:59[Europe/Berlin]", false, "2026-03-29T03:30[Europe/Berlin]"),
            ("02:10", "02:50", "2026-03-29T01:59[Europe/Berlin]", false, "2026-03-29T03:10[Europe/Berlin]"),
            ("02:30", "03:00", "2026-03-29T01:59[Europe/Berlin]", false, "2026-03-30T02:30[Europe/Berlin]"),
            // And back from 03:00 to 02:00: the part is an hour longer.
            ("01:00", "04:00", "2026-10-25T02:30+01:00[Europe/Berlin]", true, "2026-10-25T04:00[Europe/Berlin]"),
            ("01:00", "02:30", "2026-10-25T02:15+02:00[Europe/Berlin]", true, "2026-10-25T02:30+02:00[Europe/Berlin]"),
            ("01:00", "02:30", "2026-10-25T02:15+01:00[Europe/Berlin]", false, "2026-10-26T01:00[Europe/Berlin]"),
        ] {
            let standing = at(&time(now), &rule(from, to, None));
            assert_eq!(
                (standing.inside, standing.changes),
                (inside, Some(time(changes).timestamp())),
                "{from} to {to} at {now}"
            );
        }
    }

    #[test]
    fn what_counts() {
        let noon = time("2026-11-24T12:00[Asia/Seoul]");
        let ms = |text: &str| time(text).timestamp().as_millisecond();
        let end = ms("2026-11-24T18:00[Asia/Seoul]");
        let (slow, none) = (rule("08:00", "18:00", Some(5000)), rule("08:00", "18:00", None));
        let later = rule("13:00", "18:00", None);
        for (rule, waived, expected) in [
            (None, None, Counts::Usual),
            (Some(&slow), None, Counts::Daily(5000)),
            (Some(&slow), Some(end), Counts::Daily(5000)),
            (Some(&none), None, Counts::Nothing { until_ms: end }),
            (Some(&none), Some(end), Counts::Usual),
            (Some(&none), Some(ms("2026-11-23T18:00[Asia/Seoul]")), Counts::Nothing { until_ms: end }),
            (Some(&later), None, Counts::Usual),
        ] {
            assert_eq!(counts(&noon, rule, waived), expected, "{rule:?} {waived:?}");
        }
    }

    #[test]
    fn times_of_day() {
        for (text, minute) in [
            ("08:00", Some(480)),
            ("8:05", Some(485)),
            ("00:00", Some(0)),
            ("23:59", Some(1439)),
            ("24:00", Some(0)),
            ("24:01", None),
            ("8", None),
            ("08:0", None),
            ("08:60", None),
            ("-1:00", None),
            ("+8:00", None),
            ("8am", None),
            ("", None),
        ] {
            assert_eq!(parse_clock(text), minute, "{text}");
        }
        assert_eq!((clock_text(485).as_str(), clock_text(1440).as_str()), ("08:05", "00:00"));
    }

    proptest! {
        /// What changes lies ahead, at most a day and the hour a clock may be set back; just before it all is as now.
        #[test]
        fn the_next_change_lies_ahead(from in 0u16..1440, to in 0u16..1440, seconds in 0i64..31_536_000) {
            let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
            let start = time("2026-01-01T00:00[Europe/Berlin]").timestamp().as_second();
            let at_second = |second: i64| jiff::Timestamp::from_second(second).unwrap().to_zoned_datetime(zone.clone());
            let rule = DailyLimit { from_minute: from, to_minute: to, bandwidth: None };
            let now = at_second(start + seconds);
            let standing = at(&now, &rule);
            let changes = standing.changes.unwrap().as_second();
            prop_assert!(changes > start + seconds && changes <= start + seconds + 49 * 3600);
            prop_assert_eq!(at(&at_second(changes - 1), &rule).inside, standing.inside);
            if from != to {
                prop_assert_ne!(at(&at_second(changes), &rule).inside, standing.inside);
            } else {
                prop_assert!(standing.inside);
            }
        }
    }
}
