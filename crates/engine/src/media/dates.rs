//! Dates as cameras write them, turned into RFC 3339; nonsense becomes nothing.

use jiff::civil::DateTime;

/// Seconds from 1904-01-01, where QuickTime counts from, to 1970-01-01.
const QUICKTIME_EPOCH: u64 = 2_082_844_800;

/// `2024:05:01 10:20:30` with sub-seconds (`07`) and offset (`+09:00`) as they stand in EXIF. Without a usable offset
/// the result has none: it is the camera's local time.
pub(super) fn of_exif(date: Option<String>, fraction: Option<String>, offset: Option<String>) -> Option<String> {
    let date = date?;
    let numbers: Vec<&str> = date.split([':', ' ', '-', '/', 'T']).filter(|part| !part.is_empty()).collect();
    let [year, month, day, hour, minute, second] = numbers.as_slice() else { return None };
    // Some programs write the fraction behind the seconds.
    let (second, behind) = second.split_once('.').map_or((*second, None), |(second, rest)| (second, Some(rest)));
    let date = civil(&[year, month, day, hour, minute, second])?;
    let fraction = fraction.as_deref().or(behind).map(str::trim).filter(|digits| is_fraction(digits));
    let fraction = fraction.map(|digits| format!(".{digits}")).unwrap_or_default();
    let offset = offset.as_deref().and_then(self::offset).unwrap_or_default();
    Some(format!("{}{fraction}{offset}", date.strftime("%Y-%m-%dT%H:%M:%S")))
}

/// ISO 8601 as in QuickTime's creationdate: `2019-07-24T11:25:40+0300`.
pub(super) fn of_iso(text: &str) -> Option<String> {
    let (date, rest) = text.trim().split_at_checked(19)?;
    let rest = rest.trim();
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            (Some(rest[..end].to_owned()), &rest[end..])
        }
        None => (None, rest),
    };
    of_exif(Some(date.to_owned()), fraction, Some(offset.to_owned()))
}

/// Seconds since 1904 in UTC, as in QuickTime's mvhd. Cameras whose clock was never set write 0.
pub(super) fn of_quicktime(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds.checked_sub(QUICKTIME_EPOCH)?).ok()?;
    let instant = jiff::Timestamp::from_second(seconds).ok().filter(|_| seconds > 0)?;
    Some(instant.to_string())
}

fn civil(parts: &[&str; 6]) -> Option<DateTime> {
    let mut numbers = [0i16; 6];
    for (number, part) in numbers.iter_mut().zip(parts) {
        *number = part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    let [year, month, day, hour, minute, second] = numbers;
    let [month, day, hour, minute, second] = [month, day, hour, minute, second].map(|n| i8::try_from(n).unwrap_or(-1));
    // There are no older photographs.
    DateTime::new(year, month, day, hour, minute, second, 0).ok().filter(|date| date.year() >= 1826)
}

fn is_fraction(digits: &str) -> bool {
    (1..=9).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `+09:00`, `+0900`, `+09` or `Z`, as RFC 3339 has it.
fn offset(text: &str) -> Option<String> {
    let text = text.trim();
    if text == "Z" {
        return Some("Z".to_owned());
    }
    let sign = text.chars().next().filter(|sign| matches!(sign, '+' | '-'))?;
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    let hours_only = digits.len() == 2;
    if !(hours_only || digits.len() == 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let minutes = if hours_only { "00" } else { minutes };
    let sane = hours.parse::<u8>().is_ok_and(|h| h <= 14) && minutes.parse::<u8>().is_ok_and(|m| m < 60);
    sane.then(|| format!("{sign}{hours}:{minutes}"))
}

#[cfg(test)]
mod tests {
    use super::{of_exif, of_iso, of_quicktime};

    #[test]
    fn exif_dates() {
        let cases = [
            (("2024:05:01 10:20:30", "", ""), Some("2024-05-01T10:20:30")),
            (("2024:05:01 10:20:30", "07", "+09:00"), Some("2024-05-01T10:20:30.07+09:00")),
            (("2024:05:01 10:20:30", "133 ", "-04:00"), Some("2024-05-01T10:20:30.133-04:00")),
            (("2024:05:01 10:20:30", "", "Z"), Some("2024-05-01T10:20:30Z")),
            (("2024:05:01 10:20:30", "x1", "   :  "), Some("2024-05-01T10:20:30")),
            (("2024:05:01 10:20:30", "", "+99:00"), Some("2024-05-01T10:20:30")),
            (("2024:05:01 10:20:30", "", "\u{661}\u{662}"), Some("2024-05-01T10:20:30")),
            (("2024-05-01T10:20:30.25", "", ""), Some("2024-05-01T10:20:30.25")),
            (("0000:00:00 00:00:00", "", ""), None),
            (("2024:13:01 10:20:30", "", ""), None),
            (("2023:02:29 10:20:30", "", ""), None),
            (("2024:05:01 24:20:30", "", ""), None),
            (("    :  :     :  :  ", "", ""), None),
            (("2024:05:01", "", ""), None),
            (("2024:05:01 10:20:300", "", ""), None),
            (("20240:05:01 10:20:30", "", ""), None),
            (("99999:05:01 10:20:30", "", ""), None),
            (("1601:01:01 00:00:00", "", ""), None),
        ];
        for ((date, fraction, offset), wanted) in cases {
            let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            assert_eq!(of_exif(part(date), part(fraction), part(offset)).as_deref(), wanted, "{date:?} {offset:?}");
        }
        assert_eq!(of_exif(None, Some("1".to_owned()), None), None);
    }

    #[test]
    fn iso_dates() {
        assert_eq!(of_iso("2019-07-24T11:25:40+0300").as_deref(), Some("2019-07-24T11:25:40+03:00"));
        assert_eq!(of_iso("2019-07-24T11:25:40.5-08:00").as_deref(), Some("2019-07-24T11:25:40.5-08:00"));
        assert_eq!(of_iso("2019-07-24T11:25:40Z").as_deref(), Some("2019-07-24T11:25:40Z"));
        assert_eq!(of_iso("2019-07-24T11:25:40").as_deref(), Some("2019-07-24T11:25:40"));
        for nonsense in ["", "2019", "2019-07-24", "0000-00-00T00:00:00Z", "서울서울서울서울서울"] {
            assert_eq!(of_iso(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn quicktime_dates() {
        assert_eq!(of_quicktime(3_646_801_557).as_deref(), Some("2019-07-24T08:25:57Z"));
        assert_eq!(of_quicktime(0), None);
        assert_eq!(of_quicktime(super::QUICKTIME_EPOCH), None);
        assert_eq!(of_quicktime(u64::MAX), None);
    }
}
