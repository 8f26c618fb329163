//! The window: made when it is first wanted, hidden when it is closed.

use super::MAIN;
use crate::tray_host;
use offload_protocol::window::{Appearance, WindowEvent};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;
use tauri::utils::config::Color;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, DragDropEvent, Emitter, Manager, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tauri_plugin_window_state::{AppHandleExt, StateFlags};

/// What the page hears.
const EVENT: &str = "offload";
const SIZE: (f64, f64) = (1120.0, 760.0);
const LEAST: (f64, f64) = (760.0, 520.0);
/// Events that wait for the page to be there.
const WAITING: usize = 32;
/// The page's own backgrounds, so that nothing flashes before it is there.
const LIGHT: Color = Color(0xf3, 0xf3, 0xf3, 255);
const DARK: Color = Color(0x17, 0x17, 0x17, 255);

/// What is kept of the window between two starts. Whether it is seen is not: `--hidden` decides that.
pub(crate) const REMEMBERED: StateFlags = StateFlags::SIZE.union(StateFlags::POSITION).union(StateFlags::MAXIMIZED);

/// The window and how it stands.
pub(crate) struct Front {
    app: AppHandle,
    appearance: Mutex<Appearance>,
    /// The page said that it is painted.
    painted: AtomicBool,
    /// The person wants to see the window.
    wanted: AtomicBool,
    focused: AtomicBool,
    /// When the window was first asked for.
    opened: OnceLock<Instant>,
    waiting: Mutex<VecDeque<WindowEvent>>,
}

impl Front {
    pub(super) fn new(app: AppHandle) -> Self {
        Self {
            app,

            appearance: Mutex::default(),
            painted: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            focused: AtomicBool::new(false),
            opened: OnceLock::new(),
            waiting: Mutex::default(),
        }
    }

    /// Tells the page. While the window is hidden it hears nothing of the engine, and fetches anew when it is shown; what it has to
    /// answer to waits until the page is there.
    pub(super) fn tell(&self, event: &WindowEvent) {
        let of_engine = matches!(event, WindowEvent::Engine(_) | WindowEvent::FetchAgain);
        if self.painted.load(Ordering::Relaxed) {
            if self.wanted.load(Ordering::Relaxed) || !of_engine {
                self.emit(event);
            }
            return;
        }
        // A page that is just loading may listen already.
        self.emit(event);
        if matches!(
            event,
            WindowEvent::Given(_)
                | WindowEvent::Added { .. }
                | WindowEvent::Go(_)
                | WindowEvent::AskQuit { .. }
                | WindowEvent::Trouble(_)
        ) {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() >= WAITING {
                waiting.pop_front();
            }
            waiting.push_back(event.clone());
        }
    }

    fn emit(&self, event: &WindowEvent) {
        if self.app.get_webview_window(MAIN).is_none() {
            return;
        }
        if let Err(error) = self.app.emit_to(MAIN, EVENT, event) {
            tracing::warn!(%error, "the window could not be told");
        }
    }

    pub(super) fn raise(&self) {
        let app = self.app.clone();
        let posted = self.app.run_on_main_thread(move || {
            let desk = app.state::<std::sync::Arc<super::TauriDesk>>();
            if let Err(error) = desk.front.bring() {
                tracing::error!(%error, "the window could not be shown");
            }
        });
        if let Err(error) = posted {
            tracing::error!(%error, "the window could not be shown");
        }
    }

    /// On the main thread.
    fn bring(&self) -> tauri::Result<()> {
        let was_wanted = self.wanted.swap(true, Ordering::Relaxed);
        match self.app.get_webview_window(MAIN) {
            Some(window) => show(&window)?,
            None => self.open()?,
        }
        if !was_wanted {
            self.tell(&WindowEvent::FetchAgain);
        }
        Ok(())
    }

    /// Shown at once, in the colour of the page's ground: a hidden page never paints, and so could not say that it has.
    fn open(&self) -> tauri::Result<()> {
        self.opened.get_or_init(Instant::now);
        let appearance = *self.appearance.lock().unwrap_or_else(PoisonError::into_inner);
        let mut window = WebviewWindowBuilder::new(&self.app, MAIN, WebviewUrl::App("index.html".into()))
            .title("Offload")
            .inner_size(SIZE.0, SIZE.1)
            .min_inner_size(LEAST.0, LEAST.1)
            .center()
            .visible(false)
            .theme(theme(appearance))
            .devtools(cfg!(debug_assertions))
            .on_navigation(is_our_page)
            .on_new_window(|_, _| NewWindowResponse::Deny)
            .on_download(|_, _| false);
        // Before the page's own script runs, or a dark window would flash light.
        window = match appearance {
            Appearance::System => window,
            Appearance::Light => window.initialization_script("document.documentElement.dataset.theme = 'light'"),
            Appearance::Dark => window.initialization_script("document.documentElement.dataset.theme = 'dark'"),
        };
        let window = window.build()?;
        let is_dark = match appearance {
            Appearance::Dark => true,
            Appearance::Light => false,
            Appearance::System => window.theme().is_ok_and(|theme| theme == Theme::Dark),
        };
        window.set_background_color(Some(if is_dark { DARK } else { LIGHT }))?;
        show(&window)
    }

    pub(super) fn painted(&self) {
        let again = self.painted.swap(true, Ordering::Relaxed);
        if !again {
            // What the benchmark reads.
            let opened = self.opened.get().map_or(0, |opened| opened.elapsed().as_millis());
            tracing::info!(
                "painted after {} ms ({opened} ms after it was asked for)",
                crate::since_start().as_millis()
            );
        }
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        for event in waiting {
            self.emit(&event);
        }
    }

    pub(super) fn is_watched(&self) -> bool {
        self.wanted.load(Ordering::Relaxed) && self.focused.load(Ordering::Relaxed)
    }

    pub(crate) fn focused(&self, focused: bool) {
        self.focused.store(focused, Ordering::Relaxed);
    }

    /// The person closed the window; what became of it.
    pub(crate) fn close(&self) -> crate::shell::Closed {
        use crate::shell::Closed;
        self.keep_place();
        let Some(window) = self.app.get_webview_window(MAIN) else { return Closed::Hidden };
        let (done, closed) = if tray_host::is_there() {
            self.wanted.store(false, Ordering::Relaxed);
            (window.hide(), Closed::Hidden)
        } else {
            (window.minimize(), Closed::Minimised)
        };
        self.focused(false);
        if let Err(error) = done {
            tracing::error!(%error, "the window could not be closed");
        }
        closed
    }

    /// Keeps where the window is. On the main thread, which takes the same lock for each move of the window: any other would hold
    /// it while it asks the main thread, and both would wait for ever.
    fn keep_place(&self) {
        let app = self.app.clone();
        let posted = self.app.run_on_main_thread(move || {
            if let Err(error) = app.save_window_state(REMEMBERED) {
                tracing::warn!(%error, "the window's place could not be kept");
            }
        });
        if let Err(error) = posted {
            tracing::warn!(%error, "the window's place could not be kept");
        }
    }

    pub(super) fn dress(&self, appearance: Appearance) {
        *self.appearance.lock().unwrap_or_else(PoisonError::into_inner) = appearance;
        if let Some(window) = self.app.get_webview_window(MAIN)
            && let Err(error) = window.set_theme(theme(appearance))
        {
            tracing::warn!(%error, "the window's appearance could not be changed");
        }
    }
}

fn show(window: &WebviewWindow) -> tauri::Result<()> {
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

const fn theme(appearance: Appearance) -> Option<Theme> {
    match appearance {
        Appearance::System => None,
        Appearance::Light => Some(Theme::Light),
        Appearance::Dark => Some(Theme::Dark),
    }
}

/// The pages inside the program, and in development those of Vite's server. Nothing else is ever shown.
pub(crate) fn is_our_page(url: &Url) -> bool {
    match (url.scheme(), url.host_str(), url.port()) {
        ("tauri", Some("localhost"), None) => true,
        // Windows has no schemes of its own.
        ("http" | "https", Some("tauri.localhost"), None) => cfg!(windows),
        ("http", Some("127.0.0.1"), Some(5173)) => tauri::is_dev(),
        _ => false,
    }
}

/// What being dragged over the window or dropped on it means.
pub(crate) fn dropped_on(event: &DragDropEvent) -> Option<(WindowEvent, Option<Vec<PathBuf>>)> {
    match event {
        DragDropEvent::Enter { paths, .. } => {
            Some((WindowEvent::Hover(Some(u32::try_from(paths.len()).unwrap_or(u32::MAX))), None))
        }
        DragDropEvent::Drop { paths, .. } => Some((WindowEvent::Hover(None), Some(paths.clone()))),
        DragDropEvent::Leave => Some((WindowEvent::Hover(None), None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_our_page;

    #[test]
    fn only_our_own_pages() {
        for (url, ours) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html#/settings", true),
            ("https://photos.example/", false),
            ("http://127.0.0.1:8000/", false),
            ("http://localhost:5173/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("about:blank", false),
            ("javascript:alert(1)", false),
            ("tauri://elsewhere/", false),
            ("thumb://localhost/small/1/a", false),
        ] {
            assert_eq!(is_our_page(&url.parse().unwrap()), ours, "{url}");
        }
    }
}
