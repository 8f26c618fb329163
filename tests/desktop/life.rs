//! The application's life: closed, quit, started twice, steered by others, killed.

use crate::running::{
    TITLE, do_it, line, photos, put, rows, sandbox, says, sockets, status, until_confirmed, until_hidden,
    until_running, until_shown, until_status,
};
use offload_protocol::view::{Health, SourceKind, State};
use offload_tests::compare::green_means_safe;
use offload_tests::desktop::{App, By, Desktop, until};

const CLOSED: &str = "Offload goes on in the tray";

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_goes_on_in_the_tray_and_says_so_once() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = photos(&desktop, "Pictures", 2, 9000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&folder);
    let mut running = app.run();
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    desktop.notifications().until("told that it goes on", |shown| shown.summary == CLOSED).await;
    put(&folder, "later.jpg", 77, 9000);
    until_confirmed(&app, 3).await;
    desktop.tray().until("green", |look| line(look) == "Up to date · 3 files safe").await;
    // Opened and closed again, also by the next process: not a word.
    desktop.tray().click("Open Offload").await;
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    desktop.tray().click("Quit Offload").await;
    assert_eq!(running.ended().await, 0);
    let mut running = app.run();
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    // What is told after it would come after it.
    until_running(&app).await;
    let file = desktop.home().join("one.jpg");
    put(&desktop.home(), "one.jpg", 78, 9000);
    do_it(&app, &["upload", file.to_str().unwrap()]).await;
    desktop.notifications().until("told that it is done", |shown| shown.summary == "one.jpg").await;
    assert_eq!(desktop.notifications().all().iter().filter(|shown| shown.summary == CLOSED).count(), 1);
    assert_eq!(desktop.tray().count().await, 1);
    running.terminate();
    assert_eq!(running.ended().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_while_files_are_on_their_way_asks_first() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=slow:rate=20k".parse().unwrap());
    let folder = photos(&desktop, "Pictures", 4, 200_000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&folder);
    let window = app.open().await;
    until_status(&app, "uploading", |status| status.totals.uploading.files > 0).await;
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    desktop.tray().click("Quit Offload").await;
    until_shown(&desktop).await;
    let question = By::role("dialog", "4 files are not confirmed yet. Quit anyway?");
    window.find(&question).await;
    window.click(&By::button("Keep running")).await;
    window.gone(&question).await;
    assert!(until_running(&app).await.totals.pending() == 4);
    desktop.tray().click("Quit Offload").await;
    window.find(&question).await;
    window.click(&By::button("Quit")).await;
    window.until_ended().await;
    let left = status(&app).await.unwrap();
    assert_eq!((left.running, left.totals.uploading.files, left.totals.pending()), (false, 0, 4));
    assert!(sockets(&app).is_empty());
    // They go on at the next start.
    sandbox.faults().clear();
    let _running = app.run();
    until_confirmed(&app, 4).await;
    green_means_safe(&rows(&app).await, &sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_hands_over_what_it_was_given_and_ends() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = photos(&desktop, "Pictures", 2, 9000);
    let files = photos(&desktop, "Elsewhere", 2, 5000);
    let app = App::new(&desktop).signed_in(&sandbox);
    let _running = app.run();
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    let second = App::new(&desktop).signed_in(&sandbox).with(&folder);
    let second = second.with(files.join("IMG_0000.JPG")).with(files.join("IMG_0001.JPG"));
    assert_eq!(second.run().ended().await, 0);
    until_shown(&desktop).await;
    let status = until_confirmed(&app, 4).await;
    let given: Vec<_> = status.sources.iter().map(|source| (source.kind, source.roots.len())).collect();
    assert_eq!(given, [(SourceKind::Watched, 1), (SourceKind::Batch, 2)], "{status:#?}");
    assert_eq!(desktop.screen().windows().iter().filter(|window| window.title == TITLE).count(), 1);
    assert_eq!(desktop.tray().count().await, 1);
    put(&folder, "later.jpg", 99, 5000);
    until_confirmed(&app, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_steers_what_runs_and_the_window_follows() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = photos(&desktop, "Pictures", 3, 9000);
    let app = App::new(&desktop).signed_in(&sandbox);
    let window = app.open().await;
    until_running(&app).await;
    do_it(&app, &["add", folder.to_str().unwrap()]).await;
    window.until_says("Everything is safe").await;
    window.until_says("3 files uploaded and confirmed").await;
    do_it(&app, &["pause"]).await;
    window.find(&By::button("Resume")).await;
    put(&folder, "later.jpg", 99, 9000);
    window.until_says("1 file to go").await;
    assert_eq!(until_running(&app).await.health, Health::Paused);
    assert_eq!(says(&app, &["run"]).await.0, 2, "the ledger is owned");
    do_it(&app, &["resume"]).await;
    window.until_says("4 files uploaded and confirmed").await;
    assert_eq!(says(&app, &["status"]).await.0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_each_file_is_confirmed_once_in_the_end() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=slow:rate=150k".parse().unwrap());
    let folder = photos(&desktop, "Pictures", 16, 120_000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&folder);
    for least in [1, 4, 8] {
        let running = app.run();
        until_status(&app, "in the middle", |status| {
            status.running && status.totals.uploading.files > 0 && status.totals.confirmed.files >= least
        })
        .await;
        running.kill();
        green_means_safe(&rows(&app).await, &sandbox);
    }
    sandbox.faults().clear();
    let mut running = app.run();
    let status = until_confirmed(&app, 16).await;
    assert_eq!(status.sources.len(), 1, "the folder is watched once");
    desktop.tray().until("green", |look| line(look) == "Up to date · 16 files safe").await;
    running.terminate();
    assert_eq!(running.ended().await, 0);
    assert!(sockets(&app).is_empty());
    let rows = rows(&app).await;
    green_means_safe(&rows, &sandbox);
    assert_eq!((rows.len(), rows.iter().all(|row| row.state == State::Confirmed)), (16, true));
    let records = sandbox.records().unwrap();
    assert_eq!((records.len(), records.iter().filter(|record| record.is_confirmed()).count()), (16, 16));
    assert_eq!(sandbox.objects().unwrap().len(), 16, "one key a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_at_the_start_it_is_in_the_tray_only() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden");
    let mut running = app.run();
    until_running(&app).await;
    desktop.tray().until("green", |look| line(look) == "Up to date").await;
    assert!(desktop.screen().titled(TITLE).is_none_or(|window| !window.visible));
    desktop.tray().click("Open Offload").await;
    until_shown(&desktop).await;
    running.terminate();
    assert_eq!(running.ended().await, 0);
    until("gone from the tray", async || (desktop.tray().count().await == 0).then_some(()), async || app_log(&running))
        .await;
}

fn app_log(running: &offload_tests::desktop::Owned) -> String {
    running.log()
}
