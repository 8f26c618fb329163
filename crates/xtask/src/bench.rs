//! `cargo xtask bench`: builds the benchmarks and the sandbox they run against, optimised, and runs them.

use crate::command::{cargo, program, run, typed};
use crate::{packages, say, test, window};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Stdio;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A hundredth of the work.
    #[arg(long)]
    quick: bool,
    /// small, large, ledger, scan, memory, idle, window; without a name all of them.
    names: Vec<String>,
}

/// Builds the benchmarks, and runs those named or all.
pub(crate) fn bench(arguments: &Arguments) -> Result<()> {
    let mut build = cargo(&["build", "--profile", "bench", "--bin", "offload-sandbox", "--bin", "bench"]);
    if opens_windows(&arguments.names) {
        let missing = packages::provide(&test::DESKTOP);
        ensure!(missing.is_empty(), "a window cannot be measured without these; {}", packages::advice(&missing));
        window::make_ready()?;
        build.args(["--workspace", "--bin", "offload", "--bin", "offload-desktop", "--example", "empty-window"]);
        build.args(window::FEATURES);
    } else {
        build.args(["-p", "offload-sandbox", "-p", "offload-tests"]);
    }
    say::line(format_args!("$ {}", typed(&build)));
    let built = build
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(built.status.success(), "the benchmarks could not be built; what is wrong stands above");
    let found = executable(&built.stdout, "bench").context("cargo did not say where it put the benchmarks")?;
    run(program(found).args(arguments.quick.then_some("--quick")).args(&arguments.names))
}

/// Whether a benchmark needs the desktop app, and a desktop for it.
fn opens_windows(names: &[String]) -> bool {
    cfg!(target_os = "linux") && (names.is_empty() || names.iter().any(|name| name == "window"))
}

/// Where cargo put a program, by its messages.
fn executable(messages: &[u8], name: &str) -> Option<PathBuf> {
    String::from_utf8_lossy(messages).lines().find_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let wanted = message["reason"] == "compiler-artifact" && message["target"]["name"] == name;
        message["executable"].as_str().filter(|_| wanted).map(PathBuf::from)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_program_is_found_among_cargos_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"name":"bench"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/t/other"}
no json
{"reason":"compiler-artifact","target":{"name":"bench"},"executable":"/t/bench"}"#;
        assert_eq!(super::executable(messages, "bench"), Some("/t/bench".into()));
        assert_eq!(super::executable(messages, "gone"), None);
    }
}
