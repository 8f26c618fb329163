//! What `doctor` found, as the window, a terminal and `--json` are told.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A whole look at this machine and its backend.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Checkup {
    pub backend: Option<String>,
    /// In the order in which things were looked at.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at, and how it stands. Names no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// Stable word for what was looked at or what is wrong, as in `policy_field_uncovered`.
    pub code: String,
    pub about: About,
    pub verdict: Verdict,
    /// What was seen, in plain words, starting in lower case, without a full stop at the end.
    pub detail: String,
    /// What to do now; empty for what is good.
    pub mends: Vec<Mend>,
}

/// What a finding is about, in the order of a checkup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Folder, ledger, settings, watching.
    Machine,
    /// Address, TLS, protocol version, limits, clock.
    Backend,
    /// Keyring, token.
    SignIn,
    /// The presigned POST or PUT, taken apart.
    Signature,
    /// A small file that was really sent.
    Probe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// Works, but somebody should know.
    Note,
    /// Files will fail, or may.
    Problem,
    /// Could not be looked at, because of a problem before it.
    Unknown,
}

/// How to mend a problem, for those who build on a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mend {
    pub with: Stack,
    pub text: String,
}

/// Whom a mend is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Stack {
    /// Whatever the backend is made with, or the person at this machine.
    Anyone,
    /// Django or other Python, with boto3.
    Django,
    /// Node, with the AWS SDK for JavaScript.
    Js,
    /// Uppy Companion's own settings.
    Companion,
}
