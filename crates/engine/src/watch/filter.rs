//! Which files of a source are sent: what is never a photograph, then the person's globs.

mod builtin;

use super::name::slashed;
use globset::{Candidate, GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::Path;

/// Why a file is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ignored {
    /// Its name starts with a dot.
    Hidden,
    /// Scratch files of programs, lock files, journals, caches.
    Temporary,
    /// The operating system's or the file server's own.
    System,
    /// A download that is under way.
    PartialDownload,
    /// By the person's exclude globs.
    Excluded,
    /// There are include globs, and none of them matches.
    NotIncluded,
}

impl Ignored {
    pub const ALL: [Self; 6] =
        [Self::Hidden, Self::Temporary, Self::System, Self::PartialDownload, Self::Excluded, Self::NotIncluded];

    /// The reason in plain words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Temporary => "temporary",
            Self::System => "system file",
            Self::PartialDownload => "unfinished download",
            Self::Excluded => "excluded",
            Self::NotIncluded => "not included",
        }
    }

    /// The reason as a name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Temporary => "temporary",
            Self::System => "system",
            Self::PartialDownload => "partial_download",
            Self::Excluded => "excluded",
            Self::NotIncluded => "not_included",
        }
    }
}

/// What the filter says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Admit,
    Ignored(Ignored),
}

impl Verdict {
    pub fn is_admitted(self) -> bool {
        self == Self::Admit
    }
}

/// A glob that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("an include or exclude pattern is empty")]
    Empty,
    #[error("the pattern \"{glob}\" cannot be understood: {why}")]
    Glob { glob: String, why: String },
}

/// The person's include and exclude globs, on top of what is never sent.
///
/// Globs know no case, and are matched against the path relative to the root with `/` between folders. `*` and `?` stay
/// inside one component, `**` crosses them. A glob without `/` matches the last component at any depth; one that ends
/// in `/` matches folders only. A folder that matches stands for everything under it.
#[derive(Debug, Clone)]
pub struct Filter {
    include: Globs,
    exclude: Globs,
}

impl Filter {
    /// # Errors
    /// When a glob is empty or not well-formed.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, FilterError> {
        Ok(Self { include: Globs::new(include)?, exclude: Globs::new(exclude)? })
    }

    /// The filter without globs.
    pub fn plain() -> Self {
        Self { include: Globs::none(), exclude: Globs::none() }
    }

    /// Whether the file at `rel` is sent, the folders on its way considered too.
    pub fn admits_file(&self, rel: &Path) -> Verdict {
        match rel.parent().map_or(Verdict::Admit, |parent| self.admits_folder(parent)) {
            Verdict::Admit => self.admits_file_here(rel),
            ignored @ Verdict::Ignored(_) => ignored,
        }
    }

    /// Whether the folder at `rel` is looked through, the folders on its way considered too. The root (an empty path)
    /// always is.
    pub fn admits_folder(&self, rel: &Path) -> Verdict {
        let mut folders: Vec<&Path> = rel.ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
        folders.reverse();
        folders
            .into_iter()
            .map(|folder| self.admits_folder_here(folder))
            .find(|verdict| !verdict.is_admitted())
            .unwrap_or(Verdict::Admit)
    }

    /// As [`Self::admits_file`], for a file whose folder was admitted before.
    pub(crate) fn admits_file_here(&self, rel: &Path) -> Verdict {
        if let Some(why) = self.ignores(rel, false) {
            return Verdict::Ignored(why);
        }
        if !self.include.is_empty() && !self.includes(rel) {
            return Verdict::Ignored(Ignored::NotIncluded);
        }
        Verdict::Admit
    }

    /// As [`Self::admits_folder`], for a folder whose own folder was admitted before.
    pub(crate) fn admits_folder_here(&self, rel: &Path) -> Verdict {
        self.ignores(rel, true).map_or(Verdict::Admit, Verdict::Ignored)
    }

    fn ignores(&self, rel: &Path, folder: bool) -> Option<Ignored> {
        let name = rel.file_name()?;
        builtin::ignored(&name.as_encoded_bytes().to_ascii_lowercase(), name.as_encoded_bytes(), folder)
            .or_else(|| self.exclude.matches(rel, folder).then_some(Ignored::Excluded))
    }

    fn includes(&self, rel: &Path) -> bool {
        self.include.matches(rel, false)
            || rel
                .ancestors()
                .skip(1)
                .filter(|path| !path.as_os_str().is_empty())
                .any(|folder| self.include.matches(folder, true))
    }
}

/// Globs by what they are held against.
#[derive(Debug, Clone)]
struct Globs {
    names: GlobSet,
    paths: GlobSet,
    folder_names: GlobSet,
    folder_paths: GlobSet,
}

impl Globs {
    fn none() -> Self {
        Self {
            names: GlobSet::empty(),
            paths: GlobSet::empty(),
            folder_names: GlobSet::empty(),
            folder_paths: GlobSet::empty(),
        }
    }

    fn new(globs: &[String]) -> Result<Self, FilterError> {
        let mut sets: [GlobSetBuilder; 4] = std::array::from_fn(|_| GlobSetBuilder::new());
        for glob in globs {
            let text = if cfg!(windows) { glob.trim().replace('\\', "/") } else { glob.trim().to_owned() };
            let whole = text.strip_prefix("./").unwrap_or(&text);
            let open = whole.trim_end_matches('/');
            let folder_only = open.len() < whole.len();
            let anchored = open.contains('/');
            let pattern = open.trim_start_matches('/');
            if pattern.is_empty() {
                return Err(FilterError::Empty);
            }
            let compiled = GlobBuilder::new(&pattern.to_lowercase())
                .literal_separator(true)
                .backslash_escape(!cfg!(windows))
                .build()
                .map_err(|error| FilterError::Glob { glob: glob.clone(), why: error.kind().to_string() })?;
            sets[usize::from(anchored) + 2 * usize::from(folder_only)].add(compiled);
        }
        let build = |set: &GlobSetBuilder| {
            set.build().map_err(|error| FilterError::Glob {
                glob: error.glob().unwrap_or_default().to_owned(),
                why: error.kind().to_string(),
            })
        };
        Ok(Self {
            names: build(&sets[0])?,
            paths: build(&sets[1])?,
            folder_names: build(&sets[2])?,
            folder_paths: build(&sets[3])?,
        })
    }

    fn is_empty(&self) -> bool {
        [&self.names, &self.paths, &self.folder_names, &self.folder_paths].into_iter().all(GlobSet::is_empty)
    }

    fn matches(&self, rel: &Path, folder: bool) -> bool {
        if self.is_empty() {
            return false;
        }
        let path = lowered(&slashed(rel));
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let name = Candidate::from_bytes(name);
        let path = Candidate::from_bytes(&path);
        self.names.is_match_candidate(&name)
            || self.paths.is_match_candidate(&path)
            || folder && (self.folder_names.is_match_candidate(&name) || self.folder_paths.is_match_candidate(&path))
    }
}

/// Lower case by Unicode, since globset's own knows ASCII only; ASCII alone where the bytes are not UTF-8.
fn lowered(bytes: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => bytes.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests;
