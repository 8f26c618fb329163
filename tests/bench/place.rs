//! Where it is measured: a sandbox as a process of its own, and engines in this one.

use anyhow::{Context, Result, ensure};
use offload_engine::backend::Address;
use offload_engine::engine::{Engine, EngineOptions};
use offload_engine::secrets::FromEnvironment;
use offload_engine::watch::SettleRules;
use offload_protocol::view::Status;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than this and something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A backend and its S3. Dropping it ends the process.
#[derive(Debug)]
pub(crate) struct Sandbox {
    process: Child,
    dir: tempfile::TempDir,
    pub(crate) backend: String,
    pub(crate) token: String,
}

impl Sandbox {
    /// Starts the program that lies beside this one.
    pub(crate) fn start() -> Result<Self> {
        Self::start_with(None)
    }

    /// As `start`, with something ordered of its S3.
    pub(crate) fn start_with(fault: Option<&str>) -> Result<Self> {
        let dir = shelf()?;
        let program = std::env::current_exe()?.with_file_name("offload-sandbox");
        ensure!(program.exists(), "{} is not built: `cargo xtask bench` builds it", program.display());
        // The same files are sent again and again: the answer must not be that they are there already.
        let mut process = Command::new(program)
            .arg("--dir")
            .arg(dir.path())
            .arg("--no-skip")
            .args(fault.map(|fault| format!("--fault={fault}")))
            .env("OFFLOAD_SANDBOX_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .context("the sandbox could not be started")?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        let said: serde_json::Value = serde_json::from_str(&line).context("the sandbox said nothing of itself")?;
        let word = |name: &str| said[name].as_str().map(str::to_owned).context("the sandbox did not say where it is");
        Ok(Self { process, dir, backend: word("backend")?, token: word("token")? })
    }

    pub(crate) fn cpu(&self) -> f64 {
        crate::measure::cpu_of(self.process.id()).unwrap_or(f64::NAN)
    }

    /// Lets go of the stored bytes, so that they don't pile up over the rounds.
    pub(crate) fn forget_bytes(&self) -> Result<()> {
        forget_below(self.dir.path())
    }

    pub(crate) fn options(&self, data: &Path) -> Result<EngineOptions> {
        options(data, &self.backend, &self.token)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn forget_below(dir: &Path) -> Result<()> {
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        if entry.file_name() == "objects" {
            for shelf in std::fs::read_dir(entry.path())? {
                std::fs::remove_dir_all(shelf?.path())?;
            }
        } else {
            forget_below(&entry.path())?;
        }
    }
    Ok(())
}

/// An engine's usual options, but for the settle gate: the time that files stand still is no work.
pub(crate) fn options(data: &Path, backend: &str, token: &str) -> Result<EngineOptions> {
    let tokens = Arc::new(FromEnvironment::new(Some(token.to_owned())));
    let address = Address::parse(backend).map_err(|cause| anyhow::anyhow!("{cause}"))?;
    let mut options = EngineOptions::new(data, address, tokens);
    options.settle = SettleRules { still_ms: 1, empty_still_ms: 1, ..SettleRules::default() };
    Ok(options)
}

/// Waits until the engine's status is as wanted, looking every `every`.
pub(crate) async fn until(engine: &Engine, every: Duration, wanted: impl Fn(&Status) -> bool) -> Result<Status> {
    let handle = engine.handle();
    let began = Instant::now();
    loop {
        let status = handle.status().await?;
        if wanted(&status) {
            return Ok(status);
        }
        ensure!(began.elapsed() < PATIENCE, "it never came to an end: {status:#?}");
        tokio::time::sleep(every).await;
    }
}

/// A runtime as the programs have it.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// A folder for what the sandbox stores: in memory where the system has such a place, since S3's disks are not this
/// machine's, and a local disk makes more noise than all that is measured.
pub(crate) fn shelf() -> Result<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("offload-bench-s3");
    Ok(if memory.is_dir() { builder.tempdir_in(memory)? } else { builder.tempdir()? })
}

/// A folder for one benchmark's files, thrown away at its end.
pub(crate) fn folder() -> Result<tempfile::TempDir> {
    Ok(tempfile::Builder::new().prefix("offload-bench").tempdir()?)
}
