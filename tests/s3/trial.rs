//! Sends one case to one server, and looks at what became of it.

use crate::case::{Case, Desk, Object, Seen, Verdict};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use offload_engine::cause::Cause;
use offload_engine::transfer::bandwidth::Bandwidth;
use offload_engine::transfer::checksum::digest;
use offload_engine::transfer::client;
use offload_engine::transfer::send::{Outgoing, SendRules, send};
use offload_engine::transfer::signed::Signed;
use offload_tests::photos::bytes;
use offload_tests::s3_servers::tap::Tap;
use offload_tests::s3_servers::{Found, Running};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

const RULES: SendRules = SendRules { stall: Duration::from_secs(30), answer: Duration::from_secs(30) };

/// What a person would read, and what must not stand in it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) cause: Option<Cause>,
    pub(crate) secrets: Vec<String>,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            None => f.write_str("stored"),
            Some(cause) => write!(f, "{cause} | {}", cause.hint.as_deref().unwrap_or("no hint")),
        }
    }
}

pub(crate) async fn of(server: &Running, number: usize, case: &Case) -> (Seen, Told) {
    let dir = tempfile::tempdir().unwrap();
    let content = bytes(number as u64, case.file.size);
    let path = dir.path().join("file");
    std::fs::write(&path, &content).unwrap();
    let tap = Tap::open(server.address, case.twist).await;
    let desk = Desk {
        address: tap.address(),
        bucket: &server.bucket,
        signer: &server.signer,
        folder: format!("case-{number}/"),
        size: case.file.size,
        sha256: STANDARD.encode(Sha256::digest(&content)),
    };
    let signed = (case.sign)(&desk);
    let file = Outgoing {
        digests: digest(&path, case.file.size as u64, &AtomicBool::new(false)).unwrap(),
        path,
        filename: case.file.name.to_owned(),
        size: case.file.size as u64,
        content_type: "image/jpeg".to_owned(),
    };
    // A client of its own: no connection of an earlier case.
    let http = client::for_s3().unwrap();
    let (bandwidth, sent) = (Arc::new(Bandwidth::new(None)), Arc::new(AtomicU64::new(0)));
    let ended = send(&http, &signed, &file, &bandwidth, &sent, &RULES).await;
    let (status, code) = tap.answered().map_or((None, None), |(status, code)| (Some(status), code));
    drop(tap);
    let object = match server.object(signed.key()).await {
        Found::Nothing => Object::None,
        Found::Bytes(found) if found == content => Object::Same,
        Found::Bytes(_) => Object::Other,
        Found::Unreadable => Object::Unreadable,
    };
    let (offload, cause) = match ended {
        Ok(stored) => (Verdict::Stored(stored.proof), None),
        Err(cause) => (Verdict::Because(cause.code), Some(cause)),
    };
    let seen = Seen { status, code: code.unwrap_or_default(), offload, object };
    (seen, Told { cause, secrets: secrets(server, &signed) })
}

/// Everything that would let somebody write to the bucket.
fn secrets(server: &Running, signed: &Signed) -> Vec<String> {
    const NAMES: [&str; 4] = ["policy", "signature", "x-amz-signature", "x-amz-credential"];
    let is_secret = |name: &str| NAMES.contains(&name.to_ascii_lowercase().as_str());
    let mut secrets = vec![server.signer.secret_key.clone()];
    match signed {
        Signed::Post(post) => {
            secrets.extend(post.fields.0.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.clone()));
        }
        Signed::Put(put) => {
            let url = url::Url::parse(&put.url).unwrap();
            secrets.extend(url.query_pairs().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.into_owned()));
            secrets.push(url.query().unwrap().to_owned());
        }
    }
    // LocalStack's is "test", which is a word.
    secrets.retain(|secret| secret.len() >= 8);
    secrets
}
