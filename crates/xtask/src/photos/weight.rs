//! Files for benchmarks: a JPEG's header and then random bytes, which no server or disk can squeeze.

use super::random::Random;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Start of image, JFIF header, frame header of 4000 x 3000, start of scan.
const HEADER: [u8; 43] = [
    0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xff, 0xc0, 0, 11, 8, 0x0b,
    0xb8, 0x0f, 0xa0, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0,
];
/// Files in one folder, as on a card.
const A_FOLDER: usize = 1000;
const PIECE: usize = 1024 * 1024;

/// Writes `count` files of exactly `bytes` bytes, a thousand a folder: `DCIM/100BENCH/IMG_0000.JPG`. Gives their paths.
pub fn small_files(dir: &Path, count: usize, bytes: u64, seed: u64) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::with_capacity(count);
    for index in 0..count {
        let folder = dir.join(format!("DCIM/{}BENCH", 100 + index / A_FOLDER));
        if index % A_FOLDER == 0 {
            std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        let path = folder.join(format!("IMG_{:04}.JPG", index % A_FOLDER));
        large_file(&path, bytes, seed.wrapping_add(index as u64))?;
        paths.push(path);
    }
    Ok(paths)
}

/// Writes one file of exactly `bytes` bytes, at least the header's 43; holds a megabyte of it in memory at a time.
pub fn large_file(path: &Path, bytes: u64, seed: u64) -> Result<()> {
    let mut left = bytes.checked_sub(HEADER.len() as u64);
    ensure!(left.is_some(), "a file with a JPEG header has at least {} bytes", HEADER.len());
    let mut file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(&HEADER)?;
    // Neighbouring seeds must not give the same stream a few numbers apart.
    let mut random = Random::new(Random::new(seed).next());
    let mut piece = vec![0; PIECE.min(usize::try_from(bytes).unwrap_or(PIECE))];
    while let Some(rest @ 1..) = left {
        let now = piece.len().min(usize::try_from(rest).unwrap_or(PIECE));
        random.fill(&mut piece[..now]);
        file.write_all(&piece[..now]).with_context(|| format!("cannot write {}", path.display()))?;
        left = Some(rest - now as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{HEADER, large_file, small_files};
    use offload_engine::media::{GpsConsent, read};
    use std::collections::HashSet;

    #[test]
    fn files_have_their_exact_size_and_start_as_jpegs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("large.jpg");
        for bytes in [43, 44, 1_048_576, 1_048_619, 3_000_001] {
            large_file(&path, bytes, 5).unwrap();
            assert_eq!(path.metadata().unwrap().len(), bytes);
            let media = read(&path, GpsConsent::Withhold).unwrap();
            assert_eq!((media.width, media.height), (Some(4000), Some(3000)));
        }
        assert!(large_file(&path, 42, 5).is_err());
    }

    #[test]
    fn small_files_are_distinct_and_a_thousand_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let paths = small_files(dir.path(), 1002, 100, 5).unwrap();
        assert!(paths[1001].ends_with("DCIM/101BENCH/IMG_0001.JPG"), "{}", paths[1001].display());
        let contents: HashSet<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
        assert_eq!(contents.len(), 1002);
        assert!(contents.iter().all(|content| content.len() == 100 && content.starts_with(&HEADER)));
    }
}
