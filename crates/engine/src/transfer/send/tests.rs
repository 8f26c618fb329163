use super::super::checksum::{Running, digest};
use super::super::scripted::{Connection, Scripted, answer, content_length};
use super::*;
use offload_protocol::wire::{Fields, PresignedPost, PresignedPut};
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

const QUICK: SendRules = SendRules { stall: Duration::from_millis(600), answer: Duration::from_millis(600) };
/// For tests that must not meet the stall timeout however slow the machine is.
const PATIENT: SendRules = SendRules { stall: Duration::from_secs(60), answer: Duration::from_secs(60) };

struct Photo {
    _folder: tempfile::TempDir,
    outgoing: Outgoing,
    bytes: Vec<u8>,
}

fn photo(size: usize) -> Photo {
    let bytes: Vec<u8> = (0..size).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    std::fs::write(&path, &bytes).unwrap();
    let digests = digest(&path, size as u64, &AtomicBool::new(false)).unwrap();
    let outgoing =
        Outgoing { path, filename: "photo.jpg".into(), size: size as u64, content_type: "image/jpeg".into(), digests };
    Photo { _folder: folder, outgoing, bytes }
}

fn md5_of(bytes: &[u8]) -> String {
    let mut running = Running::new();
    running.update(bytes);
    running.md5_hex()
}

fn form(url: String) -> Signed {
    Signed::Post(post(url))
}

fn post(url: String) -> PresignedPost {
    let fields = [
        ("key", "user/kim/photo.jpg"),
        ("policy", "MARKER-POLICY-eyJleHBpcmF0aW9uIjoi"),
        ("x-amz-credential", "MARKER-CREDENTIAL/20240501/us-east-1/s3/aws4_request"),
        ("x-amz-signature", "MARKER-SIGNATURE-0123456789"),
    ];
    PresignedPost {
        url,
        fields: Fields(fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()),
        key: "user/kim/photo.jpg".into(),
        expires_in: 60,
    }
}

fn put(url: &str) -> Signed {
    Signed::Put(PresignedPut {
        url: format!("{url}/photo.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=MARKER-SIGNATURE-0123456789"),
        headers: Fields(vec![("x-amz-meta-who".into(), "kim".into())]),
        key: "photo.jpg".into(),
        expires_in: 60,
    })
}

async fn send(url: String, photo: &Photo, rules: &SendRules) -> (Result<Stored, Cause>, u64) {
    send_as(&form(url), photo, rules).await
}

async fn send_as(signed: &Signed, photo: &Photo, rules: &SendRules) -> (Result<Stored, Cause>, u64) {
    let sent = Arc::new(AtomicU64::new(99));
    let bandwidth = Arc::new(Bandwidth::new(None));
    let client = client::for_s3().unwrap();
    let result = super::send(&client, signed, &photo.outgoing, &bandwidth, &sent, rules).await;
    if let Err(cause) = &result {
        assert!(!format!("{cause:?} {cause}").contains("MARKER"), "{cause:?}");
    }
    (result, sent.load(Ordering::Relaxed))
}

async fn code_of(server: &Scripted, photo: &Photo, rules: &SendRules) -> Code {
    send(server.url(), photo, rules).await.0.unwrap_err().code
}

/// Takes the whole request, keeps it, and answers 204 with the file's MD5 or what stands in `headers`.
async fn storing(headers: String) -> (Scripted, Arc<Mutex<Vec<u8>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let server = Scripted::start({
        let kept = Arc::clone(&kept);
        move |mut connection, _| {
            let (kept, headers) = (Arc::clone(&kept), headers.clone());
            async move {
                if connection.request().await {
                    *kept.lock().unwrap() = connection.read.clone();
                    connection.send(answer("204 No Content", &headers, "").as_bytes()).await;
                }
                connection.close().await;
            }
        }
    })
    .await;
    (server, kept)
}

#[tokio::test]
async fn the_bytes_on_the_wire_are_the_form() {
    let mut photo = photo(700_001);
    photo.outgoing.filename = "a\"b\r\n한글 📷.jpg".into();
    let (server, kept) = storing(format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes))).await;
    let (result, sent) = send(server.url(), &photo, &PATIENT).await;
    assert_eq!(result.unwrap(), Stored { etag: Some(md5_of(&photo.bytes)), proof: Proof::Md5 });
    assert_eq!(sent, 700_001);

    let kept = kept.lock().unwrap();
    let head_end = kept.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = kept.split_at(head_end);
    let head_text = String::from_utf8(head.to_vec()).unwrap().to_ascii_lowercase();
    assert!(head_text.starts_with("post /bucket http/1.1\r\n"), "{head_text}");
    assert!(head_text.contains(&format!("\r\nuser-agent: offload/{}\r\n", env!("CARGO_PKG_VERSION"))));
    assert!(
        !head_text.contains("transfer-encoding")
            && !head_text.contains("authorization")
            && !head_text.contains("expect")
    );
    assert_eq!(content_length(head), body.len());

    let boundary = head_text.split("boundary=").nth(1).unwrap().lines().next().unwrap();
    let mut wanted = Vec::new();
    for (name, value) in &post(String::new()).fields.0 {
        write!(wanted, "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").unwrap();
    }
    write!(
        wanted,
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b%0D%0A한글 📷.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    )
    .unwrap();
    wanted.extend_from_slice(&photo.bytes);
    write!(wanted, "\r\n--{boundary}--\r\n").unwrap();
    assert!(body == wanted, "{} bytes instead of {}", body.len(), wanted.len());
}

#[tokio::test]
async fn the_bytes_on_the_wire_are_the_put() {
    let photo = photo(700_001);
    let (server, kept) = storing(format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes))).await;
    let (result, sent) = send_as(&put(&server.url()), &photo, &PATIENT).await;
    assert_eq!(result.unwrap(), Stored { etag: Some(md5_of(&photo.bytes)), proof: Proof::Md5 });
    assert_eq!(sent, 700_001);
    let kept = kept.lock().unwrap();
    let head_end = kept.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = kept.split_at(head_end);
    let head = String::from_utf8(head.to_vec()).unwrap();
    assert!(head.starts_with("PUT /bucket/photo.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature="), "{head}");
    let head = head.to_ascii_lowercase();
    for wanted in ["\r\nx-amz-meta-who: kim\r\n", "\r\ncontent-type: image/jpeg\r\n", "\r\ncontent-length: 700001\r\n"]
    {
        assert!(head.contains(wanted), "{head}");
    }
    assert!(!head.contains("transfer-encoding") && !head.contains("authorization"), "{head}");
    assert!(body == photo.bytes);
}

#[tokio::test]
async fn all_sizes_around_the_chunk_arrive() {
    for size in [0, 1, 262_143, 262_144, 262_145, 524_288] {
        let photo = photo(size);
        let (server, kept) = storing(format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes))).await;
        for signed in [form(server.url()), put(&server.url())] {
            let (result, sent) = send_as(&signed, &photo, &PATIENT).await;
            assert_eq!(result.unwrap().proof, Proof::Md5, "{size}");
            assert_eq!(sent, size as u64);
            let kept = kept.lock().unwrap();
            assert!(size == 0 || kept.windows(size).any(|part| part == photo.bytes), "{size}");
        }
    }
}

#[tokio::test]
async fn the_proof_is_what_s3_says() {
    let photo = photo(1_000);
    let other = "900150983cd24fb0d6963f7d28e17f72";
    let ours = photo.outgoing.digests.sha256_base64();
    let cases = [
        (format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes).to_uppercase()), Ok(Proof::Md5)),
        (format!("ETag: \"{other}\"\r\n"), Err(Code::StoredOther)),
        (format!("ETag: \"{other}\"\r\nx-amz-server-side-encryption: AES256\r\n"), Err(Code::StoredOther)),
        (format!("ETag: \"{other}\"\r\nx-amz-server-side-encryption: aws:kms\r\n"), Ok(Proof::Length)),
        (
            format!("ETag: \"{other}\"\r\nx-amz-server-side-encryption-customer-algorithm: AES256\r\n"),
            Ok(Proof::Length),
        ),
        (format!("ETag: \"{other}-2\"\r\n"), Ok(Proof::Length)),
        (String::new(), Ok(Proof::Length)),
        (format!("ETag: \"{other}\"\r\nx-amz-checksum-sha256: {ours}\r\n"), Ok(Proof::Sha256)),
        (format!("ETag: \"{}\"\r\nx-amz-checksum-sha256: AAAA\r\n", md5_of(&photo.bytes)), Err(Code::StoredOther)),
    ];
    for (headers, wanted) in cases {
        let (server, _) = storing(headers.clone()).await;
        let (result, _) = send(server.url(), &photo, &PATIENT).await;
        assert_eq!(result.map(|stored| stored.proof).map_err(|cause| cause.code), wanted, "{headers}");
    }
}

#[tokio::test]
async fn answers_become_causes() {
    let error = |code: &str, message: &str| format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let huge = "x".repeat(3 << 20);
    let cases = [
        (
            answer("403 Forbidden", "", &error("AccessDenied", "Invalid according to Policy: Policy expired.")),
            Code::PolicyExpired,
        ),
        (
            answer("503 Slow Down", "Retry-After: 3\r\n", &error("SlowDown", "Please reduce your request rate.")),
            Code::S3SlowDown,
        ),
        (answer("400 Bad Request", "", &error("BadDigest", "x")), Code::BadDigest),
        (
            answer(
                "403 Forbidden",
                "",
                &error("AccessDenied", "[\"eq\", \"$policy\", \"MARKER-POLICY-eyJleHBpcmF0aW9uIjoi\"]"),
            ),
            Code::S3Denied,
        ),
        (answer("502 Bad Gateway", "Content-Type: text/html\r\n", "<html><body>nginx</body></html>"), Code::S3Internal),
        (answer("200 OK", "Content-Type: text/html\r\n", "<html><body>Hotel</body></html>"), Code::S3Unknown),
        (answer("500 Oops", "", &huge), Code::S3Internal),
        // A body shorter than announced.
        ("HTTP/1.1 403 Forbidden\r\nContent-Length: 900\r\n\r\n<Error><Code>AccessDen".to_owned(), Code::S3Denied),
        // A head that breaks off, an answer that is none, no answer.
        ("HTTP/1.1 20".to_owned(), Code::Dropped),
        ("SSH-2.0-OpenSSH_9.2\r\n".to_owned(), Code::Dropped),
        (String::new(), Code::Dropped),
        (answer("301 Moved", "x-amz-bucket-region: eu-west-1\r\n", ""), Code::WrongRegion),
        (answer("307 Temporary Redirect", "", ""), Code::WrongRegion),
        (answer("307 Temporary Redirect", "Location: http://192.0.2.1/bucket\r\n", ""), Code::WrongRegion),
        (answer("307 Temporary Redirect", "Location: ftp://127.0.0.1/\r\n", ""), Code::WrongRegion),
    ];
    let photo = photo(300_000);
    for (text, wanted) in cases {
        let server = Scripted::answering(text.clone()).await;
        assert_eq!(code_of(&server, &photo, &PATIENT).await, wanted, "{text:.60}");
    }
}

#[tokio::test]
async fn a_307_is_followed_once_with_the_whole_body() {
    let photo = photo(600_000);
    let (target, kept) = storing(format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes))).await;
    let redirecting =
        Scripted::answering(answer("307 Temporary Redirect", &format!("Location: {}\r\n", target.url()), "")).await;
    let (result, sent) = send(redirecting.url(), &photo, &PATIENT).await;
    assert_eq!(result.unwrap().proof, Proof::Md5);
    assert_eq!(sent, 600_000);
    assert!(kept.lock().unwrap().windows(photo.bytes.len()).any(|part| part == photo.bytes));

    let twice = Scripted::answering(answer("307 Temporary Redirect", "Location: /elsewhere\r\n", "")).await;
    assert_eq!(code_of(&twice, &photo, &PATIENT).await, Code::Redirected);
}

#[test]
fn a_redirect_never_gives_up_encryption() {
    let from = Url::parse("https://b.s3.example/").unwrap();
    assert_eq!(next_address(&from, "https://b.s3-eu.example/").unwrap().as_str(), "https://b.s3-eu.example/");
    assert_eq!(next_address(&from, "/other").unwrap().as_str(), "https://b.s3.example/other");
    for location in ["http://127.0.0.1/", "http://b.s3.example/", "ftp://x/", "https://", "https://u:MARKER@x/"] {
        let cause = next_address(&from, location).unwrap_err();
        assert_eq!(cause.code, Code::WrongRegion, "{location}");
        assert!(!cause.message.contains("MARKER"));
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let photo = photo(10);
    let (result, _) = send(format!("http://{address}/bucket?token=MARKER"), &photo, &PATIENT).await;
    let cause = result.unwrap_err();
    assert_eq!(cause.code, Code::Unreachable);
    assert!(cause.message.contains(&address.to_string()), "{}", cause.message);
    let (result, _) = send("http://no-such-host.invalid/".into(), &photo, &PATIENT).await;
    assert_eq!(result.unwrap_err().code, Code::BadForm, "plain http to the world is never tried");
    let (result, _) = send("https://no-such-host.invalid/".into(), &photo, &PATIENT).await;
    assert_eq!(result.unwrap_err().code, Code::Unreachable);
}

#[tokio::test]
async fn a_reset_at_any_point_is_dropped() {
    let photo = photo(8 << 20);
    for after in [0_usize, 1_000_000, usize::MAX] {
        let server = Scripted::start(move |mut connection: Connection, _| async move {
            if after > 0 {
                connection.head().await;
            }
            if after == usize::MAX {
                connection.request().await;
            }
            while connection.read.len() < after && after != usize::MAX {
                connection.more().await;
            }
            connection.reset();
        })
        .await;
        assert_eq!(code_of(&server, &photo, &PATIENT).await, Code::Dropped, "after {after}");
    }
}

#[tokio::test]
async fn silence_is_a_stall_and_ends_the_connection() {
    // Larger than all buffers on the way.
    let photo = photo(64 << 20);
    let (closed, mut seen) = tokio::sync::mpsc::channel(1);
    let server = Scripted::start(move |mut connection: Connection, _| {
        let closed = closed.clone();
        async move {
            connection.head().await;
            tokio::time::sleep(QUICK.stall * 3).await;
            while connection.more().await > 0 {}
            closed.send(connection.read.len()).await.unwrap();
        }
    })
    .await;
    let (result, sent) = send(server.url(), &photo, &QUICK).await;
    assert_eq!(result.unwrap_err().code, Code::Stalled);
    assert!(sent < 64 << 20);
    let arrived = tokio::time::timeout(Duration::from_secs(30), seen.recv()).await.unwrap().unwrap();
    assert!(arrived < 64 << 20, "the connection was not broken");

    let mute = Scripted::start(|mut connection: Connection, _| async move {
        connection.request().await;
        while connection.more().await > 0 {}
    })
    .await;
    let small = self::photo(1_000);
    let rules = SendRules { stall: PATIENT.stall, answer: QUICK.answer };
    let cause = send(mute.url(), &small, &rules).await.0.unwrap_err();
    assert_eq!(cause.code, Code::Stalled);
    assert!(cause.message.contains("after the last byte"), "{}", cause.message);
}

#[tokio::test]
async fn slow_is_not_stalled() {
    // The whole takes longer than the stall timeout, but no single step does; waiting for the bandwidth limit does not count.
    let photo = photo(20_000);
    let (server, _) = storing(format!("ETag: \"{}\"\r\n", md5_of(&photo.bytes))).await;
    let sent = Arc::new(AtomicU64::new(0));
    let bandwidth = Arc::new(Bandwidth::new(Some(6_000)));
    let rules = SendRules { stall: Duration::from_secs(1), answer: Duration::from_secs(60) };
    let start = std::time::Instant::now();
    let result =
        super::send(&client::for_s3().unwrap(), &form(server.url()), &photo.outgoing, &bandwidth, &sent, &rules).await;
    assert_eq!(result.unwrap().proof, Proof::Md5);
    assert!(start.elapsed() > Duration::from_millis(2_500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn an_early_refusal_is_read() {
    let body =
        "<Error><Code>AccessDenied</Code><Message>Invalid according to Policy: Policy expired.</Message></Error>";
    let photo = photo(32 << 20);
    // As S3 does it: refuses after the head, then takes in some of what is coming.
    let polite = Scripted::start(move |mut connection: Connection, _| async move {
        connection.head().await;
        connection.send(answer("403 Forbidden", "", body).as_bytes()).await;
        connection.close().await;
    })
    .await;
    assert_eq!(code_of(&polite, &photo, &PATIENT).await, Code::PolicyExpired);
    // One that never reads on nor closes: the answer counts all the same, and the upload ends.
    let (closed, mut seen) = tokio::sync::mpsc::channel(1);
    let stubborn = Scripted::start(move |mut connection: Connection, _| {
        let closed = closed.clone();
        async move {
            connection.head().await;
            let text = answer("403 Forbidden", "", body).replace("Connection: close\r\n", "");
            connection.send(text.as_bytes()).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            while connection.more().await > 0 {}
            closed.send(connection.read.len()).await.unwrap();
        }
    })
    .await;
    assert_eq!(code_of(&stubborn, &photo, &PATIENT).await, Code::PolicyExpired);
    let arrived = tokio::time::timeout(Duration::from_secs(30), seen.recv()).await.unwrap().unwrap();
    assert!(arrived < 32 << 20, "sent on after the answer");
    // One that closes at once, with our bytes unread: the reset may overtake the answer.
    let rude = Scripted::start(move |mut connection: Connection, _| async move {
        connection.head().await;
        connection.send(answer("403 Forbidden", "", body).as_bytes()).await;
    })
    .await;
    let code = code_of(&rude, &photo, &PATIENT).await;
    assert!(matches!(code, Code::PolicyExpired | Code::Dropped), "{code:?}");
}

#[tokio::test]
async fn an_early_success_is_not_believed() {
    let photo = photo(32 << 20);
    let server = Scripted::start(|mut connection: Connection, _| async move {
        connection.head().await;
        connection.send(answer("204 No Content", "ETag: \"abc\"\r\n", "").as_bytes()).await;
        connection.close().await;
    })
    .await;
    assert_eq!(code_of(&server, &photo, &PATIENT).await, Code::S3Unknown);
}

/// What becomes of a file that was altered between digest and send: the server never gets a whole request.
async fn altered(alter: impl Fn(&std::path::Path)) -> Code {
    let mut codes = Vec::new();
    for is_put in [false, true] {
        let photo = photo(1_000_000);
        alter(&photo.outgoing.path);
        let (server, kept) = storing(String::new()).await;
        let signed = if is_put { put(&server.url()) } else { form(server.url()) };
        codes.push(send_as(&signed, &photo, &PATIENT).await.0.unwrap_err().code);
        assert!(kept.lock().unwrap().is_empty(), "a whole request arrived");
    }
    assert_eq!(codes[0], codes[1]);
    codes[0]
}

#[tokio::test]
async fn a_file_that_is_not_the_hashed_one_is_never_stored() {
    let open = |path: &std::path::Path| std::fs::OpenOptions::new().write(true).open(path).unwrap();
    assert_eq!(altered(|path| open(path).set_len(999_999).unwrap()).await, Code::ChangedWhileSending);
    assert_eq!(altered(|path| open(path).set_len(0).unwrap()).await, Code::ChangedWhileSending);
    assert_eq!(altered(|path| open(path).set_len(1_000_001).unwrap()).await, Code::ChangedWhileSending);
    let poke = |path: &std::path::Path, at: u64| {
        use std::io::{Seek as _, SeekFrom};
        let mut file = open(path);
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(b"!").unwrap();
    };
    assert_eq!(altered(|path| poke(path, 3)).await, Code::ChangedWhileSending);
    assert_eq!(altered(|path| poke(path, 999_998)).await, Code::ChangedWhileSending);
    assert_eq!(altered(|path| std::fs::remove_file(path).unwrap()).await, Code::Vanished);
    assert_eq!(
        altered(|path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        })
        .await,
        Code::Unreadable
    );
}

#[tokio::test]
async fn dropping_the_future_breaks_the_connection() {
    let photo = photo(64 << 20);
    let (got, mut seen) = tokio::sync::mpsc::channel(2);
    let server = Scripted::start(move |mut connection: Connection, _| {
        let got = got.clone();
        async move {
            connection.head().await;
            got.send(0).await.unwrap();
            while connection.more().await > 0 {}
            got.send(connection.read.len()).await.unwrap();
        }
    })
    .await;
    let bandwidth = Arc::new(Bandwidth::new(Some(1_000_000)));
    let sent = Arc::new(AtomicU64::new(0));
    let (client, form, outgoing) = (client::for_s3().unwrap(), form(server.url()), photo.outgoing.clone());
    let sending =
        tokio::spawn(async move { super::send(&client, &form, &outgoing, &bandwidth, &sent, &PATIENT).await });
    assert_eq!(seen.recv().await, Some(0));
    sending.abort();
    let arrived = tokio::time::timeout(Duration::from_secs(30), seen.recv()).await.unwrap().unwrap();
    assert!(arrived < 64 << 20);
}

#[test]
fn nothing_prints_a_secret() {
    let form = post("https://s3.example/?MARKER".into());
    let put = put("https://s3.example/b");
    let shown = format!("{form:?} {:?} {put:?}", form.fields);
    assert!(!shown.contains("MARKER"), "{shown}");
    let echo = b"<Error><Code>X</Code><Message>MARKER-SIGNATURE-0123456789 and MARKER-POLICY-eyJleHBpcmF0aW9uIjoi</Message></Error>";
    let clean = String::from_utf8(Signed::Post(form).without_secrets(echo.to_vec())).unwrap();
    assert!(!clean.contains("MARKER") && clean.contains("and"), "{clean}");
}
