//! What tests of the running application have in common: a sandbox beside it, photos, and what `offload` says of it.

use offload_protocol::view::{FileRow, Status};
use offload_sandbox::{Sandbox, SandboxOptions};
use offload_tests::desktop::{App, Desktop, MenuItem, TrayLook, XWindow, until};
use offload_tests::photos::bytes;
use std::path::{Path, PathBuf};

/// The title of the only window.
pub(crate) const TITLE: &str = "Offload";

/// A sandbox whose folder is the desktop's.
pub(crate) async fn sandbox(desktop: &Desktop) -> Sandbox {
    Sandbox::start(options(desktop)).await.unwrap()
}

fn options(desktop: &Desktop) -> SandboxOptions {
    SandboxOptions { dir: desktop.dir().join("sandbox"), ..SandboxOptions::default() }
}

/// What starts a sandbox again where this one is.
pub(crate) fn again(desktop: &Desktop, sandbox: &Sandbox) -> SandboxOptions {
    let port = |url: &str| url::Url::parse(url).unwrap().port().unwrap();
    let (backend_port, s3_port) = (port(sandbox.backend_url()), port(sandbox.s3_url()));
    SandboxOptions { backend_port, s3_port, ..options(desktop) }
}

/// A folder of photos, numbered from 0, each of so many bytes.
pub(crate) fn photos(desktop: &Desktop, name: &str, count: u64, size: usize) -> PathBuf {
    let folder = desktop.home().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    (0..count).for_each(|number| put(&folder, &format!("IMG_{number:04}.JPG"), number, size));
    folder
}

/// A photo; the seed makes its bytes its own.
pub(crate) fn put(folder: &Path, name: &str, seed: u64, size: usize) {
    std::fs::write(folder.join(name), bytes(seed + 1, size)).unwrap();
}

/// Runs `offload` on the application's data; exit code and what it said.
pub(crate) async fn says(app: &App<'_>, arguments: &[&str]) -> (i32, String, String) {
    let mut command = app.offload(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Runs `offload`, which has to succeed.
pub(crate) async fn do_it(app: &App<'_>, arguments: &[&str]) -> String {
    let (code, out, err) = says(app, arguments).await;
    assert_eq!(code, 0, "offload {arguments:?}: {out} {err}");
    out
}

/// `None` before there is a ledger.
pub(crate) async fn status(app: &App<'_>) -> Option<Status> {
    serde_json::from_str(&says(app, &["status", "--json"]).await.1).ok()
}

/// Waits until `offload status` says what is wanted.
pub(crate) async fn until_status(app: &App<'_>, what: &str, wanted: impl Fn(&Status) -> bool) -> Status {
    let ask = async || status(app).await.filter(|status| wanted(status));
    until(what, ask, async || format!("{:#?}", status(app).await)).await
}

/// Waits until the application itself answers.
pub(crate) async fn until_running(app: &App<'_>) -> Status {
    until_status(app, "running", |status| status.running).await
}

/// Waits until so many files are confirmed, and nothing is left to do.
pub(crate) async fn until_confirmed(app: &App<'_>, files: u64) -> Status {
    until_status(app, &format!("{files} files confirmed and nothing left"), |status| {
        status.totals.confirmed.files == files
            && status.totals.pending() == 0
            && status.sources.iter().all(|source| !source.scanning)
    })
    .await
}

/// All rows of the ledger.
pub(crate) async fn rows(app: &App<'_>) -> Vec<FileRow> {
    let (_, out, err) = says(app, &["list", "--all", "--json"]).await;
    let mut answer: serde_json::Value =
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out} {err}"));
    let files = if answer.is_array() { answer } else { answer["files"].take() };
    serde_json::from_value(files).unwrap()
}

/// Waits until the window is on the screen.
pub(crate) async fn until_shown(desktop: &Desktop) -> XWindow {
    let ask = async || desktop.screen().titled(TITLE).filter(|window| window.visible);
    until("the window on the screen", ask, async || format!("{:#?}", desktop.screen().windows())).await
}

/// Waits until the window is not on the screen.
pub(crate) async fn until_hidden(desktop: &Desktop) {
    let ask = async || desktop.screen().titled(TITLE).is_none_or(|window| !window.visible).then_some(());
    until("the window hidden", ask, async || format!("{:#?}", desktop.screen().windows())).await;
}

/// The menu's first line.
pub(crate) fn line(look: &TrayLook) -> &str {
    look.menu.first().map_or("", |item| item.label.as_str())
}

/// The lines of a submenu that are shown.
pub(crate) fn below<'a>(look: &'a TrayLook, label: &str) -> Vec<&'a str> {
    let shown = |item: &&MenuItem| item.visible && !item.label.is_empty();
    let children = look.item(label).map(|item| item.children.as_slice()).unwrap_or_default();
    children.iter().filter(shown).map(|item| item.label.as_str()).collect()
}

/// Whether the tray wears one of the six pictures of `icons/tray`.
pub(crate) fn wears(look: &TrayLook, picture: &str) -> bool {
    let icons = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("icons/tray");
    let wanted = pixels(&icons.join(format!("{picture}-22.png"))).expect("the picture is there");
    // The file is written anew for each change; one that is half written is looked at again.
    pixels(Path::new(&look.icon)).is_some_and(|shown| shown == wanted)
}

/// Size and colours of a PNG.
fn pixels(file: &Path) -> Option<(u32, u32, Vec<u8>)> {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(file).ok()?));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let mut colours = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut colours).ok()?;
    colours.truncate(frame.buffer_size());
    Some((frame.width, frame.height, colours))
}

/// Something of the application's files: its sockets.
pub(crate) fn sockets(app: &App<'_>) -> Vec<PathBuf> {
    use std::os::unix::fs::FileTypeExt;
    let entries = std::fs::read_dir(app.data()).unwrap().flatten();
    let socket = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_socket()));
    socket.map(|entry| entry.path()).collect()
}
