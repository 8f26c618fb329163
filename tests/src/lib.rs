//! A studio to test in: a sandbox (backend and S3), an engine, and folders that are thrown away.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a harness that can't go on fails its test")]

pub mod binary;
pub mod compare;
#[cfg(target_os = "linux")]
pub mod desktop;
pub mod photos;
#[cfg(target_os = "linux")]
pub mod s3_servers;

use offload_engine::backend::Address;
use offload_engine::engine::{Engine, EngineOptions, Handle};
use offload_engine::secrets::FromEnvironment;
use offload_protocol::control::NewSource;
use offload_protocol::view::{FileRow, Filter, PageQuery, SourceView, State, Status};
use offload_sandbox::{Sandbox, SandboxOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Waits longer than this mean that something hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A sandbox, folders, and an engine that can be stopped and started.
pub struct Studio {
    pub dir: tempfile::TempDir,
    pub sandbox: Sandbox,
    engine: Option<Engine>,
}

impl std::fmt::Debug for Studio {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Studio").field("dir", &self.dir.path()).finish_non_exhaustive()
    }
}

impl Studio {
    /// Everything with its usual rules, settling quickened to 300 ms.
    pub async fn open() -> Self {
        Self::open_with(|_| {}, |_| {}).await
    }

    pub async fn open_with(sandbox: impl FnOnce(&mut SandboxOptions), engine: impl FnOnce(&mut EngineOptions)) -> Self {
        let mut studio = Self::without_engine(sandbox).await;
        studio.start_with(engine).await;
        studio
    }

    pub async fn without_engine(adjust: impl FnOnce(&mut SandboxOptions)) -> Self {
        let dir = tempfile::Builder::new().prefix("studio").tempdir().unwrap();
        let mut options = SandboxOptions { dir: dir.path().join("sandbox"), ..SandboxOptions::default() };
        adjust(&mut options);
        std::fs::create_dir(dir.path().join("photos")).unwrap();
        let sandbox = Sandbox::start(options).await.unwrap();
        Self { dir, sandbox, engine: None }
    }

    pub fn photos(&self) -> PathBuf {
        self.dir.path().join("photos")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn options(&self) -> EngineOptions {
        let tokens = Arc::new(FromEnvironment::new(Some(self.sandbox.token().to_owned())));
        let mut options = EngineOptions::new(self.data(), Address::parse(self.sandbox.backend_url()).unwrap(), tokens);
        options.settle.still_ms = 300;
        options.settle.empty_still_ms = 600;
        options
    }

    pub async fn start(&mut self) {
        self.start_with(|_| {}).await;
    }

    pub async fn start_with(&mut self, adjust: impl FnOnce(&mut EngineOptions)) {
        let mut options = self.options();
        adjust(&mut options);
        self.engine = Some(Engine::start(options).await.unwrap());
    }

    pub async fn stop(&mut self) {
        self.engine.take().expect("an engine runs").stop().await;
    }

    pub fn handle(&self) -> Handle {
        self.engine.as_ref().expect("an engine runs").handle()
    }

    /// Writes a file below the photos, with the folders on its way.
    pub fn put(&self, name: impl AsRef<Path>, bytes: &[u8]) -> PathBuf {
        let path = self.photos().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub async fn watch(&self) -> SourceView {
        self.handle().add_source(new_source(&[self.photos()])).await.unwrap()
    }

    pub async fn batch(&self, paths: &[PathBuf]) -> SourceView {
        self.handle().add_batch(new_source(paths)).await.unwrap()
    }

    pub async fn status(&self) -> Status {
        self.handle().status().await.unwrap()
    }

    /// All rows, old versions too.
    pub async fn rows(&self) -> Vec<FileRow> {
        let filter = Filter { old_versions: true, ..Filter::default() };
        self.handle().page(PageQuery { filter, limit: 1000, ..PageQuery::default() }).await.unwrap().files
    }

    /// The current row of a path; fails where there is none.
    pub async fn row(&self, path: &str) -> FileRow {
        let rows = self.rows().await;
        rows.iter()
            .find(|row| row.path == path && row.current)
            .unwrap_or_else(|| panic!("no row for {path:?} among {rows:#?}"))
            .clone()
    }

    /// Waits until the status is as wanted; shows it where it never is.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let began = Instant::now();
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            if began.elapsed() > PATIENCE {
                panic!("never {what}: {status:#?}\n{:#?}", self.rows().await);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// Waits until there is nothing left to do and this many files are confirmed.
    pub async fn until_confirmed(&self, files: u64) -> Status {
        self.until(&format!("{files} confirmed and nothing left"), |status| {
            status.totals.confirmed.files == files
                && status.totals.pending() == 0
                && status.sources.iter().all(|source| !source.scanning)
        })
        .await
    }

    /// Waits until a path's current version is in a state.
    pub async fn until_state(&self, path: &str, state: State) -> FileRow {
        let began = Instant::now();
        loop {
            let rows = self.rows().await;
            if let Some(row) = rows.iter().find(|row| row.path == path && row.current && row.state == state) {
                return row.clone();
            }
            assert!(began.elapsed() < PATIENCE, "{path} never {state:?}: {rows:#?}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

/// A source of these paths, all else as usual.
pub fn new_source(paths: &[PathBuf]) -> NewSource {
    NewSource {
        paths: paths.iter().map(|path| offload_engine::watch::name::path_bytes(path)).collect(),
        ..NewSource::default()
    }
}
