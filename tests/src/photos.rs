//! Files to send.

use std::path::{Path, PathBuf};

/// Bytes that differ for each seed, behind the first bytes of a JPEG.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes: Vec<u8> = (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 32) as u8
        })
        .collect();
    for (byte, start) in bytes.iter_mut().zip([0xff, 0xd8, 0xff, 0xe0]) {
        *byte = start;
    }
    bytes
}

/// The folder of real photos, where it is there: beside the checkout, or where OFFLOAD_PHOTOS says.
pub fn real() -> Option<PathBuf> {
    let place = std::env::var_os("OFFLOAD_PHOTOS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/photos"), PathBuf::from);
    place.is_dir().then(|| place.canonicalize().unwrap())
}

/// Copies a folder with all below it; relative paths of the files.
pub fn copy(from: &Path, to: &Path) -> Vec<PathBuf> {
    let mut copied = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(to.join(&folder)).unwrap();
        for entry in std::fs::read_dir(from.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let rel = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(rel);
            } else {
                let bytes = std::fs::read(entry.path()).unwrap();
                std::fs::write(to.join(&rel), bytes).unwrap();
                copied.push(rel);
            }
        }
    }
    copied.sort();
    copied
}
