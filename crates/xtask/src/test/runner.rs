//! The test runner's output: passed on line by line, and counted.

use super::Outcome;
use crate::command::{end, typed};
use crate::say;
use anyhow::{Context, Result, ensure};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What the closing lines of all test programs say together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Count {
    /// Adds a closing line, as in `test result: ok. 12 passed; 0 failed; 1 ignored; ...`; any other line counts nothing.
    fn add(&mut self, line: &str) {
        let Some(results) = line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". ")) else { return };
        for result in results.1.split(';') {
            let mut words = result.split_whitespace();
            let (Some(number), Some(word)) = (words.next().and_then(|word| word.parse::<u64>().ok()), words.next())
            else {
                continue;
            };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

/// Runs tests; what they write stays visible. Fails where a test fails, and where there was none.
pub(super) fn tests(command: &mut Command) -> Result<Outcome> {
    say::line(format_args!("$ {}", typed(command)));
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", typed(command)))?;
    let mut count = Count::default();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            count.add(&line);
            say::line(line);
        }
    }
    let status = child.wait().inspect_err(|_| end(&mut child))?;
    ensure!(status.success(), "{} ended with {status}, {} failed", typed(command), count.failed);
    ensure!(count.passed > 0, "{} ran no test", typed(command));
    Ok(Outcome::Passed(format!("{} tests passed, {} ignored", count.passed, count.ignored)))
}

#[cfg(test)]
mod tests {
    use super::Count;

    #[test]
    fn closing_lines_add_up_and_other_lines_do_not() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test a::b ... ok",
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.21s",
            "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
            "test result: 9 passed",
        ] {
            count.add(line);
        }
        assert_eq!(count, Count { passed: 14, failed: 3, ignored: 1 });
    }
}
