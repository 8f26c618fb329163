//! A POST of a form, from the head to the object, and the faults on the way.

use super::answer::{element, xml_response};
use super::form::{FileBytes, FormError, Head, Pieces, boundary_of};
use super::policy::{Conditions, PolicyError};
use super::struck::{instead, rate_of};
use super::{Front, S3Error};
use crate::bucket::{Arrived, Object};
use crate::faults::{Endpoint, Strike, What};
use crate::ordered::broken_off;
use crate::serve::Connection;
use crate::sigv4::{ALGORITHM, encode_key};
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// S3's limit for one POST.
const MAX_FILE: u64 = 5 << 30;

pub(super) async fn answer(
    front: &Front,
    request: Request<Incoming>,
    connection: &Connection,
    faulty: bool,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let boundary = boundary_of(header(header::CONTENT_TYPE)).unwrap_or_default();
    let mut post = Post {
        front,
        connection,
        bucket: parts.uri.path().trim_matches('/').to_owned(),
        host: header(header::HOST).to_owned(),
        length_known: parts.headers.contains_key(header::CONTENT_LENGTH),
        boundary,
        pieces: Pieces::new(body),
        rate: None,
    };
    post.answer(faulty).await.unwrap_or_else(S3Error::into_response)
}

struct Post<'a> {
    front: &'a Front,
    connection: &'a Connection,
    bucket: String,
    host: String,
    length_known: bool,
    boundary: String,
    pieces: Pieces,
    /// Bytes a second, where a fault says so.
    rate: Option<u64>,
}

impl Post<'_> {
    async fn answer(&mut self, faulty: bool) -> Result<Response<Body>, S3Error> {
        let head = if self.length_known {
            self.pieces.head(&self.boundary).await
        } else {
            Err(FormError::Malformed("no length"))
        };
        let key = head.as_ref().ok().and_then(|(head, _)| head.get("key")).unwrap_or_default().to_owned();
        let path = if faulty { self.front.path_of(&key).await } else { String::new() };
        let touches = |part: &str| key.contains(part) || path.contains(part);
        let strike = if faulty { self.front.faults.strike(Endpoint::S3, touches) } else { None };
        if let Some(strike) = &strike {
            tracing::info!(what = ?strike.what, "fault strikes");
            let read = head.as_ref().map_or(0, |(_, end)| *end as u64);
            let way = format!("/{}", self.bucket);
            if let Some(response) = instead(strike, self.front, self.connection, &mut self.pieces, read, &way).await {
                return Ok(response);
            }
            self.rate = rate_of(strike);
        }
        if !self.length_known {
            return Err(S3Error::new(411, "MissingContentLength", "You must provide the Content-Length HTTP header."));
        }
        let (head, _) = head.map_err(|error| form_error(&error))?;
        let asked = self.judge(head)?;
        let arrived = self.receive(&asked).await?;
        let response = self.store(&asked, arrived, strike.as_ref()).await?;
        match strike.map(|strike| strike.what) {
            Some(What::DropAfter) => self.connection.reset().await,
            Some(What::Truncated) => Ok(broken_off(response).await),
            _ => Ok(response),
        }
    }

    /// Everything that can be judged before the file's first byte.
    fn judge(&self, head: Head) -> Result<Asked, S3Error> {
        if self.bucket != self.front.bucket_name {
            return Err(S3Error::new(404, "NoSuchBucket", "The specified bucket does not exist")
                .with("BucketName", &self.bucket));
        }
        let Some(file) = &head.file else {
            return Err(S3Error::new(400, "InvalidArgument", "POST requires exactly one file upload per request."));
        };
        let key = required(&head, "key", "key")?;
        let policy = self.authorise(&head)?;
        policy.check(&head.fields, &self.bucket, Timestamp::now()).map_err(|error| policy_error(&error))?;
        let name = file.filename.as_deref().and_then(|name| name.rsplit(['/', '\\']).next()).unwrap_or_default();
        let key = key.replace("${filename}", name);
        if key.is_empty() {
            return Err(S3Error::new(400, "InvalidArgument", "User key must have a length greater than 0."));
        }
        if key.len() > crate::key::MAX_KEY {
            return Err(S3Error::new(400, "KeyTooLongError", "Your key is too long")
                .with("Size", key.len())
                .with("MaxSizeAllowed", crate::key::MAX_KEY));
        }
        let sha256 = checksum(&head)?;
        let (smallest, largest) = policy.length.unwrap_or((0, MAX_FILE));
        Ok(Asked { key, sha256, smallest, largest: largest.min(MAX_FILE), head })
    }

    /// Algorithm, policy, credential, signature.
    fn authorise(&self, head: &Head) -> Result<Conditions, S3Error> {
        let signed = [
            "policy",
            "x-amz-algorithm",
            "x-amz-credential",
            "x-amz-date",
            "x-amz-signature",
            "signature",
            "awsaccesskeyid",
        ];
        if !signed.iter().any(|field| head.get(field).is_some()) {
            return Err(S3Error::denied("Access Denied"));
        }
        if head.get("x-amz-algorithm").is_none_or(|algorithm| algorithm != ALGORITHM)
            && (head.get("x-amz-algorithm").is_some()
                || head.get("signature").is_some()
                || head.get("awsaccesskeyid").is_some())
        {
            return Err(S3Error::new(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            ));
        }
        let encoded = required(head, "policy", "policy")?;
        let policy = Conditions::parse(encoded).map_err(|error| policy_error(&error))?;
        required(head, "x-amz-algorithm", "X-Amz-Algorithm")?;
        let credential = required(head, "x-amz-credential", "X-Amz-Credential")?;
        let date = required(head, "x-amz-date", "X-Amz-Date")?;
        let signature = required(head, "x-amz-signature", "X-Amz-Signature")?;
        let signer = &self.front.signer;
        let malformed = |message: String| S3Error::new(400, "AuthorizationHeaderMalformed", message);
        let [access_key, day, region, service, ending] = credential.split('/').collect::<Vec<_>>()[..] else {
            return Err(malformed("The authorization header is malformed; the Credential is mal-formed".to_owned()));
        };
        if access_key != signer.access_key {
            return Err(S3Error::unknown_access_key(access_key));
        }
        if region != signer.region {
            return Err(malformed(format!(
                "The authorization header is malformed; the region '{region}' is wrong; expecting '{}'",
                signer.region
            ))
            .with("Region", &signer.region));
        }
        if (service, ending) != ("s3", "aws4_request") || date.len() != 16 || date.get(..8) != Some(day) {
            return Err(malformed("The authorization header is malformed; the Credential scope is wrong".to_owned()));
        }
        if signer.sign(day, encoded) != signature {
            return Err(S3Error::new(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            ));
        }
        Ok(policy)
    }

    async fn receive(&mut self, asked: &Asked) -> Result<Arrived, S3Error> {
        let arriving = self.front.bucket.receive();
        let mut file = FileBytes::new(&self.boundary);
        let mut size = 0_u64;
        while let Some(piece) = self.pieces.next().await.map_err(|error| form_error(&error))? {
            if let Some(rate) = self.rate {
                tokio::time::sleep(Duration::from_secs_f64(piece.len() as f64 / rate as f64)).await;
            }
            let bytes = file.take(piece);
            if bytes.is_empty() {
                continue;
            }
            size += bytes.len() as u64;
            self.front.bytes_received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            if size > asked.largest {
                let error =
                    S3Error::new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
                return Err(error.with("ProposedSize", size).with("MaxSizeAllowed", asked.largest));
            }
            arriving.write(bytes).await.map_err(|error| internal(&error))?;
        }
        if !file.has_ended() {
            return Err(form_error(&FormError::Malformed("it ends within the file")));
        }
        let arrived = arriving.finish().await.map_err(|error| internal(&error))?;
        if arrived.size < asked.smallest {
            let error =
                S3Error::new(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
            return Err(error.with("ProposedSize", arrived.size).with("MinSizeAllowed", asked.smallest));
        }
        if asked.sha256.as_ref().is_some_and(|sha256| *sha256 != arrived.sha256) {
            return Err(S3Error::new(
                400,
                "BadDigest",
                "The SHA256 you specified did not match the calculated checksum.",
            ));
        }
        Ok(arrived)
    }

    async fn store(&self, asked: &Asked, arrived: Arrived, strike: Option<&Strike>) -> Result<Response<Body>, S3Error> {
        let what = strike.map(|strike| &strike.what);
        let mut etag = Some(arrived.md5.clone());
        match what {
            Some(What::Forget) => {}
            Some(What::WrongEtag) => etag = Some("0123456789abcdef0123456789abcdef".to_owned()),
            Some(What::NoEtag) => etag = None,
            _ => {}
        }
        if what != Some(&What::Forget) {
            let object = self.commit(asked, arrived).await?;
            super::tell(self.front.stored.as_ref(), &object).await;
            tracing::debug!(key = object.key, size = object.size, "stored");
        }
        self.front.uploads_received.fetch_add(1, Ordering::Relaxed);
        Ok(self.success(asked, etag.as_deref()))
    }

    async fn commit(&self, asked: &Asked, arrived: Arrived) -> Result<Object, S3Error> {
        let stored = |name: &str| {
            name.starts_with("x-amz-meta-")
                || matches!(
                    name,
                    "cache-control" | "content-disposition" | "content-encoding" | "expires" | "content-language"
                )
        };
        let headers: BTreeMap<String, String> =
            asked.head.fields.iter().filter(|(name, _)| stored(name)).cloned().collect();
        let content_type = asked.head.get("content-type").unwrap_or("binary/octet-stream").to_owned();
        let commit =
            self.front.bucket.commit(arrived, asked.key.clone(), content_type, headers, asked.sha256.is_some());
        commit.await.map_err(|error| internal(&error))
    }

    fn success(&self, asked: &Asked, etag: Option<&str>) -> Response<Body> {
        let quoted = etag.map(|etag| format!("\"{etag}\""));
        let location = format!("http://{}/{}/{}", self.host, self.bucket, encode_key(&asked.key));
        let status = match asked.head.get("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        let redirect = asked.head.get("success_action_redirect").or_else(|| asked.head.get("redirect"));
        let mut response = if let Some(to) = redirect {
            let sign = if to.contains('?') { '&' } else { '?' };
            let key = encode_key(&asked.key);
            let to = format!("{to}{sign}bucket={}&key={key}&etag=%22{}%22", self.bucket, etag.unwrap_or_default());
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::SEE_OTHER;
            put(&mut response, header::LOCATION, &to);
            response
        } else if status == StatusCode::CREATED {
            let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>");
            element(&mut xml, "Location", &location);
            element(&mut xml, "Bucket", &self.bucket);
            element(&mut xml, "Key", &asked.key);
            if let Some(quoted) = &quoted {
                element(&mut xml, "ETag", quoted);
            }
            xml.push_str("</PostResponse>");
            xml_response(201, xml)
        } else {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            response
        };
        if redirect.is_none() {
            put(&mut response, header::LOCATION, &location);
        }
        if let Some(quoted) = &quoted {
            put(&mut response, header::ETAG, quoted);
        }
        response
    }
}

fn put(response: &mut Response<Body>, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// A form that may be sent, if the file holds what it promises.
struct Asked {
    key: String,
    /// Hex.
    sha256: Option<String>,
    smallest: u64,
    largest: u64,
    head: Head,
}

fn required<'a>(head: &'a Head, field: &str, shown: &str) -> Result<&'a str, S3Error> {
    head.get(field).ok_or_else(|| {
        let message =
            format!("Bucket POST must contain a field named '{shown}'.  If it is specified, please check the order of the fields.");
        S3Error::new(400, "InvalidArgument", message)
    })
}

/// The SHA-256 to hold the file against, as hex.
fn checksum(head: &Head) -> Result<Option<String>, S3Error> {
    let others = [
        "x-amz-checksum-crc32",
        "x-amz-checksum-crc32c",
        "x-amz-checksum-crc64nvme",
        "x-amz-checksum-sha1",
        "content-md5",
    ];
    if let Some(other) = others.iter().find(|field| head.get(field).is_some()) {
        return Err(S3Error::new(
            501,
            "NotImplemented",
            format!("This S3 does not check {other}; it checks x-amz-checksum-sha256."),
        ));
    }
    if let Some(other) = head.get("x-amz-checksum-algorithm").filter(|algorithm| *algorithm != "SHA256") {
        return Err(S3Error::new(501, "NotImplemented", format!("This S3 does not check {other}; it checks SHA256.")));
    }
    let Some(encoded) = head.get("x-amz-checksum-sha256") else { return Ok(None) };
    match STANDARD.decode(encoded) {
        Ok(bytes) if bytes.len() == 32 => Ok(Some(hex::encode(bytes))),
        _ => Err(S3Error::new(400, "InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid.")),
    }
}

fn form_error(error: &FormError) -> S3Error {
    match error {
        FormError::Malformed(why) => {
            let message = "The body of your POST request is not well-formed multipart/form-data.";
            S3Error::new(400, "MalformedPOSTRequest", message).with("Detail", why)
        }
        FormError::TooLong => S3Error::new(
            400,
            "MaxPostPreDataLengthExceeded",
            "Your POST request fields preceding the upload file were too large.",
        ),
        FormError::Broken => S3Error::new(400, "IncompleteBody", "The request body terminated unexpectedly"),
    }
}

fn policy_error(error: &PolicyError) -> S3Error {
    match error {
        PolicyError::Document(_) => S3Error::new(400, "InvalidPolicyDocument", error.to_string()),
        PolicyError::Expired | PolicyError::Condition(_) | PolicyError::ExtraField(_) => {
            S3Error::denied(error.to_string())
        }
    }
}

fn internal(error: &dyn std::error::Error) -> S3Error {
    tracing::error!(%error, "could not store an object");
    S3Error::internal()
}
