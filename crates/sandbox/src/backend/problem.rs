//! Errors as RFC 9457 has them: of a whole request, and of one file in an answer.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use offload_protocol::wire::{Problem, SignIn};

/// Where this backend's problem types are named.
const BASE: &str = "https://offload.example/problems/";

/// An error of the whole request.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: u16,
    problem: Problem,
    authenticate: Option<String>,
    ways: Option<Box<SignIn>>,
}

impl Refusal {
    pub(super) fn new(status: u16, title: &str, detail: &str) -> Self {
        let problem = Problem {
            kind: None,
            title: Some(title.to_owned()),
            detail: Some(detail.to_owned()),
            status: Some(status),
        };
        Self { status, problem, authenticate: None, ways: None }
    }

    /// `ways` tells a client that has no token yet how to come by one.
    pub(super) fn signed_out(scheme: &str, ways: Option<SignIn>) -> Self {
        let mut refusal = Self::new(401, "Not signed in", "The token is missing or is not valid.");
        refusal.problem.kind = Some(format!("{BASE}signed-out"));
        refusal.authenticate = Some(scheme.to_owned());
        refusal.ways = ways.map(Box::new);
        refusal
    }

    pub(super) fn internal(error: &dyn std::error::Error) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(500, "Internal error", "The backend could not do this now.")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        #[derive(serde::Serialize)]
        struct Told<'a> {
            #[serde(flatten)]
            problem: &'a Problem,
            #[serde(skip_serializing_if = "Option::is_none")]
            sign_in: Option<&'a SignIn>,
        }
        let told = Told { problem: &self.problem, sign_in: self.ways.as_deref() };
        let body = serde_json::to_vec(&told).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(scheme) = self.authenticate.and_then(|scheme| HeaderValue::from_str(&scheme).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// An error of one file.
pub(super) fn of_file(status: u16, kind: &str, title: &str, detail: impl Into<String>) -> Problem {
    Problem {
        kind: Some(format!("{BASE}{kind}")),
        title: Some(title.to_owned()),
        detail: Some(detail.into()),
        status: Some(status),
    }
}

/// A fault inside, as the error of one file: it is worth trying again.
pub(super) fn internal(error: &dyn std::error::Error) -> Problem {
    tracing::error!(%error, "a file could not be handled");
    of_file(500, "internal", "Internal error", "The backend could not do this now.")
}

/// The files of a request body, each still unread; or why there are none.
pub(super) fn files_of(body: &[u8], limit: u32) -> Result<Vec<serde_json::Value>, Refusal> {
    let malformed = |detail: &str| Refusal::new(400, "Malformed request", detail);
    let mut body: serde_json::Value = serde_json::from_slice(body).map_err(|_| malformed("The body is not JSON."))?;
    let Some(serde_json::Value::Array(files)) = body.get_mut("files").map(serde_json::Value::take) else {
        return Err(malformed("The body has no member \"files\" with an array."));
    };
    if files.iter().any(|file| file.get("file_id").is_none_or(|id| !id.is_string())) {
        return Err(malformed("A file has no member \"file_id\" with a string, so it cannot be answered."));
    }
    if files.len() > limit as usize {
        let detail = format!("At most {limit} files in one request; see \"limits\" of the session.");
        return Err(Refusal::new(413, "Too many files", &detail));
    }
    Ok(files)
}

/// One file out of its JSON, or the error for it alone, with its `file_id`.
pub(super) fn read_file<T: serde::de::DeserializeOwned>(file: serde_json::Value) -> (String, Result<T, Problem>) {
    let file_id = file.get("file_id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    let read = serde_json::from_value(file)
        .map_err(|error| of_file(422, "malformed-file", "The file's description is incomplete", error.to_string()));
    (file_id, read)
}

pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
