//! What a checkup looks at on this machine.

use super::checks::{Check, with_mend};
use crate::backend::{Address, Dialect, Unusable, in_use};
use crate::config::Config;
use crate::control::Client;
use crate::ledger::{LedgerError, LedgerReader};
use crate::secrets::{Secret, TokenStore};
use offload_protocol::checkup::{Finding, Stack};
use offload_protocol::control::ControlError;
use std::path::Path;

/// Fewer watches than this and a large archive of folders is seen only by the hourly look.
const FEW_WATCHES: u64 = 65_536;

/// Folder, ledger, engine, watches.
pub(super) async fn look(dir: &Path) -> Vec<Finding> {
    let (folder, ledger) = (dir.to_owned(), dir.to_owned());
    let mut findings = Vec::new();
    findings.push(looked(Check::DataFolder, move || data_folder(&folder)).await);
    findings.push(looked(Check::Ledger, move || sound(&ledger)).await);
    findings.push(engine(dir).await);
    // Linux gives each person a number of folders that can be watched; other systems have no such limit.
    if cfg!(target_os = "linux") {
        findings.extend(tokio::task::spawn_blocking(watches).await.ok().flatten());
    }
    findings
}

/// Whether the settings can be used.
pub(super) fn settings(config: &Result<Config, ControlError>) -> Finding {
    match config {
        Ok(config) if config.warnings.is_empty() => Check::Settings.good("config.toml can be used"),
        Ok(config) => {
            let finding = Check::Settings.note(config.warnings.join("; "));
            with_mend(finding, Stack::Anyone, "mend the names, or take the lines out")
        }
        Err(error) => hinted(Check::Settings.problem(error.message.clone()), error.hint.clone()),
    }
}

/// The token for the backend, where there is one.
pub(super) async fn token(
    tokens: &dyn TokenStore,
    from_environment: bool,
    backend: &Address,
    dialect: &Dialect,
) -> (Finding, Option<Secret>) {
    match in_use(tokens, backend, false).await {
        Ok(Some(credential)) => {
            let detail = if from_environment {
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
        Err(Unusable::Keyring(error)) if error.is_nowhere() && !dialect.needs_token() => {
            (Check::Keyring.good(format!("{error}; none is needed, since no token is")), None)
        }
        Err(Unusable::Keyring(error)) => {
            (hinted(Check::Keyring.problem(error.to_string()), Some(error.hint().into())), None)
        }
        Err(Unusable::Renewal(cause)) => (hinted(Check::TokenRefused.problem(cause.message), cause.hint), None),
    }
}

/// Looks off the runtime's own threads; where that breaks off, nothing is known.
async fn looked(check: Check, look: impl FnOnce() -> Finding + Send + 'static) -> Finding {
    tokio::task::spawn_blocking(look).await.unwrap_or_else(|error| check.unknown(error.to_string()))
}

fn data_folder(dir: &Path) -> Finding {
    match writable(dir) {
        Ok(()) => Check::DataFolder.good(format!("{} can be written", dir.display())),
        Err(error) => Check::DataFolder.problem(format!("{} cannot be written: {error}", dir.display())),
    }
}

fn writable(dir: &Path) -> std::io::Result<()> {
    crate::ledger::make_private_folder(dir)?;
    let probe = dir.join(format!(".probe-{}", std::process::id()));
    let written = std::fs::write(&probe, b"can this be written?");
    let _ = std::fs::remove_file(&probe);
    written
}

fn sound(dir: &Path) -> Finding {
    match LedgerReader::open(dir) {
        Ok(_) => Check::Ledger.good("the ledger is sound"),
        Err(LedgerError::Absent { .. }) => Check::Ledger.good("there is no ledger yet; the first upload makes it"),
        Err(error) => hinted(Check::Ledger.problem(error.to_string()), error.hint()),
    }
}

async fn engine(dir: &Path) -> Finding {
    match Client::connect(dir).await {
        Some(_) => Check::Engine.good("Offload is running"),
        None => Check::Engine.good("Offload is not running; `offload run` or the app starts it"),
    }
}

fn watches() -> Option<Finding> {
    let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?;
    limit.trim().parse().ok().map(watch_limit)
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
