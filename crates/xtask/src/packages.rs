//! Debian packages: what is there, and installing what is not.

use crate::command::{program, quietly, run, typed};
use crate::say;
use std::process::Command;
use std::time::Duration;

/// Something a step needs, and the package that brings it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    pub(crate) package: &'static str,
    pub(crate) sign: Sign,
}

/// By what it is seen that a package is there, however it came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sign {
    /// A program on the PATH.
    Program(&'static str),
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A file.
    File(&'static str),
}

impl Need {
    pub(crate) const fn program(name: &'static str, package: &'static str) -> Self {
        Self { package, sign: Sign::Program(name) }
    }

    pub(crate) const fn library(name: &'static str, package: &'static str) -> Self {
        Self { package, sign: Sign::Library(name) }
    }

    pub(crate) const fn file(path: &'static str, package: &'static str) -> Self {
        Self { package, sign: Sign::File(path) }
    }

    fn is_met(self) -> bool {
        match self.sign {
            Sign::Program(name) => crate::command::on_path(name),
            Sign::Library(name) => quietly(program("pkg-config").args(["--exists", name]), Duration::from_secs(10))
                .is_ok_and(|ended| ended.success),
            Sign::File(path) => std::path::Path::new(path).exists(),
        }
    }
}

/// Installs what is missing, where this may be done; the packages that are missing still.
pub(crate) fn provide(needs: &[Need]) -> Vec<&'static str> {
    let missing = missing(needs);
    if missing.is_empty() {
        return missing;
    }
    let Some(right) = right() else { return missing };
    say::line(format_args!("Installing Debian packages that are not there: {}", missing.join(" ")));
    let apt = |words: &[&str]| -> Command {
        let mut command = match right {
            Right::Root => program("apt-get"),
            Right::Sudo => {
                let mut command = program("sudo");
                command.args(["--non-interactive", "apt-get"]);
                command
            }
        };
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let mut install = apt(&["install", "--yes", "--quiet=2", "--no-install-recommends"]);
    install.args(&missing);
    // The package lists of a fresh container are empty, those of an old machine out of date.
    for mut command in [apt(&["update", "--quiet=2"]), install] {
        say::line(format_args!("$ {}", typed(&command)));
        if let Err(error) = run(&mut command) {
            say::line(format_args!("{error:#}"));
        }
    }
    self::missing(needs)
}

/// What to type where nothing could be installed.
pub(crate) fn advice(missing: &[&str]) -> String {
    format!("on Debian: apt-get install {}", missing.join(" "))
}

fn missing(needs: &[Need]) -> Vec<&'static str> {
    let mut missing: Vec<&str> = needs.iter().filter(|need| !need.is_met()).map(|need| need.package).collect();
    missing.dedup();
    missing
}

/// As whom packages may be installed.
#[derive(Debug, Clone, Copy)]
enum Right {
    Root,
    Sudo,
}

fn right() -> Option<Right> {
    if !crate::command::on_path("apt-get") {
        return None;
    }
    let asks = |command: &mut Command| quietly(command, Duration::from_secs(10));
    if asks(program("id").arg("-u")).is_ok_and(|ended| ended.output.trim() == "0") {
        return Some(Right::Root);
    }
    asks(program("sudo").args(["--non-interactive", "true"])).is_ok_and(|ended| ended.success).then_some(Right::Sudo)
}

#[cfg(test)]
mod tests {
    use super::{Need, advice, missing};

    #[test]
    fn what_is_there_is_not_missed_and_a_package_is_named_once() {
        let needs = [
            Need::program("sh", "dash"),
            Need::file("/", "base-files"),
            Need::program("no-such-program", "one"),
            Need::file("/no/such/file", "one"),
            Need::library("no-such-library", "two"),
        ];
        assert_eq!(missing(&needs), ["one", "two"]);
        assert_eq!(advice(&["one", "two"]), "on Debian: apt-get install one two");
    }
}
