//! Results: told as they come, gathered as a table at the end.

use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::process::Command;

/// Before the line in which a child hands its results to its parent.
pub(crate) const MARK: &str = "@results ";

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) floor: String,
    pub(crate) offload: String,
    pub(crate) ratio: String,
    /// What is aimed at, and whether it was reached; `None`: a figure to know.
    pub(crate) aim: Option<(String, bool)>,
}

impl Line {
    pub(crate) fn new(what: impl Into<String>, offload: impl Into<String>) -> Self {
        Self { what: what.into(), floor: String::new(), offload: offload.into(), ratio: String::new(), aim: None }
    }

    pub(crate) fn floor(mut self, floor: impl Into<String>, ratio: f64) -> Self {
        self.floor = floor.into();
        self.ratio = format!("{ratio:.2}");
        self
    }

    pub(crate) fn aim(mut self, aim: impl Into<String>, reached: bool) -> Self {
        self.aim = Some((aim.into(), reached));
        self
    }

    pub(crate) fn tell(&self) {
        let aim = self.aim.as_ref().map_or(String::new(), |(aim, reached)| {
            format!("  (aim {aim}: {})", if *reached { "reached" } else { "missed" })
        });
        let floor = if self.floor.is_empty() { String::new() } else { format!(" | floor {}", self.floor) };
        let ratio = if self.ratio.is_empty() { String::new() } else { format!(" | ratio {}", self.ratio) };
        println!("   {}: {}{floor}{ratio}{aim}", self.what, self.offload);
    }
}

pub(crate) fn pack(lines: &[Line]) -> String {
    let rows: Vec<_> = lines
        .iter()
        .map(|line| serde_json::json!([line.what, line.floor, line.offload, line.ratio, line.aim]))
        .collect();
    serde_json::Value::from(rows).to_string()
}

fn unpack(text: &str) -> Result<Vec<Line>> {
    type Row = (String, String, String, String, Option<(String, bool)>);
    let rows: Vec<Row> = serde_json::from_str(text)?;
    Ok(rows.into_iter().map(|(what, floor, offload, ratio, aim)| Line { what, floor, offload, ratio, aim }).collect())
}

/// Runs a child, shows what it says, and gives the results it hands over.
pub(crate) fn relay(mut command: Command) -> Result<Vec<Line>> {
    let mut child = command.spawn()?;
    let out = child.stdout.take().context("the child's output is not captured")?;
    let mut lines = Vec::new();
    for line in BufReader::new(out).lines() {
        let line = line?;
        match line.strip_prefix(MARK) {
            Some(packed) => lines = unpack(packed)?,
            None => println!("{line}"),
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "a benchmark ended with {status}");
    Ok(lines)
}

/// The results as a Markdown table.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut text =
        String::from("| What | Offload | Floor | Ratio | Aim | Reached |\n| --- | --- | --- | --- | --- | --- |\n");
    for line in lines {
        let (aim, reached) =
            line.aim.as_ref().map_or(("", ""), |(aim, reached)| (aim.as_str(), if *reached { "yes" } else { "no" }));
        text +=
            &format!("| {} | {} | {} | {} | {aim} | {reached} |\n", line.what, line.offload, line.floor, line.ratio);
    }
    text
}
