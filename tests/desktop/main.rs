//! Desktop tests: the real application on a real (if throw-away) desktop, against the sandbox.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod harness;
mod life;
mod notices;
mod running;
mod tray;
