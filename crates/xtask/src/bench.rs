//! `cargo xtask bench`: builds the benchmarks and the sandbox they run against, optimised, and runs them.

use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

/// Runs the benchmarks named, or all; `--quick` does a hundredth of the work, to see that they work.
pub fn run(args: &[String]) -> Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--profile", "bench", "--message-format", "json-render-diagnostics"];
    let built = Command::new(cargo)
        .args(build)
        .args(["-p", "offload-sandbox", "-p", "offload-tests", "--bin", "offload-sandbox", "--bin", "bench"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("cargo could not be started")?;
    ensure!(built.status.success(), "the benchmarks could not be built");
    let program = executable(&built.stdout, "bench").context("cargo did not say where the benchmarks are")?;
    let status = Command::new(&program).args(args).status().context("the benchmarks could not be started")?;
    ensure!(status.success(), "the benchmarks ended with {status}");
    Ok(())
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
