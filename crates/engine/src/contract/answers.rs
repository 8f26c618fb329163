//! A whole answer before its JSON is looked at: status, redirects, pages. Pure.

use super::checks::{Check, with_mend};
use crate::backend::words_of;
use crate::transfer::client::place_of;
use crate::transfer::quote::quote;
use jiff::Timestamp;
use offload_protocol::checkup::{Finding, Stack};
use url::Url;

/// One answer of the backend.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) url: Url,
    pub(super) status: u16,
    /// Made whole.
    pub(super) location: Option<Url>,
    pub(super) www_authenticate: Option<String>,
    pub(super) retry_after_ms: Option<u64>,
    /// The server's own clock.
    pub(super) date: Option<Timestamp>,
    pub(super) body: Vec<u8>,
    pub(super) asked_at: Timestamp,
    pub(super) answered_at: Timestamp,
}

impl Raw {
    pub(super) const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// Whether nothing is at the address.
    pub(super) const fn is_nowhere(&self) -> bool {
        matches!(self.status, 404 | 410 | 501)
    }

    pub(super) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    fn is_page(&self) -> bool {
        self.body.iter().find(|b| !b.is_ascii_whitespace() && !matches!(b, 0xEF | 0xBB | 0xBF)) == Some(&b'<')
    }

    fn says(&self, words: &str) -> bool {
        String::from_utf8_lossy(&self.body).to_ascii_lowercase().contains(words)
    }

    fn place(&self) -> String {
        place_of(self.url.as_str()).unwrap_or_default()
    }

    fn words(&self) -> String {
        words_of(&self.body).map(|words| format!(": {words}")).unwrap_or_default()
    }
}

/// What is wrong with an answer that is not a good one; 401 is for who knows of schemes.
pub(super) fn refused(raw: &Raw) -> Finding {
    let (place, status, words) = (raw.place(), raw.status, raw.words());
    if raw.status == 500 && raw.says("end in a slash") {
        return Check::TrailingSlash.problem(format!("{place} is only there with a slash at its end ({status})"));
    }
    if is_csrf(raw) {
        return Check::Csrf.problem(format!("{place} is refused by a CSRF check ({status})"));
    }
    match status {
        300..=399 => redirect(raw),
        401 => Check::TokenRefused.problem(format!("{place} does not accept the token (401{words})")),
        403 => Check::AccessDenied.problem(format!("{place} denies access (403{words})")),
        404 | 410 | 501 => Check::EndpointMissing.problem(format!("there is nothing at {place} ({status})")),
        405 => Check::WrongMethod.problem(format!("{place} does not take this method (405)")),
        429 | 503 => Check::Busy.problem(format!("{place} is busy ({status}{words})")),
        500..=599 => Check::ServerError.problem(format!("{place} had an error ({status}{words})")),
        _ => Check::RequestRefused.problem(format!("{place} refuses the request ({status}{words})")),
    }
}

/// Django, DRF, Flask-WTF, Rails and Laravel each say it in their own way.
pub(super) fn is_csrf(raw: &Raw) -> bool {
    matches!(raw.status, 400 | 403 | 419 | 422) && (raw.says("csrf") || raw.says("invalidauthenticitytoken"))
}

fn redirect(raw: &Raw) -> Finding {
    const LOGIN: [&str; 9] =
        ["login", "log-in", "signin", "sign-in", "sign_in", "oauth", "/sso", "/auth/", "/accounts/"];
    let (place, status) = (raw.place(), raw.status);
    let Some(to) = &raw.location else {
        return Check::Redirect.problem(format!("{place} redirects ({status}), and does not say where to"));
    };
    let there = place_of(to.as_str()).map(|there| quote(&there, 200)).unwrap_or_default();
    if to.path() == format!("{}/", raw.url.path()) {
        return Check::TrailingSlash
            .problem(format!("{place} redirects to the same with a slash at its end ({status})"));
    }
    let path = format!("{}?", to.path()).to_ascii_lowercase();
    if LOGIN.iter().any(|word| path.contains(word)) {
        return Check::LoginRedirect.problem(format!("{place} redirects to {there} ({status})"));
    }
    let finding = Check::Redirect.problem(format!("{place} redirects to {there} ({status})"));
    match ["/v1/session", "/v1/presign", "/v1/complete"].iter().find_map(|path| there.strip_suffix(path)) {
        Some(base) => with_mend(finding, Stack::Anyone, format!("offload login --backend {base}")),
        None => finding,
    }
}

/// A good status with something else than JSON.
pub(super) fn not_json(raw: &Raw) -> Option<Finding> {
    let place = raw.place();
    if raw.is_page() {
        return Some(Check::WebPage.problem(format!("{place} answers with a web page")));
    }
    if raw.json().is_some() {
        return None;
    }
    if raw.body.starts_with(&[0x1f, 0x8b]) {
        return Some(Check::NotJson.problem(format!("{place} answers compressed, which was not asked for")));
    }
    Some(if raw.body.is_empty() {
        Check::NotJson.problem(format!("{place} answers with nothing ({})", raw.status))
    } else {
        Check::NotJson.problem(format!("{place} answers with something that is not JSON"))
    })
}
