use super::{SignInError, Wish, sign_in};
use crate::backend::{Address, Credential};
use crate::config::{Config, FILE_NAME};
use crate::secrets::{Secret, SecretError, TokenStore};
use crate::transfer::scripted::{Connection, Scripted, answer};
use async_trait::async_trait;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Mutex;

const YES: &str = r#"{"account":"kim","limits":{"files_per_request":50}}"#;

/// Tokens in memory; `full` takes none.
#[derive(Debug, Default)]
struct Kept {
    tokens: Mutex<HashMap<String, String>>,
    locked: bool,
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, backend: &str) -> Result<Option<Secret>, SecretError> {
        Ok(self.tokens.lock().unwrap().get(backend).cloned().map(Secret::new))
    }

    async fn store(&self, backend: &str, token: &Secret) -> Result<(), SecretError> {
        if self.locked {
            return Err(SecretError::Locked);
        }
        self.tokens.lock().unwrap().insert(backend.into(), token.expose().into());
        Ok(())
    }

    async fn forget(&self, backend: &str) -> Result<bool, SecretError> {
        Ok(self.tokens.lock().unwrap().remove(backend).is_some())
    }
}

async fn saying(text: String) -> Scripted {
    Scripted::start(move |mut connection: Connection, _| {
        let text = text.clone();
        async move {
            connection.request().await;
            connection.send(text.as_bytes()).await;
            connection.close().await;
        }
    })
    .await
}

fn scheme(word: &str) -> Wish {
    Wish { auth_scheme: Some(word.into()), protocol: None }
}

async fn tried(dir: &Path, address: &str, kept: &Kept) -> Result<(Address, String), SignInError> {
    let token = Credential::Token(Secret::new(" MARKER-TOKEN\n".into()));
    sign_in(dir, address, &Wish::default(), &token, Some(kept))
        .await
        .map(|(address, session)| (address, session.account))
}

#[tokio::test]
async fn a_yes_keeps_both() {
    let (dir, kept) = (tempfile::tempdir().unwrap(), Kept::default());
    let server = saying(answer("200 OK", "", YES)).await;
    let (address, account) = tried(dir.path(), &format!("http://{}/api/", server.address), &kept).await.unwrap();
    assert_eq!(account, "kim");
    assert_eq!(Config::load(dir.path()).unwrap().backend.url, Some(address.clone()));
    assert_eq!(kept.tokens.lock().unwrap()[address.as_str()], "MARKER-TOKEN");
}

#[tokio::test]
async fn every_no_says_what_is_wrong_and_keeps_nothing() {
    let html = "<!doctype html><title>Sign in</title>";
    for (head, body, code, words) in [
        ("200 OK", html, "backend_page", "web page"),
        ("404 Not Found", html, "no_endpoint", "404"),
        ("405 Method Not Allowed", "", "no_endpoint", "405"),
        ("302 Found", "", "backend_answer", "302"),
        ("200 OK", "{}", "backend_answer", "protocol v1"),
        ("200 OK", "OK", "backend_answer", "not JSON"),
        ("401 Unauthorized", "{\"detail\":\"Token expired\"}", "signed_out", "Token expired"),
        ("500 Internal Server Error", "", "backend_error", "500"),
    ] {
        let (dir, kept) = (tempfile::tempdir().unwrap(), Kept::default());
        let server = saying(answer(head, "", body)).await;
        let address = format!("http://{}/api", server.address);
        let error = tried(dir.path(), &address, &kept).await.unwrap_err();
        let said = error.to_string();
        assert_eq!(error.code(), code, "{head}: {said}");
        assert!(said.contains(words), "{head}: {said}");
        assert!(error.hint().is_some_and(|hint| !hint.is_empty()), "{head}");
        if matches!(code, "backend_page" | "no_endpoint" | "backend_answer") {
            assert!(said.contains(&format!("{address}/v1/session")), "{head} does not name what was asked: {said}");
        }
        assert!(!format!("{error:?}").contains("MARKER"));
        assert!(kept.tokens.lock().unwrap().is_empty() && !dir.path().join(FILE_NAME).exists(), "{head}");
    }
}

#[tokio::test]
async fn addresses_that_cannot_be() {
    let dir = tempfile::tempdir().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let refused = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for (address, code, words) in [
        ("http://photos.example/api", "bad_address", "https"),
        ("photos.example", "bad_address", "no web address"),
        ("ftp://photos.example", "bad_address", "https"),
        ("https://kim:secret@photos.example", "bad_address", "user or password"),
        (refused.as_str(), "unreachable", "can't be reached"),
    ] {
        let error = tried(dir.path(), address, &Kept::default()).await.unwrap_err();
        assert_eq!(error.code(), code, "{address}: {error}");
        assert!(error.to_string().contains(words) && error.hint().is_some(), "{address}: {error}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_not_half_kept() {
    let server = saying(answer("200 OK", "", YES)).await;
    let address = format!("http://{}", server.address);
    let dir = tempfile::tempdir().unwrap();
    let locked = Kept { locked: true, ..Kept::default() };
    assert_eq!(tried(dir.path(), &address, &locked).await.unwrap_err().code(), "keyring");
    assert!(!dir.path().join(FILE_NAME).exists());
    // Settings that can't be written: the former token is as it was.
    let kept = Kept::default();
    kept.tokens.lock().unwrap().insert(address.clone(), "former".into());
    let blocked = dir.path().join("file");
    std::fs::write(&blocked, "no folder").unwrap();
    let token = Credential::Token(Secret::new("MARKER".into()));
    let error = sign_in(&blocked, &address, &scheme("Token"), &token, Some(&kept)).await.unwrap_err();
    assert_eq!(error.code(), "config_file");
    assert_eq!(kept.tokens.lock().unwrap()[&address], "former");
    let token = |text: &str| Credential::Token(Secret::new(text.into()));
    let none = sign_in(dir.path(), &address, &Wish::default(), &token(" "), None).await.unwrap_err();
    assert_eq!(none.code(), "token");
    for (scheme, fits) in [("Token", true), ("", false), ("Bearer:", false), ("Tok\u{e9}n", false)] {
        assert_eq!(super::check_scheme(scheme).is_ok(), fits, "{scheme}");
    }
    let scheme = sign_in(dir.path(), &address, &scheme("two words"), &token("a"), None).await.unwrap_err();
    assert_eq!(scheme.code(), "auth_scheme");
}
