//! Offload and an unmodified Uppy Companion, which npm brings into a folder of its own.

use super::{Outcome, build, runner};
use crate::command::{program, root, run, target, typed};
use crate::say;
use anyhow::{Context, Result};
use std::fs;

pub(super) fn check() -> Result<Outcome> {
    let home = target().join("companion");
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    for name in ["package.json", "package-lock.json", "start.mjs"] {
        let from = root().join("tests/companion").join(name);
        fs::copy(&from, home.join(name)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let mut install = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&home);
    say::line(format_args!("$ {}  # in target/companion", typed(&install)));
    // A machine without a registry is no fault of ours.
    if let Err(error) = run(&mut install) {
        return Ok(Outcome::LeftOut(format!("Uppy Companion NOT tested: {error:#}")));
    }
    let mut tests = build("test");
    tests.args(["--test", "companion"]).env("OFFLOAD_COMPANION", &home);
    runner::tests(&mut tests)
}
