//! The reference backend: protocol v1 over HTTP, and the sandbox's own control paths beside it.

mod complete;
mod control;
mod events;
mod oauth;
mod presign;
mod problem;

use crate::faults::{Endpoint, Faults, Strike, What};
use crate::options::{LengthRule, SignRule};
use crate::ordered::{self, broken_off, huge};
use crate::record::Records;
use crate::s3::Front;
use crate::serve::{Connection, Handler};
use crate::shelf::Shelf;
use crate::sigv4::Signer;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, Uri, header};
use axum::response::{IntoResponse, Json};
use axum::routing::{get, post};
use bytes::Bytes;
pub(crate) use events::{Stored, deliver};
use futures::FutureExt;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;
use jiff::Timestamp;
pub(crate) use oauth::Grants;
use offload_protocol::wire::{Limits, PROTOCOL_VERSION, Session};
use problem::Refusal;
use std::sync::Arc;
use std::time::Duration;

/// Largest request body, bytes: 1000 files at 16 KB each.
const MAX_BODY: usize = 16 << 20;

/// What the backend's handlers share.
pub(crate) struct Backend {
    pub(crate) account: String,
    pub(crate) token: String,
    pub(crate) auth_scheme: String,
    pub(crate) base_path: String,
    pub(crate) limits: Limits,
    pub(crate) bucket_name: String,
    /// Where forms are posted to: the bucket's address, path-style.
    pub(crate) post_url: String,
    pub(crate) signer: Signer,
    pub(crate) policy_expiry: u64,
    pub(crate) length: LengthRule,
    pub(crate) sign: SignRule,
    pub(crate) sign_checksum: bool,
    pub(crate) skip_same_content: bool,
    pub(crate) records: Records,
    pub(crate) shelf: Shelf,
    pub(crate) faults: Faults,
    /// Sign-ins by a browser, where they are offered.
    pub(crate) grants: Option<Arc<Grants>>,
    /// `None` with an external S3.
    pub(crate) front: Option<Arc<Front>>,
    /// Objects are known from S3's notifications, and `complete` waits for them.
    pub(crate) events: bool,
    /// `http://127.0.0.1:port` of the port where nothing goes wrong.
    pub(crate) other_port: String,
}

type Routes = TowerToHyperService<Router>;

impl Backend {
    fn router(self: &Arc<Self>) -> Router {
        let v1 = Router::new()
            .route("/v1/session", get(session))
            .route("/v1/presign", post(presign::answer))
            .route("/v1/complete", post(complete::answer));
        let v1 = if self.base_path.is_empty() { v1 } else { Router::new().nest(&self.base_path, v1) };
        v1.merge(control::routes())
            .merge(oauth::routes())
            .fallback(|| async { Refusal::new(404, "Not found", "There is nothing at this path.") })
            .method_not_allowed_fallback(|| async {
                Refusal::new(405, "Method not allowed", "This path takes another method.")
            })
            .with_state(Arc::clone(self))
    }

    /// A handler for a port; `faulty`: faults strike there.
    pub(crate) fn handler(self: &Arc<Self>, faulty: bool) -> Handler {
        let backend = Arc::clone(self);
        let routes = TowerToHyperService::new(self.router());
        Arc::new(move |request, connection| {
            let (backend, routes) = (Arc::clone(&backend), routes.clone());
            async move { backend.answer(routes, request, connection, faulty).await }.boxed()
        })
    }

    /// Paths and keys of the files of a request, where a fault asks for them.
    async fn paths_in(&self, body: &Bytes) -> Vec<String> {
        if !self.faults.ask_for_paths() {
            return Vec::new();
        }
        let (records, body) = (self.records.clone(), body.clone());
        let find = move || {
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let files = body["files"].as_array().cloned().unwrap_or_default();
            let texts =
                files.iter().flat_map(|file| ["path", "key"].map(|member| file[member].as_str().map(str::to_owned)));
            let known = files.iter().map(|file| records.path_of(file["file_id"].as_str()?).ok()?);
            texts.chain(known).flatten().collect()
        };
        tokio::task::spawn_blocking(find).await.unwrap_or_default()
    }

    fn endpoint(&self, path: &str) -> Option<Endpoint> {
        match path.strip_prefix(&self.base_path)? {
            "/v1/session" => Some(Endpoint::Session),
            "/v1/presign" => Some(Endpoint::Presign),
            "/v1/complete" => Some(Endpoint::Complete),
            _ => None,
        }
    }

    async fn answer(
        &self,
        routes: Routes,
        request: Request<Incoming>,
        connection: Connection,
        faulty: bool,
    ) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await.map(http_body_util::Collected::to_bytes) else {
            return Refusal::new(413, "Too large", "The request body is over 16 MiB, or it broke off.").into_response();
        };
        let paths = if faulty { self.paths_in(&body).await } else { Vec::new() };
        let strike = self
            .endpoint(parts.uri.path())
            .filter(|_| faulty)
            .and_then(|endpoint| self.faults.strike(endpoint, |part| paths.iter().any(|path| path.contains(part))));
        if let Some(strike) = &strike {
            tracing::info!(path = parts.uri.path(), what = ?strike.what, "fault strikes");
            if let Some(response) = self.instead(strike, &parts.uri, body.len(), &connection).await {
                return response;
            }
            parts.extensions.insert(strike.clone());
        }
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let answered = routes.call(Request::from_parts(parts, Body::from(body))).await;
        let response = answered.unwrap_or_else(|never| match never {});
        log(&method, &path, &response);
        match strike.map(|strike| strike.what) {
            Some(What::DropAfter) => connection.reset().await,
            Some(What::Truncated) => broken_off(response).await,
            _ => response,
        }
    }

    /// What a fault answers instead of the work; `None`: the work goes on (perhaps otherwise than it should).
    async fn instead(
        &self,
        strike: &Strike,
        uri: &Uri,
        body: usize,
        connection: &Connection,
    ) -> Option<Response<Body>> {
        match &strike.what {
            What::Error(answer) => {
                let usual = || Refusal::new(answer.status, &answer.code, &answer.message).into_response();
                Some(ordered::error(answer, usual))
            }
            What::Html { status } => Some(ordered::html(*status)),
            What::Slow { rate } => {
                tokio::time::sleep(Duration::from_secs_f64(body as f64 / *rate as f64)).await;
                None
            }
            What::Stall { .. } => std::future::pending().await,
            What::DropBefore | What::DropMid { .. } => connection.reset().await,
            What::Redirect => Some(ordered::redirect(&format!("{}{}", self.other_port, uri.path()))),
            What::Moved => {
                let refusal = Refusal::new(301, "Moved", "Moved permanently, but nobody knows where to.");
                Some(refusal.into_response())
            }
            What::Huge { bytes } => Some(huge(*bytes, "application/json")),
            _ => None,
        }
    }

    /// 401 unless the request carries the token.
    fn authorise(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let good = given.split_once(' ').is_some_and(|(scheme, token)| {
            let token = token.trim();
            scheme.eq_ignore_ascii_case(&self.auth_scheme)
                && (same(token, &self.token) || self.grants.as_ref().is_some_and(|grants| grants.accept(token)))
        });
        if good { Ok(()) } else { Err(Refusal::signed_out(&self.auth_scheme, self.sign_in(headers))) }
    }
}

/// Compares without telling by the time it takes where two texts differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn log(method: &Method, path: &str, response: &Response<Body>) {
    tracing::info!(%method, path, status = response.status().as_u16(), "answered");
}

async fn session(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Result<Json<Session>, Refusal> {
    backend.authorise(&headers)?;
    Ok(Json(Session {
        account: backend.account.clone(),
        protocol: Some(PROTOCOL_VERSION),
        limits: backend.limits.clone(),
        server_time: Some(Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        sign_in: backend.sign_in(&headers),
    }))
}
