//! Backends whose forms or urls have one mistake.

use super::studio::{Table, Twist, at, form, upload};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The upload's fields.
fn fields(upload: &mut Value) -> &mut serde_json::Map<String, Value> {
    upload["fields"].as_object_mut().unwrap()
}

fn at_aws(url: &'static str, region: &'static str) -> Twist {
    form(move |form, _| {
        form.url = url.into();
        form.region = region.into();
    })
}

fn put(twist: Twist) -> Twist {
    Twist { puts: true, ..twist }
}

#[tokio::test]
async fn signatures() {
    let mut table = Table::default();
    table.bad(
        "SigV2",
        upload(|upload, _| {
            let fields = fields(upload);
            fields.retain(|name, _| !name.starts_with("x-amz-"));
            fields.insert("AWSAccessKeyId".into(), json!("AKIAIOSFODNN7EXAMPLE"));
            fields.insert("signature".into(), json!("c2lnbmF0dXJlCg=="));
        }),
        &["signature_v2"],
    );
    table.bad(
        "AWSAccessKeyId beside x-amz-*",
        upload(|upload, _| {
            fields(upload).insert("AWSAccessKeyId".into(), json!("AKIAIOSFODNN7EXAMPLE"));
        }),
        &["signature_mixed"],
    );
    for name in ["policy", "x-amz-signature", "x-amz-credential", "x-amz-date", "x-amz-algorithm", "key"] {
        table.bad(
            name,
            upload(move |upload, _| {
                fields(upload).remove(name);
            }),
            &["signature_missing"],
        );
    }
    table.bad(
        "a changed field",
        upload(|upload, _| {
            fields(upload)["x-amz-signature"] = json!("0".repeat(64));
        }),
        &["s3_signature_mismatch"],
    );
    table.bad(
        "a wrong secret",
        form(|form, _| form.secret_key = "of another account".into()),
        &["s3_signature_mismatch"],
    );
    table.bad("an unknown key", form(|form, _| form.access_key = "AKIAIOSFODNN7EXAMPLE".into()), &["s3_access_key"]);
    table.bad(
        "scope",
        upload(|upload, _| {
            let fields = fields(upload);
            fields["x-amz-credential"] = json!("AKIAIOSFODNN7EXAMPLE/20260501/us-east-1/aws4_request");
        }),
        &["credential_scope"],
    );
    table.check().await;
}

#[tokio::test]
async fn dates() {
    let mut table = Table::default();
    table.bad("local time", form(|form, _| form.date_off = 9 * 3600), &["amz_date"]);
    table.bad("the whole signer an hour behind", form(|form, _| form.ahead = -3600), &["amz_date"]);
    table.bad("expired", form(|form, _| form.lasts = -60), &["expired"]);
    table.bad(
        "half a minute",
        form(|form, _| {
            form.lasts = 30;
            form.expires_in = json!(30);
        }),
        &["expiry_too_short"],
    );
    table.bad("promises more", form(|form, _| form.expires_in = json!(3600)), &["expires_in_too_long"]);
    table.bad("milliseconds", form(|form, _| form.expires_in = json!(600_000)), &["expires_in_too_long"]);
    table.bad("an absolute time", form(|form, _| form.expires_in = json!(1_900_000_000)), &["expires_in_shape"]);
    table.bad(
        "no zone",
        form(|form, _| {
            let document = json!({ "expiration": "2030-01-01T00:00:00", "conditions": form.conditions });
            form.policy = Some(STANDARD.encode(document.to_string()));
        }),
        &["policy_expiration", "field_uncovered"],
    );
    table.check().await;
}

#[tokio::test]
async fn policies() {
    let mut table = Table::default();
    table.bad(
        "a field without a condition",
        form(|form, _| form.field("x-amz-meta-photographer", "kim")),
        &["field_uncovered"],
    );
    table.bad("a type without a condition", form(|form, _| form.drop_condition("Content-Type")), &["field_uncovered"]);
    table.bad(
        "a condition without a field",
        form(|form, _| form.conditions.push(json!({ "acl": "private" }))),
        &["condition_without_field"],
    );
    table.bad(
        "a value that fails",
        upload(|upload, _| {
            fields(upload)["success_action_status"] = json!("200");
        }),
        &["condition_failed"],
    );
    table.bad(
        "another bucket",
        form(|form, _| form.conditions[0] = json!({ "bucket": "other" })),
        &["bucket_mismatch"],
    );
    table.bad(
        "no bucket",
        form(|form, _| {
            form.conditions.remove(0);
        }),
        &["bucket_uncovered"],
    );
    table.bad("10 MB for all", form(|form, _| form.range(0, 10_000_000)), &["length_range"]);
    table.bad(
        "another size",
        form(|form, file| {
            let size = file["size"].as_u64().unwrap();
            form.range(0, size - 1);
        }),
        &["length_range"],
    );
    table.bad("not base64", form(|form, _| form.policy = Some("{}".into())), &["policy_unreadable"]);
    table.bad(
        "an object of two",
        form(|form, _| form.conditions.push(json!({ "acl": "private", "x-amz-meta-a": "1" }))),
        &["policy_unreadable"],
    );
    table.bad(
        "a type for all",
        form(|form, _| {
            form.drop_condition("Content-Type");
            form.fields.retain(|(name, _)| name != "Content-Type");
            form.signed("Content-Type", "image/jpeg");
        }),
        &["content_type_fixed"],
    );
    table.bad(
        "images only",
        form(|form, _| {
            form.drop_condition("Content-Type");
            form.conditions.push(json!(["starts-with", "$Content-Type", "image/"]));
        }),
        &["condition_failed"],
    );
    table.bad(
        "a token without a condition",
        form(|form, _| form.field("x-amz-security-token", "FwoGZXIvYXdz")),
        &["security_token_uncovered"],
    );
    table.bad(
        "temporary without its token",
        form(|form, _| form.access_key = "ASIAIOSFODNN7EXAMPLE".into()),
        &["security_token_missing"],
    );
    table.bad(
        "hex for a checksum",
        form(|form, file| form.signed("x-amz-checksum-sha256", file["sha256"].as_str().unwrap())),
        &["checksum_differs"],
    );
    table.bad("too much", form(|form, _| form.signed("x-amz-meta-all", &"x".repeat(21_000))), &["fields_too_large"]);
    table.check().await;
}

#[tokio::test]
async fn mixed_up() {
    let mut table = Table::default();
    // The policy is signed as other bytes than it is sent.
    table.bad(
        "a signature that is wrong for Hangul alone",
        upload(|upload, file| {
            if !file["filename"].as_str().unwrap().is_ascii() {
                fields(upload)["x-amz-signature"] = json!("0".repeat(64));
            }
        }),
        &["name_refused"],
    );
    // A closure that keeps the last file of the loop, say.
    table.bad(
        "one form for all",
        at("/presign", |answer| {
            let last = answer.value()["files"].as_array().and_then(|files| files.last().cloned()).unwrap_or_default();
            answer.entries(move |entry| entry["upload"] = last["upload"].clone())
        }),
        &["key_collides"],
    );
    table.bad(
        "the token's field is lost",
        form(|form, _| form.conditions.push(json!({ "x-amz-security-token": "FwoGZXIvYXdz" }))),
        &["security_token_missing"],
    );
    table.bad(
        "a type changed after signing",
        upload(|upload, _| fields(upload)["Content-Type"] = json!("image/png")),
        &["condition_failed"],
    );
    table.check().await;
}

#[tokio::test]
async fn addresses() {
    let mut table = Table::default();
    for (url, region, wanted) in [
        ("https://photos.s3.amazonaws.com/", "eu-central-1", "global_endpoint"),
        ("https://s3.amazonaws.com/photos", "eu-central-1", "global_endpoint"),
        ("https://photos.s3.eu-west-1.amazonaws.com/", "eu-central-1", "region_mismatch"),
        ("https://other.s3.eu-central-1.amazonaws.com/", "eu-central-1", "bucket_mismatch"),
        ("http://photos.s3.eu-central-1.amazonaws.com/", "eu-central-1", "url_not_encrypted"),
        ("http://minio:9000/photos", "us-east-1", "url_not_encrypted"),
        ("https://photos.s3-website.eu-central-1.amazonaws.com/", "eu-central-1", "website_endpoint"),
        ("photos.s3.eu-central-1.amazonaws.com", "eu-central-1", "url_unusable"),
    ] {
        table.bad(url, at_aws(url, region), &[wanted]);
    }
    table.bad("nobody there", form(|form, _| form.url = "http://127.0.0.1:9/photos".into()), &["s3_unreachable"]);
    table.bad(
        "the key in it",
        upload(|upload, _| {
            let url = format!("{}/{}", upload["url"].as_str().unwrap(), upload["key"].as_str().unwrap());
            upload["url"] = json!(url);
        }),
        &["url_has_key"],
    );
    table.bad(
        "no such bucket",
        form(|form, _| {
            form.url = form.url.replace("photos", "fotos");
            form.conditions[0] = json!({ "bucket": "fotos" });
        }),
        &["s3_no_bucket"],
    );
    table.check().await;
}

#[tokio::test]
async fn keys() {
    let mut table = Table::default();
    let named = |name: fn(&Value) -> String| form(move |form, file| form.rekey(&name(file)));
    table.bad("by name", named(|file| format!("kim/{}", file["filename"].as_str().unwrap())), &["key_collides"]);
    table.bad(
        "by path",
        named(|file| format!("kim/{}", file["path"].as_str().unwrap().replace("..", "_"))),
        &["key_collides"],
    );
    table.bad(
        "by the beginning of the id",
        named(|file| format!("kim/{}-{}", &file["file_id"].as_str().unwrap()[..8], file["filename"].as_str().unwrap())),
        &["key_collides"],
    );
    table.bad(
        "random",
        named(|file| format!("kim/{:x}/{}", rand::random::<u64>(), file["filename"].as_str().unwrap())),
        &["key_not_stable"],
    );
    table.bad(
        "the time",
        named(|file| format!("kim/{}/{}", jiff::Timestamp::now().as_second(), file["file_id"].as_str().unwrap())),
        &["key_not_stable"],
    );
    table.bad(
        "${filename}",
        named(|file| format!("kim/{}/${{filename}}", file["file_id"].as_str().unwrap())),
        &["key_filename"],
    );
    table.bad("..", named(|file| format!("kim/../{}", file["file_id"].as_str().unwrap())), &["key_dots"]);
    table.bad(
        "too long",
        named(|file| format!("{}/{}", "x".repeat(1100), file["file_id"].as_str().unwrap())),
        &["key_too_long"],
    );
    table.bad(
        "another one told",
        upload(|upload, _| {
            upload["key"] = json!("kim/another.jpg");
        }),
        &["key_differs"],
    );
    table.check().await;
}

#[tokio::test]
async fn puts() {
    let mut table = Table::default();
    table.bad(
        "SigV2",
        put(upload(|upload, _| {
            let (url, _) = upload["url"].as_str().unwrap().split_once('?').unwrap();
            upload["url"] =
                json!(format!("{url}?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=c2ln&Expires=1900000000"));
        })),
        &["signature_v2"],
    );
    table.bad(
        "a header that is not given",
        put(Twist {
            upload: Some(Box::new(|upload, _| {
                upload.as_object_mut().unwrap().remove("headers");
            })),
            ..form(|form, _| form.headers.push(("x-amz-meta-photographer".into(), "kim".into())))
        }),
        &["put_header_missing"],
    );
    table.bad(
        "a header that is not signed",
        put(upload(|upload, _| {
            upload["headers"] = json!({ "x-amz-acl": "private" });
        })),
        &["put_header_unsigned"],
    );
    table.bad(
        "a type for all",
        put(form(|form, _| form.headers.push(("Content-Type".into(), "image/jpeg".into())))),
        &["content_type_fixed"],
    );
    table.bad(
        "half a minute",
        put(form(|form, _| {
            form.lasts = 30;
            form.expires_in = json!(30);
        })),
        &["expiry_too_short"],
    );
    table.bad("promises more", put(form(|form, _| form.expires_in = json!(3600))), &["expires_in_too_long"]);
    table.bad("8 days", put(form(|form, _| form.lasts = 8 * 86_400)), &["put_expires"]);
    table.bad("an hour ago", put(form(|form, _| form.ahead = -3600)), &["expired"]);
    table.bad(
        "another key",
        put(upload(|upload, _| {
            upload["key"] = json!("kim/another.jpg");
        })),
        &["key_differs"],
    );
    table.bad(
        "a wrong secret",
        put(form(|form, _| form.secret_key = "of another account".into())),
        &["s3_signature_mismatch"],
    );
    table.bad(
        "said to be a POST",
        put(upload(|upload, _| {
            upload["method"] = json!("POST");
            upload["fields"] = json!({});
        })),
        &["url_is_put"],
    );
    table.bad(
        "by name",
        put(form(|form, file| form.key = format!("kim/{}", file["filename"].as_str().unwrap()))),
        &["key_collides"],
    );
    table.check().await;
}
