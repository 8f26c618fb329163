use super::{Count, Gifts, KEPT, Piece, measure, new_source, pieces};
use crate::face::tests::source;
use offload_protocol::view::{ChangedPolicy, SourceKind, SourceState, SourceView};
use offload_protocol::window::Taking;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

fn folder(path: &str) -> Piece {
    Piece { path: path.into(), is_folder: true }
}

fn file(path: &str) -> Piece {
    Piece { path: path.into(), is_folder: false }
}

#[test]
fn what_the_window_sees() {
    let watched = [source(1, SourceState::Active)];
    let sent_once = [SourceView { kind: SourceKind::Batch, ..source(1, SourceState::Active) }];
    for (given, sources, name, can_watch) in [
        (vec![folder("/a/Wedding")], &watched, "Wedding", true),
        (vec![folder("/photos")], &watched, "photos", false),
        (vec![folder("/photos")], &sent_once, "photos", true),
        (vec![folder("/")], &watched, "/", true),
        (vec![file("/a/1.jpg")], &watched, "1.jpg", false),
        (vec![folder("/a"), folder("/b"), file("/c")], &watched, "a +2", false),
    ] {
        let seen = Gifts::default().keep(given.clone(), sources);
        assert_eq!((seen.name.as_str(), seen.can_watch), (name, can_watch), "{given:?}");
        assert_eq!((seen.folders + seen.files) as usize, given.len());
    }
    let many = (0..500).map(|number| file(&format!("/{number}"))).collect();
    assert_eq!(Gifts::default().keep(many, &[]).paths.len(), 5);
}

#[test]
fn few_are_kept() {
    let gifts = Gifts::default();
    let ids: Vec<u32> = (0..=KEPT).map(|_| gifts.keep(vec![folder("/a")], &[]).id).collect();
    assert_eq!(gifts.get(ids[0]).unwrap_err().code, "nothing");
    assert_eq!(gifts.get(ids[1]).unwrap(), [folder("/a")]);
    gifts.forget(ids[1]);
    assert!(gifts.get(ids[1]).is_err());
}

#[cfg(unix)]
#[test]
fn paths_that_are_not_text_arrive_whole() {
    use std::os::unix::ffi::OsStrExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(std::ffi::OsStr::from_bytes(b"caf\xe9 \n#%.jpg"));
    std::fs::write(&path, "x").unwrap();
    let looked = pieces(vec![path.clone(), dir.path().to_owned()]).unwrap();
    assert_eq!(looked.iter().map(|piece| piece.is_folder).collect::<Vec<_>>(), [false, true]);
    let gifts = Gifts::default();
    let given = gifts.keep(looked, &[]);
    assert!(given.paths[0].ends_with("caf\\xE9 \n#%.jpg"));
    let taking = Taking {
        given: given.id,
        watch: false,
        prefix: "p".into(),
        include: vec!["*.jpg".into()],
        exclude: Vec::new(),
        changed: ChangedPolicy::KeepFirst,
    };
    let new = new_source(&gifts.get(given.id).unwrap(), taking);
    assert_eq!(new.paths[0], path.as_os_str().as_bytes());
    assert_eq!((new.prefix.as_str(), new.changed), ("p", ChangedPolicy::KeepFirst));
}

#[test]
fn what_is_not_there_says_so() {
    let error = pieces(vec![PathBuf::from("/nowhere/at/all")]).unwrap_err();
    assert_eq!((error.code.as_str(), error.message.as_str()), ("not_there", "/nowhere/at/all is not there"));
}

#[tokio::test]
async fn counting() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("deep")).unwrap();
    for (name, bytes) in [("a.jpg", 10), ("deep/b.jpg", 20), (".hidden", 40)] {
        std::fs::write(dir.path().join(name), vec![0; bytes]).unwrap();
    }
    let whole = vec![Piece { path: dir.path().to_owned(), is_folder: true }];
    let sum = measure(whole.clone(), Duration::from_secs(60)).await;
    assert_eq!((sum.files, sum.bytes, sum.complete), (2, 30, true));
    let stopped = Count::default();
    stopped.stop.store(true, Ordering::Relaxed);
    assert!(!stopped.walk(&whole), "no time to see it all");
    let gone = vec![Piece { path: Path::new("/nowhere").to_owned(), is_folder: true }];
    assert!(!measure(gone, Duration::from_secs(60)).await.complete);
}
