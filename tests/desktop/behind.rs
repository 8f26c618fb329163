//! What lies behind the window: a sandbox beside the desktop, photos on its disk, and the engine asked by another program's way.

use offload_engine::control::Client;
use offload_protocol::control::{Reply, Request};
use offload_protocol::view::{FileRow, Filter, PageQuery, State, Status};
use offload_sandbox::{Sandbox, SandboxOptions};
use offload_tests::compare::all_arrived;
use offload_tests::desktop::{App, By, Desktop, Window, XWindow, until};
use offload_tests::photos::bytes;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Where a sandbox keeps its things: not below the home.
pub(crate) fn sandbox_options(desktop: &Desktop) -> SandboxOptions {
    SandboxOptions { dir: desktop.dir().join("sandbox"), ..SandboxOptions::default() }
}

pub(crate) async fn sandbox(desktop: &Desktop) -> Sandbox {
    Sandbox::start(sandbox_options(desktop)).await.unwrap()
}

/// A folder in the home, as people name them.
pub(crate) fn folder(desktop: &Desktop, name: &str) -> PathBuf {
    let folder = desktop.home().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Files that only weigh something.
pub(crate) fn weigh(folder: &Path, count: u64, size: usize) {
    for number in 0..count {
        std::fs::write(folder.join(format!("IMG_{number:04}.JPG")), bytes(number + 1, size)).unwrap();
    }
}

/// The application's window on the screen.
pub(crate) async fn on_screen(desktop: &Desktop) -> XWindow {
    let shown = async || desktop.screen().titled("Offload").filter(|window| window.visible);
    until("the window on the screen", shown, async || format!("{:#?}", desktop.screen().windows())).await
}

async fn ask(app: &App<'_>, request: &Request) -> Option<Reply> {
    Some(Client::connect(app.data()).await?.request(request).await.unwrap())
}

/// How the engine says it stands.
pub(crate) async fn status(app: &App<'_>) -> Option<Status> {
    match ask(app, &Request::Status).await? {
        Reply::Status(status) => Some(*status),
        other => panic!("{other:?}"),
    }
}

/// The ledger's rows, at most 1000.
pub(crate) async fn rows(app: &App<'_>) -> Vec<FileRow> {
    let filter = Filter { old_versions: true, ..Filter::default() };
    match ask(app, &Request::Page(PageQuery { filter, limit: 1000, ..PageQuery::default() })).await {
        Some(Reply::Page(page)) => page.files,
        other => panic!("{other:?}"),
    }
}

/// As `offload limit off` does.
pub(crate) async fn lift_limit(app: &App<'_>) {
    assert_eq!(ask(app, &Request::SetBandwidth(None)).await, Some(Reply::Done));
}

/// Waits until the engine stands as wanted.
pub(crate) async fn until_status(
    window: &Window<'_>,
    app: &App<'_>,
    what: &str,
    wanted: impl Fn(&Status) -> bool,
) -> Status {
    window.until(what, async || status(app).await.filter(|status| wanted(status))).await
}

/// Waits until so many files are confirmed and nothing is left to do.
pub(crate) async fn until_confirmed(window: &Window<'_>, app: &App<'_>, files: u64) -> Status {
    let done = |status: &Status| {
        let still = status.sources.iter().all(|source| !source.scanning);
        still && status.totals.confirmed.files == files && status.totals.pending() == 0
    };
    until_status(window, app, &format!("{files} files confirmed and nothing left"), done).await
}

/// Ledger, records and bucket agree about all that lies in these folders, whose paths begin so in the ledger.
pub(crate) async fn agree(app: &App<'_>, sandbox: &Sandbox, folders: &[(&Path, &str)]) {
    let rows = rows(app).await;
    let mut files = 0;
    for (folder, begin) in folders {
        let paths: Vec<_> = below(folder).into_iter().map(|(path, whole)| (format!("{begin}{path}"), whole)).collect();
        files += paths.len();
        all_arrived(&rows, sandbox, folder, &paths);
    }
    assert_eq!(rows.iter().filter(|row| row.state == State::Confirmed).count(), files);
    assert_eq!(sandbox.objects().unwrap().len(), files);
    let records = sandbox.records().unwrap();
    assert!(records.len() == files && records.iter().all(offload_sandbox::Record::is_confirmed), "{records:#?}");
}

/// All files below a folder: the path in it, and the whole path.
fn below(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inside) = folders.pop() {
        for entry in std::fs::read_dir(inside).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                found.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), path));
            }
        }
    }
    found
}

/// What the list shows: of each row that is drawn, from the top, its columns' texts.
pub(crate) async fn listed(window: &Window<'_>) -> Vec<Listed> {
    const SCRIPT: &str = r#"
        const bare = (text) => (text ?? '').replace(/[\u2066-\u2069]/g, '').trim();
        return [...document.querySelectorAll('[role=grid] [data-index]')]
            .sort((a, b) => a.dataset.index - b.dataset.index)
            .map((row) => [
                row.dataset.index,
                bare(row.querySelector('.name .file')?.textContent),
                bare(row.querySelector('.name .folder')?.textContent),
                bare(row.querySelector('.state .one-line')?.textContent),
                row.getAttribute('aria-selected'),
            ]);
    "#;
    let Ok(found) = window.script(SCRIPT, json!([])).await else { return Vec::new() };
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let row = |row: &serde_json::Value| Listed {
        index: text(&row[0]).parse().unwrap(),
        name: text(&row[1]),
        folder: text(&row[2]),
        state: text(&row[3]),
        selected: row[4] == "true",
    };
    found.as_array().into_iter().flatten().map(row).collect()
}

/// A row as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) index: u64,
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) state: String,
    pub(crate) selected: bool,
}

/// Waits until the list shows so many rows, all in a state.
pub(crate) async fn until_all(window: &Window<'_>, count: usize, state: &str) -> Vec<Listed> {
    let wanted = async || {
        let rows = listed(window).await;
        (rows.len() == count && rows.iter().all(|row| row.state == state && !row.name.is_empty())).then_some(rows)
    };
    window.until(&format!("{count} rows, all {state}"), wanted).await
}

/// The names in the list, once they are as wanted.
pub(crate) async fn until_named(window: &Window<'_>, wanted: &[&str]) {
    let named = async || {
        let rows = listed(window).await;
        rows.iter().map(|row| row.name.as_str()).eq(wanted.iter().copied()).then_some(())
    };
    window.until(&format!("the rows {wanted:?}"), named).await;
}

/// What stands at a field as wrong: what it is, and what to do.
pub(crate) async fn until_wrong(window: &Window<'_>, field: &str) -> (String, String) {
    let wrong = async || {
        let by = By::field(field);
        if window.attribute(&by, "aria-invalid").await.as_deref() != Some("true") {
            return None;
        }
        let told = window.attribute(&by, "aria-describedby").await?;
        let lines = window.script(
            "return [...document.querySelectorAll(`[id='${arguments[0]}'][role=alert] p`)].map((line) => line.innerText)",
            json!([told]),
        );
        let lines = lines.await.ok()?;
        let line = |number: usize| lines[number].as_str().unwrap_or_default().to_owned();
        (!line(0).is_empty()).then(|| (line(0), line(1)))
    };
    window.until(&format!("something wrong at {field}"), wrong).await
}
