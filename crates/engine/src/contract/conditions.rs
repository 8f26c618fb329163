//! A form's fields against its policy's conditions, as S3 compares them.

use super::checks::Check;
use super::policy::Policy;
use crate::transfer::quote::quote;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::Fields;

/// Fields that need no condition: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.
fn is_exempt(field: &str) -> bool {
    matches!(field, "policy" | "x-amz-signature" | "file") || field.starts_with("x-ignore-")
}

/// What the server itself puts there: the bucket of the address.
const BUCKET: &str = "bucket";

/// What was found, and the fields (lower case) whose conditions fail.
pub(super) struct Seen {
    pub(super) findings: Vec<Finding>,
    pub(super) failing: Vec<String>,
}

/// Names of fields that stand without a condition, conditions without a field, and values that fail theirs.
///
/// `explained`: fields whose values were found wrong already.
pub(super) fn check(fields: &Fields, policy: &Policy, explained: &[&str]) -> Seen {
    let mut findings = Vec::new();
    let uncovered = names(fields.0.iter().map(|(name, _)| name.as_str()).filter(|name| {
        let lower = name.to_ascii_lowercase();
        !is_exempt(&lower) && policy.of(&lower).next().is_none()
    }));
    // One mistake that people make in one way: it has words of its own.
    if uncovered.iter().any(|name| name.eq_ignore_ascii_case("x-amz-security-token")) {
        let detail = "the form has x-amz-security-token, and the policy has no condition for it";
        findings.push(Check::TokenFieldUncovered.problem(detail));
    } else if !uncovered.is_empty() {
        let detail = format!("no condition of the policy covers {}", listed(&uncovered));
        findings.push(Check::FieldUncovered.problem(detail));
    }
    let mut lacking = names(policy.conditions.iter().filter_map(|condition| {
        (condition.field != BUCKET && fields.get(&condition.field).is_none()).then_some(condition.name.as_str())
    }));
    let before = lacking.len();
    lacking.retain(|name| !name.eq_ignore_ascii_case("x-amz-security-token"));
    if lacking.len() < before {
        let detail = "the policy has a condition for x-amz-security-token, and the form has no such field";
        findings.push(Check::TokenFieldMissing.problem(detail));
    }
    if !lacking.is_empty() {
        let detail = format!("the policy has a condition for {}, and the form has no such field", listed(&lacking));
        findings.push(Check::ConditionWithoutField.problem(detail));
    }
    let failing = names(policy.conditions.iter().filter_map(|condition| {
        let value = fields.get(&condition.field)?;
        // S3 replaces it before it compares; that it is there at all is said elsewhere.
        let is_replaced = condition.field == "key" && value.contains("${filename}");
        let is_explained = explained.contains(&condition.field.as_str());
        (!is_replaced && !is_explained && !condition.holds(value)).then_some(condition.name.as_str())
    }));
    if !failing.is_empty() {
        let detail = format!("{} does not meet the policy's condition for it", listed(&failing));
        findings.push(Check::ConditionFailed.problem(detail));
    }
    if policy.of(BUCKET).next().is_none() {
        findings.push(Check::BucketUncovered.problem("no condition of the policy names the bucket"));
    }
    let is_open = |condition: &super::policy::Condition| !condition.exact && condition.value.is_empty();
    if policy.of("key").next().is_some() && policy.of("key").all(is_open) {
        findings.push(Check::KeyOpen.note("the policy's condition for the key holds for any key"));
    }
    let failing = failing.iter().map(|name| name.to_ascii_lowercase()).collect();
    Seen { findings, failing }
}

fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut found: Vec<&str> = Vec::new();
    for name in names {
        if !found.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            found.push(name);
        }
    }
    found
}

/// Up to five names, quoted.
fn listed(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(5).map(|name| format!("\"{}\"", quote(name, 60))).collect();
    let more =
        if names.len() > shown.len() { format!(" and {} more", names.len() - shown.len()) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
