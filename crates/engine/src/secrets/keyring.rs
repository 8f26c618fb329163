//! The operating system's keyring: Secret Service on Linux, Keychain on macOS, Credential Manager on Windows.

use super::{Secret, SecretError, TokenStore};
use async_trait::async_trait;
use keyring_core::{Entry, Error, api::CredentialStoreApi};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::Instant;

/// The service all of Offload's entries stand under.
const SERVICE: &str = "offload";
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Tokens in the keyring, under the service `offload` and the backend's URL.
///
/// A locked keyring asks the person, and that prompt can wait for ever. So each call runs on a thread of its own, never
/// on the runtime's (whose end would wait for it), and is given up after a time limit. There is one such thread at
/// most: while a prompt stands unanswered, further calls wait for it and time out too, instead of adding prompts.
#[derive(Debug, Clone)]
pub struct Keyring {
    lane: Lane,
}

impl Default for Keyring {
    fn default() -> Self {
        Self::with_time_limit(TIME_LIMIT)
    }
}

impl Keyring {
    /// A keyring whose calls are given up after `limit`; the default is 30 s.
    pub fn with_time_limit(limit: Duration) -> Self {
        Self { lane: Lane { limit, turn: Arc::new(Semaphore::new(1)) } }
    }

    async fn with_entry<T: Send + 'static>(
        &self,
        backend: &str,
        act: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, SecretError> {
        let account = account(backend);
        self.lane
            .run(move || {
                // Opened anew each time: the service may have been restarted in between.
                let store = platform::open()?;
                let entry = store.build(SERVICE, &account, None).map_err(platform::reason)?;
                act(&entry).map_err(platform::reason)
            })
            .await
    }
}

#[async_trait]
impl TokenStore for Keyring {
    async fn load(&self, backend: &str) -> Result<Option<Secret>, SecretError> {
        let found = self.with_entry(backend, |entry| or_absent(entry.get_secret())).await?;
        found.map(into_secret).transpose()
    }

    async fn store(&self, backend: &str, token: &Secret) -> Result<(), SecretError> {
        let token = token.clone();
        self.with_entry(backend, move |entry| entry.set_secret(token.expose().as_bytes())).await
    }

    async fn forget(&self, backend: &str) -> Result<bool, SecretError> {
        self.with_entry(backend, |entry| Ok(or_absent(entry.delete_credential())?.is_some())).await
    }
}

fn or_absent<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error),
    }
}

fn into_secret(raw: Vec<u8>) -> Result<Secret, SecretError> {
    String::from_utf8(raw).map(Secret::new).map_err(|error| {
        drop(zeroize::Zeroizing::new(error.into_bytes()));
        SecretError::NotAToken
    })
}

/// The backend's URL as the account's name: without a trailing slash, and without what may hold a secret.
fn account(backend: &str) -> String {
    let Ok(mut url) = url::Url::parse(backend.trim()) else { return backend.trim().to_owned() };
    // Fails for URLs without a host only, which carry no password either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.as_str().trim_end_matches('/').to_owned()
}

/// Runs blocking calls one after the other, each on its own thread and within the limit.
#[derive(Debug, Clone)]
struct Lane {
    limit: Duration,
    turn: Arc<Semaphore>,
}

impl Lane {
    async fn run<T: Send + 'static>(
        &self,
        act: impl FnOnce() -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let until = Instant::now() + self.limit;
        let timed_out = |_| SecretError::TimedOut(self.limit);
        let turn = tokio::time::timeout_at(until, Arc::clone(&self.turn).acquire_owned()).await.map_err(timed_out)?;
        let (answer, answered) = oneshot::channel();
        let thread = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            // Held until the call is over, also where nobody waits for it any more.
            let _turn = turn;
            // Nobody may be waiting: the answer came after the limit.
            let _ = answer.send(act());
        });
        thread.map_err(|error| SecretError::Failed(error.to_string()))?;
        let outcome = tokio::time::timeout_at(until, answered).await.map_err(timed_out)?;
        outcome.unwrap_or_else(|_| Err(SecretError::Failed("its call ended without an answer".to_owned())))
    }
}

#[cfg(target_os = "linux")]
mod platform {
    use super::{Error, SecretError};
    use std::sync::Arc;
    use zbus_secret_service_keyring_store::Store;

    /// Connects to the session bus and the Secret Service on it; that this fails means that one of them isn't there.
    pub(super) fn open() -> Result<Arc<Store>, SecretError> {
        Store::new().map_err(|error| match reason(error) {
            SecretError::Failed(_) => SecretError::NoService,
            other => other,
        })
    }

    /// What the Secret Service's error means for the person. Never shows bytes that an error carries.
    pub(super) fn reason(error: Error) -> SecretError {
        use secret_service::Error as Service;
        let (Error::PlatformFailure(inner) | Error::NoStorageAccess(inner)) = &error else {
            return super::plain_reason(error);
        };
        match inner.downcast_ref::<Service>() {
            Some(Service::Unavailable) => SecretError::NoService,
            Some(Service::NoResult) => SecretError::NoKeyring,
            Some(Service::Locked) => SecretError::Locked,
            Some(Service::Prompt | Service::PromptDisconnected) => SecretError::Denied,
            _ => super::plain_reason(error),
        }
    }
}

#[cfg(target_os = "macos")]
mod platform {
    use super::{Error, SecretError};
    use apple_native_keyring_store::keychain::Store;
    use std::sync::Arc;

    pub(super) fn open() -> Result<Arc<Store>, SecretError> {
        Store::new().map_err(reason)
    }

    pub(super) fn reason(error: Error) -> SecretError {
        super::plain_reason(error)
    }
}

#[cfg(windows)]
mod platform {
    use super::{Error, SecretError};
    use std::sync::Arc;
    use windows_native_keyring_store::Store;

    pub(super) fn open() -> Result<Arc<Store>, SecretError> {
        Store::new().map_err(reason)
    }

    pub(super) fn reason(error: Error) -> SecretError {
        super::plain_reason(error)
    }
}

/// The meaning of an error on any system.
fn plain_reason(error: Error) -> SecretError {
    match error {
        Error::NoStorageAccess(_) => SecretError::Denied,
        Error::NoDefaultStore => SecretError::NoService,
        Error::BadEncoding(_) | Error::BadDataFormat(..) => SecretError::NotAToken,
        Error::Ambiguous(_) => SecretError::Failed("there is more than one entry for this backend".to_owned()),
        Error::PlatformFailure(inner) => SecretError::Failed(inner.to_string()),
        other => SecretError::Failed(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lane, account, into_secret, plain_reason};
    use crate::secrets::SecretError;
    use keyring_core::Error;
    use std::sync::{Arc, mpsc};
    use std::time::Duration;
    use tokio::sync::Semaphore;

    #[test]
    fn accounts_are_urls_without_secrets() {
        let cases = [
            ("https://photos.example", "https://photos.example"),
            ("https://photos.example/", "https://photos.example"),
            (" https://Photos.example/offload// ", "https://photos.example/offload"),
            ("https://kim:secret@photos.example/x?token=1#y", "https://photos.example/x"),
            ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
            ("no url", "no url"),
        ];
        for (backend, wanted) in cases {
            assert_eq!(account(backend), wanted);
        }
    }

    #[test]
    fn errors_that_carry_bytes_do_not_show_them() {
        let hidden = b"hunter2\xff".to_vec();
        assert_eq!(plain_reason(Error::BadEncoding(hidden.clone())), SecretError::NotAToken);
        assert_eq!(into_secret(hidden).unwrap_err(), SecretError::NotAToken);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_secret_services_errors_keep_their_meaning() {
        use super::platform::reason;
        use secret_service::Error as Service;
        let cases = [
            (Service::Unavailable, SecretError::NoService),
            (Service::NoResult, SecretError::NoKeyring),
            (Service::Locked, SecretError::Locked),
            (Service::Prompt, SecretError::Denied),
        ];
        for (inner, wanted) in cases {
            assert_eq!(reason(Error::NoStorageAccess(Box::new(inner))), wanted);
        }
        let other = reason(Error::PlatformFailure(Box::new(Service::Crypto("bad key"))));
        assert_eq!(other, SecretError::Failed("Crypto error: bad key".to_owned()));
    }

    #[tokio::test]
    async fn a_prompt_that_nobody_answers_is_given_up_and_not_doubled() {
        let limit = Duration::from_millis(50);
        let lane = Lane { limit, turn: Arc::new(Semaphore::new(1)) };
        let (answer, prompt) = mpsc::channel::<()>();
        let first = lane.run(move || Ok(prompt.recv().is_ok())).await;
        assert_eq!(first, Err(SecretError::TimedOut(limit)));
        // The first call still hangs: the second one must not start.
        let second = lane.run(|| -> Result<(), _> { panic!("a second prompt") }).await;
        assert_eq!(second, Err(SecretError::TimedOut(limit)));

        answer.send(()).unwrap();
        // Wait for its turn rather than for a time: the prompt's thread has to end first.
        let patient = Lane { limit: Duration::from_secs(60), ..lane };
        assert_eq!(patient.run(|| Ok(7)).await, Ok(7));
    }

    #[tokio::test]
    async fn a_call_that_breaks_down_is_an_error() {
        let lane = Lane { limit: Duration::from_secs(60), turn: Arc::new(Semaphore::new(1)) };
        let broken = lane.run(|| -> Result<(), _> { std::panic::resume_unwind(Box::new("broken")) }).await;
        assert!(matches!(broken, Err(SecretError::Failed(_))));
        assert_eq!(lane.run(|| Ok(7)).await, Ok(7));
    }
}
