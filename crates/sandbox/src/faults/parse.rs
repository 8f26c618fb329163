//! Faults in words; the module above lists them.

use super::{ErrorAnswer, Fault, What, Where};
use std::collections::BTreeMap;
use std::str::FromStr;
use std::time::Duration;

/// Why the words are not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a fault: {0}")]
pub struct ParseFaultError(String);

type Options = BTreeMap<String, String>;

/// Name, status, S3 code, message.
const NAMED: &[(&str, u16, &str, &str)] = &[
    ("internal", 500, "InternalError", "We encountered an internal error. Please try again."),
    ("slowdown", 503, "SlowDown", "Please reduce your request rate."),
    ("unavailable", 503, "ServiceUnavailable", "Service is unable to handle request."),
    (
        "timeout",
        400,
        "RequestTimeout",
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
    ),
    ("expired", 403, "AccessDenied", "Invalid according to Policy: Policy expired."),
    ("expired-token", 400, "ExpiredToken", "The provided token has expired."),
    (
        "skewed",
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    ),
    ("too-large", 400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"),
    ("too-small", 400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"),
    ("unknown-key", 403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    (
        "bad-signature",
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    ),
    (
        "sigv2",
        400,
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    ),
    ("bad-digest", 400, "BadDigest", "The SHA256 you specified did not match the calculated checksum."),
    ("denied", 403, "AccessDenied", "Access Denied"),
    (
        "condition",
        403,
        "AccessDenied",
        "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$Content-Type\", \"image/jpeg\"]",
    ),
    ("extra-field", 403, "AccessDenied", "Invalid according to Policy: Extra input fields: x-extra"),
    ("bad-policy", 400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."),
    ("no-bucket", 404, "NoSuchBucket", "The specified bucket does not exist"),
    ("signed-out", 401, "Unauthorized", "The token is missing or is not valid."),
    ("forbidden", 403, "Forbidden", "This token may not do that."),
    ("busy", 429, "Too Many Requests", "Slow down."),
];

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: String| ParseFaultError(format!("{text}: {why}"));
        let (at, rest) = text.split_once('=').ok_or_else(|| wrong("expected WHERE=WHAT".into()))?;
        let mut parts = split(rest).into_iter();
        let name = parts.next().unwrap_or_default();
        let mut options = Options::new();
        for part in parts {
            let (option, value) =
                part.split_once('=').ok_or_else(|| wrong(format!("expected option=value, found {part}")))?;
            options.insert(option.to_owned(), value.to_owned());
        }
        let at = place(at).ok_or_else(|| wrong(format!("no such place: {at}")))?;
        let what = what(&name, &mut options).map_err(wrong)?;
        let mut fault = Self::new(at, what);
        limits(&mut fault, &mut options).map_err(wrong)?;
        if let Some(unknown) = options.keys().next() {
            return Err(wrong(format!("{name} has no option {unknown}")));
        }
        check(&fault).map_err(wrong)?;
        Ok(fault)
    }
}

/// Splits at colons that have no backslash before them.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let last = parts.len() - 1;
        match c {
            '\\' if chars.peek() == Some(&':') => parts[last].extend(chars.next()),
            ':' => parts.push(String::new()),
            c => parts[last].push(c),
        }
    }
    parts
}

fn place(word: &str) -> Option<Where> {
    Some(match word {
        "session" => Where::Session,
        "presign" => Where::Presign,
        "complete" => Where::Complete,
        "backend" => Where::Backend,
        "s3" => Where::S3,
        _ => return None,
    })
}

fn what(name: &str, options: &mut Options) -> Result<What, String> {
    Ok(match name {
        "html" => What::Html { status: number(options, "status", 502)? },
        "slow" => What::Slow { rate: bytes(options, "rate", 1024)?.max(1) },
        "stall" => What::Stall { after: bytes(options, "after", 0)? },
        "drop-before" => What::DropBefore,
        "drop-mid" => What::DropMid { after: bytes(options, "after", 1024)? },
        "drop-after" => What::DropAfter,
        "307" => What::Redirect,
        "301" => What::Moved,
        "truncated" => What::Truncated,
        "huge" => What::Huge { bytes: bytes(options, "bytes", 64 << 20)? },
        "clock" => What::Clock { skew: number(options, "skew", -86_400)? },
        "file-error" => What::FileError {
            status: number(options, "status", 422)?,
            title: options.remove("title").unwrap_or_else(|| "Refused on order".to_owned()),
        },
        "omit" => What::Omit,
        "unconfirmed" => What::Unconfirmed,
        "multipart" => What::Multipart,
        "wrong-etag" => What::WrongEtag,
        "no-etag" => What::NoEtag,
        "forget" => What::Forget,
        _ => What::Error(error_answer(name, options)?),
    })
}

fn error_answer(name: &str, options: &mut Options) -> Result<ErrorAnswer, String> {
    let named = NAMED.iter().find(|(word, ..)| *word == name);
    let (status, code, message) = match (named, name.parse::<u16>()) {
        (Some((_, status, code, message)), _) => (*status, *code, *message),
        (None, Ok(status)) => (status, "Ordered", "This answer was ordered."),
        (None, Err(_)) if name == "error" => (500, "Ordered", "This answer was ordered."),
        (None, Err(_)) => return Err(format!("no such fault: {name}")),
    };
    Ok(ErrorAnswer {
        status: number(options, "status", status)?,
        code: options.remove("code").unwrap_or_else(|| code.to_owned()),
        message: options.remove("message").unwrap_or_else(|| message.to_owned()),
        retry_after: options
            .remove("retry-after")
            .map(|v| v.parse().map_err(|_| format!("retry-after={v}")))
            .transpose()?,
        body: options.remove("body"),
    })
}

fn limits(fault: &mut Fault, options: &mut Options) -> Result<(), String> {
    if let Some(value) = options.remove("times") {
        fault.times = Some(value.parse().map_err(|_| format!("times={value}"))?);
    }
    fault.probability = number(options, "p", 1.0)?;
    fault.seed = number(options, "seed", 0)?;
    fault.skip = number(options, "skip", 0)?;
    fault.path = options.remove("path");
    if let Some(value) = options.remove("for") {
        fault.lasts = Some(duration(&value).ok_or_else(|| format!("for={value}"))?);
    }
    Ok(())
}

/// Faults that make no sense where they are asked for, so that a typing error is not a fault that never fires.
fn check(fault: &Fault) -> Result<(), String> {
    let fits = match &fault.what {
        What::Clock { .. } | What::Multipart => fault.at == Where::Presign,
        What::Unconfirmed => fault.at == Where::Complete,
        What::FileError { .. } | What::Omit => matches!(fault.at, Where::Presign | Where::Complete),
        What::WrongEtag | What::NoEtag | What::Forget => fault.at == Where::S3,
        What::Error(answer) => (100..1000).contains(&answer.status) && answer.status >= 200,
        What::Html { status } => (200..1000).contains(status),
        _ => true,
    };
    if !fits {
        return Err("this fault does not happen there, or its status is not one".to_owned());
    }
    if !(0.0..=1.0).contains(&fault.probability) {
        return Err("p is from 0 to 1".to_owned());
    }
    Ok(())
}

fn number<T: FromStr>(options: &mut Options, name: &str, default: T) -> Result<T, String> {
    options.remove(name).map_or(Ok(default), |value| value.parse().map_err(|_| format!("{name}={value}")))
}

fn bytes(options: &mut Options, name: &str, default: u64) -> Result<u64, String> {
    let Some(value) = options.remove(name) else { return Ok(default) };
    let digits = value.trim_end_matches(['k', 'm', 'g']);
    let unit = match &value[digits.len()..] {
        "" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        _ => return Err(format!("{name}={value}")),
    };
    digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)).ok_or_else(|| format!("{name}={value}"))
}

fn duration(value: &str) -> Option<Duration> {
    let (digits, unit) = if let Some(digits) = value.strip_suffix("ms") {
        (digits, 1)
    } else if let Some(digits) = value.strip_suffix('s') {
        (digits, 1000)
    } else if let Some(digits) = value.strip_suffix('m') {
        (digits, 60_000)
    } else {
        (value, 1000)
    };
    digits.parse::<u64>().ok()?.checked_mul(unit).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::super::{ErrorAnswer, Fault, What, Where};
    use std::time::Duration;

    #[test]
    fn words_become_faults() {
        let slow_down = Fault::error(Where::S3, 503, "SlowDown", "Please reduce your request rate.");
        let table = [
            ("s3=slowdown:for=60s", slow_down.clone().lasts(Duration::from_secs(60))),
            ("s3=slowdown:for=5m:p=0.25:seed=7", slow_down.lasts(Duration::from_secs(300)).probability(0.25, 7)),
            ("s3=drop-mid:times=3", Fault::new(Where::S3, What::DropMid { after: 1024 }).times(3)),
            ("s3=drop-mid:after=2m:skip=4", Fault::new(Where::S3, What::DropMid { after: 2 << 20 }).skip(4)),
            ("presign=clock:skew=-3600", Fault::new(Where::Presign, What::Clock { skew: -3600 })),
            ("backend=html:status=200", Fault::new(Where::Backend, What::Html { status: 200 })),
            ("s3=huge:bytes=1k:path=a\\:b", Fault::new(Where::S3, What::Huge { bytes: 1024 }).path("a:b")),
            (
                "complete=418:code=Tea:message=short:retry-after=2",
                Fault::new(
                    Where::Complete,
                    What::Error(ErrorAnswer {
                        status: 418,
                        code: "Tea".into(),
                        message: "short".into(),
                        retry_after: Some(2),
                        body: None,
                    }),
                ),
            ),
        ];
        for (words, fault) in table {
            assert_eq!(words.parse::<Fault>().as_ref(), Ok(&fault), "{words}");
        }
    }

    #[test]
    fn wrong_words_are_refused() {
        for words in [
            "",
            "s3",
            "s3=",
            "mars=slowdown",
            "s3=nothing",
            "s3=slowdown:for=x",
            "s3=slowdown:times",
            "s3=slowdown:colour=red",
            "s3=clock",
            "session=omit",
            "presign=forget",
            "s3=slowdown:p=2",
            "s3=99",
            "s3=drop-mid:after=5t",
        ] {
            assert!(words.parse::<Fault>().is_err(), "{words}");
        }
    }
}
