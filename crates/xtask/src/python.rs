//! The Django example's Python: an environment of its own in `target/django`, with what the example needs.

use crate::command::{program, root, run, target, typed};
use crate::packages::{self, Need};
use crate::say;
use anyhow::Result;
use std::path::PathBuf;
use std::process::Command;

const PYTHON: [Need; 1] = [Need::program("python3", "python3-venv")];

/// An environment that can run the example.
#[derive(Debug)]
pub(crate) struct Environment {
    python: PathBuf,
}

/// Makes the environment, or brings it up to date. `Ok(Err(why))`: this machine has no Python, or reaches no registry.
pub(crate) fn environment() -> Result<Result<Environment, String>> {
    let missing = packages::provide(&PYTHON);
    if !missing.is_empty() {
        return Ok(Err(packages::advice(&missing)));
    }
    let folder = target().join("django");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let mut venv = program("python3");
    venv.args(["-m", "venv"]).arg(&folder);
    let mut install = program(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    install.arg(example().join("requirements.txt"));
    for mut command in [venv, install] {
        say::line(format_args!("$ {}", typed(&command)));
        if let Err(error) = run(&mut command) {
            return Ok(Err(format!("{error:#}")));
        }
    }
    Ok(Ok(Environment { python }))
}

/// The folder of the example.
pub(crate) fn example() -> PathBuf {
    root().join("examples/django")
}

impl Environment {
    /// `python manage.py WORDS`, with the example's settings for an S3 on loopback.
    pub(crate) fn manage(&self, words: &[&str], s3: &S3) -> Command {
        let mut command = program(&self.python);
        command.arg("manage.py").args(words).current_dir(example()).env("PYTHONDONTWRITEBYTECODE", "1");
        command.envs([("S3_ENDPOINT", s3.url.as_str()), ("S3_BUCKET", "photos"), ("S3_REGION", "us-east-1")]);
        command.envs([("S3_ADDRESSING", "path"), ("AWS_ACCESS_KEY_ID", s3.access_key.as_str())]);
        command.env("AWS_SECRET_ACCESS_KEY", &s3.secret_key).env("NO_PROXY", "127.0.0.1,localhost");
        command
    }
}

/// The sandbox's S3, and the keys to it.
pub(crate) struct S3 {
    pub(crate) url: String,
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

impl std::fmt::Debug for S3 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3").field("url", &self.url).finish_non_exhaustive()
    }
}

impl S3 {
    /// Of the sandbox that keeps its things in a folder.
    pub(crate) fn of_sandbox(dir: &std::path::Path, url: &str) -> Result<Self> {
        #[derive(serde::Deserialize)]
        struct Keys {
            access_key: String,
            secret_key: String,
        }
        let keys: Keys = serde_json::from_str(&std::fs::read_to_string(dir.join("secrets.json"))?)?;
        Ok(Self { url: url.to_owned(), access_key: keys.access_key, secret_key: keys.secret_key })
    }
}
