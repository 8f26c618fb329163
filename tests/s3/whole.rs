//! The whole of Offload with a server that may not be ours: the reference backend signs for it and looks into it.

use offload_protocol::view::Health;
use offload_sandbox::{ExternalS3, SignRule};
use offload_tests::Studio;
use offload_tests::compare::sha256;
use offload_tests::photos::bytes;
use offload_tests::s3_servers::{Found, Running};

/// A folder is watched until all is green; then disk, ledger, backend and bucket are held against each other.
pub(crate) async fn folder(server: &Running, sign: SignRule) {
    let external = ExternalS3 {
        endpoint: format!("http://{}", server.address),
        access_key: server.signer.access_key.clone(),
        secret_key: server.signer.secret_key.clone(),
        session_token: None,
        bucket: server.bucket.clone(),
        region: server.signer.region.clone(),
    };
    let adjust = |options: &mut offload_sandbox::SandboxOptions| {
        (options.external_s3, options.sign) = (Some(external), sign);
        options.account = format!("{sign:?}").to_lowercase();
    };
    let studio = Studio::open_with(adjust, |_| {}).await;
    let files = [
        ("a.jpg", 50_000),
        ("서울/봄 나들이 📷.jpg", 3),
        ("b \"c\"; d.png", 200_000),
        ("empty.jpg", 0),
        ("e.mov", 7_000_000),
    ];
    let put =
        |(number, (name, size)): (usize, (&'static str, usize))| (name, studio.put(name, &bytes(number as u64, size)));
    let paths: Vec<_> = files.into_iter().enumerate().map(put).collect();
    studio.watch().await;
    let status = studio.until_confirmed(paths.len() as u64).await;
    assert_eq!(status.health, Health::UpToDate, "{sign:?}");
    let records = studio.sandbox.records().unwrap();
    for (name, path) in &paths {
        let (row, disk) = (studio.row(name).await, std::fs::read(path).unwrap());
        assert_eq!(row.sha256, Some(sha256(&disk)), "{sign:?}, {name}");
        let record = records.iter().find(|record| record.file_id == row.file_id).unwrap();
        assert_eq!((&record.sha256, Some(&record.key)), (&sha256(&disk), row.key.as_ref()), "{sign:?}, {name}");
        assert!(record.is_confirmed(), "{sign:?}, {name}");
        assert_eq!(server.object(&record.key).await, Found::Bytes(disk), "{sign:?}, {name}");
    }
    assert_eq!(records.len(), paths.len(), "{sign:?}");
}
