//! What Offload was started with: by hand, by the desktop, or a second time.

use clap::Parser;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Offload's window and tray. `offload`, beside it, is the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Parser)]
#[command(name = "offload-desktop", version)]
pub(crate) struct Arguments {
    /// Start in the tray, without a window.
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Folder for ledger, settings and logs.
    #[arg(long, env = "OFFLOAD_DATA_DIR", value_name = "FOLDER")]
    pub(crate) data_dir: Option<OsString>,
    /// The backend's address, in place of the one in the settings.
    #[arg(long, env = "OFFLOAD_BACKEND", value_name = "URL")]
    pub(crate) backend: Option<String>,
    /// Folders to watch, files to send once.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<OsString>,
}

impl Arguments {
    /// What a second start was given; what can't be understood is left out, since the first goes on either way.
    pub(crate) fn of_second(words: Vec<String>) -> Self {
        Self::try_parse_from(words).unwrap_or_default()
    }

    /// The paths, made absolute by the folder Offload was started in. The desktop may give addresses (`file:///…`).
    pub(crate) fn paths_from(&self, cwd: &Path) -> Vec<PathBuf> {
        self.paths.iter().filter(|word| !word.is_empty()).map(|word| absolute(word, cwd)).collect()
    }
}

fn absolute(word: &OsString, cwd: &Path) -> PathBuf {
    let from_url = word
        .to_str()
        .filter(|text| text.starts_with("file:"))
        .and_then(|text| url::Url::parse(text).ok())
        .and_then(|url| url.to_file_path().ok());
    let path = from_url.unwrap_or_else(|| cwd.join(word));
    // The shell's completion ends folders with a slash; the ledger's paths have none.
    if path.parent().is_some() { path.components().collect() } else { path }
}

#[cfg(test)]
mod tests {
    use super::Arguments;
    use std::path::{Path, PathBuf};

    fn of(words: &[&str]) -> Arguments {
        Arguments::of_second(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[test]
    fn paths_become_absolute() {
        for (word, path) in [
            ("a.jpg", "/home/a.jpg"),
            ("/photos/", "/photos"),
            ("./a/./b", "/home/a/b"),
            ("file:///tmp/with%20space", "/tmp/with space"),
            ("file:/tmp/%EC%84%9C", "/tmp/\u{c11c}"),
            ("files:a", "/home/files:a"),
        ] {
            assert_eq!(of(&["offload", word]).paths_from(Path::new("/home")), [PathBuf::from(path)], "{word}");
        }
    }

    #[test]
    fn a_second_start_is_read_leniently() {
        assert!(of(&["offload", "--hidden"]).hidden);
        assert_eq!(of(&["offload", "--unknown", "/a"]), Arguments::default());
        assert_eq!(of(&["offload", "--data-dir", "/d", "/a"]).paths.len(), 1);
    }
}
