//! The licences of what the programs are made of besides our own code: they ask to be handed on with it.

use super::look::ask;
use crate::command::{cargo, program, root};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The packages whose programs are handed on.
const PROGRAMS: [&str; 2] = ["offload-cli", "offload-desktop"];

/// How the names of such files begin.
const NAMES: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT", "UNLICENSE"];

/// A library within the programs or their pages.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Library {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// All notices as one text, each said once, with the libraries it is for.
pub(super) fn text() -> Result<String> {
    let mut libraries = crates()?;
    libraries.extend(pages()?);
    let mut of: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for library in &libraries {
        let title = format!("{} ({})", library.name, library.licence);
        let notices = notices(&library.folder)?;
        if notices.is_empty() {
            of.entry("These come without a text of their own; the licence's name stands in brackets.".into())
                .or_default()
                .push(title);
        } else {
            notices.into_iter().for_each(|notice| of.entry(notice).or_default().push(title.clone()));
        }
    }
    Ok(joined(&of))
}

fn joined(of: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::from("Offload is made with the work of others. Their notices:\n");
    for (notice, titles) in of {
        let _ = write!(text, "\n{}\n{}\n\n{notice}\n", "=".repeat(80), titles.join("\n"));
    }
    text
}

/// The texts in a library's folder.
fn notices(folder: &Path) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if NAMES.iter().any(|start| name.starts_with(start)) && path.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            found.insert(String::from_utf8_lossy(&bytes).replace("\r\n", "\n").trim().to_owned());
        }
    }
    Ok(found)
}

/// What cargo says of the workspace, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// None for our own.
    source: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    /// None where it is neither for tests nor for building.
    kind: Option<String>,
}

/// The crates that are compiled into the programs, on this platform.
fn crates() -> Result<BTreeSet<Library>> {
    let host = ask(program("rustc").args(["--print", "host-tuple"]))?;
    let said = ask(&mut cargo(&["metadata", "--format-version=1", "--locked", "--filter-platform", host.trim()]))?;
    let metadata: Metadata = serde_json::from_str(&said).context("cargo metadata says something else than expected")?;
    let within = within(&metadata);
    let others =
        metadata.packages.into_iter().filter(|package| package.source.is_some() && within.contains(&package.id));
    let library = |package: Package| Library {
        name: format!("{} {}", package.name, package.version),
        licence: package.license.unwrap_or_else(|| "see below".into()),
        folder: package.manifest_path.parent().map(Path::to_path_buf).unwrap_or_default(),
    };
    Ok(others.map(library).collect())
}

/// The ids of all packages that the programs need when they run.
fn within(metadata: &Metadata) -> BTreeSet<String> {
    let nodes: HashMap<&str, &Node> = metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let programs = metadata.packages.iter().filter(|package| PROGRAMS.contains(&package.name.as_str()));
    let mut waiting: Vec<&str> = programs.map(|package| package.id.as_str()).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if seen.insert(id.to_owned()) {
            let needed = nodes.get(id).into_iter().flat_map(|node| &node.deps);
            waiting.extend(
                needed
                    .filter(|needed| needed.dep_kinds.iter().any(|kind| kind.kind.is_none()))
                    .map(|needed| needed.pkg.as_str()),
            );
        }
    }
    seen
}

/// What npm says of a package in its own file.
#[derive(Debug, Deserialize)]
struct Module {
    name: String,
    version: String,
    license: Option<String>,
}

/// The packages of the window's pages, without those that only build and test them.
fn pages() -> Result<BTreeSet<Library>> {
    let ui = root().join("ui");
    let listed = ask(program("npm").args(["ls", "--all", "--omit=dev", "--parseable"]).current_dir(&ui))?;
    let folders = listed.lines().map(PathBuf::from).filter(|folder| *folder != ui);
    folders
        .map(|folder| {
            let file = folder.join("package.json");
            let said = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let module: Module =
                serde_json::from_str(&said).with_context(|| format!("{} is unlike others", file.display()))?;
            let licence = module.license.unwrap_or_else(|| "see below".into());
            Ok(Library { name: format!("{} {}", module.name, module.version), licence, folder })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Metadata, joined, notices, within};
    use serde_json::json;

    #[test]
    fn only_what_runs_is_within() {
        let package = |id: &str, name: &str| json!({ "id": id, "name": name, "version": "1.0.0", "license": "MIT", "source": null, "manifest_path": "/x/Cargo.toml" });
        let needs = |on: &str, kind: serde_json::Value| json!({ "pkg": on, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("cli", "offload-cli"), package("a", "a"), package("b", "b"), package("c", "c"), package("d", "d")],
            "resolve": { "nodes": [
                { "id": "cli", "deps": [needs("a", json!(null)), needs("b", json!("dev"))] },
                { "id": "a", "deps": [needs("c", json!(null)), needs("d", json!("build")), needs("cli", json!(null))] },
                { "id": "c", "deps": [] },
            ] },
        });
        let metadata: Metadata = serde_json::from_value(metadata).unwrap();
        assert_eq!(within(&metadata).into_iter().collect::<Vec<_>>(), ["a", "c", "cli"]);
    }

    #[test]
    fn a_notice_is_found_whatever_its_case_and_said_once() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in
            [("License-MIT.txt", "be free\r\n"), ("NOTICE", "by me\n"), ("readme.md", "no"), ("COPYING", "be free")]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let found = notices(folder.path()).unwrap();
        assert_eq!(found.iter().collect::<Vec<_>>(), ["be free", "by me"]);
        let of = [("be free".to_owned(), vec!["a 1 (MIT)".to_owned(), "b 2 (MIT)".to_owned()])].into();
        assert!(joined(&of).ends_with("=\na 1 (MIT)\nb 2 (MIT)\n\nbe free\n"));
    }
}
