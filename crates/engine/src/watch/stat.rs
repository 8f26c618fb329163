//! What tells one version of a file from another: size and mtime.

use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// Which file on which volume, where the system tells: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    pub device: u64,
    pub inode: u64,
}

/// Size and mtime of a regular file. Equal means: the same version, as far as can be told without reading it.
#[derive(Debug, Clone, Copy)]
pub struct Stat {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970, negative before; beyond the years 1677 and 2262 the nearest value that fits.
    pub mtime_ns: i64,
    /// When the system last noted any change (contents, name, rights), nanoseconds since 1970, where it tells; nobody can set it.
    /// Not part of equality: alone it says that the bytes may have changed though size and mtime did not.
    pub ctime_ns: Option<i64>,
    /// Not part of equality: an atomic save of the same bytes and mtime is no new version.
    pub id: Option<FileId>,
}

impl PartialEq for Stat {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && self.mtime_ns == other.mtime_ns
    }
}

impl Eq for Stat {}

impl Stat {
    /// Reads what a call to the system has already brought.
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            mtime_ns: metadata.modified().map_or(0, nanoseconds),
            ctime_ns: ctime_ns(metadata),
            id: file_id(metadata),
        }
    }
}

impl Stat {
    /// Whether the system noted a change since `earlier` that size and mtime don't show.
    pub fn was_touched_since(&self, earlier: &Self) -> bool {
        matches!((self.ctime_ns, earlier.ctime_ns), (Some(now), Some(then)) if now != then)
    }
}

/// A look at a path now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatLook {
    Present(Stat),
    /// Nothing there, or no regular file any more.
    Gone,
    Unreadable(io::ErrorKind),
}

impl StatLook {
    /// Looks at `path`; one call to the system, blocking.
    pub fn at(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => Self::Present(Stat::of(&metadata)),
            Ok(_) => Self::Gone,
            Err(error) if is_gone(&error) => Self::Gone,
            Err(error) => Self::Unreadable(error.kind()),
        }
    }
}

/// Size and mtime of the regular file at `path`, links followed; blocking.
///
/// # Errors
/// As `std::fs::metadata`; `IsADirectory` for a folder, `InvalidInput` for a pipe, socket or device.
pub fn stat(path: &Path) -> io::Result<Stat> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() {
        return Ok(Stat::of(&metadata));
    }
    Err(if metadata.is_dir() { io::ErrorKind::IsADirectory } else { io::ErrorKind::InvalidInput }.into())
}

/// The path, or a folder on its way, is no longer there.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Device and inode, where the system has them.
pub(crate) fn file_id(metadata: &Metadata) -> Option<FileId> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some(FileId { device: metadata.dev(), inode: metadata.ino() })
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

fn ctime_ns(metadata: &Metadata) -> Option<i64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some(metadata.ctime().saturating_mul(1_000_000_000).saturating_add(metadata.ctime_nsec()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
    }
}

#[cfg(test)]
mod tests {
    use super::{Stat, StatLook, nanoseconds, stat};
    use std::io::ErrorKind;
    use std::time::{Duration, SystemTime};

    #[test]
    fn times_before_and_far_after_1970() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(nanoseconds(epoch), 0);
        assert_eq!(nanoseconds(epoch + Duration::new(1, 5)), 1_000_000_005);
        assert_eq!(nanoseconds(epoch - Duration::new(1, 5)), -1_000_000_005);
        let far = Duration::from_secs(60 * 60 * 24 * 366 * 500);
        assert_eq!(nanoseconds(epoch + far), i64::MAX);
        assert_eq!(nanoseconds(epoch - far), i64::MIN);
    }

    #[test]
    fn same_version_is_size_and_mtime() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::write(&path, b"abc").unwrap();
        let first = stat(&path).unwrap();
        assert_eq!(first.size, 3);
        assert_eq!(first, Stat { id: None, ..first });
        assert_ne!(first, Stat { size: 4, ..first });
        assert_ne!(first, Stat { mtime_ns: first.mtime_ns + 1, ..first });
        assert_eq!(StatLook::at(&path), StatLook::Present(first));
    }

    #[test]
    fn what_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(stat(folder.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(StatLook::at(folder.path()), StatLook::Gone);
        assert_eq!(stat(&folder.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
        std::fs::write(folder.path().join("file"), b"").unwrap();
        assert_eq!(StatLook::at(&folder.path().join("file/below")), StatLook::Gone);
    }
}
