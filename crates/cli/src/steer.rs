//! `retry`, `pause`, `resume`, `cancel`, `limit`: what is told to the engine, or written for the next one.

use crate::args::{Pause, Retry};
use crate::failure::{DONE, Failure};
use crate::link::{Link, odd};
use crate::out;
use crate::setting::{Setting, absolute};
use crate::sources::find;
use crate::until;
use crate::words::{clean, files, when};
use jiff::ZonedDateTime;
use offload_engine::config::{Config, bandwidth_text};
use offload_engine::control::Client;
use offload_engine::watch::name::{path_bytes, shown};
use offload_protocol::control::{Reply, Request, RetryWhat, Scope};
use offload_protocol::view::{SourceKind, State};
use std::path::{Path, PathBuf};

pub(crate) async fn retry(setting: &Setting, retry: Retry) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let again = |state: State| matches!(state, State::Failed | State::Waiting | State::Uploaded);
    let what = which(&mut link, retry, again).await?;
    let count = match link.ask(Request::Retry(what)).await? {
        Reply::Retried(count) => count,
        other => return Err(odd(&other)),
    };
    if setting.json {
        out::json(&serde_json::json!({ "retried": count }))?;
        return Ok(DONE);
    }
    let when = if link.engine_runs() { "now" } else { "as soon as Offload runs" };
    if count == 0 {
        out::line("Nothing to try again: no file failed or waits there.")?;
    } else {
        out::line(format_args!("{} will be tried again {when}.", files(count)))?;
    }
    Ok(DONE)
}

/// Missing files that nobody asks for any more.
pub(crate) async fn dismiss(setting: &Setting, missing: Retry) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let what = which(&mut link, missing, |state| state == State::Missing).await?;
    let count = match link.ask(Request::Dismiss(what)).await? {
        Reply::Retried(count) => count,
        other => return Err(odd(&other)),
    };
    if setting.json {
        out::json(&serde_json::json!({ "dismissed": count }))?;
    } else if count == 0 {
        out::line("Nothing to dismiss: no file is missing there.")?;
    } else {
        out::line(format_args!("{} dismissed.", files(count)))?;
    }
    Ok(DONE)
}

async fn which(link: &mut Link, which: Retry, wanted: impl Fn(State) -> bool) -> Result<RetryWhat, Failure> {
    Ok(match which {
        Retry { source: Some(source), .. } => RetryWhat::Source(find(link, &source).await?.id),
        Retry { all: true, .. } => RetryWhat::All,
        Retry { paths, .. } => RetryWhat::Files(rows_of(link, &paths, wanted).await?),
    })
}

/// Ledger rows of these paths in the states wanted. A path the ledger doesn't know stops everything before it begins.
async fn rows_of(link: &mut Link, paths: &[PathBuf], wanted: impl Fn(State) -> bool) -> Result<Vec<i64>, Failure> {
    let mut ids = Vec::new();
    for path in paths {
        let path = absolute(path)?;
        let story = link.story(path_bytes(&path)).await?.ok_or_else(|| unknown(&path))?;
        ids.extend(story.versions.iter().filter(|version| wanted(version.file.state)).map(|version| version.file.id));
    }
    Ok(ids)
}

/// The ledger has never heard of a path.
pub(crate) fn unknown(path: &Path) -> Failure {
    Failure::new("unknown_path", format!("the ledger does not know {}", shown(path))).hint(
        "`offload list --search NAME` looks for it; folders and what is left out by a pattern are not in the ledger",
    )
}

pub(crate) async fn pause(setting: &Setting, pause: Pause) -> Result<u8, Failure> {
    let now = ZonedDateTime::now();
    let end = match (pause.length, pause.until) {
        (Some(length), _) => Some(until::after(&now, length)),
        (None, Some(moment)) => Some(until::coming(&now, moment)),
        (None, None) => None,
    };
    match end {
        None => stop_or_go(setting, pause.source.as_deref(), true).await,
        Some(Some(end)) => pause_until(setting, end.timestamp().as_millisecond()).await,
        Some(None) => Err(Failure::new("time_over", "that time is over already").hint("name a time that lies ahead")),
    }
}

async fn pause_until(setting: &Setting, until_ms: i64) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    link.ask(Request::PauseUntil(until_ms)).await?;
    if setting.json {
        out::json(&serde_json::json!({ "paused": true, "scope": Scope::All, "until_ms": until_ms }))?;
    } else {
        out::line(format_args!("Everything is paused until {}; `offload resume` goes on before.", when(until_ms)))?;
    }
    Ok(DONE)
}

pub(crate) async fn resume(setting: &Setting, which: Option<&Path>) -> Result<u8, Failure> {
    stop_or_go(setting, which, false).await
}

async fn stop_or_go(setting: &Setting, which: Option<&Path>, pause: bool) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let (scope, name) = match which {
        None => (Scope::All, "Everything".to_owned()),
        Some(which) => {
            let source = find(&mut link, which).await?;
            (Scope::Source(source.id), format!("Source {} ({})", source.id, clean(&source.name)))
        }
    };
    link.ask(if pause { Request::Pause(scope) } else { Request::Resume(scope) }).await?;
    if setting.json {
        out::json(&serde_json::json!({ "paused": pause, "scope": scope }))?;
        return Ok(DONE);
    }
    let text = match (pause, link.engine_runs()) {
        (true, _) => "is paused; `offload resume` goes on, also after a restart.",
        (false, true) => "goes on.",
        (false, false) => "goes on as soon as Offload runs.",
    };
    out::line(format_args!("{name} {text}"))?;
    Ok(DONE)
}

pub(crate) async fn cancel(setting: &Setting, which: &Path) -> Result<u8, Failure> {
    let mut link = Link::to_change(setting, false).await?;
    let source = find(&mut link, which).await?;
    if source.kind == SourceKind::Watched {
        return Err(Failure::new("refused", format!("source {} is a watched folder, not a batch", source.id))
            .hint("`offload pause` or `offload remove` is for watched folders"));
    }
    if !source.scanning && source.scanned_at_ms.is_some() && source.totals.pending() == source.totals.uploaded.files {
        return Err(Failure::new("refused", format!("nothing of batch {} is left to cancel", source.id))
            .hint("`offload remove` puts it out of sight"));
    }
    link.ask(Request::CancelBatch(source.id)).await?;
    if setting.json {
        out::json(&serde_json::json!({ "cancelled": source.id }))?;
        return Ok(DONE);
    }
    out::line(format_args!(
        "Batch {} ({}) is cancelled. {} had been confirmed and stay where they are.",
        source.id,
        clean(&source.name),
        files(source.totals.confirmed.files)
    ))?;
    Ok(DONE)
}

/// Written into the settings for the next start, and told to the engine that runs.
pub(crate) async fn limit(setting: &Setting, limit: Option<u64>) -> Result<u8, Failure> {
    let dir = setting.dir.clone();
    tokio::task::spawn_blocking(move || Config::set_bandwidth(&dir, limit)).await??;
    let running = match Client::connect(&setting.dir).await {
        Some(mut client) => {
            client.request(&Request::SetBandwidth(limit)).await?;
            true
        }
        None => false,
    };
    if setting.json {
        out::json(&serde_json::json!({ "limit": limit, "running": running }))?;
        return Ok(DONE);
    }
    let from = if running { "from now on" } else { "from the next start" };
    match limit {
        Some(limit) => out::line(format_args!("Offload sends at most {} {from}.", bandwidth_text(limit)))?,
        None => out::line(format_args!("Offload sends as fast as it can {from}."))?,
    }
    Ok(DONE)
}
