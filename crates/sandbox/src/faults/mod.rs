//! Faults on order: where they happen, what happens, and how often.
//!
//! In words, the same for `--fault`, the control endpoint and `"…".parse::<Fault>()`: `WHERE=WHAT[:OPTION=VALUE]…`
//!
//! - WHERE: `session`, `presign`, `complete`, `backend` (those three), `s3` (the POST or PUT of a file).
//! - WHAT, an error answer: `internal`, `slowdown`, `unavailable`, `timeout`, `expired`, `expired-token`, `skewed`, `too-large`,
//!   `too-small`, `unknown-key`, `bad-signature`, `sigv2`, `bad-digest`, `denied`, `condition`, `extra-field`, `bad-policy`,
//!   `no-bucket`, `signed-out`, `forbidden`, `busy`, `error`, or a status (`503`); each with `status`, `code`, `message`,
//!   `retry-after` (seconds) and `body` (sent as it is).
//! - WHAT else, anywhere: `html` (`status`), `slow` (`rate`, bytes a second), `stall` (`after` bytes), `drop-before`,
//!   `drop-mid` (`after` bytes), `drop-after` (done, but the answer is lost), `307`, `301`, `truncated`, `huge` (`bytes`).
//! - At presign: `clock` (`skew`, seconds), `multipart`. At complete: `unconfirmed`. At both: `file-error` (`status`, `title`), `omit`.
//! - At s3: `wrong-etag`, `no-etag`, `forget` (answered as if stored).
//! - Limits: `times`, `p` (0 to 1) with `seed`, `for` (`500ms`, `60s`, `5m`), `skip` (requests to let pass first), `path` (a part
//!   of the path or the key of a file in the request).
//!
//! Bytes may have `k`, `m`, `g` (1024). A colon inside a value is written `\:`.

mod parse;
mod state;

pub use parse::ParseFaultError;
pub use state::Faults;
pub(crate) use state::{Endpoint, Strike};

use std::time::Duration;

/// Which request a fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Where {
    Session,
    Presign,
    Complete,
    /// Any of the three above.
    Backend,
    /// A POST or PUT of a file.
    S3,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// An error answer: S3's XML on the S3 port, problem+json on the backend's.
    Error(ErrorAnswer),
    /// An HTML page, as a proxy or a captive portal gives it; the status may be 200.
    Html { status: u16 },
    /// The request's body is read at so many bytes a second.
    Slow { rate: u64 },
    /// Reads so many bytes of the body, then neither reads on nor answers while the connection lives.
    Stall { after: u64 },
    /// The connection is reset before the body is read.
    DropBefore,
    /// The connection is reset after so many bytes of the body.
    DropMid { after: u64 },
    /// Everything is done as asked, and the connection is reset instead of an answer.
    DropAfter,
    /// 307 to another port, where the same POST works. (A PUT is signed for the host, and so does not.)
    Redirect,
    /// 301 without a Location.
    Moved,
    /// The right answer breaks off in its middle.
    Truncated,
    /// 200 with an answer of so many bytes.
    Huge { bytes: u64 },
    /// Presign only: policies and URLs are signed as if the clock showed this many seconds more (negative: less).
    Clock { skew: i64 },
    /// Presign, complete: an error for each matching file, the others are answered as ever.
    FileError { status: u16, title: String },
    /// Presign, complete: matching files are missing from the answer.
    Omit,
    /// Complete: matching files are answered with `confirmed: false`.
    Unconfirmed,
    /// Presign: matching files are answered with `MULTIPART`.
    Multipart,
    /// S3: stored, but the answer's ETag is another.
    WrongEtag,
    /// S3: stored, but the answer has no ETag.
    NoEtag,
    /// S3: answered as if stored, but it is not (after a PUT, nor is what was there before).
    Forget,
}

/// An error answer in S3's or the backend's own form.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorAnswer {
    pub status: u16,
    /// S3's error code; the problem's `title` on the backend.
    pub code: String,
    pub message: String,
    /// Seconds, for the Retry-After header.
    pub retry_after: Option<u64>,
    /// Sent instead of XML or problem+json.
    pub body: Option<String>,
}

/// A fault with its limits. `"s3=slowdown:for=60s"` parses into one; see [`Fault::from_str`](std::str::FromStr).
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub at: Where,
    pub what: What,
    /// So many times; `None`: for ever.
    pub times: Option<u64>,
    /// 0 to 1.
    pub probability: f64,
    /// From the moment it is put in force.
    pub lasts: Option<Duration>,
    /// Lets so many matching requests pass first.
    pub skip: u64,
    /// Only where the path or the key of a file in the request contains this.
    pub path: Option<String>,
    /// Of the dice for `probability`.
    pub seed: u64,
}

impl Fault {
    pub fn new(at: Where, what: What) -> Self {
        Self { at, what, times: None, probability: 1.0, lasts: None, skip: 0, path: None, seed: 0 }
    }

    /// An S3 or backend error answer.
    pub fn error(at: Where, status: u16, code: &str, message: &str) -> Self {
        let answer = ErrorAnswer { status, code: code.into(), message: message.into(), ..ErrorAnswer::default() };
        Self::new(at, What::Error(answer))
    }

    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    #[must_use]
    pub fn probability(mut self, probability: f64, seed: u64) -> Self {
        self.probability = probability;
        self.seed = seed;
        self
    }

    #[must_use]
    pub fn lasts(mut self, duration: Duration) -> Self {
        self.lasts = Some(duration);
        self
    }

    #[must_use]
    pub fn skip(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    #[must_use]
    pub fn path(mut self, part: impl Into<String>) -> Self {
        self.path = Some(part.into());
        self
    }
}
