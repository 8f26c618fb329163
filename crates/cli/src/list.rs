//! `list`: files, page by page.

use crate::args::{By, List};
use crate::failure::{DONE, Failure};
use crate::link::Link;
use crate::out;
use crate::setting::Setting;
use crate::sources::find;
use crate::words::{bytes, clean, when};
use offload_protocol::view::{FileRow, Filter, Order, PageQuery, State};
use std::io::Write;

/// Rows asked for at once.
const PAGE: u64 = 500;

pub(crate) async fn list(setting: &Setting, list: List) -> Result<u8, Failure> {
    let mut link = Link::to_read(setting).await?;
    let source_id = match &list.source {
        Some(source) => Some(find(&mut link, source).await?.id),
        None => None,
    };
    let order = match list.order {
        By::Seen => Order::Seen,
        By::Path => Order::Path,
        By::Size => Order::Size,
        By::Changed => Order::Changed,
    };
    let filter = Filter { source_id, states: list.states, search: list.search, old_versions: list.old_versions };
    let query = PageQuery { filter, order, descending: list.reverse, offset: list.offset, limit: 0, count: false };
    let most = if list.all { u64::MAX } else { list.limit };
    let mut printed = Printed::begin(setting.json)?;
    let more = each(&mut link, query, most, |file| printed.file(&file)).await?;
    printed.end()?;
    if more && !setting.json {
        out::aside(format_args!("There are more: --offset {} goes on, --all shows everything.", list.offset + most))?;
    }
    Ok(DONE)
}

/// Hands up to `most` files on, page by page; whether there are more.
pub(crate) async fn each(
    link: &mut Link,
    mut query: PageQuery,
    most: u64,
    mut take: impl FnMut(FileRow) -> Result<(), Failure>,
) -> Result<bool, Failure> {
    let mut left = most;
    loop {
        // One more than wanted tells whether there are more.
        let wanted = left.saturating_add(1).min(PAGE);
        query.limit = u32::try_from(wanted).unwrap_or(u32::MAX);
        let files = link.page(query.clone()).await?.files;
        let count = files.len() as u64;
        for file in files {
            if left == 0 {
                return Ok(true);
            }
            left -= 1;
            take(file)?;
        }
        if count < wanted {
            return Ok(false);
        }
        query.offset += count;
    }
}

/// A JSON array that is written row by row, or lines for people.
struct Printed {
    json: bool,
    first: bool,
}

impl Printed {
    fn begin(json: bool) -> Result<Self, Failure> {
        if json {
            std::io::stdout().write_all(b"[")?;
        }
        Ok(Self { json, first: true })
    }

    fn file(&mut self, file: &FileRow) -> Result<(), Failure> {
        if !self.json {
            return Ok(out::line(line(file))?);
        }
        let mut to = std::io::stdout().lock();
        to.write_all(if std::mem::take(&mut self.first) { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut to, file).map_err(std::io::Error::from)?;
        Ok(())
    }

    fn end(self) -> Result<(), Failure> {
        if self.json {
            std::io::stdout().write_all(b"\n]\n")?;
        }
        Ok(())
    }
}

/// One line, and under it what is wrong and what to do.
pub(crate) fn line(file: &FileRow) -> String {
    let size = match file.sent.filter(|_| file.state == State::Uploading) {
        Some(sent) => format!("{} of {}", bytes(sent), bytes(file.size)),
        None => bytes(file.size),
    };
    let old = if file.current { "" } else { "  (an older version)" };
    format!("{:<10} {size:>9}  {}{old}{}", file.state.as_str(), clean(&file.path), trouble(file, "\n           "))
}

/// Cause, next step and time of the next try, each after `before`; empty where all is well.
pub(crate) fn trouble(file: &FileRow, before: &str) -> String {
    let mut text = String::new();
    let mut more = |what: String| {
        text.push_str(before);
        text.push_str(&what);
    };
    if let Some(reason) = &file.reason {
        more(clean(reason));
    }
    if let Some(hint) = &file.hint {
        more(format!("next: {}", clean(hint)));
    }
    if let Some(at) = file.retry_at_ms.filter(|_| file.reason.is_some()) {
        more(format!("tried again at {} (after {} tries)", when(at), file.attempts));
    }
    text
}

#[cfg(test)]
pub(crate) mod tests {
    use super::line;
    use offload_protocol::view::{FileRow, State};

    pub(crate) fn file(path: &str, state: State) -> FileRow {
        FileRow {
            id: 1,
            file_id: "0190".into(),
            source_id: 1,
            path: path.into(),
            size: 24_300_000,
            modified_ms: 0,
            state,
            code: None,
            reason: None,
            hint: None,
            sha256: None,
            key: None,
            etag: None,
            attempts: 0,
            retry_at_ms: None,
            uploaded_at_ms: None,
            confirmed_at_ms: None,
            changed_at_ms: 0,
            current: true,
            supersedes: None,
            sent: None,
        }
    }

    #[test]
    fn a_failure_says_why_and_what_to_do() {
        let mut failed = file("Wedding/a\u{1b}[2J.jpg", State::Failed);
        failed.reason = Some("permission denied".into());
        failed.hint = Some("give yourself the right to read it".into());
        let text = line(&failed);
        assert!(text.contains("permission denied") && text.contains("next: give yourself the right"));
        assert!(!text.contains('\u{1b}'));
        assert_eq!(line(&file("a.jpg", State::Confirmed)), "confirmed      24 MB  a.jpg");
        let on_its_way = FileRow { sent: Some(12_000_000), ..file("a.jpg", State::Uploading) };
        assert!(line(&on_its_way).contains("12 MB of 24 MB"));
    }
}
