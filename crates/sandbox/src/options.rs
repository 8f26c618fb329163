//! What a sandbox is started with.

use crate::faults::Fault;
use offload_protocol::wire::Limits;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of a sandbox. `Default` gives free ports, a generated token and an embedded S3 in a directory of its own.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Where objects and the record live; made if it is not there. A later sandbox on it goes on where this one stopped.
    pub dir: PathBuf,
    /// 0: any free port.
    pub backend_port: u16,
    /// 0: any free port.
    pub s3_port: u16,
    /// Path before `/v1`, with a slash in front, without one behind; may be empty.
    pub base_path: String,
    /// `None`: one is made and kept in `dir`.
    pub token: Option<String>,
    /// First word of the Authorization header; any letter case is taken.
    pub auth_scheme: String,
    /// First component of every key, and the account's name in `session`.
    pub account: String,
    pub region: String,
    pub bucket: String,
    /// Seconds from signing until a policy or a URL expires.
    pub policy_expiry: u64,
    /// What the policy allows of the file's length.
    pub length: LengthRule,
    /// Which kind of upload is signed.
    pub sign: SignRule,
    pub limits: Limits,
    /// Answer `SKIP` also when the same bytes of the same path and source were confirmed under another `file_id`.
    pub skip_same_content: bool,
    /// Sign the file's SHA-256 into the form or the URL, so that S3 checks it. Off for servers that do not know the field.
    pub sign_checksum: bool,
    /// `Some`: the backend learns what arrived from S3's event notifications, and `complete` answers `pending` until then. The embedded S3
    /// sends them so long after it stored an object.
    pub events: Option<Duration>,
    /// `Some`: signing in by a browser is offered (RFC 8628), and access tokens live so long.
    pub oauth: Option<Duration>,
    /// Sign for and look into this S3 instead of the embedded one.
    pub external_s3: Option<ExternalS3>,
    /// In force from the start.
    pub faults: Vec<Fault>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            dir: std::env::temp_dir().join("offload-sandbox"),
            backend_port: 0,
            s3_port: 0,
            base_path: "/api".to_owned(),
            token: None,
            auth_scheme: "Bearer".to_owned(),
            account: "studio".to_owned(),
            region: "us-east-1".to_owned(),
            bucket: "photos".to_owned(),
            policy_expiry: 600,
            length: LengthRule::Exact,
            sign: SignRule::Post,
            limits: Limits::default(),
            skip_same_content: true,
            sign_checksum: true,
            events: None,
            oauth: None,
            external_s3: None,
            faults: Vec::new(),
        }
    }
}

/// The policy's `content-length-range`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthRule {
    /// `[size, size]` of the announced file.
    Exact,
    /// `[0, max]`, bytes.
    UpTo(u64),
}

/// What presign answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignRule {
    /// A form with a policy.
    Post,
    /// A URL for a PUT; the policy's rule on the length can't be had there.
    Put,
}

/// An S3 that is not ours.
#[derive(Clone)]
pub struct ExternalS3 {
    /// `https://host[:port]`, without a bucket; addressed path-style.
    pub endpoint: String,
    pub access_key: String,
    pub secret_key: String,
    pub session_token: Option<String>,
    pub bucket: String,
    pub region: String,
}

impl std::fmt::Debug for ExternalS3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExternalS3")
            .field("endpoint", &self.endpoint)
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
