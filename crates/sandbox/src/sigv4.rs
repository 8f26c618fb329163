//! AWS Signature Version 4: for POST policies, for presigned URLs, and for the HEAD that looks an object up.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use hmac::{Hmac, Mac};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Access key and secret, with the region they sign for. Prints neither secret nor session token.
#[derive(Clone)]
pub struct Signer {
    pub access_key: String,
    pub secret_key: String,
    pub session_token: Option<String>,
    pub region: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

/// `20240501T102030Z`.
pub fn amz_date(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// `2024-05-01T10:20:30.000Z`, as a policy's `expiration` has it.
pub fn policy_date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

impl Signer {
    /// `AKID/20240501/us-east-1/s3/aws4_request`; `day` is the first eight digits of the AMZ date.
    pub fn credential(&self, day: &str) -> String {
        format!("{}/{day}/{}/s3/aws4_request", self.access_key, self.region)
    }

    /// Signs a string (for a form: the policy in base64) with the key of that day; lower-case hex.
    pub fn sign(&self, day: &str, string_to_sign: &str) -> String {
        let key = hmac(format!("AWS4{}", self.secret_key).as_bytes(), day.as_bytes());
        let key = hmac(&key, self.region.as_bytes());
        let key = hmac(&key, b"s3");
        let key = hmac(&key, b"aws4_request");
        hex::encode(hmac(&key, string_to_sign.as_bytes()))
    }

    /// Headers (besides Host) of a signed request without a body or a query; `path` is already percent-encoded.
    pub fn headers(
        &self,
        method: &str,
        host: &str,
        path: &str,
        at: Timestamp,
        extra: &[(&str, &str)],
    ) -> Vec<(String, String)> {
        let date = amz_date(at);
        let day = &date[..8];
        let mut headers = vec![
            ("host".to_owned(), host.to_owned()),
            ("x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned()),
            ("x-amz-date".to_owned(), date.clone()),
        ];
        headers.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        if let Some(token) = &self.session_token {
            headers.push(("x-amz-security-token".to_owned(), token.clone()));
        }
        headers.sort();
        let signed = names(&headers);
        let signature = self.signature(method, path, "", &headers, &date);
        let authorization =
            format!("{ALGORITHM} Credential={}, SignedHeaders={signed}, Signature={signature}", self.credential(day),);
        headers.retain(|(name, _)| name != "host");
        headers.push(("authorization".to_owned(), authorization));
        headers
    }

    /// The query of a presigned URL, without `?`: good for `expires` seconds (1 to 604800) from `at`, and only with these
    /// headers (names in lower case; `host` comes by itself). `path` is already percent-encoded.
    pub fn query(
        &self,
        method: &str,
        host: &str,
        path: &str,
        at: Timestamp,
        expires: u64,
        headers: &[(&str, &str)],
    ) -> String {
        let date = amz_date(at);
        let mut signed = vec![("host".to_owned(), host.to_owned())];
        signed.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), value.trim().to_owned())));
        signed.sort();
        let expires = expires.to_string();
        let (credential, names) = (self.credential(&date[..8]), names(&signed));
        // In the order of their names, as the signature wants them.
        let mut query = vec![
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", &date),
            ("X-Amz-Expires", &expires),
        ];
        query.extend(self.session_token.as_deref().map(|token| ("X-Amz-Security-Token", token)));
        query.push(("X-Amz-SignedHeaders", &names));
        let query = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
        let signature = self.signature(method, path, &query, &signed, &date);
        format!("{query}&X-Amz-Signature={signature}")
    }

    /// Of a request whose payload is not signed; `headers` are sorted.
    fn signature(&self, method: &str, path: &str, query: &str, headers: &[(String, String)], date: &str) -> String {
        let day = &date[..8];
        let canonical: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let signed = names(headers);
        let request = format!("{method}\n{path}\n{query}\n{canonical}\n{signed}\nUNSIGNED-PAYLOAD");
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(request.as_bytes())));
        self.sign(day, &to_sign)
    }
}

fn names(headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
}

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Percent-encodes a key for a URL path, slashes kept, as SigV4 for S3 wants it (once, unreserved characters bare).
pub fn encode_key(key: &str) -> String {
    const KEPT: &AsciiSet = &RESERVED.remove(b'/');
    utf8_percent_encode(key, KEPT).to_string()
}

/// A value of a query.
fn encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Signer, encode_key};

    fn documented() -> Signer {
        Signer {
            access_key: "AKIAIOSFODNN7EXAMPLE".into(),
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into(),
            session_token: None,
            region: "us-east-1".into(),
        }
    }

    /// The example of the AWS documentation, "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)".
    #[test]
    fn signs_a_known_policy() {
        let policy = concat!(
            "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4",
            "YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9",
            "LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3Nm",
            "dWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1",
            "aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMt",
            "d2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEy",
            "MjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7Ingt",
            "YW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
        );
        assert_eq!(
            documented().sign("20151229", policy),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    /// The example of the AWS documentation, "Authenticating Requests: Using Query Parameters".
    #[test]
    fn signs_a_known_url() {
        let query = documented().query(
            "GET",
            "examplebucket.s3.amazonaws.com",
            "/test.txt",
            "2013-05-24T00:00:00Z".parse().unwrap(),
            86400,
            &[],
        );
        assert_eq!(
            query,
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn encodes_keys_as_s3_wants_them() {
        assert_eq!(encode_key("a b/봄~+.jpg"), "a%20b/%EB%B4%84~%2B.jpg");
    }
}
