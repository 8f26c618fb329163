//! What complete says of one file. Pure.

use super::answers::{self, Raw};
use super::checks::Check;
use super::shape;
use crate::backend::problem_words;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::CompleteEntry;
use serde_json::Value;

/// What was said of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Confirmed,
    /// Seconds to wait, where it names them.
    Pending(Option<u64>),
    Refused {
        status: Option<u16>,
        words: String,
    },
    /// The whole request failed, with this status.
    Failed(u16, Finding),
    /// The answer can't be read.
    Odd(Finding),
}

/// Reads an answer for one file.
pub(super) fn read(raw: &Raw, file_id: &str) -> Said {
    if !raw.is_good() {
        return Said::Failed(raw.status, answers::refused(raw));
    }
    if let Some(finding) = answers::not_json(raw) {
        return Said::Odd(finding);
    }
    let Some(value) = raw.json() else { return Said::Odd(Check::NotJson.problem("complete answers with no JSON")) };
    if !value.get("files").is_some_and(Value::is_array) {
        return Said::Odd(shape::whole(&value, Check::CompleteShape));
    }
    let Some(entry) = shape::entry_of(&value, file_id) else {
        return Said::Odd(shape::silent(&value, file_id, Check::CompleteShape));
    };
    if let Some(error) = entry.get("error").filter(|error| !error.is_null()) {
        let status = error.get("status").and_then(|status| {
            status
                .as_u64()
                .and_then(|status| u16::try_from(status).ok())
                .or_else(|| status.as_str()?.trim().parse().ok())
        });
        return Said::Refused {
            status,
            words: problem_words(error).map(|words| format!(": {words}")).unwrap_or_default(),
        };
    }
    match serde_json::from_value::<CompleteEntry>(entry.clone()) {
        Ok(entry) if entry.confirmed => Said::Confirmed,
        Ok(entry) if entry.pending => Said::Pending(entry.ask_again_in),
        // Neither yes nor no: a client asks again, for ever.
        Ok(_) if entry.get("confirmed") == Some(&Value::Bool(false)) => {
            Said::Refused { status: None, words: String::new() }
        }
        Ok(_) | Err(_) => Said::Odd(shape::complete_entry(entry)),
    }
}
