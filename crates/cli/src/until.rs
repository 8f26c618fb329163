//! How long a pause lasts, as people say it: `1h 30min`, or `07:00`.

use jiff::civil::{DateTime, Time};
use jiff::{Span, ZonedDateTime};

/// A time of day, or of one certain day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The next time the clock shows it.
    Clock(Time),
    Day(DateTime),
}

/// Reads `90s`, `30min`, `1h 30min`, `2 days`.
pub(crate) fn length(text: &str) -> Result<Span, String> {
    let wrong = || "write it like 30min, 1h or \"1h 30min\"".to_owned();
    let span: Span = text.trim().parse().map_err(|_| wrong())?;
    if span.is_zero() || span.is_negative() { Err(wrong()) } else { Ok(span) }
}

/// Reads `07:00`, or a day with it: `2026-12-24 18:00`.
pub(crate) fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if let Ok(time) = Time::strptime("%H:%M", text) {
        return Ok(Moment::Clock(time));
    }
    DateTime::strptime("%Y-%m-%d %H:%M", text)
        .map(Moment::Day)
        .map_err(|_| "write it like 07:00 or \"2026-12-24 18:00\"".to_owned())
}

/// The end of a pause of a length that begins now; `None`: beyond what a calendar holds.
pub(crate) fn after(now: &ZonedDateTime, length: Span) -> Option<ZonedDateTime> {
    now.checked_add(length).ok()
}

/// When a moment comes, seen from now; `None`: it was.
pub(crate) fn coming(now: &ZonedDateTime, moment: Moment) -> Option<ZonedDateTime> {
    let zone = now.time_zone().clone();
    let found = match moment {
        Moment::Clock(time) => {
            let today = now.date().to_datetime(time).to_zoned_datetime(zone.clone()).ok()?;
            if today > *now {
                today
            } else {
                now.date().tomorrow().ok()?.to_datetime(time).to_zoned_datetime(zone).ok()?
            }
        }
        Moment::Day(day) => day.to_zoned_datetime(zone).ok()?,
    };
    (found > *now).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{after, coming, length, moment};
    use jiff::ZonedDateTime;

    fn at(text: &str) -> ZonedDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn as_people_say_it() {
        let now = at("2026-11-24T22:30[Asia/Seoul]");
        for (text, end) in [
            ("1h", Some("2026-11-24T23:30[Asia/Seoul]")),
            ("30min", Some("2026-11-24T23:00[Asia/Seoul]")),
            ("30 minutes", Some("2026-11-24T23:00[Asia/Seoul]")),
            ("1h30m", Some("2026-11-25T00:00[Asia/Seoul]")),
            ("1h 30min", Some("2026-11-25T00:00[Asia/Seoul]")),
            ("2 days", Some("2026-11-26T22:30[Asia/Seoul]")),
            ("0s", None),
            ("-1h", None),
            ("soon", None),
            ("5", None),
        ] {
            assert_eq!(length(text).ok().and_then(|length| after(&now, length)), end.map(at), "{text}");
        }
        for (text, end) in [
            ("23:00", Some("2026-11-24T23:00[Asia/Seoul]")),
            ("07:00", Some("2026-11-25T07:00[Asia/Seoul]")),
            ("22:30", Some("2026-11-25T22:30[Asia/Seoul]")),
            ("2026-12-24 18:00", Some("2026-12-24T18:00[Asia/Seoul]")),
            ("2026-01-01 18:00", None),
            ("25:00", None),
            ("noon", None),
        ] {
            assert_eq!(moment(text).ok().and_then(|moment| coming(&now, moment)), end.map(at), "{text}");
        }
    }

    #[test]
    fn a_time_the_clock_leaps_over_comes_right_after() {
        let now = at("2026-03-28T22:00[Europe/Berlin]");
        let end = coming(&now, moment("02:30").unwrap()).unwrap();
        assert_eq!(end, at("2026-03-29T03:30[Europe/Berlin]"));
    }
}
