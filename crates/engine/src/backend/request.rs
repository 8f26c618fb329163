//! Requests to a backend: its address, the token in its one header, and an answer that is read up to a limit.

use super::answer::{Head, odd};
use crate::cause::{Cause, Code};
use crate::secrets::without;
use crate::transfer::client;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method};
use std::sync::Arc;
use url::Url;

/// Largest answer that is read: 1000 files with their forms are about 2 MiB.
pub(crate) const LARGEST_ANSWER: usize = 4 << 20;

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

/// How a backend is asked.
pub(super) struct Line {
    pub(super) client: reqwest::Client,
    pub(super) address: Address,
    /// First word of the Authorization header; may be empty.
    pub(super) scheme: String,
    pub(super) token: TokenSource,
    /// Without a token it is asked all the same.
    pub(super) anonymous: bool,
}

impl Line {
    fn authorization(&self) -> Result<Option<HeaderValue>, Cause> {
        let signed_out = |why: &str| Cause::new(Code::SignedOut, why).hint("sign in");
        let Some(token) = (self.token)().filter(|token| !token.is_empty()) else {
            return if self.anonymous { Ok(None) } else { Err(signed_out("nobody is signed in")) };
        };
        let text = format!("{} {}", self.scheme.trim(), token.trim());
        let mut value = HeaderValue::from_str(text.trim_start())
            .map_err(|_| signed_out("the token has characters that no token can have"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }

    pub(super) async fn ask(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<(Head, Vec<u8>), Cause> {
        let mut request =
            self.client.request(method, url.clone()).header(ACCEPT, "application/json, application/problem+json");
        if let Some(authorization) = self.authorization()? {
            request = request.header(AUTHORIZATION, authorization);
        }
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
                Ok(None) => break,
                // A bad status says enough without its whole body.
                Err(_) if !(200..300).contains(&head.status) => break,
                Err(error) => return Err(client::fault(&error, &url)),
            }
        }
        // Some repeat in their errors what they were sent.
        let token = (self.token)().unwrap_or_default();
        Ok((head, without(token.trim(), read)))
    }
}
