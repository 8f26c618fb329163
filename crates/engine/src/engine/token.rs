//! The token in use: loaded from where it is kept, renewed before its end, handed to the backend's client for its one header.

use crate::backend::{Address, Credential, TokenSource, Unusable, in_use};
use crate::cause::{Cause, Code};
use crate::ledger::now_ms;
use crate::secrets::TokenStore;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// A grant that the backend refuses is renewed no more often than this: the refusal may have another reason.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(30);

/// The token, shared with the backend's client.
#[derive(Debug)]
pub(super) struct Token {
    store: Arc<dyn TokenStore>,
    backend: Address,
    /// Without one nobody is signed in.
    needed: bool,
    held: Arc<RwLock<Option<Credential>>>,
    /// When the backend's refusal last led to a renewal.
    renewed: Mutex<Option<Instant>>,
}

impl Token {
    pub(super) fn new(store: Arc<dyn TokenStore>, backend: Address, needed: bool) -> Self {
        Self { store, backend, needed, held: Arc::default(), renewed: Mutex::default() }
    }

    pub(super) fn source(&self) -> TokenSource {
        let held = self.held.clone();
        Arc::new(move || {
            let held = held.read().unwrap_or_else(PoisonError::into_inner);
            held.as_ref().map(|credential| credential.access().expose().to_owned())
        })
    }

    /// Reads the token again; a cause where there is none or the keyring doesn't give it. `refused`: the backend did not take the one in use.
    pub(super) async fn load(&self, refused: bool) -> Result<(), Cause> {
        let found = match in_use(self.store.as_ref(), &self.backend, refused && self.may_renew()).await {
            Err(Unusable::Keyring(error)) if !self.needed && error.is_nowhere() => None,
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

    /// How long until it has to be renewed; `None`: it is not by the clock.
    pub(super) fn renew_in(&self) -> Option<Duration> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let renew_ms = held.as_ref()?.renew_ms()?;
        Some(Duration::from_millis(renew_ms.saturating_sub(now_ms()).max(0).unsigned_abs()))
    }

    /// Whether it is of no use by its own time, and can be renewed.
    pub(super) fn has_run_out(&self) -> bool {
        self.renew_in().is_some_and(|renewal| renewal.is_zero())
    }

    fn may_renew(&self) -> bool {
        let mut renewed = self.renewed();
        let may = renewed.is_none_or(|at| at.elapsed() >= BETWEEN_RENEWALS);
        if may {
            *renewed = Some(Instant::now());
        }
        may
    }

    fn renewed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
