//! What was dropped, chosen or named at the start: the paths stay here, the window gets a number and text.

use offload_engine::watch::name::{path_bytes, shown};
use offload_engine::watch::{Filter, RootKind, ScanRoot, Sighting, scan};
use offload_protocol::control::{ControlError, NewSource};
use offload_protocol::view::{SourceKind, SourceView};
use offload_protocol::window::{Given, Measured, Taking};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// As many are kept; the oldest is dropped for the next.
const KEPT: usize = 16;
/// Paths that the window shows as text.
const SHOWN: usize = 5;
/// Counting what lies in a gift takes no longer.
pub(crate) const MEASURE: Duration = Duration::from_secs(2);

/// A path that was given, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) path: PathBuf,
    pub(crate) is_folder: bool,
}

/// Looks at each path; one that is not there is an error. Blocking.
pub(crate) fn pieces(paths: Vec<PathBuf>) -> Result<Vec<Piece>, ControlError> {
    paths
        .into_iter()
        .map(|path| match std::fs::metadata(&path) {
            Ok(found) => Ok(Piece { is_folder: found.is_dir(), path }),
            Err(error) => Err(unusable(&path, &error)),
        })
        .collect()
}

fn unusable(path: &Path, error: &std::io::Error) -> ControlError {
    let (code, message, hint) = match error.kind() {
        std::io::ErrorKind::NotFound => ("not_there", format!("{} is not there", shown(path)), "check the path"),
        _ => ("unreadable", format!("{} cannot be read: {error}", shown(path)), "give yourself the right to read it"),
    };
    ControlError { code: code.into(), message, hint: Some(hint.into()) }
}

/// All that was given and not decided on yet.
#[derive(Debug, Default)]
pub(crate) struct Gifts {
    inner: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    last: u32,
    gifts: VecDeque<(u32, Vec<Piece>)>,
}

impl Gifts {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a gift and says what the window sees of it. `sources`: what is watched already.
    pub(crate) fn keep(&self, pieces: Vec<Piece>, sources: &[SourceView]) -> Given {
        let mut kept = self.lock();
        kept.last = kept.last.wrapping_add(1);
        let id = kept.last;
        let given = describe(id, &pieces, sources);
        if kept.gifts.len() >= KEPT {
            kept.gifts.pop_front();
        }
        kept.gifts.push_back((id, pieces));
        given
    }

    pub(crate) fn get(&self, id: u32) -> Result<Vec<Piece>, ControlError> {
        let found = self.lock().gifts.iter().find(|(kept, _)| *kept == id).map(|(_, pieces)| pieces.clone());
        found.ok_or_else(|| ControlError {
            code: "nothing".into(),
            message: "what was given is no longer known".into(),
            hint: Some("give it once more".into()),
        })
    }

    pub(crate) fn forget(&self, id: u32) {
        self.lock().gifts.retain(|(kept, _)| *kept != id);
    }
}

fn describe(id: u32, pieces: &[Piece], sources: &[SourceView]) -> Given {
    let folders = pieces.iter().filter(|piece| piece.is_folder).count();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let can_watch = match pieces {
        [one] => one.is_folder && !is_watched(&one.path, sources),
        _ => false,
    };
    Given {
        id,
        name: name_of(pieces),
        folders: count(folders),
        files: count(pieces.len() - folders),
        paths: pieces.iter().take(SHOWN).map(|piece| shown(&piece.path)).collect(),
        can_watch,
    }
}

/// As the engine names a batch without a name.
fn name_of(pieces: &[Piece]) -> String {
    let first = pieces.first().and_then(|piece| piece.path.file_name()).map(|name| shown(Path::new(name)));
    match (first, pieces.len()) {
        (Some(first), 0 | 1) => first,
        (Some(first), more) => format!("{first} +{}", more - 1),
        (None, _) => "/".into(),
    }
}

/// Whether a folder is watched already, as itself.
pub(crate) fn is_watched(path: &Path, sources: &[SourceView]) -> bool {
    let text = shown(path);
    sources.iter().any(|source| source.kind == SourceKind::Watched && source.roots.contains(&text))
}

/// Counts what would be sent of it, for a while; a folder that doesn't answer keeps nobody waiting.
pub(crate) async fn measure(pieces: Vec<Piece>, most: Duration) -> Measured {
    let count = Arc::new(Count::default());
    let counting = count.clone();
    let walk = tokio::task::spawn_blocking(move || counting.walk(&pieces));
    let complete = matches!(tokio::time::timeout(most, walk).await, Ok(Ok(true)));
    count.stop.store(true, Ordering::Relaxed);
    Measured { files: count.files.load(Ordering::Relaxed), bytes: count.bytes.load(Ordering::Relaxed), complete }
}

#[derive(Debug, Default)]
struct Count {
    files: AtomicU64,
    bytes: AtomicU64,
    stop: AtomicBool,
}

impl Count {
    /// Whether everything was seen. Blocking.
    fn walk(&self, pieces: &[Piece]) -> bool {
        let filter = Filter::plain();
        pieces.iter().fold(true, |complete, piece| {
            let kind = if piece.is_folder { RootKind::Folder } else { RootKind::File };
            let root = ScanRoot { kind, ..ScanRoot::folder(&piece.path) };
            let end = scan(&root, &filter, &self.stop, &mut |sighting| {
                if let Sighting::File(seen) = sighting {
                    self.files.fetch_add(1, Ordering::Relaxed);
                    self.bytes.fetch_add(seen.stat.size, Ordering::Relaxed);
                }
                ControlFlow::Continue(())
            });
            complete && end.is_ok_and(|report| report.is_complete())
        })
    }
}

/// The source that a decision makes of a gift.
pub(crate) fn new_source(pieces: &[Piece], taking: Taking) -> NewSource {
    NewSource {
        paths: pieces.iter().map(|piece| path_bytes(&piece.path)).collect(),
        name: None,
        prefix: taking.prefix,
        include: taking.include,
        exclude: taking.exclude,
        changed: taking.changed,
    }
}

#[cfg(test)]
mod tests;
