//! Where a photo was taken, by EXIF's fractions or ISO 6709 text; only sane places pass.

use super::bytes::Bytes;
use super::tiff::{Directory, Tiff};
use offload_protocol::wire::Gps;

const LATITUDE_REF: u16 = 1;
const LATITUDE: u16 = 2;
const LONGITUDE_REF: u16 = 3;
const LONGITUDE: u16 = 4;
const ALTITUDE_REF: u16 = 5;
const ALTITUDE: u16 = 6;

/// Reads the GPS directory of EXIF.
pub(super) fn of_exif(tiff: &Tiff, bytes: &mut Bytes<'_>, directory: &Directory) -> Option<Gps> {
    let latitude = degrees(&tiff.fractions(bytes, directory, LATITUDE))?;
    let longitude = degrees(&tiff.fractions(bytes, directory, LONGITUDE))?;
    let latitude = match tiff.text(bytes, directory, LATITUDE_REF)?.as_str() {
        "N" => latitude,
        "S" => -latitude,
        _ => return None,
    };
    let longitude = match tiff.text(bytes, directory, LONGITUDE_REF)?.as_str() {
        "E" => longitude,
        "W" => -longitude,
        _ => return None,
    };
    let below_sea = tiff.number(bytes, directory, ALTITUDE_REF) == Some(1);
    let altitude = tiff.fractions(bytes, directory, ALTITUDE).first().copied().flatten();
    sane(latitude, longitude, altitude.map(|metres| if below_sea { -metres } else { metres }))
}

/// Reads ISO 6709 as QuickTime has it: `+32.0929+034.8620+028.516/`, also with minutes (`+3205.57`) and seconds.
pub(super) fn of_iso6709(text: &str) -> Option<Gps> {
    let text = text.split('/').next()?.split("CRS").next()?.trim();
    let starts: Vec<usize> = text.match_indices(['+', '-']).map(|(at, _)| at).collect();
    if starts.first() != Some(&0) {
        return None;
    }
    let mut parts = starts.iter().enumerate().map(|(index, start)| {
        let end = starts.get(index + 1).copied().unwrap_or(text.len());
        &text[*start..end]
    });
    let latitude = sexagesimal(parts.next()?, 2)?;
    let longitude = sexagesimal(parts.next()?, 3)?;
    sane(latitude, longitude, parts.next().and_then(|part| part.parse().ok()))
}

/// Signed degrees out of `±DD.D`, `±DDMM.M` or `±DDMMSS.S`; `digits`: how many stand for whole degrees.
fn sexagesimal(part: &str, digits: usize) -> Option<f64> {
    let sign = if part.starts_with('-') { -1.0 } else { 1.0 };
    let part = &part[1..];
    let whole = part.split('.').next()?;
    if !part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let number = |text: &str| text.parse::<f64>().ok();
    let value = if whole.len() <= digits {
        number(part)?
    } else if whole.len() == digits + 2 {
        number(&part[..digits])? + number(&part[digits..])? / 60.0
    } else if whole.len() == digits + 4 {
        number(&part[..digits])? + number(&part[digits..digits + 2])? / 60.0 + number(&part[digits + 2..])? / 3600.0
    } else {
        return None;
    };
    Some(sign * value)
}

/// Degrees, minutes, seconds; the latter two may be missing.
fn degrees(parts: &[Option<f64>]) -> Option<f64> {
    let mut unit = 1.0;
    let mut sum = 0.0;
    if parts.is_empty() || parts.len() > 3 {
        return None;
    }
    for part in parts {
        sum += (*part)? / unit;
        unit *= 60.0;
    }
    Some(sum)
}

/// 0, 0 is what a camera without a fix writes; an altitude that cannot be is left out.
fn sane(latitude: f64, longitude: f64, altitude: Option<f64>) -> Option<Gps> {
    let possible = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude != 0.0 || longitude != 0.0);
    // A ten-millionth of a degree is a centimetre; what lies beyond is the noise of the arithmetic.
    let round = |value: f64, parts: f64| (value * parts).round() / parts;
    possible.then(|| Gps {
        latitude: round(latitude, 1e7),
        longitude: round(longitude, 1e7),
        altitude: altitude.filter(|metres| (-12_000.0..=100_000.0).contains(metres)).map(|metres| round(metres, 1e3)),
    })
}

#[cfg(test)]
mod tests {
    use super::{degrees, of_iso6709, sane};
    use offload_protocol::wire::Gps;

    #[test]
    fn iso6709() {
        let at = |latitude, longitude, altitude| Some(Gps { latitude, longitude, altitude });
        let cases = [
            ("+32.0929+034.8620+028.516/", at(32.0929, 34.862, Some(28.516))),
            ("+51.4169-000.0806/", at(51.4169, -0.0806, None)),
            ("-33.5+151.25", at(-33.5, 151.25, None)),
            ("+3206.00-03451.00/", at(32.1, -34.85, None)),
            ("+320600.0+0345100.0-012.5/", at(32.1, 34.85, Some(-12.5))),
            ("+00.0000+000.0000/", None),
            ("+99.0+034.0/", None),
            ("32.09+034.8", None),
            ("+32.09", None),
            ("+3a.09+034.8", None),
            ("+서울+034.8", None),
            ("", None),
        ];
        for (text, wanted) in cases {
            assert_eq!(of_iso6709(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn degrees_minutes_seconds() {
        assert_eq!(degrees(&[Some(51.0), Some(30.0), Some(36.0)]), Some(51.51));
        assert_eq!(degrees(&[Some(51.5)]), Some(51.5));
        assert_eq!(degrees(&[Some(51.0), None, Some(0.0)]), None);
        assert_eq!(degrees(&[]), None);
    }

    #[test]
    fn only_places_on_earth() {
        assert!(sane(90.0, 180.0, None).is_some());
        assert!(sane(90.1, 0.0, None).is_none());
        assert!(sane(f64::NAN, 1.0, None).is_none());
        assert_eq!(sane(1.0, 1.0, Some(9e9)).and_then(|gps| gps.altitude), None);
    }
}
