//! The desktop as Tauri sees it.

mod front;
mod tray;

pub(crate) use front::{REMEMBERED, dropped_on};
pub(crate) use tray::Tray;

use crate::desk::{Desk, Recent};
use crate::face::TrayFace;
use async_trait::async_trait;
use front::Front;
use offload_protocol::control::ControlError;
use offload_protocol::window::{Appearance, WindowEvent};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use tauri::{AppHandle, Manager};
use tauri_plugin_autostart::ManagerExt;
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_notification::NotificationExt;
use tokio::sync::oneshot;
use url::Url;

/// The only window.
pub(crate) const MAIN: &str = "main";

/// Tauri's implementation of `Desk`.
pub(crate) struct TauriDesk {
    app: AppHandle,
    front: Front,
    tray: OnceLock<Tray>,
    /// X11 keeps what was copied only as long as its owner lives.
    clipboard: Mutex<Option<arboard::Clipboard>>,
}

impl std::fmt::Debug for TauriDesk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TauriDesk")
    }
}

impl TauriDesk {
    pub(crate) fn new(app: AppHandle) -> Self {
        Self { front: Front::new(app.clone()), app, tray: OnceLock::new(), clipboard: Mutex::new(None) }
    }

    pub(crate) fn front(&self) -> &Front {
        &self.front
    }

    /// The tray is made after the shell, whose texts it bears. On the main thread.
    pub(crate) fn set_tray(&self, tray: Tray) {
        let _ = self.tray.set(tray);
    }
}

impl TauriDesk {
    fn ask(&self, folders: bool, title: String) -> oneshot::Receiver<Option<Vec<FilePath>>> {
        let (chosen, choice) = oneshot::channel();
        let mut dialog = self.app.dialog().file().set_title(title);
        if let Some(window) = self.app.get_webview_window(MAIN) {
            dialog = dialog.set_parent(&window);
        }
        if let Ok(pictures) = self.app.path().picture_dir() {
            dialog = dialog.set_directory(pictures);
        }
        let answer = move |paths| {
            // Whoever asked may be gone.
            let _ = chosen.send(paths);
        };
        if folders {
            dialog.pick_folders(answer);
        } else {
            dialog.pick_files(answer);
        }
        choice
    }
}

fn failed(code: &str, message: String, hint: Option<&str>) -> ControlError {
    ControlError { code: code.into(), message, hint: hint.map(Into::into) }
}

#[async_trait]
impl Desk for TauriDesk {
    fn tell(&self, event: &WindowEvent) {
        self.front.tell(event);
    }

    fn raise(&self) {
        self.front.raise();
    }

    fn painted(&self) {
        self.front.painted();
    }

    fn is_watched(&self) -> bool {
        self.front.is_watched()
    }

    fn notify(&self, title: &str, text: &str) {
        if let Err(error) = self.app.notification().builder().title(title).body(text).show() {
            tracing::warn!(%error, "a notification could not be shown");
        }
    }

    fn wear(&self, face: &TrayFace, recent: &[Recent]) {
        let (face, recent, app) = (face.clone(), recent.to_vec(), self.app.clone());
        let posted = self.app.run_on_main_thread(move || {
            if let Some(tray) = app.state::<std::sync::Arc<Self>>().tray.get() {
                tray.wear(&face, &recent);
            }
        });
        if let Err(error) = posted {
            tracing::debug!(%error, "the tray is gone");
        }
    }

    fn dress(&self, appearance: Appearance) {
        self.front.dress(appearance);
    }

    async fn choose(&self, folders: bool, title: String) -> Option<Vec<PathBuf>> {
        let paths = self.ask(folders, title).await.ok().flatten()?;
        Some(paths.into_iter().filter_map(|path| path.into_path().ok()).collect())
    }

    fn reveal(&self, path: &Path) -> Result<(), ControlError> {
        tauri_plugin_opener::reveal_item_in_dir(path).map_err(|error| {
            failed("file_manager", format!("the file manager could not show it: {error}"), Some("is one installed?"))
        })
    }

    fn open(&self, folder: &Path) -> Result<(), ControlError> {
        tauri_plugin_opener::open_path(folder, None::<&str>).map_err(|error| {
            let message = format!("{} could not be opened: {error}", folder.display());
            failed("file_manager", message, Some("is a file manager installed?"))
        })
    }

    fn browse(&self, page: &Url) -> Result<(), ControlError> {
        tauri_plugin_opener::open_url(page.as_str(), None::<&str>).map_err(|error| {
            let message = format!("no browser could be opened: {error}");
            failed("no_browser", message, Some("open the page yourself, on any device"))
        })
    }

    fn copy(&self, text: String) -> Result<(), ControlError> {
        let mut kept = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner);
        let copied = (|| {
            let mut clipboard = match kept.take() {
                Some(clipboard) => clipboard,
                None => arboard::Clipboard::new()?,
            };
            clipboard.set_text(text)?;
            *kept = Some(clipboard);
            Ok::<_, arboard::Error>(())
        })();
        copied.map_err(|error| failed("clipboard", format!("the clipboard could not be used: {error}"), None))
    }

    fn starts_at_login(&self) -> bool {
        self.app.autolaunch().is_enabled().unwrap_or_else(|error| {
            tracing::debug!(%error, "whether Offload starts at login is not known");
            false
        })
    }

    fn set_starts_at_login(&self, wished: bool) -> Result<(), ControlError> {
        let starts = self.app.autolaunch();
        let set = if wished { starts.enable() } else { starts.disable() };
        set.map_err(|error| failed("autostart", format!("starting at login could not be changed: {error}"), None))
    }

    fn end(&self) {
        self.app.exit(0);
    }
}
