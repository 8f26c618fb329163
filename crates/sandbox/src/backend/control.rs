//! `/_sandbox`: faults on order, and what the backend and the bucket hold. For tests and demonstrations; no token, loopback only.

use super::Backend;
use super::problem::Refusal;
use crate::bucket::Object;
use crate::faults::Fault;
use crate::record::Record;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use axum::response::Json;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio_util::io::ReaderStream;

pub(super) fn routes() -> Router<Arc<Backend>> {
    Router::new()
        .route("/_sandbox/faults", get(faults).post(add).delete(clear))
        .route("/_sandbox/records", get(records))
        .route("/_sandbox/objects", get(objects))
        .route("/_sandbox/object", get(object))
        .route("/_sandbox/counters", get(counters))
        .route("/_sandbox/events", post(events))
}

/// A page in a browser that got its name to point here must not read or change anything.
pub(super) fn local(headers: &HeaderMap) -> Result<(), Refusal> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        Ok(())
    } else {
        Err(Refusal::new(403, "Forbidden", "This is only for this machine."))
    }
}

/// `{"faults": ["s3=slowdown:times=3"]}`
#[derive(Debug, Deserialize)]
struct NewFaults {
    faults: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ActiveFault {
    fault: String,
    struck: u64,
}

fn list(backend: &Backend) -> Json<Vec<ActiveFault>> {
    let faults = backend.faults.list().into_iter();
    Json(faults.map(|(fault, struck)| ActiveFault { fault: format!("{fault:?}"), struck }).collect())
}

async fn faults(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Result<Json<Vec<ActiveFault>>, Refusal> {
    local(&headers)?;
    Ok(list(&backend))
}

async fn add(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Result<Json<Vec<ActiveFault>>, Refusal> {
    local(&headers)?;
    let wrong = |why: String| Refusal::new(400, "Not faults", &why);
    let new: NewFaults = serde_json::from_slice(&body).map_err(|error| wrong(error.to_string()))?;
    let parsed: Result<Vec<Fault>, _> = new.faults.iter().map(|words| words.parse()).collect();
    for fault in parsed.map_err(|error| wrong(error.to_string()))? {
        backend.faults.add(fault);
    }
    Ok(list(&backend))
}

async fn clear(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Result<Json<Vec<ActiveFault>>, Refusal> {
    local(&headers)?;
    backend.faults.clear();
    Ok(list(&backend))
}

async fn events(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    body: bytes::Bytes,
) -> Result<Json<serde_json::Value>, Refusal> {
    local(&headers)?;
    super::events::receive(&backend, &body).await?;
    Ok(Json(serde_json::json!({})))
}

#[derive(Debug, Deserialize)]
struct Which {
    /// Also files that were presigned and never confirmed.
    #[serde(default)]
    all: bool,
}

async fn records(
    State(backend): State<Arc<Backend>>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Json<Vec<Record>>, Refusal> {
    local(&headers)?;
    let records = backend.records.clone();
    let found = tokio::task::spawn_blocking(move || records.all(!which.all))
        .await
        .map_err(|error| Refusal::internal(&error))?;
    Ok(Json(found.map_err(|error| Refusal::internal(&error))?))
}

fn bucket(backend: &Backend) -> Result<crate::bucket::Bucket, Refusal> {
    let front = backend.front.as_ref();
    front
        .map(|front| front.bucket.clone())
        .ok_or_else(|| Refusal::new(404, "Not ours", "The S3 is not the embedded one."))
}

async fn objects(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Result<Json<Vec<Object>>, Refusal> {
    local(&headers)?;
    let bucket = bucket(&backend)?;
    let listed = tokio::task::spawn_blocking(move || bucket.list("", "", u32::MAX)).await;
    Ok(Json(listed.map_err(|error| Refusal::internal(&error))?.map_err(|error| Refusal::internal(&error))?))
}

#[derive(Debug, Deserialize)]
struct Key {
    key: String,
}

async fn object(
    State(backend): State<Arc<Backend>>,
    Query(which): Query<Key>,
    headers: HeaderMap,
) -> Result<Response<Body>, Refusal> {
    local(&headers)?;
    let bucket = bucket(&backend)?;
    let open = move || -> Result<_, crate::bucket::BucketError> {
        let Some(object) = bucket.head(&which.key)? else { return Ok(None) };
        Ok(Some((bucket.open_object(&object)?, object)))
    };
    let opened = tokio::task::spawn_blocking(open).await.map_err(|error| Refusal::internal(&error))?;
    let opened = opened.map_err(|error| Refusal::internal(&error))?;
    let (file, object) = opened.ok_or_else(|| Refusal::new(404, "Not found", "There is no object under this key."))?;
    let mut response =
        Response::new(Body::from_stream(ReaderStream::with_capacity(tokio::fs::File::from_std(file), 256 << 10)));
    if let Ok(content_type) = HeaderValue::from_str(&object.content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    Ok(response)
}

#[derive(Debug, Serialize)]
struct Counters {
    uploads_received: u64,
    bytes_received: u64,
    faults_struck: u64,
}

async fn counters(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Result<Json<Counters>, Refusal> {
    local(&headers)?;
    let front = backend.front.as_ref();
    Ok(Json(Counters {
        uploads_received: front.map_or(0, |front| front.uploads_received.load(Ordering::Relaxed)),
        bytes_received: front.map_or(0, |front| front.bytes_received.load(Ordering::Relaxed)),
        faults_struck: backend.faults.struck(),
    }))
}
