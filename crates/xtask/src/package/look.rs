//! Looking into a Debian package without installing it.

use crate::command::{program, quietly};
use crate::packages::Need;
use crate::say;
use anyhow::{Context, Result, ensure};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const NEEDED: [Need; 3] = [
    Need::program("dpkg-deb", "dpkg"),
    Need::program("desktop-file-validate", "desktop-file-utils"),
    Need::program("appstreamcli", "appstream"),
];

/// What has to be there, besides a man page for each command.
const FILES: [&str; 18] = [
    "usr/bin/offload",
    "usr/bin/offload-desktop",
    "usr/share/applications/Offload.desktop",
    "usr/share/bash-completion/completions/offload",
    "usr/share/doc/offload/changelog.gz",
    "usr/share/doc/offload/copyright",
    "usr/share/doc/offload/third-party-notices.gz",
    "usr/share/fish/vendor_completions.d/offload.fish",
    "usr/share/icons/hicolor/16x16/apps/offload-desktop.png",
    "usr/share/icons/hicolor/32x32/apps/offload-desktop.png",
    "usr/share/icons/hicolor/48x48/apps/offload-desktop.png",
    "usr/share/icons/hicolor/128x128/apps/offload-desktop.png",
    "usr/share/icons/hicolor/256x256/apps/offload-desktop.png",
    "usr/share/icons/hicolor/512x512/apps/offload-desktop.png",
    "usr/share/icons/hicolor/scalable/apps/offload-desktop.svg",
    "usr/share/man/man1/offload.1.gz",
    "usr/share/metainfo/app.offload.desktop.metainfo.xml",
    "usr/share/zsh/vendor-completions/_offload",
];

/// What it depends on, at least.
const DEPENDS: [&str; 3] = ["libwebkit2gtk-4.1-0", "libgtk-3-0", "libayatana-appindicator3-1"];

pub(super) fn check(deb: &Path) -> Result<()> {
    super::need(&NEEDED)?;
    let depends = ask(program("dpkg-deb").arg("--field").arg(deb).arg("Depends"))?;
    let names: Vec<&str> = depends.trim().split(", ").collect();
    for package in DEPENDS {
        ensure!(names.contains(&package), "the package does not depend on {package}, only on {depends}");
    }
    let folder = tempfile::tempdir()?;
    let inside = folder.path();
    ask(program("dpkg-deb").arg("--extract").arg(deb).arg(inside))?;
    for file in FILES {
        ensure!(inside.join(file).is_file(), "the package lacks /{file}");
    }
    validate(inside)?;
    let version = version(&inside.join("usr/bin/offload"))?;
    say::line(format_args!("✓ The package carries all it should; its offload is {version}"));
    Ok(())
}

/// The desktop entry and the description for software centres, wherever `usr` lies.
pub(super) fn validate(root: &Path) -> Result<()> {
    ask(program("desktop-file-validate").arg(root.join("usr/share/applications/Offload.desktop")))?;
    let metainfo = root.join("usr/share/metainfo/app.offload.desktop.metainfo.xml");
    ask(program("appstreamcli").args(["validate", "--no-net"]).arg(metainfo))?;
    Ok(())
}

/// Runs this `offload`, and holds its version against the one of this checkout.
pub(super) fn version(offload: &Path) -> Result<String> {
    let said = ask(program(offload).arg("--version"))?;
    let version = said.split_whitespace().last().context("offload --version says nothing")?;
    ensure!(version == env!("CARGO_PKG_VERSION"), "offload says it is {version}, not {}", env!("CARGO_PKG_VERSION"));
    Ok(version.to_owned())
}

/// Runs it to its end out of sight, and says what it said.
pub(super) fn ask(command: &mut Command) -> Result<String> {
    let ended = quietly(command, Duration::from_secs(300))?;
    ensure!(ended.success, "{} failed: {}", crate::command::typed(command), ended.said());
    Ok(ended.output)
}
