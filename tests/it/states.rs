//! The plain way through the states, and `waiting`; the others are reached in `faults`, `flow`, `names` and `versions`.

use offload_protocol::view::{Health, State};
use offload_tests::Studio;
use offload_tests::compare::{green_means_safe, nothing_is_lost};
use offload_tests::photos::bytes;

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_folder_arrives_and_new_files_follow() {
    let studio = Studio::open().await;
    let mut paths = Vec::new();
    for number in 0..20u64 {
        let name = format!("day {}/IMG_{number:04}.JPG", number % 3);
        paths.push((name.clone(), studio.put(&name, &bytes(number, 20_000 + number as usize))));
    }
    studio.watch().await;
    studio.until_confirmed(20).await;
    for number in 20..25u64 {
        let name = format!("later/IMG_{number:04}.JPG");
        paths.push((name.clone(), studio.put(&name, &bytes(number, 30_000))));
    }
    let status = studio.until_confirmed(25).await;
    assert_eq!(status.health, Health::UpToDate);
    assert_eq!(studio.sandbox.uploads_received(), 25);
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    let rows = studio.rows().await;
    green_means_safe(&rows, &studio.sandbox);
    assert!(rows.iter().all(|row| row.state == State::Confirmed));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_for_a_while_waits_with_its_reason_and_its_next_try() {
    let studio = Studio::open().await;
    studio.sandbox.faults().add("s3=internal".parse().unwrap());
    studio.put("a.jpg", &bytes(1, 5000));
    studio.watch().await;
    let row = studio.until_state("a.jpg", State::Waiting).await;
    assert_eq!(row.code.as_deref(), Some("s3_internal"));
    assert!(row.retry_at_ms.is_some() && row.reason.is_some() && row.attempts > 0, "{row:#?}");
    assert_eq!(studio.status().await.health, Health::Working, "what waits is not up to date");
    studio.sandbox.faults().clear();
    studio.until_confirmed(1).await;
}
