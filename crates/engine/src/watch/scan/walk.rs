//! The walk itself: folder by folder, nothing kept but the folders still to be entered.

use super::{Obstacle, ObstacleKind, RootKind, ScanEnd, ScanError, ScanReport, ScanRoot, Seen, Sighting};
use crate::watch::filter::{Filter, Verdict};
use crate::watch::stat::{Stat, is_gone};
use std::fs::{FileType, Metadata};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

type Flow = ControlFlow<ScanEnd>;

struct Walk<'a> {
    root: &'a ScanRoot,
    filter: &'a Filter,
    cancel: &'a AtomicBool,
    sink: &'a mut dyn FnMut(Sighting) -> ControlFlow<()>,
    report: ScanReport,
    /// Relative paths of folders to enter.
    pending: Vec<PathBuf>,
}

pub(super) fn walk(
    root: &ScanRoot,
    filter: &Filter,
    cancel: &AtomicBool,
    sink: &mut dyn FnMut(Sighting) -> ControlFlow<()>,
) -> Result<ScanReport, ScanError> {
    let mut walk = Walk { root, filter, cancel, sink, report: ScanReport::default(), pending: Vec::new() };
    let flow = match root.kind {
        RootKind::File => walk.given_file(),
        RootKind::Folder if root.part.as_os_str().is_empty() => {
            // Asked once more than needed, so that a root without the right to list it is an error and not one obstacle
            // among many.
            drop(std::fs::read_dir(&root.path).map_err(|source| root.error(source))?);
            walk.pending.push(PathBuf::new());
            walk.folders()
        }
        RootKind::Folder => walk.part(&root.part),
    };
    if let ControlFlow::Break(end) = flow {
        walk.report.end = end;
    }
    Ok(walk.report)
}

impl Walk<'_> {
    fn folders(&mut self) -> Flow {
        while let Some(rel) = self.pending.pop() {
            self.folder(&rel)?;
        }
        ControlFlow::Continue(())
    }

    fn given_file(&mut self) -> Flow {
        let Some(name) = self.root.path.file_name().map(PathBuf::from) else { return ControlFlow::Continue(()) };
        let path = self.root.path.clone();
        match (self.filter.admits_file(&name), std::fs::metadata(&path)) {
            (Verdict::Ignored(_), _) => self.count(self.filter.admits_file(&name)),
            (Verdict::Admit, Ok(metadata)) => self.file(path, &name, &metadata),
            (Verdict::Admit, Err(error)) if is_gone(&error) => ControlFlow::Continue(()),
            (Verdict::Admit, Err(error)) => self.obstacle(path, &name, ObstacleKind::Unreadable, error.to_string()),
        }
    }

    /// Only `rel`, which may be a file, a folder, or gone. The folders on its way are checked first, since a scan would
    /// not pass through a link.
    fn part(&mut self, rel: &Path) -> Flow {
        let mut way: Vec<&Path> = rel.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).collect();
        way.reverse();
        for folder in way {
            let kind = match std::fs::symlink_metadata(self.root.path.join(folder)) {
                Ok(metadata) => metadata.file_type(),
                Err(error) => return self.cannot_look(self.root.path.join(folder), folder, &error),
            };
            if !kind.is_dir() {
                return self.entry(self.root.path.join(folder), folder, kind, None);
            }
            let verdict = self.filter.admits_folder_here(folder);
            if !verdict.is_admitted() {
                return self.count(verdict);
            }
        }
        let path = self.root.path.join(rel);
        match std::fs::symlink_metadata(&path) {
            Ok(metadata) => self.entry(path, rel, metadata.file_type(), Some(metadata))?,
            Err(error) => return self.cannot_look(path, rel, &error),
        }
        self.folders()
    }

    fn folder(&mut self, rel: &Path) -> Flow {
        let path = self.root.path.join(rel);
        let entries = match std::fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => return self.cannot_look(path, rel, &error),
        };
        self.report.folders += 1;
        for entry in entries {
            if self.cancel.load(Ordering::Relaxed) {
                return ControlFlow::Break(ScanEnd::Cancelled);
            }
            let entry = match entry {
                Ok(entry) => entry,
                // The rest of this folder stays unseen; its siblings go on.
                Err(error) => return self.cannot_look(path, rel, &error),
            };
            let rel = rel.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_file() => self.plain_file(&entry, &rel)?,
                Ok(kind) => self.entry(entry.path(), &rel, kind, None)?,
                Err(error) => self.cannot_look(entry.path(), &rel, &error)?,
            }
        }
        ControlFlow::Continue(())
    }

    /// The common case. `DirEntry::metadata` looks relative to the open folder, which is quicker than by the whole
    /// path.
    fn plain_file(&mut self, entry: &std::fs::DirEntry, rel: &Path) -> Flow {
        let verdict = self.filter.admits_file_here(rel);
        if !verdict.is_admitted() {
            return self.count(verdict);
        }
        match entry.metadata() {
            Ok(metadata) => self.file(entry.path(), rel, &metadata),
            Err(error) => self.cannot_look(entry.path(), rel, &error),
        }
    }

    fn entry(&mut self, path: PathBuf, rel: &Path, kind: FileType, known: Option<Metadata>) -> Flow {
        if kind.is_symlink() {
            return self.link(path, rel);
        }
        let folder = kind.is_dir();
        let verdict = if folder { self.filter.admits_folder_here(rel) } else { self.filter.admits_file_here(rel) };
        if !verdict.is_admitted() {
            return self.count(verdict);
        }
        if folder {
            self.pending.push(rel.to_owned());
            return ControlFlow::Continue(());
        }
        if !kind.is_file() {
            return self.obstacle(path, rel, ObstacleKind::Special, "a pipe, socket or device".to_owned());
        }
        match known.map_or_else(|| std::fs::symlink_metadata(&path), Ok) {
            Ok(metadata) => self.file(path, rel, &metadata),
            Err(error) => self.cannot_look(path, rel, &error),
        }
    }

    fn link(&mut self, path: PathBuf, rel: &Path) -> Flow {
        // What is ignored by its name is so whatever it leads to; includes wait until that is known.
        let by_name = self.filter.admits_folder_here(rel);
        if !by_name.is_admitted() {
            return self.count(by_name);
        }
        let target = std::fs::metadata(&path);
        if target.as_ref().is_ok_and(Metadata::is_dir) {
            return self.obstacle(path, rel, ObstacleKind::LinkedFolder, "a link to a folder".to_owned());
        }
        let verdict = self.filter.admits_file_here(rel);
        if !verdict.is_admitted() {
            return self.count(verdict);
        }
        match target {
            Ok(metadata) if metadata.is_file() => self.file(path, rel, &metadata),
            Ok(_) => self.obstacle(path, rel, ObstacleKind::Special, "a link to a pipe, socket or device".to_owned()),
            Err(error) if is_loop(&error) => {
                self.obstacle(path, rel, ObstacleKind::LinkLoop, "a link that leads round in a circle".to_owned())
            }
            Err(error) if is_gone(&error) => {
                self.obstacle(path, rel, ObstacleKind::BrokenLink, "a link to nothing".to_owned())
            }
            Err(error) => self.cannot_look(path, rel, &error),
        }
    }

    fn file(&mut self, path: PathBuf, rel: &Path, metadata: &Metadata) -> Flow {
        let stat = Stat::of(metadata);
        self.report.files += 1;
        self.report.bytes = self.report.bytes.saturating_add(stat.size);
        self.tell(Sighting::File(Seen { path, rel: self.root.under.join(rel), stat }))
    }

    /// What has vanished since its folder was listed is passed over; anything else is told.
    fn cannot_look(&mut self, path: PathBuf, rel: &Path, error: &io::Error) -> Flow {
        if is_gone(error) {
            return ControlFlow::Continue(());
        }
        self.obstacle(path, rel, ObstacleKind::Unreadable, error.to_string())
    }

    fn obstacle(&mut self, path: PathBuf, rel: &Path, kind: ObstacleKind, detail: String) -> Flow {
        self.report.obstacles += 1;
        if kind == ObstacleKind::Unreadable {
            self.report.unreadable += 1;
        }
        self.tell(Sighting::Obstacle(Obstacle { path, rel: self.root.under.join(rel), kind, detail }))
    }

    fn count(&mut self, verdict: Verdict) -> Flow {
        if let Verdict::Ignored(why) = verdict {
            self.report.ignored[why as usize] += 1;
        }
        ControlFlow::Continue(())
    }

    fn tell(&mut self, sighting: Sighting) -> Flow {
        if self.cancel.load(Ordering::Relaxed) {
            return ControlFlow::Break(ScanEnd::Cancelled);
        }
        match (self.sink)(sighting) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(ScanEnd::Stopped),
        }
    }
}

fn is_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        error.raw_os_error() == Some(libc::ELOOP)
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}
