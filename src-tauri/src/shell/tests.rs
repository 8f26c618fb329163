//! The shell with a desktop that only takes notes.

mod signing_in;

use super::{Closed, Preferences, Shell, live};
use crate::desk::{Desk, Recent};
use crate::face::{Picture, TrayFace};
use crate::life::Life;
use crate::setting::Setting;
use async_trait::async_trait;
use offload_engine::backend::{Address, Dialect};
use offload_engine::config::{Config, FILE_NAME};
use offload_engine::ledger::Ledger;
use offload_engine::media::thumbnail::{Edge, ThumbnailCache, Thumbnails};
use offload_engine::secrets::FromEnvironment;
use offload_protocol::control::{ControlError, Scope};
use offload_protocol::view::{ChangedPolicy, Filter, Health, PageQuery, SourceKind};
use offload_protocol::window::{Appearance, Language, Stage, Taking, WindowEvent, WindowSettings};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the desktop was asked to do.
#[derive(Default)]
struct Notes {
    told: Mutex<Vec<WindowEvent>>,
    notified: Mutex<Vec<String>>,
    face: watch::Sender<Option<TrayFace>>,
    raised: Mutex<u32>,
    revealed: Mutex<Vec<PathBuf>>,
    login: Mutex<bool>,
    copied: Mutex<Option<String>>,
    browsed: Mutex<Vec<String>>,
    ended: watch::Sender<bool>,
    chosen: Mutex<Option<Vec<PathBuf>>>,
}

#[async_trait]
impl Desk for Notes {
    fn tell(&self, event: &WindowEvent) {
        self.told.lock().unwrap().push(event.clone());
    }
    fn raise(&self) {
        *self.raised.lock().unwrap() += 1;
    }
    fn painted(&self) {}
    fn is_watched(&self) -> bool {
        false
    }
    fn notify(&self, title: &str, _text: &str) {
        self.notified.lock().unwrap().push(title.to_owned());
    }
    fn wear(&self, face: &TrayFace, _recent: &[Recent]) {
        self.face.send_replace(Some(face.clone()));
    }
    fn dress(&self, _appearance: Appearance) {}
    async fn choose(&self, _folders: bool, _title: String) -> Option<Vec<PathBuf>> {
        self.chosen.lock().unwrap().take()
    }
    fn reveal(&self, path: &Path) -> Result<(), ControlError> {
        self.revealed.lock().unwrap().push(path.to_owned());
        Ok(())
    }
    fn open(&self, _folder: &Path) -> Result<(), ControlError> {
        Ok(())
    }
    fn browse(&self, page: &url::Url) -> Result<(), ControlError> {
        self.browsed.lock().unwrap().push(page.as_str().to_owned());
        Ok(())
    }
    fn copy(&self, text: String) -> Result<(), ControlError> {
        *self.copied.lock().unwrap() = Some(text);
        Ok(())
    }
    fn starts_at_login(&self) -> bool {
        *self.login.lock().unwrap()
    }
    fn set_starts_at_login(&self, wished: bool) -> Result<(), ControlError> {
        *self.login.lock().unwrap() = wished;
        Ok(())
    }
    fn end(&self) {
        self.ended.send_replace(true);
    }
}

/// A shell at work on a folder of its own.
struct Stand {
    dir: TempDir,
    notes: Arc<Notes>,
    shell: Arc<Shell>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Stand {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Stand {
    /// `backend`: nobody listens there.
    async fn new(backend: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("photos")).unwrap();
        std::fs::write(dir.path().join("photos/a.jpg"), [7; 1000]).unwrap();
        let data = dir.path().join("data");
        if backend {
            Config::set_backend(&data, &Address::parse("http://127.0.0.1:9/api").unwrap(), &Dialect::default())
                .unwrap();
        }
        Self::on(dir).await
    }

    async fn on(dir: TempDir) -> Self {
        Self::unhurried(dir, Duration::ZERO).await
    }

    /// The first look through the folders waits so long.
    async fn unhurried(dir: TempDir, unhurried: Duration) -> Self {
        let tokens = Arc::new(FromEnvironment::new(Some("a token".into())));
        let setting = Setting::for_tests(dir.path().join("data"), tokens, true);
        Self::with(dir, setting, unhurried).await
    }

    async fn with(dir: TempDir, setting: Setting, unhurried: Duration) -> Self {
        let notes = Arc::new(Notes::default());
        let preferences = Preferences::new(&setting.config().await.unwrap_or_default(), false, None);
        let thumbnails = Thumbnails::new(ThumbnailCache::new(dir.path().join("thumbnails"), 1_000_000));
        let (life, living) = Life::new(setting.clone(), unhurried);
        let shell = Arc::new(Shell::new(setting, notes.clone(), life, preferences, thumbnails));
        let tasks = vec![
            tokio::spawn(async move {
                living.await;
            }),
            tokio::spawn(live(shell.clone())),
        ];
        Self { dir, notes, shell, tasks }
    }

    async fn until(&self, wanted: impl Fn(&Stage) -> bool) {
        let mut standing = self.shell.life.watch();
        tokio::time::timeout(Duration::from_secs(30), standing.wait_for(|standing| wanted(&standing.stage)))
            .await
            .expect("in time")
            .unwrap();
    }

    async fn face(&self, wanted: impl Fn(&TrayFace) -> bool) {
        let mut face = self.notes.face.subscribe();
        let seen = face.wait_for(|face| face.as_ref().is_some_and(&wanted));
        tokio::time::timeout(Duration::from_secs(30), seen).await.expect("in time").unwrap();
    }

    fn photos(&self) -> PathBuf {
        self.dir.path().join("photos")
    }

    fn told(&self, wanted: impl Fn(&WindowEvent) -> bool) -> bool {
        self.notes.told.lock().unwrap().iter().any(wanted)
    }
}

fn taking(given: u32, watch: bool) -> Taking {
    Taking {
        given,
        watch,
        prefix: String::new(),
        include: Vec::new(),
        exclude: Vec::new(),
        changed: ChangedPolicy::NewVersion,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run() {
    let stand = Stand::new(false).await;
    stand.until(|stage| *stage == Stage::Welcome).await;
    let opening = stand.shell.opening().await.unwrap();
    assert_eq!((opening.stage, opening.backend), (Stage::Welcome, None));
    assert!(opening.token_from_environment && opening.auth_scheme == "Bearer");
    assert_eq!(stand.shell.status().await.unwrap_err().code, "no_backend");
    assert_eq!(stand.shell.page(PageQuery::default()).await.unwrap_err().code, "no_backend");
    let first = stand.shell.first_picture().await.unwrap();
    assert_eq!((first.opening.stage, first.status, first.page), (Stage::Welcome, None, None));
    stand.shell.rescan().await.unwrap();
    stand.face(|face| face.picture == Picture::SignedOut).await;
    // What is dropped already waits until there is an engine.
    stand.shell.dropped(vec![stand.photos()]).await;
    assert!(
        stand.told(|event| matches!(event, WindowEvent::Given(given) if given.can_watch && given.name == "photos"))
    );
    stand.shell.quit().await.unwrap();
    assert!(*stand.notes.ended.borrow());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_chosen_and_taken() {
    let stand = Stand::new(true).await;
    stand.until(|stage| *stage == Stage::Ready).await;
    assert_eq!(stand.shell.choose(true).await.unwrap(), None, "the person changed their mind");
    *stand.notes.chosen.lock().unwrap() = Some(vec![stand.photos()]);
    let given = stand.shell.choose(true).await.unwrap().unwrap();
    let measured = stand.shell.measure(given.id).await.unwrap();
    assert_eq!((measured.files, measured.bytes, measured.complete), (1, 1000, true));
    let source = stand.shell.take(taking(given.id, true)).await.unwrap();
    assert_eq!(source.kind, SourceKind::Watched);
    assert_eq!(stand.shell.take(taking(given.id, true)).await.unwrap_err().code, "nothing", "it was taken");
    stand.shell.dropped(vec![stand.photos()]).await;
    assert!(stand.told(|event| matches!(event, WindowEvent::Given(given) if !given.can_watch)), "watched already");
    // Nobody listens at the backend: not green, and the file is there.
    stand.face(|face| face.picture == Picture::Offline).await;
    let file = loop {
        let page = stand.shell.page(PageQuery { filter: Filter::default(), ..PageQuery::default() }).await.unwrap();
        if let Some(file) = page.files.into_iter().next() {
            break file;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    stand.shell.reveal(file.id).await.unwrap();
    assert_eq!(*stand.notes.revealed.lock().unwrap(), [stand.photos().join("a.jpg")]);
    assert_eq!(stand.shell.reveal(file.id + 1000).await.unwrap_err().code, "not_there");
    let other = crate::thumb::Wanted { edge: Edge::Small, row: file.id, file_id: "another".into() };
    assert!(stand.shell.thumbnail(other).await.is_none(), "the page means another version");
    stand.shell.pause(Scope::All, None).await.unwrap();
    stand.face(|face| face.picture == Picture::Offline || face.picture == Picture::Paused).await;
    // Not confirmed yet: quitting asks.
    stand.shell.ask_to_quit().await;
    assert!(stand.told(|event| matches!(event, WindowEvent::AskQuit { pending: 1 })));
    assert!(!*stand.notes.ended.borrow());
    stand.shell.quit().await.unwrap();
    assert!(*stand.notes.ended.borrow());
    // The ledger is given up; the tray's last look at it may still be under way.
    let dir = stand.dir.path().join("data");
    let open = move || {
        let until = std::time::Instant::now() + Duration::from_secs(30);
        while Ledger::open(&dir).is_err() {
            assert!(std::time::Instant::now() < until, "the ledger is still owned");
            std::thread::yield_now();
        }
    };
    tokio::task::spawn_blocking(open).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_backend_starts_the_engine_anew() {
    let stand = Stand::new(true).await;
    stand.until(|stage| *stage == Stage::Ready).await;
    let data = stand.dir.path().join("data");
    for port in [10, 11, 12] {
        let address = Address::parse(&format!("http://127.0.0.1:{port}/api")).unwrap();
        Config::set_backend(&data, &address, &Dialect::default()).unwrap();
        stand.shell.life.anew().await.unwrap();
        assert_eq!(stand.shell.life.stage(), Stage::Ready);
        assert_eq!(stand.shell.status().await.unwrap().backend.as_deref(), Some(address.as_str()));
    }
    assert!(!stand.told(|event| *event == WindowEvent::Stage(Stage::Elsewhere)), "it is our own");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_offload_was_started_with() {
    let stand = Stand::new(true).await;
    let file = stand.photos().join("a.jpg");
    stand.shell.add_named(vec![stand.photos(), file, "/nowhere".into()]).await;
    assert!(stand.told(|event| matches!(event, WindowEvent::Added { name, watched: true, .. } if name == "photos")));
    assert!(stand.told(|event| matches!(event, WindowEvent::Added { name, watched: false, .. } if name == "a.jpg")));
    assert!(stand.told(|event| matches!(event, WindowEvent::Trouble(error) if error.code == "not_there")));
    assert_eq!(stand.shell.status().await.unwrap().sources.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_up_before_the_folders_are_looked_through() {
    let mut before = Stand::new(true).await;
    before.shell.add_named(vec![before.photos()]).await;
    before.shell.quit().await.unwrap();
    let dir = std::mem::replace(&mut before.dir, tempfile::tempdir().unwrap());
    let stand = Stand::unhurried(dir, Duration::from_secs(3600)).await;
    stand.until(|stage| *stage == Stage::Ready).await;
    let first = stand.shell.first_picture().await.unwrap();
    assert_eq!(first.opening.stage, Stage::Ready);
    assert!(first.page.is_some());
    // It counts as being looked through until it was: nothing can be green meanwhile.
    let status = first.status.unwrap();
    assert!(status.sources[0].scanning, "{status:?}");
    assert_ne!(status.health, Health::UpToDate);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_owns_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    Config::set_backend(&data, &Address::parse("http://127.0.0.1:9/api").unwrap(), &Dialect::default()).unwrap();
    let other = tokio::task::spawn_blocking(move || Ledger::open(&data).unwrap()).await.unwrap();
    let stand = Stand::on(dir).await;
    stand.until(|stage| *stage == Stage::Elsewhere).await;
    assert_eq!(stand.shell.status().await.unwrap_err().code, "ledger_owned");
    stand.face(|face| face.picture == Picture::Paused).await;
    tokio::task::spawn_blocking(move || drop(other)).await.unwrap();
    stand.until(|stage| *stage == Stage::Ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_settings_can_be_mended() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("data").join(FILE_NAME);
    std::fs::create_dir(dir.path().join("data")).unwrap();
    std::fs::write(&file, "[upload\n").unwrap();
    let stand = Stand::on(dir).await;
    stand.until(|stage| matches!(stage, Stage::Broken(error) if error.code == "config")).await;
    stand.face(|face| face.picture == Picture::NeedsAttention).await;
    assert!(stand.shell.opening().await.is_ok(), "the window opens and says so");
    std::fs::write(&file, "").unwrap();
    stand.shell.rescan().await.unwrap();
    stand.until(|stage| *stage == Stage::Welcome).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_count_at_once_and_are_kept() {
    let stand = Stand::new(true).await;
    stand.until(|stage| *stage == Stage::Ready).await;
    let before = stand.shell.settings().await.unwrap();
    let wished = WindowSettings {
        bandwidth: Some(5_000_000),
        concurrency: 3,
        start_at_login: true,
        language: Language::Ko,
        appearance: Appearance::Dark,
        notify_done: false,
        ..before
    };
    assert_eq!(stand.shell.change_settings(wished).await.unwrap(), wished);
    assert!(*stand.notes.login.lock().unwrap());
    assert_eq!(stand.shell.status().await.unwrap().bandwidth_limit, Some(5_000_000));
    assert!(stand.told(|event| *event == WindowEvent::Settings(wished)));
    stand.face(|face| face.label.chars().any(|c| ('가'..='힣').contains(&c))).await;
    let config = stand.shell.setting.config().await.unwrap();
    let again = Preferences::new(&config, true, None);
    assert_eq!(again.settings(), wished);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_is_said_once() {
    let stand = Stand::new(false).await;
    stand.shell.closed(Closed::Hidden).await;
    stand.shell.closed(Closed::Minimised).await;
    assert_eq!(*stand.notes.notified.lock().unwrap(), ["Offload goes on in the tray"]);
    let config = stand.shell.setting.config().await.unwrap();
    let again = Preferences::new(&config, false, None);
    assert!(!again.first_close(&stand.dir.path().join("data")).await.unwrap(), "also after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_the_environment_is_not_the_windows_to_change() {
    let stand = Stand::new(true).await;
    assert_eq!(stand.shell.sign_out().await.unwrap_err().code, "keyring");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_has_no_secrets() {
    let stand = Stand::new(true).await;
    stand.until(|stage| *stage == Stage::Ready).await;
    let text = stand.shell.copy_diagnostics().await.unwrap();
    assert_eq!(stand.notes.copied.lock().unwrap().as_ref(), Some(&text));
    assert!(text.contains(env!("CARGO_PKG_VERSION")) && !text.contains("a token"), "{text}");
}
