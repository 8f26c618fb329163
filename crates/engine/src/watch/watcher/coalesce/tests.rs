use super::{Coalesce, CoalesceRules};
use crate::watch::watcher::{Hint, RescanWhy};
use proptest::prelude::*;
use std::collections::HashSet;
use std::path::Path;

const RULES: CoalesceRules =
    CoalesceRules { window_ms: 250, folder_files: 128, paths: 1_000, folder_pause_ms: 2_000, rescan_pause_ms: 5_000 };

fn told(coalesce: &mut Coalesce, now_ms: u64) -> Vec<Hint> {
    told_with_room(coalesce, now_ms, usize::MAX)
}

fn told_with_room(coalesce: &mut Coalesce, now_ms: u64, room: usize) -> Vec<Hint> {
    let mut hints = Vec::new();
    coalesce.tell(now_ms, &mut |hint| {
        if hints.len() == room {
            return Err(hint);
        }
        hints.push(hint);
        Ok(())
    });
    hints
}

fn file(path: &str) -> Hint {
    Hint::File { source_id: 7, path: path.into() }
}

fn folder(path: &str) -> Hint {
    Hint::Folder { source_id: 7, path: path.into() }
}

fn rescan(why: RescanWhy) -> Hint {
    Hint::Rescan { source_id: 7, why }
}

fn touch_many(coalesce: &mut Coalesce, folder: &str, files: usize, now_ms: u64) {
    for n in 0..files {
        coalesce.file(&Path::new(folder).join(format!("{n}.jpg")), now_ms);
    }
}

#[test]
fn duplicates_within_the_window_become_one() {
    let mut coalesce = Coalesce::new(7, RULES);
    assert_eq!(coalesce.due_ms(), None);
    coalesce.file(Path::new("/r/a.jpg"), 100);
    coalesce.file(Path::new("/r/a.jpg"), 300);
    coalesce.file(Path::new("/r/b.jpg"), 340);
    assert_eq!(coalesce.due_ms(), Some(350), "the window starts with the first");
    assert_eq!(told(&mut coalesce, 349), []);
    assert_eq!(told(&mut coalesce, 350), [file("/r/a.jpg"), file("/r/b.jpg")]);
    assert_eq!(coalesce.due_ms(), None);
    assert_eq!(told(&mut coalesce, 9_999), []);
}

#[test]
fn many_files_in_one_folder_become_the_folder() {
    let mut coalesce = Coalesce::new(7, RULES);
    touch_many(&mut coalesce, "/r/few", 128, 0);
    touch_many(&mut coalesce, "/r/many", 129, 0);
    let hints = told(&mut coalesce, 250);
    assert_eq!(hints.len(), 129);
    assert!(hints.contains(&folder("/r/many")));
}

#[test]
fn a_folder_covers_what_is_below_it() {
    let mut coalesce = Coalesce::new(7, RULES);
    coalesce.file(Path::new("/r/a/b/x.jpg"), 0);
    coalesce.folder(Path::new("/r/a/b/c"), 0);
    coalesce.file(Path::new("/r/a.jpg"), 0);
    coalesce.file(Path::new("/r/ab/x.jpg"), 0);
    coalesce.folder(Path::new("/r/a"), 0);
    assert_eq!(told(&mut coalesce, 250), [file("/r/a.jpg"), folder("/r/a"), file("/r/ab/x.jpg")]);
}

#[test]
fn a_folder_is_not_told_again_at_once() {
    let mut coalesce = Coalesce::new(7, RULES);
    coalesce.folder(Path::new("/r/a"), 0);
    assert_eq!(told(&mut coalesce, 250), [folder("/r/a")]);
    coalesce.folder(Path::new("/r/a"), 300);
    coalesce.file(Path::new("/r/a/b/x.jpg"), 300);
    coalesce.file(Path::new("/r/y.jpg"), 300);
    assert_eq!(told(&mut coalesce, 550), [file("/r/y.jpg")]);
    assert_eq!(coalesce.due_ms(), Some(800), "but it is not forgotten");
    assert_eq!(told(&mut coalesce, 2_249), []);
    assert_eq!(told(&mut coalesce, 2_500), [folder("/r/a")]);
    assert_eq!(coalesce.due_ms(), None);
}

#[test]
fn a_rescan_takes_the_place_of_all_else() {
    let mut coalesce = Coalesce::new(7, RULES);
    coalesce.file(Path::new("/r/a.jpg"), 0);
    coalesce.rescan(RescanWhy::Overflow, 10);
    coalesce.file(Path::new("/r/b.jpg"), 20);
    coalesce.folder(Path::new("/r/c"), 20);
    assert_eq!(told(&mut coalesce, 10), [rescan(RescanWhy::Overflow)]);
    assert_eq!(coalesce.due_ms(), None);
    coalesce.rescan(RescanWhy::RootReplaced, 1_000);
    assert_eq!(coalesce.due_ms(), Some(5_010), "not twice at once");
    assert_eq!(told(&mut coalesce, 5_009), []);
    assert_eq!(told(&mut coalesce, 5_010), [rescan(RescanWhy::RootReplaced)]);
}

#[test]
fn a_root_that_goes_and_comes_back() {
    let mut coalesce = Coalesce::new(7, RULES);
    coalesce.file(Path::new("/r/a.jpg"), 0);
    coalesce.root_gone(5);
    assert_eq!(told(&mut coalesce, 5), [Hint::RootGone { source_id: 7 }]);
    assert_eq!(told(&mut coalesce, 9_000), []);
    coalesce.rescan(RescanWhy::RootBack, 10_000);
    assert_eq!(told(&mut coalesce, 10_000), [rescan(RescanWhy::RootBack)]);
}

#[test]
fn what_finds_no_room_waits() {
    let mut coalesce = Coalesce::new(7, RULES);
    touch_many(&mut coalesce, "/r", 5, 0);
    coalesce.folder(Path::new("/r/z"), 0);
    let first = told_with_room(&mut coalesce, 250, 2);
    assert_eq!(first.len(), 2);
    assert_eq!(coalesce.due_ms(), Some(500));
    let rest = told(&mut coalesce, 500);
    let all: HashSet<Hint> = first.into_iter().chain(rest).collect();
    assert_eq!(all.len(), 6);
    for told_without_room in [Hint::RootGone { source_id: 7 }, rescan(RescanWhy::RootBack)] {
        match told_without_room {
            Hint::RootGone { .. } => coalesce.root_gone(1_000),
            _ => coalesce.rescan(RescanWhy::RootBack, 2_000),
        }
        assert_eq!(told_with_room(&mut coalesce, 3_000, 0), []);
        assert_eq!(told(&mut coalesce, 3_250), [told_without_room]);
    }
}

#[test]
fn too_many_paths_become_a_rescan() {
    let mut coalesce = Coalesce::new(7, RULES);
    for n in 0..1_001 {
        assert!(coalesce.held <= RULES.paths);
        touch_many(&mut coalesce, &format!("/r/{n}"), 1, 0);
    }
    assert_eq!(coalesce.held, 0);
    assert_eq!(told(&mut coalesce, 250), [rescan(RescanWhy::Overflow)]);
}

fn covers(hint: &Hint, path: &Path) -> bool {
    match hint {
        Hint::File { path: told, .. } => told == path,
        Hint::Folder { path: told, .. } => path.starts_with(told),
        Hint::Rescan { .. } => true,
        Hint::RootGone { .. } => false,
    }
}

proptest! {
    /// Whatever is touched is told of afterwards, with however little room, and nothing piles up.
    #[test]
    fn nothing_is_lost(
        touches in prop::collection::vec((0_u8..4, 0_u8..4, 0_u8..12, any::<bool>(), 0_u64..400, 0_usize..6), 1..200),
    ) {
        let rules = CoalesceRules { folder_files: 5, paths: 30, ..RULES };
        let mut coalesce = Coalesce::new(7, rules);
        let mut now = 0;
        let mut owed: Vec<std::path::PathBuf> = Vec::new();
        let settle = |owed: &mut Vec<std::path::PathBuf>, hints: Vec<Hint>| {
            owed.retain(|path| !hints.iter().any(|hint| covers(hint, path)));
        };
        for (a, b, name, whole, step, room) in touches {
            now += step;
            let folder = Path::new("/r").join(a.to_string()).join(b.to_string());
            let path = folder.join(name.to_string());
            if whole { coalesce.folder(&folder, now) } else { coalesce.file(&path, now) }
            owed.push(if whole { folder } else { path });
            prop_assert!(coalesce.held <= rules.paths);
            let held: usize = coalesce.folders.values().map(super::Pending::held).sum();
            prop_assert_eq!(coalesce.held, held);
            let hints = told_with_room(&mut coalesce, now, room);
            settle(&mut owed, hints);
        }
        while let Some(due) = coalesce.due_ms() {
            prop_assert!(due >= now || due + rules.window_ms >= now);
            now = now.max(due);
            let hints = told(&mut coalesce, now);
            settle(&mut owed, hints);
            prop_assert!(now < 10_000_000, "never done");
        }
        prop_assert!(owed.is_empty(), "{owed:?}");
    }
}
