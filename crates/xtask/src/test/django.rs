//! The Django example's own tests, in a Python environment of its own, against the sandbox's S3.

use super::{Outcome, build, tell};
use crate::command::{end, program, quietly, target};
use crate::python::{self, S3};
use crate::say;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(300);

/// What the sandbox says of itself.
#[derive(Debug, Deserialize)]
struct Address {
    s3: String,
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
    let environment = match python::environment()? {
        Ok(environment) => environment,
        Err(why) => return Ok(left_out(&why)),
    };
    tell(build("build").args(["--bin", "offload-sandbox"]))?;
    let dir = tempfile::tempdir()?;
    let (_sandbox, s3) = sandbox(dir.path())?;
    let mut tests = environment.manage(&["test"], &s3);
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

/// Starts the sandbox: where its S3 is, and the keys to it.
fn sandbox(dir: &Path) -> Result<(Sandbox, S3)> {
    let mut command = program(target().join("debug/offload-sandbox"));
    command.arg("--dir").arg(dir).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().context("the sandbox cannot be started")?;
    let told = child.stdout.take();
    let sandbox = Sandbox(child);
    let mut line = String::new();
    BufReader::new(told.context("the sandbox says nothing")?).read_line(&mut line)?;
    let Address { s3 } = serde_json::from_str(&line).with_context(|| format!("the sandbox says {line:?}"))?;
    Ok((sandbox, S3::of_sandbox(dir, &s3)?))
}

fn left_out(why: &str) -> Outcome {
    Outcome::LeftOut(format!("the Django example NOT tested: {why}"))
}
