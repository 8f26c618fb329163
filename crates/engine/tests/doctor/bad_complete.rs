//! Backends that sign well and confirm badly.

use super::studio::{Answer, Table, Twist, answer, at, request};
use serde_json::{Value, json};

fn complete(change: impl Fn(Value) -> Value + Send + Sync + 'static) -> Twist {
    at("/complete", move |answer| answer.with(&change))
}

fn entry(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Twist {
    at("/complete", move |answer| answer.entries(&change))
}

/// Instead of what it says of a file that is there.
fn confirmed(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Twist {
    entry(move |entry| {
        if entry["confirmed"] == json!(true) {
            change(entry);
        }
    })
}

#[tokio::test]
async fn shapes() {
    let mut table = Table::default();
    table.bad("a list", complete(|value| value["files"].clone()), &["complete_shape"]);
    table.bad("ok", complete(|_| json!({ "ok": true })), &["complete_shape"]);
    table.bad("yes in quotes", confirmed(|entry| entry["confirmed"] = json!("true")), &["complete_shape"]);
    table.bad(
        "status",
        confirmed(|entry| *entry = json!({ "file_id": entry["file_id"], "status": "ok" })),
        &["complete_shape"],
    );
    table.bad("no entry", complete(|_| json!({ "files": [] })), &["complete_shape"]);
    table.bad("the first alone", complete(|value| json!({ "files": [value["files"][0]] })), &["complete_shape"]);
    table.bad(
        "nothing",
        at("/complete", |answer| Answer { status: 204, body: String::new(), ..answer }),
        &["not_json"],
    );
    table.check().await;
}

#[tokio::test]
async fn confirmations() {
    let mut table = Table::default();
    table.bad(
        "Hangul is looked for under another key",
        answer(|_, asked, answer| {
            if asked.path.ends_with("/complete")
                && asked.files().iter().any(|file| !file["key"].as_str().unwrap().is_ascii())
            {
                return answer.entries(|entry| {
                    *entry = json!({ "file_id": entry["file_id"], "error": { "status": 409, "title": "Not there" } });
                });
            }
            answer
        }),
        &["name_refused"],
    );
    table.bad("without looking", Twist { confirms_blindly: true, ..Twist::default() }, &["confirms_unseen"]);
    table.bad(
        "never",
        confirmed(|entry| {
            *entry = json!({ "file_id": entry["file_id"], "error": { "status": 409, "title": "Not there" } });
        }),
        &["complete_refuses"],
    );
    table.bad("no", confirmed(|entry| entry["confirmed"] = json!(false)), &["complete_refuses"]);
    table.bad(
        "once",
        answer(|studio, asked, answer| {
            let value = answer.value();
            let id = value["files"][0]["file_id"].as_str().unwrap_or_default().to_owned();
            if asked.path.ends_with("/complete")
                && value["files"][0]["confirmed"] == json!(true)
                && studio.presigned.lock().unwrap().insert(format!("confirmed {id}"), json!(1)).is_some()
            {
                return Answer::json(409, &json!({ "title": "Already there" }));
            }
            answer
        }),
        &["complete_not_idempotent"],
    );
    table.bad(
        "a crash without EXIF",
        request(|studio, asked| {
            (asked.path.ends_with("/complete") && studio.usual(asked).status == 200)
                .then(|| Answer::page(500, "KeyError: 'captured_at'"))
        }),
        &["complete_fails"],
    );
    table.bad(
        "a crash over what is not there",
        answer(|_, asked, answer| {
            if asked.path.ends_with("/complete") && answer.value()["files"][0]["error"]["status"] == json!(409) {
                return Answer::page(500, "ClientError: 404");
            }
            answer
        }),
        &["unseen_fails_all"],
    );
    table.bad(
        "CSRF at complete",
        request(|_, asked| asked.path.ends_with("/complete").then(|| Answer::page(403, "CSRF verification failed"))),
        &["csrf"],
    );
    table.check().await;
}
