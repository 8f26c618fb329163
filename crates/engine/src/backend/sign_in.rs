//! Signing in: address and token are kept only when the backend has said yes to them.

use super::{Address, Credential, Dialect};
use crate::cause::{Cause, Code};
use crate::config::{Config, ConfigError, is_auth_scheme};
use crate::secrets::{Secret, SecretError, TokenStore};
use offload_protocol::window::BackendProtocol;
use offload_protocol::wire::Session;
use std::path::Path;
use std::sync::Arc;

/// Why nobody was signed in; nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The address can't be one, the backend can't be reached, or it does not say yes.
    #[error(transparent)]
    Backend(#[from] Cause),
    #[error("no token was given")]
    NoToken,
    #[error("`{0}` cannot stand before a token")]
    Scheme(String),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

impl SignInError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backend(cause) => cause.code.as_str(),
            Self::NoToken => "token",
            Self::Scheme(_) => "auth_scheme",
            Self::Secret(error) => error.code(),
            Self::Config(error) => error.code(),
        }
    }

    /// What to do now, where there is something.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Backend(cause) => cause.hint.clone(),
            Self::NoToken => Some("make one in your studio's backend and copy it whole".into()),
            Self::Scheme(_) => Some("it is one word, as in Bearer or Token".into()),
            Self::Secret(error) => Some(error.hint().into()),
            Self::Config(error) => error.hint(),
        }
    }
}

/// Who the backend says we are with a token; nothing is kept.
///
/// # Errors
/// Says exactly what is wrong, for whoever builds the backend: the whole address that was asked, and what came back.
pub async fn who_am_i(address: &Address, dialect: &Dialect, token: &Secret) -> Result<Session, Cause> {
    let token = token.clone();
    let source = Arc::new(move || Some(token.expose().to_owned()));
    dialect.speak_to(address.clone(), source)?.session().await.map_err(explained)
}

/// What a person says of how the backend is spoken to; what they leave out is as in the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// First word of the Authorization header.
    pub auth_scheme: Option<String>,
    pub protocol: Option<BackendProtocol>,
}

/// Whether a word may stand before the token.
pub fn check_scheme(scheme: &str) -> Result<(), SignInError> {
    if is_auth_scheme(scheme) { Ok(()) } else { Err(SignInError::Scheme(scheme.into())) }
}

/// Asks the backend, and keeps address and token when it says yes. The token may be empty where the backend needs none. `tokens`: `None`
/// where the token is set in the environment, and is not to be kept.
pub async fn sign_in(
    dir: &Path,
    address: &str,
    wish: &Wish,
    credential: &Credential,
    tokens: Option<&dyn TokenStore>,
) -> Result<(Address, Session), SignInError> {
    if let Some(scheme) = &wish.auth_scheme {
        check_scheme(scheme)?;
    }
    let address = Address::parse(address)?;
    // Pasted tokens come with blanks and line breaks.
    let credential = match credential {
        Credential::Token(token) => Credential::Token(Secret::new(token.expose().trim().to_owned())),
        Credential::Grant(_) => credential.clone(),
    };
    let token = credential.access();
    let mut dialect = blocking(dir, Config::load).await?.backend.dialect;
    if let Some(scheme) = &wish.auth_scheme {
        dialect.auth_scheme.clone_from(scheme);
    }
    dialect.protocol = wish.protocol.unwrap_or(dialect.protocol);
    if token.is_empty() && dialect.needs_token() {
        return Err(SignInError::NoToken);
    }
    let session = who_am_i(&address, &dialect, token).await?;
    let before = match tokens {
        Some(tokens) => {
            match tokens.load(address.as_str()).await {
                // No token, and nowhere an old one could lie.
                Err(error) if token.is_empty() && error.is_nowhere() => None,
                before => {
                    let before = before?;
                    if token.is_empty() {
                        tokens.forget(address.as_str()).await?;
                    } else {
                        tokens.store(address.as_str(), &credential.to_keep()).await?;
                    }
                    before
                }
            }
        }
        None => None,
    };
    let url = address.clone();
    if let Err(error) = blocking(dir, move |dir| Config::set_backend(dir, &url, &dialect)).await {
        if let Some(tokens) = tokens {
            put_back(tokens, &address, before).await;
        }
        return Err(error.into());
    }
    Ok((address, session))
}

/// The settings could not be written: the token goes as it came.
async fn put_back(tokens: &dyn TokenStore, address: &Address, before: Option<Secret>) {
    let back = match before {
        Some(before) => tokens.store(address.as_str(), &before).await,
        None => tokens.forget(address.as_str()).await.map(drop),
    };
    if let Err(error) = back {
        tracing::warn!(%error, "the token that was not wanted stays in the keyring");
    }
}

async fn blocking<T: Send + 'static>(
    dir: &Path,
    work: impl FnOnce(&Path) -> Result<T, ConfigError> + Send + 'static,
) -> Result<T, ConfigError> {
    let (dir, path) = (dir.to_owned(), dir.join(crate::config::FILE_NAME));
    tokio::task::spawn_blocking(move || work(&dir))
        .await
        .unwrap_or_else(|error| Err(ConfigError::Unreadable { path, error: std::io::Error::other(error) }))
}

/// The hints of a first try: nobody was signed in before, and the address may be wrong.
fn explained(cause: Cause) -> Cause {
    let hint = match cause.code {
        Code::SignedOut if cause.hint.as_ref().is_none_or(|hint| hint == "sign in again") => {
            "make a new token in your studio's backend, and mind that it is copied whole; nothing was kept"
        }
        Code::Unreachable => "check the address and its port, whether the backend runs, and the network connection",
        _ => return cause,
    };
    cause.hint(hint)
}

#[cfg(test)]
mod tests;
