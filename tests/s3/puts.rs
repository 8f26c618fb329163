//! Cases of presigned PUTs. What AWS answers: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>; its words are those of recorded answers.

use crate::case::{Case, Desk, Documented, FileKind, Object, PHOTO};
use crate::posts::{ALTERED, BAD_DIGEST, BAD_SIGNATURE, DROPPED, IN_THE_FILE, OTHER_SHA256, UNKNOWN_KEY};
use jiff::{SignedDuration, Timestamp};
use offload_engine::cause::Code;
use offload_engine::transfer::send::Proof;
use offload_engine::transfer::signed::Signed;
use offload_protocol::wire::{Fields, PresignedPut};
use offload_sandbox::encode_key;
use offload_tests::s3_servers::tap::Twist;

/// A URL to be signed, good for ten minutes from `age` seconds ago.
struct Put<'a> {
    desk: &'a Desk<'a>,
    key: String,
    bucket: &'a str,
    access_key: &'a str,
    headers: Vec<(&'static str, String)>,
    age: i64,
}

impl<'a> Put<'a> {
    fn new(desk: &'a Desk<'a>) -> Self {
        let headers = vec![("content-type", "image/jpeg".to_owned())];
        let (bucket, access_key) = (desk.bucket, desk.signer.access_key.as_str());
        Self { desk, key: desk.key(), bucket, access_key, headers, age: 0 }
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn checked(self) -> Self {
        let sha256 = self.desk.sha256.clone();
        self.header("x-amz-checksum-sha256", &sha256)
    }

    fn signed(self) -> PresignedPut {
        let mut signer = self.desk.signer.clone();
        self.access_key.clone_into(&mut signer.access_key);
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (host, path) = (self.desk.address.to_string(), format!("/{}/{}", self.bucket, encode_key(&self.key)));
        let at = Timestamp::now() - SignedDuration::from_secs(self.age);
        let query = signer.query("PUT", &host, &path, at, 600, &headers);
        let headers = Fields(self.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
        PresignedPut { url: format!("http://{host}{path}?{query}"), headers, key: self.key, expires_in: 600 }
    }

    fn sign(self) -> Signed {
        Signed::Put(self.signed())
    }
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = successes();
    cases.extend(refusals());
    cases.extend(bytes());
    cases
}

fn successes() -> Vec<Case> {
    let photo = |name, sign, aws| Case { name, file: PHOTO, twist: Twist::Nothing, sign, aws };
    let (by_etag, by_checksum) = (Documented::stored(200), Documented::stored_by(200, Proof::Sha256));
    let file = |name, size| FileKind { name, size };
    vec![
        photo("PUT", |desk| Put::new(desk).sign(), by_etag),
        photo("PUT with the right `x-amz-checksum-sha256`", |desk| Put::new(desk).checked().sign(), by_checksum),
        Case { file: file("empty.jpg", 0), ..photo("PUT of an empty file", |desk| Put::new(desk).sign(), by_etag) },
        Case { file: file("a.mov", 6_000_000), ..photo("PUT of 6 MB", |desk| Put::new(desk).sign(), by_etag) },
        photo(
            "PUT, key in Hangul with an emoji",
            |desk| Put { key: format!("{}서울 봄 나들이 📷.jpg", desk.folder), ..Put::new(desk) }.sign(),
            by_etag,
        ),
        photo(
            "PUT with `x-amz-meta-*`",
            |desk| Put::new(desk).header("x-amz-meta-camera", "NIKON Z 8, \"second\" body").sign(),
            by_etag,
        ),
    ]
}

fn refusals() -> Vec<Case> {
    let case = |name, sign, aws| Case { name, file: PHOTO, twist: Twist::Nothing, sign, aws };
    vec![
        case(
            "PUT, URL expired",
            |desk| Put { age: 3600, ..Put::new(desk) }.sign(),
            Documented::refused(403, "AccessDenied", "Request has expired", Code::PolicyExpired),
        ),
        case(
            "PUT with another Content-Type than was signed",
            |desk| {
                let mut put = Put::new(desk).signed();
                put.headers = Fields(vec![("content-type".to_owned(), "text/html".to_owned())]);
                Signed::Put(put)
            },
            BAD_SIGNATURE,
        ),
        case(
            "PUT, wrong signature",
            |desk| {
                let mut put = Put::new(desk).signed();
                let end = put.url.len() - 64;
                put.url.replace_range(end.., &"0123456789abcdef".repeat(4));
                Signed::Put(put)
            },
            BAD_SIGNATURE,
        ),
        case(
            "PUT, unknown access key",
            |desk| Put { access_key: "AKIAUNKNOWN000000000", ..Put::new(desk) }.sign(),
            UNKNOWN_KEY,
        ),
        case(
            "PUT into a bucket that is not there",
            |desk| Put { bucket: "no-such-bucket", ..Put::new(desk) }.sign(),
            Documented::refused(404, "NoSuchBucket", "The specified bucket does not exist", Code::NoSuchBucket),
        ),
    ]
}

fn bytes() -> Vec<Case> {
    let case = |name, twist, sign, aws| Case { name, file: PHOTO, twist, sign, aws };
    let altered = Documented { offload: ALTERED, object: Object::Other, ..Documented::stored(200) };
    vec![
        case(
            "PUT with a wrong `x-amz-checksum-sha256`",
            Twist::Nothing,
            |desk| Put::new(desk).header("x-amz-checksum-sha256", OTHER_SHA256).sign(),
            BAD_DIGEST,
        ),
        case(
            "PUT with `x-amz-checksum-sha256`, a byte altered on the way",
            Twist::Flip(IN_THE_FILE),
            |desk| Put::new(desk).checked().sign(),
            BAD_DIGEST,
        ),
        case(
            "PUT without a checksum, a byte altered on the way",
            Twist::Flip(IN_THE_FILE),
            |desk| Put::new(desk).sign(),
            altered,
        ),
        case("PUT, connection cut in the file", Twist::Cut(IN_THE_FILE), |desk| Put::new(desk).sign(), DROPPED),
    ]
}
