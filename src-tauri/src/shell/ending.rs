//! Closing the window, and ending Offload.

use super::Shell;
use crate::texts::Say;
use offload_protocol::control::ControlError;
use offload_protocol::window::WindowEvent;
use std::sync::atomic::Ordering;

/// What closing the window comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// Hidden; the tray brings it back.
    Hidden,
    /// There is no tray to bring it back: it was made small instead.
    Minimised,
}

impl Shell {
    /// Ends Offload; what is on its way goes back to the queue.
    pub(crate) async fn quit(&self) -> Result<(), ControlError> {
        if self.ending.swap(true, Ordering::Relaxed) {
            return Ok(());
        }
        tracing::info!("quitting");
        self.life.end().await;
        self.desk.end();
        Ok(())
    }

    /// Another program asked the engine to stop, and it has.
    pub(crate) fn ended_by_other(&self) {
        if !self.ending.swap(true, Ordering::Relaxed) {
            tracing::info!("ended by another program");
            self.desk.end();
        }
    }

    /// The person wants to quit: asked first where that would leave files unconfirmed.
    pub(crate) async fn ask_to_quit(&self) {
        let pending = self.status().await.map_or(0, |status| status.totals.pending());
        if pending == 0 {
            // Nothing is refused: quitting has no errors.
            let _ = self.quit().await;
            return;
        }
        self.desk.raise();
        self.desk.tell(&WindowEvent::AskQuit { pending });
    }

    /// The window was closed by the person; the first time it is said that Offload goes on.
    pub(crate) async fn closed(&self, how: Closed) {
        match self.preferences.first_close(&self.setting.dir).await {
            Ok(true) => {
                let (title, text) = match how {
                    Closed::Hidden => (Say::NotifyClosedTitle, Say::NotifyClosed),
                    Closed::Minimised => (Say::NotifyMinimisedTitle, Say::NotifyMinimised),
                };
                self.notify(self.preferences.say(title), self.preferences.say(text)).await;
            }
            Ok(false) => {}
            Err(error) => tracing::warn!(code = error.code, "{}", error.message),
        }
    }
}
