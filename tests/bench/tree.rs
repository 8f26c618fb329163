//! Files to measure with, and a ledger that knows them all.

use anyhow::{Result, anyhow};
use offload_engine::ledger::observe::{Observation, Settling, observe};
use offload_engine::ledger::sources::{NewRoot, add_watched, set_scanned};
use offload_engine::ledger::{Ledger, LedgerError, now_ms};
use offload_engine::watch::name::shown;
use offload_engine::watch::{Filter, ScanRoot, Sighting, scan};
use offload_protocol::view::ChangedPolicy;
use offload_tests::photos::bytes;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// As many sightings as the engine notes together.
pub(crate) const GROUP: usize = 256;

/// `count` files of `size` random bytes, 500 a folder.
pub(crate) fn photos(dir: &Path, count: u64, size: usize) -> Result<Vec<PathBuf>> {
    (0..count)
        .map(|number| {
            let folder = dir.join(format!("DCIM/{}CANON", 100 + number / 500));
            if number % 500 == 0 {
                std::fs::create_dir_all(&folder)?;
            }
            let path = folder.join(format!("IMG_{number:05}.JPG"));
            std::fs::write(&path, bytes(number + 1, size))?;
            Ok(path)
        })
        .collect()
}

/// One file of random bytes, a megabyte of it in memory at a time.
pub(crate) fn large(path: &Path, size: u64) -> Result<()> {
    const PIECE: u64 = 1 << 20;
    let mut file = std::fs::File::create(path)?;
    let (mut left, mut seed) = (size, 1);
    while left > 0 {
        let piece = left.min(PIECE);
        file.write_all(&bytes(seed, usize::try_from(piece)?))?;
        left -= piece;
        seed += 1;
    }
    Ok(())
}

/// `count` tiny files in folders of a hundred, three levels deep.
pub(crate) fn plant(dir: &Path, count: u64) -> Result<()> {
    for number in 0..count {
        let folder = dir.join(format!("20{:02}/shoot {:03}", number / 10_000, number / 100 % 100));
        if number % 100 == 0 {
            std::fs::create_dir_all(&folder)?;
        }
        std::fs::write(folder.join(format!("IMG_{number:06}.JPG")), b"photo")?;
    }
    Ok(())
}

/// Notes a tree in a new ledger as a watched source whose files are all confirmed; the source's number.
pub(crate) fn known(data: &Path, tree: &Path) -> Result<i64> {
    let ledger = Ledger::open(data)?;
    let source = watched(&ledger, tree)?;
    let (mut group, mut failed) = (Vec::with_capacity(GROUP), None);
    let filter = Filter::new(&[], &[])?;
    scan(&ScanRoot::folder(tree), &filter, &AtomicBool::new(false), &mut |sighting| {
        if let Sighting::File(seen) = sighting {
            group.push(Observation { path: shown(&seen.rel), local: seen.path, stat: seen.stat });
        }
        if group.len() == GROUP
            && let Err(error) = note(&ledger, source, std::mem::take(&mut group))
        {
            failed = Some(error);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    failed.map_or(Ok(()), Err)?;
    note(&ledger, source, group)?;
    ledger.write_blocking(move |db| {
        db.execute_batch(
            "UPDATE files SET state = 'confirmed', due_ms = NULL, sha256 = hex(randomblob(32)), key = 'studio/' || path,
             etag = hex(randomblob(16)), media = '{}', uploaded_ms = changed_ms, confirmed_ms = changed_ms",
        )?;
        set_scanned(db, source, now_ms(), &[])
    })?;
    Ok(source)
}

/// Adds a watched folder.
pub(crate) fn watched(ledger: &Ledger, folder: &Path) -> Result<i64> {
    let root = NewRoot { path: folder.to_owned(), is_folder: true };
    let new = offload_tests::new_source(&[folder.to_owned()]);
    Ok(ledger.write_blocking(move |db| add_watched(db, &new, &root, now_ms()))?)
}

/// Notes a group as the engine's scan does.
pub(crate) fn note(ledger: &Ledger, source: i64, group: Vec<Observation>) -> Result<(), LedgerError> {
    ledger.write_blocking(move |db| {
        let rules = Settling { now_ms: now_ms(), still_ms: 2_000 };
        for seen in &group {
            observe(db, source, ChangedPolicy::NewVersion, seen, rules)?;
        }
        Ok(())
    })
}

/// An engine whose source was looked through, found by its number.
pub(crate) fn scanned_at(status: &offload_protocol::view::Status, source: i64) -> Result<Option<i64>> {
    let view = status.sources.iter().find(|view| view.id == source);
    Ok(view.ok_or_else(|| anyhow!("the source is not there"))?.scanned_at_ms)
}
