//! What the shell asks of the desktop around it: the window, the tray, the system's dialogs and programs.

use crate::face::TrayFace;
use async_trait::async_trait;
use offload_protocol::control::ControlError;
use offload_protocol::window::{Appearance, WindowEvent};
use std::path::{Path, PathBuf};
use url::Url;

/// A file in the tray's list of recent uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recent {
    pub(crate) id: i64,
    /// As it may stand in a menu.
    pub(crate) label: String,
}

/// The desktop. One implementation is Tauri's; tests bring their own.
#[async_trait]
pub(crate) trait Desk: Send + Sync {
    /// Tells the window, if there is one that listens.
    fn tell(&self, event: &WindowEvent);
    /// Brings the window to the front, wherever it is.
    fn raise(&self);
    /// The window's page was painted: it may be shown.
    fn painted(&self);
    /// The window is in front, and the person looks at it.
    fn is_watched(&self) -> bool;
    /// Shows a notification.
    fn notify(&self, title: &str, text: &str);
    fn wear(&self, face: &TrayFace, recent: &[Recent]);
    /// The texts or colours that are not the page's own follow the settings.
    fn dress(&self, appearance: Appearance);
    async fn choose(&self, folders: bool, title: String) -> Option<Vec<PathBuf>>;
    /// Shows a file in the system's file manager. Blocking.
    fn reveal(&self, path: &Path) -> Result<(), ControlError>;
    /// Opens a folder. Blocking.
    fn open(&self, folder: &Path) -> Result<(), ControlError>;
    /// Opens a page in the system's browser: https, or http on loopback. Blocking.
    fn browse(&self, page: &Url) -> Result<(), ControlError>;
    /// Puts text on the clipboard. Blocking.
    fn copy(&self, text: String) -> Result<(), ControlError>;
    fn starts_at_login(&self) -> bool;
    /// Blocking.
    fn set_starts_at_login(&self, wished: bool) -> Result<(), ControlError>;
    /// Ends the process; the engine is stopped already.
    fn end(&self);
}
