//! A small authorization server: OAuth 2.0 device authorization (RFC 8628) and refresh with rotation (RFC 6749, 6).
//!
//! One public client, one account. What was approved outlives a restart (`oauth.json` in the sandbox's directory).
//! The page that approves has no sign-in of its own: it answers on loopback only.

use super::Backend;
use super::control::local;
use super::problem::Refusal;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{get, post};
use axum::{Router, http::header};
use jiff::Timestamp;
use offload_protocol::wire::{DeviceGrant, SignIn};
use rand::Rng as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

const CLIENT: &str = "offload";
/// How long a code can be approved.
const CODE_LASTS: Duration = Duration::from_secs(600);
/// Seconds between two questions for the tokens.
const INTERVAL: u64 = 1;
/// Without vowels, so that no words come about, and without what looks alike (RFC 8628, 6.1).
const LETTERS: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Codes that wait and tokens that were given.
pub(crate) struct Grants {
    file: PathBuf,
    access_lasts: Duration,
    state: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By device code; forgotten with the process.
    waiting: HashMap<String, Waiting>,
    given: Vec<Given>,
}

struct Waiting {
    user_code: String,
    until: Instant,
    asked: Option<Instant>,
    answer: Option<bool>,
}

/// A sign-in that was approved, with every token that still counts.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Given {
    /// Access tokens end by themselves.
    access: HashMap<String, Token>,
    refresh: HashMap<String, Token>,
    generation: u64,
}

/// A refresh token counts until an access token of a later generation was used: the answer with that may have been lost on its way.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Token {
    generation: u64,
    /// Milliseconds since 1970.
    ends: i64,
}

impl Given {
    /// The next pair of tokens.
    fn renew(&mut self, access_lasts: Duration) -> serde_json::Value {
        self.generation += 1;
        let now = Timestamp::now().as_millisecond();
        let lasts = i64::try_from(access_lasts.as_millis()).unwrap_or(i64::MAX);
        let secret = || format!("sandbox-grant-{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let (access, refresh) = (secret(), secret());
        self.access.retain(|_, token| token.ends > now);
        self.access.insert(access.clone(), Token { generation: self.generation, ends: now.saturating_add(lasts) });
        self.refresh.insert(refresh.clone(), Token { generation: self.generation, ends: i64::MAX });
        json!({ "access_token": access, "token_type": "Bearer", "expires_in": access_lasts.as_secs(), "refresh_token": refresh })
    }
}

impl Grants {
    pub(crate) fn open(file: PathBuf, access_lasts: Duration) -> io::Result<Self> {
        let given = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(Self { file, access_lasts, state: Mutex::new(Known { given, ..Known::default() }) })
    }

    fn state(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is an access token that counts. Its use ends the refresh tokens before it.
    pub(super) fn accept(&self, access: &str) -> bool {
        let now = Timestamp::now().as_millisecond();
        let mut state = self.state();
        for given in &mut state.given {
            if let Some(token) = given.access.get(access).copied().filter(|token| token.ends > now) {
                given.refresh.retain(|_, refresh| refresh.generation >= token.generation);
                return true;
            }
        }
        false
    }

    /// As a server that lost its cache does.
    pub(crate) fn forget_access_tokens(&self) {
        self.state().given.iter_mut().for_each(|given| given.access.clear());
    }

    /// Ends every sign-in, as a studio does that takes a laptop's leave away.
    pub(crate) fn revoke_all(&self) -> io::Result<()> {
        let mut state = self.state();
        state.given.clear();
        self.save(&state)
    }

    fn save(&self, state: &Known) -> io::Result<()> {
        let part = self.file.with_extension("part");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&part)?.write_all(&serde_json::to_vec(&state.given)?)?;
        std::fs::rename(part, &self.file)
    }

    fn begin(&self) -> (String, String) {
        let letters = || char::from(LETTERS[rand::rng().random_range(0..LETTERS.len())]);
        let half: String = (0..4).map(|_| letters()).collect();
        let user_code = format!("{half}-{}", (0..4).map(|_| letters()).collect::<String>());
        let device_code = Uuid::new_v4().simple().to_string();
        let waiting =
            Waiting { user_code: user_code.clone(), until: Instant::now() + CODE_LASTS, asked: None, answer: None };
        let mut state = self.state();
        state.waiting.retain(|_, waiting| waiting.until > Instant::now());
        state.waiting.insert(device_code.clone(), waiting);
        (device_code, user_code)
    }

    /// The person's answer; `false`: there is no such code.
    pub(crate) fn answer(&self, user_code: &str, approve: bool) -> bool {
        let mut state = self.state();
        let now = Instant::now();
        let found = state.waiting.values_mut().find(|waiting| waiting.user_code == user_code && waiting.until > now);
        found.map(|waiting| waiting.answer = Some(approve)).is_some()
    }

    /// The codes that wait for an answer.
    pub(crate) fn waiting(&self) -> Vec<String> {
        let state = self.state();
        state.waiting.values().filter(|waiting| waiting.answer.is_none()).map(|one| one.user_code.clone()).collect()
    }

    /// Tokens for a device code, or the error's word.
    fn collect(&self, device_code: &str) -> Result<serde_json::Value, &'static str> {
        let mut state = self.state();
        let waiting = state.waiting.get_mut(device_code).ok_or("expired_token")?;
        let now = Instant::now();
        if waiting.until <= now {
            return Err("expired_token");
        }
        // Half of the interval is forgiven: a question may have been long on its way.
        let hasty =
            waiting.asked.replace(now).is_some_and(|before| before.elapsed().as_millis() < u128::from(INTERVAL) * 500);
        match waiting.answer {
            None if hasty => return Err("slow_down"),
            None => return Err("authorization_pending"),
            Some(false) => {
                state.waiting.remove(device_code);
                return Err("access_denied");
            }
            Some(true) => {}
        }
        state.waiting.remove(device_code);
        let mut given = Given::default();
        let tokens = given.renew(self.access_lasts);
        state.given.push(given);
        self.kept(&state, tokens)
    }

    fn refresh(&self, refresh: &str) -> Result<serde_json::Value, &'static str> {
        let mut state = self.state();
        let given = state.given.iter_mut().find(|given| given.refresh.contains_key(refresh)).ok_or("invalid_grant")?;
        let tokens = given.renew(self.access_lasts);
        self.kept(&state, tokens)
    }

    fn kept(&self, state: &Known, tokens: serde_json::Value) -> Result<serde_json::Value, &'static str> {
        self.save(state).map(|()| tokens).map_err(|error| {
            tracing::error!(%error, "tokens could not be kept");
            "server_error"
        })
    }
}

pub(super) fn routes() -> Router<Arc<Backend>> {
    Router::new()
        .route("/oauth/device", post(device))
        .route("/oauth/token", post(token))
        .route("/oauth/approve", get(page).post(approve))
}

impl Backend {
    /// What the session and a refusal tell of signing in.
    pub(super) fn sign_in(&self, headers: &HeaderMap) -> Option<SignIn> {
        self.grants.as_ref()?;
        let base = origin(headers);
        let device = DeviceGrant {
            device_authorization_endpoint: format!("{base}/oauth/device"),
            token_endpoint: format!("{base}/oauth/token"),
            client_id: CLIENT.to_owned(),
            scope: None,
        };
        Some(SignIn { device: Some(device) })
    }

    fn grants(&self) -> Result<Arc<Grants>, Refusal> {
        self.grants.clone().ok_or_else(|| Refusal::new(404, "Not found", "This sandbox was started without --oauth."))
    }
}

fn origin(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    format!("http://{host}")
}

fn error(word: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": word }))).into_response()
}

#[derive(Deserialize)]
struct Asking {
    client_id: Option<String>,
}

async fn device(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    Form(asking): Form<Asking>,
) -> Result<Response, Refusal> {
    let grants = backend.grants()?;
    if asking.client_id.as_deref() != Some(CLIENT) {
        return Ok(error("invalid_client"));
    }
    let (device_code, user_code) = grants.begin();
    let page = format!("{}/oauth/approve", origin(&headers));
    Ok(Json(json!({
        "device_code": device_code, "user_code": user_code, "verification_uri": page,
        "verification_uri_complete": format!("{page}?code={user_code}"),
        "expires_in": CODE_LASTS.as_secs(), "interval": INTERVAL,
    }))
    .into_response())
}

#[derive(Deserialize)]
struct Wanting {
    grant_type: String,
    client_id: Option<String>,
    device_code: Option<String>,
    refresh_token: Option<String>,
}

async fn token(State(backend): State<Arc<Backend>>, Form(wanting): Form<Wanting>) -> Result<Response, Refusal> {
    let grants = backend.grants()?;
    if wanting.client_id.as_deref() != Some(CLIENT) {
        return Ok(error("invalid_client"));
    }
    let given = tokio::task::spawn_blocking(move || match wanting.grant_type.as_str() {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            grants.collect(wanting.device_code.as_deref().unwrap_or_default())
        }
        "refresh_token" => grants.refresh(wanting.refresh_token.as_deref().unwrap_or_default()),
        _ => Err("unsupported_grant_type"),
    });
    Ok(match given.await.map_err(|error| Refusal::internal(&error))? {
        Ok(tokens) => ([(header::CACHE_CONTROL, "no-store")], Json(tokens)).into_response(),
        Err(word) => error(word),
    })
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    code: String,
}

/// The code comes from outside: only letters and dashes are shown.
fn clean(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(20).collect()
}

async fn page(headers: HeaderMap, Query(shown): Query<Shown>) -> Result<Html<String>, Refusal> {
    local(&headers)?;
    let code = clean(&shown.code);
    Ok(Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sign in to the sandbox</title>\
         <style>body{{font:16px system-ui;max-width:26em;margin:4em auto}}input{{font:inherit;letter-spacing:.1em}}</style>\
         <h1>Sign Offload in?</h1><p>Approve only if Offload shows this very code.</p>\
         <form method=post><p><input name=code value=\"{code}\" aria-label=Code></p>\
         <p><button name=answer value=approve>Approve</button> <button name=answer value=deny>Deny</button></p></form>"
    )))
}

#[derive(Deserialize)]
struct Answering {
    code: String,
    answer: String,
}

async fn approve(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    Form(answering): Form<Answering>,
) -> Result<Html<&'static str>, Refusal> {
    local(&headers)?;
    let approved = answering.answer == "approve";
    if !backend.grants()?.answer(&clean(&answering.code).to_ascii_uppercase(), approved) {
        return Err(Refusal::new(404, "No such code", "It was mistyped, or it has expired."));
    }
    Ok(Html(if approved {
        "<!doctype html><title>Approved</title><p>Approved. You can close this page."
    } else {
        "<!doctype html><title>Denied</title><p>Denied. You can close this page."
    }))
}
