//! The photos of a demonstration: which, copied where, and what lies on disk in the end.

use super::interrupt;
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Endings of photographs and of what comes with them.
const ENDINGS: [&str; 26] = [
    "jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "avif", "webp", "gif", "dng", "cr2", "cr3", "nef", "arw",
    "orf", "rw2", "raf", "pef", "srw", "mp4", "mov", "avi", "m4v", "mts", "xmp",
];

/// A file as it lies on disk.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OnDisk {
    /// Below the folder, `/` between names, bytes that are not UTF-8 as `\xNN`: as Offload writes it.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// Photos below a folder by their relative paths, sorted; and how many other files there are. Hidden files and links are
/// neither.
pub(super) fn photos(folder: &Path) -> Result<(Vec<PathBuf>, usize)> {
    let (photos, others): (Vec<PathBuf>, Vec<PathBuf>) = files(folder)?.into_iter().partition(|path| {
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
    });
    Ok((photos, others.len()))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let here = folder.join(&below);
        for entry in fs::read_dir(&here).with_context(|| format!("cannot read the folder {}", here.display()))? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = below.join(entry.file_name());
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies a photo; its folders are made on the way.
pub(super) fn copy(from: &Path, to: &Path, path: &Path) -> Result<()> {
    interrupt::check()?;
    let target = to.join(path);
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder)?;
    }
    // Not fs::copy: a read-only original would make a copy that cannot be removed everywhere.
    let mut source =
        File::open(from.join(path)).with_context(|| format!("cannot read {}", from.join(path).display()))?;
    let mut target = File::create(&target).with_context(|| format!("cannot write {}", target.display()))?;
    std::io::copy(&mut source, &mut target)?;
    Ok(())
}

/// Copies a photo the way a slow card reader does: in so many pieces, with a pause after each.
pub(super) fn copy_slowly(from: &Path, to: &Path, pieces: usize, pause: Duration) -> Result<()> {
    let bytes = fs::read(from)?;
    ensure!(!bytes.is_empty(), "{} is empty", from.display());
    let mut file = File::create(to).with_context(|| format!("cannot write {}", to.display()))?;
    for piece in bytes.chunks(bytes.len().div_ceil(pieces)) {
        file.write_all(piece)?;
        file.flush()?;
        interrupt::nap(pause)?;
    }
    Ok(())
}

/// Every file below the folder, read and hashed.
pub(super) fn inventory(folder: &Path) -> Result<Vec<OnDisk>> {
    let paths = files(folder)?;
    paths.iter().map(|path| hashed(&folder.join(path), shown(path))).collect()
}

fn hashed(path: &Path, shown: String) -> Result<OnDisk> {
    interrupt::check()?;
    let mut file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let (mut size, mut hash, mut piece) = (0, Sha256::new(), vec![0; 1 << 18]);
    loop {
        let count = file.read(&mut piece)?;
        if count == 0 {
            return Ok(OnDisk { path: shown, size, sha256: hex::encode(hash.finalize()) });
        }
        hash.update(&piece[..count]);
        size += count as u64;
    }
}

/// A relative path as Offload writes it: see [`OnDisk::path`].
pub(super) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for component in path.components() {
        if !text.is_empty() {
            text.push('/');
        }
        for chunk in component.as_os_str().as_encoded_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{copy, copy_slowly, inventory, photos};
    use std::path::{Path, PathBuf};
    use std::time::Duration;

    #[test]
    fn photos_are_found_copied_and_hashed() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::create_dir_all(from.path().join("b/.hidden")).unwrap();
        for name in ["b/2.JPG", "a.cr3", "notes.txt", ".x.jpg", "b/.hidden/y.jpg"] {
            std::fs::write(from.path().join(name), name).unwrap();
        }
        let (found, others) = photos(from.path()).unwrap();
        assert_eq!((found.as_slice(), others), ([PathBuf::from("a.cr3"), "b/2.JPG".into()].as_slice(), 1));
        copy(from.path(), to.path(), Path::new("b/2.JPG")).unwrap();
        copy_slowly(&from.path().join("a.cr3"), &to.path().join("a.cr3"), 3, Duration::ZERO).unwrap();
        let there = inventory(to.path()).unwrap();
        let seen: Vec<_> = there.iter().map(|file| (file.path.as_str(), file.size, &file.sha256[..8])).collect();
        assert_eq!(seen, [("a.cr3", 5, "4e015d0e"), ("b/2.JPG", 7, "511e5858")]);
    }

    #[cfg(unix)]
    #[test]
    fn paths_are_written_as_offload_writes_them() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new("서울").join(std::ffi::OsStr::from_bytes(b"a\xff.jpg"));
        assert_eq!(super::shown(&path), "서울/a\\xFF.jpg");
    }
}
