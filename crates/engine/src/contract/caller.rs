//! Asking the backend, with what comes back left as it is: a client's reading would hide what `doctor` is to see.

use super::answers::Raw;
use crate::backend::{Address, COMPLETE, LARGEST_ANSWER, PRESIGN, SESSION};
use crate::cause::{Cause, Code};
use crate::secrets::{Secret, without};
use crate::transfer::client;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use offload_protocol::wire::PresignFile;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;

/// The longest pause that a busy backend is waited for.
const PATIENCE_MS: u64 = 10_000;

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Session,
    Presign,
    Complete,
}

impl Endpoint {
    const fn path(self) -> &'static str {
        match self {
            Self::Session => SESSION,
            Self::Presign => PRESIGN,
            Self::Complete => COMPLETE,
        }
    }

    const fn method(self) -> Method {
        match self {
            Self::Session => Method::GET,
            Self::Presign | Self::Complete => Method::POST,
        }
    }
}

/// Who a request says it is from.
#[derive(Debug, Clone)]
pub(super) enum As<'a> {
    /// The token, with the scheme of the settings or the one that was found to work.
    Us,
    /// The token behind another word.
    UsBy(&'a str),
    /// A token that nobody has.
    Stranger,
    Nobody,
}

/// Asks one backend.
pub(super) struct Caller {
    client: reqwest::Client,
    address: Address,
    pub(super) scheme: String,
    token: Secret,
}

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Caller").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

impl Caller {
    pub(super) fn new(address: &Address, scheme: &str, token: &Secret) -> Result<Self, Cause> {
        let client = client::for_backend()?;
        Ok(Self { client, address: address.clone(), scheme: scheme.to_owned(), token: token.clone() })
    }

    /// The backend's address, without a slash at its end.
    pub(super) fn base(&self) -> &str {
        self.address.as_str()
    }

    pub(super) async fn session(&self, who: As<'_>) -> Result<Raw, Cause> {
        self.ask(Endpoint::Session, None, who).await
    }

    pub(super) async fn presign(&self, files: &[&PresignFile], who: As<'_>) -> Result<Raw, Cause> {
        self.ask(Endpoint::Presign, Some(json!({ "files": files })), who).await
    }

    /// One request; a backend that is busy is asked once more after the pause it names.
    pub(super) async fn ask(&self, endpoint: Endpoint, body: Option<Value>, who: As<'_>) -> Result<Raw, Cause> {
        let url = self.address.endpoint(endpoint.path())?;
        let raw = match self.at(&url, endpoint.method(), body.as_ref(), &who).await {
            // A connection that was kept open may be closed by the server in the very moment it is used again.
            Err(cause) if cause.code == Code::Dropped => self.at(&url, endpoint.method(), body.as_ref(), &who).await?,
            answer => answer?,
        };
        if matches!(raw.status, 429 | 503) {
            let pause = raw.retry_after_ms.unwrap_or(1000);
            if pause <= PATIENCE_MS {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                return self.at(&url, endpoint.method(), body.as_ref(), &who).await;
            }
        }
        Ok(raw)
    }

    /// Whether the endpoint is there once a slash is put after it.
    pub(super) async fn is_there_with_slash(&self, endpoint: Endpoint, body: Option<Value>) -> Result<bool, Cause> {
        let url = self.address.endpoint(&format!("{}/", endpoint.path()))?;
        let raw = self.at(&url, endpoint.method(), body.as_ref(), &As::Us).await?;
        Ok(!raw.is_nowhere() && raw.status != 405 && !(300..400).contains(&raw.status))
    }

    /// Whether an Uppy Companion or a Shrine presign endpoint answers in place of protocol v1.
    pub(super) async fn speaks_companion(&self) -> Result<bool, Cause> {
        let url = self.address.endpoint("s3/params?filename=offload-doctor-probe.jpg&type=image/jpeg")?;
        let raw = self.at(&url, Method::GET, None, &As::Us).await?;
        let is_form = |value: Value| {
            value.get("url").is_some_and(Value::is_string) && value.get("method").or(value.get("fields")).is_some()
        };
        Ok(raw.is_good() && raw.json().is_some_and(is_form))
    }

    fn authorization(&self, who: &As<'_>) -> Option<HeaderValue> {
        let (scheme, token) = match who {
            As::Nobody => return None,
            As::Us => (self.scheme.as_str(), self.token.expose().trim().to_owned()),
            As::UsBy(scheme) => (*scheme, self.token.expose().trim().to_owned()),
            As::Stranger => (self.scheme.as_str(), format!("offload-doctor-{:032x}", rand::random::<u128>())),
        };
        let mut value = HeaderValue::from_str(format!("{scheme} {token}").trim()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    async fn at(&self, url: &Url, method: Method, body: Option<&Value>, who: &As<'_>) -> Result<Raw, Cause> {
        let mut request =
            self.client.request(method, url.clone()).header(ACCEPT, "application/json, application/problem+json");
        if let Some(value) = self.authorization(who) {
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let asked_at = Timestamp::now();
        let mut response = request.send().await.map_err(|error| client::fault(&error, url))?;
        let answered_at = Timestamp::now();
        let text =
            |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut raw = Raw {
            url: url.clone(),
            status: response.status().as_u16(),
            location: text(LOCATION).and_then(|to| url.join(&to).ok()),
            www_authenticate: text(WWW_AUTHENTICATE),
            retry_after_ms: text(RETRY_AFTER).and_then(|value| client::retry_after_ms(&value, answered_at)),
            date: text(DATE).and_then(|value| Some(jiff::fmt::rfc2822::parse(&value).ok()?.timestamp())),
            body: Vec::new(),
            asked_at,
            answered_at,
        };
        while raw.body.len() < LARGEST_ANSWER {
            match response.chunk().await {
                Ok(Some(chunk)) => raw.body.extend_from_slice(&chunk),
                Ok(None) => break,
                // A bad status says enough without its whole body.
                Err(_) if !raw.is_good() => break,
                Err(error) => return Err(client::fault(&error, url)),
            }
        }
        raw.body = without(self.token.expose().trim(), raw.body);
        Ok(raw)
    }
}
