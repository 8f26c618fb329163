//! Numbers, times and names as people read them on a terminal.

use offload_protocol::view::{FileRow, State};
use std::time::Duration;

/// A name from outside, safe to print: what could move the cursor, colour the screen or turn the reading direction stands escaped.
pub(crate) fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if c.is_control() || turns_or_hides(c) => safe.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => safe.push(c),
        }
    }
    safe
}

/// Bidirectional marks and overrides, invisible separators, line and paragraph separators.
const fn turns_or_hides(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// `0 B`, `812 kB`, `1.2 GB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    // What would be rounded to 1000 belongs to the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", UNITS[unit]) } else { format!("{value:.0} {}", UNITS[unit]) }
}

/// `45 s`, `12 min`, `1 h 20 min`, `3 d 4 h`.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, _) if minutes % 60 == 0 => format!("{hours} h"),
        (0, hours, _) => format!("{hours} h {} min", minutes % 60),
        (days, _, _) if hours % 24 == 0 => format!("{days} d"),
        (days, _, _) => format!("{days} d {} h", hours % 24),
    }
}

/// `1 file`, `2 files`.
pub(crate) fn files(count: u64) -> String {
    if count == 1 { "1 file".into() } else { format!("{count} files") }
}

/// `1 file needs`, `2 files need`: a count with the verb that fits it.
pub(crate) fn files_that(count: u64, one: &str, more: &str) -> String {
    format!("{} {}", files(count), if count == 1 { one } else { more })
}

/// Milliseconds since 1970 as this machine's local time.
pub(crate) fn when(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| format!("{ms} ms after 1970"),
        |at| at.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}

/// Milliseconds since 1970 as RFC 3339 in UTC; empty outside of what a calendar holds.
pub(crate) fn utc(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map(|at| at.to_string()).unwrap_or_default()
}

/// What a state means, in a few words.
pub(crate) const fn state(state: State) -> &'static str {
    match state {
        State::Settling => "waiting until it stands still",
        State::Queued => "queued",
        State::Uploading => "uploading",
        State::Uploaded => "in S3, the backend does not know it yet",
        State::Confirmed => "confirmed: safe",
        State::Waiting => "waiting for the next try",
        State::Failed => "failed",
        State::Skipped => "not sent",
        State::Missing => "gone before it was sent",
    }
}

/// What a file's state means; one that the backend works on is told apart from one it was not told of.
pub(crate) fn standing(file: &FileRow) -> &'static str {
    if file.state == State::Uploaded && file.code.as_deref() == Some("backend_pending") {
        "in S3, the backend is still processing it"
    } else {
        state(file.state)
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, clean, duration, files, utc};
    use std::time::Duration;

    #[test]
    fn names_cannot_play_with_the_terminal() {
        for (name, shown) in [
            ("Grün 📷 1.jpg", "Grün 📷 1.jpg"),
            ("a\nb.jpg", "a\\nb.jpg"),
            ("a\u{1b}[2Jb.jpg", "a\\u{1b}[2Jb.jpg"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("a\u{7f}\t\r", "a\\u{7f}\\t\\r"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
            ("משפחה.jpg", "משפחה.jpg"),
        ] {
            assert_eq!(clean(name), shown);
        }
    }

    #[test]
    fn sizes() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (24_300_000, "24 MB"),
            (1_200_000_000, "1.2 GB"),
            (u64::MAX, "18447 PB"),
        ] {
            assert_eq!(bytes(count), text, "{count}");
        }
    }

    #[test]
    fn times() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3600, "1 h"),
            (4800, "1 h 20 min"),
            (86_400, "1 d"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
        assert_eq!(utc(0), "1970-01-01T00:00:00Z");
        assert_eq!(utc(i64::MAX), "");
        assert_eq!((files(1), files(2), files(0)), ("1 file".into(), "2 files".into(), "0 files".into()));
    }
}
