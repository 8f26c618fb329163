//! What stands on a memory card: which photos, under which names, taken with what and where.

use super::random::Random;
use anyhow::Result;
use exif::{Field, In, Rational, Tag, Value, experimental::Writer};
use std::path::PathBuf;

pub(super) const FOLDERS: [&str; 2] = ["DCIM/100CANON", "DCIM/101NIKON"];

/// Make, model, lens of each folder's camera.
const CAMERAS: [[&str; 3]; 2] = [
    ["Canon", "Canon EOS R6", "RF24-105mm F4 L IS USM"],
    ["NIKON CORPORATION", "NIKON Z 6_2", "NIKKOR Z 24-70mm f/4 S"],
];
/// The first names, each of which is a case of its own: one name in both folders, Hangul with a space, an emoji.
const SPECIAL: [(usize, &str); 5] =
    [(0, "IMG_0001.JPG"), (1, "IMG_0001.JPG"), (1, "DSC_0002.JPG"), (0, "서울 봄 나들이.JPG"), (1, "골목길 📷.jpg")];
const SIZES: [(u32, u32); 5] = [(4000, 3000), (3000, 2000), (2592, 1944), (3264, 2448), (3000, 2000)];

/// One photo to draw.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shot {
    /// Below the card's root.
    pub path: PathBuf,
    pub width: u32,
    pub height: u32,
    /// The noise's reach in steps of brightness; with `quality` and size it decides what the file weighs.
    pub grain: u8,
    pub quality: u8,
    pub seed: u64,
    camera: usize,
    orientation: u16,
    /// Minutes since 2024-05-01 06:00, and hundredths of a second.
    minute: u32,
    hundredth: u32,
    /// Latitude and longitude in ten-thousandths of a degree.
    place: Option<(u32, u32)>,
}

/// Plans a card of `count` photos.
pub(super) fn plan(count: usize, seed: u64) -> Vec<Shot> {
    let mut random = Random::new(seed);
    (0..count).map(|index| shot(index, &mut random)).collect()
}

fn shot(index: usize, random: &mut Random) -> Shot {
    let (camera, name) = match SPECIAL.get(index) {
        Some((camera, name)) => (*camera, (*name).to_owned()),
        None => (index % 2, format!("{}_{:04}.JPG", ["IMG", "DSC"][index % 2], index / 2 + 1)),
    };
    let (width, height) = SIZES[index % SIZES.len()];
    let place = (index % 3 == 1).then(|| (340_000 + random.below(40_000), 1_265_000 + random.below(30_000)));
    Shot {
        path: PathBuf::from(FOLDERS[camera]).join(name),
        width,
        height,
        grain: 6 + u8::try_from(random.below(15)).unwrap_or(0),
        quality: 82 + u8::try_from(random.below(11)).unwrap_or(0),
        seed: random.next(),
        camera,
        orientation: [1, 1, 6, 1, 8][index % 5],
        minute: u32::try_from(index % 20_000).unwrap_or(0) * 2,
        hundredth: random.below(100),
        place,
    }
}

/// The photo's EXIF, a TIFF structure without JPEG's mark in front.
pub(super) fn exif(shot: &Shot) -> Result<Vec<u8>> {
    let [make, model, lens] = CAMERAS[shot.camera];
    let (day, minute) = (1 + shot.minute / 1440, 360 + shot.minute % 1440);
    let (day, minute) = (day + minute / 1440, minute % 1440);
    let taken = format!("2024:05:{day:02} {:02}:{:02}:{:02}", minute / 60, minute % 60, shot.hundredth % 60);
    let mut fields = vec![
        (Tag::Make, text(make)),
        (Tag::Model, text(model)),
        (Tag::Orientation, Value::Short(vec![shot.orientation])),
        (Tag::DateTime, text(&taken)),
        (Tag::DateTimeOriginal, text(&taken)),
        (Tag::DateTimeDigitized, text(&taken)),
        (Tag::ExifVersion, Value::Undefined(b"0232".to_vec(), 0)),
        (Tag::OffsetTime, text("+09:00")),
        (Tag::OffsetTimeOriginal, text("+09:00")),
        (Tag::SubSecTimeOriginal, text(&format!("{:02}", shot.hundredth))),
        (Tag::ExposureTime, fraction(1, 60 << (shot.hundredth % 5))),
        (Tag::FNumber, fraction(40 + shot.hundredth % 5 * 10, 10)),
        (Tag::PhotographicSensitivity, Value::Short(vec![100 << (shot.orientation % 3)])),
        (Tag::FocalLength, fraction(24 + shot.hundredth % 46, 1)),
        (Tag::PixelXDimension, Value::Long(vec![shot.width])),
        (Tag::PixelYDimension, Value::Long(vec![shot.height])),
        (Tag::LensModel, text(lens)),
    ];
    if let Some((latitude, longitude)) = shot.place {
        fields.extend([
            (Tag::GPSLatitudeRef, text("N")),
            (Tag::GPSLatitude, degrees(latitude)),
            (Tag::GPSLongitudeRef, text("E")),
            (Tag::GPSLongitude, degrees(longitude)),
            (Tag::GPSAltitudeRef, Value::Byte(vec![0])),
            (Tag::GPSAltitude, fraction(shot.hundredth * 10, 1)),
        ]);
    }
    let fields: Vec<Field> =
        fields.into_iter().map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value }).collect();
    let mut writer = Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut out = std::io::Cursor::new(Vec::new());
    writer.write(&mut out, shot.camera == 0)?;
    Ok(out.into_inner())
}

fn text(text: &str) -> Value {
    Value::Ascii(vec![text.as_bytes().to_vec()])
}

fn fraction(num: u32, denom: u32) -> Value {
    Value::Rational(vec![Rational { num, denom }])
}

/// Degrees, minutes, seconds out of ten-thousandths of a degree.
fn degrees(parts: u32) -> Value {
    let (whole, rest) = (parts / 10_000, parts % 10_000 * 60);
    let (minutes, rest) = (rest / 10_000, rest % 10_000 * 60);
    let seconds = Rational { num: rest / 100, denom: 100 };
    Value::Rational(vec![Rational { num: whole, denom: 1 }, Rational { num: minutes, denom: 1 }, seconds])
}

#[cfg(test)]
mod tests {
    use super::plan;
    use std::collections::HashSet;

    #[test]
    fn names_are_a_cards_and_no_path_comes_twice() {
        let shots = plan(3000, 9);
        let paths: HashSet<_> = shots.iter().map(|shot| &shot.path).collect();
        assert_eq!(paths.len(), 3000);
        let named = |name: &str| shots.iter().filter(|shot| shot.path.ends_with(name)).count();
        assert_eq!(named("IMG_0001.JPG"), 2);
        assert_eq!(named("DCIM/100CANON/서울 봄 나들이.JPG"), 1);
        assert_eq!(named("DCIM/101NIKON/골목길 📷.jpg"), 1);
        assert!(named("DCIM/101NIKON/DSC_0004.JPG") == 1 && named("DCIM/100CANON/IMG_0008.JPG") == 1);
        assert_eq!(plan(10, 9)[..], shots[..10]);
    }
}
