//! Commands that the engine carries out as they are.

use super::{Shell, refused};
use crate::face::tomorrow_morning_ms;
use offload_protocol::control::{ControlError, RetryWhat, Scope, SourceEdit};
use offload_protocol::view::{Health, SourceState, SourceView};

/// How long a pause from the tray is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PauseFor {
    Hour,
    UntilTomorrow,
    Ever,
}

impl Shell {
    pub(crate) async fn edit_source(&self, edit: SourceEdit) -> Result<SourceView, ControlError> {
        Box::pin(self.life.engine()?.edit_source(edit)).await.map_err(refused)
    }

    pub(crate) async fn remove_source(&self, id: i64) -> Result<(), ControlError> {
        self.life.engine()?.remove_source(id).await.map_err(refused)
    }

    pub(crate) async fn cancel_batch(&self, id: i64) -> Result<(), ControlError> {
        self.life.engine()?.cancel_batch(id).await.map_err(refused)
    }

    pub(crate) async fn pause(&self, scope: Scope, until_ms: Option<i64>) -> Result<(), ControlError> {
        let engine = self.life.engine()?;
        match (scope, until_ms) {
            (Scope::All, Some(until_ms)) => engine.pause_until(until_ms).await.map_err(refused),
            (scope, None) => engine.pause(scope).await.map_err(refused),
            (Scope::Source(_), Some(_)) => Err(ControlError {
                code: "bad_request".into(),
                message: "only everything can be paused until a time".into(),
                hint: None,
            }),
        }
    }

    pub(crate) async fn resume(&self, scope: Scope) -> Result<(), ControlError> {
        self.life.engine()?.resume(scope).await.map_err(refused)
    }

    pub(crate) async fn retry(&self, what: RetryWhat) -> Result<u64, ControlError> {
        self.life.engine()?.retry(what).await.map_err(refused)
    }

    pub(crate) async fn dismiss(&self, what: RetryWhat) -> Result<u64, ControlError> {
        self.life.engine()?.dismiss(what).await.map_err(refused)
    }

    /// Looks through everything; where no engine runs, tries to start it now.
    pub(crate) async fn rescan(&self) -> Result<(), ControlError> {
        match self.life.engine() {
            Ok(engine) => engine.rescan().await.map_err(refused),
            Err(_) => {
                self.life.now();
                Ok(())
            }
        }
    }

    /// Pauses everything, from the tray.
    pub(crate) async fn pause_for(&self, how_long: PauseFor) -> Result<(), ControlError> {
        let now = jiff::ZonedDateTime::now();
        let until_ms = match how_long {
            PauseFor::Hour => Some(now.timestamp().as_millisecond() + 3_600_000),
            PauseFor::UntilTomorrow => tomorrow_morning_ms(&now),
            PauseFor::Ever => None,
        };
        self.pause(Scope::All, until_ms).await
    }

    /// Resumes, from the tray: also the sources that were paused one by one, where it is they that hold everything up.
    pub(crate) async fn resume_all(&self) -> Result<(), ControlError> {
        self.resume(Scope::All).await?;
        let status = self.status().await?;
        if status.health == Health::Paused {
            for source in status.sources.iter().filter(|source| source.state == SourceState::Paused) {
                self.resume(Scope::Source(source.id)).await?;
            }
        }
        Ok(())
    }
}
