//! Presign, asked for one file, for several, for a bad one among them, and for all a second time.

use super::super::answers::{self, Raw};
use super::super::asks::{Asked, Asks};
use super::super::caller::{As, Endpoint};
use super::super::checks::Check;
use super::super::presign;
use super::doors::is_refusal_of_token;
use super::{Ends, Visit};
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Verdict};
use offload_protocol::wire::{PresignFile, Upload};
use serde_json::json;

impl Visit {
    pub(super) async fn first_presign(&mut self) -> Result<(Asks, Upload), Ends> {
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

    pub(super) async fn no_presign(&mut self, raw: &Raw, body: Option<serde_json::Value>) -> Result<Finding, Ends> {
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
    pub(super) async fn batch(&mut self, asks: &Asks, given: &mut Vec<(Asked, Upload)>) -> Result<(), Ends> {
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
    pub(super) async fn one_bad_file(&mut self, asks: &Asks) {
        if !self.takes_several() || self.is_known(Check::OneFailsAll) {
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

    pub(super) async fn second_round(&mut self, given: &[(Asked, Upload)]) -> Result<Vec<(Asked, Upload)>, Ends> {
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
                    again.extend(said.uploads);
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
}
