//! Holds ledger, backend record, bucket and disk against each other, row by row.

use crate::Studio;
use offload_protocol::view::{FileRow, State};
use offload_sandbox::Sandbox;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What must hold at any time: every confirmed row is in record and bucket with its bytes, under a key that is its own.
pub fn green_means_safe(rows: &[FileRow], sandbox: &Sandbox) {
    let records: HashMap<String, _> =
        sandbox.records().unwrap().into_iter().map(|record| (record.file_id.clone(), record)).collect();
    for row in rows.iter().filter(|row| row.state == State::Confirmed) {
        let record = records
            .get(&row.file_id)
            .unwrap_or_else(|| panic!("{} is green, but the backend knows nothing of it", row.path));
        let key = row.key.as_deref().expect("a confirmed row has its key");
        assert_eq!(record.key, key, "{}: ledger and backend name different keys", row.path);
        let bytes = sandbox
            .read_object(key)
            .unwrap()
            .unwrap_or_else(|| panic!("{} is green, but {key} is not in the bucket", row.path));
        assert_eq!(bytes.len() as u64, row.size, "{}", row.path);
        assert_eq!(Some(sha256(&bytes)), row.sha256, "{}: other bytes lie in the bucket", row.path);
        assert_eq!(record.sha256, sha256(&bytes));
    }
    let mut keys: HashMap<&str, &FileRow> = HashMap::new();
    for row in rows.iter().filter(|row| row.key.is_some()) {
        let key = row.key.as_deref().unwrap();
        if let Some(other) = keys.insert(key, row) {
            assert_eq!(other.sha256, row.sha256, "{} and {} share the key {key}", other.path, row.path);
        }
    }
}

/// What must hold at the end: besides, the latest version of every file on disk is green, and nothing else is in the bucket
/// than what the ledger sent.
pub async fn nothing_is_lost(studio: &Studio, folder: &Path, paths: &[(String, std::path::PathBuf)]) {
    all_arrived(&studio.rows().await, &studio.sandbox, folder, paths);
}

/// The same for rows from wherever.
pub fn all_arrived(rows: &[FileRow], sandbox: &Sandbox, folder: &Path, paths: &[(String, std::path::PathBuf)]) {
    green_means_safe(rows, sandbox);
    for (shown, path) in paths {
        let bytes = std::fs::read(path).unwrap();
        let row = rows
            .iter()
            .find(|row| row.path == *shown && row.current)
            .unwrap_or_else(|| panic!("{shown:?} under {} is not in the ledger", folder.display()));
        assert_eq!(row.state, State::Confirmed, "{shown}: {row:#?}");
        assert_eq!(row.sha256, Some(sha256(&bytes)), "{shown}: the version on disk is not the one that was sent");
    }
    let sent: std::collections::HashSet<&str> = rows.iter().filter_map(|row| row.key.as_deref()).collect();
    for object in sandbox.objects().unwrap() {
        assert!(
            sent.contains(object.key.as_str()),
            "{} is in the bucket, but no row of the ledger says so",
            object.key
        );
    }
}
