//! POST policies: what a form must fulfil, judged as AWS words it.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

/// A policy document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conditions {
    pub(crate) expiration: Timestamp,
    rules: Vec<Rule>,
    /// Smallest and largest file, bytes.
    pub(crate) length: Option<(u64, u64)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    /// Lower case, without `$`.
    field: String,
    exact: bool,
    value: String,
    /// The condition as it stands in the document, for the error.
    source: String,
}

/// Why a policy cannot be read, or a form does not fulfil it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PolicyError {
    #[error("Invalid Policy: {0}")]
    Document(String),
    #[error("Invalid according to Policy: Policy expired.")]
    Expired,
    #[error("Invalid according to Policy: Policy Condition failed: {0}")]
    Condition(String),
    #[error("Invalid according to Policy: Extra input fields: {0}")]
    ExtraField(String),
}

impl Conditions {
    /// Reads the form's `policy` field.
    pub(crate) fn parse(encoded: &str) -> Result<Self, PolicyError> {
        let document = |why: &str| PolicyError::Document(why.to_owned());
        let json = STANDARD.decode(encoded).map_err(|_| document("Invalid Base64 encoding."))?;
        let json: Value = serde_json::from_slice(&json).map_err(|_| document("Invalid JSON."))?;
        let expiration =
            json.get("expiration").and_then(Value::as_str).ok_or_else(|| document("Policy missing expiration."))?;
        let expiration = expiration
            .parse()
            .map_err(|_| PolicyError::Document(format!("Invalid 'expiration' value: '{expiration}'")))?;
        let conditions =
            json.get("conditions").and_then(Value::as_array).ok_or_else(|| document("Policy missing conditions."))?;
        let mut policy = Self { expiration, rules: Vec::new(), length: None };
        for condition in conditions {
            policy.add(condition)?;
        }
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> Result<(), PolicyError> {
        let wrong = || PolicyError::Document(format!("Invalid Condition: {condition}"));
        match condition {
            Value::Object(members) => {
                for (field, value) in members {
                    let value = value.as_str().ok_or_else(wrong)?;
                    let source = serde_json::json!(["eq", format!("${field}"), value]).to_string();
                    self.rules.push(Rule {
                        field: field.to_ascii_lowercase(),
                        exact: true,
                        value: value.to_owned(),
                        source,
                    });
                }
                Ok(())
            }
            Value::Array(items) => match items.as_slice() {
                [Value::String(word), smallest, largest] if word.eq_ignore_ascii_case("content-length-range") => {
                    // AWS takes numbers that are written as strings, too.
                    let number = |v: &Value| v.as_u64().or_else(|| v.as_str().and_then(|s| s.parse().ok()));
                    self.length = Some((number(smallest).ok_or_else(wrong)?, number(largest).ok_or_else(wrong)?));
                    Ok(())
                }
                [Value::String(word), Value::String(field), Value::String(value)] => {
                    let exact = word.eq_ignore_ascii_case("eq");
                    let field = field.strip_prefix('$').ok_or_else(wrong)?.to_ascii_lowercase();
                    if !exact && !word.eq_ignore_ascii_case("starts-with") {
                        return Err(wrong());
                    }
                    self.rules.push(Rule { field, exact, value: value.clone(), source: condition.to_string() });
                    Ok(())
                }
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    /// Judges everything but the file's length. `fields` have lower-case names; `bucket` is the one of the URL.
    pub(crate) fn check(&self, fields: &[(String, String)], bucket: &str, now: Timestamp) -> Result<(), PolicyError> {
        if now >= self.expiration {
            return Err(PolicyError::Expired);
        }
        for rule in &self.rules {
            let mut values =
                fields.iter().filter(|(name, _)| *name == rule.field).map(|(_, value)| value.as_str()).peekable();
            let fulfils = |value: &str| if rule.exact { value == rule.value } else { value.starts_with(&rule.value) };
            let holds = match (rule.field.as_str(), values.peek().is_some()) {
                ("bucket", false) => fulfils(bucket),
                (_, false) => false,
                (_, true) => values.all(fulfils),
            };
            if !holds {
                return Err(PolicyError::Condition(rule.source.clone()));
            }
        }
        let covered = |name: &str| is_exempt(name) || self.rules.iter().any(|rule| rule.field == name);
        match fields.iter().find(|(name, _)| !covered(name)) {
            Some((name, _)) => Err(PolicyError::ExtraField(name.clone())),
            None => Ok(()),
        }
    }
}

fn is_exempt(field: &str) -> bool {
    matches!(field, "policy" | "x-amz-signature" | "file") || field.starts_with("x-ignore-")
}

#[cfg(test)]
mod tests {
    use super::{Conditions, PolicyError, STANDARD};
    use base64::Engine as _;

    fn policy(conditions: &str) -> Result<Conditions, PolicyError> {
        let json = format!("{{\"expiration\":\"2030-01-01T00:00:00.000Z\",\"conditions\":{conditions}}}");
        Conditions::parse(&STANDARD.encode(json))
    }

    /// Conditions, form fields, and what the error says.
    type Case = (&'static str, &'static [(&'static str, &'static str)], Option<&'static str>);

    #[test]
    fn forms_are_judged() {
        let now = "2029-12-31T23:59:59Z".parse().expect("a time");
        let table: [Case; 12] = [
            (r#"[{"bucket":"b"},["eq","$key","k"]]"#, &[("key", "k")], None),
            (
                r#"[{"bucket":"c"},["eq","$key","k"]]"#,
                &[("key", "k")],
                Some("Condition failed: [\"eq\",\"$bucket\",\"c\"]"),
            ),
            (r#"[["eq","$Key","k"]]"#, &[("key", "j")], Some("Condition failed")),
            (r#"[["starts-with","$key","u/"]]"#, &[("key", "u/x")], None),
            (r#"[["starts-with","$key","u/"]]"#, &[("key", "v/x")], Some("Condition failed")),
            (r#"[["starts-with","$key",""]]"#, &[], Some("Condition failed")),
            (r#"[{"key":"k"}]"#, &[("key", "k"), ("acl", "public-read")], Some("Extra input fields: acl")),
            (
                r#"[{"key":"k"}]"#,
                &[("key", "k"), ("x-ignore-this", "1"), ("policy", "p"), ("x-amz-signature", "s")],
                None,
            ),
            (r#"[{"key":"k"}]"#, &[("key", "k"), ("awsaccesskeyid", "A")], Some("Extra input fields: awsaccesskeyid")),
            (r#"[{"key":"k"}]"#, &[("key", "k"), ("key", "other")], Some("Condition failed")),
            (r#"[{"key":"k"},{"acl":"private"}]"#, &[("key", "k")], Some("Condition failed")),
            (r#"[{"key":"k"}]"#, &[("key", "k"), ("success_action_status", "201")], Some("Extra input fields")),
        ];
        for (conditions, fields, error) in table {
            let fields: Vec<_> = fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            let judged = policy(conditions).expect("a policy").check(&fields, "b", now).err().map(|e| e.to_string());
            match (judged, error) {
                (None, None) => {}
                (Some(judged), Some(error)) => assert!(judged.contains(error), "{conditions} {fields:?}: {judged}"),
                (judged, error) => panic!("{conditions} {fields:?}: {judged:?}, not {error:?}"),
            }
        }
        let late = "2030-01-01T00:00:00Z".parse().expect("a time");
        assert_eq!(policy("[]").expect("a policy").check(&[], "b", late), Err(PolicyError::Expired));
    }

    #[test]
    fn documents_that_are_none() {
        for encoded in [
            "%%%",
            &STANDARD.encode("no json"),
            &STANDARD.encode("{}"),
            &STANDARD.encode(r#"{"expiration":"soon","conditions":[]}"#),
        ] {
            assert!(matches!(Conditions::parse(encoded), Err(PolicyError::Document(_))), "{encoded}");
        }
        for conditions in [
            r#"["x"]"#,
            r#"[["eq","key","k"]]"#,
            r#"[["like","$key","k"]]"#,
            r#"[["content-length-range","a",1]]"#,
            "{}",
        ] {
            assert!(matches!(policy(conditions), Err(PolicyError::Document(_))), "{conditions}");
        }
        assert_eq!(policy(r#"[["content-length-range",1,"20"]]"#).expect("a policy").length, Some((1, 20)));
    }
}
