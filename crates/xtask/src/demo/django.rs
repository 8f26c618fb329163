//! The Django example as the demonstration's backend, on the sandbox's S3: signing, confirming, and what it recorded.

use super::facts::Record;
use super::interrupt;
use super::process::{Process, Sandbox};
use crate::command::{quietly, typed};
use crate::python::{self, Environment, S3};
use crate::say;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
const USER: &str = "studio";

/// A running Django, with a database of its own in the demonstration's folder.
#[derive(Debug)]
pub(super) struct Django {
    pub(super) process: Process,
    pub(super) backend: String,
    pub(super) token: String,
    pub(super) admin: String,
    /// Of the user `studio`, for the admin.
    pub(super) password: String,
    environment: Environment,
    s3: S3,
    database: PathBuf,
}

/// A row of `manage.py dumpdata photos.Photo`.
#[derive(Debug, Deserialize)]
struct Dumped {
    fields: Photo,
}

#[derive(Debug, Deserialize)]
struct Photo {
    file_id: String,
    key: String,
    state: String,
    size: u64,
    sha256: String,
    confirmed_at: Option<String>,
}

impl Django {
    pub(super) fn start(dir: &Path, sandbox: &Sandbox) -> Result<Self> {
        let environment = match python::environment()? {
            Ok(environment) => environment,
            Err(why) => bail!("the Django example cannot be run: {why}"),
        };
        let s3 = S3::of_sandbox(&dir.join("sandbox"), &sandbox.s3)?;
        let database = dir.join("django.sqlite3");
        // Random, and good for as long as the demonstration lasts.
        let password = sandbox.token.clone();
        let step = |words: &[&str]| -> Result<String> {
            let mut command = manage(&environment, words, &s3, &database);
            command.env("DJANGO_SUPERUSER_PASSWORD", &password);
            say::line(format_args!("$ (cd examples/django && python manage.py {})", words.join(" ")));
            let ended = quietly(&mut command, PATIENCE)?;
            ensure!(ended.success, "manage.py {} failed: {}", words.join(" "), ended.said());
            Ok(ended.output.trim().to_owned())
        };
        step(&["migrate", "--verbosity", "0"])?;
        step(&["createsuperuser", "--noinput", "--username", USER, "--email", "studio@example.com"])?;
        let token = step(&["create_token", USER, "--label", "demonstration"])?;
        let port = free_port()?;
        let address = format!("127.0.0.1:{port}");
        let mut command = manage(&environment, &["runserver", "--noreload", &address], &s3, &database);
        command.stdout(Stdio::null());
        say::line(format_args!("$ (cd examples/django && python manage.py runserver {address})"));
        let process = Process::start("Django", &mut command, dir.join("django.log"))
            .with_context(|| format!("{} cannot be started", typed(&command)))?;
        let base = format!("http://{address}");
        let mut django = Self {
            process,
            backend: format!("{base}/api"),
            token,
            admin: format!("{base}/admin/photos/photo/"),
            password,
            environment,
            s3,
            database,
        };
        django.listens(port)?;
        Ok(django)
    }

    fn listens(&mut self, port: u16) -> Result<()> {
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            self.process.must_run()?;
            ensure!(began.elapsed() < PATIENCE, "Django did not listen within {} s", PATIENCE.as_secs());
            interrupt::nap(Duration::from_millis(100))?;
        }
        Ok(())
    }

    /// What it confirmed, out of its database.
    pub(super) fn records(&self) -> Result<Vec<Record>> {
        let mut command = manage(&self.environment, &["dumpdata", "photos.Photo"], &self.s3, &self.database);
        let ended = quietly(&mut command, PATIENCE)?;
        ensure!(ended.success, "the database cannot be read: {}", ended.said());
        let rows: Vec<Dumped> = serde_json::from_str(&ended.output).context("what Django dumped is not as expected")?;
        Ok(rows
            .into_iter()
            .map(|row| row.fields)
            .filter(|photo| photo.state == "confirmed")
            .map(Record::from)
            .collect())
    }
}

impl From<Photo> for Record {
    fn from(photo: Photo) -> Self {
        let Photo { file_id, key, size, sha256, confirmed_at, .. } = photo;
        Self { file_id, key, size, sha256, confirmed_at }
    }
}

fn manage(environment: &Environment, words: &[&str], s3: &S3, database: &Path) -> Command {
    let mut command = environment.manage(words, s3);
    command.env("DJANGO_SQLITE", database);
    command
}

/// Django is told its port beforehand; that it is taken in between would be said by Django.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
