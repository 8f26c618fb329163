use super::{ObstacleKind, ScanEnd, ScanError, ScanReport, ScanRoot, Sighting, scan};
use crate::watch::filter::{Filter, Ignored};
use crate::watch::name::shown;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a scan told: sizes of files, kinds of obstacles, by path as text.
#[derive(Debug, Default, PartialEq)]
struct Told {
    files: BTreeMap<String, u64>,
    obstacles: BTreeMap<String, ObstacleKind>,
}

fn told(root: &ScanRoot, filter: &Filter) -> (Told, ScanReport) {
    let mut told = Told::default();
    let report = scan(root, filter, &AtomicBool::new(false), &mut |sighting| {
        match sighting {
            Sighting::File(seen) => {
                assert!(seen.path.is_absolute());
                assert!(told.files.insert(shown(&seen.rel), seen.stat.size).is_none(), "told twice");
            }
            Sighting::Obstacle(obstacle) => {
                assert!(!obstacle.detail.is_empty());
                assert!(told.obstacles.insert(shown(&obstacle.rel), obstacle.kind).is_none(), "told twice");
            }
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(report.files, told.files.len() as u64);
    assert_eq!(report.bytes, told.files.values().sum::<u64>());
    assert_eq!(report.obstacles, told.obstacles.len() as u64);
    (told, report)
}

fn put(root: &Path, rel: impl AsRef<Path>, size: usize) {
    let path = root.join(rel);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, vec![b'x'; size]).unwrap();
}

fn files(list: &[(&str, u64)]) -> BTreeMap<String, u64> {
    list.iter().map(|(path, size)| ((*path).to_owned(), *size)).collect()
}

#[test]
fn finds_files_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "a.jpg", 1);
    put(root, "deep/er/b.jpg", 2);
    put(root, "line\nbreak/\"q\".jpg", 3);
    put(root, "\u{1f4f7}/a..b.jpg", 4);
    put(root, OsStr::from_bytes(b"caf\xe9/\xff.jpg"), 5);
    put(root, ".DS_Store", 6);
    put(root, "a.tmp", 6);
    put(root, ".git/objects/x", 6);
    fs::create_dir(root.join("empty")).unwrap();
    let (told, report) = told(&ScanRoot::folder(root), &Filter::plain());
    assert_eq!(
        told.files,
        files(&[
            ("a.jpg", 1),
            ("deep/er/b.jpg", 2),
            ("line\nbreak/\"q\".jpg", 3),
            ("\u{1f4f7}/a..b.jpg", 4),
            ("caf\\xE9/\\xFF.jpg", 5)
        ])
    );
    assert_eq!(told.obstacles, BTreeMap::new());
    assert_eq!(report.ignored(Ignored::System), 1);
    assert_eq!(report.ignored(Ignored::Temporary), 1);
    assert_eq!(report.ignored(Ignored::Hidden), 1);
    assert_eq!(report.folders, 7);
    assert!(report.is_complete());
}

#[test]
fn links_and_specials() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(outside.path(), "far.jpg", 7);
    symlink(outside.path().join("far.jpg"), root.join("link.jpg")).unwrap();
    symlink(outside.path(), root.join("linked")).unwrap();
    symlink(root, root.join("self")).unwrap();
    symlink("none", root.join("broken.jpg")).unwrap();
    symlink("round2", root.join("round1")).unwrap();
    symlink("round1", root.join("round2")).unwrap();
    symlink("none", root.join(".hidden-broken")).unwrap();
    symlink("/dev/null", root.join("null")).unwrap();
    let pipe = root.join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();

    let (all, report) = told(&ScanRoot::folder(root), &Filter::plain());
    assert_eq!(all.files, files(&[("link.jpg", 7)]));
    let expected = [
        ("linked", ObstacleKind::LinkedFolder),
        ("self", ObstacleKind::LinkedFolder),
        ("broken.jpg", ObstacleKind::BrokenLink),
        ("round1", ObstacleKind::LinkLoop),
        ("round2", ObstacleKind::LinkLoop),
        ("null", ObstacleKind::Special),
        ("pipe", ObstacleKind::Special),
        ("socket", ObstacleKind::Special),
    ];
    assert_eq!(all.obstacles, expected.into_iter().map(|(path, kind)| (path.to_owned(), kind)).collect());
    assert_eq!(report.ignored(Ignored::Hidden), 1);
    assert!(report.is_complete(), "nothing to be sent is hidden behind these");

    // Includes take what is no candidate out of the person's sight, but a linked folder may hold candidates.
    let jpegs = Filter::new(&["*.jpg".to_owned()], &[]).unwrap();
    let (told, _) = told(&ScanRoot::folder(root), &jpegs);
    let obstacles: Vec<&str> = told.obstacles.keys().map(String::as_str).collect();
    assert_eq!(obstacles, ["broken.jpg", "linked", "self"]);
}

#[test]
fn the_filter_prunes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "a/x.jpg", 1);
    put(root, "a/x.xmp", 1);
    put(root, "a/out/y.jpg", 1);
    put(root, "Cat Previews.lrdata/0/z.jpg", 1);
    let filter = Filter::new(&["*.jpg".to_owned()], &["out/".to_owned()]).unwrap();
    let (told, report) = told(&ScanRoot::folder(root), &filter);
    assert_eq!(told.files, files(&[("a/x.jpg", 1)]));
    assert_eq!(report.ignored(Ignored::NotIncluded), 1);
    assert_eq!(report.ignored(Ignored::Excluded), 1);
    assert_eq!(report.ignored(Ignored::Temporary), 1);
}

#[test]
fn a_part_is_seen_as_the_whole_would_see_it() {
    let folder = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "a/b/x.jpg", 1);
    put(root, "a/y.jpg", 2);
    put(root, "z.jpg", 3);
    put(root, ".hidden/b/x.jpg", 4);
    put(outside.path(), "b/x.jpg", 5);
    symlink(outside.path(), root.join("linked")).unwrap();
    let part = |rel: &str| told(&ScanRoot::folder(root).part(rel), &Filter::plain());
    assert_eq!(part("a").0.files, files(&[("a/b/x.jpg", 1), ("a/y.jpg", 2)]));
    assert_eq!(part("a/b").0.files, files(&[("a/b/x.jpg", 1)]));
    assert_eq!(part("a/y.jpg").0.files, files(&[("a/y.jpg", 2)]));
    for gone in ["none", "a/none/x.jpg", "a/y.jpg/below"] {
        let (_, report) = part(gone);
        assert!(report.is_complete(), "{gone}");
    }
    assert_eq!(part("a/none").0, Told::default());
    for hidden in [".hidden", ".hidden/b", ".hidden/b/x.jpg"] {
        let (told, report) = part(hidden);
        assert_eq!(told, Told::default(), "{hidden}");
        assert_eq!(report.ignored(Ignored::Hidden), 1, "{hidden}");
    }
    for linked in ["linked", "linked/b", "linked/b/x.jpg"] {
        let (told, _) = part(linked);
        assert_eq!(told.files, BTreeMap::new(), "{linked}");
        assert_eq!(told.obstacles.get("linked"), Some(&ObstacleKind::LinkedFolder), "{linked}");
    }
}

#[test]
fn a_part_outside_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for part in ["..", "a/../../x", "/etc"] {
        let root = ScanRoot::folder(folder.path()).part(part);
        let result = scan(&root, &Filter::plain(), &AtomicBool::new(false), &mut |_| ControlFlow::Continue(()));
        assert!(matches!(result, Err(ScanError::OutsideRoot { .. })), "{part}");
    }
}

#[test]
fn a_batch_of_a_file_and_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "Wedding/x.jpg", 1);
    put(root, "y.jpg", 2);
    let (told1, _) = told(&ScanRoot::folder(root.join("Wedding")).under("Wedding"), &Filter::plain());
    assert_eq!(told1.files, files(&[("Wedding/x.jpg", 1)]));
    let (told2, _) = told(&ScanRoot::file(root.join("y.jpg")), &Filter::plain());
    assert_eq!(told2.files, files(&[("y.jpg", 2)]));
}

#[test]
fn roots_that_cannot_be_looked_through() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "file", 1);
    let result =
        |root: ScanRoot| scan(&root, &Filter::plain(), &AtomicBool::new(false), &mut |_| ControlFlow::Continue(()));
    assert!(matches!(result(ScanRoot::folder(folder.path().join("none"))), Err(ScanError::RootGone { .. })));
    assert!(matches!(result(ScanRoot::folder(folder.path().join("file"))), Err(ScanError::RootKind { .. })));
    assert!(matches!(result(ScanRoot::file(folder.path())), Err(ScanError::RootKind { .. })));
    assert!(matches!(result(ScanRoot::file(folder.path().join("none"))), Err(ScanError::RootGone { .. })));
}

#[test]
fn a_root_that_is_exchanged_meanwhile_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("card");
    for n in 0..10 {
        put(&root, format!("{n}/x.jpg"), 1);
    }
    let mut seen = 0;
    let result = scan(&ScanRoot::folder(&root), &Filter::plain(), &AtomicBool::new(false), &mut |_| {
        seen += 1;
        if seen == 3 {
            fs::rename(&root, folder.path().join("elsewhere")).unwrap();
            fs::create_dir(&root).unwrap();
        }
        ControlFlow::Continue(())
    });
    assert!(matches!(result, Err(ScanError::RootGone { .. })), "{result:?}");
}

#[test]
fn cancelled_and_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..50 {
        put(folder.path(), format!("{n}.jpg"), 1);
    }
    let root = ScanRoot::folder(folder.path());
    let cancel = AtomicBool::new(false);
    let mut seen = 0;
    let report = scan(&root, &Filter::plain(), &cancel, &mut |_| {
        seen += 1;
        cancel.store(seen == 5, Ordering::Relaxed);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((report.end, seen), (ScanEnd::Cancelled, 5));
    assert!(!report.is_complete());

    let report = scan(&root, &Filter::plain(), &AtomicBool::new(false), &mut |_| ControlFlow::Break(())).unwrap();
    assert_eq!((report.end, report.files), (ScanEnd::Stopped, 1));
}

/// Root reads every folder, so the right to read is taken from a thread of its own, in which the capability is dropped.
#[test]
fn an_unreadable_folder_does_not_stop_its_siblings() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    put(&root, "locked/x.jpg", 1);
    put(&root, "open/y.jpg", 2);
    fs::set_permissions(root.join("locked"), fs::Permissions::from_mode(0o000)).unwrap();
    let (told, report) = std::thread::spawn(move || {
        unprivileged();
        told(&ScanRoot::folder(root), &Filter::plain())
    })
    .join()
    .unwrap();
    fs::set_permissions(folder.path().join("locked"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(told.files, files(&[("open/y.jpg", 2)]));
    assert_eq!(told.obstacles.get("locked"), Some(&ObstacleKind::Unreadable));
    assert_eq!(report.unreadable, 1);
    assert!(!report.is_complete());
}

/// Drops this thread's capabilities (they are per thread on Linux); a thread that has none stays as it is.
fn unprivileged() {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    // _LINUX_CAPABILITY_VERSION_3 takes two sets of three words.
    let header = Header { version: 0x2008_0522, pid: 0 };
    let none = [0_u32; 6];
    // SAFETY: both pointers are valid for the call and laid out as capset(2) says.
    #[allow(unsafe_code)]
    let answer = unsafe { libc::syscall(libc::SYS_capset, &raw const header, none.as_ptr()) };
    assert_eq!(answer, 0);
}
