//! What every verb goes by: data folder, settings, backend, where the token is.

use crate::args::Common;
use crate::failure::Failure;
use crate::out;
use crate::words::clean;
use offload_engine::backend::Address;
use offload_engine::config::{Config, default_data_dir};
use offload_engine::engine::EngineOptions;
use offload_engine::program;
use offload_engine::secrets::TokenStore;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Named on the command line, in the environment, or read from `config.toml`.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) dir: PathBuf,
    pub(crate) json: bool,
    /// `--backend` or `OFFLOAD_BACKEND`.
    named: Option<String>,
    /// `OFFLOAD_TOKEN`.
    token: Option<String>,
}

impl Setting {
    pub(crate) fn new(common: Common) -> Result<Self, Failure> {
        let dir = match common.data_dir.filter(|dir| !dir.as_os_str().is_empty()) {
            Some(dir) => std::path::absolute(&dir)?,
            None => default_data_dir()?,
        };
        Ok(Self {
            dir,
            json: common.json,
            named: common.backend.filter(|url| !url.trim().is_empty()),
            token: program::token_in_environment(),
        })
    }

    /// The settings; keys that nobody reads are warned of.
    pub(crate) async fn config(&self) -> Result<Config, Failure> {
        let config = self.config_quietly().await?;
        for warning in &config.warnings {
            self.note(warning);
        }
        Ok(config)
    }

    pub(crate) async fn config_quietly(&self) -> Result<Config, Failure> {
        let dir = self.dir.clone();
        let mut config = tokio::task::spawn_blocking(move || Config::load(&dir)).await??;
        if let Some(named) = &self.named {
            config.backend.url = Some(Address::parse(named)?);
        }
        Ok(config)
    }

    /// The backend's address, or what to do where there is none.
    pub(crate) fn backend(config: &Config) -> Result<Address, Failure> {
        config.backend.url.clone().ok_or_else(|| {
            Failure::new("no_backend", "no backend is known yet")
                .hint("sign in with `offload login --backend https://…`, or set OFFLOAD_BACKEND")
        })
    }

    /// Whether the token comes from the environment.
    pub(crate) fn has_token_in_environment(&self) -> bool {
        self.token.is_some()
    }

    /// `OFFLOAD_TOKEN` where it is set, else the keyring.
    pub(crate) fn tokens(&self) -> Arc<dyn TokenStore> {
        program::tokens(self.token.as_deref())
    }

    /// How an engine of this process is started.
    pub(crate) fn engine_options(&self, config: &Config) -> Result<EngineOptions, Failure> {
        Ok(config.engine_options(&self.dir, Self::backend(config)?, self.tokens()))
    }

    /// Something worth knowing beside the result; kept out of the way of `--json`.
    pub(crate) fn note(&self, text: &str) {
        tracing::warn!("{text}");
        if !self.json {
            let _ = out::aside(format_args!("offload: {}", clean(text)));
        }
    }
}

/// A path as it was given, made absolute; links are left as they are, and it need not exist.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    if path.as_os_str().is_empty() {
        return Err(Failure::new("not_there", "an empty path was given"));
    }
    let mut path = std::path::absolute(path)?;
    // The shell's completion ends folders with a slash; the ledger's paths have none.
    if path.parent().is_some() {
        path = path.components().collect();
    }
    Ok(resolved_dots(&path))
}

/// `a/../b` is `b`: the ledger must not know one file by two names. Only where no link can make a difference is it certain,
/// so a path with `..` through a link is left as it is.
fn resolved_dots(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir if plain.is_symlink() => return path.to_owned(),
            Component::ParentDir => {
                plain.pop();
            }
            component => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::absolute;
    use std::path::{Path, PathBuf};

    #[cfg(unix)]
    #[test]
    fn one_name_for_one_path() {
        for (given, made) in [
            ("/photos/", "/photos"),
            ("/photos/./a/", "/photos/a"),
            ("/photos/../b", "/b"),
            ("/", "/"),
            ("/a//b", "/a/b"),
        ] {
            assert_eq!(absolute(Path::new(given)).unwrap(), PathBuf::from(made), "{given}");
        }
        assert!(absolute(Path::new("a.jpg")).unwrap().is_absolute());
        assert!(absolute(Path::new("")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_stay() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("real/inner")).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path().join("real/inner"), &link).unwrap();
        assert_eq!(absolute(&link).unwrap(), link);
        let through = link.join("../a.jpg");
        assert_eq!(absolute(&through).unwrap(), through, "it is real/a.jpg, not a.jpg");
    }
}
