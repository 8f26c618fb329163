//! Keys: of one upload, and across several files and asks. Pure.

use super::asks::{Asked, Role};
use super::checks::Check;
use crate::transfer::quote::plain;
use offload_protocol::checkup::Finding;

/// S3's limit: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>.
const LONGEST: usize = 1024;

/// One upload's key. `signed`: the form's `key` field, where there is one.
pub(super) fn check(told: &str, signed: Option<&str>, asked: &Asked) -> Vec<Finding> {
    let mut findings = Vec::new();
    let key = signed.unwrap_or(told);
    if key.contains("${filename}") {
        return vec![Check::KeyFilename.problem("the key has ${filename} in it")];
    }
    if signed.is_some_and(|signed| signed != told) {
        let detail = format!("the upload's key is {}, and the form's field key is {}", shown(told), shown(key));
        findings.push(Check::KeyDiffers.problem(detail));
    }
    if key.split('/').any(|part| part == "..") {
        let detail = format!("the key is {}", shown(key));
        // That path was asked for on purpose; most servers take it.
        let is_on_purpose = asked.role == Role::Dots;
        findings.push(if is_on_purpose { Check::KeyDots.note(detail) } else { Check::KeyDots.problem(detail) });
    }
    if key.starts_with('/') {
        findings.push(Check::KeySlash.note(format!("the key is {}", shown(key))));
    }
    if key.len() > LONGEST {
        findings.push(Check::KeyTooLong.problem(format!("the key has {} bytes", key.len())));
    }
    findings
}

/// The keys of one round of asking.
#[derive(Debug, Clone, Default)]
pub struct Round<'a>(pub Vec<(&'a Asked, &'a str)>);

impl<'a> Round<'a> {
    fn of(&self, role: Role) -> Option<(&'a Asked, &'a str)> {
        self.0.iter().copied().find(|(asked, _)| asked.role == role)
    }
}

/// Two rounds of asking for the same files: keys stay, and belong to one file each.
pub fn across(first: &Round<'_>, second: &Round<'_>) -> Vec<Finding> {
    let moved = first.0.iter().find_map(|(asked, key)| {
        let again = second.0.iter().find(|(other, _)| other.file.file_id == asked.file.file_id)?;
        (again.1 != *key).then_some((*key, again.1))
    });
    if let Some((before, after)) = moved {
        let detail = format!("asked twice for one file_id, it gave {} and then {}", shown(before), shown(after));
        return vec![Check::KeyNotStable.problem(detail)];
    }
    if let Some((one, other, key)) = shared(first) {
        let detail = format!(
            "{} and another file of the {} get the key {}",
            one.file.filename,
            if one.file.path == other.file.path { "same path" } else { "same kind" },
            shown(key)
        );
        return vec![Check::KeyCollides.problem(detail)];
    }
    if let (Some((_, plain)), Some((_, copy))) = (first.of(Role::Plain), first.of(Role::Copy))
        && plain == copy
    {
        return vec![Check::KeyByContent.note(format!("two files with the same bytes get the key {}", shown(plain)))];
    }
    Vec::new()
}

/// Two files with different bytes under one key.
fn shared<'a>(round: &Round<'a>) -> Option<(&'a Asked, &'a Asked, &'a str)> {
    round.0.iter().enumerate().find_map(|(at, (one, key))| {
        let rest = round.0.get(at + 1..).unwrap_or_default();
        let (other, _) = rest.iter().find(|(other, same)| same == key && other.file.sha256 != one.file.sha256)?;
        Some((*one, *other, *key))
    })
}

fn shown(key: &str) -> String {
    format!("\"{}\"", plain(key, 120))
}
