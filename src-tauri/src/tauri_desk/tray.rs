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
    menu: Menu<Wry>,
    items: Items,
    worn: Mutex<Worn>,
}

struct Items {
    status: MenuItem<Wry>,
    open: MenuItem<Wry>,
    pause: Submenu<Wry>,
    pauses: [(MenuItem<Wry>, Say); 3],
    resume: MenuItem<Wry>,
    recent: Submenu<Wry>,
    none: MenuItem<Wry>,
    files: Vec<MenuItem<Wry>>,
    add: MenuItem<Wry>,
    quit: MenuItem<Wry>,
}

/// What was shown last.
#[derive(Default)]
struct Worn {
    face: Option<TrayFace>,
    recent: Vec<Recent>,
    tongue: Option<Tongue>,
}

/// Where pause and resume stand in the menu: after the status line, a rule and Open.
const PAUSE_AT: usize = 3;

impl Tray {
    /// Makes the tray. On the main thread.
    pub(crate) fn new(app: &AppHandle) -> tauri::Result<Self> {
        let item = |line: Line| MenuItem::with_id(app, line.id(), "", true, None::<&str>);
        let pauses = [
            (item(Line::Pause(PauseFor::Hour))?, Say::MenuPauseHour),
            (item(Line::Pause(PauseFor::UntilTomorrow))?, Say::MenuPauseTomorrow),
            (item(Line::Pause(PauseFor::Ever))?, Say::MenuPauseEver),
        ];
        let items = Items {
            status: MenuItem::with_id(app, "status", "Offload", false, None::<&str>)?,
            open: item(Line::Open)?,
            pause: Submenu::with_items(app, "Pause", true, &[&pauses[0].0, &pauses[1].0, &pauses[2].0])?,
            pauses,
            resume: item(Line::Resume)?,
            recent: Submenu::new(app, "Recent", true)?,
            none: MenuItem::with_id(app, "recent-none", "", false, None::<&str>)?,
            files: (0..RECENT).map(|at| item(Line::Recent(at))).collect::<Result<_, _>>()?,
            add: item(Line::Add)?,
            quit: item(Line::Quit)?,
        };
        items.recent.append(&items.none)?;
        let rule = || PredefinedMenuItem::separator(app);
        let menu = Menu::with_items(
            app,
            &[&items.status, &rule()?, &items.open, &items.recent, &items.add, &rule()?, &items.quit],
        )?;
        let icon = TrayIconBuilder::with_id("offload")
            .icon(picture(Picture::Uploading, scale(app))?)
            .menu(&menu)
            .show_menu_on_left_click(cfg!(target_os = "linux"))
            .on_menu_event(|app, event| clicked(app, &event))
            .on_tray_icon_event(|tray, event| {
                // Linux only knows the menu.
                if let TrayIconEvent::DoubleClick { .. } = event {
                    tray.app_handle().state::<Arc<Shell>>().raise();
                }
            })
            .build(app)?;
        Ok(Self { app: app.clone(), icon, menu, items, worn: Mutex::default() })
    }

    /// Shows what changed. On the main thread.
    pub(crate) fn wear(&self, face: &TrayFace, recent: &[Recent]) {
        let shell = self.app.state::<Arc<Shell>>();
        let (texts, tongue) = (shell.texts(), shell.tongue());
        if let Err(error) = self.change(face, recent, &texts, tongue) {
            tracing::warn!(%error, "the tray could not be changed");
        }
    }

    fn change(&self, face: &TrayFace, recent: &[Recent], texts: &Texts, tongue: Tongue) -> tauri::Result<()> {
        let mut worn = self.worn();
        if worn.tongue != Some(tongue) {
            self.speak(texts)?;
            worn.tongue = Some(tongue);
        }
        let before = worn.face.as_ref();
        if before.map(|face| face.picture) != Some(face.picture) {
            self.icon.set_icon(Some(picture(face.picture, scale(&self.app))?))?;
            tracing::info!("tray: {}", face.line);
        }
        if before.map(|face| &face.label) != Some(&face.label) {
            self.name(&face.label)?;
        }
        if before.map(|face| &face.line) != Some(&face.line) {
            self.items.status.set_text(face.line.replace('&', "&&"))?;
        }
        if before.map(|face| face.pausing) != Some(face.pausing) {
            self.offer(before.map(|face| face.pausing), face.pausing)?;
        }
        worn.face = Some(face.clone());
        if worn.recent != recent {
            self.list(worn.recent.len().min(RECENT), recent)?;
            worn.recent = recent.to_vec();
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

    fn speak(&self, texts: &Texts) -> tauri::Result<()> {
        let items = &self.items;
        items.open.set_text(texts.say(Say::MenuOpen))?;
        items.pause.set_text(texts.say(Say::MenuPause))?;
        for (item, say) in &items.pauses {
            item.set_text(texts.say(*say))?;
        }
        items.resume.set_text(texts.say(Say::MenuResume))?;
        items.recent.set_text(texts.say(Say::MenuRecent))?;
        items.none.set_text(texts.say(Say::MenuRecentNone))?;
        items.add.set_text(texts.say(Say::MenuAdd))?;
        items.quit.set_text(texts.say(Say::MenuQuit))
    }

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

    fn list(&self, before: usize, recent: &[Recent]) -> tauri::Result<()> {
        let items = &self.items;
        for (item, file) in items.files.iter().zip(recent) {
            item.set_text(&file.label)?;
        }
        let now = recent.len().min(RECENT);
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

    fn worn(&self) -> MutexGuard<'_, Worn> {
        self.worn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent(&self, at: usize) -> Option<i64> {
        self.worn().recent.get(at).map(|file| file.id)
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
