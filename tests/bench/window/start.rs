//! From the start of the process to the first painted list, beside a Tauri window with nothing in it.

use super::{Known, app, beside};
use crate::Scale;
use crate::measure::Rounds;
use crate::place::Sandbox;
use crate::report::Line;
use anyhow::{Result, ensure};
use offload_tests::desktop::{App, Desktop, Owned, PATIENCE};
use std::time::{Duration, Instant};

const AIM: f64 = 1.5;
/// How often it is looked whether the window said that it is painted.
const LOOK: Duration = Duration::from_millis(4);

pub(super) async fn measure(scale: Scale, desktop: &Desktop, sandbox: &Sandbox, known: &Known) -> Result<Vec<Line>> {
    let empty = App::of(desktop, &beside("examples/empty-window")?);
    let ours = app(desktop, sandbox, &known.data)?;
    let (mut floor, mut offload) = (Rounds::default(), Rounds::default());
    let rounds = scale.rounds(7);
    for round in 0..=rounds {
        let (nothing, took_nothing) = painted(&empty, "painted\n").await?;
        nothing.kill();
        let (mut window, took) = painted(&ours, "painted after ").await?;
        window.terminate();
        window.ended().await;
        // The first round of each warms caches and is not counted.
        if round > 0 || rounds == 1 {
            floor.push(took_nothing * 1000.0);
            offload.push(took * 1000.0);
        }
    }
    let ratio = offload.median() / floor.median();
    Ok(vec![
        Line::new(format!("start to first painted list, {} files in the ledger", known.files), offload.show("ms", 0))
            .floor(floor.show("ms, an empty Tauri window", 0), ratio)
            .aim("1.5 or less", ratio <= AIM),
    ])
}

/// Starts a program and waits until it says that its window is painted; the seconds that took.
pub(super) async fn painted(app: &App<'_>, word: &str) -> Result<(Owned, f64)> {
    let before = app.log().matches(word).count();
    let began = Instant::now();
    let running = app.run();
    while app.log().matches(word).count() == before {
        ensure!(began.elapsed() < PATIENCE, "the window is not painted:\n{}", app.log());
        tokio::time::sleep(LOOK).await;
    }
    Ok((running, began.elapsed().as_secs_f64()))
}
