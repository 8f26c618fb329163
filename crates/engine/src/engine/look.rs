//! One look through a source, or parts of it: what is seen goes to the ledger in small groups.

use super::core::Core;
use super::roots;
use crate::cause::{Cause, Code};
use crate::ledger::editing;
use crate::ledger::files;
use crate::ledger::observe::{Meaning, Observation, Settling, known, meaning, observe, obstacle};
use crate::ledger::queue;
use crate::ledger::sources::{self, Root, Source};
use crate::ledger::state::Move;
use crate::ledger::{LedgerError, now_ms};
use crate::notice;
use crate::transfer::checksum;
use crate::watch::name::{path_bytes, shown};
use crate::watch::{
    AwayWhy, Filter, Ignored, Obstacle, ObstacleKind, RootLook, ScanEnd, ScanError, ScanReport, ScanRoot, Seen,
    Sighting, StatLook, scan,
};
use offload_protocol::view::{ChangedPolicy, Notice, State};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Sightings noted together.
const GROUP: usize = 256;
/// Rows looked at again together.
const AGAIN: u32 = 500;

/// Looks through a source (`parts`: only these paths below its folder); whether what was seen is noted.
pub(super) async fn source(core: Arc<Core>, id: i64, parts: Option<HashSet<PathBuf>>, cancel: Arc<AtomicBool>) -> bool {
    let source = match core.ledger.read(move |db| sources::get(db, id)).await {
        Ok(source) if !source.cancelled => source,
        // Cancelled or removed meanwhile: there is nothing to note.
        Ok(_) | Err(LedgerError::NoSource(_)) => return true,
        Err(error) => {
            core.ledger_failed(&error);
            return false;
        }
    };
    let shared = core.clone();
    let looked = tokio::task::spawn_blocking(move || Look::new(&shared, source, cancel).run(parts)).await;
    match looked {
        Ok(Ok(away)) => {
            core.ledger_works();
            roots::note_away(&core, id, away).await;
            true
        }
        Ok(Err(error)) => {
            core.ledger_failed(&error);
            false
        }
        Err(_) => {
            tracing::error!(source = id, "the look ended unexpectedly");
            false
        }
    }
}

/// Whether a watched source holds a file that the ledger does not know as it is now, or could not be looked through in time.
/// Reads only; blocking.
pub(super) fn anything_unseen(db: &rusqlite::Connection, id: i64, limit: Duration) -> Result<bool, LedgerError> {
    let source = sources::get(db, id)?;
    let Ok(filter) = Filter::new(&source.include, &source.exclude) else { return Ok(false) };
    let until = Instant::now() + limit;
    let mut failed = None;
    let mut unseen = false;
    for root in source.roots.iter().filter(|root| root.is_folder) {
        let scan_root = ScanRoot::folder(&root.path).under(&root.label);
        let report = scan(&scan_root, &filter, &AtomicBool::new(false), &mut |sighting| {
            let Sighting::File(seen) = sighting else { return ControlFlow::Continue(()) };
            match known(db, id, &path_bytes(&seen.path)) {
                Ok(known) => {
                    let meaning = meaning(known.as_ref(), &seen.stat, source.changed);
                    unseen |= !matches!(meaning, Meaning::Nothing | Meaning::KeepFirst) || Instant::now() > until;
                }
                Err(error) => failed = Some(error),
            }
            if unseen || failed.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        // A folder that isn't there is a source that is away, not one with new files.
        if unseen || report.is_ok_and(|report| report.end != ScanEnd::Finished) {
            return Ok(true);
        }
    }
    Ok(false)
}

struct Look<'a> {
    core: &'a Core,
    source: Source,
    cancel: Arc<AtomicBool>,
    group: Vec<Sighting>,
    failed: Option<LedgerError>,
    /// Links that lead round in a circle: how many, and the first.
    loops: Option<(u64, String)>,
}

impl<'a> Look<'a> {
    fn new(core: &'a Core, source: Source, cancel: Arc<AtomicBool>) -> Self {
        Self { core, source, cancel, group: Vec::with_capacity(GROUP), failed: None, loops: None }
    }

    /// Why the source is away, if it is.
    fn run(mut self, parts: Option<HashSet<PathBuf>>) -> Result<Option<Notice>, LedgerError> {
        let id = self.source.id;
        let has_files = self
            .core
            .ledger
            .read_blocking(|db| Ok(sources::totals(db)?.get(&id).is_some_and(|sums| sums.all().files > 0)))?;
        if let Some(away) = roots::standing(&self.source, has_files) {
            return Ok(Some(away));
        }
        let filter = match Filter::new(&self.source.include, &self.source.exclude) {
            Ok(filter) => filter,
            Err(error) => {
                let notices = [notice::bad_glob(&error.to_string())];
                self.core.ledger.write_blocking(move |db| sources::set_scanned(db, id, now_ms(), &notices))?;
                return Ok(None);
            }
        };
        let whole = parts.is_none();
        let mut sum = Sum::default();
        for root in self.source.roots.clone() {
            if !root.is_folder {
                self.given_file(&root)?;
                continue;
            }
            let parts: Vec<PathBuf> = match &parts {
                None => vec![PathBuf::new()],
                Some(parts) => {
                    parts.iter().filter_map(|part| part.strip_prefix(&root.path).ok().map(Path::to_owned)).collect()
                }
            };
            for part in parts {
                match self.folder(&root, part, &filter) {
                    Ok(report) => sum.add(&report),
                    Err(ScanError::RootGone { path } | ScanError::RootKind { path }) => {
                        self.flush()?;
                        return Ok(Some(notice::away(&path, AwayWhy::Missing)));
                    }
                    Err(ScanError::RootUnreadable { path, source }) => {
                        self.flush()?;
                        return Ok(Some(notice::unreadable(&path, &source.to_string())));
                    }
                    Err(error @ ScanError::OutsideRoot { .. }) => tracing::debug!(%error, "not looked at"),
                }
                self.flush()?;
            }
        }
        self.flush()?;
        if sum.ended && whole {
            self.look_again()?;
            self.skip_left_out(&filter)?;
            let loops = self.loops.take().map(|(count, first)| notice::link_loop(count, &first));
            let notices: Vec<Notice> = sum.left_out().into_iter().chain(loops).collect();
            self.core.ledger.write_blocking(move |db| sources::set_scanned(db, id, now_ms(), &notices))?;
        }
        Ok(None)
    }

    fn folder(&mut self, root: &Root, part: PathBuf, filter: &Filter) -> Result<ScanReport, ScanError> {
        if root.volume.is_none()
            && let RootLook::Present { volume, .. } = RootLook::at(&root.path)
        {
            let (id, volume) = (root.id, volume.id.as_str().to_owned());
            if let Err(error) = self.core.ledger.write_blocking(move |db| sources::set_volume(db, id, &volume)) {
                tracing::error!(%error, "could not note the volume");
            }
        }
        let scan_root = ScanRoot::folder(&root.path).under(&root.label).part(part);
        let cancel = self.cancel.clone();
        scan(&scan_root, filter, &cancel, &mut |sighting| self.see(sighting))
    }

    /// A file that was given by name is sent whatever it is called.
    fn given_file(&mut self, root: &Root) -> Result<(), LedgerError> {
        let name = root.path.file_name().map(PathBuf::from).unwrap_or_default();
        let sighting = match StatLook::at(&root.path) {
            StatLook::Present(stat) => Sighting::File(Seen { path: root.path.clone(), rel: name, stat }),
            StatLook::Unreadable(kind) => Sighting::Obstacle(Obstacle {
                path: root.path.clone(),
                rel: name,
                kind: ObstacleKind::Unreadable,
                detail: std::io::Error::from(kind).to_string(),
            }),
            // Gone before it was ever seen: it stands as missing, since it was asked for by name.
            StatLook::Gone => {
                let (id, local, path) = (self.source.id, path_bytes(&root.path), shown(&name));
                let cause = Cause::new(Code::Vanished, "the file was gone before it could be sent");
                return self
                    .core
                    .ledger
                    .write_blocking(move |db| obstacle(db, id, &local, &path, State::Missing, &cause, now_ms()));
            }
        };
        let _ = self.see(sighting);
        Ok(())
    }

    fn see(&mut self, sighting: Sighting) -> ControlFlow<()> {
        if let Sighting::Obstacle(Obstacle { kind: ObstacleKind::LinkLoop, rel, .. }) = &sighting {
            self.loops.get_or_insert_with(|| (0, shown(rel))).0 += 1;
        }
        self.group.push(sighting);
        if self.group.len() >= GROUP
            && let Err(error) = self.flush()
        {
            self.failed = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Notes the group: first it is read what is new, so that an unchanged tree costs no write at all.
    fn flush(&mut self) -> Result<(), LedgerError> {
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        let (id, policy) = (self.source.id, self.source.changed);
        let group = std::mem::take(&mut self.group);
        let news = self.core.ledger.read_blocking(|db| {
            let mut news = Vec::new();
            for sighting in group {
                let new = match &sighting {
                    Sighting::File(seen) => {
                        let known = known(db, id, &path_bytes(&seen.path))?;
                        !matches!(meaning(known.as_ref(), &seen.stat, policy), Meaning::Nothing | Meaning::KeepFirst)
                    }
                    Sighting::Obstacle(_) => true,
                };
                if new {
                    news.push(sighting);
                }
            }
            Ok(news)
        })?;
        if news.is_empty() {
            return Ok(());
        }
        let still_ms = self.core.rules.settle.still_ms;
        self.core.ledger.write_blocking(move |db| {
            for sighting in news {
                note(db, id, policy, sighting, still_ms)?;
            }
            Ok(())
        })?;
        self.core.settle.notify_one();
        Ok(())
    }

    /// After a whole look: what a look before an edit noted, and the globs leave out now, is skipped.
    fn skip_left_out(&self, filter: &Filter) -> Result<(), LedgerError> {
        let mut after = 0;
        loop {
            let ledger = &self.core.ledger;
            let left_out = ledger.read_blocking(|db| editing::left_out(db, &self.source, filter, after))?;
            let editing::LeftOut { mut rows, last } = left_out;
            // What a worker has goes its way.
            rows.retain(|(_, state)| *state != State::Uploading);
            if !rows.is_empty() {
                ledger.write_blocking(move |db| editing::skip(db, &rows, now_ms()))?;
            }
            let Some(last) = last else { return Ok(()) };
            after = last;
        }
    }

    /// After a whole look: obstacles that are gone are forgotten, failures of files that went away are missing ones.
    fn look_again(&mut self) -> Result<(), LedgerError> {
        let id = self.source.id;
        let mut after = 0;
        loop {
            let rows = self.core.ledger.read_blocking(|db| queue::rows_to_look_at_again(db, id, after, AGAIN))?;
            let Some((last, ..)) = rows.last() else { return Ok(()) };
            after = last.id;
            let gone: Vec<_> = rows
                .into_iter()
                .filter(|(_, _, code)| matches!(code, Some(Code::NotAFile | Code::Unreadable)))
                .filter(|(work, ..)| {
                    std::fs::symlink_metadata(&work.local)
                        .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
                        || std::fs::read_dir(&work.local).is_ok() && !work.local.is_symlink()
                })
                .collect();
            if gone.is_empty() {
                continue;
            }
            self.core.ledger.write_blocking(move |db| {
                for (work, state, code) in gone {
                    if code == Some(Code::Unreadable) && work.stat.size > 0 {
                        let cause = Cause::new(Code::Vanished, "the file is not there any more");
                        files::step(db, work.id, state, Move::Lose, Some(&cause), now_ms())?;
                    } else {
                        queue::forget_obstacle(db, work.id)?;
                    }
                }
                Ok(())
            })?;
        }
    }
}

fn note(
    db: &rusqlite::Connection,
    id: i64,
    policy: ChangedPolicy,
    sighting: Sighting,
    still_ms: i64,
) -> Result<(), LedgerError> {
    let now_ms = now_ms();
    match sighting {
        Sighting::File(seen) => {
            let seen = Observation { path: shown(&seen.rel), local: seen.path, stat: seen.stat };
            observe(db, id, policy, &seen, Settling { now_ms, still_ms }).map(drop)
        }
        Sighting::Obstacle(found) => {
            let (state, cause) = standing_of(&found);
            obstacle(db, id, &path_bytes(&found.path), &shown(&found.rel), state, &cause, now_ms)
        }
    }
}

fn standing_of(found: &Obstacle) -> (State, Cause) {
    let skipped = |words: &str, hint: &str| (State::Skipped, Cause::new(Code::NotAFile, words).hint(hint));
    match found.kind {
        ObstacleKind::LinkedFolder => skipped(
            "a link to a folder; links to folders are not followed",
            "add the folder it points to, if its photos should be sent",
        ),
        ObstacleKind::LinkLoop => skipped("links that lead round in a circle", "remove the link"),
        ObstacleKind::BrokenLink => skipped("a link to something that isn't there", "mend or remove the link"),
        ObstacleKind::Special => {
            skipped("no file: a pipe, a socket or a device", "nothing is to be done; it can't be sent")
        }
        ObstacleKind::Unreadable => {
            let cause = checksum::unreadable(&std::io::Error::other(found.detail.clone()));
            (State::Failed, cause)
        }
    }
}

#[derive(Debug)]
struct Sum {
    ended: bool,
    ignored: [u64; Ignored::ALL.len()],
}

impl Default for Sum {
    fn default() -> Self {
        Self { ended: true, ignored: Default::default() }
    }
}

impl Sum {
    fn add(&mut self, report: &ScanReport) {
        self.ended &= report.end == ScanEnd::Finished;
        for why in Ignored::ALL {
            self.ignored[why as usize] += report.ignored(why);
        }
    }

    /// What was left out, said once: nothing is passed over in silence.
    fn left_out(&self) -> Option<Notice> {
        notice::left_out(|why| self.ignored[why as usize])
    }
}
