//! Documents: every relative link in a Markdown file leads to a file that is there, and the OpenAPI file is JSON.

use crate::command::root;
use anyhow::{Context, Result, ensure};
use percent_encoding::percent_decode_str;
use std::fs;
use std::path::{Path, PathBuf};

/// Neither ours nor written by hand.
const PASSED_OVER: [&str; 4] = ["target", "node_modules", "dist", ".git"];
const OPENAPI: &str = "docs/openapi.json";

pub(super) fn check() -> Result<String> {
    let root = root();
    let mut documents = Vec::new();
    markdown(&root, &mut documents)?;
    let mut links = 0;
    let mut dead = Vec::new();
    for document in &documents {
        let text = fs::read_to_string(document).with_context(|| format!("cannot read {}", document.display()))?;
        for link in relative_links(&text) {
            links += 1;
            let folder = document.parent().unwrap_or(&root);
            if !folder.join(&link).exists() {
                dead.push(format!("{}: {link}", document.strip_prefix(&root).unwrap_or(document).display()));
            }
        }
    }
    ensure!(dead.is_empty(), "links that lead nowhere:\n{}", dead.join("\n"));
    let openapi = fs::read(root.join(OPENAPI)).with_context(|| format!("cannot read {OPENAPI}"))?;
    let openapi: serde_json::Value =
        serde_json::from_slice(&openapi).with_context(|| format!("{OPENAPI} is not JSON"))?;
    ensure!(openapi.get("openapi").is_some() && openapi.get("paths").is_some(), "{OPENAPI} describes no API");
    Ok(format!("{links} links in {} documents", documents.len()))
}

fn markdown(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            if !PASSED_OVER.iter().any(|passed_over| name == *passed_over) {
                markdown(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("md")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

/// Targets of inline links, reference definitions and HTML attributes that stand for files, without fragment and query.
fn relative_links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let start = line.trim_start();
        if let Some(mark) = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark)) {
            match fence {
                None => fence = Some(mark),
                Some(open) if open == mark => fence = None,
                Some(_) => {}
            }
        } else if fence.is_none() {
            let line = without_code(line);
            let definition = start.starts_with('[').then(|| line.split_once("]: ")).flatten();
            let marks = ["](", "src=\"", "href=\""];
            let inline = marks.into_iter().flat_map(|mark| line.split(mark).skip(1));
            links.extend(inline.chain(definition.map(|(_, target)| target)).filter_map(file_of));
        }
    }
    links
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    let pieces: Vec<&str> = line.split('`').collect();
    // A last backtick without its partner opens nothing.
    let odd_end = pieces.len().is_multiple_of(2);
    let keep = |index: &usize| index.is_multiple_of(2) || (odd_end && *index + 1 == pieces.len());
    (0..pieces.len()).filter(keep).map(|index| pieces[index]).collect()
}

/// The file that a link's target begins with; `None` for addresses and for places in the same document.
fn file_of(rest: &str) -> Option<String> {
    let target = match rest.strip_prefix('<') {
        Some(rest) => rest.split('>').next()?,
        None => rest.split([')', '"', ' ']).next()?,
    };
    let file = target.split(['#', '?']).next()?;
    let is_address = file.split_once(':').is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric()));
    if file.is_empty() || is_address || file.starts_with("//") {
        return None;
    }
    Some(percent_decode_str(file).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::relative_links;

    #[test]
    fn links_to_files_are_found_and_nothing_else() {
        let text = "See [a](docs/a.md#part) and ![b](<b c.png>), [web](https://x.example/y), [top](#top), [mail](mailto:a@b.c).\n\
                    <img src=\"icons/i.svg\"> <a href=\"//x.example\">x</a> [d](e%20f.md \"title\")\n\
                    `[no](no.md)` [yes](yes.md) `odd\n\
                    [ref]: ref.md\n\
                    ```sh\n[no](no.md)\n```\n\
                    [last](../last.md)";
        let wanted = ["docs/a.md", "b c.png", "e f.md", "icons/i.svg", "yes.md", "ref.md", "../last.md"];
        assert_eq!(relative_links(text), wanted);
    }
}
