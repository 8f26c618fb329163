//! The first run: connecting to a backend, the token in the keyring and nowhere else, signing out and in again.

use crate::behind::{sandbox, sandbox_options, until_status, until_wrong};
use offload_protocol::view::Health;
use offload_sandbox::Sandbox;
use offload_tests::desktop::{App, By, Desktop, Key, Window, kept_secrets};
use std::path::{Path, PathBuf};
use std::time::Duration;

const ADDRESS: &str = "Backend address";
const TOKEN: &str = "Token";

async fn connect(window: &Window<'_>, address: &str, token: &str) {
    window.fill(&By::field(ADDRESS), address).await;
    window.fill(&By::field(TOKEN), token).await;
    window.click(&By::button("Connect")).await;
}

/// The first run up to its second step.
async fn connected<'d>(app: &App<'d>, sandbox: &Sandbox) -> Window<'d> {
    let window = app.open().await;
    window.find(&By::role("heading", "Connect your backend")).await;
    connect(&window, sandbox.backend_url(), sandbox.token()).await;
    window.find(&By::role("heading", "Add your first folder")).await;
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_at_its_field() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop);
    let window = app.open().await;
    window.find(&By::role("heading", "Connect your backend")).await;

    window.click(&By::button("Connect")).await;
    assert_eq!(until_wrong(&window, ADDRESS).await.0, "Enter the address of your backend.");

    sandbox.faults().add("session=html:status=200".parse().unwrap());
    connect(&window, sandbox.backend_url(), sandbox.token()).await;
    window.until_says("web page instead of JSON").await;
    let (what, todo) = until_wrong(&window, ADDRESS).await;
    assert!(what.contains(sandbox.backend_url()) && todo.contains("sign-in page"), "{what:?} {todo:?}");
    sandbox.faults().clear();

    connect(&window, &sandbox.backend_url().replace("/api", "/elsewhere"), sandbox.token()).await;
    window.until_says("404").await;
    let (what, todo) = until_wrong(&window, ADDRESS).await;
    assert!(what.contains("/elsewhere") && todo.contains("address"), "{what:?} {todo:?}");

    connect(&window, sandbox.backend_url(), "not-the-token").await;
    let (what, todo) = until_wrong(&window, TOKEN).await;
    assert!(what.contains("token") && !todo.is_empty(), "{what:?} {todo:?}");
    assert_eq!(window.attribute(&By::field(ADDRESS), "aria-invalid").await, None);
    assert_eq!(kept_secrets(desktop.bus(), "offload").await, []);

    // Only the token is put right: the address that was good stays as it was typed.
    window.fill(&By::field(TOKEN), sandbox.token()).await;
    window.click(&By::button("Connect")).await;
    window.find(&By::role("heading", "Add your first folder")).await;
    window.until_says("Connected as studio.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_lies_in_the_keyring_and_in_no_file_and_is_not_asked_for_again() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop);
    let window = connected(&app, &sandbox).await;
    let kept = kept_secrets(desktop.bus(), "offload").await;
    let [kept] = kept.as_slice() else { panic!("one secret, not {kept:?}") };
    assert_eq!(kept.secret, sandbox.token().as_bytes());
    until_status(&window, &app, "signed in", |status| status.account.as_deref() == Some("studio")).await;
    window.close().await;

    let window = app.open().await;
    window.until_says("Ready for your first folder").await;
    assert!(!window.text().await.unwrap().contains("Connect your backend"));
    window.find(&By::role_with("button", "Account: studio")).await;
    window.close().await;

    let searched = files_with(&[&desktop.home(), &desktop.logs()], sandbox.token().as_bytes());
    assert!(searched.all > 5, "the application's own files were searched: {searched:?}");
    // gnome-keyring keeps its secrets in a file of its own, encrypted.
    assert_eq!(searched.with, Vec::<PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_empties_the_keyring_and_the_dialog_signs_in_again() {
    let desktop = Desktop::open().await;
    let sandbox = sandbox(&desktop).await;
    let app = App::new(&desktop);
    let window = connected(&app, &sandbox).await;
    window.click(&By::button("Skip for now")).await;
    window.click(&By::button("Settings")).await;
    window.click(&By::button("Sign out")).await;
    window.until_says("Sign out?").await;
    window.click(&By::button_in_dialog("Sign out")).await;
    window.until_says("Signed out").await;
    until_status(&window, &app, "signed out", |status| status.health == Health::SignedOut).await;
    assert_eq!(kept_secrets(desktop.bus(), "offload").await, []);

    window.click(&By::within("section.header", "button", "Sign in")).await;
    window.find(&By::dialog()).await;
    window.fill(&By::within("[role=dialog]", "textbox", TOKEN), "wrong").await;
    window.click(&By::button_in_dialog("Sign in")).await;
    until_wrong(&window, TOKEN).await;
    window.fill(&By::within("[role=dialog]", "textbox", TOKEN), sandbox.token()).await;
    window.click(&By::button_in_dialog("Sign in")).await;
    window.gone(&By::dialog()).await;
    window.until_says("Ready for your first folder").await;
    until_status(&window, &app, "signed in", |status| status.health == Health::UpToDate).await;
    let kept = kept_secrets(desktop.bus(), "offload").await;
    assert!(kept.len() == 1 && kept[0].secret == sandbox.token().as_bytes());
}

/// A browser that only notes what it was to open, in the place of the desktop's own.
fn browser(desktop: &Desktop) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let (folder, opened) = (desktop.dir().join("bin"), desktop.dir().join("opened"));
    std::fs::create_dir(&folder).unwrap();
    let program = folder.join("xdg-open");
    std::fs::write(&program, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", opened.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, opened)
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_by_the_browser_needs_no_token() {
    let desktop = Desktop::open().await;
    let mut options = sandbox_options(&desktop);
    options.oauth = Some(Duration::from_secs(3600));
    let sandbox = Sandbox::start(options).await.unwrap();
    let (programs, opened) = browser(&desktop);
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let app = App::new(&desktop).with_environment("PATH", path);
    let window = app.open().await;
    window.find(&By::role("heading", "Connect your backend")).await;
    window.fill(&By::field(ADDRESS), sandbox.backend_url()).await;
    window.press(&[Key::Enter]).await;
    window.click(&By::button("Sign in with your browser")).await;
    let code = window.until("a code that waits", async || sandbox.sign_ins_waiting().into_iter().next()).await;
    window.until_says(&code).await;
    // The page that was opened is the one that bears the code.
    let page = async || std::fs::read_to_string(&opened).ok().filter(|text| text.ends_with('\n'));
    let page = window.until("the page is opened", page).await;
    assert!(page.starts_with("http://127.0.0.1:") && page.trim_end().ends_with(&code), "{page:?}");
    assert!(sandbox.answer_sign_in(&code, true));
    window.find(&By::role("heading", "Add your first folder")).await;
    until_status(&window, &app, "signed in", |status| status.account.as_deref() == Some("studio")).await;
    let kept = kept_secrets(desktop.bus(), "offload").await;
    assert!(kept.len() == 1 && kept[0].secret.starts_with(b"offload-grant:"));
    // And the connection is in order.
    window.click(&By::button("Skip for now")).await;
    window.click(&By::button("Settings")).await;
    window.click(&By::button("Check…")).await;
    window.click(&By::button("Check now")).await;
    window.until_says("No problem was found").await;
    assert_eq!(sandbox.objects().unwrap().len(), 0, "nothing is sent unasked");
}

/// What a search through all files found.
#[derive(Debug, Default)]
struct Searched {
    all: usize,
    with: Vec<PathBuf>,
}

fn files_with(folders: &[&Path], secret: &[u8]) -> Searched {
    let mut searched = Searched::default();
    let mut folders: Vec<PathBuf> = folders.iter().map(|&folder| folder.to_owned()).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                searched.all += 1;
                let bytes = std::fs::read(entry.path()).unwrap();
                if bytes.windows(secret.len()).any(|part| part == secret) {
                    searched.with.push(entry.path());
                }
            }
        }
    }
    searched
}
