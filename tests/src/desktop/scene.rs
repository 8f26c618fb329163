//! A desktop with a backend to upload to, and folders of photographs.

use super::{App, By, Desktop, TrayLook, Window, XWindow};
use crate::compare::{green_means_safe, sha256};
use crate::photos::bytes;
use offload_protocol::view::State;
use offload_sandbox::{Sandbox, SandboxOptions};
use std::path::{Path, PathBuf};

/// What the window is called.
const TITLE: &str = "Offload";

/// A desktop, a sandbox, and a place for photographs.
#[derive(Debug)]
pub struct Scene {
    pub desktop: Desktop,
    pub sandbox: Sandbox,
    /// The sandbox's own folder is not below the desktop's: what it keeps is no secret that leaked.
    _elsewhere: tempfile::TempDir,
}

impl Scene {
    pub async fn open() -> Self {
        let desktop = Desktop::open().await;
        let elsewhere = tempfile::Builder::new().prefix("sandbox").tempdir().unwrap();
        let options = SandboxOptions { dir: elsewhere.path().to_owned(), ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        Self { desktop, sandbox, _elsewhere: elsewhere }
    }

    /// The application, signed in by the environment.
    pub fn app(&self) -> App<'_> {
        App::new(&self.desktop).signed_in(&self.sandbox)
    }

    /// A new folder of so many photographs, IMG_0000.JPG and on.
    pub fn folder(&self, name: &str, files: u64) -> PathBuf {
        let folder = self.desktop.dir().join("photos").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for number in 0..files {
            put(&folder, &format!("IMG_{number:04}.JPG"), number + name.len() as u64 * 1000, 30_000);
        }
        folder
    }

    pub fn fault(&self, words: &str) {
        self.sandbox.faults().add(words.parse().unwrap());
    }

    /// The window on the screen; waits until it can be seen.
    pub async fn shown(&self) -> XWindow {
        let screen = self.desktop.screen();
        let seen = async || screen.titled(TITLE).filter(|window| window.visible);
        super::until("the window on the screen", seen, async || format!("{:#?}", screen.windows())).await
    }

    /// Waits until the window can be seen no more.
    pub async fn hidden(&self) {
        let screen = self.desktop.screen();
        let gone = async || screen.titled(TITLE).is_none_or(|window| !window.visible).then_some(());
        super::until("the window gone from the screen", gone, async || format!("{:#?}", screen.windows())).await;
    }

    /// Closes the window as its button does, and waits until it is gone.
    pub async fn close_window(&self) {
        let shown = self.shown().await;
        self.desktop.screen().close(&shown);
        self.hidden().await;
    }

    /// Waits until the tray's label is this.
    pub async fn tray_says(&self, label: &str) -> TrayLook {
        self.desktop.tray().until(&format!("\"{label}\""), |look| look.label == label).await
    }

    /// Ledger, record, bucket and disk tell the same: each file of the folder is safe, once.
    pub async fn all_safe(&self, app: &App<'_>, folder: &Path) {
        let rows = app.rows().await;
        green_means_safe(&rows, &self.sandbox);
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let digest = sha256(&std::fs::read(entry.path()).unwrap());
            let of_it = rows.iter().filter(|row| row.path == name && row.sha256.as_ref() == Some(&digest));
            let states: Vec<State> = of_it.map(|row| row.state).collect();
            assert_eq!(states, [State::Confirmed], "{name}");
        }
        let confirmed = rows.iter().filter(|row| row.state == State::Confirmed).count();
        assert_eq!(self.sandbox.objects().unwrap().len(), confirmed, "one object a file");
    }
}

/// Writes a photograph.
pub(crate) fn put(folder: &Path, name: &str, seed: u64, length: usize) {
    std::fs::write(folder.join(name), bytes(seed, length)).unwrap();
}

impl Window<'_> {
    /// Waits until the row of a file shows a state.
    pub async fn row_says(&self, name: &str, state: &str) {
        let row = row(name);
        self.until(&format!("{name} shown as {state}"), async || {
            self.text_of(&row).await.contains(state).then_some(())
        })
        .await;
    }

    /// What the dialog for a dropped folder is answered with: its button at the end is the way's own.
    pub async fn take_given(&self, way: &str) {
        self.click(&By::role("radio", way)).await;
        self.click(&By::button(way)).await;
        self.gone(&By::dialog()).await;
    }

    /// Chooses from a menu of the window.
    pub async fn choose(&self, button: &str, entry: &str) {
        self.click(&By::button(button)).await;
        self.click(&By::role("menuitem", entry)).await;
    }
}

/// The row of a file in the list, by the whole name that stands in its title.
pub(crate) fn row(name: &str) -> By {
    let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
    By::css(format!("[role=row]:has([role=gridcell][title=\"{quoted}\"])"))
}
