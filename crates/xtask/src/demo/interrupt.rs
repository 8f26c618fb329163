//! Ctrl-C: what runs is ended and what was made is removed before this process ends.

use anyhow::{Context, Result, bail};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C (and SIGTERM) does not end this process, but the next nap or check.
pub(super) fn catch() -> Result<()> {
    let main = std::thread::current();
    let caught = move || {
        INTERRUPTED.store(true, Ordering::SeqCst);
        main.unpark();
    };
    ctrlc::set_handler(caught).context("Ctrl-C cannot be caught")
}

/// Fails once Ctrl-C was pressed.
pub(super) fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::SeqCst) {
        bail!("Interrupted; every process that was started is ended.");
    }
    Ok(())
}

/// Waits for so long, or until Ctrl-C.
pub(super) fn nap(time: Duration) -> Result<()> {
    check()?;
    std::thread::park_timeout(time);
    check()
}
