//! Backend protocol v1, JSON over HTTPS. Unknown members are ignored by both sides.
//!
//! docs/backend-protocol.md is the text for people; docs/openapi.json is the same for machines.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The protocol version this crate speaks, as `session` may state it.
pub const PROTOCOL_VERSION: u32 = 1;

/// Answer of `GET {base}/v1/session`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in, in words for the person ("kim@studio.example").
    pub account: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<u32>,
    #[serde(default, deserialize_with = "null_is_left_out")]
    pub limits: Limits,
    /// The server's clock, RFC 3339. Shown by `doctor`; nothing is decided by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_time: Option<String>,
    /// How a person may sign in beside pasting a token. Also a member of the problem that a request without a token is answered with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
}

/// Ways to sign in that a backend offers beside a token to paste.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignIn {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceGrant>,
}

/// OAuth 2.0 device authorization: <https://www.rfc-editor.org/rfc/rfc8628>. A public client: there is no client secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceGrant {
    /// https, or http on loopback; may be another host than the backend's.
    pub device_authorization_endpoint: String,
    pub token_endpoint: String,
    pub client_id: String,
    /// Space-separated, as RFC 6749 has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

/// What the backend accepts; every member may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Files in one presign or complete request, 1 to 1000.
    #[serde(deserialize_with = "usual_files")]
    pub files_per_request: u32,
    /// Largest file in bytes the backend will sign for; `None`: only S3's own limit of 5 GB for one POST.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_file_size: Option<u64>,
    /// Whether the backend answers `MULTIPART` for large files.
    #[serde(deserialize_with = "null_is_left_out")]
    pub multipart: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files_per_request: 50, max_file_size: None, multipart: false }
    }
}

/// Many serializers write `null` for what is left out.
fn null_is_left_out<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::deserialize(from).map(Option::unwrap_or_default)
}

fn usual_files<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_else(|| Limits::default().files_per_request))
}

/// Body of `POST {base}/v1/presign`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignRequest {
    pub files: Vec<PresignFile>,
}

/// One file that is about to be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignFile {
    /// Names this version of this file for ever (UUID). Asked again it means refresh, and gives the same key.
    pub file_id: String,
    /// Last component of the path.
    pub filename: String,
    /// Path inside the source with `/` between folders, the source's destination prefix first. Bytes that are not UTF-8 stand as `\xNN`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// By the name's ending; `application/octet-stream` where it is unknown.
    pub content_type: String,
    /// SHA-256 of the bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// The file's own modification time, RFC 3339 in UTC.
    pub modified_at: String,
    /// The source's name, as the person sees it.
    pub source: String,
    /// `file_id` of the version this one replaces, where that one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<String>,
}

/// Answer of `POST {base}/v1/presign`: one entry per file, in any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignResponse {
    pub files: Vec<PresignEntry>,
}

/// What the backend says for one file: an upload, or an error for it alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignEntry {
    pub file_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// How one file gets to S3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "UPPERCASE")]
pub enum Upload {
    /// A presigned POST.
    Post(PresignedPost),
    /// A presigned PUT.
    Put(PresignedPut),
    /// The server already has these bytes under `key`; nothing is sent, `complete` is still called.
    Skip { key: String },
    /// Multipart upload; only answered to clients that asked for it. Not spoken by this version.
    Multipart(BTreeMap<String, serde_json::Value>),
}

/// A presigned S3 POST: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignedPost {
    pub url: String,
    /// Form fields; sent verbatim, in this order, before the file.
    pub fields: Fields,
    pub key: String,
    /// Seconds from the moment of the answer until the policy expires.
    pub expires_in: u64,
}

impl std::fmt::Debug for PresignedPost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresignedPost")
            .field("key", &self.key)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// A presigned S3 PUT: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html>.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PresignedPut {
    /// Its query is the signature: as secret as a form.
    pub url: String,
    /// Request headers, sent as they are: what the signature covers beside `host`.
    #[serde(default, deserialize_with = "null_is_left_out", skip_serializing_if = "Fields::is_empty")]
    pub headers: Fields,
    pub key: String,
    /// Seconds from the moment of the answer until the signature expires.
    pub expires_in: u64,
}

impl std::fmt::Debug for PresignedPut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PresignedPut")
            .field("key", &self.key)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Form fields or headers in the order of the JSON object; refuses to print, since policy and signature are among them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(pub Vec<(String, String)>);

impl Fields {
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a name, whatever its case; the first one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fields({} withheld)", self.0.len())
    }
}

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Fields;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object with string values")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry::<String, String>()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// Body of `POST {base}/v1/complete`: an upsert by `file_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteRequest {
    pub files: Vec<CompleteFile>,
}

/// One file that arrived in S3 (or that the backend answered `SKIP` for).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteFile {
    pub file_id: String,
    pub key: String,
    pub size: u64,
    /// S3's ETag without quotes; `None` after a `SKIP`, or where S3 gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    pub sha256: String,
    /// What the file says of itself; members that are not known are left out.
    #[serde(default)]
    pub media: Media,
}

/// Answer of `POST {base}/v1/complete`: one entry per file, in any order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompleteResponse {
    pub files: Vec<CompleteEntry>,
}

/// `{"file_id","confirmed":true}`, `{"file_id","pending":true}` or `{"file_id","error":{...}}`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CompleteEntry {
    pub file_id: String,
    #[serde(default, deserialize_with = "null_is_left_out")]
    pub confirmed: bool,
    /// The backend knows of the file and is not done with it: ask again later. Says nothing beside `confirmed: true`.
    #[serde(default, deserialize_with = "null_is_left_out", skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
    /// Seconds to wait before asking again, while pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask_again_in: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// RFC 9457 problem details, of a whole request or of one file. Every member may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Problem {
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
}

/// What a photo or video says of itself. All members are optional; those without a value are left out of the JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Media {
    /// RFC 3339; with the camera's offset where the file tells it, else local time without an offset (`2024-05-01T10:20:30`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub captured_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<String>,
    /// Pixels as stored, before `orientation` is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// EXIF orientation, 1 to 8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orientation: Option<u8>,
    /// Video length in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Only where the person allows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gps: Option<Gps>,
}

/// WGS 84, degrees; south and west are negative. Altitude in metres.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Gps {
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub altitude: Option<f64>,
}
