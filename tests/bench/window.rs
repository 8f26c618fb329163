//! The desktop app on a desktop to throw away: how soon its list is there, how quick its pages are, what it costs in memory and at
//! rest, and what it takes from the throughput of uploads.

mod list;
mod start;
mod throughput;

use crate::place::{Sandbox, folder, runtime};
use crate::report::Line;
use crate::{Scale, tree};
use anyhow::{Context, Result, ensure};
use offload_tests::desktop::{App, Desktop};
use std::path::{Path, PathBuf};

pub(crate) fn run(scale: Scale) -> Result<Vec<Line>> {
    let dir = folder()?;
    let sandbox = Sandbox::start()?;
    // The smaller one is large enough for the page to hold as many rows of it as it ever does.
    let [few, many] = [scale.of(10_000), scale.of(100_000)].map(|files| Known::make(dir.path(), files));
    let (few, many) = (few?, many?);
    let lines = runtime()?.block_on(async {
        let desktop = Desktop::open().await;
        let mut lines = Vec::new();
        let mut tell = |more: Vec<Line>| {
            more.iter().for_each(Line::tell);
            lines.extend(more);
        };
        tell(start::measure(scale, &desktop, &sandbox, &many).await?);
        tell(list::pages_and_memory(scale, &desktop, &sandbox, &few, &many).await?);
        tell(list::rest(scale, &desktop, &sandbox, &many).await?);
        tell(throughput::measure(scale, &desktop, dir.path()).await?);
        anyhow::Ok(lines)
    })?;
    Ok(lines)
}

/// A folder of files that a ledger knows, all of them confirmed.
#[derive(Debug)]
struct Known {
    files: u64,
    data: PathBuf,
}

impl Known {
    fn make(dir: &Path, files: u64) -> Result<Self> {
        let (photos, data) = (dir.join(format!("photos{files}")), dir.join(format!("data{files}")));
        tree::plant(&photos, files)?;
        tree::known(&data, &photos)?;
        Ok(Self { files, data })
    }
}

/// The app on a data folder, signed in to the sandbox.
fn app<'d>(desktop: &'d Desktop, sandbox: &Sandbox, data: &Path) -> Result<App<'d>> {
    let app = App::of(desktop, &beside("offload-desktop")?).keeping(data);
    Ok(app.with_environment("OFFLOAD_BACKEND", &sandbox.backend).with_environment("OFFLOAD_TOKEN", &sandbox.token))
}

/// A program that was built with this one.
fn beside(name: &str) -> Result<PathBuf> {
    let program = std::env::current_exe()?.parent().context("no folder")?.join(name);
    ensure!(program.exists(), "{} is not built: `cargo xtask bench` builds it", program.display());
    Ok(program)
}
