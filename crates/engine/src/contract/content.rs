//! What is signed of the file itself: its type, its checksum, who may read it.

use super::asks::Asked;
use super::checks::Check;
use crate::transfer::quote::quote;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offload_protocol::checkup::Finding;

/// Types that say something else than a photograph or video of another kind is; a generic or kindred one only says little.
const DEFINITE: [&str; 8] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "video/mp4",
    "text/html",
    "application/json",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
];

/// The signed `Content-Type` against the one asked for.
pub(super) fn type_of(asked: &Asked, signed: Option<&str>) -> Option<Finding> {
    let Some(signed) = signed else {
        return Some(Check::ContentTypeMissing.note("the form has no Content-Type"));
    };
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (signed, wanted) = (essence(signed), essence(&asked.file.content_type));
    if signed == wanted {
        return None;
    }
    let detail = format!("{wanted} was asked for, and {} is signed", quote(&signed, 60));
    let is_other = DEFINITE.contains(&signed.as_str()) || signed.is_empty();
    Some(if is_other { Check::ContentTypeFixed.problem(detail) } else { Check::ContentTypeFixed.note(detail) })
}

/// The signed `x-amz-checksum-sha256` against the file's; an empty one is filled in while sending.
pub(super) fn checksum(asked: &Asked, signed: Option<&str>) -> Option<Finding> {
    let signed = signed.filter(|signed| !signed.is_empty())?;
    let wanted = hex::decode(&asked.file.sha256).map(|bytes| STANDARD.encode(bytes)).ok()?;
    if signed == wanted {
        return None;
    }
    let detail = if signed.eq_ignore_ascii_case(&asked.file.sha256) {
        "x-amz-checksum-sha256 is the digest in hex digits; S3 wants base64"
    } else if STANDARD.decode(signed).is_ok_and(|bytes| bytes == asked.file.sha256.as_bytes()) {
        "x-amz-checksum-sha256 is base64 of the hex digits; S3 wants base64 of the 32 bytes"
    } else {
        "x-amz-checksum-sha256 is not the digest of the file asked for"
    };
    Some(Check::ChecksumDiffers.problem(detail))
}

/// An acl that lets others read.
pub(super) fn acl(acl: Option<&str>) -> Option<Finding> {
    let acl = acl?;
    matches!(acl, "public-read" | "public-read-write" | "authenticated-read")
        .then(|| Check::PublicAcl.note(format!("the upload is signed with acl {acl}")))
}
