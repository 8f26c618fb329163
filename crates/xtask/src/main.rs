//! `cargo xtask`: the commands of whoever works on Offload. `cargo xtask help` lists them.

mod bench;
mod command;
mod demo;
mod dist;
mod icons;
mod package;
mod packages;
mod python;
mod say;
mod table;
mod test;
mod types;
mod window;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Development commands of Offload.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check everything: format, links, dependencies, lints, tests, keyring, documentation.
    Test(test::Arguments),
    /// Upload photos to a sandbox on this machine, and prove that each one arrived.
    Demo(demo::Arguments),
    /// Measure against a floor of the same run; `--quick` does a hundredth of the work, to see that it works.
    Bench(bench::Arguments),
    /// Write man pages and shell completions into target/dist.
    Dist,
    /// Draw the icons of icons/ from their SVG files.
    Icons,
    /// Make the packages one installs, .deb and .rpm; `--check` looks into them, `--install` tries them out.
    Package(package::Arguments),
    /// Write the window's TypeScript types from the Rust ones.
    Types,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Test(arguments) => test::test(&arguments),
        Command::Demo(arguments) => demo::demo(&arguments),
        Command::Bench(arguments) => bench::bench(&arguments),
        Command::Dist => dist::dist(),
        Command::Icons => icons::icons(),
        Command::Package(arguments) => package::package(&arguments),
        Command::Types => types::write(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::aside(format_args!("\n{}", say::clean(&format!("{error:#}"))));
            ExitCode::FAILURE
        }
    }
}
