//! What the desktop is told, and what it is not.

use crate::running::{do_it, line, photos, put, sandbox, until_confirmed, until_hidden, until_shown, until_status};
use offload_protocol::view::Health;
use offload_tests::desktop::{App, Desktop, Shown, until};
use std::path::Path;

const SETTLE: &str = "[watch]\nsettle_ms = 300\n";

/// Everything told so far, as title and text.
fn told(desktop: &Desktop) -> Vec<(String, String)> {
    desktop.notifications().all().into_iter().map(|Shown { summary, body, .. }| (summary, body)).collect()
}

/// Uploads one file and waits until that is told: whatever came before it was told before it.
async fn told_after(desktop: &Desktop, app: &App<'_>, name: &str) {
    put(&desktop.home(), name, 900, 2000);
    do_it(app, &["upload", desktop.home().join(name).to_str().unwrap()]).await;
    desktop.notifications().until(name, |shown| shown.summary == name).await;
}

/// Waits until the application has looked at its engine: what ended before that is no news.
async fn until_looked(desktop: &Desktop) {
    desktop.tray().until("the first look", |look| line(look) == "Up to date").await;
}

fn pair(title: &str, text: &str) -> (String, String) {
    (title.to_owned(), text.to_owned())
}

async fn upload(app: &App<'_>, folder: &Path) {
    do_it(app, &["upload", folder.to_str().unwrap()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_done_is_told_once_by_its_name() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden");
    let _running = app.run();
    until_looked(&desktop).await;
    upload(&app, &photos(&desktop, "Smith <b>&amp; wedding", 3, 4000)).await;
    let done = desktop.notifications().until("told", |shown| shown.summary == "Smith <b>&amp; wedding").await;
    assert_eq!((done.body.as_str(), done.replaces), ("3 files are safe", 0));
    // A watched folder is quiet: photos come into it all day.
    let watched = photos(&desktop, "Watched", 2, 4000);
    do_it(&app, &["add", watched.to_str().unwrap()]).await;
    until_confirmed(&app, 5).await;
    told_after(&desktop, &app, "last.jpg").await;
    let wanted = [pair("Smith <b>&amp; wedding", "3 files are safe"), pair("last.jpg", "1 file is safe")];
    assert_eq!(told(&desktop), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_they_are_looking_at() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    app.settings(&format!("{SETTLE}[app]\nclose_told = true\n"));
    let _running = app.run();
    let window = until_shown(&desktop).await;
    let focused = async || (desktop.screen().active() == Some(window.id)).then_some(());
    until("the window has the keyboard", focused, async || format!("{:?}", desktop.screen().active())).await;
    until_looked(&desktop).await;
    upload(&app, &photos(&desktop, "Seen", 2, 4000)).await;
    // It is decided some seconds after its end; the log says nothing of what is not told, so another batch has to tell it:
    // two that end within these seconds are told together, and this one is not among them.
    let gathered = std::time::Instant::now();
    until(
        "time to gather is over",
        async || (gathered.elapsed().as_millis() > 4500).then_some(()),
        async || String::new(),
    )
    .await;
    desktop.screen().close(&window);
    until_hidden(&desktop).await;
    told_after(&desktop, &app, "unseen.jpg").await;
    assert_eq!(told(&desktop), [pair("unseen.jpg", "1 file is safe")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_files_in_trouble_are_told_as_one() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=condition:path=IMG".parse().unwrap());
    let folder = photos(&desktop, "Pictures", 20, 4000);
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden").with(&folder);
    let _running = app.run();
    until_status(&app, "20 failed", |status| status.totals.failed.files == 20).await;
    desktop.tray().until("attention", |look| line(look) == "Needs attention · 20 files need you").await;
    desktop.notifications().until("told", |shown| shown.summary == "Offload needs you").await;
    told_after(&desktop, &app, "well.jpg").await;
    let text = "20 files could not be uploaded. Open Offload to see why and what to do.";
    assert_eq!(told(&desktop), [pair("Offload needs you", text), pair("well.jpg", "1 file is safe")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_no_notifications_gets_none() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=condition:path=bad".parse().unwrap());
    let folder = photos(&desktop, "Pictures", 3, 4000);
    put(&folder, "bad.jpg", 70, 4000);
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden");
    app.settings(&format!("{SETTLE}[app]\nnotify_done = true\nnotify_attention = false\n"));
    let mut running = app.run();
    until_looked(&desktop).await;
    upload_some(&app, &folder).await;
    desktop.notifications().until("done", |shown| shown.body == "3 files are safe, 1 needs you").await;
    desktop.tray().until("attention", |look| line(look) == "Needs attention · 1 file needs you").await;
    told_after(&desktop, &app, "well.jpg").await;
    assert!(told(&desktop).iter().all(|(title, _)| title != "Offload needs you"), "{:?}", told(&desktop));
    running.terminate();
    assert_eq!(running.ended().await, 0);

    app.settings(&format!("{SETTLE}[app]\nnotify_done = false\nnotify_attention = true\n"));
    let before = told(&desktop).len();
    let _running = app.run();
    desktop.tray().until("attention", |look| line(look) == "Needs attention · 1 file needs you").await;
    upload(&app, &photos(&desktop, "Quiet", 2, 4000)).await;
    // Told after the batch would have been.
    sandbox.faults().add("backend=signed-out".parse().unwrap());
    put(&folder, "bad too.jpg", 71, 4000);
    let mut command = app.offload(&["upload", folder.to_str().unwrap()]);
    let uploading = offload_tests::desktop::Owned::start(&mut command, &desktop.logs().join("upload.log"));
    desktop.notifications().until("signed out", |shown| shown.summary == "Offload is signed out").await;
    drop(uploading);
    assert_eq!(told(&desktop).len(), before + 1, "{:?}", told(&desktop));
}

/// Uploads a folder of which not all can be uploaded.
async fn upload_some(app: &App<'_>, folder: &Path) {
    let (code, out, err) = crate::running::says(app, &["upload", folder.to_str().unwrap()]).await;
    assert_eq!(code, 1, "{out} {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn being_signed_out_is_told_once() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = photos(&desktop, "Pictures", 2, 4000);
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden").with(&folder);
    let _running = app.run();
    until_confirmed(&app, 2).await;
    sandbox.faults().add("backend=signed-out".parse().unwrap());
    put(&folder, "one.jpg", 50, 4000);
    desktop.notifications().until("told", |shown| shown.summary == "Offload is signed out").await;
    put(&folder, "two.jpg", 51, 4000);
    let status = until_status(&app, "both wait", |status| status.totals.queued.files == 2).await;
    assert_eq!(status.health, Health::SignedOut);
    desktop.tray().until("signed out", |look| line(look) == "Signed out · 2 files wait").await;
    // A last word, to know that nothing else was said before it.
    desktop.tray().click("Open Offload").await;
    desktop.screen().close(&until_shown(&desktop).await);
    desktop.notifications().until("closed", |shown| shown.summary == "Offload goes on in the tray").await;
    let signed_out = pair("Offload is signed out", "Nothing is uploaded until you sign in again.");
    assert_eq!((told(&desktop).len(), &told(&desktop)[0]), (2, &signed_out));
}
