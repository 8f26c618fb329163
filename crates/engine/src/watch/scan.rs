//! Looks through a source and tells each file it finds. What it finds is the truth; events are only hints.

mod walk;

use super::filter::{Filter, Ignored};
use super::stat::{FileId, Stat, file_id, is_gone};
use std::io;
use std::ops::ControlFlow;
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// Whether a root is a folder or one file that was given by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKind {
    Folder,
    File,
}

/// What to look through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRoot {
    /// Absolute. A link here is followed, unlike below.
    pub path: PathBuf,
    pub kind: RootKind,
    /// Put before each relative path; empty for a watched folder. Tells the roots of a batch apart. Filters don't see
    /// it.
    pub under: PathBuf,
    /// Relative path of the only folder or file to look at; empty for all.
    pub part: PathBuf,
}

impl ScanRoot {
    pub fn folder(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), kind: RootKind::Folder, under: PathBuf::new(), part: PathBuf::new() }
    }

    /// One file; its relative path is its name.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { kind: RootKind::File, ..Self::folder(path) }
    }

    #[must_use]
    pub fn under(mut self, under: impl Into<PathBuf>) -> Self {
        self.under = under.into();
        self
    }

    /// Narrows the look to one folder or file below the root, given relative to it. The filter holds as for the whole.
    /// If it is gone, the report is complete and empty.
    #[must_use]
    pub fn part(mut self, part: impl Into<PathBuf>) -> Self {
        self.part = part.into();
        self
    }

    /// Identity of what the root is now.
    fn identity(&self) -> Result<Option<FileId>, ScanError> {
        let metadata = std::fs::metadata(&self.path).map_err(|source| self.error(source))?;
        let as_said = match self.kind {
            RootKind::Folder => metadata.is_dir(),
            RootKind::File => metadata.is_file(),
        };
        if as_said { Ok(file_id(&metadata)) } else { Err(ScanError::RootKind { path: self.path.clone() }) }
    }

    fn error(&self, source: io::Error) -> ScanError {
        let path = self.path.clone();
        if is_gone(&source) { ScanError::RootGone { path } } else { ScanError::RootUnreadable { path, source } }
    }
}

/// A file that is to be sent, as it looks now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Absolute.
    pub path: PathBuf,
    /// Relative to the root, after `ScanRoot::under`.
    pub rel: PathBuf,
    /// Of the link's target, where the file is a link.
    pub stat: Stat,
}

/// Why something that is there is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObstacleKind {
    /// A link to a folder; links to folders are not followed.
    LinkedFolder,
    /// Links that lead round in a circle.
    LinkLoop,
    /// A link to nothing.
    BrokenLink,
    /// A pipe, socket or device.
    Special,
    /// A folder that cannot be listed, or a file that cannot be looked at.
    Unreadable,
}

/// Something that is there, would be sent, and cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    pub path: PathBuf,
    pub rel: PathBuf,
    pub kind: ObstacleKind,
    /// In plain words.
    pub detail: String,
}

/// One finding of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    File(Seen),
    Obstacle(Obstacle),
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanEnd {
    #[default]
    Finished,
    /// By the cancel flag.
    Cancelled,
    /// By the sink.
    Stopped,
}

/// Sum of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScanReport {
    pub files: u64,
    pub bytes: u64,
    pub folders: u64,
    /// By `Ignored as usize`. A folder that is not entered counts once.
    ignored: [u64; Ignored::ALL.len()],
    pub obstacles: u64,
    /// Obstacles that hide what lies below them, or may hide a file; see [`Self::is_complete`].
    pub unreadable: u64,
    pub end: ScanEnd,
}

impl ScanReport {
    pub fn ignored(&self, why: Ignored) -> u64 {
        self.ignored[why as usize]
    }

    /// Whether everything was seen: only then does a file that was not seen count as gone.
    pub fn is_complete(&self) -> bool {
        self.end == ScanEnd::Finished && self.unreadable == 0
    }
}

/// Why there was nothing to look through.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It wasn't there, or went away or was exchanged while it was looked through (a card that was pulled).
    #[error("{} is not there", path.display())]
    RootGone { path: PathBuf },
    /// A file where a folder was expected, or the reverse.
    #[error("{} is no longer what it was: a folder became a file, or a file a folder", path.display())]
    RootKind { path: PathBuf },
    #[error("{} cannot be read: {source}", path.display())]
    RootUnreadable { path: PathBuf, source: io::Error },
    /// `part` isn't a plain relative path.
    #[error("{} does not lie in the source", part.display())]
    OutsideRoot { part: PathBuf },
}

/// Looks through `root` and hands each file and obstacle to `sink`, in no certain order; blocking.
///
/// One `stat` a file. Holds the paths of folders still to be entered, never of files. Links to files are followed,
/// links to folders are not. Files that vanish meanwhile are passed over. Whether an empty root is an unmounted one is
/// for [`super::volume::root_standing`] to say.
///
/// # Errors
/// When the root is not there, not readable, or not the same at the end as at the beginning.
pub fn scan(
    root: &ScanRoot,
    filter: &Filter,
    cancel: &AtomicBool,
    sink: &mut dyn FnMut(Sighting) -> ControlFlow<()>,
) -> Result<ScanReport, ScanError> {
    if !is_plain(&root.part) || !is_plain(&root.under) {
        return Err(ScanError::OutsideRoot { part: root.part.clone() });
    }
    let before = root.identity()?;
    let report = walk::walk(root, filter, cancel, sink)?;
    if report.end == ScanEnd::Finished && root.identity()? != before && root.kind == RootKind::Folder {
        return Err(ScanError::RootGone { path: root.path.clone() });
    }
    Ok(report)
}

fn is_plain(path: &Path) -> bool {
    path.components().all(|component| matches!(component, Component::Normal(_)))
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
