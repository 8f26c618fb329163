//! Running other programs: cargo, above all.

use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Set for this process by `cargo run`. Inherited, some make build scripts run again that have run under plain cargo.
const CARGOS_OWN: [&str; 8] = [
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_PATH",
    "CARGO_MANIFEST_LINKS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_CRATE_NAME",
    "CARGO_BIN_NAME",
    "CARGO",
    "OUT_DIR",
];

/// The checkout.
pub(crate) fn root() -> PathBuf {
    let package =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    package.ancestors().nth(2).map(Path::to_path_buf).unwrap_or(package)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}

/// A program, to be run in the checkout as if from a terminal there.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    for name in CARGOS_OWN {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command
}

/// The cargo that runs this, with these words.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words);
    command
}

/// A command as one would type it.
pub(crate) fn typed(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let words = command.get_args().map(|word| quoted(&word.to_string_lossy()));
    let set = command.get_envs().filter_map(|(name, value)| {
        value.map(|value| format!("{}={}", name.to_string_lossy(), quoted(&value.to_string_lossy())))
    });
    set.chain(std::iter::once(name)).chain(words).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Runs it to its end, its output on the terminal; fails where it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", typed(command)))?;
    ensure!(status.success(), "{} ended with {status}", typed(command));
    Ok(())
}

/// How a program ended and what it wrote.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) success: bool,
    /// Standard output.
    pub(crate) output: String,
    /// Standard error.
    pub(crate) complaints: String,
}

impl Ended {
    /// Everything it wrote.
    pub(crate) fn said(&self) -> String {
        format!("{}{}", self.output, self.complaints).trim().to_owned()
    }
}

/// Runs it to its end out of sight, at most for so long.
pub(crate) fn quietly(command: &mut Command, limit: Duration) -> Result<Ended> {
    let began = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {}", typed(command)))?;
    let [output, complaints] = [read(child.stdout.take()), read(child.stderr.take())];
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if began.elapsed() > limit {
            end(&mut child);
            bail!("{} took longer than {} s", typed(command), limit.as_secs());
        }
        std::thread::park_timeout(Duration::from_millis(50));
    };
    let [output, complaints] = [output, complaints].map(|written| written.join().unwrap_or_default());
    Ok(Ended { success: status.success(), output, complaints })
}

/// Ends a process at once and waits until it is gone. That it was gone already is as good.
pub(crate) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn read(from: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whether a file of this name lies in a folder of the PATH. Not every program can be asked for its version.
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Whether a program can be started and takes this word.
pub(crate) fn is_there(name: impl AsRef<OsStr>, word: &str) -> bool {
    quietly(program(name).arg(word), Duration::from_secs(20)).is_ok_and(|ended| ended.success)
}

#[cfg(test)]
mod tests {
    use super::{on_path, program, quietly, typed};
    use std::time::{Duration, Instant};

    #[test]
    fn a_command_can_be_typed_again() {
        let mut command = program("/usr/bin/cargo");
        command.args(["test", "a b", "-Dwarnings", ""]).env("X", "it's");
        assert_eq!(typed(&command), r"X='it'\''s' cargo test 'a b' -Dwarnings ''");
    }

    #[cfg(unix)]
    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh") && !on_path("no-such-program") && !on_path(""));
    }

    #[cfg(unix)]
    #[test]
    fn output_and_end_are_seen_and_nothing_lasts_for_ever() {
        let limit = Duration::from_secs(60);
        let ended = quietly(program("sh").args(["-c", "echo out; echo err >&2; exit 3"]), limit).unwrap();
        assert_eq!((ended.success, ended.output.as_str(), ended.complaints.as_str()), (false, "out\n", "err\n"));
        assert_eq!(ended.said(), "out\nerr");
        let began = Instant::now();
        assert!(quietly(program("sleep").arg("600"), Duration::from_millis(100)).is_err());
        assert!(began.elapsed() < limit);
        assert!(quietly(&mut program("no-such-program"), limit).is_err());
    }
}
