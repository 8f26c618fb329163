//! Damaged and hostile files: whatever they hold, no panic, no hang, no more memory than promised.
//!
//! These tests go past the guard that catches panics, so one in a decoder shows too.

use super::tests::{exif, maker, photo, scene, with_exif};
use super::{Edge, draw, heif};
use crate::media::Format;
use crate::media::bytes::Bytes as Pieces;
use crate::media::made::{Value, chain};
use crate::media::photos::{files_in, folder};
use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;
use std::io::Cursor;
use std::time::{Duration, Instant};

/// Draws without the guard.
fn draw_bare(file: &[u8], edge: Edge) -> Option<Vec<u8>> {
    let mut pieces = Pieces::new(Box::new(Cursor::new(file))).unwrap();
    let format = Format::of(&pieces.head(32).unwrap())?;
    draw::thumbnail(maker().best(&mut pieces, format, edge.pixels())?, edge.pixels())
}

/// A small file of each kind that is drawn here.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let picture = DynamicImage::ImageRgb8(scene(120, 80, [9; 3]));
    let whole = |format| {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    let preview = photo(120, 80, [9; 3]);
    let len = u32::try_from(preview.len()).unwrap();
    let raw = vec![(0x201, Value::Elsewhere(preview)), (0x202, Value::Long(len)), (0x112, Value::Short(6))];
    vec![
        ("jpeg", photo(120, 80, [9; 3])),
        ("jpeg with a thumbnail", with_exif(&photo(60, 40, [9; 3]), &exif(6, Some(photo(120, 80, [9; 3]))))),
        ("png", whole(ImageFormat::Png)),
        ("webp", whole(ImageFormat::WebP)),
        ("gif", whole(ImageFormat::Gif)),
        ("raw", chain(true, vec![raw])),
    ]
}

fn mutated(seed: &[u8], flips: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    let mut file = seed.to_vec();
    for (at, with) in flips {
        file[at.index(seed.len())] ^= with;
    }
    if let Some(cut) = cut {
        file.truncate(cut.index(seed.len()));
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn damaged_pictures_never_panic(
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1u8..), 0..12),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (_, seed) in seeds() {
            draw_bare(&mutated(&seed, &flips, cut), Edge::Small);
        }
    }

    #[test]
    fn whatever_follows_a_known_start_never_panics(
        start in prop::sample::select(vec![
            &b"\xff\xd8\xff\xe1\x40\x00Exif\0\0II\x2a\0\x08\0\0\0"[..], b"II\x2a\0\x08\0\0\0", b"MM\0\x2a\0\0\0\x08", b"IIU\0\x08\0\0\0",
            b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xff\xff\0\0WEBPVP8L", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
            b"FUJIFILMCCD-RAW 0201FF000000",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        draw_bare(&[start, &rest].concat(), Edge::Large);
    }
}

#[test]
fn damaged_copies_of_real_photos_never_panic_or_hang() {
    let Some(folder) = folder() else { return };
    let (mut rounds, mut shown, begun) = (0, 0, Instant::now());
    for path in files_in(&folder) {
        let content = std::fs::read(&path).unwrap();
        let mut seed = content.len() as u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below.max(1)
        };
        for round in 0..100 {
            // Cut, most of the time: what the head says is the point, and the whole takes long to decode.
            let keep = if round % 10 == 0 { content.len() } else { content.len().min(40_000 + random(60_000)) };
            let mut damaged = content[..keep].to_vec();
            for _ in 0..=round % 20 {
                let at = random(if round % 3 == 0 { keep } else { keep.min(12_000) });
                damaged[at] ^= u8::try_from(1 + random(255)).unwrap();
            }
            let start = Instant::now();
            shown += usize::from(draw_bare(&damaged, Edge::Small).is_some());
            rounds += 1;
            // A bound for a hang, not for speed: this may run unoptimised beside other tests.
            assert!(start.elapsed() < Duration::from_secs(60), "{} round {round}", path.display());
        }
    }
    println!("{rounds} damaged files in {:.1?}, {shown} of them still shown", begun.elapsed());
}

/// The thumbnails of real HEICs are small, so that their decoder meets many damages of its stream.
#[test]
fn damaged_heic_streams_never_panic() {
    let Some(folder) = folder() else { return };
    for name in ["phone/IMG_0487.heic", "phone/IMG_1034.heic"] {
        let content = std::fs::read(folder.join(name)).unwrap();
        let context = heic_rs::context::Context::open(&content).unwrap();
        let thumbnail =
            context.meta.refs.iter().find(|one| one.kind == heic_rs::meta::iref::RefKind::Thmb).unwrap().from;
        let data = context.item_data(thumbnail).unwrap();
        let start = data.as_ptr() as usize - content.as_ptr() as usize;
        let meta = 4000;
        let mut seed = 7u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below
        };
        for round in 0..300 {
            let mut damaged = content.clone();
            for _ in 0..=round % 8 {
                let at = if round % 2 == 0 { start + random(data.len()) } else { random(meta) };
                damaged[at] ^= 1 << random(8);
            }
            // Only the thumbnail counts here.
            let mut pieces = Pieces::new(Box::new(Cursor::new(&damaged[..]))).unwrap();
            heif::picture(&mut pieces, 96);
        }
    }
}

#[test]
fn sizes_that_are_only_claimed_are_refused_before_anything_is_taken() {
    let side = 60_000u16;
    let mut jpeg = photo(64, 64, [9; 3]);
    let at = jpeg.windows(2).position(|piece| piece == [0xff, 0xc0]).unwrap();
    jpeg[at + 5..at + 7].copy_from_slice(&side.to_be_bytes());
    jpeg[at + 7..at + 9].copy_from_slice(&side.to_be_bytes());
    let mut gif = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(scene(8, 8, [9; 3])).write_to(&mut gif, ImageFormat::Gif).unwrap();
    let mut gif = gif.into_inner();
    gif[6..8].copy_from_slice(&side.to_le_bytes());
    gif[8..10].copy_from_slice(&side.to_le_bytes());
    let mut png = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(scene(8, 8, [9; 3])).write_to(&mut png, ImageFormat::Png).unwrap();
    let mut png = png.into_inner();
    png[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let sum = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32IsoHdlc, &png[12..29]) as u32;
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    for (name, file) in [("jpeg", jpeg), ("gif", gif), ("png", png)] {
        let begun = Instant::now();
        assert!(draw_bare(&file, Edge::Large).is_none(), "{name}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{name} took {:?}", begun.elapsed());
    }
}

#[test]
fn a_chain_of_directories_that_bites_its_tail_ends() {
    let mut file =
        chain(true, vec![vec![(0x112, Value::Short(1))], vec![(0x14a, Value::Long(8)), (0x112, Value::Short(1))]]);
    let len = file.len();
    file[len - 4..].copy_from_slice(&8u32.to_le_bytes());
    assert!(draw_bare(&file, Edge::Small).is_none());
}
