//! What an engine holds in memory with 100,000 files in its ledger.

use crate::measure;
use crate::place::{Sandbox, folder, options, runtime};
use crate::report::{self, Line};
use crate::scan::{at_rest, rescan};
use crate::{Scale, tree};
use anyhow::{Context, Result};
use offload_engine::engine::Engine;
use offload_engine::ledger::now_ms;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Name of the process that is only an engine.
pub(crate) const ENGINE: &str = "memory-engine";
const AIM_MB: f64 = 80.0;

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let (photos, data) = (dir.path().join("photos"), dir.path().join("data"));
    tree::plant(&photos, scale.of(100_000))?;
    let source = tree::known(&data, &photos)?;
    let sandbox = Sandbox::start()?;
    let mut engine = Command::new(std::env::current_exe()?);
    engine.args(["--child", ENGINE]).arg(&data).args([&sandbox.backend, &source.to_string()]);
    engine.env("OFFLOAD_TOKEN", &sandbox.token).stdout(Stdio::piped());
    report::relay(engine)
}

/// The process: an engine, and nothing but it.
pub(crate) fn engine(args: &[String]) -> Result<()> {
    let [data, backend, source] = args else { anyhow::bail!("data, backend and source are wanted") };
    let token = std::env::var("OFFLOAD_TOKEN")?;
    let source: i64 = source.parse()?;
    let options = options(data.as_ref(), backend, &token)?;
    let lines = runtime()?.block_on(async {
        let start_ms = now_ms();
        let engine = Engine::start(options).await?;
        at_rest(&engine, start_ms).await?;
        let start = measure::peak();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let (idle, _) = measure::memory().context("this system does not tell")?;
        measure::forget_peak();
        for _ in 0..3 {
            rescan(&engine, source).await?;
        }
        let rescanning = measure::peak();
        engine.stop().await;
        let line = |what: &str, mb: f64| Line::new(what, format!("{mb:.0} MB")).aim("under 80 MB", mb < AIM_MB);
        anyhow::Ok(vec![
            line("resident memory at rest, 100,000 files known", idle),
            line("peak while it starts and looks for the first time", start),
            line("peak during three rescans", rescanning),
        ])
    })?;
    lines.iter().for_each(Line::tell);
    println!("{}{}", report::MARK, report::pack(&lines));
    Ok(())
}
