//! Forms signed ahead, and the barest loop that sends them.

use crate::place::Sandbox;
use anyhow::{Context, Result, anyhow, ensure};
use futures::StreamExt;
use offload_engine::backend::{Address, Backend, OffloadBackend};
use offload_engine::transfer::client;
use offload_protocol::wire::{PresignFile, PresignedPost, Upload};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const A_REQUEST: usize = 50;

/// A file to be sent, with what its form is asked with.
#[derive(Debug, Clone)]
pub(crate) struct ToSend {
    pub(crate) path: PathBuf,
    size: u64,
    sha256: String,
}

impl ToSend {
    pub(crate) fn read(path: PathBuf) -> Result<Self> {
        let mut sha256 = Sha256::new();
        let size = std::io::copy(&mut std::fs::File::open(&path)?, &mut sha256)?;
        Ok(Self { path, size, sha256: hex::encode(sha256.finalize()) })
    }

    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Asks the backend for a form a file, in the files' order.
pub(crate) async fn presign(sandbox: &Sandbox, files: &[ToSend]) -> Result<Vec<PresignedPost>> {
    let address = Address::parse(&sandbox.backend).map_err(|cause| anyhow!("{cause}"))?;
    let token = sandbox.token.clone();
    let client = client::for_backend().map_err(|cause| anyhow!("{cause}"))?;
    let backend = OffloadBackend::new(client, address, Arc::new(move || Some(token.clone())));
    let mut forms = Vec::with_capacity(files.len());
    for some in files.chunks(A_REQUEST) {
        let wishes: Vec<PresignFile> = some.iter().map(wish).collect();
        let mut said: std::collections::HashMap<_, _> =
            backend.presign(&wishes).await.map_err(|cause| anyhow!("{cause}"))?.into_iter().collect();
        for wish in wishes {
            match said.remove(&wish.file_id).context("a file was not answered for")? {
                Ok(Upload::Post(form)) => forms.push(form),
                other => return Err(anyhow!("no form for {}: {other:?}", wish.filename)),
            }
        }
    }
    Ok(forms)
}

fn wish(file: &ToSend) -> PresignFile {
    PresignFile {
        file_id: uuid::Uuid::now_v7().to_string(),
        filename: file.name(),
        path: format!("floor/{}", file.name()),
        size: file.size,
        content_type: "image/jpeg".into(),
        sha256: file.sha256.clone(),
        modified_at: "2024-05-01T10:00:00Z".into(),
        source: "floor".into(),
        supersedes: None,
    }
}

/// Sends each file with its form, so many at once: read, post, look at the status, nothing else.
pub(crate) async fn send_all(
    client: &reqwest::Client,
    files: &[ToSend],
    forms: Vec<PresignedPost>,
    at_once: usize,
) -> Result<()> {
    let mut sending = futures::stream::iter(files.iter().cloned().zip(forms))
        .map(|(file, form)| tokio::spawn(send(client.clone(), file, form)))
        .buffer_unordered(at_once);
    while let Some(sent) = sending.next().await {
        sent??;
    }
    Ok(())
}

async fn send(client: reqwest::Client, file: ToSend, form: PresignedPost) -> Result<()> {
    let path = file.path.clone();
    let bytes = tokio::task::spawn_blocking(move || std::fs::read(path)).await??;
    let mut parts = reqwest::multipart::Form::new();
    for (name, value) in form.fields.0 {
        parts = parts.text(name, value);
    }
    let part = reqwest::multipart::Part::bytes(bytes).file_name(file.name()).mime_str("image/jpeg")?;
    let answer = client.post(form.url).multipart(parts.part("file", part)).send().await?;
    let status = answer.status();
    let body = answer.bytes().await?;
    ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    Ok(())
}

/// A client with reqwest's own settings.
pub(crate) fn bare_client() -> Result<reqwest::Client> {
    // Fails only where one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::new())
}

/// Sends one file with curl, fields in order and the file last.
pub(crate) fn curl(file: &Path, form: &PresignedPost) -> Result<()> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    // By standard input, not by arguments, which anyone on the machine could read.
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut config = String::new();
    for (name, value) in &form.fields.0 {
        config += &format!("form-string = \"{}={}\"\n", quoted(name), quoted(value));
    }
    config += &format!("form = \"file=@{};type=image/jpeg\"\n", quoted(&file.to_string_lossy()));
    config += &format!("url = \"{}\"\n", quoted(&form.url));
    let mut child = Command::new("curl")
        .args(["--silent", "--show-error", "--output", "-", "--write-out", "%{http_code}", "--config", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("curl is the floor of this benchmark and could not be started")?;
    child.stdin.take().context("no input")?.write_all(config.as_bytes())?;
    let out = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&out.stdout);
    ensure!(out.status.success() && (said.ends_with("204") || said.ends_with("201")), "curl: {said}");
    Ok(())
}
