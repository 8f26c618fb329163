//! What others command and read a running engine by.

use super::core::Core;
use super::error::EngineError;
use super::looking::Ask;
use super::roots;
use super::status;
use super::timing;
use crate::cause::{Cause, Code};
use crate::destination;
use crate::diagnostics;
use crate::ledger::editing::{self, Edited};
use crate::ledger::settings::{self, Pause};
use crate::ledger::sources::{self, NewRoot};
use crate::ledger::{now_ms, queue, read};
use crate::media::GpsConsent;
use crate::media::thumbnail::ThumbnailSource;
use crate::watch::Filter;
use crate::watch::name::path_from_bytes;
use offload_protocol::control::{NewSource, RetryWhat, Scope, SourceEdit};
use offload_protocol::view::{Event, FileRow, Page, PageQuery, SourceKind, SourceView, Status, Story};
use offload_protocol::window::DailyLimit;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{broadcast, mpsc};

/// Commands and reads; every clone speaks to the same engine.
#[derive(Debug, Clone)]
pub struct Handle {
    core: Arc<Core>,
    asks: mpsc::Sender<Ask>,
}

impl Handle {
    pub(super) fn new(core: Arc<Core>, asks: mpsc::Sender<Ask>) -> Self {
        Self { core, asks }
    }

    pub async fn status(&self) -> Result<Status, EngineError> {
        status::of_running(&self.core).await
    }

    /// A page of files, with the bytes on their way.
    pub async fn page(&self, query: PageQuery) -> Result<Page, EngineError> {
        let mut page = self.core.ledger.read(move |db| read::page(db, &query)).await?;
        self.add_progress(&mut page.files);
        Ok(page)
    }

    /// Rows by their numbers, at most 1000; those that are gone are left out.
    pub async fn rows(&self, mut ids: Vec<i64>) -> Result<Vec<FileRow>, EngineError> {
        ids.truncate(read::ROWS);
        let mut rows = self.core.ledger.read(move |db| read::rows(db, &ids)).await?;
        self.add_progress(&mut rows);
        Ok(rows)
    }

    /// Where the file of a row lies and which bytes are meant, for its thumbnail; `None`: no such row.
    pub async fn thumbnail_source(&self, id: i64) -> Result<Option<ThumbnailSource>, EngineError> {
        Ok(self.core.ledger.read(move |db| read::thumbnail_source(db, id)).await?)
    }

    fn add_progress(&self, rows: &mut [FileRow]) {
        for progress in self.core.progress() {
            if let Some(row) = rows.iter_mut().find(|row| row.id == progress.id) {
                row.sent = Some(progress.sent);
            }
        }
    }

    /// The story of an absolute path, as bytes; `None`: the ledger does not know it.
    pub async fn story(&self, local: Vec<u8>) -> Result<Option<Story>, EngineError> {
        Ok(self.core.ledger.read(move |db| read::story(db, &local)).await?)
    }

    /// The story of the path that a row stands for.
    pub async fn story_of(&self, id: i64) -> Result<Option<Story>, EngineError> {
        Ok(self.core.ledger.read(move |db| read::story_of(db, id)).await?)
    }

    /// The absolute path of a row on this machine; `None`: there is no such row.
    pub async fn local_path(&self, id: i64) -> Result<Option<PathBuf>, EngineError> {
        Ok(self.core.ledger.read(move |db| read::local_path(db, id)).await?.map(|bytes| path_from_bytes(&bytes)))
    }

    /// Watches a folder from now on.
    pub async fn add_source(&self, new: NewSource) -> Result<SourceView, EngineError> {
        let (new, _) = sound(new)?;
        let paths = self.check(&new).await?;
        let [root] = <[NewRoot; 1]>::try_from(paths).map_err(|_| EngineError::Nothing)?;
        if !root.is_folder {
            return Err(EngineError::NoFolder(root.path));
        }
        let id = self.core.ledger.write(move |db| sources::add_watched(db, &new, &root, now_ms())).await?;
        self.core.flow().ask(id);
        self.ask(Ask::Source(id)).await?;
        self.source(id).await
    }

    /// Sends what is given, once. The same paths again are the same batch: only what is new or failed is sent.
    pub async fn add_batch(&self, new: NewSource) -> Result<SourceView, EngineError> {
        let (new, _) = sound(new)?;
        let roots = self.check(&new).await?;
        let id = self
            .core
            .ledger
            .write(move |db| {
                let id = sources::add_batch(db, &new, &roots, now_ms())?;
                queue::retry(db, "source_id = ?2", id, now_ms())?;
                Ok(id)
            })
            .await?;
        {
            let mut flow = self.core.flow();
            flow.given.insert(id);
            // Given again it goes on, also if it was paused.
            flow.halted.remove(&id);
            // Until the look is over it is not through, even if the looker hasn't begun yet.
            flow.ask(id);
        }
        self.ask(Ask::Source(id)).await?;
        self.source(id).await
    }

    /// Changes a source. Which files it sends is so at once; the destination is that of all that goes out from now on.
    pub async fn edit_source(&self, edit: SourceEdit) -> Result<SourceView, EngineError> {
        let id = edit.id;
        let (edit, filter) = sound_edit(edit)?;
        let before = self.core.ledger.read(move |db| sources::get(db, id)).await?;
        // What the new globs leave out is not to arrive any more while they are written.
        let picks = before.include != edit.include || before.exclude != edit.exclude;
        let halted = picks && self.core.flow().halted.insert(id);
        if picks {
            self.core.call_back(Some(id));
        }
        let edited = self.core.ledger.write(move |db| editing::edit(db, &edit, &filter, now_ms())).await;
        if halted && !before.paused && !before.cancelled {
            self.core.flow().halted.remove(&id);
        }
        let Edited { source, looks_otherwise } = edited?;
        if looks_otherwise && !source.cancelled && self.core.tends(id) && self.is_there_to_look(source).await? {
            self.core.flow().ask(id);
            self.ask(Ask::Anew(id)).await?;
        }
        self.core.dispatch.notify_one();
        self.core.tell_standing();
        self.source(id).await
    }

    /// A batch that is through and whose folders are gone is left in peace.
    async fn is_there_to_look(&self, source: sources::Source) -> Result<bool, EngineError> {
        if source.kind == SourceKind::Watched {
            return Ok(true);
        }
        let ledger = self.core.ledger.clone();
        let look = move || {
            let through = ledger.read_blocking(|db| editing::is_through(db, &source))?;
            Ok(!through || roots::standing(&source, true).is_none())
        };
        tokio::task::spawn_blocking(look).await.map_err(|_| EngineError::Stopped)?
    }

    /// Takes a source out of sight. Nothing remote is deleted; what is not in S3 yet is not sent any more.
    pub async fn remove_source(&self, id: i64) -> Result<(), EngineError> {
        self.end(id, removed(), true).await
    }

    /// Ends a batch: what is not in S3 yet is skipped.
    pub async fn cancel_batch(&self, id: i64) -> Result<(), EngineError> {
        self.end(id, cancelled(), false).await
    }

    async fn end(&self, id: i64, cause: Cause, remove: bool) -> Result<(), EngineError> {
        self.core.flow().halted.insert(id);
        self.core.call_back(Some(id));
        self.core
            .ledger
            .write(move |db| {
                if remove {
                    sources::remove(db, id, &cause, now_ms())
                } else {
                    sources::cancel(db, id, &cause, now_ms())
                }
            })
            .await?;
        self.ask(Ask::Forget(id)).await?;
        self.core.tell_standing();
        Ok(())
    }

    /// Stops sending, at once; what was on its way goes back to the queue.
    pub async fn pause(&self, scope: Scope) -> Result<(), EngineError> {
        match scope {
            Scope::All => {
                self.pause_all(Pause { until_ms: None }).await?;
            }
            Scope::Source(id) => {
                self.core.ledger.write(move |db| sources::set_paused(db, id, true)).await?;
                self.core.flow().halted.insert(id);
                self.core.call_back(Some(id));
            }
        }
        self.core.tell_standing();
        Ok(())
    }

    /// Stops sending, at once, until a time in milliseconds since 1970; then it goes on by itself, also after a restart or a sleep.
    pub async fn pause_until(&self, until_ms: i64) -> Result<(), EngineError> {
        let pause = Pause { until_ms: Some(until_ms) };
        if pause.is_over(now_ms()) {
            return Err(EngineError::TimeOver);
        }
        self.pause_all(pause).await?;
        self.core.tell_standing();
        Ok(())
    }

    async fn pause_all(&self, pause: Pause) -> Result<(), EngineError> {
        self.core.ledger.write(move |db| settings::set_pause(db, Some(pause))).await?;
        self.core.flow().paused = Some(pause);
        self.core.call_back(None);
        Ok(())
    }

    pub async fn resume(&self, scope: Scope) -> Result<(), EngineError> {
        match scope {
            Scope::All => {
                // Within the part of the day that lets nothing out, it goes on until that ends.
                let waived = {
                    let flow = self.core.flow();
                    flow.daily_hold.or(flow.daily_waived)
                };
                self.core
                    .ledger
                    .write(move |db| {
                        settings::set_pause(db, None)?;
                        settings::set(
                            db,
                            settings::DAILY_WAIVED,
                            waived.map(|until_ms| until_ms.to_string()).as_deref(),
                        )
                    })
                    .await?;
                {
                    let mut flow = self.core.flow();
                    flow.paused = None;
                    flow.daily_waived = waived;
                    flow.try_now();
                }
                timing::apply_daily(&self.core);
            }
            Scope::Source(id) => {
                self.core.ledger.write(move |db| sources::set_paused(db, id, false)).await?;
                self.core.flow().halted.remove(&id);
            }
        }
        self.core.dispatch.notify_one();
        self.core.tell_standing();
        Ok(())
    }

    /// Tries failed and waiting files again, now; how many.
    pub async fn retry(&self, what: RetryWhat) -> Result<u64, EngineError> {
        let count = self
            .core
            .ledger
            .write(move |db| {
                let now = now_ms();
                match what {
                    RetryWhat::All => queue::retry(db, "?2 = 0", 0, now),
                    RetryWhat::Source(id) => queue::retry(db, "source_id = ?2", id, now),
                    RetryWhat::Files(ids) => {
                        let mut count = 0;
                        for id in ids {
                            count += queue::retry(db, "id = ?2", id, now)?;
                        }
                        Ok(count)
                    }
                }
            })
            .await?;
        self.core.flow().try_now();
        self.core.dispatch.notify_one();
        self.core.confirm.notify_one();
        Ok(count)
    }

    /// Files that are gone are no longer asked for; how many.
    pub async fn dismiss(&self, what: RetryWhat) -> Result<u64, EngineError> {
        let count = self.core.ledger.write(move |db| queue::dismiss(db, &what, now_ms())).await?;
        self.core.tell_standing();
        Ok(count)
    }

    /// Bytes a second; `None` lifts the limit. Takes effect at once.
    pub fn set_bandwidth(&self, limit: Option<u64>) {
        self.core.flow().usual = limit;
        timing::apply_daily(&self.core);
        self.core.tell_standing();
    }

    /// A part of each day with a limit of its own; `None`: none. Takes effect at once; what was waived of another one is not of this.
    pub async fn set_daily(&self, daily: Option<DailyLimit>) -> Result<(), EngineError> {
        if self.core.flow().daily == daily {
            return Ok(());
        }
        self.core.ledger.write(|db| settings::set(db, settings::DAILY_WAIVED, None)).await?;
        {
            let mut flow = self.core.flow();
            flow.daily = daily;
            flow.daily_waived = None;
        }
        timing::apply_daily(&self.core);
        self.core.tell_standing();
        Ok(())
    }

    /// Uploads at once, at most; held within 1 to 64. Takes effect at once.
    pub fn set_concurrency(&self, most: u32) {
        self.core.set_concurrency(most);
        self.core.tell_standing();
    }

    /// Whether the place a photograph was taken at is told, for files read from now on.
    pub fn set_gps(&self, consent: GpsConsent) {
        self.core.flow().gps = consent;
    }

    /// The stored token changed: the backend is asked who we are.
    pub fn token_changed(&self) {
        {
            let mut flow = self.core.flow();
            flow.ask_session = true;
            flow.try_now();
        }
        self.core.session.notify_one();
    }

    /// Looks through everything now, and tries the way out.
    pub async fn rescan(&self) -> Result<(), EngineError> {
        self.core.flow().try_now();
        self.core.dispatch.notify_one();
        self.ask(Ask::Everything).await
    }

    /// A description of this installation for whoever helps: no secret and no name in it.
    pub async fn diagnostics(&self) -> Result<String, EngineError> {
        let status = self.status().await?;
        let daily = self.core.flow().daily;
        let dir = self.core.ledger.dir().to_owned();
        Ok(self.core.ledger.read(move |db| diagnostics::standing(db, &dir, &status, daily.as_ref())).await?)
    }

    /// What changes from now on. A receiver that lags misses events: fetch the status and pages anew.
    pub fn subscribe(&self) -> broadcast::Receiver<Event> {
        self.core.events.subscribe()
    }

    async fn ask(&self, ask: Ask) -> Result<(), EngineError> {
        self.asks.send(ask).await.map_err(|_| EngineError::Stopped)
    }

    async fn source(&self, id: i64) -> Result<SourceView, EngineError> {
        let scanning = self.core.flow().unseen().contains(&id);
        Ok(self
            .core
            .ledger
            .read(move |db| {
                let totals = sources::totals(db)?.get(&id).copied().unwrap_or_default();
                Ok(sources::get(db, id)?.view(totals, scanning))
            })
            .await?)
    }

    /// Everything given exists and is absolute.
    async fn check(&self, new: &NewSource) -> Result<Vec<NewRoot>, EngineError> {
        let paths: Vec<PathBuf> = new.paths.iter().map(|bytes| path_from_bytes(bytes)).collect();
        let own = self.core.ledger.dir().to_owned();
        tokio::task::spawn_blocking(move || new_roots(&paths, &own)).await.map_err(|_| EngineError::Stopped)?
    }
}

/// What unsent files of a removed source say.
pub(crate) fn removed() -> Cause {
    Cause::new(Code::SourceRemoved, "its folder was removed from Offload before the file was sent")
}

/// What unsent files of a cancelled batch say.
pub(crate) fn cancelled() -> Cause {
    Cause::new(Code::Cancelled, "the batch was cancelled before the file was sent")
        .hint("give the folder again to send it after all")
}

/// A source to be whose globs can be understood and whose destination is one.
pub(crate) fn sound(mut new: NewSource) -> Result<(NewSource, Filter), EngineError> {
    let filter = Filter::new(&new.include, &new.exclude)?;
    new.prefix = destination::prefix(&new.prefix)?;
    Ok((new, filter))
}

/// The same for an edit.
pub(crate) fn sound_edit(mut edit: SourceEdit) -> Result<(SourceEdit, Filter), EngineError> {
    let filter = Filter::new(&edit.include, &edit.exclude)?;
    edit.prefix = destination::prefix(&edit.prefix)?;
    Ok((edit, filter))
}

/// What was given, looked at on disk. Blocking.
pub(crate) fn new_roots(paths: &[PathBuf], data_dir: &Path) -> Result<Vec<NewRoot>, EngineError> {
    if paths.is_empty() {
        return Err(EngineError::Nothing);
    }
    let own = std::path::absolute(data_dir).ok();
    paths
        .iter()
        .map(|path| {
            if !path.is_absolute() {
                return Err(EngineError::Relative(path.clone()));
            }
            let found = std::fs::metadata(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => EngineError::NotThere(path.clone()),
                _ => EngineError::Unreadable { path: path.clone(), error },
            })?;
            if own.as_ref().is_some_and(|own| own.starts_with(path)) {
                return Err(EngineError::OwnFolder(path.clone()));
            }
            Ok(NewRoot { path: path.clone(), is_folder: found.is_dir() })
        })
        .collect()
}
