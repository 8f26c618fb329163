//! `offload-sandbox`: the reference backend and its S3 as a program.

use anyhow::Context;
use clap::{Parser, ValueEnum};
use offload_sandbox::{ExternalS3, Fault, LengthRule, Sandbox, SandboxOptions, SignRule};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// A reference backend for Offload with an S3 of its own, on loopback ports.
#[derive(Debug, Parser)]
#[command(name = "offload-sandbox")]
struct Args {
    /// Where objects and the record live; made if it is not there.
    #[arg(long)]
    dir: PathBuf,
    /// Port of the backend; 0 is any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of the embedded S3; 0 is any.
    #[arg(long, default_value_t = 0)]
    s3_port: u16,
    /// Path before /v1.
    #[arg(long, default_value = "/api")]
    base_path: String,
    /// Token a client must show; made and kept in the directory if it is not given.
    #[arg(long, env = "OFFLOAD_SANDBOX_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// First word of the Authorization header.
    #[arg(long, default_value = "Bearer")]
    auth_scheme: String,
    #[arg(long, default_value = "studio")]
    account: String,
    #[arg(long, default_value = "us-east-1")]
    region: String,
    #[arg(long, default_value = "photos")]
    bucket: String,
    /// What presign answers with: a form for a POST, or a URL for a PUT.
    #[arg(long, value_enum, default_value_t = Sign::Post)]
    sign: Sign,
    /// Seconds until a policy or a URL expires.
    #[arg(long, default_value_t = 600)]
    policy_expiry: u64,
    /// Let policies allow files from 0 to this many bytes instead of exactly the announced length.
    #[arg(long, value_name = "BYTES")]
    length_up_to: Option<u64>,
    #[arg(long, default_value_t = 50)]
    files_per_request: u32,
    /// Largest file in bytes the backend signs for.
    #[arg(long)]
    max_file_size: Option<u64>,
    /// Do not answer SKIP for the same bytes under another file_id.
    #[arg(long)]
    no_skip: bool,
    /// Do not sign the SHA-256 into forms and URLs.
    #[arg(long)]
    no_checksum: bool,
    /// Learn what arrived from S3's event notifications instead of looking each object up; the embedded S3 sends them after so many
    /// seconds, another may push them to POST /_sandbox/events. Complete answers pending until then.
    #[arg(long, value_name = "SECONDS")]
    events_after: Option<f64>,
    /// Offer to sign in by a browser (OAuth 2.0 device authorization), with access tokens that live so many seconds.
    #[arg(long, value_name = "SECONDS")]
    oauth: Option<u64>,
    /// Fault in force from the start, as "s3=slowdown:for=60s"; may be given again.
    ///
    /// WHERE is session, presign, complete, backend or s3. WHAT is an error answer (internal, slowdown, unavailable, timeout, expired,
    /// expired-token, skewed, too-large, too-small, unknown-key, bad-signature, sigv2, bad-digest, denied, condition, extra-field,
    /// bad-policy, no-bucket, signed-out, forbidden, busy, error, or a status), or html, slow, stall, drop-before, drop-mid,
    /// drop-after, 307, 301, truncated, huge, clock, multipart, unconfirmed, file-error, omit, wrong-etag, no-etag, forget.
    /// Options: times, p, seed, for, skip, path; status, code, message, retry-after, body, rate, after, bytes, skew, title.
    #[arg(long = "fault", value_name = "WHERE=WHAT[:OPTION=VALUE]")]
    faults: Vec<Fault>,
    /// Sign for this S3 (https://host[:port]) instead of the embedded one; its bucket and region are --bucket and --region.
    #[arg(long, value_name = "URL", requires = "external_access_key")]
    external_s3: Option<String>,
    #[arg(long, env = "OFFLOAD_SANDBOX_S3_ACCESS_KEY", requires = "external_secret_key")]
    external_access_key: Option<String>,
    #[arg(long, env = "OFFLOAD_SANDBOX_S3_SECRET_KEY", hide_env_values = true)]
    external_secret_key: Option<String>,
    #[arg(long, env = "OFFLOAD_SANDBOX_S3_SESSION_TOKEN", hide_env_values = true)]
    external_session_token: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sign {
    Post,
    Put,
}

impl Args {
    fn options(self) -> SandboxOptions {
        let mut options = SandboxOptions {
            dir: self.dir,
            backend_port: self.port,
            s3_port: self.s3_port,
            base_path: self.base_path,
            token: self.token,
            auth_scheme: self.auth_scheme,
            account: self.account,
            region: self.region,
            bucket: self.bucket,
            policy_expiry: self.policy_expiry,
            length: self.length_up_to.map_or(LengthRule::Exact, LengthRule::UpTo),
            sign: match self.sign {
                Sign::Post => SignRule::Post,
                Sign::Put => SignRule::Put,
            },
            skip_same_content: !self.no_skip,
            sign_checksum: !self.no_checksum,
            events: self.events_after.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
            oauth: self.oauth.map(Duration::from_secs),
            faults: self.faults,
            ..SandboxOptions::default()
        };
        options.limits.files_per_request = self.files_per_request;
        options.limits.max_file_size = self.max_file_size;
        options.external_s3 = self.external_s3.map(|endpoint| ExternalS3 {
            endpoint,
            access_key: self.external_access_key.unwrap_or_default(),
            secret_key: self.external_secret_key.unwrap_or_default(),
            session_token: self.external_session_token,
            bucket: options.bucket.clone(),
            region: options.region.clone(),
        });
        options
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_from_env("OFFLOAD_SANDBOX_LOG").unwrap_or_else(|_| EnvFilter::new("offload_sandbox=info,warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    // Before the ready line, since whoever reads that may end us at once.
    let stopped = stop_signal()?;
    let sandbox = Sandbox::start(Args::parse().options()).await.context("the sandbox could not start")?;
    let ready =
        serde_json::json!({ "backend": sandbox.backend_url(), "s3": sandbox.s3_url(), "token": sandbox.token() });
    let mut out = std::io::stdout();
    writeln!(out, "{ready}").and_then(|()| out.flush()).context("stdout is closed")?;
    stopped.await;
    sandbox.stop().await;
    Ok(())
}

/// Listens for Ctrl-C and, on Unix, SIGTERM from now on; the future it gives ends with the first of them.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut signals = {
        use tokio::signal::unix::{SignalKind, signal};
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    #[cfg(windows)]
    let mut signals = (tokio::signal::windows::ctrl_c()?, tokio::signal::windows::ctrl_close()?);
    Ok(async move {
        tokio::select! {
            _ = signals.0.recv() => {}
            _ = signals.1.recv() => {}
        }
    })
}
