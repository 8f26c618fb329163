//! Turns a flood of touches into few hints, in bounded memory. Pure: time is handed in.

use super::{Hint, RescanWhy};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// See the members of the same name in `WatchOptions`.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoalesceRules {
    pub(super) window_ms: u64,
    pub(super) folder_files: usize,
    pub(super) paths: usize,
    pub(super) folder_pause_ms: u64,
    pub(super) rescan_pause_ms: u64,
}

/// What is pending in one folder.
#[derive(Debug)]
enum Pending {
    Names(BTreeSet<OsString>),
    /// All of it, and all below.
    Whole,
}

/// Pending hints of one source.
#[derive(Debug)]
pub(super) struct Coalesce {
    source_id: i64,
    rules: CoalesceRules,
    /// In the order of paths, which puts a folder right before all that is below it.
    folders: BTreeMap<PathBuf, Pending>,
    /// Names and whole folders in `folders`.
    held: usize,
    rescan: Option<RescanWhy>,
    gone: bool,
    /// When something pending is to be told.
    due_ms: Option<u64>,
    /// When `Folder` hints were told, as far as the pause still lasts.
    told_folders: HashMap<PathBuf, u64>,
    told_rescan: Option<u64>,
}

impl Coalesce {
    pub(super) fn new(source_id: i64, rules: CoalesceRules) -> Self {
        Self {
            source_id,
            rules,
            folders: BTreeMap::new(),
            held: 0,
            rescan: None,
            gone: false,
            due_ms: None,
            told_folders: HashMap::new(),
            told_rescan: None,
        }
    }

    /// A path came, changed or went.
    pub(super) fn file(&mut self, path: &Path, now_ms: u64) {
        if self.rescan.is_some() {
            return;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
        self.wake(now_ms);
        if !self.folders.contains_key(folder) {
            self.folders.insert(folder.to_owned(), Pending::Names(BTreeSet::new()));
        }
        let Some(pending) = self.folders.get_mut(folder) else { return };
        let Pending::Names(names) = pending else { return };
        if names.insert(name.to_owned()) {
            self.held += 1;
        }
        if names.len() > self.rules.folder_files {
            self.held = self.held - names.len() + 1;
            *pending = Pending::Whole;
        }
        self.bound(now_ms);
    }

    /// A folder came or went, or may hold what no event told of.
    pub(super) fn folder(&mut self, path: &Path, now_ms: u64) {
        if self.rescan.is_some() {
            return;
        }
        self.wake(now_ms);
        let before = self.folders.insert(path.to_owned(), Pending::Whole);
        let dropped = match before {
            Some(Pending::Names(names)) => names.len(),
            Some(Pending::Whole) => 1,
            None => 0,
        };
        self.held = self.held - dropped + 1;
        self.bound(now_ms);
    }

    /// The whole source is to be looked through; takes the place of all that is pending.
    pub(super) fn rescan(&mut self, why: RescanWhy, now_ms: u64) {
        self.forget();
        self.rescan = Some(why);
        let pause_ends = self.told_rescan.map_or(0, |told| told + self.rules.rescan_pause_ms);
        self.due_ms = Some(pause_ends.max(now_ms));
    }

    /// The root went; nothing pending counts any more.
    pub(super) fn root_gone(&mut self, now_ms: u64) {
        self.forget();
        self.gone = true;
        self.due_ms = Some(now_ms);
    }

    /// When `tell` has something to do; `None`: nothing is pending.
    pub(super) fn due_ms(&self) -> Option<u64> {
        self.due_ms
    }

    /// Hands what is due to `take`, which gives a hint back when it has no room; that one and the rest wait for another
    /// window.
    pub(super) fn tell(&mut self, now_ms: u64, take: &mut dyn FnMut(Hint) -> Result<(), Hint>) {
        if self.due_ms.is_none_or(|due| due > now_ms) {
            return;
        }
        let source_id = self.source_id;
        if self.gone {
            self.gone = take(Hint::RootGone { source_id }).is_err();
        } else if let Some(why) = self.rescan {
            if take(Hint::Rescan { source_id, why }).is_ok() {
                self.rescan = None;
                self.told_rescan = Some(now_ms);
            }
        } else {
            self.tell_folders(now_ms, take);
        }
        let pending = self.gone || self.rescan.is_some() || !self.folders.is_empty();
        self.due_ms = pending.then_some(now_ms + self.rules.window_ms.max(1));
    }

    fn tell_folders(&mut self, now_ms: u64, take: &mut dyn FnMut(Hint) -> Result<(), Hint>) {
        let source_id = self.source_id;
        let pause = self.rules.folder_pause_ms;
        self.told_folders.retain(|_, told| *told + pause > now_ms);
        let mut room = true;
        let mut covered_by: Option<PathBuf> = None;
        for (folder, pending) in std::mem::take(&mut self.folders) {
            if covered_by.as_ref().is_some_and(|above| folder.starts_with(above)) {
                continue;
            }
            match pending {
                Pending::Whole => {
                    covered_by = Some(folder.clone());
                    let paused = self.told_folders.contains_key(&folder);
                    if !paused && room {
                        room = take(Hint::Folder { source_id, path: folder.clone() }).is_ok();
                    }
                    if paused || !room {
                        self.folders.insert(folder, Pending::Whole);
                    } else {
                        self.told_folders.insert(folder, now_ms);
                    }
                }
                Pending::Names(names) => {
                    let kept: BTreeSet<OsString> = names
                        .into_iter()
                        .filter(|name| {
                            room = room && take(Hint::File { source_id, path: folder.join(name) }).is_ok();
                            !room
                        })
                        .collect();
                    if !kept.is_empty() {
                        self.folders.insert(folder, Pending::Names(kept));
                    }
                }
            }
        }
        self.held = self.folders.values().map(Pending::held).sum();
    }

    fn wake(&mut self, now_ms: u64) {
        self.due_ms.get_or_insert(now_ms + self.rules.window_ms);
    }

    fn bound(&mut self, now_ms: u64) {
        if self.held > self.rules.paths {
            self.rescan(RescanWhy::Overflow, now_ms);
        }
    }

    fn forget(&mut self) {
        self.folders.clear();
        self.told_folders.clear();
        self.held = 0;
        self.rescan = None;
        self.gone = false;
    }
}

impl Pending {
    fn held(&self) -> usize {
        match self {
            Self::Names(names) => names.len(),
            Self::Whole => 1,
        }
    }
}

#[cfg(test)]
mod tests;
