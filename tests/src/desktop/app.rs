//! The real application: where its program lies, and starting it with or without WebDriver.

use super::driver::Window;
use super::{Desktop, Owned};
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

/// The command line, built as the application is.
fn offload() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| program("offload", false))
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

    /// The command line on the same data folder.
    pub fn offload(&self, arguments: &[&str]) -> Command {
        let mut command = self.desktop.command(offload());
        command.args(arguments).envs(self.start.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null());
        command
    }
}
