//! A PUT of an object: s3s checks the signature and `api` stores the bytes as they come; here are the faults on the way.

use super::form::{FormError, Pieces};
use super::struck::{instead, rate_of};
use super::{Front, S3Error};
use crate::faults::{Endpoint, Strike, What};
use crate::ordered::broken_off;
use crate::serve::Connection;
use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Request, Response, header};
use http_body_util::StreamBody;
use hyper::body::{Frame, Incoming};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) async fn answer(
    front: &Arc<Front>,
    request: Request<Incoming>,
    connection: &Connection,
    faulty: bool,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut pieces = Pieces::new(body);
    let key = key_of(parts.uri.path());
    let path = if faulty { front.path_of(&key).await } else { String::new() };
    let touches = |part: &str| key.contains(part) || path.contains(part);
    let strike = if faulty { front.faults.strike(Endpoint::S3, touches) } else { None };
    if let Some(strike) = &strike {
        tracing::info!(what = ?strike.what, "fault strikes");
        let way = parts.uri.path_and_query().map_or_else(|| parts.uri.path(), |way| way.as_str()).to_owned();
        if let Some(response) = instead(strike, front, connection, &mut pieces, 0, &way).await {
            return response;
        }
    }
    if let Some(error) = unknown_access_key(parts.uri.query().unwrap_or_default(), &front.signer.access_key) {
        return error.into_response();
    }
    let body = counted(Arc::clone(front), pieces, strike.as_ref().and_then(rate_of));
    let response = front.call(Request::from_parts(parts, s3s::Body::http_body_unsync(body))).await;
    if !response.status().is_success() {
        return response;
    }
    front.uploads_received.fetch_add(1, Ordering::Relaxed);
    afterwards(front, connection, &key, strike.as_ref(), response).await
}

/// The answer to a presigned URL of somebody else's; s3s has a word for it that AWS has not (NotSignedUp).
fn unknown_access_key(query: &str, ours: &str) -> Option<S3Error> {
    let credential = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    let credential = percent_encoding::percent_decode_str(credential).decode_utf8_lossy();
    let access_key = credential.split('/').next().unwrap_or_default();
    (access_key != ours).then(|| S3Error::unknown_access_key(access_key))
}

/// The key of a path-style address.
fn key_of(path: &str) -> String {
    let key = path.trim_start_matches('/').split_once('/').map_or("", |(_, key)| key);
    percent_encoding::percent_decode_str(key).decode_utf8_lossy().into_owned()
}

/// The body as it comes, its bytes counted, and slowed down where a fault says so.
fn counted(
    front: Arc<Front>,
    pieces: Pieces,
    rate: Option<u64>,
) -> StreamBody<impl futures::Stream<Item = Result<Frame<Bytes>, FormError>> + Send> {
    StreamBody::new(stream::unfold((front, pieces), move |(front, mut pieces)| async move {
        let piece = pieces.next().await.transpose()?;
        if let Ok(piece) = &piece {
            if let Some(rate) = rate {
                tokio::time::sleep(Duration::from_secs_f64(piece.len() as f64 / rate as f64)).await;
            }
            front.bytes_received.fetch_add(piece.len() as u64, Ordering::Relaxed);
        }
        Some((piece.map(Frame::data), (front, pieces)))
    }))
}

/// What a fault does to a success.
async fn afterwards(
    front: &Front,
    connection: &Connection,
    key: &str,
    strike: Option<&Strike>,
    mut response: Response<Body>,
) -> Response<Body> {
    match strike.map(|strike| &strike.what) {
        Some(What::DropAfter) => return connection.reset().await,
        Some(What::Truncated) => return broken_off(response).await,
        Some(What::WrongEtag) => {
            let other = HeaderValue::from_static("\"0123456789abcdef0123456789abcdef\"");
            response.headers_mut().insert(header::ETAG, other);
            response.headers_mut().remove("x-amz-checksum-sha256");
        }
        Some(What::NoEtag) => drop(response.headers_mut().remove(header::ETAG)),
        Some(What::Forget) => {
            let (bucket, key) = (front.bucket.clone(), key.to_owned());
            let forgotten = tokio::task::spawn_blocking(move || bucket.delete(&key)).await;
            if !matches!(forgotten, Ok(Ok(()))) {
                tracing::error!(?forgotten, "could not forget an object");
            }
        }
        _ => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::key_of;

    #[test]
    fn keys_are_what_follows_the_bucket() {
        for (path, key) in [("/b/a/c.jpg", "a/c.jpg"), ("/b/%EB%B4%84%20.jpg", "봄 .jpg"), ("/b", ""), ("/", "")] {
            assert_eq!(key_of(path), key);
        }
    }
}
