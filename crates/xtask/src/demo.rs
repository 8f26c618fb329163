//! `cargo xtask demo`: photos go from a folder into a bucket, with everything that may happen on the way, and in the end each
//! file is held against ledger, backend and bucket. Where there is a display, the window shows it.

mod backends;
pub(crate) mod build;
mod compare;
mod display;
mod django;
mod facts;
mod folder;
mod http;
mod interrupt;
mod process;
mod progress;

use crate::say;
use crate::say::bytes;
use anyhow::{Context, Result, bail, ensure};
use backends::{Backends, Kind};
use build::Built;
use facts::{Facts, Status};
use process::{Offload, Process};
use progress::Progress;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Photos that are drawn where none are given, and the seed they come from.
const DRAWN: usize = 24;
const SEED: u64 = 20_240_501;
/// Of all photos, so many parts of eight come first; the others are dropped in while Offload runs.
const FIRST_EIGHTHS: usize = 6;
/// The photo that grows while it is written: pieces, and the pause after each.
const PIECES: usize = 10;
/// So many seconds all photos would take: long enough to be killed in between, and longer where somebody watches.
const UNWATCHED: u64 = 10;
const WATCHED: u64 = 25;
const PAUSE: Duration = Duration::from_millis(600);
const POLL: Duration = Duration::from_millis(150);
/// With nothing moving for so long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(180);

/// Options of `cargo xtask demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Upload copies of the photos in this folder instead of drawing some. The originals are only read.
    #[arg(long, value_name = "DIR")]
    photos: Option<PathBuf>,
    /// Leave the temporary folder: photos, data folder, bucket, logs.
    #[arg(long)]
    keep: bool,
    /// What signs and confirms: the sandbox, or the Django example on the sandbox's S3.
    #[arg(long, value_enum, default_value_t = Kind::Sandbox)]
    backend: Kind,
    /// Without the window, also where there is a display.
    #[arg(long)]
    headless: bool,
    /// Close the window by itself once everything is proven, for scripts.
    #[arg(long)]
    close: bool,
    /// A fault of the sandbox, as in s3=slowdown:times=3 or complete=500:times=2; may be given again.
    #[arg(long = "fault", value_name = "SPEC")]
    faults: Vec<String>,
}

pub(crate) fn demo(arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    interrupt::catch()?;
    let window = !arguments.headless && display::is_there();
    let built = build::build(window)?;
    interrupt::check()?;
    let temporary =
        tempfile::Builder::new().prefix("offload-demo-").tempdir().context("cannot make a temporary folder")?;
    let dir = temporary.path().canonicalize()?;
    let outcome = show(&built, &dir, arguments);
    if arguments.keep {
        let kept = temporary.keep();
        say::line(format_args!("Kept: {} (photos, data, sandbox, *.log)", kept.display()));
    } else if let Err(error) = temporary.close() {
        say::aside(format_args!("The temporary folder could not be removed: {error}"));
    }
    interrupt::check()?;
    let disagreements = outcome.with_context(|| {
        let again = if arguments.keep { "" } else { " (--keep leaves the logs to be read)" };
        format!("The demonstration could not be carried out{again}")
    })?;
    say::line(format_args!("{} after {}", verdict(disagreements), say::took(began.elapsed())));
    ensure!(disagreements == 0, "Not everything arrived, or not everything agrees: see above.");
    Ok(())
}

fn verdict(disagreements: usize) -> String {
    match disagreements {
        0 => "✓ Every file is safe: disk, ledger, backend and bucket agree on all of them,".into(),
        1 => "✗ 1 disagreement,".into(),
        some => format!("✗ {some} disagreements,"),
    }
}

/// Everything between an empty folder and the table; gives the number of disagreements.
fn show(built: &Built, dir: &Path, arguments: &Arguments) -> Result<usize> {
    let card = Card::choose(dir, arguments.photos.as_deref())?;
    let watched = dir.join("photos");
    std::fs::create_dir(&watched)?;
    let (first, later) = card.portions();
    for path in first {
        folder::copy(&card.folder, &watched, path)?;
    }
    let mut backends = Backends::start(built, dir, arguments.backend, &arguments.faults)?;
    for fault in &arguments.faults {
        say::line(format_args!("  with the fault {}", say::name(fault)));
    }
    let (address, token) = backends.address();
    let offload = Offload::new(built, dir, address, token)?;
    let mut progress = Progress::new();
    let seconds = if offload.has_window() { WATCHED } else { UNWATCHED };
    let killed = kill_midway(&offload, &watched, card.bytes / seconds, &mut progress)?;
    let mut running = offload.run()?;
    progress.say(&format!("{killed} Started again as process {}.", running.id()));
    let (slow, growing) = drop_in(&card, later, &watched, &mut progress)?;
    let expected = (first.len() + later.len()) as u64;
    let finished = wait(&offload, expected, growing, (&mut running, &mut backends), &mut progress);
    if !offload.has_window() || finished.is_err() {
        running.stop()?;
        let status = finished?;
        progress.say(&format!("{} `offload run` was asked to end and has ended.\n", standing(&status)));
        return prove(&offload, &backends, &watched, &slow);
    }
    progress.say(&format!("{}\n", standing(&finished?)));
    let disagreements = prove(&offload, &backends, &watched, &slow)?;
    if !arguments.close {
        say::line(
            "\nThe window stays: drop photos of your own on it. Quit Offload (Ctrl-Q in the window), or press Ctrl-C here, to end the demonstration.",
        );
        while running.runs()? && interrupt::nap(POLL).is_ok() {}
    }
    running.stop()?;
    Ok(disagreements)
}

/// Holds disk, ledger, backend and bucket against each other; gives the number of disagreements.
fn prove(offload: &Offload, backends: &Backends, watched: &Path, slow: &str) -> Result<usize> {
    let facts = Facts::gather(folder::inventory(watched)?, offload, backends)?;
    let disagreements = conclude(&facts);
    let versions = facts.ledger.iter().filter(|row| row.path == slow).count();
    say::line(format_args!("Versions in the ledger of {}, which grew before its eyes: {versions}", say::name(slow)));
    Ok(disagreements)
}

/// Where the photos come from.
#[derive(Debug)]
struct Card {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    bytes: u64,
}

impl Card {
    fn choose(dir: &Path, given: Option<&Path>) -> Result<Self> {
        let folder = match given {
            Some(folder) => folder.canonicalize().with_context(|| format!("cannot look into {}", folder.display()))?,
            None => {
                let began = Instant::now();
                xtask::photos::draw(&dir.join("card"), DRAWN, SEED)?;
                say::line(format_args!(
                    "Drew {DRAWN} photos as a camera's card has them, in {}",
                    say::took(began.elapsed())
                ));
                dir.join("card")
            }
        };
        let (paths, others) = folder::photos(&folder)?;
        ensure!(paths.len() >= 2, "{} has fewer than two photos; give another folder with --photos", folder.display());
        let sizes = paths.iter().map(|path| Ok(folder.join(path).metadata()?.len()));
        let bytes_in_all = sizes.sum::<Result<u64>>()?;
        let rest = if others == 0 { String::new() } else { format!(" ({others} that are none are left out)") };
        say::line(format_args!("{} photos, {}{rest}; copies of them are uploaded", paths.len(), bytes(bytes_in_all)));
        Ok(Self { folder, paths, bytes: bytes_in_all })
    }

    /// What lies in the folder from the start, and what comes later: at least one each.
    fn portions(&self) -> (&[PathBuf], &[PathBuf]) {
        self.paths.split_at(first_portion(self.paths.len()))
    }
}

fn first_portion(photos: usize) -> usize {
    (photos * FIRST_EIGHTHS / 8).clamp(1, photos.saturating_sub(1).max(1))
}

/// The limit, in bytes a second: never so low or so high that there is nothing to see.
fn pace(rate: u64) -> u64 {
    rate.clamp(200_000, 50_000_000)
}

/// Starts the service, and kills it while bytes are on their way. Gives the tale of it.
fn kill_midway(offload: &Offload, watched: &Path, rate: u64, progress: &mut Progress) -> Result<String> {
    let mut running = offload.run()?;
    let rate = format!("{}kB", pace(rate) / 1000);
    offload.tell(&["limit", &rate], None)?;
    progress.say(&format!(
        "{} is process {}, limited to {rate} a second so that there is something to see",
        running.name(),
        running.id()
    ));
    progress.say(&offload.tell(&["add"], Some(watched))?);
    let began = Instant::now();
    let on_its_way = loop {
        running.must_run()?;
        let status = offload.status()?;
        progress.show(&status);
        let midway = offload
            .list(Some("uploading"))?
            .into_iter()
            .find(|row| row.sent.is_some_and(|sent| sent > 0 && sent < row.size));
        let is_time = status.totals.confirmed.files > 0 || began.elapsed() > Duration::from_secs(20);
        if is_time && midway.is_some() || is_over(&status, 1) || began.elapsed() > PATIENCE {
            break midway;
        }
        interrupt::nap(POLL)?;
    };
    let id = running.id();
    running.kill();
    let status = offload.status()?;
    let (confirmed, all) = (status.totals.confirmed.files, status.totals.all().files);
    let how = on_its_way.map_or_else(
        || "when nothing was on its way any more;".to_owned(),
        |row| {
            format!(
                "in mid-upload: {} had {} of {} sent;",
                say::name(&row.path),
                bytes(row.sent.unwrap_or(0)),
                bytes(row.size)
            )
        },
    );
    Ok(format!("Process {id} was killed (no chance to clean up) {how} the ledger has {confirmed} of {all} confirmed."))
}

/// Copies the later portion into the watched folder, the last of it slowly: its path, and the thread that writes it.
fn drop_in(
    card: &Card,
    later: &[PathBuf],
    watched: &Path,
    progress: &mut Progress,
) -> Result<(String, JoinHandle<Result<()>>)> {
    let Some((slow, quick)) = later.split_last() else { bail!("there is no photo left to drop in") };
    for path in quick {
        folder::copy(&card.folder, watched, path)?;
    }
    let time = PAUSE * u32::try_from(PIECES).unwrap_or(1);
    let name = folder::shown(slow);
    let said = format!(
        "{} more photos dropped in; {} is being written over {}",
        quick.len(),
        say::name(&name),
        say::took(time)
    );
    progress.say(&said);
    let (from, to) = (card.folder.join(slow), watched.join(slow));
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    Ok((name, std::thread::spawn(move || folder::copy_slowly(&from, &to, PIECES, PAUSE))))
}

/// Nothing is left to do for at least so many files. What failed stays failed, so it is over too.
fn is_over(status: &Status, expected: u64) -> bool {
    let settled = status.totals.pending() == 0 && status.sources.iter().all(|source| !source.scanning);
    settled
        && status.totals.all().files >= expected
        && matches!(status.health.as_str(), "up_to_date" | "needs_attention")
}

fn wait(
    offload: &Offload,
    expected: u64,
    growing: JoinHandle<Result<()>>,
    (running, backends): (&mut Process, &mut Backends),
    progress: &mut Progress,
) -> Result<Status> {
    let mut moved = Instant::now();
    let mut last = None;
    loop {
        running.must_run()?;
        backends.must_run()?;
        let status = offload.status()?;
        progress.show(&status);
        if growing.is_finished() && is_over(&status, expected) {
            growing.join().unwrap_or_else(|_| bail!("writing the slow photo broke down"))?;
            return Ok(status);
        }
        if last != Some((status.totals, status.speed)) {
            last = Some((status.totals, status.speed));
            moved = Instant::now();
        }
        if moved.elapsed() > PATIENCE {
            progress.say(&format!("Nothing moved for {}: no longer waiting.", say::took(PATIENCE)));
            return Ok(status);
        }
        interrupt::nap(POLL)?;
    }
}

/// What Offload says of itself, with the reason it gives.
fn standing(status: &Status) -> String {
    let detail = status.detail.as_ref().map(|detail| format!(" ({})", say::name(detail))).unwrap_or_default();
    format!("Offload says: {}{detail}.", say::name(&status.health.replace('_', " ")))
}

/// Prints the table and what there is in all; gives the number of disagreements.
fn conclude(facts: &Facts) -> usize {
    let comparison = compare::compare(facts);
    say::line(comparison.table());
    let sum = |sizes: &mut dyn Iterator<Item = u64>| bytes(sizes.sum());
    say::line(format_args!(
        "Disk:    {} files, {}\nLedger:  {} versions, {} confirmed\nBackend: {} files confirmed, {}\nBucket:  {} objects, {}, each read back and hashed",
        facts.disk.len(),
        sum(&mut facts.disk.iter().map(|file| file.size)),
        facts.ledger.len(),
        facts.ledger.iter().filter(|row| row.state == "confirmed").count(),
        facts.backend.len(),
        sum(&mut facts.backend.iter().map(|record| record.size)),
        facts.bucket.len(),
        sum(&mut facts.bucket.iter().map(|object| object.size)),
    ));
    say::line(format_args!("{} of {} files agree everywhere", comparison.agree, facts.disk.len()));
    for complaint in &comparison.complaints {
        say::line(format_args!("✗ {complaint}"));
    }
    comparison.complaints.len()
}

#[cfg(test)]
mod tests {
    use super::facts::{Source, Status, Tally, Totals};
    use super::{first_portion, is_over, pace, standing};

    fn status(health: &str, totals: Totals, scanning: bool) -> Status {
        Status {
            health: health.into(),
            detail: None,
            running: true,
            totals,
            sources: vec![Source { scanning }],
            speed: 0,
        }
    }

    #[test]
    fn portions_are_never_empty() {
        assert_eq!([2, 3, 8, 24, 1000].map(first_portion), [1, 2, 6, 18, 750]);
        assert_eq!([0, 6_000_000, u64::MAX].map(pace), [200_000, 6_000_000, 50_000_000]);
    }

    #[test]
    fn it_is_over_when_nothing_is_left_to_do_for_all_that_is_expected() {
        let tally = |files| Tally { files, bytes: files };
        let done = Totals { confirmed: tally(5), ..Totals::default() };
        assert!(is_over(&status("up_to_date", done, false), 5));
        assert!(!is_over(&status("up_to_date", done, false), 6));
        assert!(!is_over(&status("up_to_date", done, true), 5));
        assert!(!is_over(&status("working", done, false), 5));
        let failed = Totals { failed: tally(1), ..done };
        assert!(is_over(&status("needs_attention", failed, false), 6));
        for left in [
            Totals { settling: tally(1), ..done },
            Totals { queued: tally(1), ..done },
            Totals { uploading: tally(1), ..done },
            Totals { uploaded: tally(1), ..done },
            Totals { waiting: tally(1), ..done },
        ] {
            assert!(!is_over(&status("needs_attention", left, false), 5), "{left:?}");
        }
        assert_eq!(standing(&status("up_to_date", done, false)), "Offload says: up to date.");
    }
}
