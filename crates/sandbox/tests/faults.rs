//! Every fault, as a client sees it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "outside of #[test] functions clippy does not see that this is a test"
)]

mod common;

use common::{arrived, fields_body, file_header, form_body, photo, raw, raw_head, rig, verdict};
use offload_protocol::wire::Upload;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const BYTES: &[u8] = b"photo";

macro_rules! fault {
    ($rig:expr, $words:expr) => {
        $rig.sandbox.faults().clear();
        $rig.sandbox.faults().add($words.parse().expect("a fault"));
    };
}

#[tokio::test]
async fn s3_errors_on_order() {
    let rig = rig().await;
    let post = rig.form(&photo(1, "a.jpg", BYTES)).await;
    let table = [
        ("internal", 500, "InternalError"),
        ("slowdown", 503, "SlowDown"),
        ("unavailable", 503, "ServiceUnavailable"),
        ("timeout", 400, "RequestTimeout"),
        ("expired", 403, "AccessDenied"),
        ("expired-token", 400, "ExpiredToken"),
        ("skewed", 403, "RequestTimeTooSkewed"),
        ("too-large", 400, "EntityTooLarge"),
        ("too-small", 400, "EntityTooSmall"),
        ("unknown-key", 403, "InvalidAccessKeyId"),
        ("bad-signature", 403, "SignatureDoesNotMatch"),
        ("sigv2", 400, "InvalidRequest"),
        ("bad-digest", 400, "BadDigest"),
        ("error:status=507:code=Full", 507, "Full"),
    ];
    for (words, status, code) in table {
        fault!(rig, format!("s3={words}:times=1"));
        let answer = verdict(rig.post(&post, BYTES).await).await;
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{words}");
        assert_eq!(rig.sandbox.objects().expect("a list"), [], "{words}");
    }
    fault!(rig, "s3=slowdown:retry-after=7:path=a.jpg");
    assert_eq!(rig.post(&post, BYTES).await.headers()["retry-after"], "7");
    let other = rig.form(&photo(2, "b.jpg", BYTES)).await;
    assert_eq!(rig.post(&other, BYTES).await.status(), 201);
    rig.sandbox.faults().clear();
    assert_eq!(rig.post(&post, BYTES).await.status(), 201);
}

#[tokio::test]
async fn pages_redirects_and_sizes() {
    let rig = rig().await;
    let post = rig.form(&photo(1, "a.jpg", BYTES)).await;
    fault!(rig, "s3=html:status=200");
    let page = rig.post(&post, BYTES).await;
    assert_eq!(
        (page.status().as_u16(), page.headers()["content-type"].to_str().expect("text").starts_with("text/html")),
        (200, true)
    );
    fault!(rig, "s3=301");
    let moved = rig.post(&post, BYTES).await;
    assert_eq!((moved.status().as_u16(), moved.headers().get("location")), (301, None));
    assert_eq!(verdict(moved).await.1, "PermanentRedirect");
    fault!(rig, "s3=huge:bytes=3m");
    assert_eq!(rig.post(&post, BYTES).await.bytes().await.expect("bytes").len(), 3 << 20);
    fault!(rig, "s3=307");
    let sent_on = rig.post(&post, BYTES).await;
    assert_eq!(sent_on.status(), 307);
    let location = sent_on.headers()["location"].to_str().expect("text").to_owned();
    assert!(!location.starts_with(rig.sandbox.s3_url()));
    assert_eq!(rig.send(&location, form_body(&post.fields.0, BYTES)).await.expect("an answer").status(), 201);
    fault!(rig, "s3=truncated");
    let broken = rig.post(&post, BYTES).await;
    assert_eq!(broken.status(), 201);
    assert!(broken.bytes().await.is_err());
}

#[tokio::test]
async fn a_lost_answer_stores_the_object() {
    let rig = rig().await;
    let file = photo(1, "a.jpg", BYTES);
    let post = rig.form(&file).await;
    fault!(rig, "s3=drop-after:times=1");
    assert!(rig.try_post(&post, BYTES).await.is_err());
    assert_eq!(rig.sandbox.read_object(&post.key).expect("a bucket").as_deref(), Some(BYTES));
    fault!(rig, "complete=drop-after:times=1");
    let request = rig.http.post(rig.url("/v1/complete")).bearer_auth(rig.sandbox.token());
    assert!(request.json(&json!({ "files": [arrived(&file, &post.key)] })).send().await.is_err());
    assert!(rig.sandbox.records().expect("records")[0].is_confirmed());
}

#[tokio::test]
async fn connections_that_break_store_nothing() {
    let rig = rig().await;
    let bytes = vec![7_u8; 400_000];
    let post = rig.form(&photo(1, "a.jpg", &bytes)).await;
    for words in ["s3=drop-before", "s3=drop-mid:after=100k", "s3=drop-mid:after=900m"] {
        fault!(rig, words);
        let error = rig.try_post(&post, &bytes).await.expect_err("a broken connection");
        assert!(!error.is_timeout(), "{words}: {error:?}");
        assert_eq!(rig.sandbox.objects().expect("a list"), [], "{words}");
    }
    // The client itself goes away in the middle.
    rig.sandbox.faults().clear();
    let mut part = raw_head(&post.url, 500_000).into_bytes();
    part.extend_from_slice(&fields_body(&post.fields.0));
    part.extend_from_slice(file_header().as_bytes());
    part.extend_from_slice(&bytes[..1000]);
    {
        use tokio::io::AsyncWriteExt;
        let address = rig.sandbox.s3_url().trim_start_matches("http://").to_owned();
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("a connection");
        stream.write_all(&part).await.expect("sent");
    }
    assert_eq!(rig.post(&post, &bytes).await.status(), 201);
    assert_eq!(rig.sandbox.objects().expect("a list").len(), 1);
    // What was arriving is gone from the disk as well, as soon as the server has seen the end.
    let arriving = rig.dir.path().join("bucket/arriving");
    let deadline = Instant::now() + Duration::from_secs(10);
    while std::fs::read_dir(&arriving).expect("a directory").count() > 0 {
        assert!(Instant::now() < deadline, "a file stays behind");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_broken_overwrite_keeps_the_old_object() {
    let rig = rig().await;
    let post = rig.form(&photo(1, "a.jpg", BYTES)).await;
    assert_eq!(rig.post(&post, BYTES).await.status(), 201);
    assert_eq!(verdict(rig.post(&post, b"PHOTO").await).await.1, "BadDigest");
    fault!(rig, "s3=drop-mid:after=900m");
    assert!(rig.try_post(&post, BYTES).await.is_err());
    assert_eq!(rig.sandbox.read_object(&post.key).expect("a bucket").as_deref(), Some(BYTES));
    assert_eq!(rig.sandbox.uploads_of(&post.key).expect("a count"), 1);
}

#[tokio::test]
async fn slow_and_stalled() {
    let rig = rig().await;
    let bytes = vec![1_u8; 40_000];
    let post = rig.form(&photo(1, "a.jpg", &bytes)).await;
    fault!(rig, "s3=slow:rate=100k");
    let start = Instant::now();
    assert_eq!(rig.post(&post, &bytes).await.status(), 201);
    assert!(start.elapsed() > Duration::from_millis(300), "{:?}", start.elapsed());
    for words in ["s3=stall", "s3=stall:after=1k", "presign=stall"] {
        fault!(rig, words);
        let stalled = if words.starts_with("s3") {
            tokio::time::timeout(Duration::from_millis(500), rig.try_post(&post, &bytes)).await.is_err()
        } else {
            tokio::time::timeout(Duration::from_millis(500), rig.call("/v1/presign", json!({ "files": [] })))
                .await
                .is_err()
        };
        assert!(stalled, "{words}");
        assert_eq!(rig.sandbox.faults().struck(), 1, "{words}");
    }
    // A stalled request does not keep the sandbox from stopping.
    tokio::time::timeout(Duration::from_secs(5), rig.sandbox.stop()).await.expect("stopped");
}

#[tokio::test]
async fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let rig = rig().await;
    let bytes = vec![1_u8; 8_000_000];
    let post = rig.form(&photo(1, "a.jpg", &bytes)).await;
    fault!(rig, "s3=slowdown");
    let body = form_body(&post.fields.0, &bytes);
    let request = [raw_head(&post.url, body.len()).as_bytes(), &body].concat();
    let (answer, ended) = raw(&post.url, &request).await;
    assert!(ended.is_ok(), "{ended:?}");
    assert!(answer.starts_with(b"HTTP/1.1 503"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn stored_otherwise_than_answered() {
    let rig = rig().await;
    let file = photo(1, "a.jpg", BYTES);
    let post = rig.form(&file).await;
    fault!(rig, "s3=forget");
    assert_eq!(rig.post(&post, BYTES).await.status(), 201);
    assert_eq!(rig.sandbox.objects().expect("a list"), []);
    assert!(!rig.complete(&[arrived(&file, &post.key)]).await.files[0].confirmed);
    fault!(rig, "s3=no-etag");
    assert!(rig.post(&post, BYTES).await.headers().get("etag").is_none());
    fault!(rig, "s3=wrong-etag");
    let etag = rig.post(&post, BYTES).await.headers()["etag"].to_str().expect("text").to_owned();
    assert_ne!(etag.trim_matches('"'), rig.sandbox.objects().expect("a list")[0].etag);
}

#[tokio::test]
async fn the_backend_fails_on_order() {
    let rig = rig().await;
    let files = json!({ "files": [photo(1, "a.jpg", BYTES)] });
    let table = [
        ("presign=signed-out", 401),
        ("presign=forbidden", 403),
        ("presign=busy:retry-after=3", 429),
        ("presign=503:retry-after=3", 503),
        ("backend=html:status=502", 502),
        ("presign=html:status=200", 200),
        ("presign=418", 418),
        ("presign=301", 301),
    ];
    for (words, status) in table {
        fault!(rig, words);
        let response = rig.call("/v1/presign", files.clone()).await;
        assert_eq!(response.status(), status, "{words}");
        assert_eq!(response.headers().get("retry-after").is_some(), words.contains("retry-after"), "{words}");
    }
    fault!(rig, "presign=307");
    let sent_on = rig.call("/v1/presign", files.clone()).await;
    let location = sent_on.headers()["location"].to_str().expect("text").to_owned();
    let there = rig.http.post(location).bearer_auth(rig.sandbox.token()).json(&files).send().await.expect("an answer");
    assert_eq!(there.status(), 200);
    fault!(rig, "presign=truncated");
    assert!(rig.call("/v1/presign", files.clone()).await.bytes().await.is_err());
    fault!(rig, "presign=huge:bytes=1m");
    assert_eq!(rig.call("/v1/presign", files.clone()).await.bytes().await.expect("bytes").len(), 1 << 20);
    fault!(rig, "presign=drop-before");
    let request = rig.http.post(rig.url("/v1/presign")).bearer_auth(rig.sandbox.token()).json(&files);
    assert!(request.send().await.is_err());
}

#[tokio::test]
async fn single_files_of_a_batch_fail_on_order() {
    let rig = rig().await;
    let batch = [photo(1, "a.jpg", BYTES), photo(2, "b.jpg", BYTES), photo(3, "c.jpg", BYTES)];
    fault!(rig, "presign=file-error:status=403:title=No quota:path=b.jpg");
    let answer = rig.presign(&batch).await;
    let error = answer.files[1].error.clone().expect("an error");
    assert_eq!((error.status, error.title.as_deref()), (Some(403), Some("No quota")));
    assert!(answer.files[0].upload.is_some() && answer.files[2].upload.is_some());
    fault!(rig, "presign=omit:path=a.jpg");
    assert_eq!(rig.presign(&batch).await.files.len(), 2);
    fault!(rig, "presign=multipart:path=c.jpg");
    assert!(matches!(rig.presign(&batch).await.files[2].upload, Some(Upload::Multipart(_))));
    rig.sandbox.faults().clear();
    let key = rig.deliver(&batch[0], BYTES).await;
    fault!(rig, "complete=unconfirmed:path=a.jpg");
    assert!(!rig.complete(&[arrived(&batch[0], &key)]).await.files[0].confirmed);
    fault!(rig, "complete=unconfirmed:path=b.jpg");
    assert!(rig.complete(&[arrived(&batch[0], &key)]).await.files[0].confirmed);
    for (words, confirmed, status) in [
        ("complete=unconfirmed", Some(false), None),
        ("complete=omit", None, None),
        ("complete=file-error:status=500", Some(false), Some(500)),
    ] {
        fault!(rig, words);
        let answer = rig.complete(&[arrived(&batch[0], &key)]).await;
        assert_eq!(answer.files.first().map(|entry| entry.confirmed), confirmed, "{words}");
        assert_eq!(
            answer.files.first().and_then(|entry| entry.error.as_ref()).and_then(|error| error.status),
            status,
            "{words}"
        );
    }
}

#[tokio::test]
async fn a_wrong_clock_signs_expired_policies() {
    let rig = rig().await;
    fault!(rig, "presign=clock:skew=-3600:times=1");
    let file = photo(1, "a.jpg", BYTES);
    let post = rig.form(&file).await;
    let answer = verdict(rig.post(&post, BYTES).await).await;
    assert_eq!(answer, (403, "AccessDenied".into(), "Invalid according to Policy: Policy expired.".into()));
    let fresh = rig.form(&file).await;
    assert_eq!(fresh.key, post.key);
    assert_eq!(rig.post(&fresh, BYTES).await.status(), 201);
}

#[tokio::test]
async fn session_faults_do_not_touch_other_requests() {
    let rig = rig().await;
    fault!(rig, "session=internal");
    let session =
        rig.http.get(rig.url("/v1/session")).bearer_auth(rig.sandbox.token()).send().await.expect("an answer");
    assert_eq!(session.status(), 500);
    let problem: Value = session.json().await.expect("a problem");
    assert_eq!(problem["title"], "InternalError");
    rig.form(&photo(1, "a.jpg", BYTES)).await;
}
