//! S3's errors as causes: one table over the code S3 names, refined by its message, and by the status where there is no code.

use super::quote::quote;
use super::said::Said;
use crate::cause::{Cause, Code};

pub(super) const HINT_REGION: &str = "for the backend: sign for the bucket's own region and name its endpoint, with boto3 \
    client(\"s3\", region_name=…, endpoint_url=\"https://s3.REGION.amazonaws.com\") or Config(s3={\"addressing_style\": \"virtual\"})";
const HINT_SIGV4: &str = "for the backend: sign with Signature Version 4, in boto3 Config(signature_version=\"s3v4\")";
const HINT_CLOCK: &str = "for the backend: its clock and S3's differ; set the server's clock (NTP)";
const HINT_SIGNATURE: &str = "for the backend: the secret key does not fit the access key, the region of the signature is wrong, \
    or something signed (the policy, a field, a header) was altered afterwards";
const HINT_KEY: &str = "for the backend: the access key it signs with is not known to S3: look for a deleted or mistyped key, or a missing session token";
const HINT_PUT: &str = "for the backend: the identity it signs with needs s3:PutObject on this key (and s3:PutObjectAcl where the form sets an acl); \
    some servers also answer so to a wrong access key, secret or signature";
const HINT_RANGE: &str = "for the backend: widen content-length-range in the policy, or refuse the file at presign";
const HINT_FIELDS: &str =
    "for the backend: send the fields of a POST, or url and headers of a PUT, just as the signer returned them";
const HINT_BUCKET: &str = "for the backend: look at the bucket's name, its region and the endpoint in the url";
const HINT_URL: &str = "for the backend: the form's url has to be the bucket's address, without the key";
const HINT_PROXY: &str = "a proxy on the way seems to change requests; try without it";
const HINT_EXPIRY: &str = "a new signature is asked for by itself; if this repeats, for the backend: its clock is behind S3's, or what it signs lives too short (ExpiresIn, temporary credentials)";
const HINT_DIGEST: &str = "try again; if it stays so, something on the way (a proxy, a virus scanner) or this machine's memory changes the bytes, \
    or the backend signed another checksum than it was told";
const HINT_BODY: &str =
    "a proxy before the storage limits the size of requests (nginx: client_max_body_size); its owner has to raise it";
const HINT_FULL: &str = "the storage is full or over its quota: its owner has to make room, then retry";

/// The cause of an answer that is neither success nor redirect. `late`: by S3's clock, what was signed was over by then.
pub(super) fn cause(status: u16, said: &Said, body: &[u8], late: bool) -> Cause {
    let message = said.message.as_deref().unwrap_or_default();
    let (code, what, hint) = match said.code.as_deref() {
        Some(code) => by_code(code, &message.to_lowercase(), status),
        None => by_status(status),
    };
    // RGW denies a URL that has expired without a word why.
    let (code, what, hint) = match code {
        Code::S3Denied if late => (Code::PolicyExpired, "what the backend signed has expired", Some(HINT_EXPIRY)),
        _ => (code, what, hint),
    };
    let hint = match code {
        Code::PolicyCondition => {
            Some(about_field(message, "this field has to meet the policy's condition, or the condition has to go"))
        }
        Code::PolicyExtraField => Some(about_field(message, "this field needs a condition of its own in the policy")),
        _ => hint.map(str::to_owned),
    };
    let cause = Cause::new(code, format!("{what} ({})", words(status, said, body)));
    match hint {
        Some(hint) => cause.hint(hint),
        None => cause,
    }
}

/// Status, code and message as S3 said them, made fit to be shown.
fn words(status: u16, said: &Said, body: &[u8]) -> String {
    let code = said.code.as_deref().map(|code| quote(code, 60)).unwrap_or_default();
    let message = said.message.as_deref().map(|message| quote(message, 200)).unwrap_or_default();
    match (code.is_empty(), message.is_empty()) {
        (false, false) => format!("{status} {code}: {message}"),
        (false, true) => format!("{status} {code}"),
        (true, false) => format!("{status}: {message}"),
        (true, true) if said.is_page => format!("{status}, with a web page"),
        (true, true) if body.is_empty() || said.is_s3 || body.starts_with(b"<") => status.to_string(),
        (true, true) => match quote(&String::from_utf8_lossy(body), 120) {
            text if text.is_empty() => status.to_string(),
            text => format!("{status}: {text}"),
        },
    }
}

type Meaning = (Code, &'static str, Option<&'static str>);

/// `message` is in lower case.
fn by_code(code: &str, message: &str, status: u16) -> Meaning {
    match code {
        "InternalError" | "InternalServerError" | "OperationAborted" | "ConditionalRequestConflict" => {
            (Code::S3Internal, "S3 had an internal error", None)
        }
        "SlowDown"
        | "SlowDownWrite"
        | "ServiceUnavailable"
        | "ServerBusy"
        | "Busy"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "Throttling"
        | "ThrottlingException"
        | "RequestThrottled"
        | "BandwidthLimitExceeded" => (Code::S3SlowDown, "S3 asks to slow down", None),
        "RequestTimeout" => (Code::S3Timeout, "S3 waited too long for the bytes", None),
        "IncompleteBody" => (Code::Dropped, "the bytes did not all arrive at S3", None),
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            (Code::CredentialsExpired, "the backend's temporary credentials have expired", None)
        }
        "RequestTimeTooSkewed" => (Code::ClockSkewed, "S3 finds the form's time wrong", Some(HINT_CLOCK)),
        "AccessDenied" | "AccessForbidden" | "Forbidden" | "AllAccessDisabled" | "AccountProblem" => {
            policy(message).unwrap_or((Code::S3Denied, "S3 denies access", Some(HINT_PUT)))
        }
        "EntityTooLarge" | "MaxMessageLengthExceeded" => {
            (Code::PolicyTooLarge, "the file is larger than the policy allows", Some(HINT_RANGE))
        }
        "EntityTooSmall" => (Code::PolicyTooSmall, "the file is smaller than the policy allows", Some(HINT_RANGE)),
        "InvalidPolicyDocument" | "MalformedPolicy" => {
            policy(message).unwrap_or((Code::PolicyInvalid, "S3 can't read the policy", Some(HINT_FIELDS)))
        }
        "SignatureDoesNotMatch" => (Code::SignatureMismatch, "the signature does not match", Some(HINT_SIGNATURE)),
        "InvalidAccessKeyId" | "NotSignedUp" | "InvalidToken" | "InvalidClientTokenId" | "InvalidSecurity" => {
            (Code::AccessKeyUnknown, "S3 does not know the access key that was signed with", Some(HINT_KEY))
        }
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "CredentialMalformed"
            if message.contains("region") || message.contains("expecting") || message.contains("scope") =>
        {
            (Code::WrongRegion, "the form is signed for another region", Some(HINT_REGION))
        }
        "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "CredentialMalformed" => {
            (Code::SignatureMismatch, "S3 can't read the form's credential", Some(HINT_SIGNATURE))
        }
        "IllegalLocationConstraintException" | "PermanentRedirect" | "TemporaryRedirect" | "Redirect" => {
            (Code::WrongRegion, "S3 wants the form sent elsewhere", Some(HINT_REGION))
        }
        "NoSuchBucket" => (Code::NoSuchBucket, "the bucket does not exist", Some(HINT_BUCKET)),
        "BadDigest" | "XAmzContentSHA256Mismatch" | "XAmzContentChecksumMismatch" => {
            (Code::BadDigest, "S3 received other bytes than were announced", Some(HINT_DIGEST))
        }
        _ => by_rarer_code(code, message, status),
    }
}

fn by_rarer_code(code: &str, message: &str, status: u16) -> Meaning {
    match code {
        // AWS says so of a checksum that is none, LocalStack also of one that the bytes don't have.
        "InvalidRequest" if message.contains("x-amz-checksum-") && message.contains("invalid") => {
            (Code::BadDigest, "the checksum is not that of the bytes", Some(HINT_DIGEST))
        }
        // Garage says InvalidRequest for every refusal, AWS for SigV2 in newer regions, RGW InvalidArgument for a missing V2 signature.
        "InvalidRequest" | "InvalidArgument" | "NotImplemented" => signature_version(message)
            .or_else(|| policy(message))
            .or_else(|| {
                (status >= 500 && code != "NotImplemented").then_some((
                    Code::S3Internal,
                    "S3 had an internal error",
                    None,
                ))
            })
            .unwrap_or((Code::S3Refused, "S3 refuses the upload", Some(HINT_FIELDS))),
        "MalformedPOSTRequest"
        | "RequestIsNotMultiPartContent"
        | "UserKeyMustBeSpecified"
        | "IncorrectNumberOfFilesInPostRequest"
        | "MissingFields"
        | "KeyTooLongError"
        | "InvalidURI"
        | "InvalidBucketName" => (Code::BadForm, "S3 can't use the form as it is", Some(HINT_FIELDS)),
        "MaxPostPreDataLengthExceededError" | "MaxPostPreDataLengthExceeded" => {
            (Code::BadForm, "the form's fields are over S3's 20 KB", Some(HINT_FIELDS))
        }
        "MissingContentLength" => (Code::S3Refused, "the length of the request did not arrive", Some(HINT_PROXY)),
        "MethodNotAllowed" => (Code::S3Refused, "this address takes no POST", Some(HINT_URL)),
        "QuotaExceeded" | "XMinioAdminBucketQuotaExceeded" | "StorageQuotaExceeded" => {
            (Code::S3Refused, "the storage is over its quota", Some(HINT_FULL))
        }
        "XMinioStorageFull" | "InsufficientStorage" => (Code::S3Internal, "the storage is full", Some(HINT_FULL)),
        _ => by_status(status),
    }
}

/// The spellings seen of AWS, MinIO, s3s, Ceph RGW and Garage, in lower case.
fn policy(message: &str) -> Option<Meaning> {
    let any = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
    if any(&[
        "condition failed",
        "condition 'eq'",
        "condition 'starts-with'",
        "policy check failed",
        "value not allowed in policy",
    ]) {
        return Some((Code::PolicyCondition, "a condition of the policy is not met", None));
    }
    if any(&[
        "extra input field",
        "policy missing condition",
        "not specified in the policy",
        "is not allowed in policy",
        "each form field",
    ]) {
        return Some((Code::PolicyExtraField, "the form has a field that the policy does not name", None));
    }
    if any(&[
        "policy expired",
        "has expired",
        "expiration date is in the pas",
        "policy is expired",
        "policy document has expired",
    ]) {
        return Some((Code::PolicyExpired, "what the backend signed has expired", Some(HINT_EXPIRY)));
    }
    if any(&["not yet valid", "time is too far", "too skewed"]) {
        return Some((Code::ClockSkewed, "S3 finds the form's time wrong", Some(HINT_CLOCK)));
    }
    if any(&["file size does not match policy", "does not match policy", "according to policy", "required key"]) {
        return Some((Code::PolicyCondition, "a condition of the policy is not met", None));
    }
    if any(&["invalid policy", "parse post policy"]) {
        return Some((Code::PolicyInvalid, "S3 can't read the policy", Some(HINT_FIELDS)));
    }
    None
}

fn signature_version(message: &str) -> Option<Meaning> {
    [
        "authorization mechanism",
        "aws4-hmac-sha256",
        "signature version 4",
        "only one auth mechanism",
        "x-amz-algorithm",
        "awsaccesskeyid",
    ]
    .iter()
    .any(|part| message.contains(part))
    .then_some((Code::SignatureVersion, "S3 does not accept this kind of signature", Some(HINT_SIGV4)))
}

fn by_status(status: u16) -> Meaning {
    match status {
        401 | 403 => (Code::S3Denied, "S3 denies access", Some(HINT_PUT)),
        404 => (Code::NoSuchBucket, "there is no bucket at the form's address", Some(HINT_BUCKET)),
        405 => (Code::S3Refused, "this address takes no POST", Some(HINT_URL)),
        407 | 511 => {
            (Code::Unreachable, "the network wants a sign-in first", Some("sign in to the network or its proxy"))
        }
        408 => (Code::S3Timeout, "S3 waited too long for the bytes", None),
        411 => (Code::S3Refused, "the length of the request did not arrive", Some(HINT_PROXY)),
        413 => (Code::PolicyTooLarge, "the file is larger than the server takes", Some(HINT_BODY)),
        429 | 503 => (Code::S3SlowDown, "S3 asks to slow down", None),
        501 => (Code::S3Refused, "the server does not know presigned POSTs", Some(HINT_FIELDS)),
        507 => (Code::S3Internal, "the storage is full", Some(HINT_FULL)),
        400..=499 => (Code::S3Refused, "S3 refuses the upload", Some(HINT_FIELDS)),
        500..=599 => (Code::S3Internal, "S3 had an internal error", None),
        _ => (Code::S3Unknown, "S3 gave an answer that means nothing", None),
    }
}

fn about_field(message: &str, what: &str) -> String {
    match field_in(message) {
        Some(field) => format!("for the backend, field \"{}\": {what}", quote(field, 60)),
        None => format!("for the backend: {what}; send the fields just as generate_presigned_post returned them"),
    }
}

/// The field a message is about: `["eq", "$key", …]` (AWS, MinIO), `for field 'key'` (s3s), `Key 'key'` (Garage),
/// `Extra input fields: key`, `variable not found: key`, `not met condition: key`, `missing condition: key` (RGW), `"key" not specified` (s3s).
fn field_in(message: &str) -> Option<&str> {
    let name = |rest: &'_ str| -> usize {
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).unwrap_or(rest.len())
    };
    let after = |mark: &str| {
        let (_, rest) = message.split_once(mark)?;
        rest.get(..name(rest)).filter(|field| !field.is_empty())
    };
    if let Some(field) =
        ["$", "field '", "Key '", "input fields: ", "not found: ", "met condition: ", "missing condition: "]
            .into_iter()
            .find_map(after)
    {
        return Some(field);
    }
    let (before, _) = message.split_once("\" not specified")?;
    before.rsplit('"').next().filter(|field| !field.is_empty() && name(field) == field.len())
}

#[cfg(test)]
mod tests {
    use super::field_in;

    #[test]
    fn the_field_is_found_in_each_servers_words() {
        let cases = [
            (
                "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\", \"user/eric/\"]",
                Some("key"),
            ),
            ("Policy condition 'eq' for field 'content-type' failed: expected 'a', got 'b'", Some("content-type")),
            ("Bad request: Key 'x-amz-meta-a' has value not allowed in policy", Some("x-amz-meta-a")),
            ("Invalid according to Policy: Extra input fields: utf8", Some("utf8")),
            ("Policy check failed, variable not found: bucket", Some("bucket")),
            ("Policy check failed, variable not met condition: key", Some("key")),
            ("Policy missing condition: x-amz-meta-album", Some("x-amz-meta-album")),
            ("Each form field … conditions. \"submit2\" not specified in the policy.", Some("submit2")),
            ("Access Denied", None),
            ("costs $", None),
        ];
        for (message, wanted) in cases {
            assert_eq!(field_in(message), wanted, "{message}");
        }
    }
}
