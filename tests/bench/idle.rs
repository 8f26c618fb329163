//! What watching costs while nothing happens.

use crate::measure;
use crate::place::{Sandbox, folder, options, runtime};
use crate::report::{self, Line};
use crate::scan::at_rest;
use crate::{Scale, tree};
use anyhow::Result;
use offload_engine::engine::Engine;
use offload_engine::ledger::now_ms;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Name of the process that is only an engine.
pub(crate) const ENGINE: &str = "idle-engine";
const AIM_PERCENT: f64 = 0.2;

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let (photos, data) = (dir.path().join("photos"), dir.path().join("data"));
    tree::plant(&photos, scale.of(10_000))?;
    tree::known(&data, &photos)?;
    let sandbox = Sandbox::start()?;
    let seconds = if scale.rounds(2) == 1 { 3 } else { 30 };
    let mut engine = Command::new(std::env::current_exe()?);
    engine.args(["--child", ENGINE]).arg(&data).args([&sandbox.backend, &seconds.to_string()]);
    engine.env("OFFLOAD_TOKEN", &sandbox.token).stdout(Stdio::piped());
    report::relay(engine)
}

/// The process: an engine, and nothing but it.
pub(crate) fn engine(args: &[String]) -> Result<()> {
    let [data, backend, seconds] = args else { anyhow::bail!("data, backend and seconds are wanted") };
    let token = std::env::var("OFFLOAD_TOKEN")?;
    let seconds: u64 = seconds.parse()?;
    let options = options(data.as_ref(), backend, &token)?;
    let lines = runtime()?.block_on(async {
        let start_ms = now_ms();
        let engine = Engine::start(options).await?;
        at_rest(&engine, start_ms).await?;
        // Threads of the first look go to rest.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (began, cpu) = (Instant::now(), measure::own_cpu());
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let percent = (measure::own_cpu() - cpu) / began.elapsed().as_secs_f64() * 100.0;
        let (idle, _) = measure::memory().unwrap_or((f64::NAN, f64::NAN));
        engine.stop().await;
        anyhow::Ok(vec![
            Line::new(
                format!("CPU of one core over {seconds} s, 10,000 files watched, all confirmed"),
                format!("{percent:.2} %"),
            )
            .aim("under 0.2 %", percent < AIM_PERCENT),
            Line::new("resident memory of that engine", format!("{idle:.0} MB")),
        ])
    })?;
    lines.iter().for_each(Line::tell);
    println!("{}{}", report::MARK, report::pack(&lines));
    Ok(())
}
