//! Starting and stopping a sandbox, and looking into it from a test.

use crate::backend::{Backend, Grants, Stored, deliver};
use crate::bucket::{Bucket, BucketError, Object};
use crate::faults::Faults;
use crate::options::SandboxOptions;
use crate::record::{Record, Records};
use crate::s3::Front;
use crate::serve::{bind, serve};
use crate::shelf::{External, Shelf};
use crate::sigv4::Signer;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("port {port}: {source}")]
    Port { port: u16, source: io::Error },
    #[error("the sandbox's directory: {0}")]
    Io(#[from] io::Error),
    #[error("the backend's record: {0}")]
    Records(#[from] rusqlite::Error),
    #[error(transparent)]
    Bucket(#[from] BucketError),
    #[error("the file of secrets cannot be read: {0}")]
    Secrets(#[from] serde_json::Error),
    #[error("the client for the external S3: {0}")]
    External(#[from] reqwest::Error),
    #[error("base_path must be empty or begin, and not end, with a slash")]
    BasePath,
}

/// A running reference backend with its S3. Dropping it closes both ports and every connection; what was stored stays in its directory.
pub struct Sandbox {
    backend: Arc<Backend>,
    bucket: Option<Bucket>,
    backend_url: String,
    s3_url: String,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").field("backend", &self.backend_url).field("s3", &self.s3_url).finish_non_exhaustive()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Sandbox {
    /// Opens the directory, binds the ports and serves; needs a tokio runtime.
    pub async fn start(options: SandboxOptions) -> Result<Self, SandboxError> {
        let base = &options.base_path;
        if !base.is_empty() && (!base.starts_with('/') || base.ends_with('/')) {
            return Err(SandboxError::BasePath);
        }
        std::fs::create_dir_all(&options.dir)?;
        let secrets = Secrets::load(&options.dir)?;
        let records = Records::open(&options.dir.join("record.db"))?;
        let (stop, tasks, faults) = (CancellationToken::new(), TaskTracker::new(), Faults::default());
        options.faults.iter().cloned().for_each(|fault| faults.add(fault));
        let grants = match options.oauth {
            Some(lasts) => Some(Arc::new(Grants::open(options.dir.join("oauth.json"), lasts)?)),
            None => None,
        };
        let backend_port = listen(options.backend_port).await?;
        let backend_calm = listen(0).await?;
        // Few are on their way at once, since the S3 waits for room.
        let (stored, notifications) = mpsc::channel(256);
        let stored = options.events.map(|_| stored);
        let storage = Storage::open(&options, &secrets, &faults, &records, stored.clone(), (&stop, &tasks)).await?;
        let backend = Arc::new(Backend {
            account: options.account,
            token: options.token.unwrap_or(secrets.token),
            auth_scheme: options.auth_scheme,
            base_path: options.base_path,
            limits: options.limits,
            post_url: format!("{}/{}", storage.url, storage.bucket_name),
            bucket_name: storage.bucket_name,
            signer: storage.signer,
            policy_expiry: options.policy_expiry,
            length: options.length,
            sign: options.sign,
            sign_checksum: options.sign_checksum,
            skip_same_content: options.skip_same_content,
            records,
            shelf: storage.shelf,
            faults,
            grants,
            events: options.events.is_some(),
            other_port: url(&backend_calm)?,
            front: storage.front,
        });
        let backend_url = format!("{}{}", url(&backend_port)?, backend.base_path);
        serve(backend_port, backend.handler(true), stop.clone(), &tasks);
        serve(backend_calm, backend.handler(false), stop.clone(), &tasks);
        if let Some(delay) = options.events {
            let (stop, deliver) = (stop.clone(), deliver(backend.clone(), notifications, delay));
            tasks.spawn(async move { stop.run_until_cancelled(deliver).await });
        }
        if let (Some(stored), Some(front)) = (stored, &backend.front) {
            tell_again(&front.bucket, stored, &stop, &tasks);
        }
        tasks.close();
        let bucket = backend.front.as_ref().map(|front| front.bucket.clone());
        Ok(Self { backend, bucket, backend_url, s3_url: storage.url, stop, tasks })
    }

    /// What the client calls `{base}`: `http://127.0.0.1:PORT/api`.
    pub fn backend_url(&self) -> &str {
        &self.backend_url
    }

    /// Without the bucket; of the external S3 where there is one.
    pub fn s3_url(&self) -> &str {
        &self.s3_url
    }

    pub fn token(&self) -> &str {
        &self.backend.token
    }

    /// Codes of sign-ins that wait for an answer.
    pub fn sign_ins_waiting(&self) -> Vec<String> {
        self.backend.grants.as_ref().map(|grants| grants.waiting()).unwrap_or_default()
    }

    /// Answers a sign-in as a person does in a browser; `false`: there is no such code.
    pub fn answer_sign_in(&self, user_code: &str, approve: bool) -> bool {
        self.backend.grants.as_ref().is_some_and(|grants| grants.answer(user_code, approve))
    }

    /// Forgets every access token; the sign-ins last.
    pub fn forget_access_tokens(&self) {
        if let Some(grants) = &self.backend.grants {
            grants.forget_access_tokens();
        }
    }

    /// Ends every sign-in that was approved.
    pub fn revoke_sign_ins(&self) -> Result<(), SandboxError> {
        Ok(self.backend.grants.as_ref().map_or(Ok(()), |grants| grants.revoke_all())?)
    }

    /// What forms are signed with, so that a test can sign its own.
    pub fn signer(&self) -> &Signer {
        &self.backend.signer
    }

    pub fn faults(&self) -> &Faults {
        &self.backend.faults
    }

    /// Every file that was presigned, confirmed or not, by `file_id`.
    pub fn records(&self) -> Result<Vec<Record>, SandboxError> {
        Ok(self.backend.records.all(false)?)
    }

    /// Every object by key; empty with an external S3.
    pub fn objects(&self) -> Result<Vec<Object>, SandboxError> {
        Ok(self.bucket.as_ref().map_or(Ok(Vec::new()), |bucket| bucket.list("", "", u32::MAX))?)
    }

    /// `None`: no such object.
    pub fn object(&self, key: &str) -> Result<Option<Object>, SandboxError> {
        Ok(self.bucket.as_ref().map_or(Ok(None), |bucket| bucket.head(key))?)
    }

    /// The bytes of an object; `None`: no such object.
    pub fn read_object(&self, key: &str) -> Result<Option<Vec<u8>>, SandboxError> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        let Some(object) = bucket.head(key)? else { return Ok(None) };
        let mut bytes = Vec::new();
        bucket.open_object(&object)?.read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Removes an object behind everyone's back, as a lifecycle rule or a person might.
    pub fn delete_object(&self, key: &str) -> Result<(), SandboxError> {
        Ok(self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.delete(key))?)
    }

    /// How many uploads stored this key; 0 for none.
    pub fn uploads_of(&self, key: &str) -> Result<u64, SandboxError> {
        Ok(self.object(key)?.map_or(0, |object| object.uploads))
    }

    /// Successful POSTs and PUTs since the start, all keys.
    pub fn uploads_received(&self) -> u64 {
        self.backend.front.as_ref().map_or(0, |front| front.uploads_received.load(Ordering::Relaxed))
    }

    /// Bytes of files read since the start, of failed uploads too.
    pub fn bytes_received(&self) -> u64 {
        self.backend.front.as_ref().map_or(0, |front| front.bytes_received.load(Ordering::Relaxed))
    }

    /// Closes ports and connections and waits until the last task ended.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

async fn listen(port: u16) -> Result<TcpListener, SandboxError> {
    bind(port).await.map_err(|source| SandboxError::Port { port, source })
}

fn url(listener: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// What was stored before the start may never have been told.
fn tell_again(bucket: &Bucket, stored: mpsc::Sender<Stored>, stop: &CancellationToken, tasks: &TaskTracker) {
    let (bucket, stop) = (bucket.clone(), stop.clone());
    let telling = async move {
        let objects = match tokio::task::spawn_blocking(move || bucket.list("", "", u32::MAX)).await {
            Ok(Ok(objects)) => objects,
            Ok(Err(error)) => return tracing::error!(%error, "what was stored before can't be told again"),
            Err(error) => return tracing::error!(%error, "what was stored before can't be told again"),
        };
        for object in objects {
            if stored.send((Instant::now(), object)).await.is_err() {
                return;
            }
        }
    };
    tasks.spawn(async move { stop.run_until_cancelled(telling).await });
}

/// Where objects go, and what signs for it.
struct Storage {
    url: String,
    bucket_name: String,
    signer: Signer,
    shelf: Shelf,
    front: Option<Arc<Front>>,
}

impl Storage {
    async fn open(
        options: &SandboxOptions,
        secrets: &Secrets,
        faults: &Faults,
        records: &Records,
        stored: Option<mpsc::Sender<Stored>>,
        (stop, tasks): (&CancellationToken, &TaskTracker),
    ) -> Result<Self, SandboxError> {
        if let Some(external) = &options.external_s3 {
            let signer = Signer {
                access_key: external.access_key.clone(),
                secret_key: external.secret_key.clone(),
                session_token: external.session_token.clone(),
                region: external.region.clone(),
            };
            let shelf = Shelf::External(Box::new(External::new(external)?));
            let url = external.endpoint.trim_end_matches('/').to_owned();
            return Ok(Self { url, bucket_name: external.bucket.clone(), signer, shelf, front: None });
        }
        let signer = Signer {
            access_key: secrets.access_key.clone(),
            secret_key: secrets.secret_key.clone(),
            session_token: None,
            region: options.region.clone(),
        };
        let bucket = Bucket::open(&options.dir.join("bucket"))?;
        let (port, calm) = (listen(options.s3_port).await?, listen(0).await?);
        let address = url(&port)?;
        let front = Front::new(
            bucket.clone(),
            options.bucket.clone(),
            signer.clone(),
            faults.clone(),
            records.clone(),
            url(&calm)?,
            stored,
        );
        let front = Arc::new(front);
        serve(port, front.handler(true), stop.clone(), tasks);
        serve(calm, front.handler(false), stop.clone(), tasks);
        let shelf = Shelf::Embedded(bucket);
        Ok(Self { url: address, bucket_name: options.bucket.clone(), signer, shelf, front: Some(front) })
    }
}

/// Kept in the directory, so that forms and tokens outlive a restart.
#[derive(Serialize, Deserialize)]
struct Secrets {
    token: String,
    access_key: String,
    secret_key: String,
}

impl Secrets {
    fn load(dir: &Path) -> Result<Self, SandboxError> {
        let path = dir.join("secrets.json");
        match std::fs::read(&path) {
            Ok(bytes) => return Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let random = || Uuid::new_v4().simple().to_string();
        let secrets = Self {
            token: format!("sandbox-{}", random()),
            access_key: format!("SANDBOX{}", random()[..13].to_ascii_uppercase()),
            secret_key: format!("{}{}", random(), random()),
        };
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(&serde_json::to_vec(&secrets)?)?;
        Ok(secrets)
    }
}
