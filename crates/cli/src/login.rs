//! `login` and `logout`: the token is checked before it is kept, and kept only in the keyring.

use crate::args::Login;
use crate::failure::{DONE, Failure};
use crate::out;
use crate::setting::Setting;
use crate::words::clean;
use offload_engine::backend::{Address, Credential, DeviceSignIn, Dialect, Wish, check_scheme, in_use, sign_in, ways};
use offload_engine::cause::Cause;
use offload_engine::config::Config;
use offload_engine::control::Client;
use offload_engine::secrets::{Keyring, Secret, TokenStore};
use offload_protocol::control::Request;
use offload_protocol::wire::{DeviceGrant, SignIn};
use std::io::{IsTerminal, Read};

/// Longest token that is read; longer is a file given by mistake.
const LONGEST_TOKEN: u64 = 64 << 10;

pub(crate) async fn login(setting: &Setting, login: Login) -> Result<u8, Failure> {
    let config = setting.config().await?;
    if let Some(scheme) = &login.auth_scheme {
        check_scheme(scheme)?;
    }
    let backend = Setting::backend(&config).map_err(|_| {
        Failure::new("no_backend", "which backend?").hint("offload login --backend https://photos.example.com/api")
    })?;
    let before = Config::load(&setting.dir).ok().and_then(|config| config.backend.url);
    let from_environment = setting.has_token_in_environment() && !login.token_stdin && !login.no_token;
    let credential = if login.no_token {
        Credential::Token(Secret::new(String::new()))
    } else if from_environment {
        stored(setting, &backend).await?
    } else if let Some(at) = device(&login, &config, &backend).await? {
        approved(setting, at).await?
    } else {
        Credential::Token(given(&backend, login.token_stdin).await?)
    };
    let keyring = Keyring::default();
    let keep = (!from_environment).then_some(&keyring as &dyn TokenStore);
    let wish = Wish { auth_scheme: login.auth_scheme, protocol: login.protocol };
    let (_, session) = sign_in(&setting.dir, backend.as_str(), &wish, &credential, keep).await?;
    let running = match Client::connect(&setting.dir).await {
        Some(mut client) => client.request(&Request::TokenChanged).await.is_ok(),
        None => false,
    };
    if setting.json {
        out::json(&serde_json::json!({ "backend": backend.as_str(), "account": session.account }))?;
        return Ok(DONE);
    }
    if session.account.is_empty() {
        out::line(format_args!("{} signs uploads; it does not say for whom.", backend.as_str()))?;
    } else {
        out::line(format_args!("Signed in to {} as {}.", backend.as_str(), clean(&session.account)))?;
    }
    if from_environment {
        out::line("The token is the one in OFFLOAD_TOKEN; it was not put into the keyring.")?;
    }
    if running && before.as_ref() != Some(&backend) {
        out::line("Offload runs with the former backend: start it again to use this one.")?;
    }
    Ok(DONE)
}

/// The backend's way to sign in by a browser, where it has one and somebody may look at a code.
async fn device(login: &Login, config: &Config, backend: &Address) -> Result<Option<DeviceGrant>, Failure> {
    let somebody = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if login.token_stdin || login.paste || !(login.browser || somebody) {
        return Ok(None);
    }
    let protocol = login.protocol.unwrap_or(config.backend.dialect.protocol);
    match ways(backend, &Dialect { protocol, ..config.backend.dialect.clone() }).await {
        Ok(SignIn { device: Some(at) }) => Ok(Some(at)),
        Ok(_) if login.browser => {
            Err(Failure::new("no_browser_sign_in", format!("{} offers no sign-in by a browser", backend.as_str()))
                .hint("leave --browser out, and give the token that your studio's backend shows"))
        }
        Ok(_) => Ok(None),
        // It may have no session, and still sign.
        Err(cause) if cause.code.is_no_backend() && !login.browser => Ok(None),
        Err(cause) => Err(cause.into()),
    }
}

/// Shows the code, and waits until it is approved.
async fn approved(setting: &Setting, at: DeviceGrant) -> Result<Credential, Failure> {
    let begun = DeviceSignIn::begin(at).await?;
    let code = begun.code();
    let minutes = code.expires_in.as_secs().div_ceil(60);
    let _ = out::aside(format_args!(
        "Open this page in a browser, on any device, and see that it shows the code {}:\n\n  {}\n\nWaiting for up to {minutes} min; Ctrl-C gives up. (A token can be given instead: --paste.)",
        clean(&code.user_code),
        clean(code.page().as_str()),
    ));
    if code.verification_uri_complete.is_none() {
        setting.note("type the code there");
    }
    Ok(Credential::Grant(begun.wait().await.map_err(Cause::from)?))
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

/// What is kept for a backend, or in the environment.
pub(crate) async fn stored(setting: &Setting, backend: &Address) -> Result<Credential, Failure> {
    in_use(setting.tokens().as_ref(), backend, false).await.map_err(Cause::from)?.ok_or_else(|| {
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
