//! `run`: the engine without a window, until it is told to stop.

use crate::failure::{DONE, Failure, SOME};
use crate::out;
use crate::setting::Setting;
use crate::words::{bytes, clean, files, files_that};
use offload_engine::control::{ControlServer, serve};
use offload_engine::engine::{Engine, EngineError, Handle};
use offload_engine::ledger::LedgerError;
use offload_engine::program::StopSignal;
use offload_protocol::view::{Event, FileRow, Health, State};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// How often it is looked whether another engine has ended.
const WAIT: Duration = Duration::from_secs(2);

pub(crate) async fn run(setting: &Setting, wait: bool) -> Result<u8, Failure> {
    let config = setting.config().await?;
    let mut signal = StopSignal::listen()?;
    let engine = loop {
        match Engine::start(setting.engine_options(&config)?).await {
            Err(EngineError::Ledger(owned @ LedgerError::Owned { .. })) if wait => {
                tracing::info!("{owned}; waiting until it ends");
                tokio::select! {
                    () = tokio::time::sleep(WAIT) => {}
                    () = signal.wait() => return Ok(DONE),
                }
            }
            started => break started?,
        }
    };
    let handle = engine.handle();
    let events = handle.subscribe();
    let mut control = listen(setting, handle.clone()).await?;
    let mut teller = Teller { json: setting.json, handle, told: None };
    teller.say(format!("Offload runs on {}.", setting.dir.display()));
    let told = tokio::select! {
        () = signal.wait() => Ok(()),
        () = control.shutdown_asked() => Ok(()),
        told = teller.tell(events) => told,
    };
    drop(control);
    teller.say("Stopping; what is on its way goes back to the queue.".into());
    // A second signal ends it at once: the ledger bears it.
    tokio::select! {
        () = engine.stop() => {}
        () = signal.wait() => return Ok(SOME),
    }
    told.map(|()| DONE)
}

/// The socket for other processes. Without it the engine still works, but nobody could steer it: that is no way to run.
pub(crate) async fn listen(setting: &Setting, handle: Handle) -> Result<ControlServer, Failure> {
    serve(handle, &setting.dir).await.map_err(|error| {
        Failure::new("control_socket", format!("the socket for other programs cannot be made: {error}"))
            .hint("set XDG_RUNTIME_DIR to a folder of yours with a short path")
    })
}

/// Prints what happens: a line a file that is safe or in trouble, or every event as JSON.
struct Teller {
    json: bool,
    handle: Handle,
    /// The standing that was told last.
    told: Option<(Health, Option<String>)>,
}

impl Teller {
    fn say(&self, text: String) {
        tracing::info!("{text}");
        if !self.json {
            let _ = out::line(clean(&text));
        }
    }

    /// Until the engine ends. Standard output that nobody reads is no reason to stop uploading.
    async fn tell(&mut self, mut events: broadcast::Receiver<Event>) -> Result<(), Failure> {
        loop {
            let event = match events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return Err(Failure::new("stopped", "the engine has stopped")),
            };
            if self.json {
                let _ = out::json(&event);
                continue;
            }
            match event {
                Event::Files { ids, .. } => {
                    for file in self.handle.rows(ids).await? {
                        if let Some(line) = line(&file) {
                            self.say(line);
                        }
                    }
                }
                Event::Standing => self.standing().await?,
                Event::Notice { notice, .. } => self.say(format!("note: {notice}")),
                Event::Progress { .. } => {}
            }
        }
    }

    async fn standing(&mut self) -> Result<(), Failure> {
        let status = self.handle.status().await?;
        let now = (status.health, status.detail);
        if self.told.as_ref() == Some(&now) {
            return Ok(());
        }
        let word = match status.health {
            Health::SignedOut => "signed out".to_owned(),
            Health::Offline => "offline".into(),
            Health::Paused => "paused".into(),
            Health::NeedsAttention => {
                format!("{} you", files_that(status.totals.failed.files + status.totals.missing.files, "needs", "need"))
            }
            Health::Working if status.totals.pending() == 0 => "looking through the folders".into(),
            Health::Working => format!("working, {} to go", files(status.totals.pending())),
            Health::Stopped => "stopped".into(),
            Health::UpToDate => format!("up to date, {} confirmed", files(status.totals.confirmed.files)),
        };
        let why = now.1.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        self.told = Some(now);
        self.say(format!("{word}{why}"));
        Ok(())
    }
}

/// What is worth a line: the ends a file can come to, and a pause with its cause.
fn line(file: &FileRow) -> Option<String> {
    let reason = file.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let hint = file.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    match file.state {
        State::Confirmed => Some(format!("confirmed {} ({})", file.path, bytes(file.size))),
        State::Failed | State::Missing | State::Skipped | State::Waiting => {
            Some(format!("{} {}{reason}{hint}", file.state.as_str(), file.path))
        }
        State::Settling | State::Queued | State::Uploading | State::Uploaded => None,
    }
}

#[cfg(test)]
mod tests {
    use super::line;
    use crate::list::tests::file;
    use offload_protocol::view::{FileRow, State};

    #[test]
    fn lines() {
        for (state, text) in [
            (State::Confirmed, Some("confirmed a.jpg (24 MB)")),
            (State::Failed, Some("failed a.jpg: S3 denied it; tell the owner")),
            (State::Waiting, Some("waiting a.jpg: S3 denied it; tell the owner")),
            (State::Queued, None),
            (State::Uploading, None),
        ] {
            let row = FileRow {
                reason: Some("S3 denied it".into()),
                hint: Some("tell the owner".into()),
                ..file("a.jpg", state)
            };
            assert_eq!(line(&row).as_deref(), text);
        }
    }
}
