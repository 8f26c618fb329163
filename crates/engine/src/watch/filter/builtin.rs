//! Names that are never a photograph, whatever the globs say.

use super::Ignored;

/// Whole names, lower case.
const SYSTEM: &[&[u8]] = &[
    b".ds_store",
    b".localized",
    b".apdisk",
    b".fseventsd",
    b".temporaryitems",
    b".documentrevisions-v100",
    b".spotlight-v100",
    b".trashes",
    b".trash",
    b"icon\r",
    b"thumbs.db",
    b"ehthumbs.db",
    b"desktop.ini",
    b"$recycle.bin",
    b"recycler",
    b"system volume information",
    b"lost+found",
    b"@eadir",
    b"#recycle",
];

const SYSTEM_STARTS: &[&[u8]] = &[b"._", b".trash-"];
const PARTIAL_ENDS: &[&[u8]] = &[b".part", b".partial", b".crdownload", b".download", b".opdownload"];
const TEMPORARY_STARTS: &[&[u8]] = &[b"~$", b".~lock.", b".syncthing.", b"~syncthing~", b".nfs", b".fuse_hidden"];
/// The last four are Lightroom's: its lock, its journals, its previews. They change while it runs and are made anew
/// without loss.
const TEMPORARY_ENDS: &[&[u8]] = &[
    b".tmp",
    b".temp",
    b"~",
    b".swp",
    b".lrcat.lock",
    b".lrcat-lock",
    b".lrcat-wal",
    b".lrcat-shm",
    b".lrcat-journal",
];
const TEMPORARY_FOLDER_ENDS: &[&[u8]] = &[b".lrdata"];

/// Why a name is never sent; `lower` is `name` in ASCII lower case.
pub(super) fn ignored(lower: &[u8], name: &[u8], folder: bool) -> Option<Ignored> {
    let starts = |list: &[&[u8]]| list.iter().any(|start| lower.starts_with(start));
    let ends = |list: &[&[u8]]| list.iter().any(|end| lower.ends_with(end));
    if SYSTEM.contains(&lower) || starts(SYSTEM_STARTS) {
        return Some(Ignored::System);
    }
    if ends(PARTIAL_ENDS) {
        return Some(Ignored::PartialDownload);
    }
    if starts(TEMPORARY_STARTS)
        || ends(TEMPORARY_ENDS)
        || is_rsync_temporary(name)
        || folder && ends(TEMPORARY_FOLDER_ENDS)
    {
        return Some(Ignored::Temporary);
    }
    // Two dots are no habit of programs that hide files, but a name a person may give: better sent than lost.
    (lower.starts_with(b".") && !lower.starts_with(b"..")).then_some(Ignored::Hidden)
}

/// rsync writes `.NAME.XXXXXX` beside the file to be, with six random letters and digits.
fn is_rsync_temporary(name: &[u8]) -> bool {
    let Some(end) = name.len().checked_sub(7) else { return false };
    let (start, tail) = name.split_at(end);
    start.len() > 1
        && start[0] == b'.'
        && tail[0] == b'.'
        && tail[1..].iter().all(u8::is_ascii_alphanumeric)
        && tail[1..].iter().any(|byte| !byte.is_ascii_lowercase())
}
