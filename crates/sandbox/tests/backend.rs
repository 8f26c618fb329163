//! Protocol v1 as the reference backend speaks it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "outside of #[test] functions clippy does not see that this is a test"
)]

mod common;

use common::{Rig, arrived, client, file_id, photo, rig, rig_with};
use offload_protocol::wire::{Limits, Problem, Session, Upload};
use offload_sandbox::{ExternalS3, Sandbox, SandboxOptions};
use serde_json::{Value, json};

const BYTES: &[u8] = b"photo";

#[tokio::test]
async fn the_token_is_asked_for() {
    let rig =
        rig_with(SandboxOptions { auth_scheme: "Token".into(), token: Some("s3cret".into()), ..Default::default() })
            .await;
    for authorization in [None, Some("Token wrong"), Some("Bearer s3cret"), Some("s3cret"), Some("Token")] {
        for (method, path) in [("GET", "/v1/session"), ("POST", "/v1/presign"), ("POST", "/v1/complete")] {
            let mut request = rig.http.request(method.parse().expect("a method"), rig.url(path)).body("{\"files\":[]}");
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 401, "{authorization:?} {path}");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            assert_eq!(response.headers()["www-authenticate"], "Token");
            let problem: Problem = response.json().await.expect("a problem");
            assert_eq!(problem.status, Some(401));
        }
    }
    let session =
        rig.http.get(rig.url("/v1/session")).header("authorization", "token s3cret").send().await.expect("an answer");
    let session: Session = session.json().await.expect("a session");
    assert_eq!((session.account.as_str(), session.protocol), ("studio", Some(1)));
    assert!(session.server_time.is_some());
}

#[tokio::test]
async fn whole_requests_are_refused_with_problems() {
    let limits = Limits { files_per_request: 2, ..Limits::default() };
    let rig = rig_with(SandboxOptions { limits, ..Default::default() }).await;
    let three = json!({ "files": [photo(1, "a", b""), photo(2, "b", b""), photo(3, "c", b"")] }).to_string();
    let table = [
        ("POST", "/v1/presign", "no json", 400),
        ("POST", "/v1/presign", "[]", 400),
        ("POST", "/v1/presign", "{\"files\":[{\"path\":\"x\"}]}", 400),
        ("POST", "/v1/presign", three.as_str(), 413),
        ("POST", "/v1/complete", "{", 400),
        ("GET", "/v1/presign", "", 405),
        ("GET", "/v1/nothing", "", 404),
    ];
    for (method, path, body, status) in table {
        let request =
            rig.http.request(method.parse().expect("a method"), rig.url(path)).bearer_auth(rig.sandbox.token());
        let response = request.body(body.to_owned()).send().await.expect("an answer");
        assert_eq!(response.status(), status, "{method} {path} {body}");
        let problem: Problem = response.json().await.expect("a problem");
        assert_eq!(problem.status, Some(status), "{method} {path} {body}");
    }
}

#[tokio::test]
async fn one_bad_file_does_not_fail_the_batch() {
    let limits = Limits { max_file_size: Some(100), ..Limits::default() };
    let rig = rig_with(SandboxOptions { limits, ..Default::default() }).await;
    let change = |n: u64, member: &str, value: Value| {
        let mut file = serde_json::to_value(photo(n, "a.jpg", BYTES)).expect("JSON");
        file[member] = value;
        file
    };
    let mut bad_id = change(7, "size", json!(1));
    bad_id["file_id"] = json!("IMG_1");
    let mut short = change(8, "size", json!(1));
    short.as_object_mut().expect("an object").remove("sha256");
    let files = json!([
        photo(1, "ok.jpg", BYTES),
        change(2, "size", json!(101)),
        change(3, "sha256", json!("ABC")),
        change(4, "size", json!(-1)),
        change(5, "content_type", json!("image/jpeg\r\nX: y")),
        change(6, "path", json!("")),
        bad_id,
        short,
    ]);
    let response = rig.call("/v1/presign", json!({ "files": files, "unknown": true })).await;
    assert_eq!(response.status(), 200);
    let answer: Value = response.json().await.expect("JSON");
    let statuses: Vec<_> =
        answer["files"].as_array().expect("files").iter().map(|entry| entry["error"]["status"].as_u64()).collect();
    assert_eq!(statuses, [None, Some(413), Some(422), Some(422), Some(422), Some(422), Some(422), Some(422)]);
    assert_eq!(answer["files"][0]["upload"]["method"], "POST");
    assert_eq!(answer["files"][6]["file_id"], "IMG_1");
}

#[tokio::test]
async fn the_same_id_keeps_its_key() {
    let rig = rig().await;
    let first = rig.form(&photo(1, "a/사진.jpg", BYTES)).await;
    let again = rig.form(&photo(1, "a/사진.jpg", BYTES)).await;
    let moved = rig.form(&photo(1, "b/renamed.jpg", BYTES)).await;
    let other = rig.form(&photo(2, "a/사진.jpg", BYTES)).await;
    assert!(first.key.starts_with("studio/a/사진-"), "{}", first.key);
    assert_eq!((&first.key, &first.key), (&again.key, &moved.key));
    assert_ne!(first.key, other.key);
    assert_eq!(first.fields.0[0], ("key".to_owned(), first.key.clone()));
    let names: Vec<_> = first.fields.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(&names[names.len() - 2..], ["policy", "x-amz-signature"]);
    let record = &rig.sandbox.records().expect("records")[0];
    assert_eq!((record.presigns, record.completes, record.is_confirmed()), (3, 0, false));
}

#[tokio::test]
async fn what_is_there_is_skipped() {
    let rig = rig().await;
    let file = photo(1, "a.jpg", BYTES);
    let key = rig.deliver(&file, BYTES).await;
    assert_eq!(rig.upload_of(&file).await, Upload::Skip { key: key.clone() });
    let twin = photo(2, "a.jpg", BYTES);
    assert_eq!(rig.upload_of(&twin).await, Upload::Skip { key: key.clone() });
    assert!(rig.complete(&[arrived(&twin, &key)]).await.files[0].confirmed);
    // Another path, another source, or other bytes are sent.
    rig.form(&photo(3, "b.jpg", BYTES)).await;
    let mut elsewhere = photo(4, "a.jpg", BYTES);
    elsewhere.source = "Portraits".into();
    rig.form(&elsewhere).await;
    rig.form(&photo(5, "a.jpg", b"other")).await;
    // A file_id names one version for ever.
    let answer = rig.presign(&[photo(1, "a.jpg", b"other")]).await;
    assert_eq!(answer.files[0].error.as_ref().and_then(|error| error.status), Some(409));
    // What was lost from the bucket is sent again, each file under its own key.
    rig.sandbox.delete_object(&key).expect("deleted");
    assert_eq!(rig.form(&file).await.key, key);
    assert_ne!(rig.form(&twin).await.key, key);
}

#[tokio::test]
async fn without_the_option_only_the_same_id_is_skipped() {
    let rig = rig_with(SandboxOptions { skip_same_content: false, ..Default::default() }).await;
    let file = photo(1, "a.jpg", BYTES);
    let key = rig.deliver(&file, BYTES).await;
    assert_eq!(rig.upload_of(&file).await, Upload::Skip { key });
    rig.form(&photo(2, "a.jpg", BYTES)).await;
}

#[tokio::test]
async fn complete_looks_into_the_bucket() {
    let rig = rig().await;
    let file = photo(1, "a.jpg", BYTES);
    let post = rig.form(&file).await;
    let status = |answer: &offload_protocol::wire::CompleteResponse| {
        answer.files[0].error.as_ref().and_then(|error| error.status)
    };
    let early = rig.complete(&[arrived(&file, &post.key)]).await;
    assert_eq!((early.files[0].confirmed, status(&early)), (false, Some(409)));
    let problem = early.files[0].error.clone().expect("an error");
    assert_eq!(problem.kind.as_deref(), Some("https://offload.example/problems/not-in-bucket"));
    assert_eq!(rig.post(&post, BYTES).await.status(), 201);
    let stranger = photo(9, "x.jpg", BYTES);
    let wrong_bytes = photo(1, "a.jpg", b"other");
    assert_eq!(status(&rig.complete(&[arrived(&stranger, "x")]).await), Some(404));
    assert_eq!(status(&rig.complete(&[arrived(&file, "studio/else")]).await), Some(422));
    assert_eq!(status(&rig.complete(&[arrived(&wrong_bytes, &post.key)]).await), Some(409));
    for _ in 0..3 {
        assert!(rig.complete(&[arrived(&file, &post.key)]).await.files[0].confirmed);
    }
    let record = rig.sandbox.records().expect("records").remove(0);
    assert_eq!((record.completes, record.media.make.as_deref()), (3, Some("Nikon")));
    assert_eq!((record.path.as_str(), record.source.as_str(), record.size), ("a.jpg", "Wedding", 5));
}

#[tokio::test]
async fn a_restart_keeps_record_bucket_ports_and_token() {
    let rig = rig().await;
    let file = photo(1, "a.jpg", BYTES);
    let key = rig.deliver(&file, BYTES).await;
    let (backend, s3, token) =
        (rig.sandbox.backend_url().to_owned(), rig.sandbox.s3_url().to_owned(), rig.sandbox.token().to_owned());
    let form = rig.form(&photo(2, "b.jpg", b"later")).await;
    let port =
        |url: &str| url.trim_end_matches("/api").rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let records = rig.sandbox.records().expect("records");
    rig.sandbox.stop().await;
    let options = SandboxOptions {
        dir: rig.dir.path().to_owned(),
        backend_port: port(&backend),
        s3_port: port(&s3),
        ..Default::default()
    };
    let sandbox = Sandbox::start(options).await.expect("a sandbox");
    assert_eq!((sandbox.backend_url(), sandbox.s3_url(), sandbox.token()), (&*backend, &*s3, &*token));
    let rig = Rig { sandbox, http: client(), dir: rig.dir };
    assert_eq!(rig.sandbox.records().expect("records"), records);
    assert_eq!(rig.sandbox.read_object(&key).expect("a bucket").as_deref(), Some(BYTES));
    assert_eq!(rig.upload_of(&file).await, Upload::Skip { key });
    assert_eq!(rig.post(&form, b"later").await.status(), 201);
}

#[tokio::test]
async fn signs_for_and_looks_into_an_external_s3() {
    let s3 = rig().await;
    let signer = s3.sandbox.signer().clone();
    let external_s3 = Some(ExternalS3 {
        endpoint: s3.sandbox.s3_url().to_owned(),
        access_key: signer.access_key,
        secret_key: signer.secret_key,
        session_token: None,
        bucket: "photos".into(),
        region: signer.region,
    });
    let rig = rig_with(SandboxOptions { external_s3, ..Default::default() }).await;
    let file = photo(1, "봄/a b.jpg", BYTES);
    let post = rig.form(&file).await;
    assert!(post.url.starts_with(s3.sandbox.s3_url()));
    assert!(!rig.complete(&[arrived(&file, &post.key)]).await.files[0].confirmed);
    assert_eq!(rig.post(&post, BYTES).await.status(), 201);
    assert!(rig.complete(&[arrived(&file, &post.key)]).await.files[0].confirmed);
    assert_eq!(s3.sandbox.uploads_of(&post.key).expect("a count"), 1);
}

#[tokio::test]
async fn the_control_paths_answer() {
    let rig = rig().await;
    let key = rig.deliver(&photo(1, "a.jpg", BYTES), BYTES).await;
    rig.form(&photo(2, "b.jpg", b"x")).await;
    let root = rig.sandbox.backend_url().trim_end_matches("/api").to_owned();
    let get = async |path: &str| -> Value {
        rig.http.get(format!("{root}/_sandbox/{path}")).send().await.expect("an answer").json().await.expect("JSON")
    };
    assert_eq!(get("records").await[0]["file_id"], file_id(1));
    assert_eq!(get("records").await.as_array().map(Vec::len), Some(1));
    assert_eq!(get("records?all=true").await.as_array().map(Vec::len), Some(2));
    assert_eq!(get("objects").await[0]["key"], key);
    assert_eq!(get("counters").await["uploads_received"], 1);
    let bytes = rig
        .http
        .get(format!("{root}/_sandbox/object?key={}", offload_sandbox::encode_key(&key)))
        .send()
        .await
        .expect("an answer");
    assert_eq!(bytes.bytes().await.expect("bytes"), BYTES);
    let faults = format!("{root}/_sandbox/faults");
    let refused = rig.http.post(&faults).json(&json!({ "faults": ["s3=nonsense"] })).send().await.expect("an answer");
    assert_eq!(refused.status(), 400);
    let taken =
        rig.http.post(&faults).json(&json!({ "faults": ["session=503:times=1"] })).send().await.expect("an answer");
    assert_eq!(taken.status(), 200);
    let session = async || {
        rig.http.get(rig.url("/v1/session")).bearer_auth(rig.sandbox.token()).send().await.expect("an answer").status()
    };
    assert_eq!((session().await.as_u16(), session().await.as_u16()), (503, 200));
    assert_eq!(get("faults").await[0]["struck"], 1);
    assert_eq!(rig.http.delete(&faults).send().await.expect("an answer").status(), 200);
    assert_eq!(get("faults").await, json!([]));
    let foreign = rig
        .http
        .get(format!("{root}/_sandbox/objects"))
        .header("host", "evil.example:80")
        .send()
        .await
        .expect("an answer");
    assert_eq!(foreign.status(), 403);
}
