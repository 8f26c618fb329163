//! What goes wrong or is held up: said in the window, and mended from there.

use crate::behind::{
    folder, lift_limit, on_screen, rows, sandbox, sandbox_options, status, until_all, until_confirmed, until_status,
    weigh,
};
use offload_protocol::view::{Health, State};
use offload_sandbox::{Sandbox, SandboxOptions};
use offload_tests::compare::green_means_safe;
use offload_tests::desktop::{App, By, Desktop, Window, until};

/// Waits until the header says so.
async fn until_header(window: &Window<'_>, words: &str) {
    let says = async || window.text_of(&By::css("section.header .words")).await.contains(words).then_some(());
    window.until(&format!("{words:?} in the header"), says).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_stands_with_cause_and_next_step_and_is_tried_again() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    sandbox.faults().add("s3=bad-signature".parse().unwrap());
    let shoot = folder(&desktop, "shoot");
    weigh(&shoot, 3, 20_000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    let window = app.open().await;
    until_status(&window, &app, "all failed", |status| status.totals.failed.files == 3).await;
    until_all(&window, 3, "Failed").await;
    until_header(&window, "3 files need your attention").await;

    window.click(&By::role_with("button", "Needs attention")).await;
    window.find(&By::role("heading", "Needs attention")).await;
    let group = By::css("section.group");
    window.find(&group).await;
    let told = window.text_of(&group).await;
    let row = rows(&app).await.remove(0);
    assert_eq!(row.code.as_deref(), Some("signature_mismatch"), "{row:#?}");
    for words in [text("cause-signature_mismatch"), text("cause-signature_mismatch-todo"), "3 files".into()] {
        assert!(told.contains(&words), "{words:?} is not in {told:?}");
    }
    for number in 0..3 {
        assert!(told.contains(&format!("IMG_{number:04}.JPG")), "{told}");
    }

    sandbox.faults().clear();
    window.click(&By::button("Retry all")).await;
    window.until_says("3 files are tried again").await;
    window.until_says("Nothing needs you").await;
    until_confirmed(&window, &app, 3).await;
    until_header(&window, "Everything is safe").await;
    window.click(&By::role_with("button", "All files")).await;
    until_all(&window, 3, "Safe").await;
    green_means_safe(&rows(&app).await, &sandbox);
    assert_eq!(sandbox.objects().unwrap().len(), 3);
}

/// A text of the window in English, from the file it is written in.
fn text(id: &str) -> String {
    let all = include_str!("../../ui/src/locales/en/causes.ftl");
    let line = all.lines().find_map(|line| line.strip_prefix(id)?.strip_prefix(" = "));
    line.unwrap_or_else(|| panic!("no text {id}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_backend_the_window_says_offline_and_goes_on_when_it_is_back() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let shoot = folder(&desktop, "shoot");
    weigh(&shoot, 1, 3000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    let window = app.open().await;
    until_confirmed(&window, &app, 1).await;
    until_header(&window, "Everything is safe").await;

    let port = |url: &str| url::Url::parse(url).unwrap().port().unwrap();
    let same = SandboxOptions {
        backend_port: port(sandbox.backend_url()),
        s3_port: port(sandbox.s3_url()),
        ..sandbox_options(&desktop)
    };
    sandbox.stop().await;
    weigh(&folder(&desktop, "shoot/more"), 4, 5000);
    until_status(&window, &app, "offline", |status| status.health == Health::Offline).await;
    until_header(&window, "Offline").await;

    let sandbox = Sandbox::start(same).await.unwrap();
    until_confirmed(&window, &app, 5).await;
    until_header(&window, "Everything is safe").await;
    let rows = rows(&app).await;
    assert!(rows.iter().all(|row| row.attempts == 0), "being offline costs no attempt: {rows:#?}");
    green_means_safe(&rows, &sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_from_the_window_holds_everything_until_it_is_resumed() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let shoot = folder(&desktop, "shoot");
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    slow(&app, "50 KB/s");
    weigh(&shoot, 20, 50_000);
    let window = app.open().await;
    until_status(&window, &app, "on its way", |status| status.totals.confirmed.files > 0).await;

    window.click(&By::within("section.header", "button", "Pause")).await;
    window.click(&By::role("menuitem", "Until I resume")).await;
    until_header(&window, "Paused").await;
    let still = |status: &offload_protocol::view::Status| {
        status.health == Health::Paused && status.totals.uploading.files + status.totals.uploaded.files == 0
    };
    let before = until_status(&window, &app, "still", still).await;
    assert!(before.totals.queued.files > 0, "there is something to hold: {before:#?}");
    let received = sandbox.uploads_received();
    // What comes meanwhile is seen, and waits too.
    std::fs::write(shoot.join("meanwhile.jpg"), b"meanwhile").unwrap();
    let queued = before.totals.queued.files + before.totals.settling.files + 1;
    let after = until_status(&window, &app, "the new one in line", |status| status.totals.queued.files == queued).await;
    assert_eq!((after.health, after.totals.confirmed), (Health::Paused, before.totals.confirmed));
    assert_eq!(sandbox.uploads_received(), received);

    window.click(&By::within("section.header", "button", "Resume")).await;
    lift_limit(&app).await;
    until_confirmed(&window, &app, 21).await;
    until_header(&window, "Everything is safe").await;
    green_means_safe(&rows(&app).await, &sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_asks_while_files_are_on_their_way() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let shoot = folder(&desktop, "shoot");
    weigh(&shoot, 5, 1_000_000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    slow(&app, "100 KB/s");
    let window = app.open().await;
    until_status(&window, &app, "uploading", |status| status.totals.uploading.files > 0).await;
    window.until_says("Uploading").await;

    window.control('q').await;
    window.find(&By::role("dialog", "5 files are not confirmed yet. Quit anyway?")).await;
    window.click(&By::button_in_dialog("Keep running")).await;
    window.gone(&By::dialog()).await;
    assert!(window.process().is_some());
    assert_ne!(status(&app).await.unwrap().totals.uploading.files, 0, "it goes on");

    window.control('q').await;
    window.click(&By::button_in_dialog("Quit")).await;
    window.until_ended().await;
    window.close().await;
    until(
        "the window gone",
        async || desktop.screen().titled("Offload").is_none().then_some(()),
        async || format!("{:#?}", desktop.screen().windows()),
    )
    .await;

    // Nothing is lost: they go on at the next start.
    app.settings("[watch]\nsettle_ms = 300\n");
    let window = app.open().await;
    on_screen(&desktop).await;
    until_confirmed(&window, &app, 5).await;
    let rows = rows(&app).await;
    assert!(rows.iter().all(|row| row.state == State::Confirmed && row.attempts == 0), "{rows:#?}");
    green_means_safe(&rows, &sandbox);
}

/// The usual settings of these tests, and a limit.
fn slow(app: &App<'_>, bandwidth: &str) {
    app.settings(&format!("[watch]\nsettle_ms = 300\n[upload]\nbandwidth = \"{bandwidth}\"\n"));
}
