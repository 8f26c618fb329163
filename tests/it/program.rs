//! The program as its users run it: verbs, exit codes, two at a time, kills.

use offload_protocol::view::{FileRow, Health, SourceView, State};
use offload_tests::Studio;
use offload_tests::binary::Program;
use offload_tests::compare::{green_means_safe, sha256};
use offload_tests::photos::bytes;
use std::collections::HashMap;
use std::time::Duration;

async fn studio() -> (Studio, Program) {
    let studio = Studio::without_engine(|_| {}).await;
    let program = Program::new(&studio.data(), &studio.sandbox);
    (studio, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_says_the_truth_by_its_exit_code() {
    let (studio, program) = studio().await;
    let photos = studio.photos();
    let photos = photos.to_str().unwrap();
    assert_eq!(program.says(&["upload", "/no/such/folder"]).await.0, 2);
    let (code, out, err) = program.says(&["upload", photos]).await;
    assert_eq!(code, 0, "an empty folder: {out} {err}");
    assert!(format!("{out}{err}").contains("no files found"), "{out} {err}");
    for number in 0..6u64 {
        studio.put(format!("IMG_{number}.JPG"), &bytes(number, 40_000));
    }
    let (code, out, err) = program.says(&["upload", photos]).await;
    assert_eq!(code, 0, "{out} {err}");
    let (code, status) = program.status().await;
    assert_eq!((code, status.totals.confirmed.files, status.health), (0, 6, Health::UpToDate));
    // One file is refused: named, with cause and next step.
    studio.sandbox.faults().add("s3=condition:path=bad".parse().unwrap());
    studio.put("bad one.JPG", &bytes(77, 1000));
    let (code, out, err) = program.says(&["upload", photos]).await;
    assert_eq!(code, 1, "{out} {err}");
    assert!(format!("{out}{err}").contains("bad one.JPG"), "{out} {err}");
    let (code, status) = program.status().await;
    assert_eq!((code, status.totals.failed.files, status.health), (1, 1, Health::NeedsAttention));
    studio.sandbox.faults().clear();
    assert_eq!(program.says(&["upload", photos]).await.0, 0, "given again, what failed is tried again");
    green_means_safe(&program.list().await, &studio.sandbox);
    assert_eq!(studio.sandbox.uploads_received(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_or_no_backend_is_a_matter_of_settings() {
    let (studio, program) = studio().await;
    studio.put("a.jpg", &bytes(1, 1000));
    let photos = studio.photos();
    let (code, out, err) = program.clone().with_token("wrong").says(&["upload", photos.to_str().unwrap()]).await;
    assert_eq!(code, 2, "{out} {err}");
    assert!(!format!("{out}{err}").contains("wrong\""), "a token is never shown");
    let output = program.command(&["upload", photos.to_str().unwrap()]).env_remove("OFFLOAD_BACKEND").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    // What was seen is still to be sent, and the status says so.
    let (code, status) = program.status().await;
    assert_eq!((code, status.health), (3, Health::Stopped));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_is_steered_by_other_processes() {
    let (studio, program) = studio().await;
    let running = program.start(&["run"]);
    program.until("running", |status| status.running).await;
    let photos = studio.photos();
    let (code, out, err) = program.says(&["add", photos.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{out} {err}");
    studio.put("a.jpg", &bytes(1, 50_000));
    program.until("one confirmed", |status| status.totals.confirmed.files == 1).await;
    let (code, out, err) = program.says(&["edit", "1", "--name", "Studio", "--exclude", "*.xmp", "--json"]).await;
    assert_eq!(code, 0, "{out} {err}");
    let edited: SourceView = serde_json::from_str(&out).unwrap();
    assert_eq!((edited.name.as_str(), edited.exclude.as_slice()), ("Studio", &["*.xmp".to_owned()][..]));
    assert_eq!(program.says(&["edit", "1", "--prefix", "../x"]).await.0, 2);
    let (code, out, _) = program.says(&["pause", "--for", "1h 30min"]).await;
    assert!(code == 0 && out.contains("paused until"), "{out}");
    let status = program.until("paused", |status| status.health == Health::Paused).await;
    assert!(status.paused_until_ms.is_some());
    assert_eq!(program.says(&["pause"]).await.0, 0);
    studio.put("b.jpg", &bytes(2, 50_000));
    let status = program.until("queued", |status| status.totals.queued.files == 1).await;
    assert_eq!(status.health, Health::Paused);
    assert_eq!(program.status().await.0, 3, "paused with work left is not everything confirmed");
    // A second engine on the same ledger is refused; an upload goes through the one that runs.
    let (code, _, err) = program.says(&["run"]).await;
    assert_eq!(code, 2);
    assert!(err.contains("already"), "{err}");
    assert_eq!(program.says(&["resume"]).await.0, 0);
    program.until("two confirmed", |status| status.totals.confirmed.files == 2).await;
    let given = studio.dir.path().join("given.jpg");
    std::fs::write(&given, bytes(3, 9000)).unwrap();
    let (code, out, err) = program.says(&["upload", given.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{out} {err}");
    let (code, out, _) = program.says(&["why", given.to_str().unwrap()]).await;
    assert_eq!(code, 0);
    assert!(out.contains("confirmed"), "{out}");
    assert_eq!(program.says(&["why", "/never/seen.jpg"]).await.0, 2);
    for args in
        [&["sources", "--json"][..], &["list", "--json"], &["export", "--format", "json"], &["doctor", "--json"]]
    {
        let (_, out, err) = program.says(args).await;
        let read: Result<Vec<serde_json::Value>, _> = serde_json::Deserializer::from_str(&out).into_iter().collect();
        assert!(read.is_ok_and(|values| !values.is_empty()), "{args:?}: {out} {err}");
    }
    let (_, csv, _) = program.says(&["export", "--format", "csv"]).await;
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert_eq!(running.terminate(), 0);
    let (code, status) = program.status().await;
    assert_eq!((code, status.running, status.health), (0, false, Health::UpToDate));
    // Nobody runs who would see a new photo; the status looks for itself.
    studio.put("later.jpg", &bytes(9, 2000));
    let (code, status) = program.status().await;
    assert_eq!((code, status.health), (3, Health::Stopped), "{status:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_loses_nothing_and_sends_nothing_to_two_keys() {
    let (studio, program) = studio().await;
    studio.sandbox.faults().add("s3=slow:rate=600k".parse().unwrap());
    let mut wanted = HashMap::new();
    for number in 0..30u64 {
        let name = format!("IMG_{number:04}.JPG");
        let content = bytes(number, 20_000 + (number as usize * 7919) % 180_000);
        studio.put(&name, &content);
        wanted.insert(name, sha256(&content));
    }
    let photos = studio.photos();
    let added = program.says(&["add", photos.to_str().unwrap()]).await;
    assert_eq!(added.0, 0, "{added:?}");
    // Spread over scan, settling, sending, confirming.
    for pause in [150u64, 900, 2300, 2600, 2900, 3300, 2700, 3100] {
        let running = program.start(&["run"]);
        tokio::time::sleep(Duration::from_millis(pause)).await;
        running.kill();
        green_means_safe(&program.list().await, &studio.sandbox);
    }
    studio.sandbox.faults().clear();
    let running = program.start(&["run"]);
    program
        .until("all confirmed", |status| {
            // The ledger alone may say so before the last engine listens to signals.
            status.running && status.totals.confirmed.files == 30 && status.health == Health::UpToDate
        })
        .await;
    assert_eq!(running.terminate(), 0);
    let rows = program.list().await;
    same_everywhere(&rows, &wanted, &studio);
}

/// Ledger, record, bucket and disk tell the same, each file once.
fn same_everywhere(rows: &[FileRow], wanted: &HashMap<String, String>, studio: &Studio) {
    green_means_safe(rows, &studio.sandbox);
    assert_eq!(rows.len(), wanted.len());
    for row in rows {
        assert_eq!(row.state, State::Confirmed);
        assert_eq!(row.sha256.as_ref(), wanted.get(&row.path));
    }
    let confirmed: Vec<_> =
        studio.sandbox.records().unwrap().into_iter().filter(offload_sandbox::Record::is_confirmed).collect();
    assert_eq!(confirmed.len(), wanted.len(), "the backend confirmed each file once, under one file_id");
    assert_eq!(studio.sandbox.objects().unwrap().len(), wanted.len(), "one key a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_upload_goes_on_with_the_same_command() {
    let (studio, program) = studio().await;
    studio.sandbox.faults().add("s3=slow:rate=100k".parse().unwrap());
    for number in 0..8u64 {
        studio.put(format!("{number}.jpg"), &bytes(number, 150_000));
    }
    let photos = studio.photos();
    let running = program.start(&["upload", photos.to_str().unwrap()]);
    program.until("sending", |status| status.totals.uploading.files > 0).await;
    assert_eq!(running.terminate(), 1, "not all is confirmed");
    let (code, status) = program.status().await;
    assert_eq!((code, status.totals.uploading.files), (3, 0), "what was on its way is back in the queue");
    studio.sandbox.faults().clear();
    assert_eq!(program.says(&["upload", photos.to_str().unwrap()]).await.0, 0);
    assert_eq!(studio.sandbox.objects().unwrap().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_left_in_what_it_writes() {
    let (studio, program) = studio().await;
    for number in 0..3u64 {
        studio.put(format!("{number}.jpg"), &bytes(number, 5000));
    }
    studio.sandbox.faults().add("s3=bad-signature:times=1".parse().unwrap());
    studio.sandbox.faults().add("s3=internal:times=1".parse().unwrap());
    let photos = studio.photos();
    let output = program.command(&["upload", photos.to_str().unwrap()]).env("OFFLOAD_LOG", "trace").output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let export = program.says(&["export", "--format", "json"]).await.1;
    let mut places = vec![("the terminal".to_owned(), said), ("the export".to_owned(), export.into_bytes())];
    let mut folders = vec![program.data.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                places.push((path.display().to_string(), std::fs::read(&path).unwrap()));
            }
        }
    }
    assert!(
        places.iter().any(|(place, bytes)| place.contains("log") && !bytes.is_empty()),
        "there is a log to look into"
    );
    let token = studio.sandbox.token().to_owned();
    for (place, bytes) in places {
        let text = String::from_utf8_lossy(&bytes);
        for secret in [token.as_str(), "X-Amz-Signature", "x-amz-signature", "\"policy\"", "eyJleHBpcmF0aW9u"] {
            assert!(!text.contains(secret), "{secret} stands in {place}");
        }
    }
}
