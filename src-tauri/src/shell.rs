//! What the window asks for: each command of `window_commands!` is a method here, and does no more than call the engine.

mod account;
mod adding;
mod browser;
mod ending;
mod help;
mod picture;
mod preferences;
mod pulse;
mod steering;

pub(crate) use ending::Closed;
pub(crate) use preferences::Preferences;
pub(crate) use pulse::live;
pub(crate) use steering::PauseFor;

use crate::desk::Desk;
use crate::given::Gifts;
use crate::life::{Life, of_engine};
use crate::setting::Setting;
use crate::texts::{Say, Texts};
use browser::Browsing;
use offload_engine::engine::EngineError;
use offload_engine::media::thumbnail::Thumbnails;
use offload_protocol::control::ControlError;
use offload_protocol::view::{FileRow, Page, PageQuery, Status, Story};
use offload_protocol::window::{FirstPicture, Opening, Tongue, WindowEvent};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tokio::sync::watch;

/// The shell: the engine on one side, the desktop on the other.
pub(crate) struct Shell {
    setting: Setting,
    desk: Arc<dyn Desk>,
    life: Life,
    gifts: Gifts,
    thumbnails: Thumbnails,
    preferences: Preferences,
    browsing: Browsing,
    /// Something changed that tray and notifications go by.
    stirred: watch::Sender<()>,
    ending: AtomicBool,
}

impl std::fmt::Debug for Shell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shell").field("setting", &self.setting).finish_non_exhaustive()
    }
}

impl Shell {
    pub(crate) fn new(
        setting: Setting,
        desk: Arc<dyn Desk>,
        life: Life,
        preferences: Preferences,
        thumbnails: Thumbnails,
    ) -> Self {
        Self {
            setting,
            desk,
            life,
            gifts: Gifts::default(),
            thumbnails,
            preferences,
            browsing: Browsing::default(),
            stirred: watch::Sender::new(()),
            ending: AtomicBool::new(false),
        }
    }

    pub(crate) async fn first_picture(&self) -> Result<FirstPicture, ControlError> {
        // A page that was loaded anew knows of no sign-in that waits.
        self.browsing.give_up();
        let (opening, status, page) = tokio::join!(self.opening(), self.status(), self.page(PageQuery::first()));
        // Without an engine there is nothing to show, and the opening's stage says why.
        Ok(FirstPicture { opening: opening?, status: status.ok(), page: page.ok() })
    }

    pub(crate) async fn opening(&self) -> Result<Opening, ControlError> {
        // A settings file that can't be read is what the stage tells of; the window opens all the same.
        let config = self.setting.config().await.unwrap_or_default();
        Ok(Opening {
            stage: self.life.stage(),
            version: env!("CARGO_PKG_VERSION").into(),
            backend: config.backend.url.map(|url| url.as_str().to_owned()),
            auth_scheme: config.backend.dialect.auth_scheme,
            protocol: config.backend.dialect.protocol,
            token_from_environment: self.setting.token_from_environment,
            data_dir: self.setting.dir.display().to_string(),
            settings: self.settings().await?,
            speaks: self.preferences.tongue(),
        })
    }

    pub(crate) async fn status(&self) -> Result<Status, ControlError> {
        Box::pin(self.life.engine()?.status()).await.map_err(refused)
    }

    pub(crate) async fn page(&self, query: PageQuery) -> Result<Page, ControlError> {
        self.life.engine()?.page(query).await.map_err(refused)
    }

    pub(crate) async fn rows(&self, ids: Vec<i64>) -> Result<Vec<FileRow>, ControlError> {
        self.life.engine()?.rows(ids).await.map_err(refused)
    }

    pub(crate) async fn story(&self, id: i64) -> Result<Option<Story>, ControlError> {
        self.life.engine()?.story_of(id).await.map_err(refused)
    }

    pub(crate) async fn painted(&self) -> Result<(), ControlError> {
        self.desk.painted();
        Ok(())
    }

    pub(crate) fn raise(&self) {
        self.desk.raise();
    }

    pub(crate) fn texts(&self) -> Arc<Texts> {
        self.preferences.texts()
    }

    pub(crate) fn tongue(&self) -> Tongue {
        self.preferences.tongue()
    }

    /// Something chosen in the tray could not be done: nobody may be looking at the window.
    pub(crate) async fn complain_aloud(&self, error: ControlError) {
        if !self.desk.is_watched() {
            self.notify(self.preferences.say(Say::NotifyFailedTitle), error.message.clone()).await;
        }
        self.complain(error);
    }

    /// Something went wrong that no command waits for.
    pub(crate) fn complain(&self, error: ControlError) {
        tracing::warn!(code = error.code, "{}", error.message);
        self.desk.tell(&WindowEvent::Trouble(error));
    }
}

fn refused(error: EngineError) -> ControlError {
    of_engine(&error)
}

#[cfg(test)]
mod tests;
