//! `POST /v1/complete`: looks each file up in S3 and notes it.

use super::problem::{Refusal, files_of, internal, of_file, read_file};
use super::{Backend, Strike, What};
use crate::shelf::Seen;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Json;
use bytes::Bytes;
use jiff::Timestamp;
use offload_protocol::wire::{CompleteEntry, CompleteFile, CompleteResponse, Problem};
use std::sync::Arc;

pub(super) async fn answer(
    State(backend): State<Arc<Backend>>,
    strike: Option<Extension<Strike>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<CompleteResponse>, Refusal> {
    backend.authorise(&headers)?;
    let strike = strike.map(|Extension(strike)| strike);
    let mut files = Vec::new();
    for file in files_of(&body, backend.limits.files_per_request)? {
        let (file_id, file) = read_file::<CompleteFile>(file);
        let answered = match file {
            Ok(file) => match backend.strikes(strike.as_ref(), &file).await.map(|strike| &strike.what) {
                Some(What::Omit) => continue,
                Some(What::Unconfirmed) => Ok(Known::No),
                Some(What::FileError { status, title }) => {
                    Err(of_file(*status, "ordered", title, "This answer was ordered."))
                }
                _ => backend.complete(&file).await,
            },
            Err(problem) => Err(problem),
        };
        let entry = CompleteEntry { file_id, ..CompleteEntry::default() };
        files.push(match answered {
            Ok(Known::Confirmed) => CompleteEntry { confirmed: true, ..entry },
            Ok(Known::NotYet) => CompleteEntry { pending: true, ask_again_in: Some(1), ..entry },
            Ok(Known::No) => entry,
            Err(problem) => CompleteEntry { error: Some(problem), ..entry },
        });
    }
    Ok(Json(CompleteResponse { files }))
}

/// What is known of a file that is said to be in S3.
enum Known {
    Confirmed,
    /// S3 has not told of it.
    NotYet,
    /// On order: neither confirmed nor refused.
    No,
}

impl Backend {
    /// The fault, if it is for this file.
    async fn strikes<'a>(&self, strike: Option<&'a Strike>, file: &CompleteFile) -> Option<&'a Strike> {
        let strike = strike?;
        if !strike.is_for_a_path() || strike.touches(&file.key) {
            return Some(strike);
        }
        let (records, file_id) = (self.records.clone(), file.file_id.clone());
        let path = tokio::task::spawn_blocking(move || records.path_of(&file_id)).await.ok()?.ok()??;
        strike.touches(&path).then_some(strike)
    }

    async fn complete(&self, file: &CompleteFile) -> Result<Known, Problem> {
        self.check_record(file).await?;
        let seen = if self.events {
            let Some(seen) = self.arrival(&file.key).await? else { return Ok(Known::NotYet) };
            Some(seen)
        } else {
            self.shelf.head(&file.key).await.map_err(|error| internal(&error))?
        };
        check_object(file, seen.as_ref())?;
        let (records, account, file) = (self.records.clone(), self.account.clone(), file.clone());
        let now = Timestamp::now().to_string();
        let note = move || records.confirmed(&account, &file, &now);
        tokio::task::spawn_blocking(note).await.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?;
        Ok(Known::Confirmed)
    }

    async fn arrival(&self, key: &str) -> Result<Option<Seen>, Problem> {
        let (records, key) = (self.records.clone(), key.to_owned());
        tokio::task::spawn_blocking(move || records.arrival(&key))
            .await
            .map_err(|error| internal(&error))?
            .map_err(|error| internal(&error))
    }

    /// Only what was presigned can be completed, and only under a key that was given for it.
    async fn check_record(&self, file: &CompleteFile) -> Result<(), Problem> {
        let (records, account, file) = (self.records.clone(), self.account.clone(), file.clone());
        let check = move || -> rusqlite::Result<Result<(), Problem>> {
            let Some(record) = records.find(&account, &file.file_id)? else {
                let detail = "Ask for a form first.";
                return Ok(Err(of_file(404, "unknown-file", "This file_id was never presigned", detail)));
            };
            if record.sha256 != file.sha256 || record.size != file.size {
                let detail = "Size or sha256 is not what the last presign of this file_id announced.";
                return Ok(Err(of_file(409, "other-bytes", "These are other bytes than were announced", detail)));
            }
            if record.key != file.key && !records.holds(&account, &file.sha256, file.size, &file.key)? {
                let detail = "The key is not the one that was given for this file_id.";
                return Ok(Err(of_file(422, "other-key", "This key belongs to no such file", detail)));
            }
            Ok(Ok(()))
        };
        tokio::task::spawn_blocking(check).await.map_err(|error| internal(&error))?.map_err(|error| internal(&error))?
    }
}

/// Whether what S3 has is what the client says it sent.
fn check_object(file: &CompleteFile, seen: Option<&Seen>) -> Result<(), Problem> {
    let not_there =
        |detail: String| of_file(409, "not-in-bucket", "The file is not in the bucket as described", detail);
    let Some(seen) = seen else { return Err(not_there("There is no object under this key.".to_owned())) };
    if seen.size != file.size {
        return Err(not_there(format!("The object has {} bytes, not {}.", seen.size, file.size)));
    }
    if let Some(sha256) = &seen.sha256 {
        return if *sha256 == file.sha256 {
            Ok(())
        } else {
            Err(not_there("The object's SHA-256 is another.".to_owned()))
        };
    }
    match (&seen.etag, &file.etag) {
        (Some(there), Some(said)) if there != said => Err(not_there("The object's ETag is another.".to_owned())),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{CompleteFile, Seen, check_object};

    #[test]
    fn objects_are_compared() {
        let file = |etag: Option<&str>| CompleteFile {
            file_id: String::new(),
            key: "k".into(),
            size: 5,
            etag: etag.map(Into::into),
            sha256: "aa".into(),
            media: Default::default(),
        };
        let seen = |size, etag: &str, sha256: Option<&str>| Seen {
            size,
            etag: Some(etag.into()),
            sha256: sha256.map(Into::into),
        };
        let table = [
            (file(Some("e")), None, false),
            (file(Some("e")), Some(seen(5, "e", None)), true),
            (file(Some("e")), Some(seen(4, "e", None)), false),
            (file(Some("e")), Some(seen(5, "f", None)), false),
            (file(None), Some(seen(5, "f", None)), true),
            (file(Some("e")), Some(seen(5, "f", Some("aa"))), true),
            (file(Some("e")), Some(seen(5, "e", Some("bb"))), false),
        ];
        for (file, seen, good) in table {
            assert_eq!(check_object(&file, seen.as_ref()).is_ok(), good, "{file:?} {seen:?}");
        }
    }
}
