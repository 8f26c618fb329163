//! Whether a person would understand what they are told: what happened, and what to do.

use crate::trial::Told;
use offload_engine::cause::Retry;

/// What is wrong with the sentences; empty where nothing is.
pub(crate) fn faults(told: &Told) -> Vec<String> {
    let Some(cause) = &told.cause else { return Vec::new() };
    let mut faults = Vec::new();
    let mut want = |holds: bool, fault: &str| {
        if !holds {
            faults.push(fault.to_owned());
        }
    };
    let message = &cause.message;
    // Before the server's own words, which stand in brackets.
    let ours = message.split(" (").next().unwrap_or_default();
    want(words(ours) >= 3, "it is no sentence");
    want(
        !ours.contains(|c: char| c.is_ascii_digit() && !message.contains("127.0.0.1")) || ours.contains("S3"),
        "it is a number",
    );
    want(ours.starts_with(char::is_lowercase) || ours.starts_with("S3 "), "it starts with a capital");
    for text in [Some(message), cause.hint.as_ref()].into_iter().flatten() {
        want(!text.ends_with('.'), "it ends with a full stop");
        want(!text.contains(['<', '\n']), "it shows markup");
        want(text.chars().count() <= 400, "it is too long");
        want(!told.secrets.iter().any(|secret| text.contains(secret.as_str())), "it tells a secret");
    }
    // What passes by itself needs nobody.
    let passes = matches!(cause.retry(), Retry::Again | Retry::SlowDown | Retry::Offline);
    want(passes || cause.hint.as_ref().is_some_and(|hint| words(hint) >= 5), "it does not say what to do");
    faults
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count()
}

#[cfg(test)]
mod tests {
    use super::faults;
    use crate::trial::Told;
    use offload_engine::cause::{Cause, Code};

    #[test]
    fn sentences_that_help_nobody_are_seen() {
        let secret = "AKIA0000/20240501/us-east-1".to_owned();
        let told = |message: &str, hint: Option<&str>| {
            let mut cause = Cause::new(Code::S3Denied, message);
            cause.hint = hint.map(str::to_owned);
            faults(&Told { cause: Some(cause), secrets: vec![secret.clone()] })
        };
        let hint = Some("for the backend: the identity needs s3:PutObject");
        assert!(told("S3 denies access (403 AccessDenied)", hint).is_empty());
        for (message, hint) in [
            ("", hint),
            ("403", hint),
            ("403 Access Denied here", hint),
            ("Access is denied here", hint),
            ("S3 denies access.", hint),
            ("S3 denies access (<Error>)", hint),
            ("S3 denies access to AKIA0000/20240501/us-east-1", hint),
            ("S3 denies access (403 AccessDenied)", None),
            ("S3 denies access (403 AccessDenied)", Some("ask someone")),
        ] {
            assert!(!told(message, hint).is_empty(), "{message:?} {hint:?}");
        }
    }
}
