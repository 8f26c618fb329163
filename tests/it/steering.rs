//! Changing a running engine: a source's rules, and pauses that end by themselves.

use offload_engine::engine::{DAILY_LIMIT, EngineError};
use offload_engine::ledger::now_ms;
use offload_protocol::control::{Scope, SourceEdit};
use offload_protocol::view::{Event, Health, Round, SourceView, State};
use offload_protocol::window::DailyLimit;
use offload_tests::Studio;
use offload_tests::photos::bytes;
use tokio::sync::broadcast::error::RecvError;

fn edit(source: &SourceView) -> SourceEdit {
    SourceEdit {
        id: source.id,
        name: source.name.clone(),
        prefix: source.prefix.clone(),
        include: source.include.clone(),
        exclude: source.exclude.clone(),
        changed: source.changed,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_patterns_hold_at_once_both_ways() {
    let studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 5000));
    studio.put("raw/b.cr3", &bytes(2, 5000));
    studio.handle().pause(Scope::All).await.unwrap();
    let source = studio.watch().await;
    studio.until("two queued", |status| status.totals.queued.files == 2).await;
    let handle = studio.handle();
    let without = handle.edit_source(SourceEdit { exclude: vec!["raw/".into()], ..edit(&source) }).await.unwrap();
    assert_eq!(without.exclude, ["raw/"]);
    let row = studio.row("raw/b.cr3").await;
    assert_eq!((row.state, row.code.as_deref()), (State::Skipped, Some("excluded")));
    assert!(row.hint.is_some());
    handle.resume(Scope::All).await.unwrap();
    studio.until_confirmed(1).await;
    // A new file in the excluded folder is not picked up either; the watch goes by the new rules.
    studio.put("raw/c.cr3", &bytes(3, 5000));
    studio.put("d.jpg", &bytes(4, 5000));
    studio.until_confirmed(2).await;
    assert!(studio.rows().await.iter().all(|row| row.path != "raw/c.cr3"));
    handle.edit_source(SourceEdit { exclude: Vec::new(), name: "Studio".into(), ..edit(&source) }).await.unwrap();
    let status = studio.until_confirmed(4).await;
    assert_eq!(status.sources[0].name, "Studio");
    // Hints come by the new rules too.
    studio.put("raw/e.cr3", &bytes(5, 5000));
    studio.until_confirmed(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_destination_is_that_of_what_is_sent_from_now_on() {
    let studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 5000));
    let source = studio.watch().await;
    studio.until_confirmed(1).await;
    // S3 has been asked to take it once; its key is fixed for its name.
    studio.sandbox.faults().add("s3=internal".parse().unwrap());
    studio.put("b.jpg", &bytes(2, 5000));
    let waiting = studio.until_state("b.jpg", State::Waiting).await;
    let handle = studio.handle();
    let wrong = handle.edit_source(SourceEdit { prefix: "a/../b".into(), ..edit(&source) }).await.unwrap_err();
    assert!(matches!(wrong, EngineError::Prefix(_)) && wrong.hint().is_some());
    let wrong = handle.edit_source(SourceEdit { include: vec!["[".into()], ..edit(&source) }).await.unwrap_err();
    assert_eq!(wrong.code(), "bad_glob");
    let moved = handle.edit_source(SourceEdit { prefix: "/clients/kim/".into(), ..edit(&source) }).await.unwrap();
    assert_eq!(moved.prefix, "clients/kim");
    studio.sandbox.faults().clear();
    handle.retry(offload_protocol::control::RetryWhat::All).await.unwrap();
    studio.until_confirmed(2).await;
    let (first, second) = (studio.row("a.jpg").await, studio.row("b.jpg").await);
    assert!(!first.key.unwrap().contains("clients/kim"));
    assert!(second.key.as_ref().unwrap().contains("clients/kim"), "{second:#?}");
    assert_ne!(second.file_id, waiting.file_id, "another key wants another name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_by_itself_and_outlives_a_restart() {
    let mut studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 5000));
    assert!(matches!(studio.handle().pause_until(now_ms() - 1).await.unwrap_err(), EngineError::TimeOver));
    let end = now_ms() + 3_600_000;
    studio.handle().pause_until(end).await.unwrap();
    studio.watch().await;
    studio.until("queued", |status| status.totals.queued.files == 1).await;
    studio.stop().await;
    studio.start().await;
    let status = studio.until("queued", |status| status.totals.queued.files == 1).await;
    assert_eq!((status.health, status.paused_until_ms), (Health::Paused, Some(end)));
    let end = now_ms() + 500;
    studio.handle().pause_until(end).await.unwrap();
    let status = studio.until_confirmed(1).await;
    assert!(now_ms() >= end, "not before its time");
    assert_eq!((status.health, status.paused_until_ms), (Health::UpToDate, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_and_stories_by_number() {
    let studio = Studio::open().await;
    studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    let row = studio.row("a.jpg").await;
    let handle = studio.handle();
    let story = handle.story_of(row.id).await.unwrap().unwrap();
    assert_eq!(story.versions[0].file.file_id, row.file_id);
    assert_eq!(handle.story_of(row.id + 99).await.unwrap(), None);
    assert_eq!(handle.local_path(row.id).await.unwrap(), Some(studio.photos().join("a.jpg")));
    assert_eq!(handle.rows(vec![row.id, row.id + 99]).await.unwrap(), [row]);
}

/// Every progress told until all stands still again.
async fn progress_until_still(events: &mut tokio::sync::broadcast::Receiver<Event>) -> Vec<(u64, Option<Round>)> {
    let mut told = Vec::new();
    let still = async {
        loop {
            match events.recv().await {
                Ok(Event::Progress { files, speed, round }) => {
                    told.push((speed, round));
                    let flew = told.iter().any(|(speed, _)| *speed > 0);
                    if flew && files.is_empty() && speed == 0 && round.is_none() {
                        return;
                    }
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => panic!("the engine ended"),
            }
        }
    };
    tokio::time::timeout(offload_tests::PATIENCE, still).await.expect("the speed falls to 0 at the end");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_says_how_far_it_is_and_ends_with_standstill() {
    let studio = Studio::open_with(|_| {}, |engine| engine.bandwidth = Some(200_000)).await;
    let mut events = studio.handle().subscribe();
    for number in 0..4 {
        studio.put(format!("{number}.jpg"), &bytes(number, 250_000));
    }
    studio.watch().await;
    let told = progress_until_still(&mut events).await;
    let rounds: Vec<Round> = told.iter().filter_map(|(_, round)| *round).collect();
    let most = rounds.iter().map(|round| (round.files_all, round.bytes_all)).max();
    assert_eq!(most, Some((4, 1_000_000)));
    assert!(rounds.iter().all(|round| round.bytes_done <= round.bytes_all && round.files_done <= 4));
    let seconds: Vec<u64> = rounds.iter().filter_map(|round| round.seconds_left).collect();
    assert!(!seconds.is_empty() && seconds.iter().all(|seconds| *seconds <= 20), "{seconds:?}");
    assert_eq!(studio.until_confirmed(4).await.round, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daily_limit_holds_the_queue_until_a_person_waives_it() {
    let whole_day = |bandwidth| DailyLimit { from_minute: 0, to_minute: 0, bandwidth };
    let mut studio = Studio::open_with(|_| {}, |engine| engine.daily = Some(whole_day(None))).await;
    studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    let status = studio.until("queued", |status| status.totals.queued.files == 1).await;
    assert_eq!((status.health, status.code.as_deref()), (Health::Paused, Some(DAILY_LIMIT)));
    let end = status.paused_until_ms.unwrap();
    assert!(end > now_ms() && end <= now_ms() + 25 * 3_600_000);
    assert!(status.detail.unwrap().contains("until 00:00"));
    studio.handle().resume(Scope::All).await.unwrap();
    let status = studio.until_confirmed(1).await;
    assert_eq!((status.health, status.code, status.paused_until_ms), (Health::UpToDate, None, None));
    // Waived for today, also after a restart.
    studio.stop().await;
    studio.start_with(|engine| engine.daily = Some(whole_day(None))).await;
    studio.put("b.jpg", &bytes(2, 5000));
    studio.until_confirmed(2).await;
    // Another rule is not waived, and a limit of its own counts at once.
    let handle = studio.handle();
    handle.set_bandwidth(Some(9_000_000));
    handle.set_daily(Some(whole_day(Some(70_000)))).await.unwrap();
    assert_eq!(studio.status().await.bandwidth_limit, Some(70_000));
    handle.set_daily(Some(whole_day(None))).await.unwrap();
    assert_eq!(studio.status().await.health, Health::Paused);
    handle.set_daily(None).await.unwrap();
    let status = studio.status().await;
    assert_eq!((status.health, status.bandwidth_limit), (Health::UpToDate, Some(9_000_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_at_once_are_bounded_without_a_restart() {
    let studio = Studio::open().await;
    studio.handle().set_concurrency(1);
    assert_eq!(studio.status().await.concurrency, 1);
    for number in 0..20 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    studio.watch().await;
    studio.until_confirmed(20).await;
    assert_eq!(studio.status().await.concurrency, 1);
    studio.handle().set_concurrency(3);
    for number in 20..40 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    studio.until_confirmed(40).await;
    assert_eq!(studio.status().await.concurrency, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_for_helpers_names_nothing() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=bad-signature".parse().unwrap());
    studio.put("MARKER.jpg", &bytes(1, 5000));
    studio.watch().await;
    studio.until_state("MARKER.jpg", State::Failed).await;
    let text = studio.handle().diagnostics().await.unwrap();
    for part in [
        "trouble  failed signature_mismatch: 1",
        "upload signature_mismatch",
        "health   needs_attention",
        "source   1 watched",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("MARKER") && !text.contains(studio.sandbox.token()), "{text}");
    assert!(!text.contains(studio.dir.path().to_str().unwrap()), "{text}");
}
