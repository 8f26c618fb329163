//! PNG, WebP and GIF: sizes, and EXIF where the format has a place for it.

use super::GpsConsent;
use super::bytes::{Bytes, Fault, Span};
use super::exif::{self, Exif};
use offload_protocol::wire::Media;

/// PNG: `IHDR` and `eXIf` (PNG third edition, 11.2.1 and 11.3.5.2).
pub(super) fn read_png(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let mut rest = span.from(8)?;
    loop {
        let len = u64::from(bytes.u32(rest, 0)?);
        let body = rest.part(8, len)?;
        match &bytes.array(rest, 4)? {
            b"IHDR" => set_size(media, bytes.u32(body, 0)?, bytes.u32(body, 4)?),
            b"eXIf" => {
                Exif::read(bytes, body, gps)?.fill(media);
                return Ok(());
            }
            b"IEND" => return Ok(()),
            _ => {}
        }
        // A checksum stands behind each chunk.
        rest = rest.from(12 + len)?;
    }
}

/// WebP: RIFF chunks, little-endian: <https://developers.google.com/speed/webp/docs/riff_container>.
pub(super) fn read_webp(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let mut rest = span.from(12)?;
    while rest.len() >= 8 {
        let len = u64::from(u32::from_le_bytes(bytes.array(rest, 4)?));
        let body = rest.part(8, len)?;
        match &bytes.array(rest, 0)? {
            b"VP8X" => {
                let [_, _, _, _, w0, w1, w2, h0, h1, h2] = bytes.array(body, 0)?;
                set_size(media, u32::from_le_bytes([w0, w1, w2, 0]) + 1, u32::from_le_bytes([h0, h1, h2, 0]) + 1);
            }
            b"VP8 " if media.width.is_none() => {
                // Behind frame tag and start code; the top two bits are a scale.
                let [w0, w1, h0, h1] = bytes.array(body, 6)?;
                let size = [[w0, w1], [h0, h1]].map(|side| u32::from(u16::from_le_bytes(side) & 0x3fff));
                set_size(media, size[0], size[1]);
            }
            b"VP8L" if media.width.is_none() => {
                let bits = u32::from_le_bytes(bytes.array(body, 1)?);
                set_size(media, (bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
            }
            b"EXIF" => {
                // Some programs put JPEG's mark in front.
                let marked = body.len() > 6 && bytes.array(body, 0)? == *b"Exif\0\0";
                Exif::read(bytes, body.from(if marked { 6 } else { 0 })?, gps)?.fill(media);
            }
            _ => {}
        }
        // Chunks start at even places; the last one may lack its filler.
        rest = rest.from((8 + len + (len & 1)).min(rest.len()))?;
    }
    Ok(())
}

pub(super) fn read_gif(bytes: &mut Bytes<'_>, span: Span, media: &mut Media) -> Result<(), Fault> {
    let [w0, w1, h0, h1] = bytes.array(span, 6)?;
    set_size(media, u32::from(u16::from_le_bytes([w0, w1])), u32::from(u16::from_le_bytes([h0, h1])));
    Ok(())
}

fn set_size(media: &mut Media, width: u32, height: u32) {
    if exif::is_size(&(width, height)) {
        (media.width, media.height) = (Some(width), Some(height));
    }
}
