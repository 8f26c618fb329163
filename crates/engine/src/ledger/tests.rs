//! The ledger as the engine uses it: one file's way, versions, totals, retries, restart.

use super::files;
use super::observe::{Meaning, Observation, Settling, observe, obstacle};
use super::queue;
use super::state::Move;
use super::stored::{self, Stored};
use super::versions;
use super::{Ledger, LedgerError, outbox, read, sources, stat_of};
use crate::cause::{Cause, Code};
use offload_protocol::control::NewSource;
use offload_protocol::view::{ChangedPolicy, Filter, Notice, Order, PageQuery, State, Totals};
use offload_protocol::wire::Media;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

const RULES: Settling = Settling { now_ms: 1000, still_ms: 2000 };

fn with_source() -> (tempfile::TempDir, Ledger, i64) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let id = ledger.write_blocking(|db| add(db, "/photos")).unwrap();
    (dir, ledger, id)
}

fn add(db: &Connection, path: &str) -> Result<i64, LedgerError> {
    let root = sources::NewRoot { path: PathBuf::from(path), is_folder: true };
    sources::add_watched(db, &NewSource::default(), &root, 1)
}

fn see(db: &Connection, source: i64, name: &str, size: u64, mtime: i64) -> Meaning {
    let seen = Observation { local: Path::new("/photos").join(name), path: name.into(), stat: stat_of(size, mtime) };
    observe(db, source, ChangedPolicy::NewVersion, &seen, RULES).unwrap()
}

fn all(db: &Connection) -> Vec<offload_protocol::view::FileRow> {
    let filter = Filter { old_versions: true, ..Filter::default() };
    read::page(db, &PageQuery { filter, ..PageQuery::default() }).unwrap().files
}

fn totals(db: &Connection, source: i64) -> Totals {
    let kept = sources::totals(db).unwrap().get(&source).copied().unwrap_or_default();
    // The kept sums must be what counting finds.
    let mut counted = Totals::default();
    let everything = read::page(db, &PageQuery { limit: 1000, ..PageQuery::default() }).unwrap().files;
    for file in everything.iter().filter(|file| file.source_id == source) {
        let tally = counted.get_mut(file.state);
        tally.files += 1;
        tally.bytes += file.size;
    }
    assert_eq!(kept, counted);
    kept
}

fn send(db: &Connection, id: i64, sha256: &str) {
    files::settled(db, id, &files::look_up(db, id).unwrap().unwrap().0.stat, 3000).unwrap();
    assert_eq!(queue::claim(db, 10, None, 3000).unwrap().len(), 1);
    let stored =
        Stored { key: format!("k{id}"), etag: None, sha256: sha256.into(), media: Media::default(), ctime_ns: None };
    stored::store(db, id, &stored, 4000).unwrap();
}

#[test]
fn the_way_of_one_file() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            assert_eq!(see(db, source, "a.jpg", 10, 1), Meaning::New);
            assert_eq!(see(db, source, "a.jpg", 10, 1), Meaning::Nothing);
            assert_eq!(see(db, source, "a.jpg", 20, 2), Meaning::Moved);
            assert!(files::due(db, State::Settling, 2999, 10)?.is_empty());
            let due = files::due(db, State::Settling, 3000, 10)?;
            assert_eq!(due[0].stat, stat_of(20, 2));
            // Still as it was? Only then it goes on.
            assert!(matches!(files::settled(db, due[0].id, &stat_of(10, 1), 3000), Err(LedgerError::Moved { .. })));
            send(db, due[0].id, "s1");
            assert_eq!(totals(db, source).uploaded.bytes, 20);
            let waiting = stored::to_confirm(db, 4000, 10)?;
            assert_eq!(waiting[0].stored.key, format!("k{}", due[0].id));
            stored::confirm(db, waiting[0].id, 5000)?;
            assert!(matches!(stored::confirm(db, waiting[0].id, 5000), Err(LedgerError::Moved { .. })));
            assert_eq!(totals(db, source).confirmed.files, 1);
            assert_eq!(all(db)[0].confirmed_at_ms, Some(5000));
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_change_after_sending_is_a_version_of_its_own() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            let first = all(db)[0].clone();
            send(db, first.id, "s1");
            assert_eq!(see(db, source, "a.jpg", 11, 2), Meaning::NewVersion);
            assert_eq!(see(db, source, "a.jpg", 11, 2), Meaning::Nothing);
            let rows = all(db);
            assert_eq!(rows.len(), 2);
            assert_eq!(rows[1].supersedes.as_deref(), Some(first.file_id.as_str()));
            assert_ne!(rows[1].file_id, first.file_id);
            assert!(!rows[0].current && rows[1].current);
            assert_eq!(versions::sent_before(db, &first.file_id)?.unwrap().id, first.id);
            // The old one is still on its way, so both count; confirmed, it leaves the sums.
            assert_eq!((totals(db, source).uploaded.files, totals(db, source).settling.files), (1, 1));
            stored::confirm(db, first.id, 5000)?;
            assert_eq!(totals(db, source).confirmed.files, 0);
            let story = read::story(db, b"/photos/a.jpg")?.unwrap();
            assert_eq!(story.versions.len(), 2);
            assert_eq!(story.versions[0].file.id, rows[1].id);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_change_before_sending_takes_the_row_with_a_new_name() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            let before = all(db)[0].clone();
            files::settled(db, before.id, &stat_of(10, 1), 3000)?;
            assert_eq!(see(db, source, "a.jpg", 12, 1), Meaning::Replace);
            let after = all(db);
            assert_eq!(after.len(), 1);
            assert_eq!((after[0].state, after[0].size), (State::Settling, 12));
            assert_ne!(after[0].file_id, before.file_id);
            totals(db, source);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_touch_is_no_new_version() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            let first = all(db)[0].clone();
            send(db, first.id, "same");
            stored::confirm(db, first.id, 5000)?;
            see(db, source, "a.jpg", 10, 9);
            let touched = all(db)[1].clone();
            files::settled(db, touched.id, &stat_of(10, 9), 6000)?;
            queue::claim(db, 1, None, 6000)?;
            assert_eq!(versions::same_bytes_before(db, &first.file_id, "other", 10)?, None);
            let before = versions::same_bytes_before(db, &first.file_id, "same", 10)?.unwrap();
            versions::fold(db, touched.id, before, &stat_of(10, 9), 7000)?;
            let rows = all(db);
            assert_eq!(rows.len(), 1);
            assert!(rows[0].current && rows[0].state == State::Confirmed);
            assert_eq!(see(db, source, "a.jpg", 10, 9), Meaning::Nothing);
            assert_eq!(totals(db, source).confirmed.files, 1);
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_was_in_flight_is_queued_after_a_restart() {
    let (dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            files::settled(db, all(db)[0].id, &stat_of(10, 1), 3000)?;
            queue::claim(db, 1, None, 3000)?;
            Ok(())
        })
        .unwrap();
    assert!(matches!(Ledger::open(dir.path()), Err(LedgerError::Owned { .. })));
    drop(ledger);
    let again = Ledger::open(dir.path()).unwrap();
    let rows = again.read_blocking(|db| Ok(all(db))).unwrap();
    assert_eq!(rows[0].state, State::Queued);
}

#[test]
fn a_paused_or_absent_source_is_not_claimed_and_turns_are_fair() {
    let (_dir, ledger, first) = with_source();
    ledger
        .write_blocking(move |db| {
            let second = add(db, "/other")?;
            for (source, name) in [(first, "a"), (first, "b"), (first, "c"), (second, "d")] {
                see(db, source, name, 1, 1);
            }
            for row in all(db) {
                files::settled(db, row.id, &stat_of(1, 1), 3000)?;
            }
            sources::set_paused(db, first, true)?;
            assert_eq!(queue::claim(db, 10, None, 3000)?.len(), 1);
            sources::set_paused(db, first, false)?;
            sources::set_away(db, first, Some(&Notice::new("away", "unplugged")))?;
            assert!(queue::claim(db, 10, None, 3000)?.is_empty());
            sources::set_away(db, first, None)?;
            assert_eq!(queue::release_in_flight(db, 4000)?, 1);
            let turn = queue::claim(db, 2, None, 5000)?;
            assert_eq!(turn.iter().map(|work| work.source_id).collect::<Vec<_>>(), [first, second]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn waiting_comes_back_and_retry_clears_the_past() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            let id = all(db)[0].id;
            files::settled(db, id, &stat_of(10, 1), 3000)?;
            queue::claim(db, 1, None, 3000)?;
            let cause = Cause::new(Code::Dropped, "the connection broke");
            files::step_due(db, id, State::Uploading, Move::Wait, Some(&cause), 3000, Some(9000))?;
            assert_eq!(all(db)[0].retry_at_ms, Some(9000));
            assert_eq!(files::next_due(db, State::Waiting)?, Some(9000));
            assert_eq!(queue::wake_waiting(db, 8999, 10)?, 0);
            assert_eq!(queue::wake_waiting(db, 9000, 10)?, 1);
            queue::claim(db, 1, None, 9000)?;
            let cause = Cause::new(Code::PolicyCondition, "refused").hint("mend the policy");
            files::step(db, id, State::Uploading, Move::Fail, Some(&cause), 9000)?;
            assert_eq!(all(db)[0].hint.as_deref(), Some("mend the policy"));
            assert_eq!(queue::retry(db, "source_id = ?2", source, 9500)?, 1);
            assert_eq!((all(db)[0].state, all(db)[0].code.clone()), (State::Queued, None));
            Ok(())
        })
        .unwrap();
}

#[test]
fn obstacles_stand_in_plain_sight_once() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            let cause = Cause::new(Code::NotAFile, "a link to a folder");
            for _ in 0..3 {
                obstacle(db, source, b"/photos/link", "link", State::Skipped, &cause, 1000)?;
            }
            assert_eq!(totals(db, source).skipped.files, 1);
            // A file that was sent keeps its word, whatever took its place.
            see(db, source, "a.jpg", 1, 1);
            let id = all(db)[1].id;
            send(db, id, "s");
            obstacle(db, source, b"/photos/a.jpg", "a.jpg", State::Skipped, &cause, 1000)?;
            assert_eq!(all(db)[1].state, State::Uploaded);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_batch_given_twice_is_one_and_nested_watches_are_refused() {
    let (_dir, ledger, _) = with_source();
    ledger
        .write_blocking(|db| {
            let roots = ["/card/A/DCIM", "/card/B/DCIM", "/card/x.jpg"]
                .map(|path| sources::NewRoot { path: path.into(), is_folder: !path.ends_with("jpg") });
            let first = sources::add_batch(db, &NewSource::default(), &roots, 1)?;
            assert_eq!(sources::add_batch(db, &NewSource::default(), &roots, 2)?, first);
            let labels: Vec<String> = sources::get(db, first)?.roots.into_iter().map(|root| root.label).collect();
            assert_eq!(labels, ["DCIM", "DCIM (2)", ""]);
            assert!(matches!(add(db, "/photos/below"), Err(LedgerError::Refused(_))));
            assert!(add(db, "/photos2").is_ok());
            Ok(())
        })
        .unwrap();
}

#[test]
fn changes_are_told_in_order() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            let start = outbox::last(db)?;
            see(db, source, "a.jpg", 10, 1);
            let id = all(db)[0].id;
            send(db, id, "s");
            let changes = outbox::after(db, start, 100)?;
            assert_eq!((changes.ids.clone(), changes.seq), (vec![id], outbox::last(db)?));
            assert!(outbox::last(db)? >= start + 4);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_thumbnail_is_made_of_the_rows_bytes() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "서울 📷.jpg", 7, 1_500_000_000);
            let row = all(db).remove(0);
            let found = read::thumbnail_source(db, row.id)?.unwrap();
            assert_eq!(found.path, Path::new("/photos/서울 📷.jpg"));
            assert_eq!((found.file_id, found.size), (row.file_id, 7));
            assert_eq!(found.mtime_ns, stat_of(7, 1_500_000_000).mtime_ns);
            assert_eq!(read::thumbnail_source(db, row.id + 1)?, None);
            Ok(())
        })
        .unwrap();
}

#[test]
fn pages_filter_order_and_search() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            for (name, size) in [("b 50%.jpg", 3), ("A_1.jpg", 1), ("서울 📷.jpg", 2)] {
                see(db, source, name, size, 1);
            }
            let names = |query: PageQuery| -> Vec<String> {
                read::page(db, &query).unwrap().files.into_iter().map(|file| file.path).collect()
            };
            let search = |text: &str| Filter { search: Some(text.into()), ..Filter::default() };
            assert_eq!(names(PageQuery { order: Order::Path, limit: 1, ..PageQuery::default() }), ["A_1.jpg"]);
            assert_eq!(
                names(PageQuery { order: Order::Size, descending: true, offset: 1, ..PageQuery::default() }),
                ["서울 📷.jpg", "A_1.jpg"]
            );
            assert_eq!(names(PageQuery { filter: search("서울"), ..PageQuery::default() }), ["서울 📷.jpg"]);
            assert_eq!(names(PageQuery { filter: search("%"), ..PageQuery::default() }), ["b 50%.jpg"]);
            assert_eq!(names(PageQuery { filter: search("a_"), ..PageQuery::default() }), ["A_1.jpg"]);
            let confirmed = Filter { states: vec![State::Confirmed], ..Filter::default() };
            assert!(names(PageQuery { filter: confirmed, ..PageQuery::default() }).is_empty());
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_clock_that_is_set_takes_the_ledgers_times_along() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            see(db, source, "a.jpg", 10, 1);
            assert_eq!(files::next_due(db, State::Settling)?, Some(3000));
            assert_eq!(files::shift_clock(db, -500)?, 1);
            let due = files::due(db, State::Settling, 2500, 1)?;
            assert_eq!(due[0].still_since_ms, 500);
            Ok(())
        })
        .unwrap();
}

#[test]
fn notices_of_older_versions_are_still_read() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            db.execute(
                "UPDATE sources SET notices = '[\"left out: 3 hidden\"]', away = 'the folder /a isn''t there' WHERE id = ?1",
                [source],
            )?;
            Ok(())
        })
        .unwrap();
    let read = |db: &Connection| sources::get(db, source);
    let old = ledger.read_blocking(read).unwrap();
    assert_eq!(old.notices, [Notice::new("note", "left out: 3 hidden")]);
    assert_eq!(old.away.map(|away| (away.code, away.text)), Some(("away".into(), "the folder /a isn't there".into())));
    let (back, away) = (crate::notice::back("Wedding"), Notice::new("away", "{unplugged}").with("why", "x"));
    let written = (back.clone(), away.clone());
    ledger
        .write_blocking(move |db| {
            sources::set_away(db, source, Some(&written.1))?;
            sources::set_scanned(db, source, 5, &[written.0])
        })
        .unwrap();
    let new = ledger.read_blocking(read).unwrap();
    assert_eq!((new.notices, new.away), (vec![back], Some(away)));
}

#[test]
fn what_ended_is_counted_once_and_what_is_left_by_source() {
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            for number in 0..4 {
                see(db, source, &format!("{number}.jpg"), 100, 1);
            }
            Ok(())
        })
        .unwrap();
    let look = |after: i64| {
        ledger
            .read_blocking(|db| {
                let last = outbox::last(db)?;
                Ok((outbox::ended(db, after, last)?, sources::left(db)?, last))
            })
            .unwrap()
    };
    let (ended, left, seq) = look(0);
    assert_eq!((ended.files, ended.again_files, left.files, left.bytes), (0, 0, 4, 400));
    let ids: Vec<i64> = ledger.read_blocking(|db| Ok(all(db).iter().map(|file| file.id).collect())).unwrap();
    let (confirmed, failed) = (ids[0], ids[1]);
    let cause = Cause::new(Code::S3Denied, "denied");
    ledger
        .write_blocking(move |db| {
            send(db, confirmed, "aa");
            stored::confirm(db, confirmed, 5000)?;
            files::step(db, failed, State::Settling, Move::Fail, Some(&cause), 5000)?;
            Ok(())
        })
        .unwrap();
    let (ended, left, seq) = look(seq);
    assert_eq!((ended.files, ended.bytes, ended.again_files, left.files), (2, 200, 0, 2));
    ledger.write_blocking(move |db| queue::retry(db, "id = ?2", failed, 6)).unwrap();
    let (ended, left, seq) = look(seq);
    assert_eq!((ended.files, ended.again_files, ended.again_bytes, left.files), (0, 1, 100, 3));
    ledger.write_blocking(move |db| sources::set_paused(db, source, true)).unwrap();
    assert_eq!(look(seq).1.files, 0, "a paused source does not hold the round open");
    ledger.write_blocking(move |db| sources::remove(db, source, &Cause::new(Code::SourceRemoved, "x"), 7)).unwrap();
    assert_eq!(look(seq).0.files, 0, "what a person ended was not done");
}

#[test]
fn the_usual_speed_is_the_middle_of_what_large_files_had() {
    use super::attempts::{Step, note, usual_speed};
    let (_dir, ledger, source) = with_source();
    ledger
        .write_blocking(move |db| {
            for (name, size) in [("a", 2_000_000), ("b", 8_000_000), ("c", 50_000_000), ("small", 1_000)] {
                see(db, source, name, size, 1);
            }
            let id = |name: &str| all(db).into_iter().find(|row| row.path == name).unwrap().id;
            assert_eq!(usual_speed(db)?, None);
            note(db, id("small"), Step::Upload, 0, 1, "ok", None)?;
            note(db, id("c"), Step::Upload, 0, 1_000, "dropped", None)?;
            note(db, id("c"), Step::Confirm, 0, 1, "ok", None)?;
            assert_eq!(usual_speed(db)?, None, "none of them says how fast the line is");
            for (name, milliseconds) in [("a", 1_000), ("b", 2_000), ("c", 5_000)] {
                note(db, id(name), Step::Upload, 0, milliseconds, "ok", None)?;
            }
            assert_eq!(usual_speed(db)?, Some(4_000_000));
            Ok(())
        })
        .unwrap();
}
