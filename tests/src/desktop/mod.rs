//! A desktop to throw away, and the real window, tray and notifications on it.
//!
//! Every `Desktop` is a display, a session bus, a keyring and a window manager of its own, with a home that is private. What is
//! started belongs to a handle that ends it, and a reaper ends what is left should the test program itself be killed.

mod app;
mod bus;
mod drag;
mod driver;
mod keyring;
mod needs;
mod notifications;
mod owned;
mod page;
mod scene;
mod screen;
mod session;
mod tray;

pub use app::{App, desktop_program, program};
pub use drag::{Carried, drag, drag_looking};
pub use driver::{DriverError, Window};
pub use keyring::{KeptSecret, kept_secrets};
pub use needs::{Need, missing};
pub use notifications::{Notifications, Shown};
pub use owned::Owned;
pub use page::{By, Key};
pub use scene::Scene;
pub use screen::{Screen, XWindow};
pub use session::Desktop;
pub use tray::{MenuItem, Tray, TrayLook};

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long a condition may take to come true on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at a condition.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(40);

/// Asks again until there is an answer; fails with what `otherwise` has to say when patience ends.
pub async fn until<T>(what: &str, ask: impl AsyncFn() -> Option<T>, otherwise: impl AsyncFnOnce() -> String) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        if began.elapsed() > PATIENCE {
            panic!("never {what}\n{}", otherwise().await);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Where pictures and logs of failures go: `desktop-failures` in cargo's target folder.
pub(crate) fn failures() -> PathBuf {
    let exe = std::env::current_exe().unwrap();
    let folder = exe.ancestors().nth(3).unwrap().join("desktop-failures");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file name for something a failure leaves behind; numbers keep them apart.
pub(crate) fn failure_file(ending: &str) -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    failures().join(format!("{test}-{}-{number}.{ending}", std::process::id()))
}
