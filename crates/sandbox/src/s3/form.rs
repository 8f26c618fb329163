//! multipart/form-data: the fields before the file as a whole, the file as a stream.
//!
//! RFC 7578 and RFC 2046. The head is parsed from a buffer; the file never is.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use memchr::memmem::{self, Finder};

/// Bytes the fields before the file may have, names, values and part headers together: S3's limit.
pub(crate) const MAX_FIELDS: usize = 20 << 10;
/// Read at most so far to find the file part's header, so that a boundary inside the limit is still seen.
const MAX_HEAD: usize = MAX_FIELDS + (4 << 10);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormError {
    #[error("the form is not well-formed: {0}")]
    Malformed(&'static str),
    #[error("the fields before the file are over {MAX_FIELDS} bytes")]
    TooLong,
    #[error("the connection broke off")]
    Broken,
}

/// Fields in their order, and the file part's own header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Head {
    /// Names in lower case.
    pub(crate) fields: Vec<(String, String)>,
    /// `None`: the form ends without a file.
    pub(crate) file: Option<FilePart>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FilePart {
    pub(crate) filename: Option<String>,
}

impl Head {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// The boundary out of a Content-Type.
pub(crate) fn boundary_of(content_type: &str) -> Option<String> {
    let lower = content_type.to_ascii_lowercase();
    let start = lower.find("boundary=")? + "boundary=".len();
    let rest = &content_type[start..];
    let boundary = rest.strip_prefix('"').map_or_else(
        || rest.split([';', ' ']).next().unwrap_or_default(),
        |quoted| quoted.split('"').next().unwrap_or_default(),
    );
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

/// Reads a head out of the beginning of a body. `Ok(None)`: more bytes are needed. Else the head, and where the file begins.
pub(crate) fn parse_head(buffer: &[u8], boundary: &str) -> Result<Option<(Head, usize)>, FormError> {
    let delimiter = format!("\r\n--{boundary}");
    let mut head = Head::default();
    // A preamble is allowed before the first boundary, so the first one may also stand at the very beginning.
    let mut at = if buffer.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        match memmem::find(buffer, delimiter.as_bytes()) {
            Some(start) => start + delimiter.len(),
            None if buffer.len() > MAX_HEAD => return Err(FormError::Malformed("no boundary")),
            None => return Ok(None),
        }
    };
    loop {
        match buffer.get(at..at + 2) {
            None => return Ok(None),
            Some(b"--") => return Ok(Some((head, at + 2))),
            Some(b"\r\n") => at += 2,
            Some(_) => return Err(FormError::Malformed("boundary without line end")),
        }
        let Some(length) = memmem::find(&buffer[at..], b"\r\n\r\n") else {
            return if buffer.len() - at > MAX_HEAD { Err(FormError::TooLong) } else { Ok(None) };
        };
        let part = PartHeader::parse(&buffer[at..at + length])?;
        at += length + 4;
        if part.name.eq_ignore_ascii_case("file") {
            if at > MAX_FIELDS {
                return Err(FormError::TooLong);
            }
            head.file = Some(FilePart { filename: part.filename });
            return Ok(Some((head, at)));
        }
        let Some(length) = memmem::find(&buffer[at..], delimiter.as_bytes()) else {
            return if buffer.len() > MAX_HEAD { Err(FormError::TooLong) } else { Ok(None) };
        };
        let value =
            std::str::from_utf8(&buffer[at..at + length]).map_err(|_| FormError::Malformed("a field is not UTF-8"))?;
        head.fields.push((part.name.to_ascii_lowercase(), value.to_owned()));
        at += length + delimiter.len();
    }
}

struct PartHeader {
    name: String,
    filename: Option<String>,
}

impl PartHeader {
    fn parse(bytes: &[u8]) -> Result<Self, FormError> {
        let text = std::str::from_utf8(bytes).map_err(|_| FormError::Malformed("a part's header is not UTF-8"))?;
        let disposition = text
            .split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
            .map(|(_, value)| value.trim())
            .ok_or(FormError::Malformed("a part without Content-Disposition"))?;
        if !disposition.to_ascii_lowercase().starts_with("form-data") {
            return Err(FormError::Malformed("Content-Disposition is not form-data"));
        }
        let name = parameter(disposition, "name").ok_or(FormError::Malformed("a part without a name"))?;
        Ok(Self { name, filename: parameter(disposition, "filename") })
    }
}

/// A parameter's value, quoted or not. Browsers write `"` in a name as `%22`, other clients as `\"`.
fn parameter(disposition: &str, wanted: &str) -> Option<String> {
    let mut rest = disposition.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim();
        let (value, more) = if let Some(quoted) = after.strip_prefix('"') {
            let mut value = String::new();
            let mut chars = quoted.char_indices();
            let end = loop {
                match chars.next()? {
                    (_, '\\') => value.extend(chars.next().map(|(_, c)| c)),
                    (end, '"') => break end,
                    (_, c) => value.push(c),
                }
            };
            (value, &quoted[end + 1..])
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = more.trim_start().strip_prefix(';')?;
    }
}

/// A body that gives its pieces, with those in front that were read too far.
#[derive(Debug)]
pub(crate) struct Pieces {
    first: Bytes,
    body: Incoming,
}

impl Pieces {
    pub(crate) fn new(body: Incoming) -> Self {
        Self { first: Bytes::new(), body }
    }

    /// `None`: the body's end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, FormError> {
        if !self.first.is_empty() {
            return Ok(Some(std::mem::take(&mut self.first)));
        }
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(_)) => return Err(FormError::Broken),
                Some(Ok(frame)) => {
                    if let Ok(bytes) = frame.into_data()
                        && !bytes.is_empty()
                    {
                        return Ok(Some(bytes));
                    }
                }
            }
        }
    }

    /// Reads the head; what was read beyond it is the next piece.
    pub(crate) async fn head(&mut self, boundary: &str) -> Result<(Head, usize), FormError> {
        let mut buffer = BytesMut::new();
        while let Some(piece) = self.next().await? {
            buffer.extend_from_slice(&piece);
            if let Some((head, end)) = parse_head(&buffer, boundary)? {
                self.first = buffer.freeze().slice(end..);
                return Ok((head, end));
            }
        }
        Err(FormError::Malformed("it ends before the file"))
    }
}

/// The bytes of the file, out of what follows the head.
#[derive(Debug)]
pub(crate) struct FileBytes {
    delimiter: Finder<'static>,
    /// Bytes that may be the beginning of the delimiter.
    held: Bytes,
    ended: bool,
}

impl FileBytes {
    pub(crate) fn new(boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        Self { delimiter: Finder::new(&delimiter).into_owned(), held: Bytes::new(), ended: false }
    }

    /// Takes a piece of the body; gives the bytes of it (and of earlier ones) that are surely the file's.
    pub(crate) fn take(&mut self, piece: Bytes) -> Bytes {
        if self.ended {
            // What stands behind the file is ignored, as S3 ignores it.
            return Bytes::new();
        }
        let mut bytes = if self.held.is_empty() {
            piece
        } else {
            let mut joined = BytesMut::with_capacity(self.held.len() + piece.len());
            joined.extend_from_slice(&self.held);
            joined.extend_from_slice(&piece);
            joined.freeze()
        };
        self.held = Bytes::new();
        let length = self.delimiter.needle().len();
        let mut from = 0;
        while let Some(found) = self.delimiter.find(&bytes[from..]) {
            let start = from + found;
            match bytes.get(start + length..start + length + 2) {
                // A longer word that only begins like the boundary is part of the file.
                Some(after) if !matches!(after, b"--" | b"\r\n") => from = start + 1,
                Some(_) => {
                    self.ended = true;
                    bytes.truncate(start);
                    return bytes;
                }
                None => {
                    self.held = bytes.split_off(start);
                    return bytes;
                }
            }
        }
        let keep = self.possible_start(&bytes);
        self.held = bytes.split_off(bytes.len() - keep);
        bytes
    }

    /// How many of the last bytes may begin the delimiter.
    fn possible_start(&self, bytes: &[u8]) -> usize {
        let needle = self.delimiter.needle();
        let longest = bytes.len().min(needle.len() - 1);
        (1..=longest).rev().find(|n| bytes.ends_with(&needle[..*n])).unwrap_or(0)
    }

    /// Whether the delimiter behind the file was seen.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::{FileBytes, FormError, MAX_FIELDS, boundary_of, parse_head};
    use bytes::Bytes;
    use proptest::prelude::*;

    fn form(fields: &[(&str, &str)], disposition: &str) -> Vec<u8> {
        let mut body = String::new();
        for (name, value) in fields {
            body.push_str(&format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str(&format!(
            "--B\r\nContent-Type: image/jpeg\r\ncontent-disposition: {disposition}\r\n\r\nDATA\r\n--B--\r\n"
        ));
        body.into_bytes()
    }

    #[test]
    fn boundaries() {
        let table = [
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("multipart/form-data; Boundary=\"a b\"; charset=utf-8", Some("a b")),
            ("multipart/form-data; boundary=abc; x=y", Some("abc")),
            ("multipart/form-data", None),
            ("multipart/form-data; boundary=", None),
        ];
        for (content_type, boundary) in table {
            assert_eq!(boundary_of(content_type).as_deref(), boundary, "{content_type}");
        }
    }

    #[test]
    fn heads_are_read_at_every_cut() {
        let body =
            form(&[("Key", "a/사진.jpg"), ("policy", "x=\r\ny")], "form-data; name=\"file\"; filename=\"a\\\"b;.jpg\"");
        let (head, end) = parse_head(&body, "B").expect("well-formed").expect("whole");
        assert_eq!(
            head.fields,
            [("key".to_owned(), "a/사진.jpg".to_owned()), ("policy".to_owned(), "x=\r\ny".to_owned())]
        );
        assert_eq!(head.file.expect("a file").filename.as_deref(), Some("a\"b;.jpg"));
        assert!(body[end..].starts_with(b"DATA"));
        for cut in 0..end {
            assert_eq!(parse_head(&body[..cut], "B"), Ok(None), "cut at {cut}");
        }
    }

    #[test]
    fn forms_that_are_none() {
        assert!(matches!(parse_head(&form(&[], "attachment; name=\"file\""), "B"), Err(FormError::Malformed(_))));
        assert!(matches!(parse_head(&form(&[], "form-data"), "B"), Err(FormError::Malformed(_))));
        assert_eq!(
            parse_head(&form(&[("key", &"x".repeat(MAX_FIELDS))], "form-data; name=\"file\""), "B"),
            Err(FormError::TooLong)
        );
        let (head, _) = parse_head(b"--B\r\nContent-Disposition: form-data; name=key\r\n\r\nk\r\n--B--", "B")
            .expect("well-formed")
            .expect("whole");
        assert_eq!((head.get("key"), head.file.is_none()), (Some("k"), true));
    }

    proptest! {
        /// Whatever the file holds and however the network cuts it, the same bytes come out.
        #[test]
        fn files_survive_every_cut(parts in prop::collection::vec(prop_oneof![
            Just(b"\r\n--boundar".to_vec()), Just(b"\r\n--boundaryX".to_vec()), Just(b"\r".to_vec()), Just(b"\r\n--".to_vec()),
            prop::collection::vec(any::<u8>(), 0..20)], 0..12), size in 1_usize..40) {
            let file = parts.concat();
            prop_assume!(!file.windows(14).any(|w| w == b"\r\n--boundary--" || w == b"\r\n--boundary\r\n"));
            let mut body = file.clone();
            body.extend_from_slice(b"\r\n--boundary--\r\n");
            let mut reader = FileBytes::new("boundary");
            let mut out = Vec::new();
            for piece in body.chunks(size) {
                out.extend_from_slice(&reader.take(Bytes::copy_from_slice(piece)));
            }
            prop_assert!(reader.has_ended());
            prop_assert_eq!(out, file);
        }
    }
}
