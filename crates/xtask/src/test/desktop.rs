//! The desktop app's tests, on desktops of their own: display, session bus, keyring, window manager.

use super::{Outcome, browser, build, runner};
use crate::packages::{self, Need};
use crate::window;
use anyhow::Result;

pub(crate) const NEEDED: [Need; 5] = [
    Need::program("Xvfb", "xvfb"),
    Need::program("dbus-daemon", "dbus"),
    Need::program("gnome-keyring-daemon", "gnome-keyring"),
    Need::program("openbox", "openbox"),
    Need::program("WebKitWebDriver", "webkit2gtk-driver"),
];

pub(super) fn check() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(left_out("a desktop to throw away is only known how to be had on Linux"));
    }
    let mut needs = NEEDED.to_vec();
    needs.extend(browser::FONTS);
    let missing = packages::provide(&needs);
    if !missing.is_empty() {
        return Ok(left_out(&packages::advice(&missing)));
    }
    window::make_ready()?;
    runner::tests(build("test").args(["--test", "desktop"]))
}

fn left_out(why: &str) -> Outcome {
    Outcome::LeftOut(format!("the desktop app NOT tested: {why}"))
}
