//! Every reader against files made here; real photos are read in `photos`.

use super::bytes::Bytes;
use super::made::{Value, boxed, jpeg, tiff};
use super::{GpsConsent, MediaError, read, read_bytes};
use offload_protocol::wire::{Gps, Media};
use std::io::Cursor;

fn media_of(file: &[u8], gps: GpsConsent) -> Result<Media, MediaError> {
    let mut bytes = Bytes::new(Box::new(Cursor::new(file))).unwrap();
    read_bytes(&mut bytes, gps)
}

fn camera() -> Vec<(u16, Value)> {
    vec![
        (0x10f, Value::Text("  Hanok Optics ")),
        (0x110, Value::Text("H1")),
        (0x112, Value::Short(6)),
        (0x132, Value::Text("2024:06:01 00:00:00")),
        (0x8769, Value::Directory(exif())),
        (0x8825, Value::Directory(gps())),
    ]
}

fn exif() -> Vec<(u16, Value)> {
    vec![
        (0x9003, Value::Text("2024:05:01 10:20:30")),
        (0x9004, Value::Text("2024:05:02 10:20:30")),
        (0x9011, Value::Text("+09:00")),
        (0x9291, Value::Text("25")),
        (0xa002, Value::Long(9999)),
        (0xa003, Value::Short(8888)),
        (0xa434, Value::Text("H 35mm f/2\0rest")),
    ]
}

fn gps() -> Vec<(u16, Value)> {
    vec![
        (1, Value::Text("N")),
        (2, Value::Fractions(vec![(37, 1), (30, 1), (0, 1)])),
        (3, Value::Text("W")),
        (4, Value::Fractions(vec![(127, 1), (0, 1), (36, 1)])),
        (5, Value::Short(1)),
        (6, Value::Fractions(vec![(125, 10)])),
    ]
}

fn by_camera(width: u32, height: u32, gps: Option<Gps>) -> Media {
    Media {
        captured_at: Some("2024-05-01T10:20:30.25+09:00".to_owned()),
        make: Some("Hanok Optics".to_owned()),
        model: Some("H1".to_owned()),
        lens: Some("H 35mm f/2".to_owned()),
        width: Some(width),
        height: Some(height),
        orientation: Some(6),
        duration_ms: None,
        gps,
    }
}

const SEOUL_MIRRORED: Gps = Gps { latitude: 37.5, longitude: -127.01, altitude: Some(-12.5) };

#[test]
fn jpeg_by_either_byte_order_and_size_by_its_frame_header() {
    for little in [true, false] {
        let file = jpeg(640, 480, &tiff(little, camera()));
        assert_eq!(media_of(&file, GpsConsent::Share).unwrap(), by_camera(640, 480, Some(SEOUL_MIRRORED)));
        assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap(), by_camera(640, 480, None));
    }
}

#[test]
fn jpeg_without_exif_or_with_a_broken_one_still_has_a_size() {
    let sized = Media { width: Some(4000), height: Some(3000), ..Media::default() };
    for exif in [&b""[..], b"II", b"no tiff at all", b"II\x2a\0\xff\xff\xff\xff"] {
        assert_eq!(media_of(&jpeg(4000, 3000, exif), GpsConsent::Share).unwrap(), sized, "{exif:?}");
    }
}

#[test]
fn the_first_date_that_makes_sense_counts() {
    let dated = |original, digitized, changed| {
        let exif = vec![(0x9003, Value::Text(original)), (0x9004, Value::Text(digitized)), (0x9290, Value::Text("5"))];
        let main = vec![(0x132, Value::Text(changed)), (0x8769, Value::Directory(exif))];
        media_of(&jpeg(1, 1, &tiff(true, main)), GpsConsent::Withhold).unwrap().captured_at
    };
    let (never, date) = ("0000:00:00 00:00:00", "2024:05:01 10:20:30");
    assert_eq!(dated(never, date, "2024:05:03 00:00:00").as_deref(), Some("2024-05-01T10:20:30"));
    assert_eq!(dated(never, "2024:13:01 00:00:00", date).as_deref(), Some("2024-05-01T10:20:30.5"));
    assert_eq!(dated("", never, never), None);
}

#[test]
fn values_outside_of_their_range_are_left_out() {
    let main = vec![
        (0x10f, Value::Text("   ")),
        (0x112, Value::Short(9)),
        (
            0x8825,
            Value::Directory(vec![
                (1, Value::Text("N")),
                (2, Value::Fractions(vec![(91, 1), (0, 1), (0, 1)])),
                (3, Value::Text("E")),
                (4, Value::Fractions(vec![(1, 0), (0, 1), (0, 1)])),
            ]),
        ),
    ];
    let media = media_of(&jpeg(2, 3, &tiff(false, main)), GpsConsent::Share).unwrap();
    assert_eq!(media, Media { width: Some(2), height: Some(3), ..Media::default() });
}

#[test]
fn raw_in_tiff_takes_the_size_of_the_raw_picture_not_of_the_preview() {
    let mut main = vec![(0xfe, Value::Long(1)), (0x100, Value::Long(160)), (0x101, Value::Long(120))];
    main.extend(camera());
    let raw = vec![(0xfe, Value::Long(0)), (0x100, Value::Long(8256)), (0x101, Value::Long(5504))];
    main.push((0x14a, Value::Directory(raw)));
    let media = media_of(&tiff(true, main), GpsConsent::Share).unwrap();
    assert_eq!(media, by_camera(8256, 5504, Some(SEOUL_MIRRORED)));
}

#[test]
fn cr2_takes_the_stated_size() {
    let mut main = vec![(0x100, Value::Long(1536)), (0x101, Value::Long(1024))];
    main.extend(camera());
    let mut file = tiff(true, main);
    // CR2's mark stands between header and directory; moving the directory would move all offsets, so it is
    // written over the count of a file whose directory stands elsewhere.
    let directory = file.split_off(8);
    let at = u32::try_from(8 + directory.len()).unwrap();
    file.extend_from_slice(&directory);
    file.extend_from_slice(&directory[..2 + 12 * 8 + 4]);
    file[4..8].copy_from_slice(&at.to_le_bytes());
    file[8..10].copy_from_slice(b"CR");
    assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap(), by_camera(9999, 8888, None));
}

#[test]
fn rw2_takes_the_size_within_the_sensors_borders() {
    let mut main: Vec<_> = [(4, 10), (5, 20), (6, 3010), (7, 4020)].map(|(tag, n)| (tag, Value::Short(n))).into();
    main.extend(camera());
    let mut file = tiff(true, main);
    file[..4].copy_from_slice(b"IIU\0");
    assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap(), by_camera(4000, 3000, None));
}

#[test]
fn a_tiff_whose_directory_stands_behind_gigabytes_of_pixels() {
    let directory_at = 3_000_000_000u32;
    let path = tempfile::NamedTempFile::new().unwrap();
    let mut header = Vec::from(b"II\x2a\0");
    header.extend_from_slice(&directory_at.to_le_bytes());
    let entries = tiff(true, vec![(0x100, Value::Long(40_000)), (0x101, Value::Long(30_000))]);
    let mut file = path.as_file();
    // A hole in the middle: nothing of it is stored, and nothing of it may be read.
    std::io::Write::write_all(&mut file, &header).unwrap();
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(u64::from(directory_at))).unwrap();
    std::io::Write::write_all(&mut file, &entries[8..]).unwrap();
    let media = read(path.path(), GpsConsent::Withhold).unwrap();
    assert_eq!((media.width, media.height), (Some(40_000), Some(30_000)));
}

#[test]
fn cr3_by_its_four_tiffs() {
    let canon = [0x85, 0xc0, 0xb6, 0x87, 0x82, 0x0f, 0x11, 0xe0, 0x81, 0x11, 0xf4, 0xce, 0x46, 0x2b, 0x6a, 0x48];
    let mut main = vec![(0x100, Value::Short(6000)), (0x101, Value::Short(4000))];
    main.extend(camera().into_iter().take(4));
    let body = [
        &canon[..],
        &boxed(b"CMT1", &tiff(true, main)),
        &boxed(b"CMT2", &tiff(true, exif())),
        &boxed(b"CMT4", &tiff(true, gps())),
    ];
    let file = [boxed(b"ftyp", b"crx \0\0\0\x01crx isom"), boxed(b"moov", &boxed(b"uuid", &body.concat()))].concat();
    assert_eq!(media_of(&file, GpsConsent::Share).unwrap(), by_camera(6000, 4000, Some(SEOUL_MIRRORED)));
    assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap(), by_camera(6000, 4000, None));
}

#[test]
fn raf_by_the_jpeg_in_it_and_its_own_size() {
    let preview = jpeg(1920, 1280, &tiff(false, camera()));
    let mut file = b"FUJIFILMCCD-RAW 0201FF000000".to_vec();
    file.resize(84, 0);
    let sizes = 160 + u32::try_from(preview.len()).unwrap();
    for number in [160, u32::try_from(preview.len()).unwrap(), sizes, 20] {
        file.extend_from_slice(&number.to_be_bytes());
    }
    file.resize(160, 0);
    file.extend_from_slice(&preview);
    file.extend_from_slice(&[0, 0, 0, 2, 1, 0, 0, 4, 0x10, 0, 0x18, 0, 1, 0x11, 0, 4, 0x0f, 0xa0, 0x17, 0x70]);
    assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap(), by_camera(6000, 4000, None));
}

fn track_header(width: u16, height: u16, matrix: [i32; 9]) -> Vec<u8> {
    let mut body = vec![0; 40];
    body.extend(matrix.iter().flat_map(|number| number.to_be_bytes()));
    body.extend([width, height].iter().flat_map(|side| (u32::from(*side) << 16).to_be_bytes()));
    body
}

fn movie(rest: &[u8]) -> Vec<u8> {
    const ONE: i32 = 0x1_0000;
    let mut header = vec![0; 100];
    header[4..8].copy_from_slice(&3_646_801_557u32.to_be_bytes());
    header[12..16].copy_from_slice(&600u32.to_be_bytes());
    header[16..20].copy_from_slice(&2100u32.to_be_bytes());
    let sideways = track_header(1920, 1080, [0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30]);
    let track = |header: &[u8], handler: &[u8; 4]| {
        let media = boxed(b"mdia", &boxed(b"hdlr", &[&[0; 8], &handler[..], &[0; 13]].concat()));
        boxed(b"trak", &[boxed(b"tkhd", header), media].concat())
    };
    let moov = [
        boxed(b"mvhd", &header),
        track(&track_header(7, 7, [ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30]), b"soun"),
        track(&sideways, b"vide"),
        rest.to_vec(),
    ];
    // Zero length in front of moov would be "to the end"; a large mdat is what cameras write there.
    [boxed(b"ftyp", b"qt  \0\0\0\0qt  "), boxed(b"mdat", &[0; 5000]), boxed(b"moov", &moov.concat())].concat()
}

#[test]
fn movie_by_its_headers() {
    let media = media_of(&movie(&[]), GpsConsent::Share).unwrap();
    let wanted = Media {
        captured_at: Some("2019-07-24T08:25:57Z".to_owned()),
        width: Some(1920),
        height: Some(1080),
        orientation: Some(6),
        duration_ms: Some(3500),
        ..Media::default()
    };
    assert_eq!(media, wanted);
}

#[test]
fn movie_by_its_keys_and_by_its_user_data() {
    let pairs: [(&[u8], &[u8]); 4] = [
        (b"com.apple.quicktime.make", b"Apple"),
        (b"com.apple.quicktime.software", b"17"),
        (b"com.apple.quicktime.creationdate", b"2019-07-24T11:25:40+0300"),
        (b"com.apple.quicktime.location.ISO6709", b"+32.0929+034.8620+028.516/"),
    ];
    let keys: Vec<u8> = pairs.iter().flat_map(|(name, _)| boxed(b"mdta", name)).collect();
    let values = pairs.iter().zip(1u32..).flat_map(|((_, value), number)| {
        boxed(&number.to_be_bytes(), &boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], *value].concat()))
    });
    let handler = boxed(b"hdlr", &[&[0; 8], &b"mdta"[..], &[0; 13]].concat());
    let keys = boxed(b"keys", &[&[0, 0, 0, 0, 0, 0, 0, 4], &keys[..]].concat());
    let meta = [handler, keys, boxed(b"ilst", &values.collect::<Vec<u8>>())].concat();
    let said = |name, text: &[u8]| {
        let len = u16::try_from(text.len()).unwrap().to_be_bytes();
        boxed(name, &[&len[..], &[0x15, 0xc7], text].concat())
    };
    let older = [said(b"\xa9mak", b"Other"), said(b"\xa9mod", b"M2"), said(b"\xa9xyz", b"+01.0+002.0/")].concat();

    // With MP4's version and flags in front and without.
    for meta in [boxed(b"meta", &meta), boxed(b"meta", &[&[0; 4], &meta[..]].concat())] {
        let file = movie(&[meta, boxed(b"udta", &older)].concat());
        let media = media_of(&file, GpsConsent::Share).unwrap();
        assert_eq!(media.captured_at.as_deref(), Some("2019-07-24T11:25:40+03:00"));
        assert_eq!((media.make.as_deref(), media.model.as_deref()), (Some("Apple"), Some("M2")));
        assert_eq!(media.gps, Some(Gps { latitude: 32.0929, longitude: 34.862, altitude: Some(28.516) }));
        assert_eq!(media_of(&file, GpsConsent::Withhold).unwrap().gps, None);
    }
    let media = media_of(&movie(&boxed(b"udta", &older)), GpsConsent::Share).unwrap();
    assert_eq!(media.gps, Some(Gps { latitude: 1.0, longitude: 2.0, altitude: None }));
    assert_eq!(media.make.as_deref(), Some("Other"));
}

#[test]
fn png_webp_and_gif() {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        [&u32::try_from(body.len()).unwrap().to_be_bytes()[..], name, body, &[0; 4]].concat()
    };
    let size = [300u32.to_be_bytes(), 200u32.to_be_bytes()].concat();
    let png = [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat()),
        chunk(b"IDAT", &[1, 2, 3]),
        chunk(b"eXIf", &tiff(false, camera())),
        chunk(b"IEND", &[]),
    ];
    assert_eq!(media_of(&png.concat(), GpsConsent::Withhold).unwrap(), by_camera(300, 200, None));

    let riff = |name: &[u8; 4], body: &[u8]| {
        let filler = vec![0; body.len() % 2];
        [&name[..], &u32::try_from(body.len()).unwrap().to_le_bytes(), body, &filler].concat()
    };
    let exif = [b"Exif\0\0".to_vec(), tiff(true, camera())].concat();
    for exif in [exif, tiff(true, camera())] {
        let chunks = [riff(b"VP8X", &[8, 0, 0, 0, 0x2b, 1, 0, 199, 0, 0]), riff(b"ICCP", &[1]), riff(b"EXIF", &exif)];
        let webp = riff(b"RIFF", &[b"WEBP".to_vec(), chunks.concat()].concat());
        assert_eq!(media_of(&webp, GpsConsent::Withhold).unwrap(), by_camera(300, 200, None));
    }
    let lossy = riff(b"RIFF", &[&b"WEBP"[..], &riff(b"VP8 ", &[0, 0, 0, 0x9d, 1, 0x2a, 0x2c, 0x41, 200, 0])].concat());
    let lossless = riff(b"RIFF", &[&b"WEBP"[..], &riff(b"VP8L", &[0x2f, 0x2b, 0xc1, 0x31, 0])].concat());
    for file in [lossy, lossless, b"GIF89a\x2c\x01\xc8\0\0\0\0".to_vec()] {
        let media = media_of(&file, GpsConsent::Withhold).unwrap();
        assert_eq!((media.width, media.height), (Some(300), Some(200)), "{file:?}");
    }
}

#[test]
fn heif_by_the_primary_items_properties() {
    let property = |name: &[u8; 4], numbers: &[u32]| {
        boxed(name, &numbers.iter().flat_map(|number| number.to_be_bytes()).collect::<Vec<u8>>())
    };
    let list = [property(b"ispe", &[0, 160, 120]), property(b"ispe", &[0, 4032, 3024]), boxed(b"irot", &[3])].concat();
    // Item 1 is a thumbnail with property 1, item 2 the picture with 2 and 3.
    let links = [0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0x81, 0, 2, 2, 0x82, 0x83];
    let properties = boxed(b"iprp", &[boxed(b"ipco", &list), boxed(b"ipma", &links)].concat());
    let info = boxed(b"infe", &[&[2, 0, 0, 0, 0, 9, 0, 0][..], b"Exif\0"].concat());
    let infos = boxed(b"iinf", &[&[0, 0, 0, 0, 0, 1][..], &info].concat());
    let exif = [&[0, 0, 0, 6][..], b"Exif\0\0", &tiff(false, camera())].concat();
    let mut places = vec![1, 0, 0, 0, 0x44, 0, 0, 1, 0, 9, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
    places.extend_from_slice(&u32::try_from(exif.len()).unwrap().to_be_bytes());
    let file = |with_exif: bool| {
        let mut meta = vec![0; 4];
        meta.extend_from_slice(&boxed(b"pitm", &[0, 0, 0, 0, 0, 2]));
        meta.extend_from_slice(&properties);
        if with_exif {
            meta.extend_from_slice(&[infos.clone(), boxed(b"iloc", &places), boxed(b"idat", &exif)].concat());
        }
        [boxed(b"ftyp", b"heic\0\0\0\0mif1"), boxed(b"meta", &meta)].concat()
    };
    assert_eq!(media_of(&file(true), GpsConsent::Withhold).unwrap(), by_camera(4032, 3024, None));
    let bare = media_of(&file(false), GpsConsent::Withhold).unwrap();
    assert_eq!((bare.width, bare.height, bare.orientation), (Some(4032), Some(3024), Some(6)));

    let jxl = [boxed(b"JXL ", b"\r\n\x87\n"), boxed(b"Exif", &exif)].concat();
    assert_eq!(media_of(&jxl, GpsConsent::Withhold).unwrap().make.as_deref(), Some("Hanok Optics"));
}

#[test]
fn other_files_say_nothing_and_damaged_ones_why() {
    for file in [&b""[..], b"\xff", b"<x:xmpmeta/>", b"PK\x03\x04 and so on"] {
        assert_eq!(media_of(file, GpsConsent::Share).unwrap(), Media::default());
    }
    let cases: [(&[u8], &str); 4] = [
        (b"\xff\xd8\xff\xe1\0\x01", "JPEG"),
        (b"II\x2a\0\xff\xff\xff\xff", "TIFF or RAW file"),
        (b"\0\0\0\x10ftypheic\0\0\0\0", "HEIF"),
        (b"\0\0\0\x10ftypqt  \0\0\0\0\0\0\0\x01moov", "video"),
    ];
    for (file, name) in cases {
        match media_of(file, GpsConsent::Share) {
            Err(MediaError::Malformed { format, .. }) => assert_eq!(format, name),
            other => panic!("{name}: {other:?}"),
        }
    }
    let gone = read(std::path::Path::new("no such folder/x.jpg"), GpsConsent::Share);
    assert!(matches!(gone, Err(MediaError::Unreadable(_))));
}

#[test]
fn boxes_that_hold_themselves_and_endless_chains_come_to_an_end() {
    // A directory that names itself as EXIF, GPS and sub-directory.
    let mut file = tiff(true, vec![(0x8769, Value::Long(8)), (0x8825, Value::Long(8)), (0x14a, Value::Long(8))]);
    file.resize(1000, 0);
    assert_eq!(media_of(&file, GpsConsent::Share).unwrap(), Media::default());
    // A property list for four thousand million items.
    let links = [&[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff][..], &[0; 4000]].concat();
    let properties = boxed(b"iprp", &[boxed(b"ipco", &[]), boxed(b"ipma", &links)].concat());
    let meta = [vec![0; 4], boxed(b"pitm", &[0, 0, 0, 0, 0, 2]), properties].concat();
    let file = [boxed(b"ftyp", b"heic\0\0\0\0mif1"), boxed(b"meta", &meta)].concat();
    assert!(media_of(&file, GpsConsent::Share).is_err());
}

#[test]
fn damaged_files_never_panic() {
    let whole = [jpeg(640, 480, &tiff(true, camera())), tiff(false, camera()), movie(&[])];
    for file in whole {
        for end in 0..file.len().min(700) {
            let outcome = media_of(&file[..end], GpsConsent::Share);
            assert!(!matches!(outcome, Err(MediaError::Defect { .. })), "cut at {end}");
        }
        let mut seed = 7u64;
        for round in 0..3000 {
            let mut damaged = file.clone();
            for _ in 0..1 + round % 4 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let at = usize::try_from(seed >> 33).unwrap() % damaged.len();
                damaged[at] ^= 1 << (seed >> 20 & 7);
            }
            let outcome = media_of(&damaged, GpsConsent::Share);
            assert!(!matches!(outcome, Err(MediaError::Defect { .. })), "round {round}");
        }
    }
}
