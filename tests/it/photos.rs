//! The real photos: all of them arrive, byte for byte, with what they say of themselves.

use offload_engine::media::GpsConsent;
use offload_tests::Studio;
use offload_tests::compare::nothing_is_lost;
use offload_tests::photos;

#[tokio::test(flavor = "multi_thread")]
async fn real_photos_arrive() {
    let Some(real) = photos::real() else {
        println!("left out: the folder of real photos is not beside this checkout (OFFLOAD_PHOTOS names another)");
        return;
    };
    let studio = Studio::open_with(|_| {}, |options| options.gps = offload_engine::media::GpsConsent::Share).await;
    let names = photos::copy(&real, &studio.photos());
    let paths: Vec<_> =
        names.iter().map(|name| (name.to_str().unwrap().to_owned(), studio.photos().join(name))).collect();
    studio.watch().await;
    studio.until_confirmed(paths.len() as u64).await;
    nothing_is_lost(&studio, &studio.photos(), &paths).await;
    let records = studio.sandbox.records().unwrap();
    let of = |path: &str| records.iter().find(|record| record.path == path).unwrap_or_else(|| panic!("{path}"));
    let korean = paths.iter().find(|(name, _)| name.contains("서울 봄 📷")).map(|(name, _)| name.clone()).unwrap();
    assert_eq!(of(&korean).media.make.as_deref(), Some("LGE"));
    for (path, _) in &paths {
        let media = &of(path).media;
        let ending = path.rsplit('.').next().unwrap().to_ascii_lowercase();
        if matches!(ending.as_str(), "jpg" | "jpeg") {
            assert!(media.width.is_some() && media.height.is_some(), "{path}: {media:?}");
        }
    }
    // Two different photos of one name on the card.
    let twins: Vec<_> = records.iter().filter(|record| record.path.ends_with("IMG_0001.JPG")).collect();
    assert_eq!(twins.len(), 2);
    assert_ne!(twins[0].sha256, twins[1].sha256);
    assert_ne!(twins[0].key, twins[1].key);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_was_taken_stays_at_home_unless_allowed() {
    let Some(real) = photos::real() else {
        println!("left out: the folder of real photos is not beside this checkout (OFFLOAD_PHOTOS names another)");
        return;
    };
    let studio = Studio::open().await;
    photos::copy(&real.join("video"), &studio.photos());
    studio.watch().await;
    studio.until_confirmed(4).await;
    assert!(studio.sandbox.records().unwrap().iter().all(|record| record.media.gps.is_none()));
    // Allowed while it runs, it goes for files that are read from then on.
    studio.handle().set_gps(GpsConsent::Share);
    std::fs::create_dir(studio.photos().join("allowed")).unwrap();
    photos::copy(&real.join("video"), &studio.photos().join("allowed"));
    studio.until_confirmed(8).await;
    assert!(studio.sandbox.records().unwrap().iter().any(|record| record.media.gps.is_some()));
}
