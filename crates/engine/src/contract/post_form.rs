//! A presigned POST taken apart, without the secret key and without asking anybody. Pure.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>

use super::asks::Asked;
use super::auth::{Auth, Seen};
use super::checks::Check;
use super::expiry::{self, Life};
use super::policy::{Expiration, Policy};
use super::{Context, conditions, content, keys, place};
use crate::transfer::form;
use crate::transfer::quote::quote;
use crate::transfer::send::Outgoing;
use crate::transfer::signed::Signed;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::PresignedPost;
use url::Url;

/// S3's limit for everything in the form but the file.
const LARGEST_FIELDS: usize = 20 * 1024;
const NEEDED: [&str; 6] = ["key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];

/// Everything that is wrong or noteworthy about a form for this file; nothing found is good.
pub(super) fn check(asked: &Asked, post: &PresignedPost, context: &Context) -> Vec<Finding> {
    let url = Url::parse(&post.url).ok();
    let mut findings = address(post, url.as_ref());
    if let Some(fault) = kind_of_signature(post, url.as_ref()) {
        // What else such a form lacks follows from this.
        return vec![fault];
    }
    let field = |name: &str| post.fields.get(name).unwrap_or_default();
    let auth = Auth {
        algorithm: field("x-amz-algorithm"),
        credential: field("x-amz-credential"),
        date: field("x-amz-date"),
        has_security_token: !field("x-amz-security-token").is_empty(),
        may_be_old: false,
    };
    let seen = auth.check(url.as_ref(), context);
    let (of_policy, failing) = policy(asked, post, url.as_ref(), &seen, context);
    findings.extend(seen.findings);
    findings.extend(of_policy);
    // A value that fails its condition was changed after signing: that it is also another than asked for is the same mistake.
    let stands = |name: &str| !failing.iter().any(|failed| failed == name);
    if stands("key") {
        findings.extend(keys::check(&post.key, post.fields.get("key"), asked));
    }
    if stands("content-type") {
        findings.extend(content::type_of(asked, post.fields.get("Content-Type")));
    }
    if stands("x-amz-checksum-sha256") {
        findings.extend(content::checksum(asked, post.fields.get("x-amz-checksum-sha256")));
    }
    findings.extend(sundry(asked, post));
    findings
}

/// What the policy says and asks for, and the fields (lower case) that fail its conditions.
fn policy(
    asked: &Asked,
    post: &PresignedPost,
    url: Option<&Url>,
    seen: &Seen,
    context: &Context,
) -> (Vec<Finding>, Vec<String>) {
    let policy = match Policy::read(post.fields.get("policy").unwrap_or_default()) {
        Ok(policy) => policy,
        Err(fault) => return (vec![Check::PolicyUnreadable.problem(fault.to_string())], Vec::new()),
    };
    let compared = conditions::check(&post.fields, &policy, &seen.explained());
    let mut findings = compared.findings;
    findings.extend(bucket(url, &policy));
    findings.extend(length(asked, &policy));
    match &policy.expiration {
        Expiration::Unreadable => {
            let detail = "the policy's expiration is missing, or no time with a Z at its end";
            findings.push(Check::PolicyExpiration.problem(detail));
        }
        Expiration::WithOffset(_) => {
            let detail = "the policy's expiration has an offset instead of the Z that S3's documentation asks for";
            findings.push(Check::PolicyExpiration.note(detail));
        }
        Expiration::At(_) => {}
    }
    if let Some(ends) = policy.expiration.at() {
        let life = Life { signed_at: seen.signed_at, ends, is_skewed: seen.is_skewed };
        findings.extend(expiry::check(life, post.expires_in, context.largest(), context));
    }
    (findings, compared.failing)
}

fn address(post: &PresignedPost, url: Option<&Url>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(cause) = Signed::Post(post.clone()).address() {
        let check =
            if url.is_some_and(|url| url.scheme() == "http") { Check::UrlNotEncrypted } else { Check::UrlUnusable };
        findings.push(check.problem(cause.message));
    }
    let path = url.and_then(place::path_of).unwrap_or_default();
    let key = post.fields.get("key").unwrap_or(&post.key).trim_start_matches('/');
    if !key.is_empty() && (path == key || path.strip_suffix(key).is_some_and(|before| before.ends_with('/'))) {
        findings.push(Check::UrlHasKey.problem("the url ends with the object's key"));
    }
    findings
}

/// What is wrong with the kind of signature as a whole.
fn kind_of_signature(post: &PresignedPost, url: Option<&Url>) -> Option<Finding> {
    let has = |name: &str| post.fields.get(name).is_some_and(|value| !value.is_empty());
    let in_query = url.is_some_and(|url| {
        url.query_pairs()
            .any(|(name, _)| name.eq_ignore_ascii_case("X-Amz-Signature") || name.eq_ignore_ascii_case("Signature"))
    });
    if in_query && !has("policy") {
        return Some(
            Check::UrlIsPut.problem("the signature is in the url's query, as for a PUT, and the method is POST"),
        );
    }
    let of_v2: Vec<&str> = ["AWSAccessKeyId", "signature"].into_iter().filter(|name| has(name)).collect();
    let of_v4 = NEEDED.iter().any(|name| name.starts_with("x-amz-") && has(name));
    if !of_v2.is_empty() {
        let fields = of_v2.join(" and ");
        return Some(if of_v4 {
            Check::SignatureMixed.problem(format!("{fields} stands beside the x-amz-… fields of Signature Version 4"))
        } else {
            Check::SignatureV2.problem(format!("the form has {fields}: it is signed with Signature Version 2"))
        });
    }
    let missing: Vec<&str> = NEEDED.into_iter().filter(|name| !has(name)).collect();
    (!missing.is_empty()).then(|| Check::SignatureMissing.problem(format!("the form has no {}", missing.join(", "))))
}

fn bucket(url: Option<&Url>, policy: &Policy) -> Option<Finding> {
    let named = policy.of("bucket").find(|condition| condition.exact)?;
    let url = url?;
    (!place::may_be_of(url, &named.value)).then(|| {
        let place = crate::transfer::client::place_of(url.as_str()).unwrap_or_default();
        let detail =
            format!("the policy is for the bucket \"{}\", the url is {}", quote(&named.value, 70), quote(&place, 120));
        Check::BucketMismatch.problem(detail)
    })
}

fn length(asked: &Asked, policy: &Policy) -> Option<Finding> {
    let size = asked.file.size;
    match policy.length {
        None => Some(Check::LengthRangeMissing.note("the policy has no content-length-range")),
        Some((least, most)) if size < least || size > most => Some(
            Check::LengthRange
                .problem(format!("content-length-range is {least} to {most} bytes, and the file asked for has {size}")),
        ),
        Some(_) => None,
    }
}

/// The `content-length-range` of a policy in base64.
pub(super) fn length_range(policy: &str) -> Option<(u64, u64)> {
    Policy::read(policy).ok()?.length
}

fn sundry(asked: &Asked, post: &PresignedPost) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(finding) = content::acl(post.fields.get("acl")) {
        findings.push(finding);
    }
    if post.fields.get("success_action_redirect").or(post.fields.get("redirect")).is_some() {
        findings.push(Check::RedirectAction.note("the form has success_action_redirect"));
    }
    let bytes: usize = post.fields.0.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > LARGEST_FIELDS {
        findings
            .push(Check::FieldsTooLarge.problem(format!("the fields have {bytes} bytes; S3 takes {LARGEST_FIELDS}")));
    } else if let Err(cause) = form::check_sendable(post, &outgoing(asked)) {
        findings.push(Check::FormUnsendable.problem(cause.message));
    }
    findings
}

/// The file as it would go out; its bytes are not looked at.
fn outgoing(asked: &Asked) -> Outgoing {
    use crate::transfer::checksum::Digests;
    Outgoing {
        path: std::path::PathBuf::new(),
        filename: asked.file.filename.clone(),
        size: asked.file.size,
        content_type: asked.file.content_type.clone(),
        digests: Digests { sha256: [0; 32], crc: 0, bytes: asked.file.size },
    }
}
