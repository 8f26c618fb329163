//! Adding folders by a real drag, what becomes of them, and changing and removing them again.

use crate::behind::{
    agree, folder, listed, on_screen, rows, sandbox, status, until_all, until_confirmed, until_status, weigh,
};
use offload_protocol::view::{SourceKind, State};
use offload_tests::desktop::{App, By, Desktop, Window, drag_looking};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Drags a folder onto the window, and waits for the question what to do with it.
async fn drag_onto(desktop: &Desktop, window: &Window<'_>, folder: &Path) {
    let shown = on_screen(desktop).await;
    let look = async || {
        window.until_says("Drop to upload").await;
        window.until_says("1 item").await;
    };
    let carried = drag_looking(desktop.screen(), &[folder.to_owned()], &shown, look).await;
    assert!(carried.accepted && carried.fetched, "{carried:?}\n{}", window.log());
    let name = folder.file_name().unwrap().to_str().unwrap();
    window.find(&By::role("dialog", format!("Add {name}"))).await;
}

async fn draw(folder: &Path, count: usize, seed: u64) -> Vec<PathBuf> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || xtask::photos::draw(&folder, count, seed)).await.unwrap().unwrap()
}

/// Waits until every row that is drawn shows the picture of its file.
async fn until_pictured(window: &Window<'_>, count: u64) {
    const WIDTHS: &str = "return [...document.querySelectorAll('[role=grid] [data-index] .thumb.pictured img')]
        .map((image) => image.naturalWidth)";
    let widths = async || {
        let widths = window.script(WIDTHS, json!([])).await.ok()?;
        let wide = widths.as_array()?.iter().filter(|width| width.as_u64() > Some(0)).count() as u64;
        (wide == count).then_some(())
    };
    window.until(&format!("{count} thumbnails"), widths).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_dragged_onto_the_window_arrives_and_is_kept_watched() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let wedding = folder(&desktop, "Hochzeit Müller #1 100%");
    draw(&wedding, 5, 1).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    let window = app.open().await;
    window.until_says("Ready for your first folder").await;

    drag_onto(&desktop, &window, &wedding).await;
    window.until_says("5 files · ").await;
    window.click(&By::role("radio", "Keep watching")).await;
    window.fill(&By::field("Destination folder"), "weddings/2026").await;
    window.click(&By::button_in_dialog("Keep watching")).await;
    window.gone(&By::dialog()).await;
    until_all(&window, 5, "Safe").await;
    until_confirmed(&window, &app, 5).await;
    window.until_says("Everything is safe").await;
    until_pictured(&window, 5).await;
    agree(&app, &sandbox, &[(&wedding, "")]).await;
    for row in rows(&app).await {
        assert!(row.key.as_deref().is_some_and(|key| key.starts_with("studio/weddings/2026/DCIM/")), "{row:#?}");
    }

    // What comes later arrives by itself.
    let spare = desktop.dir().join("spare");
    let later = draw(&spare, 1, 7).await;
    std::fs::rename(&later[0], wedding.join("später.jpg")).unwrap();
    let shown = until_all(&window, 6, "Safe").await;
    assert!(shown.iter().any(|row| row.name == "später.jpg"), "{shown:#?}");
    until_pictured(&window, 6).await;
    until_confirmed(&window, &app, 6).await;
    agree(&app, &sandbox, &[(&wedding, "")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_folder_dragged_is_uploaded_once() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let watched = folder(&desktop, "watched");
    weigh(&watched, 2, 3000);
    let card = folder(&desktop, "card 서울");
    (0..3u64).for_each(|number| {
        std::fs::write(card.join(format!("card {number}.jpg")), offload_tests::photos::bytes(100 + number, 4000))
            .unwrap();
    });
    let app = App::new(&desktop).signed_in(&sandbox).with(&watched);
    let window = app.open().await;
    until_confirmed(&window, &app, 2).await;

    drag_onto(&desktop, &window, &card).await;
    window.until_says("3 files · 12").await;
    window.click(&By::role("radio", "Upload now")).await;
    window.click(&By::button_in_dialog("Upload now")).await;
    window.gone(&By::dialog()).await;
    until_all(&window, 3, "Safe").await;
    window.until_says("card 서울 is being uploaded").await;
    let status = until_confirmed(&window, &app, 5).await;
    let kinds: Vec<SourceKind> = status.sources.iter().map(|source| source.kind).collect();
    assert_eq!(kinds, [SourceKind::Watched, SourceKind::Batch]);
    agree(&app, &sandbox, &[(&watched, ""), (&card, "card 서울/")]).await;
    // All of both, under their sources' names.
    window.click(&By::role_with("button", "All files")).await;
    let shown = until_all(&window, 5, "Safe").await;
    assert!(shown.iter().any(|row| row.folder.starts_with("card 서울")), "{shown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_leaves_out_is_changed_and_the_source_removed_after_a_question() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let shoot = folder(&desktop, "shoot");
    weigh(&shoot, 1, 3000);
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    let window = app.open().await;
    until_confirmed(&window, &app, 1).await;

    choose(&window, "shoot", "Edit…").await;
    window.find(&By::role("dialog", "Edit shoot")).await;
    window.fill(&By::field("Leave out"), "*.tif").await;
    window.click(&By::button_in_dialog("Save")).await;
    window.gone(&By::dialog()).await;
    window.until_says("shoot is changed").await;
    assert_eq!(status(&app).await.unwrap().sources[0].exclude, ["*.tif"]);
    std::fs::write(shoot.join("left out.tif"), b"left out").unwrap();
    std::fs::write(shoot.join("sent.jpg"), b"sent").unwrap();
    until_confirmed(&window, &app, 2).await;
    until_all(&window, 2, "Safe").await;
    assert!(sandbox.records().unwrap().iter().all(|record| !record.filename.ends_with(".tif")));
    assert!(rows(&app).await.iter().all(|row| !row.path.ends_with(".tif") || row.state == State::Skipped));

    choose(&window, "shoot", "Remove").await;
    window.until_says("Remove shoot?").await;
    window.click(&By::button_in_dialog("Cancel")).await;
    window.gone(&By::dialog()).await;
    assert_eq!(status(&app).await.unwrap().sources.len(), 1);
    choose(&window, "shoot", "Remove").await;
    window.click(&By::button_in_dialog("Remove")).await;
    window.gone(&By::dialog()).await;
    until_status(&window, &app, "no source left", |status| status.sources.is_empty()).await;
    window.until_says("None yet").await;
    window.until_says("Nothing here yet").await;
    assert_eq!(listed(&window).await, []);
    // Nothing is deleted: neither here nor there.
    assert!(shoot.join("sent.jpg").exists());
    assert_eq!(sandbox.objects().unwrap().len(), 2);
}

/// A line of a source's menu.
async fn choose(window: &Window<'_>, source: &str, line: &str) {
    window.click(&By::button(format!("Actions for {source}"))).await;
    window.click(&By::role("menuitem", line)).await;
}
