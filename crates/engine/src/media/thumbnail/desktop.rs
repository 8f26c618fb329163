//! Thumbnails that the desktop's file manager made: <https://specifications.freedesktop.org/thumbnail-spec/latest/>.
//!
//! Only read, for kinds of file that Offload can't draw itself: videos, AVIF, PSD.

use crate::media::bytes::{Bytes, Fault, Span};
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What GLib leaves as it is in the path of a URI.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b'-')
    .remove(b'.')
    .remove(b'/')
    .remove(b':')
    .remove(b'=')
    .remove(b'@')
    .remove(b'_')
    .remove(b'~');

/// The folders of the specification, by the box of their pictures.
const FOLDERS: [(u32, &str); 4] = [(128, "normal"), (256, "large"), (512, "x-large"), (1024, "xx-large")];
const LARGEST: u64 = 8 << 20;

/// Where the desktop keeps its thumbnails, if it does.
pub(super) fn folder() -> Option<PathBuf> {
    if cfg!(target_os = "linux") {
        directories::BaseDirs::new().map(|dirs| dirs.cache_dir().join("thumbnails"))
    } else {
        None
    }
}

/// The PNG the desktop made of the file as it is now, the smallest that fills `edge`; blocking.
pub(super) fn find(folder: &Path, path: &Path, mtime_ns: i64, edge: u32) -> Option<Vec<u8>> {
    let uri = format!("file://{}", percent_encode(path.as_os_str().as_encoded_bytes(), PATH));
    let name = format!("{}.png", hex::encode(Md5::digest(&uri)));
    let mut folders = FOLDERS.map(|(side, name)| (side, name));
    super::draw::best_first(&mut folders, edge);
    folders.iter().find_map(|(_, kind)| {
        let file = super::open(&folder.join(kind).join(&name)).ok()?;
        current(file, &uri, mtime_ns.div_euclid(1_000_000_000))
    })
}

/// Its bytes, if it was made of that file in that state.
fn current(file: File, uri: &str, mtime: i64) -> Option<Vec<u8>> {
    let mut bytes = Bytes::new(Box::new(file)).ok()?;
    let (of, at) = notes(&mut bytes).ok()?;
    if of.as_deref() != Some(uri.as_bytes()) || at.as_deref() != Some(mtime.to_string().as_bytes()) {
        return None;
    }
    let whole = bytes.whole();
    bytes.copy(whole, LARGEST).ok()
}

type Note = Option<Vec<u8>>;

/// `Thumb::URI` and `Thumb::MTime` of a PNG.
fn notes(bytes: &mut Bytes<'_>) -> Result<(Note, Note), Fault> {
    let mut notes = (None, None);
    let mut rest: Span = bytes.whole().from(8)?;
    while rest.len() >= 12 {
        let len = u64::from(bytes.u32(rest, 0)?);
        if bytes.array(rest, 4)? == *b"tEXt" {
            let text = bytes.get(rest.part(8, len)?)?;
            if let Some(uri) = text.strip_prefix(b"Thumb::URI\0") {
                notes.0 = Some(uri.to_vec());
            } else if let Some(mtime) = text.strip_prefix(b"Thumb::MTime\0") {
                notes.1 = Some(mtime.to_vec());
            }
        }
        // A checksum stands behind each chunk.
        rest = rest.from(12 + len)?;
    }
    Ok(notes)
}
