//! Answers that were ordered by a fault, alike on both ports.

use crate::faults::ErrorAnswer;
use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt;
use std::io;

/// `usual` makes the port's own form of error, for an answer without a body of its own.
pub(crate) fn error(answer: &ErrorAnswer, usual: impl FnOnce() -> Response<Body>) -> Response<Body> {
    let mut response = match &answer.body {
        Some(body) => Response::new(Body::from(body.clone())),
        None => usual(),
    };
    set_status(&mut response, answer.status);
    if let Some(seconds) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn set_status(response: &mut Response<Body>, status: u16) {
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
}

pub(crate) fn html(status: u16) -> Response<Body> {
    let page = "<!DOCTYPE html>\n<html><head><title>Proxy</title></head><body><h1>This is not the server you asked for.</h1></body></html>\n";
    let mut response = Response::new(Body::from(page));
    set_status(&mut response, status);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// 307 to an address that works.
pub(crate) fn redirect(location: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// So many bytes of blanks.
pub(crate) fn huge(bytes: u64, content_type: &'static str) -> Response<Body> {
    const PIECE: &[u8] = &[b' '; 64 << 10];
    let pieces = stream::unfold(bytes, |left| async move {
        let length = left.min(PIECE.len() as u64);
        (left > 0).then(|| (Ok::<_, io::Error>(Bytes::from_static(&PIECE[..length as usize])), left - length))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// The same answer, but the connection ends in the middle of its body. One without a body gets the promise of one.
pub(crate) async fn broken_off(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if whole.is_empty() {
        parts.status = StatusCode::OK;
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len().max(2)));
    let half = whole.slice(..whole.len() / 2);
    let pieces = stream::unfold(Some(half), |half| async move {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                // Time for the first half to leave before the connection goes.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Some((Err(io::Error::other("broken off on order")), None))
            }
        }
    });
    Response::from_parts(parts, Body::from_stream(pieces))
}
