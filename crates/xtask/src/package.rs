//! `cargo xtask package`: the packages one installs.

mod install;
mod look;
mod notices;
mod tree;

use crate::command::{cargo, program, root, run, target, typed};
use crate::{demo, packages, say, window};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Options of `cargo xtask package`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Look into the Debian package afterwards: what it carries, and whether that is valid.
    #[arg(long)]
    check: bool,
    /// Install the Debian package on this machine (as root), start it, remove it, and see that nothing is left. Looks into it first.
    #[arg(long)]
    install: bool,
    /// Build nothing; take the packages that were made last.
    #[arg(long)]
    made: bool,
    /// Take the programs that `cargo xtask test` builds: soon made, large and slow, to try out the packaging only.
    #[arg(long)]
    debug: bool,
}

/// How the programs are compiled.
#[derive(Debug, Clone, Copy)]
enum Profile {
    Debug,
    Release,
}

impl Profile {
    /// Where Tauri puts the packages of a kind.
    fn bundles(self, kind: &str) -> PathBuf {
        let folder = match self {
            Self::Debug => "debug",
            Self::Release => "release",
        };
        target().join(folder).join("bundle").join(kind)
    }
}

/// Which kinds can be made here. An AppImage can't without downloading its tools.
const KINDS: [&str; 2] = ["deb", "rpm"];

pub(crate) fn package(arguments: &Arguments) -> Result<()> {
    ensure!(cfg!(target_os = "linux"), "packages are only known how to be made on Linux; see docs/packaging.md");
    let profile = if arguments.debug { Profile::Debug } else { Profile::Release };
    if !arguments.made {
        make(profile)?;
    }
    let made = KINDS.iter().map(|kind| the_one(&profile.bundles(kind), kind)).collect::<Result<Vec<_>>>()?;
    for file in &made {
        say::line(format_args!("{:>8}  {}", say::bytes(file.metadata()?.len()), file.display()));
    }
    if arguments.check || arguments.install {
        let deb = &made[0];
        look::check(deb)?;
        if arguments.install {
            install::try_out(deb)?;
        }
    }
    Ok(())
}

/// Builds the programs, and bundles them with what lies beside them.
fn make(profile: Profile) -> Result<()> {
    let offload = match profile {
        Profile::Debug => demo::build::build(true)?.offload,
        Profile::Release => release()?,
    };
    let tree = tree::lay_out(&target().join("package"), &offload)?;
    for kind in KINDS {
        forget(&profile.bundles(kind))?;
    }
    let began = Instant::now();
    let mut bundle = program(root().join("ui/node_modules/.bin/tauri"));
    // A relative folder for what is built would mean another one from there.
    bundle.current_dir(root().join("src-tauri")).env("CARGO_TARGET_DIR", target());
    // Nothing updates itself here, so no program has to know the kind of package it came in.
    bundle.args(["bundle", "--ci", "--no-binary-patching", "--bundles", &KINDS.join(","), "--config", &tree.config()]);
    if matches!(profile, Profile::Debug) {
        bundle.arg("--debug");
    }
    say::line(format_args!("$ (in src-tauri) {}", typed(&bundle)));
    run(&mut bundle)?;
    say::line(format_args!("Bundled after {}", say::took(began.elapsed())));
    Ok(())
}

/// Builds what is handed on; where `offload` is.
fn release() -> Result<PathBuf> {
    window::make_ready()?;
    let began = Instant::now();
    // Both in one go, so that what they share compiles once. Nobody debugs what is installed: the names of functions are left out.
    let mut build =
        cargo(&["build", "--release", "--locked", "--package", "offload-cli", "--package", "offload-desktop"]);
    build.args(window::FEATURES).env("CARGO_PROFILE_RELEASE_STRIP", "symbols");
    say::line(format_args!("$ {}", typed(&build)));
    run(&mut build)?;
    say::line(format_args!("The programs are built after {}", say::took(began.elapsed())));
    Ok(target().join("release/offload"))
}

/// Packages of earlier versions would be taken for the new one.
fn forget(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot empty {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The package of a kind that was made.
fn the_one(folder: &Path, kind: &str) -> Result<PathBuf> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("no {kind} was made; look for it in {}", folder.display()))?;
    let mut files = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == kind));
    let file = files.next().with_context(|| format!("no {kind} lies in {}", folder.display()))?;
    ensure!(files.next().is_none(), "more than one {kind} lies in {}", folder.display());
    Ok(file)
}

/// Makes sure that what a check needs is there.
fn need(needs: &[packages::Need]) -> Result<()> {
    let missing = packages::provide(needs);
    ensure!(missing.is_empty(), "the package cannot be checked without these; {}", packages::advice(&missing));
    Ok(())
}
