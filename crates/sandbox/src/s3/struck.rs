//! What a fault does to an upload before its bytes are looked at, alike for POST and PUT.

use super::form::Pieces;
use super::{Front, S3Error};
use crate::faults::{Strike, What};
use crate::ordered;
use crate::serve::Connection;
use axum::body::Body;
use http::Response;

/// What a fault answers instead of the work; `None`: the work goes on (perhaps otherwise than it should).
///
/// `read` bytes of the body were taken already; `way` is path and query of the request, for a redirect.
pub(super) async fn instead(
    strike: &Strike,
    front: &Front,
    connection: &Connection,
    pieces: &mut Pieces,
    read: u64,
    way: &str,
) -> Option<Response<Body>> {
    match &strike.what {
        What::Error(answer) => {
            let xml = || S3Error::new(answer.status, &answer.code, answer.message.clone()).into_response();
            Some(ordered::error(answer, xml))
        }
        What::Html { status } => Some(ordered::html(*status)),
        What::Stall { after } => {
            discard(pieces, after.saturating_sub(read)).await;
            std::future::pending().await
        }
        What::DropBefore => connection.reset().await,
        What::DropMid { after } => {
            discard(pieces, after.saturating_sub(read)).await;
            connection.reset().await
        }
        What::Redirect => Some(ordered::redirect(&format!("{}{way}", front.other_port))),
        What::Moved => {
            let error = S3Error::new(
                301,
                "PermanentRedirect",
                "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
            );
            Some(error.with("Bucket", &front.bucket_name).into_response())
        }
        What::Huge { bytes } => Some(ordered::huge(*bytes, "application/xml")),
        _ => None,
    }
}

/// Bytes a second, where a fault says so.
pub(super) fn rate_of(strike: &Strike) -> Option<u64> {
    match strike.what {
        What::Slow { rate } => Some(rate),
        _ => None,
    }
}

/// Reads so many bytes, or to the end.
async fn discard(pieces: &mut Pieces, mut bytes: u64) {
    while bytes > 0 {
        match pieces.next().await {
            Ok(Some(piece)) => bytes = bytes.saturating_sub(piece.len() as u64),
            Ok(None) | Err(_) => return,
        }
    }
}
