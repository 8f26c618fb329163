//! Signing in at the backend's authorization server: OAuth 2.0 device authorization (RFC 8628) and refresh (RFC 6749, 6).
//!
//! The person sees a short code and approves it in their browser, on any device; the token never passes through their hands.

use super::credential::Grant;
use super::request::{Address, Line};
use super::{Dialect, answer};
use crate::cause::{Cause, Code};
use crate::secrets::Secret;
use crate::transfer::client;
use crate::transfer::quote::quote;
use http::Method;
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, ClientId, DeviceAuthorizationUrl, DeviceCodeErrorResponseType, ErrorResponse, HttpRequest,
    HttpResponse, RefreshToken, RequestTokenError, Scope, StandardDeviceAuthorizationResponse, TokenResponse, TokenUrl,
};
use offload_protocol::wire::{DeviceGrant, SignIn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Largest answer of an authorization server that is read.
const LARGEST: usize = 256 << 10;
/// Between two questions while the network is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the person has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceCode {
    /// To be compared, or typed.
    pub user_code: String,
    /// The page to open, without the code.
    pub verification_uri: Url,
    /// The page with the code in it, where the server has one.
    pub verification_uri_complete: Option<Url>,
    pub expires_in: Duration,
}

impl DeviceCode {
    /// The page that asks for the least typing.
    pub fn page(&self) -> &Url {
        self.verification_uri_complete.as_ref().unwrap_or(&self.verification_uri)
    }
}

/// Why a sign-in came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unapproved {
    #[error("the sign-in was refused in the browser")]
    Refused,
    #[error("nobody approved the sign-in in time")]
    Expired,
    #[error(transparent)]
    Failed(#[from] Cause),
}

impl Unapproved {
    /// Stable word for the window.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused => "sign_in_refused",
            Self::Expired => "sign_in_expired",
            Self::Failed(cause) => cause.code.as_str(),
        }
    }

    /// What to do now.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Refused | Self::Expired => Some("begin the sign-in once more".into()),
            Self::Failed(cause) => cause.hint.clone(),
        }
    }
}

impl From<Unapproved> for Cause {
    fn from(error: Unapproved) -> Self {
        let hint = error.hint();
        match error {
            Unapproved::Failed(cause) => cause,
            Unapproved::Refused | Unapproved::Expired => {
                let cause = Self::new(Code::SignedOut, error.to_string());
                hint.into_iter().fold(cause, Self::hint)
            }
        }
    }
}

/// A sign-in that waits for the person.
pub struct DeviceSignIn {
    code: DeviceCode,
    details: StandardDeviceAuthorizationResponse,
    at: DeviceGrant,
}

impl std::fmt::Debug for DeviceSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceSignIn").field("code", &self.code).finish_non_exhaustive()
    }
}

/// How one may sign in at a backend, beside a token: asked without one.
///
/// # Errors
/// The backend can't be reached, or answers as no backend of protocol v1 does.
pub async fn ways(address: &Address, dialect: &Dialect) -> Result<SignIn, Cause> {
    #[derive(serde::Deserialize)]
    struct Told {
        #[serde(default)]
        sign_in: Option<SignIn>,
    }
    if !dialect.needs_token() {
        return Ok(SignIn::default());
    }
    let line = Line {
        client: client::for_backend()?,
        address: address.clone(),
        scheme: String::new(),
        token: Arc::new(|| None),
        anonymous: true,
    };
    let (head, body) = line.ask(Method::GET, address.endpoint("v1/session")?, None).await?;
    // Usually 401, with the ways beside the problem's members.
    let told = match head.status {
        401 | 403 => serde_json::from_slice::<Told>(&body).unwrap_or(Told { sign_in: None }),
        _ => answer::json::<Told>(&head, &body)?,
    };
    Ok(told.sign_in.unwrap_or_default())
}

impl DeviceSignIn {
    /// Asks for a code.
    ///
    /// # Errors
    /// `Code::BackendAnswer` where the server's addresses or answers are none.
    pub async fn begin(at: DeviceGrant) -> Result<Self, Cause> {
        let http = Http::new()?;
        let authorization = safe(&at.device_authorization_endpoint, "device_authorization_endpoint")?;
        let client = BasicClient::new(ClientId::new(at.client_id.clone()))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(authorization));
        let scopes =
            at.scope.iter().flat_map(|scope| scope.split_whitespace()).map(|scope| Scope::new(scope.to_owned()));
        let details: StandardDeviceAuthorizationResponse =
            client.exchange_device_code().add_scopes(scopes).request_async(&http).await.map_err(not_begun)?;
        let verification_uri = shown(details.verification_uri().as_str())?;
        let complete = details.verification_uri_complete().map(|uri| shown(uri.secret())).transpose()?;
        let code = DeviceCode {
            user_code: quote(details.user_code().secret(), 40),
            verification_uri,
            verification_uri_complete: complete,
            expires_in: details.expires_in(),
        };
        Ok(Self { code, details, at })
    }

    pub const fn code(&self) -> &DeviceCode {
        &self.code
    }

    /// Waits until the person has approved it. Dropping the future gives up.
    ///
    /// # Errors
    /// They refused it or let it expire, or the server could not be asked.
    pub async fn wait(self) -> Result<Grant, Unapproved> {
        let http = Http::new()?;
        let client = BasicClient::new(ClientId::new(self.at.client_id.clone()))
            .set_token_uri(TokenUrl::from_url(safe(&self.at.token_endpoint, "token_endpoint")?));
        let tokens = client
            .exchange_device_access_token(&self.details)
            .set_max_backoff_interval(LONGEST_PAUSE)
            .request_async(&http, tokio::time::sleep, None)
            .await
            .map_err(not_given)?;
        Ok(granted(&tokens, None, self.at))
    }
}

/// A new access token for a grant; the old refresh token stays where the server sends no new one.
pub(super) async fn renew(grant: &Grant) -> Result<Grant, Cause> {
    let over = || Cause::new(Code::SignedOut, "the sign-in is over").hint("sign in again");
    let refresh = RefreshToken::new(grant.refresh.as_ref().ok_or_else(over)?.expose().to_owned());
    let http = Http::new()?;
    let client = BasicClient::new(ClientId::new(grant.at.client_id.clone()))
        .set_token_uri(TokenUrl::from_url(safe(&grant.at.token_endpoint, "token_endpoint")?));
    let tokens: BasicTokenResponse =
        client.exchange_refresh_token(&refresh).request_async(&http).await.map_err(|error| match error {
            RequestTokenError::Request(cause) => cause,
            RequestTokenError::ServerResponse(said) => match said.error() {
                // RFC 6749, 5.2: revoked, expired, or given to somebody else.
                BasicErrorResponseType::InvalidGrant | BasicErrorResponseType::InvalidClient => over(),
                other => odd(&format!("refuses to renew the sign-in ({})", quote(other.as_ref(), 60))),
            },
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                odd("gave an answer that is none of OAuth 2.0")
            }
        })?;
    Ok(granted(&tokens, grant.refresh.clone(), grant.at.clone()))
}

fn granted(tokens: &BasicTokenResponse, before: Option<Secret>, at: DeviceGrant) -> Grant {
    let access = Secret::new(tokens.access_token().secret().clone());
    let refresh = tokens.refresh_token().map(|token| Secret::new(token.secret().clone())).or(before);
    let lasts_ms = tokens.expires_in().map(|lasts| i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
    Grant::new(access, refresh, crate::ledger::now_ms(), lasts_ms, at)
}

fn not_begun<T: ErrorResponse>(error: RequestTokenError<Cause, T>) -> Cause {
    match error {
        RequestTokenError::Request(cause) => cause,
        RequestTokenError::ServerResponse(_) => odd("refuses to begin a sign-in"),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => odd("gave an answer that is none of RFC 8628"),
    }
}

fn not_given(error: RequestTokenError<Cause, oauth2::DeviceCodeErrorResponse>) -> Unapproved {
    match error {
        RequestTokenError::Request(cause) => cause.into(),
        RequestTokenError::ServerResponse(said) => match said.error() {
            DeviceCodeErrorResponseType::AccessDenied => Unapproved::Refused,
            DeviceCodeErrorResponseType::ExpiredToken => Unapproved::Expired,
            other => odd(&format!("refuses the sign-in ({})", quote(other.as_ref(), 60))).into(),
        },
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            odd("gave an answer that is none of OAuth 2.0").into()
        }
    }
}

fn odd(what: &str) -> Cause {
    Cause::new(Code::BackendAnswer, format!("the backend's authorization server {what}")).hint(
        "for the backend: sign_in.device in the session has to name a server of RFC 8628 and a public client of it",
    )
}

/// An address tokens may be sent to.
fn safe(text: &str, member: &str) -> Result<Url, Cause> {
    let url = Url::parse(text).map_err(|_| odd(&format!("has no address in {member}")))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if client::is_loopback(&url) => Ok(url),
        _ => Err(odd(&format!("is not encrypted: {member} has to begin with https"))),
    }
}

/// An address a person may be sent to.
fn shown(text: &str) -> Result<Url, Cause> {
    let url = safe(text, "verification_uri")?;
    if url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(odd("has a user in its verification_uri"))
    }
}

/// The library's way to the network: our client, no redirects, and a limit on what is read.
struct Http(reqwest::Client);

impl Http {
    fn new() -> Result<Self, Cause> {
        client::for_backend().map(Self)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Cause> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string()).map_err(|_| odd("has no address"))?;
        let request = self.0.request(parts.method, url.clone()).headers(parts.headers).body(body);
        let mut response = request.send().await.map_err(|error| client::fault(&error, &url))?;
        let status = response.status();
        let mut read = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| client::fault(&error, &url))? {
            if read.len() + chunk.len() > LARGEST {
                return Err(odd("gave an answer over 256 KB"));
            }
            read.extend_from_slice(&chunk);
        }
        // A server that is just restarted is asked again, as one that can't be reached.
        if status.is_server_error() {
            return Err(Cause::new(
                Code::BackendError,
                format!("the authorization server had an error ({})", status.as_u16()),
            ));
        }
        let mut answer = HttpResponse::new(read);
        *answer.status_mut() = status;
        answer.headers_mut().clone_from(response.headers());
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Cause>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

#[cfg(test)]
mod tests;
