//! The real application: where its program lies, and starting it with or without WebDriver.

use super::driver::Window;
use super::{Desktop, Owned, PATIENCE, until};
use crate::binary::read_rows;
use offload_protocol::view::{FileRow, Status};
use offload_sandbox::Sandbox;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The application's program, built first if need be. The window's pages have to be built before.
pub fn desktop_program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| program("offload-desktop", false))
}

/// A program or an example of the workspace, built with the features all steps of the tests use, so that nothing compiles twice.
pub fn program(name: &str, example: bool) -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    // target/PROFILE/deps/desktop-…
    let profile = exe.parent().and_then(Path::parent).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut build = crate::binary::cargo();
    build.args(["build", "--quiet", "--workspace", "--features", "offload-desktop/custom-protocol"]);
    build.args([if example { "--example" } else { "--bin" }, name]).current_dir(root);
    build.env("CARGO_TARGET_DIR", profile.parent().unwrap());
    if profile.ends_with("release") {
        build.arg("--release");
    }
    assert!(root.join("ui/dist/index.html").is_file(), "the window's pages are not built: cargo xtask test --only ui");
    assert!(build.status().unwrap().success(), "{name} could not be built");
    if example { profile.join("examples").join(name) } else { profile.join(name) }
}

/// How the application is to be started.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Vec<(String, OsString)>,
    pub(crate) log: PathBuf,
}

/// The application on a desktop, with a data folder of its own; started as often as the test likes.
#[derive(Debug)]
pub struct App<'d> {
    desktop: &'d Desktop,
    start: Start,
    data: PathBuf,
}

impl<'d> App<'d> {
    /// As freshly installed: it knows no backend.
    pub fn new(desktop: &'d Desktop) -> Self {
        Self::of(desktop, desktop_program())
    }

    /// Another program in its place.
    pub fn of(desktop: &'d Desktop, program: &Path) -> Self {
        let data = desktop.home().join(".local/share/offload");
        let log = desktop.logs().join("app.log");
        let start = Start { program: program.to_owned(), arguments: Vec::new(), environment: Vec::new(), log };
        Self { desktop, start, data }
    }

    /// With another data folder than the usual.
    #[must_use]
    pub fn keeping(mut self, data: &Path) -> Self {
        data.clone_into(&mut self.data);
        self.with_environment("OFFLOAD_DATA_DIR", data)
    }

    /// Signed in to a sandbox by the environment, with settling quickened.
    #[must_use]
    pub fn signed_in(mut self, sandbox: &Sandbox) -> Self {
        self.settings("[watch]\nsettle_ms = 300\n");
        self.start.environment.push(("OFFLOAD_BACKEND".into(), sandbox.backend_url().into()));
        self.start.environment.push(("OFFLOAD_TOKEN".into(), sandbox.token().into()));
        self
    }

    /// An argument, such as a folder.
    #[must_use]
    pub fn with(mut self, argument: impl Into<OsString>) -> Self {
        self.start.arguments.push(argument.into());
        self
    }

    #[must_use]
    pub fn with_environment(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.start.environment.push((name.into(), value.into()));
        self
    }

    /// Writes `config.toml`.
    pub fn settings(&self, text: &str) {
        std::fs::create_dir_all(&self.data).unwrap();
        std::fs::write(self.data.join("config.toml"), text).unwrap();
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Starts it under WebDriver.
    pub async fn open(&self) -> Window<'d> {
        Window::open(self.desktop, &self.start).await
    }

    /// Starts it as a person's menu does.
    pub fn run(&self) -> Owned {
        let mut command = self.desktop.command(&self.start.program);
        command.args(&self.start.arguments).envs(self.start.environment.iter().map(|(name, value)| (name, value)));
        Owned::start(command.stdin(Stdio::null()), &self.start.log)
    }

    /// Starts it a second time, with an argument; its exit code.
    pub async fn run_again(&self, argument: impl AsRef<std::ffi::OsStr>) -> i32 {
        let mut command = self.desktop.command(&self.start.program);
        command.arg(argument).envs(self.start.environment.iter().map(|(name, value)| (name, value)));
        Owned::start(command.stdin(Stdio::null()), &self.desktop.logs().join("second.log")).ended().await
    }

    /// Runs the command line on the same data folder: exit code, what it said, what it complained of.
    pub async fn says(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = self.offload(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// What `offload status --json` says; `None` while there is no ledger to speak from.
    pub async fn status(&self) -> Option<Status> {
        serde_json::from_str(&self.says(&["status", "--json"]).await.1).ok()
    }

    /// Waits until the status is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
        let otherwise = async || {
            let (_, out, err) = self.says(&["status", "--json"]).await;
            let picture = self.desktop.picture();
            format!("{out}\n{err}\n--- picture of the screen: {}\n--- log:\n{}", picture.display(), self.log())
        };
        until(what, async || self.status().await.filter(|status| wanted(status)), otherwise).await
    }

    /// Waits until so many files are confirmed and nothing is left to do.
    pub async fn until_confirmed(&self, files: u64) -> Status {
        self.until(&format!("{files} confirmed and nothing left"), |status| {
            status.totals.confirmed.files == files
                && status.totals.pending() == 0
                && status.sources.iter().all(|source| !source.scanning)
        })
        .await
    }

    /// All rows of the ledger.
    pub async fn rows(&self) -> Vec<FileRow> {
        let (_, out, err) = self.says(&["list", "--all", "--json"]).await;
        read_rows(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"))
    }

    /// What the application wrote to its outputs and its own log.
    pub fn log(&self) -> String {
        let mut text = std::fs::read_to_string(&self.start.log).unwrap_or_default();
        if let Ok(entries) = std::fs::read_dir(self.data.join("logs")) {
            entries.flatten().for_each(|entry| text += &std::fs::read_to_string(entry.path()).unwrap_or_default());
        }
        text
    }

    /// The application's processes that run now.
    pub fn processes(&self) -> Vec<u32> {
        super::driver::processes_of(&self.start.program)
            .into_iter()
            .map(|(process, _)| process)
            .filter(|process| self.is_here(*process))
            .collect()
    }

    /// Whether a process belongs to this desktop: others may run the same program.
    fn is_here(&self, process: u32) -> bool {
        let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        let home = format!("HOME={}", self.desktop.home().display());
        environment.split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
    }

    /// Waits until no process of it is left.
    pub async fn until_ended(&self) {
        let what = "the application ended";
        let began = std::time::Instant::now();
        while !self.processes().is_empty() {
            assert!(began.elapsed() < PATIENCE, "never {what}:\n{}", self.log());
            tokio::time::sleep(super::LOOK_AGAIN).await;
        }
    }

    /// SIGKILL to the application alone, as the system would do it where memory runs out.
    pub fn kill(&self) {
        let processes = self.processes();
        assert!(!processes.is_empty(), "the application does not run:\n{}", self.log());
        for process in processes {
            let process = rustix::process::Pid::from_raw(process.cast_signed()).unwrap();
            // It may end between the two lines.
            let _ = rustix::process::kill_process(process, rustix::process::Signal::KILL);
        }
    }

    /// The command line on the same data folder.
    pub fn offload(&self, arguments: &[&str]) -> Command {
        let mut command = self.desktop.command(crate::binary::offload());
        command.args(arguments).envs(self.start.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }
}
