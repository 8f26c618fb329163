//! Signing in by a browser and checking the connection, against the real sandbox.

use super::Stand;
use crate::setting::Setting;
use async_trait::async_trait;
use offload_engine::secrets::{Secret, SecretError, TokenStore};
use offload_protocol::checkup::{About, Verdict};
use offload_protocol::view::Health;
use offload_protocol::window::{BackendProtocol, Connection, Stage};
use offload_sandbox::{Sandbox, SandboxOptions};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A keyring in memory; the real one is tested on a desktop.
#[derive(Debug, Default)]
struct Kept(Mutex<Option<(String, Secret)>>);

impl Kept {
    fn begins_with(&self, start: &str) -> bool {
        self.0.lock().unwrap().as_ref().is_some_and(|(_, secret)| secret.expose().starts_with(start))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap().is_none()
    }
}

#[async_trait]
impl TokenStore for Kept {
    async fn load(&self, backend: &str) -> Result<Option<Secret>, SecretError> {
        let kept = self.0.lock().unwrap().clone();
        Ok(kept.filter(|(of, _)| of == backend).map(|(_, secret)| secret))
    }

    async fn store(&self, backend: &str, token: &Secret) -> Result<(), SecretError> {
        *self.0.lock().unwrap() = Some((backend.to_owned(), token.clone()));
        Ok(())
    }

    async fn forget(&self, _backend: &str) -> Result<bool, SecretError> {
        Ok(self.0.lock().unwrap().take().is_some())
    }
}

/// A shell in its first run, and a sandbox to connect to.
struct First {
    sandbox: Sandbox,
    kept: Arc<Kept>,
    stand: Stand,
}

impl First {
    async fn new(change: impl FnOnce(&mut SandboxOptions)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = SandboxOptions { dir: dir.path().join("sandbox"), ..SandboxOptions::default() };
        options.oauth = Some(Duration::from_secs(3600));
        change(&mut options);
        let sandbox = Sandbox::start(options).await.unwrap();
        let kept = Arc::new(Kept::default());
        let setting = Setting::for_tests(dir.path().join("data"), kept.clone(), false);
        let stand = Stand::with(dir, setting, Duration::ZERO).await;
        stand.until(|stage| *stage == Stage::Welcome).await;
        Self { sandbox, kept, stand }
    }

    fn connection(&self) -> Connection {
        Connection {
            backend: self.sandbox.backend_url().to_owned(),
            token: String::new(),
            auth_scheme: Some("Bearer".into()),
            protocol: BackendProtocol::Offload,
        }
    }

    /// Waits for the answer as the window does.
    fn finish(&self) -> tokio::task::JoinHandle<Result<Option<String>, String>> {
        let shell = self.stand.shell.clone();
        tokio::spawn(async move {
            let finished = shell.finish_browser_sign_in().await;
            finished.map(|connected| connected.account).map_err(|error| error.code)
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_approved_in_the_browser() {
    let first = First::new(|_| {}).await;
    let shell = &first.stand.shell;
    let address = first.sandbox.backend_url().to_owned();
    assert!(shell.sign_in_ways(address.clone(), BackendProtocol::Offload).await.unwrap().browser);
    assert!(!shell.sign_in_ways(address.clone(), BackendProtocol::Companion).await.unwrap().browser);
    assert_eq!(shell.open_sign_in_page().await.unwrap_err().code, "sign_in_cancelled", "nothing has begun");

    let code = shell.begin_browser_sign_in(first.connection()).await.unwrap();
    assert_eq!(first.sandbox.sign_ins_waiting(), std::slice::from_ref(&code.user_code));
    assert!(code.code_in_page && code.page.contains(&code.host) && code.expires_in_s > 60, "{code:?}");
    shell.open_sign_in_page().await.unwrap();
    shell.open_sign_in_page().await.unwrap();
    assert_eq!(*first.stand.notes.browsed.lock().unwrap(), [code.page.clone(), code.page.clone()]);
    let finish = first.finish();
    assert!(first.sandbox.answer_sign_in(&code.user_code, true));
    assert_eq!(finish.await.unwrap(), Ok(Some("studio".into())));

    assert!(first.kept.begins_with("offload-grant:"));
    assert_eq!(first.stand.shell.life.stage(), Stage::Ready);
    assert_eq!(*first.stand.notes.raised.lock().unwrap(), 1, "the window comes to the front");
    let opening = shell.opening().await.unwrap();
    assert_eq!(opening.backend.as_deref(), Some(address.as_str()));
    assert_ne!(shell.status().await.unwrap().health, Health::SignedOut);
    assert_eq!(shell.finish_browser_sign_in().await.unwrap_err().code, "sign_in_cancelled", "it is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_to_nothing_keeps_nothing() {
    let first = First::new(|_| {}).await;
    let shell = &first.stand.shell;
    // Refused by the person.
    let code = shell.begin_browser_sign_in(first.connection()).await.unwrap();
    let finish = first.finish();
    assert!(first.sandbox.answer_sign_in(&code.user_code, false));
    assert_eq!(finish.await.unwrap(), Err("sign_in_refused".into()));
    // Given up: whoever waits hears of it, and an approval after that is worth nothing.
    let code = shell.begin_browser_sign_in(first.connection()).await.unwrap();
    let finish = first.finish();
    while shell.browsing.waits_alone() {
        tokio::task::yield_now().await;
    }
    shell.cancel_browser_sign_in().await.unwrap();
    assert_eq!(finish.await.unwrap(), Err("sign_in_cancelled".into()));
    first.sandbox.answer_sign_in(&code.user_code, true);
    assert_eq!(shell.open_sign_in_page().await.unwrap_err().code, "sign_in_cancelled");
    // Another takes its place; a page that is loaded anew ends it.
    shell.begin_browser_sign_in(first.connection()).await.unwrap();
    let before = first.finish();
    while shell.browsing.waits_alone() {
        tokio::task::yield_now().await;
    }
    let code = shell.begin_browser_sign_in(first.connection()).await.unwrap();
    assert_eq!(before.await.unwrap(), Err("sign_in_cancelled".into()));
    assert!(first.sandbox.sign_ins_waiting().contains(&code.user_code));
    shell.first_picture().await.unwrap();
    assert_eq!(first.finish().await.unwrap(), Err("sign_in_cancelled".into()));
    assert!(first.kept.is_empty() && first.stand.shell.life.stage() == Stage::Welcome);
    assert_eq!(shell.opening().await.unwrap().backend, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_without_a_browser_sign_in() {
    let first = First::new(|options| options.oauth = None).await;
    let shell = &first.stand.shell;
    let address = first.sandbox.backend_url().to_owned();
    assert!(!shell.sign_in_ways(address.clone(), BackendProtocol::Offload).await.unwrap().browser);
    let refused = shell.begin_browser_sign_in(first.connection()).await.unwrap_err();
    assert_eq!(refused.code, "no_browser_sign_in");
    let nowhere = shell.sign_in_ways("http://127.0.0.1:9/api".into(), BackendProtocol::Offload).await.unwrap_err();
    assert_eq!(nowhere.code, "unreachable");
    let no_address = shell.sign_in_ways("photos".into(), BackendProtocol::Offload).await.unwrap_err();
    assert_eq!(no_address.code, "bad_address");
    // A token of the environment is not the window's to change.
    let stand = Stand::new(true).await;
    assert_eq!(stand.shell.begin_browser_sign_in(first.connection()).await.unwrap_err().code, "keyring");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_connection_is_checked() {
    let first = First::new(|_| {}).await;
    let shell = &first.stand.shell;
    let checkup = shell.doctor(false).await.unwrap();
    assert_eq!(checkup.backend, None);
    let found = |code: &str| checkup.findings.iter().find(|finding| finding.code == code).cloned();
    assert_eq!(found("no_backend").unwrap().verdict, Verdict::Problem);
    assert_eq!(found("data_folder").unwrap().verdict, Verdict::Good);

    let code = shell.begin_browser_sign_in(first.connection()).await.unwrap();
    let finish = first.finish();
    assert!(first.sandbox.answer_sign_in(&code.user_code, true));
    finish.await.unwrap().unwrap();
    for (probe, objects) in [(false, 0), (true, 2)] {
        let checkup = shell.doctor(probe).await.unwrap();
        assert_eq!(checkup.backend.as_deref(), Some(first.sandbox.backend_url()));
        let problems: Vec<_> = checkup.findings.iter().filter(|found| found.verdict == Verdict::Problem).collect();
        assert!(problems.is_empty(), "{problems:#?}");
        assert!(checkup.findings.iter().any(|finding| finding.about == About::Signature));
        assert_eq!(first.sandbox.objects().unwrap().len(), objects);
        assert!(!serde_json::to_string(&checkup).unwrap().contains("sandbox-grant"), "no token");
    }
}
