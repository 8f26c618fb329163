//! Desktop tests: the real application on a real (if throw-away) desktop, against the sandbox.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod adding;
mod behind;
mod first_run;
mod harness;
mod life;
mod list;
mod notices;
mod running;
mod tray;
mod trouble;
