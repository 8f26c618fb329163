//! The keyring on a real Secret Service. `tests/with-secret-service.sh` starts one that is thrown away afterwards.
//!
//! Outside of such a session the test says so and passes, unless `OFFLOAD_REQUIRE_KEYRING=1`: it locks the keyring,
//! which must not happen to a person's own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "all of this is a test")]

use offload_engine::secrets::{Keyring, Secret, SecretError, TokenStore};
use std::process::Command;
use std::time::{Duration, Instant};

const BACKEND: &str = "https://keyring-test.invalid/api";
const OTHER: &str = "https://other-keyring-test.invalid";

fn secret(value: &str) -> Secret {
    Secret::new(value.to_owned())
}

async fn loaded(keyring: &Keyring, backend: &str) -> Option<String> {
    keyring.load(backend).await.unwrap().map(|token| token.expose().to_owned())
}

/// Whether this is the session of `with-secret-service.sh`.
fn in_private_session() -> bool {
    let required = std::env::var("OFFLOAD_REQUIRE_KEYRING").is_ok_and(|value| value == "1");
    let present = std::env::var_os("OFFLOAD_KEYRING_HOME").is_some();
    assert!(present || !required, "OFFLOAD_REQUIRE_KEYRING=1, but this is not the session of with-secret-service.sh");
    if !present {
        println!("left out: not in the session of tests/with-secret-service.sh");
    }
    present
}

#[tokio::test]
async fn tokens_are_kept_replaced_and_forgotten_and_a_locked_keyring_is_said() {
    if !in_private_session() {
        return;
    }
    let keyring = Keyring::default();
    assert_eq!(loaded(&keyring, BACKEND).await, None);
    assert!(!keyring.forget(BACKEND).await.unwrap());

    keyring.store(BACKEND, &secret("first-7f3a")).await.unwrap();
    assert_eq!(loaded(&keyring, BACKEND).await.as_deref(), Some("first-7f3a"));
    keyring.store(BACKEND, &secret("둘째 🔑 second-91bc")).await.unwrap();
    assert_eq!(loaded(&keyring, &format!("{BACKEND}/")).await.as_deref(), Some("둘째 🔑 second-91bc"));
    assert_eq!(loaded(&keyring, OTHER).await, None);

    // It is the service that remembers, not this object.
    let again = Keyring::default();
    let token = again.load(BACKEND).await.unwrap().unwrap();
    assert!(!format!("{again:?} {token:?}").contains("second-91bc"));

    keyring.store(OTHER, &secret("other-22")).await.unwrap();
    assert!(keyring.forget(BACKEND).await.unwrap());
    assert_eq!(loaded(&keyring, BACKEND).await, None);
    assert_eq!(loaded(&keyring, OTHER).await.as_deref(), Some("other-22"));

    lock();
    let limit = Duration::from_secs(20);
    let started = Instant::now();
    let locked = Keyring::with_time_limit(limit).load(OTHER).await;
    // Which of the three depends on whether this machine can show a prompt at all.
    let said = matches!(locked, Err(SecretError::Locked | SecretError::Denied | SecretError::TimedOut(_)));
    assert!(said, "{locked:?}");
    assert!(started.elapsed() < limit * 2, "{:?}", started.elapsed());
    println!("a locked keyring: {locked:?}");
}

fn lock() {
    let locked = Command::new("dbus-send")
        .args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", "/org/freedesktop/secrets"])
        .args(["org.freedesktop.Secret.Service.Lock", "array:objpath:/org/freedesktop/secrets/collection/login"])
        .output()
        .unwrap();
    assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
}

/// Set in the child process that looks for a keyring where there is none.
const PROBE: &str = "OFFLOAD_KEYRING_PROBE";

#[test]
fn no_bus_is_said_at_once() {
    if std::env::var_os(PROBE).is_some() {
        probe();
        return;
    }
    // The bus's address stands in the environment, which a process must not change under its own threads.
    let nowhere = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "no_bus_is_said_at_once", "--nocapture"])
        .env(PROBE, "1")
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}/bus", nowhere.path().display()))
        .env("XDG_RUNTIME_DIR", nowhere.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("probe: no service"), "{said}");
    // Three calls, none of which may sit out the time limit of 30 s.
    assert!(started.elapsed() < Duration::from_secs(25), "{:?}", started.elapsed());
}

fn probe() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keyring = Keyring::default();
    let outcomes = [
        runtime.block_on(keyring.load(BACKEND)).map(drop),
        runtime.block_on(keyring.store(BACKEND, &secret("never-kept"))),
        runtime.block_on(keyring.forget(BACKEND)).map(drop),
    ];
    for outcome in outcomes {
        assert_eq!(outcome, Err(SecretError::NoService));
    }
    println!("probe: no service");
}
