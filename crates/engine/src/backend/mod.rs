//! The photographer's own server: it signs forms and confirms what arrived. It never carries a byte of image.

mod answer;
pub(crate) mod entries;
mod offload;
mod sign_in;

pub(crate) use answer::{problem_words, words as words_of};
pub use offload::{Address, OffloadBackend, TokenSource};
pub(crate) use offload::{COMPLETE, LARGEST_ANSWER, PRESIGN, SESSION};
pub use sign_in::{SignInError, check_scheme, sign_in, who_am_i};

use crate::cause::Cause;
use async_trait::async_trait;
use offload_protocol::wire::{CompleteFile, PresignFile, Session, Upload};
use std::time::Duration;

/// What a backend said of each file asked about, in the order asked, by `file_id`. Every file asked about is there once.
pub type PerFile<T> = Vec<(String, Result<T, Cause>)>;

/// What a backend says of a file that arrived in S3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    Confirmed,
    /// It knows of the file and is not done with it, as where S3's events tell it what arrived: ask again.
    Pending {
        /// As the backend wishes it; at most an hour.
        ask_again_in: Option<Duration>,
    },
}

/// A server that signs and confirms. An outer error is one of the whole request and holds for all its files.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Who is signed in, and what the server accepts.
    async fn session(&self) -> Result<Session, Cause>;

    /// Asks for a way to send each file. The same `file_id` asked again means refresh.
    async fn presign(&self, files: &[PresignFile]) -> Result<PerFile<Upload>, Cause>;

    /// Tells what arrived in S3, and hears whether the backend has it.
    async fn complete(&self, files: &[CompleteFile]) -> Result<PerFile<Confirmation>, Cause>;
}
