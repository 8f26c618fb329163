//! What a package carries besides the desktop app itself, laid out as it is installed.

use crate::command::{program, quietly, root};
use crate::dist;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where zsh looks for a package's completions: on Debian, and elsewhere.
const ZSH: [(&str, &str); 2] =
    [("deb", "/usr/share/zsh/vendor-completions/_offload"), ("rpm", "/usr/share/zsh/site-functions/_offload")];

/// The tree, as `usr` in a folder, and the file that lies elsewhere in each kind of package.
#[derive(Debug)]
pub(super) struct Tree {
    usr: PathBuf,
    zsh: PathBuf,
}

/// Lays it out in this folder, with this `offload`.
pub(super) fn lay_out(folder: &Path, offload: &Path) -> Result<Tree> {
    super::forget(folder)?;
    let (usr, written) = (folder.join("usr"), folder.join("dist"));
    dist::write(offload, &written)?;
    copy(offload, &usr.join("bin/offload"))?;
    for page in fs::read_dir(written.join("man"))? {
        let page = page?;
        compress(&page.path(), &usr.join("share/man/man1").join(page.file_name()))?;
    }
    let completions = written.join("completions");
    for (from, to) in [
        (completions.join("offload.bash"), "share/bash-completion/completions/offload"),
        (completions.join("offload.fish"), "share/fish/vendor_completions.d/offload.fish"),
        (
            root().join("src-tauri/linux/app.offload.desktop.metainfo.xml"),
            "share/metainfo/app.offload.desktop.metainfo.xml",
        ),
        (root().join("icons/app.svg"), "share/icons/hicolor/scalable/apps/offload-desktop.svg"),
        (root().join("LICENSE"), "share/doc/offload/copyright"),
    ] {
        copy(&from, &usr.join(to))?;
    }
    compress(&root().join("CHANGELOG.md"), &usr.join("share/doc/offload/changelog"))?;
    let notices = written.join("third-party-notices");
    fs::write(&notices, super::notices::text()?).with_context(|| format!("cannot write {}", notices.display()))?;
    compress(&notices, &usr.join("share/doc/offload/third-party-notices"))?;
    Ok(Tree { usr, zsh: completions.join("_offload") })
}

impl Tree {
    /// What Tauri's bundler is told beyond tauri.conf.json: where in the package which file goes.
    pub(super) fn config(&self) -> String {
        let kinds = ZSH
            .map(|(kind, zsh)| (kind.to_owned(), serde_json::json!({ "files": { "/usr": self.usr, zsh: self.zsh } })));
        serde_json::json!({ "bundle": { "linux": serde_json::Map::from_iter(kinds) } }).to_string()
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    make_folder_of(to)?;
    fs::copy(from, to).with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// A copy as .gz, without the name and the time of the original.
fn compress(from: &Path, to: &Path) -> Result<()> {
    copy(from, to)?;
    let ended = quietly(program("gzip").args(["--no-name", "--best", "--force"]).arg(to), Duration::from_secs(60))?;
    ensure!(ended.success, "{} cannot be compressed: {}", to.display(), ended.said());
    Ok(())
}

fn make_folder_of(file: &Path) -> Result<()> {
    let folder = file.parent().context("a file lies in no folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn the_bundler_is_told_of_the_tree_and_of_zsh() {
        let config = Tree { usr: "/x/usr".into(), zsh: "/x/_offload".into() }.config();
        let config: serde_json::Value = serde_json::from_str(&config).unwrap();
        for (kind, zsh) in
            [("deb", "/usr/share/zsh/vendor-completions/_offload"), ("rpm", "/usr/share/zsh/site-functions/_offload")]
        {
            let files = &config["bundle"]["linux"][kind]["files"];
            assert_eq!(files["/usr"], "/x/usr");
            assert_eq!(files[zsh], "/x/_offload");
        }
    }
}
