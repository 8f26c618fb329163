//! How far it is: one line that changes on a terminal, lines one below the other elsewhere.

use super::facts::Status;
use crate::say::{self, bytes};
use crate::table::cut;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two plain lines.
const PLAIN: Duration = Duration::from_secs(2);
const WIDTH: usize = 100;

/// The line, and when it was last written.
#[derive(Debug)]
pub(super) struct Progress {
    terminal: bool,
    last: String,
    at: Option<Instant>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), last: String::new(), at: None }
    }

    pub(super) fn show(&mut self, status: &Status) {
        let line = line(status);
        if line == self.last {
            return;
        }
        if self.terminal {
            let mut out = std::io::stdout().lock();
            let _ = write!(out, "\r\x1b[2K  {}", cut(&line, WIDTH)).and_then(|()| out.flush());
        } else if self.at.is_none_or(|at| at.elapsed() >= PLAIN) {
            say::line(format_args!("  {line}"));
        } else {
            return;
        }
        self.last = line;
        self.at = Some(Instant::now());
    }

    /// A line that stays, above the one that changes.
    pub(super) fn say(&mut self, text: &str) {
        if self.terminal && !self.last.is_empty() {
            let _ = write!(std::io::stdout(), "\r\x1b[2K");
        }
        self.last.clear();
        say::line(text);
    }
}

/// `12 of 28 confirmed · 3 sending · 41.2 of 68.0 MB · 8.0 MB/s`.
fn line(status: &Status) -> String {
    let totals = &status.totals;
    let all = totals.all();
    let mut parts = vec![format!("{} of {} confirmed", totals.confirmed.files, all.files)];
    for (tally, word) in [
        (totals.settling, "settling"),
        (totals.queued, "queued"),
        (totals.uploading, "sending"),
        (totals.uploaded, "in S3, to be confirmed"),
        (totals.waiting, "waiting to be tried again"),
        (totals.failed, "FAILED"),
        (totals.missing, "MISSING"),
        (totals.skipped, "skipped"),
    ] {
        if tally.files > 0 {
            parts.push(format!("{} {word}", tally.files));
        }
    }
    parts.push(format!("{} of {}", bytes(totals.confirmed.bytes), bytes(all.bytes)));
    if status.speed > 0 {
        parts.push(format!("{}/s", bytes(status.speed)));
    }
    if matches!(status.health.as_str(), "signed_out" | "offline" | "paused") {
        parts.push(status.health.replace('_', " "));
        parts.extend(status.detail.as_deref().map(say::name));
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::demo::facts::{Status, Tally, Totals};

    #[test]
    fn the_line_names_what_there_is() {
        let tally = |files, bytes| Tally { files, bytes };
        let totals = Totals { confirmed: tally(12, 41_200_000), uploading: tally(3, 9_800_000), ..Totals::default() };
        let mut status =
            Status { health: "working".into(), detail: None, running: true, totals, sources: vec![], speed: 8_000_000 };
        assert_eq!(line(&status), "12 of 15 confirmed · 3 sending · 41.2 MB of 51.0 MB · 8.0 MB/s");
        status.speed = 0;
        status.health = "offline".into();
        status.detail = Some("no \u{1b} network".into());
        assert_eq!(line(&status), "12 of 15 confirmed · 3 sending · 41.2 MB of 51.0 MB · offline · no \\u{1b} network");
    }
}
