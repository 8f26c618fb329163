//! Looking through a tree of 100,000 files, for the first time and again.

use crate::measure::{self, Rounds};
use crate::place::{Sandbox, folder, runtime, until};
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Result, ensure};
use offload_engine::engine::Engine;
use offload_engine::ledger::now_ms;
use offload_engine::watch::{Filter, ScanRoot, scan};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let (photos, data) = (dir.path().join("photos"), dir.path().join("data"));
    let count = scale.of(100_000);
    tree::plant(&photos, count)?;
    let source = tree::known(&data, &photos)?;
    let sandbox = Sandbox::start()?;
    let runtime = runtime()?;
    let start_ms = now_ms();
    let engine = runtime.block_on(Engine::start(sandbox.options(&data)?))?;
    runtime.block_on(at_rest(&engine, start_ms))?;
    let (mut floor, mut ours, mut again) = (Rounds::default(), Rounds::default(), Rounds::default());
    measure::forget_peak();
    for round in 0..=scale.rounds(5) {
        let began = Instant::now();
        let found = walk(&photos)?;
        let bare = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let seen = look(&photos)?;
        let scanned = began.elapsed().as_secs_f64();
        ensure!(found == count && seen == count, "{found} and {seen} files of {count}");
        let rescanned = runtime.block_on(rescan(&engine, source))?;
        // The first round fills the system's caches.
        if round > 0 || scale.rounds(5) == 1 {
            floor.push(bare * 1000.0);
            ours.push(scanned * 1000.0);
            again.push(rescanned * 1000.0);
        }
    }
    let peak = measure::peak();
    runtime.block_on(engine.stop());
    let lines = vec![
        Line::new(format!("scan of {count} files in folders of 100"), ours.show("ms", 0))
            .floor(floor.show("ms", 0), floor.median() / ours.median()),
        Line::new("rescan of that tree by the engine, all known and unchanged", again.show("ms", 0))
            .floor(floor.show("ms", 0), floor.median() / again.median()),
        Line::new("peak memory of engine and benchmark", format!("{peak:.0} MB")),
    ];
    lines.iter().for_each(Line::tell);
    Ok(lines)
}

/// The floor: names and metadata of everything, nothing kept.
fn walk(dir: &Path) -> Result<u64> {
    let mut found = 0;
    for entry in std::fs::read_dir(dir)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            found += walk(&entry.path())?;
        } else {
            std::hint::black_box(metadata.modified()?);
            found += 1;
        }
    }
    Ok(found)
}

fn look(dir: &Path) -> Result<u64> {
    let report = scan(&ScanRoot::folder(dir), &Filter::new(&[], &[])?, &AtomicBool::new(false), &mut |sighting| {
        std::hint::black_box(sighting);
        ControlFlow::Continue(())
    })?;
    Ok(report.files)
}

/// Until the looks of the start are over: all sources were looked through since `start_ms`.
pub(crate) async fn at_rest(engine: &Engine, start_ms: i64) -> Result<()> {
    until(engine, Duration::from_millis(20), |status| {
        status.account.is_some()
            && status.totals.pending() == 0
            && status.sources.iter().all(|view| !view.scanning && view.scanned_at_ms > Some(start_ms))
    })
    .await?;
    Ok(())
}

/// Seconds from the wish to the word that all was looked through.
pub(crate) async fn rescan(engine: &Engine, source: i64) -> Result<f64> {
    // The time of the look before is in milliseconds: this one must not end within the same.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let before = tree::scanned_at(&engine.handle().status().await?, source)?;
    let began = Instant::now();
    engine.handle().rescan().await?;
    until(engine, Duration::from_millis(2), |status| {
        status.sources.iter().any(|view| view.id == source && view.scanned_at_ms > before && !view.scanning)
    })
    .await?;
    Ok(began.elapsed().as_secs_f64())
}
