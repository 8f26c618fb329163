//! One file's way from the queue into S3.

use super::core::{Core, Flight};
use super::presigning::Presigner;
use crate::breaker::Origin;
use crate::cause::{Cause, Code};
use crate::ledger::files::Work;
use crate::ledger::sources::Source;
use crate::ledger::stored::Stored;
use crate::ledger::versions;
use crate::ledger::{attempts, now_ms};
use crate::media;
use crate::transfer::checksum::{self, DigestError, Digests};
use crate::transfer::retry::{Decision, Repeats, after};
use crate::transfer::send::{self, Outgoing};
use crate::transfer::signed::Signed;
use crate::watch::{Stat, StatLook};
use offload_protocol::wire::{Media, PresignFile, Upload};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// S3's limit for one POST: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>.
const LARGEST_POST: u64 = 5 << 30;

/// How a worker's try ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// In S3, or the backend says it has it.
    Stored(Stored),
    /// Only its time changed: the bytes were sent before, as that row.
    Touched {
        before: i64,
        stat: Stat,
    },
    /// Nothing the file is at fault for; the queue holds still.
    Held(Origin, Cause),
    /// Called back: pause, cancel, stop.
    CalledBack,
    Trouble {
        cause: Cause,
        repeats: Repeats,
        key: Option<String>,
    },
}

/// What is sent beside the bytes.
struct Read {
    digests: Digests,
    media: Media,
    stat: Stat,
}

/// Sends one file; every wait in it ends at once when the flight is called back.
pub(super) async fn carry(
    core: &Arc<Core>,
    presigner: &Presigner,
    source: &Source,
    work: &Work,
    flight: &Flight,
) -> Outcome {
    tokio::select! {
        biased;
        () = flight.cancel.cancelled() => Outcome::CalledBack,
        outcome = send(core, presigner, source, work, flight) => outcome,
    }
}

async fn send(core: &Arc<Core>, presigner: &Presigner, source: &Source, work: &Work, flight: &Flight) -> Outcome {
    let mut repeats = Repeats::default();
    let mut read: Option<Read> = None;
    // Where something of it may lie, once S3 was asked to take it.
    let mut key = work.key.clone();
    loop {
        flight.sent.store(0, Ordering::Relaxed);
        let current = match read.take() {
            Some(read) => read,
            None => match look_through(core, work).await {
                Ok(read) => read,
                Err(cause) => return Outcome::Trouble { cause, repeats, key },
            },
        };
        if let Some(outcome) = touched_only(core, work, &current).await {
            return outcome;
        }
        let cause = match once(core, presigner, source, work, flight, &current, &mut key).await {
            Ok(outcome) => return outcome,
            Err(cause) => cause,
        };
        match after(&cause, work.attempts, &repeats, rand::random()) {
            Decision::NewFormNow => {
                repeats.new_form += 1;
                note_form(core, work, &cause).await;
                read = Some(current);
                // A backend that signs forms that are expired at birth is not hammered.
                tokio::time::sleep(Duration::from_millis(200) * repeats.new_form).await;
            }
            Decision::ReadAgainNow => repeats.read_again += 1,
            Decision::Offline | Decision::SignIn => return Outcome::Held(Origin::S3, cause),
            Decision::Wait { .. } | Decision::SendAgain | Decision::Settle | Decision::Missing | Decision::Fail => {
                return Outcome::Trouble { cause, repeats, key };
            }
        }
    }
}

/// A form that was no good costs no attempt, but stands in the file's story.
async fn note_form(core: &Core, work: &Work, cause: &Cause) {
    let (id, code, message) = (work.id, cause.code.as_str(), cause.message.clone());
    let noted = core
        .ledger
        .write(move |db| attempts::note(db, id, attempts::Step::Upload, now_ms(), 0, code, Some(&message)))
        .await;
    if let Err(error) = noted {
        tracing::warn!(file = id, %error, "a form that was no good could not be noted");
    }
}

/// Presigns and sends once, with bytes that were hashed.
async fn once(
    core: &Arc<Core>,
    presigner: &Presigner,
    source: &Source,
    work: &Work,
    flight: &Flight,
    read: &Read,
    key: &mut Option<String>,
) -> Result<Outcome, Cause> {
    let limit = core.flow().limits.max_file_size.unwrap_or(LARGEST_POST).min(LARGEST_POST);
    if work.stat.size > limit {
        return Err(Cause::new(
            Code::TooLarge,
            format!("the file has {} bytes, and the backend takes at most {limit} in one upload", work.stat.size),
        )
        .hint("send it another way, or have the backend raise its limit (one presigned POST or PUT ends at 5 GB)"));
    }
    let file = wish(core, source, work, read).await?;
    let content_type = file.content_type.clone();
    let mut asked = Instant::now();
    let mut signed = match ask(presigner, file.clone(), read).await? {
        Asked::Signed(signed) => signed,
        Asked::Over(outcome) => return Ok(outcome),
    };
    let Some(_turn) = core.turn().await else { return Ok(Outcome::CalledBack) };
    // What waited for its turn until it is nearly over is asked for anew, with the turn in hand.
    if is_stale(&signed, asked) {
        asked = Instant::now();
        signed = match ask(presigner, file, read).await? {
            Asked::Signed(signed) => signed,
            Asked::Over(outcome) => return Ok(outcome),
        };
    }
    tracing::trace!(file = work.id, age_ms = asked.elapsed().as_millis(), "sends");
    still_the_same(work).await?;
    let outgoing = Outgoing {
        path: work.local.clone(),
        filename: file_name(work),
        size: work.stat.size,
        content_type,
        digests: read.digests.clone(),
    };
    // A backend that names another key each time can't be held to the first one; `status` says so.
    let keeps = core.backend.promises().keeps_keys;
    if let Some(before) = key.as_deref().filter(|before| keeps && *before != signed.key()) {
        return Err(Cause::new(
            Code::KeyChanged,
            format!("the backend first named the key {before} for this file, and now {}", signed.key()),
        )
        .hint(
            "for the backend: the same file_id has to get the same key every time, or a second copy is left behind",
        ));
    }
    *key = Some(signed.key().to_owned());
    let sent = send::send(&core.s3, &signed, &outgoing, &core.bandwidth, &flight.sent, &core.rules.send).await?;
    still_the_same(work).await?;
    Ok(Outcome::Stored(stored(signed.key().to_owned(), sent.etag, read)))
}

enum Asked {
    Signed(Signed),
    Over(Outcome),
}

async fn ask(presigner: &Presigner, file: PresignFile, read: &Read) -> Result<Asked, Cause> {
    match presigner.ask(file).await {
        Err(whole) => Ok(Asked::Over(Outcome::Held(origin_of(&whole), whole))),
        Ok(said) => match said? {
            Upload::Post(form) => Ok(Asked::Signed(Signed::Post(form))),
            Upload::Put(put) => Ok(Asked::Signed(Signed::Put(put))),
            Upload::Skip { key } => Ok(Asked::Over(Outcome::Stored(stored(key, None, read)))),
            Upload::Multipart(_) => Err(Cause::new(
                Code::UploadMethod,
                "the backend answered with a multipart upload, though multipart was not asked for",
            )
            .hint("have the backend answer POST for this file")),
        },
    }
}

/// Not reached at all, or reached and no form signed.
fn origin_of(whole: &Cause) -> Origin {
    match whole.code {
        Code::Unreachable | Code::BadCertificate | Code::SignedOut => Origin::Session,
        _ => Origin::Presign,
    }
}

fn is_stale(signed: &Signed, asked: Instant) -> bool {
    let age = asked.elapsed().as_secs();
    age > 5 && age.saturating_mul(10) > signed.expires_in().saturating_mul(8)
}

fn stored(key: String, etag: Option<String>, read: &Read) -> Stored {
    Stored { key, etag, sha256: read.digests.sha256_hex(), media: read.media.clone(), ctime_ns: read.stat.ctime_ns }
}

fn file_name(work: &Work) -> String {
    work.path.rsplit('/').next().unwrap_or(&work.path).to_owned()
}

async fn wish(core: &Core, source: &Source, work: &Work, read: &Read) -> Result<PresignFile, Cause> {
    let supersedes = match work.supersedes.clone() {
        Some(old) => core.ledger.read(move |db| versions::sent_before(db, &old)).await?.map(|before| before.file_id),
        None => None,
    };
    let path = match source.prefix.trim_matches('/') {
        "" => work.path.clone(),
        prefix => format!("{prefix}/{}", work.path),
    };
    Ok(PresignFile {
        file_id: work.file_id.clone(),
        filename: file_name(work),
        path,
        size: work.stat.size,
        content_type: media::content_type(&work.local).to_owned(),
        sha256: read.digests.sha256_hex(),
        modified_at: rfc3339(work.stat.mtime_ns),
        source: source.name.clone(),
        supersedes,
    })
}

fn rfc3339(nanoseconds: i64) -> String {
    jiff::Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// Hashes the file and reads its metadata, and makes sure that it stood still meanwhile.
async fn look_through(core: &Core, work: &Work) -> Result<Read, Cause> {
    let turn = core.hashing.clone().acquire_owned().await;
    let cancel = CancelOnDrop(Arc::new(AtomicBool::new(false)));
    let (flag, local, expected, gps) = (cancel.0.clone(), work.local.clone(), work.stat, core.flow().gps);
    let read = move || {
        let _turn = turn;
        same(&expected, StatLook::at(&local))?;
        let digests = checksum::digest(&local, expected.size, &flag).map_err(|error| match error {
            DigestError::Io(error) => checksum::unreadable(&error),
            changed => Cause::new(Code::ChangedWhileSending, changed.to_string()),
        })?;
        // What a photo says of itself is an extra: a file that can't be understood is still sent.
        let media = media::read(&local, gps).unwrap_or_else(|error| {
            tracing::debug!(%error, "no metadata");
            Media::default()
        });
        let stat = same(&expected, StatLook::at(&local))?;
        Ok(Read { digests, media, stat })
    };
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|_| Err(Cause::new(Code::Unreadable, "reading the file ended unexpectedly")))
}

/// A worker that is called back doesn't leave a hash of 50 GB running.
struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn still_the_same(work: &Work) -> Result<Stat, Cause> {
    let (local, expected) = (work.local.clone(), work.stat);
    tokio::task::spawn_blocking(move || same(&expected, StatLook::at(&local)))
        .await
        .unwrap_or_else(|_| Err(Cause::new(Code::Unreadable, "looking at the file ended unexpectedly")))
}

fn same(expected: &Stat, look: StatLook) -> Result<Stat, Cause> {
    match look {
        StatLook::Present(stat) if stat == *expected => Ok(stat),
        StatLook::Present(stat) => Err(Cause::new(
            Code::ChangedWhileSending,
            format!("the file changed: {} bytes became {}, or it was written again", expected.size, stat.size),
        )),
        StatLook::Gone => Err(Cause::new(Code::Vanished, "the file is not there any more")
            .hint("if it should be sent, put it back: it is then picked up by itself")),
        StatLook::Unreadable(kind) => Err(checksum::unreadable(&std::io::Error::from(kind))),
    }
}

/// Where a new time came with the old bytes there is nothing to send.
async fn touched_only(core: &Core, work: &Work, read: &Read) -> Option<Outcome> {
    let old = work.supersedes.clone().filter(|_| work.attempts == 0)?;
    let (sha256, size) = (read.digests.sha256_hex(), work.stat.size);
    let before = core.ledger.read(move |db| versions::same_bytes_before(db, &old, &sha256, size)).await;
    match before {
        Ok(Some(before)) => Some(Outcome::Touched { before, stat: read.stat }),
        Ok(None) => None,
        Err(error) => {
            tracing::warn!(%error, "could not look for the same bytes sent before");
            None
        }
    }
}
