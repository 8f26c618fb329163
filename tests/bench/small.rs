//! Many small files: what presigning, hashing, looking twice, the ledger and confirming cost beside the bare sending.

use crate::floor::{ToSend, bare_client, presign, send_all};
use crate::measure::{self, Rounds};
use crate::place::{Sandbox, folder, runtime, until};
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Result, ensure};
use offload_engine::engine::Engine;
use std::path::Path;
use std::time::{Duration, Instant};

const AT_ONCE: usize = 16;

/// Seconds and CPU seconds of some rounds.
#[derive(Debug, Default)]
struct Took {
    speed: Rounds,
    own: Rounds,
    sandbox: Rounds,
}

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let photos = dir.path().join("photos");
    let count = scale.of(2_000);
    let files: Vec<ToSend> =
        tree::photos(&photos, count, 100_000)?.into_iter().map(ToSend::read).collect::<Result<_>>()?;
    let mut lines = Vec::new();
    for (line, s3) in [
        ("loopback, where only the cores are the limit", None),
        ("an S3 that takes 2 MB/s a connection", Some("s3=slow:rate=2m")),
    ] {
        lines.extend(compare(scale, dir.path(), &files, &photos, line, s3)?);
    }
    lines.iter().for_each(Line::tell);
    Ok(lines)
}

fn compare(
    scale: Scale,
    dir: &Path,
    files: &[ToSend],
    photos: &Path,
    line: &str,
    s3: Option<&str>,
) -> Result<Vec<Line>> {
    let count = files.len() as u64;
    let sandbox = Sandbox::start_with(s3)?;
    let runtime = runtime()?;
    let (mut floor, mut offload, mut gate, mut peak) = (Took::default(), Took::default(), Rounds::default(), 0f64);
    let rounds = scale.rounds(if s3.is_some() { 3 } else { 5 });
    for round in 0..=rounds {
        // The first round of each warms caches and is not counted.
        let counted = round > 0 || rounds == 1;
        let client = bare_client()?;
        let forms = runtime.block_on(presign(&sandbox, files))?;
        let (began, own, theirs) = (Instant::now(), measure::own_cpu(), sandbox.cpu());
        runtime.block_on(send_all(&client, files, forms, AT_ONCE))?;
        if counted {
            note(&mut floor, count, began, own, theirs, &sandbox);
        }
        sandbox.forget_bytes()?;

        measure::forget_peak();
        let data = tempfile::tempdir_in(dir)?;
        let taken = runtime.block_on(upload(&sandbox, data.path(), photos, count))?;
        peak = peak.max(measure::peak());
        if counted {
            offload.speed.push(count as f64 / taken.seconds);
            offload.own.push(taken.own);
            offload.sandbox.push(taken.sandbox);
            gate.push(taken.queued);
        }
        sandbox.forget_bytes()?;
    }
    let ratio = offload.speed.median() / floor.speed.median();
    let mut lines = vec![
        Line::new(format!("{count} files of 100 KB, added to confirmed; {line}"), offload.speed.show("files/s", 0))
            .floor(floor.speed.show("files/s", 0), ratio)
            .aim("0.85 or more", ratio >= 0.85),
    ];
    for (what, ours, theirs) in [("client", &offload.own, &floor.own), ("sandbox", &offload.sandbox, &floor.sandbox)] {
        lines.push(
            Line::new(format!("CPU of the {what} for that"), ours.show("s", 2))
                .floor(theirs.show("s", 2), ours.median() / theirs.median()),
        );
    }
    lines.push(Line::new("of it until all were through the settle gate (set to 1 ms)", gate.show("s", 2)));
    lines.push(Line::new("peak memory of engine and benchmark", format!("{peak:.0} MB")));
    Ok(lines)
}

fn note(took: &mut Took, count: u64, began: Instant, own: f64, theirs: f64, sandbox: &Sandbox) {
    took.speed.push(count as f64 / began.elapsed().as_secs_f64());
    took.own.push(measure::own_cpu() - own);
    took.sandbox.push(sandbox.cpu() - theirs);
}

struct Upload {
    seconds: f64,
    /// Seconds until nothing settled any more.
    queued: f64,
    own: f64,
    sandbox: f64,
}

async fn upload(sandbox: &Sandbox, data: &Path, photos: &Path, count: u64) -> Result<Upload> {
    let engine = Engine::start(sandbox.options(data)?).await?;
    until(&engine, Duration::from_millis(5), |status| status.account.is_some()).await?;
    let (began, own, theirs) = (Instant::now(), measure::own_cpu(), sandbox.cpu());
    engine.handle().add_batch(offload_tests::new_source(&[photos.to_owned()])).await?;
    until(&engine, Duration::from_millis(10), |status| {
        status.totals.all().files == count && status.totals.settling.files == 0
    })
    .await?;
    let queued = began.elapsed().as_secs_f64();
    let status = until(&engine, Duration::from_millis(10), |status| status.totals.pending() == 0).await?;
    let seconds = began.elapsed().as_secs_f64();
    ensure!(status.totals.confirmed.files == count, "not all were confirmed: {:#?}", status.totals);
    let taken = Upload { seconds, queued, own: measure::own_cpu() - own, sandbox: sandbox.cpu() - theirs };
    engine.stop().await;
    Ok(taken)
}
