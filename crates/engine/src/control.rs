//! How another process talks to a running engine: JSON lines over a local socket that only its owner can open.
//!
//! The server belongs to whoever owns the ledger. The protocol's types are in `offload_protocol::control`.

mod answer;
mod client;
mod line;
mod place;
mod server;
pub mod standing;
#[cfg(test)]
mod tests;

pub use answer::Answers;
pub use client::{Client, ClientError, Events};
pub use server::{ControlServer, serve};

/// Longest request, bytes without the line break.
pub const REQUEST_BYTES: usize = 1 << 20;
/// Longest answer; a page of the largest size stays far below.
const REPLY_BYTES: usize = 64 << 20;
