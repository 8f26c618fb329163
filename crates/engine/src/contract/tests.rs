//! Tables for what judges forms, urls, keys and answers without asking anybody.

use super::answers::{self, Raw};
use super::asks::{Asked, Asks, Role};
use super::keys::{Round, across};
use super::{Context, of_all, of_one, shape};
use crate::contract::Check;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Verdict};
use offload_protocol::wire::{Fields, PresignedPost, PresignedPut, Upload};
use serde_json::{Value, json};
use url::Url;

fn now() -> Timestamp {
    "2026-05-01T10:20:30Z".parse().unwrap()
}

fn context() -> Context {
    Context { now: now(), max_file_size: None, speed: None }
}

fn asked(role: Role) -> Asked {
    let asks = Asks::new(now(), None);
    if role == Role::Plain { asks.plain } else { asks.others.into_iter().find(|asked| asked.role == role).unwrap() }
}

/// A form of boto3's for a file, before a test changes it.
struct Form {
    url: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    expiration: String,
    key: String,
    expires_in: u64,
}

impl Form {
    fn of(asked: &Asked) -> Self {
        let key = format!("kim/{}/{}", asked.file.file_id, asked.file.filename);
        let mut form = Self {
            url: "https://photos.s3.eu-central-1.amazonaws.com/".into(),
            fields: Vec::new(),
            conditions: vec![
                json!({ "bucket": "photos" }),
                json!(["content-length-range", asked.file.size, asked.file.size]),
            ],
            expiration: "2026-05-01T10:30:30Z".into(),
            key: key.clone(),
            expires_in: 600,
        };
        form.add("key", &key);
        form.add("Content-Type", &asked.file.content_type);
        form.add("x-amz-algorithm", "AWS4-HMAC-SHA256");
        form.add("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20260501/eu-central-1/s3/aws4_request");
        form.add("x-amz-date", "20260501T102030Z");
        form
    }

    fn add(&mut self, name: &str, value: &str) {
        self.fields.push((name.into(), value.into()));
        self.conditions.push(json!({ name: value }));
    }

    /// Field and condition.
    fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(known, _)| known != name);
        self.conditions.retain(|condition| condition.get(name).is_none());
        self.add(name, value);
    }

    fn signed(mut self) -> Upload {
        let document = json!({ "expiration": self.expiration, "conditions": self.conditions });
        self.fields.push(("policy".into(), STANDARD.encode(document.to_string())));
        self.fields.push(("x-amz-signature".into(), "0".repeat(64)));
        Upload::Post(PresignedPost {
            url: self.url,
            fields: Fields(self.fields),
            key: self.key,
            expires_in: self.expires_in,
        })
    }
}

fn codes(found: &[Finding]) -> Vec<(&str, Verdict)> {
    found.iter().map(|found| (found.code.as_str(), found.verdict)).collect()
}

#[test]
fn forms() {
    use Verdict::{Note, Problem};
    type Case = (&'static str, fn(&mut Form), &'static [(&'static str, Verdict)]);
    let cases: &[Case] = &[
        ("as boto3 makes it", |_| {}, &[]),
        ("names in capitals", |form| form.fields.iter_mut().for_each(|(name, _)| name.make_ascii_uppercase()), &[]),
        ("dualstack", |form| form.url = "https://photos.s3.dualstack.eu-central-1.amazonaws.com/".into(), &[]),
        ("path style", |form| form.url = "https://s3.eu-central-1.amazonaws.com/photos".into(), &[]),
        ("another server", |form| form.url = "https://ceph.studio.example:7480/photos".into(), &[]),
        ("loopback", |form| form.url = "http://[::1]:9000/photos".into(), &[]),
        (
            "an access key with slashes",
            |form| form.set("x-amz-credential", "a/b/20260501/eu-central-1/s3/aws4_request"),
            &[],
        ),
        ("http", |form| form.url = "http://10.0.0.7:9000/photos".into(), &[("url_not_encrypted", Problem)]),
        ("ftp", |form| form.url = "ftp://10.0.0.7/photos".into(), &[("url_unusable", Problem)]),
        (
            "another region",
            |form| form.set("x-amz-credential", "AKIA/20260501/us-east-1/s3/aws4_request"),
            &[("region_mismatch", Problem)],
        ),
        (
            "a service of none",
            |form| form.set("x-amz-credential", "AKIA/20260501/eu-central-1/sts/aws4_request"),
            &[("credential_scope", Problem)],
        ),
        (
            "no region",
            |form| form.set("x-amz-credential", "AKIA/20260501/None/s3/aws4_request"),
            &[("credential_scope", Problem)],
        ),
        (
            "yesterday's key",
            |form| form.set("x-amz-credential", "AKIA/20260430/eu-central-1/s3/aws4_request"),
            &[("credential_date", Problem)],
        ),
        ("an hour ahead", |form| form.set("x-amz-date", "20260501T112030Z"), &[("amz_date", Problem)]),
        ("an hour back", |form| form.set("x-amz-date", "20260501T092030Z"), &[("amz_date", Problem)]),
        ("five minutes back", |form| form.set("x-amz-date", "20260501T101530Z"), &[]),
        ("another writing", |form| form.set("x-amz-date", "2026-05-01T10:20:30Z"), &[("amz_date", Problem)]),
        ("SHA1", |form| form.set("x-amz-algorithm", "AWS4-HMAC-SHA1"), &[("algorithm", Problem)]),
        ("an offset", |form| form.expiration = "2026-05-01T12:30:30+02:00".into(), &[("policy_expiration", Note)]),
        ("no zone", |form| form.expiration = "2026-05-01T10:30:30".into(), &[("policy_expiration", Problem)]),
        ("gone", |form| form.expiration = "2026-05-01T10:20:00Z".into(), &[("expired", Problem)]),
        (
            "a redirect",
            |form| form.add("success_action_redirect", "https://studio.example/done"),
            &[("success_action_redirect", Note)],
        ),
        ("a field named file", |form| form.fields.push(("file".into(), "x".into())), &[("form_unsendable", Problem)]),
        ("a name with a quote", |form| form.add("x-amz-meta-\"", "x"), &[("form_unsendable", Problem)]),
        (
            "two uncovered",
            |form| form.fields.extend([("acl".into(), "private".into()), ("a".into(), String::new())]),
            &[("field_uncovered", Problem)],
        ),
        (
            "text for a picture",
            |form| form.set("Content-Type", "multipart/form-data"),
            &[("content_type_fixed", Problem)],
        ),
        ("a kindred type", |form| form.set("Content-Type", "image/jpg"), &[("content_type_fixed", Note)]),
        (
            "no particular type",
            |form| form.set("Content-Type", "application/octet-stream"),
            &[("content_type_fixed", Note)],
        ),
        ("its type and more", |form| form.set("Content-Type", "image/jpeg; charset=binary"), &[]),
        (
            "an empty checksum to fill",
            |form| {
                form.fields.push(("x-amz-checksum-sha256".into(), String::new()));
                form.conditions.push(json!(["starts-with", "$x-amz-checksum-sha256", ""]));
            },
            &[],
        ),
        (
            "a wrong checksum",
            |form| form.add("x-amz-checksum-sha256", &STANDARD.encode([7; 32])),
            &[("checksum_differs", Problem)],
        ),
    ];
    let asked = asked(Role::Plain);
    for (name, change, wanted) in cases {
        let mut form = Form::of(&asked);
        change(&mut form);
        let found = of_one(&asked, &form.signed(), &context());
        assert_eq!(codes(&found), *wanted, "{name}: {found:#?}");
    }
}

#[test]
fn one_mistake_over_many_forms_is_told_once() {
    let asks = Asks::new(now(), None);
    let all: Vec<Asked> = std::iter::once(asks.plain).chain(asks.others).collect();
    let uploads = |change: fn(&mut Form)| -> Vec<Upload> {
        let form = |asked| {
            let mut form = Form::of(asked);
            change(&mut form);
            form.signed()
        };
        all.iter().map(form).collect()
    };
    type Case = (fn(&mut Form), &'static [(&'static str, Verdict)], &'static str);
    let cases: [Case; 4] = [
        (|_| {}, &[], ""),
        (
            |form| form.fields.push(("acl".into(), "private".into())),
            &[("field_uncovered", Verdict::Problem)],
            "\"acl\"",
        ),
        (
            |form| form.conditions[1] = json!(["content-length-range", 0, 20_000_000]),
            &[("length_range", Verdict::Problem)],
            "probe.cr3",
        ),
        (
            |form| form.conditions[1] = json!(["content-length-range", 0, 2_000_000_000]),
            &[("length_range_narrow", Verdict::Note)],
            "probe.mp4",
        ),
    ];
    for (change, wanted, words) in cases {
        let uploads = uploads(change);
        let given: Vec<_> = all.iter().zip(&uploads).collect();
        let found = of_all(&given, &context());
        assert_eq!(codes(&found), wanted);
        assert!(found.iter().all(|found| found.detail.contains(words)), "{found:#?}");
    }
    // Where session tells a larger limit, the range breaks that word.
    let uploads = uploads(|form| form.conditions[1] = json!(["content-length-range", 0, 2_000_000_000]));
    let given: Vec<_> = all.iter().zip(&uploads).collect();
    let found = of_all(&given, &Context { max_file_size: Some(4_000_000_000), ..context() });
    assert_eq!(codes(&found), [("length_range", Verdict::Problem)]);
}

#[test]
fn urls() {
    use Verdict::{Note, Problem};
    let asked = asked(Role::Plain);
    let key = "kim/서울 봄/a b.jpg";
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260501%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-Date=20260501T102030Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    let whole = |path: &str, query: &str| format!("https://photos.s3.eu-central-1.amazonaws.com/{path}?{query}");
    let encoded = "kim/%EC%84%9C%EC%9A%B8%20%EB%B4%84/a%20b.jpg";
    type Case = (String, &'static [(&'static str, &'static str)], &'static [(&'static str, Verdict)]);
    let cases: [Case; 10] = [
        (whole(encoded, query), &[], &[]),
        (
            whole(
                encoded,
                &query
                    .to_lowercase()
                    .replace("aws4-hmac-sha256", "AWS4-HMAC-SHA256")
                    .replace("20260501t102030z", "20260501T102030Z")
                    .replace("%2f", "%2F"),
            ),
            &[],
            &[],
        ),
        (format!("https://s3.eu-central-1.amazonaws.com/photos/{encoded}?{query}"), &[], &[]),
        (whole("kim/other.jpg", query), &[], &[("key_differs", Problem)]),
        (whole(encoded, &query.replace("Signature=00", "")), &[], &[("signature_missing", Problem)]),
        (whole(encoded, &query.replace("=host", "=content-type%3Bhost")), &[], &[("put_header_missing", Note)]),
        (whole(encoded, &query.replace("=host", "=content-type%3Bhost")), &[("content-type", "image/jpeg")], &[]),
        (whole(encoded, &query.replace("=host", "=content-length%3Bhost")), &[], &[]),
        (whole(encoded, &format!("{query}&x-id=GetObject")), &[], &[("put_other_operation", Problem)]),
        (whole(encoded, &query.replace("Expires=600", "Expires=604801")), &[], &[("put_expires", Problem)]),
    ];
    for (url, headers, wanted) in cases {
        let headers = Fields(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let put = Upload::Put(PresignedPut { url: url.clone(), headers, key: key.into(), expires_in: 600 });
        let found = of_one(&asked, &put, &context());
        assert_eq!(codes(&found), wanted, "{url}: {found:#?}");
    }
}

#[test]
fn keys_over_two_rounds() {
    let asks = Asks::new(now(), None);
    let (twin, copy) = (&asks.others[0], &asks.others[1]);
    assert_eq!((twin.role, copy.role), (Role::Twin, Role::Copy));
    let round = |keys: [&'static str; 3]| Round(vec![(&asks.plain, keys[0]), (twin, keys[1]), (copy, keys[2])]);
    for (first, second, wanted) in [
        (["a", "b", "c"], ["a", "b", "c"], None),
        (["a", "b", "c"], ["a", "x", "c"], Some(("key_not_stable", Verdict::Problem))),
        (["a", "a", "c"], ["a", "a", "c"], Some(("key_collides", Verdict::Problem))),
        (["a", "a", "c"], ["x", "x", "y"], Some(("key_not_stable", Verdict::Problem))),
        (["a", "b", "a"], ["a", "b", "a"], Some(("key_by_content", Verdict::Note))),
    ] {
        let found = across(&round(first), &round(second));
        assert_eq!(codes(&found).first().copied(), wanted, "{first:?} {second:?}");
    }
}

#[test]
fn bad_statuses() {
    let raw = |status: u16, location: Option<&str>, body: &str| {
        let url = Url::parse("https://photos.example/api/v1/presign").unwrap();
        Raw {
            location: location.and_then(|to| url.join(to).ok()),
            url,
            status,
            www_authenticate: None,
            retry_after_ms: None,
            date: None,
            body: body.into(),
            asked_at: now(),
            answered_at: now(),
        }
    };
    let csrf = "<p>CSRF verification failed. Request aborted.</p>";
    for (status, location, body, wanted) in [
        (301, Some("/api/v1/presign/"), "", "trailing_slash"),
        (308, Some("https://photos.example/api/v1/presign/"), "", "trailing_slash"),
        (302, Some("/accounts/login/?next=/api/v1/presign"), "", "login_redirect"),
        (303, Some("https://sso.studio.example/oauth2/authorize?x=1"), "", "login_redirect"),
        (301, Some("https://www.photos.example/api/v1/presign"), "", "redirect"),
        (302, None, "", "redirect"),
        (
            500,
            None,
            "RuntimeError: You called this URL via POST, but the URL doesn&#x27;t end in a slash",
            "trailing_slash",
        ),
        (403, None, csrf, "csrf"),
        (403, None, r#"{"detail":"CSRF Failed: CSRF token missing."}"#, "csrf"),
        (400, None, "The CSRF token is missing.", "csrf"),
        (422, None, "ActionController::InvalidAuthenticityToken", "csrf"),
        (401, None, "", "token_refused"),
        (403, None, r#"{"detail":"no"}"#, "access_denied"),
        (404, None, "", "endpoint_missing"),
        (405, None, "", "wrong_method"),
        (415, None, "", "request_refused"),
        (429, None, "", "busy"),
        (502, None, "<html>", "server_error"),
    ] {
        let found = answers::refused(&raw(status, location, body));
        assert_eq!((found.code.as_str(), found.verdict), (wanted, Verdict::Problem), "{status} {body}");
    }
    let moved = answers::refused(&raw(301, Some("https://www.photos.example/api/v1/presign"), ""));
    assert_eq!(moved.mends[0].text, "offload login --backend https://www.photos.example/api");
    for (body, wanted) in
        [("<!doctype html>", "web_page"), ("", "not_json"), ("OK", "not_json"), ("{\"files\":", "not_json")]
    {
        assert_eq!(answers::not_json(&raw(200, None, body)).unwrap().code, wanted);
    }
    assert_eq!(answers::not_json(&raw(200, None, "[]")), None);
}

#[test]
fn no_shape_tells_a_value() {
    for entry in [
        json!({ "upload": "MARKER" }),
        json!({ "upload": { "method": "POST", "fields": { "policy": ["MARKER"] } } }),
        json!({ "upload": { "method": "POST", "fields": {}, "url": "https://MARKER", "key": 7 } }),
        json!({ "upload": { "method": "POST", "fields": {}, "url": "https://MARKER", "key": "MARKER", "expires_in": "MARKER" } }),
        json!({ "form": { "url": "MARKER" } }),
        json!({ "error": ["MARKER"] }),
        json!("MARKER"),
    ] {
        let found = shape::presign_entry(&entry);
        assert!(found.verdict == Verdict::Problem && !found.detail.contains("MARKER"), "{found:?}");
    }
    assert_eq!(shape::whole(&json!({ "MARKER": 7 }), Check::AnswerShape).code, "answer_shape");
}
