//! Writing to the terminal. Results go to standard output, everything else to standard error.

use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};

/// One line of the result.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// One line beside the result: progress, warnings, errors.
pub(crate) fn aside(text: impl Display) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{text}")
}

/// The result as one JSON object on one line.
pub(crate) fn json(what: &impl Serialize) -> io::Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, what)?;
    out.write_all(b"\n")?;
    out.flush()
}
