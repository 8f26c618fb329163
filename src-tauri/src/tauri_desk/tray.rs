//! The tray icon and its menu. Only what changed is changed: a menu that stands open stays open.

use crate::desk::Recent;
use crate::face::{Pausing, Picture, TrayFace};
use crate::shell::PauseFor;
use crate::shell::Shell;
use crate::texts::{Say, Texts};
use offload_protocol::control::ControlError;
use offload_protocol::window::{Place, Tongue};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

/// Files in the list of recent uploads.
const RECENT: usize = 5;

/// What a line of the menu does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Open,
    Pause(PauseFor),
    Resume,
    Recent(usize),
    Add,
    Quit,
}

impl Line {
    fn id(self) -> String {
        match self {
            Self::Open => "open".into(),
            Self::Pause(PauseFor::Hour) => "pause-hour".into(),
            Self::Pause(PauseFor::UntilTomorrow) => "pause-tomorrow".into(),
            Self::Pause(PauseFor::Ever) => "pause-ever".into(),
            Self::Resume => "resume".into(),
            Self::Recent(at) => format!("recent-{at}"),
            Self::Add => "add".into(),
            Self::Quit => "quit".into(),
        }
    }

    fn of(id: &str) -> Option<Self> {
        let plain = [
            Self::Open,
            Self::Pause(PauseFor::Hour),
            Self::Pause(PauseFor::UntilTomorrow),
            Self::Pause(PauseFor::Ever),
            Self::Resume,
            Self::Add,
            Self::Quit,
        ];
        plain.into_iter().chain((0..RECENT).map(Self::Recent)).find(|line| line.id() == id)
    }
}

/// The tray, as it was made and as it looks now. Changed on the main thread only.
pub(crate) struct Tray {
    app: AppHandle,
    icon: TrayIcon,
    made: Mutex<Made>,
}

/// The menu in one language, and what it shows.
struct Made {
    menu: Menu<Wry>,
    items: Items,
    tongue: Tongue,
    /// What was shown last; `None` in a menu that is just made.
    face: Option<TrayFace>,
    recent: Vec<Recent>,
}

struct Items {
    status: MenuItem<Wry>,
    pause: Submenu<Wry>,
    resume: MenuItem<Wry>,
    recent: Submenu<Wry>,
    none: MenuItem<Wry>,
    files: Vec<MenuItem<Wry>>,
}

/// Where pause and resume stand in the menu: after the status line, a rule and Open.
const PAUSE_AT: usize = 3;

impl Made {
    /// Made anew for another language: the names of submenus do not change once they are shown.
    fn new(app: &AppHandle, texts: &Texts, tongue: Tongue) -> tauri::Result<Self> {
        let item = |line: Line, say: Say| MenuItem::with_id(app, line.id(), texts.say(say), true, None::<&str>);
        let hour = item(Line::Pause(PauseFor::Hour), Say::MenuPauseHour)?;
        let tomorrow = item(Line::Pause(PauseFor::UntilTomorrow), Say::MenuPauseTomorrow)?;
        let ever = item(Line::Pause(PauseFor::Ever), Say::MenuPauseEver)?;
        let file = |at| MenuItem::with_id(app, Line::Recent(at).id(), "", true, None::<&str>);
        let none = MenuItem::with_id(app, "recent-none", texts.say(Say::MenuRecentNone), false, None::<&str>)?;
        let items = Items {
            status: MenuItem::with_id(app, "status", texts.say(Say::Starting), false, None::<&str>)?,
            pause: Submenu::with_items(app, texts.say(Say::MenuPause), true, &[&hour, &tomorrow, &ever])?,
            resume: item(Line::Resume, Say::MenuResume)?,
            recent: Submenu::with_items(app, texts.say(Say::MenuRecent), true, &[&none])?,
            none,
            files: (0..RECENT).map(file).collect::<Result<_, _>>()?,
        };
        let rule = || PredefinedMenuItem::separator(app);
        let menu = Menu::with_items(
            app,
            &[
                &items.status,
                &rule()?,
                &item(Line::Open, Say::MenuOpen)?,
                &items.recent,
                &item(Line::Add, Say::MenuAdd)?,
                &rule()?,
                &item(Line::Quit, Say::MenuQuit)?,
            ],
        )?;
        Ok(Self { menu, items, tongue, face: None, recent: Vec::new() })
    }
}

impl Tray {
    /// Makes the tray. On the main thread.
    pub(crate) fn new(app: &AppHandle, texts: &Texts, tongue: Tongue) -> tauri::Result<Self> {
        let made = Made::new(app, texts, tongue)?;
        let icon = TrayIconBuilder::with_id("offload")
            .icon(picture(Picture::Uploading, scale(app))?)
            .menu(&made.menu)
            .show_menu_on_left_click(cfg!(target_os = "linux"))
            .on_menu_event(|app, event| clicked(app, &event))
            .on_tray_icon_event(|tray, event| {
                // Linux only knows the menu.
                if let TrayIconEvent::DoubleClick { .. } = event {
                    tray.app_handle().state::<Arc<Shell>>().raise();
                }
            })
            .build(app)?;
        Ok(Self { app: app.clone(), icon, made: Mutex::new(made) })
    }

    fn made(&self) -> MutexGuard<'_, Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self, at: usize) -> Option<i64> {
        self.made().recent.get(at).map(|file| file.id)
    }

    /// Shows what changed. On the main thread.
    pub(crate) fn wear(&self, face: &TrayFace, recent: &[Recent]) {
        let shell = self.app.state::<Arc<Shell>>();
        if let Err(error) = self.change(face, recent, &shell.texts(), shell.tongue()) {
            tracing::warn!(%error, "the tray could not be changed");
        }
    }

    fn change(&self, face: &TrayFace, recent: &[Recent], texts: &Texts, tongue: Tongue) -> tauri::Result<()> {
        let mut made = self.made();
        if made.tongue != tongue {
            *made = Made::new(&self.app, texts, tongue)?;
            self.icon.set_menu(Some(made.menu.clone()))?;
        }
        let before = made.face.replace(face.clone());
        let before = before.as_ref();
        if before.map(|face| face.picture) != Some(face.picture) {
            self.icon.set_icon(Some(picture(face.picture, scale(&self.app))?))?;
            tracing::info!("tray: {}", face.line);
        }
        if before.map(|face| &face.label) != Some(&face.label) {
            self.name(&face.label)?;
        }
        if before.map(|face| &face.line) != Some(&face.line) {
            made.items.status.set_text(face.line.replace('&', "&&"))?;
        }
        if before.map(|face| face.pausing) != Some(face.pausing) {
            made.offer(before.map(|face| face.pausing), face.pausing)?;
        }
        if made.recent != recent {
            made.list(recent)?;
        }
        Ok(())
    }

    /// Linux has no tooltip for it: there the label beside the icon says it.
    fn name(&self, label: &str) -> tauri::Result<()> {
        if cfg!(target_os = "linux") {
            self.icon.set_title(Some(label))
        } else {
            self.icon.set_tooltip(Some(format!("Offload: {label}")))
        }
    }
}

impl Made {
    fn offer(&self, before: Option<Pausing>, now: Pausing) -> tauri::Result<()> {
        match before {
            Some(Pausing::CanPause) => self.menu.remove(&self.items.pause)?,
            Some(Pausing::CanResume) => self.menu.remove(&self.items.resume)?,
            Some(Pausing::Neither) | None => {}
        }
        match now {
            Pausing::CanPause => self.menu.insert(&self.items.pause, PAUSE_AT),
            Pausing::CanResume => self.menu.insert(&self.items.resume, PAUSE_AT),
            Pausing::Neither => Ok(()),
        }
    }

    fn list(&mut self, recent: &[Recent]) -> tauri::Result<()> {
        let (before, now) = (self.recent.len().min(RECENT), recent.len().min(RECENT));
        self.recent = recent.to_vec();
        let items = &self.items;
        for (item, file) in items.files.iter().zip(recent) {
            item.set_text(&file.label)?;
        }
        if before == 0 && now > 0 {
            items.recent.remove(&items.none)?;
        }
        for item in items.files.iter().take(now).skip(before) {
            items.recent.append(item)?;
        }
        for item in items.files.iter().take(before).skip(now) {
            items.recent.remove(item)?;
        }
        if before > 0 && now == 0 {
            items.recent.append(&items.none)?;
        }
        Ok(())
    }
}

/// A line of the menu was chosen. On the main thread.
fn clicked(app: &AppHandle, event: &MenuEvent) {
    let Some(line) = Line::of(event.id().as_ref()) else { return };
    let shell = Arc::clone(&app.state::<Arc<Shell>>());
    let file = match line {
        Line::Recent(at) => app.state::<Arc<super::TauriDesk>>().tray.get().and_then(|tray| tray.recent(at)),
        _ => None,
    };
    tauri::async_runtime::spawn(async move {
        if let Err(error) = carry_out(&shell, line, file).await {
            shell.complain_aloud(error).await;
        }
    });
}

async fn carry_out(shell: &Shell, line: Line, file: Option<i64>) -> Result<(), ControlError> {
    match line {
        Line::Open => shell.raise(),
        Line::Pause(how_long) => shell.pause_for(how_long).await?,
        Line::Resume => shell.resume_all().await?,
        Line::Recent(_) => {
            if let Some(id) = file {
                shell.reveal(id).await?;
            }
        }
        Line::Add => shell.go_to(Place::AddFolder),
        Line::Quit => shell.ask_to_quit().await,
    }
    Ok(())
}

/// How many pixels of the screen the desktop takes for one.
fn scale(app: &AppHandle) -> f64 {
    app.primary_monitor().ok().flatten().map_or(1.0, |monitor| monitor.scale_factor())
}

/// The icon at the size this desktop shows: 22 points on Linux and macOS, 16 on Windows.
fn picture(picture: Picture, scale: f64) -> tauri::Result<Image<'static>> {
    let [small, usual, large] = pictures(picture);
    Image::from_bytes(match (cfg!(windows), scale > 1.25) {
        (true, false) => small,
        (true, true) => large,
        (false, false) => usual,
        (false, true) => large,
    })
}

/// Each picture at 16, 22 and 44 pixels.
pub(crate) const fn pictures(picture: Picture) -> [&'static [u8]; 3] {
    macro_rules! sizes {
        ($name:literal) => {
            [
                include_bytes!(concat!("../../../icons/tray/", $name, "-16.png")),
                include_bytes!(concat!("../../../icons/tray/", $name, "-22.png")),
                include_bytes!(concat!("../../../icons/tray/", $name, "-44.png")),
            ]
        };
    }
    match picture {
        Picture::UpToDate => sizes!("up-to-date"),
        Picture::Uploading => sizes!("uploading"),
        Picture::Paused => sizes!("paused"),
        Picture::Offline => sizes!("offline"),
        Picture::NeedsAttention => sizes!("needs-attention"),
        Picture::SignedOut => sizes!("signed-out"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, RECENT, pictures};
    use crate::face::Picture;
    use crate::shell::PauseFor;
    use std::collections::HashSet;

    #[test]
    fn lines_are_found_by_their_ids() {
        let lines = [Line::Open, Line::Resume, Line::Add, Line::Quit, Line::Recent(0), Line::Recent(RECENT - 1)];
        let pauses = [PauseFor::Hour, PauseFor::UntilTomorrow, PauseFor::Ever].map(Line::Pause);
        for line in lines.into_iter().chain(pauses) {
            assert_eq!(Line::of(&line.id()), Some(line));
        }
        for id in ["status", "recent-none", "recent-5", ""] {
            assert_eq!(Line::of(id), None, "{id}");
        }
    }

    #[test]
    fn six_pictures_that_differ() {
        let all = [
            Picture::UpToDate,
            Picture::Uploading,
            Picture::Paused,
            Picture::Offline,
            Picture::NeedsAttention,
            Picture::SignedOut,
        ];
        for (at, edge) in [(0, 16), (1, 22), (2, 44)] {
            let different: HashSet<&[u8]> = all.iter().map(|picture| pictures(*picture)[at]).collect();
            assert_eq!(different.len(), all.len());
            for bytes in different {
                let image = tauri::image::Image::from_bytes(bytes).unwrap();
                assert_eq!((image.width(), image.height()), (edge, edge));
            }
        }
    }
}
