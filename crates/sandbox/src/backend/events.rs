//! Learning from S3 itself what arrived: event notifications, as <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.
//!
//! The embedded S3 sends its own after the delay that was asked for; another S3 (Ceph RGW, MinIO) can be told to push to `POST /_sandbox/events`.

use super::Backend;
use super::problem::Refusal;
use crate::bucket::Object;
use crate::sigv4::encode_key;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What the embedded S3 stored, on its way to whoever listens.
pub(crate) type Stored = (Instant, Object);

/// S3's JSON; members that are not looked at are left out.
#[derive(Debug, Deserialize)]
pub(super) struct Notification {
    #[serde(rename = "Records", default)]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    #[serde(default)]
    event_name: String,
    s3: Entity,
}

#[derive(Debug, Deserialize)]
struct Entity {
    bucket: Named,
    object: Keyed,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Keyed {
    /// As in a form: percent-encoded, `+` for a space.
    key: String,
}

/// The notification of one object that was stored.
fn notification(bucket: &str, object: &Object) -> Value {
    // As in a form, slashes bare: a space is a plus.
    let key = encode_key(&object.key).replace("%20", "+");
    let at = jiff::Timestamp::from_millisecond(object.modified_ms).unwrap_or_default().to_string();
    json!({ "Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Post", "eventTime": at,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": { "name": bucket },
            "object": { "key": key, "size": object.size, "eTag": object.etag, "sequencer": format!("{:016X}", object.modified_ms) },
        },
    }] })
}

/// Brings each notification to the backend, `delay` after its object was stored. Ends with the S3.
pub(crate) async fn deliver(backend: Arc<Backend>, mut stored: mpsc::Receiver<Stored>, delay: Duration) {
    while let Some((at, object)) = stored.recv().await {
        tokio::time::sleep_until(at + delay).await;
        let sent = notification(&backend.bucket_name, &object);
        match serde_json::from_value(sent) {
            Ok(notification) => backend.heard(notification).await,
            Err(error) => tracing::error!(%error, "a notification of our own can't be read"),
        }
    }
}

impl Backend {
    /// Looks each object up and notes what is there. Said twice does no harm, and an object of somebody else's is passed over.
    pub(super) async fn heard(&self, notification: Notification) {
        for record in notification.records {
            let entity = record.s3;
            // AWS says "ObjectCreated:Post", and "s3:ObjectCreated:Post" where a topic is between.
            let created = record.event_name.trim_start_matches("s3:").starts_with("ObjectCreated:");
            if !created || entity.bucket.name != self.bucket_name {
                continue;
            }
            let spaced = entity.object.key.replace('+', " ");
            let Ok(key) = percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned) else {
                tracing::warn!("S3 told of a key that is not UTF-8");
                continue;
            };
            match self.shelf.head(&key).await {
                Ok(Some(seen)) => self.note_arrival(key, seen).await,
                Ok(None) => tracing::warn!(key, "S3 told of an object that is not there"),
                Err(error) => tracing::warn!(key, %error, "what S3 told of could not be looked up"),
            }
        }
    }

    async fn note_arrival(&self, key: String, seen: crate::shelf::Seen) {
        let records = self.records.clone();
        match tokio::task::spawn_blocking(move || records.arrived(&key, &seen)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "an arrival could not be noted"),
            Err(error) => tracing::error!(%error, "an arrival could not be noted"),
        }
    }
}

/// `POST /_sandbox/events`, for an S3 that is not ours.
pub(super) async fn receive(backend: &Backend, body: &[u8]) -> Result<(), Refusal> {
    let notification = serde_json::from_slice(body)
        .map_err(|error| Refusal::new(400, "Not a notification of S3", &error.to_string()))?;
    backend.heard(notification).await;
    Ok(())
}
