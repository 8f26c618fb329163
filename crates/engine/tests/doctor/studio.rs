//! A backend as a studio might have it, good unless it is told to make a mistake, over HTTP and with the sandbox's S3 behind it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hex::encode as hex;
use jiff::Timestamp;
use offload_engine::backend::{Address, Dialect};
use offload_engine::contract::{Options, visit};
use offload_engine::secrets::Secret;
use offload_protocol::checkup::{Finding, Verdict};
use offload_protocol::window::BackendProtocol;
use offload_sandbox::{Sandbox, SandboxOptions, Signer, amz_date, encode_key, policy_date};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

pub(crate) const TOKEN: &str = "a-token-of-this-studio";

/// One request, as the backend sees it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

impl Asked {
    pub(crate) fn files(&self) -> Vec<Value> {
        self.body["files"].as_array().cloned().unwrap_or_default()
    }
}

/// An answer on its way.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self { status, headers: vec![("content-type", "application/json".into())], body: body.to_string() }
    }

    pub(crate) fn page(status: u16, text: &str) -> Self {
        Self {
            status,
            headers: vec![("content-type", "text/html".into())],
            body: format!("<!doctype html><p>{text}</p>"),
        }
    }

    pub(crate) fn to(location: impl Into<String>) -> Self {
        Self { status: 302, headers: vec![("location", location.into())], body: String::new() }
    }

    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The same with other JSON.
    pub(crate) fn with(mut self, change: impl FnOnce(Value) -> Value) -> Self {
        self.body = change(self.value()).to_string();
        self
    }

    /// The same with each entry changed.
    pub(crate) fn entries(self, change: impl Fn(&mut Value)) -> Self {
        self.with(|mut value| {
            if let Some(entries) = value["files"].as_array_mut() {
                entries.iter_mut().for_each(change);
            }
            value
        })
    }
}

/// A form before it is signed.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) method: &'static str,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) conditions: Vec<Value>,
    /// Seconds.
    pub(crate) lasts: i64,
    pub(crate) expires_in: Value,
    /// Seconds that the signer's clock is ahead.
    pub(crate) ahead: i64,
    /// Seconds that the date alone is off.
    pub(crate) date_off: i64,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) region: String,
    /// Of the answer beside the form.
    pub(crate) key: String,
    /// Instead of the document made of the conditions.
    pub(crate) policy: Option<String>,
    /// What is signed for a PUT, beside host.
    pub(crate) headers: Vec<(String, String)>,
    /// Parameters that the signature covers.
    pub(crate) query: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn field(&mut self, name: &str, value: &str) {
        self.fields.push((name.into(), value.into()));
    }

    /// A field with its condition.
    pub(crate) fn signed(&mut self, name: &str, value: &str) {
        self.field(name, value);
        self.conditions.push(json!({ name: value }));
    }

    pub(crate) fn drop_condition(&mut self, name: &str) {
        self.conditions.retain(|condition| condition.get(name).is_none());
    }

    pub(crate) fn drop_range(&mut self) {
        self.conditions.retain(|condition| condition.get(0).is_none_or(|word| word != "content-length-range"));
    }

    pub(crate) fn range(&mut self, least: u64, most: u64) {
        self.drop_range();
        self.conditions.push(json!(["content-length-range", least, most]));
    }

    /// Moves the form to another key.
    pub(crate) fn rekey(&mut self, key: &str) {
        self.drop_condition("key");
        self.fields.retain(|(name, _)| name != "key");
        self.signed("key", key);
        self.key = key.into();
    }
}

type OnForm = Box<dyn Fn(&mut Form, &Value) + Send + Sync>;
type OnUpload = Box<dyn Fn(&mut Value, &Value) + Send + Sync>;
type OnAnswer = Box<dyn Fn(&Studio, &Asked, Answer) -> Answer + Send + Sync>;
type OnRequest = Box<dyn Fn(&Studio, &Asked) -> Option<Answer> + Send + Sync>;

/// What a backend does otherwise.
#[derive(Default)]
pub(crate) struct Twist {
    pub(crate) form: Option<OnForm>,
    pub(crate) upload: Option<OnUpload>,
    pub(crate) answer: Option<OnAnswer>,
    pub(crate) request: Option<OnRequest>,
    pub(crate) puts: bool,
    /// Without the check in S3.
    pub(crate) confirms_blindly: bool,
    pub(crate) without_probe: bool,
    pub(crate) scheme: Option<&'static str>,
    /// Signs as Uppy Companion does, and doctor knows.
    pub(crate) companion: bool,
    /// Doctor has no token.
    pub(crate) signed_out: bool,
}

/// The backend.
pub(crate) struct Studio {
    pub(crate) twist: Twist,
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) confirmed: Mutex<HashMap<String, Value>>,
    pub(crate) presigned: Mutex<HashMap<String, Value>>,
}

impl Studio {
    fn answer(&self, asked: &Asked) -> Answer {
        if let Some(answer) = self.twist.request.as_ref().and_then(|request| request(self, asked)) {
            return answer;
        }
        let answer = self.usual(asked);
        match &self.twist.answer {
            Some(twist) => twist(self, asked, answer),
            None => answer,
        }
    }

    pub(crate) fn usual(&self, asked: &Asked) -> Answer {
        if asked.authorization != format!("{} {TOKEN}", self.twist.scheme.unwrap_or("Bearer")) {
            return Answer::json(401, &json!({ "title": "Not signed in", "status": 401 }));
        }
        self.as_signed_in(asked)
    }

    pub(crate) fn as_signed_in(&self, asked: &Asked) -> Answer {
        match (asked.method.as_str(), asked.path.as_str()) {
            ("GET", "/api/v1/session") => Answer::json(
                200,
                &json!({ "account": "kim@studio.example", "protocol": 1, "server_time": Timestamp::now().to_string() }),
            ),
            ("POST", "/api/v1/presign") => {
                let files: Vec<Value> = asked.files().iter().map(|file| self.presign(file)).collect();
                Answer::json(200, &json!({ "files": files }))
            }
            ("POST", "/api/v1/complete") => {
                let files: Vec<Value> = asked.files().iter().map(|file| self.complete(file)).collect();
                Answer::json(200, &json!({ "files": files }))
            }
            ("GET", "/api/s3/params") if self.twist.companion => self.params(asked),
            (_, "/api/v1/session" | "/api/v1/presign" | "/api/v1/complete") => Answer::json(405, &json!({})),
            _ => Answer::page(404, "Not found"),
        }
    }

    fn presign(&self, file: &Value) -> Value {
        let file_id = file["file_id"].as_str().unwrap().to_owned();
        let sound = file["size"].as_u64().is_some_and(|size| size < 5 << 30)
            && file["sha256"].as_str().is_some_and(|sha256| sha256.len() == 64);
        if !sound {
            return json!({ "file_id": file_id, "error": { "title": "This can't be signed for", "status": 422 } });
        }
        if let Some(done) = self.confirmed.lock().unwrap().get(&file_id) {
            return json!({ "file_id": file_id, "upload": { "method": "SKIP", "key": done["key"] } });
        }
        let form = self.form(file);
        let mut upload = self.sign(form);
        if let Some(twist) = &self.twist.upload {
            twist(&mut upload, file);
        }
        self.presigned.lock().unwrap().insert(file_id.clone(), json!({ "key": upload["key"], "file": file }));
        json!({ "file_id": file_id, "upload": upload })
    }

    /// As Companion signs: a key of its own each time, and the size not known.
    fn params(&self, asked: &Asked) -> Answer {
        let pairs: HashMap<String, String> = url::form_urlencoded::parse(asked.query.as_bytes())
            .map(|(name, value)| (name.into(), value.into()))
            .collect();
        let file = json!({ "file_id": uuid::Uuid::new_v4(), "filename": pairs["filename"], "content_type": pairs["type"], "size": 0 });
        let mut form = self.form(&file);
        form.drop_range();
        let upload = self.sign(form);
        Answer::json(
            200,
            &json!({ "method": "post", "url": upload["url"], "fields": upload["fields"], "expires": 600 }),
        )
    }

    fn form(&self, file: &Value) -> Form {
        let (file_id, name) = (file["file_id"].as_str().unwrap(), file["filename"].as_str().unwrap());
        let key = format!("kim/{file_id}/{name}");
        let (size, content_type) = (file["size"].as_u64().unwrap(), file["content_type"].as_str().unwrap());
        let signer = self.sandbox.signer();
        let mut form = Form {
            url: format!("{}/photos", self.sandbox.s3_url()),
            method: if self.twist.puts { "PUT" } else { "POST" },
            fields: Vec::new(),
            conditions: vec![json!({ "bucket": "photos" }), json!(["content-length-range", size, size])],
            lasts: 600,
            expires_in: json!(600),
            ahead: 0,
            date_off: 0,
            access_key: signer.access_key.clone(),
            secret_key: signer.secret_key.clone(),
            region: signer.region.clone(),
            key: key.clone(),
            policy: None,
            headers: Vec::new(),
            query: Vec::new(),
        };
        form.signed("key", &key);
        form.signed("Content-Type", content_type);
        form.signed("success_action_status", "201");
        if let Some(twist) = &self.twist.form {
            twist(&mut form, file);
        }
        form
    }

    fn sign(&self, form: Form) -> Value {
        let now = Timestamp::from_second(Timestamp::now().as_second() + form.ahead).unwrap();
        let date = amz_date(Timestamp::from_second(now.as_second() + form.date_off).unwrap());
        let signer = Signer {
            access_key: form.access_key.clone(),
            secret_key: form.secret_key.clone(),
            session_token: None,
            region: form.region.clone(),
        };
        if form.method == "PUT" { put(form, &signer, &date) } else { post(form, &signer, &date, now) }
    }

    fn complete(&self, file: &Value) -> Value {
        let file_id = file["file_id"].as_str().unwrap().to_owned();
        let refused = |status: u16, title: &str| json!({ "file_id": file_id, "confirmed": false, "error": { "status": status, "title": title } });
        let Some(known) = self.presigned.lock().unwrap().get(&file_id).cloned() else {
            return refused(404, "Never presigned");
        };
        if !self.twist.confirms_blindly {
            let same = known["file"]["sha256"] == file["sha256"] && known["file"]["size"] == file["size"];
            let object = self.sandbox.object(file["key"].as_str().unwrap()).unwrap();
            if !same || object.is_none_or(|object| json!(object.size) != file["size"]) {
                return refused(409, "Not in the bucket as described");
            }
        }
        self.confirmed.lock().unwrap().insert(file_id.clone(), file.clone());
        json!({ "file_id": file_id, "confirmed": true })
    }
}

fn post(form: Form, signer: &Signer, date: &str, now: Timestamp) -> Value {
    let mut fields = form.fields;
    let mut conditions = form.conditions;
    for (name, value) in [
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", signer.credential(&date[..8])),
        ("x-amz-date", date.to_owned()),
    ] {
        conditions.push(json!({ name: value }));
        fields.push((name.to_owned(), value));
    }
    let ends = policy_date(Timestamp::from_second(now.as_second() + form.lasts).unwrap());
    let document = json!({ "expiration": ends, "conditions": conditions }).to_string();
    let policy = form.policy.unwrap_or_else(|| STANDARD.encode(document));
    fields.push(("x-amz-signature".to_owned(), signer.sign(&date[..8], &policy)));
    fields.push(("policy".to_owned(), policy));
    let fields: serde_json::Map<String, Value> = fields.into_iter().map(|(name, value)| (name, json!(value))).collect();
    json!({ "method": "POST", "url": form.url, "fields": fields, "key": form.key, "expires_in": form.expires_in })
}

fn put(form: Form, signer: &Signer, date: &str) -> Value {
    let url = format!("{}/{}", form.url, encode_key(&form.key));
    let parsed = url::Url::parse(&url).unwrap();
    let host = match parsed.port() {
        Some(port) => format!("{}:{port}", parsed.host_str().unwrap()),
        None => parsed.host_str().unwrap().to_owned(),
    };
    let mut headers: Vec<(String, String)> =
        form.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    headers.push(("host".into(), host));
    headers.sort();
    let signed = headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";");
    let mut query: Vec<(String, String)> = [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", signer.credential(&date[..8])),
        ("X-Amz-Date", date.to_owned()),
        ("X-Amz-Expires", form.lasts.to_string()),
        ("X-Amz-SignedHeaders", signed.clone()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    query.extend(form.query);
    query.sort();
    let encoded = |text: &str| encode_key(text).replace('/', "%2F");
    let query =
        query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&");
    let canonical: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let request = format!("PUT\n{}\n{query}\n{canonical}\n{signed}\nUNSIGNED-PAYLOAD", parsed.path());
    let scope = format!("{}/{}/s3/aws4_request", &date[..8], signer.region);
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(Sha256::digest(request)));
    let signature = signer.sign(&date[..8], &to_sign);
    let headers: serde_json::Map<String, Value> =
        form.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
    json!({ "method": "PUT", "url": format!("{url}?{query}&X-Amz-Signature={signature}"), "headers": headers,
        "key": form.key, "expires_in": form.expires_in })
}

async fn serve(
    State(studio): State<Arc<Studio>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let asked = Asked {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        authorization: text("authorization"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let answer = studio.answer(&asked);
    let mut response = (StatusCode::from_u16(answer.status).unwrap(), answer.body).into_response();
    for (name, value) in answer.headers {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap());
    }
    response
}

/// What doctor finds at a backend with this twist.
pub(crate) async fn findings(twist: Twist) -> Vec<Finding> {
    let dir = tempfile::tempdir().unwrap();
    let options = SandboxOptions { dir: dir.path().to_owned(), ..SandboxOptions::default() };
    let sandbox = Arc::new(Sandbox::start(options).await.unwrap());
    let (probe, signed_out) = (!twist.without_probe, twist.signed_out);
    let protocol = if twist.companion { BackendProtocol::Companion } else { BackendProtocol::Offload };
    let dialect = Dialect { protocol, ..Dialect::default() };
    let studio = Arc::new(Studio { twist, sandbox, confirmed: Mutex::default(), presigned: Mutex::default() });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/api", listener.local_addr().unwrap());
    let router = Router::new().fallback(serve).with_state(studio);
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let address = Address::parse(&base).unwrap();
    let token = (!signed_out).then(|| Secret::new(TOKEN.to_owned()));
    let found = visit(&address, &dialect, token.as_ref(), Options { probe, speed: None }).await;
    server.abort();
    let text = format!("{found:#?}");
    for secret in [TOKEN, "/us-east-1/s3/aws4_request", "eyJ", "FwoGZXIv"] {
        assert!(!text.contains(secret), "{secret} is told: {text}");
    }
    found
}

pub(crate) fn with(found: &[Finding], verdict: Verdict) -> BTreeSet<String> {
    found.iter().filter(|finding| finding.verdict == verdict).map(|finding| finding.code.clone()).collect()
}

/// Backends, what is to be found at each, and a look at all of them at once.
#[derive(Default)]
pub(crate) struct Table(Vec<(String, Twist, Wanted)>);

enum Wanted {
    /// Exactly these problems.
    Problems(BTreeSet<String>),
    /// No problem, and exactly these notes.
    Notes(BTreeSet<String>),
}

impl Table {
    pub(crate) fn bad(&mut self, name: &str, twist: Twist, problems: &[&str]) {
        self.0.push((name.to_owned(), twist, Wanted::Problems(set(problems))));
    }

    pub(crate) fn good(&mut self, name: &str, twist: Twist, notes: &[&str]) {
        self.0.push((name.to_owned(), twist, Wanted::Notes(set(notes))));
    }

    /// Asserts that each backend gives just what is wanted, and each problem words of how to mend it.
    pub(crate) async fn check(self) {
        let looks = self.0.into_iter().map(|(name, twist, wanted)| async move {
            let found = findings(twist).await;
            let (problems, notes) = (with(&found, Verdict::Problem), with(&found, Verdict::Note));
            let is_right = match &wanted {
                Wanted::Problems(wanted) => problems == *wanted,
                Wanted::Notes(wanted) => problems.is_empty() && notes == *wanted,
            };
            let mends = found.iter().all(|finding| {
                finding.verdict != Verdict::Problem || !(finding.mends.is_empty() || finding.detail.is_empty())
            });
            (!is_right || !mends).then(|| {
                let seen: Vec<String> = found
                    .iter()
                    .map(|found| format!("  {:?} {}: {}", found.verdict, found.code, found.detail))
                    .collect();
                format!("{name}: {}", seen.join("\n"))
            })
        });
        let wrong: Vec<String> = futures::future::join_all(looks).await.into_iter().flatten().collect();
        assert!(wrong.is_empty(), "{} of the backends:\n{}", wrong.len(), wrong.join("\n"));
    }
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|&code| code.to_owned()).collect()
}

pub(crate) fn form(change: impl Fn(&mut Form, &Value) + Send + Sync + 'static) -> Twist {
    Twist { form: Some(Box::new(change)), ..Twist::default() }
}

pub(crate) fn upload(change: impl Fn(&mut Value, &Value) + Send + Sync + 'static) -> Twist {
    Twist { upload: Some(Box::new(change)), ..Twist::default() }
}

pub(crate) fn answer(change: impl Fn(&Studio, &Asked, Answer) -> Answer + Send + Sync + 'static) -> Twist {
    Twist { answer: Some(Box::new(change)), ..Twist::default() }
}

pub(crate) fn request(change: impl Fn(&Studio, &Asked) -> Option<Answer> + Send + Sync + 'static) -> Twist {
    Twist { request: Some(Box::new(change)), ..Twist::default() }
}

/// A twist of the answers of one endpoint.
pub(crate) fn at(end: &'static str, change: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Twist {
    answer(
        move |_, asked, answer| if asked.path.ends_with(end) && answer.status == 200 { change(answer) } else { answer },
    )
}
