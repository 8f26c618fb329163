//! What is seen while an upload goes on: bars on a terminal, a line every few seconds elsewhere, nothing with `--json`.

use crate::out;
use crate::words::{bytes, clean, duration, files};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use offload_protocol::view::{FileRow, Health, Totals};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Files shown while they go out.
const CURRENT: usize = 4;
/// Between two plain lines.
const PLAIN: Duration = Duration::from_secs(5);
/// A speed below this says nothing about the time left.
const SLOWEST: u64 = 1000;

/// A batch at one moment.
pub(super) struct Snapshot<'a> {
    pub(super) totals: Totals,
    pub(super) scanning: bool,
    /// Bytes a second.
    pub(super) speed: u64,
    pub(super) health: Health,
    pub(super) detail: Option<&'a str>,
    pub(super) current: &'a [FileRow],
}

impl Snapshot<'_> {
    /// Bytes in S3 or on the line.
    fn done(&self) -> u64 {
        let sent: u64 = self.current.iter().filter_map(|file| file.sent.map(|sent| sent.min(file.size))).sum();
        self.totals.confirmed.bytes + self.totals.uploaded.bytes + sent
    }

    /// Bytes that are to be in S3 in the end, as far as is known by now.
    fn whole(&self) -> u64 {
        let totals = &self.totals;
        totals.all().bytes - totals.failed.bytes - totals.skipped.bytes - totals.missing.bytes
    }
}

/// Everything in a line.
fn overall(now: &Snapshot<'_>) -> String {
    let all = now.totals.all();
    let mut parts = vec![format!("{} of {} confirmed", now.totals.confirmed.files, files(all.files))];
    parts.push(format!("{} of {}", bytes(now.done()), bytes(now.whole())));
    let left = now.whole().saturating_sub(now.done());
    // While something holds the queue up, the time left is anybody's guess.
    if now.speed >= SLOWEST && left > 0 && now.detail.is_none() {
        parts.push(format!("{}/s", bytes(now.speed)));
        if !now.scanning {
            parts.push(format!("about {} left", duration(Duration::from_secs(left.div_ceil(now.speed)))));
        }
    }
    for (count, word) in [
        (now.totals.failed.files, "failed"),
        (now.totals.missing.files, "missing"),
        (now.totals.waiting.files, "waiting to be tried again"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    if now.scanning {
        parts.push("still looking through the folders".into());
    }
    let why = now.detail.map(|detail| format!(": {}", clean(detail))).unwrap_or_default();
    match now.health {
        Health::Offline => parts.push(format!("offline{why}")),
        Health::Paused => parts.push("paused (`offload resume` goes on)".into()),
        Health::NeedsAttention | Health::Working => parts.extend(now.detail.map(clean)),
        Health::SignedOut | Health::Stopped | Health::UpToDate => {}
    }
    parts.join(", ")
}

fn one(file: &FileRow) -> String {
    match file.sent.filter(|sent| *sent > 0) {
        Some(sent) => format!("  {} {} of {}", clean(&file.path), bytes(sent), bytes(file.size)),
        None => format!("  {} ({})", clean(&file.path), bytes(file.size)),
    }
}

/// The way progress is shown.
pub(super) enum Shown {
    Nothing,
    Lines { last: (Instant, String) },
    Bars { all: MultiProgress, whole: ProgressBar, texts: Vec<ProgressBar> },
}

impl Shown {
    pub(super) fn new(json: bool) -> Self {
        if json {
            return Self::Nothing;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { last: (Instant::now(), String::new()) };
        }
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let whole = all.add(ProgressBar::new(0).with_style(style("{wide_bar} {percent:>3} %")));
        // Everything in a line, then a line a file.
        let texts = (0..=CURRENT).map(|_| all.add(ProgressBar::new(0).with_style(style("{wide_msg}")))).collect();
        Self::Bars { all, whole, texts }
    }

    pub(super) fn show(&mut self, now: &Snapshot<'_>) {
        match self {
            Self::Nothing => {}
            Self::Lines { last } => {
                let text = overall(now);
                if last.0.elapsed() >= PLAIN && last.1 != text {
                    let _ = out::aside(&text);
                    *last = (Instant::now(), text);
                }
            }
            Self::Bars { whole, texts, .. } => {
                whole.set_length(now.whole());
                whole.set_position(now.done());
                let lines = std::iter::once(overall(now)).chain(now.current.iter().map(one));
                for (text, line) in texts.iter().zip(lines.chain(std::iter::repeat(String::new()))) {
                    text.set_message(line);
                }
            }
        }
    }

    /// A line that stays. The text is safe to print already.
    pub(super) fn say(&self, text: &str) {
        match self {
            Self::Nothing => {}
            Self::Lines { .. } => {
                let _ = out::aside(text);
            }
            Self::Bars { all, .. } => {
                let _ = all.println(text);
            }
        }
    }

    /// Takes the bars away; the report follows.
    pub(super) fn end(&self) {
        if let Self::Bars { all, whole, texts } = self {
            // A bar that is only dropped draws itself once more.
            texts.iter().chain([whole]).for_each(ProgressBar::finish_and_clear);
            let _ = all.clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::{Snapshot, one, overall};
    use crate::list::tests::file;
    use offload_protocol::view::{FileRow, Health, State, Tally, Totals};

    #[test]
    fn words() {
        let totals = Totals {
            confirmed: Tally { files: 12, bytes: 1_200_000_000 },
            queued: Tally { files: 327, bytes: 38_800_000_000 },
            uploading: Tally { files: 1, bytes: 24_300_000 },
            failed: Tally { files: 2, bytes: 50_000_000 },
            ..Totals::default()
        };
        let on_its_way = [FileRow { sent: Some(12_000_000), ..file("a\u{202e}.jpg", State::Uploading) }];
        let base = || Snapshot {
            totals,
            scanning: false,
            speed: 8_000_000,
            health: Health::Working,
            detail: None,
            current: &on_its_way,
        };
        assert_eq!(
            overall(&base()),
            "12 of 342 files confirmed, 1.2 GB of 40 GB, 8.0 MB/s, about 1 h 20 min left, 2 failed"
        );
        let scanning = overall(&Snapshot { scanning: true, ..base() });
        assert!(scanning.ends_with("still looking through the folders") && !scanning.contains("left"), "{scanning}");
        let offline = overall(&Snapshot { speed: 0, health: Health::Offline, detail: Some("no way"), ..base() });
        assert!(offline.ends_with("offline: no way") && !offline.contains("/s"), "{offline}");
        let busy = overall(&Snapshot { detail: Some("S3 asks to slow down"), ..base() });
        assert!(busy.ends_with("2 failed, S3 asks to slow down") && !busy.contains("left"), "{busy}");
        assert_eq!(one(&on_its_way[0]), "  a\\u{202e}.jpg 12 MB of 24 MB");
        let nothing = Snapshot { totals: Totals::default(), current: &[], ..base() };
        assert_eq!(overall(&nothing), "0 of 0 files confirmed, 0 B of 0 B");
    }
}
