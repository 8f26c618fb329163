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

/// What a backend said of each file asked about, in the order asked, by `file_id`. Every file asked about is there once.
pub type PerFile<T> = Vec<(String, Result<T, Cause>)>;

/// A server that signs and confirms. An outer error is one of the whole request and holds for all its files.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Who is signed in, and what the server accepts.
    async fn session(&self) -> Result<Session, Cause>;

    /// Asks for a way to send each file. The same `file_id` asked again means refresh.
    async fn presign(&self, files: &[PresignFile]) -> Result<PerFile<Upload>, Cause>;

    /// Tells what arrived in S3; `Ok` for a file is the backend's acknowledgement.
    async fn complete(&self, files: &[CompleteFile]) -> Result<PerFile<()>, Cause>;
}
