//! JPEG: the size from its frame header, EXIF from APP1: ITU T.81 B.1, EXIF 4.7.

use super::bytes::{Bytes, Fault, Span};
use super::exif::Exif;
use super::{GpsConsent, exif};
use offload_protocol::wire::Media;

pub(super) fn read(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let mut found = None;
    let outcome = walk(bytes, span, |bytes, marker, body| {
        match marker {
            // SOF0 to SOF15 without the three that are not frame headers: DHT, JPG, DAC.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let height = u32::from(bytes.u16(body, 1)?);
                let width = u32::from(bytes.u16(body, 3)?);
                if exif::is_size(&(width, height)) {
                    (media.width, media.height) = (Some(width), Some(height));
                }
            }
            0xe1 if found.is_none() && body.len() > 6 && bytes.array(body, 0)? == *b"Exif\0\0" => {
                found = Some(body.from(6)?);
            }
            _ => {}
        }
        Ok(())
    });
    let Some(at) = found else { return outcome };
    // The picture may be whole though its EXIF is not.
    match Exif::read(bytes, at, gps) {
        Ok(exif) => exif.fill(media),
        Err(Fault::Broken(_)) => {}
        Err(fault) => return Err(fault),
    }
    outcome
}

/// Visits the segments before the picture's data; `body` is without the length.
pub(super) fn walk(
    bytes: &mut Bytes<'_>,
    span: Span,
    mut visit: impl FnMut(&mut Bytes<'_>, u8, Span) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut at = 2;
    loop {
        if bytes.u8(span, at)? != 0xff {
            return Err(Fault::Broken("bytes that belong to no segment"));
        }
        let marker = bytes.u8(span, at + 1)?;
        match marker {
            // Fill bytes may stand before a marker.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            0xd9 | 0xda => return Ok(()),
            _ => {
                let len = u64::from(bytes.u16(span, at + 2)?);
                let body = len.checked_sub(2).ok_or(Fault::Broken("a segment of impossible length"))?;
                visit(bytes, marker, span.part(at + 4, body)?)?;
                at += 2 + len;
            }
        }
    }
}
