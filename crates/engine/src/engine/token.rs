//! The token in use: loaded from where it is kept, handed to the backend's client for its one header.

use crate::cause::{Cause, Code};
use crate::secrets::{Secret, TokenStore};
use std::sync::{Arc, PoisonError, RwLock};

/// The token, shared with the backend's client.
#[derive(Debug)]
pub(super) struct Token {
    store: Arc<dyn TokenStore>,
    backend: String,
    /// Without one nobody is signed in.
    needed: bool,
    held: Arc<RwLock<Option<Secret>>>,
}

impl Token {
    pub(super) fn new(store: Arc<dyn TokenStore>, backend: &str, needed: bool) -> Self {
        Self { store, backend: backend.to_owned(), needed, held: Arc::default() }
    }

    pub(super) fn source(&self) -> crate::backend::TokenSource {
        let held = self.held.clone();
        Arc::new(move || {
            held.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(|token| token.expose().to_owned())
        })
    }

    /// Reads the token again; a cause where there is none or the keyring doesn't give it.
    pub(super) async fn load(&self) -> Result<(), Cause> {
        let found = match self.store.load(&self.backend).await {
            Err(error) if !self.needed && error.is_nowhere() => None,
            found => found?,
        };
        let there = found.is_some();
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = found;
        if there || !self.needed {
            Ok(())
        } else {
            Err(Cause::new(Code::SignedOut, "no token is stored for this backend").hint("sign in"))
        }
    }
}
