use super::*;
use crate::cause::Code;
use crate::transfer::client;
use crate::transfer::scripted::{Connection, Scripted, answer, content_length};
use offload_protocol::wire::Media;
use std::sync::Arc;
use std::sync::Mutex;

fn backend_at(server: &Scripted) -> OffloadBackend {
    let address = Address::parse(&format!("http://{}/offload", server.address)).unwrap();
    OffloadBackend::new(client::for_backend().unwrap(), address, Arc::new(|| Some("MARKER-TOKEN".to_owned())))
}

fn presign_file(file_id: &str) -> PresignFile {
    PresignFile {
        file_id: file_id.into(),
        filename: "a.jpg".into(),
        path: "a.jpg".into(),
        size: 3,
        content_type: "image/jpeg".into(),
        sha256: "00".repeat(32),
        modified_at: "2024-05-01T10:20:30Z".into(),
        source: "Photos".into(),
        supersedes: None,
    }
}

fn complete_file(file_id: &str) -> CompleteFile {
    CompleteFile {
        file_id: file_id.into(),
        key: "k".into(),
        size: 3,
        etag: None,
        sha256: "00".repeat(32),
        media: Media::default(),
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, Cause>) -> Code {
    let cause = result.unwrap_err();
    assert!(!format!("{cause:?} {cause}").contains("MARKER"), "{cause:?}");
    cause.code
}

/// Keeps each request and answers all with `text`.
async fn recording(text: String) -> (Scripted, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let server = Scripted::start({
        let kept = Arc::clone(&kept);
        move |mut connection: Connection, _| {
            let (kept, text) = (Arc::clone(&kept), text.clone());
            async move {
                connection.request().await;
                *kept.lock().unwrap() = connection.read.clone();
                connection.send(text.as_bytes()).await;
                connection.close().await;
            }
        }
    })
    .await;
    (server, kept)
}

#[tokio::test]
async fn requests_are_protocol_v1() {
    let (server, kept) =
        recording(answer("200 OK", "", r#"{"account":"kim","limits":{"files_per_request":7},"new":1}"#)).await;
    let session = backend_at(&server).session().await.unwrap();
    assert_eq!((session.account.as_str(), session.limits.files_per_request), ("kim", 7));
    let request = String::from_utf8(kept.lock().unwrap().clone()).unwrap();
    assert!(request.starts_with("GET /offload/v1/session HTTP/1.1\r\n"), "{request}");
    assert!(request.to_ascii_lowercase().contains("\r\nauthorization: bearer marker-token\r\n"));

    let (server, kept) =
        recording(answer("200 OK", "", r#"{"files":[{"file_id":"b","upload":{"method":"SKIP","key":"k"}}]}"#)).await;
    let files = [presign_file("a"), presign_file("b")];
    let said = backend_at(&server).authorization_scheme("Token").presign(&files).await.unwrap();
    assert_eq!(said[0].1.as_ref().unwrap_err().code, Code::BackendSilent);
    assert_eq!(said[1].1, Ok(Upload::Skip { key: "k".into() }));
    let kept = kept.lock().unwrap().clone();
    let at = kept.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = kept.split_at(at);
    let head_text = String::from_utf8(head.to_vec()).unwrap();
    assert!(head_text.starts_with("POST /offload/v1/presign HTTP/1.1\r\n"), "{head_text}");
    assert!(head_text.to_ascii_lowercase().contains("\r\nauthorization: token marker-token\r\n"), "{head_text}");
    assert!(head_text.to_ascii_lowercase().contains("\r\ncontent-type: application/json\r\n"));
    assert_eq!(content_length(head), body.len());
    assert_eq!(serde_json::from_slice::<PresignRequest>(body).unwrap().files, files);

    let (server, kept) = recording(answer("200 OK", "", r#"{"files":[{"file_id":"a","confirmed":true}]}"#)).await;
    let said = backend_at(&server).complete(&[complete_file("a")]).await.unwrap();
    assert_eq!(said, [("a".to_owned(), Ok(Confirmation::Confirmed))]);
    assert!(kept.lock().unwrap().starts_with(b"POST /offload/v1/complete HTTP/1.1\r\n"));
}

#[tokio::test]
async fn whole_answers_become_causes() {
    let problem = r#"{"title":"Busy","detail":"try later"}"#;
    let huge = format!("{{\"account\":\"{}\"}}", "x".repeat(5 << 20));
    let cases = [
        (answer("401 Unauthorized", "", ""), Code::SignedOut),
        (answer("403 Forbidden", "Content-Type: application/problem+json\r\n", problem), Code::SignedOut),
        (answer("404 Not Found", "", "<html>"), Code::NoEndpoint),
        (answer("302 Found", "Location: /login?next=MARKER\r\n", ""), Code::BackendAnswer),
        (answer("500 Oops", "", "<html>"), Code::BackendError),
        (answer("503 Busy", "Retry-After: 9\r\n", problem), Code::BackendBusy),
        (answer("200 OK", "", "<html>Hotel</html>"), Code::BackendPage),
        (answer("200 OK", "", "{\"account\":"), Code::BackendAnswer),
        (answer("200 OK", "", "{}"), Code::BackendAnswer),
        (answer("200 OK", "", ""), Code::BackendAnswer),
        (answer("200 OK", "", &huge), Code::BackendAnswer),
        ("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"account\":\"kim\"}".to_owned(), Code::Dropped),
        ("HTTP/1.1 502 Bad\r\nContent-Length: 900\r\n\r\nhalf".to_owned(), Code::BackendError),
        ("nonsense".to_owned(), Code::Dropped),
        (String::new(), Code::Dropped),
    ];
    for (text, wanted) in cases {
        let server = Scripted::answering(text.clone()).await;
        assert_eq!(code(backend_at(&server).session().await), wanted, "{text:.60}");
        assert_eq!(code(backend_at(&server).presign(&[presign_file("a")]).await), wanted, "{text:.60}");
        assert_eq!(code(backend_at(&server).complete(&[complete_file("a")]).await), wanted, "{text:.60}");
    }
    let server = Scripted::answering(answer("429 Slow", "Retry-After: 9\r\n", problem)).await;
    let cause = backend_at(&server).session().await.unwrap_err();
    assert_eq!(cause.retry_after_ms, Some(9_000));
    assert!(cause.message.contains("try later"));
}

#[tokio::test]
async fn network_faults_become_causes() {
    let reset = Scripted::start(|connection: Connection, _| async move { connection.reset() }).await;
    assert_eq!(code(backend_at(&reset).session().await), Code::Dropped);

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = Address::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let token: TokenSource = Arc::new(|| Some("MARKER".to_owned()));
    let backend = OffloadBackend::new(client::for_backend().unwrap(), gone, token.clone());
    assert_eq!(code(backend.session().await), Code::Unreachable);

    let silent =
        Scripted::start(|mut connection: Connection, _| async move { while connection.more().await > 0 {} }).await;
    let hasty = reqwest::Client::builder().timeout(std::time::Duration::from_millis(200)).build().unwrap();
    let address = Address::parse(&format!("http://{}/", silent.address)).unwrap();
    assert_eq!(code(OffloadBackend::new(hasty, address, token).session().await), Code::Stalled);
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let (server, kept) = recording(answer("200 OK", "", "{\"account\":\"kim\"}")).await;
    let address = Address::parse(&format!("http://{}", server.address)).unwrap();
    for token in [None, Some(String::new()), Some("MARKER\r\nX-Evil: 1".to_owned())] {
        let backend =
            OffloadBackend::new(client::for_backend().unwrap(), address.clone(), Arc::new(move || token.clone()));
        assert_eq!(code(backend.session().await), Code::SignedOut);
        assert!(!format!("{backend:?}").contains("MARKER"));
    }
    assert!(kept.lock().unwrap().is_empty());
}

#[test]
fn only_safe_addresses_are_taken() {
    for (typed, kept) in [
        ("https://photos.example", "https://photos.example"),
        (" https://photos.example/a/b/ ", "https://photos.example/a/b"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:8000/x"),
        ("http://[::1]:1/", "http://[::1]:1"),
    ] {
        assert_eq!(Address::parse(typed).unwrap().as_str(), kept);
    }
    assert_eq!(
        Address::parse("https://x/a/b").unwrap().endpoint("v1/session").unwrap().as_str(),
        "https://x/a/b/v1/session"
    );
    for wrong in [
        "",
        "photos.example",
        "http://photos.example",
        "ftp://x",
        "https://u:MARKER@x",
        "https://x/?token=MARKER",
        "https://x/#MARKER",
    ] {
        assert_eq!(code(Address::parse(wrong)), Code::BadAddress, "{wrong}");
    }
}
