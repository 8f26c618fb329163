//! Signing in and out: the token is checked before it is kept, and kept only in the keyring.

use super::Shell;
use crate::setting::of_secret;
use offload_engine::backend::{Address, Credential, SignInError, Wish, sign_in};
use offload_engine::secrets::{Secret, SecretError, TokenStore};
use offload_protocol::control::ControlError;
use offload_protocol::window::{Connected, Connection};

impl Shell {
    /// Checks address and token against the backend, keeps them, and starts the engine.
    pub(crate) async fn connect(&self, connection: Connection) -> Result<Connected, ControlError> {
        let wish = wish(&connection);
        let tokens = self.setting.tokens();
        // A token that is set in the environment is used as it is, and not kept.
        let from_environment = match (self.setting.token_from_environment, Address::parse(&connection.backend)) {
            (true, Ok(address)) => tokens.load(address.as_str()).await.map_err(|error| of_secret(&error))?,
            _ => None,
        };
        let keep = from_environment.is_none().then_some(tokens.as_ref());
        let token = Credential::Token(from_environment.unwrap_or_else(|| Secret::new(connection.token)));
        self.sign_in(&connection.backend, &wish, &token, keep).await
    }

    /// Checks it against the backend, keeps it, and starts the engine.
    pub(super) async fn sign_in(
        &self,
        backend: &str,
        wish: &Wish,
        credential: &Credential,
        keep: Option<&dyn TokenStore>,
    ) -> Result<Connected, ControlError> {
        let signed_in = Box::pin(sign_in(&self.setting.dir, backend, wish, credential, keep)).await;
        let (backend, session) = signed_in.map_err(|error| refused(&error))?;
        // Another backend, another scheme: the engine only reads them when it starts.
        self.life.anew().await?;
        let account = Some(session.account).filter(|account| !account.is_empty());
        Ok(Connected { backend: backend.as_str().to_owned(), account })
    }

    /// Forgets the token.
    pub(crate) async fn sign_out(&self) -> Result<(), ControlError> {
        if self.setting.token_from_environment {
            return Err(of_secret(&SecretError::ReadOnly));
        }
        let Some(backend) = self.setting.config().await?.backend.url else { return Ok(()) };
        self.setting.tokens().forget(backend.as_str()).await.map_err(|error| of_secret(&error))?;
        if let Ok(engine) = self.life.engine() {
            engine.token_changed();
        }
        Ok(())
    }
}

/// What a person says of how the backend is spoken to.
pub(super) fn wish(connection: &Connection) -> Wish {
    let scheme = connection.auth_scheme.as_deref().map(str::trim).filter(|scheme| !scheme.is_empty());
    Wish { auth_scheme: scheme.map(str::to_owned), protocol: Some(connection.protocol) }
}

fn refused(error: &SignInError) -> ControlError {
    ControlError { code: error.code().into(), message: error.to_string(), hint: error.hint() }
}
