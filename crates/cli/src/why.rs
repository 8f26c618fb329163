//! `why`: the story of one file.

use crate::failure::{DONE, Failure};
use crate::link::Link;
use crate::list::trouble;
use crate::out;
use crate::setting::{Setting, absolute};
use crate::steer::unknown;
use crate::words::{bytes, clean, duration, standing, when};
use offload_engine::watch::name::path_bytes;
use offload_protocol::view::{Attempt, Story, Version};
use std::path::Path;
use std::time::Duration;

pub(crate) async fn why(setting: &Setting, path: &Path) -> Result<u8, Failure> {
    let path = absolute(path)?;
    let mut link = Link::to_read(setting).await?;
    let story = link.story(path_bytes(&path)).await?.ok_or_else(|| unknown(&path))?;
    if setting.json {
        out::json(&story)?;
    } else {
        out::line(tell(&story))?;
    }
    Ok(DONE)
}

fn tell(story: &Story) -> String {
    let mut text = clean(&story.local_path);
    for version in &story.versions {
        text.push_str("\n\n");
        text.push_str(&tell_version(version));
    }
    text
}

fn tell_version(version: &Version) -> String {
    let file = &version.file;
    let old = if file.current { "" } else { ", an older version" };
    let mut lines = vec![format!("{}{old}", standing(file))];
    let mut more = |label: &str, what: &str| lines.push(format!("  {label:<10} {what}"));
    more("size", &format!("{} ({} bytes)", bytes(file.size), file.size));
    more("modified", &when(file.modified_ms));
    more("source", &format!("{}, as {}", file.source_id, clean(&file.path)));
    more("id", &file.file_id);
    // Before S3 has said yes the key is only where it was to go.
    let key = if file.uploaded_at_ms.is_some() { "stored as" } else { "meant for" };
    for (label, what) in [("sha256", &file.sha256), (key, &file.key), ("replaces", &file.supersedes)] {
        if let Some(what) = what {
            more(label, &clean(what));
        }
    }
    for (label, at) in [("in S3", file.uploaded_at_ms), ("confirmed", file.confirmed_at_ms)] {
        if let Some(at) = at {
            more(label, &when(at));
        }
    }
    let trouble = trouble(file, "\n  ");
    let mut text = lines.join("\n") + &trouble;
    for attempt in &version.attempts {
        text.push_str(&format!("\n  {}", tell_attempt(attempt)));
    }
    text
}

fn tell_attempt(attempt: &Attempt) -> String {
    let took = u64::try_from(attempt.duration_ms).unwrap_or_default();
    let took = if took < 1000 { format!("{took} ms") } else { duration(Duration::from_millis(took)) };
    let detail = attempt.detail.as_ref().map(|detail| format!(": {}", clean(detail))).unwrap_or_default();
    format!("{}  {} {} after {took}{detail}", when(attempt.at_ms), clean(&attempt.step), clean(&attempt.outcome))
}

#[cfg(test)]
mod tests {
    use super::tell;
    use crate::list::tests::file;
    use offload_protocol::view::{Attempt, FileRow, State, Story, Version};

    #[test]
    fn a_story() {
        let attempt = |outcome: &str, detail: Option<&str>| Attempt {
            at_ms: 0,
            duration_ms: 1500,
            step: "upload".into(),
            outcome: outcome.into(),
            detail: detail.map(Into::into),
        };
        let failed = FileRow {
            reason: Some("S3 denied it".into()),
            hint: Some("tell the backend's owner".into()),
            supersedes: Some("0189".into()),
            ..file("a.jpg", State::Failed)
        };
        let first = FileRow { current: false, confirmed_at_ms: Some(0), ..file("a.jpg", State::Confirmed) };
        let text = tell(&Story {
            local_path: "/photos/a\n.jpg".into(),
            versions: vec![
                Version { file: failed, attempts: vec![attempt("dropped", Some("reset")), attempt("s3_denied", None)] },
                Version { file: first, attempts: vec![attempt("ok", None)] },
            ],
        });
        assert!(text.starts_with("/photos/a\\n.jpg\n\nfailed\n"), "{text}");
        for part in [
            "S3 denied it",
            "next: tell the backend's owner",
            "upload dropped after 1 s: reset",
            "an older version",
            "replaces   0189",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
