//! The meaning of a whole answer of the backend, before it is looked at file by file. Pure.

use crate::cause::{Cause, Code};
use crate::transfer::client::place_of;
use crate::transfer::quote::{LONGEST, quote};
use serde_json::Value;

const HINT_ADDRESS: &str = "check the backend's address: Offload puts /v1/… after it";
const HINT_PORTAL: &str =
    "a proxy or a sign-in page of the network may have answered instead of the backend: open its address in a browser";

/// What of an answer matters beside its body.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) retry_after_ms: Option<u64>,
}

/// The JSON of a good answer, or why there is none. `body` is whole.
pub(super) fn json<'a, T: serde::Deserialize<'a>>(head: &Head, body: &'a [u8]) -> Result<T, Cause> {
    if !(200..300).contains(&head.status) {
        return Err(refused(head, body));
    }
    if is_page(body) {
        let cause = Cause::new(Code::BackendPage, "the backend answered with a web page instead of JSON");
        return Err(cause.hint(HINT_PORTAL));
    }
    serde_json::from_slice(body).map_err(|error| {
        // serde's words may quote what the answer holds, and forms are in there: only the kind is told.
        let what = match error.classify() {
            serde_json::error::Category::Eof => "the backend's answer is cut off",
            serde_json::error::Category::Syntax | serde_json::error::Category::Io => "the backend's answer is not JSON",
            serde_json::error::Category::Data => "the backend's answer lacks what protocol v1 asks for",
        };
        odd(what).hint("`offload doctor` shows what the backend answers")
    })
}

pub(super) fn odd(message: impl Into<String>) -> Cause {
    Cause::new(Code::BackendAnswer, message)
}

fn refused(head: &Head, body: &[u8]) -> Cause {
    let status = head.status;
    let words = words(body).map(|words| format!(": {words}")).unwrap_or_default();
    let cause = match status {
        300..=399 => {
            let place = head
                .location
                .as_deref()
                .and_then(place_of)
                .map(|place| format!(" to {}", quote(&place, 200)))
                .unwrap_or_default();
            odd(format!("the backend redirects{place} ({status})")).hint("redirects are not followed, since the token would go along. To a sign-in page: the view has to authenticate by token; to the same address with a slash: the endpoints have none at their end; to another host: set the backend's address to it")
        }
        401 => Cause::new(Code::SignedOut, format!("the backend does not accept the token (401{words})"))
            .hint("sign in again"),
        // Django's CSRF check answers before the view does: no sign-in mends that.
        403 if is_page(body) && contains(body, b"CSRF") => {
            Cause::new(Code::SignedOut, "the backend's CSRF check refused the request (403)")
                .hint("for the backend: the Offload views authenticate by token, so they have to be csrf_exempt")
        }
        403 => Cause::new(Code::SignedOut, format!("the backend denies access (403{words})"))
            .hint("the token lacks the rights: ask the backend's owner, or sign in with another account"),
        404 | 405 | 410 => Cause::new(Code::NoEndpoint, format!("the backend has no such endpoint ({status}{words})"))
            .hint(HINT_ADDRESS),
        407 | 511 => {
            Cause::new(Code::Unreachable, format!("the network wants a sign-in first ({status})")).hint(HINT_PORTAL)
        }
        408 => Cause::new(Code::BackendError, format!("the backend waited too long for the request (408{words})")),
        413 => odd(format!("the request is too large for the backend (413{words})"))
            .hint("for the backend: name a smaller limits.files_per_request in the session"),
        429 | 503 => Cause::new(Code::BackendBusy, format!("the backend is busy ({status}{words})")),
        400..=499 => odd(format!("the backend refuses the request ({status}{words})"))
            .hint("`offload doctor` checks whether the backend speaks protocol v1"),
        500..=599 => Cause::new(Code::BackendError, format!("the backend had an error ({status}{words})"))
            .hint("for the backend: look into its log at this time"),
        _ => odd(format!("the backend gave an answer that means nothing ({status})")).hint(HINT_ADDRESS),
    };
    cause.retry_after(head.retry_after_ms)
}

/// Title and detail of problem+json, or the members other frameworks use (`detail`, `message`, `error`).
pub(crate) fn words(body: &[u8]) -> Option<String> {
    if body.is_empty() || is_page(body) {
        return None;
    }
    let words = match serde_json::from_slice::<Value>(body) {
        Ok(problem) => problem_words(&problem)?,
        Err(_) => quote(&String::from_utf8_lossy(body.get(..body.len().min(4096)).unwrap_or_default()), LONGEST),
    };
    Some(words).filter(|words| !words.is_empty())
}

/// What a problem says, fit to be shown; `None` when it says nothing.
pub(crate) fn problem_words(problem: &Value) -> Option<String> {
    let text = |name: &str| problem.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let words = match (text("title"), text("detail")) {
        (Some(title), Some(detail)) if title != detail => format!("{title}: {detail}"),
        (Some(words), _) | (None, Some(words)) => words.to_owned(),
        (None, None) => problem.as_str().or_else(|| text("message")).or_else(|| text("error"))?.to_owned(),
    };
    Some(quote(&words, LONGEST)).filter(|words| !words.is_empty())
}

fn is_page(body: &[u8]) -> bool {
    body.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF)) == Some(&b'<')
}

fn contains(body: &[u8], word: &[u8]) -> bool {
    body.windows(word.len()).any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(status: u16, body: &str) -> Cause {
        json::<Value>(&Head { status, ..Head::default() }, body.as_bytes()).unwrap_err()
    }

    #[test]
    fn each_kind_of_refusal_has_its_cause() {
        let problem = r#"{"type":"about:blank","title":"Nope","detail":"because","status":418}"#;
        let html = "<!doctype html><title>Error</title>";
        for body in ["", problem, html, "plain words", "{\"title\":", "[]", "null", "{\"title\":7}"] {
            for (status, wanted) in [
                (301, Code::BackendAnswer),
                (302, Code::BackendAnswer),
                (400, Code::BackendAnswer),
                (401, Code::SignedOut),
                (403, Code::SignedOut),
                (404, Code::NoEndpoint),
                (405, Code::NoEndpoint),
                (407, Code::Unreachable),
                (408, Code::BackendError),
                (413, Code::BackendAnswer),
                (422, Code::BackendAnswer),
                (429, Code::BackendBusy),
                (500, Code::BackendError),
                (502, Code::BackendError),
                (503, Code::BackendBusy),
                (504, Code::BackendError),
                (999, Code::BackendAnswer),
            ] {
                let cause = cause(status, body);
                assert_eq!(cause.code, wanted, "{status} {body}");
                assert!(
                    cause.message.contains(&status.to_string()) && !cause.message.contains('<'),
                    "{}",
                    cause.message
                );
            }
        }
    }

    #[test]
    fn what_the_backend_says_is_told() {
        assert!(
            cause(500, r#"{"title":"Down","detail":"for \u0007 repair"}"#).message.ends_with("(500: Down: for repair)")
        );
        assert!(cause(401, r#"{"detail":"Token expired"}"#).message.contains("Token expired"));
        assert!(cause(400, r#"{"error":"no files"}"#).message.contains("no files"));
        assert!(cause(400, "\"just words\"").message.contains("just words"));
        assert!(cause(400, &"long ".repeat(10_000)).message.chars().count() < 400);
        assert!(cause(403, "<html>CSRF verification failed</html>").hint.unwrap().contains("csrf_exempt"));
        let head =
            Head { status: 302, location: Some("https://login.example/in?next=MARKER".into()), retry_after_ms: None };
        let cause = json::<Value>(&head, b"").unwrap_err();
        assert!(cause.message.contains("https://login.example/in") && !cause.message.contains("MARKER"));
        let busy =
            json::<Value>(&Head { status: 503, retry_after_ms: Some(5_000), ..Head::default() }, b"").unwrap_err();
        assert_eq!(busy.retry_after_ms, Some(5_000));
    }

    #[test]
    fn bodies_that_are_not_protocol_v1() {
        for (body, words) in [
            ("<html>Hotel</html>", "web page"),
            ("\u{FEFF}\n <!DOCTYPE html>", "web page"),
            ("", "cut off"),
            ("{\"files\":[{", "cut off"),
            ("{\"files\":[}", "not JSON"),
            ("OK", "not JSON"),
        ] {
            let cause = cause(200, body);
            let code = if words == "web page" { Code::BackendPage } else { Code::BackendAnswer };
            assert_eq!(cause.code, code, "{body}");
            assert!(cause.message.contains(words), "{body}: {}", cause.message);
        }
    }
}
