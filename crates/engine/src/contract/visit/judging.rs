//! What was signed is judged, and one small file really sent.

use super::super::asks::{Asked, Asks};
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
        let signed = given.iter().find_map(|(_, upload)| auth::amz_time(&uploads::signed_on(upload)?));
        let away = |from: Timestamp| signed.map_or(0, |signed| (signed.as_second() - from.as_second()).abs());
        if away(ours) < away(theirs) { ours } else { theirs }
    }

    pub(super) async fn probe(&mut self, asks: &Asks, again: Vec<(Asked, Upload)>, fatal: bool) {
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

fn keys_of(uploads: &[(Asked, Upload)]) -> Vec<(&Asked, &str)> {
    uploads.iter().filter_map(|(asked, upload)| Some((asked, key_of(upload)?))).collect()
}
