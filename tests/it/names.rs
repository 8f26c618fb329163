//! Names as the world makes them.

use offload_protocol::view::State;
use offload_tests::Studio;
use offload_tests::compare::nothing_is_lost;
use offload_tests::photos::bytes;

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_arrive_as_they_are() {
    let studio = Studio::open().await;
    let long = format!("{}.jpg", "ü".repeat(125));
    let names = [
        "with space.jpg",
        "quote\"in'it.jpg",
        "line\nbreak\r\n.jpg",
        "tab\there.jpg",
        "a..b.jpg",
        "x../..y/z.jpg",
        "percent%20 & plus+ #hash?.jpg",
        "back\\slash.jpg",
        "서울 봄 📷.jpg",
        "\u{202e}gpj.exe.jpg",
        "<img src=x onerror=alert(1)>.jpg",
        "${filename}.jpg",
        "-rf.jpg",
        "e\u{301}.jpg",
        "\u{e9}.jpg",
        "UPPER.JPG",
        "upper.jpg",
        "trailing dot.",
        "no-ending",
        long.as_str(),
    ];
    let mut paths = Vec::new();
    for (number, name) in names.into_iter().enumerate() {
        paths.push((name.to_owned(), studio.put(name, &bytes(number as u64, 3000 + number))));
    }
    studio.watch().await;
    studio.until_confirmed(names.len() as u64).await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    assert_eq!(studio.sandbox.objects().unwrap().len(), names.len());
    let sent: Vec<String> = studio.sandbox.records().unwrap().into_iter().map(|record| record.path).collect();
    for name in names {
        assert!(sent.iter().any(|path| path == name), "{name:?} did not reach the backend as it is: {sent:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_utf8_is_sent_and_shown_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let studio = Studio::open().await;
    let folder = std::ffi::OsStr::from_bytes(b"caf\xe9");
    let name = std::path::Path::new(folder).join(std::ffi::OsStr::from_bytes(b"IMG_\xff\xfe.jpg"));
    let path = studio.put(&name, &bytes(5, 4000));
    studio.watch().await;
    studio.until_confirmed(1).await;
    nothing_is_lost(&studio, &studio.photos(), &[(r"caf\xE9/IMG_\xFF\xFE.jpg".into(), path)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_names_in_two_folders_do_not_collide() {
    let studio = Studio::open().await;
    let mut paths = Vec::new();
    for folder in ["100CANON", "101NIKON"] {
        let name = format!("DCIM/{folder}/IMG_0001.JPG");
        paths.push((name.clone(), studio.put(&name, &bytes(paths.len() as u64, 5000))));
    }
    studio.watch().await;
    studio.until_confirmed(2).await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    assert_eq!(studio.sandbox.objects().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sources_with_equal_paths_do_not_collide() {
    let studio = Studio::open().await;
    let card = |letter: &str| studio.dir.path().join(format!("card {letter}/DCIM"));
    for (number, letter) in ["A", "B"].into_iter().enumerate() {
        std::fs::create_dir_all(card(letter)).unwrap();
        std::fs::write(card(letter).join("IMG_0001.JPG"), bytes(number as u64, 7000)).unwrap();
    }
    studio.batch(&[card("A")]).await;
    studio.batch(&[card("B")]).await;
    studio.until_confirmed(2).await;
    let rows = studio.rows().await;
    assert!(rows.iter().all(|row| row.path == "DCIM/IMG_0001.JPG"));
    assert_ne!(rows[0].key, rows[1].key);
    assert_eq!(studio.sandbox.objects().unwrap().len(), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_stands_in_plain_sight() {
    let studio = Studio::open().await;
    studio.put("real/a.jpg", &bytes(1, 1000));
    let photos = studio.photos();
    std::os::unix::fs::symlink(photos.join("real"), photos.join("linked")).unwrap();
    std::os::unix::fs::symlink(&photos, photos.join("real/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", photos.join("broken.jpg")).unwrap();
    std::os::unix::fs::symlink("real/a.jpg", photos.join("pointer.jpg")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(photos.join("pipe")).status().unwrap();
    assert!(made.success());
    studio.watch().await;
    // The file and the link to it are sent; the rest says why not.
    studio.until_confirmed(2).await;
    for name in ["linked", "real/loop", "broken.jpg", "pipe"] {
        let row = studio.row(name).await;
        assert_eq!((row.state, row.code.as_deref()), (State::Skipped, Some("not_a_file")), "{name}");
        assert!(row.reason.is_some() && row.hint.is_some());
    }
    std::fs::remove_file(photos.join("broken.jpg")).unwrap();
    studio.handle().rescan().await.unwrap();
    studio.until("the broken link is forgotten", |status| status.totals.skipped.files == 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_out_is_counted_and_globs_choose() {
    let studio = Studio::open().await;
    for name in [".hidden.jpg", "Thumbs.db", "a.jpg.part", "keep.jpg", "keep.NEF", "not/this.txt", "private/x.jpg"] {
        studio.put(name, &bytes(1, name.len() * 100));
    }
    let new = offload_protocol::control::NewSource {
        include: vec!["*.jpg".into(), "*.nef".into()],
        exclude: vec!["private/".into()],
        ..offload_tests::new_source(&[studio.photos()])
    };
    studio.handle().add_source(new).await.unwrap();
    let status = studio.until_confirmed(2).await;
    let notices = status.sources[0].notices[0].text.clone();
    assert!(notices.contains("hidden") && notices.contains("left out"), "{notices}");
}
