//! Every rule of a form is enforced, and answered as AWS answers it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "outside of #[test] functions clippy does not see that this is a test"
)]

mod common;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::{BOUNDARY, Rig, fields_body, file_header, form_body, photo, rig, verdict};
use offload_protocol::wire::{Fields, PresignedPost};
use offload_sandbox::{amz_date, policy_date};
use serde_json::{Value, json};

const BYTES: &[u8] = b"not really a photograph";

/// A form under our own hand: conditions and fields as the case wants them, signed as the sandbox signs.
struct Hand {
    conditions: Vec<Value>,
    fields: Vec<(String, String)>,
    expires: i64,
    region: String,
    access_key: Option<String>,
    /// After the signature was made.
    late: Vec<(String, String)>,
    /// Field that is left out.
    without: Option<&'static str>,
}

impl Hand {
    fn new(key: &str) -> Self {
        Self {
            conditions: vec![json!({"bucket": "photos"}), json!(["eq", "$key", key])],
            fields: vec![("key".into(), key.into())],
            expires: 600,
            region: "us-east-1".into(),
            access_key: None,
            late: Vec::new(),
            without: None,
        }
    }

    fn rule(mut self, condition: Value) -> Self {
        self.conditions.push(condition);
        self
    }

    fn field(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.into(), value.into()));
        self
    }

    fn late(mut self, name: &str, value: &str) -> Self {
        self.late.push((name.into(), value.into()));
        self
    }

    fn without(mut self, name: &'static str) -> Self {
        self.without = Some(name);
        self
    }

    fn sign(self, rig: &Rig) -> PresignedPost {
        let mut signer = rig.sandbox.signer().clone();
        signer.region = self.region;
        signer.access_key = self.access_key.unwrap_or(signer.access_key);
        let now = jiff::Timestamp::now();
        let date = amz_date(now);
        let mut fields = self.fields;
        let mut conditions = self.conditions;
        for (name, value) in [
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", signer.credential(&date[..8])),
            ("x-amz-date", date.clone()),
        ] {
            conditions.push(json!({ name: value }));
            fields.push((name.to_owned(), value));
        }
        let expiration = policy_date(now + jiff::SignedDuration::from_secs(self.expires));
        let policy = STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string());
        let signature = signer.sign(&date[..8], &policy);
        fields.push(("policy".into(), policy));
        fields.push(("x-amz-signature".into(), signature));
        for (name, value) in self.late {
            match fields.iter_mut().find(|(field, _)| *field == name) {
                Some(field) => field.1 = value,
                None => fields.push((name, value)),
            }
        }
        fields.retain(|(name, _)| Some(name.as_str()) != self.without);
        let key = fields.first().map(|(_, key)| key.clone()).unwrap_or_default();
        PresignedPost { url: format!("{}/photos", rig.sandbox.s3_url()), fields: Fields(fields), key, expires_in: 600 }
    }
}

fn sha256_field(bytes: &[u8]) -> String {
    use sha2::Digest;
    STANDARD.encode(sha2::Sha256::digest(bytes))
}

#[tokio::test]
async fn every_rule_of_the_policy_is_enforced() {
    let rig = rig().await;
    let checksum = |value: &str| {
        Hand::new("k").rule(json!(["starts-with", "$x-amz-checksum-sha256", ""])).field("x-amz-checksum-sha256", value)
    };
    let table: Vec<(&str, Hand, (u16, &str), &str)> = vec![
        ("plain", Hand::new("plain"), (204, ""), ""),
        ("expired", Hand { expires: -1, ..Hand::new("k") }, (403, "AccessDenied"), "Policy expired."),
        ("eq key violated", Hand::new("k").field("key", "other"), (403, "AccessDenied"), "Policy Condition failed"),
        (
            "starts-with fulfilled",
            Hand {
                conditions: vec![json!({"bucket": "photos"}), json!(["starts-with", "$key", "u/"])],
                ..Hand::new("u/a")
            },
            (204, ""),
            "",
        ),
        (
            "starts-with violated",
            Hand {
                conditions: vec![json!({"bucket": "photos"}), json!(["starts-with", "$key", "v/"])],
                ..Hand::new("u/a")
            },
            (403, "AccessDenied"),
            "Policy Condition failed",
        ),
        (
            "another bucket",
            Hand { conditions: vec![json!({"bucket": "other"}), json!({"key": "k"})], ..Hand::new("k") },
            (403, "AccessDenied"),
            "Policy Condition failed",
        ),
        (
            "content type violated",
            Hand::new("k").rule(json!({"Content-Type": "image/jpeg"})).field("Content-Type", "text/html"),
            (403, "AccessDenied"),
            "Policy Condition failed",
        ),
        (
            "field missing",
            Hand::new("k").rule(json!({"Content-Type": "image/jpeg"})),
            (403, "AccessDenied"),
            "Policy Condition failed",
        ),
        (
            "extra meta",
            Hand::new("k").late("x-amz-meta-a", "1"),
            (403, "AccessDenied"),
            "Extra input fields: x-amz-meta-a",
        ),
        ("extra acl", Hand::new("k").late("acl", "public-read"), (403, "AccessDenied"), "Extra input fields: acl"),
        (
            "extra status",
            Hand::new("k").late("success_action_status", "201"),
            (403, "AccessDenied"),
            "Extra input fields",
        ),
        ("extra plain", Hand::new("k").late("utf8", "✓"), (403, "AccessDenied"), "Extra input fields: utf8"),
        ("ignored extra", Hand::new("k").late("x-ignore-me", "1"), (204, ""), ""),
        (
            "stray access key",
            Hand::new("k").late("AWSAccessKeyId", "A"),
            (403, "AccessDenied"),
            "Extra input fields: awsaccesskeyid",
        ),
        (
            "too big",
            Hand::new("k").rule(json!(["content-length-range", 0, 5])),
            (400, "EntityTooLarge"),
            "exceeds the maximum",
        ),
        (
            "too small",
            Hand::new("k").rule(json!(["content-length-range", 99, 200])),
            (400, "EntityTooSmall"),
            "smaller than the minimum",
        ),
        ("exact length", Hand::new("k").rule(json!(["content-length-range", BYTES.len(), BYTES.len()])), (204, ""), ""),
        (
            "tampered signature",
            Hand::new("k").late("x-amz-signature", &"0".repeat(64)),
            (403, "SignatureDoesNotMatch"),
            "",
        ),
        (
            "tampered policy",
            Hand::new("k").late(
                "policy",
                &STANDARD.encode(r#"{"expiration":"2099-01-01T00:00:00Z","conditions":[["starts-with","$key",""]]}"#),
            ),
            (403, "SignatureDoesNotMatch"),
            "",
        ),
        (
            "policy is no JSON",
            Hand::new("k").late("policy", &STANDARD.encode("no")),
            (400, "InvalidPolicyDocument"),
            "Invalid JSON",
        ),
        (
            "wrong region",
            Hand { region: "eu-west-1".into(), ..Hand::new("k") },
            (400, "AuthorizationHeaderMalformed"),
            "expecting 'us-east-1'",
        ),
        (
            "unknown access key",
            Hand { access_key: Some("AKIANOBODY".into()), ..Hand::new("k") },
            (403, "InvalidAccessKeyId"),
            "",
        ),
        ("other day", Hand::new("k").late("x-amz-date", "20200101T000000Z"), (400, "AuthorizationHeaderMalformed"), ""),
        (
            "credential with a hole",
            Hand::new("k").late("x-amz-credential", "AKIA/2020"),
            (400, "AuthorizationHeaderMalformed"),
            "",
        ),
        (
            "other algorithm",
            Hand::new("k").late("x-amz-algorithm", "AWS9"),
            (400, "InvalidRequest"),
            "AWS4-HMAC-SHA256",
        ),
        (
            "SigV2",
            Hand { fields: vec![("key".into(), "k".into()), ("AWSAccessKeyId".into(), "A".into())], ..Hand::new("k") }
                .late("signature", "abc=")
                .without("x-amz-algorithm"),
            (400, "InvalidRequest"),
            "AWS4-HMAC-SHA256",
        ),
        ("no key", Hand::new("k").without("key"), (400, "InvalidArgument"), "field named 'key'"),
        ("no date", Hand::new("k").without("x-amz-date"), (400, "InvalidArgument"), "field named 'X-Amz-Date'"),
        ("no policy", Hand::new("k").without("policy"), (400, "InvalidArgument"), "field named 'policy'"),
        ("key of 1024 bytes", Hand::new(&"k".repeat(1024)), (204, ""), ""),
        ("key of 1025 bytes", Hand::new(&"k".repeat(1025)), (400, "KeyTooLongError"), "too long"),
        ("key with ..", Hand::new("user/../../escape.txt"), (204, ""), ""),
        ("key in Korean", Hand::new("봄 🌸+&#?%.jpg"), (204, ""), ""),
        ("right checksum", checksum(&sha256_field(BYTES)), (204, ""), ""),
        ("wrong checksum", checksum(&sha256_field(b"other")), (400, "BadDigest"), "SHA256"),
        ("malformed checksum", checksum("abc"), (400, "InvalidRequest"), "x-amz-checksum-sha256"),
        (
            "checksum we do not check",
            Hand::new("k").rule(json!({"x-amz-checksum-crc32": "a"})).field("x-amz-checksum-crc32", "a"),
            (501, "NotImplemented"),
            "crc32",
        ),
        (
            "status 200",
            Hand::new("k").rule(json!({"success_action_status": "200"})).field("success_action_status", "200"),
            (200, ""),
            "",
        ),
        (
            "status 201",
            Hand::new("k").rule(json!({"success_action_status": "201"})).field("success_action_status", "201"),
            (201, ""),
            "",
        ),
        (
            "status 418",
            Hand::new("k").rule(json!({"success_action_status": "418"})).field("success_action_status", "418"),
            (204, ""),
            "",
        ),
        ("names in other case", Hand { fields: vec![("KEY".into(), "k".into())], ..Hand::new("k") }, (204, ""), ""),
        (
            "20 KB of fields",
            Hand::new("k").late("x-ignore-long", &"x".repeat(20 << 10)),
            (400, "MaxPostPreDataLengthExceeded"),
            "",
        ),
    ];
    for (case, hand, (status, code), message) in table {
        let before = rig.sandbox.uploads_received();
        let post = hand.sign(&rig);
        let answer = verdict(rig.post(&post, BYTES).await).await;
        assert_eq!((answer.0, answer.1.as_str()), (status, code), "{case}: {}", answer.2);
        assert!(answer.2.contains(message), "{case}: {}", answer.2);
        assert_eq!(rig.sandbox.uploads_received() - before, u64::from(status < 300), "{case}");
    }
    // A refused upload leaves nothing, not even in place of an older object.
    let keys: Vec<_> = rig.sandbox.objects().expect("a list").into_iter().map(|object| object.key).collect();
    assert!(!keys.contains(&"other".to_owned()), "{keys:?}");
    assert_eq!(rig.sandbox.read_object("k").expect("a bucket").as_deref(), Some(BYTES));
}

#[tokio::test]
async fn forms_of_every_shape() {
    let rig = rig().await;
    let url = format!("{}/photos", rig.sandbox.s3_url());
    let post = Hand::new("k").sign(&rig);
    let fields = fields_body(&post.fields.0);
    let end = format!("\r\n--{BOUNDARY}--\r\n");
    let body = |parts: &[&[u8]]| parts.concat();
    let submit = format!("\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"submit\"\r\n\r\nUpload{end}");
    let header = file_header();
    let table = [
        ("valid", body(&[&fields, header.as_bytes(), BYTES, end.as_bytes()]), (204, "")),
        ("empty file", body(&[&fields, header.as_bytes(), end.as_bytes()]), (204, "")),
        ("field after the file", body(&[&fields, header.as_bytes(), BYTES, submit.as_bytes()]), (204, "")),
        ("no file", body(&[&fields, format!("--{BOUNDARY}--\r\n").as_bytes()]), (400, "InvalidArgument")),
        ("no end", body(&[&fields, header.as_bytes(), BYTES]), (400, "MalformedPOSTRequest")),
        (
            "file first",
            body(&[header.as_bytes(), BYTES, b"\r\n", &fields, format!("--{BOUNDARY}--\r\n").as_bytes()]),
            (400, "InvalidArgument"),
        ),
        ("no form", b"hello".to_vec(), (400, "MalformedPOSTRequest")),
        ("nothing signed", form_body(&[("key".into(), "k".into())], BYTES), (403, "AccessDenied")),
    ];
    for (case, body, expected) in table {
        let answer = verdict(rig.send(&url, body).await.expect("an answer")).await;
        assert_eq!((answer.0, answer.1.as_str()), expected, "{case}: {}", answer.2);
    }
    let elsewhere = verdict(
        rig.send(&format!("{}/elsewhere", rig.sandbox.s3_url()), form_body(&post.fields.0, BYTES))
            .await
            .expect("an answer"),
    )
    .await;
    assert_eq!((elsewhere.0, elsewhere.1.as_str()), (404, "NoSuchBucket"));
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(form_body(&post.fields.0, BYTES))]);
    let chunked = rig.http.post(&url).header("content-type", format!("multipart/form-data; boundary={BOUNDARY}"));
    let answer = verdict(chunked.body(reqwest::Body::wrap_stream(chunks)).send().await.expect("an answer")).await;
    assert_eq!((answer.0, answer.1.as_str()), (411, "MissingContentLength"));
}

#[tokio::test]
async fn bytes_arrive_as_they_are() {
    let rig = rig().await;
    let mut tricky = format!("\r\n--{BOUNDARY}X\r\n--{}\r\r\n--", &BOUNDARY[..10]).into_bytes();
    tricky.extend((0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    tricky.extend_from_slice(b"\r\n--");
    for (n, bytes) in [b"".to_vec(), BYTES.to_vec(), b"\r".repeat(200_000), tricky].into_iter().enumerate() {
        let file = photo(n as u64, &format!("a/{n}.jpg"), &bytes);
        let post = rig.form(&file).await;
        let response = rig.post(&post, &bytes).await;
        assert_eq!(response.status(), 201);
        let object = rig.sandbox.object(&post.key).expect("a bucket").expect("an object");
        assert_eq!(response.headers()["etag"], format!("\"{}\"", object.etag));
        assert!(response.text().await.expect("XML").contains(&format!("<ETag>&quot;{}&quot;</ETag>", object.etag)));
        assert_eq!(object.sha256, file.sha256);
        assert_eq!(object.content_type, "image/jpeg");
        assert_eq!(object.headers["x-amz-meta-file-id"], file.file_id);
        assert!(rig.sandbox.read_object(&post.key).expect("a bucket").as_deref() == Some(&bytes[..]), "case {n}");
    }
}

#[tokio::test]
async fn signed_reads_go_through_s3s() {
    let rig = rig().await;
    let file = photo(1, "봄/a b.jpg", BYTES);
    let key = rig.deliver(&file, BYTES).await;
    let host = rig.sandbox.s3_url().trim_start_matches("http://").to_owned();
    let path = format!("/photos/{}", offload_sandbox::encode_key(&key));
    let get = |signer: &offload_sandbox::Signer| {
        let headers =
            signer.headers("GET", &host, &path, jiff::Timestamp::now(), &[("x-amz-checksum-mode", "ENABLED")]);
        headers.iter().fold(rig.http.get(format!("{}{path}", rig.sandbox.s3_url())), |request, (name, value)| {
            request.header(name, value)
        })
    };
    let response = get(rig.sandbox.signer()).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["x-amz-checksum-sha256"], sha256_field(BYTES));
    assert_eq!(response.headers()["x-amz-meta-file-id"], file.file_id);
    assert_eq!(response.bytes().await.expect("bytes"), BYTES);
    let part = get(rig.sandbox.signer()).header("range", "bytes=4-9").send().await.expect("an answer");
    assert_eq!((part.status().as_u16(), part.bytes().await.expect("bytes")), (206, BYTES.slice(4..10)));
    let mut stranger = rig.sandbox.signer().clone();
    stranger.secret_key = "guessed".into();
    assert_eq!(verdict(get(&stranger).send().await.expect("an answer")).await.0, 403);
    assert_eq!(rig.http.get(format!("{}{path}", rig.sandbox.s3_url())).send().await.expect("an answer").status(), 403);
}

trait Slice {
    fn slice(&self, range: std::ops::Range<usize>) -> bytes::Bytes;
}

impl Slice for [u8] {
    fn slice(&self, range: std::ops::Range<usize>) -> bytes::Bytes {
        bytes::Bytes::copy_from_slice(&self[range])
    }
}
