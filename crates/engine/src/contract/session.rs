//! What session tells, once its JSON can be read. Pure.

use super::checks::Check;
use super::{LARGEST, shape};
use offload_protocol::checkup::Finding;
use offload_protocol::wire::{Limits, PROTOCOL_VERSION, Session};
use serde_json::Value;

/// A limit under this leaves out the raw files of current cameras, bytes.
const RAW: u64 = 100_000_000;

/// The session, as a client reads it.
pub(super) fn read(body: &[u8], value: &Value) -> Result<Session, Finding> {
    serde_json::from_slice(body).map_err(|_| shape::session(value))
}

/// What is to be said of version and limits.
pub(super) fn check(session: &Session) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(version) = session.protocol.filter(|version| *version != PROTOCOL_VERSION) {
        let detail = format!("the backend speaks version {version}, and this Offload version {PROTOCOL_VERSION}");
        findings.push(Check::ProtocolVersion.problem(detail));
    }
    findings.push(limits(&session.limits));
    findings
}

fn limits(limits: &Limits) -> Finding {
    let files = limits.files_per_request;
    if files == 0 {
        return Check::Limits.problem("limits.files_per_request is 0");
    }
    let largest = match limits.max_file_size {
        Some(0) => return Check::Limits.problem("limits.max_file_size is 0: no file may be sent"),
        Some(most) if most < RAW => {
            return Check::Limits.note(format!(
                "limits.max_file_size is {}: raw files and videos may be larger, and are refused",
                megabytes(most)
            ));
        }
        Some(most) if most > LARGEST => {
            return Check::Limits
                .note(format!("limits.max_file_size is {}, and S3 takes 5 GiB in one request", megabytes(most)));
        }
        Some(most) => format!("up to {}", megabytes(most)),
        None => "any size up to S3's 5 GiB".to_owned(),
    };
    if files > 1000 {
        return Check::Limits.note(format!("limits.files_per_request is {files}; Offload asks for 1000 at most"));
    }
    if limits.multipart {
        return Check::Limits.note("limits.multipart is true; this version sends no multipart uploads");
    }
    Check::Limits.good(format!("files of {largest}, {files} in one request"))
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use offload_protocol::checkup::Verdict;

    #[test]
    fn sessions_are_read_and_judged() {
        use Verdict::{Good, Note, Problem};
        for (json, wanted) in [
            (r#"{"account":"kim"}"#, vec![(Check::Limits, Good)]),
            (r#"{"account":"kim","protocol":1,"new":7,"limits":{"files_per_request":1}}"#, vec![(Check::Limits, Good)]),
            (r#"{"account":"kim","protocol":2}"#, vec![(Check::ProtocolVersion, Problem), (Check::Limits, Good)]),
            (r#"{"account":"kim","limits":{"files_per_request":0}}"#, vec![(Check::Limits, Problem)]),
            (r#"{"account":"kim","limits":{"max_file_size":0}}"#, vec![(Check::Limits, Problem)]),
            (r#"{"account":"kim","limits":{"max_file_size":20000000}}"#, vec![(Check::Limits, Note)]),
            (r#"{"account":"kim","limits":{"max_file_size":9999999999}}"#, vec![(Check::Limits, Note)]),
            (r#"{"account":"kim","limits":{"multipart":true}}"#, vec![(Check::Limits, Note)]),
        ] {
            let value = serde_json::from_str(json).unwrap();
            let found = check(&read(json.as_bytes(), &value).unwrap());
            let got: Vec<_> = found.iter().map(|found| (found.code.as_str(), found.verdict)).collect();
            let wanted: Vec<_> = wanted.iter().map(|(check, verdict)| (check.code(), *verdict)).collect();
            assert_eq!(got, wanted, "{json}");
        }
        for (json, words) in [
            ("[]", "a list"),
            (r#"{"user":"kim"}"#, "account is missing"),
            (r#"{"data":{"account":"kim"}}"#, "inside of a member \"data\""),
            (r#"{"account":7}"#, "account"),
            (r#"{"account":"kim","limits":{"max_file_size":"5 GB"}}"#, "limits.max_file_size"),
            (r#"{"account":"kim","limits":{"files_per_request":-1}}"#, "limits.files_per_request"),
            (r#"{"account":"kim","limits":7}"#, "limits"),
            (r#"{"account":"kim","protocol":"1"}"#, "protocol"),
            (r#"{"account":"kim","server_time":1777777777}"#, "server_time"),
        ] {
            let value = serde_json::from_str(json).unwrap();
            let found = read(json.as_bytes(), &value).unwrap_err();
            assert!(found.code == "session_shape" && found.detail.contains(words), "{json}: {}", found.detail);
        }
    }
}
