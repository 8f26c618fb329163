//! Digests of a file: once over the whole before it is sent, and again over the very bytes that are sent.

use crate::cause::{Cause, Code};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::{CrcAlgorithm, Digest as Crc};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

const BUFFER: usize = 1 << 20;

/// What a file's bytes add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    pub sha256: [u8; 32],
    /// CRC-64/NVME, cheap enough to be taken again while sending.
    pub crc: u64,
    pub bytes: u64,
}

impl Digests {
    /// SHA-256 as 64 lower-case hex digits, as the backend protocol has it.
    pub fn sha256_hex(&self) -> String {
        hex::encode(self.sha256)
    }

    /// SHA-256 in base64, as `x-amz-checksum-sha256` has it.
    pub fn sha256_base64(&self) -> String {
        STANDARD.encode(self.sha256)
    }
}

/// Why a file has no digest.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// Not as many bytes as the file had when it was looked at.
    #[error("the file has {found} bytes now, and had {expected}")]
    Changed { expected: u64, found: u64 },
    #[error("cancelled")]
    Cancelled,
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
}

impl From<DigestError> for Cause {
    fn from(error: DigestError) -> Self {
        match error {
            DigestError::Changed { .. } => Self::new(Code::ChangedWhileSending, error.to_string()),
            DigestError::Cancelled => Self::new(Code::Cancelled, "cancelled while reading the file"),
            DigestError::Io(error) => unreadable(&error),
        }
    }
}

/// The cause of an I/O error at a local file.
pub fn unreadable(error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::NotFound => Cause::new(Code::Vanished, "the file is no longer there"),
        io::ErrorKind::PermissionDenied => Cause::new(Code::Unreadable, "no permission to read the file")
            .hint("give your account the right to read it, then retry"),
        _ => Cause::new(Code::Unreadable, format!("the file can't be read: {error}"))
            .hint("check the disk or card it is on, then retry"),
    }
}

/// Reads the whole file once, through one buffer of 1 MiB. Blocks: not for a runtime thread.
///
/// Gives up as soon as more than `expected` bytes come, and between two buffers once `cancel` is set.
pub fn digest(path: &Path, expected: u64, cancel: &AtomicBool) -> Result<Digests, DigestError> {
    let mut file = File::open(path)?;
    let mut sha256 = Sha256::new();
    let mut crc = Crc::new(CrcAlgorithm::Crc64Nvme);
    // One byte more than expected is enough to see that there is more.
    let enough = usize::try_from(expected).unwrap_or(BUFFER).saturating_add(1);
    let mut buffer = vec![0; BUFFER.min(enough)];
    let mut bytes = 0;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(DigestError::Cancelled);
        }
        let read = read_some(&mut file, &mut buffer)?;
        let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else { break };
        sha256.update(chunk);
        crc.update(chunk);
        bytes += read as u64;
        if bytes > expected {
            break;
        }
    }
    if bytes != expected {
        return Err(DigestError::Changed { expected, found: bytes });
    }
    Ok(Digests { sha256: sha256.finalize().into(), crc: crc.finalize(), bytes })
}

/// As `Read::read`, with interruptions passed over.
fn read_some(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Digests of the bytes on their way: the CRC proves that they are the bytes that were hashed, the MD5 is what S3's ETag shows.
pub struct Running {
    md5: Md5,
    crc: Crc,
    bytes: u64,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

impl Default for Running {
    fn default() -> Self {
        Self::new()
    }
}

impl Running {
    pub fn new() -> Self {
        Self { md5: Md5::new(), crc: Crc::new(CrcAlgorithm::Crc64Nvme), bytes: 0 }
    }

    pub fn update(&mut self, chunk: &[u8]) {
        self.md5.update(chunk);
        self.crc.update(chunk);
        self.bytes += chunk.len() as u64;
    }

    /// Bytes seen so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether these are the bytes that `digests` were taken of.
    pub fn agrees_with(&self, digests: &Digests) -> bool {
        self.bytes == digests.bytes && self.crc.finalize() == digests.crc
    }

    /// MD5 as 32 lower-case hex digits.
    pub fn md5_hex(self) -> String {
        hex::encode(self.md5.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn digest_now(path: &Path, expected: u64) -> Result<Digests, DigestError> {
        digest(path, expected, &AtomicBool::new(false))
    }

    #[test]
    fn known_digests() {
        // CRC-64/NVME's check value is of the CRC catalogue; SHA-256 and MD5 of RFC and FIPS test texts.
        let cases: [(&[u8], &str, &str, u64); 2] = [
            (
                b"",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "d41d8cd98f00b204e9800998ecf8427e",
                0,
            ),
            (
                b"123456789",
                "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
                "25f9e794323b453885f5181f1b624d0b",
                0xae8b_1486_0a79_9888,
            ),
        ];
        for (bytes, sha256, md5, crc) in cases {
            let digests = digest_now(file_of(bytes).path(), bytes.len() as u64).unwrap();
            assert_eq!(digests.sha256_hex(), sha256);
            assert_eq!(digests.crc, crc);
            let mut running = Running::new();
            for byte in bytes {
                running.update(&[*byte]);
            }
            assert!(running.agrees_with(&digests));
            assert_eq!(running.md5_hex(), md5);
        }
        let empty = digest_now(file_of(b"").path(), 0).unwrap();
        assert_eq!(empty.sha256_base64(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn buffers_do_not_show_in_the_digest() {
        let bytes: Vec<u8> = (0..BUFFER * 2 + 12_345).map(|i| (i * 31 % 251) as u8).collect();
        let digests = digest_now(file_of(&bytes).path(), bytes.len() as u64).unwrap();
        assert_eq!(digests.sha256, <[u8; 32]>::from(Sha256::digest(&bytes)));
        let mut running = Running::new();
        bytes.chunks(77_777).for_each(|chunk| running.update(chunk));
        assert!(running.agrees_with(&digests));
        let mut other = Running::new();
        let mut flipped = bytes.clone();
        flipped[BUFFER + 7] ^= 1;
        other.update(&flipped);
        assert!(!other.agrees_with(&digests));
    }

    #[test]
    fn another_size_a_missing_file_and_a_cancel_are_told_apart() {
        let file = file_of(b"abcdef");
        assert!(matches!(digest_now(file.path(), 7), Err(DigestError::Changed { expected: 7, found: 6 })));
        assert!(matches!(digest_now(file.path(), 5), Err(DigestError::Changed { expected: 5, .. })));
        assert!(matches!(digest(file.path(), 6, &AtomicBool::new(true)), Err(DigestError::Cancelled)));
        let gone = digest_now(&file.path().with_extension("gone"), 6).unwrap_err();
        assert_eq!(Cause::from(gone).code, Code::Vanished);
        let folder = digest_now(std::env::temp_dir().as_path(), 6).unwrap_err();
        assert_eq!(Cause::from(folder).code, Code::Unreadable);
        assert_eq!(Cause::from(DigestError::Changed { expected: 1, found: 2 }).code, Code::ChangedWhileSending);
    }
}
