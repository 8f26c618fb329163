//! Where the socket of a data folder is.

use interprocess::local_socket::Name;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};

/// A path over this many bytes may not fit into a socket's address (104 on macOS, 108 on Linux).
#[cfg(unix)]
const LONGEST: usize = 100;

/// A socket's name, and the file it is where it is one.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: Name<'static>,
    pub(super) file: Option<PathBuf>,
}

/// Both ends have to come to the same words whatever way the folder was named.
fn settled(dir: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(dir).or_else(|_| std::path::absolute(dir))
}

fn digest(dir: &Path) -> String {
    hex::encode(&Sha256::digest(dir.as_os_str().as_encoded_bytes())[..12])
}

/// Where a server listens. Makes the private folder where one is needed. Blocking.
#[cfg(unix)]
pub(super) fn to_listen(dir: &Path) -> io::Result<Place> {
    let file = candidates(dir)?.into_iter().next().ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "no folder is short enough to hold the socket; set XDG_RUNTIME_DIR to one",
        )
    })?;
    if let Some(folder) = file.parent().filter(|folder| !lies_in(&file, dir) && !folder.exists()) {
        crate::ledger::make_private_folder(folder)?;
    }
    checked(&file, dir)?;
    place(file)
}

/// Where a server may be listening: the places that are there and ours. Blocking.
#[cfg(unix)]
pub(super) fn to_connect(dir: &Path) -> io::Result<Vec<Place>> {
    let there = candidates(dir)?.into_iter().filter(|file| file.exists() && checked(file, dir).is_ok());
    there.map(place).collect()
}

#[cfg(unix)]
fn place(file: PathBuf) -> io::Result<Place> {
    use interprocess::local_socket::{GenericFilePath, ToFsName};
    let name = file.clone().to_fs_name::<GenericFilePath>()?.into_owned();
    Ok(Place { name, file: Some(file) })
}

#[cfg(unix)]
fn lies_in(file: &Path, dir: &Path) -> bool {
    settled(dir).is_ok_and(|dir| file.parent() == Some(dir.as_path()))
}

/// The data folder itself, or where its path is too long a folder of ours under the session's or the machine's temporary one.
#[cfg(unix)]
fn candidates(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    Ok(candidates_among(&settled(dir)?, [runtime, Some(std::env::temp_dir())]))
}

#[cfg(unix)]
fn candidates_among(dir: &Path, bases: [Option<PathBuf>; 2]) -> Vec<PathBuf> {
    let fits = |path: &PathBuf| path.as_os_str().len() <= LONGEST;
    let inside = dir.join("offload.sock");
    if fits(&inside) {
        return vec![inside];
    }
    let folder = format!("offload-{}", rustix::process::geteuid().as_raw());
    let file = format!("{}.sock", digest(dir));
    let bases = bases.into_iter().flatten().filter(|base| base.is_absolute() && base.is_dir());
    bases.map(|base| base.join(&folder).join(&file)).filter(fits).collect()
}

/// Outside the data folder anyone may have made a folder of our name first: it counts only if it is ours and closed to others.
#[cfg(unix)]
fn checked(file: &Path, dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if lies_in(file, dir) {
        return Ok(());
    }
    let folder = file.parent().unwrap_or(file);
    let found = std::fs::symlink_metadata(folder)?;
    let ours = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
    if ours {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        format!("{} is not a folder that only you can open", folder.display()),
    ))
}

#[cfg(windows)]
fn pipe(dir: &Path) -> io::Result<Place> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName};
    let name = format!("offload-{}", digest(&settled(dir)?)).to_ns_name::<GenericNamespaced>()?.into_owned();
    Ok(Place { name, file: None })
}

#[cfg(windows)]
pub(super) fn to_listen(dir: &Path) -> io::Result<Place> {
    pipe(dir)
}

#[cfg(windows)]
pub(super) fn to_connect(dir: &Path) -> io::Result<Vec<Place>> {
    Ok(vec![pipe(dir)?])
}

#[cfg(all(test, unix))]
mod tests {
    use super::{LONGEST, candidates_among, to_connect, to_listen};
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn a_long_path_moves_the_socket_away() {
        let base = tempfile::tempdir().unwrap();
        let bases = || [Some(base.path().to_owned()), Some(base.path().join("is not there"))];
        let short = Path::new("/photos");
        assert_eq!(candidates_among(short, bases()), [short.join("offload.sock")]);
        let long = Path::new("/photos").join("x".repeat(90));
        let found = candidates_among(&long, bases());
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with(base.path()) && found[0].as_os_str().len() <= LONGEST);
        assert_ne!(found, candidates_among(&long.join("y"), bases()), "each data folder has a socket of its own");
        let too_long = base.path().join("y".repeat(80));
        std::fs::create_dir(&too_long).unwrap();
        assert!(candidates_among(&long, [None, Some(too_long)]).is_empty());
    }

    #[test]
    fn only_a_folder_of_ours_counts() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("offload-0");
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("a.sock");
        for (mode, good) in [(0o755, false), (0o770, false), (0o701, false), (0o700, true)] {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(super::checked(&file, Path::new("/photos")).is_ok(), good, "{mode:o}");
        }
        let link = base.path().join("link");
        std::os::unix::fs::symlink(&folder, &link).unwrap();
        assert!(
            super::checked(&link.join("a.sock"), Path::new("/photos")).is_err(),
            "a link may point anywhere tomorrow"
        );
    }

    #[test]
    fn both_ends_agree() {
        let base = tempfile::tempdir().unwrap();
        let dir = base.path().join("d".repeat(100));
        std::fs::create_dir(&dir).unwrap();
        let link = base.path().join("link");
        std::os::unix::fs::symlink(&dir, &link).unwrap();
        let server = to_listen(&dir).unwrap().file.unwrap();
        std::fs::write(&server, "").unwrap();
        let seen = to_connect(&link).unwrap().into_iter().find_map(|place| place.file);
        std::fs::remove_file(&server).unwrap();
        assert_eq!(seen.unwrap(), server);
    }
}
