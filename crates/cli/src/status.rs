//! `status`: is everything safe?

use crate::failure::{DONE, Failure, PENDING, SOME};
use crate::link::Link;
use crate::out;
use crate::setting::Setting;
use crate::words::{bytes, clean, duration, files, files_that, state, when};
use offload_engine::config::bandwidth_text;
use offload_protocol::view::{Health, SourceState, State, Status};
use std::time::Duration;

pub(crate) async fn status(setting: &Setting) -> Result<u8, Failure> {
    let status = Link::to_read(setting).await?.status().await?;
    if setting.json {
        out::json(&status)?;
    } else {
        for line in describe(&status) {
            out::line(line)?;
        }
    }
    Ok(exit(&status))
}

/// 0 everything confirmed, 1 some failed or missing, 3 something is still to be done.
pub(crate) fn exit(status: &Status) -> u8 {
    let unseen = status
        .sources
        .iter()
        .any(|source| source.state != SourceState::Cancelled && (source.scanning || source.scanned_at_ms.is_none()));
    if status.totals.failed.files + status.totals.missing.files > 0 {
        SOME
    } else if status.totals.pending() > 0
        || unseen
        || status.sources.iter().any(|source| source.state == SourceState::Away)
        // Files lie in a watched folder that nobody looked at, or the ledger can't be trusted now.
        || matches!(status.health, Health::Stopped | Health::NeedsAttention)
    {
        PENDING
    } else {
        DONE
    }
}

/// The first line says it all; the others say why.
fn describe(status: &Status) -> Vec<String> {
    let mut lines = vec![headline(status)];
    let mut more = |line: String| lines.push(format!("  {line}"));
    if let Some(detail) = &status.detail {
        let again = status.retry_in_s.map(|seconds| format!(" (next try in {seconds} s)")).unwrap_or_default();
        more(format!("{}{again}", clean(detail)));
    }
    for one in State::ALL {
        let tally = status.totals.get(one);
        if tally.files > 0 {
            more(format!("{:>8} {:>9}  {}", tally.files, bytes(tally.bytes), state(one)));
        }
    }
    let left = left_bytes(status);
    if status.speed > 0 && left > 0 {
        let time = Duration::from_secs(left.div_ceil(status.speed));
        more(format!("{}/s, about {} left", bytes(status.speed), duration(time)));
    }
    if let Some(limit) = status.bandwidth_limit {
        more(format!("limited to {}", bandwidth_text(limit)));
    }
    for caveat in &status.caveats {
        more(format!("note: {}", clean(&caveat.text)));
    }
    for source in &status.sources {
        let why = match source.state {
            SourceState::Paused => "is paused",
            SourceState::Away => "is not there",
            SourceState::Active | SourceState::Cancelled => continue,
        };
        let notice = source.notices.last().map(|notice| format!(" ({})", clean(&notice.text))).unwrap_or_default();
        more(format!("source {} ({}) {why}{notice}", source.id, clean(&source.name)));
    }
    match (&status.backend, &status.account) {
        (Some(backend), Some(account)) => more(format!("signed in to {} as {}", clean(backend), clean(account))),
        (Some(backend), None) => more(format!("backend {}", clean(backend))),
        (None, _) => more("no backend is known yet: `offload login --backend https://…`".into()),
    }
    if !status.running {
        more("Offload is not running; this is what the ledger and the watched folders say".into());
    }
    lines
}

fn left_bytes(status: &Status) -> u64 {
    [State::Settling, State::Queued, State::Uploading, State::Waiting]
        .into_iter()
        .map(|one| status.totals.get(one).bytes)
        .sum()
}

fn headline(status: &Status) -> String {
    let totals = &status.totals;
    match status.health {
        Health::SignedOut => "Signed out: nothing is sent until you sign in (`offload login`).".into(),
        Health::Offline => {
            format!("Offline: {}, and Offload goes on by itself.", files_that(totals.pending(), "waits", "wait"))
        }
        Health::Paused => {
            let until = status.paused_until_ms.map(|ms| format!(" until {}", when(ms))).unwrap_or_default();
            format!("Paused{until}: {} (`offload resume`).", files_that(totals.pending(), "waits", "wait"))
        }
        Health::NeedsAttention if totals.failed.files + totals.missing.files == 0 => {
            "Something stands in the way; see below.".into()
        }
        Health::NeedsAttention => format!(
            "{} you: see `offload list --state failed --state missing`.",
            files_that(totals.failed.files + totals.missing.files, "needs", "need")
        ),
        Health::Working => format!("Working: {} of {} confirmed.", totals.confirmed.files, files(totals.all().files)),
        Health::Stopped if totals.pending() == 0 => format!(
            "Not running, and not everything was looked through; {} confirmed before.",
            files(totals.confirmed.files)
        ),
        Health::Stopped => format!(
            "Not running, and {} not safe yet: `offload run`, or open the app.",
            files_that(totals.pending(), "is", "are")
        ),
        Health::UpToDate if exit(status) == DONE => {
            format!("Everything is safe: {} confirmed.", files(totals.confirmed.files))
        }
        // No engine runs that could know what lies in the folders now.
        Health::UpToDate => {
            format!("{} confirmed; some folders were not looked through yet.", files(totals.confirmed.files))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{describe, exit};
    use offload_protocol::view::{
        ChangedPolicy, Health, SourceKind, SourceState, SourceView, State, Status, Tally, Totals,
    };

    pub(crate) fn totals(files: &[(State, u64)]) -> Totals {
        let mut totals = Totals::default();
        for (state, count) in files {
            *totals.get_mut(*state) = Tally { files: *count, bytes: count * 1000 };
        }
        totals
    }

    pub(crate) fn source(state: SourceState, scanned_at_ms: Option<i64>, totals: Totals) -> SourceView {
        SourceView {
            id: 1,
            kind: SourceKind::Batch,
            name: "Wedding".into(),
            roots: vec!["/photos".into()],
            prefix: String::new(),
            include: Vec::new(),
            exclude: Vec::new(),
            changed: ChangedPolicy::NewVersion,
            state,
            scanning: false,
            notices: Vec::new(),
            scanned_at_ms,
            totals,
        }
    }

    pub(crate) fn status(health: Health, source: SourceView) -> Status {
        Status {
            health,
            detail: None,
            code: None,
            retry_in_s: None,
            running: true,
            backend: Some("https://a.example".into()),
            account: None,
            caveats: Vec::new(),
            totals: source.totals,
            sources: vec![source],
            concurrency: 4,
            bandwidth_limit: None,
            speed: 0,
            round: None,
            paused_until_ms: None,
            seq: 1,
        }
    }

    #[test]
    fn exits() {
        use SourceState::{Active, Away, Cancelled, Paused};
        type Row = (&'static [(State, u64)], SourceState, Option<i64>, u8);
        let table: [Row; 12] = [
            (&[(State::Confirmed, 5)], Active, Some(1), 0),
            (&[], Active, Some(1), 0),
            (&[(State::Confirmed, 5), (State::Skipped, 1)], Active, Some(1), 0),
            (&[(State::Confirmed, 5), (State::Failed, 1)], Active, Some(1), 1),
            (&[(State::Missing, 1)], Active, Some(1), 1),
            (&[(State::Queued, 9), (State::Failed, 1)], Active, Some(1), 1),
            (&[(State::Uploaded, 1)], Active, Some(1), 3),
            (&[(State::Waiting, 1)], Paused, Some(1), 3),
            (&[(State::Settling, 1)], Active, None, 3),
            (&[], Active, None, 3),
            (&[(State::Confirmed, 5)], Away, Some(1), 3),
            (&[(State::Skipped, 1)], Cancelled, None, 0),
        ];
        for (files, state, scanned, expected) in table {
            let status = status(Health::Working, source(state, scanned, totals(files)));
            assert_eq!(exit(&status), expected, "{files:?} {state:?} {scanned:?}");
        }
        let mut scanning = status(Health::Working, source(Active, Some(1), totals(&[(State::Confirmed, 5)])));
        scanning.sources[0].scanning = true;
        assert_eq!(exit(&scanning), 3);
    }

    #[test]
    fn green_words_only_for_green() {
        let green = status(Health::UpToDate, source(SourceState::Active, Some(1), totals(&[(State::Confirmed, 5)])));
        assert!(describe(&green)[0].contains("Everything is safe"));
        let unseen = status(Health::UpToDate, source(SourceState::Active, None, totals(&[(State::Confirmed, 5)])));
        assert!(!describe(&unseen)[0].contains("Everything is safe"));
        for health in [
            Health::SignedOut,
            Health::Offline,
            Health::Paused,
            Health::NeedsAttention,
            Health::Working,
            Health::Stopped,
        ] {
            let other = status(health, source(SourceState::Active, Some(1), totals(&[(State::Queued, 5)])));
            assert!(!describe(&other)[0].contains("safe:"), "{health:?}");
        }
    }
}
