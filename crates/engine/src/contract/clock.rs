//! The backend's clock against this machine's. Pure.

use super::auth::words;
use super::checks::Check;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Verdict};

/// Seconds; S3 takes 15 minutes of difference, and a form lives 10.
const TOLERANCE: i64 = 300;

/// When something was asked and answered, by our clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) at: Timestamp,
    pub(super) answered: Timestamp,
}

/// What was found, and how far the backend's clock is ahead of ours, seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) finding: Finding,
    pub(super) ahead: i64,
}

/// `date`: the header of the answer; `server_time`: session's member.
pub(super) fn compare(date: Option<Timestamp>, server_time: Option<&str>, asked: Asked) -> Seen {
    let told = server_time.map(str::parse::<Timestamp>);
    let off = |at: Timestamp| off(at, asked);
    let by_date = date.map(off);
    let ahead = by_date.unwrap_or(0);
    if let Some(Ok(told)) = told {
        let by_told = off(told);
        if by_told.abs() > TOLERANCE {
            let detail = match by_date {
                Some(by_date) if by_date.abs() <= TOLERANCE => {
                    format!(
                        "server_time is {}, though the backend's own clock (Date) is right: local time?",
                        way(by_told)
                    )
                }
                _ => format!("the backend's clock is {}", way(by_told)),
            };
            return Seen { finding: Check::Clock.problem(detail), ahead: by_told };
        }
        let agrees = format!("the clocks agree within {}", words(by_told.abs().max(1)));
        if by_date.is_none_or(|by_date| by_date.abs() <= TOLERANCE) {
            return Seen { finding: Check::Clock.good(agrees), ahead: by_date.unwrap_or(by_told) };
        }
    }
    if ahead.abs() > TOLERANCE {
        let detail = format!("the backend's clock is {}", way(ahead));
        return Seen { finding: Check::Clock.problem(detail), ahead };
    }
    let finding = match (told, by_date) {
        (Some(Err(_)), _) => Check::ServerTime.note("server_time can't be read as a time with its zone"),
        (_, Some(ahead)) => Check::Clock.good(format!("the clocks agree within {}", words(ahead.abs().max(1)))),
        (_, None) => Check::Clock.found(Verdict::Unknown, "the backend does not tell its time"),
    };
    Seen { finding, ahead }
}

/// Seconds that a time read between asking and answering is ahead; 0 where the way explains it.
fn off(at: Timestamp, asked: Asked) -> i64 {
    let (before, after) = (asked.at.as_second(), asked.answered.as_second());
    let at = at.as_second();
    if at < before {
        at - before
    } else if at > after {
        at - after
    } else {
        0
    }
}

fn way(ahead: i64) -> String {
    format!("{} {} this machine's", words(ahead.abs()), if ahead > 0 { "ahead of" } else { "behind" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let asked = Asked { at: at("2026-05-01T10:00:00Z"), answered: at("2026-05-01T10:00:02Z") };
        let good = Some("2026-05-01T10:00:01Z");
        for (server_time, date, check, verdict, ahead) in [
            (good, good, Check::Clock, Verdict::Good, 0),
            (Some("2026-05-01T12:00:01+02:00"), None, Check::Clock, Verdict::Good, 0),
            (Some("2026-05-01T09:56:00Z"), None, Check::Clock, Verdict::Good, -240),
            (Some("2026-05-01T09:50:00Z"), None, Check::Clock, Verdict::Problem, -600),
            (Some("2026-05-01T11:00:02Z"), good, Check::Clock, Verdict::Problem, 3600),
            (good, Some("2026-05-01T11:00:02Z"), Check::Clock, Verdict::Problem, 3600),
            (Some("2026-05-01T10:00:01"), good, Check::ServerTime, Verdict::Note, 0),
            (Some("yesterday"), None, Check::ServerTime, Verdict::Note, 0),
            (None, good, Check::Clock, Verdict::Good, 0),
            (None, Some("2026-05-01T09:30:00Z"), Check::Clock, Verdict::Problem, -1800),
            (None, None, Check::Clock, Verdict::Unknown, 0),
        ] {
            let seen = compare(date.map(at), server_time, asked);
            let got = (seen.finding.code.as_str(), seen.finding.verdict, seen.ahead);
            assert_eq!(got, (check.code(), verdict, ahead), "{server_time:?} {date:?}");
        }
    }
}
