//! Content types by a file's ending. A table of its own: the public ones give RAW files up, or name them otherwise
//! than cameras and browsers do.

use std::path::Path;

const UNKNOWN: &str = "application/octet-stream";

/// Endings in lower case, sorted. RAW types are those of freedesktop's shared-mime-info where it has one.
const TYPES: &[(&str, &str)] = &[
    ("3fr", "image/x-hasselblad-3fr"),
    ("3g2", "video/3gpp2"),
    ("3gp", "video/3gpp"),
    ("aae", "application/xml"),
    ("arw", "image/x-sony-arw"),
    ("avi", "video/x-msvideo"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("cr2", "image/x-canon-cr2"),
    ("cr3", "image/x-canon-cr3"),
    ("crw", "image/x-canon-crw"),
    ("csv", "text/csv"),
    ("dcr", "image/x-kodak-dcr"),
    ("dng", "image/x-adobe-dng"),
    ("erf", "image/x-epson-erf"),
    ("fff", "image/x-hasselblad-fff"),
    ("gif", "image/gif"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("hif", "image/heif"),
    ("iiq", "image/x-phaseone-iiq"),
    ("insp", "image/jpeg"),
    ("insv", "video/mp4"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("jxl", "image/jxl"),
    ("k25", "image/x-kodak-k25"),
    ("kdc", "image/x-kodak-kdc"),
    ("lrf", "video/mp4"),
    ("m2ts", "video/mp2t"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/x-m4v"),
    ("mef", "image/x-mamiya-mef"),
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mpo", "image/mpo"),
    ("mrw", "image/x-minolta-mrw"),
    ("mts", "video/mp2t"),
    ("mxf", "application/mxf"),
    ("nef", "image/x-nikon-nef"),
    ("nrw", "image/x-nikon-nrw"),
    ("orf", "image/x-olympus-orf"),
    ("pdf", "application/pdf"),
    ("pef", "image/x-pentax-pef"),
    ("png", "image/png"),
    ("psb", "image/vnd.adobe.photoshop"),
    ("psd", "image/vnd.adobe.photoshop"),
    ("raf", "image/x-fuji-raf"),
    ("rw2", "image/x-panasonic-rw2"),
    ("rwl", "image/x-panasonic-rw2"),
    ("sr2", "image/x-sony-sr2"),
    ("srf", "image/x-sony-srf"),
    ("srw", "image/x-samsung-srw"),
    ("svg", "image/svg+xml"),
    ("thm", "image/jpeg"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("x3f", "image/x-sigma-x3f"),
    ("xml", "application/xml"),
    ("xmp", "application/rdf+xml"),
    ("zip", "application/zip"),
];

/// The content type by the name's ending, whatever its case; `application/octet-stream` where it is unknown.
pub fn content_type(path: &Path) -> &'static str {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let found = TYPES.binary_search_by_key(&ending.as_str(), |(ending, _)| ending);
    found.ok().and_then(|index| TYPES.get(index)).map_or(UNKNOWN, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::{TYPES, content_type};
    use std::path::Path;

    #[test]
    fn the_table_is_sorted_and_each_of_its_endings_is_found() {
        assert!(TYPES.is_sorted_by(|one, other| one.0 < other.0));
        for (ending, kind) in TYPES {
            assert_eq!(content_type(Path::new(&format!("x.{ending}"))), *kind);
        }
    }

    #[test]
    fn names_as_people_have_them() {
        let cases = [
            ("DCIM/100CANON/IMG_0001.JPG", "image/jpeg"),
            ("a.Heic", "image/heic"),
            ("서울 봄 📷.jpeg", "image/jpeg"),
            ("DSC_0001.NEF", "image/x-nikon-nef"),
            ("IMG_1.CR3", "image/x-canon-cr3"),
            ("x.dng", "image/x-adobe-dng"),
            ("C0001.MTS", "video/mp2t"),
            ("clip.MOV", "video/quicktime"),
            ("DSC_0001.NEF.xmp", "application/rdf+xml"),
            ("noending", "application/octet-stream"),
            (".jpg", "application/octet-stream"),
            ("x.", "application/octet-stream"),
            ("x.exe", "application/octet-stream"),
        ];
        for (name, wanted) in cases {
            assert_eq!(content_type(Path::new(name)), wanted, "{name}");
        }
    }
}
