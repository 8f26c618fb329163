//! Installing the Debian package on this machine, starting the app, and removing it again.

use super::look::{self, ask};
use crate::command::{program, quietly, run};
use crate::packages::Need;
use crate::say;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const NEEDED: [Need; 5] = [
    Need::program("apt-get", "apt"),
    Need::program("dbus-run-session", "dbus"),
    Need::program("xvfb-run", "xvfb"),
    Need::program("xauth", "xauth"),
    Need::program("xdotool", "xdotool"),
];

/// The package's name.
const NAME: &str = "offload";

/// Starts the app on a display and a bus of its own and waits for its window. The app ends with the session.
const SESSION: [&str; 5] = ["xvfb-run", "--auto-servernum", "dbus-run-session", "--", "sh"];
const SHOWS: &str = r#"
offload-desktop & app=$!
timeout 60 xdotool search --sync --onlyvisible --class offload-desktop
seen=$?
kill "$app"
wait "$app"
exit "$seen"
"#;

pub(super) fn try_out(deb: &Path) -> Result<()> {
    super::need(&NEEDED)?;
    ensure!(ask(program("id").arg("-u"))?.trim() == "0", "only root can install a package");
    ensure!(!is_installed()?, "{NAME} is installed on this machine already; remove it first");
    let before: BTreeSet<PathBuf> = carried(deb)?.into_iter().filter(|path| path.exists()).collect();
    let home = tempfile::tempdir()?;

    run(apt(&["install"]).arg(deb))?;
    let tried = works(home.path());
    // Whatever was seen, the machine is left as it was found.
    let owned = owned();
    run(apt(&["remove"]).arg(NAME))?;
    let kept = tried?;

    ensure!(!is_installed()?, "{NAME} is installed still");
    let left: Vec<_> = owned?.into_iter().filter(|path| path.exists() && !before.contains(path)).collect();
    ensure!(left.is_empty(), "the package left these behind: {left:?}");
    let lost: Vec<_> = kept.into_iter().filter(|path| !path.exists()).collect();
    ensure!(lost.is_empty(), "removing the package took these away from the person: {lost:?}");
    say::line("✓ Installed, shown, removed: nothing is left behind but the person's own data");
    Ok(())
}

/// Tries out what was installed, with a home of its own; what the app wrote there, which has to outlive the package.
fn works(home: &Path) -> Result<Vec<PathBuf>> {
    look::validate(Path::new("/"))?;
    look::version(Path::new("/usr/bin/offload"))?;
    let mut session = program(SESSION[0]);
    session.args(&SESSION[1..]).args(["-c", SHOWS]).current_dir(home);
    for (name, folder) in [
        ("HOME", ""),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "run"),
    ] {
        let folder = home.join(folder);
        std::fs::create_dir_all(&folder)?;
        private(&folder)?;
        session.env(name, folder);
    }
    session.env("GDK_BACKEND", "x11").env("NO_AT_BRIDGE", "1").env("LIBGL_ALWAYS_SOFTWARE", "1");
    session.env_remove("WAYLAND_DISPLAY").env_remove("DBUS_SESSION_BUS_ADDRESS");
    let ended = quietly(&mut session, Duration::from_secs(180))?;
    ensure!(ended.success, "the app's window was not seen: {}", ended.said());
    say::line("✓ The installed app shows its window");
    let data = home.join("data/offload");
    let entries = std::fs::read_dir(&data).with_context(|| format!("the app wrote nothing to {}", data.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// What a session's folder must be: nobody else's.
fn private(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn apt(words: &[&str]) -> Command {
    let mut command = program("apt-get");
    command.args(["--yes", "--quiet=2", "--no-install-recommends"]).args(words);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_installed() -> Result<bool> {
    let status = quietly(
        program("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", NAME]),
        Duration::from_secs(60),
    )?;
    Ok(status.success && status.output != "not-installed")
}

/// Every path in a package that is not installed.
fn carried(deb: &Path) -> Result<Vec<PathBuf>> {
    let listed = ask(program("dpkg-deb").arg("--contents").arg(deb))?;
    listed.lines().map(path).collect()
}

/// The path in a line of `dpkg-deb --contents`, the sixth word.
fn path(line: &str) -> Result<PathBuf> {
    let name = line.split_whitespace().nth(5).with_context(|| format!("dpkg-deb --contents says {line:?}"))?;
    Ok(Path::new("/").join(name.trim_start_matches("./").trim_end_matches('/')))
}

/// Every path of the package that is installed.
fn owned() -> Result<Vec<PathBuf>> {
    let listed = ask(program("dpkg-query").args(["--listfiles", NAME]))?;
    Ok(listed.lines().filter(|line| *line != "/.").map(PathBuf::from).collect())
}

#[cfg(test)]
mod tests {
    use super::path;
    use std::path::Path;

    #[test]
    fn paths_of_a_package() {
        for (line, wanted) in [
            ("-rwxr-xr-x root/root   7340032 2026-11-24 09:00 usr/bin/offload", "/usr/bin/offload"),
            ("drwxr-xr-x root/root         0 2026-11-24 09:00 ./usr/share/man/", "/usr/share/man"),
        ] {
            assert_eq!(path(line).unwrap(), Path::new(wanted));
        }
        assert!(path("nothing").is_err());
    }
}
