//! Signing in and out: the token is checked before it is kept, and kept only in the keyring.

use super::Shell;
use crate::setting::{blocking, of_cause, of_config};
use offload_engine::backend::{Address, Backend, OffloadBackend};
use offload_engine::cause::Cause;
use offload_engine::config::Config;
use offload_engine::secrets::{Secret, SecretError};
use offload_engine::transfer::client;
use offload_protocol::control::ControlError;
use offload_protocol::window::{Connected, Connection};
use offload_protocol::wire::Session;
use std::sync::Arc;

impl Shell {
    /// Checks address and token against the backend, keeps them, and starts the engine.
    pub(crate) async fn connect(&self, connection: Connection) -> Result<Connected, ControlError> {
        self.is_ours_to_change()?;
        let backend = Address::parse(&connection.backend).map_err(|cause| of_cause(&cause))?;
        let token = Secret::new(connection.token.trim().to_owned());
        if token.is_empty() {
            return Err(refusal("token", "no token was given", "paste the token that your backend gave you"));
        }
        let scheme = match connection.auth_scheme.as_deref().map(str::trim).filter(|scheme| !scheme.is_empty()) {
            Some(scheme) => scheme.to_owned(),
            None => self.setting.config().await?.backend.auth_scheme,
        };
        let session = Box::pin(session(&backend, &scheme, &token)).await.map_err(|cause| of_cause(&cause))?;
        self.setting.tokens().store(backend.as_str(), &token).await.map_err(|error| of_secret(&error))?;
        let (dir, url) = (self.setting.dir.clone(), backend.clone());
        blocking(move || Config::set_backend(&dir, &url, Some(&scheme))).await?.map_err(|error| of_config(&error))?;
        // Another backend, another scheme: the engine only reads them when it starts.
        self.life.anew().await?;
        let account = Some(session.account).filter(|account| !account.is_empty());
        Ok(Connected { backend: backend.as_str().to_owned(), account })
    }

    /// Forgets the token.
    pub(crate) async fn sign_out(&self) -> Result<(), ControlError> {
        self.is_ours_to_change()?;
        let Some(backend) = self.setting.config().await?.backend.url else { return Ok(()) };
        self.setting.tokens().forget(backend.as_str()).await.map_err(|error| of_secret(&error))?;
        if let Ok(engine) = self.life.engine() {
            engine.token_changed();
        }
        Ok(())
    }

    fn is_ours_to_change(&self) -> Result<(), ControlError> {
        if self.setting.token_from_environment {
            return Err(of_secret(&SecretError::ReadOnly));
        }
        Ok(())
    }
}

/// Who the backend says we are.
async fn session(backend: &Address, scheme: &str, token: &Secret) -> Result<Session, Cause> {
    let token = token.clone();
    let source = Arc::new(move || Some(token.expose().to_owned()));
    OffloadBackend::new(client::for_backend()?, backend.clone(), source).authorization_scheme(scheme).session().await
}

fn of_secret(error: &SecretError) -> ControlError {
    refusal("keyring", &error.to_string(), error.hint())
}

fn refusal(code: &str, message: &str, hint: &str) -> ControlError {
    ControlError { code: code.into(), message: message.into(), hint: Some(hint.into()) }
}
