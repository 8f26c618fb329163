//! Files that change, grow, vanish, come back, or are only touched.

use offload_protocol::control::NewSource;
use offload_protocol::view::{ChangedPolicy, Health, SourceState, State};
use offload_tests::compare::{green_means_safe, nothing_is_lost, sha256};
use offload_tests::photos::bytes;
use offload_tests::{Studio, new_source};
use std::io::Write;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_grows_is_sent_once_and_whole() {
    let studio = Studio::open().await;
    studio.watch().await;
    let path = studio.photos().join("video.mp4");
    let whole = bytes(7, 400_000);
    let (writing, content) = (path.clone(), whole.clone());
    // Pauses longer than the settle gate's: only the open descriptor tells that more is to come.
    let writer = std::thread::spawn(move || {
        let mut file = std::fs::File::create(writing).unwrap();
        for part in content.chunks(100_000) {
            file.write_all(part).unwrap();
            file.flush().unwrap();
            std::thread::sleep(Duration::from_millis(900));
        }
    });
    studio.until_confirmed(1).await;
    writer.join().unwrap();
    studio.until_confirmed(1).await;
    nothing_is_lost(&studio, &studio.photos(), &[("video.mp4".into(), path)]).await;
    if cfg!(target_os = "linux") {
        assert_eq!(studio.rows().await.len(), 1, "no half of it was ever a version");
        assert_eq!(studio.sandbox.objects().unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_while_it_is_sent_never_passes_for_the_old_one() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=slow:rate=200k:times=1".parse().unwrap());
    let path = studio.put("a.jpg", &bytes(1, 400_000));
    studio.watch().await;
    studio.until_state("a.jpg", State::Uploading).await;
    studio.until("bytes on their way", |_| studio.sandbox.faults().struck() > 0).await;
    // Same length, other bytes, in place.
    let other = bytes(2, 400_000);
    std::fs::write(&path, &other).unwrap();
    studio.until_confirmed(1).await;
    let row = studio.row("a.jpg").await;
    assert_eq!(row.sha256, Some(sha256(&other)));
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_after_confirmation_is_a_new_version() {
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    let first = studio.row("a.jpg").await;
    let edited = bytes(2, 6000);
    std::fs::write(&path, &edited).unwrap();
    studio.until("sent again", |_| studio.sandbox.uploads_received() == 2).await;
    studio.until_confirmed(1).await;
    let second = studio.row("a.jpg").await;
    assert_eq!(second.supersedes.as_deref(), Some(first.file_id.as_str()));
    assert_ne!(second.key, first.key);
    let record = studio.sandbox.records().unwrap().into_iter().find(|record| record.file_id == second.file_id).unwrap();
    assert_eq!(record.supersedes.as_deref(), Some(first.file_id.as_str()));
    green_means_safe(&studio.rows().await, &studio.sandbox);
    // Both versions stand in the story.
    let story = studio.handle().story(offload_engine::watch::name::path_bytes(&path)).await.unwrap().unwrap();
    assert_eq!(story.versions.len(), 2);
    assert!(story.versions.iter().all(|version| version.attempts.iter().any(|attempt| attempt.outcome == "ok")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_touch_sends_nothing() {
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    std::fs::File::open(&path).unwrap().set_modified(std::time::SystemTime::now() + Duration::from_secs(5)).unwrap();
    studio.handle().rescan().await.unwrap();
    let before = studio.row("a.jpg").await.modified_ms;
    let began = std::time::Instant::now();
    loop {
        let row = studio.row("a.jpg").await;
        if row.modified_ms > before && row.state == State::Confirmed {
            break;
        }
        assert!(began.elapsed() < offload_tests::PATIENCE, "{row:#?}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    assert_eq!(studio.rows().await.len(), 1);
    assert_eq!(studio.sandbox.uploads_received(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keep_first_keeps_the_first() {
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    let new = NewSource { changed: ChangedPolicy::KeepFirst, ..new_source(&[studio.photos()]) };
    studio.handle().add_source(new).await.unwrap();
    studio.until_confirmed(1).await;
    std::fs::write(&path, bytes(2, 6000)).unwrap();
    studio.put("b.jpg", &bytes(3, 100));
    studio.until_confirmed(2).await;
    assert_eq!(studio.row("a.jpg").await.size, 5000);
    assert_eq!(studio.sandbox.uploads_received(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vanished_is_missing_and_comes_back() {
    let studio = Studio::open().await;
    studio.handle().pause(offload_protocol::control::Scope::All).await.unwrap();
    let path = studio.put("a.jpg", &bytes(1, 5000));
    let whole = std::fs::read(&path).unwrap();
    studio.watch().await;
    studio.until_state("a.jpg", State::Queued).await;
    std::fs::remove_file(&path).unwrap();
    studio.handle().resume(offload_protocol::control::Scope::All).await.unwrap();
    let row = studio.until_state("a.jpg", State::Missing).await;
    assert_eq!(row.code.as_deref(), Some("vanished"));
    assert!(row.hint.is_some());
    assert_eq!(studio.status().await.health, Health::NeedsAttention);
    // A person who knows needn't see red for ever; back on disk it is sent all the same.
    assert_eq!(studio.handle().dismiss(offload_protocol::control::RetryWhat::All).await.unwrap(), 1);
    assert_eq!(studio.status().await.health, Health::UpToDate);
    std::fs::write(&path, whole).unwrap();
    studio.until_confirmed(1).await;
    assert_eq!(studio.status().await.health, Health::UpToDate);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_stays_when_the_local_file_goes() {
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    std::fs::remove_file(path).unwrap();
    studio.handle().rescan().await.unwrap();
    studio.put("b.jpg", &bytes(2, 100));
    studio.until_confirmed(2).await;
    assert_eq!(studio.row("a.jpg").await.state, State::Confirmed);
    assert_eq!(studio.sandbox.objects().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_goes_away_pauses_and_goes_on_when_it_is_back() {
    let studio = Studio::open().await;
    for number in 0..6 {
        studio.put(format!("{number}.jpg"), &bytes(number, 60_000));
    }
    studio.sandbox.faults().add("s3=slow:rate=50k".parse().unwrap());
    studio.watch().await;
    studio.until("sending", |status| status.totals.uploading.files > 0).await;
    let away = studio.dir.path().join("elsewhere");
    std::fs::rename(studio.photos(), &away).unwrap();
    let status = studio.until("away", |status| status.sources[0].state == SourceState::Away).await;
    assert_eq!(status.totals.missing.files, 0, "an unplugged card is no missing file");
    assert_eq!(status.health, Health::NeedsAttention);
    assert!(!status.sources[0].notices.is_empty());
    studio.sandbox.faults().clear();
    std::fs::rename(&away, studio.photos()).unwrap();
    studio.until_confirmed(6).await;
    green_means_safe(&studio.rows().await, &studio.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_sent_too() {
    let studio = Studio::open().await;
    studio.put("empty.jpg", b"");
    studio.watch().await;
    studio.until_confirmed(1).await;
    green_means_safe(&studio.rows().await, &studio.sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn atomic_saves_arrive_as_the_final_file_only() {
    let studio = Studio::open().await;
    studio.watch().await;
    let last = bytes(20, 9000);
    for round in 0..5u64 {
        let content = if round == 4 { last.clone() } else { bytes(round, 9000) };
        let temporary = studio.put("edit.jpg.tmp", &content);
        std::fs::rename(temporary, studio.photos().join("edit.jpg")).unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    studio
        .until("the last save is green", |status| status.totals.confirmed.files == 1 && status.totals.pending() == 0)
        .await;
    let path = studio.photos().join("edit.jpg");
    nothing_is_lost(&studio, &studio.photos(), &[("edit.jpg".into(), path)]).await;
    assert!(studio.rows().await.iter().all(|row| row.path == "edit.jpg"), "temporary files are not sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_with_the_old_size_and_time_is_not_missed() {
    if cfg!(not(unix)) {
        return; // only Unix tells when a file was changed behind its times
    }
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    let then = std::fs::metadata(&path).unwrap().modified().unwrap();
    studio.watch().await;
    studio.until_confirmed(1).await;
    let other = bytes(2, 5000);
    std::fs::write(&path, &other).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(then).unwrap();
    studio.until("sent again", |_| studio.sandbox.uploads_received() == 2).await;
    studio.until_confirmed(1).await;
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_between_that_never_arrived_does_not_break_the_line() {
    let studio = Studio::open().await;
    let path = studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    let first = studio.row("a.jpg").await;
    studio.sandbox.faults().add("s3=slow:rate=100k:times=1".parse().unwrap());
    std::fs::write(&path, bytes(2, 300_000)).unwrap();
    studio.until("the second is on its way", |_| studio.sandbox.faults().struck() > 0).await;
    let last = bytes(3, 7000);
    std::fs::write(&path, &last).unwrap();
    studio
        .until("the third is through", |status| status.totals.confirmed.bytes == 7000 && status.totals.pending() == 0)
        .await;
    let third = studio.row("a.jpg").await;
    let record = studio.sandbox.records().unwrap().into_iter().find(|record| record.file_id == third.file_id).unwrap();
    assert_eq!(record.supersedes, Some(first.file_id), "the backend hears of the version it has");
    nothing_is_lost(&studio, &studio.photos(), &[("a.jpg".into(), path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_renamed_before_it_was_sent_is_no_loss() {
    let studio = Studio::open().await;
    studio.handle().pause(offload_protocol::control::Scope::All).await.unwrap();
    for number in 0..3 {
        studio.put(format!("import/{number}.jpg"), &bytes(number, 5000 + number as usize));
    }
    studio.watch().await;
    studio.until("queued", |status| status.totals.queued.files == 3).await;
    std::fs::rename(studio.photos().join("import"), studio.photos().join("Wedding")).unwrap();
    studio.handle().resume(offload_protocol::control::Scope::All).await.unwrap();
    let status = studio.until_confirmed(3).await;
    let status = if status.totals.missing.files > 0 {
        studio.until("nothing is missing", |status| status.totals.missing.files == 0).await
    } else {
        status
    };
    assert_eq!(status.health, Health::UpToDate);
    assert_eq!(studio.row("Wedding/0.jpg").await.state, State::Confirmed);
    assert_eq!(studio.row("import/0.jpg").await.code.as_deref(), Some("moved_elsewhere"));
    // Moved back it is at its old place again, and known there.
    std::fs::rename(studio.photos().join("Wedding"), studio.photos().join("import")).unwrap();
    studio.until_state("import/0.jpg", State::Confirmed).await;
    studio.until("nothing left", |status| status.totals.pending() == 0).await;
    assert_eq!(studio.status().await.totals.missing.files, 0);
}
