//! Offload and an unmodified Uppy Companion, before the sandbox's S3. `cargo xtask test --only companion` brings Companion.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

use offload_engine::backend::{Address, Dialect};
use offload_engine::secrets::FromEnvironment;
use offload_protocol::view::{Health, State};
use offload_protocol::window::BackendProtocol;
use offload_tests::Studio;
use offload_tests::compare::sha256;
use offload_tests::photos::bytes;
use std::collections::HashSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How Companion chooses keys.
#[derive(Clone, Copy)]
enum Keys {
    /// As it does by itself.
    Random,
    /// `getKey` takes the file's id from the metadata.
    OfFile,
}

/// A running Companion; ended when it is let go of.
struct Companion {
    _process: Child,
    port: u16,
}

impl Companion {
    async fn start(studio: &Studio, keys: Keys, port: u16) -> Self {
        let home: PathBuf = std::env::var_os("OFFLOAD_COMPANION")
            .expect("OFFLOAD_COMPANION names the folder with Companion; `cargo xtask test --only companion` sets it")
            .into();
        let signer = studio.sandbox.signer();
        let data = studio.dir.path().join("companion");
        std::fs::create_dir_all(&data).unwrap();
        let mut command = Command::new("node");
        command.arg("start.mjs").current_dir(home).kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env("COMPANION_DATADIR", &data).envs([
            ("PORT", port.to_string().as_str()),
            ("NODE_ENV", "production"),
            ("KEYS", if matches!(keys, Keys::OfFile) { "file-id" } else { "" }),
            ("COMPANION_DOMAIN", "127.0.0.1"),
            ("COMPANION_SELF_ENDPOINT", "127.0.0.1"),
            ("COMPANION_PROTOCOL", "http"),
            ("COMPANION_SECRET", "a secret of thirty-two letters.."),
            ("COMPANION_PREAUTH_SECRET", "another one of thirty-two letters"),
            ("COMPANION_CLIENT_ORIGINS", "http://localhost:1420"),
            ("COMPANION_UPLOAD_URLS", studio.sandbox.s3_url()),
            ("COMPANION_AWS_KEY", &signer.access_key),
            ("COMPANION_AWS_SECRET", &signer.secret_key),
            ("COMPANION_AWS_BUCKET", "photos"),
            ("COMPANION_AWS_REGION", &signer.region),
            ("COMPANION_AWS_ENDPOINT", studio.sandbox.s3_url()),
            ("COMPANION_AWS_FORCE_PATH_STYLE", "true"),
        ]);
        let mut process = command.spawn().expect("node");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("Companion ended before it listened");
            if let Some(port) = line.strip_prefix("port ") {
                break port.parse().unwrap();
            }
        };
        // What it writes later is read, so that it never waits for us.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { _process: process, port }
    }
}

/// A sandbox whose S3 Companion signs for, and an engine that speaks to Companion, without a token.
async fn studio(keys: Keys, expected_folder: &[(&str, u64)]) -> (Studio, Companion) {
    let mut studio = Studio::without_engine(|_| {}).await;
    for (name, size) in expected_folder {
        studio.put(name, &bytes(*size, usize::try_from(*size).unwrap()));
    }
    let companion = Companion::start(&studio, keys, 0).await;
    start(&mut studio, companion.port).await;
    (studio, companion)
}

async fn start(studio: &mut Studio, port: u16) {
    studio
        .start_with(|options| {
            options.backend = Address::parse(&format!("http://127.0.0.1:{port}")).unwrap();
            options.tokens = Arc::new(FromEnvironment::new(None));
            options.dialect = Dialect { protocol: BackendProtocol::Companion, ..Dialect::default() };
        })
        .await;
}

const FOLDER: [(&str, u64); 5] = [
    ("a.jpg", 40_000),
    ("봄 📷 & co; \"1\".jpg", 70_000),
    ("empty.txt", 0),
    ("sub/a.jpg", 3_000_000),
    ("sub/b'+%20.cr3", 9),
];

/// Every green row is in the bucket with the bytes that lie on disk; gives the keys.
async fn compared(studio: &Studio) -> HashSet<String> {
    let rows = studio.rows().await;
    for row in &rows {
        assert_eq!(row.state, State::Confirmed, "{row:#?}");
        let disk = std::fs::read(studio.photos().join(&row.path)).unwrap();
        let stored = studio.sandbox.read_object(row.key.as_deref().unwrap()).unwrap().unwrap();
        assert!(disk == stored && row.sha256 == Some(sha256(&disk)), "{}", row.path);
    }
    rows.into_iter().map(|row| row.key.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_goes_through_a_companion_as_it_comes() {
    let (studio, _companion) = studio(Keys::Random, &FOLDER).await;
    studio.watch().await;
    let status = studio.until_confirmed(5).await;
    assert_eq!(status.health, Health::UpToDate);
    let caveats: Vec<_> = status.caveats.iter().map(|caveat| caveat.code.as_str()).collect();
    assert_eq!(caveats, ["unconfirmed", "keys_change"]);
    assert_eq!(compared(&studio).await.len(), 5);
    let objects = studio.sandbox.objects().unwrap();
    assert_eq!(objects.len(), 5);
    let rows = studio.rows().await;
    let row = rows.iter().find(|row| row.path == "sub/a.jpg").unwrap();
    let object = studio.sandbox.object(row.key.as_deref().unwrap()).unwrap().unwrap();
    assert_eq!(object.content_type, "image/jpeg");
    assert_eq!(object.headers["x-amz-meta-offload-file-id"], row.file_id);
    assert_eq!(Some(&object.headers["x-amz-meta-offload-sha256"]), row.sha256.as_ref());
    assert_eq!(object.headers["x-amz-meta-offload-path"], "sub%2Fa.jpg");
}

/// What `status` warns of, and what `getKey` mends.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_a_second_copy_only_where_keys_are_random() {
    for (keys, copies) in [(Keys::Random, 2), (Keys::OfFile, 1)] {
        let (studio, _companion) = studio(keys, &FOLDER[..1]).await;
        studio.sandbox.faults().add("s3=drop-after:times=1".parse().unwrap());
        studio.watch().await;
        studio.until_confirmed(1).await;
        assert_eq!(studio.sandbox.faults().struck(), 1);
        let keys = compared(&studio).await;
        assert_eq!((keys.len(), studio.sandbox.objects().unwrap().len()), (1, copies));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_form_is_asked_for_anew() {
    let (studio, _companion) = studio(Keys::Random, &FOLDER[..2]).await;
    studio.sandbox.faults().add("s3=expired:times=2".parse().unwrap());
    studio.watch().await;
    studio.until_confirmed(2).await;
    assert_eq!(studio.sandbox.faults().struck(), 2);
    assert!(studio.rows().await.iter().all(|row| row.attempts == 0), "it costs no attempt");
    compared(&studio).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companion_that_is_away_is_waited_for() {
    let (mut studio, companion) = studio(Keys::OfFile, &FOLDER).await;
    let port = companion.port;
    studio.stop().await;
    drop(companion);
    start(&mut studio, port).await;
    studio.watch().await;
    let status = studio.until("offline", |status| status.health == Health::Offline).await;
    assert_eq!(status.totals.confirmed.files, 0);
    let _companion = Companion::start(&studio, Keys::OfFile, port).await;
    studio.until_confirmed(5).await;
    assert_eq!(compared(&studio).await.len(), 5);
}
