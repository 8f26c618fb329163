//! Sends one file with one presigned POST or PUT, and believes in its arrival only as far as S3's answer proves it.

use super::answer::{Answer, AnswerHeaders, BODY_PREFIX, meaning};
use super::bandwidth::Bandwidth;
use super::body::{self, Frame, Progress};
use super::checksum::Digests;
use super::signed::{Signed, put_headers};
use super::{client, form};
use crate::cause::{Cause, Code};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use url::Url;

/// A file on its way out.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pub path: PathBuf,
    /// As the form's `filename=`; any text, it is escaped.
    pub filename: String,
    /// Bytes, as hashed.
    pub size: u64,
    /// Sent with the file part if it looks like `type/subtype`, else left out.
    pub content_type: String,
    /// Of the very bytes that have to arrive.
    pub digests: Digests,
}

/// How long to bear with silence. There is no limit on the whole transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendRules {
    /// Without a byte of progress while sending.
    pub stall: Duration,
    /// For the answer, after the last byte.
    pub answer: Duration,
}

impl Default for SendRules {
    fn default() -> Self {
        Self { stall: Duration::from_secs(30), answer: Duration::from_secs(120) }
    }
}

/// What shows that S3 holds the very bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// S3 named the SHA-256.
    Sha256,
    /// The ETag is the MD5.
    Md5,
    /// S3 took a body of known length over a checked connection, and said nothing of its digest (KMS, or no ETag).
    Length,
}

/// A file in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Without quotes.
    pub etag: Option<String>,
    pub proof: Proof,
}

/// Sends `file` as `signed` allows.
///
/// `sent` counts the file's bytes handed to the network, from zero. A file that isn't the one hashed is never stored: its last
/// chunk is held back until all bytes agree, and the connection is broken otherwise. Dropping the future breaks it too.
///
/// # Errors
/// Every way this can fail, as a cause that names no secret.
pub async fn send(
    client: &reqwest::Client,
    signed: &Signed,
    file: &Outgoing,
    bandwidth: &Arc<Bandwidth>,
    sent: &Arc<AtomicU64>,
    rules: &SendRules,
) -> Result<Stored, Cause> {
    let url = signed.address()?;
    let errand = Errand { client, signed, file, bandwidth, sent, rules };
    let (answer, md5) = errand.go(&url).await?;
    let (answer, md5) = match answer {
        Answer::Redirect { location } => errand.go(&next_address(&url, &location)?).await?,
        answer => (answer, md5),
    };
    match answer {
        Answer::Stored { etag, checksum_sha256, encrypted_otherwise } => {
            let proof =
                prove(etag.as_deref(), checksum_sha256.as_deref(), encrypted_otherwise, &file.digests, md5.as_deref())?;
            Ok(Stored { etag, proof })
        }
        Answer::Redirect { .. } => {
            Err(Cause::new(Code::Redirected, "S3 sent the form on to another address twice (307)"))
        }
        Answer::Cause(cause) => Err(cause),
    }
}

struct Errand<'a> {
    client: &'a reqwest::Client,
    signed: &'a Signed,
    file: &'a Outgoing,
    bandwidth: &'a Arc<Bandwidth>,
    sent: &'a Arc<AtomicU64>,
    rules: &'a SendRules,
}

/// Stops the body when the errand ends in any way, also by being dropped.
struct StopsBody(Arc<Progress>);

impl Drop for StopsBody {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl Errand<'_> {
    /// One request to one address: its answer, and the MD5 of what was sent.
    async fn go(&self, url: &Url) -> Result<(Answer, Option<String>), Cause> {
        let (request, frame) = self.request(url)?;
        self.sent.store(0, Ordering::Relaxed);
        let progress = Arc::new(Progress::new());
        let _stops = StopsBody(Arc::clone(&progress));
        let request = if frame.is_empty() && self.file.size == 0 {
            // Nobody would ever ask for the pieces of nothing.
            progress.has_nothing_to_send();
            request
        } else {
            let (bandwidth, sent) = (Arc::clone(self.bandwidth), Arc::clone(self.sent));
            let body = body::stream(frame, self.file, bandwidth, sent, Arc::clone(&progress));
            request.body(reqwest::Body::wrap_stream(body))
        };
        let answered = tokio::select! {
            answered = request.send() => answered,
            cause = progress.stands_still(self.rules) => return Err(cause),
        };
        let response = match answered {
            Ok(response) => response,
            Err(error) => return Err(progress.why_it_broke().unwrap_or_else(|| client::fault(&error, url))),
        };
        let status = response.status().as_u16();
        let mut headers = AnswerHeaders::of(response.headers(), jiff::Timestamp::now());
        headers.late = headers.date.is_some_and(|date| self.signed.is_over(date));
        let whole = progress.is_whole();
        let beginning = self.beginning(response).await;
        // What S3 says of a body that we broke off ourselves is not the reason.
        if let Some(cause) = progress.why_it_broke() {
            return Err(cause);
        }
        match meaning(status, &headers, &beginning) {
            Answer::Stored { .. } if !whole => {
                Err(Cause::new(Code::S3Unknown, format!("S3 said {status} before it had the whole file")))
            }
            answer => Ok((answer, progress.md5().map(str::to_owned))),
        }
    }

    /// The request but for its body, and what goes around the file.
    fn request(&self, url: &Url) -> Result<(reqwest::RequestBuilder, Frame), Cause> {
        Ok(match self.signed {
            Signed::Post(post) => {
                let (content_type, frame) = form::frame(post, self.file, &form::boundary())?;
                let length = frame.head.len() as u64 + self.file.size + frame.tail.len() as u64;
                let request = self.client.post(url.clone());
                (request.header(CONTENT_TYPE, content_type).header(CONTENT_LENGTH, length), frame)
            }
            Signed::Put(put) => {
                let headers = put_headers(put, self.file)?;
                (self.client.put(url.clone()).headers(headers), Frame::default())
            }
        })
    }

    /// The answer's first bytes, without this form's secrets; what breaks off or stands still is taken as it is.
    async fn beginning(&self, mut response: reqwest::Response) -> Vec<u8> {
        let mut body = Vec::new();
        let reading = async {
            while body.len() < BODY_PREFIX {
                let Ok(Some(chunk)) = response.chunk().await else { break };
                let room = BODY_PREFIX - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            }
        };
        // The status is known already: nothing is lost by not waiting for the rest.
        let _ = tokio::time::timeout(self.rules.stall, reading).await;
        self.signed.without_secrets(body)
    }
}

/// Where a 307 leads: relative to the address before, as safe as the form's own, and never from https to http.
fn next_address(from: &Url, location: &str) -> Result<Url, Cause> {
    let refused = |why: &str| Cause::new(Code::WrongRegion, format!("S3 sent the form on (307) to {why}"));
    let to = from.join(location).map_err(|_| refused("something that is no address"))?;
    if from.scheme() == "https" && to.scheme() != "https" {
        return Err(refused("an address that is not encrypted"));
    }
    form::address(to.as_str()).map_err(|_| refused("an address that a form may not be sent to"))
}

fn prove(
    etag: Option<&str>,
    checksum_sha256: Option<&str>,
    encrypted_otherwise: bool,
    digests: &Digests,
    md5: Option<&str>,
) -> Result<Proof, Cause> {
    let other = |what: &str| {
        Cause::new(Code::StoredOther, format!("S3 holds other bytes than were sent: its {what} differs")).hint(
            "the file is read and sent once more; if it happens again, something between here and S3 alters the bytes",
        )
    };
    if let Some(theirs) = checksum_sha256 {
        return if theirs == digests.sha256_base64() { Ok(Proof::Sha256) } else { Err(other("SHA-256")) };
    }
    match etag {
        // Without a sign of KMS or a customer's key, an ETag of 32 hex digits is the MD5:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
        Some(etag) if !encrypted_otherwise && etag.len() == 32 && etag.bytes().all(|b| b.is_ascii_hexdigit()) => {
            if md5.is_some_and(|md5| etag.eq_ignore_ascii_case(md5)) { Ok(Proof::Md5) } else { Err(other("ETag")) }
        }
        _ => Ok(Proof::Length),
    }
}

#[cfg(test)]
mod tests;
