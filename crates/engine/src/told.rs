//! Every error as the window and other processes are told it: code, message, hint.

use crate::backend::SignInError;
use crate::cause::Cause;
use crate::config::ConfigError;
use crate::engine::EngineError;
use crate::ledger::LedgerError;
use crate::secrets::SecretError;
use offload_protocol::control::ControlError;

macro_rules! told {
    ($($kind:ty),*) => {$(
        impl From<&$kind> for ControlError {
            fn from(error: &$kind) -> Self {
                Self { code: error.code().into(), message: error.to_string(), hint: error.hint() }
            }
        }

        impl From<$kind> for ControlError {
            fn from(error: $kind) -> Self {
                Self::from(&error)
            }
        }
    )*};
}

told!(ConfigError, EngineError, LedgerError, SignInError);

impl From<SecretError> for ControlError {
    fn from(error: SecretError) -> Self {
        Self { code: error.code().into(), message: error.to_string(), hint: Some(error.hint().into()) }
    }
}

impl From<Cause> for ControlError {
    fn from(cause: Cause) -> Self {
        Self { code: cause.code.as_str().into(), message: cause.message, hint: cause.hint }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Code;

    #[test]
    fn code_message_and_hint_come_along() {
        let full = ControlError::from(EngineError::from(LedgerError::Full));
        assert_eq!(full.code, "disk_full");
        assert!(full.message.contains("full") && full.hint.is_some());
        let cause = ControlError::from(Cause::new(Code::SignedOut, "no").hint("sign in"));
        assert_eq!((cause.code.as_str(), cause.hint.as_deref()), ("signed_out", Some("sign in")));
        assert_eq!(ControlError::from(SecretError::Locked).code, "keyring");
    }
}
