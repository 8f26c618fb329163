//! The backend's token: where it is kept, and a type that does not let it out by accident.

mod keyring;

use crate::cause::{Cause, Code};
use async_trait::async_trait;
pub use keyring::Keyring;
use std::fmt;
use std::time::Duration;
use zeroize::Zeroizing;

/// A token. Cannot be displayed or serialized, `{:?}` shows nothing of it, and its memory is wiped when it is dropped.
///
/// ```compile_fail,E0277
/// println!("{}", offload_engine::secrets::Secret::new("a token".to_owned()));
/// ```
///
/// ```compile_fail,E0277
/// serde_json::to_string(&offload_engine::secrets::Secret::new("a token".to_owned()));
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The token itself, for the one header it belongs in.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What somebody else wrote, without a token that they may have repeated. Text that is not UTF-8 is left as it is where the token is not in it.
pub fn without(token: &str, said: Vec<u8>) -> Vec<u8> {
    // A word of a few letters is no secret, and may stand anywhere.
    if token.len() < 8 || !said.windows(token.len()).any(|part| part == token.as_bytes()) {
        return said;
    }
    String::from_utf8_lossy(&said).replace(token, "…").into_bytes()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(withheld)")
    }
}

// Does not compile once `Secret` can be displayed or serialized: the `_` would stand for more than one type.
const _: fn() = || {
    trait Never<Reason> {
        fn holds() {}
    }
    struct Displayed;
    struct Serialized;
    impl<T: ?Sized> Never<()> for T {}
    impl<T: ?Sized + fmt::Display> Never<Displayed> for T {}
    impl<T: ?Sized + serde::Serialize> Never<Serialized> for T {}
    <Secret as Never<_>>::holds();
};

/// Why a token could not be read, kept or forgotten. Tells nothing of the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("this machine runs no keyring service")]
    NoService,
    /// The service runs, but nobody ever made a keyring in it.
    #[error("this machine's keyring service has no keyring to store the token in")]
    NoKeyring,
    #[error("the keyring is locked")]
    Locked,
    /// The person said no, or there was nobody to ask.
    #[error("the keyring was not opened: its prompt was dismissed or could not be shown")]
    Denied,
    #[error("the keyring did not answer within {} seconds", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("the token comes from the environment and cannot be changed here")]
    ReadOnly,
    /// What the keyring holds under Offload's name is not text.
    #[error("the keyring's entry is not a token")]
    NotAToken,
    #[error("the keyring failed: {0}")]
    Failed(String),
}

impl SecretError {
    /// Stable word for `--json` and the window.
    pub const fn code(&self) -> &'static str {
        "keyring"
    }

    /// Whether this machine keeps no tokens at all, so that there can be none.
    pub const fn is_nowhere(&self) -> bool {
        matches!(self, Self::NoService | Self::NoKeyring)
    }

    /// What to do now.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoService => {
                "Start a Secret Service (GNOME Keyring, KWallet, KeePassXC), or set OFFLOAD_TOKEN in the environment."
            }
            Self::NoKeyring => {
                "Log in on the desktop once or create a default keyring, or set OFFLOAD_TOKEN in the environment."
            }
            Self::Locked | Self::Denied => "Unlock the keyring and try again, or set OFFLOAD_TOKEN in the environment.",
            Self::TimedOut(_) => {
                "Look for a prompt that waits for the keyring's password, or set OFFLOAD_TOKEN in the environment."
            }
            Self::ReadOnly => "Change OFFLOAD_TOKEN, or unset it to use the keyring.",
            Self::NotAToken => "Sign in again to replace it.",
            Self::Failed(_) => "Try again; if it stays so, set OFFLOAD_TOKEN in the environment.",
        }
    }
}

impl From<SecretError> for Cause {
    fn from(error: SecretError) -> Self {
        let hint = error.hint();
        Self::new(Code::SignedOut, error.to_string()).hint(hint)
    }
}

/// Where tokens are kept, one a backend. Every call ends within a time limit.
#[async_trait]
pub trait TokenStore: Send + Sync + fmt::Debug {
    /// The token for the backend at this URL; `None` if there is none.
    async fn load(&self, backend: &str) -> Result<Option<Secret>, SecretError>;

    /// Keeps the token, in place of the one that was there.
    async fn store(&self, backend: &str, token: &Secret) -> Result<(), SecretError>;

    /// Forgets the token; `false` if there was none.
    async fn forget(&self, backend: &str) -> Result<bool, SecretError>;
}

/// The token of `OFFLOAD_TOKEN`, for machines without a keyring; the same for every backend, and read-only.
#[derive(Debug)]
pub struct FromEnvironment {
    token: Option<Secret>,
}

impl FromEnvironment {
    /// Takes the variable's value, as the caller read it; an empty one counts as none.
    pub fn new(value: Option<String>) -> Self {
        Self { token: value.map(Secret::new).filter(|token| !token.is_empty()) }
    }
}

#[async_trait]
impl TokenStore for FromEnvironment {
    async fn load(&self, _backend: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.token.clone())
    }

    async fn store(&self, _backend: &str, _token: &Secret) -> Result<(), SecretError> {
        Err(SecretError::ReadOnly)
    }

    async fn forget(&self, _backend: &str) -> Result<bool, SecretError> {
        Err(SecretError::ReadOnly)
    }
}

#[cfg(test)]
mod tests {
    use super::{FromEnvironment, Secret, SecretError, TokenStore};
    use crate::cause::{Cause, Code};
    use std::time::Duration;

    #[test]
    fn debug_shows_nothing_of_a_secret() {
        let secret = Secret::new("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(withheld) Some(\n    Secret(withheld),\n)");
        assert_eq!(secret.expose(), "hunter2");
        let store = FromEnvironment::new(Some("hunter2".to_owned()));
        assert!(!format!("{store:?}").contains("hunter2"));
    }

    #[test]
    fn a_token_that_is_repeated_is_taken_out() {
        let said = |text: &str| text.as_bytes().to_vec();
        assert_eq!(super::without("hunter2hunter2", said("bad: hunter2hunter2, hunter2hunter2!")), said("bad: …, …!"));
        assert_eq!(super::without("hunter2", said("hunter2")), said("hunter2"), "too short to be one");
        assert_eq!(super::without("hunter2hunter2", vec![0xff, 0xfe]), [0xff, 0xfe]);
    }

    #[tokio::test]
    async fn the_environments_token_is_read_only() {
        let store = FromEnvironment::new(Some("t0".to_owned()));
        let loaded = store.load("https://photos.example").await.unwrap().unwrap();
        assert_eq!(loaded.expose(), "t0");
        assert_eq!(store.store("https://photos.example", &loaded).await, Err(SecretError::ReadOnly));
        assert_eq!(store.forget("https://photos.example").await, Err(SecretError::ReadOnly));
        for none in [None, Some(String::new())] {
            assert!(FromEnvironment::new(none).load("https://photos.example").await.unwrap().is_none());
        }
    }

    #[test]
    fn every_error_asks_for_a_sign_in_and_says_what_to_do() {
        use SecretError::{Denied, Failed, Locked, NoKeyring, NoService, NotAToken, ReadOnly, TimedOut};
        let failed = Failed("broken pipe".to_owned());
        let timed_out = TimedOut(Duration::from_secs(30));
        let all = [NoService, NoKeyring, Locked, Denied, timed_out, ReadOnly, NotAToken, failed];
        for error in all {
            let cause = Cause::from(error.clone());
            assert_eq!(cause.code, Code::SignedOut);
            assert_eq!(cause.message, error.to_string());
            assert!(cause.hint.is_some_and(|hint| hint.ends_with('.')), "{error}");
        }
        assert!(NoService.hint().contains("OFFLOAD_TOKEN"));
        assert_eq!(TimedOut(Duration::from_secs(30)).to_string(), "the keyring did not answer within 30 seconds");
    }
}
