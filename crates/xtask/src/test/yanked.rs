//! Versions in Cargo.lock that their authors have withdrawn, by cargo's own copy of the registry's index.
//!
//! The copy's form is cargo's own affair (here that of cargo 1.5x and later: NUL between version numbers and JSON objects).
//! What can't be read counts as not looked up; it is never taken for good.

use crate::command::{cargo, quietly, root};
use anyhow::{Result, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A version of a crate in the index.
#[derive(Debug, Deserialize)]
struct Entry {
    vers: String,
    yanked: bool,
}

/// Has cargo refresh its copy of the index and looks each locked version up. Fails where one was yanked; else says in a few words
/// how many were looked up.
pub(super) fn check() -> Result<String> {
    let refreshed =
        quietly(&mut cargo(&["update", "--dry-run"]), Duration::from_secs(120)).is_ok_and(|ended| ended.success);
    let locked = locked(&std::fs::read_to_string(root().join("Cargo.lock"))?);
    let indexes = indexes();
    let mut looked_up = 0;
    let mut yanked = Vec::new();
    for (name, version) in &locked {
        let files = indexes.iter().filter_map(|index| std::fs::read(index.join(place(name))).ok());
        if let Some(is_yanked) = files.filter_map(|file| is_yanked(&file, version)).reduce(|a, b| a || b) {
            looked_up += 1;
            if is_yanked {
                yanked.push(format!("{name} {version}"));
            }
        }
    }
    ensure!(yanked.is_empty(), "yanked, so take another version: {}", yanked.join(", "));
    let stale = if refreshed { "" } else { " (index not refreshed)" };
    Ok(match looked_up {
        0 => "yanked versions NOT checked: no copy of the index".into(),
        some if some < locked.len() => {
            format!("none yanked of {some} looked up, {} not found{stale}", locked.len() - some)
        }
        all => format!("none of {all} locked versions yanked{stale}"),
    })
}

/// Name and version of what Cargo.lock has from a registry.
fn locked(lock: &str) -> Vec<(String, String)> {
    let value = |package: &str, name: &str| {
        let line = package.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('=').map(str::trim));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let packages = lock.split("[[package]]").skip(1);
    packages
        .filter(|package| value(package, "source").is_some_and(|source| source.contains("crates.io")))
        .filter_map(|package| Some((value(package, "name")?, value(package, "version")?)))
        .collect()
}

/// Folders in which cargo keeps its copies of indexes.
fn indexes() -> Vec<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))) else { return Vec::new() };
    let folders = std::fs::read_dir(home.join("registry/index")).into_iter().flatten().flatten();
    folders
        .filter(|folder| folder.file_name().to_string_lossy().contains("crates.io"))
        .map(|folder| folder.path().join(".cache"))
        .collect()
}

/// Where a crate stands in an index.
fn place(name: &str) -> PathBuf {
    let name = name.to_ascii_lowercase();
    let folder = match name.len() {
        1 => "1".to_owned(),
        2 => "2".to_owned(),
        3 => format!("3/{}", &name[..1]),
        _ => format!("{}/{}", &name[..2], &name[2..4]),
    };
    Path::new(&folder).join(name)
}

/// Whether the index's file of a crate calls the version yanked; `None` where it does not know it.
fn is_yanked(file: &[u8], version: &str) -> Option<bool> {
    let pieces = file.split(|byte| *byte == 0).filter(|piece| piece.starts_with(b"{"));
    let entries = pieces.filter_map(|piece| serde_json::from_slice::<Entry>(piece).ok());
    entries.filter(|entry| entry.vers == version).map(|entry| entry.yanked).next_back()
}

#[cfg(test)]
mod tests {
    use super::{is_yanked, locked, place};
    use std::path::Path;

    #[test]
    fn places_are_those_of_the_index() {
        for (name, at) in [("a", "1/a"), ("md", "2/md"), ("url", "3/u/url"), ("Serde_Json", "se/rd/serde_json")] {
            assert_eq!(place(name), Path::new(at));
        }
    }

    #[test]
    fn only_what_is_from_the_registry_is_looked_up() {
        let lock = "version = 4\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\n\
                    source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\ndependencies = [\n \"x\",\n]\n";
        assert_eq!(locked(lock), [("serde".to_owned(), "1.0.2".to_owned())]);
    }

    #[test]
    fn the_index_says_what_is_yanked() {
        let file = b"\x03\x02\0\0\0etag: \"x\"\x001.0.0\0{\"vers\":\"1.0.0\",\"yanked\":true}\x001.0.1\0{\"vers\":\"1.0.1\",\"yanked\":false,\"deps\":[]}\0";
        assert_eq!(
            ["1.0.0", "1.0.1", "1.0.2"].map(|version| is_yanked(file, version)),
            [Some(true), Some(false), None]
        );
        assert_eq!(is_yanked(b"another form", "1.0.0"), None);
    }
}
