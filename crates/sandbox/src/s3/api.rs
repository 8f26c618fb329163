//! What s3s serves from the bucket: requests signed in a header or a query.

use crate::backend::Stored;
use crate::bucket::{Bucket, BucketError, Object};
use futures::StreamExt;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, ETag, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput,
    HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output, PutObjectInput, PutObjectOutput,
    StreamingBlob, Timestamp,
};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use std::collections::BTreeMap;
use std::io::{Seek, SeekFrom};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

pub(super) struct Api {
    pub(super) bucket: Bucket,
    pub(super) name: String,
    pub(super) stored: Option<mpsc::Sender<Stored>>,
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> S3Error {
    S3Error::with_source(S3ErrorCode::InternalError, Box::new(error))
}

fn sha256_base64(object: &Object) -> Option<String> {
    use base64::Engine as _;
    let bytes = object.checked.then(|| hex::decode(&object.sha256).ok()).flatten()?;
    Some(base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn modified(object: &Object) -> Timestamp {
    let since = Duration::from_millis(u64::try_from(object.modified_ms).unwrap_or_default());
    Timestamp::from(SystemTime::UNIX_EPOCH + since)
}

fn user_metadata(object: &Object) -> s3s::dto::Metadata {
    let names = object.headers.iter().filter_map(|(name, value)| Some((name.strip_prefix("x-amz-meta-")?, value)));
    names.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

impl Api {
    fn check_name(&self, bucket: &str) -> S3Result<()> {
        if bucket == self.name { Ok(()) } else { Err(s3_error!(NoSuchBucket)) }
    }

    async fn find(&self, bucket: &str, key: String) -> S3Result<Object> {
        self.check_name(bucket)?;
        let store = self.bucket.clone();
        let found = tokio::task::spawn_blocking(move || store.head(&key)).await.map_err(internal)?;
        found.map_err(internal)?.ok_or_else(|| s3_error!(NoSuchKey))
    }
}

#[async_trait::async_trait]
impl S3 for Api {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.check_name(&request.input.bucket)?;
        Ok(S3Response::new(HeadBucketOutput::default()))
    }

    async fn head_object(&self, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        let object = self.find(&request.input.bucket, request.input.key).await?;
        Ok(S3Response::new(HeadObjectOutput {
            content_length: Some(object.size.cast_signed()),
            checksum_sha256: sha256_base64(&object),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(modified(&object)),
            metadata: Some(user_metadata(&object)),
            content_type: Some(object.content_type),
            ..HeadObjectOutput::default()
        }))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let object = self.find(&request.input.bucket, request.input.key).await?;
        let range = request.input.range.map(|range| range.check(object.size)).transpose()?;
        let span = range.clone().unwrap_or(0..object.size);
        let mut file = self.bucket.open_object(&object).map_err(internal)?;
        file.seek(SeekFrom::Start(span.start)).map_err(internal)?;
        let length = span.end - span.start;
        let bytes = ReaderStream::with_capacity(
            tokio::io::AsyncReadExt::take(tokio::fs::File::from_std(file), length),
            256 << 10,
        );
        Ok(S3Response::new(GetObjectOutput {
            body: Some(StreamingBlob::wrap(bytes)),
            content_length: Some(length.cast_signed()),
            content_range: range.map(|range| format!("bytes {}-{}/{}", range.start, range.end - 1, object.size)),
            checksum_sha256: sha256_base64(&object),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(modified(&object)),
            metadata: Some(user_metadata(&object)),
            content_type: Some(object.content_type),
            ..GetObjectOutput::default()
        }))
    }

    async fn put_object(&self, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let input = request.input;
        self.check_name(&input.bucket)?;
        let arriving = self.bucket.receive();
        if let Some(mut body) = input.body {
            while let Some(piece) = body.next().await {
                let piece = piece.map_err(|error| S3Error::with_source(S3ErrorCode::IncompleteBody, error))?;
                arriving.write(piece).await.map_err(internal)?;
            }
        }
        let arrived = arriving.finish().await.map_err(internal)?;
        let decoded = |text: &str| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD
                .decode(text)
                .map(hex::encode)
                .map_err(|_| s3_error!(InvalidDigest))
        };
        let sha256 = input.checksum_sha256.as_deref().map(decoded).transpose()?;
        let md5 = input.content_md5.as_deref().map(decoded).transpose()?;
        if sha256.as_ref().is_some_and(|sha256| *sha256 != arrived.sha256) || md5.is_some_and(|md5| md5 != arrived.md5)
        {
            return Err(s3_error!(BadDigest));
        }
        let metadata = input.metadata.unwrap_or_default();
        let headers: BTreeMap<String, String> =
            metadata.into_iter().map(|(name, value)| (format!("x-amz-meta-{name}"), value)).collect();
        let content_type = input.content_type.unwrap_or_else(|| "binary/octet-stream".to_owned());
        let object =
            self.bucket.commit(arrived, input.key, content_type, headers, sha256.is_some()).await.map_err(internal)?;
        super::tell(self.stored.as_ref(), &object).await;
        // As S3 does, the checksum is told only where one was given.
        Ok(S3Response::new(PutObjectOutput {
            checksum_sha256: sha256_base64(&object),
            e_tag: Some(ETag::Strong(object.etag)),
            ..PutObjectOutput::default()
        }))
    }

    async fn delete_object(&self, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.check_name(&request.input.bucket)?;
        let (store, key) = (self.bucket.clone(), request.input.key);
        let deleted: Result<(), BucketError> =
            tokio::task::spawn_blocking(move || store.delete(&key)).await.map_err(internal)?;
        deleted.map_err(internal)?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        self.check_name(&input.bucket)?;
        if input.delimiter.is_some() {
            return Err(s3_error!(NotImplemented, "no delimiter in this bucket"));
        }
        let limit = u32::try_from(input.max_keys.unwrap_or(1000)).unwrap_or(1000).min(1000);
        let after = input.continuation_token.clone().or(input.start_after).unwrap_or_default();
        let (store, prefix) = (self.bucket.clone(), input.prefix.clone().unwrap_or_default());
        let listed =
            tokio::task::spawn_blocking(move || store.list(&prefix, &after, limit + 1)).await.map_err(internal)?;
        let mut objects = listed.map_err(internal)?;
        let more = objects.len() > limit as usize;
        objects.truncate(limit as usize);
        let next = objects.last().filter(|_| more).map(|object| object.key.clone());
        let contents: Vec<_> = objects
            .iter()
            .map(|object| s3s::dto::Object {
                key: Some(object.key.clone()),
                size: Some(object.size.cast_signed()),
                e_tag: Some(ETag::Strong(object.etag.clone())),
                last_modified: Some(modified(object)),
                ..s3s::dto::Object::default()
            })
            .collect();
        Ok(S3Response::new(ListObjectsV2Output {
            name: Some(input.bucket),
            prefix: input.prefix,
            key_count: i32::try_from(contents.len()).ok(),
            max_keys: i32::try_from(limit).ok(),
            contents: Some(contents),
            is_truncated: Some(more),
            next_continuation_token: next,
            continuation_token: input.continuation_token,
            ..ListObjectsV2Output::default()
        }))
    }
}
