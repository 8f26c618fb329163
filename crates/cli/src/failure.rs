//! Why a verb could not be carried out, and what the process ends with.

use crate::out;
use crate::words::clean;
use offload_engine::backend::SignInError;
use offload_engine::cause::Cause;
use offload_engine::config::ConfigError;
use offload_engine::control::ClientError;
use offload_engine::engine::EngineError;
use offload_engine::ledger::LedgerError;
use offload_engine::secrets::SecretError;
use offload_protocol::control::ControlError;

/// Everything asked for is done.
pub(crate) const DONE: u8 = 0;
/// Some files are not as they should be.
pub(crate) const SOME: u8 = 1;
/// Usage or configuration: it could not be tried.
pub(crate) const CONFIGURATION: u8 = 2;
/// `status`: not everything is confirmed yet.
pub(crate) const PENDING: u8 = 3;

/// An error on its way to the person.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: u8,
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { exit: CONFIGURATION, code: code.into(), message: message.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// As another program, or a checkup, is told of it.
    pub(crate) fn into_control(self) -> ControlError {
        ControlError { code: self.code, message: self.message, hint: self.hint }
    }

    /// Whether it is only that nobody reads our output any more (`offload list | head`).
    fn is_quiet(&self) -> bool {
        self.code == "broken_pipe"
    }

    /// Says it: on standard error, or with `--json` as the one object on standard output.
    pub(crate) fn show(&self, json: bool) {
        if self.is_quiet() {
            return;
        }
        // There is nowhere left to say that it cannot be said.
        let _ = if json {
            out::json(&serde_json::json!({
                "error": { "code": self.code, "message": self.message, "hint": self.hint }
            }))
        } else {
            let hint = self.hint.as_ref().map(|hint| format!("\n  {}", clean(hint))).unwrap_or_default();
            out::aside(format_args!("offload: {}{hint}", clean(&self.message)))
        };
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self { hint: error.hint(), ..Self::new(error.code(), error.to_string()) }
    }
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        Self { hint: error.hint, ..Self::new(&error.code, error.message) }
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { hint: cause.hint, ..Self::new(cause.code.as_str(), cause.message) }
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        Self::new("keyring", error.to_string()).hint(error.hint())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => {
                Self { exit: DONE, ..Self::new("broken_pipe", "nobody reads the output") }
            }
            _ => Self::new("io", error.to_string()),
        }
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::new("internal", error.to_string())
    }
}
