//! What a photo or video says of itself: when it was taken, with what, how large it is, and where (with consent).
//!
//! The kind of a file is told by its content; the name only matters to [`content_type`]. Files are read in small
//! pieces at known places through `bytes::Bytes`, which has a budget: a video of many gigabytes costs a few hundred
//! kilobytes. The EXIF crates at hand want the whole file, or a buffer of up to 1 GB, in memory, and do not follow the
//! sub-directories in which RAW files keep their true size; hence the readers here, one a format.

mod boxes;
mod bytes;
mod content_type;
mod dates;
mod exif;
mod heif;
mod jpeg;
mod place;
mod raster;
mod raw;
pub mod thumbnail;
mod tiff;
mod video;

#[cfg(test)]
mod made;
#[cfg(test)]
mod photos;
#[cfg(test)]
mod tests;

use bytes::{Bytes, Fault};
pub use content_type::content_type;
use offload_protocol::wire::Media;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Whether the place a photo was taken at may leave this machine in the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GpsConsent {
    #[default]
    Withhold,
    Share,
}

/// Why a file's metadata could not be read. Never a reason not to upload the file.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("the file could not be read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The file starts as a known format and then breaks its rules, or ends too early.
    #[error("the {format} is damaged: {reason}")]
    Malformed { format: &'static str, reason: &'static str },
    /// A fault of this program; the file is sent without metadata.
    #[error("the metadata of this {format} cannot be read by this version")]
    Defect { format: &'static str },
}

/// Reads what a file says of itself. Blocking.
///
/// A kind of file that is not known gives an empty `Media`. A damaged file gives what could be read up to the damage,
/// or [`MediaError::Malformed`] where that is nothing.
pub fn read(path: &Path, gps: GpsConsent) -> Result<Media, MediaError> {
    let file = File::open(path).map_err(MediaError::Unreadable)?;
    let mut bytes = Bytes::new(Box::new(file)).map_err(MediaError::Unreadable)?;
    read_bytes(&mut bytes, gps)
}

fn read_bytes(bytes: &mut Bytes<'_>, gps: GpsConsent) -> Result<Media, MediaError> {
    let head = bytes.head(32).map_err(MediaError::Unreadable)?;
    let Some(format) = Format::of(&head) else { return Ok(Media::default()) };
    let mut media = Media::default();
    // Files come from anywhere and decide every branch of the readers: a slip there may cost the metadata of one
    // file, not the uploader.
    let outcome = catch_unwind(AssertUnwindSafe(|| format.read(bytes, gps, &mut media)));
    let name = format.name();
    match outcome {
        Err(_) => Err(MediaError::Defect { format: name }),
        Ok(Err(Fault::Io(error))) => Err(MediaError::Unreadable(error)),
        Ok(Err(Fault::Broken(reason))) if media == Media::default() => {
            Err(MediaError::Malformed { format: name, reason })
        }
        Ok(Ok(()) | Err(Fault::Broken(_))) => Ok(media),
    }
}

/// The formats whose metadata is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jpeg,
    /// TIFF, and the RAW formats that are TIFF inside: DNG, NEF, NRW, CR2, ARW, SR2, PEF, SRW, 3FR, IIQ, ORF, RW2.
    Tiff,
    /// HEIC, HEIF, AVIF.
    Heif,
    Cr3,
    Raf,
    /// MOV, MP4, M4V, 3GP.
    Video,
    Png,
    WebP,
    Gif,
    /// JPEG XL in its container; the bare codestream carries no metadata.
    Jxl,
}

impl Format {
    /// Tells the format by the first 32 bytes.
    fn of(head: &[u8]) -> Option<Self> {
        let boxed = head.get(4..8).unwrap_or_default();
        Some(match head {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Self::Tiff,
            // Olympus and Panasonic put their own numbers where TIFF has 42.
            [b'I', b'I', b'R', b'O' | b'S', ..] | [b'M', b'M', b'O', b'R', ..] | [b'I', b'I', b'U', 0, ..] => {
                Self::Tiff
            }
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Self::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Self::Gif,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::WebP,
            _ if head.starts_with(b"FUJIFILMCCD-RAW ") => Self::Raf,
            _ if boxed == b"ftyp" => Self::of_brand(head.get(8..12).unwrap_or_default()),
            _ if boxed == b"JXL " => Self::Jxl,
            // QuickTime before 2001 has no ftyp.
            _ if [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"].iter().any(|name| boxed == *name) => {
                Self::Video
            }
            _ => return None,
        })
    }

    fn of_brand(brand: &[u8]) -> Self {
        match brand {
            b"crx " => Self::Cr3,
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" | b"avif" | b"avis" => {
                Self::Heif
            }
            _ => Self::Video,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Tiff => "TIFF or RAW file",
            Self::Heif => "HEIF",
            Self::Cr3 => "CR3",
            Self::Raf => "RAF",
            Self::Video => "video",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Jxl => "JPEG XL",
        }
    }

    fn read(self, bytes: &mut Bytes<'_>, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
        let whole = bytes.whole();
        match self {
            Self::Jpeg => jpeg::read(bytes, whole, gps, media),
            Self::Tiff => raw::read_tiff(bytes, whole, gps, media),
            Self::Heif => heif::read(bytes, whole, gps, media),
            Self::Cr3 => raw::read_cr3(bytes, whole, gps, media),
            Self::Raf => raw::read_raf(bytes, whole, gps, media),
            Self::Video => video::read(bytes, whole, gps, media),
            Self::Png => raster::read_png(bytes, whole, gps, media),
            Self::WebP => raster::read_webp(bytes, whole, gps, media),
            Self::Gif => raster::read_gif(bytes, whole, media),
            Self::Jxl => heif::read_jxl(bytes, whole, gps, media),
        }
    }
}

/// Text as files carry it: up to the first NUL, without control characters and blanks around it; `None` if nothing is left.
fn clean(raw: &[u8]) -> Option<String> {
    // Files are not to be trusted with the size of what is sent on.
    const LONGEST: usize = 200;
    let raw = raw.split(|byte| *byte == 0).next().unwrap_or_default();
    let text: String = String::from_utf8_lossy(raw).chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
