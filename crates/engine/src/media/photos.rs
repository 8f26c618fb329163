//! Real photos and videos of cameras and phones, read in place. `OFFLOAD_PHOTOS` names their folder; without it,
//! `../shared/photos` beside the repository is looked at, and where neither is there these tests say so and pass.

use super::bytes::Bytes;
use super::{GpsConsent, MediaError, read, read_bytes};
use offload_protocol::wire::Media;
use std::io::Cursor;
use std::path::{Path, PathBuf};

pub(super) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("OFFLOAD_PHOTOS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/photos"));
    if folder.is_dir() {
        return Some(folder);
    }
    println!("left out: no folder of real photos here; OFFLOAD_PHOTOS can name one");
    None
}

pub(super) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_in(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, (u32, u32), u8, Place);
type Place = Option<(f64, f64)>;

/// File, captured_at, make, model, lens, size, orientation (0: none), place; taken from exiftool 12.57, not from these
/// readers. Sizes are those of JPEG's frame header, HEIC's primary item and the video track.
#[rustfmt::skip]
const FILES: &[Row] = &[
    ("card/DCIM/100CANON/IMG_0001.JPG", "2006-10-06T15:13:54", "Canon", "Canon EOS 350D DIGITAL", "", (2496, 1664), 1, None),
    ("card/DCIM/100CANON/IMG_0002.JPG", "2008-04-15T13:11:23.03", "Canon", "Canon EOS 450D", "", (4272, 2848), 1, None),
    ("card/DCIM/100CANON/IMG_0003.JPG", "2005-09-25T00:31:00", "Canon", "Canon EOS 5D", "", (2912, 4368), 1, None),
    ("card/DCIM/100CANON/IMG_0004.JPG", "2004-09-19T12:25:20", "Canon", "Canon EOS 20D", "", (3504, 2336), 1, None),
    ("card/DCIM/100CANON/IMG_0005.JPG", "2005-04-10T13:04:54", "Canon", "Canon EOS 20D", "", (2336, 3504), 6, None),
    ("card/DCIM/100CANON/IMG_0006.JPG", "2008-07-01T17:27:03.02", "Canon", "Canon EOS 1000D", "", (3888, 2592), 6, None),
    ("card/DCIM/101NIKON/DSC_0002.JPG", "2011-04-25T01:55:30.00", "NIKON CORPORATION", "NIKON D90", "", (4288, 2848), 1, None),
    ("card/DCIM/101NIKON/DSC_0003.JPG", "2019-06-09T21:49:02.20", "NIKON CORPORATION", "NIKON D60", "", (3064, 2379), 1, None),
    ("card/DCIM/101NIKON/DSC_0004.JPG", "2006-12-16T12:42:05.90", "NIKON CORPORATION", "NIKON D40", "", (3008, 2000), 6, None),
    ("card/DCIM/101NIKON/IMG_0001.JPG", "2010-12-02T13:18:23.90", "NIKON CORPORATION", "NIKON D3100", "", (4608, 3072), 1, None),
    ("odd/android-depth-map.jpg", "2014-04-17T14:34:05", "", "", "", (768, 1024), 0, None),
    ("odd/edited-in-lightroom.jpg", "2008-09-20T09:01:07.09", "Canon", "Canon EOS-1D Mark III", "", (2659, 1773), 0, None),
    ("odd/exif-at-eof.heic", "2020-05-04T18:39:11.644-04:00", "Apple", "iPhone 11 Pro", "iPhone 11 Pro back triple camera 4.25mm f/1.8", (3024, 4032), 1, Some((47.2071, 106.2431))),
    ("odd/issue-266.jpg", "2016-01-12T15:33:28.00", "Canon", "Canon EOS 5D Mark III", "EF24-70mm f/2.8L USM", (5760, 3840), 1, None),
    ("odd/jpeg-named-raw-1.NEF", "2010-03-01T21:50:21.70", "NIKON CORPORATION", "NIKON D70s", "", (2000, 3008), 1, None),
    ("odd/jpeg-named-raw-2.NEF", "2010-03-01T21:50:40.10", "NIKON CORPORATION", "NIKON D70s", "", (2000, 3008), 1, None),
    ("odd/multiple-icc-segments.jpg", "2014-12-18T17:45:02", "", "", "", (140, 140), 1, None),
    ("odd/same-content-other-name.jpg", "2011-04-25T01:55:30.00", "NIKON CORPORATION", "NIKON D90", "", (4288, 2848), 1, None),
    ("phone/Apple iPhone 4S.jpg", "2012-08-26T15:53:03", "Apple", "iPhone 4S", "", (3264, 2448), 6, None),
    ("phone/Apple iPhone 6.jpg", "2014-09-16T14:05:12.133", "Apple", "iPhone 6", "iPhone 6 back camera 4.15mm f/2.2", (3264, 2448), 1, Some((51.7624, -0.3179))),
    ("phone/HTC One M8.jpg", "2014-03-25T17:14:14.930", "HTC", "HTC One_M8", "", (2688, 1520), 1, None),
    ("phone/IMG_0487.heic", "2020-06-30T11:27:59", "samsung", "SM-G975F", "", (4032, 3024), 6, None),
    ("phone/IMG_1034.heic", "2018-02-05T15:11:44.277", "Apple", "iPhone 8", "iPhone 8 back camera 3.99mm f/1.8", (4032, 3024), 1, Some((23.1779, 113.3943))),
    ("phone/IMG_2927.HEIC", "2020-05-04T18:39:11.644-04:00", "Apple", "iPhone 11 Pro", "iPhone 11 Pro back triple camera 4.25mm f/1.8", (3024, 4032), 1, None),
    ("phone/Samsung GT-I9505 (Galaxy S4).jpg", "2014-11-27T17:52:49", "SAMSUNG", "GT-I9505", "", (4128, 2322), 1, None),
    ("phone/서울 봄 📷 (Nexus 4).jpg", "2013-01-20T18:54:08", "LGE", "Nexus 4", "", (2448, 3264), 0, Some((51.5625, -0.0773))),
    ("video/sample_iTunes.mov", "2005-10-17T22:54:32Z", "", "", "", (640, 480), 1, None),
    ("video/uuid540.mp4", "2020-01-05T15:04:00Z", "", "", "", (960, 540), 1, None),
    ("video/with-gps.mov", "2019-07-24T11:25:40+03:00", "Apple", "iPhone 6", "", (568, 320), 6, Some((32.0929, 34.8620))),
    ("video/with-gps.mp4", "2017-02-22T08:20:28Z", "", "", "", (1920, 1080), 1, Some((51.4169, -0.0806))),
];

#[test]
fn each_photo_says_what_exiftool_reads_in_it() {
    let Some(folder) = folder() else { return };
    for (name, captured_at, make, model, lens, (width, height), orientation, place) in FILES.iter().copied() {
        let media = read(&folder.join(name), GpsConsent::Share).unwrap();
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let wanted = Media {
            captured_at: text(captured_at),
            make: text(make),
            model: text(model),
            lens: text(lens),
            width: Some(width),
            height: Some(height),
            orientation: (orientation > 0).then_some(orientation),
            duration_ms: media.duration_ms,
            gps: media.gps,
        };
        assert_eq!(media, wanted, "{name}");
        let is_video = name.starts_with("video/");
        assert_eq!(media.duration_ms.is_some(), is_video, "{name}");
        match (media.gps, place) {
            (None, None) => {}
            (Some(gps), Some((latitude, longitude))) => {
                let off = (gps.latitude - latitude).abs().max((gps.longitude - longitude).abs());
                assert!(off < 1e-4, "{name}: {gps:?}");
            }
            (read, wanted) => panic!("{name}: {read:?} instead of {wanted:?}"),
        }
        let withheld = read(&folder.join(name), GpsConsent::Withhold).unwrap();
        assert_eq!(withheld, Media { gps: None, ..media }, "{name}");
    }
}

#[test]
fn files_that_are_no_photos_or_damaged_ones() {
    let Some(folder) = folder() else { return };
    let damaged = read(&folder.join("odd/malformed-boxes.heif"), GpsConsent::Share);
    assert!(matches!(damaged, Err(MediaError::Malformed { format: "HEIF", .. })), "{damaged:?}");
    for file in files_in(&folder.join("sidecars")) {
        assert_eq!(read(&file, GpsConsent::Share).unwrap(), Media::default());
    }
}

#[test]
fn damaged_copies_of_real_photos_never_panic() {
    let Some(folder) = folder() else { return };
    for file in files_in(&folder) {
        let content = std::fs::read(&file).unwrap();
        let mut seed = content.len() as u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below.max(1)
        };
        for round in 0..200 {
            let mut damaged = content.clone();
            if round % 4 == 0 {
                damaged.truncate(random(content.len()));
            }
            for _ in 0..round % 20 {
                // Metadata stands at the start or at the end.
                let at = random(damaged.len().min(20_000));
                let at = if round % 2 == 0 { at } else { damaged.len().saturating_sub(1 + at) };
                let Some(byte) = damaged.get_mut(at) else { break };
                *byte ^= u8::try_from(1 + random(255)).unwrap();
            }
            let mut bytes = Bytes::new(Box::new(Cursor::new(&damaged))).unwrap();
            let outcome = read_bytes(&mut bytes, GpsConsent::Share);
            assert!(!matches!(outcome, Err(MediaError::Defect { .. })), "{}, round {round}", file.display());
        }
    }
}
