//! What is wrong with an answer's JSON, named member by member; never a value of it. Pure.

use super::checks::Check;
use crate::transfer::quote::quote;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::Session;
use serde_json::{Map, Value};

/// Members that frameworks put around an answer.
const WRAPPERS: [&str; 7] = ["data", "result", "results", "response", "body", "payload", "content"];
/// What `file_id` is called by mistake.
const IDS: [&str; 6] = ["fileId", "fileID", "id", "uuid", "fileid", "file-id"];

/// Why a session can't be read.
pub(super) fn session(value: &Value) -> Finding {
    let Some(members) = value.as_object() else {
        return Check::SessionShape.problem(format!("session answers {}, not an object", kind(value)));
    };
    let why = if let Some(wrapper) = wrapper(members, "account") {
        format!("the answer stands inside of a member \"{wrapper}\"")
    } else if !members.get("account").is_some_and(Value::is_string) {
        "account is missing, or no text".to_owned()
    } else {
        let one = |name: &str| {
            let mut only = Map::new();
            only.insert("account".into(), Value::from("x"));
            only.insert(name.into(), members.get(name)?.clone());
            serde_json::from_value::<Session>(Value::Object(only)).err().map(|_| name.to_owned())
        };
        let odd = ["protocol", "limits", "server_time", "sign_in"].into_iter().find_map(one);
        odd.map_or_else(|| "a member has the wrong kind of value".to_owned(), |name| limit(&name, members))
    };
    Check::SessionShape.problem(why)
}

fn limit(name: &str, members: &Map<String, Value>) -> String {
    let limits = members.get("limits").and_then(Value::as_object).filter(|_| name == "limits");
    let odd = limits.and_then(|limits| {
        ["files_per_request", "max_file_size"]
            .into_iter()
            .find(|name| limits.get(*name).is_some_and(|value| !value.is_u64() && !value.is_null()))
    });
    match odd {
        Some(odd) => format!("limits.{odd} is no whole number"),
        None => format!("{name} has the wrong kind of value"),
    }
}

/// Why an answer of presign or complete is not `{"files": […]}`.
pub(super) fn whole(value: &Value, check: Check) -> Finding {
    let why = match value {
        Value::Object(members) => {
            if let Some(wrapper) = wrapper(members, "files") {
                format!("\"files\" stands inside of a member \"{wrapper}\"")
            } else if members.get("files").is_some_and(Value::is_object) {
                "\"files\" is an object; it has to be a list of entries".to_owned()
            } else if members.contains_key("files") {
                "\"files\" is no list".to_owned()
            } else if members.contains_key("url") || members.contains_key("fields") {
                "it is one form, as the signing library returned it, without \"files\" around it".to_owned()
            } else if let Some(name) = members.iter().find(|(_, value)| value.is_array()).map(|(name, _)| name) {
                format!("the list is called \"{}\", not \"files\"", quote(name, 40))
            } else {
                "it has no member \"files\"".to_owned()
            }
        }
        Value::Array(_) => "it is a list, without {\"files\": …} around it".to_owned(),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            "it is JSON inside of a text: put into JSON twice".to_owned()
        }
        other => format!("it is {}", kind(other)),
    };
    check.problem(why)
}

/// The member that the answer stands in, where it is not at the top.
fn wrapper<'a>(members: &'a Map<String, Value>, wanted: &str) -> Option<&'a str> {
    if members.contains_key(wanted) {
        return None;
    }
    members.iter().find_map(|(name, value)| {
        let holds = match value {
            Value::Object(inner) => inner.contains_key(wanted),
            Value::String(text) => WRAPPERS.contains(&name.as_str()) && text.contains(&format!("\"{wanted}\"")),
            _ => false,
        };
        holds.then_some(name.as_str())
    })
}

/// Why a file asked about has no entry of its own.
pub(super) fn silent(value: &Value, file_id: &str, check: Check) -> Finding {
    let entries = value.get("files").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let bare = |text: &str| text.replace(['-', '{', '}'], "").to_ascii_lowercase();
    for entry in entries {
        if let Some(given) = entry.get("file_id") {
            match given.as_str() {
                None => {
                    return Check::FileIdMissing
                        .problem(format!("file_id is {}, not the text that was asked", kind(given)));
                }
                Some(given) if given != file_id && bare(given) == bare(file_id) => {
                    return Check::FileIdMissing.problem("file_id comes back in another spelling than it was asked in");
                }
                Some(_) => {}
            }
        } else if let Some(name) = IDS.iter().find(|name| entry.get(**name).is_some()) {
            return if name.starts_with("fileI") {
                Check::CamelCase.problem(format!("an entry has \"{name}\" in place of \"file_id\""))
            } else {
                Check::FileIdMissing.problem(format!("an entry has \"{name}\" in place of \"file_id\""))
            };
        } else if entry.is_object() {
            return Check::FileIdMissing.problem("an entry has no file_id");
        }
    }
    check.problem(format!("{} of the files asked about are in the answer, not all", entries.len()))
}

/// Why an entry of presign can't be read.
pub(super) fn presign_entry(entry: &Value) -> Finding {
    let Some(members) = entry.as_object() else {
        return Check::UploadMissing.problem(format!("an entry is {}, not an object", kind(entry)));
    };
    if let Some(error) = members.get("error").filter(|error| !error.is_null()) {
        return Check::ErrorShape.problem(format!("\"error\" is {} that can't be read", kind(error)));
    }
    if let Some(upload) = members.get("upload").filter(|upload| !upload.is_null()) {
        return match upload.as_object() {
            Some(upload) => presign_upload(upload),
            None => Check::UploadMissing.problem(format!("\"upload\" is {}, not an object", kind(upload))),
        };
    }
    if members.contains_key("errors") || members.get("status").is_some_and(|status| status == "error") {
        return Check::ErrorShape.problem("an entry tells an error, but not in a member \"error\"");
    }
    let Some(name) = members.iter().find(|(_, value)| value.get("url").is_some()).map(|(name, _)| name) else {
        return if members.contains_key("url") || members.contains_key("fields") {
            Check::UploadMissing.problem("url and fields stand in the entry itself, not inside of \"upload\"")
        } else if let Some(name) = camel(members) {
            Check::CamelCase.problem(format!("an entry has the member \"{name}\""))
        } else {
            Check::UploadMissing.problem("an entry has neither upload nor error")
        };
    };
    Check::UploadMissing.problem(format!("the form stands in \"{}\", not in \"upload\"", quote(name, 40)))
}

fn presign_upload(upload: &Map<String, Value>) -> Finding {
    if let Some(name) = camel(upload) {
        return Check::CamelCase.problem(format!("an upload has the member \"{name}\""));
    }
    if let Some(error) = upload.get("error").filter(|error| !error.is_null()) {
        return Check::ErrorShape
            .problem(format!("\"error\" ({}) stands inside of \"upload\", not beside it", kind(error)));
    }
    let method = upload.get("method").and_then(Value::as_str);
    match method {
        Some("POST" | "PUT" | "SKIP") => {}
        Some(other) if ["post", "put", "skip"].contains(&other.to_ascii_lowercase().as_str()) => {
            let detail = format!("method is \"{}\", not in capitals", quote(other, 20));
            return Check::UploadMethod.problem(detail);
        }
        Some(other) => return Check::UploadMethod.problem(format!("method is \"{}\"", quote(other, 20))),
        None if upload.contains_key("method") => return Check::UploadMethod.problem("method is no text"),
        None if upload.get("fields").is_some_and(|fields| fields.get("fields").is_some()) => {
            return fields(upload.get("fields"));
        }
        None => return Check::UploadMethod.problem("an upload has no method"),
    }
    let is_text = |name: &str| upload.get(name).is_some_and(Value::is_string);
    if method == Some("POST") && !upload.get("fields").and_then(Value::as_object).is_some_and(all_texts) {
        return fields(upload.get("fields"));
    }
    if method == Some("PUT") && !upload.get("headers").is_none_or(|headers| headers.as_object().is_some_and(all_texts))
    {
        return Check::FieldsShape.problem("headers is not an object of texts");
    }
    if method != Some("SKIP") && !is_text("url") {
        return Check::UrlMissing.problem("an upload has no url, or one that is no text");
    }
    if !is_text("key") {
        return Check::KeyMissing.problem("an upload has no key, or one that is no text");
    }
    expires_in(upload)
}

fn expires_in(upload: &Map<String, Value>) -> Finding {
    let why = match upload.get("expires_in") {
        None => match ["expires", "expires_at", "expiry", "expiration", "ttl"]
            .iter()
            .find(|name| upload.contains_key(**name))
        {
            Some(name) => format!("there is \"{name}\" in place of \"expires_in\""),
            None => "expires_in is missing".to_owned(),
        },
        Some(Value::Number(_)) => "expires_in is no whole, positive number".to_owned(),
        Some(Value::String(text)) if text.trim().parse::<f64>().is_err() => {
            "expires_in is a text, perhaps a date".to_owned()
        }
        Some(value) => format!("expires_in is {}, not a number", kind(value)),
    };
    Check::ExpiresInShape.problem(why)
}

fn all_texts(fields: &Map<String, Value>) -> bool {
    fields.values().all(Value::is_string)
}

fn fields(fields: Option<&Value>) -> Finding {
    let why = match fields {
        None | Some(Value::Null) => "an upload has no fields".to_owned(),
        Some(Value::Array(_)) => "fields is a list; it has to be an object of names and texts".to_owned(),
        Some(Value::Object(members)) if members.get("fields").is_some() => {
            "fields holds the whole form, url and fields, as the signing library returned it".to_owned()
        }
        Some(Value::Object(members)) => match members.iter().find(|(_, value)| !value.is_string()) {
            Some((name, value)) => format!("the field \"{}\" is {}, not a text", quote(name, 60), kind(value)),
            None => "fields can't be read".to_owned(),
        },
        Some(other) => format!("fields is {}", kind(other)),
    };
    Check::FieldsShape.problem(why)
}

/// Why an entry of complete is no confirmation.
pub(super) fn complete_entry(entry: &Value) -> Finding {
    let why = match entry.get("confirmed") {
        Some(Value::Bool(_)) | None => {
            match ["status", "ok", "success", "complete", "completed", "state"]
                .iter()
                .find(|name| entry.get(**name).is_some())
            {
                Some(name) => format!("an entry has \"{name}\" and no \"confirmed\": true"),
                None => "an entry says neither \"confirmed\": true, nor pending, nor an error".to_owned(),
            }
        }
        Some(value) => format!("\"confirmed\" is {}, not true", kind(value)),
    };
    Check::CompleteShape.problem(why)
}

/// The first member whose name is one of ours in camelCase.
fn camel(members: &Map<String, Value>) -> Option<&str> {
    const CAMEL: [&str; 5] = ["fileId", "expiresIn", "uploadUrl", "formFields", "contentType"];
    members.keys().map(String::as_str).find(|name| CAMEL.contains(name))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The entry of a file, or the first one that is nobody's.
pub(super) fn entry_of<'a>(value: &'a Value, file_id: &str) -> Option<&'a Value> {
    let entries = value.get("files")?.as_array()?;
    entries.iter().find(|entry| entry.get("file_id").and_then(Value::as_str) == Some(file_id))
}
