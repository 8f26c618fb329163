//! One small file, really sent with the engine's own transfer, and complete asked about it in every way that matters.

use super::asks::{Asked, Asks, PROBE_BYTES};
use super::caller::{As, Caller, Endpoint};
use super::checks::{Check, with_mend};
use super::said::{self, Said};
use crate::cause::{Cause, Code};
use crate::transfer::bandwidth::Bandwidth;
use crate::transfer::checksum::{digest, unreadable};
use crate::transfer::client;
use crate::transfer::quote::plain;
use crate::transfer::send::{Outgoing, SendRules, send as send_file};
use crate::transfer::signed::Signed;
use offload_protocol::checkup::{Finding, Stack, Verdict};
use offload_protocol::wire::{CompleteFile, Media, PresignFile};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

/// How long a pending confirmation is waited for.
const PENDING: Duration = Duration::from_secs(10);

/// The probe in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub etag: Option<String>,
    pub finding: Finding,
}

/// Sends `bytes` (the probe's) as `signed` allows.
///
/// # Errors
/// The finding: what S3 says, or that it can't be reached. `is_local`: the backend is on this machine, so that no way to the real
/// S3 may be this machine's doing.
pub async fn send(signed: &Signed, asked: &Asked, bytes: &[u8], is_local: bool) -> Result<Sent, Finding> {
    let began = Instant::now();
    let stored = sent(signed, asked, bytes).await.map_err(|cause| refused(&cause, signed, is_local))?;
    let detail = format!(
        "S3 took {} KB in {} ms; it is left in the bucket, under {}",
        PROBE_BYTES / 1024,
        began.elapsed().as_millis(),
        plain(signed.key(), 200)
    );
    Ok(Sent { etag: stored.etag, finding: Check::Probe.good(detail) })
}

async fn sent(signed: &Signed, asked: &Asked, bytes: &[u8]) -> Result<crate::transfer::send::Stored, Cause> {
    let path = std::env::temp_dir().join(format!("offload-doctor-{}.jpg", asked.file.file_id));
    let _removed = Removed(path.clone());
    tokio::fs::write(&path, bytes).await.map_err(|error| unreadable(&error))?;
    let (place, size) = (path.clone(), asked.file.size);
    let digests = tokio::task::spawn_blocking(move || digest(&place, size, &AtomicBool::new(false)))
        .await
        .map_err(|_| Cause::new(Code::Unreadable, "the probe could not be read"))??;
    let file = Outgoing {
        path,
        filename: asked.file.filename.clone(),
        size,
        content_type: asked.file.content_type.clone(),
        digests,
    };
    let (bandwidth, count) = (Arc::new(Bandwidth::new(None)), Arc::new(AtomicU64::new(0)));
    send_file(&client::for_s3()?, signed, &file, &bandwidth, &count, &SendRules::default()).await
}

/// The probe on this machine, gone at the end whatever happens.
struct Removed(PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// S3's refusal by the name of what it means.
fn refused(cause: &Cause, signed: &Signed, is_local: bool) -> Finding {
    let check = match cause.code {
        Code::Unreachable | Code::Dropped | Code::Stalled => Check::S3Unreachable,
        Code::BadCertificate => Check::S3Certificate,
        Code::SignatureMismatch => Check::S3Signature,
        Code::AccessKeyUnknown => Check::S3AccessKey,
        Code::S3Denied => Check::S3Denied,
        Code::NoSuchBucket => Check::S3NoBucket,
        Code::WrongRegion | Code::Redirected => Check::S3Region,
        Code::ClockSkewed => Check::AmzDate,
        Code::PolicyCondition
        | Code::PolicyExtraField
        | Code::PolicyInvalid
        | Code::PolicyTooLarge
        | Code::PolicyTooSmall => Check::S3Policy,
        Code::PolicyExpired | Code::CredentialsExpired => Check::S3Expired,
        Code::SignatureVersion => Check::SignatureV2,
        _ => Check::S3Refused,
    };
    // A developer's machine without a way to the world says nothing of the backend.
    let is_out_there = signed.address().is_ok_and(|url| is_public(url.host_str().unwrap_or_default()));
    let verdict =
        if check == Check::S3Unreachable && is_local && is_out_there { Verdict::Note } else { Verdict::Problem };
    let finding = check.found(verdict, cause.message.clone());
    match &cause.hint {
        Some(hint) => with_mend(finding, Stack::Anyone, hint.clone()),
        None => finding,
    }
}

/// Whether a host's name is one that the whole world could resolve: neither an address nor a name inside of a network.
fn is_public(host: &str) -> bool {
    const INSIDE: [&str; 9] =
        [".local", ".localhost", ".internal", ".localdomain", ".svc", ".lan", ".home", ".docker", ".invalid"];
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    host.contains('.') && !is_address && !INSIDE.iter().any(|end| host.ends_with(end))
}

/// Sends a second small file, whose name is not ASCII, and has it confirmed: signers and stores stumble over those alone.
pub(super) async fn beyond_ascii(caller: &Caller, asked: &Asked, signed: &Signed, bytes: &[u8]) -> Option<Finding> {
    let name = &asked.file.filename;
    let stored = match sent(signed, asked, bytes).await {
        Ok(stored) => stored,
        Err(cause) => {
            let detail = format!("S3 takes the probe, and refuses {name}: {}", cause.message);
            return Some(Check::NameRefused.problem(detail));
        }
    };
    let file = told(&asked.file, signed.key(), stored.etag.as_deref());
    let why = match until_done(caller, &file).await {
        Ok(Said::Refused { status, words }) => {
            format!("refuses it{}{words}", status.map(|status| format!(" ({status})")).unwrap_or_default())
        }
        Ok(Said::Failed(_, finding)) => finding.detail,
        Ok(Said::Confirmed | Said::Pending(_)) => {
            let detail = format!("S3 took {name}, too; it is left in the bucket, under {}", plain(signed.key(), 200));
            return Some(Check::Names.good(detail));
        }
        Ok(Said::Odd(_)) | Err(_) => return None,
    };
    Some(
        Check::NameRefused
            .problem(format!("S3 took {name}, and complete, which confirms the probe, does not confirm it: {why}")),
    )
}

/// Has the probe confirmed, and asks what must not be confirmed. Ends with the first problem that hides the rest.
///
/// `unsent`: the key of a file that was presigned and never sent. `several`: two files may stand in one request.
pub(super) async fn complete(
    caller: &Caller,
    asks: &Asks,
    key: &str,
    sent: &Sent,
    unsent: Option<&str>,
    several: bool,
) -> Vec<Finding> {
    let told = told(&asks.plain.file, key, sent.etag.as_deref());
    let mut findings = Vec::new();
    let first = match until_done(caller, &told).await {
        Ok(said) => said,
        Err(cause) => return vec![Check::Unreachable.problem(cause.message)],
    };
    match first {
        Said::Confirmed => {}
        Said::Pending(_) => {
            findings.push(
                Check::CompletePending
                    .note("it has said pending for 10 s; whether it confirms in the end is not known"),
            );
        }
        Said::Refused { status, words } => {
            let status = status.map(|status| format!(" ({status}{words})")).unwrap_or(words);
            return vec![
                Check::CompleteRefuses.problem(format!("S3 took the probe, and complete does not confirm it{status}")),
            ];
        }
        Said::Failed(_, finding)
            if finding.code == Check::ServerError.code() || finding.code == Check::RequestRefused.code() =>
        {
            return vec![Check::CompleteFails.problem(finding.detail)];
        }
        Said::Failed(_, finding) | Said::Odd(finding) => return vec![finding],
    }
    let is_confirmed = findings.is_empty();
    let again = if is_confirmed { twice(caller, &told).await } else { Ok(None) };
    // Asked a third time it would be refused once more.
    let repeats = is_confirmed && matches!(again, Ok(None));
    for finding in [
        again,
        not_there(caller, asks, (repeats && several).then_some(&told), unsent).await,
        if repeats { other_bytes(caller, &told).await } else { Ok(None) },
        if is_confirmed { presigned_again(caller, asks, key).await } else { Ok(None) },
    ] {
        match finding {
            Ok(finding) => findings.extend(finding),
            Err(cause) => findings.push(Check::Unreachable.problem(cause.message)),
        }
    }
    if findings.is_empty() {
        findings.push(
            Check::Complete.good("complete confirms the probe, again when asked again, and nothing that is not there"),
        );
    }
    findings
}

fn told(file: &PresignFile, key: &str, etag: Option<&str>) -> CompleteFile {
    CompleteFile {
        file_id: file.file_id.clone(),
        key: key.to_owned(),
        size: file.size,
        etag: etag.map(str::to_owned),
        sha256: file.sha256.clone(),
        media: Media::default(),
    }
}

async fn asked(caller: &Caller, file: &CompleteFile) -> Result<Said, Cause> {
    let raw = caller.ask(Endpoint::Complete, Some(json!({ "files": [file] })), As::Us).await?;
    let mut said = said::read(&raw, &file.file_id);
    if let Said::Failed(404, finding) = &mut said
        && caller.is_there_with_slash(Endpoint::Complete, Some(json!({ "files": [file] }))).await?
    {
        *finding = Check::TrailingSlash
            .problem(format!("{}/v1/complete is only there with a slash at its end", caller.base()));
    }
    Ok(said)
}

/// Asks until the backend is done with the file, or for 10 s. A file that it does not find yet may take a moment, too.
async fn until_done(caller: &Caller, file: &CompleteFile) -> Result<Said, Cause> {
    let began = Instant::now();
    let mut misses = 0;
    loop {
        let said = asked(caller, file).await?;
        let pause = match &said {
            Said::Pending(pause) => {
                pause.map_or(Duration::from_secs(1), Duration::from_secs).min(Duration::from_secs(3))
            }
            // As the engine does: some storages show an object a moment later.
            Said::Refused { status: Some(404 | 409 | 412), .. } if misses < 2 => {
                misses += 1;
                Duration::from_millis(500)
            }
            _ => return Ok(said),
        };
        if began.elapsed() + pause > PENDING {
            return Ok(said);
        }
        tokio::time::sleep(pause).await;
    }
}

async fn twice(caller: &Caller, file: &CompleteFile) -> Result<Option<Finding>, Cause> {
    let why = match asked(caller, file).await? {
        Said::Confirmed => return Ok(None),
        Said::Pending(_) => "it says pending, though it has confirmed before".to_owned(),
        Said::Refused { status, words } => {
            format!("it refuses{}{words}", status.map(|status| format!(" ({status})")).unwrap_or_default())
        }
        Said::Failed(_, finding) | Said::Odd(finding) => finding.detail,
    };
    Ok(Some(Check::CompleteTwice.problem(format!("confirmed once, asked again: {why}"))))
}

/// A file that was presigned and never sent must not be confirmed; nor may it stand in the way of the probe beside it.
async fn not_there(
    caller: &Caller,
    asks: &Asks,
    probe: Option<&CompleteFile>,
    key: Option<&str>,
) -> Result<Option<Finding>, Cause> {
    let Some(key) = key else { return Ok(None) };
    let file = told(&asks.unsent.file, key, Some("00000000000000000000000000000000"));
    let files: Vec<&CompleteFile> = std::iter::once(&file).chain(probe).collect();
    let raw = caller.ask(Endpoint::Complete, Some(json!({ "files": files })), As::Us).await?;
    let finding = match said::read(&raw, &file.file_id) {
        Said::Confirmed => Some(Check::ConfirmsUnseen.problem("it confirms a file that was presigned and never sent")),
        Said::Pending(_) | Said::Refused { status: Some(404 | 409 | 412), .. } => None,
        Said::Refused { status, words } => {
            let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            Some(Check::UnseenStatus.note(format!("a file that was never sent is refused with status {status}{words}")))
        }
        Said::Failed(status, _) => {
            let detail = format!("one file that was never sent fails the whole request ({status})");
            return Ok(Some(Check::UnseenFailsAll.problem(detail)));
        }
        Said::Odd(finding) => return Ok(Some(finding)),
    };
    let beside = probe.map(|probe| said::read(&raw, &probe.file_id));
    Ok(match beside {
        Some(Said::Refused { status, words }) if finding.is_none() => {
            let status = status.map(|status| format!(" ({status})")).unwrap_or_default();
            let detail = format!("beside a file that was never sent, the probe is refused too{status}{words}");
            Some(Check::UnseenFailsAll.problem(detail))
        }
        Some(Said::Odd(odd)) if finding.is_none() => Some(odd),
        _ => finding,
    })
}

/// Another size and another digest than lie there; then the right ones once more, so that nothing wrong stays behind.
async fn other_bytes(caller: &Caller, file: &CompleteFile) -> Result<Option<Finding>, Cause> {
    let of_size = CompleteFile { size: file.size + 1, ..file.clone() };
    let of_sha256 = CompleteFile { sha256: hex::encode(rand::random::<[u8; 32]>()), ..file.clone() };
    let mut taken = Vec::new();
    for (other, what) in [(of_size, "size"), (of_sha256, "SHA-256")] {
        if asked(caller, &other).await? == Said::Confirmed {
            taken.push(what);
        }
    }
    asked(caller, file).await?;
    Ok((!taken.is_empty()).then(|| {
        Check::ConfirmsOther
            .note(format!("it confirms with another {} than the file in the bucket has", taken.join(" and ")))
    }))
}

async fn presigned_again(caller: &Caller, asks: &Asks, key: &str) -> Result<Option<Finding>, Cause> {
    let raw = caller.presign(&[&asks.plain.file], As::Us).await?;
    if !raw.is_good() {
        let detail = format!("a confirmed file asked about again fails the request ({})", raw.status);
        return Ok(Some(Check::AgainAfterConfirm.note(detail)));
    }
    let Ok(said) = super::presign::read(&raw, &[&asks.plain]) else { return Ok(None) };
    Ok(match said.uploads.first() {
        Some((_, offload_protocol::wire::Upload::Skip { .. })) => None,
        Some((_, upload)) => {
            let same = super::visit::key_of(upload).is_some_and(|again| again == key);
            (!same).then(|| Check::KeyNotStable.problem("after its confirmation the same file_id gets another key"))
        }
        None => Some(Check::AgainAfterConfirm.note("a confirmed file asked about again is refused")),
    })
}
