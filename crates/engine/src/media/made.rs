//! Files made for the tests: TIFF directories, JPEGs around them, boxes around anything.

/// A value of a directory entry.
#[derive(Clone)]
pub(super) enum Value {
    Text(&'static str),
    Short(u16),
    Long(u32),
    Fractions(Vec<(u32, u32)>),
    /// A directory of its own; the entry holds its offset.
    Directory(Vec<(u16, Value)>),
    /// Bytes as the entry's value.
    Blob(Vec<u8>),
    /// Bytes elsewhere in the file; the entry holds their offset.
    Elsewhere(Vec<u8>),
}

/// A TIFF structure with one main directory.
pub(super) fn tiff(little: bool, entries: Vec<(u16, Value)>) -> Vec<u8> {
    chain(little, vec![entries])
}

/// A TIFF structure whose directories follow one another.
pub(super) fn chain(little: bool, directories: Vec<Vec<(u16, Value)>>) -> Vec<u8> {
    let mut out = Vec::from(if little { b"II\x2a\0" } else { b"MM\0\x2a" });
    let mut link = out.len();
    put32(&mut out, little, 0);
    for entries in directories {
        let count = entries.len();
        let at = directory(&mut out, little, entries);
        let place = bytes(|raw| put32(raw, little, at));
        out[link..link + 4].copy_from_slice(&place);
        link = usize::try_from(at).unwrap() + 2 + count * 12;
    }
    out
}

fn directory(out: &mut Vec<u8>, little: bool, entries: Vec<(u16, Value)>) -> u32 {
    let at = out.len();
    let count = u16::try_from(entries.len()).unwrap();
    out.resize(at + 2 + entries.len() * 12 + 4, 0);
    let mut head = Vec::new();
    put16(&mut head, little, count);
    for (tag, value) in entries {
        let (kind, count, raw) = match value {
            Value::Text(text) => (2, u32::try_from(text.len()).unwrap() + 1, [text.as_bytes(), b"\0"].concat()),
            Value::Short(number) => (3, 1, bytes(|raw| put16(raw, little, number))),
            Value::Long(number) => (4, 1, bytes(|raw| put32(raw, little, number))),
            Value::Fractions(fractions) => {
                let count = u32::try_from(fractions.len()).unwrap();
                (
                    5,
                    count,
                    bytes(|raw| {
                        fractions.iter().for_each(|f| {
                            put32(raw, little, f.0);
                            put32(raw, little, f.1);
                        });
                    }),
                )
            }
            Value::Blob(raw) => (7, u32::try_from(raw.len()).unwrap(), raw),
            Value::Elsewhere(raw) => {
                let offset = u32::try_from(out.len()).unwrap();
                out.extend_from_slice(&raw);
                (4, 1, bytes(|raw| put32(raw, little, offset)))
            }
            Value::Directory(entries) => {
                let offset = directory(out, little, entries);
                (4, 1, bytes(|raw| put32(raw, little, offset)))
            }
        };
        put16(&mut head, little, tag);
        put16(&mut head, little, kind);
        put32(&mut head, little, count);
        if raw.len() <= 4 {
            head.extend_from_slice(&raw);
            head.resize(head.len() + 4 - raw.len(), 0);
        } else {
            put32(&mut head, little, u32::try_from(out.len()).unwrap());
            out.extend_from_slice(&raw);
        }
    }
    out[at..at + head.len()].copy_from_slice(&head);
    u32::try_from(at).unwrap()
}

/// A JPEG of one scan that holds nothing, with EXIF where `exif` isn't empty.
pub(super) fn jpeg(width: u16, height: u16, exif: &[u8]) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    if !exif.is_empty() {
        let body = [b"Exif\0\0", exif].concat();
        out.extend_from_slice(&segment(0xe1, &body));
    }
    // A table in front of the frame header, whose marker lies in the same range.
    out.extend_from_slice(&segment(0xc4, &[0; 19]));
    let [h, w] = [height, width].map(u16::to_be_bytes);
    out.extend_from_slice(&segment(0xc0, &[8, h[0], h[1], w[0], w[1], 1, 1, 0x11, 0]));
    out.extend_from_slice(&segment(0xda, &[1, 1, 0, 0, 63, 0]));
    out.extend_from_slice(&[0x55, 0xff, 0xd9]);
    out
}

pub(super) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker, len[0], len[1]], body].concat()
}

/// A box of ISO 14496-12.
pub(super) fn boxed(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    [&u32::try_from(body.len() + 8).unwrap().to_be_bytes()[..], name, body].concat()
}

fn bytes(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut raw = Vec::new();
    write(&mut raw);
    raw
}

fn put16(out: &mut Vec<u8>, little: bool, value: u16) {
    out.extend_from_slice(&if little { value.to_le_bytes() } else { value.to_be_bytes() });
}

fn put32(out: &mut Vec<u8>, little: bool, value: u32) {
    out.extend_from_slice(&if little { value.to_le_bytes() } else { value.to_be_bytes() });
}
