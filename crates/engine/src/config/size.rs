//! Bytes a second, as people write them.

use super::LOWEST_BANDWIDTH;

/// Reads `5MB`, `500 kB/s`, `1.5 MiB`, `5000000`: bytes a second, at least 1 kB. Units know no case; `Mbit` and `Mbps` are bits.
pub fn parse_bandwidth(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_lowercase();
    let bare = lower.strip_suffix("/s").unwrap_or(&lower).trim_end();
    let at = bare.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_').unwrap_or(bare.len());
    let (digits, unit) = bare.split_at(at);
    let unknown = || format!("is not a number of bytes a second: `{}`; write it like 5MB or 500kB", text.trim());
    let number: f64 = digits.replace('_', "").parse().map_err(|_| unknown())?;
    let factor = match unit.trim() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "kbit" | "kbps" => 1e3 / 8.0,
        "mbit" | "mbps" => 1e6 / 8.0,
        "gbit" | "gbps" => 1e9 / 8.0,
        _ => return Err(unknown()),
    };
    let bytes = number * factor;
    if !bytes.is_finite() || bytes > 1e15 {
        return Err("is more than any network carries".into());
    }
    // In range: finite, not negative (no sign is read), under 1e15.
    let bytes = bytes.round() as u64;
    if bytes < LOWEST_BANDWIDTH {
        return Err(format!("is {bytes} bytes a second, and the least is 1kB; write it like 5MB or 500kB"));
    }
    Ok(bytes)
}

/// The same for people: `5 MB/s`.
pub fn bandwidth_text(bytes: u64) -> String {
    let (value, unit) = match bytes {
        0..1_000_000 => (bytes as f64 / 1e3, "kB/s"),
        1_000_000..1_000_000_000 => (bytes as f64 / 1e6, "MB/s"),
        _ => (bytes as f64 / 1e9, "GB/s"),
    };
    let text = format!("{value:.2}");
    format!("{} {unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::{bandwidth_text, parse_bandwidth};

    #[test]
    fn as_people_write_it() {
        let table = [
            ("5MB", Some(5_000_000)),
            ("5 mb/s", Some(5_000_000)),
            ("5m", Some(5_000_000)),
            ("500kB", Some(500_000)),
            ("1.5 MiB", Some(1_572_864)),
            ("2_000_000", Some(2_000_000)),
            ("40 Mbit/s", Some(5_000_000)),
            ("40mbps", Some(5_000_000)),
            ("1GB", Some(1_000_000_000)),
            ("1000", Some(1000)),
            ("999", None),
            ("5", None),
            ("0", None),
            ("-5MB", None),
            ("", None),
            ("MB", None),
            ("1.2.3MB", None),
            ("5 parsecs", None),
            ("9999999999999GB", None),
            ("NaN", None),
            ("inf", None),
        ];
        for (text, bytes) in table {
            assert_eq!(parse_bandwidth(text).ok(), bytes, "{text}");
        }
    }

    #[test]
    fn and_as_they_read_it() {
        for (bytes, text) in [
            (1000, "1 kB/s"),
            (1_234, "1.23 kB/s"),
            (5_000_000, "5 MB/s"),
            (12_500_000, "12.5 MB/s"),
            (100_000_000, "100 MB/s"),
            (1_000_000_000, "1 GB/s"),
        ] {
            assert_eq!(bandwidth_text(bytes), text);
        }
    }
}
