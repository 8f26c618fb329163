//! Uppy Companion, and presign endpoints made after it (Shrine's): `GET {base}/s3/params?filename=…&type=…` signs for one file.
//!
//! There is no sign-in of its own, no confirmation, and the same file asked about twice gets another key unless the server's `getKey` goes by the
//! metadata. `Promises` says so. <https://uppy.io/docs/companion/>, <https://shrinerb.com/docs/plugins/presign_endpoint>

use super::answer::{self, odd};
use super::request::{Address, Line, TokenSource};
use super::{Backend, Confirmation, PerFile, Promises};
use crate::cause::{Cause, Code};
use crate::transfer::signed::query_value;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use http::Method;
use offload_protocol::wire::{CompleteFile, Fields, Limits, PresignFile, PresignedPost, PresignedPut, Session, Upload};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

/// Where Companion signs, below its address.
pub const PARAMS_PATH: &str = "s3/params";
/// Nobody confirms, and keys change unless the server's `getKey` goes by the metadata, which can't be seen from here.
pub(super) const PROMISES: Promises = Promises { confirms: false, keeps_keys: false };
/// Questions under way at once: each is about one file.
const AT_ONCE: usize = 8;
/// S3 takes 2 KB of metadata in all: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
const LONGEST_PATH: usize = 1024;
/// Where nothing tells how long a signature lasts.
const SHORT: u64 = 300;

/// A server that signs as Companion does.
pub struct CompanionBackend {
    line: Line,
    params: String,
}

impl std::fmt::Debug for CompanionBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompanionBackend").field("address", &self.line.address.as_str()).finish_non_exhaustive()
    }
}

/// What such a server answers; more members are passed over.
#[derive(Deserialize)]
struct Params {
    #[serde(default)]
    method: Option<String>,
    url: String,
    #[serde(default)]
    fields: Option<Fields>,
    #[serde(default)]
    headers: Option<Fields>,
    /// Seconds.
    #[serde(default, alias = "expires_in", alias = "expiresIn")]
    expires: Option<u64>,
    #[serde(default)]
    key: Option<String>,
}

/// What the server refuses: the file, or us.
enum Refused {
    File(Cause),
    Whole(Cause),
}

impl CompanionBackend {
    /// `client` is `client::for_backend()`; `params`: path below the address, as `PARAMS_PATH`.
    pub fn new(client: reqwest::Client, address: Address, token: TokenSource, scheme: &str, params: &str) -> Self {
        let line = Line { client, address, scheme: scheme.to_owned(), token, anonymous: true };
        Self { line, params: params.trim_matches('/').to_owned() }
    }

    async fn sign(&self, file: &PresignFile) -> Result<Upload, Refused> {
        let url = self.question(file).map_err(Refused::Whole)?;
        let (head, body) = self.line.ask(Method::GET, url, None).await.map_err(Refused::Whole)?;
        if matches!(head.status, 413 | 415 | 422) {
            let words = answer::words(&body).unwrap_or_else(|| head.status.to_string());
            let cause = Cause::new(Code::BackendRefused, format!("the backend refused this file: {words}"));
            return Err(Refused::File(
                cause.hint("what it objects to has to be mended there or in the file; then retry"),
            ));
        }
        let params: Params = answer::json(&head, &body).map_err(|cause| Refused::Whole(self.asked(cause)))?;
        upload(params, jiff::Timestamp::now()).map_err(Refused::File)
    }

    /// The address that signs for a file. What a `getKey` could go by is in the metadata, which has to be ASCII.
    fn question(&self, file: &PresignFile) -> Result<Url, Cause> {
        let mut url = self.line.address.endpoint(&self.params)?;
        let path: String = url::form_urlencoded::byte_serialize(file.path.as_bytes()).collect();
        let mut pairs = url.query_pairs_mut();
        pairs.append_pair("filename", &file.filename).append_pair("type", &file.content_type);
        pairs.append_pair("metadata[offload-file-id]", &file.file_id);
        if !file.sha256.is_empty() {
            pairs.append_pair("metadata[offload-sha256]", &file.sha256);
        }
        // As in a form: percent signs, and a plus for a space. Left out where it would not fit.
        if path.len() <= LONGEST_PATH {
            pairs.append_pair("metadata[offload-path]", &path);
        }
        drop(pairs);
        Ok(url)
    }

    fn asked(&self, cause: Cause) -> Cause {
        if !cause.code.is_no_backend() {
            return cause;
        }
        let message = format!("{}; asked was {}/{}", cause.message, self.line.address.as_str(), self.params);
        let hint = "with Uppy Companion the address is the one your web page has as companionUrl; Offload puts s3/params after it (params_path in the settings)";
        Cause { message, ..cause }.hint(hint)
    }
}

/// A way to send, from what the server answered.
fn upload(params: Params, now: jiff::Timestamp) -> Result<Upload, Cause> {
    let fields = params.fields.unwrap_or_default();
    let method = params.method.as_deref().unwrap_or(if fields.is_empty() { "PUT" } else { "POST" });
    match method.to_ascii_uppercase().as_str() {
        "POST" => {
            let Some(key) = params.key.or_else(|| fields.get("key").map(str::to_owned)) else {
                return Err(odd("the backend signed a form without a key"));
            };
            let expires_in = params.expires.or_else(|| fields.get("policy").and_then(|policy| lasts(policy, now)));
            Ok(Upload::Post(PresignedPost { url: params.url, fields, key, expires_in: expires_in.unwrap_or(SHORT) }))
        }
        "PUT" => {
            let key = params.key.or_else(|| key_of(&params.url)).ok_or_else(|| odd("the signed url is no address"))?;
            let stated = query_value(&params.url, "x-amz-expires").and_then(|text| text.parse().ok());
            let expires_in = params.expires.or(stated).unwrap_or(SHORT);
            Ok(Upload::Put(PresignedPut {
                url: params.url,
                headers: params.headers.unwrap_or_default(),
                key,
                expires_in,
            }))
        }
        other => Err(super::entries::unknown_method(other)),
    }
}

/// Seconds until a policy expires; `None` where it can't be read.
fn lasts(policy: &str, now: jiff::Timestamp) -> Option<u64> {
    let policy: serde_json::Value = serde_json::from_slice(&STANDARD.decode(policy).ok()?).ok()?;
    let end: jiff::Timestamp = policy.get("expiration")?.as_str()?.parse().ok()?;
    u64::try_from(end.as_second() - now.as_second()).ok()
}

/// Where a PUT goes. With path-style addresses the bucket stands before it: the address alone does not tell.
fn key_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    Some(percent_decode_str(url.path().trim_start_matches('/')).decode_utf8_lossy().into_owned())
}

#[async_trait]
impl Backend for CompanionBackend {
    /// Signs for a name of no file, which leaves nothing behind.
    async fn session(&self) -> Result<Session, Cause> {
        let probe = PresignFile {
            file_id: uuid::Uuid::new_v4().to_string(),
            filename: "offload-check.jpg".into(),
            path: "offload-check.jpg".into(),
            size: 0,
            content_type: "image/jpeg".into(),
            sha256: String::new(),
            modified_at: String::new(),
            source: String::new(),
            supersedes: None,
        };
        match self.sign(&probe).await {
            Ok(_) | Err(Refused::File(Cause { code: Code::BackendRefused, .. })) => Ok(Session {
                account: String::new(),
                protocol: None,
                limits: Limits::default(),
                server_time: None,
                sign_in: None,
            }),
            Err(Refused::File(cause) | Refused::Whole(cause)) => Err(cause),
        }
    }

    async fn presign(&self, files: &[PresignFile]) -> Result<PerFile<Upload>, Cause> {
        let asked = futures::stream::iter(files.to_vec()).map(|file| async move {
            let answer = self.sign(&file).await;
            (file.file_id, answer)
        });
        let answers: Vec<_> = asked.buffered(AT_ONCE).collect().await;
        let mut said = Vec::with_capacity(answers.len());
        for (file_id, answer) in answers {
            said.push((
                file_id,
                match answer {
                    Ok(upload) => Ok(upload),
                    Err(Refused::File(cause)) => Err(cause),
                    Err(Refused::Whole(cause)) => return Err(cause),
                },
            ));
        }
        Ok(said)
    }

    /// Nobody is told: what S3 took is all there is to know.
    async fn complete(&self, files: &[CompleteFile]) -> Result<PerFile<Confirmation>, Cause> {
        Ok(files.iter().map(|file| (file.file_id.clone(), Ok(Confirmation::Confirmed))).collect())
    }

    fn promises(&self) -> Promises {
        PROMISES
    }
}

#[cfg(test)]
mod tests;
