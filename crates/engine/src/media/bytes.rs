//! Reading a file in small pieces at known places, never more than a budget in all.

use std::io::{self, Read, Seek, SeekFrom};

/// What one read of metadata may cost, in bytes. Real files need a few hundred kilobytes.
const BUDGET: u64 = 16 * 1024 * 1024;
/// Headers lie close together, so a read takes in this much ahead.
const PAGE: usize = 16 * 1024;
/// The largest single piece. Directories and box payloads of metadata stay far below.
const LARGEST_PIECE: usize = 1024 * 1024;

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// The file breaks its format's rules.
    Broken(&'static str),
}

/// A part of the file, absolute offsets, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u64,
    pub end: u64,
}

impl Span {
    pub(super) fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// The part from `offset` on.
    pub(super) fn from(self, offset: u64) -> Result<Self, Fault> {
        self.part(offset, self.len().saturating_sub(offset))
    }

    /// `len` bytes at `offset` inside this part.
    pub(super) fn part(self, offset: u64, len: u64) -> Result<Self, Fault> {
        let start = self.start.checked_add(offset);
        let end = start.and_then(|start| start.checked_add(len));
        match (start, end) {
            (Some(start), Some(end)) if end <= self.end => Ok(Self { start, end }),
            _ => Err(Fault::Broken("a part lies outside of the whole")),
        }
    }
}

pub(super) trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

/// A file with one page kept in memory and a budget for reading.
pub(super) struct Bytes<'a> {
    inner: Box<dyn Seekable + 'a>,
    len: u64,
    budget: u64,
    page: Vec<u8>,
    page_at: u64,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(mut inner: Box<dyn Seekable + 'a>) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, len, budget: BUDGET, page: Vec::new(), page_at: 0 })
    }

    pub(super) fn whole(&self) -> Span {
        Span { start: 0, end: self.len }
    }

    /// The first `most` bytes, or fewer where the file is shorter.
    pub(super) fn head(&mut self, most: u64) -> io::Result<Vec<u8>> {
        let len = self.len.min(most);
        match self.get(Span { start: 0, end: len }) {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(Fault::Io(error)) => Err(error),
            Err(Fault::Broken(_)) => Ok(Vec::new()),
        }
    }

    /// All bytes of `span`.
    pub(super) fn get(&mut self, span: Span) -> Result<&[u8], Fault> {
        if span.end > self.len || span.start > span.end {
            return Err(Fault::Broken("it ends too early"));
        }
        let len = usize::try_from(span.len()).unwrap_or(usize::MAX);
        if len > LARGEST_PIECE {
            return Err(Fault::Broken("a part is too large for what it is"));
        }
        let held = self.page_at + self.page.len() as u64;
        if span.start < self.page_at || span.end > held {
            self.load(span.start, len)?;
        }
        let from = usize::try_from(span.start - self.page_at).unwrap_or(usize::MAX);
        self.page.get(from..from + len).ok_or(Fault::Broken("it ends too early"))
    }

    /// A copy of all of `span`, however large up to `most`; not counted against the budget, since it is asked for once.
    pub(super) fn copy(&mut self, span: Span, most: u64) -> Result<Vec<u8>, Fault> {
        if span.end > self.len || span.start > span.end {
            return Err(Fault::Broken("it ends too early"));
        }
        if span.len() > most {
            return Err(Fault::Broken("a part is too large for what it is"));
        }
        let mut out = Vec::new();
        self.inner.seek(SeekFrom::Start(span.start)).map_err(Fault::Io)?;
        self.inner.by_ref().take(span.len()).read_to_end(&mut out).map_err(Fault::Io)?;
        Ok(out)
    }

    /// The whole file from its start, for readers that do not need to be held back.
    pub(super) fn rewound(&mut self) -> io::Result<&mut (dyn Seekable + 'a)> {
        self.inner.seek(SeekFrom::Start(0))?;
        Ok(&mut *self.inner)
    }

    fn load(&mut self, at: u64, len: usize) -> Result<(), Fault> {
        let len = (len.max(PAGE) as u64).min(self.len - at);
        self.budget = self.budget.checked_sub(len).ok_or(Fault::Broken("its metadata is scattered too widely"))?;
        self.page.clear();
        self.page_at = at;
        self.inner.seek(SeekFrom::Start(at)).map_err(Fault::Io)?;
        self.inner.by_ref().take(len).read_to_end(&mut self.page).map_err(Fault::Io)?;
        Ok(())
    }

    /// `N` bytes at `offset` inside `span`.
    pub(super) fn array<const N: usize>(&mut self, span: Span, offset: u64) -> Result<[u8; N], Fault> {
        let piece = self.get(span.part(offset, N as u64)?)?;
        piece.try_into().map_err(|_| Fault::Broken("it ends too early"))
    }

    pub(super) fn u8(&mut self, span: Span, offset: u64) -> Result<u8, Fault> {
        Ok(self.array::<1>(span, offset)?[0])
    }

    /// Big-endian, as are all formats here but TIFF and RIFF.
    pub(super) fn u16(&mut self, span: Span, offset: u64) -> Result<u16, Fault> {
        Ok(u16::from_be_bytes(self.array(span, offset)?))
    }

    pub(super) fn u32(&mut self, span: Span, offset: u64) -> Result<u32, Fault> {
        Ok(u32::from_be_bytes(self.array(span, offset)?))
    }

    pub(super) fn u64(&mut self, span: Span, offset: u64) -> Result<u64, Fault> {
        Ok(u64::from_be_bytes(self.array(span, offset)?))
    }
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, Bytes, Fault, Span};
    use std::io::Cursor;

    #[test]
    fn pieces_come_from_their_place_and_stop_at_the_end() {
        let data: Vec<u8> = (0..100_000u32).flat_map(u32::to_be_bytes).collect();
        let mut bytes = Bytes::new(Box::new(Cursor::new(&data))).unwrap();
        let whole = bytes.whole();
        for index in [0u64, 99_999, 5, 50_000, 50_001, 4095] {
            assert_eq!(u64::from(bytes.u32(whole, index * 4).unwrap()), index);
        }
        assert!(matches!(bytes.u32(whole, 399_998), Err(Fault::Broken(_))));
        assert!(whole.part(u64::MAX, 2).is_err());
        assert!(whole.from(400_001).is_err());
    }

    #[test]
    fn a_file_cannot_make_it_read_more_than_the_budget() {
        let data = vec![0u8; 4 * 1024 * 1024];
        let mut bytes = Bytes::new(Box::new(Cursor::new(&data))).unwrap();
        let mut pieces = 0u64;
        // Back and forth, so that no page is ever reused.
        while bytes.get(Span { start: (pieces % 2) * 2_000_000, end: (pieces % 2) * 2_000_000 + 4 }).is_ok() {
            pieces += 1;
        }
        assert_eq!(pieces, BUDGET / 16_384);
    }
}
