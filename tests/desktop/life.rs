//! The application's life: closed, quit, started twice, steered by others, killed.

use crate::running::{
    TITLE, do_it, line, photos, put, rows, sandbox, says, sockets, status, until_confirmed, until_hidden,
    until_running, until_shown, until_status, wears,
};
use offload_protocol::view::{Health, SourceKind, State};
use offload_tests::compare::green_means_safe;
use offload_tests::desktop::{App, By, Desktop, Owned, until};

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
    until("gone from the tray", async || (desktop.tray().count().await == 0).then_some(()), async || running.log())
        .await;
}

/// Tells the window manager another size, and waits until the window has it.
async fn resize(desktop: &Desktop, to: (u16, u16)) {
    desktop.screen().resize(&until_shown(desktop).await, to);
    until_size(desktop, to).await;
}

async fn until_size(desktop: &Desktop, wanted: (u16, u16)) {
    let has = async || desktop.screen().titled(TITLE).filter(|window| window.visible && window.size == wanted);
    until("the window's size", has, async || format!("{:#?}", desktop.screen().windows())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_keeps_its_size_and_settings_count_at_once() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    let window = app.open().await;
    resize(&desktop, (900, 640)).await;
    window.click(&By::button("Settings")).await;

    let theme = || async { window.attribute(&By::css("html"), "data-theme").await };
    for (choice, shown) in [("Dark", "dark"), ("Light", "light")] {
        window.click(&By::role("radio", choice)).await;
        window.until(choice, async || (theme().await.as_deref() == Some(shown)).then_some(())).await;
    }
    window.click(&By::role("radio", "한국어")).await;
    window.find(&By::role("heading", "설정")).await;
    let look = desktop.tray().until("Korean", |look| line(look) == "모두 안전함").await;
    assert!(look.item("Offload 종료").is_some() && look.item("Quit Offload").is_none(), "{look:#?}");
    window.click(&By::role("radio", "English")).await;
    desktop.tray().until("English", |look| look.item("Quit Offload").is_some()).await;

    let entries = || std::fs::read_dir(desktop.home().join(".config/autostart")).into_iter().flatten().flatten();
    let start = By::role("switch", "Start at login");
    assert_eq!(entries().count(), 0);
    window.click(&start).await;
    let written = async || {
        let text = std::fs::read_to_string(entries().next()?.path()).ok()?;
        text.contains("Exec=").then_some(text)
    };
    let entry = window.until("an entry for the login", written).await;
    let exec = entry.lines().find(|line| line.starts_with("Exec=")).unwrap();
    assert!(exec.contains("offload-desktop") && exec.ends_with(" --hidden"), "{entry}");
    window.click(&start).await;
    window.until("no entry", async || (entries().count() == 0).then_some(())).await;

    desktop.tray().click("Quit Offload").await;
    window.until_ended().await;
    let _running = app.run();
    until_size(&desktop, (900, 640)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_has_the_ledger_the_window_says_so_and_goes_on_after_it() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    let mut service = Owned::start(&mut app.offload(&["run"]), &desktop.logs().join("service.log"));
    until_running(&app).await;
    let window = app.open().await;
    window.find(&By::role("heading", "Offload already runs in another place")).await;
    let look = desktop.tray().until("elsewhere", |look| line(look) == "Offload runs in another place").await;
    assert!(wears(&look, "paused"), "{look:#?}");
    service.terminate();
    assert_eq!(service.ended().await, 0);
    window.until_says("Ready for your first folder").await;
    desktop.tray().until("up to date", |look| line(look) == "Up to date").await;
    assert!(until_running(&app).await.running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_settings_file_is_told_with_its_line() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    app.settings("[upload]\nbandwidth = \"5 parsecs\"\n");
    let window = app.open().await;
    window.find(&By::role("heading", "Offload can’t start")).await;
    window.until_says("line 2").await;
    window.until_says("upload.bandwidth").await;
    let look = desktop.tray().until("broken", |look| line(look) == "Offload can’t start").await;
    assert!(wears(&look, "needs-attention"), "{look:#?}");
    desktop.tray().click("Quit Offload").await;
    window.until_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn diagnostics_on_the_clipboard_hold_no_token_and_no_names() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=condition:path=0001".parse().unwrap());
    let folder = photos(&desktop, "Client Smith", 2, 5000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&folder);
    let window = app.open().await;
    until_status(&app, "one failed", |status| status.totals.failed.files == 1 && status.totals.pending() == 0).await;
    window.click(&By::button("Settings")).await;
    window.click(&By::button("Copy diagnostics")).await;
    window.find(&By::role("dialog", "Copy diagnostics?")).await;
    window.click(&By::button("Copy")).await;
    window.until_says("Diagnostics are on the clipboard").await;
    // Pasted where there is a field to paste into.
    window.click(&By::button("All files 2")).await;
    window.click(&By::field("Search files")).await;
    window.control('v').await;
    let pasted = window
        .until("something pasted", async || {
            let value = window.script("return document.activeElement.value ?? ''", serde_json::json!([])).await.ok()?;
            value.as_str().filter(|text| text.contains("Offload")).map(str::to_owned)
        })
        .await;
    assert!(pasted.contains(env!("CARGO_PKG_VERSION")) && pasted.len() > 200, "{pasted}");
    for secret in [sandbox.token(), "IMG_000", "Smith"] {
        assert!(!pasted.contains(secret), "{secret} in {pasted}");
    }
}
