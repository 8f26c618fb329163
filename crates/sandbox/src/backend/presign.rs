//! `POST /v1/presign`: a form or a signed URL per file, a `SKIP`, or an error.

use super::problem::{Refusal, files_of, internal, is_sha256, of_file, read_file};
use super::{Backend, Strike, What};
use crate::key::{object_key, parse_file_id};
use crate::options::{LengthRule, SignRule};
use crate::sigv4::{ALGORITHM, amz_date, encode_key, policy_date};
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use offload_protocol::wire::{
    Fields, PresignEntry, PresignFile, PresignResponse, PresignedPost, PresignedPut, Problem, Upload,
};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// S3's limit for one POST.
const MAX_POST: u64 = 5 << 30;

pub(super) async fn answer(
    State(backend): State<Arc<Backend>>,
    strike: Option<Extension<Strike>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<PresignResponse>, Refusal> {
    backend.authorise(&headers)?;
    let strike = strike.map(|Extension(strike)| strike);
    let mut files = Vec::new();
    for file in files_of(&body, backend.limits.files_per_request)? {
        let (file_id, file) = read_file::<PresignFile>(file);
        let answered = match file {
            Ok(file) => match ordered_for(strike.as_ref(), &file) {
                Some(Ordered::Omit) => continue,
                Some(Ordered::Answer(answer)) => answer,
                None => backend.presign(&file, skew(strike.as_ref(), &file)).await,
            },
            Err(problem) => Err(problem),
        };
        let (upload, error) = match answered {
            Ok(upload) => (Some(upload), None),
            Err(problem) => (None, Some(problem)),
        };
        files.push(PresignEntry { file_id, upload, error });
    }
    Ok(Json(PresignResponse { files }))
}

enum Ordered {
    Omit,
    Answer(Result<Upload, Problem>),
}

fn ordered_for(strike: Option<&Strike>, file: &PresignFile) -> Option<Ordered> {
    let strike = strike.filter(|strike| strike.touches(&file.path))?;
    Some(match &strike.what {
        What::Omit => Ordered::Omit,
        What::FileError { status, title } => {
            Ordered::Answer(Err(of_file(*status, "ordered", title, "This answer was ordered.")))
        }
        What::Multipart => {
            let members =
                BTreeMap::from([("upload_id".to_owned(), json!("ordered")), ("part_size".to_owned(), json!(8 << 20))]);
            Ordered::Answer(Ok(Upload::Multipart(members)))
        }
        _ => return None,
    })
}

fn skew(strike: Option<&Strike>, file: &PresignFile) -> i64 {
    match strike.filter(|strike| strike.touches(&file.path)).map(|strike| &strike.what) {
        Some(What::Clock { skew }) => *skew,
        _ => 0,
    }
}

impl Backend {
    async fn presign(&self, file: &PresignFile, skew: i64) -> Result<Upload, Problem> {
        self.check(file)?;
        let id = parse_file_id(&file.file_id).ok_or_else(|| {
            of_file(422, "bad-file-id", "file_id is not a UUID", "Expected lower-case hex digits with hyphens.")
        })?;
        let found = self.lookup(file).await?;
        let fresh = || object_key(&self.account, id, &file.path);
        if let Some(held) = found.held
            && self.still_there(&held, file).await?
        {
            self.note(file, found.key.unwrap_or_else(|| held.clone())).await?;
            return Ok(Upload::Skip { key: held });
        }
        // A record may name another file's key, after a SKIP; nothing may be sent there.
        let key = found.key.filter(|key| key.contains(&id.simple().to_string())).unwrap_or_else(fresh);
        self.note(file, key.clone()).await?;
        let skew = SignedDuration::from_secs(skew);
        let now = Timestamp::now().checked_add(skew).map_err(|error| internal(&error))?;
        Ok(match self.sign {
            SignRule::Post => Upload::Post(self.form(file, key, now)),
            SignRule::Put => Upload::Put(self.put(file, key, now)),
        })
    }

    fn check(&self, file: &PresignFile) -> Result<(), Problem> {
        if !is_sha256(&file.sha256) {
            return Err(of_file(422, "bad-sha256", "sha256 is not a SHA-256", "Expected 64 lower-case hex digits."));
        }
        let largest = self.limits.max_file_size.unwrap_or(MAX_POST).min(MAX_POST);
        if file.size > largest {
            let detail = format!("The file has {} bytes; at most {largest} are taken.", file.size);
            return Err(of_file(413, "too-large", "The file is too large", detail));
        }
        let content_type = &file.content_type;
        if content_type.is_empty()
            || content_type.len() > 255
            || !content_type.bytes().all(|b| matches!(b, 0x20..=0x7e))
        {
            return Err(of_file(
                422,
                "bad-content-type",
                "content_type is not a media type",
                "Expected visible ASCII.",
            ));
        }
        if file.path.is_empty() || file.filename.is_empty() {
            return Err(of_file(422, "bad-path", "The file has no name", "path and filename must not be empty."));
        }
        Ok(())
    }

    async fn lookup(&self, file: &PresignFile) -> Result<Found, Problem> {
        let (records, account, file, same) =
            (self.records.clone(), self.account.clone(), file.clone(), self.skip_same_content);
        let lookup = move || -> rusqlite::Result<Result<Found, Problem>> {
            let Some(record) = records.find(&account, &file.file_id)? else {
                let held = if same { records.find_same(&account, &file)? } else { None };
                return Ok(Ok(Found { key: None, held }));
            };
            let held = match (record.is_confirmed(), record.sha256 == file.sha256 && record.size == file.size) {
                (true, true) => Some(record.key.clone()),
                (true, false) => {
                    let detail = "A changed file is a new version and needs a file_id of its own.";
                    return Ok(Err(of_file(409, "other-bytes", "This file_id was confirmed with other bytes", detail)));
                }
                (false, _) if same => records.find_same(&account, &file)?,
                (false, _) => None,
            };
            Ok(Ok(Found { key: Some(record.key), held }))
        };
        tokio::task::spawn_blocking(lookup)
            .await
            .map_err(|error| internal(&error))?
            .map_err(|error| internal(&error))?
    }

    async fn still_there(&self, key: &str, file: &PresignFile) -> Result<bool, Problem> {
        let seen = self.shelf.head(key).await.map_err(|error| internal(&error))?;
        Ok(seen.is_some_and(|seen| seen.size == file.size && seen.sha256.is_none_or(|sha256| sha256 == file.sha256)))
    }

    async fn note(&self, file: &PresignFile, key: String) -> Result<(), Problem> {
        let (records, account, file) = (self.records.clone(), self.account.clone(), file.clone());
        let note = move || records.presigned(&account, &file, &key);
        tokio::task::spawn_blocking(note).await.map_err(|error| internal(&error))?.map_err(|error| internal(&error))
    }

    /// A URL for exactly this key, type and content. Its length is bound by the checksum alone.
    fn put(&self, file: &PresignFile, key: String, now: Timestamp) -> PresignedPut {
        let mut headers = vec![
            ("content-type".to_owned(), file.content_type.clone()),
            ("x-amz-meta-file-id".to_owned(), file.file_id.clone()),
        ];
        if self.sign_checksum {
            headers.push(("x-amz-checksum-sha256".to_owned(), sha256_base64(file)));
        }
        let address = format!("{}/{}", self.post_url, encode_key(&key));
        let after_scheme = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let (host, path) = after_scheme.split_at(after_scheme.find('/').unwrap_or(after_scheme.len()));
        let signed: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let query = self.signer.query("PUT", host, path, now, self.policy_expiry, &signed);
        let url = format!("{address}?{query}");
        PresignedPut { url, headers: Fields(headers), key, expires_in: self.policy_expiry }
    }

    /// A form for exactly this key, type, length and content.
    fn form(&self, file: &PresignFile, key: String, now: Timestamp) -> PresignedPost {
        let date = amz_date(now);
        let day = &date[..8];
        let mut fields = vec![
            ("key".to_owned(), key.clone()),
            ("Content-Type".to_owned(), file.content_type.clone()),
            ("success_action_status".to_owned(), "201".to_owned()),
            ("x-amz-meta-file-id".to_owned(), file.file_id.clone()),
        ];
        if self.sign_checksum {
            fields.push(("x-amz-checksum-algorithm".to_owned(), "SHA256".to_owned()));
            fields.push(("x-amz-checksum-sha256".to_owned(), sha256_base64(file)));
        }
        fields.push(("x-amz-algorithm".to_owned(), ALGORITHM.to_owned()));
        fields.push(("x-amz-credential".to_owned(), self.signer.credential(day)));
        fields.push(("x-amz-date".to_owned(), date.clone()));
        if let Some(token) = &self.signer.session_token {
            fields.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        let (smallest, largest) = match self.length {
            LengthRule::Exact => (file.size, file.size),
            LengthRule::UpTo(largest) => (0, largest),
        };
        let mut conditions =
            vec![json!({ "bucket": self.bucket_name }), json!(["content-length-range", smallest, largest])];
        conditions.extend(fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value])));
        let lasts = SignedDuration::from_secs(i64::try_from(self.policy_expiry).unwrap_or(i64::MAX));
        let expiration = policy_date(now.saturating_add(lasts).unwrap_or(Timestamp::MAX));
        let policy = STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string());
        let signature = self.signer.sign(day, &policy);
        fields.push(("policy".to_owned(), policy));
        fields.push(("x-amz-signature".to_owned(), signature));
        PresignedPost { url: self.post_url.clone(), fields: Fields(fields), key, expires_in: self.policy_expiry }
    }
}

fn sha256_base64(file: &PresignFile) -> String {
    STANDARD.encode(hex::decode(&file.sha256).unwrap_or_default())
}

/// What the record says before a form is given.
struct Found {
    /// The key of an earlier presign.
    key: Option<String>,
    /// A key under which these bytes were confirmed.
    held: Option<String>,
}
