//! `cargo xtask dist`: what a package carries beside the program.

use crate::command::{program, quietly, run, target};
use crate::{demo, say};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Shell, and the file name its completions are looked for under.
const SHELLS: [(&str, &str); 5] = [
    ("bash", "offload.bash"),
    ("zsh", "_offload"),
    ("fish", "offload.fish"),
    ("powershell", "_offload.ps1"),
    ("elvish", "offload.elv"),
];

pub(crate) fn dist() -> Result<()> {
    let built = demo::build::build(false)?;
    let dist = target().join("dist");
    write(&built.offload, &dist)?;
    let pages = fs::read_dir(dist.join("man"))?.count();
    say::line(format_args!("{pages} man pages and completions for {} shells are in {}", SHELLS.len(), dist.display()));
    Ok(())
}

/// Has this `offload` write its man pages and completions, into two folders of this one.
pub(crate) fn write(offload: &Path, folder: &Path) -> Result<()> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    for folder in [&man, &completions] {
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    run(program(offload).arg("man").arg(&man))?;
    for (shell, name) in SHELLS {
        let written = quietly(program(offload).args(["completions", shell]), Duration::from_secs(60))?;
        ensure!(written.success, "offload completions {shell} failed: {}", written.said());
        fs::write(completions.join(name), written.output)?;
    }
    Ok(())
}
