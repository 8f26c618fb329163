//! The tray: its six states, and that it is never green while anything is pending.

use crate::running::{
    again, below, do_it, line, photos, put, sandbox, sockets, status, until_confirmed, until_hidden, until_running,
    until_shown, until_status, wears,
};
use offload_protocol::view::Health;
use offload_sandbox::Sandbox;
use offload_tests::desktop::{App, By, Desktop};
use std::time::Instant;

const QUICK: &str = "[watch]\nsettle_ms = 300\n[upload]\nbandwidth = \"400kB\"\n";

/// From the first start to signed out, each with its word, its picture and its line.
#[tokio::test(flavor = "multi_thread")]
async fn all_six_states() {
    let desktop = Desktop::open().await;
    let tray = desktop.tray();
    let mut sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop);
    app.settings(QUICK);
    let window = app.open().await;
    let shows = async |picture: &str, label: &str, start: &str| {
        tray.until(&format!("{picture}, {label:?}, {start:?}"), |look| {
            wears(look, picture) && look.label.starts_with(label) && line(look).starts_with(start)
        })
        .await
    };
    shows("signed-out", "Not connected yet", "Not connected yet").await;

    window.fill(&By::field("Backend address"), sandbox.backend_url()).await;
    window.fill(&By::css("input[type=password]"), sandbox.token()).await;
    window.click(&By::button("Connect")).await;
    shows("up-to-date", "Up to date", "Up to date").await;

    let folder = photos(&desktop, "Pictures", 20, 150_000);
    do_it(&app, &["add", folder.to_str().unwrap()]).await;
    let look = tray.until("percents", |look| wears(look, "uploading") && look.label.ends_with('%')).await;
    assert!(look.label.starts_with("Uploading "), "{look:#?}");
    assert!(line(&look).starts_with(&look.label) && line(&look).contains(" of 20 files"), "{look:#?}");
    assert!(look.item("Resume").is_none(), "{look:#?}");

    tray.click("For 1 hour").await;
    let look = shows("paused", "Paused", "Paused · until ").await;
    assert!(line(&look).contains(" files wait"), "{look:#?}");
    assert!(look.item("For 1 hour").is_none() && look.item("Resume").is_some(), "{look:#?}");
    let paused = status(&app).await.unwrap();
    assert!(paused.health == Health::Paused && paused.paused_until_ms.is_some(), "{paused:#?}");

    tray.click("Resume").await;
    shows("uploading", "Uploading", "Uploading").await;

    let place = again(&desktop, &sandbox);
    sandbox.stop().await;
    let look = shows("offline", "Offline", "Offline · ").await;
    assert!(line(&look).contains(" wait"), "{look:#?}");

    sandbox = Sandbox::start(place).await.unwrap();
    sandbox.faults().add("s3=condition:path=bad".parse().unwrap());
    put(&folder, "bad.jpg", 500, 2000);
    do_it(&app, &["limit", "off"]).await;
    shows("needs-attention", "Needs attention", "Needs attention · 1 file needs you").await;

    sandbox.faults().clear();
    until_status(&app, "all but one", |status| status.totals.confirmed.files == 20).await;
    do_it(&app, &["retry", "--all"]).await;
    shows("up-to-date", "Up to date", "Up to date · 21 files safe").await;

    sandbox.faults().add("backend=signed-out".parse().unwrap());
    put(&folder, "later.jpg", 501, 2000);
    shows("signed-out", "Signed out", "Signed out · 1 file waits").await;
}

/// What the tray says is held against the ledger at every look, in two waves: the second begins under a green tray.
#[tokio::test(flavor = "multi_thread")]
async fn never_green_while_anything_is_pending() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = photos(&desktop, "Pictures", 30, 40_000);
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden").with(&folder);
    app.settings(QUICK);
    let _running = app.run();
    until_status(&app, "the folder", |status| status.running && status.sources.len() == 1).await;
    let looks = watch(&desktop, &app, 30).await;
    (0..5).for_each(|number| put(&folder, &format!("second {number}.jpg"), 600 + number, 60_000));
    until_status(&app, "the second wave", |status| status.totals.pending() > 0).await;
    let more = watch(&desktop, &app, 35).await;
    assert!(looks >= 5 && more >= 2, "looked {looks} and {more} times at work: too seldom to say anything");
}

/// Looks at ledger, tray, ledger, and so on, until both say that so many files are safe; how many looks were at work.
async fn watch(desktop: &Desktop, app: &App<'_>, files: u64) -> u64 {
    let green = format!("Up to date · {files} files safe");
    let began = Instant::now();
    let mut at_work = 0;
    let mut before = until_running(app).await;
    loop {
        let look = desktop.tray().look().await.expect("an item in the tray");
        let after = until_running(app).await;
        let pending = before.totals.pending().min(after.totals.pending());
        let is_green =
            wears(&look, "up-to-date") || look.label == "Up to date" || line(&look).starts_with("Up to date");
        assert!(!(is_green && pending > 0), "green with {pending} files pending: {look:#?}\n{before:#?}\n{after:#?}");
        at_work += u64::from(pending > 0);
        if line(&look) == green && after.totals.confirmed.files == files {
            assert_eq!((look.label.as_str(), wears(&look, "up-to-date")), ("Up to date", true));
            return at_work;
        }
        assert!(began.elapsed() < offload_tests::desktop::PATIENCE, "never green: {look:#?}\n{after:#?}");
        before = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_lists_what_is_safe_opens_the_window_and_quits() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let folder = desktop.home().join("Pictures");
    std::fs::create_dir(&folder).unwrap();
    let app = App::new(&desktop).signed_in(&sandbox).with("--hidden").with(&folder);
    let mut running = app.run();
    until_running(&app).await;
    let look = desktop.tray().until("a menu", |look| line(look) == "Up to date").await;
    assert_eq!(below(&look, "Recent uploads"), ["None yet"]);
    // One after the other, so that their order is known.
    let names = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "a&b_c__d <b>.jpg", "turn\u{202e}gpj.exe"];
    for (number, name) in names.iter().enumerate() {
        put(&folder, name, number as u64, 3000);
        until_confirmed(&app, number as u64 + 1).await;
    }
    let wanted = ["turn\u{fffd}gpj.exe", "a&b_c__d <b>.jpg", "4.jpg", "3.jpg", "2.jpg"];
    let look = desktop.tray().until("the last uploads", |look| below(look, "Recent uploads") == wanted).await;
    assert_eq!(line(&look), "Up to date · 6 files safe");
    let menu = ["Up to date · 6 files safe", "Open Offload", "Pause", "Recent uploads", "Add folder…", "Quit Offload"];
    assert_eq!(look.labels(), menu);
    assert!(!look.menu[0].enabled, "the first line only says something");

    desktop.tray().click("Open Offload").await;
    desktop.screen().close(&until_shown(&desktop).await);
    until_hidden(&desktop).await;
    desktop.tray().click("Open Offload").await;
    until_shown(&desktop).await;
    assert!(!sockets(&app).is_empty());
    desktop.tray().click("Quit Offload").await;
    assert_eq!(running.ended().await, 0);
    assert!(sockets(&app).is_empty());
    assert_eq!(status(&app).await.map(|status| status.running), Some(false));
}
