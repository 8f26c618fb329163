//! Damaged and hostile files: whatever they hold, no panic, no hang, no more memory than promised.
//!
//! These tests go past the guard that catches panics, so one in a decoder shows too.

use super::tests::{exif, maker, photo, scene, with_exif};
use super::{Edge, draw, heif, sequence};
use crate::media::Format;
use crate::media::bytes::Bytes as Pieces;
use crate::media::made::{Value, boxed, chain};
use crate::media::photos::{files_in, folder};
use heic_rs::context::Context;
use heic_rs::meta::iref::RefKind;
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

/// Numbers below what is asked for, always the same ones.
fn numbers(seed: usize) -> impl FnMut(usize) -> usize {
    let mut seed = seed as u64;
    move |below| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below.max(1)
    }
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
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

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
        let mut random = numbers(content.len());
        for round in 0..12 {
            // Cut, most of the time: what the head says is the point, and the whole takes long to decode.
            let keep = if round % 20 == 0 { content.len() } else { content.len().min(40_000 + random(60_000)) };
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
        let context = Context::open(&content).unwrap();
        let thumbnail = context.meta.refs.iter().find(|one| one.kind == RefKind::Thmb).unwrap().from;
        let data = context.item_data(thumbnail).unwrap();
        let (start, len) = (data.as_ptr() as usize - content.as_ptr() as usize, data.len());
        let primary = heif::primary_place(&mut Pieces::new(Box::new(Cursor::new(&content[..]))).unwrap()).unwrap();
        let mut file = content.clone();
        heif::write_id(&mut file, primary, thumbnail).unwrap();
        assert!(heif::decode_primary(&file).is_some());
        let mut random = numbers(len);
        for round in 0..300 {
            let mut damaged = file.clone();
            for _ in 0..=round % 8 {
                let at = if round % 2 == 0 { start + random(len) } else { random(4000) };
                damaged[at] ^= 1 << random(8);
            }
            // Boxes may lead to the photo itself now, which takes long.
            let leads_to = Context::open(&damaged).map(|context| context.meta.primary);
            if leads_to.is_ok_and(|id| id == thumbnail)
                && heif::is_bounded(&Context::open(&damaged).unwrap(), thumbnail)
            {
                heif::decode_primary(&damaged);
            }
        }
        // And the whole way, with what is left of the file.
        for cut in [100, 1000, 3000] {
            assert!(draw_bare(&content[..cut], Edge::Small).is_none(), "{name} cut at {cut}");
        }
    }
}

/// A HEIC that says it is small, of one picture whose stream says `width` by `height`, or of a grid of so many of them.
fn heic(width: u32, height: u32, tiles: Option<u16>) -> Vec<u8> {
    let sequence = sequence::tests::unit(0, 0x60, width, height);
    let unit =
        |kind: u8, unit: &[u8]| [&[kind, 0, 1][..], &u16::try_from(unit.len()).unwrap().to_be_bytes(), unit].concat();
    let config = [&[1][..], &[0; 20], &[3, 2], &unit(33, &sequence), &unit(34, &[0x44, 1, 0xc0])].concat();
    let size = [[0; 4], 64u32.to_be_bytes(), 64u32.to_be_bytes()].concat();
    let item = |id: u8, kind: &[u8; 4]| boxed(b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0][..], kind, &[0]].concat());
    let tiles_across = tiles.map_or(1, |tiles| tiles / 4);
    let grid = [0, 0, 3, u8::try_from(tiles_across - 1).unwrap(), 0, 64, 0, 64];
    let place = |id: u8, at: u8, len: u8| [0, id, 0, 1, 0, 0, 0, 1, 0, 0, 0, at, 0, 0, 0, len];
    let references = tiles.map_or(Vec::new(), |tiles| {
        let to = [0, 1].repeat(usize::from(tiles));
        boxed(b"iref", &[&[0; 4][..], &boxed(b"dimg", &[&[0, 2][..], &tiles.to_be_bytes(), &to].concat())].concat())
    });
    let meta = [
        vec![0; 4],
        boxed(b"hdlr", &[&[0; 8][..], b"pict", &[0; 13]].concat()),
        boxed(b"pitm", &[0, 0, 0, 0, 0, if tiles.is_some() { 2 } else { 1 }]),
        boxed(b"iinf", &[&[0, 0, 0, 0, 0, 2][..], &item(1, b"hvc1"), &item(2, b"grid")].concat()),
        references,
        boxed(b"iloc", &[&[1, 0, 0, 0, 0x44, 0, 0, 2][..], &place(1, 8, 8), &place(2, 0, 8)].concat()),
        boxed(b"idat", &[&grid[..], &[0, 0, 0, 4, 0x26, 1, 0xaf, 0x80]].concat()),
        boxed(
            b"iprp",
            &[
                boxed(b"ipco", &[boxed(b"hvcC", &config), boxed(b"ispe", &size)].concat()),
                boxed(b"ipma", &[0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 2, 0x81, 2, 0, 2, 1, 2]),
            ]
            .concat(),
        ),
    ];
    [boxed(b"ftyp", b"heic\0\0\0\0mif1heic"), boxed(b"meta", &meta.concat())].concat()
}

#[test]
fn a_heic_is_held_to_what_its_stream_takes_not_to_what_its_container_says() {
    for (width, height, tiles, bounded) in [
        (64, 64, None, true),
        (8000, 8000, None, true),
        (32_768, 32_768, None, false),
        (512, 512, Some(48), true),
        (512, 512, Some(1024), false),
        (4000, 4000, Some(8), false),
    ] {
        let file = heic(width, height, tiles);
        let context = Context::open(&file).unwrap();
        let found = context.grid(context.meta.primary).unwrap().map(|(_, tiles)| tiles.len());
        assert_eq!(found, tiles.map(usize::from));
        assert_eq!(heif::is_bounded(&context, context.meta.primary), bounded, "{width} x {height}, {tiles:?}");
        assert!(bounded || draw_bare(&file, Edge::Small).is_none());
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
