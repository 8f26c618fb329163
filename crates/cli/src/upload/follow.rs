//! Looks at the batch again and again until it is over.

use super::Work;
use super::progress::{Shown, Snapshot};
use super::verdict::{End, Look, verdict};
use crate::failure::Failure;
use crate::list::{each, line};
use offload_engine::ledger::now_ms;
use offload_engine::transfer::retry::ATTEMPTS_IN_A_RUN;
use offload_protocol::view::{FileRow, Filter, Order, PageQuery, SourceView, State};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Between two looks.
const OFTEN: Duration = Duration::from_millis(150);
/// Between two looks at what waits: that reads all of it.
const SELDOM: Duration = Duration::from_secs(2);
/// Failures told as they happen; all of them stand in the report.
const TOLD: usize = 200;

pub(super) async fn follow(work: &mut Work, shown: &mut Shown, patience: Duration) -> Result<End, Failure> {
    let mut movement = Movement::new();
    let mut told = HashSet::new();
    let mut waits = (Instant::now(), false);
    loop {
        let status = work.link.status().await?;
        let Some(source) = status.sources.iter().find(|source| source.id == work.batch) else {
            return Err(Failure::new("no_such_source", "the batch was removed while it was being uploaded")
                .hint("give the folder again to send it after all"));
        };
        work.detail.clone_from(&status.detail);
        let current = uploading(work, source).await?;
        tell_failures(work, source, shown, &mut told).await?;
        if waits.0.elapsed() >= SELDOM {
            waits = (Instant::now(), only_waits(work, source).await?);
        }
        let look = Look {
            totals: source.totals,
            seen: seen(work, source),
            state: source.state,
            health: status.health,
            only_waits: waits.1,
            idle: movement.idle(source, &current),
        };
        if let Some(end) = verdict(&look, patience) {
            return Ok(end);
        }
        shown.show(&Snapshot {
            totals: source.totals,
            scanning: !look.seen,
            speed: status.speed,
            health: status.health,
            detail: status.detail.as_deref(),
            current: &current,
        });
        shutdown_or(work, OFTEN).await?;
    }
}

/// Rests; another process may ask our engine to stop meanwhile.
async fn shutdown_or(work: &mut Work, pause: Duration) -> Result<(), Failure> {
    let Some(own) = &mut work.own else {
        tokio::time::sleep(pause).await;
        return Ok(());
    };
    tokio::select! {
        () = tokio::time::sleep(pause) => Ok(()),
        () = own.control.shutdown_asked() => {
            Err(Failure::new("shut_down", "another program told Offload to stop").hint("the same command goes on where it stopped"))
        }
    }
}

/// The look through the folders that was asked for is over.
fn seen(work: &Work, source: &SourceView) -> bool {
    !source.scanning && source.scanned_at_ms.is_some_and(|at| at >= work.asked_ms || Some(at) != work.scanned_before_ms)
}

async fn uploading(work: &mut Work, source: &SourceView) -> Result<Vec<FileRow>, Failure> {
    if source.totals.uploading.files == 0 {
        return Ok(Vec::new());
    }
    let query = PageQuery { filter: of(work.batch, &[State::Uploading]), limit: 64, ..PageQuery::default() };
    Ok(work.link.page(query).await?.files)
}

fn of(batch: i64, states: &[State]) -> Filter {
    Filter { source_id: Some(batch), states: states.to_vec(), ..Filter::default() }
}

/// Says each failure once, when it happens.
async fn tell_failures(
    work: &mut Work,
    source: &SourceView,
    shown: &mut Shown,
    told: &mut HashSet<i64>,
) -> Result<(), Failure> {
    let failures = source.totals.failed.files + source.totals.missing.files;
    if failures <= told.len() as u64 || told.len() >= TOLD {
        return Ok(());
    }
    let query = PageQuery {
        filter: of(work.batch, &[State::Failed, State::Missing]),
        order: Order::Changed,
        descending: true,
        limit: 50,
        ..PageQuery::default()
    };
    for file in work.link.page(query).await?.files.into_iter().rev() {
        if told.insert(file.id) {
            shown.say(&line(&file));
        }
    }
    Ok(())
}

/// Whether all that is left has been tried so often that the next try lies far ahead.
async fn only_waits(work: &mut Work, source: &SourceView) -> Result<bool, Failure> {
    let totals = &source.totals;
    if totals.pending() == 0 || totals.pending() != totals.waiting.files + totals.uploaded.files {
        return Ok(false);
    }
    let now = now_ms();
    let query = PageQuery { filter: of(work.batch, &[State::Waiting, State::Uploaded]), ..PageQuery::default() };
    let checked = each(&mut work.link, query, u64::MAX, |file| {
        let later = file.retry_at_ms.is_some_and(|at| at > now);
        if later && file.attempts >= ATTEMPTS_IN_A_RUN { Ok(()) } else { Err(Failure::new("soon", "one is due soon")) }
    })
    .await;
    match checked {
        Ok(_) => Ok(true),
        Err(failure) if failure.code == "soon" => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Notices whether anything moves: files that end, bytes that go out, files that are found.
struct Movement {
    last: (u64, u64, u64),
    /// The most that ever was in S3 or on its way: what is sent again and again is no progress.
    furthest: u64,
    at: Instant,
}

impl Movement {
    fn new() -> Self {
        Self { last: (0, 0, 0), furthest: 0, at: Instant::now() }
    }

    fn idle(&mut self, source: &SourceView, current: &[FileRow]) -> Duration {
        let totals = &source.totals;
        let all = totals.all();
        let sent: u64 = current.iter().filter_map(|file| file.sent).sum();
        // Not the states in between: a file that goes round in circles gets nowhere.
        let ended = all.files - totals.pending();
        let now = (ended, totals.uploaded.files, all.files + all.bytes);
        let out = sent + totals.uploaded.bytes + totals.confirmed.bytes;
        if now != self.last || out > self.furthest {
            self.furthest = self.furthest.max(out);
            self.last = now;
            self.at = Instant::now();
        }
        self.at.elapsed()
    }
}
