//! The meaning of one S3 answer to a presigned POST: pure, and complete by falling back to the status.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>; other servers' ways are noted where they differ.

use super::quote::quote;
use super::said::{self, Said};
use super::{client, refusal};
use crate::cause::{Cause, Code};
use http::HeaderMap;

/// Bytes of an answer's body that are looked at.
pub const BODY_PREFIX: usize = 64 * 1024;

/// The headers of an answer that mean something to us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerHeaders {
    pub etag: Option<String>,
    pub location: Option<String>,
    pub retry_after_ms: Option<u64>,
    /// `x-amz-bucket-region`.
    pub bucket_region: Option<String>,
    /// `x-amz-checksum-sha256`, base64.
    pub checksum_sha256: Option<String>,
    /// S3's own clock, out of `Date`.
    pub date: Option<jiff::Timestamp>,
    /// By that clock, what was signed was over when S3 answered. Not of the headers alone: the sender finds it out.
    pub late: bool,
    /// The ETag is not the MD5 of the bytes: KMS or a customer's key encrypts them.
    pub encrypted_otherwise: bool,
}

impl AnswerHeaders {
    /// Picks the headers out; those that are not text count as missing.
    pub fn of(headers: &HeaderMap, now: jiff::Timestamp) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let kms = text("x-amz-server-side-encryption").is_some_and(|kind| kind.starts_with("aws:kms"));
        Self {
            etag: text("etag"),
            location: text("location"),
            retry_after_ms: text("retry-after").and_then(|value| client::retry_after_ms(&value, now)),
            bucket_region: text("x-amz-bucket-region"),
            checksum_sha256: text("x-amz-checksum-sha256"),
            date: text("date").and_then(|value| client::http_date(&value)),
            late: false,
            encrypted_otherwise: kms || headers.contains_key("x-amz-server-side-encryption-customer-algorithm"),
        }
    }
}

/// What an answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// In S3. The ETag is without quotes.
    Stored {
        etag: Option<String>,
        checksum_sha256: Option<String>,
        encrypted_otherwise: bool,
    },
    /// Send the same form once more, to this address, this attempt only.
    Redirect {
        location: String,
    },
    Cause(Cause),
}

/// The meaning of an answer; `body` is its beginning, at most 64 KiB, and may be cut anywhere.
pub fn meaning(status: u16, headers: &AnswerHeaders, body: &[u8]) -> Answer {
    let said = said::read(body);
    match status {
        200 | 201 | 204 => stored(status, headers, &said, body),
        303 => match headers.location.as_deref().and_then(etag_of_redirect) {
            Some(etag) => stored_as(Some(etag), headers),
            None => Answer::Cause(elsewhere(status, headers, &said)),
        },
        307 => match headers.location.clone() {
            Some(location) => Answer::Redirect { location },
            None => Answer::Cause(elsewhere(status, headers, &said)),
        },
        300..=399 => Answer::Cause(elsewhere(status, headers, &said)),
        _ => Answer::Cause(refusal::cause(status, &said, body, headers.late).retry_after(headers.retry_after_ms)),
    }
}

fn stored(status: u16, headers: &AnswerHeaders, said: &Said, body: &[u8]) -> Answer {
    // S3 itself sends some errors under a 200 it has already begun.
    if said.is_s3 && said.code.is_some() {
        return Answer::Cause(refusal::cause(status, said, body, headers.late).retry_after(headers.retry_after_ms));
    }
    let etag = headers.etag.clone().or_else(|| said.etag.clone());
    // A portal or proxy that answers for S3 says 200 to everything.
    if said.is_page || (etag.is_none() && !said.is_s3 && !body.iter().all(u8::is_ascii_whitespace)) {
        let cause = Cause::new(Code::S3Unknown, format!("something other than S3 answered with a page ({status})"))
            .hint("a proxy or a sign-in page of the network may stand between here and S3: open a browser and look");
        return Answer::Cause(cause);
    }
    stored_as(etag, headers)
}

fn stored_as(etag: Option<String>, headers: &AnswerHeaders) -> Answer {
    Answer::Stored {
        etag: etag.map(|etag| bare_etag(&etag).to_owned()).filter(|etag| !etag.is_empty()),
        checksum_sha256: headers.checksum_sha256.clone(),
        encrypted_otherwise: headers.encrypted_otherwise,
    }
}

/// An ETag without its quotes and without the mark of a weak one (proxies that compress add it).
fn bare_etag(etag: &str) -> &str {
    let etag = etag.trim();
    etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"')
}

/// `success_action_redirect` is answered by 303 with bucket, key and etag in the query. Without the etag it is somebody else's redirect.
fn etag_of_redirect(location: &str) -> Option<String> {
    let (_, query) = location.split_once('?')?;
    let query = query.split('#').next()?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, value)| name == "etag" && !value.is_empty())
        .map(|(_, etag)| etag.into_owned())
}

fn elsewhere(status: u16, headers: &AnswerHeaders, said: &Said) -> Cause {
    let region = headers.bucket_region.as_ref().or(said.region.as_ref());
    let place = match (region, &said.endpoint) {
        (Some(region), _) => format!("; the bucket is in region {}", quote(region, 40)),
        (None, Some(endpoint)) => format!("; S3 names the endpoint {}", quote(endpoint, 100)),
        (None, None) => headers
            .location
            .as_deref()
            .and_then(client::place_of)
            .map(|place| format!("; it points to {}", quote(&place, 100)))
            .unwrap_or_default(),
    };
    Cause::new(Code::WrongRegion, format!("S3 wants the form sent elsewhere ({status}){place}"))
        .hint(refusal::HINT_REGION)
        .retry_after(headers.retry_after_ms)
}

#[cfg(test)]
mod tests;
