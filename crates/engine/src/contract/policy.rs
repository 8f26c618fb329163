//! A POST policy, decoded: base64, JSON, conditions in their two forms.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use jiff::Timestamp;
use serde_json::Value;

/// A policy document, as far as it concerns a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) expiration: Expiration,
    pub(super) conditions: Vec<Condition>,
    /// Smallest and largest file, bytes; the narrowest where there are several.
    pub(super) length: Option<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expiration {
    /// UTC with a Z, as S3 asks for.
    At(Timestamp),
    /// A time, but with an offset instead of the Z.
    WithOffset(Timestamp),
    Unreadable,
}

impl Expiration {
    pub(super) const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) | Self::WithOffset(at) => Some(*at),
            Self::Unreadable => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    /// Lower case, without the `$`.
    pub(super) field: String,
    /// As it stands in the document.
    pub(super) name: String,
    pub(super) exact: bool,
    pub(super) value: String,
}

impl Condition {
    pub(super) fn holds(&self, value: &str) -> bool {
        if self.exact { value == self.value } else { value.starts_with(&self.value) }
    }
}

/// Why a policy can't be read, in words that quote nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PolicyFault {
    #[error("the policy has line breaks in its base64")]
    LineBreaks,
    #[error("the policy is in the base64 of URLs, with - and _, or lacks the = at its end")]
    UrlBase64,
    #[error("the policy is JSON as it is, not base64 of it")]
    BareJson,
    #[error("the policy is not base64")]
    Base64,
    #[error("the policy's base64 holds no JSON object")]
    Json,
    #[error("the policy has no list of conditions")]
    Conditions,
    #[error("condition {0} of the policy is none: {1}")]
    Condition(usize, &'static str),
}

impl Policy {
    /// Reads a form's `policy` field.
    pub(super) fn read(encoded: &str) -> Result<Self, PolicyFault> {
        let json = STANDARD.decode(encoded).map_err(|_| why_not_base64(encoded))?;
        let document: Value = serde_json::from_slice(&json).map_err(|_| PolicyFault::Json)?;
        let members = document.as_object().ok_or(PolicyFault::Json)?;
        let list = members.get("conditions").and_then(Value::as_array).ok_or(PolicyFault::Conditions)?;
        let expiration = members.get("expiration").and_then(Value::as_str).map_or(Expiration::Unreadable, expiration);
        let mut policy = Self { expiration, conditions: Vec::new(), length: None };
        for (index, condition) in list.iter().enumerate() {
            policy.add(condition).map_err(|why| PolicyFault::Condition(index + 1, why))?;
        }
        Ok(policy)
    }

    pub(super) fn of<'a>(&'a self, field: &str) -> impl Iterator<Item = &'a Condition> {
        let field = field.to_ascii_lowercase();
        self.conditions.iter().filter(move |condition| condition.field == field)
    }

    fn add(&mut self, condition: &Value) -> Result<(), &'static str> {
        match condition {
            Value::Object(members) => {
                let mut pairs = members.iter();
                let (Some((name, value)), None) = (pairs.next(), pairs.next()) else {
                    return Err("an object has to have exactly one member");
                };
                let value = value.as_str().ok_or("its value is no text")?;
                self.push(name, true, value);
                Ok(())
            }
            Value::Array(items) => self.add_list(items),
            _ => Err("it is neither an object nor a list"),
        }
    }

    fn add_list(&mut self, items: &[Value]) -> Result<(), &'static str> {
        let [word, second, third] = items else { return Err("a list has to have three members") };
        let word = word.as_str().ok_or("a list begins with its operator")?.to_ascii_lowercase();
        if word == "content-length-range" {
            // AWS takes numbers that are written as texts, too.
            let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
            let (Some(least), Some(most)) = (number(second), number(third)) else {
                return Err("content-length-range takes two whole numbers of bytes");
            };
            let (smallest, largest) = self.length.unwrap_or((0, u64::MAX));
            self.length = Some((least.max(smallest), most.min(largest)));
            return Ok(());
        }
        let name = second.as_str().and_then(|name| name.strip_prefix('$')).ok_or("its field has no $ before it")?;
        let value = third.as_str().ok_or("its value is no text")?;
        match word.as_str() {
            "eq" => self.push(name, true, value),
            "starts-with" => self.push(name, false, value),
            _ => return Err("its operator is none of eq, starts-with and content-length-range"),
        }
        Ok(())
    }

    fn push(&mut self, name: &str, exact: bool, value: &str) {
        let name = name.strip_prefix('$').unwrap_or(name);
        self.conditions.push(Condition {
            field: name.to_ascii_lowercase(),
            name: name.to_owned(),
            exact,
            value: value.to_owned(),
        });
    }
}

fn why_not_base64(encoded: &str) -> PolicyFault {
    let bare: String = encoded.chars().filter(|c| !c.is_whitespace()).collect();
    if encoded.trim_start().starts_with('{') {
        PolicyFault::BareJson
    } else if bare.len() != encoded.len() && STANDARD.decode(&bare).is_ok() {
        PolicyFault::LineBreaks
    } else if URL_SAFE.decode(&bare).is_ok() || STANDARD_NO_PAD.decode(&bare).is_ok() {
        PolicyFault::UrlBase64
    } else {
        PolicyFault::Base64
    }
}

fn expiration(text: &str) -> Expiration {
    match text.parse::<Timestamp>() {
        Ok(at) if text.ends_with(['Z', 'z']) && text.contains(['T', 't']) => Expiration::At(at),
        Ok(at) => Expiration::WithOffset(at),
        Err(_) => Expiration::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Policy, PolicyFault> {
        Policy::read(&STANDARD.encode(json))
    }

    fn with(conditions: &str) -> Result<Policy, PolicyFault> {
        read(&format!(r#"{{"expiration":"2030-01-01T00:00:00.000Z","conditions":{conditions}}}"#))
    }

    #[test]
    fn conditions_come_in_two_forms() {
        let policy = with(
            r#"[{"Bucket":"b"},["eq","$Key","k"],["STARTS-WITH","$Content-Type","image/"],["content-length-range",1,"20"],["content-length-range",0,9]]"#,
        )
        .unwrap();
        let seen: Vec<_> = policy.conditions.iter().map(|c| (c.field.as_str(), c.exact, c.value.as_str())).collect();
        assert_eq!(seen, [("bucket", true, "b"), ("key", true, "k"), ("content-type", false, "image/")]);
        assert_eq!(policy.length, Some((1, 9)));
        assert!(policy.of("CONTENT-TYPE").all(|c| c.holds("image/jpeg") && !c.holds("video/mp4")));
        assert_eq!(policy.of("acl").count(), 0);
    }

    #[test]
    fn expirations() {
        let at = |text: &str| read(&format!(r#"{{"expiration":{text},"conditions":[]}}"#)).unwrap().expiration;
        for (text, wanted) in [
            (r#""2030-01-01T00:00:00.000Z""#, Some(true)),
            (r#""2030-01-01T00:00:00Z""#, Some(true)),
            (r#""2030-01-01T00:00:00.123456Z""#, Some(true)),
            (r#""2030-01-01T09:00:00+09:00""#, Some(false)),
            (r#""2030-01-01T00:00:00""#, None),
            (r#""soon""#, None),
            ("1893456000", None),
            ("null", None),
        ] {
            match (at(text), wanted) {
                (Expiration::At(_), Some(true))
                | (Expiration::WithOffset(_), Some(false))
                | (Expiration::Unreadable, None) => {}
                (read, wanted) => panic!("{text}: {read:?}, not {wanted:?}"),
            }
        }
    }

    #[test]
    fn documents_that_are_none() {
        let json = r#"{"expiration":"2030-01-01T00:00:00Z","conditions":[{"x":"??>>~~"}]}"#;
        let encoded = STANDARD.encode(json);
        for (encoded, wanted) in [
            (json.to_owned(), PolicyFault::BareJson),
            ("%%%".to_owned(), PolicyFault::Base64),
            (String::new(), PolicyFault::Json),
            (STANDARD.encode("no json"), PolicyFault::Json),
            (STANDARD.encode("[]"), PolicyFault::Json),
            (STANDARD.encode("{}"), PolicyFault::Conditions),
            (format!("{}\n{}\n", &encoded[..20], &encoded[20..]), PolicyFault::LineBreaks),
            (URL_SAFE.encode(r#"{"a":"?>?>?>~~"}"#), PolicyFault::UrlBase64),
        ] {
            assert_eq!(Policy::read(&encoded).unwrap_err(), wanted, "{encoded}");
        }
        for conditions in [
            r#"["x"]"#,
            r#"[["eq","key","k"]]"#,
            r#"[["like","$key","k"]]"#,
            r#"[["content-length-range","a",1]]"#,
            r#"[["content-length-range",1]]"#,
            r#"[{"a":"1","b":"2"}]"#,
            r#"[{"success_action_status":201}]"#,
            "[{}]",
            "[7]",
        ] {
            assert!(matches!(with(conditions), Err(PolicyFault::Condition(1, _))), "{conditions}");
        }
    }
}
