//! Backend protocol v1 over HTTP.

use super::answer::{self, Head, odd};
use super::request::{Address, Line, TokenSource};
use super::{Backend, Confirmation, PerFile, entries};
use crate::cause::Cause;
use async_trait::async_trait;
use http::Method;
use offload_protocol::wire::{CompleteFile, CompleteRequest, PresignFile, PresignRequest, Session, Upload};
use serde::Serialize;

pub(crate) const SESSION: &str = "v1/session";
pub(crate) const PRESIGN: &str = "v1/presign";
pub(crate) const COMPLETE: &str = "v1/complete";

/// A backend that speaks protocol v1.
pub struct OffloadBackend {
    line: Line,
}

impl std::fmt::Debug for OffloadBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OffloadBackend").field("address", &self.line.address.as_str()).finish_non_exhaustive()
    }
}

impl OffloadBackend {
    /// `client` is `client::for_backend()`.
    pub fn new(client: reqwest::Client, address: Address, token: TokenSource) -> Self {
        Self { line: Line { client, address, scheme: "Bearer".to_owned(), token, anonymous: false } }
    }

    /// Sets the word before the token in `Authorization`; empty for none. The default is `Bearer`.
    #[must_use]
    pub fn authorization_scheme(mut self, scheme: impl Into<String>) -> Self {
        self.line.scheme = scheme.into();
        self
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Vec<u8>>) -> Result<(Head, Vec<u8>), Cause> {
        self.line.ask(method, self.line.address.endpoint(path)?, body).await
    }

    /// Where nobody of protocol v1 answers, the whole address that was asked says most.
    fn asked(&self, path: &str, cause: Cause) -> Cause {
        if !cause.code.is_no_backend() {
            return cause;
        }
        let message = format!("{}; asked was {}/{path}", cause.message, self.line.address.as_str());
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
