//! `config.toml` in the data folder: where the backend is, and how Offload uploads and watches.
//!
//! Read once at the start; written in place, with the person's comments and order kept. It holds no secret.

mod edit;
mod read;
mod size;

pub use size::{bandwidth_text, parse_bandwidth};

use std::path::{Path, PathBuf};
use url::Url;

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
    /// What the person should know of the file: keys that nobody reads.
    pub warnings: Vec<String>,
}

/// `[backend]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backend {
    /// Base address, without a slash at its end; `None`: not signed in to any yet.
    pub url: Option<Url>,
    /// First word of the `Authorization` header.
    pub auth_scheme: String,
}

impl Default for Backend {
    fn default() -> Self {
        Self { url: None, auth_scheme: "Bearer".into() }
    }
}

/// `[upload]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The most uploads at once; the engine starts lower and finds out how many help.
    pub concurrency: u32,
    /// Bytes a second; `None`: no limit.
    pub bandwidth: Option<u64>,
    /// Whether the place a photograph was taken at is told to the backend.
    pub gps: bool,
}

impl Default for Upload {
    fn default() -> Self {
        Self { concurrency: 16, bandwidth: None, gps: false }
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
    #[error("`{text}` is no address of a backend: {detail}")]
    Address { text: String, detail: String },
    #[error("no home folder is known, so there is no place for the data")]
    NoHome,
}

impl ConfigError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } | Self::Unwritable { .. } => "config_file",
            Self::Syntax { .. } | Self::Value { .. } => "config",
            Self::Address { .. } => "backend_address",
            Self::NoHome => "data_folder",
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Syntax { path, .. } | Self::Value { path, .. } => {
                format!("mend that line in {}, or take it out to use the default", path.display())
            }
            Self::Address { .. } => "write it as https://photos.example.com/api".into(),
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

    /// Writes the backend's address, and the scheme where one is given. Blocking.
    pub fn set_backend(dir: &Path, url: &Url, auth_scheme: Option<&str>) -> Result<(), ConfigError> {
        edit::change(dir, |file| {
            edit::set(file, "backend", "url", url.as_str().trim_end_matches('/'));
            if let Some(scheme) = auth_scheme {
                edit::set(file, "backend", "auth_scheme", scheme);
            }
        })
    }

    /// Writes the limit in bytes a second; `None` takes it out. Blocking.
    pub fn set_bandwidth(dir: &Path, limit: Option<u64>) -> Result<(), ConfigError> {
        edit::change(dir, |file| match limit {
            Some(limit) => edit::set(file, "upload", "bandwidth", i64::try_from(limit).unwrap_or(i64::MAX)),
            None => edit::unset(file, "upload", "bandwidth"),
        })
    }
}

/// Where the data lies unless the person says otherwise: `~/.local/share/offload` on Linux.
pub fn default_data_dir() -> Result<PathBuf, ConfigError> {
    directories::ProjectDirs::from("", "", "offload").map(|dirs| dirs.data_dir().to_owned()).ok_or(ConfigError::NoHome)
}

/// Reads the address of a backend: http or https, a host, and no more than a path behind it.
pub fn parse_backend(text: &str) -> Result<Url, ConfigError> {
    // A name or password in the text must not come back in the message.
    let shown = match Url::parse(text.trim()) {
        Ok(mut url) if !url.cannot_be_a_base() => {
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.to_string()
        }
        _ => text.rsplit('@').next().unwrap_or_default().split('?').next().unwrap_or_default().to_owned(),
    };
    let wrong = |detail: &str| ConfigError::Address { text: shown.clone(), detail: detail.into() };
    let mut url = Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it has to start with https://"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it must not hold a name or password; the token goes to `offload login`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it must end with its path, without `?` or `#`"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether what is said to this backend can be read on the way: plain http to another machine.
pub fn is_readable_on_the_way(url: &Url) -> bool {
    let local = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && !local
}

#[cfg(test)]
mod tests;
