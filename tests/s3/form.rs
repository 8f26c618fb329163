//! A form to be sent, with everything a backend may do wrong.

use crate::case::Desk;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use offload_engine::transfer::signed::Signed;
use offload_protocol::wire::{Fields, PresignedPost};
use offload_sandbox::{Signer, amz_date, policy_date};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

/// Fields and conditions, to be signed. `new` makes a good one.
#[derive(Debug)]
pub(crate) struct Form {
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    length: [usize; 2],
    ascii: bool,
    /// Seconds from now.
    expires: i64,
    /// Replaces this field's value after the signing.
    altered: Option<(&'static str, String)>,
    signer: Signer,
    bucket: String,
}

impl Form {
    pub(crate) fn new(desk: &Desk) -> Self {
        Self::with_key(desk, &desk.key())
    }

    pub(crate) fn with_key(desk: &Desk, key: &str) -> Self {
        let mut form = Self {
            fields: Vec::new(),
            conditions: Vec::new(),
            length: [desk.size, desk.size],
            ascii: false,
            expires: 600,
            altered: None,
            signer: desk.signer.clone(),
            bucket: desk.bucket.to_owned(),
        };
        form = form.field("key", key);
        form.field("Content-Type", "image/jpeg").field("success_action_status", "201")
    }

    /// A field and its condition.
    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.condition(json!({ name: value })).extra(name, value)
    }

    /// A field without a condition.
    pub(crate) fn extra(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A condition without a field.
    pub(crate) fn condition(mut self, condition: Value) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Neither field nor condition.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(field, _)| field != name);
        self.conditions.retain(|condition| condition.get(name).is_none());
        self
    }

    pub(crate) fn length(mut self, smallest: usize, largest: usize) -> Self {
        self.length = [smallest, largest];
        self
    }

    /// Writes the policy's JSON as Python does by itself: in ASCII, with `\u` escapes.
    pub(crate) fn ascii(mut self) -> Self {
        self.ascii = true;
        self
    }

    pub(crate) fn expires(mut self, seconds: i64) -> Self {
        self.expires = seconds;
        self
    }

    pub(crate) fn access_key(mut self, access_key: &str) -> Self {
        access_key.clone_into(&mut self.signer.access_key);
        self
    }

    pub(crate) fn bucket(mut self, bucket: &str) -> Self {
        bucket.clone_into(&mut self.bucket);
        self
    }

    /// Gives a field another value after the signing.
    pub(crate) fn altered(mut self, name: &'static str, value: &str) -> Self {
        self.altered = Some((name, value.to_owned()));
        self
    }

    /// SigV4: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>
    pub(crate) fn sign(mut self, desk: &Desk) -> Signed {
        let date = amz_date(Timestamp::now());
        let credential = self.signer.credential(&date[..8]);
        self = self.field("x-amz-algorithm", "AWS4-HMAC-SHA256").field("x-amz-credential", &credential);
        self = self.field("x-amz-date", &date);
        let policy = self.policy();
        let signature = self.signer.sign(&date[..8], &policy);
        self.extra("policy", &policy).extra("x-amz-signature", &signature).done(desk)
    }

    /// SigV2: <https://docs.aws.amazon.com/AmazonS3/latest/API/UsingHTTPPOST.html>
    pub(crate) fn sign_v2(self, desk: &Desk) -> Signed {
        let policy = self.policy();
        let signature = STANDARD.encode(hmac_sha1(self.signer.secret_key.as_bytes(), policy.as_bytes()));
        let access_key = self.signer.access_key.clone();
        self.extra("AWSAccessKeyId", &access_key).extra("policy", &policy).extra("signature", &signature).done(desk)
    }

    fn policy(&self) -> String {
        let mut conditions = self.conditions.clone();
        conditions.push(json!({ "bucket": self.bucket }));
        conditions.push(json!(["content-length-range", self.length[0], self.length[1]]));
        let expires = Timestamp::now() + SignedDuration::from_secs(self.expires);
        let policy = json!({ "expiration": policy_date(expires), "conditions": conditions }).to_string();
        STANDARD.encode(if self.ascii { in_ascii(&policy) } else { policy })
    }

    fn done(mut self, desk: &Desk) -> Signed {
        if let Some((name, value)) = self.altered {
            self.fields.iter_mut().find(|(field, _)| field == name).unwrap().1 = value;
        }
        let key = self.fields.iter().find(|(field, _)| field == "key").unwrap().1.clone();
        let url = format!("http://{}/{}", desk.address, self.bucket);
        Signed::Post(PresignedPost { url, fields: Fields(self.fields), key, expires_in: 600 })
    }
}

fn in_ascii(json: &str) -> String {
    let units = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    json.chars().map(|c| if c.is_ascii() { c.to_string() } else { units(c) }).collect()
}

/// RFC 2104, for a key of at most 64 bytes.
fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha1::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha1::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

/// RFC 2202, test case 2.
#[test]
fn hmac_is_the_documented_one() {
    let digest = hmac_sha1(b"Jefe", b"what do ya want for nothing?");
    assert_eq!(hex::encode(digest), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}
