//! Backends whose answers, addresses or doors have one mistake.

use super::studio::{Answer, Asked, Studio, TOKEN, Table, Twist, answer, at, request};
use serde_json::{Value, json};

fn session(change: impl Fn(Value) -> Value + Send + Sync + 'static) -> Twist {
    at("/session", move |answer| answer.with(&change))
}

fn presign(change: impl Fn(Value) -> Value + Send + Sync + 'static) -> Twist {
    at("/presign", move |answer| answer.with(&change))
}

fn entry(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Twist {
    at("/presign", move |answer| answer.entries(&change))
}

fn member(name: &'static str, value: Value) -> Twist {
    entry(move |entry| entry["upload"][name] = value.clone())
}

/// Whether a request is one of a file with this ending.
fn has(asked: &Asked, ending: &str) -> bool {
    asked.path.ends_with("/presign")
        && asked.files().iter().any(|file| file["filename"].as_str().is_some_and(|name| name.contains(ending)))
}

#[tokio::test]
async fn doors() {
    let mut table = Table::default();
    let signed_in = |asked: &Asked| asked.authorization == format!("Bearer {TOKEN}");
    table.bad("everybody", request(|studio, asked| Some(studio.as_signed_in(asked))), &["any_token"]);
    table.bad(
        "everybody at presign",
        request(|studio, asked| asked.path.ends_with("/presign").then(|| studio.as_signed_in(asked))),
        &["any_token"],
    );
    table.bad(
        "everybody at complete",
        request(|studio, asked| asked.path.ends_with("/complete").then(|| studio.as_signed_in(asked))),
        &["any_token"],
    );
    table.bad(
        "who says nothing",
        request(|studio, asked| asked.authorization.is_empty().then(|| studio.as_signed_in(asked))),
        &["any_token"],
    );
    table.bad("Token", Twist { scheme: Some("Token"), ..Twist::default() }, &["auth_scheme"]);
    table.bad(
        "nobody",
        request(|_, _| Some(Answer::json(401, &json!({ "detail": "Invalid token." })))),
        &["token_refused"],
    );
    table.bad(
        "forbidden",
        request(|_, asked| asked.path.ends_with("/presign").then(|| Answer::json(403, &json!({ "detail": "No." })))),
        &["access_denied"],
    );
    table.bad(
        "Token, and 403 for all others, as DRF may",
        Twist {
            answer: Some(Box::new(
                |_, _, answer| if answer.status == 401 { Answer { status: 403, ..answer } } else { answer },
            )),
            scheme: Some("Token"),
            ..Twist::default()
        },
        &["auth_scheme"],
    );
    table.bad(
        "CSRF",
        request(move |_, asked| {
            (asked.method == "POST").then(|| Answer::page(403, "CSRF verification failed. Request aborted."))
        }),
        &["csrf"],
    );
    table.bad(
        "a sign-in page",
        request(|_, asked| Some(Answer::to(format!("/accounts/login/?next={}", asked.path)))),
        &["login_redirect"],
    );
    table.bad(
        "a sign-in page for presign",
        request(move |_, asked| (asked.path.ends_with("/presign") && signed_in(asked)).then(|| Answer::to("/login"))),
        &["login_redirect"],
    );
    table.check().await;
}

#[tokio::test]
async fn addresses() {
    let mut table = Table::default();
    table.bad(
        "APPEND_SLASH",
        request(|studio, asked| match asked.path.strip_suffix('/') {
            Some(path) => Some(studio.usual(&Asked { path: path.to_owned(), ..asked.clone() })),
            None => Some(Answer { status: 301, ..Answer::to(format!("{}/", asked.path)) }),
        }),
        &["trailing_slash"],
    );
    table.bad(
        "a slash and no redirect",
        request(|studio, asked| match asked.path.strip_suffix('/') {
            Some(path) => Some(studio.usual(&Asked { path: path.to_owned(), ..asked.clone() })),
            None => Some(Answer::page(404, "Not found")),
        }),
        &["trailing_slash"],
    );
    table.bad(
        "a slash for presign alone",
        request(|studio, asked| match asked.path.as_str() {
            "/api/v1/presign/" => Some(studio.usual(&Asked { path: "/api/v1/presign".into(), ..asked.clone() })),
            "/api/v1/presign" => {
                Some(Answer::page(500, "You called this URL via POST, but the URL doesn&#x27;t end in a slash"))
            }
            _ => None,
        }),
        &["trailing_slash"],
    );
    table.bad(
        "elsewhere",
        request(|_, asked| Some(Answer::to(format!("https://www.studio.example{}", asked.path)))),
        &["redirect"],
    );
    table.bad("nothing", request(|_, _| Some(Answer::page(404, "Not found"))), &["endpoint_missing"]);
    table.bad(
        "no presign",
        request(|_, asked| asked.path.ends_with("/presign").then(|| Answer::json(404, &json!({})))),
        &["endpoint_missing"],
    );
    table.bad(
        "no complete",
        request(|_, asked| asked.path.contains("/complete").then(|| Answer::json(404, &json!({})))),
        &["endpoint_missing"],
    );
    table.bad(
        "GET alone",
        request(|_, asked| asked.path.ends_with("/presign").then(|| Answer::json(405, &json!({})))),
        &["wrong_method"],
    );
    table.bad("pages", request(|_, _| Some(Answer::page(200, "the app"))), &["web_page"]);
    table.bad(
        "a page for presign",
        request(|_, asked| asked.path.ends_with("/presign").then(|| Answer::page(200, "the app"))),
        &["web_page"],
    );
    table.bad("text", at("/presign", |answer| Answer { body: "OK".into(), ..answer }), &["not_json"]);
    table.bad("nothing at all", at("/presign", |answer| Answer { body: String::new(), ..answer }), &["not_json"]);
    table.bad(
        "500",
        request(|_, asked| asked.path.ends_with("/presign").then(|| Answer::page(500, "Server Error"))),
        &["server_error"],
    );
    table.bad(
        "busy",
        request(|_, asked| {
            asked
                .path
                .ends_with("/presign")
                .then(|| Answer { headers: vec![("retry-after", "0".into())], ..Answer::json(429, &json!({})) })
        }),
        &["busy"],
    );
    table.bad(
        "415",
        request(|_, asked| {
            asked.path.ends_with("/presign").then(|| Answer::json(415, &json!({ "detail": "Unsupported media type" })))
        }),
        &["request_refused"],
    );
    table.bad("Companion", request(|_, asked| {
        Some(if asked.path == "/api/s3/params" && asked.query.contains("filename=") {
            Answer::json(200, &json!({ "method": "post", "url": "https://photos.s3.amazonaws.com/", "fields": { "key": "k" }, "expires": 300 }))
        } else {
            Answer::page(404, "Not found")
        })
    }), &["speaks_companion"]);
    table.check().await;
}

#[tokio::test]
async fn sessions() {
    let mut table = Table::default();
    table.bad("no account", session(|_| json!({ "user": "kim" })), &["session_shape"]);
    table.bad("wrapped", session(|value| json!({ "data": value })), &["session_shape"]);
    table.bad(
        "limits in words",
        session(|mut value| {
            value["limits"] = json!({ "max_file_size": "5 GB" });
            value
        }),
        &["session_shape"],
    );
    table.bad(
        "no files",
        session(|mut value| {
            value["limits"] = json!({ "files_per_request": 0 });
            value
        }),
        &["limits"],
    );
    table.bad(
        "version 2",
        session(|mut value| {
            value["protocol"] = json!(2);
            value
        }),
        &["protocol_version"],
    );
    table.bad(
        "local time called UTC",
        session(|mut value| {
            let now = jiff::Timestamp::now().as_second() + 9 * 3600;
            value["server_time"] = json!(jiff::Timestamp::from_second(now).unwrap().to_string());
            value
        }),
        &["clock"],
    );
    table.bad(
        "session fails",
        request(|_, asked| asked.path.ends_with("/session").then(|| Answer::page(500, "Server Error"))),
        &["server_error"],
    );
    let slow = -3600;
    table.bad(
        "all an hour behind",
        Twist {
            form: Some(Box::new(move |form, _| {
                form.ahead = slow;
                form.lasts = 600;
            })),
            ..session(move |mut value| {
                value["server_time"] =
                    json!(jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() + slow).unwrap().to_string());
                value
            })
        },
        &["clock"],
    );
    table.check().await;
}

#[tokio::test]
async fn shapes() {
    let mut table = Table::default();
    table.bad("a list", presign(|value| value["files"].clone()), &["answer_shape"]);
    table.bad("wrapped", presign(|value| json!({ "data": value })), &["answer_shape"]);
    table.bad("uploads", presign(|value| json!({ "uploads": value["files"] })), &["answer_shape"]);
    table.bad("one form", presign(|value| value["files"][0]["upload"].clone()), &["answer_shape"]);
    table.bad("twice JSON", presign(|value| json!(value.to_string())), &["answer_shape"]);
    table.bad("lambda", presign(|value| json!({ "statusCode": 200, "body": value.to_string() })), &["answer_shape"]);
    table.bad("by id", presign(|value| {
        let files = value["files"].as_array().unwrap();
        json!({ "files": files.iter().map(|entry| (entry["file_id"].as_str().unwrap().to_owned(), entry["upload"].clone())).collect::<serde_json::Map<_, _>>() })
    }), &["answer_shape"]);
    table.bad(
        "fileId",
        entry(|entry| {
            entry["fileId"] = entry["file_id"].take();
            entry.as_object_mut().unwrap().remove("file_id");
        }),
        &["camel_case"],
    );
    table.bad(
        "id",
        entry(|entry| {
            entry["id"] = entry["file_id"].take();
            entry.as_object_mut().unwrap().remove("file_id");
        }),
        &["file_id_missing"],
    );
    table.bad(
        "no id",
        entry(|entry| {
            entry.as_object_mut().unwrap().remove("file_id");
        }),
        &["file_id_missing"],
    );
    table.bad(
        "capitals",
        entry(|entry| entry["file_id"] = json!(entry["file_id"].as_str().unwrap().to_uppercase())),
        &["file_id_missing"],
    );
    table.bad("one of them", presign(|value| json!({ "files": [value["files"][0]] })), &["entry_missing"]);
    table.bad(
        "flat",
        entry(|entry| {
            let mut upload = entry["upload"].clone();
            upload["file_id"] = entry["file_id"].clone();
            *entry = upload;
        }),
        &["upload_missing"],
    );
    table.bad(
        "presigned",
        entry(|entry| {
            entry["presigned"] = entry["upload"].take();
        }),
        &["upload_missing"],
    );
    table.bad(
        "an empty entry",
        entry(|entry| {
            entry.as_object_mut().unwrap().remove("upload");
        }),
        &["upload_missing"],
    );
    table.bad(
        "fields nested",
        entry(|entry| {
            let upload = entry["upload"].clone();
            entry["upload"]["fields"] = json!({ "url": upload["url"], "fields": upload["fields"] });
        }),
        &["fields_shape"],
    );
    table.bad(
        "pairs",
        entry(|entry| {
            let pairs: Vec<Value> = entry["upload"]["fields"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| json!([name, value]))
                .collect();
            entry["upload"]["fields"] = json!(pairs);
        }),
        &["fields_shape"],
    );
    table.bad(
        "a number",
        entry(|entry| entry["upload"]["fields"]["success_action_status"] = json!(201)),
        &["fields_shape"],
    );
    table.bad(
        "no method",
        entry(|entry| {
            entry["upload"].as_object_mut().unwrap().remove("method");
        }),
        &["upload_method"],
    );
    table.bad("small letters", member("method", json!("post")), &["upload_method"]);
    table.bad(
        "multipart",
        entry(|entry| entry["upload"] = json!({ "method": "MULTIPART", "upload_id": "x" })),
        &["multipart"],
    );
    table.bad(
        "no url",
        entry(|entry| {
            entry["upload"].as_object_mut().unwrap().remove("url");
        }),
        &["url_missing"],
    );
    table.bad(
        "no key",
        entry(|entry| {
            entry["upload"].as_object_mut().unwrap().remove("key");
        }),
        &["key_missing"],
    );
    table.bad("a text", member("expires_in", json!("600")), &["expires_in_shape"]);
    table.bad("a date", member("expires_in", json!("2030-01-01T00:00:00Z")), &["expires_in_shape"]);
    table.bad(
        "none",
        entry(|entry| {
            entry["upload"].as_object_mut().unwrap().remove("expires_in");
        }),
        &["expires_in_shape"],
    );
    table.bad(
        "expiresIn",
        entry(|entry| {
            let upload = entry["upload"].as_object_mut().unwrap();
            let lasts = upload.remove("expires_in").unwrap();
            upload.insert("expiresIn".into(), lasts);
        }),
        &["camel_case"],
    );
    table.bad(
        "SKIP",
        entry(|entry| entry["upload"] = json!({ "method": "SKIP", "key": "kim/x.jpg" })),
        &["skips_unsent"],
    );
    table.check().await;
}

#[tokio::test]
async fn several_files() {
    let mut table = Table::default();
    let refuse = |what: &'static str, status: u16| {
        request(move |studio, asked| {
            (has(asked, what) && studio.usual(asked).status == 200)
                .then(|| Answer::json(status, &json!({ "title": "No" })))
        })
    };
    table.bad("no raw files, so none", refuse(".cr3", 400), &["one_fails_all"]);
    table.bad("6 TB, so none", refuse("too-large", 413), &["one_fails_all"]);
    table.bad("Hangul breaks it", refuse("봄", 500), &["name_refused"]);
    table.bad(
        "one at a time",
        request(|studio, asked| {
            (asked.files().len() > 1 && studio.usual(asked).status == 200)
                .then(|| Answer::json(400, &json!({ "title": "One file" })))
        }),
        &["batch_refused"],
    );
    table.bad(
        "a malformed entry",
        request(|studio, asked| {
            let malformed = asked.path.ends_with("/presign")
                && asked.files().iter().any(|file| file["size"].as_i64().is_some_and(|size| size < 0));
            (malformed && studio.usual(asked).status == 200).then(|| Answer::json(400, &json!({ "title": "No" })))
        }),
        &["one_fails_all"],
    );
    table.bad(
        "Hangul refused",
        at("/presign", |answer| {
            answer.entries(|entry| {
                if entry["upload"]["key"].as_str().is_some_and(|key| key.contains('봄')) {
                    *entry = json!({ "file_id": entry["file_id"], "error": { "status": 422, "title": "ASCII only" } });
                }
            })
        }),
        &["name_refused"],
    );
    fn again(studio: &Studio, asked: &Asked, answer: Answer) -> Answer {
        let ids: Vec<String> =
            asked.files().iter().filter_map(|file| Some(file["file_id"].as_str()?.to_owned())).collect();
        let mut confirmed = studio.presigned.lock().unwrap();
        let seen = ids.iter().any(|id| confirmed.insert(format!("seen {id}"), json!(1)).is_some());
        if seen
            && answer.status == 200
            && asked.path.ends_with("/presign")
            && asked.files().iter().all(|file| file["size"].as_u64().is_some_and(|size| size < 5 << 30))
        {
            return Answer::page(500, "IntegrityError");
        }
        answer
    }
    table.bad("a second time", answer(again), &["refresh_refused"]);
    table.check().await;
}
