//! The Django example's own tests, in a Python environment of its own, against the sandbox's S3.

use super::{Outcome, build, tell};
use crate::command::{end, program, quietly, root, run, target, typed};
use crate::packages::{self, Need};
use crate::say;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(300);
const PYTHON: [Need; 1] = [Need::program("python3", "python3-venv")];

/// What the sandbox says of itself, and keeps beside what it stores.
#[derive(Debug, Deserialize)]
struct Address {
    s3: String,
}

#[derive(Debug, Deserialize)]
struct Keys {
    access_key: String,
    secret_key: String,
}

/// The sandbox; ended when it is let go of.
#[derive(Debug)]
struct Sandbox(Child);

impl Drop for Sandbox {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

pub(super) fn check() -> Result<Outcome> {
    let missing = packages::provide(&PYTHON);
    if !missing.is_empty() {
        return Ok(left_out(&packages::advice(&missing)));
    }
    let environment = target().join("django");
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let example = root().join("examples/django");
    let requirements = example.join("requirements.txt");
    let mut install = program(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]).arg(&requirements);
    // A machine without Python's venv, or without a registry, is no fault of the example's.
    for mut command in [venv(&environment), install] {
        say::line(format_args!("$ {}", typed(&command)));
        if let Err(error) = run(&mut command) {
            return Ok(left_out(&format!("{error:#}")));
        }
    }
    tell(build("build").args(["--bin", "offload-sandbox"]))?;
    let dir = tempfile::tempdir()?;
    let (_sandbox, address, keys) = sandbox(dir.path())?;
    let mut tests = program(&python);
    tests.args(["manage.py", "test"]).current_dir(&example).env("PYTHONDONTWRITEBYTECODE", "1");
    tests.envs([("S3_ENDPOINT", address.s3.as_str()), ("S3_BUCKET", "photos"), ("S3_REGION", "us-east-1")]);
    tests.envs([("S3_ADDRESSING", "path"), ("AWS_ACCESS_KEY_ID", &keys.access_key)]);
    tests.env("AWS_SECRET_ACCESS_KEY", &keys.secret_key);
    say::line(format_args!("$ (cd examples/django && python manage.py test)  # with the sandbox's S3"));
    let ended = quietly(&mut tests, PATIENCE)?;
    say::line(ended.said());
    ensure!(ended.success, "the Django example's tests failed");
    let said = ended.said();
    let ran = said.lines().find_map(|line| line.strip_prefix("Ran ")).context("no tests were run")?;
    // It also says how many were skipped.
    let word = said.lines().find(|line| line.starts_with("OK")).unwrap_or_default();
    Ok(Outcome::Passed(format!("{ran}: {word}")))
}

fn venv(environment: &Path) -> std::process::Command {
    let mut command = program("python3");
    command.args(["-m", "venv"]).arg(environment);
    command
}

/// Starts the sandbox: where its S3 is, and the keys to it.
fn sandbox(dir: &Path) -> Result<(Sandbox, Address, Keys)> {
    let mut command = program(target().join("debug/offload-sandbox"));
    command.arg("--dir").arg(dir).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().context("the sandbox cannot be started")?;
    let told = child.stdout.take();
    let sandbox = Sandbox(child);
    let mut line = String::new();
    BufReader::new(told.context("the sandbox says nothing")?).read_line(&mut line)?;
    let address = serde_json::from_str(&line).with_context(|| format!("the sandbox says {line:?}"))?;
    let keys = serde_json::from_str(&std::fs::read_to_string(dir.join("secrets.json"))?)?;
    Ok((sandbox, address, keys))
}

fn left_out(why: &str) -> Outcome {
    Outcome::LeftOut(format!("the Django example NOT tested: {why}"))
}
