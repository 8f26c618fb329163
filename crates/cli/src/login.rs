//! `login` and `logout`: the token is checked before it is kept, and kept only in the keyring.

use crate::args::Login;
use crate::failure::{DONE, Failure};
use crate::out;
use crate::setting::Setting;
use crate::words::clean;
use offload_engine::backend::{Address, Backend, OffloadBackend};
use offload_engine::cause::{Cause, Code};
use offload_engine::config::Config;
use offload_engine::control::Client;
use offload_engine::secrets::Secret;
use offload_engine::transfer::client;
use offload_protocol::control::Request;
use offload_protocol::wire::Session;
use std::io::{IsTerminal, Read};
use std::sync::Arc;

/// Longest token that is read; longer is a file given by mistake.
const LONGEST_TOKEN: u64 = 64 << 10;

pub(crate) async fn login(setting: &Setting, login: Login) -> Result<u8, Failure> {
    let config = setting.config().await?;
    let scheme = scheme(login.auth_scheme.as_deref(), &config)?;
    let backend = Setting::backend(&config).map_err(|_| {
        Failure::new("no_backend", "which backend?").hint("offload login --backend https://photos.example.com/api")
    })?;
    let before = Config::load(&setting.dir).ok().and_then(|config| config.backend.url);
    let from_environment = setting.has_token_in_environment() && !login.token_stdin;
    let token =
        if from_environment { stored(setting, &backend).await? } else { given(&backend, login.token_stdin).await? };
    let session = session(&backend, &scheme, &token).await.map_err(explain)?;
    if !from_environment {
        offload_engine::secrets::TokenStore::store(
            &offload_engine::secrets::Keyring::default(),
            backend.as_str(),
            &token,
        )
        .await?;
    }
    let (dir, url) = (setting.dir.clone(), backend.clone());
    let kept = login.auth_scheme.map(|_| scheme);
    tokio::task::spawn_blocking(move || Config::set_backend(&dir, &url, kept.as_deref())).await??;
    let running = match Client::connect(&setting.dir).await {
        Some(mut client) => client.request(&Request::TokenChanged).await.is_ok(),
        None => false,
    };
    if setting.json {
        out::json(&serde_json::json!({ "backend": backend.as_str(), "account": session.account }))?;
        return Ok(DONE);
    }
    out::line(format_args!("Signed in to {} as {}.", backend.as_str(), clean(&session.account)))?;
    if from_environment {
        out::line("The token is the one in OFFLOAD_TOKEN; it was not put into the keyring.")?;
    }
    if running && before.as_ref() != Some(&backend) {
        out::line("Offload runs with the former backend: start it again to use this one.")?;
    }
    Ok(DONE)
}

pub(crate) async fn logout(setting: &Setting) -> Result<u8, Failure> {
    let config = setting.config().await?;
    let backend = Setting::backend(&config)?;
    let forgotten = setting.tokens().forget(backend.as_str()).await?;
    if let Some(mut client) = Client::connect(&setting.dir).await {
        client.request(&Request::TokenChanged).await?;
    }
    if setting.json {
        out::json(&serde_json::json!({ "backend": backend.as_str(), "forgotten": forgotten }))?;
    } else if forgotten {
        out::line(format_args!(
            "Signed out of {}. What waits is sent after the next `offload login`.",
            backend.as_str()
        ))?;
    } else {
        out::line(format_args!("Nobody was signed in to {}.", backend.as_str()))?;
    }
    Ok(DONE)
}

fn scheme(given: Option<&str>, config: &Config) -> Result<String, Failure> {
    let Some(given) = given else { return Ok(config.backend.auth_scheme.clone()) };
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if given.is_empty() || !given.bytes().all(token) {
        return Err(Failure::new("auth_scheme", format!("`{given}` cannot stand before a token"))
            .hint("it is one word, as in Bearer or Token"));
    }
    Ok(given.to_owned())
}

/// Who the backend says we are with a token.
pub(crate) async fn session(backend: &Address, scheme: &str, token: &Secret) -> Result<Session, Cause> {
    let token = token.clone();
    let source = Arc::new(move || Some(token.expose().to_owned()));
    OffloadBackend::new(client::for_backend()?, backend.clone(), source).authorization_scheme(scheme).session().await
}

fn explain(cause: Cause) -> Failure {
    match cause.code {
        Code::SignedOut => Failure {
            hint: Some(
                "make a new token in your studio's backend, and mind that it is copied whole; nothing was kept".into(),
            ),
            ..cause.into()
        },
        _ => cause.into(),
    }
}

/// The token that is kept for a backend, or in the environment.
pub(crate) async fn stored(setting: &Setting, backend: &Address) -> Result<Secret, Failure> {
    setting.tokens().load(backend.as_str()).await?.ok_or_else(|| {
        Failure::new("signed_out", format!("nobody is signed in to {}", backend.as_str()))
            .hint("sign in with `offload login`, or set OFFLOAD_TOKEN")
    })
}

/// The token a person types, without showing it, or the one on standard input.
async fn given(backend: &Address, stdin: bool) -> Result<Secret, Failure> {
    if !stdin && !std::io::stdin().is_terminal() {
        return Err(Failure::new("usage", "there is no terminal to ask for the token on")
            .hint("give it on standard input with --token-stdin, or set OFFLOAD_TOKEN"));
    }
    let prompt = format!("Token for {}: ", backend.as_str());
    let text = tokio::task::spawn_blocking(move || if stdin { piped() } else { rpassword::prompt_password(prompt) })
        .await?
        .map_err(|error| Failure::new("token", format!("the token could not be read: {error}")))?;
    let token = Secret::new(text.trim().to_owned());
    if token.is_empty() {
        return Err(Failure::new("token", "no token was given"));
    }
    Ok(token)
}

fn piped() -> std::io::Result<String> {
    let mut text = String::new();
    std::io::stdin().lock().take(LONGEST_TOKEN).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::scheme;
    use offload_engine::config::Config;

    #[test]
    fn schemes() {
        let config = Config::default();
        assert_eq!(scheme(None, &config).unwrap(), "Bearer");
        assert_eq!(scheme(Some("Token"), &config).unwrap(), "Token");
        for wrong in ["", "two words", "Bearer:", "Tok\u{e9}n"] {
            assert!(scheme(Some(wrong), &config).is_err(), "{wrong}");
        }
    }
}
