//! `doctor` against real little backends, each in front of the sandbox's S3: the good ones are left alone, and of the bad ones, which
//! make one mistake each, exactly this mistake is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod bad_answers;
mod bad_complete;
mod bad_forms;
mod docs;
mod good;
mod studio;
