//! `add`, `remove`, `sources`: the watched folders and the batches.

use crate::args::{Add, Choice, Edit};
use crate::failure::{DONE, Failure};
use crate::link::{Link, odd};
use crate::out;
use crate::setting::{Setting, absolute};
use crate::words::{bytes, clean, files, when};
use offload_engine::destination::prefix;
use offload_engine::watch::name::{path_bytes, shown};
use offload_protocol::control::{NewSource, Reply, Request, SourceEdit};
use offload_protocol::view::{ChangedPolicy, SourceKind, SourceState, SourceView};
use std::path::{Path, PathBuf};

/// What is given on the command line as a source to be.
pub(crate) fn new_source(paths: &[PathBuf], choice: Choice, keep_first: bool) -> Result<NewSource, Failure> {
    Ok(NewSource {
        paths: paths.iter().map(|path| path_bytes(path)).collect(),
        name: choice.name.filter(|name| !name.trim().is_empty()),
        prefix: prefix(&choice.prefix)?,
        include: choice.include,
        exclude: choice.exclude,
        changed: if keep_first { ChangedPolicy::KeepFirst } else { ChangedPolicy::NewVersion },
    })
}

pub(crate) async fn add(setting: &Setting, add: Add) -> Result<u8, Failure> {
    let folder = absolute(&add.folder)?;
    let new = new_source(&[folder], add.choice, add.keep_first)?;
    let mut link = Link::to_change(setting, true).await?;
    link.check_backend(&setting.config_quietly().await?).await?;
    let source = link.add(new, false).await?;
    if setting.json {
        out::json(&source)?;
        return Ok(DONE);
    }
    let roots = clean(&source.roots.join(", "));
    let to = if source.prefix.is_empty() { String::new() } else { format!(" to {}", clean(&source.prefix)) };
    let when = if link.engine_runs() {
        "Its files are being uploaded now."
    } else {
        "Offload is not running: start `offload run` or the app, and its files are uploaded."
    };
    out::line(format_args!("Source {}: {roots} is watched{to}. {when}", source.id))?;
    Ok(DONE)
}

/// Changes what is named and leaves the rest as it is.
pub(crate) async fn edit(setting: &Setting, edit: Edit) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let before = find(&mut link, &edit.source).await?;
    let wanted = edited(&before, edit)?;
    let after = match link.ask(Request::EditSource(wanted)).await? {
        Reply::Source(source) => *source,
        other => return Err(odd(&other)),
    };
    if setting.json {
        out::json(&after)?;
    } else {
        out::line(describe(&after))?;
        if after.prefix != before.prefix {
            out::line(
                "What is in the storage already stays where it is; what is sent from now on goes to the new place.",
            )?;
        }
    }
    Ok(DONE)
}

fn edited(before: &SourceView, edit: Edit) -> Result<SourceEdit, Failure> {
    // One empty pattern takes all away.
    let patterns = |given: Vec<String>, before: &[String]| match given.as_slice() {
        [] => before.to_vec(),
        [one] if one.is_empty() => Vec::new(),
        _ => given,
    };
    Ok(SourceEdit {
        id: before.id,
        name: edit.name.unwrap_or_else(|| before.name.clone()),
        prefix: edit.prefix.map_or_else(|| Ok(before.prefix.clone()), |text| prefix(&text))?,
        include: patterns(edit.include, &before.include),
        exclude: patterns(edit.exclude, &before.exclude),
        changed: edit.changed.map_or(before.changed, ChangedPolicy::from),
    })
}

pub(crate) async fn remove(setting: &Setting, which: &Path) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let source = find(&mut link, which).await?;
    link.ask(Request::RemoveSource(source.id)).await?;
    if setting.json {
        out::json(&serde_json::json!({ "removed": source.id }))?;
        return Ok(DONE);
    }
    let unsent = source.totals.pending() - source.totals.uploaded.files;
    let rest =
        if unsent == 0 { String::new() } else { format!(" {} had not been sent and will not be.", files(unsent)) };
    out::line(format_args!(
        "{} (source {}) is removed from Offload. Nothing was deleted, here or in the storage.{rest}",
        clean(&source.name),
        source.id
    ))?;
    Ok(DONE)
}

/// The source of a number, or of the path that was given for it; the newest where there are several.
pub(crate) async fn find(link: &mut Link, which: &Path) -> Result<SourceView, Failure> {
    let sources = link.status().await?.sources;
    let number = which.to_str().and_then(|text| text.trim().parse::<i64>().ok());
    let wanted = shown(&absolute(which)?);
    let found = match number {
        Some(number) => sources.into_iter().find(|source| source.id == number),
        None => sources.into_iter().rev().find(|source| source.roots.contains(&wanted)),
    };
    found.ok_or_else(|| {
        let what = number.map_or_else(
            || format!("no source is made from {wanted}"),
            |number| format!("no source has the number {number}"),
        );
        Failure::new("no_such_source", what).hint("`offload sources` lists them")
    })
}

pub(crate) async fn list(setting: &Setting) -> Result<u8, Failure> {
    let status = Link::to_read(setting).await?.status().await?;
    if setting.json {
        out::json(&status.sources)?;
        return Ok(DONE);
    }
    if status.sources.is_empty() {
        out::line("Nothing is watched and nothing was uploaded yet. `offload add FOLDER` watches a folder.")?;
    }
    for source in &status.sources {
        out::line(describe(source))?;
    }
    Ok(DONE)
}

/// A few lines on one source.
fn describe(source: &SourceView) -> String {
    let kind = match source.kind {
        SourceKind::Watched => "watched",
        SourceKind::Batch => "batch",
    };
    let standing = match source.state {
        SourceState::Active if source.scanning => ", being looked through",
        SourceState::Active => "",
        SourceState::Paused => ", paused",
        SourceState::Away => ", its folder is not there",
        SourceState::Cancelled => ", cancelled",
    };
    let mut text = format!("{:>4}  {} ({kind}{standing})", source.id, clean(&source.name));
    let mut more = |label: &str, what: String| text.push_str(&format!("\n      {label} {what}"));
    for root in source.roots.iter().take(5) {
        more("from", clean(root));
    }
    if source.roots.len() > 5 {
        more("from", format!("… and {} more", source.roots.len() - 5));
    }
    if !source.prefix.is_empty() {
        more("to", clean(&source.prefix));
    }
    if !source.include.is_empty() {
        more("only", clean(&source.include.join(", ")));
    }
    if !source.exclude.is_empty() {
        more("without", clean(&source.exclude.join(", ")));
    }
    if source.changed == ChangedPolicy::KeepFirst {
        more("changed files", "keep their first version".into());
    }
    more("files", counts(source));
    if let Some(at) = source.scanned_at_ms {
        more("looked through", when(at));
    }
    for notice in &source.notices {
        more("note:", clean(&notice.text));
    }
    text
}

fn counts(source: &SourceView) -> String {
    let totals = &source.totals;
    let all = totals.all();
    let mut parts = vec![format!("{} of {} confirmed ({})", totals.confirmed.files, all.files, bytes(all.bytes))];
    for (count, word) in [
        (totals.pending(), "on their way"),
        (totals.failed.files, "failed"),
        (totals.missing.files, "missing"),
        (totals.skipped.files, "not sent"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::edited;
    use crate::args::{Edit, OnChange};
    use crate::status::tests::{source, totals};
    use offload_protocol::view::{ChangedPolicy, SourceState};
    use std::path::PathBuf;

    #[test]
    fn an_edit_changes_only_what_is_named() {
        let mut before = source(SourceState::Active, Some(1), totals(&[]));
        before.exclude = vec!["*.xmp".into()];
        before.prefix = "smith".into();
        let none = Edit {
            source: PathBuf::from("1"),
            name: None,
            prefix: None,
            include: Vec::new(),
            exclude: Vec::new(),
            changed: None,
        };
        let same = edited(&before, Edit { source: none.source.clone(), ..none.clone() }).unwrap();
        assert_eq!((same.name.as_str(), same.prefix.as_str()), ("Wedding", "smith"));
        assert_eq!((same.exclude.as_slice(), same.changed), (&["*.xmp".to_owned()][..], ChangedPolicy::NewVersion));
        let other = Edit {
            prefix: Some("/b/".into()),
            exclude: vec![String::new()],
            include: vec!["*.jpg".into(), "*.cr3".into()],
            changed: Some(OnChange::KeepFirst),
            ..none.clone()
        };
        let other = edited(&before, other).unwrap();
        assert_eq!((other.prefix.as_str(), other.exclude.len(), other.include.len()), ("b", 0, 2));
        assert_eq!(other.changed, ChangedPolicy::KeepFirst);
        assert!(edited(&before, Edit { prefix: Some("..".into()), ..none }).is_err());
    }
}
