//! The window of the real application, driven over the W3C WebDriver protocol.

use super::app::Start;
use super::{Desktop, LOOK_AGAIN, Owned, PATIENCE};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The member that marks an element in the protocol's JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver answers instead of doing it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{code}: {message}")]
pub struct DriverError {
    pub code: String,
    pub message: String,
}

impl DriverError {
    /// The page changed under our hands: look again.
    pub(crate) fn passes(&self) -> bool {
        matches!(
            self.code.as_str(),
            "no such element"
                | "stale element reference"
                | "element not interactable"
                | "element click intercepted"
                | "javascript error"
        )
    }
}

/// The application under WebDriver. Dropping it ends driver and application.
pub struct Window<'d> {
    pub(crate) desktop: &'d Desktop,
    driver: Owned,
    http: reqwest::Client,
    session: String,
    program: PathBuf,
}

impl std::fmt::Debug for Window<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window").field("session", &self.session).finish_non_exhaustive()
    }
}

impl<'d> Window<'d> {
    /// Has the driver start the application, and waits until it can be spoken to.
    pub(crate) async fn open(desktop: &'d Desktop, start: &Start) -> Self {
        let port = free_port();
        let mut command = desktop.command(super::needs::find("WebKitWebDriver").unwrap());
        command.arg(format!("--port={port}")).arg("--host=127.0.0.1").env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(start.environment.iter().map(|(name, value)| (name, value)));
        let driver = Owned::start(command.stdin(std::process::Stdio::null()), &start.log);
        // Another test may have installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE * 2).build().unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let program = start.program.clone();
        let mut window = Self { desktop, driver, http, session: base.clone(), program };
        window.until_driver_answers().await;
        // The protocol only knows text.
        let arguments: Vec<&str> = start.arguments.iter().map(|word| word.to_str().unwrap()).collect();
        let options = json!({ "binary": start.program, "args": arguments });
        let asked = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let session = match window.ask("POST", "/session", Some(asked)).await {
            Ok(session) => session,
            Err(error) => panic!("the application does not start under WebDriver: {error}\n{}", window.driver.log()),
        };
        window.session = format!("{base}/session/{}", session["sessionId"].as_str().unwrap());
        window
    }

    async fn until_driver_answers(&mut self) {
        let began = Instant::now();
        while self.ask("GET", "/status", None).await.is_err() {
            let given_up = self.driver.has_ended().is_some() || began.elapsed() > PATIENCE;
            assert!(!given_up, "WebKitWebDriver does not start:\n{}", self.driver.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, DriverError> {
        let failed = |error: reqwest::Error| DriverError { code: "driver".into(), message: format!("{error:?}") };
        let url = format!("{}{path}", self.session);
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let mut answer: Value = request.send().await.map_err(failed)?.json().await.map_err(failed)?;
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(code) => {
                let message = value["message"].as_str().unwrap_or_default().to_owned();
                Err(DriverError { code: code.to_owned(), message })
            }
            None => Ok(value),
        }
    }

    /// Runs a script's body in the page; `arguments[0]` and so on are the values given.
    pub async fn script(&self, body: &str, arguments: Value) -> Result<Value, DriverError> {
        self.ask("POST", "/execute/sync", Some(json!({ "script": body, "args": arguments }))).await
    }

    /// Runs a script's body that hands its answer to its last argument, a function.
    pub async fn answer(&self, body: &str, arguments: Value) -> Result<Value, DriverError> {
        self.ask("POST", "/execute/async", Some(json!({ "script": body, "args": arguments }))).await
    }

    /// The group that driver, application and their web processes run in.
    pub fn group(&self) -> u32 {
        self.driver.id()
    }

    pub(crate) fn element_of(value: &Value) -> Option<String> {
        value[ELEMENT].as_str().map(str::to_owned)
    }

    /// An element as an argument of a script.
    pub fn reference(element: &str) -> Value {
        json!({ ELEMENT: element })
    }

    /// The process of the application itself, found among the driver's.
    pub fn process(&self) -> Option<u32> {
        processes_of(&self.program)
            .into_iter()
            .find(|&(_, group)| group == self.driver.id())
            .map(|(process, _)| process)
    }

    /// What driver and application wrote to their outputs.
    pub fn log(&self) -> String {
        self.driver.log()
    }

    /// Everything that helps to understand a failure.
    pub(crate) async fn report(&self) -> String {
        let limit = Duration::from_secs(10);
        let text = match tokio::time::timeout(limit, self.text()).await {
            Ok(Ok(text)) => text,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the page does not answer".into(),
        };
        format!(
            "--- the page shows:\n{text}\n--- picture of the screen: {}\n--- outputs:\n{}",
            self.desktop.picture().display(),
            self.log()
        )
    }

    /// Waits until the application has ended by itself.
    pub async fn until_ended(&self) {
        super::until("the application ended", async || self.process().is_none().then_some(()), || self.report()).await;
    }

    /// Ends the session, and with it the application.
    pub async fn close(self) {
        // The application may have ended, and the session with it.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.ask("DELETE", "", None)).await;
    }

    /// SIGKILL to driver and application: no time to say goodbye.
    pub fn kill(self) {
        self.driver.kill();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Processes that run a program, with their groups.
pub(crate) fn processes_of(program: &Path) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Some(process) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        if std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program) {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // After the name in brackets: state, parent, group.
            let group = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(2)?.parse().ok());
            let alive = !stat.contains(") Z ");
            found.extend(group.filter(|_| alive).map(|group| (process, group)));
        }
    }
    found
}
