//! Pause, resume, cancel, remove, limits, sign-in, restart.

use offload_engine::engine::EngineScope;
use offload_protocol::control::{RetryWhat, Scope};
use offload_protocol::view::{Health, SourceState, State};
use offload_tests::compare::green_means_safe;
use offload_tests::photos::bytes;
use offload_tests::{Studio, new_source};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn pause_stops_at_once_and_resume_goes_on() {
    let mut studio = Studio::open().await;
    studio.sandbox.faults().add("s3=slow:rate=30k".parse().unwrap());
    for number in 0..8 {
        studio.put(format!("{number}.jpg"), &bytes(number, 100_000));
    }
    studio.watch().await;
    studio.until("sending", |status| status.totals.uploading.files > 0).await;
    studio.handle().pause(Scope::All).await.unwrap();
    let status = studio.until("nothing in flight", |status| status.totals.uploading.files == 0).await;
    assert_eq!(status.health, Health::Paused);
    studio.sandbox.faults().clear();
    // A pause outlives the engine.
    studio.stop().await;
    studio.start().await;
    let status = studio.until("scanned", |status| status.sources.iter().all(|source| !source.scanning)).await;
    assert_eq!(status.health, Health::Paused);
    assert!(status.totals.queued.files > 0 && status.totals.uploading.files == 0);
    studio.handle().resume(Scope::All).await.unwrap();
    studio.until_confirmed(8).await;
    assert!(studio.rows().await.iter().all(|row| row.attempts == 0), "a pause costs no attempt");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_source_pauses_while_another_goes_on() {
    let studio = Studio::open().await;
    let other = studio.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("b.jpg"), bytes(2, 1000)).unwrap();
    let first = studio.watch().await;
    studio.handle().pause(Scope::Source(first.id)).await.unwrap();
    studio.put("a.jpg", &bytes(1, 1000));
    studio.handle().add_source(new_source(&[other])).await.unwrap();
    studio.until("the other is through", |status| status.totals.confirmed.files == 1).await;
    let row = studio.until_state("a.jpg", State::Queued).await;
    assert_eq!(row.source_id, first.id);
    assert_eq!(studio.status().await.sources[0].state, SourceState::Paused);
    studio.handle().resume(Scope::Source(first.id)).await.unwrap();
    studio.until_confirmed(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_batch_skips_what_is_left_and_can_be_given_again() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=slow:rate=20k".parse().unwrap());
    for number in 0..12 {
        studio.put(format!("{number}.jpg"), &bytes(number, 60_000));
    }
    let batch = studio.batch(&[studio.photos()]).await;
    studio.until("sending", |status| status.totals.uploading.files > 0).await;
    studio.handle().cancel_batch(batch.id).await.unwrap();
    let status = studio.until("over", |status| status.totals.pending() == 0).await;
    assert_eq!(status.sources[0].state, SourceState::Cancelled);
    assert!(status.totals.skipped.files > 0);
    assert!(
        studio
            .rows()
            .await
            .iter()
            .filter(|row| row.state == State::Skipped)
            .all(|row| row.code.as_deref() == Some("cancelled"))
    );
    studio.sandbox.faults().clear();
    let again = studio.batch(&[studio.photos()]).await;
    assert_ne!(again.id, batch.id);
    studio
        .until("the new batch is through", |status| {
            status.sources.iter().any(|source| source.id == again.id && source.totals.confirmed.files == 12)
        })
        .await;
    green_means_safe(&studio.rows().await, &studio.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_given_twice_sends_nothing_twice() {
    let mut studio = Studio::open().await;
    for number in 0..5 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    let first = studio.batch(&[studio.photos()]).await;
    studio.until_confirmed(5).await;
    studio.stop().await;
    studio.start_with(|options| options.scope = EngineScope::BatchesOnly).await;
    studio.put("new.jpg", &bytes(99, 5000));
    let second = studio.batch(&[studio.photos()]).await;
    assert_eq!(first.id, second.id);
    studio.until_confirmed(6).await;
    assert_eq!(studio.sandbox.uploads_received(), 6);
    assert!(studio.row("photos/new.jpg").await.state == State::Confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_source_leaves_the_bucket_alone() {
    let studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 1000));
    let source = studio.watch().await;
    studio.until_confirmed(1).await;
    studio.handle().remove_source(source.id).await.unwrap();
    let status = studio.until("gone from sight", |status| status.sources.is_empty()).await;
    assert_eq!(status.totals.all().files, 0);
    assert_eq!(studio.sandbox.objects().unwrap().len(), 1);
    studio.put("b.jpg", &bytes(2, 1000));
    // Watched anew, it starts a history of its own; the backend says what it has.
    studio.watch().await;
    studio.until_confirmed(2).await;
    assert_eq!(studio.sandbox.objects().unwrap().len(), 2, "the same bytes at the same path were not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_again_after_a_restart() {
    let mut studio = Studio::open().await;
    for number in 0..10 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    studio.watch().await;
    studio.until_confirmed(10).await;
    studio.stop().await;
    studio.put("while-away.jpg", &bytes(50, 5000));
    studio.start().await;
    studio.until_confirmed(11).await;
    assert_eq!(studio.sandbox.uploads_received(), 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bandwidth_limit_holds_and_can_be_lifted() {
    let studio = Studio::open_with(|_| {}, |options| options.bandwidth = Some(200_000)).await;
    for number in 0..4 {
        studio.put(format!("{number}.jpg"), &bytes(number, 300_000));
    }
    studio.watch().await;
    studio.until("sending", |status| status.totals.uploading.files > 0).await;
    let began = Instant::now();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let sent: u64 = studio.sandbox.bytes_received();
    // 1.2 MB would be through in a moment without a limit; the bucket's burst and kernel buffers allow for some more.
    assert!(sent < 900_000, "{sent} bytes in {:?}", began.elapsed());
    studio.handle().set_bandwidth(None);
    studio.until_confirmed(4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_waits_for_a_sign_in() {
    let studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 1000));
    studio.sandbox.faults().add("backend=401".parse().unwrap());
    studio.watch().await;
    studio.handle().token_changed();
    let status = studio.until("signed out", |status| status.health == Health::SignedOut).await;
    assert!(status.detail.is_some());
    studio.until_state("a.jpg", State::Queued).await;
    let asked = studio.sandbox.faults().struck();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(studio.sandbox.faults().struck() - asked < 3, "a backend that refused is not asked again and again");
    studio.sandbox.faults().clear();
    studio.handle().token_changed();
    studio.until_confirmed(1).await;
    assert_eq!(studio.row("a.jpg").await.attempts, 0);
    assert_eq!(studio.status().await.health, Health::UpToDate);
}

/// A proxy that hiccups, a token store that was slow: one refusal is asked about again, without a person.
#[tokio::test(flavor = "multi_thread")]
async fn a_single_refusal_passes_by_itself() {
    for fault in ["presign=401:times=1", "complete=401:times=1"] {
        let studio = Studio::open().await;
        studio.put("a.jpg", &bytes(1, 1000));
        studio.sandbox.faults().add(fault.parse().unwrap());
        studio.watch().await;
        studio.until_confirmed(1).await;
        assert!(studio.sandbox.faults().struck() > 0, "{fault}");
        assert_eq!(studio.status().await.health, Health::UpToDate, "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backend_says_skip_and_still_hears_of_it() {
    let studio = Studio::open().await;
    let same = bytes(1, 5000);
    let a = studio.dir.path().join("one/set");
    let b = studio.dir.path().join("two/set");
    for folder in [&a, &b] {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("a.jpg"), &same).unwrap();
    }
    studio.batch(&[a]).await;
    studio.until_confirmed(1).await;
    studio.batch(&[b]).await;
    studio.until_confirmed(2).await;
    assert_eq!(studio.sandbox.uploads_received(), 1, "the second was skipped");
    let rows = studio.rows().await;
    assert_eq!(rows[0].key, rows[1].key);
    green_means_safe(&rows, &studio.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_each_change_without_a_gap() {
    let studio = Studio::open().await;
    let mut events = studio.handle().subscribe();
    for number in 0..30 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    studio.watch().await;
    studio.until_confirmed(30).await;
    let last = studio.status().await.seq;
    let mut expected = None;
    let mut ids = std::collections::HashSet::new();
    loop {
        let event = tokio::time::timeout(offload_tests::PATIENCE, events.recv()).await.unwrap().unwrap();
        if let offload_protocol::view::Event::Files { after, seq, ids: changed, .. } = event {
            assert!(expected.is_none_or(|expected| expected == after), "a gap before {after}");
            assert!(changed.len() <= 200);
            expected = Some(seq);
            ids.extend(changed);
            if seq >= last {
                break;
            }
        }
    }
    assert_eq!(ids.len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_file_is_retried_by_hand() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=condition".parse().unwrap());
    studio.put("a.jpg", &bytes(1, 1000));
    studio.watch().await;
    let row = studio.until_state("a.jpg", State::Failed).await;
    assert_eq!(row.code.as_deref(), Some("policy_condition"));
    assert!(row.hint.is_some() && row.attempts == 1, "{row:#?}");
    assert_eq!(studio.status().await.health, Health::NeedsAttention);
    studio.sandbox.faults().clear();
    assert_eq!(studio.handle().retry(RetryWhat::Files(vec![row.id])).await.unwrap(), 1);
    studio.until_confirmed(1).await;
}
