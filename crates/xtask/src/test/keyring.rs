//! The keyring's tests, on a session bus and a GNOME Keyring of their own.

use super::{Outcome, build, runner};
use crate::command::program;
use crate::packages::{self, Need};
use anyhow::Result;

const NEEDED: [Need; 3] = [
    Need::program("dbus-run-session", "dbus"),
    Need::program("dbus-send", "dbus"),
    Need::program("gnome-keyring-daemon", "gnome-keyring"),
];

pub(super) fn check() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(left_out("a keyring to throw away is only known how to be had on Linux"));
    }
    let missing = packages::provide(&NEEDED);
    if !missing.is_empty() {
        return Ok(left_out(&packages::advice(&missing)));
    }
    // The whole workspace's features, so that nothing is compiled anew for one package.
    let mut tests = build("test");
    tests.args(["--test", "keyring"]);
    let mut command = program("tests/with-secret-service.sh");
    command.arg(tests.get_program()).args(tests.get_args());
    command.envs(tests.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("OFFLOAD_REQUIRE_KEYRING", "1");
    runner::tests(&mut command)
}

fn left_out(why: &str) -> Outcome {
    Outcome::LeftOut(format!("keyring NOT tested: {why}"))
}
