use super::*;
use crate::transfer::client;
use crate::transfer::scripted::{Connection, Scripted, answer};
use std::sync::{Arc, Mutex};

fn file(path: &str) -> PresignFile {
    PresignFile {
        file_id: "01900000-0000-7000-8000-000000000001".into(),
        filename: path.rsplit('/').next().unwrap().into(),
        path: path.into(),
        size: 3,
        content_type: "image/jpeg".into(),
        sha256: "ab".repeat(32),
        modified_at: "2024-05-01T10:20:30Z".into(),
        source: "Wedding".into(),
        supersedes: None,
    }
}

/// Answers every question with `text`, and keeps what was asked.
async fn answering(text: &str, token: Option<&str>) -> (Scripted, CompanionBackend, Arc<Mutex<String>>) {
    let kept = Arc::new(Mutex::new(String::new()));
    let server = Scripted::start({
        let (kept, text) = (Arc::clone(&kept), text.to_owned());
        move |mut connection: Connection, _| {
            let (kept, text) = (Arc::clone(&kept), text.clone());
            async move {
                connection.request().await;
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&connection.read));
                connection.send(text.as_bytes()).await;
                connection.close().await;
            }
        }
    })
    .await;
    let address = Address::parse(&format!("http://{}/companion", server.address)).unwrap();
    let token = token.map(str::to_owned);
    let source: TokenSource = Arc::new(move || token.clone());
    let backend =
        CompanionBackend::new(client::for_backend().unwrap(), address, source, "Bearer", &format!("/{PARAMS_PATH}/"));
    (server, backend, kept)
}

const FORM: &str = r#"{"method":"POST","url":"https://b.s3.example/","fields":{"success_action_status":"201","acl":"private",
    "key":"4f1c-a.jpg","Policy":"MARKER","X-Amz-Signature":"MARKER"},"expires":800}"#;

#[tokio::test]
async fn the_question_is_companions_and_carries_what_a_get_key_may_go_by() {
    let (_server, backend, kept) = answering(&answer("200 OK", "", FORM), None).await;
    let said = backend.presign(&[file("Weddings/봄 1.jpg")]).await.unwrap();
    let Ok(Upload::Post(form)) = &said[0].1 else { panic!("{said:?}") };
    assert_eq!((form.key.as_str(), form.expires_in, form.fields.0.len()), ("4f1c-a.jpg", 800, 5));
    let asked = kept.lock().unwrap().clone();
    assert!(asked.starts_with("GET /companion/s3/params?filename=%EB%B4%84+1.jpg&type=image%2Fjpeg&"), "{asked}");
    for part in [
        "metadata%5Boffload-file-id%5D=01900000-0000-7000-8000-000000000001",
        "metadata%5Boffload-sha256%5D=abab",
        // The value itself is ASCII: `Weddings%2F%EB%B4%84+1.jpg`.
        "metadata%5Boffload-path%5D=Weddings%252F%25EB%25B4%2584%2B1.jpg",
    ] {
        assert!(asked.contains(part), "{part} is not in {asked}");
    }
    assert!(!asked.to_lowercase().contains("authorization"), "no token, no header");

    let (_server, backend, kept) = answering(&answer("200 OK", "", FORM), Some("MARKER-TOKEN")).await;
    backend.presign(&[file(&"x/".repeat(2000))]).await.unwrap();
    let asked = kept.lock().unwrap().to_lowercase();
    assert!(asked.contains("authorization: bearer marker-token"), "{asked}");
    assert!(!asked.contains("offload-path"), "what does not fit into the metadata is left out");
}

#[test]
fn answers_of_several_kinds_are_ways_to_send() {
    let now: jiff::Timestamp = "2024-05-01T10:00:00Z".parse().unwrap();
    let policy = STANDARD.encode(r#"{"expiration":"2024-05-01T10:05:30.000Z","conditions":[]}"#);
    let read = |text: &str| upload(serde_json::from_str(text).unwrap(), now);
    let post = |text: &str| match read(text) {
        Ok(Upload::Post(form)) => (form.key, form.expires_in),
        other => panic!("{other:?}"),
    };
    let put = |text: &str| match read(text) {
        Ok(Upload::Put(put)) => (put.key, put.expires_in, put.headers.0.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!(post(FORM), ("4f1c-a.jpg".into(), 800));
    // As Shrine writes it.
    let shrine = format!(
        r#"{{"method":"post","url":"https://b.s3.example","fields":{{"key":"cache/1.jpg","policy":"{policy}"}},"headers":{{}}}}"#
    );
    assert_eq!(post(&shrine), ("cache/1.jpg".into(), 330));
    assert_eq!(post(r#"{"url":"https://b","fields":{"key":"k","policy":"no base64"}}"#), ("k".into(), SHORT));
    assert_eq!(
        put(
            r#"{"method":"put","url":"https://b.s3.example/cache/%EB%B4%84.jpg?X-Amz-Expires=900","headers":{"Content-Type":"image/jpeg"},"fields":{}}"#
        ),
        ("cache/봄.jpg".into(), 900, 1)
    );
    assert_eq!(put(r#"{"url":"https://b.s3.example/k?x=1","fields":null}"#), ("k".into(), SHORT, 0));
    for (text, code) in [
        (r#"{"method":"POST","url":"https://b","fields":{}}"#, Code::BackendAnswer),
        (r#"{"method":"PUT","url":"no address"}"#, Code::BackendAnswer),
        (r#"{"method":"PATCH","url":"https://b/k"}"#, Code::UploadMethod),
    ] {
        assert_eq!(read(text).unwrap_err().code, code, "{text}");
    }
}

#[tokio::test]
async fn refusals_are_the_files_or_the_servers() {
    for (text, code, of_file) in [
        (
            answer("400 Bad Request", "", r#"{"error":"This Companion server does not support uploading to S3"}"#),
            Code::BackendAnswer,
            false,
        ),
        (answer("404 Not Found", "", "Not Found"), Code::NoEndpoint, false),
        (answer("500 Oops", "", r#"{"error":{"message":"x"}}"#), Code::BackendError, false),
        (answer("401 Unauthorized", "", ""), Code::SignedOut, false),
        (answer("429 Slow", "Retry-After: 3\r\n", ""), Code::BackendBusy, false),
        (answer("200 OK", "", "<!doctype html><html>"), Code::BackendPage, false),
        (answer("200 OK", "", "{}"), Code::BackendAnswer, false),
        (answer("422 No", "", r#"{"error":"jpegs only"}"#), Code::BackendRefused, true),
    ] {
        let (_server, backend, _) = answering(&text, None).await;
        let cause = match (backend.presign(&[file("a.jpg")]).await, of_file) {
            (Err(cause), false) => cause,
            (Ok(mut said), true) => said.remove(0).1.unwrap_err(),
            (other, _) => panic!("{text}: {other:?}"),
        };
        assert_eq!(cause.code, code, "{text}");
    }
    let (_server, backend, _) =
        answering(&answer("400 No", "", r#"{"error":"does not support uploading to S3"}"#), None).await;
    let cause = backend.session().await.unwrap_err();
    assert!(
        cause.message.contains("does not support uploading to S3") && cause.message.contains("/companion/s3/params"),
        "{}",
        cause.message
    );
}
