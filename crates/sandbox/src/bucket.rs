//! The bucket on disk: bytes in files, names in a small database beside them.
//!
//! An object's file has a random name, since keys go beyond what file systems take (1024 bytes, `..`, two spellings that
//! differ in case). Bytes go to a file of their own first; one row makes them the object. So an upload that breaks off, fails
//! its check, or dies with the process leaves no object and does not touch the one that was there.

use bytes::Bytes;
use md5::Md5;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    pub key: String,
    pub size: u64,
    /// MD5 of the bytes, hex, without quotes.
    pub etag: String,
    /// Hex.
    pub sha256: String,
    pub content_type: String,
    /// `x-amz-meta-*` and other headers that were stored, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Whether the sender gave a SHA-256 to check against, as S3 then shows it on HEAD.
    pub checked: bool,
    /// Milliseconds since 1970.
    pub modified_ms: i64,
    /// How often an upload under this key succeeded.
    pub uploads: u64,
    #[serde(skip)]
    file: String,
}

#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    #[error("the bucket's files: {0}")]
    Io(#[from] io::Error),
    #[error("the bucket's index: {0}")]
    Index(#[from] rusqlite::Error),
    #[error("a task of the bucket ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// A bucket in a directory. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    index: Mutex<Connection>,
}

const COLUMNS: &str = "key, size, etag, sha256, content_type, headers, checked, modified_ms, uploads, file";

impl Bucket {
    /// Opens or makes the bucket and removes what uploads that broke off left behind.
    pub(crate) fn open(root: &Path) -> Result<Self, BucketError> {
        fs::create_dir_all(root.join("objects"))?;
        let arriving = root.join("arriving");
        if arriving.exists() {
            fs::remove_dir_all(&arriving)?;
        }
        fs::create_dir_all(&arriving)?;
        let index = crate::record::open_database(&root.join("index.db"))?;
        index.execute_batch(
            "CREATE TABLE IF NOT EXISTS objects (key TEXT PRIMARY KEY, size INTEGER NOT NULL, etag TEXT NOT NULL,
               sha256 TEXT NOT NULL, content_type TEXT NOT NULL, headers TEXT NOT NULL, checked INTEGER NOT NULL,
               modified_ms INTEGER NOT NULL, uploads INTEGER NOT NULL, file TEXT NOT NULL) WITHOUT ROWID;",
        )?;
        Ok(Self { inner: Arc::new(Inner { root: root.to_owned(), index: Mutex::new(index) }) })
    }

    fn index(&self) -> MutexGuard<'_, Connection> {
        self.inner.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to take an object's bytes.
    pub(crate) fn receive(&self) -> Arriving {
        let path = self.inner.root.join("arriving").join(Uuid::new_v4().simple().to_string());
        let (sender, receiver) = mpsc::channel(16);
        Arriving { sender, task: tokio::task::spawn_blocking(move || take_in(path, receiver)) }
    }

    /// Makes the bytes an object, in place of the one that was there.
    pub(crate) async fn commit(
        &self,
        arrived: Arrived,
        key: String,
        content_type: String,
        headers: BTreeMap<String, String>,
        checked: bool,
    ) -> Result<Object, BucketError> {
        let bucket = self.clone();
        tokio::task::spawn_blocking(move || bucket.store(arrived, key, content_type, headers, checked)).await?
    }

    fn store(
        &self,
        mut arrived: Arrived,
        key: String,
        content_type: String,
        headers: BTreeMap<String, String>,
        checked: bool,
    ) -> Result<Object, BucketError> {
        let name = Uuid::new_v4().simple().to_string();
        let file = format!("{}/{}", &name[..2], &name[2..]);
        let path = self.inner.root.join("objects").join(&file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&arrived.path, &path)?;
        // From here on the guard must not remove it.
        arrived.path = PathBuf::new();
        let object = Object {
            key,
            size: arrived.size,
            etag: arrived.md5.clone(),
            sha256: arrived.sha256.clone(),
            content_type,
            headers,
            checked,
            modified_ms: jiff::Timestamp::now().as_millisecond(),
            uploads: 1,
            file,
        };
        let old = self.insert(&object).inspect_err(|_| drop(fs::remove_file(&path)))?;
        if let Some(old) = old {
            drop(fs::remove_file(self.inner.root.join("objects").join(old)));
        }
        Ok(object)
    }

    fn insert(&self, object: &Object) -> Result<Option<String>, BucketError> {
        let mut index = self.index();
        let transaction = index.transaction()?;
        let old = transaction
            .prepare_cached("SELECT file FROM objects WHERE key = ?")?
            .query_row([&object.key], |row| row.get(0))
            .optional()?;
        let headers = serde_json::Value::from_iter(object.headers.clone()).to_string();
        transaction
            .prepare_cached(
                "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (key) DO UPDATE SET
                   size = excluded.size, etag = excluded.etag, sha256 = excluded.sha256, content_type = excluded.content_type,
                   headers = excluded.headers, checked = excluded.checked, modified_ms = excluded.modified_ms,
                   uploads = uploads + 1, file = excluded.file",
            )?
            .execute(params![
                object.key,
                object.size.cast_signed(),
                object.etag,
                object.sha256,
                object.content_type,
                headers,
                object.checked,
                object.modified_ms,
                object.file
            ])?;
        transaction.commit()?;
        Ok(old)
    }

    /// `None`: no such object.
    pub(crate) fn head(&self, key: &str) -> Result<Option<Object>, BucketError> {
        let index = self.index();
        let mut query = index.prepare_cached(&format!("SELECT {COLUMNS} FROM objects WHERE key = ?"))?;
        Ok(query.query_row([key], object_of_row).optional()?)
    }

    /// Objects by key, after `after` and beginning with `prefix`, at most `limit`.
    pub(crate) fn list(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<Object>, BucketError> {
        let index = self.index();
        let mut query = index.prepare_cached(&format!(
            "SELECT {COLUMNS} FROM objects WHERE key > ?1 AND key >= ?2 AND substr(key, 1, length(?2)) = ?2 ORDER BY key LIMIT ?3"
        ))?;
        let rows = query.query_map(params![after, prefix, limit], object_of_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Opens an object's bytes.
    pub(crate) fn open_object(&self, object: &Object) -> io::Result<File> {
        File::open(self.inner.root.join("objects").join(&object.file))
    }

    /// Removes an object; no error if there is none.
    pub(crate) fn delete(&self, key: &str) -> Result<(), BucketError> {
        let Some(object) = self.head(key)? else { return Ok(()) };
        self.index().execute("DELETE FROM objects WHERE key = ?", [key])?;
        drop(fs::remove_file(self.inner.root.join("objects").join(object.file)));
        Ok(())
    }
}

fn object_of_row(row: &Row<'_>) -> rusqlite::Result<Object> {
    let headers: String = row.get(5)?;
    Ok(Object {
        key: row.get(0)?,
        size: row.get::<_, i64>(1)?.cast_unsigned(),
        etag: row.get(2)?,
        sha256: row.get(3)?,
        content_type: row.get(4)?,
        headers: serde_json::from_str(&headers).unwrap_or_default(),
        checked: row.get(6)?,
        modified_ms: row.get(7)?,
        uploads: row.get::<_, i64>(8)?.cast_unsigned(),
        file: row.get(9)?,
    })
}

/// Bytes on their way in. Dropping it forgets them.
#[derive(Debug)]
pub(crate) struct Arriving {
    sender: mpsc::Sender<Bytes>,
    task: JoinHandle<io::Result<Arrived>>,
}

impl Arriving {
    /// Waits while the disk is behind.
    pub(crate) async fn write(&self, bytes: Bytes) -> io::Result<()> {
        self.sender.send(bytes).await.map_err(|_| io::Error::other("the writer stopped"))
    }

    pub(crate) async fn finish(self) -> Result<Arrived, BucketError> {
        drop(self.sender);
        Ok(self.task.await??)
    }
}

/// Bytes that are all here, not yet an object. Dropping it removes them.
#[derive(Debug)]
pub(crate) struct Arrived {
    path: PathBuf,
    pub(crate) size: u64,
    /// Hex.
    pub(crate) md5: String,
    /// Hex.
    pub(crate) sha256: String,
}

impl Drop for Arrived {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn take_in(path: PathBuf, mut receiver: mpsc::Receiver<Bytes>) -> io::Result<Arrived> {
    let mut file = File::create_new(&path)?;
    let mut arrived = Arrived { path, size: 0, md5: String::new(), sha256: String::new() };
    let (mut md5, mut sha256) = (Md5::new(), Sha256::new());
    while let Some(bytes) = receiver.blocking_recv() {
        md5.update(&bytes);
        sha256.update(&bytes);
        file.write_all(&bytes)?;
        arrived.size += bytes.len() as u64;
    }
    arrived.md5 = hex::encode(md5.finalize());
    arrived.sha256 = hex::encode(sha256.finalize());
    Ok(arrived)
}
