//! The ledger with 100,000 files: what noting costs, and what a window waits for.

use crate::measure::{self, Rounds};
use crate::place::folder;
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Result, ensure};
use offload_engine::ledger::observe::Observation;
use offload_engine::ledger::{Ledger, read, sources};
use offload_engine::watch::Stat;
use offload_protocol::view::{Filter, Order, PageQuery, State};
use rusqlite::{Connection, params};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A window waits no longer than this for a page.
const A_PAGE_MS: f64 = 10.0;
const TRIES: usize = 15;

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let count = scale.of(100_000);
    let (mut bare, mut schema, mut offload) = (Rounds::default(), Rounds::default(), Rounds::default());
    let (mut peak, mut last) = (0f64, None);
    for round in 0..scale.rounds(3) {
        bare.push(count as f64 / bare_inserts(&dir.path().join(format!("bare{round}.db")), count)?);
        schema.push(count as f64 / same_schema(&dir.path().join(format!("schema{round}")), count)?);
        measure::forget_peak();
        let data = dir.path().join(format!("data{round}"));
        offload.push(count as f64 / observed(&data, count)?);
        peak = peak.max(measure::peak());
        last = Some(data);
    }
    let mut lines = vec![
        Line::new(format!("noting {count} new files in groups of {}", tree::GROUP), offload.show("files/s", 0))
            .floor(bare.show("rows/s, bare table", 0), offload.median() / bare.median()),
        Line::new("the same against the ledger's own indexes and triggers", offload.show("files/s", 0))
            .floor(schema.show("rows/s", 0), offload.median() / schema.median()),
    ];
    let ledger = Ledger::open(&last.unwrap_or_default())?;
    let source = mix(&ledger)?;
    lines.extend(pages(&ledger, source, count)?);
    lines.push(Line::new("peak memory while noting, with the benchmark", format!("{peak:.0} MB")));
    lines.iter().for_each(Line::tell);
    Ok(lines)
}

/// Paths as cameras and people make them; sizes all over.
fn file(number: u64) -> (PathBuf, String, Stat) {
    let path = format!("20{:02}/shoot {:03}/IMG_{number:06}.JPG", number / 10_000, number / 100 % 100);
    let size = number.wrapping_mul(2_654_435_761) % 30_000_000 + 1;
    let stat =
        Stat { size, mtime_ns: 1_700_000_000_000_000_000 + number.cast_signed() * 1_000_000, ctime_ns: None, id: None };
    (Path::new("/photos").join(&path), path, stat)
}

fn bare_inserts(path: &Path, count: u64) -> Result<f64> {
    let mut db = Connection::open(path)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
         CREATE TABLE files (id INTEGER PRIMARY KEY, file_id TEXT, source_id INTEGER, local BLOB, path TEXT, size INTEGER, mtime_ns INTEGER,
           state TEXT, due_ms INTEGER, still_ms INTEGER, created_ms INTEGER, changed_ms INTEGER)",
    )?;
    timed_inserts(&mut db, count)
}

/// Raw inserts into a ledger's own tables: the price of indexes, sums and outbox, without the engine.
fn same_schema(dir: &Path, count: u64) -> Result<f64> {
    let ledger = Ledger::open(dir)?;
    tree::watched(&ledger, Path::new("/photos"))?;
    drop(ledger);
    let mut db = Connection::open(dir.join("ledger.db"))?;
    db.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192")?;
    timed_inserts(&mut db, count)
}

fn timed_inserts(db: &mut Connection, count: u64) -> Result<f64> {
    let began = Instant::now();
    let transaction = db.transaction()?;
    {
        let mut insert = transaction.prepare(
            "INSERT INTO files (file_id, source_id, local, path, size, mtime_ns, state, due_ms, still_ms, created_ms, changed_ms)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, 'settling', ?6, ?6, ?6, ?6)",
        )?;
        for number in 0..count {
            let (local, path, stat) = file(number);
            let id = uuid::Uuid::now_v7().to_string();
            let local = local.to_string_lossy();
            insert.execute(params![
                id,
                local.as_bytes(),
                path,
                stat.size.cast_signed(),
                stat.mtime_ns,
                1_700_000_000_000i64
            ])?;
        }
    }
    transaction.commit()?;
    Ok(began.elapsed().as_secs_f64())
}

fn observed(data: &Path, count: u64) -> Result<f64> {
    let ledger = Ledger::open(data)?;
    let source = tree::watched(&ledger, Path::new("/photos"))?;
    let began = Instant::now();
    let mut group = Vec::with_capacity(tree::GROUP);
    for number in 0..count {
        let (local, path, stat) = file(number);
        group.push(Observation { local, path, stat });
        if group.len() == tree::GROUP {
            tree::note(&ledger, source, std::mem::take(&mut group))?;
        }
    }
    tree::note(&ledger, source, group)?;
    Ok(began.elapsed().as_secs_f64())
}

/// Spreads the states as after some weeks: nearly all confirmed, a few in each other state; changed in no certain order.
fn mix(ledger: &Ledger) -> Result<i64> {
    ledger.write_blocking(|db| {
        db.execute_batch(
            "UPDATE files SET changed_ms = 1700000000000 + (id * 7919 % 100003) * 1000, sha256 = hex(randomblob(32)), key = 'studio/' || path,
               etag = hex(randomblob(16)), media = '{}',
               state = CASE WHEN id % 100 = 7 THEN 'failed' WHEN id % 100 = 8 THEN 'waiting' WHEN id % 100 IN (9, 10, 11) THEN 'queued'
                 WHEN id % 1000 = 12 THEN 'missing' ELSE 'confirmed' END;
             UPDATE files SET due_ms = NULL WHERE state IN ('confirmed', 'failed', 'missing');",
        )?;
        Ok(1)
    })
    .map_err(Into::into)
}

fn pages(ledger: &Ledger, source: i64, count: u64) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    let page = |order, descending, offset, filter: Filter| PageQuery {
        filter,
        order,
        descending,
        offset,
        limit: 200,
        count: false,
    };
    let all = Filter::default;
    let one = || Filter { source_id: Some(source), ..Filter::default() };
    for (word, order) in
        [("seen", Order::Seen), ("path", Order::Path), ("size", Order::Size), ("changed", Order::Changed)]
    {
        let mut worst = (0f64, String::new());
        for (which, offset) in [("first", 0), ("middle", count / 2), ("last", count - count.min(200))] {
            for (direction, descending) in [("up", false), ("down", true)] {
                for (whose, filter) in [("all", all()), ("one source", one())] {
                    let took = timed(ledger, &page(order, descending, offset, filter))?;
                    if took.median() > worst.0 {
                        worst = (took.median(), format!("{which}, {direction}, {whose}: {}", took.show("ms", 1)));
                    }
                }
            }
        }
        lines.push(a_page(format!("slowest page by {word} (first, middle, last; up and down)"), worst.0, worst.1));
    }
    let states = |states: &[State]| Filter { states: states.to_vec(), ..Filter::default() };
    let search = |text: &str| Filter { search: Some(text.into()), ..Filter::default() };
    for (word, query) in [
        ("failed, by change", page(Order::Changed, true, 0, states(&[State::Failed]))),
        ("failed, by path", page(Order::Path, false, 0, states(&[State::Failed]))),
        ("missing (rare), by path", page(Order::Path, false, 0, states(&[State::Missing]))),
        ("missing (rare), by change", page(Order::Changed, true, 0, states(&[State::Missing]))),
        ("uploading (none), by path", page(Order::Path, false, 0, states(&[State::Uploading]))),
        ("all that is pending, by seen", page(Order::Seen, false, 0, states(&[State::Queued, State::Waiting]))),
        ("confirmed, middle, by path", page(Order::Path, false, count / 2, states(&[State::Confirmed]))),
        ("search with many hits", page(Order::Path, false, 0, search("shoot 01"))),
        ("search with one hit", page(Order::Path, false, 0, search("img_000777"))),
        ("search with no hit", page(Order::Changed, true, 0, search("wedding"))),
    ] {
        let took = timed(ledger, &query)?;
        lines.push(a_page(format!("page: {word}"), took.median(), took.show("ms", 1)));
    }
    let mut totals = Rounds::default();
    for _ in 0..TRIES {
        let began = Instant::now();
        let sums = ledger.read_blocking(sources::totals)?;
        totals.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(sums.values().map(|sums| sums.all().files).sum::<u64>() == count, "the sums do not agree");
    }
    lines.push(a_page("totals of all sources".into(), totals.median(), totals.show("ms", 2)));
    Ok(lines)
}

fn a_page(what: String, median: f64, shown: String) -> Line {
    Line::new(what, shown).aim("under 10 ms", median < A_PAGE_MS)
}

fn timed(ledger: &Ledger, query: &PageQuery) -> Result<Rounds> {
    let mut took = Rounds::default();
    for _ in 0..TRIES {
        let began = Instant::now();
        let page = ledger.read_blocking(|db| read::page(db, query))?;
        took.push(began.elapsed().as_secs_f64() * 1000.0);
        ensure!(page.files.len() <= 200, "a page of {}", page.files.len());
    }
    Ok(took)
}
