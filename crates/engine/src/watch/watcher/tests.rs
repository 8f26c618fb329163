//! Real events in real folders. Conditions are waited for, with a deadline that only a failure reaches.

use super::{Hint, Hold, Letter, Limit, RescanWhy, WatchNotice, WatchOptions, Watcher, post};
use crate::watch::filter::Filter;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

const DEADLINE: Duration = Duration::from_secs(20);

struct Scene {
    _folder: tempfile::TempDir,
    root: PathBuf,
    watcher: Watcher,
    hints: Receiver<Hint>,
}

fn quick() -> WatchOptions {
    WatchOptions {
        window_ms: 50,
        look_ms: 50,
        folder_pause_ms: 100,
        rescan_pause_ms: 50,
        unwatched_rescan_ms: 100,
        retry_ms: 100,
        ..WatchOptions::default()
    }
}

impl Scene {
    async fn new() -> Self {
        Self::with(quick(), Filter::plain(), |_| {}).await.0
    }

    async fn with(options: WatchOptions, filter: Filter, prepare: impl FnOnce(&Path)) -> (Self, WatchNotice) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        prepare(&root);
        let (watcher, hints) = Watcher::start(options);
        let notice = watcher.watch(1, root.clone(), Arc::new(filter)).await.unwrap();
        (Self { _folder: folder, root, watcher, hints }, notice)
    }

    fn path(&self, rel: &str) -> PathBuf {
        self.root.join(rel)
    }

    /// Waits for a hint that `wanted` takes; gives all that came until then.
    async fn until(&mut self, wanted: impl Fn(&Hint) -> bool) -> Vec<Hint> {
        let mut came = Vec::new();
        loop {
            match timeout(DEADLINE, self.hints.recv()).await {
                Ok(Some(hint)) => {
                    let done = wanted(&hint);
                    came.push(hint);
                    if done {
                        return came;
                    }
                }
                other => panic!("{other:?} after {came:?}"),
            }
        }
    }

    /// Waits until hints cover `path` (the folder above it, itself, or everything).
    async fn until_covered(&mut self, path: &Path) -> Vec<Hint> {
        self.until(|hint| match hint {
            Hint::File { path: told, .. } => told == path,
            Hint::Folder { path: told, .. } => path.starts_with(told),
            Hint::Rescan { .. } => true,
            Hint::RootGone { .. } => false,
        })
        .await
    }

    async fn until_rescan(&mut self, wanted: RescanWhy) -> Vec<Hint> {
        self.until(|hint| matches!(hint, Hint::Rescan { why, .. } if *why == wanted)).await
    }

    /// All hints up to one for a file that is made now, which ends what happened before it: events come in order.
    async fn all_so_far(&mut self) -> Vec<Hint> {
        let mark = self.path("mark.jpg");
        fs::write(&mark, b"x").unwrap();
        self.until(|hint| *hint == Hint::File { source_id: 1, path: mark.clone() }).await
    }
}

#[tokio::test]
async fn files_that_come_change_and_go() {
    let mut scene = Scene::new().await;
    let path = scene.path("a.jpg");
    let hint = Hint::File { source_id: 1, path: path.clone() };
    fs::write(&path, b"x").unwrap();
    assert_eq!(scene.until_covered(&path).await.last(), Some(&hint));
    fs::write(&path, b"xy").unwrap();
    assert_eq!(scene.until_covered(&path).await.last(), Some(&hint));
    // An atomic save, as most programs do it.
    fs::write(scene.path("a.jpg.tmp"), b"xyz").unwrap();
    fs::rename(scene.path("a.jpg.tmp"), &path).unwrap();
    assert_eq!(scene.until_covered(&path).await.last(), Some(&hint));
    fs::remove_file(&path).unwrap();
    assert_eq!(scene.until_covered(&path).await.last(), Some(&hint));
}

#[tokio::test]
async fn reading_is_no_change() {
    let (mut scene, notice) = Scene::with(quick(), Filter::plain(), |root| {
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a.jpg"), b"x").unwrap();
    })
    .await;
    assert_eq!(notice, WatchNotice::Watching);
    fs::read(scene.path("sub/a.jpg")).unwrap();
    fs::read_dir(scene.path("sub")).unwrap().count();
    let came = scene.all_so_far().await;
    assert_eq!(came.len(), 1, "{came:?}");
}

#[tokio::test]
async fn what_the_filter_ignores_gives_no_hint() {
    let filter = Filter::new(&[], &["out/".to_owned(), "*.xmp".to_owned()]).unwrap();
    let (mut scene, _) = Scene::with(quick(), filter, |root| fs::create_dir(root.join("out")).unwrap()).await;
    fs::write(scene.path("a.xmp"), b"x").unwrap();
    fs::write(scene.path("out/a.jpg"), b"x").unwrap();
    fs::write(scene.path(".hidden"), b"x").unwrap();
    fs::create_dir_all(scene.path("Cat Previews.lrdata/0")).unwrap();
    let came = scene.all_so_far().await;
    assert_eq!(came.len(), 1, "{came:?}");
}

#[tokio::test]
async fn a_new_folder_with_files_at_once() {
    let mut scene = Scene::new().await;
    for round in 0..20 {
        let deep = scene.path(&format!("{round}/a/b/c/x.jpg"));
        fs::create_dir_all(deep.parent().unwrap()).unwrap();
        fs::write(&deep, b"x").unwrap();
        scene.until_covered(&deep).await;
    }
    // And from now on the new folders are under watch themselves.
    let later = scene.path("3/a/b/c/later.jpg");
    fs::write(&later, b"x").unwrap();
    scene.until_covered(&later).await;
}

#[tokio::test]
async fn a_tree_that_is_moved_in_and_about() {
    let mut scene = Scene::new().await;
    let outside = scene.root.with_file_name("outside");
    fs::create_dir_all(outside.join("deep")).unwrap();
    fs::write(outside.join("deep/x.jpg"), b"x").unwrap();
    fs::rename(&outside, scene.path("in")).unwrap();
    let path = scene.path("in/deep/x.jpg");
    scene.until_covered(&path).await;
    // Moved within: both ends are told, and the new place is watched under its new name.
    let (from, to) = (scene.path("in"), scene.path("moved"));
    fs::rename(&from, &to).unwrap();
    let went = Hint::File { source_id: 1, path: from.clone() };
    let came = Hint::Folder { source_id: 1, path: to.clone() };
    let hints = scene.until(|hint| *hint == came).await;
    if !hints.contains(&went) {
        scene.until(|hint| *hint == went).await;
    }
    let later = to.join("deep/later.jpg");
    fs::write(&later, b"x").unwrap();
    scene.until_covered(&later).await;
    // Moved out and changed there: no business of ours any more.
    let gone = scene.root.with_file_name("gone");
    fs::rename(&to, &gone).unwrap();
    scene.until(|hint| *hint == Hint::File { source_id: 1, path: to.clone() }).await;
    fs::write(gone.join("deep/more.jpg"), b"x").unwrap();
    let hints = scene.all_so_far().await;
    assert!(
        !hints.iter().any(|hint| matches!(hint, Hint::File { path, .. } if path.ends_with("more.jpg"))),
        "{hints:?}"
    );
}

#[tokio::test]
async fn a_folder_that_is_deleted_is_told() {
    let mut scene = Scene::new().await;
    let sub = scene.path("sub");
    fs::create_dir(&sub).unwrap();
    fs::write(sub.join("x.jpg"), b"x").unwrap();
    scene.until_covered(&sub.join("x.jpg")).await;
    scene.all_so_far().await;
    fs::remove_dir_all(&sub).unwrap();
    scene.until(|hint| *hint == Hint::Folder { source_id: 1, path: sub.clone() }).await;
}

#[tokio::test]
async fn two_thousand_files_collapse() {
    // A window so wide that a slow disk doesn't spread the files over many.
    let options = WatchOptions { window_ms: 1_000, ..quick() };
    let (mut scene, _) = Scene::with(options, Filter::plain(), |_| {}).await;
    let sub = scene.path("sub");
    fs::create_dir(&sub).unwrap();
    scene.until_covered(&sub).await;
    for n in 0..2_000 {
        fs::write(sub.join(format!("{n}.jpg")), b"x").unwrap();
    }
    let hints = scene.all_so_far().await;
    let files = hints.iter().filter(|hint| matches!(hint, Hint::File { .. })).count();
    let folders = hints.iter().filter(|hint| matches!(hint, Hint::Folder { .. })).count();
    assert!(files < 2_000, "{files} files");
    // The collapsed hint may come after the mark, for the pause between two.
    if folders == 0 {
        scene.until(|hint| *hint == Hint::Folder { source_id: 1, path: sub.clone() }).await;
    }
}

#[tokio::test]
async fn a_root_that_goes_and_comes_back() {
    let mut scene = Scene::new().await;
    fs::remove_dir(&scene.root).unwrap();
    scene.until(|hint| *hint == Hint::RootGone { source_id: 1 }).await;
    assert_eq!(scene.watcher.notice(1), Some(WatchNotice::Away));
    fs::create_dir(&scene.root).unwrap();
    scene.until_rescan(RescanWhy::RootBack).await;
    let path = scene.path("a.jpg");
    fs::write(&path, b"x").unwrap();
    scene.until_covered(&path).await;
}

#[tokio::test]
async fn a_root_that_is_replaced_at_once() {
    let mut scene = Scene::new().await;
    for _ in 0..10 {
        // May well get the same inode again.
        fs::remove_dir_all(&scene.root).unwrap();
        fs::create_dir(&scene.root).unwrap();
        scene.until(|hint| matches!(hint, Hint::Rescan { .. })).await;
        let path = scene.path("a.jpg");
        fs::write(&path, b"x").unwrap();
        scene.until_covered(&path).await;
    }
    fs::rename(&scene.root, scene.root.with_file_name("away")).unwrap();
    fs::create_dir(&scene.root).unwrap();
    scene.until(|hint| matches!(hint, Hint::Rescan { .. })).await;
}

#[tokio::test]
async fn a_root_that_is_away_at_first() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("later");
    let (watcher, hints) = Watcher::start(quick());
    let notice = watcher.watch(1, root.clone(), Arc::new(Filter::plain())).await.unwrap();
    assert_eq!(notice, WatchNotice::Away);
    assert!(notice.text().is_some());
    let mut scene = Scene { _folder: folder, root, watcher, hints };
    fs::create_dir(&scene.root).unwrap();
    scene.until_rescan(RescanWhy::RootBack).await;
    let path = scene.path("a.jpg");
    fs::write(&path, b"x").unwrap();
    scene.until_covered(&path).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_root_that_is_a_link_is_told_by_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let (real, linked) = (folder.path().join("real"), folder.path().join("linked"));
    fs::create_dir(&real).unwrap();
    fs::create_dir(real.join("sub")).unwrap();
    std::os::unix::fs::symlink(&real, &linked).unwrap();
    std::os::unix::fs::symlink(folder.path(), real.join("round")).unwrap();
    let (watcher, hints) = Watcher::start(quick());
    // Both names of the same folder, as two sources: each hears of each change.
    watcher.watch(1, linked.clone(), Arc::new(Filter::plain())).await.unwrap();
    watcher.watch(2, real.clone(), Arc::new(Filter::plain())).await.unwrap();
    let mut scene = Scene { _folder: folder, root: linked.clone(), watcher, hints };
    fs::write(real.join("sub/a.jpg"), b"x").unwrap();
    let (first, second) = (
        Hint::File { source_id: 1, path: linked.join("sub/a.jpg") },
        Hint::File { source_id: 2, path: real.join("sub/a.jpg") },
    );
    let either = scene.until(|hint| *hint == first || *hint == second).await;
    let other = if either.contains(&first) { second } else { first };
    scene.until(|hint| *hint == other).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn too_many_folders_fall_back_to_rescans_until_they_are_fewer() {
    let options = WatchOptions { folders: 4, ..quick() };
    let (mut scene, notice) = Scene::with(options, Filter::plain(), |root| {
        for n in 0..6 {
            fs::create_dir(root.join(n.to_string())).unwrap();
        }
    })
    .await;
    assert_eq!(notice, WatchNotice::Limit(Limit::Folders(4)));
    assert!(notice.text().is_some_and(|text| text.contains("more than 4 folders")));
    scene.until_rescan(RescanWhy::WatchLimit).await;
    scene.until_rescan(RescanWhy::WatchLimit).await;
    for n in 0..4 {
        fs::remove_dir(scene.path(&n.to_string())).unwrap();
    }
    scene.until_rescan(RescanWhy::WatchBack).await;
    assert_eq!(scene.watcher.notice(1), Some(WatchNotice::Watching));
    let path = scene.path("5/a.jpg");
    fs::write(&path, b"x").unwrap();
    scene.until_covered(&path).await;
    // And over the limit again while watching.
    fs::create_dir_all(scene.path("5/a/b/c/d")).unwrap();
    scene.until_rescan(RescanWhy::WatchLimit).await;
}

#[tokio::test]
async fn an_overflow_becomes_a_rescan_and_the_watch_goes_on() {
    let mut scene = Scene::new().await;
    scene.watcher.sources.lock().unwrap()[&1].overflow.store(true, Ordering::Release);
    scene.until_rescan(RescanWhy::Overflow).await;
    let rescan = notify::Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan);
    // The generation counts the times the watch was built: once at the start, once after the overflow.
    let letters = scene.watcher.sources.lock().unwrap()[&1].letters.clone();
    letters.send(Letter::Event { generation: 2, event: Ok(rescan) }).unwrap();
    scene.until_rescan(RescanWhy::Overflow).await;
    let path = scene.path("a.jpg");
    fs::write(&path, b"x").unwrap();
    scene.until_covered(&path).await;
}

#[test]
fn a_full_inbox_is_an_overflow_and_reads_do_not_fill_it() {
    use notify::event::{AccessKind, AccessMode, CreateKind, Event, EventKind};
    let (letters, inbox) = std::sync::mpsc::sync_channel(1);
    let overflow = AtomicBool::new(false);
    let create = || Ok(Event::new(EventKind::Create(CreateKind::File)));
    let read = || Ok(Event::new(EventKind::Access(AccessKind::Open(AccessMode::Any))));
    for _ in 0..3 {
        post::hear(read(), 1, &letters, &overflow);
    }
    post::hear(create(), 1, &letters, &overflow);
    assert!(!overflow.load(Ordering::Acquire));
    post::hear(create(), 1, &letters, &overflow);
    assert!(overflow.load(Ordering::Acquire));
    assert_eq!(inbox.try_iter().count(), 1);
}

#[tokio::test]
async fn a_slow_receiver_loses_nothing() {
    let options = WatchOptions { hints: 1, ..quick() };
    let (mut scene, _) = Scene::with(options, Filter::plain(), |_| {}).await;
    for n in 0..20 {
        fs::write(scene.path(&format!("{n}.jpg")), b"x").unwrap();
    }
    for n in 0..20 {
        let path = scene.path(&format!("{n}.jpg"));
        let name = path.clone();
        // In no certain order, so each is made sure of by touching it once more.
        fs::write(&path, b"xy").unwrap();
        scene.until(|hint| matches!(hint, Hint::File { path, .. } if *path == name)).await;
    }
}

#[tokio::test]
async fn unwatched_and_dropped() {
    let mut scene = Scene::new().await;
    let other = scene.root.with_file_name("other");
    fs::create_dir(&other).unwrap();
    scene.watcher.watch(2, other.clone(), Arc::new(Filter::plain())).await.unwrap();
    assert_eq!(scene.watcher.notice(2), Some(WatchNotice::Watching));
    scene.watcher.unwatch(1);
    assert_eq!(scene.watcher.notice(1), None);
    fs::write(other.join("b.jpg"), b"x").unwrap();
    scene.until(|hint| *hint == Hint::File { source_id: 2, path: other.join("b.jpg") }).await;
    drop(scene.watcher);
    let ended = timeout(DEADLINE, async { while scene.hints.recv().await.is_some() {} }).await;
    assert!(ended.is_ok(), "threads go on after the drop");
}

#[tokio::test]
async fn a_hold_that_is_dropped_stops_its_thread() {
    let (letters, inbox) = std::sync::mpsc::sync_channel(1);
    let hold = Hold::new(letters);
    let stop = Arc::clone(&hold.stop);
    drop(hold);
    assert!(stop.load(Ordering::Acquire));
    assert!(matches!(inbox.try_recv(), Ok(Letter::Stop)));
}
