//! Backends that are in order, each in a way of its own: no false alarm.

use super::studio::{Answer, Table, Twist, answer, at, form, request};
use serde_json::json;

#[tokio::test]
async fn the_plain_one() {
    let mut table = Table::default();
    table.good("plain", Twist::default(), &[]);
    table.check().await;
}

#[tokio::test]
async fn those_that_tell_little_or_more() {
    let mut table = Table::default();
    table.good(
        "no session",
        request(|_, asked| asked.path.ends_with("/session").then(|| Answer::page(404, "Not found"))),
        &["session_missing"],
    );
    table.good("account alone", at("/session", |answer| answer.with(|_| json!({ "account": "kim" }))), &[]);
    table.good(
        "one file in a request",
        request(|studio, asked| {
            if asked.path.ends_with("/session") && asked.authorization.starts_with("Bearer a-token") {
                return Some(Answer::json(200, &json!({ "account": "kim", "limits": { "files_per_request": 1 } })));
            }
            (asked.files().len() > 1)
                .then(|| Answer::json(413, &json!({ "title": "Too many" })))
                .filter(|_| studio.usual(asked).status == 200)
        }),
        &[],
    );
    table.good(
        "a naive server_time",
        at("/session", |answer| {
            answer.with(|mut value| {
                value["server_time"] = json!("2026-05-01T10:20:30.123456");
                value
            })
        }),
        &["server_time"],
    );
    table.good(
        "entries the other way round, with members of its own",
        at("/presign", |answer| {
            answer
                .with(|mut value| {
                    value["files"].as_array_mut().unwrap().reverse();
                    value["took_ms"] = json!(3);
                    value
                })
                .entries(|entry| entry["note"] = json!("mine"))
        }),
        &[],
    );
    table.good(
        "403 for strangers",
        answer(|_, _, answer| if answer.status == 401 { Answer { status: 403, ..answer } } else { answer }),
        &[],
    );
    table.check().await;
}

#[tokio::test]
async fn forms_of_other_signers() {
    let mut table = Table::default();
    table.good(
        "a wide range, type by its beginning",
        form(|form, _| {
            form.range(0, 5 << 30);
            form.drop_condition("Content-Type");
            form.conditions.push(json!(["starts-with", "$Content-Type", ""]));
        }),
        &[],
    );
    table.good("no range, as Companion's", form(|form, _| form.drop_range()), &["length_range_missing"]);
    table.good("1 GB for all, said nowhere", form(|form, _| form.range(1, 1_000_000_000)), &["length_range_narrow"]);
    table.good(
        "no type",
        form(|form, _| {
            form.drop_condition("Content-Type");
            form.fields.retain(|(name, _)| name != "Content-Type");
        }),
        &["content_type_missing"],
    );
    table.good(
        "names in other letters",
        form(|form, _| {
            for (name, _) in &mut form.fields {
                *name = name.to_ascii_uppercase();
            }
        }),
        &[],
    );
    table.good(
        "numbers as texts, ignored fields",
        form(|form, file| {
            form.drop_range();
            form.conditions.push(json!(["content-length-range", "0", file["size"].to_string()]));
            form.field("x-ignore-me", "1");
        }),
        &[],
    );
    table.good(
        "session token of temporary credentials",
        form(|form, _| form.signed("x-amz-security-token", "FwoGZXIvYXdz")),
        &["temporary_credentials"],
    );
    table.good("a longer life than told", form(|form, _| form.lasts = 86_400), &[]);
    table.good("its clock a minute off", form(|form, _| form.ahead = 60), &[]);
    table.good(
        "three minutes",
        form(|form, _| {
            form.lasts = 180;
            form.expires_in = json!(180);
        }),
        &["expiry_short"],
    );
    table.good(
        "the checksum signed",
        form(|form, file| {
            use base64::Engine as _;
            let bytes = hex::decode(file["sha256"].as_str().unwrap()).unwrap();
            form.signed("x-amz-checksum-sha256", &base64::engine::general_purpose::STANDARD.encode(bytes));
        }),
        &[],
    );
    table.good("public on purpose", form(|form, _| form.signed("acl", "public-read")), &["public_acl"]);
    table.check().await;
}

/// What works, and should be known.
#[tokio::test]
async fn forms_to_be_known_of() {
    let mut table = Table::default();
    table.good("a week", form(|form, _| form.lasts = 7 * 86_400), &["expiry_long"]);
    table.good(
        "any key",
        form(|form, _| {
            form.drop_condition("key");
            form.conditions.push(json!(["starts-with", "$key", ""]));
        }),
        &["key_open"],
    );
    table.good(
        "a leading slash",
        form(|form, _| {
            let key = format!("/{}", form.key);
            form.rekey(&key);
        }),
        &["key_leading_slash"],
    );
    table.good(
        "keys by content",
        form(|form, file| form.rekey(&format!("kim/{}", file["sha256"].as_str().unwrap()))),
        &["key_by_content"],
    );
    table.good(
        "paths as they come",
        form(|form, file| {
            form.rekey(&format!("kim/{}/{}", file["file_id"].as_str().unwrap(), file["path"].as_str().unwrap()));
        }),
        &["key_dots"],
    );
    table.good(
        "signed once a minute",
        answer(|studio, asked, answer| {
            if !asked.path.ends_with("/presign") || answer.status != 200 {
                return answer;
            }
            answer.entries(|entry| {
                let id = format!("cached {}", entry["file_id"].as_str().unwrap());
                if entry["upload"]["method"] == "POST" {
                    let mut cache = studio.presigned.lock().unwrap();
                    *entry = cache.entry(id).or_insert_with(|| entry.clone()).clone();
                }
            })
        }),
        &["cached"],
    );
    table.good(
        "no raw files, each in its entry",
        at("/presign", |answer| {
            answer.entries(|entry| {
                if entry["upload"]["key"].as_str().is_some_and(|key| key.ends_with(".cr3")) {
                    *entry = json!({ "file_id": entry["file_id"], "error": { "status": 415, "title": "JPEG only" } });
                }
            })
        }),
        &["file_refused"],
    );
    table.check().await;
}

/// Addresses of AWS's, of which nothing is asked.
#[tokio::test]
async fn addresses() {
    let mut table = Table::default();
    let regional = |url: &'static str, region: &'static str, access_key: &'static str| Twist {
        without_probe: true,
        ..form(move |form, _| {
            form.url = url.into();
            form.region = region.into();
            form.access_key = access_key.into();
            if access_key.starts_with("ASIA") {
                form.signed("x-amz-security-token", "FwoGZXIvYXdz");
            }
        })
    };
    for (url, region, access_key, notes) in [
        ("https://photos.s3.eu-central-1.amazonaws.com/", "eu-central-1", "AKIAIOSFODNN7EXAMPLE", &[][..]),
        ("https://s3.eu-central-1.amazonaws.com/photos", "eu-central-1", "AKIAIOSFODNN7EXAMPLE", &[]),
        ("https://photos.s3.amazonaws.com/", "us-east-1", "AKIAIOSFODNN7EXAMPLE", &[]),
        ("https://photos.s3-accelerate.amazonaws.com/", "ap-northeast-2", "AKIAIOSFODNN7EXAMPLE", &[]),
        ("https://photos.s3.dualstack.ap-northeast-2.amazonaws.com/", "ap-northeast-2", "AKIAIOSFODNN7EXAMPLE", &[]),
        (
            "https://photos.s3.eu-central-1.amazonaws.com/",
            "eu-central-1",
            "ASIAIOSFODNN7EXAMPLE",
            &["temporary_credentials"],
        ),
        ("https://ceph.studio.example:7480/photos", "default", "studio", &[]),
        ("https://0a1b2c.r2.cloudflarestorage.com/photos", "auto", "0a1b2c3d", &[]),
        ("https://photos.fra1.digitaloceanspaces.com/", "fra1", "DO00EXAMPLE", &[]),
    ] {
        table.good(url, regional(url, region, access_key), notes);
    }
    table.check().await;
}

#[tokio::test]
async fn presigned_puts() {
    let mut table = Table::default();
    table.good(
        "the checksum of nothing, where S3 does not mind",
        Twist { puts: true, ..form(|form, _| form.query.push(("x-amz-checksum-crc32".into(), "AAAAAA==".into()))) },
        &["put_empty_checksum"],
    );
    table.good("host alone", Twist { puts: true, ..Twist::default() }, &[]);
    table.good(
        "with its type",
        Twist {
            puts: true,
            ..form(|form, file| {
                form.headers.push(("Content-Type".into(), file["content_type"].as_str().unwrap().into()));
            })
        },
        &[],
    );
    table.good(
        "its type signed and left to us",
        Twist {
            puts: true,
            ..Twist {
                upload: Some(Box::new(|upload, _| {
                    upload.as_object_mut().unwrap().remove("headers");
                })),
                ..form(|form, file| {
                    form.headers.push(("Content-Type".into(), file["content_type"].as_str().unwrap().into()));
                })
            }
        },
        &["put_header_missing"],
    );
    table.check().await;
}

#[tokio::test]
async fn completes_in_their_own_time() {
    let mut table = Table::default();
    table.good(
        "pending at first",
        answer(|studio, asked, answer| {
            let file_id =
                asked.files().first().and_then(|file| file["file_id"].as_str().map(str::to_owned)).unwrap_or_default();
            if asked.path.ends_with("/complete") && answer.value()["files"][0]["confirmed"] == json!(true) {
                let first = studio.presigned.lock().unwrap().insert(format!("asked {file_id}"), json!(1)).is_none();
                if first {
                    return answer
                        .with(|_| json!({ "files": [{ "file_id": file_id, "pending": true, "ask_again_in": 0 }] }));
                }
            }
            answer
        }),
        &[],
    );
    table.good(
        "another key for SKIP",
        at("/presign", |answer| {
            answer.entries(|entry| {
                if entry["upload"]["method"] == "SKIP" {
                    entry["upload"]["key"] = json!("kim/the-same-bytes-from-before.jpg");
                }
            })
        }),
        &[],
    );
    table.good(
        "confirms without looking at the digest",
        Twist {
            answer: Some(Box::new(|studio, asked, answer| {
                let there =
                    || asked.files()[0]["key"].as_str().and_then(|key| studio.sandbox.object(key).unwrap()).is_some();
                if asked.path.ends_with("/complete") && answer.value()["files"][0].get("error").is_some() && there() {
                    return answer.with(
                        |value| json!({ "files": [{ "file_id": value["files"][0]["file_id"], "confirmed": true }] }),
                    );
                }
                answer
            })),
            ..Twist::default()
        },
        &["confirms_other_bytes"],
    );
    table.check().await;
}

#[tokio::test]
async fn companions() {
    let mut table = Table::default();
    let companion = |twist: Twist| Twist { companion: true, ..twist };
    table.good("as it comes", companion(Twist::default()), &["unconfirmed", "keys_change", "length_range_missing"]);
    table.bad(
        "keys by name",
        companion(form(|form, file| form.rekey(file["filename"].as_str().unwrap()))),
        &["key_collides"],
    );
    table.bad(
        "a wrong secret",
        companion(form(|form, _| form.secret_key = "another".into())),
        &["s3_signature_mismatch"],
    );
    table.bad("half a minute", companion(form(|form, _| form.lasts = 30)), &["expiry_too_short"]);
    table.bad("none of it", companion(request(|_, _| Some(Answer::page(404, "Not found")))), &["endpoint_missing"]);
    table.check().await;
}

#[tokio::test]
async fn from_outside_the_door() {
    let mut table = Table::default();
    let outside = |twist: Twist| Twist { signed_out: true, ..twist };
    table.good("sound", outside(Twist::default()), &[]);
    table.bad("a Companion behind a token", outside(Twist { companion: true, ..Twist::default() }), &["token_refused"]);
    table.bad("nothing there", outside(request(|_, _| Some(Answer::page(404, "Not found")))), &["endpoint_missing"]);
    table.bad("a page", outside(request(|_, _| Some(Answer::page(200, "Welcome")))), &["web_page"]);
    table.bad(
        "session tells everybody",
        outside(request(|_, asked| {
            asked.path.ends_with("/session").then(|| Answer::json(200, &json!({ "account": "kim" })))
        })),
        &["any_token"],
    );
    table.check().await;
}
