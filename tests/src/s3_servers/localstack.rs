//! LocalStack's S3, from a Python environment that `cargo xtask test` makes in the target folder.

use super::{Alive, LOOK_AGAIN, PATIENCE, Running, free_ports, made_up_keys, target, until_it_listens};
use crate::desktop::Owned;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

fn python() -> PathBuf {
    target().join("localstack/bin/python")
}

pub(super) fn missing() -> Option<String> {
    let package = std::fs::read_dir(target().join("localstack/lib")).into_iter().flatten().filter_map(Result::ok);
    let there = python().is_file()
        && package.into_iter().any(|lib| lib.path().join("site-packages/localstack/runtime").is_dir());
    (!there).then(|| "LocalStack is not installed (cargo xtask test --only s3 does it)".to_owned())
}

pub(super) async fn start(dir: tempfile::TempDir) -> Running {
    let [port] = free_ports();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut command = Command::new(python());
    command.args(["-m", "localstack.runtime.main"]).current_dir(dir.path()).stdin(Stdio::null());
    // https://docs.localstack.cloud/references/configuration/
    command.envs([
        ("SERVICES", "s3"),
        ("STRICT_SERVICE_LOADING", "1"),
        ("EAGER_SERVICE_LOADING", "1"),
        // Without these two it would talk to the world: usage figures, a certificate.
        ("DISABLE_EVENTS", "1"),
        ("SKIP_SSL_CERT_DOWNLOAD", "1"),
        ("DNS_ADDRESS", "0"),
        ("GATEWAY_SERVER", "hypercorn"),
        ("S3_SKIP_SIGNATURE_VALIDATION", "0"),
    ]);
    command.env("GATEWAY_LISTEN", address.to_string()).env("LOCALSTACK_HOST", format!("localhost:{port}"));
    command.env("FILESYSTEM_ROOT", dir.path().join("files")).env("XDG_CACHE_HOME", dir.path().join("cache"));
    let mut process = Owned::start(&mut command, &dir.path().join("localstack.out"));
    until_it_listens(address, &mut process).await;
    let mut signer = made_up_keys();
    // Any access key is taken; presigned URLs are checked against this one secret, whatever the access key.
    signer.secret_key = "test".to_owned();
    let running = Running {
        address,
        bucket: "photos".to_owned(),
        signer,
        _alive: Alive::Processes { _processes: vec![process] },
        _dir: dir,
    };
    running.until_it_is_ready().await;
    running
}

impl Running {
    async fn until_it_is_ready(&self) {
        let (began, client) = (Instant::now(), offload_engine::transfer::client::for_s3().unwrap());
        loop {
            let asked = client.get(format!("http://{}/_localstack/health", self.address)).send().await;
            let said = match asked {
                Ok(response) => response.text().await.unwrap_or_default(),
                Err(error) => error.to_string(),
            };
            if said.contains("\"s3\": \"running\"") || said.contains("\"s3\": \"available\"") {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "LocalStack is not ready: {said}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}
