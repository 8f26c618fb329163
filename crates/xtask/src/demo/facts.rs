//! What is said of each file in three places: on disk, by Offload's ledger, and by backend and bucket.

use super::backends::Backends;
use super::folder::OnDisk;
use super::process::Offload;
use super::{http, interrupt};
use anyhow::Result;
use serde::Deserialize;

/// Of `offload status --json`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Status {
    pub(super) health: String,
    pub(super) detail: Option<String>,
    pub(super) running: bool,
    pub(super) totals: Totals,
    pub(super) sources: Vec<Source>,
    /// Bytes a second.
    pub(super) speed: u64,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Source {
    pub(super) scanning: bool,
}

/// Count and bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Totals {
    pub(super) settling: Tally,
    pub(super) queued: Tally,
    pub(super) uploading: Tally,
    pub(super) uploaded: Tally,
    pub(super) confirmed: Tally,
    pub(super) waiting: Tally,
    pub(super) failed: Tally,
    pub(super) skipped: Tally,
    pub(super) missing: Tally,
}

impl Totals {
    pub(super) fn pending(&self) -> u64 {
        [self.settling, self.queued, self.uploading, self.uploaded, self.waiting].iter().map(|tally| tally.files).sum()
    }

    pub(super) fn all(&self) -> Tally {
        let parts = [
            self.settling,
            self.queued,
            self.uploading,
            self.uploaded,
            self.confirmed,
            self.waiting,
            self.failed,
            self.skipped,
            self.missing,
        ];
        parts
            .iter()
            .fold(Tally::default(), |sum, part| Tally { files: sum.files + part.files, bytes: sum.bytes + part.bytes })
    }
}

/// A version of a file, of `offload list --json`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Row {
    pub(super) file_id: String,
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) key: Option<String>,
    pub(super) current: bool,
    /// Bytes of the attempt under way.
    pub(super) sent: Option<u64>,
}

/// What the backend recorded of a `file_id`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Record {
    pub(super) file_id: String,
    pub(super) key: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    /// RFC 3339.
    pub(super) confirmed_at: Option<String>,
}

/// An object of the bucket, with the SHA-256 of its bytes as they were read back.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object {
    pub(super) key: String,
    pub(super) size: u64,
    pub(super) sha256: String,
}

/// All of it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) disk: Vec<OnDisk>,
    pub(super) ledger: Vec<Row>,
    pub(super) backend: Vec<Record>,
    pub(super) bucket: Vec<Object>,
}

impl Facts {
    /// Each place is asked by its own way; every object is read back and hashed here.
    pub(super) fn gather(disk: Vec<OnDisk>, offload: &Offload, backends: &Backends) -> Result<Self> {
        let sandbox = &backends.sandbox;
        #[derive(Deserialize)]
        struct Listed {
            key: String,
        }
        let mut bucket = Vec::new();
        for Listed { key } in http::json::<Vec<Listed>>(&sandbox.host, "/_sandbox/objects")? {
            interrupt::check()?;
            let (size, sha256) = http::object(&sandbox.host, &key)?;
            bucket.push(Object { key, size, sha256 });
        }
        let backend = match &backends.django {
            Some(django) => django.records()?,
            None => http::json(&sandbox.host, "/_sandbox/records")?,
        };
        Ok(Self { disk, ledger: offload.list(None)?, backend, bucket })
    }
}
