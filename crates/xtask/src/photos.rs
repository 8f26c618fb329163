//! Photos for demonstrations, tests and benchmarks: real JPEGs as a memory card holds them, and files that only weigh.
//!
//! The same seed draws the same bytes again.

mod card;
mod landscape;
mod random;
mod weight;

use anyhow::{Context, Result};
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
pub use weight::{large_file, small_files};

/// Draws `count` JPEGs of 0.3 to 8 MB with EXIF below `dir`, in folders and with names as cameras give them; one name
/// stands in two folders, one has Hangul and a space, one an emoji (from 5 photos on). Gives their paths.
pub fn draw(dir: &Path, count: usize, seed: u64) -> Result<Vec<PathBuf>> {
    let shots = card::plan(count, seed);
    for folder in card::FOLDERS {
        let folder = dir.join(folder);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    std::thread::scope(|scope| {
        let draw_some = || {
            while let Some(shot) = shots.get(next.fetch_add(1, Ordering::Relaxed)) {
                draw_one(&dir.join(&shot.path), shot)?;
            }
            Ok(())
        };
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(draw_some)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or_else(|_| Err(anyhow::anyhow!("drawing a photo broke down"))))
    })?;
    Ok(shots.into_iter().map(|shot| dir.join(shot.path)).collect())
}

fn draw_one(path: &Path, shot: &card::Shot) -> Result<()> {
    let pixels = landscape::draw(shot.width, shot.height, shot.grain, shot.seed);
    let mut encoded = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut encoded, shot.quality);
    encoder.set_exif_metadata(card::exif(shot)?)?;
    encoder.write_image(&pixels, shot.width, shot.height, ExtendedColorType::Rgb8)?;
    std::fs::write(path, encoded).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::draw;
    use offload_engine::media::{GpsConsent, read};
    use std::collections::HashSet;

    #[test]
    fn drawn_photos_are_whole_distinct_of_photo_size_and_say_what_took_them() {
        let dir = tempfile::tempdir().unwrap();
        let started = std::time::Instant::now();
        let paths = draw(dir.path(), 24, 1).unwrap();
        println!("24 photos drawn in {:?}", started.elapsed());
        assert_eq!(paths.len(), 24);

        let mut contents = HashSet::new();
        let (mut middling, mut placed) = (0, 0);
        for path in &paths {
            let content = std::fs::read(path).unwrap();
            let megabytes = content.len() as f64 / 1e6;
            assert!((0.3..=8.0).contains(&megabytes), "{}: {megabytes} MB", path.display());
            middling += usize::from((1.0..=4.0).contains(&megabytes));

            let media = read(path, GpsConsent::Share).unwrap();
            let picture = image::load_from_memory(&content).unwrap();
            assert_eq!((media.width, media.height), (Some(picture.width()), Some(picture.height())));
            let make = media.make.as_deref().unwrap();
            assert!(matches!(make, "Canon" | "NIKON CORPORATION"), "{make}");
            assert!(media.model.is_some() && media.lens.is_some() && media.orientation.is_some(), "{media:?}");
            let captured_at = media.captured_at.unwrap();
            assert!(captured_at.starts_with("2024-05-") && captured_at.ends_with("+09:00"), "{captured_at}");
            if let Some(gps) = media.gps {
                assert!((33.0..39.0).contains(&gps.latitude) && (126.0..130.0).contains(&gps.longitude), "{gps:?}");
                placed += 1;
            }
            assert!(contents.insert(content), "{} equals another one", path.display());
        }
        assert!(middling > 12, "{middling} of 24 between 1 and 4 MB");
        assert!((1..24).contains(&placed), "{placed} of 24 with a place");
    }

    #[test]
    fn the_same_seed_draws_the_same_and_another_one_does_not() {
        let dirs = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let drawn = [7, 7, 8].iter().zip(&dirs).map(|(seed, dir)| {
            let paths = draw(dir.path(), 1, *seed).unwrap();
            std::fs::read(&paths[0]).unwrap()
        });
        let drawn: Vec<_> = drawn.collect();
        assert!(drawn[0] == drawn[1] && drawn[1] != drawn[2]);
    }
}
