//! One large file: reading it twice and proving each byte, beside a program that only sends.

use crate::floor::{ToSend, curl, presign};
use crate::measure::{self, Rounds};
use crate::place::{Sandbox, folder, runtime, until};
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Result, ensure};
use offload_engine::engine::Engine;
use offload_engine::transfer::checksum::digest;
use offload_protocol::view::{PageQuery, State};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct Took {
    seconds: Rounds,
    own: Rounds,
    sandbox: Rounds,
}

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let path = dir.path().join("VIDEO_0001.MOV");
    let bytes = scale.of(1 << 30);
    tree::large(&path, bytes)?;
    let file = ToSend::read(path.clone())?;
    let sandbox = Sandbox::start()?;
    let runtime = runtime()?;
    let (mut floor, mut offload) = (Took::default(), Took::default());
    let (mut hashing, mut sending, mut peak) = (Rounds::default(), Rounds::default(), 0f64);
    for round in 0..=scale.rounds(3) {
        let counted = round > 0 || scale.rounds(3) == 1;
        let forms = runtime.block_on(presign(&sandbox, std::slice::from_ref(&file)))?;
        let children = measure::cpu_of_ended_children().unwrap_or(f64::NAN);
        let (began, theirs) = (Instant::now(), sandbox.cpu());
        curl(&path, &forms[0])?;
        if counted {
            floor.seconds.push(began.elapsed().as_secs_f64());
            floor.own.push(measure::cpu_of_ended_children().unwrap_or(f64::NAN) - children);
            floor.sandbox.push(sandbox.cpu() - theirs);
        }
        sandbox.forget_bytes()?;

        measure::forget_peak();
        let data = dir.path().join(format!("data{round}"));
        let taken = runtime.block_on(upload(&sandbox, &data, &path))?;
        peak = peak.max(measure::peak());
        let began = Instant::now();
        digest(&path, bytes, &AtomicBool::new(false))?;
        if counted {
            offload.seconds.push(taken.seconds);
            offload.own.push(taken.own);
            offload.sandbox.push(taken.sandbox);
            sending.push(taken.sending);
            hashing.push(began.elapsed().as_secs_f64());
        }
        sandbox.forget_bytes()?;
    }
    let ratio = |ours: &Rounds| floor.seconds.median() / ours.median();
    let (whole, line) = (ratio(&offload.seconds), ratio(&sending));
    let lines = vec![
        Line::new(format!("one file of {} MiB, added to confirmed", bytes >> 20), offload.seconds.show("s", 2))
            .floor(floor.seconds.show("s", 2), whole)
            .aim("0.9 or more", whole >= 0.9),
        Line::new("of it sending alone, from the first byte on the line to stored", sending.show("s", 2))
            .floor(floor.seconds.show("s", 2), line)
            .aim("0.9 or more", line >= 0.9),
        Line::new("hashing alone (SHA-256 and CRC-64), measured by itself", hashing.show("s", 2)),
        Line::new("CPU of the client for that", offload.own.show("s", 2))
            .floor(floor.own.show("s", 2), offload.own.median() / floor.own.median()),
        Line::new("CPU of the sandbox for that", offload.sandbox.show("s", 2))
            .floor(floor.sandbox.show("s", 2), offload.sandbox.median() / floor.sandbox.median()),
        Line::new("peak memory of engine and benchmark", format!("{peak:.0} MB")),
    ];
    lines.iter().for_each(Line::tell);
    Ok(lines)
}

struct Upload {
    seconds: f64,
    sending: f64,
    own: f64,
    sandbox: f64,
}

async fn upload(sandbox: &Sandbox, data: &Path, file: &Path) -> Result<Upload> {
    const EVERY: Duration = Duration::from_millis(10);
    let engine = Engine::start(sandbox.options(data)?).await?;
    until(&engine, EVERY, |status| status.account.is_some()).await?;
    let (began, own, theirs) = (Instant::now(), measure::own_cpu(), sandbox.cpu());
    let handle = engine.handle();
    handle.add_batch(offload_tests::new_source(&[file.to_owned()])).await?;
    let (mut first, mut stored) = (None, None);
    let seconds = loop {
        let row = handle.page(PageQuery::default()).await?.files.into_iter().next();
        if let Some(row) = row {
            let now = began.elapsed().as_secs_f64();
            if row.sent.is_some_and(|sent| sent > 0) {
                first.get_or_insert(now);
            }
            match row.state {
                State::Uploaded => {
                    stored.get_or_insert(now);
                }
                State::Confirmed => break now,
                State::Failed | State::Waiting | State::Skipped | State::Missing => {
                    ensure!(false, "it was not sent: {row:#?}");
                }
                State::Settling | State::Queued | State::Uploading => {}
            }
        }
        ensure!(began.elapsed() < Duration::from_secs(300), "it never arrived");
        tokio::time::sleep(EVERY).await;
    };
    let taken = Upload {
        seconds,
        sending: stored.unwrap_or(seconds) - first.unwrap_or(0.0),
        own: measure::own_cpu() - own,
        sandbox: sandbox.cpu() - theirs,
    };
    engine.stop().await;
    Ok(taken)
}
