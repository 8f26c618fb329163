//! Paths as bytes for the ledger, and as text for the protocol and for people.

use std::path::{Component, Path, PathBuf};

/// A relative path as protocol text: `/` between components, valid UTF-8 as it is (line breaks included), every other
/// byte as `\xNN`.
pub fn shown(path: &Path) -> String {
    let mut text = String::with_capacity(path.as_os_str().len());
    for chunk in slashed(path).utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}

/// The path's bytes, to be kept and read back with [`path_from_bytes`].
///
/// Unix: the raw bytes, nothing is lost. Elsewhere: UTF-8, with U+FFFD for what is not Unicode (a lone surrogate in a
/// Windows name); such a file isn't found again by its bytes and ends as missing, in plain sight.
pub fn path_bytes(path: &Path) -> Vec<u8> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    }
    #[cfg(not(unix))]
    {
        path.to_string_lossy().into_owned().into_bytes()
    }
}

/// The path that [`path_bytes`] took apart.
pub fn path_from_bytes(bytes: &[u8]) -> PathBuf {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
    }
    #[cfg(not(unix))]
    {
        PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
    }
}

/// The bytes of a path with `/` between its components, whatever this system writes there.
pub(crate) fn slashed(path: &Path) -> Vec<u8> {
    if cfg!(unix) {
        return path.as_os_str().as_encoded_bytes().to_vec();
    }
    let mut bytes = Vec::with_capacity(path.as_os_str().len());
    for component in path.components() {
        if component == Component::RootDir {
            bytes.push(b'/');
            continue;
        }
        if !bytes.is_empty() && !bytes.ends_with(b"/") {
            bytes.push(b'/');
        }
        bytes.extend_from_slice(component.as_os_str().as_encoded_bytes());
    }
    bytes
}

#[cfg(all(test, unix))]
mod tests {
    use super::{path_bytes, path_from_bytes, shown};
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    #[test]
    fn paths_as_text() {
        let table: [(&[u8], &str); 8] = [
            (b"a/b.jpg", "a/b.jpg"),
            ("Gr\u{fc}n/\u{1f4f7} 1.jpg".as_bytes(), "Gr\u{fc}n/\u{1f4f7} 1.jpg"),
            (b"line\nbreak.jpg", "line\nbreak.jpg"),
            (b"\"quoted\" 'twice'.jpg", "\"quoted\" 'twice'.jpg"),
            (b"back\\slash.jpg", "back\\slash.jpg"),
            (b"\xff\xfe.jpg", "\\xFF\\xFE.jpg"),
            (b"caf\xe9/x.jpg", "caf\\xE9/x.jpg"),
            (b"cut \xf0\x9f", "cut \\xF0\\x9F"),
        ];
        for (bytes, text) in table {
            assert_eq!(shown(Path::new(OsStr::from_bytes(bytes))), text);
        }
    }

    proptest::proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            proptest::prop_assert_eq!(path_bytes(&path_from_bytes(&bytes)), bytes);
        }
    }
}
