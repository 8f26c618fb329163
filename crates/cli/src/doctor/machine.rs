//! What `doctor` looks at on this machine.

use crate::failure::Failure;
use crate::setting::Setting;
use offload_engine::backend::{Address, Dialect, Unusable, in_use};
use offload_engine::config::Config;
use offload_engine::contract::{Check, with_mend};
use offload_engine::control::Client;
use offload_engine::ledger::{LedgerError, LedgerReader};
use offload_engine::secrets::Secret;
use offload_protocol::checkup::{Finding, Stack};
use std::path::Path;

/// Fewer watches than this and a large archive of folders is seen only by the hourly look.
const FEW_WATCHES: u64 = 65_536;

/// Folder, ledger, engine, watches.
pub(super) async fn look(setting: &Setting) -> Result<Vec<Finding>, Failure> {
    let mut findings = vec![folder(setting).await?, ledger(setting).await?, engine(setting).await];
    findings.extend(watches().await?);
    Ok(findings)
}

/// The settings, where they can be used.
pub(super) async fn config(setting: &Setting) -> (Finding, Option<Config>) {
    match setting.config_quietly().await {
        Ok(config) if config.warnings.is_empty() => (Check::Settings.good("config.toml can be used"), Some(config)),
        Ok(config) => {
            let finding = Check::Settings.note(config.warnings.join("; "));
            (with_mend(finding, Stack::Anyone, "mend the names, or take the lines out"), Some(config))
        }
        Err(failure) => (hinted(Check::Settings.problem(failure.message), failure.hint), None),
    }
}

/// The token for the backend, where there is one.
pub(super) async fn token(setting: &Setting, backend: &Address, dialect: &Dialect) -> (Finding, Option<Secret>) {
    match in_use(setting.tokens().as_ref(), backend, false).await {
        Ok(Some(credential)) => {
            let detail = if setting.has_token_in_environment() {
                "OFFLOAD_TOKEN is set; the keyring is not used"
            } else {
                "the keyring holds a token for the backend"
            };
            (Check::Keyring.good(detail), Some(credential.access().clone()))
        }
        Ok(None) if !dialect.needs_token() => (Check::Keyring.good("it can be used; no token is needed"), None),
        Ok(None) => {
            let detail = format!("the keyring can be used, but holds no token for {}", backend.as_str());
            (Check::TokenMissing.problem(detail), None)
        }
        Err(Unusable::Keyring(error)) => {
            (hinted(Check::Keyring.problem(error.to_string()), Some(error.hint().into())), None)
        }
        Err(Unusable::Renewal(cause)) => (hinted(Check::TokenRefused.problem(cause.message), cause.hint), None),
    }
}

async fn folder(setting: &Setting) -> Result<Finding, Failure> {
    let dir = setting.dir.clone();
    let tried = tokio::task::spawn_blocking(move || writable(&dir)).await?;
    let dir = setting.dir.display();
    Ok(match tried {
        Ok(()) => Check::DataFolder.good(format!("{dir} can be written")),
        Err(error) => Check::DataFolder.problem(format!("{dir} cannot be written: {error}")),
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
        Ok(()) => Check::Ledger.good("the ledger is sound"),
        Err(LedgerError::Absent { .. }) => Check::Ledger.good("there is no ledger yet; the first upload makes it"),
        Err(error) => hinted(Check::Ledger.problem(error.to_string()), error.hint()),
    })
}

async fn engine(setting: &Setting) -> Finding {
    match Client::connect(&setting.dir).await {
        Some(_) => Check::Engine.good("Offload is running"),
        None => Check::Engine.good("Offload is not running; `offload run` or the app starts it"),
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
        return Check::Watching.good(format!("{limit} folders can be watched at once"));
    }
    Check::Watching
        .note(format!("only {limit} folders can be watched at once; changes in others are seen by the hourly look"))
}

fn hinted(finding: Finding, hint: Option<String>) -> Finding {
    match hint {
        Some(hint) => with_mend(finding, Stack::Anyone, hint),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::watch_limit;
    use offload_protocol::checkup::Verdict;

    #[test]
    fn few_watches_are_noted() {
        let few = watch_limit(8192);
        assert!(few.verdict == Verdict::Note && !few.mends.is_empty());
        assert_eq!(watch_limit(524_288).verdict, Verdict::Good);
    }
}
