//! The real `offload` program as a process of its own.

use offload_protocol::view::{FileRow, Status};
use offload_sandbox::Sandbox;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Where the program lies, built first if need be.
pub fn offload() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let exe = std::env::current_exe().unwrap();
        // target/PROFILE/deps/it-…
        let profile = exe.parent().and_then(Path::parent).unwrap();
        let mut build = cargo();
        // With the features of the whole, as the other steps of the tests build: nothing compiles twice.
        build.args(["build", "--quiet", "--workspace", "--features", "offload-desktop/custom-protocol"]);
        build.args(["--bin", "offload"]).current_dir(env!("CARGO_MANIFEST_DIR"));
        build.env("CARGO_TARGET_DIR", profile.parent().unwrap());
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().unwrap().success(), "the program could not be built");
        profile.join(format!("offload{}", std::env::consts::EXE_SUFFIX))
    })
}

/// Cargo, without what it tells a test of its package: build scripts look at these, and would build their crates once more.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"].iter().any(|start| name.starts_with(start)) {
            cargo.env_remove(&*name);
        }
    }
    cargo
}

/// The program with a data folder and a backend of its own.
#[derive(Debug, Clone)]
pub struct Program {
    pub data: PathBuf,
    backend: String,
    token: String,
}

impl Program {
    pub fn new(data: &Path, sandbox: &Sandbox) -> Self {
        Self { data: data.to_owned(), backend: sandbox.backend_url().to_owned(), token: sandbox.token().to_owned() }
    }

    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        token.clone_into(&mut self.token);
        self
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(offload());
        command
            .args(args)
            .env("OFFLOAD_DATA_DIR", &self.data)
            .env("OFFLOAD_BACKEND", &self.backend)
            .env("OFFLOAD_TOKEN", &self.token)
            .env_remove("OFFLOAD_LOG")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs it, off the runtime's threads; exit code, what it said, what it complained of.
    pub async fn says(&self, args: &[&str]) -> (i32, String, String) {
        let program = self.clone();
        let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        tokio::task::spawn_blocking(move || {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let output = program.run(&args);
            (
                output.status.code().unwrap_or(-1),
                String::from_utf8_lossy(&output.stdout).into_owned(),
                String::from_utf8_lossy(&output.stderr).into_owned(),
            )
        })
        .await
        .unwrap()
    }

    /// Starts it and lets it run; killed when the handle is dropped.
    pub fn start(&self, args: &[&str]) -> Running {
        let child = self.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Running { child }
    }

    pub async fn status(&self) -> (i32, Status) {
        let (code, out, err) = self.says(&["status", "--json"]).await;
        (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}")))
    }

    pub async fn list(&self) -> Vec<FileRow> {
        let (_, out, err) = self.says(&["list", "--all", "--json"]).await;
        read_rows(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"))
    }

    /// Waits until the status is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let began = Instant::now();
        loop {
            // Before its first start there is no ledger to speak from.
            let (_, out, err) = self.says(&["status", "--json"]).await;
            match serde_json::from_str::<Status>(&out) {
                Ok(status) if wanted(&status) => return status,
                _ => assert!(began.elapsed() < crate::PATIENCE * 2, "never {what}: {out}\n{err}"),
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

pub(crate) fn read_rows(text: &str) -> Result<Vec<FileRow>, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    serde_json::from_value(value.get("files").cloned().unwrap_or(value))
}

/// A program that runs; dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
}

impl Running {
    /// SIGKILL: no time to say goodbye.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and its exit code.
    #[cfg(unix)]
    pub fn terminate(mut self) -> i32 {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        self.wait()
    }

    pub fn wait(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(began.elapsed() < crate::PATIENCE * 2, "it does not end");
            #[expect(clippy::disallowed_methods, reason = "a test's own thread")]
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
