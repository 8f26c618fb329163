//! Why something did not go as it should: a stable code, what it means for trying again, plain words, and the next step.
//!
//! Every module's error turns into a `Cause` before it reaches the ledger or a person. Nothing matches on the words.

/// What a cause means for the file it happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Retry {
    /// Try again after a pause; costs an attempt.
    Again,
    /// As `Again`, and send less at once.
    SlowDown,
    /// Ask the backend for a new presigned POST at once; costs no attempt.
    NewForm,
    /// Hash the file again and send it once more; a second time in a row it is permanent.
    ReadAgain,
    /// The file changed under us: back to settling.
    Changed,
    /// The file is gone.
    Gone,
    /// There is no way to the server at all: the whole queue waits, no attempt is spent.
    Offline,
    /// The token is missing or refused: the whole queue waits for a sign-in.
    SignIn,
    /// The object isn't there though we said so: send it again.
    SendAgain,
    /// Trying again changes nothing: a person must act.
    Never,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $retry:ident;)*) => {
        /// The stable code of a cause, as the ledger, `--json` and the window know it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What this code means for trying again.
            pub const fn retry(self) -> Retry {
                match self { $(Self::$name => Retry::$retry,)* }
            }

            /// Whether a server answered, but not as a backend of protocol v1.
            pub const fn is_no_backend(self) -> bool {
                matches!(self, Self::BackendAnswer | Self::BackendPage | Self::NoEndpoint)
            }

            /// Reads a word of the ledger; `None` for a code this version does not know.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    // The file itself.
    /// Permission denied, locked, or an I/O error while reading.
    Unreadable = "unreadable", Never;
    /// Size or mtime changed between two looks, or the bytes did.
    ChangedWhileSending = "changed_while_sending", Changed;
    Vanished = "vanished", Gone;
    /// Over S3's limit for one POST (5 GB) or the backend's own.
    TooLarge = "too_large", Never;
    /// A link to a folder, a socket, a device.
    NotAFile = "not_a_file", Never;

    // The way to a server.
    /// DNS, refused, unreachable.
    Unreachable = "unreachable", Offline;
    /// The server's certificate does not hold; never passed over.
    BadCertificate = "bad_certificate", Offline;
    /// The connection broke while bytes or the answer were under way.
    Dropped = "dropped", Again;
    /// No byte moved for the stall timeout.
    Stalled = "stalled", Again;

    // The backend.
    SignedOut = "signed_out", SignIn;
    BackendBusy = "backend_busy", SlowDown;
    BackendError = "backend_error", Again;
    /// HTML, truncated JSON, a missing member: not protocol v1.
    BackendAnswer = "backend_answer", Again;
    /// A web page where JSON was asked for: a sign-in page, a proxy.
    BackendPage = "backend_page", Again;
    /// 404, 405 or 410 for one of the three endpoints.
    NoEndpoint = "no_endpoint", Again;
    /// What a person gave as the backend's address can't be one.
    BadAddress = "bad_address", Never;
    /// The backend refused this file.
    BackendRefused = "backend_refused", Never;
    /// The backend said nothing about this file.
    BackendSilent = "backend_silent", Again;
    /// The backend knows of the file and is not done with it; asking again is all there is to do.
    BackendPending = "backend_pending", Again;
    /// Multipart or another way of upload that this version does not speak.
    UploadMethod = "upload_method", Never;
    /// The backend gave the same `file_id` another key than before.
    KeyChanged = "key_changed", Never;
    /// A form that cannot be sent: bad URL, a field name with a line break, over 20 KB of fields.
    BadForm = "bad_form", Never;
    /// `complete` says the object is not in the bucket, or not as described.
    NotInBucket = "not_in_bucket", SendAgain;

    // S3.
    S3Internal = "s3_internal", Again;
    S3SlowDown = "s3_slow_down", SlowDown;
    S3Timeout = "s3_timeout", Again;
    PolicyExpired = "policy_expired", NewForm;
    CredentialsExpired = "credentials_expired", NewForm;
    ClockSkewed = "clock_skewed", NewForm;
    PolicyTooLarge = "policy_too_large", Never;
    PolicyTooSmall = "policy_too_small", Never;
    PolicyCondition = "policy_condition", Never;
    PolicyExtraField = "policy_extra_field", Never;
    PolicyInvalid = "policy_invalid", Never;
    SignatureMismatch = "signature_mismatch", Never;
    AccessKeyUnknown = "access_key_unknown", Never;
    SignatureVersion = "signature_version", Never;
    S3Denied = "s3_denied", Never;
    NoSuchBucket = "no_such_bucket", Never;
    BadDigest = "bad_digest", ReadAgain;
    /// S3's ETag or checksum isn't that of the bytes on disk.
    StoredOther = "stored_other", ReadAgain;
    /// 307: the same form goes to another address, this attempt only.
    Redirected = "redirected", Again;
    /// 301 or another redirect without a usable address.
    WrongRegion = "wrong_region", Never;
    /// An answer that no table knows.
    S3Unknown = "s3_unknown", Again;
    /// A refusal (4xx) that no table knows.
    S3Refused = "s3_refused", Never;

    // The person.
    Cancelled = "cancelled", Never;
    /// It was gone, and the person knows.
    Dismissed = "dismissed", Never;
    Superseded = "superseded", Never;
    /// Renamed or moved before it was sent; it is sent from where it lies now.
    MovedElsewhere = "moved_elsewhere", Never;
    SourceRemoved = "source_removed", Never;
    Excluded = "excluded", Never;
    KeptFirst = "kept_first", Never;

    // Offload.
    /// The ledger could not be written.
    Ledger = "ledger", Again;
}

/// Why, in code, words and next step. `message` names no secret: no URL query, no form field, no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Cause {
    pub code: Code,
    /// What happened, in plain words, starting in lower case, without a full stop at the end.
    pub message: String,
    /// What to do now, or what the backend's owner has to mend.
    pub hint: Option<String>,
    /// The server asked to wait this long (Retry-After), milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl Cause {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, retry_after_ms: None }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, milliseconds: Option<u64>) -> Self {
        self.retry_after_ms = milliseconds;
        self
    }

    pub const fn retry(&self) -> Retry {
        self.code.retry()
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_reads_back() {
        for code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        assert_eq!(Code::parse("no such code"), None);
    }
}
