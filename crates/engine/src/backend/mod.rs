//! The photographer's own server: it signs forms and confirms what arrived. It never carries a byte of image.

mod answer;
mod companion;
mod credential;
mod device;
pub(crate) mod entries;
mod offload;
mod request;
mod sign_in;

pub(crate) use answer::{problem_words, words as words_of};
pub use companion::{CompanionBackend, PARAMS_PATH};
pub use credential::{Credential, Grant, Unusable, in_use};
pub use device::{DeviceCode, DeviceSignIn, Unapproved, ways};
pub use offload::OffloadBackend;
pub(crate) use offload::{COMPLETE, PRESIGN, SESSION};
pub(crate) use request::LARGEST_ANSWER;
pub use request::{Address, TokenSource};
pub use sign_in::{SignInError, Wish, check_scheme, sign_in, who_am_i};

use crate::cause::Cause;
use crate::transfer::client;
use async_trait::async_trait;
use offload_protocol::window::BackendProtocol;
use offload_protocol::wire::{CompleteFile, PresignFile, Session, Upload};
use std::sync::Arc;
use std::time::Duration;

/// What a backend said of each file asked about, in the order asked, by `file_id`. Every file asked about is there once.
pub type PerFile<T> = Vec<(String, Result<T, Cause>)>;

/// What can be relied on with a backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promises {
    /// `complete` asks the backend; else only S3 knows what arrived.
    pub confirms: bool,
    /// The same `file_id` gets the same key each time.
    pub keeps_keys: bool,
}

impl Promises {
    /// As protocol v1 has it.
    pub const ALL: Self = Self { confirms: true, keeps_keys: true };
}

/// How a backend is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    pub protocol: BackendProtocol,
    /// First word of the Authorization header.
    pub auth_scheme: String,
    /// Where Companion signs, below the address.
    pub params_path: String,
}

impl Default for Dialect {
    fn default() -> Self {
        Self { protocol: BackendProtocol::Offload, auth_scheme: "Bearer".into(), params_path: PARAMS_PATH.into() }
    }
}

impl Dialect {
    /// Whether nobody can be signed in without a token.
    pub fn needs_token(&self) -> bool {
        self.protocol == BackendProtocol::Offload
    }

    /// What can be relied on, as `Backend::promises`.
    pub const fn promises(&self) -> Promises {
        match self.protocol {
            BackendProtocol::Offload => Promises::ALL,
            BackendProtocol::Companion => companion::PROMISES,
        }
    }

    /// The backend at an address.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn speak_to(&self, address: Address, token: TokenSource) -> Result<Arc<dyn Backend>, Cause> {
        let client = client::for_backend()?;
        Ok(match self.protocol {
            BackendProtocol::Offload => {
                Arc::new(OffloadBackend::new(client, address, token).authorization_scheme(self.auth_scheme.as_str()))
            }
            BackendProtocol::Companion => {
                Arc::new(CompanionBackend::new(client, address, token, &self.auth_scheme, &self.params_path))
            }
        })
    }
}

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

    /// What can be relied on; protocol v1 promises all of it.
    fn promises(&self) -> Promises {
        Promises::ALL
    }
}
