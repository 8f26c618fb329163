//! Thumbnails on disk, up to a limit; those not looked at for longest go first.
//!
//! An entry is a file of its own: a checksum, then the JPEG, or a mark for "nothing to show". Files with other content are
//! dropped. The total is counted by one walk through the folder after the start, by additions after that; over the limit
//! another walk takes the oldest away, down to nine tenths.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// Counts into every key: another way of making thumbnails finds none of the old ones.
const VERSION: u8 = 1;
const NOTHING: &[u8] = b"nothing to show";
/// Programs learn, and desktops make thumbnails: after a day it is tried again.
const NOTHING_HOLDS: Duration = Duration::from_secs(24 * 60 * 60);
/// Use is noted at most this often.
const TOUCH_AFTER: Duration = Duration::from_secs(10 * 60);
/// What a crash left behind.
const STALE: Duration = Duration::from_secs(60 * 60);
/// The space a file takes is counted in these.
const BLOCK: u64 = 4096;
const LARGEST: u64 = 1 << 20;

/// Thumbnails on disk, up to a limit.
#[derive(Debug)]
pub struct ThumbnailCache {
    dir: PathBuf,
    limit: u64,
    /// Bytes on disk; means something once `walked`.
    total: AtomicU64,
    /// Held during a walk: whether there was one.
    walked: Mutex<bool>,
    written: AtomicU64,
}

/// What the cache knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    Picture(Bytes),
    /// There is nothing to show for it.
    Nothing,
    Unknown,
}

/// The name of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn of(file_id: &str, size: u64, mtime_ns: i64, edge: u32) -> Self {
        let mut hash = Sha256::new();
        hash.update([VERSION]);
        hash.update(size.to_le_bytes());
        hash.update(mtime_ns.to_le_bytes());
        hash.update(edge.to_le_bytes());
        hash.update(file_id.as_bytes());
        Self(hash.finalize().into())
    }
}

impl ThumbnailCache {
    /// What the desktop app allows.
    pub const DEFAULT_LIMIT: u64 = 200_000_000;

    /// A cache in a folder of its own, which is made when the first thumbnail is. `limit` in bytes.
    pub fn new(dir: impl Into<PathBuf>, limit: u64) -> Self {
        let (total, walked, written) = (AtomicU64::new(0), Mutex::new(false), AtomicU64::new(0));
        Self { dir: dir.into(), limit, total, walked, written }
    }

    fn place(&self, key: Key) -> PathBuf {
        let name = hex::encode(key.0);
        let (shelf, name) = name.split_at(2);
        self.dir.join(shelf).join(name)
    }

    /// Looks an entry up. Blocking, short.
    pub(super) fn look(&self, key: Key) -> Known {
        let path = self.place(key);
        match read_entry(&path) {
            Ok(known) => known,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Known::Unknown,
            Err(error) => {
                tracing::debug!(path = %path.display(), %error, "a cached thumbnail is no good and is dropped");
                if let Err(error) = fs::remove_file(&path) {
                    tracing::debug!(path = %path.display(), %error, "a cached thumbnail could not be dropped");
                }
                Known::Unknown
            }
        }
    }

    /// Keeps a thumbnail, or that there is none. Blocking; now and then it walks through the folder.
    pub(super) fn keep(&self, key: Key, jpeg: Option<&[u8]>) -> io::Result<()> {
        let path = self.place(key);
        let body = jpeg.unwrap_or(NOTHING);
        let number = self.written.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{}-{number}.draft", std::process::id()));
        make_folder(&self.dir)?;
        make_folder(path.parent().unwrap_or(&self.dir))?;
        let written = write_entry(&draft, body).and_then(|()| fs::rename(&draft, &path));
        if let Err(error) = written {
            // Where even that fails, the next walk finds it.
            let _found_later = fs::remove_file(&draft);
            return Err(error);
        }
        self.total.fetch_add(blocks(body.len() as u64 + 4), Ordering::Relaxed);
        self.make_room()
    }

    fn make_room(&self) -> io::Result<()> {
        // Another thread is at it already.
        let Ok(mut walked) = self.walked.try_lock() else { return Ok(()) };
        if *walked && self.total.load(Ordering::Relaxed) <= self.limit {
            return Ok(());
        }
        // What is added while the walk goes on may count twice, until the next walk.
        self.total.store(0, Ordering::Relaxed);
        let mut entries = entries(&self.dir)?;
        let mut total: u64 = entries.iter().map(|entry| entry.size).sum();
        if total > self.limit {
            entries.sort_unstable_by_key(|entry| entry.used);
            for entry in entries {
                if total <= self.limit / 10 * 9 {
                    break;
                }
                gone_is_fine(fs::remove_file(self.dir.join(entry.name)))?;
                total -= entry.size;
            }
        }
        self.total.fetch_add(total, Ordering::Relaxed);
        *walked = true;
        Ok(())
    }
}

struct Entry {
    used: SystemTime,
    size: u64,
    name: PathBuf,
}

/// All entries; old drafts are taken away on the way.
fn entries(dir: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for shelf in fs::read_dir(dir)? {
        let shelf = shelf?;
        // Whatever else a person may have put there stays.
        if !shelf.file_type()?.is_dir() || shelf.file_name().len() != 2 {
            continue;
        }
        for entry in fs::read_dir(shelf.path())? {
            let entry = entry?;
            // Others write and drop while the walk goes on.
            let Some(metadata) = gone_is_fine(entry.metadata())? else { continue };
            let used = metadata.modified()?;
            if entry.file_name().to_string_lossy().ends_with(".draft") {
                if used.elapsed().is_ok_and(|age| age > STALE) {
                    gone_is_fine(fs::remove_file(entry.path()))?;
                }
                continue;
            }
            let name = Path::new(&shelf.file_name()).join(entry.file_name());
            found.push(Entry { used, size: blocks(metadata.len()), name });
        }
    }
    Ok(found)
}

fn gone_is_fine<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn blocks(len: u64) -> u64 {
    len.div_ceil(BLOCK).max(1) * BLOCK
}

fn checksum(body: &[u8]) -> [u8; 4] {
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, body);
    // A CRC of 32 bits in the lower half.
    (sum as u32).to_le_bytes()
}

fn write_entry(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(&checksum(body))?;
    file.write_all(body)
}

fn read_entry(path: &Path) -> io::Result<Known> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let entry = Bytes::from(fs::read(path)?);
    let (sum, body) = entry.split_at_checked(4).ok_or(io::ErrorKind::InvalidData)?;
    if sum != checksum(body) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // A clock set back counts as no time passed.
    let age = metadata.modified()?.elapsed().unwrap_or_default();
    if body == NOTHING {
        return Ok(if age < NOTHING_HOLDS { Known::Nothing } else { Known::Unknown });
    }
    if age > TOUCH_AFTER {
        touch(path);
    }
    Ok(Known::Picture(entry.slice(4..)))
}

fn touch(path: &Path) {
    let touched = File::options().append(true).open(path).and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(error) = touched {
        tracing::debug!(path = %path.display(), %error, "the use of a cached thumbnail could not be noted");
    }
}

/// Thumbnails show what the photos show, so the folder is the person's alone.
fn make_folder(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Key, Known, NOTHING_HOLDS, ThumbnailCache};
    use std::fs::{self, File};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    fn key(number: u32) -> Key {
        Key::of("file", 1, 2, number)
    }

    fn age(path: &Path, by: Duration) {
        File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - by).unwrap();
    }

    fn known(cache: &ThumbnailCache, number: u32) -> bool {
        cache.look(key(number)) != Known::Unknown
    }

    fn files(dir: &Path) -> usize {
        fs::read_dir(dir).unwrap().map(|shelf| fs::read_dir(shelf.unwrap().path()).unwrap().count()).sum()
    }

    #[test]
    fn each_part_of_the_key_counts() {
        let one = Key::of("a", 1, 2, 96);
        for other in [Key::of("b", 1, 2, 96), Key::of("a", 2, 2, 96), Key::of("a", 1, 3, 96), Key::of("a", 1, 2, 512)] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn pictures_and_nothing_are_found_again_by_the_next_start() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("deep/thumbnails");
        let cache = ThumbnailCache::new(&at, 1_000_000);
        assert_eq!(cache.look(key(1)), Known::Unknown);
        cache.keep(key(1), Some(b"a picture")).unwrap();
        cache.keep(key(2), None).unwrap();
        for cache in [cache, ThumbnailCache::new(&at, 1_000_000)] {
            assert_eq!(cache.look(key(1)), Known::Picture(b"a picture"[..].into()));
            assert_eq!(cache.look(key(2)), Known::Nothing);
            assert_eq!(cache.look(key(3)), Known::Unknown);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&at).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }

    #[test]
    fn nothing_to_show_holds_for_a_day() {
        let dir = tempfile::tempdir().unwrap();
        let cache = ThumbnailCache::new(dir.path(), 1_000_000);
        cache.keep(key(1), None).unwrap();
        age(&cache.place(key(1)), NOTHING_HOLDS - Duration::from_secs(60));
        assert_eq!(cache.look(key(1)), Known::Nothing);
        age(&cache.place(key(1)), NOTHING_HOLDS + Duration::from_secs(60));
        assert_eq!(cache.look(key(1)), Known::Unknown);
    }

    #[test]
    fn damaged_entries_are_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let cache = ThumbnailCache::new(dir.path(), 1_000_000);
        for damage in [&b""[..], b"abc", b"\0\0\0\0a picture", &[7; 2 << 20]] {
            cache.keep(key(1), Some(b"a picture")).unwrap();
            fs::write(cache.place(key(1)), damage).unwrap();
            assert_eq!(cache.look(key(1)), Known::Unknown);
            assert!(!cache.place(key(1)).exists());
        }
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let dir = tempfile::tempdir().unwrap();
        let limit = 20 * BLOCK;
        let cache = ThumbnailCache::new(dir.path(), limit);
        for number in 0..20 {
            cache.keep(key(number), Some(b"x")).unwrap();
            age(&cache.place(key(number)), Duration::from_secs(10_000 - u64::from(number)));
        }
        assert_eq!(files(dir.path()), 20);
        // The oldest is looked at, and so the youngest.
        assert!(known(&cache, 0));
        cache.keep(key(20), Some(b"x")).unwrap();
        assert_eq!(files(dir.path()), 18);
        let gone: Vec<u32> = (0..=20).filter(|number| !known(&cache, *number)).collect();
        assert_eq!(gone, [1, 2, 3]);
        // A later start counts what is there.
        let cache = ThumbnailCache::new(dir.path(), 5 * BLOCK);
        cache.keep(key(21), Some(b"x")).unwrap();
        assert_eq!(files(dir.path()), 4);
        assert!(known(&cache, 21));
    }

    #[test]
    fn it_never_grows_beyond_the_limit_and_leaves_no_drafts() {
        let dir = tempfile::tempdir().unwrap();
        let cache = ThumbnailCache::new(dir.path(), 50 * BLOCK);
        for number in 0..1000 {
            cache.keep(key(number), Some(&[1; 100])).unwrap();
            assert!(files(dir.path()) <= 50);
        }
        assert!(files(dir.path()) >= 44);
        let stale = cache.place(key(7)).with_extension("1-1.draft");
        fs::create_dir_all(stale.parent().unwrap()).unwrap();
        fs::write(&stale, b"half").unwrap();
        age(&stale, Duration::from_secs(7200));
        ThumbnailCache::new(dir.path(), 50 * BLOCK).keep(key(1001), None).unwrap();
        assert!(!stale.exists());
    }

    #[test]
    fn many_threads_write_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let cache = ThumbnailCache::new(dir.path(), 10 * BLOCK);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..100 {
                        cache.keep(key(number % 30), Some(b"picture")).unwrap();
                        assert!(matches!(cache.look(key(number % 30)), Known::Picture(_) | Known::Unknown));
                    }
                });
            }
        });
        assert!(files(dir.path()) <= 14);
    }
}
