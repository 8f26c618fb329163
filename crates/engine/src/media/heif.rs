//! HEIC, HEIF and AVIF: ISO 23008-12; the size by the primary item's `ispe`, EXIF by its item. JPEG XL's container too.

use super::GpsConsent;
use super::boxes::{self, Walk};
use super::bytes::{Bytes, Fault, Span};
use super::exif::{self, Exif};
use offload_protocol::wire::Media;

pub(super) fn read(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let meta = boxes::find(bytes, span, *b"meta")?.ok_or(Fault::Broken("it has no meta box"))?;
    // A full box: version and flags stand before the boxes inside.
    let meta = meta.from(4)?;
    let size = read_properties(bytes, meta, media);
    let found = match exif_span(bytes, span, meta) {
        Ok(Some(found)) => read_exif(bytes, found, gps, media),
        Ok(None) => Ok(()),
        Err(fault) => Err(fault),
    };
    size.and(found)
}

/// JPEG XL in its container: EXIF is a box of its own, the size is not looked for.
pub(super) fn read_jxl(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    match boxes::find(bytes, span, *b"Exif")? {
        Some(found) => read_exif(bytes, found, gps, media),
        None => Ok(()),
    }
}

/// EXIF behind four bytes that say how far in its TIFF header stands.
fn read_exif(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let skip = u64::from(bytes.u32(span, 0)?);
    Exif::read(bytes, span.from(4)?.from(skip)?, gps)?.fill(media);
    Ok(())
}

/// Takes size and turn of the primary item out of `pitm`, `iprp/ipco` and `iprp/ipma`.
fn read_properties(bytes: &mut Bytes<'_>, meta: Span, media: &mut Media) -> Result<(), Fault> {
    let Some(primary) = boxes::find(bytes, meta, *b"pitm")? else { return Ok(()) };
    let wide_id = version_of(bytes, primary)? > 0;
    let (primary, _) = item_id(bytes, primary, 4, wide_id)?;
    let Some(properties) = boxes::find(bytes, meta, *b"iprp")? else { return Ok(()) };
    let Some(list) = boxes::find(bytes, properties, *b"ipco")? else { return Ok(()) };
    let Some(links) = boxes::find(bytes, properties, *b"ipma")? else { return Ok(()) };
    let wanted = linked(bytes, links, primary)?;
    let mut walk = Walk::of(list);
    let mut index = 0u16;
    while let Some(property) = walk.next(bytes)? {
        index = index.saturating_add(1);
        if !wanted.contains(&index) {
            continue;
        }
        match &property.name {
            b"ispe" => {
                let size = (bytes.u32(property.body, 4)?, bytes.u32(property.body, 8)?);
                if exif::is_size(&size) {
                    (media.width, media.height) = (Some(size.0), Some(size.1));
                }
            }
            // Quarter turns against the clock; stands in for EXIF's orientation where that is missing.
            b"irot" => {
                media.orientation = Some(match bytes.u8(property.body, 0)? & 3 {
                    1 => 8,
                    2 => 3,
                    3 => 6,
                    _ => 1,
                });
            }
            _ => {}
        }
    }
    Ok(())
}

/// The numbers (from 1) of the properties that `ipma` links to `item`.
fn linked(bytes: &mut Bytes<'_>, links: Span, item: u32) -> Result<Vec<u16>, Fault> {
    let wide_ids = version_of(bytes, links)? > 0;
    let wide_indexes = bytes.u8(links, 3)? & 1 == 1;
    let count = bytes.u32(links, 4)?;
    let mut at = 8;
    let mut found = Vec::new();
    for _ in 0..count {
        let (id, width) = item_id(bytes, links, at, wide_ids)?;
        at += width;
        let links_of_item = bytes.u8(links, at)?;
        at += 1;
        for _ in 0..links_of_item {
            // The top bit says that a reader must know the property.
            let index =
                if wide_indexes { bytes.u16(links, at)? & 0x7fff } else { u16::from(bytes.u8(links, at)? & 0x7f) };
            at += if wide_indexes { 2 } else { 1 };
            if id == item {
                found.push(index);
            }
        }
        if id == item {
            break;
        }
    }
    Ok(found)
}

/// Where the EXIF item's bytes stand in the file, by `iinf` and `iloc`.
fn exif_span(bytes: &mut Bytes<'_>, file: Span, meta: Span) -> Result<Option<Span>, Fault> {
    let Some(infos) = boxes::find(bytes, meta, *b"iinf")? else { return Ok(None) };
    let head = if version_of(bytes, infos)? == 0 { 6 } else { 8 };
    let mut walk = Walk::of(infos.from(head)?);
    let mut item = None;
    while let Some(info) = walk.next(bytes)? {
        let version = version_of(bytes, info.body)?;
        if &info.name != b"infe" || version < 2 {
            continue;
        }
        let (id, width) = item_id(bytes, info.body, 4, version > 2)?;
        // Two bytes of protection index stand between id and type.
        if bytes.array(info.body, 4 + width + 2)? == *b"Exif" {
            item = Some(id);
            break;
        }
    }
    match (item, boxes::find(bytes, meta, *b"iloc")?) {
        (Some(item), Some(places)) => located(bytes, file, meta, places, item),
        _ => Ok(None),
    }
}

/// The first extent of `item` in `iloc`; EXIF is never split.
fn located(bytes: &mut Bytes<'_>, file: Span, meta: Span, places: Span, item: u32) -> Result<Option<Span>, Fault> {
    let version = version_of(bytes, places)?;
    let widths = bytes.array::<2>(places, 4)?;
    let (offset_width, length_width) = (widths[0] >> 4, widths[0] & 15);
    let (base_width, index_width) = (widths[1] >> 4, if version == 0 { 0 } else { widths[1] & 15 });
    let wide_ids = version > 1;
    let (count, mut at) = item_id(bytes, places, 6, wide_ids)?;
    at += 6;
    for _ in 0..count {
        let (id, width) = item_id(bytes, places, at, wide_ids)?;
        at += width;
        let method = if version == 0 { 0 } else { bytes.u16(places, at)? & 15 };
        at += if version == 0 { 2 } else { 4 };
        let base = sized(bytes, places, &mut at, base_width)?;
        let extents = bytes.u16(places, at)?;
        at += 2;
        for _ in 0..extents {
            sized(bytes, places, &mut at, index_width)?;
            let offset = sized(bytes, places, &mut at, offset_width)?;
            let len = sized(bytes, places, &mut at, length_width)?;
            if id == item {
                let offset = base.checked_add(offset).ok_or(Fault::Broken("an item outside of the file"))?;
                // 0: in the file, 1: in this meta's idat box.
                let around = match method {
                    0 => Some(file),
                    1 => boxes::find(bytes, meta, *b"idat")?,
                    _ => None,
                };
                return around.map(|around| around.part(offset, len)).transpose();
            }
        }
    }
    Ok(None)
}

/// A number of 0, 4 or 8 bytes.
fn sized(bytes: &mut Bytes<'_>, span: Span, at: &mut u64, width: u8) -> Result<u64, Fault> {
    let value = match width {
        0 => 0,
        4 => u64::from(bytes.u32(span, *at)?),
        8 => bytes.u64(span, *at)?,
        _ => return Err(Fault::Broken("a number of impossible width")),
    };
    *at += u64::from(width);
    Ok(value)
}

/// An item's number, two bytes or four, and how many it took.
fn item_id(bytes: &mut Bytes<'_>, span: Span, at: u64, wide: bool) -> Result<(u32, u64), Fault> {
    Ok(if wide { (bytes.u32(span, at)?, 4) } else { (u32::from(bytes.u16(span, at)?), 2) })
}

fn version_of(bytes: &mut Bytes<'_>, span: Span) -> Result<u8, Fault> {
    bytes.u8(span, 0)
}
