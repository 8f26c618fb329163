//! TIFF and the cameras' RAW formats: those that are TIFF inside, Canon's CR3 (boxes), Fujifilm's RAF (a JPEG in front).

use super::boxes;
use super::bytes::{Bytes, Fault, Span};
use super::exif::{self, Exif};
use super::tiff::{Directory, Tiff};
use super::{GpsConsent, jpeg, place};
use offload_protocol::wire::Media;

/// The box in which CR3 keeps its EXIF directories, each a TIFF of its own:
/// <https://github.com/lclevy/canon_cr3>.
const CANON_BOX: [u8; 16] =
    [0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48];

/// TIFF, DNG, NEF, CR2, ARW, ORF, RW2 and their kin.
pub(super) fn read_tiff(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let exif = Exif::read(bytes, span, gps)?;
    let head = bytes.head(10).map_err(Fault::Io)?;
    let size = match (&head.get(..3), head.get(8..10)) {
        (Some(b"IIU"), _) => panasonic_size(bytes, span).or(exif.largest).or(exif.stated),
        // CR2's main directory is a preview that doesn't say so, its RAW directory has no size.
        (_, Some(b"CR")) => exif.stated.or(exif.largest),
        _ => exif.largest.or(exif.stated),
    };
    exif.fill(media);
    (media.width, media.height) = size.unzip();
    Ok(())
}

/// RW2 states the sensor's borders: top, left, bottom, right in tags 4 to 7.
fn panasonic_size(bytes: &mut Bytes<'_>, span: Span) -> Option<(u32, u32)> {
    let tiff = Tiff::open(bytes, span).ok()?;
    let main = tiff.directory(bytes, tiff.first).ok()?;
    let mut border = |tag| tiff.number(bytes, &main, tag);
    let (top, left, bottom, right) = (border(4)?, border(5)?, border(6)?, border(7)?);
    Some((right.checked_sub(left)?, bottom.checked_sub(top)?)).filter(exif::is_size)
}

pub(super) fn read_cr3(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let canon = canon_box(bytes, span)?;
    let mut exif = Exif::default();
    if let Some((tiff, main)) = canon_directory(bytes, canon, *b"CMT1")? {
        exif.take_main(&tiff, bytes, &main);
    }
    if let Some((tiff, directory)) = canon_directory(bytes, canon, *b"CMT2")? {
        exif.take_exif(&tiff, bytes, &directory);
    }
    if gps == GpsConsent::Share
        && let Some((tiff, directory)) = canon_directory(bytes, canon, *b"CMT4")?
    {
        exif.gps = place::of_exif(&tiff, bytes, &directory);
    }
    let size = exif.largest.or(exif.stated);
    exif.fill(media);
    (media.width, media.height) = size.unzip();
    Ok(())
}

/// The inside of CR3's box of metadata.
pub(super) fn canon_box(bytes: &mut Bytes<'_>, span: Span) -> Result<Span, Fault> {
    let moov = boxes::find(bytes, span, *b"moov")?.ok_or(Fault::Broken("it has no moov box"))?;
    boxes::find_uuid(bytes, moov, CANON_BOX)?.ok_or(Fault::Broken("it has no box with Canon's metadata"))
}

fn canon_directory(bytes: &mut Bytes<'_>, canon: Span, name: [u8; 4]) -> Result<Option<(Tiff, Directory)>, Fault> {
    let Some(span) = boxes::find(bytes, canon, name)? else { return Ok(None) };
    let tiff = Tiff::open(bytes, span)?;
    let directory = tiff.directory(bytes, tiff.first)?;
    Ok(Some((tiff, directory)))
}

/// RAF: place and length of a JPEG with EXIF at 84, place of a directory with the RAW picture's size at 92.
pub(super) fn read_raf(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let at = u64::from(bytes.u32(span, 84)?);
    let len = u64::from(bytes.u32(span, 88)?);
    jpeg::read(bytes, span.part(at, len)?, gps, media)?;
    let at = u64::from(bytes.u32(span, 92)?);
    if at != 0
        && let Some((width, height)) = fuji_size(bytes, span.from(at)?)?
    {
        (media.width, media.height) = (Some(width), Some(height));
    }
    Ok(())
}

fn fuji_size(bytes: &mut Bytes<'_>, span: Span) -> Result<Option<(u32, u32)>, Fault> {
    const FULL_SIZE: u16 = 0x100;
    const CROPPED_SIZE: u16 = 0x111;
    let count = bytes.u32(span, 0)?.min(256);
    let mut at = 4;
    let mut full = None;
    for _ in 0..count {
        let tag = bytes.u16(span, at)?;
        let len = u64::from(bytes.u16(span, at + 2)?);
        if matches!(tag, FULL_SIZE | CROPPED_SIZE) && len == 4 {
            let height = u32::from(bytes.u16(span, at + 4)?);
            let width = u32::from(bytes.u16(span, at + 6)?);
            let size = Some((width, height)).filter(exif::is_size);
            if tag == CROPPED_SIZE && size.is_some() {
                return Ok(size);
            }
            full = size.or(full);
        }
        at += 4 + len;
    }
    Ok(full)
}
