//! What presign says of each file, once it answered. Pure.

use super::answers::{self, Raw};
use super::asks::{Asked, Role};
use super::checks::Check;
use super::shape;
use crate::backend::entries;
use crate::cause::Code;
use offload_protocol::checkup::Finding;
use offload_protocol::wire::{PresignEntry, Upload};

/// What came of asking for some files.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) uploads: Vec<(Asked, Upload)>,
    /// What is wrong with the answer's shape, once; or with what is refused.
    pub(super) findings: Vec<Finding>,
}

/// Reads a good answer. `Err`: it says nothing of any file.
pub(super) fn read(raw: &Raw, asked: &[&Asked]) -> Result<Said, Finding> {
    if let Some(finding) = answers::not_json(raw) {
        return Err(finding);
    }
    let Some(value) = raw.json() else {
        return Err(Check::NotJson.problem("presign answers with something that is not JSON"));
    };
    let Ok(answer) = serde_json::from_slice::<entries::Answer<PresignEntry>>(&raw.body) else {
        return Err(shape::whole(&value, Check::AnswerShape));
    };
    let ids: Vec<&str> = asked.iter().map(|asked| asked.file.file_id.as_str()).collect();
    let mut said = Said::default();
    for ((file_id, result), asked) in entries::uploads(answer, &ids).into_iter().zip(asked) {
        let finding = match result {
            Ok(upload) => {
                said.uploads.push(((*asked).clone(), upload));
                continue;
            }
            Err(cause) => match cause.code {
                Code::BackendRefused | Code::BackendBusy | Code::BackendError => refused(asked, &cause.message),
                Code::BackendSilent => Some(shape::silent(&value, &file_id, Check::EntryMissing)),
                _ if shape::entry_of(&value, &file_id).is_some_and(is_multipart) => {
                    Some(Check::Multipart.problem(format!("it answers MULTIPART for {}", asked.file.filename)))
                }
                _ => shape::entry_of(&value, &file_id).map(shape::presign_entry),
            },
        };
        // The first one tells what the others would.
        if let Some(finding) = finding.filter(|found| said.findings.iter().all(|known| known.code != found.code)) {
            said.findings.push(finding);
        }
    }
    Ok(said)
}

fn is_multipart(entry: &serde_json::Value) -> bool {
    entry.get("upload").and_then(|upload| upload.get("method")).is_some_and(|method| method == "MULTIPART")
}

/// What a refusal of one file means, by what the file was asked about for.
pub(super) fn refused(asked: &Asked, words: &str) -> Option<Finding> {
    let name = &asked.file.filename;
    match asked.role {
        Role::Plain | Role::Unsent => {
            Some(Check::FileRefused.problem(format!("it refuses {name}, a JPEG of 1 KB: {words}")))
        }
        Role::Twin => Some(Check::FileRefused.problem(format!("it refuses a second file of the same path: {words}"))),
        Role::Hangul => Some(Check::NameRefused.problem(format!("it refuses {name}: {words}"))),
        Role::Copy => {
            Some(Check::FileRefused.note(format!("it refuses a file with the same bytes as another: {words}")))
        }
        Role::Raw | Role::Video => {
            Some(Check::FileRefused.note(format!("it refuses {name} of {} MB: {words}", asked.file.size / 1_000_000)))
        }
        // Refused in its own entry, as it should be.
        Role::Dots | Role::TooLarge => None,
    }
}

/// What it means that a file fails a whole request, by its status.
pub(super) fn fails_all(asked: &Asked, raw: &Raw) -> Option<Finding> {
    let (name, status) = (&asked.file.filename, raw.status);
    match asked.role {
        Role::Hangul => Some(Check::NameRefused.problem(format!("a request with {name} fails as a whole ({status})"))),
        Role::Dots => Some(Check::OneFailsAll.note(format!("a path with .. in it fails the whole request ({status})"))),
        _ => Some(
            Check::OneFailsAll
                .problem(format!("{name} of {} bytes fails the whole request ({status})", asked.file.size)),
        ),
    }
}
