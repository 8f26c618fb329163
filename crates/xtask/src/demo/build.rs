//! The programs, built if need be.

use crate::command::{cargo, typed};
use crate::say;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::Stdio;

/// What a person runs: the command line and the sandbox.
pub(crate) const PROGRAMS: [&str; 2] = ["offload", "offload-sandbox"];

/// And the desktop app.
pub(crate) const WINDOW: &str = "offload-desktop";

/// Where the programs are.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) offload: PathBuf,
    pub(crate) sandbox: PathBuf,
    /// The desktop app, where it was asked for.
    pub(crate) window: Option<PathBuf>,
}

/// What cargo says of a thing it made.
#[derive(Debug, Deserialize)]
struct Made {
    target: Target,
    executable: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
}

/// Builds with the whole workspace's features, as `cargo xtask test` does, so that each compiles for the other.
pub(crate) fn build(window: bool) -> Result<Built> {
    let mut command = cargo(&["build", "--workspace"]);
    let programs = PROGRAMS.into_iter().chain(window.then_some(WINDOW));
    command.args(programs.flat_map(|program| ["--bin", program]));
    if window {
        crate::window::make_ready()?;
        command.args(crate::window::FEATURES);
    }
    say::line(format_args!("$ {}", typed(&command)));
    command.arg("--message-format=json-render-diagnostics").stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start cargo")?;
    let mut made = Vec::new();
    if let Some(output) = child.stdout.take() {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        made.extend(lines.filter_map(|line| serde_json::from_str::<Made>(&line).ok()));
    }
    ensure!(child.wait()?.success(), "the programs could not be built; what is wrong stands above");
    let place = |name: &str| {
        let found = made.iter().find(|made| made.target.name == name && made.executable.is_some());
        found.and_then(|made| made.executable.clone()).with_context(|| format!("cargo did not say where it put {name}"))
    };
    let [offload, sandbox] = PROGRAMS.map(place);
    Ok(Built { offload: offload?, sandbox: sandbox?, window: window.then(|| place(WINDOW)).transpose()? })
}
