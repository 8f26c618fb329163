//! Whether a source's folders are there: one that was unplugged, unmounted or renamed pauses its source and loses nothing.

use super::core::Core;
use crate::ledger::LedgerError;
use crate::ledger::sources::{self, Root, Source};
use crate::notice;
use crate::watch::{AwayWhy, RootLook, Standing, VolumeId, root_standing};
use offload_protocol::view::Notice;
use std::path::{Path, PathBuf};

/// Why the root that a file lies in is away, if it is. Looks at the disk off the runtime's threads.
pub(super) async fn away(core: &Core, source: i64, local: PathBuf) -> Option<Notice> {
    let ledger = core.ledger.clone();
    let look = move || {
        let source = match ledger.read_blocking(|db| sources::get(db, source)) {
            Ok(source) => source,
            Err(LedgerError::NoSource(_)) => return None,
            Err(error) => {
                // In doubt it is away: its files wait, where they would else count as missing.
                tracing::error!(source, %error, "could not look up where the source lies");
                return Some(notice::in_doubt(&error.to_string()));
            }
        };
        let root = source.roots.iter().find(|root| local.starts_with(&root.path))?;
        absence(root, true)
    };
    tokio::task::spawn_blocking(look).await.ok().flatten()
}

/// Why a root is away; `None`: it is here. Blocking.
fn absence(root: &Root, ledger_has_files: bool) -> Option<Notice> {
    if !root.is_folder {
        // A loose file may well be gone; its folder gone with it is a card that was pulled.
        let folder = root.path.parent().unwrap_or(Path::new("/"));
        return match RootLook::at(folder) {
            RootLook::Missing => Some(notice::away(folder, AwayWhy::Missing)),
            _ => None,
        };
    }
    let stored = root.volume.as_deref().map(VolumeId::from_stored);
    match root_standing(stored.as_ref(), &RootLook::at(&root.path), ledger_has_files) {
        Standing::Here => None,
        Standing::Away(why) => Some(notice::away(&root.path, why)),
    }
}

/// Why a source is away: the first of its folders that isn't there. Blocking.
pub(super) fn standing(source: &Source, ledger_has_files: bool) -> Option<Notice> {
    source.roots.iter().filter(|root| root.is_folder).find_map(|root| absence(root, ledger_has_files))
}

/// Notes that a source is away, or back; its flights are called back, its files wait.
pub(super) async fn note_away(core: &Core, source: i64, why: Option<Notice>) {
    let words = why.clone();
    let was = core
        .ledger
        .write(move |db| {
            let was = sources::get(db, source)?;
            if was.away != words {
                sources::set_away(db, source, words.as_ref())?;
            }
            Ok(was)
        })
        .await;
    match was {
        Ok(was) if was.away != why => {
            match why {
                Some(why) => {
                    core.call_back(Some(source));
                    core.notice(Some(source), notice::went_away(&why));
                }
                None => core.notice(Some(source), notice::back(&was.name)),
            }
            core.tell_standing();
            core.dispatch.notify_one();
        }
        Ok(_) => {}
        Err(error) => tracing::error!(source, %error, "could not note whether the folder is there"),
    }
}

/// Looks at the folders of all sources that still have something to do; gives those that came back.
pub(super) async fn check(core: &Core) -> Vec<i64> {
    let found = core.ledger.read(|db| Ok((sources::at_work(db)?, sources::totals(db)?))).await;
    let (list, totals) = match found {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the sources could not be read");
            return Vec::new();
        }
    };
    let mut back = Vec::new();
    for source in list {
        if !core.tends(source.id) {
            continue;
        }
        let sums = totals.get(&source.id).copied().unwrap_or_default();
        let (id, was_away) = (source.id, source.away.is_some());
        let has_files = sums.all().files > 0;
        let now = tokio::task::spawn_blocking(move || standing(&source, has_files)).await.ok().flatten();
        if was_away && now.is_none() {
            back.push(id);
        }
        if was_away != now.is_some() {
            note_away(core, id, now).await;
        }
    }
    back
}
