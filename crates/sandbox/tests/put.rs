//! Presigned PUTs: what presign gives, and what the embedded S3 makes of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod common;

use common::{Rig, arrived, client, photo, rig_with, verdict};
use offload_protocol::wire::{PresignFile, PresignedPut, Upload};
use offload_sandbox::{SandboxOptions, SignRule};
use reqwest::Response;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn rig() -> Rig {
    rig_with(SandboxOptions { sign: SignRule::Put, ..SandboxOptions::default() }).await
}

async fn signed(rig: &Rig, file: &PresignFile) -> PresignedPut {
    match rig.upload_of(file).await {
        Upload::Put(put) => put,
        other => panic!("not a PUT: {other:?}"),
    }
}

async fn send(put: &PresignedPut, change: Option<(&str, &str)>, body: &[u8]) -> Response {
    let mut request = client().put(&put.url).body(body.to_vec());
    for (name, value) in &put.headers.0 {
        let value = change.filter(|(changed, _)| changed == name).map_or(value.as_str(), |(_, value)| value);
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_put_as_signed_is_stored_and_confirmed() {
    let rig = rig().await;
    let bytes = b"some photo";
    let file = photo(1, "봄/a \"b\".jpg", bytes);
    let put = signed(&rig, &file).await;
    assert_eq!(put.expires_in, 600);
    let response = send(&put, None, bytes).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().contains_key("etag"));
    assert_eq!(
        response.headers().get("x-amz-checksum-sha256").unwrap(),
        put.headers.get("x-amz-checksum-sha256").unwrap()
    );
    assert_eq!(rig.sandbox.read_object(&put.key).unwrap().as_deref(), Some(&bytes[..]));
    let object = rig.sandbox.object(&put.key).unwrap().unwrap();
    assert_eq!((object.content_type.as_str(), object.checked), ("image/jpeg", true));
    assert_eq!(object.headers.get("x-amz-meta-file-id"), Some(&file.file_id));
    assert_eq!((rig.sandbox.uploads_received(), rig.sandbox.bytes_received()), (1, bytes.len() as u64));
    let answer = rig.complete(&[arrived(&file, &put.key)]).await;
    assert!(answer.files[0].confirmed);
    // The same file_id keeps its key.
    assert!(matches!(rig.upload_of(&file).await, Upload::Skip { key } if key == put.key));
}

/// What is refused leaves no object, and leaves the one that was there as it is.
#[tokio::test]
async fn a_put_otherwise_than_signed_leaves_the_bucket_alone() {
    let rig = rig().await;
    let bytes = b"some photo";
    let file = photo(1, "a.jpg", bytes);
    let put = signed(&rig, &file).await;
    let other = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    for there in [false, true] {
        for (change, body, wanted) in [
            (None, &b"same photo"[..], (400, "BadDigest")),
            (None, &b""[..], (400, "BadDigest")),
            (Some(("x-amz-checksum-sha256", other)), bytes, (403, "SignatureDoesNotMatch")),
            (Some(("content-type", "text/html")), bytes, (403, "SignatureDoesNotMatch")),
            (Some(("x-amz-meta-file-id", "x")), bytes, (403, "SignatureDoesNotMatch")),
        ] {
            let (status, code, _) = verdict(send(&put, change, body).await).await;
            assert_eq!((status, code.as_str()), wanted, "{change:?}");
            let found = rig.sandbox.read_object(&put.key).unwrap();
            assert_eq!(found.as_deref(), there.then_some(&bytes[..]), "{change:?}");
        }
        assert_eq!(send(&put, None, bytes).await.status(), 200);
    }
}

#[tokio::test]
async fn a_put_that_has_expired_is_refused() {
    let rig = rig().await;
    rig.sandbox.faults().add("presign=clock:skew=-3600".parse().unwrap());
    let put = signed(&rig, &photo(1, "a.jpg", b"x")).await;
    let (status, code, message) = verdict(send(&put, None, b"x").await).await;
    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "{message}");
    assert!(rig.sandbox.objects().unwrap().is_empty());
}

/// The first half lies on the disk while the second has not been sent; breaking off then leaves nothing.
#[tokio::test]
async fn a_put_streams_to_disk_and_one_that_breaks_off_leaves_no_object() {
    let rig = rig().await;
    let bytes = vec![7; 8 << 20];
    let put = signed(&rig, &photo(1, "a.mov", &bytes)).await;
    let (address, way) = put.url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let headers: String = put.headers.0.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("PUT /{way} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {}\r\n\r\n", bytes.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&bytes[..4 << 20]).await.unwrap();
    let arriving = rig.dir.path().join("bucket/arriving");
    let began = Instant::now();
    while lies_in(&arriving) < 4 << 20 {
        assert!(began.elapsed() < Duration::from_secs(30), "only {} bytes are on the disk", lies_in(&arriving));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    // A reset is an end as well.
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!String::from_utf8_lossy(&answer).starts_with("HTTP/1.1 2"));
    assert!(rig.sandbox.objects().unwrap().is_empty());
    assert_eq!(rig.sandbox.uploads_received(), 0);
}

fn lies_in(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}
