//! One visit to a backend: what is asked, in which order, and what hides what. One mistake is to give one problem.

use super::answers::{self, Raw};
use super::asks::{Asked, Asks};
use super::caller::{As, Caller, Endpoint};
use super::checks::{Check, with_mend};
use super::clock;
use super::keys::{Round, across};
use super::{Context, presign, probe, session, uploads};
use crate::backend::Address;
use crate::cause::{Cause, Code};
use crate::secrets::Secret;
use crate::transfer::client::is_loopback;
use crate::transfer::quote::quote;
use crate::transfer::signed::Signed;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Stack, Verdict};
use offload_protocol::wire::{Limits, PresignFile, Upload};
use serde_json::json;
use std::time::{Duration, Instant};
use url::Url;

/// Keys with a time in them show only when the clock has gone on.
const BETWEEN_ROUNDS: Duration = Duration::from_millis(1100);
/// Words that stand before tokens, tried where the configured one is refused.
const SCHEMES: [&str; 5] = ["Bearer", "Token", "JWT", "Api-Key", "Key"];

/// How far a visit may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Whether one small file may really be sent.
    pub probe: bool,
    /// Bytes a second that this line is known to send.
    pub speed: Option<u64>,
}

/// Looks at a backend from the outside. Never fails: what could not be done is a finding.
pub async fn visit(address: &Address, scheme: &str, token: &Secret, options: Options) -> Vec<Finding> {
    match Caller::new(address, scheme, token) {
        Ok(caller) => {
            let mut visit = Visit::new(caller, options);
            visit.whole().await;
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
            return self.not_looked_at(&["the signature", "the keys", "a probe", "complete"]);
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

    /// Whether two files may stand in one request.
    fn takes_several(&self) -> bool {
        self.limits.files_per_request > 1 && !self.findings.iter().any(|found| found.code == Check::BatchRefused.code())
    }

    fn not_looked_at(&mut self, what: &[&str]) {
        self.add(Check::NotLookedAt.unknown(format!("because of this nothing can be said of: {}", what.join(", "))));
    }

    // Session.

    async fn session(&mut self) -> Result<(), Ends> {
        let mut raw = self.reached(self.caller.session(As::Us).await)?;
        if is_refusal_of_token(&raw) {
            raw = self.by_another_scheme(raw, Endpoint::Session, None).await?;
        }
        if !raw.is_good() {
            return self.no_session(&raw).await;
        }
        self.session_is_good = true;
        let Some(value) = answers::not_json(&raw).map_or_else(
            || raw.json(),
            |finding| {
                self.add(finding);
                None
            },
        ) else {
            // A page at session's address: the address is wrong, or a proxy answers.
            return Err(Ends);
        };
        let base = self.caller.base().to_owned();
        let mut server_time = None;
        match session::read(&raw.body, &value) {
            Ok(session) => {
                let account = quote(&session.account, 100);
                self.add(Check::Backend.good(format!("{base} answers, and knows you as {account}")));
                session::check(&session).into_iter().for_each(|finding| self.add(finding));
                self.limits = session.limits;
                server_time = session.server_time;
            }
            Err(finding) => self.add(finding),
        }
        self.clock(&raw, server_time.as_deref());
        Ok(())
    }

    fn clock(&mut self, raw: &Raw, server_time: Option<&str>) {
        let asked = clock::Asked { at: raw.asked_at, answered: raw.answered_at };
        let seen = clock::compare(raw.date, server_time, asked);
        self.ahead = seen.ahead;
        self.add(seen.finding);
    }

    async fn no_session(&mut self, raw: &Raw) -> Result<(), Ends> {
        if raw.is_nowhere() {
            if self.reached(self.caller.is_there_with_slash(Endpoint::Session, None).await)? {
                self.add(
                    Check::TrailingSlash
                        .problem(format!("{}/v1/session is only there with a slash at its end", self.caller.base())),
                );
                return Err(Ends);
            }
            self.has_no_session = true;
            self.clock(raw, None);
            return Ok(());
        }
        let finding = answers::refused(raw);
        let ends = !matches!(raw.status, 400 | 405 | 415 | 422 | 429 | 500..=599)
            || finding.code == Check::TrailingSlash.code();
        self.add(finding);
        if ends { Err(Ends) } else { Ok(()) }
    }

    /// Tries the token behind other words.
    async fn by_another_scheme(
        &mut self,
        raw: Raw,
        endpoint: Endpoint,
        body: Option<serde_json::Value>,
    ) -> Result<Raw, Ends> {
        let named = raw.www_authenticate.as_deref().and_then(|text| text.split([' ', ',']).next()).unwrap_or_default();
        let named = if crate::backend::check_scheme(named).is_ok() { named } else { "" };
        let used = self.caller.scheme.clone();
        let others: Vec<String> = std::iter::once(named)
            .chain(SCHEMES)
            .filter(|scheme| !scheme.is_empty() && !scheme.eq_ignore_ascii_case(&used))
            .filter(|scheme| !["basic", "digest", "negotiate"].contains(&scheme.to_ascii_lowercase().as_str()))
            .map(str::to_owned)
            .collect();
        for scheme in others {
            let tried = self.reached(self.caller.ask(endpoint, body.clone(), As::UsBy(&scheme)).await)?;
            if tried.is_good() {
                let finding = Check::AuthScheme
                    .problem(format!("the backend refuses \"{used}\" before the token and takes \"{scheme}\""));
                let mend = format!(
                    "auth_scheme = \"{scheme}\" under [backend] in config.toml, or `offload login --auth-scheme {scheme}`"
                );
                self.add(with_mend(finding, Stack::Anyone, mend));
                self.caller.scheme = scheme;
                return Ok(tried);
            }
        }
        self.add(answers::refused(&raw));
        Err(Ends)
    }

    fn reached<T>(&mut self, answer: Result<T, Cause>) -> Result<T, Ends> {
        answer.map_err(|cause| {
            self.add(unreachable(&cause));
            Ends
        })
    }

    // Presign.

    async fn first_presign(&mut self) -> Result<(Asks, Upload), Ends> {
        let asks = Asks::new(Timestamp::now(), self.limits.max_file_size);
        let body = || Some(json!({ "files": [&asks.plain.file] }));
        let mut raw = self.reached(self.caller.presign(&[&asks.plain.file], As::Us).await)?;
        if is_refusal_of_token(&raw) {
            raw = self.by_another_scheme(raw, Endpoint::Presign, body()).await?;
        }
        if raw.is_nowhere() {
            let finding = self.no_presign(&raw, body()).await?;
            self.add(finding);
            return Err(Ends);
        }
        if !raw.is_good() {
            self.add(answers::refused(&raw));
            return Err(Ends);
        }
        if self.has_no_session {
            self.add(Check::SessionMissing.note(format!("there is nothing at {}/v1/session", self.caller.base())));
        }
        match presign::read(&raw, &[&asks.plain]) {
            Ok(mut said) => {
                let upload = said.uploads.pop().map(|(_, upload)| upload);
                said.findings.into_iter().for_each(|finding| self.add(finding));
                upload.map(|upload| (asks, upload)).ok_or(Ends)
            }
            Err(finding) => {
                self.add(finding);
                Err(Ends)
            }
        }
    }

    async fn no_presign(&mut self, raw: &Raw, body: Option<serde_json::Value>) -> Result<Finding, Ends> {
        let base = self.caller.base().to_owned();
        if self.has_no_session && self.reached(self.caller.speaks_companion().await)? {
            let detail = format!(
                "{base}/s3/params answers with a form: this looks like Uppy Companion (or a Shrine presign endpoint)"
            );
            return Ok(Check::SpeaksCompanion.problem(detail));
        }
        if self.reached(self.caller.is_there_with_slash(Endpoint::Presign, body).await)? {
            return Ok(Check::TrailingSlash.problem(format!("{base}/v1/presign is only there with a slash at its end")));
        }
        Ok(if self.has_no_session {
            Check::EndpointMissing
                .problem(format!("there is neither {base}/v1/session nor {base}/v1/presign ({})", raw.status))
        } else {
            Check::EndpointMissing.problem(format!("there is nothing at {base}/v1/presign ({})", raw.status))
        })
    }

    /// Asks for the other files in as few requests as the backend allows; where that fails, one by one.
    async fn batch(&mut self, asks: &Asks, given: &mut Vec<(Asked, Upload)>) -> Result<(), Ends> {
        let most = (self.limits.files_per_request.clamp(1, 1000) as usize).min(asks.others.len());
        let wanted: Vec<&Asked> = asks.others.iter().chain([&asks.unsent]).collect();
        for chunk in wanted.chunks(most.max(1)) {
            let files: Vec<&PresignFile> = chunk.iter().map(|asked| &asked.file).collect();
            let raw = self.reached(self.caller.presign(&files, As::Us).await)?;
            if raw.is_good() {
                self.take(&raw, chunk, given)?;
            } else {
                self.one_by_one(&raw, chunk, given).await?;
            }
        }
        Ok(())
    }

    fn take(&mut self, raw: &Raw, asked: &[&Asked], given: &mut Vec<(Asked, Upload)>) -> Result<(), Ends> {
        match presign::read(raw, asked) {
            Ok(said) => {
                given.extend(said.uploads);
                said.findings.into_iter().for_each(|finding| self.add(finding));
                Ok(())
            }
            Err(finding) => {
                self.add(finding);
                Err(Ends)
            }
        }
    }

    async fn one_by_one(&mut self, raw: &Raw, asked: &[&Asked], given: &mut Vec<(Asked, Upload)>) -> Result<(), Ends> {
        let mut culprit = None;
        for one in asked {
            let alone = self.reached(self.caller.presign(&[&one.file], As::Us).await)?;
            if alone.is_good() {
                self.take(&alone, &[*one], given)?;
            } else if culprit.as_ref().is_none_or(|found: &Finding| found.verdict == Verdict::Note) {
                culprit = presign::fails_all(one, &alone);
            }
        }
        let finding = culprit.unwrap_or_else(|| {
            let words = answers::refused(raw).detail;
            Check::BatchRefused.problem(format!("{} files in one request: {words}", asked.len()))
        });
        self.add(finding);
        Ok(())
    }

    /// A file that nobody can sign for, and an entry that is none, beside a good one.
    async fn one_bad_file(&mut self, asks: &Asks) {
        if !self.takes_several() || self.findings.iter().any(|found| found.code == Check::OneFailsAll.code()) {
            return;
        }
        let too_large = json!({ "files": [&asks.too_large.file, &asks.plain.file] });
        let malformed = json!({ "files": [
            { "file_id": &asks.too_large.file.file_id, "filename": "", "path": "", "size": -1, "content_type": "",
              "sha256": "none", "modified_at": "", "source": "" },
            &asks.plain.file,
        ] });
        for (body, what) in [(too_large, "a file of 6 TB"), (malformed, "an entry without name, size and sha256")] {
            let Ok(raw) = self.caller.ask(Endpoint::Presign, Some(body), As::Us).await else { return };
            if raw.is_good() {
                continue;
            }
            let detail = format!("{what} fails the whole request ({})", raw.status);
            // A crash over what no client sends is one thing; a refusal of all for one is meant so.
            let is_crash = raw.status >= 500 && what.starts_with("an entry");
            self.add(if is_crash { Check::OneFailsAll.note(detail) } else { Check::OneFailsAll.problem(detail) });
            return;
        }
    }

    // Who may ask.

    async fn strangers(&mut self, asks: &Asks) {
        let mut taken = Vec::new();
        let mut odd = None;
        let complete = json!({ "files": [{ "file_id": &asks.unsent.file.file_id, "key": "offload-doctor", "size": 1,
            "sha256": &asks.unsent.file.sha256, "media": {} }] });
        let presign = json!({ "files": [&asks.plain.file] });
        for (endpoint, body, who, what) in [
            (Endpoint::Session, None, As::Stranger, "session, to a wrong token"),
            (Endpoint::Presign, Some(presign.clone()), As::Stranger, "presign, to a wrong token"),
            (Endpoint::Presign, Some(presign), As::Nobody, "presign, without a token"),
            (Endpoint::Complete, Some(complete), As::Stranger, "complete, to a wrong token"),
        ] {
            if endpoint == Endpoint::Session && !self.session_is_good {
                continue;
            }
            let Ok(raw) = self.caller.ask(endpoint, body, who).await else { continue };
            if raw.is_good() && tells(endpoint, &raw) {
                taken.push(what);
            } else if !raw.is_good()
                && !matches!(raw.status, 401 | 403)
                && !(endpoint == Endpoint::Complete && raw.is_nowhere())
            {
                odd.get_or_insert((what, raw.status));
            }
        }
        if !taken.is_empty() {
            self.add(Check::AnyToken.problem(format!("it answers: {}", taken.join("; "))));
        } else if let Some((what, status)) = odd {
            self.add(Check::WrongTokenStatus.note(format!("it answers {status} for {what}")));
        } else {
            self.add(Check::Token.good("a wrong token and none are refused"));
        }
    }

    // Keys and signatures.

    async fn second_round(&mut self, given: &[(Asked, Upload)]) -> Result<Vec<(Asked, Upload)>, Ends> {
        let mut again = Vec::new();
        let known: Vec<&Asked> = given.iter().map(|(asked, _)| asked).collect();
        let most = self.limits.files_per_request.clamp(1, 1000) as usize;
        let one_by_one = self.findings.iter().any(|found| {
            [
                Check::BatchRefused.code(),
                Check::OneFailsAll.code(),
                Check::NameRefused.code(),
                Check::EntryMissing.code(),
            ]
            .contains(&found.code.as_str())
        });
        for chunk in known.chunks(if one_by_one { 1 } else { most }) {
            let files: Vec<&PresignFile> = chunk.iter().map(|asked| &asked.file).collect();
            let raw = self.reached(self.caller.presign(&files, As::Us).await)?;
            let said = if raw.is_good() { presign::read(&raw, chunk) } else { Err(answers::refused(&raw)) };
            match said {
                Ok(said) if said.findings.iter().all(|found| found.verdict != Verdict::Problem) => {
                    again.extend(said.uploads)
                }
                Ok(said) => {
                    let why = said.findings.first().map(|found| found.detail.clone()).unwrap_or_default();
                    self.add(Check::RefreshRefused.problem(format!("asked for a second time: {why}")));
                    return Err(Ends);
                }
                Err(finding) => {
                    self.add(Check::RefreshRefused.problem(format!("asked for a second time: {}", finding.detail)));
                    return Err(Ends);
                }
            }
        }
        Ok(again)
    }

    /// Judges uploads and keys; whether the probe's own form can't be sent.
    fn judge(&mut self, given: &[(Asked, Upload)], again: &[(Asked, Upload)]) -> bool {
        let context = Context {
            now: self.backends_now(given),
            max_file_size: self.limits.max_file_size,
            speed: self.options.speed,
        };
        let all: Vec<(&Asked, &Upload)> = given.iter().map(|(asked, upload)| (asked, upload)).collect();
        let mut found = uploads::of_all(&all, &context);
        let hides = [Check::KeyDiffers, Check::KeyFilename, Check::SkipsUnsent].map(Check::code);
        let of_keys = if uploads::are_one(&all) {
            // That it fits none of the others follows.
            found.retain(|finding| finding.verdict != Verdict::Problem);
            vec![Check::KeyCollides.problem("several files of one request get the very same form")]
        } else if found.iter().any(|finding| hides.contains(&finding.code.as_str())) {
            Vec::new()
        } else {
            across(&Round(keys_of(given)), &Round(keys_of(again)))
        };
        found.extend(uploads::cached(given, again));
        let is_sound = found.iter().all(|finding| finding.verdict != Verdict::Problem);
        let keys_are_sound = of_keys.is_empty() && found.iter().all(|finding| !finding.code.starts_with("key_"));
        if is_sound {
            let kind = if matches!(given.first(), Some((_, Upload::Put(_)))) { "urls" } else { "forms" };
            self.add(
                Check::Signed
                    .good(format!("{} {kind} are sound, as far as one can see without the secret key", given.len())),
            );
        }
        if keys_are_sound {
            self.add(Check::Keys.good("each file has a key of its own, and keeps it"));
        }
        found.into_iter().chain(of_keys).for_each(|finding| self.add(finding));
        let harmless = [Check::PutEmptyChecksum, Check::ExpiresInTooLong, Check::ExpiryTooShort].map(Check::code);
        given.first().is_some_and(|(asked, upload)| {
            uploads::of_one(asked, upload, &context)
                .iter()
                .any(|found| found.verdict == Verdict::Problem && !harmless.contains(&found.code.as_str()))
        })
    }

    /// Now by the clock that signed: where session's time and ours differ, the form tells which of them it was.
    fn backends_now(&self, given: &[(Asked, Upload)]) -> Timestamp {
        let ours = Timestamp::now();
        let theirs = Timestamp::from_second(ours.as_second() + self.ahead).unwrap_or(ours);
        let signed = given.iter().find_map(|(_, upload)| super::auth::amz_time(&uploads::signed_on(upload)?));
        let away = |from: Timestamp| signed.map_or(0, |signed| (signed.as_second() - from.as_second()).abs());
        if away(ours) < away(theirs) { ours } else { theirs }
    }

    // The probe.

    async fn probe(&mut self, asks: &Asks, again: Vec<(Asked, Upload)>, fatal: bool) {
        if !self.options.probe {
            self.add(Check::NotLookedAt.unknown("no file was sent, as asked: S3 itself and complete were not tried"));
            return;
        }
        let of = |wanted: &Asked| {
            again.iter().find(|(asked, _)| asked.role == wanted.role).map(|(_, upload)| upload.clone())
        };
        let signed = match of(&asks.plain) {
            Some(Upload::Post(post)) if !fatal => Signed::Post(post),
            Some(Upload::Put(put)) if !fatal => Signed::Put(put),
            _ => return self.not_looked_at(&["a probe", "complete"]),
        };
        let is_local = Url::parse(self.caller.base()).is_ok_and(|url| is_loopback(&url));
        let sent = match probe::send(&signed, &asks.plain, &asks.bytes, is_local).await {
            Ok(sent) => sent,
            Err(finding) => {
                self.refused_by_s3(finding);
                return self.not_looked_at(&["complete"]);
            }
        };
        self.add(sent.finding.clone());
        // Whether servers mind is disputed; this one does not.
        self.soften(Check::PutEmptyChecksum);
        let unsent = of(&asks.unsent).and_then(|upload| key_of(&upload).map(str::to_owned));
        // Where both share a key, the one is there as soon as the other is.
        let unsent = unsent.filter(|unsent| unsent != signed.key());
        let (key, several) = (signed.key().to_owned(), self.takes_several());
        for finding in probe::complete(&self.caller, asks, &key, &sent, unsent.as_deref(), several).await {
            self.add(finding);
        }
    }

    /// S3's refusal; left out where what was found before is its reason.
    fn refused_by_s3(&mut self, finding: Finding) {
        let explained =
            [Check::PutEmptyChecksum, Check::Clock, Check::ExpiryTooShort, Check::ExpiresInTooLong].map(Check::code);
        let is_explained = self
            .findings
            .iter()
            .any(|known| known.verdict == Verdict::Problem && explained.contains(&known.code.as_str()));
        if !is_explained {
            self.add(finding);
        }
    }

    fn soften(&mut self, check: Check) {
        for finding in self.findings.iter_mut().filter(|finding| finding.code == check.code()) {
            finding.verdict = Verdict::Note;
        }
    }
}

/// Django REST framework says 403 where nobody recognised the token's scheme.
fn is_refusal_of_token(raw: &Raw) -> bool {
    raw.status == 401 || (raw.status == 403 && !answers::is_csrf(raw))
}

fn keys_of(uploads: &[(Asked, Upload)]) -> Vec<(&Asked, &str)> {
    uploads.iter().filter_map(|(asked, upload)| Some((asked, key_of(upload)?))).collect()
}

/// Whether a good status also tells a stranger something.
fn tells(endpoint: Endpoint, raw: &Raw) -> bool {
    let Some(value) = raw.json() else { return false };
    let entries = value.get("files").and_then(serde_json::Value::as_array);
    match endpoint {
        Endpoint::Session => {
            value.get("account").is_some_and(|account| account.as_str().is_some_and(|name| !name.is_empty()))
        }
        Endpoint::Presign => entries.is_some_and(|entries| {
            entries.iter().any(|entry| entry.get("upload").is_some_and(|upload| !upload.is_null()))
        }),
        Endpoint::Complete => entries.is_some_and(|entries| {
            !entries.is_empty()
                && entries.iter().all(|entry| {
                    let status =
                        entry.get("error").and_then(|error| error.get("status")).and_then(serde_json::Value::as_u64);
                    !matches!(status, Some(401 | 403))
                })
        }),
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
