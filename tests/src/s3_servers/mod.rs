//! S3 servers to test against, each in a directory of its own, on loopback ports that were free, ended when dropped.

mod ceph;
mod localstack;
pub mod tap;

use crate::desktop::Owned;
use jiff::Timestamp;
use offload_sandbox::{Sandbox, SandboxOptions, Signer, encode_key};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// For a server to start, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Which servers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Sandbox,
    Ceph,
    LocalStack,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Sandbox, Self::Ceph, Self::LocalStack];

    /// As `OFFLOAD_S3_SERVERS` has it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Ceph => "ceph",
            Self::LocalStack => "localstack",
        }
    }

    /// Name and version of what is expected.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sandbox => "Sandbox",
            Self::Ceph => "Ceph RGW 16.2",
            Self::LocalStack => "LocalStack 4.9",
        }
    }

    /// Why it can't be started here; `None`: it can.
    pub fn missing(self) -> Option<String> {
        match self {
            Self::Sandbox => None,
            Self::Ceph => ceph::missing(),
            Self::LocalStack => localstack::missing(),
        }
    }

    /// Starts it, with a bucket in it.
    pub async fn start(self) -> Running {
        let dir = tempfile::Builder::new().prefix("s3-").tempdir().unwrap();
        let running = match self {
            Self::Sandbox => sandbox(dir).await,
            Self::Ceph => ceph::start(dir).await,
            Self::LocalStack => localstack::start(dir).await,
        };
        if self != Self::Sandbox {
            running.make_bucket().await;
        }
        running
    }
}

/// What a server answers to the question for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Nothing,
    Bytes(Vec<u8>),
    /// It is there, and the server fails to give it out (500).
    Unreadable,
}

/// What keeps a server alive; the processes in the order in which they end.
enum Alive {
    Sandbox { _sandbox: Box<Sandbox> },
    Processes { _processes: Vec<Owned> },
}

/// A server with its bucket and the keys to it. Dropping it ends its processes and removes what they wrote.
pub struct Running {
    pub address: SocketAddr,
    pub bucket: String,
    pub signer: Signer,
    _alive: Alive,
    _dir: tempfile::TempDir,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Running {
    /// The bytes of an object, asked for with a signature of our own.
    pub async fn object(&self, key: &str) -> Found {
        let response = self.ask(reqwest::Method::GET, &format!("/{}/{}", self.bucket, encode_key(key))).await;
        let status = response.status();
        let body = response.bytes().await.unwrap();
        match status.as_u16() {
            200 => Found::Bytes(body.to_vec()),
            404 => Found::Nothing,
            500 => Found::Unreadable,
            _ => panic!("GET {key}: {status} {}", String::from_utf8_lossy(&body)),
        }
    }

    async fn make_bucket(&self) {
        let response = self.ask(reqwest::Method::PUT, &format!("/{}", self.bucket)).await;
        let status = response.status();
        assert!(status.is_success(), "the bucket: {status} {}", response.text().await.unwrap());
    }

    async fn ask(&self, method: reqwest::Method, path: &str) -> reqwest::Response {
        let host = self.address.to_string();
        let headers = self.signer.headers(method.as_str(), &host, path, Timestamp::now(), &[]);
        let client = offload_engine::transfer::client::for_s3().unwrap();
        let request = client.request(method, format!("http://{host}{path}"));
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send().await.unwrap()
    }
}

async fn sandbox(dir: tempfile::TempDir) -> Running {
    let options = SandboxOptions { dir: dir.path().join("sandbox"), ..SandboxOptions::default() };
    let bucket = options.bucket.clone();
    let sandbox = Sandbox::start(options).await.unwrap();
    let address = sandbox.s3_url().strip_prefix("http://").unwrap().parse().unwrap();
    let signer = sandbox.signer().clone();
    Running { address, bucket, signer, _alive: Alive::Sandbox { _sandbox: Box::new(sandbox) }, _dir: dir }
}

/// Keys for servers that take any.
fn made_up_keys() -> Signer {
    let secret = || uuid::Uuid::new_v4().simple().to_string();
    Signer {
        access_key: "AKIAOFFLOADTESTS0001".to_owned(),
        secret_key: format!("{}{}", secret(), secret()),
        session_token: None,
        region: "us-east-1".to_owned(),
    }
}

/// So many ports that nobody listens on, all different. Another program may take one before it is used; that shows as a server
/// that does not start.
fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Waits until somebody listens; fails with the log where the process ends before.
async fn until_it_listens(address: SocketAddr, process: &mut Owned) {
    let began = Instant::now();
    while TcpStream::connect(address).await.is_err() {
        if let Some(status) = process.has_ended() {
            panic!("ended with {status} instead of listening:\n{}", process.log());
        }
        assert!(began.elapsed() < PATIENCE, "does not listen on {address}:\n{}", process.log());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Folder where cargo builds, as far as a test can know.
fn target() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target))
}
