//! A description of the installation for whoever helps: no secret, no name of a file, folder, client or account.

use crate::config::bandwidth_text;
use crate::daily::clock_text;
use crate::ledger::{LedgerError, now_ms};
use offload_protocol::view::{SourceKind, SourceState, SourceView, State, Status, Totals};
use offload_protocol::window::DailyLimit;
use rusqlite::Connection;
use std::fmt::{self, Display, Write};
use std::path::Path;
use url::Url;

/// Tries told of.
const TRIES: u32 = 50;

/// What the ledger says of failures: codes and counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Troubles {
    /// State, code, and how many files.
    pub files: Vec<(String, String, u64)>,
    /// The last tries, newest first.
    pub tries: Vec<Try>,
}

/// One try: when, what and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    pub at_ms: i64,
    pub duration_ms: i64,
    pub step: String,
    pub outcome: String,
}

/// Reads failures by code and the last tries.
pub fn troubles(db: &Connection) -> Result<Troubles, LedgerError> {
    let files = db
        .prepare_cached(
            "SELECT state, coalesce(code, '-'), count(*) FROM files
             WHERE state IN ('failed', 'missing', 'waiting', 'skipped') AND shown = 1
             GROUP BY state, code ORDER BY count(*) DESC, state, code LIMIT 100",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, i64>(2)?.unsigned_abs())))?
        .collect::<Result<_, _>>()?;
    let tries = db
        .prepare_cached("SELECT at_ms, duration_ms, step, outcome FROM attempts ORDER BY id DESC LIMIT ?1")?
        .query_map([TRIES], |row| {
            Ok(Try { at_ms: row.get(0)?, duration_ms: row.get(1)?, step: row.get(2)?, outcome: row.get(3)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Troubles { files, tries })
}

/// Where Offload runs, as the system says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    pub system: String,
    pub desktop: String,
    pub zone: String,
    /// With `~` for the home folder.
    pub data_dir: String,
    pub ledger_bytes: u64,
}

impl Machine {
    /// Looks around. Blocking.
    pub fn look(data_dir: &Path) -> Self {
        let word = |name: &str| std::env::var(name).unwrap_or_else(|_| "-".into());
        let zone = jiff::tz::TimeZone::system();
        Self {
            system: system(),
            desktop: format!("{} ({})", word("XDG_CURRENT_DESKTOP"), word("XDG_SESSION_TYPE")),
            zone: zone.iana_name().unwrap_or("-").to_owned(),
            data_dir: without_home(data_dir),
            ledger_bytes: ["ledger.db", "ledger.db-wal"]
                .iter()
                .filter_map(|name| std::fs::metadata(data_dir.join(name)).ok())
                .map(|file| file.len())
                .sum(),
        }
    }
}

fn system() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let release = read("/etc/os-release");
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let parts = [std::env::consts::OS, std::env::consts::ARCH, name.unwrap_or_default().trim_matches('"')];
    let kernel = read("/proc/sys/kernel/osrelease");
    parts.into_iter().chain([kernel.trim()]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The name of the person is in the path of their home.
fn without_home(path: &Path) -> String {
    let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
    match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
        Some(rest) => format!("~/{}", rest.display()),
        // Elsewhere any name may be in it.
        None => "not in the home folder".into(),
    }
}

/// The whole description; pure.
pub fn describe(
    machine: &Machine,
    status: &Status,
    daily: Option<&DailyLimit>,
    troubles: &Troubles,
    now_ms: i64,
) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_head(&mut text, machine, now_ms)
        .and_then(|()| write_status(&mut text, status, daily))
        .and_then(|()| write_troubles(&mut text, troubles));
    text
}

fn write_head(text: &mut String, machine: &Machine, now_ms: i64) -> fmt::Result {
    writeln!(text, "Offload {}, {}", env!("CARGO_PKG_VERSION"), utc(now_ms))?;
    writeln!(text, "system   {}", machine.system)?;
    writeln!(text, "desktop  {}, time zone {}", machine.desktop, machine.zone)?;
    writeln!(text, "data     {}, ledger of {} bytes", machine.data_dir, machine.ledger_bytes)
}

fn write_status(text: &mut String, status: &Status, daily: Option<&DailyLimit>) -> fmt::Result {
    let backend = status.backend.as_deref().and_then(|url| Url::parse(url).ok());
    writeln!(text, "backend  {}", backend.map_or_else(|| "-".into(), |url| crate::transfer::client::place(&url)))?;
    let health = serde_json::to_value(status.health).ok();
    let health = health.as_ref().and_then(serde_json::Value::as_str).unwrap_or("-");
    writeln!(
        text,
        "health   {health}, code {}, next try {}, paused until {}, {}",
        or_dash(status.code.as_ref()),
        status.retry_in_s.map_or_else(|| "-".into(), |seconds| format!("in {seconds} s")),
        status.paused_until_ms.map_or_else(|| "-".into(), utc),
        if status.running { "running" } else { "not running" },
    )?;
    writeln!(
        text,
        "sending  {} bytes/s, {} at once, limit {}, daily {}, signed in {}",
        status.speed,
        status.concurrency,
        status.bandwidth_limit.map_or_else(|| "-".into(), bandwidth_text),
        daily.map_or_else(|| "-".into(), daily_text),
        if status.account.is_some() { "yes" } else { "no" },
    )?;
    if let Some(round) = &status.round {
        writeln!(
            text,
            "round    {} of {} files, {} of {} bytes, {} s left",
            round.files_done,
            round.files_all,
            round.bytes_done,
            round.bytes_all,
            or_dash(round.seconds_left),
        )?;
    }
    writeln!(text, "files    {}", counts(&status.totals))?;
    for source in &status.sources {
        writeln!(text, "source   {}", source_text(source))?;
    }
    Ok(())
}

fn write_troubles(text: &mut String, troubles: &Troubles) -> fmt::Result {
    for (state, code, files) in &troubles.files {
        writeln!(text, "trouble  {state} {code}: {files}")?;
    }
    for one in &troubles.tries {
        writeln!(text, "try      {} {} {} after {} ms", utc(one.at_ms), one.step, one.outcome, one.duration_ms)?;
    }
    Ok(())
}

fn or_dash(value: Option<impl Display>) -> String {
    value.map_or_else(|| "-".into(), |value| value.to_string())
}

fn daily_text(daily: &DailyLimit) -> String {
    let limit = daily.bandwidth.map_or_else(|| "nothing".into(), bandwidth_text);
    format!("{limit} from {} to {}", clock_text(daily.from_minute), clock_text(daily.to_minute))
}

fn utc(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| "-".into(), |at| at.to_string())
}

/// Only states with files, in files and bytes.
fn counts(totals: &Totals) -> String {
    let found: Vec<String> = State::ALL
        .into_iter()
        .map(|state| (state, totals.get(state)))
        .filter(|(_, tally)| tally.files > 0)
        .map(|(state, tally)| format!("{} {} ({} bytes)", tally.files, state.as_str(), tally.bytes))
        .collect();
    if found.is_empty() { "none".into() } else { found.join(", ") }
}

fn source_text(source: &SourceView) -> String {
    let kind = match source.kind {
        SourceKind::Watched => "watched",
        SourceKind::Batch => "batch",
    };
    let state = match source.state {
        SourceState::Active => "active",
        SourceState::Paused => "paused",
        SourceState::Away => "away",
        SourceState::Cancelled => "cancelled",
    };
    let scanning = if source.scanning { ", being looked through" } else { "" };
    let notices: Vec<String> = source
        .notices
        .iter()
        .map(|notice| match notice.args.get("kind") {
            Some(kind) => format!("{} ({kind})", notice.code),
            None => notice.code.clone(),
        })
        .collect();
    format!(
        "{} {kind}, {state}{scanning}; roots {}, prefix {}, include {}, exclude {}, looked through {}; notices {}; {}",
        source.id,
        source.roots.len(),
        if source.prefix.is_empty() { "no" } else { "yes" },
        source.include.len(),
        source.exclude.len(),
        source.scanned_at_ms.map_or_else(|| "never".into(), utc),
        if notices.is_empty() { "-".into() } else { notices.join(", ") },
        counts(&source.totals),
    )
}

/// The same with what this machine and the ledger say now; for a running engine there is `Handle::diagnostics`. Blocking.
pub fn standing(
    db: &Connection,
    data_dir: &Path,
    status: &Status,
    daily: Option<&DailyLimit>,
) -> Result<String, LedgerError> {
    Ok(describe(&Machine::look(data_dir), status, daily, &troubles(db)?, now_ms()))
}

#[cfg(test)]
mod tests {
    use super::{Machine, Troubles, Try, describe, without_home};
    use offload_protocol::view::{
        ChangedPolicy, Health, Notice, Round, SourceKind, SourceState, SourceView, Status, Tally, Totals,
    };
    use offload_protocol::window::DailyLimit;
    use std::path::Path;

    fn status() -> Status {
        let totals = Totals { failed: Tally { files: 2, bytes: 2000 }, ..Totals::default() };
        let source = SourceView {
            id: 7,
            kind: SourceKind::Watched,
            name: "MARKER wedding".into(),
            roots: vec!["/home/MARKER/photos".into()],
            prefix: "clients/MARKER".into(),
            include: vec!["MARKER*".into()],
            exclude: Vec::new(),
            changed: ChangedPolicy::NewVersion,
            state: SourceState::Away,
            scanning: false,
            notices: vec![
                Notice::new("away", "the folder /MARKER is away").with("path", "/MARKER").with("kind", "missing"),
            ],
            scanned_at_ms: Some(0),
            totals,
        };
        Status {
            health: Health::NeedsAttention,
            detail: Some("MARKER".into()),
            code: Some("s3_denied".into()),
            retry_in_s: Some(4),
            running: true,
            backend: Some("https://photos.example/MARKER".into()),
            account: Some("MARKER".into()),
            caveats: Vec::new(),
            totals,
            sources: vec![source],
            concurrency: 4,
            bandwidth_limit: Some(5_000_000),
            speed: 12,
            round: Some(Round { files_done: 1, files_all: 3, bytes_done: 5, bytes_all: 9, seconds_left: None }),
            paused_until_ms: None,
            seq: 1,
        }
    }

    #[test]
    fn says_how_it_stands_and_names_nobody() {
        let machine = Machine {
            system: "linux, x86_64".into(),
            desktop: "GNOME (wayland)".into(),
            zone: "Asia/Seoul".into(),
            data_dir: "~/.local/share/offload".into(),
            ledger_bytes: 4096,
        };
        let troubles = Troubles {
            files: vec![("failed".into(), "s3_denied".into(), 2)],
            tries: vec![Try { at_ms: 0, duration_ms: 12, step: "upload".into(), outcome: "s3_denied".into() }],
        };
        let daily = DailyLimit { from_minute: 480, to_minute: 1080, bandwidth: None };
        let text = describe(&machine, &status(), Some(&daily), &troubles, 1000);
        assert!(!text.contains("MARKER"), "{text}");
        for part in [
            concat!("Offload ", env!("CARGO_PKG_VERSION"), ", 1970-01-01T00:00:01Z"),
            "backend  photos.example:443\n",
            "health   needs_attention, code s3_denied, next try in 4 s, paused until -, running",
            "limit 5 MB/s, daily nothing from 08:00 to 18:00, signed in yes",
            "round    1 of 3 files, 5 of 9 bytes, - s left",
            "files    2 failed (2000 bytes)",
            "source   7 watched, away; roots 1, prefix yes, include 1, exclude 0, looked through 1970-01-01T00:00:00Z; notices away (missing); 2 failed",
            "trouble  failed s3_denied: 2",
            "try      1970-01-01T00:00:00Z upload s3_denied after 12 ms",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn the_persons_name_is_not_in_the_data_folder() {
        let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
        assert_eq!(without_home(&home.join("a/b")), "~/a/b");
        assert_eq!(without_home(Path::new("/mnt/kim/offload")), "not in the home folder");
    }
}
