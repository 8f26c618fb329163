//! The bytes around the file: a multipart/form-data body with the backend's fields, verbatim and in its order, the file part last.
//!
//! Written here rather than with reqwest's multipart: that doubles backslashes in file names, against WHATWG and every browser.
//! <https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data>

use super::body::Frame;
use super::client;
use super::send::Outgoing;
use crate::cause::{Cause, Code};
use offload_protocol::wire::PresignedPost;
use std::fmt::Write as _;
use url::Url;

/// S3's limit for everything in the form but the file's contents:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html>.
const LARGEST_FRAME: usize = 20 * 1024;

const HINT: &str = "for the backend: send url and fields just as generate_presigned_post returned them";

/// The form's address, if it is one that a form may be sent to.
pub(super) fn address(text: &str) -> Result<Url, Cause> {
    let url = Url::parse(text).map_err(|_| bad("the form's url is not an address"))?;
    match url.scheme() {
        "https" => {}
        "http" if client::is_loopback(&url) => {}
        "http" => return Err(bad(format!("the form's url is not encrypted (http to {})", client::place(&url)))),
        _ => return Err(bad("the form's url is neither https nor http")),
    }
    if url.host_str().is_none_or(str::is_empty) || !url.username().is_empty() || url.password().is_some() {
        return Err(bad("the form's url has no host, or a user in it"));
    }
    Ok(url)
}

/// Frames the file with the form's fields; the request's Content-Type with it.
pub(super) fn frame(form: &PresignedPost, file: &Outgoing, boundary: &str) -> Result<(String, Frame), Cause> {
    let mut head = String::with_capacity(4096);
    for (name, value) in &form.fields.0 {
        check(name, value)?;
        // The backend can leave the checksum to us; its policy then has to allow any (`starts-with ""`).
        let filled;
        let value = if name.eq_ignore_ascii_case("x-amz-checksum-sha256") && value.is_empty() {
            filled = file.digests.sha256_base64();
            &filled
        } else {
            value
        };
        write(
            &mut head,
            format_args!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"),
        );
    }
    let filename = escaped(&file.filename);
    write(
        &mut head,
        format_args!("--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n"),
    );
    if is_media_type(&file.content_type) {
        write(&mut head, format_args!("Content-Type: {}\r\n", file.content_type));
    }
    head.push_str("\r\n");
    let tail = format!("\r\n--{boundary}--\r\n");
    if head.len() + tail.len() > LARGEST_FRAME {
        return Err(bad("the form's fields are over S3's limit of 20 KB"));
    }
    Ok((format!("multipart/form-data; boundary={boundary}"), Frame { head: head.into(), tail: tail.into() }))
}

/// Whether a form can be sent with a file of this name and type.
///
/// # Errors
/// `Code::BadForm`, as `frame`.
pub(crate) fn check_sendable(form: &PresignedPost, file: &Outgoing) -> Result<(), Cause> {
    frame(form, file, &boundary()).map(drop)
}

/// A boundary that no file contains: 128 random bits.
pub(super) fn boundary() -> String {
    format!("offload-{:032x}", rand::random::<u128>())
}

fn check(name: &str, value: &str) -> Result<(), Cause> {
    if name.is_empty() || name.contains(['\0', '\r', '\n', '"']) {
        return Err(bad("the form has a field whose name is empty or has a quote, a line break or a NUL in it"));
    }
    if name.eq_ignore_ascii_case("file") {
        return Err(bad("the form has a field named \"file\" already"));
    }
    if value.contains('\0') {
        return Err(bad(format!("the form's field \"{}\" has a NUL in it", super::quote::quote(name, 60))));
    }
    Ok(())
}

/// WHATWG's escaping of a file name, and `;`; other control characters too, which it leaves to fate.
fn escaped(filename: &str) -> String {
    let mut out = String::with_capacity(filename.len());
    for c in filename.chars() {
        match c {
            '"' => out.push_str("%22"),
            // Ceph RGW takes what follows it, even inside quotes, for another parameter of the part.
            ';' => out.push_str("%3B"),
            c if c.is_ascii_control() => write(&mut out, format_args!("%{:02X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Whether it can stand in a header: `type/subtype`, perhaps with parameters, in printable ASCII.
pub(super) fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
        && essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}

fn write(out: &mut String, words: std::fmt::Arguments<'_>) {
    // A String takes everything.
    let _ = out.write_fmt(words);
}

fn bad(message: impl Into<String>) -> Cause {
    Cause::new(Code::BadForm, message).hint(HINT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::checksum::Digests;
    use offload_protocol::wire::Fields;

    fn form(url: &str, fields: &[(&str, &str)]) -> PresignedPost {
        let fields = Fields(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        PresignedPost { url: url.to_owned(), fields, key: "k".to_owned(), expires_in: 60 }
    }

    fn file(filename: &str, content_type: &str) -> Outgoing {
        Outgoing {
            path: "unused".into(),
            filename: filename.to_owned(),
            size: 3,
            content_type: content_type.to_owned(),
            digests: Digests { sha256: [7; 32], crc: 0, bytes: 3 },
        }
    }

    fn framed(fields: &[(&str, &str)], filename: &str, content_type: &str) -> String {
        let (type_of_form, frame) =
            frame(&form("https://s3.example/", fields), &file(filename, content_type), "B").unwrap();
        assert_eq!(type_of_form, "multipart/form-data; boundary=B");
        assert_eq!(&frame.tail[..], b"\r\n--B--\r\n");
        String::from_utf8(frame.head.to_vec()).unwrap()
    }

    #[test]
    fn fields_stand_verbatim_in_order_and_the_file_last() {
        let head =
            framed(&[("policy", "eyJ=\r\n+/"), ("key", "a \"b\"/한글 📷.jpg"), ("acl", "")], "x.jpg", "image/jpeg");
        assert_eq!(
            head,
            "--B\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\neyJ=\r\n+/\r\n\
             --B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na \"b\"/한글 📷.jpg\r\n\
             --B\r\nContent-Disposition: form-data; name=\"acl\"\r\n\r\n\r\n\
             --B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
        );
    }

    #[test]
    fn file_names_are_escaped_as_browsers_do() {
        for (name, wanted) in [
            ("plain.jpg", "plain.jpg"),
            ("a\"b\".jpg", "a%22b%22.jpg"),
            ("x; name=policy.jpg", "x%3B name=policy.jpg"),
            ("line\r\nbreak\t.jpg", "line%0D%0Abreak%09.jpg"),
            ("100%22.jpg", "100%22.jpg"),
            ("back\\slash.jpg", "back\\slash.jpg"),
            ("한글 📷 é.jpg", "한글 📷 é.jpg"),
            ("del\u{7f}.jpg", "del%7F.jpg"),
        ] {
            assert!(framed(&[], name, "").contains(&format!("; filename=\"{wanted}\"\r\n\r\n")), "{name:?}");
        }
    }

    #[test]
    fn only_a_sensible_content_type_is_sent() {
        for sensible in ["image/jpeg", "image/x-canon-cr3", "image/svg+xml; charset=utf-8", "application/vnd.ms-excel"]
        {
            assert!(framed(&[], "x", sensible).contains(&format!("\r\nContent-Type: {sensible}\r\n\r\n")));
        }
        for odd in ["", "jpeg", "image/", "/x", "a/b\r\nX: y", "a/b/c", "image/é", "im age/x"] {
            assert!(!framed(&[], "x", odd).contains("Content-Type"), "{odd:?}");
        }
    }

    #[test]
    fn an_empty_checksum_field_is_filled_and_nothing_else_is_touched() {
        let ours = file("x", "").digests.sha256_base64();
        assert!(framed(&[("X-Amz-Checksum-Sha256", "")], "x", "").contains(&format!("\r\n\r\n{ours}\r\n")));
        assert!(framed(&[("x-amz-checksum-sha256", "given")], "x", "").contains("\r\n\r\ngiven\r\n"));
        assert!(!framed(&[("x-amz-checksum-algorithm", "SHA256")], "x", "").contains(&ours));
    }

    #[test]
    fn forms_that_can_not_be_sent_are_refused() {
        let big = "x".repeat(LARGEST_FRAME);
        for (name, value) in [
            ("", "v"),
            ("a\rb", "v"),
            ("a\nb", "v"),
            ("a\"b", "v"),
            ("a\0", "v"),
            ("a", "v\0"),
            ("file", "v"),
            ("File", "v"),
            ("a", big.as_str()),
        ] {
            let refused = frame(&form("https://s3.example/", &[(name, value)]), &file("x", ""), "B");
            assert_eq!(refused.err().map(|cause| cause.code), Some(Code::BadForm), "{name:?}");
        }
        let just = "x".repeat(LARGEST_FRAME - framed(&[("a", "")], "x", "").len() - "\r\n--B--\r\n".len());
        assert_eq!(framed(&[("a", &just)], "x", "").len() + 9, LARGEST_FRAME);
    }

    #[test]
    fn only_safe_addresses_are_taken() {
        for good in [
            "https://b.s3.eu-west-1.amazonaws.com/",
            "http://127.0.0.1:9000/b",
            "http://[::1]:9000/b",
            "http://localhost/b",
        ] {
            assert!(address(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "b.s3.amazonaws.com",
            "ftp://127.0.0.1/",
            "http://s3.example/",
            "http://10.0.0.1/",
            "file:///etc/passwd",
            "https://u:p@s3.example/",
            "javascript:x",
        ] {
            let cause = address(wrong).unwrap_err();
            assert_eq!(cause.code, Code::BadForm, "{wrong}");
            assert!(!cause.message.contains("u:p"));
        }
    }

    #[test]
    fn boundaries_differ() {
        assert_ne!(boundary(), boundary());
        assert_eq!(boundary().len(), 40);
    }
}
