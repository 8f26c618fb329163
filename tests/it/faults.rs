//! What goes wrong on the way, and that nothing is lost or sent to two keys by it.

use offload_protocol::view::{Health, State};
use offload_sandbox::{Sandbox, SandboxOptions};
use offload_tests::Studio;
use offload_tests::compare::{green_means_safe, nothing_is_lost};
use offload_tests::photos::bytes;
use std::time::Duration;

/// Each passes by itself: fault, and whether it costs the file an attempt.
#[tokio::test(flavor = "multi_thread")]
async fn passing_faults_end_in_one_object_under_one_key() {
    let faults = [
        "s3=internal:times=2",
        "s3=slowdown:times=2",
        "s3=unavailable:times=1",
        "s3=timeout:times=1",
        "s3=expired:times=1",
        "s3=expired-token:times=1",
        "s3=skewed:times=1",
        "s3=bad-digest:times=1",
        "s3=drop-before:times=1",
        "s3=drop-mid:after=10k:times=1",
        "s3=drop-after:times=1",
        "s3=307:times=1",
        "s3=html:times=1:status=502",
        "s3=truncated:times=1",
        "presign=500:times=2",
        "presign=html:times=1",
        "presign=drop-before:times=1",
        "presign=omit:times=1",
        "presign=truncated:times=1",
        "presign=503:times=1:retry-after=1",
        "presign=clock:skew=-3600:times=1",
        "complete=500:times=2",
        "complete=html:times=1",
        "complete=drop-after:times=1",
        "complete=omit:times=1",
        "complete=unconfirmed:times=1",
        "complete=truncated:times=1",
        "session=500:times=1",
    ];
    for fault in faults {
        let studio = Studio::without_engine(|_| {}).await;
        studio.sandbox.faults().add(fault.parse().unwrap_or_else(|error| panic!("{fault}: {error}")));
        let mut studio = studio;
        studio.start().await;
        let mut paths = Vec::new();
        for number in 0..3u64 {
            let name = format!("{number}.jpg");
            paths.push((name.clone(), studio.put(&name, &bytes(number, 50_000))));
        }
        studio.watch().await;
        let status = studio.until_confirmed(3).await;
        assert!(studio.sandbox.faults().struck() > 0, "{fault} never struck");
        assert_eq!(status.health, Health::UpToDate, "{fault}");
        nothing_is_lost(&studio, &studio.photos(), &paths).await;
        assert_eq!(studio.sandbox.objects().unwrap().len(), 3, "{fault}: one key each");
        let records = studio.sandbox.records().unwrap();
        assert_eq!(records.len(), 3, "{fault}");
        println!("{fault}: {} uploads for 3 files", studio.sandbox.uploads_received());
    }
}

/// Each needs a person: fault, code, and that the sentence helps.
#[tokio::test(flavor = "multi_thread")]
async fn lasting_faults_fail_with_cause_and_hint() {
    let faults = [
        ("s3=too-large", "policy_too_large"),
        ("s3=too-small", "policy_too_small"),
        ("s3=condition", "policy_condition"),
        (
            r"s3=403:code=AccessDenied:message=Invalid according to Policy\: Extra input fields\: acl",
            "policy_extra_field",
        ),
        ("s3=400:code=InvalidPolicyDocument:message=Invalid Policy", "policy_invalid"),
        ("s3=bad-signature", "signature_mismatch"),
        ("s3=unknown-key", "access_key_unknown"),
        ("s3=sigv2", "signature_version"),
        ("s3=bad-digest", "bad_digest"),
        ("s3=301", "wrong_region"),
        ("presign=file-error:status=422:title=No such album", "backend_refused"),
        ("presign=multipart", "upload_method"),
        ("complete=file-error:status=422:title=No", "backend_refused"),
        ("s3=wrong-etag", "stored_other"),
    ];
    for (fault, code) in faults {
        let studio = Studio::open().await;
        studio.sandbox.faults().add(fault.parse().unwrap_or_else(|error| panic!("{fault}: {error}")));
        studio.put("a.jpg", &bytes(1, 20_000));
        studio.watch().await;
        let row = studio.until_state("a.jpg", State::Failed).await;
        assert_eq!(row.code.as_deref(), Some(code), "{fault}: {row:#?}");
        assert!(row.reason.as_deref().is_some_and(|reason| reason.len() > 10), "{fault}: {row:#?}");
        assert!(row.hint.is_some(), "{fault}: {row:#?}");
        assert_eq!(studio.status().await.health, Health::NeedsAttention);
        green_means_safe(&studio.rows().await, &studio.sandbox);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_busy_for_a_while_gets_everything_in_the_end() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=slowdown:for=6s".parse().unwrap());
    let mut paths = Vec::new();
    for number in 0..40u64 {
        let name = format!("{number}.jpg");
        paths.push((name.clone(), studio.put(&name, &bytes(number, 10_000))));
    }
    studio.watch().await;
    studio.until("asked less of it", |status| status.concurrency < 4).await;
    studio.until_confirmed(40).await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    // Told to slow down, the queue holds still instead of knocking with every file.
    assert!(studio.sandbox.faults().struck() < 60, "{} requests into a busy bucket", studio.sandbox.faults().struck());
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nothing_gets_through_the_queue_holds_still() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=internal:for=5s".parse().unwrap());
    for number in 0..60u64 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5_000));
    }
    studio.watch().await;
    studio.until_confirmed(60).await;
    assert!(
        studio.sandbox.faults().struck() < 60,
        "{} requests into a broken bucket",
        studio.sandbox.faults().struck()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_backend_the_queue_is_offline_and_goes_on_when_it_is_back() {
    let mut studio = Studio::open().await;
    studio.put("first.jpg", &bytes(1, 1000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    let port = |url: &str| url::Url::parse(url).unwrap().port().unwrap();
    let options = SandboxOptions {
        dir: studio.dir.path().join("sandbox"),
        backend_port: port(studio.sandbox.backend_url()),
        s3_port: port(studio.sandbox.s3_url()),
        token: Some(studio.sandbox.token().to_owned()),
        ..SandboxOptions::default()
    };
    let elsewhere =
        Sandbox::start(SandboxOptions { dir: studio.dir.path().join("other"), ..SandboxOptions::default() });
    std::mem::replace(&mut studio.sandbox, elsewhere.await.unwrap()).stop().await;
    for number in 0..5 {
        studio.put(format!("{number}.jpg"), &bytes(number + 10, 1000));
    }
    let status = studio.until("offline", |status| status.health == Health::Offline).await;
    assert!(status.detail.is_some_and(|detail| detail.contains("127.0.0.1")));
    tokio::time::sleep(Duration::from_secs(2)).await;
    studio.sandbox = Sandbox::start(options).await.unwrap();
    studio.until_confirmed(6).await;
    let rows = studio.rows().await;
    assert!(rows.iter().all(|row| row.attempts == 0), "being offline costs no attempt: {rows:#?}");
    green_means_safe(&rows, &studio.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_not_in_the_bucket_is_sent_again() {
    let studio = Studio::open().await;
    // The backend's answers are held up until the object has been taken away.
    studio.sandbox.faults().add("complete=500".parse().unwrap());
    let path = studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    let row = studio.until_state("a.jpg", State::Uploaded).await;
    studio.sandbox.delete_object(row.key.as_deref().unwrap()).unwrap();
    studio.sandbox.faults().clear();
    studio.until_confirmed(1).await;
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
    assert_eq!(studio.sandbox.uploads_received(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_connection_is_given_up_and_tried_again() {
    let studio = Studio::open_with(
        |_| {},
        |options| {
            options.send.stall = Duration::from_millis(700);
            options.send.answer = Duration::from_millis(1500);
        },
    )
    .await;
    studio.sandbox.faults().add("s3=stall:times=1".parse().unwrap());
    let path = studio.put("a.jpg", &bytes(1, 4_000_000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    assert!(studio.sandbox.faults().struck() > 0);
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
    assert_eq!(studio.row("a.jpg").await.attempts, 1);
}

/// A backup program, or a disk that is full, keeps the ledger from being written for a while.
#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_written_is_said_and_nothing_seen_is_forgotten() {
    let studio = Studio::open().await;
    studio.put("first.jpg", &bytes(1, 1000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    let lock = rusqlite::Connection::open(studio.data().join("ledger.db")).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    studio.put("second.jpg", &bytes(2, 1000));
    // Longer than the engine waits for a lock by itself.
    let status = studio.until("the trouble is said", |status| status.detail.is_some()).await;
    assert_ne!(status.health, Health::UpToDate, "{status:#?}");
    lock.execute_batch("ROLLBACK").unwrap();
    let status = studio.until_confirmed(2).await;
    assert_eq!((status.health, status.detail), (Health::UpToDate, None));
}
