//! The same requests to several S3 servers: the sandbox's, and two that are not ours. What can't be had is named.

use super::{Outcome, build, runner};
use crate::command::{program, root, run, target, typed};
use crate::packages::{self, Need};
use crate::say;
use anyhow::{Result, bail};

const CEPH: [Need; 3] =
    [Need::program("radosgw", "radosgw"), Need::program("ceph-mon", "ceph-mon"), Need::program("ceph-osd", "ceph-osd")];
const PYTHON: [Need; 1] = [Need::program("python3", "python3-venv")];
/// The versions of LocalStack and of all it needs, 40 MB in all.
const REQUIREMENTS: &str = "tests/s3/localstack.txt";

/// Says which servers the suite has to run; where it does not stand, it takes those that are installed.
pub(super) const SERVERS: &str = "OFFLOAD_S3_SERVERS";

pub(super) fn check() -> Result<Outcome> {
    if !cfg!(target_os = "linux") {
        return Ok(Outcome::LeftOut("S3 servers NOT tested: they are only known how to be had on Linux".into()));
    }
    let (mut servers, mut left_out) = (vec!["sandbox"], Vec::new());
    for (name, had) in [("ceph", ceph()), ("localstack", localstack())] {
        match had {
            Ok(()) => servers.push(name),
            Err(error) => left_out.push(format!("{name}: {error:#}")),
        }
    }
    for why in &left_out {
        say::line(format_args!("NOT tested against {why}"));
    }
    let tested = runner::tests(build("test").args(["--test", "s3"]).env(SERVERS, servers.join(",")))?;
    Ok(match tested {
        Outcome::Passed(_) if !left_out.is_empty() => {
            Outcome::LeftOut(format!("tested against {}; NOT against {}", servers.join(", "), left_out.join("; ")))
        }
        Outcome::Passed(ran) => Outcome::Passed(format!("{}: {ran}", servers.join(", "))),
        left_out @ Outcome::LeftOut(_) => left_out,
    })
}

/// Debian's packages, of the version that the suite knows.
fn ceph() -> Result<()> {
    let missing = packages::provide(&CEPH);
    if !missing.is_empty() {
        bail!(packages::advice(&missing));
    }
    let version = crate::command::quietly(program("radosgw").arg("--version"), std::time::Duration::from_secs(20))?;
    let known = version.output.split_whitespace().nth(2).is_some_and(|version| version.starts_with("16.2."));
    if !known {
        bail!("the answers of 16.2 are known, and here is {}", version.said());
    }
    Ok(())
}

/// A Python environment of its own in the target folder.
fn localstack() -> Result<()> {
    let missing = packages::provide(&PYTHON);
    if !missing.is_empty() {
        bail!(packages::advice(&missing));
    }
    let environment = target().join("localstack");
    let mut venv = program("python3");
    venv.args(["-m", "venv"]).arg(&environment);
    let mut install = program(environment.join("bin/python"));
    install
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
        .arg(root().join(REQUIREMENTS));
    for mut command in [venv, install] {
        say::line(format_args!("$ {}", typed(&command)));
        run(&mut command)?;
    }
    Ok(())
}
