//! One visit to a backend: what is asked, in which order, and what hides what. One mistake is to give one problem.

mod asking;
mod doors;
mod judging;
mod opening;

use super::caller::Caller;
use super::checks::{Check, with_mend};
use crate::backend::{Address, Dialect};
use crate::cause::{Cause, Code};
use crate::ledger::{LedgerReader, attempts};
use crate::secrets::Secret;
use offload_protocol::checkup::{Finding, Stack};
use offload_protocol::window::BackendProtocol;
use offload_protocol::wire::{Limits, Upload};
use std::path::Path;
use std::time::{Duration, Instant};

/// Keys with a time in them show only when the clock has gone on.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(1100);

/// How far a visit may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether one small file may really be sent.
    pub probe: bool,
    /// Bytes a second that this line is known to send; a checkup asks the ledger where it is `None`.
    pub speed: Option<u64>,
}

/// What one upload has had of this line of late, bytes a second, as a ledger tells; `None` where there is nothing to tell. Blocking.
pub(super) fn usual_speed(dir: &Path) -> Option<u64> {
    // No ledger, or one that another finding is about: the speed is only not known.
    let reader = LedgerReader::open(dir).ok()?;
    attempts::usual_speed(reader.connection()).ok().flatten()
}

/// Looks at a backend from the outside. Never fails: what could not be done is a finding. Without a token, a backend that needs
/// one is only looked at from outside its door.
pub async fn visit(address: &Address, dialect: &Dialect, token: Option<&Secret>, options: Options) -> Vec<Finding> {
    if dialect.protocol == BackendProtocol::Companion {
        return super::companion::visit(address, dialect, token, options).await;
    }
    let nobody = Secret::new(String::new());
    match Caller::new(address, &dialect.auth_scheme, token.unwrap_or(&nobody)) {
        Ok(caller) => {
            let mut visit = Visit::new(caller, options);
            match token {
                Some(_) => visit.whole().await,
                None => visit.outside().await,
            }
            visit.findings
        }
        Err(cause) => vec![unreachable(&cause)],
    }
}

/// The key an upload is for.
pub(super) fn key_of(upload: &Upload) -> Option<&str> {
    match upload {
        Upload::Post(post) => Some(&post.key),
        Upload::Put(put) => Some(&put.key),
        Upload::Skip { key } => Some(key),
        Upload::Multipart(_) => None,
    }
}

struct Visit {
    caller: Caller,
    options: Options,
    findings: Vec<Finding>,
    limits: Limits,
    /// Seconds that the backend's clock is ahead of ours.
    ahead: i64,
    /// Session is not there; a problem only where presign is not, either.
    has_no_session: bool,
    /// Session was answered without the token being looked at, perhaps.
    session_is_good: bool,
}

/// The visit ends here: what follows could not be looked at.
struct Ends;

impl Visit {
    fn new(caller: Caller, options: Options) -> Self {
        Self {
            caller,
            options,
            findings: Vec::new(),
            limits: Limits::default(),
            ahead: 0,
            has_no_session: false,
            session_is_good: false,
        }
    }

    async fn whole(&mut self) {
        let mut left = vec!["the clock", "presign", "the signature", "the keys", "who may ask", "a probe", "complete"];
        if self.session().await.is_err() {
            return self.not_looked_at(&left);
        }
        let Ok((asks, plain)) = self.first_presign().await else {
            left.drain(..1);
            return self.not_looked_at(&left);
        };
        let mut given = vec![(asks.plain.clone(), plain)];
        if self.batch(&asks, &mut given).await.is_err() {
            return self.not_looked_at(&["the signature", "the keys", "who may ask", "a probe", "complete"]);
        }
        let began = Instant::now();
        self.one_bad_file(&asks).await;
        tokio::time::sleep(BETWEEN_ROUNDS.saturating_sub(began.elapsed())).await;
        let Ok(again) = self.second_round(&given).await else {
            return self.not_looked_at(&["the signature", "the keys", "who may ask", "a probe", "complete"]);
        };
        let fatal = self.judge(&given, &again);
        self.probe(&asks, again, fatal).await;
        // Last: some backends lock out who comes with wrong tokens.
        self.strangers(&asks).await;
    }

    fn add(&mut self, finding: Finding) {
        // The same mistake at another endpoint is the same mistake.
        let is_known = |known: &Finding| known.code == finding.code && known.verdict == finding.verdict;
        if !self.findings.iter().any(is_known) {
            self.findings.push(finding);
        }
    }

    fn is_known(&self, check: Check) -> bool {
        self.findings.iter().any(|found| found.code == check.code())
    }

    /// Whether two files may stand in one request.
    fn takes_several(&self) -> bool {
        self.limits.files_per_request > 1 && !self.is_known(Check::BatchRefused)
    }

    fn not_looked_at(&mut self, what: &[&str]) {
        self.add(Check::NotLookedAt.unknown(format!("{}; a problem before it is in the way", what.join(", "))));
    }

    fn reached<T>(&mut self, answer: Result<T, Cause>) -> Result<T, Ends> {
        answer.map_err(|cause| {
            self.add(unreachable(&cause));
            Ends
        })
    }
}

fn unreachable(cause: &Cause) -> Finding {
    let check = if cause.code == Code::BadCertificate { Check::Certificate } else { Check::Unreachable };
    let finding = check.problem(cause.message.clone());
    match &cause.hint {
        Some(hint) => with_mend(finding, Stack::Anyone, hint.clone()),
        None => finding,
    }
}
