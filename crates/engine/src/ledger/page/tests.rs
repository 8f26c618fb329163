use super::{Part, page};
use crate::ledger::observe::{Observation, Settling, observe};
use crate::ledger::sources::{self, NewRoot};
use crate::ledger::{Ledger, LedgerError, read, stat_of};
use offload_protocol::control::NewSource;
use offload_protocol::view::{ChangedPolicy, FileRow, Filter, Order, PageQuery, State};
use proptest::prelude::*;
use rusqlite::Connection;

proptest! {
    /// Counted from either end, a page holds the same rows.
    #[test]
    fn either_way_leads_to_the_same_page(count in 0u64..50, offset in 0u64..60, limit in 1u64..20) {
        let list: Vec<u64> = (0..count).collect();
        let take = |list: &[u64], offset: u64, limit: u64| -> Vec<u64> {
            list.iter().skip(offset as usize).take(limit as usize).copied().collect()
        };
        let found = match Part::of(offset, limit, Some(count)) {
            None => Vec::new(),
            Some(part) if part.from_the_end => {
                let reversed: Vec<u64> = list.iter().rev().copied().collect();
                let mut found = take(&reversed, part.offset, part.limit);
                found.reverse();
                found
            }
            Some(part) => take(&list, part.offset, part.limit),
        };
        if let Some(part) = Part::of(offset, limit, Some(count)) {
            prop_assert!(part.offset <= count / 2, "the longer way was taken");
        }
        prop_assert_eq!(found, take(&list, offset, limit));
        prop_assert_eq!(Part::of(offset, limit, None), Some(Part { offset, limit, from_the_end: false }));
    }
}

/// Three sources, one of them removed; every state, older versions among them.
fn many(db: &Connection) -> Result<(), LedgerError> {
    for (source, name) in [(1, "a"), (2, "b"), (3, "c")] {
        let root = NewRoot { path: format!("/{name}").into(), is_folder: true };
        let id = sources::add_watched(db, &NewSource::default(), &root, 1)?;
        assert_eq!(id, source);
        for number in 0..60u64 {
            let path = format!("{}/{number}.jpg", if number % 2 == 0 { "Day" } else { "day" });
            let local = format!("/{name}/{path}").into();
            let seen = Observation { local, path, stat: stat_of(number * 37 % 11, 1) };
            observe(db, source, ChangedPolicy::NewVersion, &seen, Settling { now_ms: 1, still_ms: 1 })?;
        }
    }
    for (number, state) in (0i64..).zip(State::ALL) {
        let sql = "UPDATE files SET state = ?1, changed_ms = id * 31 % 17 WHERE id % 11 = ?2";
        db.execute(sql, rusqlite::params![state.as_str(), number])?;
    }
    db.execute("UPDATE files SET state = 'confirmed' WHERE id % 11 > 8", [])?;
    db.execute("UPDATE files SET current = 0 WHERE id % 5 = 0", [])?;
    db.execute("UPDATE files SET state = 'confirmed' WHERE id % 25 = 0 AND state = 'queued'", [])?;
    db.execute("UPDATE sources SET removed_ms = 1 WHERE id = 3", [])?;
    Ok(())
}

fn is_wanted(file: &FileRow, filter: &Filter) -> bool {
    use State::{Failed, Queued, Uploaded, Uploading, Waiting};
    let on_its_way = matches!(file.state, Queued | Uploading | Uploaded | Waiting | Failed);
    filter.source_id.map_or(file.source_id != 3, |source| source == file.source_id)
        && (filter.states.is_empty() || filter.states.contains(&file.state))
        && (filter.old_versions || file.current || on_its_way)
        && filter.search.as_ref().is_none_or(|text| file.path.to_lowercase().contains(&text.to_lowercase()))
}

fn expected(all: &[FileRow], query: &PageQuery) -> Vec<i64> {
    let mut wanted: Vec<&FileRow> = all.iter().filter(|file| is_wanted(file, &query.filter)).collect();
    wanted.sort_by_key(|file| match query.order {
        Order::Seen => (0, String::new(), file.id),
        Order::Path => (0, file.path.to_lowercase(), file.id),
        Order::Size => (file.size.cast_signed(), String::new(), file.id),
        Order::Changed => (file.changed_at_ms, String::new(), file.id),
    });
    if query.descending {
        wanted.reverse();
    }
    wanted.iter().skip(query.offset as usize).take(query.limit as usize).map(|file| file.id).collect()
}

#[test]
fn every_page_is_what_filtering_and_sorting_all_rows_gives() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    ledger.write_blocking(many).unwrap();
    let filters = [
        Filter::default(),
        Filter { source_id: Some(2), ..Filter::default() },
        Filter { source_id: Some(3), states: vec![State::Confirmed], ..Filter::default() },
        Filter { states: vec![State::Confirmed], ..Filter::default() },
        Filter { states: vec![State::Failed, State::Queued, State::Missing], ..Filter::default() },
        Filter {
            states: State::ALL.into_iter().filter(|state| *state != State::Failed).collect(),
            ..Filter::default()
        },
        Filter { old_versions: true, ..Filter::default() },
        Filter { old_versions: true, states: vec![State::Confirmed], source_id: Some(1), ..Filter::default() },
        Filter { search: Some("DAY/1".into()), ..Filter::default() },
        Filter { search: Some("day".into()), states: vec![State::Confirmed], ..Filter::default() },
    ];
    ledger
        .read_blocking(|db| {
            let ids: Vec<i64> = (1..=180).collect();
            let all = read::rows(db, &ids)?;
            assert_eq!(all.len(), 180);
            for filter in filters {
                for order in [Order::Seen, Order::Path, Order::Size, Order::Changed] {
                    for (descending, offset) in
                        [(false, 0), (true, 0), (false, 13), (true, 60), (false, 90), (true, 500)]
                    {
                        let query =
                            PageQuery { filter: filter.clone(), order, descending, offset, limit: 9, count: false };
                        let found: Vec<i64> = page(db, &query)?.files.iter().map(|file| file.id).collect();
                        assert_eq!(found, expected(&all, &query), "{query:?}");
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_page_far_down_is_found_in_an_index_alone() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let plans = [
        ("files_by_seen", "f.id"),
        ("files_by_path", "f.path COLLATE NOCASE, f.id"),
        ("files_by_size", "f.size, f.id"),
        ("files_by_change", "f.changed_ms, f.id"),
    ];
    ledger
        .read_blocking(|db| {
            for (index, order) in plans {
                let sql = format!(
                    "EXPLAIN QUERY PLAN SELECT f.id FROM files f INDEXED BY {index} WHERE f.source_id = 1 AND f.shown = 1
                     ORDER BY {order} LIMIT 9 OFFSET 9"
                );
                let plan: Vec<String> = db.prepare(&sql)?.query_map([], |row| row.get(3))?.collect::<Result<_, _>>()?;
                assert_eq!(plan, [format!("SCAN f USING COVERING INDEX {index}")]);
            }
            Ok(())
        })
        .unwrap();
}
