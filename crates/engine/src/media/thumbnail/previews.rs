//! Where the smaller pictures stand that cameras put into their files, and how large they are. Nothing is decoded.
//!
//! Covered: the EXIF thumbnail (IFD1), JPEGs in the directories and sub-directories of the RAW formats that are TIFF
//! inside, Nikon's and Olympus' preview in the maker note, Panasonic's `JpgFromRaw`, CR3's `THMB` and `PRVW` boxes, the
//! JPEG in front of a RAF, the large thumbnails of CIPA's Multi-Picture Format. Uncompressed previews are left out.

use crate::media::bytes::{Bytes, Fault, Span};
use crate::media::exif::{EXIF_DIRECTORY, SUB_DIRECTORIES, is_size};
use crate::media::tiff::{Directory, Tiff};
use crate::media::{Format, boxes, jpeg, raw};

const COMPRESSION: u16 = 0x103;
const STRIP_OFFSETS: u16 = 0x111;
const STRIP_LENGTHS: u16 = 0x117;
const JPEG_OFFSET: u16 = 0x201;
const JPEG_LENGTH: u16 = 0x202;
const MAKER_NOTE: u16 = 0x927c;
/// Panasonic: a whole JPEG as an entry's value.
const JPG_FROM_RAW: u16 = 0x2e;
const NIKON_PREVIEW: u16 = 0x11;
const OLYMPUS_CAMERA: u16 = 0x2020;
const OLYMPUS_OFFSET: u16 = 0x101;
const OLYMPUS_LENGTH: u16 = 0x102;
const MPF_ENTRIES: u16 = 0xb002;
/// Canon's box of the larger preview in CR3: <https://github.com/lclevy/canon_cr3>.
const CANON_PREVIEW: [u8; 16] =
    [0xea, 0xf4, 0x2b, 0x5e, 0x1c, 0x98, 0x4b, 0x88, 0xb9, 0xfb, 0xb7, 0xdc, 0x40, 0x6e, 0x4d, 0x16];

/// Directories, and previews, that are looked at in one file.
const MOST: usize = 16;

/// A JPEG inside the file, decodable by its header: 8 bits, baseline or progressive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preview {
    pub span: Span,
    pub size: (u32, u32),
    pub progressive: bool,
}

/// The previews in a file of that format, in the order found. What a damaged part hides is left out.
pub(super) fn find(bytes: &mut Bytes<'_>, format: Format) -> Vec<Preview> {
    let whole = bytes.whole();
    let mut found = Previews::default();
    // A fault ends the search in this branch of the file; what was found before it counts.
    let _ends_here = match format {
        Format::Jpeg => found.in_jpeg(bytes, whole),
        Format::Tiff => found.in_tiff(bytes, whole).and_then(|()| found.in_panasonic(bytes, whole)),
        Format::Cr3 => found.in_cr3(bytes, whole),
        Format::Raf => found.in_raf(bytes, whole),
        Format::Heif | Format::Video | Format::Png | Format::WebP | Format::Gif | Format::Jxl => Ok(()),
    };
    found.list
}

/// Size of the JPEG that starts at `span` and whether it is progressive; `None` for what is no JPEG to show, such as
/// the lossless JPEG of RAW data.
pub(super) fn measure(bytes: &mut Bytes<'_>, span: Span) -> Option<((u32, u32), bool)> {
    let mut frame = None;
    if bytes.array(span, 0).ok()? != [0xff, 0xd8, 0xff] {
        return None;
    }
    // Behind the frame header anything may be broken; a decoder will tell.
    let _decoder_tells = jpeg::walk(bytes, span, |bytes, marker, body| {
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) && frame.is_none() {
            let size = (u32::from(bytes.u16(body, 3)?), u32::from(bytes.u16(body, 1)?));
            frame = Some((marker, bytes.u8(body, 0)?, size));
        }
        Ok(())
    });
    let (marker, bits, size) = frame?;
    (bits == 8 && marker <= 0xc2 && is_size(&size)).then_some((size, marker == 0xc2))
}

#[derive(Default)]
struct Previews {
    list: Vec<Preview>,
}

impl Previews {
    fn add(&mut self, bytes: &mut Bytes<'_>, span: Span) {
        if self.list.len() < MOST
            && self.list.iter().all(|known| known.span.start != span.start)
            && let Some((size, progressive)) = measure(bytes, span)
        {
            self.list.push(Preview { span, size, progressive });
        }
    }

    /// Thumbnails that a JPEG carries beside its picture.
    fn in_jpeg(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let (mut exif, mut multi) = (None, None);
        let outcome = jpeg::walk(bytes, span, |bytes, marker, body| {
            if marker == 0xe1 && exif.is_none() && body.len() > 6 && bytes.array(body, 0)? == *b"Exif\0\0" {
                exif = Some(body.from(6)?);
            }
            if marker == 0xe2 && multi.is_none() && body.len() > 4 && bytes.array(body, 0)? == *b"MPF\0" {
                // Its offsets count from here, over the whole file.
                multi = Some(Span { start: body.from(4)?.start, end: span.end });
            }
            Ok(())
        });
        // Each of the two counts though the other, or the JPEG itself, is damaged.
        let of_exif = exif.map_or(Ok(()), |exif| self.in_tiff(bytes, exif));
        let of_multi = multi.map_or(Ok(()), |multi| self.in_multi_picture(bytes, multi));
        outcome.and(of_exif).and(of_multi)
    }

    /// CIPA DC-007: only what says of itself that it is a large thumbnail; depth maps and gain maps stand there too.
    fn in_multi_picture(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let tiff = Tiff::open(bytes, span)?;
        let index = tiff.directory(bytes, tiff.first)?;
        let Some(entries) = Tiff::values(&index, MPF_ENTRIES) else { return Ok(()) };
        for number in 0..(entries.len() / 16).min(MOST as u64) {
            let entry = entries.part(number * 16, 16)?;
            let kind = tiff.u32(bytes, entry, 0)? & 0x00ff_ffff;
            if matches!(kind, 0x01_0001 | 0x01_0002) {
                let (len, offset) = (tiff.u32(bytes, entry, 4)?, tiff.u32(bytes, entry, 8)?);
                self.add(bytes, tiff.part(u64::from(offset), u64::from(len))?);
            }
        }
        Ok(())
    }

    /// The chain of directories from the first one, and the sub-directories of each.
    fn in_tiff(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let tiff = Tiff::open(bytes, span)?;
        let mut ahead = vec![tiff.first];
        let mut seen = Vec::new();
        while let Some(at) = ahead.pop() {
            if at == 0 || seen.contains(&at) || seen.len() >= MOST {
                continue;
            }
            seen.push(at);
            let Ok(directory) = tiff.directory(bytes, at) else { continue };
            self.in_directory(&tiff, bytes, &directory);
            ahead.push(directory.next);
            ahead.extend(tiff.numbers(bytes, &directory, SUB_DIRECTORIES).into_iter().map(u64::from));
            if let Some(at) = tiff.number(bytes, &directory, EXIF_DIRECTORY)
                && let Ok(exif) = tiff.directory(bytes, u64::from(at))
                && let Some(note) = Tiff::values(&exif, MAKER_NOTE)
            {
                // What it points to may lie behind it.
                let note = Span { start: note.start, end: span.end };
                // Notes follow no common rule: one that isn't understood has no preview.
                let _not_understood = self.in_maker_note(bytes, note);
            }
        }
        Ok(())
    }

    /// RW2 keeps a whole photo, with a thumbnail of its own, as the value of an entry.
    fn in_panasonic(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let tiff = Tiff::open(bytes, span)?;
        let main = tiff.directory(bytes, tiff.first)?;
        let Some(inner) = Tiff::values(&main, JPG_FROM_RAW) else { return Ok(()) };
        self.add(bytes, inner);
        self.in_jpeg(bytes, inner)
    }

    fn in_directory(&mut self, tiff: &Tiff, bytes: &mut Bytes<'_>, directory: &Directory) {
        self.add_named(tiff, bytes, directory, JPEG_OFFSET, JPEG_LENGTH);
        // A JPEG as the directory's one strip: CR2's, DNG's and PEF's way.
        let strips = tiff.numbers(bytes, directory, STRIP_OFFSETS).len();
        if strips == 1 && matches!(tiff.number(bytes, directory, COMPRESSION), Some(6 | 7)) {
            self.add_named(tiff, bytes, directory, STRIP_OFFSETS, STRIP_LENGTHS);
        }
    }

    fn add_named(&mut self, tiff: &Tiff, bytes: &mut Bytes<'_>, directory: &Directory, offset: u16, len: u16) {
        if let Some(offset) = tiff.number(bytes, directory, offset)
            && let Some(len) = tiff.number(bytes, directory, len)
            && let Ok(span) = tiff.part(u64::from(offset), u64::from(len))
        {
            self.add(bytes, span);
        }
    }

    fn in_maker_note(&mut self, bytes: &mut Bytes<'_>, note: Span) -> Result<(), Fault> {
        let head = bytes.array::<10>(note, 0)?;
        if head.starts_with(b"Nikon\0\x02") {
            let tiff = Tiff::open(bytes, note.from(10)?)?;
            let main = tiff.directory(bytes, tiff.first)?;
            if let Some(at) = tiff.number(bytes, &main, NIKON_PREVIEW) {
                let preview = tiff.directory(bytes, u64::from(at))?;
                self.add_named(&tiff, bytes, &preview, JPEG_OFFSET, JPEG_LENGTH);
            }
        }
        let olympus = match &head {
            [b'O', b'L', b'Y', b'M', b'P', b'U', b'S', 0, order, ..] => Some((*order, 12)),
            // Byte order behind twelve bytes of name.
            b"OM SYSTEM\0" => Some((bytes.u8(note, 12)?, 16)),
            _ => None,
        };
        if let Some((order, first)) = olympus {
            let tiff = Tiff::headless(note, order == b'I', first);
            let main = tiff.directory(bytes, tiff.first)?;
            if let Some(at) = tiff.number(bytes, &main, OLYMPUS_CAMERA) {
                let camera = tiff.directory(bytes, u64::from(at))?;
                self.add_named(&tiff, bytes, &camera, OLYMPUS_OFFSET, OLYMPUS_LENGTH);
            }
        }
        Ok(())
    }

    fn in_cr3(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let canon = raw::canon_box(bytes, span)?;
        if let Some(small) = boxes::find(bytes, canon, *b"THMB")? {
            self.add_boxed(bytes, small)?;
        }
        if let Some(preview) = boxes::find_uuid(bytes, span, CANON_PREVIEW)?
            && let Some(large) = boxes::find(bytes, preview.from(8)?, *b"PRVW")?
        {
            self.add_boxed(bytes, large)?;
        }
        Ok(())
    }

    /// A JPEG behind Canon's sizes, whose number differs from version to version.
    fn add_boxed(&mut self, bytes: &mut Bytes<'_>, body: Span) -> Result<(), Fault> {
        let head = bytes.get(body.part(0, body.len().min(32))?)?;
        if let Some(at) = head.windows(3).position(|piece| piece == [0xff, 0xd8, 0xff]) {
            self.add(bytes, body.from(at as u64)?);
        }
        Ok(())
    }

    fn in_raf(&mut self, bytes: &mut Bytes<'_>, span: Span) -> Result<(), Fault> {
        let at = u64::from(bytes.u32(span, 84)?);
        let len = u64::from(bytes.u32(span, 88)?);
        let inner = span.part(at, len)?;
        self.add(bytes, inner);
        self.in_jpeg(bytes, inner)
    }
}
