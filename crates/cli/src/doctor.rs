//! `doctor`: looks at everything an upload needs, and says how to mend what is wrong.

use crate::failure::{DONE, Failure, SOME};
use crate::out;
use crate::setting::Setting;
use crate::words::{bytes, clean, duration};
use offload_engine::backend::{Address, who_am_i};
use offload_engine::cause::Cause;
use offload_engine::config::Config;
use offload_engine::control::Client;
use offload_engine::ledger::{LedgerError, LedgerReader};
use offload_engine::secrets::Secret;
use offload_protocol::wire::{PROTOCOL_VERSION, Session};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// A clock that is off by more makes S3 refuse what the backend signed (its limit is 15 minutes).
const CLOCK: Duration = Duration::from_secs(300);
/// Fewer watches than this and a large archive of folders is seen only by the hourly look.
const FEW_WATCHES: u64 = 65_536;

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    check: &'static str,
    ok: bool,
    detail: String,
    mend: Option<String>,
}

impl Finding {
    fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, ok: true, detail: detail.into(), mend: None }
    }

    fn bad(check: &'static str, detail: impl Into<String>, mend: Option<String>) -> Self {
        Self { check, ok: false, detail: detail.into(), mend }
    }
}

pub(crate) async fn doctor(setting: &Setting) -> Result<u8, Failure> {
    let mut findings = vec![folder(setting).await?, ledger(setting).await?, engine(setting).await];
    findings.extend(watches().await?);
    let config = match setting.config_quietly().await {
        Ok(config) if config.warnings.is_empty() => {
            findings.push(Finding::good("settings", "config.toml can be used"));
            Some(config)
        }
        Ok(config) => {
            findings.push(Finding::bad(
                "settings",
                config.warnings.join("; "),
                Some("mend the names, or take the lines out".into()),
            ));
            Some(config)
        }
        Err(failure) => {
            findings.push(Finding::bad("settings", failure.message, failure.hint));
            None
        }
    };
    if let Some(config) = config {
        findings.extend(backend(setting, &config).await);
    }
    if setting.json {
        out::json(&findings)?;
    } else {
        for finding in &findings {
            let word = if finding.ok { "ok     " } else { "problem" };
            let mend =
                finding.mend.as_ref().map(|mend| format!("\n           mend: {}", clean(mend))).unwrap_or_default();
            out::line(format_args!("{word}  {}: {}{mend}", finding.check, clean(&finding.detail)))?;
        }
    }
    Ok(if findings.iter().all(|finding| finding.ok) { DONE } else { SOME })
}

async fn folder(setting: &Setting) -> Result<Finding, Failure> {
    let dir = setting.dir.clone();
    let tried = tokio::task::spawn_blocking(move || writable(&dir)).await?;
    Ok(match tried {
        Ok(()) => Finding::good("data folder", format!("{} can be written", setting.dir.display())),
        Err(error) => Finding::bad(
            "data folder",
            format!("{} cannot be written: {error}", setting.dir.display()),
            Some("check that the folder is yours and that the disk has room, or choose another with --data-dir".into()),
        ),
    })
}

fn writable(dir: &Path) -> std::io::Result<()> {
    offload_engine::ledger::make_private_folder(dir)?;
    let probe = dir.join(format!(".probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"can this be written?");
    let _ = std::fs::remove_file(&probe);
    written
}

async fn ledger(setting: &Setting) -> Result<Finding, Failure> {
    let dir = setting.dir.clone();
    Ok(match tokio::task::spawn_blocking(move || LedgerReader::open(&dir).map(drop)).await? {
        Ok(()) => Finding::good("ledger", "it is sound"),
        Err(LedgerError::Absent { .. }) => Finding::good("ledger", "there is none yet; the first upload makes it"),
        Err(error) => Finding::bad("ledger", error.to_string(), error.hint()),
    })
}

async fn engine(setting: &Setting) -> Finding {
    match Client::connect(&setting.dir).await {
        Some(_) => Finding::good("Offload", "it is running"),
        None => Finding::good("Offload", "it is not running; `offload run` or the app starts it"),
    }
}

/// Linux gives each person a number of folders that can be watched; other systems have no such limit.
async fn watches() -> Result<Option<Finding>, Failure> {
    if !cfg!(target_os = "linux") {
        return Ok(None);
    }
    let limit = tokio::task::spawn_blocking(|| {
        std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok().and_then(|text| text.trim().parse().ok())
    })
    .await?;
    Ok(limit.map(watch_limit))
}

fn watch_limit(limit: u64) -> Finding {
    if limit >= FEW_WATCHES {
        return Finding::good("watching", format!("{limit} folders can be watched at once"));
    }
    Finding::bad(
        "watching",
        format!("only {limit} folders can be watched at once; changes in others are seen by the hourly look"),
        Some(
            "echo fs.inotify.max_user_watches=524288 | sudo tee /etc/sysctl.d/60-offload.conf && sudo sysctl --system"
                .into(),
        ),
    )
}

async fn backend(setting: &Setting, config: &Config) -> Vec<Finding> {
    let address = match Setting::backend(config) {
        Ok(address) => address,
        Err(failure) => return vec![Finding::bad("backend", failure.message, failure.hint)],
    };
    let (finding, token) = token(setting, &address).await;
    let mut findings = vec![finding];
    if let Some(token) = token {
        let asked = jiff::Timestamp::now();
        let said = who_am_i(&address, &config.backend.auth_scheme, &token).await;
        findings.extend(answer(&address, said, asked, jiff::Timestamp::now()));
    }
    findings
}

async fn token(setting: &Setting, backend: &Address) -> (Finding, Option<Secret>) {
    let place = if setting.has_token_in_environment() { "token" } else { "keyring" };
    match setting.tokens().load(backend.as_str()).await {
        Ok(Some(token)) if setting.has_token_in_environment() => {
            (Finding::good(place, "OFFLOAD_TOKEN is set; the keyring is not used"), Some(token))
        }
        Ok(Some(token)) => (Finding::good(place, "it holds a token for the backend"), Some(token)),
        Ok(None) => (
            Finding::bad(
                place,
                format!("it can be used, but holds no token for {}", backend.as_str()),
                Some("offload login".into()),
            ),
            None,
        ),
        Err(error) => (Finding::bad(place, error.to_string(), Some(error.hint().into())), None),
    }
}

/// What the answer to `GET session` tells; pure.
fn answer(
    backend: &Address,
    said: Result<Session, Cause>,
    asked: jiff::Timestamp,
    answered: jiff::Timestamp,
) -> Vec<Finding> {
    let session = match said {
        Ok(session) => session,
        Err(cause) => return vec![Finding::bad("backend", format!("{}: {cause}", backend.as_str()), cause.hint)],
    };
    let mut findings =
        vec![Finding::good("backend", format!("{} answers, and knows you as {}", backend.as_str(), session.account))];
    match session.protocol {
        Some(version) if version != PROTOCOL_VERSION => findings.push(Finding::bad(
            "protocol",
            format!("the backend speaks version {version}, and this Offload version {PROTOCOL_VERSION}"),
            Some("update whichever is older".into()),
        )),
        Some(_) | None => {}
    }
    let largest = session
        .limits
        .max_file_size
        .map_or_else(|| "any size up to 5 GB".into(), |most| format!("up to {}", bytes(most)));
    findings.push(Finding::good(
        "limits",
        format!("files of {largest}, {} in one request", session.limits.files_per_request),
    ));
    findings.push(clock(session.server_time.as_deref(), asked, answered));
    findings
}

/// The two clocks, give or take the time the answer took.
fn clock(server: Option<&str>, asked: jiff::Timestamp, answered: jiff::Timestamp) -> Finding {
    let Some(text) = server else { return Finding::good("clock", "the backend does not tell its time; not compared") };
    let Ok(server) = text.parse::<jiff::Timestamp>() else {
        return Finding::bad(
            "clock",
            "the backend's server_time is no time of RFC 3339",
            Some("for the backend: write it like 2026-05-01T10:20:30Z".into()),
        );
    };
    let behind = asked.as_millisecond() - server.as_millisecond();
    let ahead = server.as_millisecond() - answered.as_millisecond();
    let off = Duration::from_millis(behind.max(ahead).max(0).unsigned_abs());
    if off <= CLOCK {
        return Finding::good(
            "clock",
            format!("it agrees with the backend's within {}", duration(off.max(Duration::from_secs(1)))),
        );
    }
    let way = if behind > ahead { "ahead of" } else { "behind" };
    Finding::bad(
        "clock",
        format!("this machine's clock is {} {way} the backend's; S3 may refuse uploads", duration(off)),
        Some("set the clock of whichever is wrong; let it follow a time server".into()),
    )
}

#[cfg(test)]
mod tests {
    use super::{answer, clock, watch_limit};
    use offload_engine::backend::Address;
    use offload_engine::cause::{Cause, Code};
    use offload_protocol::wire::{Limits, Session};

    fn at(text: &str) -> jiff::Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn clocks() {
        let (asked, answered) = (at("2026-05-01T10:00:00Z"), at("2026-05-01T10:00:02Z"));
        for (server, ok, words) in [
            (Some("2026-05-01T10:00:01Z"), true, "within 1 s"),
            (Some("2026-05-01T12:00:01+02:00"), true, "within 1 s"),
            (Some("2026-05-01T09:56:00Z"), true, "within 4 min"),
            (Some("2026-05-01T09:50:00Z"), false, "10 min ahead of"),
            (Some("2026-05-01T11:00:02Z"), false, "1 h behind"),
            (Some("yesterday"), false, "RFC 3339"),
            (None, true, "not compared"),
        ] {
            let found = clock(server, asked, answered);
            assert!(found.ok == ok && found.detail.contains(words), "{server:?}: {found:?}");
            assert_eq!(found.mend.is_some(), !ok);
        }
    }

    #[test]
    fn answers() {
        let backend = Address::parse("https://a.example").unwrap();
        let now = at("2026-05-01T10:00:00Z");
        let refused = Cause::new(Code::SignedOut, "the backend does not take the token").hint("sign in");
        let found = answer(&backend, Err(refused), now, now);
        assert!(!found[0].ok && found[0].mend.as_deref() == Some("sign in"));
        let session = Session {
            account: "kim".into(),
            protocol: Some(2),
            limits: Limits::default(),
            server_time: None,
            sign_in: None,
        };
        let found = answer(&backend, Ok(session), now, now);
        assert_eq!(
            found.iter().map(|finding| (finding.check, finding.ok)).collect::<Vec<_>>(),
            [("backend", true), ("protocol", false), ("limits", true), ("clock", true)]
        );
    }

    #[test]
    fn few_watches_are_a_problem() {
        assert!(!watch_limit(8192).ok && watch_limit(8192).mend.is_some());
        assert!(watch_limit(524_288).ok);
    }
}
