//! What the photos go to: the sandbox's S3, and the backend that signs for it.

use super::build::Built;
use super::django::Django;
use super::process::Sandbox;
use crate::say;
use anyhow::Result;
use clap::ValueEnum;
use std::path::Path;

/// Which backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    Sandbox,
    Django,
}

/// The sandbox, whose S3 takes the photos, and the backend before it where that is another.
#[derive(Debug)]
pub(super) struct Backends {
    pub(super) sandbox: Sandbox,
    pub(super) django: Option<Django>,
}

impl Backends {
    pub(super) fn start(built: &Built, dir: &Path, kind: Kind, faults: &[String]) -> Result<Self> {
        let sandbox = Sandbox::start(built, dir, faults)?;
        let own = if kind == Kind::Sandbox { "backend and S3 run" } else { "S3 runs" };
        say::line(format_args!("Sandbox: {own} as process {} on {}", sandbox.process.id(), sandbox.host));
        let django = match kind {
            Kind::Sandbox => None,
            Kind::Django => Some(Django::start(dir, &sandbox)?),
        };
        if let Some(django) = &django {
            let (id, url, admin, password) = (django.process.id(), &django.backend, &django.admin, &django.password);
            say::line(format_args!("Django: the backend runs as process {id} on {url}"));
            say::line(format_args!("  its admin is {admin} (user studio, password {password})"));
        }
        Ok(Self { sandbox, django })
    }

    pub(super) fn address(&self) -> (&str, &str) {
        match &self.django {
            Some(django) => (&django.backend, &django.token),
            None => (&self.sandbox.backend, &self.sandbox.token),
        }
    }

    pub(super) fn must_run(&mut self) -> Result<()> {
        self.sandbox.process.must_run()?;
        self.django.as_mut().map_or(Ok(()), |django| django.process.must_run())
    }
}
