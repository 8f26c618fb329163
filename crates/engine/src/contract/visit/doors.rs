//! Who may ask: the word before the token, wrong tokens, none.

use super::super::answers::{self, Raw};
use super::super::asks::Asks;
use super::super::caller::{As, Endpoint};
use super::super::checks::{Check, with_mend};
use super::{Ends, Visit};
use offload_protocol::checkup::Stack;
use serde_json::json;

/// Words that stand before tokens, tried where the configured one is refused.
const SCHEMES: [&str; 5] = ["Bearer", "Token", "JWT", "Api-Key", "Key"];

impl Visit {
    /// Tries the token behind other words.
    pub(super) async fn by_another_scheme(
        &mut self,
        raw: Raw,
        endpoint: Endpoint,
        body: Option<serde_json::Value>,
    ) -> Result<Raw, Ends> {
        let named = raw.www_authenticate.as_deref().and_then(|text| text.split([' ', ',']).next()).unwrap_or_default();
        let named = if crate::backend::check_scheme(named).is_ok() { named } else { "" };
        let used = self.caller.scheme.clone();
        let others: Vec<String> = std::iter::once(named)
            .chain(SCHEMES)
            .filter(|scheme| !scheme.is_empty() && !scheme.eq_ignore_ascii_case(&used))
            .filter(|scheme| !["basic", "digest", "negotiate"].contains(&scheme.to_ascii_lowercase().as_str()))
            .map(str::to_owned)
            .collect();
        for scheme in others {
            let tried = self.reached(self.caller.ask(endpoint, body.clone(), As::UsBy(&scheme)).await)?;
            if tried.is_good() {
                let finding = Check::AuthScheme
                    .problem(format!("the backend refuses \"{used}\" before the token and takes \"{scheme}\""));
                let mend = format!(
                    "auth_scheme = \"{scheme}\" under [backend] in config.toml, or `offload login --auth-scheme {scheme}`"
                );
                self.add(with_mend(finding, Stack::Anyone, mend));
                self.caller.scheme = scheme;
                return Ok(tried);
            }
        }
        self.add(answers::refused(&raw));
        Err(Ends)
    }

    pub(super) async fn strangers(&mut self, asks: &Asks) {
        let mut taken = Vec::new();
        let mut odd = None;
        let complete = json!({ "files": [{ "file_id": &asks.unsent.file.file_id, "key": "offload-doctor", "size": 1,
            "sha256": &asks.unsent.file.sha256, "media": {} }] });
        let presign = json!({ "files": [&asks.plain.file] });
        for (endpoint, body, who, what) in [
            (Endpoint::Session, None, As::Stranger, "session, to a wrong token"),
            (Endpoint::Presign, Some(presign.clone()), As::Stranger, "presign, to a wrong token"),
            (Endpoint::Presign, Some(presign), As::Nobody, "presign, without a token"),
            (Endpoint::Complete, Some(complete), As::Stranger, "complete, to a wrong token"),
        ] {
            if endpoint == Endpoint::Session && !self.session_is_good {
                continue;
            }
            let Ok(raw) = self.caller.ask(endpoint, body, who).await else { continue };
            if raw.is_good() && tells(endpoint, &raw) {
                taken.push(what);
            } else if !is_as_it_should_be(endpoint, &raw) {
                odd.get_or_insert((what, raw.status));
            }
        }
        if !taken.is_empty() {
            self.add(Check::AnyToken.problem(format!("it answers: {}", taken.join("; "))));
        } else if let Some((what, status)) = odd {
            self.add(Check::WrongTokenStatus.note(format!("it answers {status} for {what}")));
        } else {
            self.add(Check::Token.good("a wrong token and none are refused"));
        }
    }
}

/// Refused as a stranger, or nothing that concerns one.
const fn is_as_it_should_be(endpoint: Endpoint, raw: &Raw) -> bool {
    let is_missing = matches!(endpoint, Endpoint::Complete) && raw.is_nowhere();
    raw.is_good() || is_missing || matches!(raw.status, 401 | 403)
}

/// Django REST framework says 403 where nobody recognised the token's scheme.
pub(super) fn is_refusal_of_token(raw: &Raw) -> bool {
    raw.status == 401 || (raw.status == 403 && !answers::is_csrf(raw))
}

/// Whether a good status also tells a stranger something.
pub(super) fn tells(endpoint: Endpoint, raw: &Raw) -> bool {
    let Some(value) = raw.json() else { return false };
    let entries = value.get("files").and_then(serde_json::Value::as_array);
    match endpoint {
        Endpoint::Session => {
            value.get("account").is_some_and(|account| account.as_str().is_some_and(|name| !name.is_empty()))
        }
        Endpoint::Presign => entries.is_some_and(|entries| {
            entries.iter().any(|entry| entry.get("upload").is_some_and(|upload| !upload.is_null()))
        }),
        Endpoint::Complete => entries.is_some_and(|entries| {
            !entries.is_empty()
                && entries.iter().all(|entry| {
                    let status =
                        entry.get("error").and_then(|error| error.get("status")).and_then(serde_json::Value::as_u64);
                    !matches!(status, Some(401 | 403))
                })
        }),
    }
}
