//! What a person is signed in with: a token they pasted, or a grant of the backend's authorization server that is renewed by itself.

use super::device;
use super::request::Address;
use crate::cause::{Cause, Code};
use crate::secrets::{Secret, SecretError, TokenStore};
use offload_protocol::wire::DeviceGrant;
use serde::{Deserialize, Serialize};

/// Before what the keyring holds of a grant; no token begins so.
const MARK: &str = "offload-grant:";
/// So long before its end an access token is renewed, in milliseconds; at most a quarter of its life.
const MARGIN_MS: i64 = 120_000;

/// What signs a person in.
#[derive(Debug, Clone)]
pub enum Credential {
    Token(Secret),
    Grant(Grant),
}

/// Tokens of OAuth 2.0, and where they are renewed.
#[derive(Debug, Clone)]
pub struct Grant {
    pub(super) access: Secret,
    /// `None`: at its end a person signs in again.
    pub(super) refresh: Option<Secret>,
    /// Milliseconds since 1970, by this machine's clock; `None`: it is not told.
    pub(super) ends_ms: Option<i64>,
    /// When it is renewed, likewise.
    pub(super) renew_ms: Option<i64>,
    pub(super) at: DeviceGrant,
}

/// A grant as the keyring keeps it. Never printed: it only goes into a `Secret`.
#[derive(Serialize, Deserialize)]
struct Kept {
    access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    #[serde(default)]
    ends_ms: Option<i64>,
    #[serde(default)]
    renew_ms: Option<i64>,
    at: DeviceGrant,
}

impl Grant {
    /// `lasts_ms`: from `now_ms` on.
    pub(super) fn new(
        access: Secret,
        refresh: Option<Secret>,
        now_ms: i64,
        lasts_ms: Option<i64>,
        at: DeviceGrant,
    ) -> Self {
        let ends_ms = lasts_ms.map(|lasts| now_ms.saturating_add(lasts));
        let renew_ms = lasts_ms.map(|lasts| now_ms.saturating_add(lasts - MARGIN_MS.min(lasts / 4)));
        Self { access, refresh, ends_ms, renew_ms, at }
    }
}

impl Credential {
    /// Reads what is kept. A grant that can't be read is no token either: the person signs in again.
    pub fn read(kept: &Secret) -> Result<Self, Cause> {
        let Some(json) = kept.expose().strip_prefix(MARK) else { return Ok(Self::Token(kept.clone())) };
        let kept: Kept = serde_json::from_str(json).map_err(|_| {
            Cause::new(Code::SignedOut, "what the keyring holds of the sign-in can't be read").hint("sign in again")
        })?;
        Ok(Self::Grant(Grant {
            access: Secret::new(kept.access),
            refresh: kept.refresh.map(Secret::new),
            ends_ms: kept.ends_ms,
            renew_ms: kept.renew_ms,
            at: kept.at,
        }))
    }

    /// As it is kept.
    pub fn to_keep(&self) -> Secret {
        match self {
            Self::Token(token) => token.clone(),
            Self::Grant(grant) => {
                let kept = Kept {
                    access: grant.access.expose().to_owned(),
                    refresh: grant.refresh.as_ref().map(|refresh| refresh.expose().to_owned()),
                    ends_ms: grant.ends_ms,
                    renew_ms: grant.renew_ms,
                    at: grant.at.clone(),
                };
                // Texts and numbers always make JSON.
                let json = zeroize::Zeroizing::new(serde_json::to_string(&kept).unwrap_or_default());
                Secret::new(format!("{MARK}{}", json.as_str()))
            }
        }
    }

    /// What goes into the Authorization header.
    pub const fn access(&self) -> &Secret {
        match self {
            Self::Token(token) => token,
            Self::Grant(grant) => &grant.access,
        }
    }

    /// When it should be renewed, in milliseconds since 1970; `None`: not by the clock.
    pub fn renew_ms(&self) -> Option<i64> {
        match self {
            Self::Grant(grant) if grant.refresh.is_some() => grant.renew_ms,
            Self::Grant(_) | Self::Token(_) => None,
        }
    }
}

/// Why nothing that is kept can be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Keyring(#[from] SecretError),
    #[error(transparent)]
    Renewal(#[from] Cause),
}

impl From<Unusable> for Cause {
    fn from(error: Unusable) -> Self {
        match error {
            Unusable::Keyring(error) => error.into(),
            Unusable::Renewal(cause) => cause,
        }
    }
}

/// What is kept for a backend, renewed where it is due or `refused` says that the backend does not take it any more. `None`: nothing is kept.
///
/// # Errors
/// The keyring's, and a cause of `Code::SignedOut` where the sign-in is over.
pub async fn in_use(tokens: &dyn TokenStore, backend: &Address, refused: bool) -> Result<Option<Credential>, Unusable> {
    let Some(kept) = tokens.load(backend.as_str()).await? else { return Ok(None) };
    let credential = Credential::read(&kept)?;
    let now_ms = crate::ledger::now_ms();
    let due = credential.renew_ms().is_some_and(|renew_ms| renew_ms <= now_ms);
    let Credential::Grant(grant) = &credential else { return Ok(Some(credential)) };
    if grant.refresh.is_none() || !(due || refused) {
        return Ok(Some(credential));
    }
    match device::renew(grant).await {
        Ok(renewed) => {
            let renewed = Credential::Grant(renewed);
            // Before it is used: the old refresh token may be worth nothing by now.
            tokens.store(backend.as_str(), &renewed.to_keep()).await?;
            Ok(Some(renewed))
        }
        Err(cause) if cause.code == Code::SignedOut => {
            // Another Offload of this person may have renewed it meanwhile.
            match tokens.load(backend.as_str()).await? {
                Some(other) if other.expose() != kept.expose() => Ok(Some(Credential::read(&other)?)),
                _ => Err(cause.into()),
            }
        }
        // It may still be good for a while.
        Err(_) if !refused && grant.ends_ms.is_none_or(|ends_ms| ends_ms > now_ms) => Ok(Some(credential)),
        Err(cause) => Err(cause.into()),
    }
}

#[cfg(test)]
mod tests;
