//! Real photos of cameras and phones, read in place: see `media::photos` for where they are.

use super::tests::{drawn, maker};
use super::{Edge, draw};
use crate::media::bytes::Bytes as Pieces;
use crate::media::photos::{files_in, folder};
use crate::media::{Format, GpsConsent, read};
use image::{DynamicImage, GenericImageView};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where to put what was drawn, to be looked at.
fn kept(picture: &DynamicImage, of: &Path, edge: Edge) {
    if let Some(dir) = std::env::var_os("OFFLOAD_THUMBNAILS") {
        let name = format!("{}-{edge:?}.png", of.file_name().unwrap().to_string_lossy());
        picture.save(Path::new(&dir).join(name)).unwrap();
    }
}

/// How far two pictures are apart in the mean, in both at a size where details don't count.
fn distance(one: &DynamicImage, other: &DynamicImage) -> f64 {
    let small = |picture: &DynamicImage| picture.thumbnail_exact(24, 24).to_rgb8();
    let (one, other) = (small(one), small(other));
    let sum: u32 = one.iter().zip(other.iter()).map(|(one, other)| u32::from(one.abs_diff(*other))).sum();
    f64::from(sum) / f64::from(24 * 24 * 3u32)
}

#[test]
fn every_photo_has_both_and_they_show_what_it_shows() {
    let Some(folder) = folder() else { return };
    let is_media = |path: &PathBuf| !path.ends_with("README.md");
    for path in files_in(&folder).into_iter().filter(is_media) {
        let content = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy();
        let begun = Instant::now();
        let small = drawn(&content, Edge::Small);
        let half = Instant::now();
        let large = drawn(&content, Edge::Large);
        println!("{name}: small {:.1?}, large {:.1?}", half - begun, half.elapsed());
        if path.starts_with(folder.join("video"))
            || path.starts_with(folder.join("sidecars"))
            || name.contains("malformed")
        {
            assert!(small.is_none() && large.is_none(), "{name}");
            continue;
        }
        let media = read(&path, GpsConsent::Withhold).unwrap();
        let (mut width, mut height) = (media.width.unwrap(), media.height.unwrap());
        if media.orientation.unwrap_or(1) > 4 {
            (width, height) = (height, width);
        }
        let whole = content
            .starts_with(&[0xff, 0xd8])
            .then(|| draw::decode_jpeg(&content).unwrap().turned(media.orientation.unwrap_or(1)).picture)
            .map(|picture| picture.thumbnail(1024, 1024));
        for (edge, picture) in [(Edge::Small, small), (Edge::Large, large)] {
            let picture = picture.unwrap_or_else(|| panic!("{name} has no {edge:?}"));
            kept(&picture, &path, edge);
            let size = picture.dimensions();
            assert_eq!(size.0.max(size.1), edge.pixels().min(width.max(height)), "{name}");
            let aspect = f64::from(size.0 * height) / f64::from(size.1 * width);
            assert!((aspect - 1.0).abs() < 0.03, "{name}: {size:?}");
            if let Some(whole) = &whole {
                let apart = distance(&picture, whole);
                println!("{name} {edge:?}: {apart:.1} from the whole");
                assert!(apart < 12.0, "{name} {edge:?}: {apart}");
            }
        }
    }
}

#[test]
fn a_phones_own_thumbnail_shows_what_its_heic_shows() {
    let Some(folder) = folder() else { return };
    for name in ["phone/IMG_0487.heic", "phone/IMG_1034.heic"] {
        let content = std::fs::read(folder.join(name)).unwrap();
        let (small, large) = (drawn(&content, Edge::Small).unwrap(), drawn(&content, Edge::Large).unwrap());
        assert!(distance(&small, &large) < 4.0, "{name}: {}", distance(&small, &large));
    }
}

#[test]
fn a_small_one_is_made_of_little_of_the_file() {
    let Some(folder) = folder() else { return };
    for name in ["card/DCIM/100CANON/IMG_0001.JPG", "card/DCIM/101NIKON/DSC_0002.JPG", "phone/Apple iPhone 6.jpg"] {
        let content = std::fs::read(folder.join(name)).unwrap();
        // The picture itself is gone; its thumbnail stands in the first 64 KiB.
        let cut = &content[..70_000];
        let mut pieces = Pieces::new(Box::new(Cursor::new(cut))).unwrap();
        assert_eq!(Format::of(&cut[..32]), Some(Format::Jpeg));
        assert!(maker().draw(&mut pieces, Edge::Small).unwrap().is_some(), "{name}");
    }
}
