//! The uploader: watches folders, keeps the ledger, sends files with presigned POSTs, has the backend confirm them.
//!
//! Knows no window and no terminal. ARCHITECTURE.md has the map and the way of one file.

pub mod backend;
pub mod breaker;
pub mod cause;
pub mod config;
pub mod contract;
pub mod control;
pub mod daily;
pub mod destination;
pub mod diagnostics;
pub mod engine;
pub mod ledger;
pub mod media;
pub mod notice;
pub mod program;
pub mod progress;
pub mod schedule;
pub mod secrets;
mod told;
pub mod transfer;
pub mod watch;
