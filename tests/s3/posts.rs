//! Cases of presigned POSTs. What AWS answers: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>; its words are those of recorded answers.

use crate::case::{Case, Documented, FileKind, Object, PHOTO, Verdict};
use crate::form::Form;
use offload_engine::cause::Code;
use offload_tests::s3_servers::tap::Twist;
use serde_json::json;

/// SHA-256 of nothing, base64.
pub(crate) const OTHER_SHA256: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
pub(crate) const BAD_DIGEST: Documented = Documented::refused(
    400,
    "BadDigest",
    "The SHA256 you specified did not match the calculated checksum.",
    Code::BadDigest,
);
pub(crate) const BAD_SIGNATURE: Documented = Documented::refused(
    403,
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    Code::SignatureMismatch,
);
pub(crate) const UNKNOWN_KEY: Documented = Documented::refused(
    403,
    "InvalidAccessKeyId",
    "The AWS Access Key Id you provided does not exist in our records.",
    Code::AccessKeyUnknown,
);
/// The bytes came otherwise than they were sent, and nobody told S3 what they should be.
pub(crate) const ALTERED: Verdict = Verdict::Because(Code::StoredOther);
pub(crate) const DROPPED: Documented =
    Documented { status: None, code: "", message: "", offload: Verdict::Because(Code::Dropped), object: Object::None };
/// Well inside the file, behind any head.
pub(crate) const IN_THE_FILE: u64 = 60_000;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = successes();
    cases.extend(policies());
    cases.extend(signatures());
    cases.extend(bytes());
    cases
}

fn successes() -> Vec<Case> {
    let photo = |name, sign, aws| Case { name, file: PHOTO, twist: Twist::Nothing, sign, aws };
    let (created, no_content) = (Documented::stored(201), Documented::stored(204));
    let file = |name, size| FileKind { name, size };
    vec![
        photo("POST, `success_action_status` 201", |desk| Form::new(desk).sign(desk), created),
        photo(
            "POST without `success_action_status`",
            |desk| Form::new(desk).without("success_action_status").sign(desk),
            no_content,
        ),
        Case {
            file: file("empty.jpg", 0),
            ..photo("POST of an empty file", |desk| Form::new(desk).sign(desk), created)
        },
        Case { file: file("a.mov", 6_000_000), ..photo("POST of 6 MB", |desk| Form::new(desk).sign(desk), created) },
        Case {
            file: file("\"a\"; name=\"policy\"; 봄 나들이 📷.jpg", 5000),
            ..photo("POST, file name with quotes, semicolons and Hangul", |desk| Form::new(desk).sign(desk), created)
        },
        photo(
            "POST, key in Hangul with an emoji",
            |desk| Form::with_key(desk, &format!("{}서울 봄 나들이 📷.jpg", desk.folder)).sign(desk),
            created,
        ),
        photo(
            "POST, key in Hangul, policy in ASCII with `\\u` escapes",
            |desk| Form::with_key(desk, &format!("{}서울 봄 나들이 📷.jpg", desk.folder)).ascii().sign(desk),
            created,
        ),
        photo(
            "POST with `x-amz-meta-*`",
            |desk| Form::new(desk).field("x-amz-meta-camera", "NIKON Z 8, \"second\" body").sign(desk),
            created,
        ),
        photo(
            "POST with `x-amz-meta-*` in Hangul",
            |desk| Form::new(desk).field("x-amz-meta-album", "봄 나들이 📷").sign(desk),
            created,
        ),
        photo(
            "POST with the right `x-amz-checksum-sha256`",
            |desk| {
                let form = Form::new(desk).field("x-amz-checksum-algorithm", "SHA256");
                form.field("x-amz-checksum-sha256", &desk.sha256).sign(desk)
            },
            created,
        ),
    ]
}

fn policies() -> Vec<Case> {
    let case = |name, sign, aws| Case { name, file: PHOTO, twist: Twist::Nothing, sign, aws };
    let denied = |message, offload| Documented::refused(403, "AccessDenied", message, offload);
    vec![
        case(
            "POST, policy expired",
            |desk| Form::new(desk).expires(-60).sign(desk),
            denied("Invalid according to Policy: Policy expired.", Code::PolicyExpired),
        ),
        case(
            "POST, file too large",
            |desk| Form::new(desk).length(0, 99_999).sign(desk),
            Documented::refused(
                400,
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
                Code::PolicyTooLarge,
            ),
        ),
        case(
            "POST, file too small",
            |desk| Form::new(desk).length(100_001, 200_000).sign(desk),
            Documented::refused(
                400,
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                Code::PolicyTooSmall,
            ),
        ),
        case(
            "POST, key not allowed",
            |desk| Form::new(desk).condition(json!(["starts-with", "$key", "kim/"])).sign(desk),
            denied(
                "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$key\", \"kim/\"]",
                Code::PolicyCondition,
            ),
        ),
        case(
            "POST, content type not allowed",
            |desk| Form::new(desk).condition(json!(["starts-with", "$Content-Type", "video/"])).sign(desk),
            denied(
                "Invalid according to Policy: Policy Condition failed: [\"starts-with\", \"$Content-Type\", \"video/\"]",
                Code::PolicyCondition,
            ),
        ),
        case(
            "POST, condition without its field",
            |desk| Form::new(desk).condition(json!({ "x-amz-meta-album": "spring" })).sign(desk),
            denied(
                "Invalid according to Policy: Policy Condition failed: [\"eq\", \"$x-amz-meta-album\", \"spring\"]",
                Code::PolicyCondition,
            ),
        ),
        case(
            "POST, field without its condition",
            |desk| Form::new(desk).extra("x-amz-meta-album", "spring").sign(desk),
            denied("Invalid according to Policy: Extra input fields: x-amz-meta-album", Code::PolicyExtraField),
        ),
        case(
            "POST into a bucket that is not there",
            |desk| Form::new(desk).bucket("no-such-bucket").sign(desk),
            Documented::refused(404, "NoSuchBucket", "The specified bucket does not exist", Code::NoSuchBucket),
        ),
    ]
}

fn signatures() -> Vec<Case> {
    let case = |name, sign, aws| Case { name, file: PHOTO, twist: Twist::Nothing, sign, aws };
    vec![
        case(
            "POST, wrong signature",
            |desk| Form::new(desk).altered("x-amz-signature", &"0123456789abcdef".repeat(4)).sign(desk),
            BAD_SIGNATURE,
        ),
        case(
            "POST, unknown access key",
            |desk| Form::new(desk).access_key("AKIAUNKNOWN000000000").sign(desk),
            UNKNOWN_KEY,
        ),
        case(
            "POST, signed with SigV2",
            |desk| Form::new(desk).sign_v2(desk),
            Documented::refused(
                400,
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
                Code::SignatureVersion,
            ),
        ),
    ]
}

fn bytes() -> Vec<Case> {
    let case = |name, twist, sign, aws| Case { name, file: PHOTO, twist, sign, aws };
    let altered = Documented { offload: ALTERED, object: Object::Other, ..Documented::stored(201) };
    vec![
        case(
            "POST with a wrong `x-amz-checksum-sha256`",
            Twist::Nothing,
            |desk| {
                let form = Form::new(desk).field("x-amz-checksum-algorithm", "SHA256");
                form.field("x-amz-checksum-sha256", OTHER_SHA256).sign(desk)
            },
            BAD_DIGEST,
        ),
        case(
            "POST with `x-amz-checksum-sha256`, a byte altered on the way",
            Twist::Flip(IN_THE_FILE),
            |desk| {
                let form = Form::new(desk).field("x-amz-checksum-algorithm", "SHA256");
                form.field("x-amz-checksum-sha256", &desk.sha256).sign(desk)
            },
            BAD_DIGEST,
        ),
        case(
            "POST without a checksum, a byte altered on the way",
            Twist::Flip(IN_THE_FILE),
            |desk| Form::new(desk).sign(desk),
            altered,
        ),
        case("POST, connection cut in the file", Twist::Cut(IN_THE_FILE), |desk| Form::new(desk).sign(desk), DROPPED),
    ]
}
