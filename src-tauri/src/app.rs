//! The program as Tauri runs it: plugins, the shell, tray and window, and what the system tells them.

use crate::arguments::Arguments;
use crate::commands;
use crate::life::{Ended, Life};
use crate::setting::Setting;
use crate::shell::{Preferences, Shell, live};
use crate::tauri_desk::{MAIN, REMEMBERED, TauriDesk, Tray, dropped_on};
use crate::thumb;
use anyhow::Context;
use offload_engine::media::thumbnail::{ThumbnailCache, Thumbnails};
use offload_engine::program::StopSignal;
use offload_protocol::window::Place;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Manager, RunEvent, Window, Wry};
use tauri_plugin_notification::NotificationExt;

/// How long the engine waits with its look through the folders while the window comes up; it takes about half of that.
const UNHURRIED: Duration = Duration::from_secs(1);

/// Runs until Offload is ended; what the process ends with.
pub(crate) fn run(arguments: Arguments, setting: Setting) -> anyhow::Result<i32> {
    let app = tauri::Builder::default()
        // First: a second start ends here.
        .plugin(single_instance(&setting))
        .plugin(tauri_plugin_autostart::Builder::new().arg("--hidden").build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_notification::init())
        .plugin(
            tauri_plugin_window_state::Builder::new()
                .with_state_flags(REMEMBERED)
                .with_filename(setting.dir.join("window.json").to_string_lossy())
                .build(),
        )
        .register_asynchronous_uri_scheme_protocol(thumb::SCHEME, |context, request, responder| {
            thumb::answer(context.app_handle(), &request, responder);
        })
        .invoke_handler(commands::answer())
        .on_window_event(window_event)
        .setup(move |app| Ok(set_up(app.handle(), arguments, setting)?))
        .build(tauri::generate_context!())
        .context("the desktop could not be reached")?;
    Ok(app.run_return(|_app, event| {
        if let RunEvent::ExitRequested { code: None, api, .. } = event {
            // The last window is gone; the tray goes on.
            api.prevent_exit();
        }
    }))
}

/// One Offload for each data folder and person.
fn single_instance(setting: &Setting) -> TauriPlugin<Wry> {
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, words, cwd| {
        let shell = Arc::clone(&app.state::<Arc<Shell>>());
        let arguments = Arguments::of_second(words);
        if !arguments.hidden {
            shell.raise();
        }
        let paths = arguments.paths_from(Path::new(&cwd));
        tauri::async_runtime::spawn(async move { shell.add_named(paths).await });
    });
    match setting.is_usual() {
        true => builder.build(),
        false => builder.dbus_id(format!("app.offload.desktop.d{}", fingerprint(&setting.dir))).build(),
    }
}

fn fingerprint(dir: &Path) -> String {
    let digest = Sha256::digest(dir.as_os_str().as_encoded_bytes());
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Brings everything to life. On the main thread.
fn set_up(app: &AppHandle, arguments: Arguments, setting: Setting) -> anyhow::Result<()> {
    let desk = Arc::new(TauriDesk::new(app.clone()));
    app.manage(Arc::clone(&desk));
    // A settings file that can't be read is told by the engine's stage; until it is mended the defaults count.
    let config = tauri::async_runtime::block_on(setting.config()).unwrap_or_default();
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let starts_at_login = crate::desk::Desk::starts_at_login(desk.as_ref());
    let preferences = Preferences::new(&config, starts_at_login, sys_locale::get_locale());
    crate::desk::Desk::dress(desk.as_ref(), preferences.settings().appearance);
    let thumbnails = Thumbnails::new(ThumbnailCache::new(cache(app, &setting), ThumbnailCache::DEFAULT_LIMIT));
    // With no window to come nobody waits for a list.
    let unhurried = if arguments.hidden { Duration::ZERO } else { UNHURRIED };
    let (life, living) = Life::new(setting.clone(), unhurried);
    let shell = Arc::new(Shell::new(setting, desk.clone(), life, preferences, thumbnails));
    app.manage(Arc::clone(&shell));
    tauri::async_runtime::spawn({
        let shell = Arc::clone(&shell);
        async move {
            if living.await == Ended::ByOther {
                shell.ended_by_other();
            }
        }
    });
    // First the window, whose page takes longest; the tray is made while it loads. Neither is asked for anything before this
    // function returns.
    if !arguments.hidden {
        shell.raise();
    }
    desk.set_tray(Tray::new(app, &shell.texts(), shell.tongue())?);
    app.notification().on_action({
        let shell = Arc::clone(&shell);
        move |_| shell.go_to(Place::Files)
    })?;
    tauri::async_runtime::spawn(live(Arc::clone(&shell)));
    tauri::async_runtime::spawn(end_on_signal(Arc::clone(&shell)));
    let paths = arguments.paths_from(&std::env::current_dir().unwrap_or_default());
    tauri::async_runtime::spawn(async move { shell.add_named(paths).await });
    Ok(())
}

/// Where thumbnails lie: the system's place for what can be made again.
fn cache(app: &AppHandle, setting: &Setting) -> PathBuf {
    let usual = setting.is_usual().then(|| app.path().app_cache_dir().ok()).flatten();
    usual.unwrap_or_else(|| setting.dir.clone()).join("thumbnails")
}

/// The desktop's session ends, or somebody ends Offload by hand; a second signal is not waited on.
async fn end_on_signal(shell: Arc<Shell>) {
    let mut signal = match StopSignal::listen() {
        Ok(signal) => signal,
        Err(error) => {
            tracing::error!(%error, "signals cannot be heard");
            return;
        }
    };
    signal.wait().await;
    tokio::select! {
        _ = shell.quit() => {}
        () = signal.wait() => std::process::exit(1),
    }
}

fn window_event(window: &Window, event: &tauri::WindowEvent) {
    if window.label() != MAIN {
        return;
    }
    let desk = Arc::clone(&window.state::<Arc<TauriDesk>>());
    let shell = Arc::clone(&window.state::<Arc<Shell>>());
    match event {
        tauri::WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            // Asks the session bus; not on the main thread.
            tauri::async_runtime::spawn(async move {
                let closed = tokio::task::spawn_blocking(move || desk.front().close()).await;
                if let Ok(closed) = closed {
                    shell.closed(closed).await;
                }
            });
        }
        tauri::WindowEvent::Focused(focused) => desk.front().focused(*focused),
        tauri::WindowEvent::DragDrop(event) => {
            let Some((hover, paths)) = dropped_on(event) else { return };
            crate::desk::Desk::tell(desk.as_ref(), &hover);
            if let Some(paths) = paths {
                tauri::async_runtime::spawn(async move { shell.dropped(paths).await });
            }
        }
        _ => {}
    }
}
