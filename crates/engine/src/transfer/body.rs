//! The request's body under way: read and hashed off the runtime, let out piece by piece, and never finished unless the bytes
//! are those that were hashed before.

use super::bandwidth::Bandwidth;
use super::checksum::{Digests, Running, unreadable};
use super::send::{Outgoing, SendRules};
use crate::cause::{Cause, Code};
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

const CHUNK: usize = 256 * 1024;
/// Chunks read ahead: enough to hide a disk's latency, little enough for many uploads at once.
const READ_AHEAD: usize = 2;

/// What goes before and after the file's bytes; nothing at all in a PUT.
#[derive(Default)]
pub(super) struct Frame {
    pub(super) head: Bytes,
    pub(super) tail: Bytes,
}

impl Frame {
    pub(super) const fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }
}

/// What the body is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Waits {
    Network,
    Disk,
    Limit,
    Answer,
}

/// What the sender and the body know of each other.
#[derive(Debug)]
pub(super) struct Progress {
    start: Instant,
    moved_ms: AtomicU64,
    waits: AtomicU8,
    /// The answer is there or nobody waits for it: not one byte more.
    over: AtomicBool,
    /// Why the body broke off.
    broke: Mutex<Option<Cause>>,
    /// Set once all bytes were read and agreed with the digests.
    md5: OnceLock<String>,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            start: Instant::now(),
            moved_ms: AtomicU64::new(0),
            waits: AtomicU8::new(Waits::Network as u8),
            over: AtomicBool::new(false),
            broke: Mutex::new(None),
            md5: OnceLock::new(),
        }
    }

    /// Whether the last byte was handed to the network.
    pub(super) fn is_whole(&self) -> bool {
        self.waits() == Waits::Answer
    }

    pub(super) fn md5(&self) -> Option<&str> {
        self.md5.get().map(String::as_str)
    }

    pub(super) fn why_it_broke(&self) -> Option<Cause> {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A file without a byte and nothing around it: whole from the start.
    pub(super) fn has_nothing_to_send(&self) {
        let _ = self.md5.set(Running::new().md5_hex());
        self.now_waits_for(Waits::Answer);
    }

    /// Ends the body at its next piece, so that the connection closes instead of sending on.
    pub(super) fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    /// Returns once nothing has moved for as long as `rules` allow. Waiting for the bandwidth limit is not standing still.
    pub(super) async fn stands_still(&self, rules: &SendRules) -> Cause {
        loop {
            let waits = self.waits();
            let limit = if waits == Waits::Answer { rules.answer } else { rules.stall };
            let moved = self.start + Duration::from_millis(self.moved_ms.load(Ordering::Relaxed));
            let rest = limit.saturating_sub(moved.elapsed());
            if waits == Waits::Limit {
                tokio::time::sleep(limit).await;
            } else if rest.is_zero() {
                let seconds = limit.as_secs();
                return Cause::new(
                    Code::Stalled,
                    match waits {
                        Waits::Answer => format!("S3 gave no answer for {seconds} s after the last byte"),
                        Waits::Disk => format!("the file's disk gave no byte for {seconds} s"),
                        Waits::Network | Waits::Limit => format!("no byte went out for {seconds} s"),
                    },
                );
            } else {
                // What it waits for may change meanwhile, and with it the limit.
                tokio::time::sleep(rest.min(rules.stall).min(rules.answer)).await;
            }
        }
    }

    fn waits(&self) -> Waits {
        match self.waits.load(Ordering::Relaxed) {
            1 => Waits::Disk,
            2 => Waits::Limit,
            3 => Waits::Answer,
            _ => Waits::Network,
        }
    }

    fn now_waits_for(&self, what: Waits) {
        self.moved_ms.store(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.waits.store(what as u8, Ordering::Relaxed);
    }

    fn break_off(&self, cause: Cause) {
        self.broke.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(cause);
    }
}

/// The body as a stream of exactly `frame` and `file.size` bytes, or of an error before its last chunk. Dropping it ends the reader.
pub(super) fn stream(
    frame: Frame,
    file: &Outgoing,
    bandwidth: Arc<Bandwidth>,
    sent: Arc<AtomicU64>,
    progress: Arc<Progress>,
) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + 'static {
    let (chunks, read) = mpsc::channel(READ_AHEAD);
    let reader = Reader { size: file.size, digests: file.digests.clone(), chunks, progress: Arc::clone(&progress) };
    let path = file.path.clone();
    tokio::task::spawn_blocking(move || reader.run(&path));
    let stage = if frame.head.is_empty() { Stage::File } else { Stage::Head };
    let body = Body { stage, frame, read, chunk: Bytes::new(), left: file.size, bandwidth, sent, progress };
    futures::stream::unfold(body, Body::next)
}

enum Stage {
    Head,
    File,
    Done,
}

struct Body {
    stage: Stage,
    frame: Frame,
    read: mpsc::Receiver<Bytes>,
    chunk: Bytes,
    /// Bytes of the file that are not handed out yet.
    left: u64,
    bandwidth: Arc<Bandwidth>,
    sent: Arc<AtomicU64>,
    progress: Arc<Progress>,
}

impl Body {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        let piece = match self.stage {
            Stage::Head => {
                self.stage = Stage::File;
                self.progress.now_waits_for(Waits::Network);
                Ok(self.frame.head.clone())
            }
            Stage::File => self.next_of_file().await,
            Stage::Done => return None,
        };
        if piece.is_err() {
            self.stage = Stage::Done;
        }
        Some((piece, self))
    }

    async fn next_of_file(&mut self) -> io::Result<Bytes> {
        if self.chunk.is_empty() {
            self.progress.now_waits_for(Waits::Disk);
            match self.read.recv().await {
                Some(chunk) => self.chunk = chunk,
                None => {
                    self.read_whole()?;
                    self.stage = Stage::Done;
                    self.progress.now_waits_for(Waits::Answer);
                    return Ok(self.frame.tail.clone());
                }
            }
        }
        let piece = self.chunk.split_to(self.chunk.len().min(self.bandwidth.piece()));
        self.progress.now_waits_for(Waits::Limit);
        self.bandwidth.take(piece.len()).await;
        if self.progress.over.load(Ordering::Relaxed) {
            return Err(io::Error::other("no longer wanted"));
        }
        self.left = self.left.saturating_sub(piece.len() as u64);
        let is_last = self.left == 0 && self.frame.tail.is_empty();
        if is_last {
            // Nobody asks for more once the announced length is out: what was read has to agree before that.
            self.progress.now_waits_for(Waits::Disk);
            if self.read.recv().await.is_some() {
                return Err(io::Error::other("the file has grown"));
            }
            self.read_whole()?;
            self.stage = Stage::Done;
        }
        self.sent.fetch_add(piece.len() as u64, Ordering::Relaxed);
        self.progress.now_waits_for(if is_last { Waits::Answer } else { Waits::Network });
        Ok(piece)
    }

    /// Whether the reader came to the file's end, and its bytes were those that were hashed.
    fn read_whole(&self) -> io::Result<()> {
        if self.progress.md5.get().is_some() {
            return Ok(());
        }
        self.progress.break_off(Cause::new(Code::Dropped, "reading the file ended early"));
        Err(io::Error::other("the file broke off"))
    }
}

struct Reader {
    size: u64,
    digests: Digests,
    chunks: mpsc::Sender<Bytes>,
    progress: Arc<Progress>,
}

impl Reader {
    fn run(self, path: &Path) {
        match self.read(path) {
            Ok(Some(md5)) => {
                // The last chunk is out already; the form's tail waits for this.
                let _ = self.progress.md5.set(md5);
            }
            // Nobody takes the bytes any more.
            Ok(None) => {}
            Err(cause) => self.progress.break_off(cause),
        }
    }

    /// Hands out chunk by chunk, the last one only when the whole was read and agrees with the digests.
    fn read(&self, path: &Path) -> Result<Option<String>, Cause> {
        let mut file = File::open(path).map_err(|error| unreadable(&error))?;
        let mut running = Running::new();
        let mut held = None;
        loop {
            let chunk = read_chunk(&mut file).map_err(|error| unreadable(&error))?;
            if chunk.is_empty() {
                break;
            }
            running.update(&chunk);
            if running.bytes() > self.size {
                return Err(changed("it has grown"));
            }
            if let Some(chunk) = held.replace(chunk)
                && self.chunks.blocking_send(chunk).is_err()
            {
                return Ok(None);
            }
        }
        if running.bytes() < self.size {
            return Err(changed("it has become shorter"));
        }
        if !running.agrees_with(&self.digests) {
            return Err(changed("its bytes are others than those that were hashed"));
        }
        if let Some(chunk) = held
            && self.chunks.blocking_send(chunk).is_err()
        {
            return Ok(None);
        }
        Ok(Some(running.md5_hex()))
    }
}

/// A full chunk, or what is left of the file; empty at its end.
fn read_chunk(file: &mut File) -> io::Result<Bytes> {
    let mut chunk = Vec::with_capacity(CHUNK);
    file.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk.into())
}

fn changed(how: &str) -> Cause {
    Cause::new(Code::ChangedWhileSending, format!("the file changed while it was sent: {how}"))
}
