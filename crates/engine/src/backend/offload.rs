//! Backend protocol v1 over HTTP.

use super::answer::{self, Head, odd};
use super::{Backend, Confirmation, PerFile, entries};
use crate::cause::{Cause, Code};
use crate::transfer::client;
use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method};
use offload_protocol::wire::{CompleteFile, CompleteRequest, PresignFile, PresignRequest, Session, Upload};
use serde::Serialize;
use std::sync::Arc;
use url::Url;

/// Largest answer that is read: 1000 files with their forms are about 2 MiB.
pub(crate) const LARGEST_ANSWER: usize = 4 << 20;
pub(crate) const SESSION: &str = "v1/session";
pub(crate) const PRESIGN: &str = "v1/presign";
pub(crate) const COMPLETE: &str = "v1/complete";

/// Gives the token at the time of each request; `None` when nobody is signed in. Must not block.
pub type TokenSource = Arc<dyn Fn() -> Option<String> + Send + Sync>;

/// A backend's base address: https, or http on loopback; without user, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address as a person types it.
    ///
    /// # Errors
    /// In words for that person.
    pub fn parse(text: &str) -> Result<Self, Cause> {
        let wrong = |why: &str| {
            Cause::new(Code::BadAddress, format!("the backend's address {why}"))
                .hint("an address looks like https://photos.example.com/offload")
        };
        let mut url = Url::parse(text.trim()).map_err(|_| wrong("is no web address"))?;
        match url.scheme() {
            "https" => {}
            "http" if client::is_loopback(&url) => {}
            "http" => return Err(wrong("has to begin with https: the token would be readable on the way")),
            _ => return Err(wrong("has to begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("must not have a user or password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("must not have ? or # in it"));
        }
        // With the slash, joining keeps the last folder.
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self(url))
    }

    /// The address without the slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    pub(crate) fn endpoint(&self, path: &str) -> Result<Url, Cause> {
        self.0.join(path).map_err(|_| odd("the backend's address can't be extended"))
    }
}

/// A backend that speaks protocol v1.
pub struct OffloadBackend {
    client: reqwest::Client,
    address: Address,
    scheme: String,
    token: TokenSource,
}

impl std::fmt::Debug for OffloadBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OffloadBackend").field("address", &self.address.as_str()).finish_non_exhaustive()
    }
}

impl OffloadBackend {
    /// `client` is `client::for_backend()`.
    pub fn new(client: reqwest::Client, address: Address, token: TokenSource) -> Self {
        Self { client, address, scheme: "Bearer".to_owned(), token }
    }

    /// Sets the word before the token in `Authorization`; empty for none. The default is `Bearer`.
    #[must_use]
    pub fn authorization_scheme(mut self, scheme: impl Into<String>) -> Self {
        self.scheme = scheme.into();
        self
    }

    fn authorization(&self) -> Result<HeaderValue, Cause> {
        let signed_out = |why: &str| Cause::new(Code::SignedOut, why).hint("sign in");
        let token =
            (self.token)().filter(|token| !token.is_empty()).ok_or_else(|| signed_out("nobody is signed in"))?;
        let text = format!("{} {}", self.scheme.trim(), token.trim());
        let mut value = HeaderValue::from_str(text.trim_start())
            .map_err(|_| signed_out("the token has characters that no token can have"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<(Head, Vec<u8>), Cause> {
        let url = self.address.endpoint(path)?;
        let mut request = self
            .client
            .request(method, url.clone())
            .header(AUTHORIZATION, self.authorization()?)
            .header(ACCEPT, "application/json, application/problem+json");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let mut response = request.send().await.map_err(|error| client::fault(&error, &url))?;
        let text =
            |name: HeaderName| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let head = Head {
            status: response.status().as_u16(),
            location: text(LOCATION).and_then(|to| url.join(&to).ok()).map(String::from),
            retry_after_ms: text(RETRY_AFTER).and_then(|value| client::retry_after_ms(&value, jiff::Timestamp::now())),
        };
        let mut read = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if read.len() + chunk.len() > LARGEST_ANSWER => {
                    return Err(odd("the backend's answer is over 4 MiB")
                        .hint("for the backend: name a smaller limits.files_per_request in the session"));
                }
                Ok(Some(chunk)) => read.extend_from_slice(&chunk),
                Ok(None) => return Ok((head, read)),
                // A bad status says enough without its whole body.
                Err(_) if !(200..300).contains(&head.status) => return Ok((head, read)),
                Err(error) => return Err(client::fault(&error, &url)),
            }
        }
    }

    /// Where nobody of protocol v1 answers, the whole address that was asked says most.
    fn asked(&self, path: &str, cause: Cause) -> Cause {
        if !cause.code.is_no_backend() {
            return cause;
        }
        let message = format!("{}; asked was {}/{path}", cause.message, self.address.as_str());
        Cause { message, ..cause }
    }

    async fn post(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<(Head, Vec<u8>), Cause> {
        let body = serde_json::to_vec(body).map_err(|_| odd("the request could not be put into JSON"))?;
        self.ask(Method::POST, path, Some(body)).await
    }
}

#[async_trait]
impl Backend for OffloadBackend {
    async fn session(&self) -> Result<Session, Cause> {
        let (head, body) = self.ask(Method::GET, SESSION, None).await?;
        answer::json(&head, &body).map_err(|cause| self.asked(SESSION, cause))
    }

    async fn presign(&self, files: &[PresignFile]) -> Result<PerFile<Upload>, Cause> {
        let asked: Vec<&str> = files.iter().map(|file| file.file_id.as_str()).collect();
        let (head, body) = self.post(PRESIGN, &PresignRequest { files: files.to_vec() }).await?;
        Ok(entries::uploads(answer::json(&head, &body).map_err(|cause| self.asked(PRESIGN, cause))?, &asked))
    }

    async fn complete(&self, files: &[CompleteFile]) -> Result<PerFile<Confirmation>, Cause> {
        let asked: Vec<&str> = files.iter().map(|file| file.file_id.as_str()).collect();
        let (head, body) = self.post(COMPLETE, &CompleteRequest { files: files.to_vec() }).await?;
        Ok(entries::confirmations(answer::json(&head, &body).map_err(|cause| self.asked(COMPLETE, cause))?, &asked))
    }
}

#[cfg(test)]
mod tests;
