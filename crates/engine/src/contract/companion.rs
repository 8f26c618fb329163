//! A visit to Uppy Companion or its kin: the same judgement of what it signs; there is no session and nobody who confirms.

use super::asks::{Asked, Asks};
use super::checks::{Check, with_mend};
use super::keys::{Round, across};
use super::visit::{Options, key_of};
use super::{Context, presign, probe, uploads};
use crate::backend::{Address, Backend, Dialect};
use crate::cause::{Cause, Code};
use crate::secrets::Secret;
use crate::transfer::client::is_loopback;
use crate::transfer::signed::Signed;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Stack, Verdict};
use offload_protocol::wire::{PresignFile, Upload};
use std::sync::Arc;
use url::Url;

/// Looks at what such a server signs, and sends the probe with it.
pub(super) async fn visit(
    address: &Address,
    dialect: &Dialect,
    token: Option<&Secret>,
    options: Options,
) -> Vec<Finding> {
    let token = token.map(|token| token.expose().to_owned());
    let backend = match dialect.speak_to(address.clone(), Arc::new(move || token.clone())) {
        Ok(backend) => backend,
        Err(cause) => return vec![of_cause(&cause)],
    };
    let asks = Asks::new(Timestamp::now(), None);
    let mut findings = Vec::new();
    let given = match signed(backend.as_ref(), &asks, &mut findings).await {
        Ok(given) => given,
        Err(cause) => {
            findings.push(of_cause(&cause));
            findings.push(
                Check::NotLookedAt.unknown("the signature, the keys, a probe; a problem before it is in the way"),
            );
            return findings;
        }
    };
    findings.insert(0, Check::Backend.good(format!("{} signs uploads, as Uppy Companion does", address.as_str())));
    findings.insert(1, Check::Unconfirmed.note("nobody confirms a file here: what S3 took is all there is to know"));
    let context = Context { now: Timestamp::now(), max_file_size: None, speed: options.speed };
    let all: Vec<(&Asked, &Upload)> = given.iter().map(|(asked, upload)| (asked, upload)).collect();
    let found = uploads::of_all(&all, &context);
    let keys = all.iter().filter_map(|(asked, upload)| Some((*asked, key_of(upload)?))).collect();
    // Another key each time is expected of it, and said.
    let of_keys = across(&Round(keys), &Round::default());
    if let Some(note) = keys_change(backend.as_ref(), &asks, &given).await {
        findings.insert(2, note);
    }
    if found.iter().all(|finding| finding.verdict != Verdict::Problem) {
        let detail = format!("{} signatures are sound, as far as one can see without the secret key", all.len());
        findings.push(Check::Signed.good(detail));
    }
    findings.extend(found.into_iter().chain(of_keys));
    findings.extend(sent(address, &asks, given, &context, options).await);
    findings
}

/// Asks once more for the first file.
async fn keys_change(backend: &dyn Backend, asks: &Asks, given: &[(Asked, Upload)]) -> Option<Finding> {
    let (_, before) = given.iter().find(|(asked, _)| asked.file.file_id == asks.plain.file.file_id)?;
    let (_, again) = backend.presign(std::slice::from_ref(&asks.plain.file)).await.ok()?.pop()?;
    let changes = key_of(&again.ok()?)? != key_of(before)?;
    changes.then(|| Check::KeysChange.note("asked twice for one file, it gave two keys, as Companion does by itself"))
}

/// Asks for every file; one that is refused is a finding. `Err`: nothing is signed at all.
async fn signed(
    backend: &dyn Backend,
    asks: &Asks,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(Asked, Upload)>, Cause> {
    let asked: Vec<&Asked> = std::iter::once(&asks.plain).chain(&asks.others).collect();
    let files: Vec<PresignFile> = asked.iter().map(|asked| asked.file.clone()).collect();
    let mut given = Vec::new();
    for ((_, said), asked) in backend.presign(&files).await?.into_iter().zip(asked) {
        match said {
            Ok(upload) => given.push((asked.clone(), upload)),
            Err(cause) if given.is_empty() => return Err(cause),
            Err(cause) => findings.extend(presign::refused(asked, &cause.message)),
        }
    }
    Ok(given)
}

async fn sent(
    address: &Address,
    asks: &Asks,
    given: Vec<(Asked, Upload)>,
    context: &Context,
    options: Options,
) -> Option<Finding> {
    if !options.probe {
        return Some(Check::NotLookedAt.unknown("S3 itself; no file was sent, as asked"));
    }
    let (asked, upload) = given.into_iter().next()?;
    let is_sound = uploads::of_one(&asked, &upload, context).iter().all(|found| found.verdict != Verdict::Problem);
    let signed = match upload {
        Upload::Post(post) if is_sound => Signed::Post(post),
        Upload::Put(put) if is_sound => Signed::Put(put),
        _ => return Some(Check::NotLookedAt.unknown("a probe; a problem before it is in the way")),
    };
    let is_local = Url::parse(address.as_str()).is_ok_and(|url| is_loopback(&url));
    Some(match probe::send(&signed, &asked, &asks.bytes, is_local).await {
        Ok(sent) => sent.finding,
        Err(finding) => finding,
    })
}

/// Why nothing is signed.
fn of_cause(cause: &Cause) -> Finding {
    let check = match cause.code {
        Code::BadCertificate => Check::Certificate,
        Code::NoEndpoint => Check::EndpointMissing,
        Code::BackendPage => Check::WebPage,
        Code::SignedOut => Check::TokenRefused,
        Code::BackendBusy => Check::Busy,
        Code::BackendError => Check::ServerError,
        Code::BackendAnswer => Check::AnswerShape,
        Code::BackendRefused => Check::FileRefused,
        Code::UploadMethod => Check::UploadMethod,
        _ => Check::Unreachable,
    };
    let mut finding = check.problem(cause.message.clone());
    // The table's mends are those of protocol v1.
    if check == Check::EndpointMissing || check == Check::AnswerShape {
        finding.mends.clear();
    }
    match &cause.hint {
        Some(hint) => with_mend(finding, Stack::Anyone, hint.clone()),
        None => with_mend(
            finding,
            Stack::Companion,
            "Offload asks GET s3/params?filename=…&type=… below the backend's address",
        ),
    }
}
