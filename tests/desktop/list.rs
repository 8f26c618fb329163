//! The list: finding, sorting and opening files, names made to do harm, and as many rows as a studio has.

use crate::behind::{Listed, folder, listed, rows, sandbox, until_all, until_confirmed, until_named, until_status};
use offload_engine::ledger::Ledger;
use offload_tests::desktop::{App, By, Desktop, Key, Window};
use offload_tests::photos::bytes;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Instant;

const BY_NAME: [&str; 5] = ["bad.jpg", "beach 01.jpg", "beach 02.jpg", "alps.jpg", "Zoo.png"];

/// A folder whose files are in the window: four safe, one failed.
async fn shoot<'d>(desktop: &'d Desktop, sandbox: &offload_sandbox::Sandbox) -> (App<'d>, Window<'d>) {
    sandbox.faults().add("s3=too-large:path=bad.jpg".parse().unwrap());
    let shoot = folder(desktop, "shoot");
    folder(desktop, "shoot/sub");
    let files =
        [("beach 01.jpg", 3000), ("beach 02.jpg", 9000), ("Zoo.png", 1000), ("sub/alps.jpg", 5000), ("bad.jpg", 7000)];
    for (seed, (name, size)) in (1u64..).zip(files) {
        std::fs::write(shoot.join(name), bytes(seed, size)).unwrap();
    }
    let app = App::new(desktop).signed_in(sandbox).with(&shoot);
    let window = app.open().await;
    let done =
        |status: &offload_protocol::view::Status| (status.totals.confirmed.files, status.totals.failed.files) == (4, 1);
    until_status(&window, &app, "four safe and one failed", done).await;
    window.until("five rows", async || (listed(&window).await.len() == 5).then_some(())).await;
    (app, window)
}

async fn sort(window: &Window<'_>, column: &str) {
    window.click(&By::within("[role=columnheader]", "button", column)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_searched_filtered_and_sorted() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let (_app, window) = shoot(&desktop, &sandbox).await;

    sort(&window, "Name").await;
    until_named(&window, &BY_NAME).await;
    assert_eq!(window.attribute(&By::css(".column-name[role=columnheader]"), "aria-sort").await.unwrap(), "ascending");
    sort(&window, "Name").await;
    let down: Vec<&str> = BY_NAME.into_iter().rev().collect();
    until_named(&window, &down).await;
    sort(&window, "Size").await;
    until_named(&window, &["beach 02.jpg", "bad.jpg", "alps.jpg", "beach 01.jpg", "Zoo.png"]).await;
    window.click(&By::role("button", "Order: Largest first")).await;
    window.click(&By::role("menuitem", "Smallest first")).await;
    until_named(&window, &["Zoo.png", "beach 01.jpg", "alps.jpg", "bad.jpg", "beach 02.jpg"]).await;

    let search = By::field("Search files");
    window.fill(&search, "BEACH").await;
    until_named(&window, &["beach 01.jpg", "beach 02.jpg"]).await;
    window.until_says("2 files found").await;
    window.press(&[Key::Escape]).await;
    until_named(&window, &["Zoo.png", "beach 01.jpg", "alps.jpg", "bad.jpg", "beach 02.jpg"]).await;
    // A folder's name finds what lies in it.
    window.fill(&search, "sub").await;
    until_named(&window, &["alps.jpg"]).await;
    window.fill(&search, "nothing of this kind").await;
    window.until_says("No file matches").await;
    window.click(&By::button("Clear filters")).await;
    window.until("all rows again", async || (listed(&window).await.len() == 5).then_some(())).await;

    window.click(&By::within("[aria-label='Filter by state']", "button", "Failed 1")).await;
    until_named(&window, &["bad.jpg"]).await;
    assert_eq!(listed(&window).await[0].state, "Failed");
    window.click(&By::within("[aria-label='Filter by state']", "button", "Safe 4")).await;
    until_named(&window, &["Zoo.png", "beach 01.jpg", "alps.jpg", "beach 02.jpg"]).await;
    window.click(&By::within("[aria-label='Filter by state']", "button", "All 5")).await;
    window.until("all rows again", async || (listed(&window).await.len() == 5).then_some(())).await;
}

/// The heading of the story that is open.
async fn until_story(window: &Window<'_>, name: &str) {
    window.find(&By::role("complementary", name)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_tells_its_story_and_all_of_it_goes_by_keyboard() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let (app, window) = shoot(&desktop, &sandbox).await;
    sort(&window, "Name").await;
    until_named(&window, &BY_NAME).await;

    // From the search into the list, down to a file, and into its story.
    window.control('f').await;
    window.press(&[Key::Enter]).await;
    window.press(&[Key::Down]).await;
    until_selected(&window, &["beach 01.jpg"]).await;
    window.press(&[Key::Enter]).await;
    until_story(&window, "beach 01.jpg").await;
    let row = rows(&app).await.into_iter().find(|row| row.path == "beach 01.jpg").unwrap();
    window.until_says("In your storage with a matching checksum, and confirmed by the backend.").await;
    window.until_says("What happened").await;
    let story = window.text_of(&By::css("aside.story")).await;
    for words in ["Upload", "Confirmation", "Went well", "Safe"] {
        assert!(story.contains(words), "{words:?} is not in {story:?}");
    }
    window.click(&By::role("button", "Technical details")).await;
    for words in [row.key.unwrap(), row.sha256.unwrap(), row.file_id] {
        window.until_says(&words).await;
    }

    // The story follows the row that is looked at.
    window.control('f').await;
    window.press(&[Key::Enter]).await;
    window.press(&[Key::Down]).await;
    until_story(&window, "beach 02.jpg").await;
    window.press(&[Key::Home]).await;
    until_story(&window, "bad.jpg").await;
    window.until_says("What happened").await;
    let row = rows(&app).await.into_iter().find(|row| row.path == "bad.jpg").unwrap();
    let story = window.text_of(&By::css("aside.story")).await.to_lowercase();
    for words in [row.reason.unwrap(), row.hint.unwrap(), "EntityTooLarge".into()] {
        assert!(story.contains(&words.to_lowercase()), "{words:?} is not in {story:?}");
    }
    window.press(&[Key::Escape]).await;
    window.gone(&By::css("aside.story")).await;

    window.press(&[Key::End]).await;
    until_selected(&window, &["Zoo.png"]).await;
    window.press(&[Key::Up]).await;
    until_selected(&window, &["alps.jpg"]).await;
    window.press(&[Key::Shift, Key::Up]).await;
    until_selected(&window, &["beach 02.jpg", "alps.jpg"]).await;
    window.control('a').await;
    until_selected(&window, &BY_NAME).await;
    window.until_says("5 selected").await;
    window.press(&[Key::Escape]).await;
    until_selected(&window, &[]).await;
}

async fn until_selected(window: &Window<'_>, names: &[&str]) {
    let selected = async || {
        let rows = listed(window).await;
        let selected = rows.iter().filter(|row| row.selected).map(|row| row.name.as_str());
        selected.eq(names.iter().copied()).then_some(())
    };
    window.until(&format!("{names:?} selected"), selected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_made_to_do_harm_are_text() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let long = format!("{}x.jpg", "ü".repeat(125));
    assert_eq!(long.len(), 255);
    // The name on the disk, and as it is shown.
    let names: [(&[u8], &str); 8] = [
        (b"<img src=x onerror=window.harmed=1>.jpg", "<img src=x onerror=window.harmed=1>.jpg"),
        (b"<script>window.harmed=1<!--.jpg", "<script>window.harmed=1<!--.jpg"),
        (b"{ $name } {@html 1} &lt;b&gt;.jpg", "{ $name } {@html 1} &lt;b&gt;.jpg"),
        ("\u{202e}gpj.exe.jpg".as_bytes(), "‹202E›gpj.exe.jpg"),
        (b"line\nbreak.jpg", "line⏎break.jpg"),
        (b"IMG_\xff\xfe.jpg", r"IMG_\xFF\xFE.jpg"),
        ("e\u{301}te\u{301} 서울 📷.jpg".as_bytes(), "e\u{301}te\u{301} 서울 📷.jpg"),
        (long.as_bytes(), &long),
    ];
    const HOSTILE: &str = "<img src=x onerror=window.harmed=1> & #";
    let shoot = folder(&desktop, HOSTILE);
    for (seed, (name, _)) in (1u64..).zip(&names) {
        std::fs::write(shoot.join(OsStr::from_bytes(name)), bytes(seed, 2000)).unwrap();
    }
    let app = App::new(&desktop).signed_in(&sandbox).with(&shoot);
    let window = app.open().await;
    until_confirmed(&window, &app, names.len() as u64).await;
    let mut shown: Vec<String> =
        until_all(&window, names.len(), "Safe").await.into_iter().map(|row| row.name).collect();
    let mut wanted = names.map(|(_, shown)| shown.to_owned());
    shown.sort();
    wanted.sort();
    assert_eq!(shown, wanted);
    // At the side, in a message, in a story, in a question, in the folder's dialog.
    window.until_says(&format!("{HOSTILE} is watched from now on")).await;
    assert!(window.has(&By::role_with("button", HOSTILE)).await);
    for (_, name) in &names {
        let row = window.find(&By::css(format!("[role=grid] [data-index='{}']", index_of(&window, name).await))).await;
        window
            .script(
                "arguments[0].dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))",
                json!([Window::reference(&row)]),
            )
            .await
            .unwrap();
        until_story(&window, name).await;
        assert_eq!(harm(&window).await, json!([0, 0, false]), "{name}");
    }
    window.click(&By::button(format!("Actions for {HOSTILE}"))).await;
    window.click(&By::role("menuitem", "Remove")).await;
    window.until_says(&format!("Remove {HOSTILE}?")).await;
    window.click(&By::button_in_dialog("Cancel")).await;
    window.gone(&By::dialog()).await;
    window.click(&By::button(format!("Actions for {HOSTILE}"))).await;
    window.click(&By::role("menuitem", "Edit…")).await;
    window.find(&By::role("dialog", format!("Edit {HOSTILE}"))).await;
    assert_eq!(harm(&window).await, json!([0, 0, false]));
}

async fn index_of(window: &Window<'_>, name: &str) -> u64 {
    let found =
        async || listed(window).await.into_iter().find(|row| row.name == name).map(|Listed { index, .. }| index);
    window.until(&format!("the row of {name}"), found).await
}

/// Elements made of a name, rows wider than the list, and whether a script out of a name ran.
async fn harm(window: &Window<'_>) -> Value {
    const SCRIPT: &str = "
        const made = document.querySelectorAll('img[src=\"x\"], [onerror], body script').length;
        const grid = document.querySelector('[role=grid]');
        const wide = [...grid.querySelectorAll('[role=row]')].filter((row) => row.scrollWidth > grid.clientWidth);
        return [made, wide.length, window.harmed !== undefined];
    ";
    window.script(SCRIPT, json!([])).await.unwrap()
}

const MANY: u64 = 100_000;

/// A ledger as after some years: nearly all confirmed, and the folder on a drive that is not plugged in.
fn seed(app: &App<'_>, folder: &std::path::Path) {
    use offload_engine::ledger::sources::{NewRoot, add_watched};
    let ledger = Ledger::open(app.data()).unwrap();
    let new = offload_tests::new_source(&[folder.to_owned()]);
    let root = NewRoot { path: folder.to_owned(), is_folder: true };
    ledger.write_blocking(move |db| add_watched(db, &new, &root, 1_700_000_000_000)).unwrap();
    drop(ledger);
    let db = rusqlite::Connection::open(app.data().join("ledger.db")).unwrap();
    let insert = format!(
        "INSERT INTO files (file_id, source_id, local, path, size, mtime_ns, state, code, reason, sha256, key, etag, created_ms, changed_ms)
         WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n < {MANY} - 1),
         named (n, path) AS (SELECT n, printf('20%02d/shoot %03d/IMG_%06d.JPG', n / 10000, n / 100 % 100, n) FROM count)
         SELECT printf('00000000-0000-7000-8000-%012d', n), 1, CAST(?1 || '/' || path AS BLOB), path, n * 7919 % 30000000 + 1,
           1700000000000000000 + n, iif(n % 100 = 7, 'failed', 'confirmed'), iif(n % 100 = 7, 'policy_too_large', NULL),
           iif(n % 100 = 7, 'the file is larger than the upload policy allows', NULL), hex(randomblob(32)), 'studio/' || path,
           hex(randomblob(16)), 1700000000000, 1700000000000 + n * 1000
         FROM named"
    );
    let inserted = db.execute(&insert, [folder.to_str().unwrap()]).unwrap();
    assert_eq!(inserted as u64, MANY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_files_are_there_at_once() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop).signed_in(&sandbox);
    let began = Instant::now();
    let folder = desktop.home().join("Archive");
    tokio::task::block_in_place(|| seed(&app, &folder));
    println!("seeded in {:?}", began.elapsed());
    let window = app.open().await;
    let named = async |wanted: &str| listed(&window).await.iter().any(|row| row.name == wanted).then_some(());
    // The newest first.
    window.until("the first rows", async || named("IMG_099999.JPG").await).await;
    let painted = async || {
        let logs = std::fs::read_dir(app.data().join("logs")).unwrap().map(|file| file.unwrap().path());
        let log: String = logs.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        Some(log.lines().find_map(|line| Some(line.split_once("painted after ")?.1))?.to_owned())
    };
    println!("first list painted after {}", window.until("the log says when it was painted", painted).await);
    assert!(listed(&window).await.len() < 60, "only what can be seen is drawn");
    let total = (MANY + 1).to_string();
    assert_eq!(window.attribute(&By::css("[role=grid]"), "aria-rowcount").await, Some(total.clone()));

    window.control('f').await;
    window.press(&[Key::Enter]).await;
    window.press(&[Key::End]).await;
    window.until("the last row", async || named("IMG_000000.JPG").await).await;
    let last = async || listed(&window).await.iter().any(|row| row.index == MANY - 1 && row.selected).then_some(());
    window.until("the last row selected", last).await;
    window.press(&[Key::Home]).await;
    window.until("the first rows again", async || named("IMG_099999.JPG").await).await;

    let search = By::field("Search files");
    window.fill(&search, "img_000777").await;
    until_named(&window, &["IMG_000777.JPG"]).await;
    window.fill(&search, "shoot 042").await;
    window.until_says("1,000 files found").await;
    window.press(&[Key::Escape]).await;
    window.click(&By::within("[aria-label='Filter by state']", "button", "Failed 1,000")).await;
    let failed = async || {
        let rows = listed(&window).await;
        (!rows.is_empty() && rows.iter().all(|row| row.state == "Failed")).then_some(())
    };
    window.until("only what failed", failed).await;
    let thousand = async || (window.attribute(&By::css("[role=grid]"), "aria-rowcount").await? == "1001").then_some(());
    window.until("a thousand of them", thousand).await;
}
