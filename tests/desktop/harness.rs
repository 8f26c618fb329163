//! The harness itself, tried on a window with nothing in it.

use offload_tests::desktop::{App, By, Desktop, Key, drag, kept_secrets, program, until};
use std::path::PathBuf;
use std::sync::OnceLock;

fn empty_window() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| program("empty-window", true))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_found_by_role_and_name_and_worked_in() {
    empty_window();
    let desktop = Desktop::open().await;
    let window = App::of(&desktop, empty_window()).open().await;
    window.fill(&By::field("Name"), "Ö # <b>").await;
    window.click(&By::button("Say it")).await;
    window.until("what was typed", async || (window.text_of(&By::css("#said")).await == "Ö # <b>").then_some(())).await;
    window.press(&[Key::End]).await;
    for by in [By::role("heading", "Empty"), By::field("Name"), By::button("Say it")] {
        let By::Role { role, name } = &by else { unreachable!() };
        let (spoken_role, spoken_name) = window.spoken(&by).await;
        assert_eq!((spoken_role.as_str(), spoken_name.as_str()), (*role, name.as_str()));
    }
    assert!(!window.has(&By::button("Go")).await);
    let picture = desktop.dir().join("screen.png");
    desktop.screen().save_picture(&picture);
    assert!(std::fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    let process = window.process().expect("the application runs");
    let shown = desktop.screen().titled("Empty").expect("a window on the screen");
    assert_eq!((shown.process, shown.visible), (Some(process), true));
    desktop.screen().close(&shown);
    window.until_ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_dragged_onto_a_window() {
    empty_window();
    let desktop = Desktop::open().await;
    let folders = ["My Földer #1", "100% <b>sure"].map(|name| desktop.dir().join(name));
    folders.iter().for_each(|folder| std::fs::create_dir(folder).unwrap());
    let app = App::of(&desktop, empty_window()).run();
    let painted = async || app.log().contains("painted").then_some(());
    until("painted", &painted, async || app.log()).await;
    let shown = desktop.screen().titled("Empty").unwrap();
    let carried = drag(desktop.screen(), &folders, &shown).await;
    assert!(carried.accepted && carried.fetched, "{carried:?}\n{}", app.log());
    let wanted = folders.map(|folder| format!("dropped {}\n", folder.display())).concat();
    until("both dropped", async || app.log().contains(&wanted).then_some(()), async || app.log()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyring_is_real_and_empty() {
    let desktop = Desktop::open().await;
    assert_eq!(kept_secrets(desktop.bus(), "offload").await, []);
    assert_eq!(desktop.tray().count().await, 0);
}
