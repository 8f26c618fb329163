//! All uploads of a checkup, judged one by one and put together: each mistake once. Pure.
//!
//! Whoever got the uploads (protocol v1, Companion) hands them in here.

use super::asks::{Asked, Role};
use super::checks::Check;
use super::{Context, post_form, put_url};
use crate::transfer::signed::query_value;
use offload_protocol::checkup::{Finding, Verdict};
use offload_protocol::wire::Upload;

/// A fixed `content-length-range` over this is one for photographs; only long videos are left out.
const PHOTOGRAPHS: u64 = 100_000_000;

/// What is wrong or noteworthy about one upload.
pub fn of_one(asked: &Asked, upload: &Upload, context: &Context) -> Vec<Finding> {
    match upload {
        Upload::Post(post) => post_form::check(asked, post, context),
        Upload::Put(put) => put_url::check(asked, put, context),
        Upload::Skip { .. } => {
            vec![Check::SkipsUnsent.problem("it answers SKIP for random bytes that were never sent")]
        }
        Upload::Multipart(_) => vec![Check::Multipart.problem("it answers MULTIPART")],
    }
}

/// Every upload's findings, each code once, with the file it was seen with where others are free of it.
pub fn of_all(given: &[(&Asked, &Upload)], context: &Context) -> Vec<Finding> {
    let mut all: Vec<(Role, Finding)> = Vec::new();
    for (asked, upload) in given {
        all.extend(of_one(asked, upload, context).into_iter().map(|finding| (asked.role, finding)));
    }
    if context.max_file_size.is_none() && fixed_range(given).is_some_and(|most| most >= PHOTOGRAPHS) {
        for (role, finding) in &mut all {
            if *role == Role::Video && finding.code == Check::LengthRange.code() {
                *finding =
                    Check::LengthRangeNarrow.note(format!("{}; the range is the same for all files", finding.detail));
            }
        }
    }
    let mut merged: Vec<Finding> = Vec::new();
    for (_, finding) in &all {
        if merged.iter().any(|known| known.code == finding.code) {
            continue;
        }
        let same: Vec<_> = all.iter().filter(|(_, other)| other.code == finding.code).collect();
        let worst = same.iter().find(|(_, other)| other.verdict == Verdict::Problem).or(same.first());
        let Some((role, worst)) = worst else { continue };
        let mut worst = worst.clone();
        if same.len() < given.len()
            && let Some((asked, _)) = given.iter().find(|(asked, _)| asked.role == *role)
        {
            worst.detail = format!("{} (seen with {})", worst.detail, asked.file.filename);
        }
        merged.push(worst);
    }
    merged
}

/// The upper end of the length range, where small and large files get the same one.
fn fixed_range(given: &[(&Asked, &Upload)]) -> Option<u64> {
    let mut ranges = given.iter().map(|(_, upload)| match upload {
        Upload::Post(post) => post.fields.get("policy").and_then(post_form::length_range),
        _ => None,
    });
    let first = ranges.next()??;
    ranges.all(|range| range == Some(first)).then_some(first.1)
}

/// Whether two files of different bytes were given the very same form.
pub(super) fn are_one(given: &[(&Asked, &Upload)]) -> bool {
    let is_same = |one: &Upload, other: &Upload| !matches!(one, Upload::Skip { .. }) && one == other;
    given.iter().enumerate().any(|(at, (asked, upload))| {
        let rest = given.get(at + 1..).unwrap_or_default();
        rest.iter().any(|(other, again)| other.file.sha256 != asked.file.sha256 && is_same(upload, again))
    })
}

/// Whether a later round of asking, a second after, has the same date of signing: its times are not of now.
pub(super) fn cached(first: &[(Asked, Upload)], second: &[(Asked, Upload)]) -> Option<Finding> {
    let is_same = first.iter().any(|(asked, upload)| {
        let again = second.iter().find(|(other, _)| other.file.file_id == asked.file.file_id);
        again.is_some_and(|(_, again)| signed_on(upload).is_some_and(|date| signed_on(again) == Some(date)))
    });
    is_same.then(|| Check::Cached.note("asked again a second later, it gives what it had signed before"))
}

/// The date of signing, as it stands in the form or query.
pub(super) fn signed_on(upload: &Upload) -> Option<String> {
    match upload {
        Upload::Post(post) => post.fields.get("x-amz-date").map(str::to_owned),
        Upload::Put(put) => query_value(&put.url, "X-Amz-Date"),
        Upload::Skip { .. } | Upload::Multipart(_) => None,
    }
}
