//! What the person set: read from `config.toml`, changed by the settings page, in effect at once.

use super::{Shell, refused};
use crate::setting::{blocking, of_config};
use crate::texts::{Say, Texts, tongue};
use offload_engine::config::Config;
use offload_engine::media::GpsConsent;
use offload_protocol::control::ControlError;
use offload_protocol::window::{Tongue, WindowEvent, WindowSettings};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The settings that count now, and the texts in their language.
#[derive(Debug)]
pub(crate) struct Preferences {
    /// The desktop's language.
    desktop: Option<String>,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    settings: WindowSettings,
    close_told: bool,
    texts: Arc<Texts>,
    tongue: Tongue,
}

impl Preferences {
    pub(crate) fn new(config: &Config, starts_at_login: bool, desktop: Option<String>) -> Self {
        let settings = config.window(starts_at_login);
        let tongue = tongue(settings.language, desktop.as_deref());
        let texts = Arc::new(Texts::of(tongue));
        let kept = Kept { settings, close_told: config.app.close_told, texts, tongue };
        Self { desktop, kept: Mutex::new(kept) }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> WindowSettings {
        self.lock().settings
    }

    pub(crate) fn tongue(&self) -> Tongue {
        self.lock().tongue
    }

    pub(crate) fn texts(&self) -> Arc<Texts> {
        self.lock().texts.clone()
    }

    pub(crate) fn say(&self, what: Say) -> String {
        self.texts().say(what)
    }

    fn keep(&self, settings: WindowSettings) {
        let spoken = tongue(settings.language, self.desktop.as_deref());
        let mut kept = self.lock();
        kept.settings = settings;
        if kept.tongue != spoken {
            kept.tongue = spoken;
            kept.texts = Arc::new(Texts::of(spoken));
        }
    }

    /// Whether the window is closed for the first time; kept, so that it is said once.
    pub(super) async fn first_close(&self, dir: &Path) -> Result<bool, ControlError> {
        if std::mem::replace(&mut self.lock().close_told, true) {
            return Ok(false);
        }
        let dir = dir.to_owned();
        blocking(move || Config::set_close_told(&dir)).await?.map_err(|error| of_config(&error))?;
        Ok(true)
    }
}

impl Shell {
    pub(crate) async fn settings(&self) -> Result<WindowSettings, ControlError> {
        // The desktop may have changed this one by itself, and `offload` the others.
        let desk = Arc::clone(&self.desk);
        let start_at_login = blocking(move || desk.starts_at_login()).await?;
        let settings = match self.setting.config().await {
            Ok(config) => config.window(start_at_login),
            Err(_) => WindowSettings { start_at_login, ..self.preferences.settings() },
        };
        self.preferences.keep(settings);
        Ok(settings)
    }

    /// Keeps what is wished, and lets it count at once. What was kept is the answer.
    pub(crate) async fn change_settings(&self, settings: WindowSettings) -> Result<WindowSettings, ControlError> {
        let before = self.settings().await?;
        let dir = self.setting.dir.clone();
        blocking(move || Config::set_window(&dir, &settings)).await?.map_err(|error| of_config(&error))?;
        if settings.start_at_login != before.start_at_login {
            let desk = Arc::clone(&self.desk);
            blocking(move || desk.set_starts_at_login(settings.start_at_login)).await??;
        }
        self.preferences.keep(settings);
        if let Ok(engine) = self.life.engine() {
            engine.set_bandwidth(settings.bandwidth);
            engine.set_daily(settings.daily).await.map_err(refused)?;
            engine.set_concurrency(settings.concurrency);
            engine.set_gps(if settings.gps { GpsConsent::Share } else { GpsConsent::Withhold });
        }
        if settings.appearance != before.appearance {
            self.desk.dress(settings.appearance);
        }
        self.stirred.send_replace(());
        let kept = self.settings().await?;
        self.desk.tell(&WindowEvent::Settings(kept));
        Ok(kept)
    }
}
