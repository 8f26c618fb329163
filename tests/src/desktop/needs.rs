//! What a desktop test needs on the machine.

use std::path::PathBuf;

/// A program, and the Debian package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    pub program: &'static str,
    pub package: &'static str,
}

const fn need(program: &'static str, package: &'static str) -> Need {
    Need { program, package }
}

const ALL: [Need; 5] = [
    need("Xvfb", "xvfb"),
    need("dbus-daemon", "dbus"),
    need("gnome-keyring-daemon", "gnome-keyring"),
    need("openbox", "openbox"),
    need("WebKitWebDriver", "webkit2gtk-driver"),
];

/// What is not on the PATH.
pub fn missing() -> Vec<Need> {
    ALL.into_iter().filter(|need| find(need.program).is_none()).collect()
}

pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin")])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Fails with the packages to install where something is missing.
pub(crate) fn require() {
    let missing = missing();
    assert!(
        missing.is_empty(),
        "the desktop tests need {}; on Debian: apt-get install {}",
        missing.iter().map(|need| need.program).collect::<Vec<_>>().join(", "),
        missing.iter().map(|need| need.package).collect::<Vec<_>>().join(" "),
    );
}
