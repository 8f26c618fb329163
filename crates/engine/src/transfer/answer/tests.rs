use super::*;

fn error(code: &str, message: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
         <RequestId>4442587FB7D0A2F9</RequestId><HostId>Ux4Yd/KsPsgG+=</HostId></Error>"
    )
}

fn cause(status: u16, body: &str) -> Cause {
    match meaning(status, &AnswerHeaders::default(), body.as_bytes()) {
        Answer::Cause(cause) => cause,
        other => panic!("{status} {body}: {other:?}"),
    }
}

/// (status, code, message, what it means): AWS where the message is AWS's, else the server named beside it.
#[rustfmt::skip]
const ERRORS: &[(u16, &str, &str, Code)] = &[
    // Try again.
    (500, "InternalError", "We encountered an internal error. Please try again.", Code::S3Internal),
    (503, "SlowDown", "Please reduce your request rate.", Code::S3SlowDown),
    (503, "ServiceUnavailable", "Service is unable to handle request.", Code::S3SlowDown),
    (429, "TooManyRequests", "", Code::S3SlowDown),
    (400, "RequestTimeout", "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.", Code::S3Timeout),
    (400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.", Code::Dropped),
    (409, "OperationAborted", "A conflicting conditional operation is currently in progress against this resource.", Code::S3Internal),
    (507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold.", Code::S3Internal),
    // A new form.
    (403, "AccessDenied", "Invalid according to Policy: Policy expired.", Code::PolicyExpired),
    (403, "AccessDenied", "Request has expired", Code::PolicyExpired), // s3s
    (403, "AccessDenied", "Policy expired", Code::PolicyExpired), // RGW
    (400, "InvalidRequest", "Bad request: Expiration date is in the paste", Code::PolicyExpired), // Garage
    (400, "ExpiredToken", "The provided token has expired.", Code::CredentialsExpired),
    (400, "TokenRefreshRequired", "The provided token must be refreshed.", Code::CredentialsExpired),
    (403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", Code::ClockSkewed),
    (403, "RequestTimeTooSkewed", "request time is too far from server time", Code::ClockSkewed), // s3s
    // The policy.
    (400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", Code::PolicyTooLarge),
    (400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", Code::PolicyTooSmall),
    (403, "AccessDenied", "Invalid according to Policy: Policy Condition failed: [&quot;starts-with&quot;, &quot;$key&quot;, &quot;user/eric/&quot;]", Code::PolicyCondition),
    (403, "AccessDenied", "Invalid according to Policy: Policy Condition failed: [&quot;eq&quot;, &quot;$key&quot;, &quot;a/policy expired.jpg&quot;]", Code::PolicyCondition),
    (400, "InvalidPolicyDocument", "Policy condition 'eq' for field 'key' failed: expected 'a', got 'b'", Code::PolicyCondition), // s3s
    (400, "InvalidPolicyDocument", "Policy condition 'starts-with' for field 'content-type' failed: expected prefix 'image/', got ''", Code::PolicyCondition), // s3s
    (403, "AccessDenied", "Policy check failed", Code::PolicyCondition), // RGW
    (400, "InvalidRequest", "Bad request: Key 'key' has value not allowed in policy", Code::PolicyCondition), // Garage
    (400, "InvalidRequest", "Bad request: File size does not match policy", Code::PolicyCondition), // Garage
    (403, "AccessDenied", "Invalid according to Policy: Extra input fields: x-amz-meta-tag", Code::PolicyExtraField),
    (403, "AccessDenied", "Each form field that you specify in a form must appear in the list of policy conditions. &quot;utf8&quot; not specified in the policy.", Code::PolicyExtraField), // AWS, s3s
    (400, "InvalidRequest", "Bad request: Key 'utf8' is not allowed in policy", Code::PolicyExtraField), // Garage
    (400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.", Code::PolicyInvalid),
    (400, "InvalidPolicyDocument", "failed to parse POST policy", Code::PolicyInvalid), // s3s
    (400, "InvalidRequest", "Bad request: Invalid policy", Code::PolicyInvalid), // Garage
    // The bytes.
    (400, "InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid.", Code::BadDigest), // AWS of a malformed one, LocalStack of a wrong one
    // The signature.
    (403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.", Code::SignatureMismatch),
    (403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", Code::AccessKeyUnknown),
    (403, "NotSignedUp", "Your account is not signed up for the Amazon S3 service.", Code::AccessKeyUnknown), // s3s
    (400, "InvalidToken", "The provided token is malformed or otherwise not valid.", Code::AccessKeyUnknown),
    (400, "InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", Code::SignatureVersion),
    (501, "NotImplemented", "x-amz-algorithm other than AWS4-HMAC-SHA256 is not implemented", Code::SignatureVersion), // s3s
    (400, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified", Code::SignatureVersion),
    (400, "InvalidArgument", "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.", Code::SignatureVersion),
    (400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'", Code::WrongRegion),
    (400, "AuthorizationHeaderMalformed", "Authorization header malformed, unexpected scope: 20240501/us-east-1/s3", Code::WrongRegion), // Garage
    (400, "AuthorizationQueryParametersError", "X-Amz-Credential should be scoped to a valid day", Code::WrongRegion),
    (400, "IllegalLocationConstraintException", "The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to.", Code::WrongRegion),
    // The bucket and its rights.
    (403, "AccessDenied", "Access Denied", Code::S3Denied),
    (403, "AccessDenied", "", Code::S3Denied), // RGW on a bad signature
    (403, "AllAccessDisabled", "All access to this object has been disabled.", Code::S3Denied),
    (404, "NoSuchBucket", "The specified bucket does not exist", Code::NoSuchBucket),
    (405, "MethodNotAllowed", "The specified method is not allowed against this resource.", Code::S3Refused),
    (403, "QuotaExceeded", "", Code::S3Refused), // RGW
    // The form.
    (400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.", Code::BadForm),
    (400, "RequestIsNotMultiPartContent", "Bucket POST must be of the enclosure-type multipart/form-data.", Code::BadForm),
    (400, "UserKeyMustBeSpecified", "The bucket POST must contain the specified field name.", Code::BadForm),
    (400, "MaxPostPreDataLengthExceededError", "Your POST request fields preceding the upload file were too large.", Code::BadForm),
    (400, "KeyTooLongError", "Your key is too long", Code::BadForm),
    (400, "InvalidArgument", "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.", Code::S3Refused),
    (400, "InvalidRequest", "missing boundary", Code::S3Refused), // s3s
    (411, "MissingContentLength", "You must provide the Content-Length HTTP header.", Code::S3Refused),
    (412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", Code::S3Refused),
    (400, "KMS.DisabledException", "The request was rejected because the specified KMS key is not enabled.", Code::S3Refused),
    (501, "NotImplemented", "A header you provided implies functionality that is not implemented", Code::S3Refused),
    // The bytes.
    (400, "BadDigest", "The Content-MD5 you specified did not match what we received.", Code::BadDigest),
    (400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.", Code::BadDigest),
    (400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.", Code::BadDigest),
    // Codes that no table knows: the status decides.
    (400, "SomethingNew", "You did something new.", Code::S3Refused),
    (500, "SomethingNew", "", Code::S3Internal),
    (503, "SomethingNew", "", Code::S3SlowDown),
    (418, "Teapot", "", Code::S3Refused),
];

#[test]
fn every_error_of_s3_has_its_meaning() {
    for (status, code, message, wanted) in ERRORS {
        let cause = cause(*status, &error(code, message));
        assert_eq!(cause.code, *wanted, "{status} {code}: {message}");
        assert!(cause.message.contains(&status.to_string()) && cause.message.contains(code), "{}", cause.message);
        assert!(
            cause.message.starts_with(|c: char| c.is_lowercase() || cause.message.starts_with("S3")),
            "{}",
            cause.message
        );
        assert!(!cause.message.ends_with('.') && !cause.message.contains(['\n', '\r']), "{}", cause.message);
        assert!(cause.message.chars().count() < 400);
    }
}

#[test]
fn permanent_causes_tell_the_owner_what_to_mend() {
    for (status, code, message, _) in ERRORS {
        let cause = cause(*status, &error(code, message));
        if cause.retry() == crate::cause::Retry::Never {
            assert!(cause.hint.is_some(), "{status} {code}: {message}");
        }
    }
    let hint = |code: &str, message: &str| cause(400, &error(code, message)).hint.unwrap();
    assert!(
        hint("InvalidRequest", "The authorization mechanism you have provided is not supported.")
            .contains("signature_version=\"s3v4\"")
    );
    assert!(hint("AccessDenied", "Invalid according to Policy: Extra input fields: utf8").contains("\"utf8\""));
    assert!(
        hint("InvalidPolicyDocument", "Policy condition 'eq' for field 'acl' failed: expected 'a', got 'b'")
            .contains("\"acl\"")
    );
    assert!(
        hint("AuthorizationHeaderMalformed", "the region 'a' is wrong; expecting 'b'").contains("addressing_style")
    );
}

#[test]
fn bodies_that_say_nothing_leave_it_to_the_status() {
    let html = "<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>";
    let long = format!("<Error><Note>{}", "x".repeat(BODY_PREFIX));
    for body in ["", " ", html, "<Error>", "<Error><Cod", "Bad Request", "{\"error\":1}", "\u{0}\u{1}", long.as_str()] {
        for (status, wanted) in [
            (400, Code::S3Refused),
            (401, Code::S3Denied),
            (403, Code::S3Denied),
            (404, Code::NoSuchBucket),
            (405, Code::S3Refused),
            (407, Code::Unreachable),
            (408, Code::S3Timeout),
            (411, Code::S3Refused),
            (413, Code::PolicyTooLarge),
            (422, Code::S3Refused),
            (429, Code::S3SlowDown),
            (500, Code::S3Internal),
            (501, Code::S3Refused),
            (502, Code::S3Internal),
            (503, Code::S3SlowDown),
            (504, Code::S3Internal),
            (511, Code::Unreachable),
            (206, Code::S3Unknown),
            (302, Code::WrongRegion),
            (700, Code::S3Unknown),
        ] {
            assert_eq!(cause(status, body).code, wanted, "{status} {body:.40}");
        }
    }
    assert!(cause(500, "Internal error: quorum not reached").message.contains("quorum not reached"));
    assert!(cause(502, html).message.contains("web page"));
}

#[test]
fn nothing_secret_is_quoted() {
    let body = "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match</Message>\
        <AWSAccessKeyId>AKIAIOSFODNN7EXAMPLE</AWSAccessKeyId><StringToSign>MARKER-POLICY</StringToSign>\
        <SignatureProvided>MARKER-SIGNATURE</SignatureProvided><StringToSignBytes>65 79</StringToSignBytes>\
        <CanonicalRequest>MARKER-CANONICAL</CanonicalRequest><RequestId>r</RequestId></Error>";
    let shown = format!("{:?}", cause(403, body));
    assert!(!shown.contains("MARKER") && !shown.contains("AKIA"), "{shown}");
    let token = "FwoGZXIvYXdzEBYaDKd9vZTzQ2".repeat(6);
    let condition = format!(
        "Invalid according to Policy: Policy Condition failed: [&quot;eq&quot;, &quot;$x-amz-security-token&quot;, &quot;{token}&quot;]"
    );
    let shown = format!("{:?}", cause(403, &error("AccessDenied", &condition)));
    assert!(!shown.contains("FwoGZXIv") && shown.contains("x-amz-security-token"), "{shown}");
}

#[test]
fn all_kinds_of_success_are_success() {
    let plain = AnswerHeaders { etag: Some("\"d41d8cd98f00b204e9800998ecf8427e\"".into()), ..AnswerHeaders::default() };
    let redirect = |location: &str| AnswerHeaders { location: Some(location.into()), ..AnswerHeaders::default() };
    let xml = "<?xml version=\"1.0\"?><PostResponse><Location>http://b/k</Location><Bucket>b</Bucket><Key>k</Key>\
        <ETag>&quot;900150983cd24fb0d6963f7d28e17f72&quot;</ETag></PostResponse>";
    let md5 = Some("d41d8cd98f00b204e9800998ecf8427e");
    let cases = [
        (204, &plain, "", md5),
        (200, &plain, "", md5),
        (201, &plain, xml, md5),
        (201, &AnswerHeaders::default(), xml, Some("900150983cd24fb0d6963f7d28e17f72")),
        (204, &AnswerHeaders::default(), "", None),
        (204, &AnswerHeaders { etag: Some("\"\"".into()), ..AnswerHeaders::default() }, "", None),
        (200, &AnswerHeaders { etag: Some("W/\"abc-2\"".into()), ..AnswerHeaders::default() }, "", Some("abc-2")),
        (303, &redirect("https://app.example/done?bucket=b&key=k&etag=%22abc%22#top"), "", Some("abc")),
    ];
    for (status, headers, body, wanted) in cases {
        match meaning(status, headers, body.as_bytes()) {
            Answer::Stored { etag, .. } => assert_eq!(etag.as_deref(), wanted, "{status} {headers:?}"),
            other => panic!("{status} {headers:?}: {other:?}"),
        }
    }
}

#[test]
fn a_page_or_an_error_under_200_is_no_success() {
    assert_eq!(cause(200, "<!DOCTYPE html><html>Welcome to Hotel WLAN</html>").code, Code::S3Unknown);
    assert_eq!(cause(200, "{\"ok\":true}").code, Code::S3Unknown);
    assert_eq!(cause(200, &error("InternalError", "We encountered an internal error.")).code, Code::S3Internal);
    let etag = AnswerHeaders { etag: Some("\"x\"".into()), ..AnswerHeaders::default() };
    let portal = meaning(200, &etag, b"<html></html>");
    assert!(matches!(portal, Answer::Cause(ref cause) if cause.code == Code::S3Unknown), "{portal:?}");
    let login = AnswerHeaders { location: Some("https://login.example/?next=1".into()), ..AnswerHeaders::default() };
    for status in [301, 302, 303, 308] {
        assert!(
            matches!(meaning(status, &login, b""), Answer::Cause(ref cause) if cause.code == Code::WrongRegion),
            "{status}"
        );
    }
}

#[test]
fn redirects_lead_on_or_name_the_place() {
    let to = |location: &str| AnswerHeaders { location: Some(location.into()), ..AnswerHeaders::default() };
    assert_eq!(
        meaning(307, &to("https://b.s3-eu.amazonaws.com/"), b""),
        Answer::Redirect { location: "https://b.s3-eu.amazonaws.com/".into() }
    );
    assert_eq!(cause(307, "").code, Code::WrongRegion);
    let moved = "<Error><Code>PermanentRedirect</Code><Message>m</Message><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint></Error>";
    assert!(cause(301, moved).message.contains("b.s3.eu-west-1.amazonaws.com"));
    let region = AnswerHeaders { bucket_region: Some("ap-northeast-2".into()), ..AnswerHeaders::default() };
    let Answer::Cause(cause) = meaning(301, &region, moved.as_bytes()) else { panic!() };
    assert!(cause.message.contains("region ap-northeast-2") && cause.hint.unwrap().contains("endpoint_url"));
    let Answer::Cause(cause) = meaning(302, &to("https://x.example/a?token=MARKER"), b"") else { panic!() };
    assert!(cause.message.contains("https://x.example/a") && !cause.message.contains("MARKER"));
}

#[test]
fn headers_are_read_as_s3_sends_them() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("etag", "\"e\""),
        ("retry-after", "7"),
        ("x-amz-bucket-region", "eu-north-1"),
        ("x-amz-checksum-sha256", "c2hh"),
        ("date", "Wed, 01 May 2024 10:21:31 GMT"),
        ("x-amz-server-side-encryption", "aws:kms:dsse"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers.insert("location", http::HeaderValue::from_bytes(b"\xff").unwrap());
    let read = AnswerHeaders::of(&headers, jiff::Timestamp::UNIX_EPOCH);
    let wanted = AnswerHeaders {
        etag: Some("\"e\"".into()),
        location: None,
        retry_after_ms: Some(7_000),
        bucket_region: Some("eu-north-1".into()),
        checksum_sha256: Some("c2hh".into()),
        date: Some("2024-05-01T10:21:31Z".parse().unwrap()),
        late: false,
        encrypted_otherwise: true,
    };
    assert_eq!(read, wanted);
    headers.insert("x-amz-server-side-encryption", "AES256".parse().unwrap());
    assert!(!AnswerHeaders::of(&headers, jiff::Timestamp::UNIX_EPOCH).encrypted_otherwise);
    headers.insert("x-amz-server-side-encryption-customer-algorithm", "AES256".parse().unwrap());
    assert!(AnswerHeaders::of(&headers, jiff::Timestamp::UNIX_EPOCH).encrypted_otherwise);
    let Answer::Cause(busy) = meaning(503, &read, b"") else { panic!() };
    assert_eq!(busy.retry_after_ms, Some(7_000));
}

/// Ceph RGW 16.2 answers a PUT whose URL has expired like this, and nothing more.
#[test]
fn a_bare_denial_of_what_is_over_asks_for_a_new_signature() {
    let body = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><BucketName>photos</BucketName></Error>";
    let code =
        |status, late, body: &[u8]| match meaning(status, &AnswerHeaders { late, ..AnswerHeaders::default() }, body) {
            Answer::Cause(cause) => cause.code,
            other => panic!("{other:?}"),
        };
    assert_eq!(code(403, true, body), Code::PolicyExpired);
    assert_eq!(code(403, true, b""), Code::PolicyExpired);
    assert_eq!(code(403, false, body), Code::S3Denied);
    // What S3 does say comes before the clock.
    let mismatch = error("SignatureDoesNotMatch", "");
    assert_eq!(code(403, true, mismatch.as_bytes()), Code::SignatureMismatch);
}
