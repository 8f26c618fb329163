//! What this run goes by: data folder, backend, where the token is.

use crate::arguments::Arguments;
use offload_engine::backend::Address;
use offload_engine::cause::Cause;
use offload_engine::config::{Config, ConfigError, default_data_dir};
use offload_engine::program;
use offload_engine::secrets::{SecretError, TokenStore};
use offload_protocol::control::ControlError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Named at the start, in the environment, or read from `config.toml`.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) dir: PathBuf,
    /// `--backend` or `OFFLOAD_BACKEND`.
    named: Option<String>,
    tokens: Arc<dyn TokenStore>,
    pub(crate) token_from_environment: bool,
}

impl Setting {
    pub(crate) fn new(arguments: &Arguments) -> Result<Self, ConfigError> {
        let named = arguments.data_dir.as_deref().filter(|dir| !dir.is_empty()).map(Path::new);
        let dir = match named.map(std::path::absolute) {
            Some(Ok(dir)) => dir,
            Some(Err(_)) | None => default_data_dir()?,
        };
        let token = program::token_in_environment();
        let tokens = program::tokens(token.as_deref());
        let named = arguments.backend.clone().filter(|url| !url.trim().is_empty());
        Ok(Self { dir, named, tokens, token_from_environment: token.is_some() })
    }

    #[cfg(test)]
    pub(crate) fn for_tests(dir: PathBuf, tokens: Arc<dyn TokenStore>, token_from_environment: bool) -> Self {
        Self { dir, named: None, tokens, token_from_environment }
    }

    /// The settings as they are on disk now.
    pub(crate) async fn config(&self) -> Result<Config, ControlError> {
        let dir = self.dir.clone();
        let mut config = blocking(move || Config::load(&dir)).await?.map_err(|error| of_config(&error))?;
        if let Some(named) = &self.named {
            config.backend.url = Some(Address::parse(named).map_err(|cause| of_cause(&cause))?);
        }
        Ok(config)
    }

    pub(crate) fn tokens(&self) -> Arc<dyn TokenStore> {
        self.tokens.clone()
    }

    /// Whether this run's data lies where it usually does.
    pub(crate) fn is_usual(&self) -> bool {
        default_data_dir().is_ok_and(|usual| usual == self.dir)
    }
}

pub(crate) fn of_config(error: &ConfigError) -> ControlError {
    ControlError { code: error.code().into(), message: error.to_string(), hint: error.hint() }
}

pub(crate) fn of_cause(cause: &Cause) -> ControlError {
    ControlError { code: cause.code.as_str().into(), message: cause.message.clone(), hint: cause.hint.clone() }
}

pub(crate) fn of_secret(error: &SecretError) -> ControlError {
    ControlError { code: error.code().into(), message: error.to_string(), hint: Some(error.hint().into()) }
}

/// Runs something blocking off the runtime's own threads.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ControlError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ControlError {
        code: "internal".into(),
        message: error.to_string(),
        hint: None,
    })
}
