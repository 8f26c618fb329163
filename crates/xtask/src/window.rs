//! What the desktop app is built from besides Rust: Debian's libraries, Node, and the pages of the window.

use crate::command::{on_path, program, quietly, root, run, typed};
use crate::packages::{self, Need};
use crate::say;
use anyhow::{Context, Result, bail, ensure};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// To be named wherever cargo compiles the app: with other features its dependencies would compile twice.
pub(crate) const FEATURES: [&str; 2] = ["--features", "offload-desktop/custom-protocol"];

/// The oldest Node that Vite takes.
const NODE: (u32, u32) = (20, 19);
const LIBRARIES: [Need; 3] = [
    Need::program("pkg-config", "pkg-config"),
    Need::library("webkit2gtk-4.1", "libwebkit2gtk-4.1-dev"),
    Need::library("ayatana-appindicator3-0.1", "libayatana-appindicator3-dev"),
];

/// Everything that has to be there before cargo compiles the app.
pub(crate) fn make_ready() -> Result<()> {
    libraries()?;
    install()?;
    pages()
}

/// Debian's libraries, installed where they are missing and that may be done.
pub(crate) fn libraries() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing = packages::provide(&LIBRARIES);
    ensure!(missing.is_empty(), "the window cannot be built without these; {}", packages::advice(&missing));
    Ok(())
}

/// npm in `ui`, as one would type it there.
pub(crate) fn npm(words: &[&str]) -> Result<()> {
    let mut command = npm_command();
    command.args(words);
    say::line(format_args!("$ (in ui) {}", typed(&command)));
    run(&mut command)
}

fn npm_command() -> Command {
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(root().join("ui"));
    command
}

/// The packages of `ui/package-lock.json`, where they are not there or are older than it.
pub(crate) fn install() -> Result<()> {
    node()?;
    let ui = root().join("ui");
    let time = |name: &str| -> Option<SystemTime> { ui.join(name).metadata().ok()?.modified().ok() };
    let fresh = time("node_modules/.package-lock.json")
        .zip(time("package-lock.json"))
        .is_some_and(|(made, asked)| made >= asked);
    if fresh { Ok(()) } else { npm(&["ci", "--no-audit", "--no-fund"]) }
}

/// The window's pages in `ui/dist`, which the app carries in itself.
pub(crate) fn pages() -> Result<()> {
    npm(&["run", "build"])
}

fn node() -> Result<()> {
    ensure!(
        on_path("node") && on_path("npm"),
        "Node {}.{} or later is needed for the window, with npm",
        NODE.0,
        NODE.1
    );
    let said = quietly(program("node").arg("--version"), Duration::from_secs(20))?.output;
    let version = version(&said).with_context(|| format!("`node --version` said {said:?}"))?;
    if version < NODE {
        bail!("Node {}.{} is here; the window needs {}.{} or later", version.0, version.1, NODE.0, NODE.1);
    }
    Ok(())
}

/// Major and minor of `v20.19.2`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions() {
        for (said, numbers) in
            [("v20.19.2\n", Some((20, 19))), ("v24.0.0", Some((24, 0))), ("20.1", None), ("", None), ("vx.y", None)]
        {
            assert_eq!(version(said), numbers, "{said:?}");
        }
    }
}
