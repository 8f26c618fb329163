//! What the beginning of an S3 answer's body says. Only a handful of elements is read; `StringToSign`, `AWSAccessKeyId` and the
//! like are never looked at, since SignatureDoesNotMatch echoes them.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// The elements of an S3 error or PostResponse that mean something to us. All may be missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    /// Where the bucket really is, on redirects and AuthorizationHeaderMalformed.
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) etag: Option<String>,
    /// A page for people, as proxies and captive portals send.
    pub(super) is_page: bool,
    /// Any XML with a root of S3's: `Error` or `PostResponse`.
    pub(super) is_s3: bool,
}

/// Reads as far as the XML is whole; what follows a cut or a fault is ignored.
pub(super) fn read(body: &[u8]) -> Said {
    let mut said = Said { is_page: is_page(body), ..Said::default() };
    if said.is_page {
        return said;
    }
    let mut reader = Reader::from_reader(body);
    let (mut depth, mut text) = (0_usize, String::new());
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                text.clear();
                if depth == 1 {
                    said.is_s3 = matches!(start.local_name().as_ref(), b"Error" | b"PostResponse");
                }
            }
            Ok(Event::Text(part)) => text.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::CData(part)) => text.push_str(&String::from_utf8_lossy(&part)),
            Ok(Event::GeneralRef(reference)) => text.extend(character(&reference)),
            Ok(Event::End(end)) => {
                if depth == 2 && said.is_s3 {
                    said.take(end.local_name().as_ref(), text.trim());
                }
                text.clear();
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Eof) | Err(_) => return said,
            Ok(Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
        }
    }
}

impl Said {
    fn take(&mut self, element: &[u8], text: &str) {
        let place = match element {
            b"Code" => &mut self.code,
            b"Message" => &mut self.message,
            b"Region" => &mut self.region,
            b"Endpoint" => &mut self.endpoint,
            b"ETag" => &mut self.etag,
            _ => return,
        };
        // The first one counts: what comes later may have been smuggled in by an echoed name.
        if place.is_none() && !text.is_empty() {
            *place = Some(text.to_owned());
        }
    }
}

fn character(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character);
    }
    match &**reference {
        b"amp" => Some('&'),
        b"lt" => Some('<'),
        b"gt" => Some('>'),
        b"quot" => Some('"'),
        b"apos" => Some('\''),
        _ => None,
    }
}

fn is_page(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..body.len().min(1024)).unwrap_or_default()).to_ascii_lowercase();
    let start = start.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    start.starts_with("<!doctype html")
        || start.starts_with("<html")
        || (start.starts_with('<') && start.contains("<html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read() {
        let said = read(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code>\
              <Message>Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;a&#38;b&quot;]</Message>\
              <StringToSign>secret</StringToSign><RequestId>1</RequestId></Error>",
        );
        assert_eq!(said.code.as_deref(), Some("AccessDenied"));
        assert_eq!(said.message.as_deref(), Some("Policy Condition failed: [\"eq\", \"$key\", \"a&b\"]"));
        assert!(said.is_s3 && !said.is_page);
    }

    #[test]
    fn damaged_bodies_give_what_is_whole() {
        let cases: [(&[u8], Option<&str>, Option<&str>); 9] = [
            (b"", None, None),
            (b"plain text", None, None),
            (b"<Error><Code>SlowDown</Code><Message>Please redu", Some("SlowDown"), None),
            (b"<Error><Code>Slow", None, None),
            (b"<Error><Code>SlowDown</Code></Oops>", Some("SlowDown"), None),
            (b"<Error><Code/><Message>m</Message></Error>", None, Some("m")),
            (b"<Error><Nested><Code>Inner</Code></Nested><Code>Outer</Code></Error>", Some("Outer"), None),
            (b"<Other><Code>NotS3</Code></Other>", None, None),
            (b"\xff\xfe<\x00E", None, None),
        ];
        for (body, code, message) in cases {
            let said = read(body);
            assert_eq!(
                (said.code.as_deref(), said.message.as_deref()),
                (code, message),
                "{}",
                String::from_utf8_lossy(body)
            );
        }
        assert_eq!(read(b"<Error><Code>First</Code><Code>Second</Code></Error>").code.as_deref(), Some("First"));
    }

    #[test]
    fn pages_are_told_from_answers() {
        for page in ["<!DOCTYPE HTML><p>", " \n<html>", "<?xml version=\"1.0\"?>\n<!-- x --><html xmlns=\"\">"] {
            assert!(read(page.as_bytes()).is_page, "{page}");
        }
        assert!(!read(b"<Error><Code>x</Code></Error>").is_page);
    }
}
