//! Signing in by a browser: the shell asks for a code, opens the page where it is approved, and waits. The page of the window never sees a token.

use super::Shell;
use super::account::wish;
use crate::setting::{blocking, of_cause, of_secret};
use offload_engine::backend::{Address, Credential, DeviceSignIn, Dialect, Unapproved, Wish, ways};
use offload_engine::secrets::SecretError;
use offload_protocol::control::ControlError;
use offload_protocol::window::{BackendProtocol, BrowserCode, Connected, Connection, SignInWays};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use url::Url;

/// The sign-in that waits, if there is one.
#[derive(Default)]
pub(super) struct Browsing(Mutex<Option<Waiting>>);

struct Waiting {
    page: Url,
    /// Taken by whoever waits.
    begun: Option<Begun>,
    /// Dropped with the rest of it: whoever waits gives up.
    _lives: watch::Sender<()>,
}

struct Begun {
    sign_in: DeviceSignIn,
    backend: Address,
    wish: Wish,
    life: watch::Receiver<()>,
}

impl Browsing {
    fn lock(&self) -> MutexGuard<'_, Option<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for(&self, sign_in: DeviceSignIn, backend: Address, wish: Wish) {
        let (lives, life) = watch::channel(());
        let page = sign_in.code().page().clone();
        let begun = Some(Begun { sign_in, backend, wish, life });
        *self.lock() = Some(Waiting { page, begun, _lives: lives });
    }

    fn take(&self) -> Option<Begun> {
        self.lock().as_mut()?.begun.take()
    }

    fn page(&self) -> Option<Url> {
        self.lock().as_ref().map(|waiting| waiting.page.clone())
    }

    /// Whether the sign-in of this life is still the one that waits; it waits no longer.
    fn ends(&self, life: &watch::Receiver<()>) -> bool {
        let mut waiting = self.lock();
        let lives = life.has_changed().is_ok();
        if lives {
            *waiting = None;
        }
        lives
    }

    /// Nobody has come to wait for it yet.
    #[cfg(test)]
    pub(super) fn waits_alone(&self) -> bool {
        self.lock().as_ref().is_some_and(|waiting| waiting.begun.is_some())
    }

    pub(super) fn give_up(&self) {
        *self.lock() = None;
    }
}

impl Shell {
    pub(crate) async fn sign_in_ways(
        &self,
        backend: String,
        protocol: BackendProtocol,
    ) -> Result<SignInWays, ControlError> {
        let address = Address::parse(&backend).map_err(|cause| of_cause(&cause))?;
        match ways(&address, &self.dialect(protocol).await).await {
            Ok(ways) => Ok(SignInWays { browser: ways.device.is_some() }),
            // It may have no session, and still sign.
            Err(cause) if cause.code.is_no_backend() => Ok(SignInWays { browser: false }),
            Err(cause) => Err(of_cause(&cause)),
        }
    }

    pub(crate) async fn begin_browser_sign_in(&self, connection: Connection) -> Result<BrowserCode, ControlError> {
        if self.setting.token_from_environment {
            return Err(of_secret(&SecretError::ReadOnly));
        }
        self.browsing.give_up();
        let backend = Address::parse(&connection.backend).map_err(|cause| of_cause(&cause))?;
        let offered =
            ways(&backend, &self.dialect(connection.protocol).await).await.map_err(|cause| of_cause(&cause))?;
        let at = offered.device.ok_or_else(|| ControlError {
            code: "no_browser_sign_in".into(),
            message: format!("{} offers no sign-in by a browser", backend.as_str()),
            hint: Some("use a token instead".into()),
        })?;
        let sign_in = DeviceSignIn::begin(at).await.map_err(|cause| of_cause(&cause))?;
        let code = sign_in.code();
        let told = BrowserCode {
            user_code: code.user_code.clone(),
            page: code.page().as_str().to_owned(),
            host: host(code.page()),
            code_in_page: code.verification_uri_complete.is_some(),
            expires_in_s: u32::try_from(code.expires_in.as_secs()).unwrap_or(u32::MAX),
        };
        self.browsing.wait_for(sign_in, backend, wish(&connection));
        Ok(told)
    }

    pub(crate) async fn open_sign_in_page(&self) -> Result<(), ControlError> {
        let page = self.browsing.page().ok_or_else(cancelled)?;
        let desk = Arc::clone(&self.desk);
        blocking(move || desk.browse(&page)).await?
    }

    pub(crate) async fn finish_browser_sign_in(&self) -> Result<Connected, ControlError> {
        let Some(Begun { sign_in, backend, wish, mut life }) = self.browsing.take() else { return Err(cancelled()) };
        let grant = tokio::select! {
            // Nothing is ever sent: it is given up, or another took its place.
            _ = life.changed() => return Err(cancelled()),
            approved = sign_in.wait() => {
                if !self.browsing.ends(&life) {
                    return Err(cancelled());
                }
                approved.map_err(|error| refused(&error))?
            }
        };
        let tokens = self.setting.tokens();
        let connected = self.sign_in(backend.as_str(), &wish, &Credential::Grant(grant), Some(tokens.as_ref())).await?;
        // The person is in the browser still.
        self.desk.raise();
        Ok(connected)
    }

    pub(crate) async fn cancel_browser_sign_in(&self) -> Result<(), ControlError> {
        self.browsing.give_up();
        Ok(())
    }

    /// How the backend is spoken to, with what the person says of it.
    async fn dialect(&self, protocol: BackendProtocol) -> Dialect {
        // Settings that can't be read are told of when something is to be kept in them.
        Dialect { protocol, ..self.setting.config().await.unwrap_or_default().backend.dialect }
    }
}

fn cancelled() -> ControlError {
    ControlError { code: "sign_in_cancelled".into(), message: "the sign-in was given up".into(), hint: None }
}

fn refused(error: &Unapproved) -> ControlError {
    ControlError { code: error.code().into(), message: error.to_string(), hint: error.hint() }
}

/// `photos.example`, or `127.0.0.1:8080`.
fn host(page: &Url) -> String {
    let host = page.host_str().unwrap_or_default();
    page.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
