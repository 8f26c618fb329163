//! The files that `doctor` asks about. They exist in name only, but for the one small file that is really sent.

use crate::media::content_type;
use jiff::Timestamp;
use offload_protocol::wire::PresignFile;
use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use std::path::Path;
use uuid::Uuid;

/// Bytes of the file that is really sent.
pub(super) const PROBE_BYTES: usize = 1024;
/// What a camera's raw file has.
const RAW_BYTES: u64 = 60_000_000;
/// What a long video has; under S3's limit for one POST.
const VIDEO_BYTES: u64 = 4_000_000_000;
/// More than any S3 takes in one request.
const TOO_LARGE: u64 = 6_000_000_000_000;

/// What a file is asked about for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The small JPEG that may really be sent.
    Plain,
    /// Another file of the same path: other bytes, another `file_id`.
    Twin,
    /// The same bytes under another name.
    Copy,
    Raw,
    Video,
    /// A name in Hangul, with a space; small, and may really be sent.
    Hangul,
    /// `..` in its path.
    Dots,
    /// Nothing can be signed for it.
    TooLarge,
    /// A file that is announced and never sent.
    Unsent,
}

/// A file as presign is asked about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub role: Role,
    pub file: PresignFile,
}

/// All files of a checkup; `file_id`s that were made at one moment, as the engine makes them: their beginnings are alike.
#[derive(Debug, Clone)]
pub struct Asks {
    pub plain: Asked,
    /// The bytes of `plain`, random so that no backend has them.
    pub bytes: Vec<u8>,
    /// Those of the file with the name in Hangul.
    pub hangul_bytes: Vec<u8>,
    /// What is asked about with `plain` in one request.
    pub others: Vec<Asked>,
    pub too_large: Asked,
    pub unsent: Asked,
}

impl Asks {
    /// `largest`: the largest file the backend says it takes.
    pub fn new(now: Timestamp, largest: Option<u64>) -> Self {
        let (mut bytes, mut hangul_bytes) = (vec![0; PROBE_BYTES], vec![0; PROBE_BYTES]);
        rand::rng().fill_bytes(&mut bytes);
        rand::rng().fill_bytes(&mut hangul_bytes);
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let hangul_sha256 = hex::encode(Sha256::digest(&hangul_bytes));
        let most = largest.unwrap_or(u64::MAX).max(1);
        let ask = |role, path: &str, size: u64, sha256: Option<&str>| {
            let filename = path.rsplit('/').next().unwrap_or_default().to_owned();
            Asked {
                role,
                file: PresignFile {
                    file_id: Uuid::now_v7().to_string(),
                    content_type: content_type(Path::new(&filename)).to_owned(),
                    filename,
                    path: path.to_owned(),
                    size,
                    sha256: sha256.map_or_else(|| hex::encode(rand::random::<[u8; 32]>()), str::to_owned),
                    // As file systems keep it: to the nanosecond, which some parsers of times do not expect.
                    modified_at: now.strftime("%Y-%m-%dT%H:%M:%S.214166005Z").to_string(),
                    source: "offload doctor".to_owned(),
                    supersedes: None,
                },
            }
        };
        let small = PROBE_BYTES as u64;
        Self {
            plain: ask(Role::Plain, "offload-doctor/offload-doctor-probe.jpg", small, Some(&sha256)),
            others: vec![
                ask(Role::Twin, "offload-doctor/offload-doctor-probe.jpg", small, None),
                ask(Role::Copy, "offload-doctor/offload-doctor-copy.jpg", small, Some(&sha256)),
                ask(Role::Raw, "offload-doctor/offload-doctor-probe.cr3", RAW_BYTES.min(most), None),
                ask(Role::Video, "offload-doctor/offload-doctor-probe.mp4", VIDEO_BYTES.min(most), None),
                ask(Role::Hangul, "offload-doctor/서울 봄/offload-doctor-봄 사진.jpg", small, Some(&hangul_sha256)),
                ask(Role::Dots, "offload-doctor/../offload-doctor-dots.jpg", small, None),
            ],
            too_large: ask(Role::TooLarge, "offload-doctor/offload-doctor-too-large.mp4", TOO_LARGE, None),
            unsent: ask(Role::Unsent, "offload-doctor/offload-doctor-unsent.jpg", small, None),
            bytes,
            hangul_bytes,
        }
    }
}
