//! The way of one file's bytes to S3: digests, the presigned POST or PUT, what S3 answers, when to try again, how many and how fast.
//!
//! The decisions (`answer`, `retry`, `concurrency`, the bucket in `bandwidth`) are pure; only `checksum` and `send` do I/O.

pub mod answer;
pub mod bandwidth;
mod body;
pub mod checksum;
pub mod client;
pub mod concurrency;
pub(crate) mod form;
pub mod quote;
mod refusal;
pub mod retry;
mod said;
#[cfg(test)]
pub(crate) mod scripted;
pub mod send;
pub mod signed;
