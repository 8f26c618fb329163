//! What the backend says file by file. One odd entry harms only its own file. Pure.

use super::answer::{odd, problem_words};
use super::{Confirmation, PerFile};
use crate::cause::{Cause, Code};
use offload_protocol::wire::{CompleteEntry, PresignEntry, Upload};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;

/// No backend puts its next question off for longer.
const LATEST: Duration = Duration::from_secs(3600);

/// An answer whose entries may be anything. Entries are tried as what they should be first, which keeps the order of a form's
/// fields: `Value` would sort them.
#[derive(Deserialize)]
pub(crate) struct Answer<T> {
    files: Vec<Entry<T>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry<T> {
    Sound(T),
    Odd(Value),
}

/// Uploads by file: every one asked about, in the order asked.
pub(crate) fn uploads(answer: Answer<PresignEntry>, asked: &[&str]) -> PerFile<Upload> {
    per_file(answer, asked, |entry| (entry.file_id.clone(), upload(entry)), odd_upload)
}

/// Confirmations by file: every one asked about, in the order asked.
pub(super) fn confirmations(answer: Answer<CompleteEntry>, asked: &[&str]) -> PerFile<Confirmation> {
    per_file(
        answer,
        asked,
        |entry| {
            let said = match entry.error {
                Some(problem) => Err(not_confirmed(&serde_json::to_value(problem).unwrap_or_default())),
                None if entry.confirmed => Ok(Confirmation::Confirmed),
                None if entry.pending => Ok(Confirmation::Pending {
                    ask_again_in: entry.ask_again_in.map(|seconds| Duration::from_secs(seconds).min(LATEST)),
                }),
                None => Err(odd("the backend neither confirmed the file nor said why not").hint(
                    "for the backend: answer each file of complete with \"confirmed\": true, \"pending\": true, or an error",
                )),
            };
            (entry.file_id, said)
        },
        |entry| match entry.get("error").filter(|error| !error.is_null()) {
            Some(error) => not_confirmed(error),
            None => odd(
                "the backend's answer for this file is not a confirmation: \"confirmed\" and \"pending\" have to be true or false, \"ask_again_in\" whole seconds",
            ),
        },
    )
}

fn per_file<T, V>(
    answer: Answer<T>,
    asked: &[&str],
    sound: impl Fn(T) -> (String, Result<V, Cause>),
    unsound: impl Fn(&Value) -> Cause,
) -> PerFile<V> {
    let mut said = HashMap::with_capacity(asked.len());
    for entry in answer.files {
        let (file_id, said_of_it) = match entry {
            Entry::Sound(entry) => sound(entry),
            Entry::Odd(entry) => match entry.get("file_id").and_then(Value::as_str) {
                Some(file_id) => (file_id.to_owned(), Err(unsound(&entry))),
                None => continue,
            },
        };
        // The first one counts.
        said.entry(file_id).or_insert(said_of_it);
    }
    asked
        .iter()
        .map(|file_id| {
            let said = said.remove(*file_id).unwrap_or_else(|| {
                Err(Cause::new(Code::BackendSilent, "the backend's answer does not mention this file")
                    .hint("for the backend: answer with one entry for each file_id asked about"))
            });
            ((*file_id).to_owned(), said)
        })
        .collect()
}

fn upload(entry: PresignEntry) -> Result<Upload, Cause> {
    match (entry.error, entry.upload) {
        (Some(problem), _) => Err(not_signed(&serde_json::to_value(problem).unwrap_or_default())),
        (None, Some(Upload::Multipart(_))) => Err(unknown_method("MULTIPART")),
        (None, Some(upload)) => Ok(upload),
        (None, None) => Err(odd("the backend gave neither an upload nor an error for this file")),
    }
}

pub(super) fn unknown_method(method: &str) -> Cause {
    Cause::new(
        Code::UploadMethod,
        format!(
            "the backend wants the file sent by {}, which this version does not speak",
            crate::transfer::quote::quote(method, 40)
        ),
    )
    .hint("for the backend: answer with method POST, PUT or SKIP")
}

/// Why an entry could not be read, naming members but never their values.
fn odd_upload(entry: &Value) -> Cause {
    if let Some(error) = entry.get("error").filter(|error| !error.is_null()) {
        return not_signed(error);
    }
    let Some(upload) = entry.get("upload").filter(|upload| upload.is_object()) else {
        return odd("the backend's answer for this file has no upload");
    };
    let method = upload.get("method").and_then(Value::as_str);
    let wrong: &[(&str, bool)] = match method {
        Some("POST") => &[
            ("url", upload.get("url").is_some_and(Value::is_string)),
            (
                "fields",
                upload
                    .get("fields")
                    .and_then(Value::as_object)
                    .is_some_and(|fields| fields.values().all(Value::is_string)),
            ),
            ("key", upload.get("key").is_some_and(Value::is_string)),
            ("expires_in", upload.get("expires_in").is_some_and(Value::is_u64)),
        ],
        Some("PUT") => &[
            ("url", upload.get("url").is_some_and(Value::is_string)),
            (
                "headers",
                upload.get("headers").is_none_or(|headers| {
                    headers.as_object().is_some_and(|headers| headers.values().all(Value::is_string))
                }),
            ),
            ("key", upload.get("key").is_some_and(Value::is_string)),
            ("expires_in", upload.get("expires_in").is_some_and(Value::is_u64)),
        ],
        Some("SKIP") => &[("key", upload.get("key").is_some_and(Value::is_string))],
        Some(other) => return unknown_method(other),
        None => &[("method", false)],
    };
    let names: Vec<_> = wrong.iter().filter(|(_, right)| !right).map(|(name, _)| *name).collect();
    odd(format!("the backend's upload for this file lacks or misstates: {}", names.join(", "))).hint(
        "for the backend: url and key are strings, fields (of a POST) and headers (of a PUT) objects of strings, expires_in a whole number of seconds",
    )
}

fn not_signed(problem: &Value) -> Cause {
    by_status(problem, "the backend could not sign for this file")
}

fn not_confirmed(problem: &Value) -> Cause {
    if !matches!(status(problem), Some(404 | 409 | 412)) {
        return by_status(problem, "the backend could not confirm this file");
    }
    let what = "the backend does not find the file in the bucket as described";
    Cause::new(Code::NotInBucket, said(what, problem_words(problem))).hint(
        "it is sent again; if that repeats, the backend looks into another bucket or under another key than it signed for",
    )
}

fn by_status(problem: &Value, what: &str) -> Cause {
    let words = problem_words(problem);
    match status(problem) {
        Some(429 | 503) => Cause::new(Code::BackendBusy, said("the backend is busy", words)),
        Some(401) => Cause::new(Code::BackendError, said("the backend did not accept the token for this file", words)),
        Some(status @ 400..=499) if status != 408 => refused(words, status),
        Some(_) | None => Cause::new(Code::BackendError, said(what, words)),
    }
}

/// The backend's own words are the message: it knows best why.
fn refused(words: Option<String>, status: u16) -> Cause {
    let message = words.map_or_else(
        || format!("the backend refused this file ({status})"),
        |words| format!("the backend refused this file: {words}"),
    );
    Cause::new(Code::BackendRefused, message)
        .hint("what the backend objects to has to be mended there or in the file; then retry")
}

fn said(what: &str, words: Option<String>) -> String {
    words.map_or_else(|| what.to_owned(), |words| format!("{what}: {words}"))
}

/// A number, or one in quotes.
fn status(problem: &Value) -> Option<u16> {
    let status = problem.get("status")?;
    status.as_u64().and_then(|status| u16::try_from(status).ok()).or_else(|| status.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uploads_of(json: &str, asked: &[&str]) -> PerFile<Upload> {
        uploads(serde_json::from_str(json).unwrap(), asked)
    }

    fn upload_code(entry: &str) -> Result<Upload, Code> {
        let answer = format!("{{\"files\":[{entry}]}}");
        uploads_of(&answer, &["a"]).remove(0).1.map_err(|cause| {
            assert!(!format!("{cause:?}").contains("MARKER"), "{cause:?}");
            cause.code
        })
    }

    fn complete_code(entry: &str) -> Result<Confirmation, Code> {
        let answer = serde_json::from_str(&format!("{{\"files\":[{entry}]}}")).unwrap();
        confirmations(answer, &["a"]).remove(0).1.map_err(|cause| cause.code)
    }

    const POST: &str = r#"{"file_id":"a","upload":{"method":"POST","url":"https://s/","key":"k","expires_in":60,"new":1,
        "fields":{"z":"1","key":"k","a":"2","Policy":"MARKER","m":"3"}}}"#;

    #[test]
    fn fields_keep_the_order_they_came_in() {
        let Ok(Upload::Post(post)) = upload_code(POST) else { panic!() };
        let names: Vec<_> = post.fields.0.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["z", "key", "a", "Policy", "m"]);
    }

    #[test]
    fn an_odd_entry_harms_only_its_file() {
        let answer = format!(
            "{{\"files\":[{POST}, 7, null, \"x\", {{}}, {{\"file_id\":9}}, {{\"file_id\":\"stranger\",\"upload\":{{\"method\":\"SKIP\",\"key\":\"s\"}}}},
              {{\"file_id\":\"c\",\"upload\":{{\"method\":\"PATCH\",\"url\":\"https://MARKER\"}}}},
              {{\"file_id\":\"b\",\"upload\":{{\"method\":\"SKIP\",\"key\":\"kb\"}}}},
              {{\"file_id\":\"b\",\"error\":{{\"status\":400}}}}]}}"
        );
        let said = uploads_of(&answer, &["b", "c", "a", "d"]);
        let ids: Vec<_> = said.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["b", "c", "a", "d"]);
        assert_eq!(said[0].1, Ok(Upload::Skip { key: "kb".into() }));
        assert_eq!(said[1].1.as_ref().unwrap_err().code, Code::UploadMethod);
        assert!(said[2].1.is_ok());
        assert_eq!(said[3].1.as_ref().unwrap_err().code, Code::BackendSilent);
    }

    #[test]
    fn entries_of_presign_mean_what_they_say() {
        let post = |members: &str| format!("{{\"file_id\":\"a\",\"upload\":{{\"method\":\"POST\",{members}}}}}");
        let error = |members: &str| format!("{{\"file_id\":\"a\",\"error\":{members}}}");
        let cases = [
            (r#"{"file_id":"a"}"#.to_owned(), Code::BackendAnswer),
            (r#"{"file_id":"a","upload":null,"error":null}"#.to_owned(), Code::BackendAnswer),
            (r#"{"file_id":"a","upload":"MARKER"}"#.to_owned(), Code::BackendAnswer),
            (r#"{"file_id":"a","upload":{"url":"MARKER"}}"#.to_owned(), Code::BackendAnswer),
            (r#"{"file_id":"a","upload":{"method":"MULTIPART","upload_id":"MARKER"}}"#.to_owned(), Code::UploadMethod),
            (r#"{"file_id":"a","upload":{"method":"post"}}"#.to_owned(), Code::UploadMethod),
            (r#"{"file_id":"a","upload":{"method":"SKIP"}}"#.to_owned(), Code::BackendAnswer),
            (post(r#""url":"u","key":"k","fields":{}"#), Code::BackendAnswer),
            (post(r#""url":"u","key":"k","fields":{"a":"MARKER"},"expires_in":"MARKER""#), Code::BackendAnswer),
            (post(r#""url":"u","key":"k","fields":"MARKER","expires_in":1"#), Code::BackendAnswer),
            (post(r#""url":"u","key":"k","fields":{"a":1},"expires_in":1"#), Code::BackendAnswer),
            (error(r#"{"status":400,"title":"Too large"}"#), Code::BackendRefused),
            (error(r#"{"status":403}"#), Code::BackendRefused),
            (error(r#"{"status":"413"}"#), Code::BackendRefused),
            (error(r#"{"status":401}"#), Code::BackendError),
            (error(r#"{"status":408}"#), Code::BackendError),
            (error(r#"{"status":429}"#), Code::BackendBusy),
            (error(r#"{"status":503}"#), Code::BackendBusy),
            (error(r#"{"status":500}"#), Code::BackendError),
            (error(r#"{"status":99999}"#), Code::BackendError),
            (error(r#"{"status":200}"#), Code::BackendError),
            (error("{}"), Code::BackendError),
            (error("\"no more space\""), Code::BackendError),
            (error(r#"{"status":400,"title":{"de":"Nein"}}"#), Code::BackendRefused),
        ];
        for (entry, wanted) in cases {
            assert_eq!(upload_code(&entry), Err(wanted), "{entry}");
        }
        let both = r#"{"file_id":"a","upload":{"method":"SKIP","key":"k"},"error":{"status":400}}"#;
        assert_eq!(upload_code(both), Err(Code::BackendRefused));
    }

    #[test]
    fn entries_of_complete_mean_what_they_say() {
        let error = |members: &str| format!("{{\"file_id\":\"a\",\"error\":{members}}}");
        let pending =
            |seconds: Option<u64>| Ok(Confirmation::Pending { ask_again_in: seconds.map(Duration::from_secs) });
        let cases = [
            (r#"{"file_id":"a","confirmed":true}"#.to_owned(), Ok(Confirmation::Confirmed)),
            (r#"{"file_id":"a","confirmed":true,"url":"x"}"#.to_owned(), Ok(Confirmation::Confirmed)),
            (r#"{"file_id":"a","confirmed":true,"pending":true}"#.to_owned(), Ok(Confirmation::Confirmed)),
            (r#"{"file_id":"a","pending":true}"#.to_owned(), pending(None)),
            (r#"{"file_id":"a","confirmed":false,"pending":true,"ask_again_in":5}"#.to_owned(), pending(Some(5))),
            (r#"{"file_id":"a","pending":true,"ask_again_in":99999999}"#.to_owned(), pending(Some(3600))),
            (r#"{"file_id":"a","pending":true,"ask_again_in":"soon"}"#.to_owned(), Err(Code::BackendAnswer)),
            (r#"{"file_id":"a","pending":true,"error":{"status":404}}"#.to_owned(), Err(Code::NotInBucket)),
            (r#"{"file_id":"a","confirmed":false}"#.to_owned(), Err(Code::BackendAnswer)),
            (r#"{"file_id":"a"}"#.to_owned(), Err(Code::BackendAnswer)),
            (r#"{"file_id":"a","confirmed":"yes"}"#.to_owned(), Err(Code::BackendAnswer)),
            (r#"{"file_id":"b","confirmed":true}"#.to_owned(), Err(Code::BackendSilent)),
            (r#"{"file_id":"a","confirmed":true,"error":{"status":404}}"#.to_owned(), Err(Code::NotInBucket)),
            (error(r#"{"status":404}"#), Err(Code::NotInBucket)),
            (error(r#"{"status":409}"#), Err(Code::NotInBucket)),
            (error(r#"{"status":412}"#), Err(Code::NotInBucket)),
            (error(r#"{"status":"404"}"#), Err(Code::NotInBucket)),
            (error(r#"{"status":400}"#), Err(Code::BackendRefused)),
            (error(r#"{"status":401}"#), Err(Code::BackendError)),
            (error(r#"{"status":429}"#), Err(Code::BackendBusy)),
            (error(r#"{"status":408}"#), Err(Code::BackendError)),
            (error(r#"{"status":502}"#), Err(Code::BackendError)),
            (error("{}"), Err(Code::BackendError)),
        ];
        for (entry, wanted) in cases {
            assert_eq!(complete_code(&entry), wanted, "{entry}");
        }
    }

    #[test]
    fn the_backends_words_are_cut_and_cleaned() {
        let title = format!("No\\u0000\\n{}", "x ".repeat(1_000));
        let entry = format!("{{\"files\":[{{\"file_id\":\"a\",\"error\":{{\"status\":400,\"title\":\"{title}\"}}}}]}}");
        let cause = uploads_of(&entry, &["a"]).remove(0).1.unwrap_err();
        assert!(cause.message.starts_with("the backend refused this file: No x x"), "{}", cause.message);
        assert!(cause.message.chars().count() < 340);
    }
}
