//! Changing a running engine: a source's rules, and pauses that end by themselves.

use offload_engine::engine::EngineError;
use offload_engine::ledger::now_ms;
use offload_protocol::control::{Scope, SourceEdit};
use offload_protocol::view::{Health, SourceView, State};
use offload_tests::Studio;
use offload_tests::photos::bytes;

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
