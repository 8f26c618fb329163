//! The wire format, pinned: what stands in `golden/*.json` is read as these values and written as these bytes.
//!
//! Both ends share the types, so without these files a change that breaks every other backend would pass all tests.
#![allow(clippy::expect_used, reason = "outside of #[test] functions clippy does not see that this is a test")]

use offload_protocol::wire::{
    CompleteEntry, CompleteFile, CompleteRequest, CompleteResponse, DeviceGrant, Fields, Gps, Limits, Media,
    PresignEntry, PresignFile, PresignRequest, PresignResponse, PresignedPost, PresignedPut, Problem, Session, SignIn,
    Upload,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Debug;

const SESSION: &str = include_str!("golden/session.json");
const PRESIGN_REQUEST: &str = include_str!("golden/presign_request.json");
const PRESIGN_RESPONSE: &str = include_str!("golden/presign_response.json");
const COMPLETE_REQUEST: &str = include_str!("golden/complete_request.json");
const COMPLETE_RESPONSE: &str = include_str!("golden/complete_response.json");
const PROBLEM: &str = include_str!("golden/problem.json");

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const KEY: &str = "kim/봄 🌸-01900000000070008000000000000001.jpg";

fn id(n: u8) -> String {
    format!("01900000-0000-7000-8000-00000000000{n}")
}

/// Both directions, and once more with members nobody knows.
fn pinned<T: Serialize + DeserializeOwned + PartialEq + Debug>(golden: &str, value: &T) {
    assert_eq!(&serde_json::from_str::<T>(golden).expect("readable"), value);
    assert_eq!(serde_json::to_string_pretty(value).expect("writable"), golden.trim_end());
    let more = with_unknown(golden);
    assert!(more.contains("from_the_future"));
    assert_eq!(&serde_json::from_str::<T>(&more).expect("readable with unknown members"), value);
}

/// Adds a member to every object but the form's fields and MULTIPART, where every member counts. Works on the text, since a
/// `Value` does not keep the order of members.
fn with_unknown(golden: &str) -> String {
    let mut out = String::new();
    let mut lines = golden.lines().peekable();
    while let Some(line) = lines.next() {
        out.push_str(line);
        let counts = line.contains("\"fields\"")
            || line.contains("\"headers\"")
            || lines.peek().is_some_and(|next| next.contains("MULTIPART"));
        if line.ends_with('{') && !counts {
            out.push_str("\"from_the_future\": {\"nested\": [1, \"two\"]},");
        }
        out.push('\n');
    }
    out
}

#[test]
fn session() {
    let limits = Limits { files_per_request: 50, max_file_size: Some(5 << 30), multipart: false };
    let session = Session {
        account: "kim@studio.example".into(),
        protocol: Some(1),
        limits,
        server_time: Some("2024-05-01T10:20:30Z".into()),
        sign_in: Some(SignIn {
            device: Some(DeviceGrant {
                device_authorization_endpoint: "https://photos.example/o/device".into(),
                token_endpoint: "https://photos.example/o/token".into(),
                client_id: "offload".into(),
                scope: Some("photos".into()),
            }),
        }),
    };
    pinned(SESSION, &session);
    let least: Session = serde_json::from_str(r#"{"account":"kim"}"#).expect("readable");
    assert_eq!(least.limits, Limits::default());
    for nulls in [
        r#"{"account":"kim","limits":null,"protocol":null,"server_time":null,"sign_in":null}"#,
        r#"{"account":"kim","limits":{"files_per_request":null,"max_file_size":null,"multipart":null}}"#,
    ] {
        assert_eq!(serde_json::from_str::<Session>(nulls).expect("readable"), least, "null is left out");
    }
    assert_eq!((least.protocol, least.server_time, least.sign_in), (None, None, None));
}

#[test]
fn presign_request() {
    let first = PresignFile {
        file_id: id(1),
        filename: "봄 🌸.jpg".into(),
        path: "Weddings/Kim/봄 🌸.jpg".into(),
        size: 8 << 20,
        content_type: "image/jpeg".into(),
        sha256: SHA256.into(),
        modified_at: "2024-05-01T10:20:30Z".into(),
        source: "Wedding".into(),
        supersedes: None,
    };
    let second = PresignFile {
        file_id: id(3),
        filename: "DSC_1.NEF".into(),
        path: "DSC_1.NEF".into(),
        size: 0,
        content_type: "application/octet-stream".into(),
        sha256: EMPTY_SHA256.into(),
        modified_at: "2024-05-02T00:00:00Z".into(),
        source: "Card 7".into(),
        supersedes: Some(id(2)),
    };
    pinned(PRESIGN_REQUEST, &PresignRequest { files: vec![first, second] });
}

fn form() -> PresignedPost {
    let fields = [
        ("key", KEY),
        ("Content-Type", "image/jpeg"),
        ("success_action_status", "201"),
        ("a-field-out-of-order", "kept in its place"),
        ("policy", "eyJleHBpcmF0aW9uIjoi"),
        ("x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb"),
    ];
    PresignedPost {
        url: "https://photos.s3.eu-central-1.amazonaws.com/".into(),
        fields: Fields(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()),
        key: KEY.into(),
        expires_in: 600,
    }
}

fn put() -> PresignedPut {
    let headers =
        [("content-type", "image/jpeg"), ("x-amz-checksum-sha256", "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=")];
    PresignedPut {
        url: "https://photos.s3.eu-central-1.amazonaws.com/kim/5.jpg?X-Amz-Signature=8afdbf4008c03f22".into(),
        headers: Fields(headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()),
        key: "kim/5.jpg".into(),
        expires_in: 600,
    }
}

#[test]
fn presign_response() {
    let entry = |n, upload| PresignEntry { file_id: id(n), upload: Some(upload), error: None };
    let multipart = BTreeMap::from([("part_size".to_owned(), json!(8 << 20)), ("upload_id".to_owned(), json!("abc"))]);
    let error = Problem {
        kind: Some("https://offload.example/problems/too-large".into()),
        title: Some("The file is too large".into()),
        detail: Some("The file has 6000000000 bytes; at most 5368709120 are taken.".into()),
        status: Some(413),
    };
    let files = vec![
        entry(1, Upload::Post(form())),
        entry(2, Upload::Skip { key: "kim/DSC_1.NEF".into() }),
        entry(3, Upload::Multipart(multipart)),
        PresignEntry { file_id: id(4), upload: None, error: Some(error) },
        entry(5, Upload::Put(put())),
    ];
    pinned(PRESIGN_RESPONSE, &PresignResponse { files });
}

#[test]
fn an_unknown_method_is_an_error_and_no_other_method() {
    assert!(serde_json::from_str::<Upload>(r#"{"method":"PUT","url":"https://x"}"#).is_err());
    assert!(
        serde_json::from_str::<Upload>(r#"{"method":"PATCH","url":"https://x","key":"k","expires_in":60}"#).is_err()
    );
}

#[test]
fn complete_request() {
    let media = Media {
        captured_at: Some("2024-05-01T10:20:30+09:00".into()),
        make: Some("NIKON CORPORATION".into()),
        model: Some("NIKON Z 8".into()),
        lens: Some("NIKKOR Z 50mm f/1.8 S".into()),
        width: Some(8256),
        height: Some(5504),
        orientation: Some(6),
        duration_ms: Some(1500),
        gps: Some(Gps { latitude: 37.5665, longitude: -126.978, altitude: Some(38.0) }),
    };
    let first = CompleteFile {
        file_id: id(1),
        key: KEY.into(),
        size: 8 << 20,
        etag: Some("9b2cf535f27731c974343645a3985328".into()),
        sha256: SHA256.into(),
        media,
    };
    let second = CompleteFile {
        file_id: id(2),
        key: "kim/DSC_1.NEF".into(),
        size: 0,
        etag: None,
        sha256: EMPTY_SHA256.into(),
        media: Media::default(),
    };
    pinned(COMPLETE_REQUEST, &CompleteRequest { files: vec![first, second] });
}

#[test]
fn complete_response() {
    let error = Problem {
        kind: Some("https://offload.example/problems/not-in-bucket".into()),
        title: Some("The file is not in the bucket as described".into()),
        detail: Some("There is no object under this key.".into()),
        status: Some(409),
    };
    let files = vec![
        CompleteEntry { file_id: id(1), confirmed: true, ..CompleteEntry::default() },
        CompleteEntry { file_id: id(2), error: Some(error), ..CompleteEntry::default() },
        CompleteEntry { file_id: id(3), pending: true, ask_again_in: Some(30), ..CompleteEntry::default() },
    ];
    pinned(COMPLETE_RESPONSE, &CompleteResponse { files });
    let bare: CompleteEntry = serde_json::from_str(r#"{"file_id":"x"}"#).expect("readable");
    assert!(!bare.confirmed && !bare.pending, "silence is no confirmation");
    let nulls = r#"{"file_id":"x","confirmed":true,"pending":null,"ask_again_in":null,"error":null}"#;
    assert!(serde_json::from_str::<CompleteEntry>(nulls).expect("readable").confirmed, "null is left out");
}

#[test]
fn problem() {
    let problem = Problem {
        kind: Some("https://offload.example/problems/signed-out".into()),
        title: Some("Not signed in".into()),
        detail: Some("The token is missing or is not valid.".into()),
        status: Some(401),
    };
    pinned(PROBLEM, &problem);
    assert_eq!(serde_json::from_str::<Problem>("{}").expect("readable"), Problem::default());
}

#[test]
fn forms_do_not_print_what_lets_one_write_to_the_bucket() {
    let printed = format!("{:?} {:?} {:?}", form(), Upload::Post(form()), form().fields);
    for secret in ["eyJleHBpcmF0aW9uIjoi", "8afdbf4008c03f22c2cd3cdb72e4afbb", "https://"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
