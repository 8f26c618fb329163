//! What a backend signed for one file: a presigned POST or a presigned PUT.

use super::form::address;
use super::send::Outgoing;
use crate::cause::{Cause, Code};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use offload_protocol::wire::{PresignedPost, PresignedPut};
use url::Url;

const HINT: &str = "for the backend: send url and headers just as the signer returned them, and sign no header that a client can't choose";

/// Fields of a form and parameters of a PUT's query that let one write to the bucket, or tell who signed.
const SECRET: [&str; 6] =
    ["policy", "x-amz-signature", "signature", "x-amz-credential", "x-amz-security-token", "awsaccesskeyid"];

/// Leave to send one file, once.
#[derive(Debug, Clone, PartialEq)]
pub enum Signed {
    Post(PresignedPost),
    Put(PresignedPut),
}

impl Signed {
    pub fn key(&self) -> &str {
        match self {
            Self::Post(form) => &form.key,
            Self::Put(put) => &put.key,
        }
    }

    /// Seconds from the backend's answer until it is of no use any more.
    pub const fn expires_in(&self) -> u64 {
        match self {
            Self::Post(form) => form.expires_in,
            Self::Put(put) => put.expires_in,
        }
    }

    /// The address to send to, if it is one that may be sent to.
    ///
    /// # Errors
    /// `Code::BadForm`: no address, not encrypted, or with a user in it.
    pub fn address(&self) -> Result<Url, Cause> {
        match self {
            Self::Post(form) => address(&form.url),
            Self::Put(put) => address(&put.url),
        }
    }

    /// Whether a signed URL is over at this time, by what it says itself: `X-Amz-Date` and `X-Amz-Expires` (SigV4), or `Expires`
    /// (SigV2). `false` where it does not say. Of a form S3 says so in words.
    pub(super) fn is_over(&self, at: jiff::Timestamp) -> bool {
        let Self::Put(put) = self else { return false };
        let number = |name| query_value(&put.url, name).and_then(|value| value.parse::<i64>().ok());
        let end = match (query_value(&put.url, "x-amz-date"), number("x-amz-expires")) {
            (Some(date), Some(lasts)) => amz_date(&date).map(|date| date.as_second().saturating_add(lasts)),
            _ => number("expires"),
        };
        end.is_some_and(|end| at.as_second() > end)
    }

    /// S3 echoes what was signed in some errors: the same text without it.
    pub(super) fn without_secrets(&self, body: Vec<u8>) -> Vec<u8> {
        if body.is_empty() {
            return body;
        }
        let mut text = String::from_utf8_lossy(&body).into_owned();
        let mut hide = |name: &str, value: &str| {
            if value.len() >= 8 && SECRET.contains(&name.to_ascii_lowercase().as_str()) && text.contains(value) {
                text = text.replace(value, "…");
            }
        };
        match self {
            Self::Post(form) => form.fields.0.iter().for_each(|(name, value)| hide(name, value)),
            Self::Put(put) => {
                if let Ok(url) = Url::parse(&put.url) {
                    url.query_pairs().for_each(|(name, value)| hide(&name, &value));
                    // As it stands in the address.
                    let raw = url.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
                    raw.for_each(|(name, value)| hide(name, value));
                }
            }
        }
        text.into_bytes()
    }
}

/// The headers of a PUT: the backend's as they are, and the file's type where the signature leaves it to us.
pub(super) fn put_headers(put: &PresignedPut, file: &Outgoing) -> Result<HeaderMap, Cause> {
    let mut headers = HeaderMap::new();
    for (name, value) in &put.headers.0 {
        let bad = || bad(format!("the signed PUT has a header that can't be sent: {}", super::quote::quote(name, 60)));
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| bad())?;
        // These follow from the address and the file, or are the connection's own.
        match name.as_str() {
            "host" => continue,
            "content-length" if value.trim() == file.size.to_string() => continue,
            "content-length" | "transfer-encoding" | "connection" | "expect" | "te" | "trailer" | "upgrade"
            | "authorization" | "cookie" => return Err(bad()),
            _ => {}
        }
        // The backend can leave the checksum to us where its signature does not name the value.
        let value = if name == "x-amz-checksum-sha256" && value.is_empty() {
            file.digests.sha256_base64()
        } else {
            value.clone()
        };
        let mut value = HeaderValue::from_bytes(value.trim().as_bytes()).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    // SigV2 signs the type also where there is none: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html
    if !headers.contains_key(CONTENT_TYPE)
        && is_sigv4(&put.url)
        && super::form::is_media_type(&file.content_type)
        && let Ok(value) = HeaderValue::from_str(&file.content_type)
    {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(file.size));
    Ok(headers)
}

/// `20240501T102030Z`.
fn amz_date(text: &str) -> Option<jiff::Timestamp> {
    let date = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(date).ok()
}

fn is_sigv4(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case("x-amz-algorithm")))
}

fn bad(message: impl Into<String>) -> Cause {
    Cause::new(Code::BadForm, message).hint(HINT)
}

/// A value of a PUT's query, whatever the case of its name.
pub fn query_value(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    url.query_pairs().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::checksum::Digests;
    use offload_protocol::wire::Fields;

    fn put(url: &str, headers: &[(&str, &str)]) -> PresignedPut {
        let headers = Fields(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        PresignedPut { url: url.to_owned(), headers, key: "k".to_owned(), expires_in: 60 }
    }

    fn file(content_type: &str) -> Outgoing {
        Outgoing {
            path: "unused".into(),
            filename: "x.jpg".into(),
            size: 3,
            content_type: content_type.to_owned(),
            digests: Digests { sha256: [7; 32], crc: 0, bytes: 3 },
        }
    }

    const V4: &str = "https://s3.example/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0123456789abcdef";
    const V2: &str = "https://s3.example/b/k?AWSAccessKeyId=AKIAEXAMPLE&Expires=1&Signature=abcdefgh";

    fn sent(url: &str, headers: &[(&str, &str)], content_type: &str) -> Vec<(String, String)> {
        let mut sent: Vec<_> = put_headers(&put(url, headers), &file(content_type))
            .unwrap()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        sent.sort();
        sent
    }

    #[test]
    fn headers_are_the_backends_and_the_type_is_ours_where_it_is_left_to_us() {
        let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let length = own("content-length", "3");
        let jpeg = own("content-type", "image/jpeg");
        let jpeg_only = [length.clone(), jpeg.clone()];
        assert_eq!(sent(V4, &[], "image/jpeg"), jpeg_only);
        assert_eq!(
            sent(V4, &[("Content-Type", "image/jpeg")], "image/png"),
            jpeg_only,
            "the backend's goes before ours"
        );
        let nothing = std::slice::from_ref(&length);
        assert_eq!(sent(V4, &[], "no type"), nothing);
        assert_eq!(sent(V4, &[("Host", "s3.example"), ("content-length", "3")], ""), nothing);
        assert_eq!(sent(V2, &[], "image/jpeg"), nothing, "SigV2 signs the type");
        assert_eq!(sent(V4, &[("x-amz-meta-who", "kim")], ""), [length, own("x-amz-meta-who", "kim")]);
        let checksum = sent(V4, &[("x-amz-checksum-sha256", "")], "");
        assert!(checksum.contains(&own("x-amz-checksum-sha256", &file("").digests.sha256_base64())));
    }

    #[test]
    fn headers_that_are_not_the_backends_to_set_are_refused() {
        for (name, value) in [
            ("Authorization", "x"),
            ("content-length", "4"),
            ("Transfer-Encoding", "chunked"),
            ("Cookie", "a"),
            ("a b", "x"),
            ("", "x"),
            ("x-amz-meta-a", "line\nbreak"),
        ] {
            let cause = put_headers(&put(V4, &[(name, value)]), &file("")).unwrap_err();
            assert_eq!(cause.code, Code::BadForm, "{name}");
        }
    }

    #[test]
    fn a_url_says_itself_when_it_is_over() {
        let url = |query: &str| Signed::Put(put(&format!("https://s3.example/b/k?{query}"), &[]));
        let v4 = url("X-Amz-Date=20240501T102030Z&X-Amz-Expires=60");
        let v2 = url("AWSAccessKeyId=AKIA&Expires=1714558890&Signature=x");
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        for signed in [&v4, &v2] {
            assert!(!signed.is_over(at("2024-05-01T10:21:30Z")), "{signed:?}");
            assert!(signed.is_over(at("2024-05-01T10:21:31Z")), "{signed:?}");
        }
        for silent in
            ["", "X-Amz-Date=20240501T102030Z", "X-Amz-Date=soon&X-Amz-Expires=60", "X-Amz-Expires=9223372036854775807"]
        {
            assert!(!url(silent).is_over(at("2124-05-01T10:21:30Z")), "{silent}");
        }
    }

    #[test]
    fn what_was_signed_is_taken_out_of_what_s3_says() {
        let put = Signed::Put(put(
            "https://s3.example/b/k?X-Amz-Credential=AKIA%2F20240501%2Fx&X-Amz-Signature=0123456789abcdef&X-Amz-Date=20240501T102030Z",
            &[],
        ));
        let said = put
            .without_secrets(b"<a>0123456789abcdef AKIA/20240501/x AKIA%2F20240501%2Fx 20240501T102030Z</a>".to_vec());
        assert_eq!(String::from_utf8(said).unwrap(), "<a>… … … 20240501T102030Z</a>");
    }
}
