//! The keyring's tests, on a session bus and a GNOME Keyring of their own.

use super::{Outcome, build, runner};
use crate::command::{on_path, program, quietly, run, typed};
use crate::say;
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

const NEEDED: [&str; 3] = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"];

pub(super) fn check() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(left_out("a keyring to throw away is only known how to be had on Linux"));
    }
    let missing = missing();
    if !missing.is_empty() {
        if !can_install() {
            return Ok(left_out(&format!(
                "{} not installed; on Debian: apt-get install dbus gnome-keyring",
                missing.join(", ")
            )));
        }
        say::line(format_args!(
            "{} not there: installing the Debian packages dbus and gnome-keyring",
            missing.join(", ")
        ));
        install();
        if let [first, ..] = self::missing()[..] {
            return Ok(left_out(&format!("{first} could not be installed by apt-get")));
        }
    }
    // The whole workspace's features, so that nothing is compiled anew for one package.
    let tests = build(&["test", "--workspace", "--test", "keyring"]);
    let mut command = program("tests/with-secret-service.sh");
    command.arg(tests.get_program()).args(tests.get_args());
    command.envs(tests.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("OFFLOAD_REQUIRE_KEYRING", "1");
    runner::tests(&mut command)
}

fn left_out(why: &str) -> Outcome {
    Outcome::LeftOut(format!("keyring NOT tested: {why}"))
}

fn missing() -> Vec<&'static str> {
    NEEDED.into_iter().filter(|name| !on_path(name)).collect()
}

/// Debian's package tool, and the right to use it.
fn can_install() -> bool {
    let root = quietly(program("id").arg("-u"), Duration::from_secs(10)).is_ok_and(|ended| ended.output.trim() == "0");
    root && on_path("apt-get")
}

fn install() {
    let apt = |words: &[&str]| -> Command {
        let mut command = program("apt-get");
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends", "dbus", "gnome-keyring"];
    // The package lists of a fresh container are empty, those of an old machine out of date.
    for mut command in [apt(&["update", "--quiet=2"]), apt(&install)] {
        say::line(format_args!("$ {}", typed(&command)));
        if let Err(error) = run(&mut command) {
            say::line(format_args!("{error:#}"));
        }
    }
}
