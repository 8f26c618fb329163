//! What the sandbox's tests share: a client that sends forms byte by byte as it likes.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use offload_protocol::wire::{
    CompleteFile, CompleteResponse, Media, PresignFile, PresignResponse, PresignedPost, Upload,
};
use offload_sandbox::{Sandbox, SandboxOptions};
use reqwest::{Client, Response};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const BOUNDARY: &str = "x7MA4YWxkTrZu0gW";

pub fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    let builder = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.timeout(Duration::from_secs(20)).build().expect("a client")
}

pub struct Rig {
    pub sandbox: Sandbox,
    pub http: Client,
    pub dir: TempDir,
}

pub async fn rig() -> Rig {
    rig_with(SandboxOptions::default()).await
}

pub async fn rig_with(options: SandboxOptions) -> Rig {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SandboxOptions { dir: dir.path().to_owned(), ..options };
    Rig { sandbox: Sandbox::start(options).await.expect("a sandbox"), http: client(), dir }
}

pub fn file_id(n: u64) -> String {
    format!("01900000-0000-7000-8000-{n:012x}")
}

pub fn photo(n: u64, path: &str, bytes: &[u8]) -> PresignFile {
    PresignFile {
        file_id: file_id(n),
        filename: path.rsplit('/').next().unwrap_or_default().to_owned(),
        path: path.to_owned(),
        size: bytes.len() as u64,
        content_type: "image/jpeg".to_owned(),
        sha256: hex::encode(Sha256::digest(bytes)),
        modified_at: "2024-05-01T10:20:30Z".to_owned(),
        source: "Wedding".to_owned(),
        supersedes: None,
    }
}

/// A whole form body; `fields` come in their order, the file last.
pub fn form_body(fields: &[(String, String)], bytes: &[u8]) -> Vec<u8> {
    let mut body = fields_body(fields);
    body.extend_from_slice(file_header().as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

pub fn file_header() -> String {
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"사진.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    )
}

pub fn fields_body(fields: &[(String, String)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    body
}

impl Rig {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.backend_url())
    }

    pub async fn call(&self, path: &str, body: serde_json::Value) -> Response {
        let request = self.http.post(self.url(path)).bearer_auth(self.sandbox.token()).json(&body);
        request.send().await.expect("an answer")
    }

    pub async fn presign(&self, files: &[PresignFile]) -> PresignResponse {
        let response = self.call("/v1/presign", json!({ "files": files })).await;
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }

    pub async fn upload_of(&self, file: &PresignFile) -> Upload {
        let answer = self.presign(std::slice::from_ref(file)).await;
        answer.files[0].upload.clone().unwrap_or_else(|| panic!("{:?}", answer.files[0].error))
    }

    pub async fn form(&self, file: &PresignFile) -> PresignedPost {
        match self.upload_of(file).await {
            Upload::Post(post) => post,
            other => panic!("not a form: {other:?}"),
        }
    }

    pub async fn post(&self, post: &PresignedPost, bytes: &[u8]) -> Response {
        self.try_post(post, bytes).await.expect("an answer")
    }

    pub async fn try_post(&self, post: &PresignedPost, bytes: &[u8]) -> reqwest::Result<Response> {
        self.send(&post.url, form_body(&post.fields.0, bytes)).await
    }

    pub async fn send(&self, url: &str, body: Vec<u8>) -> reqwest::Result<Response> {
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.http.post(url).header("content-type", content_type).body(body).send().await
    }

    pub async fn complete(&self, files: &[CompleteFile]) -> CompleteResponse {
        let response = self.call("/v1/complete", json!({ "files": files })).await;
        assert_eq!(response.status(), 200);
        response.json().await.expect("JSON")
    }

    /// Presign, send, complete.
    pub async fn deliver(&self, file: &PresignFile, bytes: &[u8]) -> String {
        let post = self.form(file).await;
        assert_eq!(self.post(&post, bytes).await.status(), 201);
        let answer = self.complete(&[arrived(file, &post.key)]).await;
        assert!(answer.files[0].confirmed, "{:?}", answer.files[0].error);
        post.key
    }
}

pub fn arrived(file: &PresignFile, key: &str) -> CompleteFile {
    CompleteFile {
        file_id: file.file_id.clone(),
        key: key.to_owned(),
        size: file.size,
        etag: None,
        sha256: file.sha256.clone(),
        media: Media { make: Some("Nikon".into()), ..Media::default() },
    }
}

/// Status, S3 code, message out of an answer.
pub async fn verdict(response: Response) -> (u16, String, String) {
    let status = response.status().as_u16();
    let text = response.text().await.expect("a body");
    let between = |name: &str| {
        let start = text.split_once(&format!("<{name}>"));
        start
            .and_then(|(_, rest)| rest.split_once(&format!("</{name}>")))
            .map(|(inner, _)| inner.to_owned())
            .unwrap_or_default()
    };
    (status, between("Code"), between("Message"))
}

/// Sends raw bytes and gives whatever comes back until the connection ends, and how it ended.
pub async fn raw(url: &str, request: &[u8]) -> (Vec<u8>, std::io::Result<()>) {
    let address = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let sent = stream.write_all(request).await;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer).await.map(drop);
    (answer, sent.and(read))
}

/// The head of a POST of a form.
pub fn raw_head(url: &str, length: usize) -> String {
    let (address, path) = url.trim_start_matches("http://").split_once('/').expect("a path");
    format!(
        "POST /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n"
    )
}
