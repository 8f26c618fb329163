//! TIFF directories, the frame of EXIF: <https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf>.

use super::bytes::{Bytes, Fault, Span};

/// Directories of real files have up to some hundred entries.
const MOST_ENTRIES: u16 = 2000;
/// Most values taken from one entry; GPS needs three, sub-directory lists a handful.
const MOST_VALUES: u64 = 16;

/// A TIFF structure somewhere in a file; offsets inside count from its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tiff {
    span: Span,
    little: bool,
    /// Offset of the first directory.
    pub first: u64,
}

/// The entries of one directory.
#[derive(Debug, Default)]
pub(super) struct Directory {
    entries: Vec<Entry>,
    /// Offset of the next directory in the chain; 0: this is the last.
    pub next: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    /// Where the values stand in the file.
    values: Span,
}

impl Tiff {
    pub(super) fn open(bytes: &mut Bytes<'_>, span: Span) -> Result<Self, Fault> {
        let little = match &bytes.array::<4>(span, 0)? {
            [b'I', b'I', 42 | b'U', 0] | [b'I', b'I', b'R', b'O' | b'S'] => true,
            [b'M', b'M', 0, 42] | [b'M', b'M', b'O', b'R'] => false,
            _ => return Err(Fault::Broken("no TIFF header where one should be")),
        };
        let mut tiff = Self { span, little, first: 0 };
        tiff.first = u64::from(tiff.u32(bytes, span, 4)?);
        Ok(tiff)
    }

    /// A TIFF without a header of its own: `span` is what its offsets count from, `first` its directory.
    pub(super) fn headless(span: Span, little: bool, first: u64) -> Self {
        Self { span, little, first }
    }

    /// `len` bytes at an offset that stands in a directory.
    pub(super) fn part(&self, offset: u64, len: u64) -> Result<Span, Fault> {
        self.span.part(offset, len)
    }

    /// Reads the directory at `offset`; entries whose values lie outside of the file are left out.
    pub(super) fn directory(&self, bytes: &mut Bytes<'_>, offset: u64) -> Result<Directory, Fault> {
        let span = self.span.from(offset)?;
        let count = self.u16(bytes, span, 0)?;
        if count > MOST_ENTRIES {
            return Err(Fault::Broken("a directory of impossible size"));
        }
        let mut entries = Vec::with_capacity(usize::from(count));
        for index in 0..u64::from(count) {
            let Ok(at) = span.part(2 + index * 12, 12) else { break };
            entries.extend(self.entry(bytes, at)?);
        }
        let next = self.u32(bytes, span, 2 + u64::from(count) * 12).map_or(0, u64::from);
        Ok(Directory { entries, next })
    }

    fn entry(&self, bytes: &mut Bytes<'_>, at: Span) -> Result<Option<Entry>, Fault> {
        let tag = self.u16(bytes, at, 0)?;
        let kind = self.u16(bytes, at, 2)?;
        let count = u64::from(self.u32(bytes, at, 4)?);
        let len = count.saturating_mul(width(kind));
        let values = if len <= 4 { at.part(8, len) } else { self.span.part(u64::from(self.u32(bytes, at, 8)?), len) };
        Ok(values.ok().map(|values| Entry { tag, kind, count, values }))
    }

    /// The text of `tag`.
    pub(super) fn text(&self, bytes: &mut Bytes<'_>, directory: &Directory, tag: u16) -> Option<String> {
        const LONGEST: u64 = 1024;
        let entry = directory.find(tag)?;
        if !matches!(entry.kind, 1 | 2 | 7 | 129) {
            return None;
        }
        let values = entry.values.part(0, entry.values.len().min(LONGEST)).ok()?;
        super::clean(bytes.get(values).ok()?)
    }

    /// The whole numbers of `tag`.
    pub(super) fn numbers(&self, bytes: &mut Bytes<'_>, directory: &Directory, tag: u16) -> Vec<u32> {
        let Some(entry) = directory.find(tag) else { return Vec::new() };
        let values = entry.values;
        (0..entry.count.min(MOST_VALUES))
            .map_while(|index| match entry.kind {
                1 | 7 => bytes.u8(values, index).map(u32::from).ok(),
                3 => self.u16(bytes, values, index * 2).map(u32::from).ok(),
                4 | 13 => self.u32(bytes, values, index * 4).ok(),
                _ => None,
            })
            .collect()
    }

    pub(super) fn number(&self, bytes: &mut Bytes<'_>, directory: &Directory, tag: u16) -> Option<u32> {
        self.numbers(bytes, directory, tag).first().copied()
    }

    /// Where the values of `tag` stand in the file, whatever they are.
    pub(super) fn values(directory: &Directory, tag: u16) -> Option<Span> {
        directory.find(tag).map(|entry| entry.values)
    }

    /// The unsigned fractions of `tag`; one whose denominator is 0 is `None`.
    pub(super) fn fractions(&self, bytes: &mut Bytes<'_>, directory: &Directory, tag: u16) -> Vec<Option<f64>> {
        let Some(entry) = directory.find(tag).filter(|entry| entry.kind == 5) else { return Vec::new() };
        (0..entry.count.min(MOST_VALUES))
            .map_while(|index| {
                let above = self.u32(bytes, entry.values, index * 8).ok()?;
                let below = self.u32(bytes, entry.values, index * 8 + 4).ok()?;
                Some((below != 0).then(|| f64::from(above) / f64::from(below)))
            })
            .collect()
    }

    fn u16(&self, bytes: &mut Bytes<'_>, span: Span, offset: u64) -> Result<u16, Fault> {
        let raw = bytes.array(span, offset)?;
        Ok(if self.little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) })
    }

    pub(super) fn u32(&self, bytes: &mut Bytes<'_>, span: Span, offset: u64) -> Result<u32, Fault> {
        let raw = bytes.array(span, offset)?;
        Ok(if self.little { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) })
    }
}

impl Directory {
    fn find(&self, tag: u16) -> Option<Entry> {
        self.entries.iter().find(|entry| entry.tag == tag).copied()
    }
}

/// Bytes of one value by its type; types that are not known count as one byte.
fn width(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 => 8,
        _ => 1,
    }
}
