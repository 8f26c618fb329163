//! End-to-end tests: the engine, or the real program, against the sandbox.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#![allow(clippy::disallowed_methods, reason = "threads of a test's own may sleep")]

mod events;
mod faults;
mod flow;
mod names;
mod photos;
mod program;
mod put;
mod sign_in;
mod states;
mod steering;
mod versions;
