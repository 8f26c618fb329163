//! Adding folders and files: dropped, chosen, or named when Offload was started.

use super::{Shell, refused};
use crate::given::{self, MEASURE, Piece};
use crate::setting::blocking;
use crate::texts::Say;
use offload_engine::watch::name::path_bytes;
use offload_protocol::control::{ControlError, NewSource};
use offload_protocol::view::SourceView;
use offload_protocol::window::{Given, Measured, Place, Taking, WindowEvent};
use std::path::PathBuf;

impl Shell {
    pub(crate) async fn choose(&self, folders: bool) -> Result<Option<Given>, ControlError> {
        let title = self.preferences.say(if folders { Say::DialogFolders } else { Say::DialogFiles });
        match self.desk.choose(folders, title).await {
            Some(paths) if !paths.is_empty() => self.keep(paths).await.map(Some),
            Some(_) | None => Ok(None),
        }
    }

    pub(crate) async fn measure(&self, given: u32) -> Result<Measured, ControlError> {
        Ok(given::measure(self.gifts.get(given)?, MEASURE).await)
    }

    pub(crate) async fn take(&self, taking: Taking) -> Result<SourceView, ControlError> {
        let engine = self.life.engine()?;
        let (id, watch) = (taking.given, taking.watch);
        let new = given::new_source(&self.gifts.get(id)?, taking);
        let source = if watch { engine.add_source(new).await } else { engine.add_batch(new).await };
        let source = source.map_err(refused)?;
        self.gifts.forget(id);
        Ok(source)
    }

    pub(crate) async fn leave(&self, given: u32) -> Result<(), ControlError> {
        self.gifts.forget(given);
        Ok(())
    }

    /// Something was dropped on the window.
    pub(crate) async fn dropped(&self, paths: Vec<PathBuf>) {
        if paths.is_empty() {
            return;
        }
        match self.keep(paths).await {
            Ok(given) => self.desk.tell(&WindowEvent::Given(given)),
            Err(error) => self.complain(error),
        }
    }

    async fn keep(&self, paths: Vec<PathBuf>) -> Result<Given, ControlError> {
        let pieces = blocking(move || given::pieces(paths)).await??;
        // Without an engine nothing is known to be watched; what is given can be kept all the same.
        let sources = self.status().await.map(|status| status.sources).unwrap_or_default();
        Ok(self.gifts.keep(pieces, &sources))
    }

    /// Adds what Offload was started with, without a question: folders are watched, files are sent once.
    pub(crate) async fn add_named(&self, paths: Vec<PathBuf>) {
        if paths.is_empty() || self.life.ready().await.is_err() {
            return;
        }
        let mut files = Vec::new();
        for path in paths {
            match blocking(move || given::pieces(vec![path])).await.and_then(|looked| looked) {
                Ok(pieces) => {
                    for piece in pieces {
                        if piece.is_folder { self.add(vec![piece], true).await } else { files.push(piece) }
                    }
                }
                Err(error) => self.complain(error),
            }
        }
        if !files.is_empty() {
            self.add(files, false).await;
        }
    }

    async fn add(&self, pieces: Vec<Piece>, watched: bool) {
        let paths = pieces.iter().map(|piece| path_bytes(&piece.path)).collect();
        let new = NewSource { paths, ..NewSource::default() };
        let added = async {
            let engine = self.life.engine()?;
            let added = if watched { engine.add_source(new).await } else { engine.add_batch(new).await };
            added.map_err(refused)
        };
        match Box::pin(added).await {
            Ok(source) => {
                tracing::info!(source = source.id, watched, "added what Offload was started with");
                self.desk.tell(&WindowEvent::Added { source_id: source.id, name: source.name, watched });
            }
            Err(error) => self.complain(error),
        }
    }

    /// From the tray: the window opens and asks for a folder.
    pub(crate) fn go_to(&self, place: Place) {
        self.desk.raise();
        self.desk.tell(&WindowEvent::Go(place));
    }
}
