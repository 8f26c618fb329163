//! Files drawn here, one for each place a preview may stand at.

use super::{Edge, Maker, OneLarge, ThumbnailCache};
use crate::media::bytes::Bytes as Pieces;
use crate::media::made::{Value, boxed, chain, segment, tiff};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

pub(super) const RED: [u8; 3] = [220, 30, 30];
const GREEN: [u8; 3] = [30, 200, 30];
const BLUE: [u8; 3] = [30, 30, 220];
const WHITE: [u8; 3] = [250, 250, 250];
pub(super) const GREY: [u8; 3] = [128, 128, 128];
pub(super) const YELLOW: [u8; 3] = [230, 220, 40];
const BLACK: [u8; 3] = [0, 0, 0];

/// Four corners: red, green, blue, white; the middle as it is called for.
pub(super) fn scene(width: u32, height: u32, middle: [u8; 3]) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let inner = x > width / 3 && x < width * 2 / 3 && y > height / 3 && y < height * 2 / 3;
        Rgb(match (inner, x < width / 2, y < height / 2) {
            (true, ..) => middle,
            (_, true, true) => RED,
            (_, false, true) => GREEN,
            (_, true, false) => BLUE,
            (_, false, false) => WHITE,
        })
    })
}

pub(super) fn jpeg_of(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, 90).encode_image(picture).unwrap();
    out
}

pub(super) fn photo(width: u32, height: u32, middle: [u8; 3]) -> Vec<u8> {
    jpeg_of(&scene(width, height, middle))
}

/// A JPEG with more segments in front.
fn with(jpeg: &[u8], segments: &[u8]) -> Vec<u8> {
    [&jpeg[..2], segments, &jpeg[2..]].concat()
}

pub(super) fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    with(jpeg, &segment(0xe1, &[b"Exif\0\0", exif].concat()))
}

/// EXIF with a turn and a thumbnail.
pub(super) fn exif(orientation: u16, thumbnail: Option<Vec<u8>>) -> Vec<u8> {
    let main = vec![(0x112, Value::Short(orientation))];
    chain(orientation.is_multiple_of(2), [Some(main), thumbnail.map(pointed)].into_iter().flatten().collect())
}

fn pointed(jpeg: Vec<u8>) -> Vec<(u16, Value)> {
    let len = u32::try_from(jpeg.len()).unwrap();
    vec![(0x201, Value::Elsewhere(jpeg)), (0x202, Value::Long(len))]
}

fn strip(jpeg: Vec<u8>, compression: u16) -> Vec<(u16, Value)> {
    let len = u32::try_from(jpeg.len()).unwrap();
    vec![(0x103, Value::Short(compression)), (0x111, Value::Elsewhere(jpeg)), (0x117, Value::Long(len))]
}

pub(super) fn maker() -> Maker {
    let cache = ThumbnailCache::new("/nonexistent", 0);
    Maker { cache, desktop: None, large: OneLarge::default() }
}

pub(super) fn drawn(file: &[u8], edge: Edge) -> Option<DynamicImage> {
    let mut pieces = Pieces::new(Box::new(Cursor::new(file))).unwrap();
    let jpeg = maker().draw(&mut pieces, edge).unwrap()?;
    Some(image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap())
}

#[track_caller]
fn is_near(found: [u8; 3], wanted: [u8; 3], what: &str) {
    let off = found.iter().zip(wanted).map(|(found, wanted)| found.abs_diff(wanted)).max().unwrap();
    assert!(off < 30, "{what}: {found:?} instead of {wanted:?}");
}

fn at(picture: &DynamicImage, across: f32, down: f32) -> [u8; 3] {
    let (x, y) = (picture.width() as f32 * across, picture.height() as f32 * down);
    let Rgb(pixel) = *picture.to_rgb8().get_pixel(x as u32, y as u32);
    pixel
}

/// Corners in reading order, and the middle.
#[track_caller]
pub(super) fn shows(picture: &DynamicImage, corners: [[u8; 3]; 4], middle: [u8; 3]) {
    for ((across, down), wanted) in [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)].into_iter().zip(corners) {
        is_near(at(picture, across, down), wanted, &format!("at {across}, {down}"));
    }
    is_near(at(picture, 0.5, 0.5), middle, "in the middle");
}

pub(super) const UPRIGHT: [[u8; 3]; 4] = [RED, GREEN, BLUE, WHITE];

#[test]
fn every_turn_that_exif_knows_is_undone() {
    let turns = [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (4, [BLUE, WHITE, RED, GREEN]),
        (5, [RED, BLUE, GREEN, WHITE]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (7, [WHITE, GREEN, BLUE, RED]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ];
    for (orientation, corners) in turns {
        for thumbnail in [None, Some(photo(150, 100, GREY))] {
            let file = with_exif(&photo(900, 600, GREY), &exif(orientation, thumbnail));
            for (edge, long, short) in [(Edge::Small, 96, 64), (Edge::Large, 512, 341)] {
                let picture = drawn(&file, edge).unwrap();
                let size = if orientation < 5 { (long, short) } else { (short, long) };
                assert_eq!(picture.dimensions(), size, "orientation {orientation}");
                shows(&picture, corners, GREY);
            }
        }
    }
}

#[test]
fn the_smallest_that_is_large_enough_is_taken() {
    let note = |preview: Vec<u8>| {
        // Nikon's: a TIFF of its own.
        let inner = tiff(false, vec![(0x11, Value::Directory(pointed(preview)))]);
        [b"Nikon\0\x02\x10\0\0", &inner[..]].concat()
    };
    let main = vec![(0x8769, Value::Directory(vec![(0x927c, Value::Blob(note(photo(600, 400, BLUE))))]))];
    let exif = chain(true, vec![main, pointed(photo(150, 100, YELLOW))]);
    let file = with_exif(&photo(900, 600, GREY), &exif);
    shows(&drawn(&file, Edge::Small).unwrap(), UPRIGHT, YELLOW);
    shows(&drawn(&file, Edge::Large).unwrap(), UPRIGHT, BLUE);

    // A thumbnail smaller than the box is no good while the photo itself can be read.
    let file = with_exif(&photo(900, 600, GREY), &self::exif(1, Some(photo(75, 50, YELLOW))));
    shows(&drawn(&file, Edge::Small).unwrap(), UPRIGHT, GREY);
    // A cut copy has only that.
    let head = with_exif(&[0xff, 0xd8], &self::exif(1, Some(photo(75, 50, YELLOW)))).len();
    let picture = drawn(&file[..head + 300], Edge::Large).unwrap();
    assert_eq!(picture.dimensions(), (75, 50));
    shows(&picture, UPRIGHT, YELLOW);
}

#[test]
fn bars_around_a_thumbnail_are_cut_off_and_a_stale_one_is_not_shown() {
    // 3:2 in 4:3, as many cameras do; lying and standing.
    for (size, frame, at) in [((160, 107), (160, 120), (0, 6)), ((80, 120), (160, 120), (40, 0))] {
        let mut thumbnail = RgbImage::from_pixel(frame.0, frame.1, Rgb(BLACK));
        image::imageops::replace(&mut thumbnail, &scene(size.0, size.1, YELLOW), at.0, at.1);
        let full = if at.1 > 0 { (900, 600) } else { (600, 900) };
        let file = with_exif(&photo(full.0, full.1, GREY), &exif(1, Some(jpeg_of(&thumbnail))));
        let picture = drawn(&file, Edge::Small).unwrap();
        shows(&picture, UPRIGHT, YELLOW);
        let edges = [at_edge(&picture, 0.5, 0.0), at_edge(&picture, 0.5, 1.0), at_edge(&picture, 0.0, 0.2)];
        assert!(edges.iter().all(|pixel| pixel.iter().any(|value| *value > 100)), "{edges:?}");
    }
    // Cropped to a square since: the thumbnail shows more than the photo.
    let file = with_exif(&photo(600, 600, GREY), &exif(1, Some(photo(160, 120, YELLOW))));
    let picture = drawn(&file, Edge::Small).unwrap();
    assert_eq!(picture.dimensions(), (96, 96));
    shows(&picture, UPRIGHT, GREY);
}

fn at_edge(picture: &DynamicImage, across: f32, down: f32) -> [u8; 3] {
    at(picture, (across - 0.001).max(0.0), (down - 0.001).max(0.0))
}

#[test]
fn raw_files_by_directories_and_sub_directories() {
    let raw_data = {
        // Lossless JPEG, in which RAW data comes: never a preview.
        let mut data = photo(1200, 800, RED);
        let at = data.windows(2).position(|piece| piece == [0xff, 0xc0]).unwrap();
        data[at + 1] = 0xc3;
        data
    };
    let turned = (0x112, Value::Short(8));
    let nef = {
        let mut main = strip(vec![1; 100], 1);
        main.push(turned.clone());
        main.push((0x14a, Value::Directory(pointed(photo(600, 400, GREY)))));
        chain(false, vec![main, pointed(photo(160, 107, YELLOW))])
    };
    let cr2 = {
        let mut main = strip(photo(600, 400, GREY), 6);
        main.push(turned.clone());
        chain(true, vec![main, pointed(photo(160, 107, YELLOW)), vec![], strip(raw_data.clone(), 6)])
    };
    let dng = {
        let mut main = strip(photo(160, 107, YELLOW), 7);
        main.push(turned.clone());
        main.push((0x14a, Value::Directory(strip(raw_data, 7))));
        chain(true, vec![main, strip(photo(600, 400, GREY), 7)])
    };
    let orf = {
        let camera = photo(600, 400, GREY);
        // Offsets count from the note's start.
        let mut note = b"OLYMPUS\0II\x03\0".to_vec();
        let len = u32::try_from(camera.len()).unwrap();
        let number =
            |tag: u16, value: u32| [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0], &value.to_le_bytes()].concat();
        note.extend([&[1, 0][..], &number(0x2020, 30), &[0; 4]].concat());
        note.extend([&[2, 0][..], &number(0x101, 60), &number(0x102, len), &[0; 4]].concat());
        note.extend(camera);
        let main = vec![turned.clone(), (0x8769, Value::Directory(vec![(0x927c, Value::Blob(note))]))];
        let mut file = chain(true, vec![main, pointed(photo(160, 107, YELLOW))]);
        file[..4].copy_from_slice(b"IIRO");
        file
    };
    let rw2 = {
        let inner = with_exif(&photo(600, 400, GREY), &exif(8, Some(photo(160, 107, YELLOW))));
        let mut file = chain(true, vec![vec![turned, (0x2e, Value::Blob(inner))]]);
        file[..4].copy_from_slice(b"IIU\0");
        file
    };
    for (name, file) in [("nef", nef), ("cr2", cr2), ("dng", dng), ("orf", orf), ("rw2", rw2)] {
        for (edge, size, middle) in [(Edge::Small, (64, 96), YELLOW), (Edge::Large, (341, 512), GREY)] {
            let picture = drawn(&file, edge).unwrap_or_else(|| panic!("{name}: nothing"));
            assert_eq!(picture.dimensions(), size, "{name}");
            shows(&picture, [GREEN, WHITE, RED, BLUE], middle);
        }
    }
}

#[test]
fn a_raw_file_with_a_small_preview_only_shows_that_as_it_is() {
    let file = chain(true, vec![vec![], pointed(photo(160, 107, YELLOW))]);
    let picture = drawn(&file, Edge::Large).unwrap();
    assert_eq!(picture.dimensions(), (160, 107));
    assert!(drawn(&chain(true, vec![vec![(0x112, Value::Short(1))]]), Edge::Small).is_none());
}

#[test]
fn cr3_by_its_two_boxes_and_raf_by_its_jpeg() {
    let canon = [0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48];
    let preview = [0xea, 0xf4, 0x2b, 0x5e, 0x1c, 0x98, 0x4b, 0x88, 0xb9, 0xfb, 0xb7, 0xdc, 0x40, 0x6e, 0x4d, 0x16];
    let turned = tiff(true, vec![(0x112, Value::Short(8))]);
    let small = [&[0; 16][..], &photo(160, 107, YELLOW)].concat();
    let large = [&[0; 16][..], &photo(600, 400, GREY)].concat();
    let inside = [&canon[..], &boxed(b"CMT1", &turned), &boxed(b"THMB", &small)].concat();
    let cr3 = [
        boxed(b"ftyp", b"crx \0\0\0\x01crx isom"),
        boxed(b"moov", &boxed(b"uuid", &inside)),
        boxed(b"uuid", &[&preview[..], &[0; 8], &boxed(b"PRVW", &large)].concat()),
    ]
    .concat();
    let inner = with_exif(&photo(600, 400, GREY), &exif(8, Some(photo(160, 107, YELLOW))));
    let mut raf = b"FUJIFILMCCD-RAW 0201FF000000".to_vec();
    raf.resize(84, 0);
    for number in [160, u32::try_from(inner.len()).unwrap(), 0, 0] {
        raf.extend_from_slice(&number.to_be_bytes());
    }
    raf.resize(160, 0);
    raf.extend_from_slice(&inner);
    for file in [cr3, raf] {
        for (edge, middle) in [(Edge::Small, YELLOW), (Edge::Large, GREY)] {
            shows(&drawn(&file, edge).unwrap(), [GREEN, WHITE, RED, BLUE], middle);
        }
    }
}

#[test]
fn of_several_pictures_in_one_file_only_thumbnails_are_shown() {
    let main = photo(900, 600, GREY);
    for (kind, middle) in [(0x01_0001u32, YELLOW), (0x01_0002, YELLOW), (0, GREY), (0x02_0001, GREY)] {
        let other = photo(540, 360, YELLOW);
        let entry = |kind: u32, len: usize, offset: usize| {
            let numbers = [kind, u32::try_from(len).unwrap(), u32::try_from(offset).unwrap(), 0];
            numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>()
        };
        let index = |offset| {
            let entries = [entry(0x03_0000, main.len(), 0), entry(kind, other.len(), offset)].concat();
            segment(0xe2, &[b"MPF\0".to_vec(), tiff(true, vec![(0xb002, Value::Blob(entries))])].concat())
        };
        // Its TIFF starts eight bytes behind the start of the segment, which is at 2.
        let offset = main.len() + index(0).len() - 2 - 8;
        let file = [with(&main, &index(offset)), other].concat();
        shows(&drawn(&file, Edge::Large).unwrap(), UPRIGHT, middle);
    }
}

#[test]
fn png_webp_and_gif_whole_with_white_behind_what_is_transparent() {
    let picture = DynamicImage::ImageRgb8(scene(300, 200, GREY));
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let mut file = Cursor::new(Vec::new());
        picture.write_to(&mut file, format).unwrap();
        let picture = drawn(file.get_ref(), Edge::Small).unwrap();
        assert_eq!(picture.dimensions(), (96, 64));
        shows(&picture, UPRIGHT, GREY);
        // Never larger than it is.
        assert_eq!(drawn(file.get_ref(), Edge::Large).unwrap().dimensions(), (300, 200));
    }
    let mut glass = picture.to_rgba8();
    glass.pixels_mut().for_each(|pixel| pixel.0[3] = if pixel.0[..3] == GREY { 0 } else { 255 });
    let mut file = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(glass).write_to(&mut file, ImageFormat::Png).unwrap();
    shows(&drawn(file.get_ref(), Edge::Small).unwrap(), UPRIGHT, [255; 3]);
    let deep = DynamicImage::ImageRgb16(picture.to_rgb16());
    let mut file = Cursor::new(Vec::new());
    deep.write_to(&mut file, ImageFormat::Png).unwrap();
    shows(&drawn(file.get_ref(), Edge::Small).unwrap(), UPRIGHT, GREY);
}

#[test]
fn colours_of_a_wider_space_come_out_as_srgb() {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let chunk = [b"ICC_PROFILE\0\x01\x01", &profile[..]].concat();
    let file = with(&photo(300, 200, [200, 60, 60]), &segment(0xe2, &chunk));
    let plain = drawn(&photo(300, 200, [200, 60, 60]), Edge::Small).unwrap();
    let turned = drawn(&file, Edge::Small).unwrap();
    let (plain, turned) = (at(&plain, 0.5, 0.5), at(&turned, 0.5, 0.5));
    // The same numbers mean a stronger red in P3.
    assert!(turned[0] > plain[0] + 5 && turned[1] + 5 < plain[1], "{turned:?} {plain:?}");
    let broken = with(&photo(300, 200, GREY), &segment(0xe2, &chunk[..200]));
    shows(&drawn(&broken, Edge::Small).unwrap(), UPRIGHT, GREY);
}
