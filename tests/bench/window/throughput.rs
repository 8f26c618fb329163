//! 2,000 small files, uploaded by the app with its window open and by `offload run`, in turns.

use super::list::until;
use super::start::painted;
use super::{app, beside};
use crate::measure::Rounds;
use crate::place::Sandbox;
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Context, Result, ensure};
use offload_engine::control::Client;
use offload_protocol::control::Request;
use offload_tests::desktop::{Desktop, Owned};
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

/// Of the headless run's throughput, so much has to be left.
const AIM: f64 = 0.85;

pub(super) async fn measure(scale: Scale, desktop: &Desktop, dir: &Path) -> Result<Vec<Line>> {
    let photos = dir.join("small");
    let count = scale.of(2_000);
    tree::photos(&photos, count, 100_000)?;
    let mut lines = Vec::new();
    for (line, s3) in [
        ("loopback, where only the cores are the limit", None),
        ("an S3 that takes 2 MB/s a connection", Some("s3=slow:rate=2m")),
    ] {
        let sandbox = Sandbox::start_with(s3)?;
        let (mut headless, mut window) = (Rounds::default(), Rounds::default());
        let rounds = scale.rounds(3);
        for round in 0..=rounds {
            let without = upload(desktop, &sandbox, dir, &photos, count, false).await?;
            let with = upload(desktop, &sandbox, dir, &photos, count, true).await?;
            // The first round of each warms caches and is not counted.
            if round > 0 || rounds == 1 {
                headless.push(count as f64 / without);
                window.push(count as f64 / with);
            }
        }
        let ratio = window.median() / headless.median();
        lines.push(
            Line::new(format!("{count} files of 100 KB with the window open; {line}"), window.show("files/s", 0))
                .floor(headless.show("files/s, offload run", 0), ratio)
                .aim("0.85 or more", ratio >= AIM),
        );
    }
    Ok(lines)
}

/// Seconds from adding the folder to the last confirmation.
async fn upload(
    desktop: &Desktop,
    sandbox: &Sandbox,
    dir: &Path,
    photos: &Path,
    count: u64,
    with_window: bool,
) -> Result<f64> {
    let data = tempfile::tempdir_in(dir)?;
    let app = app(desktop, sandbox, data.path())?;
    // The time that files stand still is no work.
    app.settings("[watch]\nsettle_ms = 1\n");
    let mut running = if with_window {
        painted(&app, "painted after ").await?.0
    } else {
        let mut command = desktop.command(beside("offload")?);
        command.arg("run").env("OFFLOAD_DATA_DIR", data.path()).stdin(Stdio::null());
        command.env("OFFLOAD_BACKEND", &sandbox.backend).env("OFFLOAD_TOKEN", &sandbox.token);
        Owned::start(&mut command, &data.path().join("headless.log"))
    };
    until(data.path(), |status| status.account.is_some()).await?;
    let mut engine = Client::connect(data.path()).await.context("no engine to speak to")?;
    let began = Instant::now();
    engine.request(&Request::AddBatch(offload_tests::new_source(&[photos.to_owned()]))).await?;
    let status =
        until(data.path(), |status| status.totals.all().files == count && status.totals.pending() == 0).await?;
    let took = began.elapsed().as_secs_f64();
    ensure!(status.totals.confirmed.files == count, "not all were confirmed: {:#?}", status.totals);
    running.terminate();
    running.ended().await;
    sandbox.forget_bytes()?;
    Ok(took)
}
