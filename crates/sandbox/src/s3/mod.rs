//! The embedded S3: one bucket, path-style, on a loopback port.
//!
//! Requests signed in a header or a query (GET, HEAD, PUT, DELETE, ListObjectsV2) are s3s's: it checks the signature and
//! speaks the XML. **POST of a form does not go through it.** s3s 0.14.1 has a POST, but
//! - it collects the whole file in memory before it stores it;
//! - it fails a form at random: where a piece ends in what may be the start of the boundary and the next piece is over 64 KB;
//! - s3s-fs stores the object before it compares the checksum, so a wrong one leaves the object behind, and stores no key
//!   over about 150 bytes;
//! - it takes SigV2 forms, a chunked body, stray fields such as `AWSAccessKeyId`, and a credential of any region, service or day;
//! - it answers 400 InvalidPolicyDocument where AWS answers 403 AccessDenied, and NotSignedUp for an unknown access key.
//!
//! So the front does the POST itself, in this order: Content-Length there (411), form well-formed and its fields within 20 KB,
//! bucket, SigV2 refused, algorithm, policy readable, credential (access key, region, service, day), signature, expiry,
//! every condition, every field covered by a condition, key length, checksum well-formed; then the file streams to disk and is
//! held against `content-length-range` and the checksum; only then it becomes the object. ETag is the MD5 of the bytes.
//!
//! A PUT streams to disk as well, is held against `x-amz-checksum-sha256` and Content-MD5, and only then becomes the object.
//!
//! Not here: CORS, ACL, tagging, encryption, versions, multipart upload, checksums other than SHA-256 (501 NotImplemented).

mod answer;
mod api;
mod form;
mod policy;
mod post;
mod put;
mod struck;

pub(crate) use answer::S3Error;

use crate::backend::Stored;
use crate::bucket::{Bucket, Object};
use crate::faults::Faults;
use crate::record::Records;
use crate::serve::{Connection, Handler};
use crate::sigv4::Signer;
use axum::body::Body;
use futures::FutureExt;
use http::{Method, Request, Response, header};
use hyper::body::Incoming;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What both S3 ports share.
pub(crate) struct Front {
    pub(crate) bucket: Bucket,
    pub(crate) bucket_name: String,
    pub(crate) signer: Signer,
    pub(crate) faults: Faults,
    /// Only to find the path behind a key, for faults that are meant for a path.
    pub(crate) records: Records,
    /// `http://127.0.0.1:port` of the port where nothing goes wrong.
    pub(crate) other_port: String,
    /// Bytes of files that were read, whether or not they became an object.
    pub(crate) bytes_received: AtomicU64,
    /// POSTs and PUTs that were answered with success, or whose answer was lost on order.
    pub(crate) uploads_received: AtomicU64,
    /// Where stored objects are told of, if anybody wants to know.
    pub(crate) stored: Option<mpsc::Sender<Stored>>,
    service: s3s::service::S3Service,
}

impl Front {
    pub(crate) fn new(
        bucket: Bucket,
        bucket_name: String,
        signer: Signer,
        faults: Faults,
        records: Records,
        other_port: String,
        stored: Option<mpsc::Sender<Stored>>,
    ) -> Self {
        let api = api::Api { bucket: bucket.clone(), name: bucket_name.clone(), stored: stored.clone() };
        let mut builder = s3s::service::S3ServiceBuilder::new(api);
        builder.set_auth(s3s::auth::SimpleAuth::from_single(signer.access_key.clone(), signer.secret_key.clone()));
        Self {
            bucket,
            bucket_name,
            signer,
            faults,
            records,
            other_port,
            stored,
            bytes_received: AtomicU64::new(0),
            uploads_received: AtomicU64::new(0),
            service: builder.build(),
        }
    }

    /// A handler for a port; `faulty`: faults strike there.
    pub(crate) fn handler(self: &Arc<Self>, faulty: bool) -> Handler {
        let front = Arc::clone(self);
        Arc::new(move |request, connection| {
            let front = Arc::clone(&front);
            async move { front.answer(request, connection, faulty).await }.boxed()
        })
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        connection: Connection,
        faulty: bool,
    ) -> Response<Body> {
        if request.method() == Method::POST && is_form(&request) {
            return post::answer(&self, request, &connection, faulty).await;
        }
        if request.method() == Method::PUT {
            return put::answer(&self, request, &connection, faulty).await;
        }
        self.call(request.map(s3s::Body::http_body_unsync)).await
    }

    async fn call(&self, request: Request<s3s::Body>) -> Response<Body> {
        match self.service.call(request).await {
            Ok(response) => response.map(Body::new),
            Err(error) => {
                tracing::error!(?error, "s3s could not answer");
                S3Error::internal().into_response()
            }
        }
    }

    /// The path behind a key, where a fault asks for it; else empty.
    async fn path_of(&self, key: &str) -> String {
        if !self.faults.ask_for_paths() {
            return String::new();
        }
        let (records, key) = (self.records.clone(), key.to_owned());
        let found = tokio::task::spawn_blocking(move || records.path_of(&key)).await;
        found.ok().and_then(Result::ok).flatten().unwrap_or_default()
    }
}

/// S3 tells of an object once it is stored.
async fn tell(stored: Option<&mpsc::Sender<Stored>>, object: &Object) {
    if let Some(stored) = stored {
        // Nobody listens any more where the sandbox stops; the next start tells of it again.
        let _ = stored.send((Instant::now(), object.clone())).await;
    }
}

fn is_form(request: &Request<Incoming>) -> bool {
    let content_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
}
