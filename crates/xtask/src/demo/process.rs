//! The processes of a demonstration: each ends, by its id, when its owner lets go of it.

use super::build::Built;
use super::facts::{Row, Status};
use super::{http, interrupt};
use crate::command::{end, program, quietly};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// For a program to start, to answer, and to end when it is asked to.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running program whose standard error goes into a log.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    name: &'static str,
    log: PathBuf,
}

impl Process {
    pub(super) fn start(name: &'static str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&log)?;
        command.stdin(Stdio::null()).stderr(file);
        let child = command.spawn().with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { child, name, log })
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether it has not ended yet.
    pub(super) fn runs(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails where the process has ended by itself, with the last of what it wrote.
    pub(super) fn must_run(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else { return Ok(()) };
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.trim().lines().collect();
        let last = lines[lines.len().saturating_sub(12)..].join("\n");
        let advice = advice(&last).map(|advice| format!("\n{advice}")).unwrap_or_default();
        bail!("{} ended by itself ({status}):\n{last}{advice}", self.name)
    }

    /// SIGKILL on Unix, TerminateProcess on Windows: the process has no chance to clean up.
    pub(super) fn kill(mut self) {
        end(&mut self.child);
    }

    /// Asks the process to end, and waits for it.
    pub(super) fn stop(mut self) -> Result<()> {
        // Once it has ended and been waited for, its id may be another's.
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        #[cfg(unix)]
        {
            let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
            if let Some(id) = id {
                rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
            }
            let began = Instant::now();
            while self.child.try_wait()?.is_none() {
                ensure!(began.elapsed() < PATIENCE, "{} did not end when it was asked to", self.name);
                interrupt::nap(Duration::from_millis(20))?;
            }
        }
        // Elsewhere it is ended when it is dropped: there is no signal for another process.
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// What to do about what a program complained of, where that is known.
fn advice(complaint: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 5] = [
        (
            "not a fault",
            "An example: --fault s3=slowdown:times=3; crates/sandbox/src/faults/parse.rs has all the words.",
        ),
        ("in use", "The port is taken: end the program that has it, or start again to get another one."),
        ("No space left", "The disk is full: make room, or set TMPDIR to a folder on another disk."),
        ("Too many open files", "Allow more open files: ulimit -n 4096"),
        ("ermission denied", "The temporary folder must be yours to write in: set TMPDIR to one that is."),
    ];
    KNOWN.into_iter().find(|(part, _)| complaint.contains(part)).map(|(_, advice)| advice)
}

/// The reference backend with its S3.
#[derive(Debug)]
pub(super) struct Sandbox {
    pub(super) process: Process,
    /// For clients.
    pub(super) backend: String,
    /// Of its S3.
    pub(super) s3: String,
    /// Of its own questions.
    pub(super) host: String,
    pub(super) token: String,
}

#[derive(Deserialize)]
struct Ready {
    backend: String,
    s3: String,
    token: String,
}

impl Sandbox {
    /// Starts it on ports that are free, and waits until it says where it is.
    pub(super) fn start(built: &Built, dir: &Path, faults: &[String]) -> Result<Self> {
        let mut command = program(&built.sandbox);
        command.arg("--dir").arg(dir.join("sandbox")).stdout(Stdio::piped());
        command.args(faults.iter().flat_map(|fault| ["--fault", fault]));
        let mut process = Process::start("the sandbox", &mut command, dir.join("sandbox.log"))?;
        let (tell, told) = mpsc::channel();
        if let Some(output) = process.child.stdout.take() {
            std::thread::spawn(move || {
                let mut line = String::new();
                let _ = BufReader::new(output).read_line(&mut line).map(|_| tell.send(line));
            });
        }
        let began = Instant::now();
        let line = loop {
            match told.recv_timeout(Duration::from_millis(100)) {
                Ok(line) if !line.trim().is_empty() => break line,
                _ => process.must_run()?,
            }
            interrupt::check()?;
            ensure!(began.elapsed() < PATIENCE, "the sandbox did not start within {} s", PATIENCE.as_secs());
        };
        let Ready { backend, s3, token } =
            serde_json::from_str(&line).context("the sandbox's first line is not JSON")?;
        Ok(Self { process, host: http::host(&backend)?, s3, backend, token })
    }
}

/// `offload` on a data folder of its own, signed in to the backend.
#[derive(Debug)]
pub(super) struct Offload {
    program: PathBuf,
    window: Option<PathBuf>,
    data: PathBuf,
    log: PathBuf,
    backend: String,
    token: String,
}

impl Offload {
    pub(super) fn new(built: &Built, dir: &Path, backend: &str, token: &str) -> Result<Self> {
        let data = dir.join("data");
        std::fs::create_dir(&data)?;
        // The window begins with the sandbox: who wants to see the first run takes `offload-sandbox` by itself.
        std::fs::write(data.join("config.toml"), format!("[backend]\nurl = \"{backend}\"\n"))?;
        Ok(Self {
            program: built.offload.clone(),
            window: built.window.clone(),
            data,
            log: dir.join("offload.log"),
            backend: backend.to_owned(),
            token: token.to_owned(),
        })
    }

    pub(super) fn has_window(&self) -> bool {
        self.window.is_some()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.with_token(&self.program);
        command.args(words);
        command
    }

    /// The token stands in the environment, where no list of processes shows it.
    fn with_token(&self, name: &Path) -> Command {
        let mut command = program(name);
        command.env("OFFLOAD_DATA_DIR", &self.data).env("OFFLOAD_BACKEND", &self.backend);
        command.env("OFFLOAD_TOKEN", &self.token).env("NO_PROXY", "127.0.0.1,localhost");
        command
    }

    /// The window, or the headless service, once it can be talked to.
    pub(super) fn run(&self) -> Result<Process> {
        let output = File::options().create(true).append(true).open(self.log.with_extension("events"))?;
        let (name, mut command) = match &self.window {
            Some(window) => ("Offload's window", self.with_token(window)),
            None => ("`offload run`", self.command(&["run", "--json"])),
        };
        let mut process = Process::start(name, command.stdout(output), self.log.clone())?;
        let began = Instant::now();
        loop {
            process.must_run()?;
            if self.status().is_ok_and(|status| status.running) {
                return Ok(process);
            }
            ensure!(began.elapsed() < PATIENCE, "{name} cannot be talked to after {} s", PATIENCE.as_secs());
            interrupt::nap(Duration::from_millis(50))?;
        }
    }

    pub(super) fn status(&self) -> Result<Status> {
        // Its exit code says how the files stand, so only the answer counts.
        self.asked(&["status", "--json"])
    }

    /// Every version of every file, or only those in a state.
    pub(super) fn list(&self, state: Option<&str>) -> Result<Vec<Row>> {
        let mut words = vec!["list", "--json", "--all", "--old-versions"];
        words.extend(state.iter().flat_map(|state| ["--state", state]));
        self.asked(&words)
    }

    /// What it writes to standard output, for the person to read.
    pub(super) fn tell(&self, words: &[&str], argument: Option<&Path>) -> Result<String> {
        let mut command = self.command(words);
        command.args(argument);
        let ended = quietly(&mut command, PATIENCE)?;
        ensure!(ended.success, "offload {} failed: {}", words.join(" "), ended.said());
        Ok(ended.output.trim().to_owned())
    }

    fn asked<T: DeserializeOwned>(&self, words: &[&str]) -> Result<T> {
        let mut command = self.command(words);
        let ended = quietly(&mut command, PATIENCE)?;
        serde_json::from_str(&ended.output)
            .with_context(|| format!("offload {} answered: {}", words.join(" "), ended.said()))
    }
}

#[cfg(test)]
mod tests {
    use super::advice;

    #[test]
    fn known_complaints_come_with_advice() {
        assert!(advice("Address already in use (os error 98)").unwrap().contains("port"));
        assert!(advice("error: not a fault: no such place").unwrap().contains("--fault"));
        assert_eq!(advice("something else"), None);
    }
}
