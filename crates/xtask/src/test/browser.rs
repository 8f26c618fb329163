//! The window's pages: checked, tested by themselves, and tested in Debian's Chromium.

use super::Outcome;
use crate::packages::{self, Need};
use crate::window;
use anyhow::Result;

/// Korean and Latin text has to have a shape, or nobody can see whether it fits.
pub(super) const FONTS: [Need; 2] = [
    Need::file("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk"),
    Need::file("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "fonts-dejavu-core"),
];

/// Types, unit tests, and the pages themselves: everything that compiles the app needs them.
pub(super) fn pages() -> Result<Outcome> {
    window::install()?;
    for words in [["run", "check"], ["run", "test"]] {
        window::npm(&words)?;
    }
    window::pages()?;
    Ok(Outcome::Passed("types, unit tests and pages of the window".into()))
}

pub(super) fn check() -> Result<Outcome> {
    let mut needs = vec![Need::file("/usr/bin/chromium", "chromium")];
    needs.extend(FONTS);
    let missing = if cfg!(target_os = "linux") { packages::provide(&needs) } else { Vec::new() };
    if !missing.is_empty() {
        return Ok(Outcome::LeftOut(format!("the window NOT tested in a browser: {}", packages::advice(&missing))));
    }
    window::install()?;
    window::npm(&["run", "build:mock"])?;
    window::npm(&["run", "browser"])?;
    Ok(Outcome::Passed("every place of the window, in Chromium".into()))
}
