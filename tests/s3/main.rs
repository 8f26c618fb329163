#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]
#[tokio::test(flavor = "multi_thread")]
async fn t() {
    for k in offload_tests::s3_servers::Kind::ALL {
        eprintln!("{k:?} {:?}", k.missing());
        if k.missing().is_some() {
            continue;
        }
        let b = std::time::Instant::now();
        let r = k.start().await;
        eprintln!("{r:?} {:?}", b.elapsed());
        eprintln!("{:?}", r.object("x").await);
    }
}
