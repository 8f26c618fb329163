//! A whole checkup: this machine first, then its backend.

use super::checks::Check;
use super::machine;
use super::visit::{Options, usual_speed, visit};
use crate::config::Config;
use crate::secrets::TokenStore;
use offload_protocol::checkup::Checkup;
use offload_protocol::control::ControlError;
use std::path::Path;

/// What a checkup goes by.
pub struct Here<'a> {
    /// Folder of ledger, settings and logs.
    pub dir: &'a Path,
    /// The settings as this program uses them, or why it can't.
    pub config: Result<Config, ControlError>,
    pub tokens: &'a dyn TokenStore,
    /// The token is set by `OFFLOAD_TOKEN`.
    pub token_from_environment: bool,
}

impl std::fmt::Debug for Here<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Here").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// Looks at this machine and, where its settings name a backend, at that. Never fails: what could not be looked at is a finding.
pub async fn checkup(here: Here<'_>, options: Options) -> Checkup {
    let mut checkup = Checkup { backend: None, findings: machine::look(here.dir).await };
    checkup.findings.push(machine::settings(&here.config));
    let Ok(config) = here.config else { return checkup };
    let Some(address) = config.backend.url else {
        checkup.findings.push(Check::NoBackend.problem("no backend is known yet"));
        return checkup;
    };
    checkup.backend = Some(address.as_str().to_owned());
    let dialect = config.backend.dialect;
    let (finding, token) = machine::token(here.tokens, here.token_from_environment, &address, &dialect).await;
    let dir = here.dir.to_owned();
    let usual = tokio::task::spawn_blocking(move || usual_speed(&dir)).await.ok().flatten();
    let options = Options { speed: options.speed.or(usual), ..options };
    let found = visit(&address, &dialect, token.as_ref(), options).await;
    // What turns out to need no token is not blamed for having none.
    let needs_none = found.iter().any(|found| found.code == Check::SpeaksCompanion.code());
    if token.is_some() || !needs_none {
        checkup.findings.push(finding);
    }
    checkup.findings.extend(found);
    checkup
}
