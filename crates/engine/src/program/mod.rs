//! What every program around the engine needs: its log, the system's wish to end it, where the token is.

mod logs;
mod stop;

pub use logs::{Logging, begin_logs, logs_folder};
pub use stop::StopSignal;

use crate::secrets::{FromEnvironment, Keyring, TokenStore};
use std::sync::Arc;

/// The value of `OFFLOAD_TOKEN`; an empty one counts as none.
pub fn token_in_environment() -> Option<String> {
    std::env::var("OFFLOAD_TOKEN").ok().filter(|token| !token.trim().is_empty())
}

/// Where the token is: the environment's where it is set, else the keyring.
pub fn tokens(from_environment: Option<&str>) -> Arc<dyn TokenStore> {
    match from_environment {
        Some(token) => Arc::new(FromEnvironment::new(Some(token.to_owned()))),
        None => Arc::new(Keyring::default()),
    }
}
