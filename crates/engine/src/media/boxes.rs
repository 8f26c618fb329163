//! The boxes of ISO 14496-12 and QuickTime: four bytes of length, four of name, more boxes or data.

use super::bytes::{Bytes, Fault, Span};

/// One box: its name and what is in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Boxed {
    pub name: [u8; 4],
    pub body: Span,
}

/// The boxes directly inside `span`, read one by one.
pub(super) struct Walk {
    rest: Span,
}

impl Walk {
    pub(super) fn of(span: Span) -> Self {
        Self { rest: span }
    }

    /// The next box, or `None` at the end. A box that says it reaches further than its parent ends with it.
    pub(super) fn next(&mut self, bytes: &mut Bytes<'_>) -> Result<Option<Boxed>, Fault> {
        // QuickTime may end a list with four zero bytes.
        if self.rest.len() < 8 {
            return Ok(None);
        }
        let len = u64::from(bytes.u32(self.rest, 0)?);
        let name = bytes.array(self.rest, 4)?;
        let (head, len) = match len {
            0 => (8, self.rest.len()),
            1 => (16, bytes.u64(self.rest, 8)?),
            len => (8, len),
        };
        let body = len.checked_sub(head).ok_or(Fault::Broken("a box of impossible length"))?;
        let body = self.rest.part(head, body.min(self.rest.len().saturating_sub(head)))?;
        self.rest = Span { start: body.end, end: self.rest.end };
        Ok(Some(Boxed { name, body }))
    }
}

/// The first box called `name` directly inside `span`.
pub(super) fn find(bytes: &mut Bytes<'_>, span: Span, name: [u8; 4]) -> Result<Option<Span>, Fault> {
    let mut walk = Walk::of(span);
    while let Some(found) = walk.next(bytes)? {
        if found.name == name {
            return Ok(Some(found.body));
        }
    }
    Ok(None)
}

/// The box at the end of a path of names.
pub(super) fn find_path(bytes: &mut Bytes<'_>, mut span: Span, path: &[&[u8; 4]]) -> Result<Option<Span>, Fault> {
    for name in path {
        let Some(found) = find(bytes, span, **name)? else { return Ok(None) };
        span = found;
    }
    Ok(Some(span))
}

/// The inside of the first `uuid` box of that kind directly inside `span`.
pub(super) fn find_uuid(bytes: &mut Bytes<'_>, span: Span, kind: [u8; 16]) -> Result<Option<Span>, Fault> {
    let mut walk = Walk::of(span);
    while let Some(found) = walk.next(bytes)? {
        if &found.name == b"uuid" && bytes.array(found.body, 0)? == kind {
            return found.body.from(16).map(Some);
        }
    }
    Ok(None)
}
