//! What was signed is judged, and one small file really sent.

use super::super::asks::{Asked, Asks, Role};
use super::super::checks::Check;
use super::super::keys::{Round, across};
use super::super::{Context, auth, probe, uploads};
use super::{Visit, key_of};
use crate::transfer::client::is_loopback;
use crate::transfer::signed::Signed;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Verdict};
use offload_protocol::wire::Upload;
use url::Url;

impl Visit {
    /// Judges uploads and keys; whether the probe's own form can't be sent.
    pub(super) fn judge(&mut self, given: &[(Asked, Upload)], again: &[(Asked, Upload)]) -> bool {
        let context = self.context(given);
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
        given.first().is_some_and(|(asked, upload)| self.has_fault(asked, upload, &context))
    }

    fn context(&self, given: &[(Asked, Upload)]) -> Context {
        Context { now: self.backends_now(given), max_file_size: self.limits.max_file_size, speed: self.options.speed }
    }

    /// Now by the clock that signed: where session's time and ours differ, the form tells which of them it was.
    fn backends_now(&self, given: &[(Asked, Upload)]) -> Timestamp {
        let ours = Timestamp::now();
        let theirs = Timestamp::from_second(ours.as_second() + self.ahead).unwrap_or(ours);
        let signed = given.iter().find_map(|(_, upload)| auth::amz_time(&uploads::signed_on(upload)?));
        let away = |from: Timestamp| signed.map_or(0, |signed| (signed.as_second() - from.as_second()).abs());
        if away(ours) < away(theirs) { ours } else { theirs }
    }

    pub(super) async fn probe(&mut self, asks: &Asks, again: Vec<(Asked, Upload)>, fatal: bool) {
        if !self.options.probe {
            self.add(Check::NotLookedAt.unknown("S3 itself and complete; no file was sent, as asked"));
            return;
        }
        let of = |role: Role| again.iter().find(|(asked, _)| asked.role == role);
        let plain = of(Role::Plain).filter(|_| !fatal).and_then(|(_, upload)| as_signed(upload));
        let Some(signed) = plain else { return self.not_looked_at(&["a probe", "complete"]) };
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
        // Where both share a key, the one is there as soon as the other is.
        let unsent = of(Role::Unsent).and_then(|(_, upload)| key_of(upload)).filter(|unsent| *unsent != signed.key());
        let of_complete = probe::complete(&self.caller, asks, signed.key(), &sent, unsent, self.takes_several()).await;
        let confirms = of_complete.iter().all(|finding| finding.verdict != Verdict::Problem);
        of_complete.into_iter().for_each(|finding| self.add(finding));
        // A mistake of the form alone was named when it was taken apart.
        if let Some((asked, upload)) = of(Role::Hangul).filter(|_| confirms && !self.is_known(Check::NameRefused))
            && let Some(signed) = as_signed(upload)
            && !self.has_fault(asked, upload, &self.context(&again))
            && let Some(finding) = probe::beyond_ascii(&self.caller, asked, &signed, &asks.hangul_bytes).await
        {
            self.add(finding);
        }
    }

    /// Whether an upload can't be sent, or should not, for what was found wrong with it.
    fn has_fault(&self, asked: &Asked, upload: &Upload, context: &Context) -> bool {
        let harmless = [Check::PutEmptyChecksum, Check::ExpiresInTooLong, Check::ExpiryTooShort].map(Check::code);
        uploads::of_one(asked, upload, context)
            .iter()
            .any(|found| found.verdict == Verdict::Problem && !harmless.contains(&found.code.as_str()))
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

fn as_signed(upload: &Upload) -> Option<Signed> {
    match upload {
        Upload::Post(post) => Some(Signed::Post(post.clone())),
        Upload::Put(put) => Some(Signed::Put(put.clone())),
        Upload::Skip { .. } | Upload::Multipart(_) => None,
    }
}

fn keys_of(uploads: &[(Asked, Upload)]) -> Vec<(&Asked, &str)> {
    uploads.iter().filter_map(|(asked, upload)| Some((asked, key_of(upload)?))).collect()
}
