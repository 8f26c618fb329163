//! `cargo xtask test`: everything that must hold before a change is taken in, the quick and the likely to fail first.

mod browser;
mod companion;
mod deny;
mod desktop;
mod django;
mod keyring;
mod links;
mod runner;
mod s3;
mod yanked;

pub(crate) use desktop::NEEDED as DESKTOP;

use crate::command::{cargo, run};
use crate::table::{Column, lay_out};
use crate::{demo, say, types, window};
use anyhow::{Result, bail};
use clap::ValueEnum;
use std::process::Command;
use std::time::{Duration, Instant};

/// Options of `cargo xtask test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Do only this step; may be given again. Steps keep their order.
    #[arg(long, value_name = "STEP", value_enum)]
    only: Vec<Step>,
}

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Step {
    /// The code is formatted.
    Format,
    /// Documents link to files that are there, and the OpenAPI file is JSON.
    Links,
    /// The window's TypeScript types are what the Rust types say.
    Types,
    /// Dependencies have licences we take, come from crates.io, and none is banned.
    Deny,
    /// No known vulnerability in a dependency, as far as that can be asked, and none was yanked.
    Advisories,
    /// The window's pages: types, unit tests, and the pages themselves, which the desktop app carries.
    Pages,
    /// No warning from the compiler or from clippy.
    Clippy,
    /// The programs and the tests compile.
    Build,
    /// Unit, integration and documentation tests.
    Tests,
    /// The token is kept by a real keyring, one that is thrown away afterwards.
    Keyring,
    /// The same uploads to several S3 servers: the sandbox's, Ceph's, LocalStack's.
    S3,
    /// The Django example, against the sandbox's S3.
    Django,
    /// An unmodified Uppy Companion, before the sandbox's S3.
    Companion,
    /// The window in a real browser, against a backend in the page: every place, keyboard alone, accessibility.
    Browser,
    /// The desktop app on a desktop to throw away: window, tray, keyring, a real drag.
    Desktop,
    /// The documentation builds without a warning.
    Docs,
}

/// How a step ended that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    /// All of it holds, and in a few words what was seen.
    Passed(String),
    /// Some of it, or all, could not be checked: what, and why.
    LeftOut(String),
}

impl Outcome {
    fn passed() -> Self {
        Self::Passed(String::new())
    }
}

impl Step {
    fn word(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn explained(self) -> String {
        let value = self.to_possible_value();
        value.and_then(|value| value.get_help().map(ToString::to_string)).unwrap_or_default()
    }

    fn carry_out(self) -> Result<Outcome> {
        match self {
            Self::Format => tell(&mut cargo(&["fmt", "--all", "--check"])),
            Self::Links => links::check().map(Outcome::Passed),
            Self::Types => types::check().map(|()| Outcome::passed()),
            Self::Deny => deny::dependencies(),
            Self::Advisories => deny::advisories(),
            Self::Pages => browser::pages(),
            Self::Clippy => {
                window::libraries()?;
                tell(build("clippy").args(["--all-targets", "--", "-D", "warnings"]))
            }
            Self::Build => {
                window::libraries()?;
                let programs = demo::build::PROGRAMS.into_iter().chain([demo::build::WINDOW]);
                tell(
                    build("build")
                        .args(["--tests", "--examples"])
                        .args(programs.flat_map(|program| ["--bin", program])),
                )
            }
            // The other servers have a step of their own.
            Self::Tests => runner::tests(build("test").env(s3::SERVERS, "sandbox")),
            Self::Keyring => keyring::check(),
            Self::S3 => s3::check(),
            Self::Django => django::check(),
            Self::Companion => companion::check(),
            Self::Browser => browser::check(),
            Self::Desktop => desktop::check(),
            Self::Docs => tell(build("doc").arg("--no-deps").env("RUSTDOCFLAGS", "-D warnings")),
        }
    }
}

/// A cargo that compiles the workspace, always with the same features, so that nothing compiles twice. Where nobody builds a
/// second time (CI says so), what only helps then is left away.
fn build(word: &str) -> Command {
    let mut command = cargo(&[word, "--workspace"]);
    command.args(window::FEATURES);
    if std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false")) {
        command.env("CARGO_INCREMENTAL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    command
}

fn tell(command: &mut Command) -> Result<Outcome> {
    say::line(format_args!("$ {}", crate::command::typed(command)));
    run(command).map(|()| Outcome::passed())
}

/// The steps that were asked for, each once, in their order; all where none was.
fn chosen(only: &[Step]) -> Vec<Step> {
    let all = Step::value_variants().iter().copied();
    all.filter(|step| only.is_empty() || only.contains(step)).collect()
}

/// A step that was done: its result and its time.
#[derive(Debug)]
struct Done {
    step: Step,
    result: Result<Outcome>,
    time: Duration,
}

pub(crate) fn test(arguments: &Arguments) -> Result<()> {
    let began = Instant::now();
    let steps = chosen(&arguments.only);
    let mut done: Vec<Done> = Vec::new();
    for step in &steps {
        say::line(format_args!("\n━━ {}: {}", step.word(), step.explained()));
        let began = Instant::now();
        let result = step.carry_out();
        let time = began.elapsed();
        let word = if result.is_ok() { "done" } else { "FAILED" };
        say::line(format_args!("━━ {}: {word} after {}", step.word(), say::took(time)));
        let failed = result.is_err();
        done.push(Done { step: *step, result, time });
        if failed {
            break;
        }
    }
    say::line(format_args!("\n{}{} in all", summary(&steps, &done), say::took(began.elapsed())));
    if let Some(Done { step, result: Err(error), .. }) = done.last() {
        bail!("{error:#}\nTo run this step alone: cargo xtask test --only {}", step.word());
    }
    say::line(closing(&done));
    Ok(())
}

/// The last line where nothing failed.
fn closing(done: &[Done]) -> String {
    let left_out = done.iter().filter(|done| matches!(done.result, Ok(Outcome::LeftOut(_))));
    let left_out: Vec<String> = left_out.map(|done| done.step.word()).collect();
    if left_out.is_empty() {
        return "✓ All of it holds.".into();
    }
    format!("✓ What was checked holds. NOT checked, or not wholly: {}.", left_out.join(", "))
}

/// The table at the end: a line a step, also for those that were not reached.
fn summary(steps: &[Step], done: &[Done]) -> String {
    let columns = [Column::left("STEP", 12), Column::left("RESULT", 12), Column::right("TIME"), Column::left("", 110)];
    let rows: Vec<Vec<String>> = steps.iter().enumerate().map(|(index, step)| row(*step, done.get(index))).collect();
    lay_out(&columns, &rows)
}

fn row(step: Step, done: Option<&Done>) -> Vec<String> {
    let Some(Done { result, time, .. }) = done else {
        return vec![step.word(), "not reached".into()];
    };
    let (word, note) = match result {
        Ok(Outcome::Passed(note)) => ("✓ passed", note.as_str()),
        Ok(Outcome::LeftOut(note)) => ("– left out", note.as_str()),
        Err(_) => ("✗ FAILED", ""),
    };
    vec![step.word(), word.into(), say::took(*time), note.into()]
}

#[cfg(test)]
mod tests {
    use super::{Done, Outcome, Step, chosen, closing, summary};
    use anyhow::anyhow;
    use clap::ValueEnum;
    use std::time::Duration;

    #[test]
    fn steps_keep_their_order_and_come_once() {
        assert_eq!(chosen(&[]), Step::value_variants());
        assert_eq!(chosen(&[Step::Docs, Step::Clippy, Step::Docs]), [Step::Clippy, Step::Docs]);
    }

    #[test]
    fn every_step_has_its_word_and_explanation() {
        for step in Step::value_variants() {
            assert_eq!(Step::from_str(&step.word(), false), Ok(*step));
            assert!(step.explained().len() > 10, "{step:?}");
        }
    }

    #[test]
    fn the_table_says_what_passed_what_was_left_out_and_what_was_not_reached() {
        let done = |step, result| Done { step, result, time: Duration::from_millis(1500) };
        let done = [
            done(Step::Format, Ok(Outcome::passed())),
            done(Step::Advisories, Ok(Outcome::LeftOut("database not reachable".into()))),
            done(Step::Clippy, Err(anyhow!("no"))),
        ];
        let table = summary(&[Step::Format, Step::Advisories, Step::Clippy, Step::Build], &done);
        let lines: Vec<Vec<&str>> = table.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["format", "✓", "passed", "1.5", "s"]);
        assert_eq!(lines[1][..3], ["advisories", "–", "left"]);
        assert!(table.contains("database not reachable"));
        assert_eq!(lines[2][..3], ["clippy", "✗", "FAILED"]);
        assert_eq!(lines[3], ["build", "not", "reached"]);
        assert!(closing(&done).ends_with("NOT checked, or not wholly: advisories."));
        assert_eq!(closing(&done[..1]), "✓ All of it holds.");
    }
}
