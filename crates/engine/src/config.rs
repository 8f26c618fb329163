//! `config.toml` in the data folder: where the backend is, and how Offload uploads and watches.
//!
//! Read once at the start; written in place, with the person's comments and order kept. It holds no secret.

mod edit;
mod read;
mod size;

pub(crate) use read::is_token as is_auth_scheme;
pub use size::{bandwidth_text, parse_bandwidth};

use crate::backend::{Address, Dialect};
use crate::engine::EngineOptions;
use crate::media::GpsConsent;
use crate::secrets::TokenStore;
use offload_protocol::window::{Appearance, BackendProtocol, DailyLimit, Language, WindowSettings};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The file's name inside the data folder.
pub const FILE_NAME: &str = "config.toml";
/// Uploads at once: lowest and highest value.
pub const CONCURRENCY: std::ops::RangeInclusive<u32> = 1..=64;
/// Bytes a second; less is a mistake in the unit.
pub const LOWEST_BANDWIDTH: u64 = 1000;

/// All settings, with defaults for what the file leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    pub backend: Backend,
    pub upload: Upload,
    pub watch: Watch,
    pub app: App,
    /// What the person should know of the file: keys that nobody reads.
    pub warnings: Vec<String>,
}

/// `[backend]`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backend {
    /// `None`: never signed in to any.
    pub url: Option<Address>,
    pub dialect: Dialect,
}

/// `[upload]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The most uploads at once; the engine starts lower and finds out how many help.
    pub concurrency: u32,
    /// Bytes a second; `None`: no limit.
    pub bandwidth: Option<u64>,
    /// A part of each day with a limit of its own.
    pub daily: Option<DailyLimit>,
    /// Whether the place a photograph was taken at is told to the backend.
    pub gps: bool,
}

impl Default for Upload {
    fn default() -> Self {
        Self { concurrency: 16, bandwidth: None, daily: None, gps: false }
    }
}

/// `[watch]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watch {
    /// Minutes between two looks through every watched folder, beside what the system tells by itself.
    pub rescan_minutes: u32,
    /// Milliseconds a file has to stand still before it is sent; `None`: the engine's own rules.
    pub settle_ms: Option<u64>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { rescan_minutes: 60, settle_ms: None }
    }
}

/// `[app]`: what only the window goes by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub notify_done: bool,
    pub notify_attention: bool,
    /// The machine does not fall asleep while files are on their way.
    pub keep_awake: bool,
    pub appearance: Appearance,
    pub language: Language,
    /// It was said that Offload goes on in the tray when its window is closed.
    pub close_told: bool,
}

impl Default for App {
    fn default() -> Self {
        Self {
            notify_done: true,
            notify_attention: true,
            keep_awake: true,
            appearance: Appearance::System,
            language: Language::System,
            close_told: false,
        }
    }
}

const APPEARANCES: [(&str, Appearance); 3] =
    [("system", Appearance::System), ("light", Appearance::Light), ("dark", Appearance::Dark)];
const PROTOCOLS: [(&str, BackendProtocol); 2] =
    [("offload", BackendProtocol::Offload), ("companion", BackendProtocol::Companion)];
const LANGUAGES: [(&str, Language); 3] = [("system", Language::System), ("en", Language::En), ("ko", Language::Ko)];

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {error}", path.display())]
    Unreadable { path: PathBuf, error: std::io::Error },
    #[error("cannot write {}: {error}", path.display())]
    Unwritable { path: PathBuf, error: std::io::Error },
    #[error("{} is not well-formed, line {line}: {detail}", path.display())]
    Syntax { path: PathBuf, line: usize, detail: String },
    #[error("{}, line {line}: `{key}` {detail}", path.display())]
    Value { path: PathBuf, line: usize, key: String, detail: String },
    #[error("no home folder is known, so there is no place for the data")]
    NoHome,
}

impl ConfigError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Unwritable { .. } => "config_file",
            Self::Syntax { .. } | Self::Value { .. } => "config",
            Self::NoHome => "data_folder",
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { path, .. } | Self::Value { path, .. } => {
                format!("mend that line in {}, or take it out to use the default", path.display())
            }
            Self::NoHome => "name a folder with --data-dir or OFFLOAD_DATA_DIR".into(),
            Self::Unreadable { .. } | Self::Unwritable { .. } => {
                "check that the file is yours and the disk has room".into()
            }
        })
    }
}

impl Config {
    /// Reads the settings in a data folder; a file that is not there means the defaults. Blocking.
    pub fn load(dir: &Path) -> Result<Self, ConfigError> {
        let path = dir.join(FILE_NAME);
        match std::fs::read_to_string(&path) {
            Ok(text) => read::config(&path, text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(ConfigError::Unreadable { path, error }),
        }
    }

    /// How an engine is started with these settings, for the backend at an address.
    pub fn engine_options(&self, dir: &Path, backend: Address, tokens: Arc<dyn TokenStore>) -> EngineOptions {
        let mut options = EngineOptions::new(dir, backend, tokens);
        options.dialect.clone_from(&self.backend.dialect);
        options.concurrency = self.upload.concurrency;
        options.bandwidth = self.upload.bandwidth;
        options.daily = self.upload.daily;
        options.gps = if self.upload.gps { GpsConsent::Share } else { GpsConsent::Withhold };
        options.rescan_every = Duration::from_secs(60 * u64::from(self.watch.rescan_minutes));
        if let Some(still) = self.watch.settle_ms.and_then(|still| i64::try_from(still).ok()) {
            options.settle.still_ms = still;
            // An empty file is given longer: many programs make the name first and fill it later.
            options.settle.empty_still_ms = options.settle.empty_still_ms.min(still.saturating_mul(5));
        }
        options
    }

    /// Writes the backend's address, and how it is spoken to where that is otherwise than it was. Blocking.
    pub fn set_backend(dir: &Path, url: &Address, dialect: &Dialect) -> Result<(), ConfigError> {
        edit::change(dir, |file, now| {
            let now = &now.backend.dialect;
            edit::set(file, "backend", "url", url.as_str());
            if now.auth_scheme != dialect.auth_scheme {
                edit::set(file, "backend", "auth_scheme", dialect.auth_scheme.as_str());
            }
            if now.protocol != dialect.protocol {
                edit::set(file, "backend", "protocol", edit::word(&PROTOCOLS, dialect.protocol));
            }
            if now.params_path != dialect.params_path {
                edit::set(file, "backend", "params_path", dialect.params_path.as_str());
            }
        })
    }

    /// Writes the limit in bytes a second; `None` takes it out. Blocking.
    pub fn set_bandwidth(dir: &Path, limit: Option<u64>) -> Result<(), ConfigError> {
        edit::change(dir, |file, _| match limit {
            Some(limit) => edit::set(file, "upload", "bandwidth", edit::number(limit)),
            None => edit::unset(file, "upload", "bandwidth"),
        })
    }

    /// What the settings page shows; whether Offload starts at login is the system's to know.
    pub fn window(&self, start_at_login: bool) -> WindowSettings {
        WindowSettings {
            bandwidth: self.upload.bandwidth,
            daily: self.upload.daily,
            concurrency: self.upload.concurrency,
            gps: self.upload.gps,
            start_at_login,
            notify_done: self.app.notify_done,
            notify_attention: self.app.notify_attention,
            keep_awake: self.app.keep_awake,
            appearance: self.app.appearance,
            language: self.app.language,
        }
    }

    /// Writes what the settings page changed, all in one, but for the start at login; what did not change stays as its owner wrote it. Blocking.
    pub fn set_window(dir: &Path, settings: &WindowSettings) -> Result<(), ConfigError> {
        edit::change(dir, |file, now| edit::window(file, &now.window(settings.start_at_login), settings))
    }

    /// Notes that it was said that Offload goes on in the tray. Blocking.
    pub fn set_close_told(dir: &Path) -> Result<(), ConfigError> {
        edit::change(dir, |file, _| edit::set(file, "app", "close_told", true))
    }
}

/// Where the data lies unless the person says otherwise: `~/.local/share/offload` on Linux.
pub fn default_data_dir() -> Result<PathBuf, ConfigError> {
    directories::ProjectDirs::from("", "", "offload").map(|dirs| dirs.data_dir().to_owned()).ok_or(ConfigError::NoHome)
}

#[cfg(test)]
mod tests;
