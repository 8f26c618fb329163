//! Where the reference backend looks for what was sent: the embedded bucket, or an S3 that is not ours.

use crate::bucket::Bucket;
use crate::options::ExternalS3;
use crate::sigv4::{Signer, encode_key};
use base64::Engine as _;
use http::header;
use jiff::Timestamp;

/// What S3 says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) size: u64,
    /// Without quotes; MD5 only without KMS and multipart.
    pub(crate) etag: Option<String>,
    /// Hex, where S3 keeps one.
    pub(crate) sha256: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ShelfError {
    #[error("{0}")]
    Bucket(#[from] crate::bucket::BucketError),
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("S3 could not be asked")]
    Unreachable,
    #[error("S3 answered the question for an object with {0}")]
    Answer(u16),
}

#[derive(Debug, Clone)]
pub(crate) enum Shelf {
    Embedded(Bucket),
    External(Box<External>),
}

#[derive(Debug, Clone)]
pub(crate) struct External {
    signer: Signer,
    bucket: String,
    endpoint: String,
    http: reqwest::Client,
}

impl External {
    pub(crate) fn new(options: &ExternalS3) -> Result<Self, reqwest::Error> {
        // reqwest is built without a crypto provider of its own; a second installation is harmless.
        drop(rustls::crypto::ring::default_provider().install_default());
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_secs(30)).build()?;
        let signer = Signer {
            access_key: options.access_key.clone(),
            secret_key: options.secret_key.clone(),
            session_token: options.session_token.clone(),
            region: options.region.clone(),
        };
        Ok(Self {
            signer,
            bucket: options.bucket.clone(),
            endpoint: options.endpoint.trim_end_matches('/').to_owned(),
            http,
        })
    }

    async fn head(&self, key: &str) -> Result<Option<Seen>, ShelfError> {
        let path = format!("/{}/{}", self.bucket, encode_key(key));
        let url = reqwest::Url::parse(&format!("{}{path}", self.endpoint)).map_err(|_| ShelfError::Unreachable)?;
        let host = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let headers =
            self.signer.headers("HEAD", &host, &path, Timestamp::now(), &[("x-amz-checksum-mode", "ENABLED")]);
        let request = headers.iter().fold(self.http.head(url), |request, (name, value)| request.header(name, value));
        let answer = request.send().await.map_err(|_| ShelfError::Unreachable)?;
        match answer.status().as_u16() {
            200 => {
                let text = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
                let size = text(header::CONTENT_LENGTH.as_str()).and_then(|value| value.parse().ok());
                let sha256 = text("x-amz-checksum-sha256")
                    .and_then(|v| base64::engine::general_purpose::STANDARD.decode(v).ok());
                Ok(Some(Seen {
                    size: size.ok_or(ShelfError::Answer(200))?,
                    etag: text("etag").map(|etag| etag.trim_matches('"').to_owned()),
                    sha256: sha256.map(hex::encode),
                }))
            }
            404 => Ok(None),
            status => Err(ShelfError::Answer(status)),
        }
    }
}

impl Shelf {
    /// `None`: not there.
    pub(crate) async fn head(&self, key: &str) -> Result<Option<Seen>, ShelfError> {
        match self {
            Self::External(external) => external.head(key).await,
            Self::Embedded(bucket) => {
                let (bucket, key) = (bucket.clone(), key.to_owned());
                let object = tokio::task::spawn_blocking(move || bucket.head(&key)).await??;
                Ok(object.map(|object| Seen {
                    size: object.size,
                    etag: Some(object.etag),
                    sha256: Some(object.sha256),
                }))
            }
        }
    }
}
