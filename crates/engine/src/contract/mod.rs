//! `doctor`: a backend's contract, checked from the outside.
//!
//! Pure parts take uploads and answers apart (`policy`, `post_form`, `put_url`, `keys`, `shape`, …) and give findings; `visit` asks the backend,
//! `probe` sends one small file and has it confirmed, `whole` looks at this machine too. Every finding's code stands in `checks`, with what mends it. Nothing found names
//! a token, a signature, a policy or a credential.

mod answers;
mod asks;
mod auth;
mod caller;
mod checks;
mod clock;
mod companion;
mod conditions;
mod content;
mod expiry;
mod keys;
mod machine;
mod place;
mod policy;
mod post_form;
mod presign;
mod probe;
mod put_url;
mod said;
mod session;
mod shape;
mod uploads;
mod visit;
mod whole;

#[cfg(test)]
mod tests;

pub use asks::{Asked, Asks, Role};
pub use checks::{Check, Known, with_mend};
pub use keys::{Round, across};
pub use probe::{Sent, send};
pub use uploads::{of_all, of_one};
pub use visit::{Options, visit};
pub use whole::{Here, checkup};

use jiff::Timestamp;

/// S3's limit for one POST or PUT.
const LARGEST: u64 = 5 << 30;

/// What uploads are judged by, beside themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    /// Now, by the backend's own clock as far as it is known: that the clock is wrong is a finding of its own.
    pub now: Timestamp,
    /// The largest file the backend says it takes, bytes.
    pub max_file_size: Option<u64>,
    /// Bytes a second that this line is known to send; `None`: not known.
    pub speed: Option<u64>,
}

impl Context {
    fn largest(&self) -> u64 {
        self.max_file_size.unwrap_or(LARGEST).min(LARGEST)
    }
}
