//! Measures Offload against a floor of the same run: `cargo xtask bench [NAME]...`.
//!
//! Each benchmark runs in a process of its own, so that its memory is its own.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod floor;
mod idle;
mod large;
mod ledger;
mod measure;
mod memory;
mod place;
mod report;
mod scan;
mod small;
mod tree;
#[cfg(target_os = "linux")]
mod window;

use anyhow::{Context, Result, bail};
use report::Line;
use std::process::{Command, Stdio};
use std::time::Instant;

/// How much is done: the whole, or a hundredth of it to see that the benchmarks work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    quick: bool,
}

impl Scale {
    pub(crate) fn of(self, whole: u64) -> u64 {
        if self.quick { (whole / 100).max(1) } else { whole }
    }

    /// Rounds of floor and Offload in turn.
    pub(crate) fn rounds(self, whole: usize) -> usize {
        if self.quick { 1 } else { whole }
    }
}

type Benchmark = fn(Scale) -> Result<Vec<Line>>;

const BENCHMARKS: &[(&str, &str, Benchmark)] = &[
    ("small", "2,000 files of 100 KB, against a bare loop of ready-made presigned POSTs", small::run),
    ("large", "one file of 1 GiB, against curl -F", large::run),
    ("ledger", "a ledger of 100,000 files: inserts, pages, totals", ledger::run),
    ("scan", "a tree of 100,000 files: first look and rescan", scan::run),
    ("memory", "resident memory of an engine with 100,000 files", memory::run),
    ("idle", "CPU of an engine that watches 10,000 files at rest", idle::run),
    #[cfg(target_os = "linux")]
    (
        "window",
        "the desktop app with 100,000 files: start, pages, memory, rest, and what it takes from 2,000 uploads",
        window::run,
    ),
];

fn main() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let quick = take(&mut args, "--quick");
    let scale = Scale { quick };
    if args.first().is_some_and(|first| first == "--child") {
        return child(&args[1..], scale);
    }
    if let Some(stranger) = args.iter().find(|name| !BENCHMARKS.iter().any(|(known, ..)| known == name)) {
        println!("Usage: bench [--quick] [NAME]...");
        for (name, what, _) in BENCHMARKS {
            println!("  {name:8} {what}");
        }
        if matches!(stranger.as_str(), "--help" | "-h" | "help") {
            return Ok(());
        }
        bail!("no benchmark is called {stranger}");
    }
    println!("{}", measure::machine());
    let mut lines = Vec::new();
    for (name, what, _) in BENCHMARKS {
        if args.is_empty() || args.iter().any(|wanted| wanted == name) {
            println!("\n== {name}: {what}");
            lines.extend(in_its_own_process(name, quick)?);
        }
    }
    println!("\n{}", report::table(&lines));
    Ok(())
}

fn take(args: &mut Vec<String>, flag: &str) -> bool {
    let before = args.len();
    args.retain(|arg| arg != flag);
    args.len() < before
}

/// One benchmark in this process; the results go to the parent as the last line.
fn child(args: &[String], scale: Scale) -> Result<()> {
    let name = args.first().context("a benchmark's name is missing")?;
    match name.as_str() {
        memory::ENGINE => return memory::engine(&args[1..]),
        idle::ENGINE => return idle::engine(&args[1..]),
        _ => {}
    }
    let (_, _, run) = BENCHMARKS.iter().find(|(known, ..)| known == name).context("no such benchmark")?;
    let lines = run(scale)?;
    println!("{}{}", report::MARK, report::pack(&lines));
    Ok(())
}

fn in_its_own_process(name: &str, quick: bool) -> Result<Vec<Line>> {
    let began = Instant::now();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--child", name]).stdout(Stdio::piped());
    if quick {
        command.arg("--quick");
    }
    let lines = report::relay(command)?;
    println!("   ({:.0} s in all)", began.elapsed().as_secs_f64());
    Ok(lines)
}
