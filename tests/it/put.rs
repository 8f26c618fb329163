//! Presigned PUTs, from the backend that signs them to the bucket.

use offload_engine::cause::{Code, Retry};
use offload_protocol::view::{Health, State};
use offload_sandbox::SignRule;
use offload_tests::Studio;
use offload_tests::compare::nothing_is_lost;
use offload_tests::photos::bytes;
use std::path::PathBuf;

async fn studio(fault: Option<&str>) -> Studio {
    let faults = fault.into_iter().map(|fault| fault.parse().unwrap()).collect();
    Studio::open_with(|options| (options.sign, options.faults) = (SignRule::Put, faults), |_| {}).await
}

/// Names of all kinds, an empty file, and one that does not fit into a buffer.
fn folder(studio: &Studio) -> Vec<(String, PathBuf)> {
    let files = [
        ("a.jpg", 50_000),
        ("서울/봄 나들이 📷.jpg", 3),
        ("b \"c\"; d.png", 200_000),
        ("empty.jpg", 0),
        ("big.mov", 6_000_000),
    ];
    let put = |(number, (name, size)): (usize, &(&str, usize))| {
        ((*name).to_owned(), studio.put(name, &bytes(number as u64, *size)))
    };
    files.iter().enumerate().map(put).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_by_put_and_disk_ledger_and_bucket_agree() {
    let studio = studio(None).await;
    let paths = folder(&studio);
    studio.watch().await;
    let status = studio.until_confirmed(paths.len() as u64).await;
    assert_eq!(status.health, Health::UpToDate);
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    assert_eq!(studio.sandbox.uploads_received(), paths.len() as u64);
    for object in studio.sandbox.objects().unwrap() {
        assert!(object.checked, "{}: its SHA-256 was signed and checked", object.key);
        assert!(object.headers.contains_key("x-amz-meta-file-id"), "{}", object.key);
    }
    let types: Vec<_> = studio.sandbox.objects().unwrap().into_iter().map(|object| object.content_type).collect();
    assert_eq!(types.iter().filter(|kind| *kind == "image/jpeg").count(), 3, "{types:?}");
}

/// Each passes by itself, and leaves one object under one key.
#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_of_a_put_lose_nothing() {
    for fault in [
        "s3=drop-after:times=2",
        "s3=truncated:times=1",
        "s3=drop-mid:after=20k:times=2",
        "s3=slowdown:times=2",
        "s3=expired:times=1",
        "s3=bad-digest:times=1",
        "s3=wrong-etag:times=1",
        "s3=forget:times=1",
        "presign=clock:skew=-3600:times=1",
    ] {
        let studio = studio(Some(fault)).await;
        let paths = folder(&studio);
        studio.watch().await;
        let status = studio.until_confirmed(paths.len() as u64).await;
        assert!(studio.sandbox.faults().struck() > 0, "{fault} never struck");
        assert_eq!(status.health, Health::UpToDate, "{fault}");
        nothing_is_lost(&studio, &studio.photos(), &paths).await;
        assert_eq!(studio.sandbox.objects().unwrap().len(), paths.len(), "{fault}: one key each");
    }
}

/// A URL that has expired is asked for again by itself; where that never ends, the file waits and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_url_that_is_always_expired_is_told_as_such() {
    let studio = studio(Some("presign=clock:skew=-3600")).await;
    studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    let status = studio.until("the file waits with its reason", |status| status.totals.waiting.files == 1).await;
    assert_eq!(status.totals.failed.files, 0);
    let row = studio.row("a.jpg").await;
    let code = row.code.as_deref().and_then(Code::parse).unwrap();
    assert_eq!((code, code.retry()), (Code::PolicyExpired, Retry::NewForm), "{row:#?}");
    assert!(row.hint.is_some_and(|hint| hint.contains("clock")));
    assert!(studio.sandbox.objects().unwrap().is_empty());
    studio.sandbox.faults().clear();
    studio.handle().retry(offload_protocol::control::RetryWhat::Files(vec![row.id])).await.unwrap();
    studio.until_confirmed(1).await;
}

/// Where the backend signs no checksum, the ETag is what shows that the right bytes arrived.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_signed_checksum_the_etag_is_the_proof() {
    let studio =
        Studio::open_with(|options| (options.sign, options.sign_checksum) = (SignRule::Put, false), |_| {}).await;
    let path = studio.put("a.jpg", &bytes(1, 50_000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
    assert!(studio.sandbox.objects().unwrap().iter().all(|object| !object.checked));
    // An answer with another ETag is believed only after the file failed twice.
    studio.sandbox.faults().add("s3=wrong-etag".parse().unwrap());
    studio.put("b.jpg", &bytes(2, 50_000));
    let row = studio.until_state("b.jpg", State::Failed).await;
    assert_eq!(row.code.as_deref(), Some("stored_other"), "{row:#?}");
}
