//! The way from a request to an answer: files, cache, what changed meanwhile.

use super::tests::{GREY, UPRIGHT, YELLOW, photo, scene, shows};
use super::{Edge, Noting, ThumbnailCache, ThumbnailSource, Thumbnails};
use crate::watch::stat;
use image::{GenericImageView, ImageFormat};
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn source(path: &Path) -> ThumbnailSource {
    let stat = stat(path).unwrap();
    ThumbnailSource { path: path.to_owned(), file_id: "a-file".into(), size: stat.size, mtime_ns: stat.mtime_ns }
}

/// A cache and a photo in a folder of their own.
fn stage() -> (tempfile::TempDir, Thumbnails, ThumbnailSource) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("DSC_0001.JPG");
    std::fs::write(&path, photo(300, 200, GREY)).unwrap();
    let source = source(&path);
    let thumbnails = Thumbnails::beside(ThumbnailCache::new(dir.path().join("cache"), 10_000_000), None);
    (dir, thumbnails, source)
}

#[tokio::test]
async fn once_made_it_needs_the_file_no_more() {
    let (_dir, thumbnails, source) = stage();
    let jpeg = thumbnails.get(source.clone(), Edge::Small).await.unwrap();
    assert_eq!(image::load_from_memory(&jpeg).unwrap().dimensions(), (96, 64));
    std::fs::remove_file(&source.path).unwrap();
    assert_eq!(thumbnails.get(source.clone(), Edge::Small).await, Some(jpeg));
    assert_eq!(thumbnails.get(source, Edge::Large).await, None);
}

#[tokio::test]
async fn a_file_that_was_written_over_is_not_shown_under_the_old_name() {
    let (_dir, thumbnails, source) = stage();
    std::fs::write(&source.path, photo(320, 200, YELLOW)).unwrap();
    assert_eq!(thumbnails.get(source.clone(), Edge::Small).await, None);
    // That was no answer for good: with the old bytes back it has its thumbnail.
    let file = std::fs::File::create(&source.path).unwrap();
    std::io::Write::write_all(&mut &file, &photo(300, 200, GREY)).unwrap();
    let time = Duration::from_nanos(u64::try_from(source.mtime_ns).unwrap());
    file.set_modified(std::time::UNIX_EPOCH + time).unwrap();
    assert!(thumbnails.get(source, Edge::Small).await.is_some());
}

#[tokio::test]
async fn nothing_to_show_is_remembered() {
    let (dir, thumbnails, _) = stage();
    let text = dir.path().join("notes.txt");
    std::fs::write(&text, b"no picture at all, and never was one").unwrap();
    let mut source = ThumbnailSource { file_id: "text".into(), ..self::source(&text) };
    assert_eq!(thumbnails.get(source.clone(), Edge::Small).await, None);
    let photo = photo(300, 200, GREY);
    std::fs::write(&text, &photo).unwrap();
    // Same name for the cache: it isn't looked at again.
    assert_eq!(thumbnails.get(source.clone(), Edge::Small).await, None);
    source.size = photo.len() as u64;
    source.mtime_ns = self::source(&text).mtime_ns;
    assert!(thumbnails.get(source, Edge::Small).await.is_some());
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_regular_file_is_left_alone() {
    let (dir, thumbnails, source) = stage();
    let pipe = dir.path().join("pipe.jpg");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    let link = dir.path().join("link.jpg");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for path in [&pipe, &link, Path::new("/dev/zero"), dir.path(), &dir.path().join("none.jpg")] {
        let odd = ThumbnailSource { path: path.to_owned(), size: 0, mtime_ns: 0, file_id: "odd".into() };
        let answer = tokio::time::timeout(Duration::from_secs(20), thumbnails.get(odd, Edge::Small)).await;
        assert_eq!(answer.expect("it must not wait for a writer"), None, "{}", path.display());
    }
    // A link to a photo is one.
    let good = dir.path().join("good.jpg");
    std::os::unix::fs::symlink(&source.path, &good).unwrap();
    assert!(thumbnails.get(ThumbnailSource { path: good, ..source }, Edge::Small).await.is_some());
}

#[tokio::test]
async fn a_cache_that_cannot_be_written_costs_nothing_but_time() {
    let (dir, _, source) = stage();
    let blocked = dir.path().join("a-file");
    std::fs::write(&blocked, b"").unwrap();
    let thumbnails = Thumbnails::beside(ThumbnailCache::new(blocked.join("cache"), 10_000_000), None);
    assert!(thumbnails.get(source.clone(), Edge::Small).await.is_some());
    assert!(thumbnails.get(source, Edge::Small).await.is_some());
}

#[tokio::test]
async fn the_desktop_helps_with_what_cannot_be_drawn_here_if_it_knows_the_file_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("우리 결혼식 [1];#.mov");
    std::fs::write(&path, b"\0\0\0\x08wide and a movie").unwrap();
    let source = source(&path);
    let desktop = dir.path().join("thumbnails");
    let thumbnails =
        || Thumbnails::beside(ThumbnailCache::new(dir.path().join("cache"), 10_000_000), Some(desktop.clone()));
    let mut uri = String::from("file://");
    for byte in path.to_str().unwrap().bytes() {
        if byte.is_ascii_alphanumeric() || b"!$&'()*+,-./:=@_~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri += &format!("%{byte:02X}");
        }
    }
    let name = format!("{}.png", hex::encode(<md5::Md5 as md5::Digest>::digest(&uri)));
    let put = |folder: &str, middle, mtime: i64| {
        let mut png = Cursor::new(Vec::new());
        scene(128, 96, middle).write_to(&mut png, ImageFormat::Png).unwrap();
        let mut png = png.into_inner();
        let notes: Vec<u8> = [format!("Thumb::URI\0{uri}"), format!("Thumb::MTime\0{mtime}")]
            .iter()
            .flat_map(|note| {
                let chunk = [b"tEXt", note.as_bytes()].concat();
                let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &chunk) as u32;
                [&u32::try_from(note.len()).unwrap().to_be_bytes()[..], &chunk, &sum.to_be_bytes()].concat()
            })
            .collect();
        // Behind IHDR.
        png.splice(33..33, notes);
        std::fs::create_dir_all(desktop.join(folder)).unwrap();
        std::fs::write(desktop.join(folder).join(&name), png).unwrap();
    };
    let mtime = source.mtime_ns.div_euclid(1_000_000_000);
    put("normal", YELLOW, mtime);
    put("x-large", GREY, mtime - 1);
    for edge in [Edge::Small, Edge::Large] {
        let jpeg = thumbnails().get(source.clone(), edge).await.unwrap();
        shows(&image::load_from_memory(&jpeg).unwrap(), UPRIGHT, YELLOW);
    }
    put("normal", YELLOW, mtime + 5);
    let other = ThumbnailSource { file_id: "another".into(), ..source };
    assert_eq!(thumbnails().get(other, Edge::Small).await, None);
}

#[test]
fn trouble_with_reading_is_noted() {
    struct Pulled;
    impl Read for Pulled {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the card was pulled"))
        }
    }
    let failed = Arc::new(Mutex::new(None));
    let mut noting = Noting { file: Pulled, failed: failed.clone() };
    noting.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(failed.lock().unwrap().take().unwrap().to_string(), "the card was pulled");
}
