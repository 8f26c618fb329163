//! The program: its ready line, its flags, and what survives its end.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "outside of #[test] functions clippy does not see that this is a test"
)]

mod common;

use common::{client, form_body, photo};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const BYTES: &[u8] = b"photo";

async fn start(dir: &Path, more: &[&str]) -> (Child, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_offload-sandbox"));
    command.arg("--dir").arg(dir).args(more).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().expect("a process");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).await.expect("a line");
    (child, serde_json::from_str(&line).expect("JSON"))
}

fn text<'a>(ready: &'a Value, member: &str) -> &'a str {
    ready[member].as_str().expect("text")
}

async fn call(ready: &Value, path: &str, body: Value) -> reqwest::Response {
    let request = client().post(format!("{}{path}", text(ready, "backend"))).bearer_auth(text(ready, "token"));
    request.json(&body).send().await.expect("an answer")
}

#[tokio::test]
async fn a_kill_loses_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let (mut child, ready) = start(dir.path(), &["--fault", "presign=busy:times=1"]).await;
    let presign = json!({ "files": [photo(1, "a.jpg", BYTES)] });
    assert_eq!(call(&ready, "/v1/presign", presign.clone()).await.status(), 429);
    let answer: Value = call(&ready, "/v1/presign", presign.clone()).await.json().await.expect("JSON");
    let upload = &answer["files"][0]["upload"];
    let fields: Vec<(String, String)> = ordered_fields(upload);
    let post = client().post(text(upload, "url")).body(form_body(&fields, BYTES));
    let sent = post.header("content-type", format!("multipart/form-data; boundary={}", common::BOUNDARY)).send().await;
    assert_eq!(sent.expect("an answer").status(), 201);
    let complete = json!({ "files": [common::arrived(&photo(1, "a.jpg", BYTES), text(upload, "key"))] });
    let confirmed: Value = call(&ready, "/v1/complete", complete).await.json().await.expect("JSON");
    assert_eq!(confirmed["files"][0]["confirmed"], true);
    child.kill().await.expect("killed");

    let port = |member| text(&ready, member).trim_end_matches("/api").rsplit(':').next().expect("a port").to_owned();
    let (_child, again) = start(dir.path(), &["--port", &port("backend"), "--s3-port", &port("s3")]).await;
    assert_eq!(again, ready);
    let answer: Value = call(&again, "/v1/presign", presign).await.json().await.expect("JSON");
    assert_eq!(answer["files"][0]["upload"], json!({ "method": "SKIP", "key": upload["key"] }));
}

/// The form's fields; a `Value` sorts them, which S3 does not mind.
fn ordered_fields(upload: &Value) -> Vec<(String, String)> {
    let fields = upload["fields"].as_object().expect("fields");
    fields.iter().map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned())).collect()
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_ends_it_well() {
    let dir = tempfile::tempdir().expect("a directory");
    let (mut child, ready) = start(dir.path(), &["--token", "t", "--base-path", "/x/y"]).await;
    assert_eq!(text(&ready, "token"), "t");
    assert!(text(&ready, "backend").ends_with("/x/y"));
    let id = child.id().expect("running").to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().await.expect("kill").success());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), child.wait()).await.expect("in time");
    assert!(ended.expect("a status").success());
}

#[tokio::test]
async fn wrong_words_are_a_usage_error() {
    let output = Command::new(env!("CARGO_BIN_EXE_offload-sandbox"))
        .args(["--dir", "x", "--fault", "s3=nonsense"])
        .output()
        .await;
    let output = output.expect("a process");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such fault: nonsense"));
}
