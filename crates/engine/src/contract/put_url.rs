//! A presigned PUT taken apart. Pure.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use super::asks::Asked;
use super::auth::Auth;
use super::checks::Check;
use super::expiry::{self, Life};
use super::{Context, content, keys, place};
use crate::transfer::quote::quote;
use crate::transfer::signed::Signed;
use jiff::Timestamp;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::PresignedPut;
use url::Url;

const NEEDED: [&str; 6] =
    ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"];
/// Seven days: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html>.
const LONGEST_S: i64 = 604_800;
/// The CRC32 and the CRC64/NVME of nothing.
const EMPTY: [&str; 2] = ["AAAAAA==", "AAAAAAAAAAA="];

/// Everything that is wrong or noteworthy about a signed url for this file; nothing found is good.
pub(super) fn check(asked: &Asked, put: &PresignedPut, context: &Context) -> Vec<Finding> {
    let Ok(url) = Url::parse(&put.url) else {
        return vec![Check::UrlUnusable.problem("the url is no whole address")];
    };
    let mut findings = Vec::new();
    if let Err(cause) = Signed::Put(put.clone()).address() {
        let check = if url.scheme() == "http" { Check::UrlNotEncrypted } else { Check::UrlUnusable };
        findings.push(check.problem(cause.message));
    }
    let query = Query(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect());
    if let Some(fault) = query.kind_of_signature() {
        findings.push(fault);
        return findings;
    }
    let auth = Auth {
        algorithm: query.get("X-Amz-Algorithm"),
        credential: query.get("X-Amz-Credential"),
        date: query.get("X-Amz-Date"),
        has_security_token: !query.get("X-Amz-Security-Token").is_empty(),
        may_be_old: true,
    };
    let seen = auth.check(Some(&url), context);
    findings.extend(seen.findings);
    findings.extend(life(&query, put, seen.signed_at, seen.is_skewed, context));
    findings.extend(headers(&query, put));
    findings.extend(operation(&query, asked));
    let path = place::path_of(&url).unwrap_or_default();
    let key = put.key.trim_start_matches('/');
    let is_in_path = path == key || path.strip_suffix(key).is_some_and(|before| before.ends_with('/'));
    if is_in_path {
        findings.extend(keys::check(&put.key, None, asked));
    } else {
        findings.push(Check::KeyDiffers.problem("the url does not end with the key that is told"));
    }
    let signed_type = put.headers.get("Content-Type").or_else(|| query.find("content-type"));
    findings.extend(signed_type.and_then(|signed| content::type_of(asked, Some(signed))));
    let checksum = put.headers.get("x-amz-checksum-sha256").or_else(|| query.find("x-amz-checksum-sha256"));
    findings.extend(content::checksum(asked, checksum));
    findings.extend(content::acl(put.headers.get("x-amz-acl").or_else(|| query.find("x-amz-acl"))));
    findings
}

struct Query(Vec<(String, String)>);

impl Query {
    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    fn kind_of_signature(&self) -> Option<Finding> {
        let has = |name: &str| !self.get(name).is_empty();
        let of_v4 = NEEDED.iter().any(|name| has(name));
        if has("AWSAccessKeyId") || has("Signature") {
            let fault = if of_v4 { Check::SignatureMixed } else { Check::SignatureV2 };
            return Some(fault.problem("the url's query has AWSAccessKeyId or Signature, of Signature Version 2"));
        }
        let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !has(name)).collect();
        (!missing.is_empty())
            .then(|| Check::SignatureMissing.problem(format!("the url's query has no {}", missing.join(", "))))
    }
}

fn life(
    query: &Query,
    put: &PresignedPut,
    signed_at: Option<Timestamp>,
    is_skewed: bool,
    context: &Context,
) -> Option<Finding> {
    let lasts = query.get("X-Amz-Expires").parse::<i64>().ok().filter(|lasts| (1..=LONGEST_S).contains(lasts));
    let Some(lasts) = lasts else {
        return Some(Check::PutExpires.problem(format!("X-Amz-Expires is {}", quote(query.get("X-Amz-Expires"), 20))));
    };
    let signed_at = signed_at?;
    let ends = Timestamp::from_second(signed_at.as_second() + lasts).ok()?;
    // A date that lies back shortens the life: that alone is said of it.
    expiry::check(Life { signed_at: Some(signed_at), ends, is_skewed }, put.expires_in, context.largest(), context)
}

/// What the signature covers against what is given to be sent.
fn headers(query: &Query, put: &PresignedPut) -> Vec<Finding> {
    let mut findings = Vec::new();
    let signed: Vec<String> = query.get("X-Amz-SignedHeaders").split(';').map(str::to_ascii_lowercase).collect();
    // Host and length follow from the request; the type is sent as it was asked for where none is given.
    let missing: Vec<String> = signed
        .iter()
        .filter(|name| !matches!(name.as_str(), "" | "host" | "content-length" | "content-type"))
        .filter(|name| put.headers.get(name).is_none())
        .map(|name| format!("\"{}\"", quote(name, 60)))
        .collect();
    if !missing.is_empty() {
        let detail = format!("X-Amz-SignedHeaders names {}, and headers does not give it", missing.join(", "));
        findings.push(Check::PutHeaderMissing.problem(detail));
    } else if signed.iter().any(|name| name == "content-type") && put.headers.get("content-type").is_none() {
        let detail = "the signature covers content-type, and headers does not give it: Offload sends the content_type of the request, so exactly that has to be signed";
        findings.push(Check::PutHeaderMissing.note(detail));
    }
    let unsigned: Vec<String> = put
        .headers
        .0
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .filter(|name| name.starts_with("x-amz-") && !signed.contains(name))
        .map(|name| format!("\"{}\"", quote(&name, 60)))
        .collect();
    if !unsigned.is_empty() {
        let detail = format!("headers gives {}, and X-Amz-SignedHeaders does not name it", unsigned.join(", "));
        findings.push(Check::PutHeaderUnsigned.problem(detail));
    }
    findings
}

fn operation(query: &Query, asked: &Asked) -> Option<Finding> {
    // The SDK for JavaScript names the operation.
    if let Some(operation) = query.find("x-id").filter(|operation| *operation != "PutObject") {
        return Some(Check::PutOtherOperation.problem(format!("the url is signed for {}", quote(operation, 40))));
    }
    if query.find("partNumber").is_some() || query.find("uploadId").is_some() {
        return Some(Check::PutOtherOperation.problem("the url is signed for a part of a multipart upload"));
    }
    let is_empty = ["x-amz-checksum-crc32", "x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"]
        .iter()
        .any(|name| EMPTY.contains(&query.get(name)));
    (is_empty && asked.file.size > 0)
        .then(|| Check::PutEmptyChecksum.problem("the url is signed with the checksum of an empty body"))
}
