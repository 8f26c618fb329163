//! The sandbox is held against docs/openapi.json: every path is served, every answer is as described, and so are the golden files.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "outside of #[test] functions clippy does not see that this is a test"
)]

mod common;

use common::{Rig, arrived, photo, rig_with};
use jsonschema::Validator;
use offload_protocol::wire::Limits;
use offload_sandbox::{SandboxOptions, SignRule};
use serde_json::{Value, json};

const BYTES: &[u8] = b"photo";

fn document() -> Value {
    serde_json::from_str(include_str!("../../../docs/openapi.json")).expect("JSON")
}

/// A validator for one schema of the document; `definition` may refer to `#/components/schemas/…`.
fn validator(document: &Value, definition: &Value) -> Validator {
    let mut schema = definition.clone();
    schema["components"] = document["components"].clone();
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
}

fn check(document: &Value, definition: &Value, value: &Value, what: &str) {
    let errors: Vec<_> = validator(document, definition)
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{value:#}");
}

struct Call<'a> {
    path: &'a str,
    method: &'a str,
    body: String,
    signed_in: bool,
    status: u16,
}

async fn hold(rig: &Rig, document: &Value, call: Call<'_>) -> Value {
    let Call { path, method, body, signed_in, status } = call;
    let operation = &document["paths"][path][method.to_lowercase()];
    assert!(operation.is_object(), "{method} {path} is not in the document");
    let mut request =
        rig.http.request(method.parse().expect("a method"), rig.url(path)).header("content-type", "application/json");
    if signed_in {
        request = request.bearer_auth(rig.sandbox.token());
    }
    let response = request.body(body).send().await.expect("an answer");
    assert_eq!(response.status().as_u16(), status, "{method} {path}");
    let described = &operation["responses"][status.to_string()];
    assert!(described.is_object(), "{method} {path} {status} is not in the document");
    let media_type = response.headers()["content-type"].to_str().expect("text").to_owned();
    let schema = &described["content"][&media_type]["schema"];
    assert!(schema.is_object(), "{method} {path} {status}: {media_type} is not in the document");
    let answer: Value = response.json().await.expect("JSON");
    check(document, schema, &answer, &format!("{method} {path} {status}"));
    answer
}

#[tokio::test]
async fn every_answer_is_as_the_document_says() {
    let document = document();
    let limits = Limits { files_per_request: 3, max_file_size: Some(1000), ..Limits::default() };
    let rig = rig_with(SandboxOptions { limits, ..Default::default() }).await;
    let there = photo(1, "봄/a.jpg", BYTES);
    let key = rig.deliver(&there, BYTES).await;
    let new = photo(2, "b.jpg", b"new");
    let large = photo(3, "c.jpg", &[0; 2000]);
    let presign = json!({ "files": [there, new, large] });
    check(&document, &json!({ "$ref": "#/components/schemas/PresignRequest" }), &presign, "our own request");
    let complete = json!({ "files": [arrived(&there, &key), arrived(&new, "nowhere"), arrived(&large, &key)] });
    check(&document, &json!({ "$ref": "#/components/schemas/CompleteRequest" }), &complete, "our own request");
    let many = json!({ "files": [there, there, there, there] }).to_string();
    let call = |path, method, body: String, signed_in, status| Call { path, method, body, signed_in, status };
    hold(&rig, &document, call("/v1/session", "GET", String::new(), true, 200)).await;
    hold(&rig, &document, call("/v1/session", "GET", String::new(), false, 401)).await;
    let answer = hold(&rig, &document, call("/v1/presign", "POST", presign.to_string(), true, 200)).await;
    assert_eq!(answer["files"][0]["upload"]["method"], "SKIP");
    assert_eq!(answer["files"][1]["upload"]["method"], "POST");
    assert_eq!(answer["files"][2]["error"]["status"], 413);
    let answer = hold(&rig, &document, call("/v1/complete", "POST", complete.to_string(), true, 200)).await;
    assert_eq!(answer["files"][0]["confirmed"], true);
    assert!(answer["files"][1]["error"].is_object() && answer["files"][2]["error"].is_object());
    for path in ["/v1/presign", "/v1/complete"] {
        hold(&rig, &document, call(path, "POST", "{".into(), true, 400)).await;
        hold(&rig, &document, call(path, "POST", "{}".into(), false, 401)).await;
        hold(&rig, &document, call(path, "POST", many.clone(), true, 413)).await;
    }
    for (path, method) in [("/v1/session", "GET"), ("/v1/presign", "POST"), ("/v1/complete", "POST")] {
        for (fault, status) in
            [("backend=forbidden", 403), ("backend=busy", 429), ("backend=500", 500), ("backend=503", 503)]
        {
            rig.sandbox.faults().clear();
            rig.sandbox.faults().add(format!("{fault}:times=1:retry-after=1").parse().expect("a fault"));
            hold(&rig, &document, call(path, method, "{}".into(), true, status)).await;
        }
    }
}

#[tokio::test]
async fn a_presigned_put_is_as_the_document_says() {
    let document = document();
    let rig = rig_with(SandboxOptions { sign: SignRule::Put, ..Default::default() }).await;
    let body = json!({ "files": [photo(1, "봄/a.jpg", BYTES)] }).to_string();
    let call = Call { path: "/v1/presign", method: "POST", body, signed_in: true, status: 200 };
    let answer = hold(&rig, &document, call).await;
    assert_eq!(answer["files"][0]["upload"]["method"], "PUT");
}

#[tokio::test]
async fn every_path_is_served() {
    let document = document();
    let rig = rig_with(SandboxOptions::default()).await;
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.len(), 3);
    for (path, operations) in paths {
        for method in operations.as_object().expect("operations").keys() {
            let request = rig.http.request(method.to_uppercase().parse().expect("a method"), rig.url(path));
            let status = request.bearer_auth(rig.sandbox.token()).send().await.expect("an answer").status().as_u16();
            assert!(!matches!(status, 404 | 405), "{method} {path}: {status}");
        }
    }
}

#[test]
fn the_golden_files_are_as_the_document_says() {
    let document = document();
    let golden = [
        ("Session", include_str!("../../protocol/tests/golden/session.json")),
        ("PresignRequest", include_str!("../../protocol/tests/golden/presign_request.json")),
        ("CompleteRequest", include_str!("../../protocol/tests/golden/complete_request.json")),
        ("CompleteResponse", include_str!("../../protocol/tests/golden/complete_response.json")),
        ("Problem", include_str!("../../protocol/tests/golden/problem.json")),
    ];
    for (name, text) in golden {
        let value = serde_json::from_str(text).expect("JSON");
        check(&document, &json!({ "$ref": format!("#/components/schemas/{name}") }), &value, name);
    }
    // MULTIPART is a word the client knows but no backend may answer yet.
    let mut answer: Value =
        serde_json::from_str(include_str!("../../protocol/tests/golden/presign_response.json")).expect("JSON");
    answer["files"].as_array_mut().expect("files").remove(2);
    check(&document, &json!({ "$ref": "#/components/schemas/PresignResponse" }), &answer, "PresignResponse");
}

#[test]
fn the_document_refuses_what_is_wrong() {
    let document = document();
    let table = [
        ("PresignEntry", json!({ "file_id": "x" })),
        ("PresignEntry", json!({ "file_id": "x", "upload": { "method": "SKIP", "key": "k" }, "error": {} })),
        ("PresignEntry", json!({ "file_id": "x", "upload": { "method": "PUT", "url": "https://x" } })),
        ("Put", json!({ "method": "PUT", "url": "https://x", "headers": { "a": 1 }, "key": "k", "expires_in": 1 })),
        ("CompleteEntry", json!({ "file_id": "x" })),
        ("CompleteEntry", json!({ "file_id": "x", "pending": false })),
        ("CompleteEntry", json!({ "file_id": "x", "confirmed": false })),
        ("Post", json!({ "method": "POST", "url": "https://x", "fields": { "key": 1 }, "key": "k", "expires_in": 1 })),
        ("Session", json!({ "protocol": 1 })),
    ];
    for (name, value) in table {
        let schema = json!({ "$ref": format!("#/components/schemas/{name}") });
        assert!(!validator(&document, &schema).is_valid(&value), "{name}: {value}");
    }
}
