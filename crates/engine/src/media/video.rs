//! MOV, MP4 and kin: ISO 14496-12 and the QuickTime file format. Only headers are read, never samples or their tables.

use super::boxes::{self, Walk};
use super::bytes::{Bytes, Fault, Span};
use super::{GpsConsent, clean, dates, exif, place};
use offload_protocol::wire::Media;

pub(super) fn read(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent, media: &mut Media) -> Result<(), Fault> {
    let moov = boxes::find(bytes, span, *b"moov")?.ok_or(Fault::Broken("it has no moov box"))?;
    let mut said = Said::default();
    let mut clock = None;
    let mut walk = Walk::of(moov);
    let outcome = loop {
        match walk.next(bytes) {
            Ok(Some(found)) => {
                let taken = match &found.name {
                    b"mvhd" => read_header(bytes, found.body, media).map(|created| clock = created),
                    b"trak" if media.width.is_none() => read_track(bytes, found.body, media),
                    b"meta" => read_keys(bytes, found.body, &mut said),
                    b"udta" => read_user_data(bytes, found.body, &mut said),
                    _ => Ok(()),
                };
                if let Err(fault @ Fault::Io(_)) = taken {
                    break Err(fault);
                }
            }
            Ok(None) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    media.captured_at = said.created.as_deref().and_then(dates::of_iso).or(clock);
    media.make = said.make;
    media.model = said.model;
    media.lens = said.lens;
    media.gps = said.place.filter(|_| gps == GpsConsent::Share).as_deref().and_then(place::of_iso6709);
    outcome
}

/// What the file says in words, wherever it says it.
#[derive(Default)]
struct Said {
    created: Option<String>,
    make: Option<String>,
    model: Option<String>,
    lens: Option<String>,
    place: Option<String>,
}

/// `mvhd`: gives the moment of creation, sets the duration.
fn read_header(bytes: &mut Bytes<'_>, body: Span, media: &mut Media) -> Result<Option<String>, Fault> {
    let wide = bytes.u8(body, 0)? == 1;
    let (created, scale, duration) = if wide {
        (bytes.u64(body, 4)?, bytes.u32(body, 20)?, bytes.u64(body, 24)?)
    } else {
        (u64::from(bytes.u32(body, 4)?), bytes.u32(body, 12)?, u64::from(bytes.u32(body, 16)?))
    };
    // All ones: not known.
    let known = duration != 0 && duration != if wide { u64::MAX } else { u64::from(u32::MAX) };
    if known && scale != 0 {
        let milliseconds = u128::from(duration) * 1000 / u128::from(scale);
        media.duration_ms = u64::try_from(milliseconds).ok();
    }
    Ok(dates::of_quicktime(created))
}

/// `trak`: size and turn of a video track; other tracks are passed over.
fn read_track(bytes: &mut Bytes<'_>, body: Span, media: &mut Media) -> Result<(), Fault> {
    let Some(handler) = boxes::find_path(bytes, body, &[b"mdia", b"hdlr"])? else { return Ok(()) };
    if bytes.array(handler, 8)? != *b"vide" {
        return Ok(());
    }
    let Some(header) = boxes::find(bytes, body, *b"tkhd")? else { return Ok(()) };
    let matrix = if bytes.u8(header, 0)? == 1 { 52 } else { 40 };
    // Fixed point, 16 bits before and after.
    let size = (bytes.u32(header, matrix + 36)? >> 16, bytes.u32(header, matrix + 40)? >> 16);
    if exif::is_size(&size) {
        (media.width, media.height) = (Some(size.0), Some(size.1));
        media.orientation = orientation(bytes.array(header, matrix)?);
    }
    Ok(())
}

/// A track's turn as EXIF counts it, from the first five numbers of its matrix; `None` for any other matrix.
fn orientation(matrix: [u8; 20]) -> Option<u8> {
    let mut numbers = [0i32; 5];
    for (number, raw) in numbers.iter_mut().zip(matrix.as_chunks::<4>().0) {
        *number = i32::from_be_bytes(*raw).signum();
    }
    let [a, b, _, c, d] = numbers;
    match (a, b, c, d) {
        (1, 0, 0, 1) => Some(1),
        (-1, 0, 0, 1) => Some(2),
        (-1, 0, 0, -1) => Some(3),
        (1, 0, 0, -1) => Some(4),
        (0, 1, 1, 0) => Some(5),
        (0, 1, -1, 0) => Some(6),
        (0, -1, -1, 0) => Some(7),
        (0, -1, 1, 0) => Some(8),
        _ => None,
    }
}

/// QuickTime's `meta`: names in `keys`, values in `ilst` under the names' numbers.
fn read_keys(bytes: &mut Bytes<'_>, meta: Span, said: &mut Said) -> Result<(), Fault> {
    // In MP4 version and flags stand in front, in MOV they do not.
    let meta = if bytes.array(meta, 4)? == *b"hdlr" { meta } else { meta.from(4)? };
    let (Some(keys), Some(values)) = (boxes::find(bytes, meta, *b"keys")?, boxes::find(bytes, meta, *b"ilst")?) else {
        return Ok(());
    };
    let mut names = Vec::new();
    let mut walk = Walk::of(keys.from(8)?);
    while let Some(key) = walk.next(bytes)? {
        let known = if key.body.len() <= 64 { known_key(bytes.get(key.body)?) } else { None };
        names.push(known);
        if names.len() > 256 {
            break;
        }
    }
    let mut walk = Walk::of(values);
    while let Some(value) = walk.next(bytes)? {
        let number = u32::from_be_bytes(value.name);
        let known =
            usize::try_from(number).ok().and_then(|number| names.get(number.checked_sub(1)?)).copied().flatten();
        if let Some(member) = known
            && let Some(data) = boxes::find(bytes, value.body, *b"data")?
        {
            // Type and language stand in front of the text.
            let text = text(bytes, data.from(8)?)?;
            let member = member(said);
            if text.is_some() {
                *member = text;
            }
        }
    }
    Ok(())
}

type Member = fn(&mut Said) -> &mut Option<String>;

fn known_key(name: &[u8]) -> Option<Member> {
    Some(match name {
        b"com.apple.quicktime.creationdate" => |said| &mut said.created,
        b"com.apple.quicktime.make" | b"com.android.manufacturer" => |said| &mut said.make,
        b"com.apple.quicktime.model" | b"com.android.model" => |said| &mut said.model,
        b"com.apple.quicktime.camera.lens_model" => |said| &mut said.lens,
        b"com.apple.quicktime.location.ISO6709" => |said| &mut said.place,
        _ => return None,
    })
}

/// QuickTime's older `udta`: text with its length and language in front. Doesn't override what the keys say.
fn read_user_data(bytes: &mut Bytes<'_>, udta: Span, said: &mut Said) -> Result<(), Fault> {
    let mut walk = Walk::of(udta);
    while let Some(found) = walk.next(bytes)? {
        let member: Member = match &found.name {
            b"\xa9day" => |said| &mut said.created,
            b"\xa9mak" => |said| &mut said.make,
            b"\xa9mod" => |said| &mut said.model,
            b"\xa9xyz" => |said| &mut said.place,
            _ => continue,
        };
        let len = u64::from(bytes.u16(found.body, 0)?);
        let text = text(bytes, found.body.part(4, len)?)?;
        let member = member(said);
        if member.is_none() {
            *member = text;
        }
    }
    Ok(())
}

fn text(bytes: &mut Bytes<'_>, span: Span) -> Result<Option<String>, Fault> {
    const LONGEST: u64 = 1024;
    Ok(clean(bytes.get(span.part(0, span.len().min(LONGEST))?)?))
}

#[cfg(test)]
mod tests {
    use super::orientation;

    #[test]
    fn turns() {
        let matrix = |numbers: [i32; 5]| {
            let raw: Vec<u8> = numbers.iter().flat_map(|n| (n * 65_536).to_be_bytes()).collect();
            orientation(raw.try_into().unwrap())
        };
        assert_eq!(matrix([1, 0, 0, 0, 1]), Some(1));
        assert_eq!(matrix([0, 1, 0, -1, 0]), Some(6));
        assert_eq!(matrix([-1, 0, 0, 0, -1]), Some(3));
        assert_eq!(matrix([0, -1, 0, 1, 0]), Some(8));
        assert_eq!(matrix([1, 1, 0, -1, 1]), None);
    }
}
