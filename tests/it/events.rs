//! A backend that learns from S3's events what arrived: `complete` is answered `pending`, and asked again.

use offload_protocol::view::{Health, State};
use offload_tests::Studio;
use offload_tests::compare::nothing_is_lost;
use offload_tests::photos::bytes;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_green_only_when_the_backend_heard_of_it() {
    let mut studio = Studio::open_with(|sandbox| sandbox.events = Some(Duration::from_secs(4)), |_| {}).await;
    let mut paths = Vec::new();
    for number in 0..3u64 {
        let name = format!("봄 {number}+.jpg");
        paths.push((name.clone(), studio.put(&name, &bytes(number, 20_000))));
    }
    studio.watch().await;
    studio
        .until("all in S3, none confirmed", |status| {
            assert_eq!(status.totals.confirmed.files, 0, "green before the backend had heard of it");
            assert_ne!(status.health, Health::UpToDate);
            status.totals.uploaded.files == 3
        })
        .await;
    // Being asked to wait is durable, and no reason to send anything again.
    while studio.rows().await.iter().any(|row| row.code.as_deref() != Some("backend_pending")) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let row = studio.row("봄 0+.jpg").await;
    assert_eq!((row.state, row.attempts), (State::Uploaded, 0));
    assert_eq!(row.reason.as_deref(), Some("in S3, the backend is still processing it"));
    studio.stop().await;
    studio.start().await;
    studio.until_confirmed(3).await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    assert_eq!(studio.sandbox.uploads_received(), 3);
    for row in studio.rows().await {
        let story = studio.handle().story_of(row.id).await.unwrap().unwrap();
        let told: Vec<_> = story.versions[0].attempts.iter().filter(|attempt| attempt.step == "confirm").collect();
        let outcomes: Vec<_> = told.iter().map(|attempt| attempt.outcome.as_str()).collect();
        assert_eq!(outcomes, ["backend_pending", "ok"], "however often it was asked");
        assert_eq!((row.code, row.reason), (None, None));
    }
}
