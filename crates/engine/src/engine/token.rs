//! The token in use: loaded from where it is kept, renewed before its end, handed to the backend's client for its one header.

use crate::backend::{Address, Credential, TokenSource, Unusable, in_use};
use crate::cause::{Cause, Code};
use crate::ledger::now_ms;
use crate::secrets::TokenStore;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// A grant that the backend refuses is renewed no more often than this: the refusal may have another reason.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(30);

/// Questions that were on their way when the token was renewed have their answers after so long.
const JUST_NOW: Duration = Duration::from_secs(5);

/// What a refusal of the token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Somebody has to sign in.
    ForGood,
    /// The next `load` renews it.
    Renewable,
    /// It was the token before.
    JustRenewed,
}

/// The token, shared with the backend's client.
#[derive(Debug)]
pub(super) struct Token {
    store: Arc<dyn TokenStore>,
    backend: Address,
    /// Without one nobody is signed in.
    needed: bool,
    held: Arc<RwLock<Option<Credential>>>,
    /// The backend refused it, and it was not renewed since.
    refused: AtomicBool,
    /// When it was last renewed.
    renewed: Mutex<Option<Instant>>,
}

impl Token {
    pub(super) fn new(store: Arc<dyn TokenStore>, backend: Address, needed: bool) -> Self {
        Self {
            store,
            backend,
            needed,
            held: Arc::default(),
            refused: AtomicBool::new(false),
            renewed: Mutex::default(),
        }
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
        let before = self.renew_at();
        let found = match in_use(self.store.as_ref(), &self.backend, self.renews(refused)).await {
            Err(Unusable::Keyring(error)) if !self.needed && error.is_nowhere() => None,
            found => found?,
        };
        let there = found.is_some();
        if before.is_some() && found.as_ref().and_then(Credential::renew_ms) != before {
            *self.renewed() = Some(Instant::now());
        }
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = found;
        if there || !self.needed {
            Ok(())
        } else {
            Err(Cause::new(Code::SignedOut, "no token is stored for this backend").hint("sign in"))
        }
    }

    /// How long until it has to be renewed; `None`: it is not by the clock.
    pub(super) fn renew_in(&self) -> Option<Duration> {
        Some(Duration::from_millis(self.renew_at()?.saturating_sub(now_ms()).max(0).unsigned_abs()))
    }

    fn renew_at(&self) -> Option<i64> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.renew_ms()
    }

    /// The backend refused the token in use.
    pub(super) fn refused(&self) -> Refused {
        let since = self.renewed().map(|at| at.elapsed());
        match (self.renew_in(), since) {
            (None, _) => Refused::ForGood,
            // The question may have been on its way with the token before.
            (Some(_), Some(since)) if since < JUST_NOW => Refused::JustRenewed,
            (Some(due), Some(since)) if !due.is_zero() && since < BETWEEN_RENEWALS => Refused::ForGood,
            (Some(_), _) => {
                self.refused.store(true, Ordering::Relaxed);
                Refused::Renewable
            }
        }
    }

    /// Whether to renew it because of a refusal, now.
    fn renews(&self, refused: bool) -> bool {
        let refused = self.refused.swap(false, Ordering::Relaxed) || refused;
        refused && self.renewed().is_none_or(|at| at.elapsed() >= BETWEEN_RENEWALS)
    }

    fn renewed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
