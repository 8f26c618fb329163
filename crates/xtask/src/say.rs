//! Writing to the terminal, and how names, sizes and times look there.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::time::Duration;

/// A line on standard output. Where nobody reads it any more there is nobody to tell so either.
pub(crate) fn line(text: impl Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line on standard error.
pub(crate) fn aside(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A text from outside, safe to print: what could move the cursor, colour the screen or turn the reading direction is escaped.
/// Line breaks stay where they are.
pub(crate) fn clean(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && (c.is_control() || turns_or_hides(c)) {
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A name from outside, on one line.
pub(crate) fn name(text: &str) -> String {
    clean(&text.replace('\n', "\\n"))
}

const fn turns_or_hides(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    )
}

/// `812 B`, `2.4 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// `0.4 s`, `45 s`, `12 min 30 s`.
pub(crate) fn took(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, clean, name, took};
    use std::time::Duration;

    #[test]
    fn names_cannot_play_with_the_terminal() {
        for (text, shown) in [
            ("서울 📷 1.jpg", "서울 📷 1.jpg"),
            ("a\u{1b}[2Jb.jpg", "a\\u{1b}[2Jb.jpg"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{9b}31m\rb", "a\\u{9b}31m\\u{d}b"),
        ] {
            assert_eq!(clean(text), shown);
        }
        assert_eq!((clean("a\nb").as_str(), name("a\nb").as_str()), ("a\nb", "a\\nb"));
    }

    #[test]
    fn sizes_and_times() {
        assert_eq!([0, 999, 1000, 2_449_000, 3_210_000_000].map(bytes), ["0 B", "999 B", "1 kB", "2.4 MB", "3.21 GB"]);
        let took = |ms| took(Duration::from_millis(ms));
        assert_eq!([420, 9_990, 45_900, 750_000].map(took), ["0.4 s", "10.0 s", "45 s", "12 min 30 s"]);
    }
}
