//! `cargo xtask types`: the window's TypeScript, written from the protocol's Rust types, and whether it still is what they say.

use crate::say;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;

fn file() -> PathBuf {
    crate::command::root().join("ui/src/lib/backend/protocol.ts")
}

pub(crate) fn write() -> Result<()> {
    let file = file();
    std::fs::write(&file, offload_protocol::typescript::typescript())
        .with_context(|| format!("cannot write {}", file.display()))?;
    say::line(format_args!("Written: {}", file.display()));
    Ok(())
}

/// Compares the file with what the types say.
pub(crate) fn check() -> Result<()> {
    let found = std::fs::read_to_string(file()).context("the window's TypeScript types cannot be read")?;
    ensure!(
        found == offload_protocol::typescript::typescript(),
        "ui/src/lib/backend/protocol.ts is not what crates/protocol says. Mend it with: cargo xtask types"
    );
    Ok(())
}
