//! The desktop itself: display, session bus, keyring, window manager, tray host and notification area.

use super::bus;
use super::notifications::Notifications;
use super::owned::Owned;
use super::screen::Screen;
use super::tray::Tray;
use super::{LOOK_AGAIN, PATIENCE, failure_file, needs};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A bus that starts nothing by itself: what runs on it was started by the test.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// How many desktops the machine bears at once.
fn room() -> &'static Semaphore {
    static ROOM: OnceLock<Semaphore> = OnceLock::new();
    ROOM.get_or_init(|| {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Semaphore::new((cores / 2).clamp(1, 4))
    })
}

/// A desktop to throw away. Fields are dropped in this order: programs before the display and the bus they use.
pub struct Desktop {
    tray: Tray,
    notifications: Notifications,
    bus: zbus::Connection,
    screen: Screen,
    _processes: Vec<Owned>,
    display: String,
    dir: tempfile::TempDir,
    _permit: SemaphorePermit<'static>,
}

impl std::fmt::Debug for Desktop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desktop").field("display", &self.display).field("dir", &self.dir.path()).finish_non_exhaustive()
    }
}

impl Desktop {
    /// Starts everything and waits until each part answers.
    pub async fn open() -> Self {
        needs::require();
        let permit = room().acquire().await.unwrap();
        // Not below TMPDIR: a socket's path has room for 108 bytes.
        let dir = tempfile::Builder::new().prefix("ofl").rand_bytes(6).tempdir_in("/tmp").unwrap();
        for folder in ["run", "home", "home/.local/share", "home/.config", "home/.cache", "log"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir.path().join("run"), std::fs::Permissions::from_mode(0o700)).unwrap();

        let (display_server, display) = start_display(dir.path()).await;
        let bus_daemon = start_bus(dir.path()).await;
        let mut processes = Vec::new();
        let bus = bus::connect(&socket(dir.path())).await;
        let tray = Tray::serve(&bus).await;
        let notifications = Notifications::serve(&bus).await;
        let screen = Screen::connect(&display);
        let mut keyring = desktop_command("gnome-keyring-daemon", dir.path(), &display);
        keyring.args(["--foreground", "--components=secrets", "--unlock"]).stdin(Stdio::piped());
        let mut keyring = Owned::start(&mut keyring, &dir.path().join("log/keyring.log"));
        // The password of the new keyring, up to the end of the input.
        keyring.input().unwrap().write_all(b"throw-away").unwrap();
        let mut openbox = desktop_command("openbox", dir.path(), &display);
        processes.push(Owned::start(openbox.stdin(Stdio::null()), &dir.path().join("log/openbox.log")));
        super::keyring::until_there(&bus, &keyring).await;
        processes.extend([keyring, display_server, bus_daemon]);
        screen.until_managed().await;
        Self { tray, notifications, bus, screen, _processes: processes, display, dir, _permit: permit }
    }

    /// The folder that everything of this desktop lies in; gone with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub fn logs(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    pub fn bus(&self) -> &zbus::Connection {
        &self.bus
    }

    pub fn tray(&self) -> &Tray {
        &self.tray
    }

    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }

    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// A program as this desktop would start it.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        desktop_command(program, self.dir.path(), &self.display)
    }

    /// Photographs the whole screen for a failure's report.
    pub(crate) fn picture(&self) -> PathBuf {
        let file = failure_file("png");
        self.screen.save_picture(&file);
        file
    }
}

fn socket(dir: &Path) -> PathBuf {
    dir.join("run/bus")
}

/// Everything personal points into the desktop's own folder; nothing of the machine's session shines through.
fn desktop_command(program: impl AsRef<std::ffi::OsStr>, dir: &Path, display: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let of_the_session =
            ["XDG_", "OFFLOAD_", "DBUS_", "GTK_", "GDK_", "CARGO", "RUST_", "WAYLAND_", "TAURI_", "LC_"];
        if of_the_session.iter().any(|start| name.starts_with(start)) {
            command.env_remove(&*name);
        }
    }
    command
        .current_dir(dir)
        .env("HOME", dir.join("home"))
        .env("XDG_RUNTIME_DIR", dir.join("run"))
        .env("XDG_DATA_HOME", dir.join("home/.local/share"))
        .env("XDG_CONFIG_HOME", dir.join("home/.config"))
        .env("XDG_CACHE_HOME", dir.join("home/.cache"))
        .env("XDG_SESSION_TYPE", "x11")
        .env("XDG_CURRENT_DESKTOP", "Openbox")
        .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", socket(dir).display()))
        .env("DISPLAY", display)
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("LANG", "C.UTF-8")
        .env("LANGUAGE", "en")
        .env("NO_PROXY", "127.0.0.1,localhost");
    command
}

/// Xvfb looks for a free number itself and writes it down.
async fn start_display(dir: &Path) -> (Owned, String) {
    let number = dir.join("run/display");
    let log = dir.join("log/display.log");
    let mut shell = Command::new("/bin/sh");
    shell
        .arg("-c")
        .arg(r#"exec Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp -noreset 3>"$1""#)
        .arg("sh")
        .arg(&number)
        .stdin(Stdio::null());
    let mut server = Owned::start(&mut shell, &log);
    let began = Instant::now();
    loop {
        let written = std::fs::read_to_string(&number).unwrap_or_default();
        if let Some(number) = written.strip_suffix('\n') {
            return (server, format!(":{number}"));
        }
        let given_up = server.has_ended().is_some() || began.elapsed() > PATIENCE;
        assert!(!given_up, "the display does not start:\n{}", server.log());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn start_bus(dir: &Path) -> Owned {
    let config = dir.join("run/bus.conf");
    std::fs::write(&config, BUS.replace("SOCKET", socket(dir).to_str().unwrap())).unwrap();
    let mut daemon = Command::new("dbus-daemon");
    daemon.arg("--config-file").arg(&config).args(["--nofork", "--nopidfile"]).stdin(Stdio::null());
    let mut daemon = Owned::start(&mut daemon, &dir.join("log/bus.log"));
    let began = Instant::now();
    while !socket(dir).exists() {
        let given_up = daemon.has_ended().is_some() || began.elapsed() > PATIENCE;
        assert!(!given_up, "the session bus does not start:\n{}", daemon.log());
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    daemon
}
