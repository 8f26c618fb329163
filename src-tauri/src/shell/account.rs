//! Signing in and out.

use super::Shell;
use crate::setting::{blocking, of_config};
use offload_engine::backend::Address;
use offload_engine::config::Config;
use offload_engine::secrets::{Secret, SecretError};
use offload_protocol::control::ControlError;
use offload_protocol::window::{Connected, Connection};

impl Shell {
}
