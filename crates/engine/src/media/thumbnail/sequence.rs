//! The size that an HEVC sequence parameter set states: ITU-T H.265, 7.3.2.2 and 7.3.3.

/// Whether a NAL unit is a sequence parameter set.
pub(super) fn is_sequence(unit: &[u8]) -> bool {
    unit.first().is_some_and(|first| first >> 1 & 0x3f == 33)
}

/// Width and height of the coded picture, before any crop.
pub(super) fn size(unit: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits { bytes: unescaped(unit.get(2..)?), at: 0 };
    bits.take(4)?;
    let layers = bits.take(3)?;
    bits.take(1)?;
    bits.skip(96)?;
    let mut skipped = 0;
    for _ in 0..layers {
        skipped += if bits.take(1)? == 1 { 88 } else { 0 };
        skipped += if bits.take(1)? == 1 { 8 } else { 0 };
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize))?;
    }
    bits.skip(skipped)?;
    bits.number()?;
    if bits.number()? == 3 {
        bits.take(1)?;
    }
    Some((bits.number()?, bits.number()?))
}

/// Without the 3 behind two zeros, which only keeps start codes out. The sizes stand at the start.
fn unescaped(unit: &[u8]) -> Vec<u8> {
    const ENOUGH: usize = 512;
    let mut out = Vec::new();
    let mut zeros = 0;
    for byte in unit.iter().take(ENOUGH) {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
        out.push(*byte);
    }
    out
}

struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.at = self.at.checked_add(count)?;
        Some(())
    }

    /// An exponential Golomb code.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.take(zeros)?;
        (1u32 << zeros).checked_add(rest)?.checked_sub(1)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{is_sequence, size};

    /// A parameter set of so many sub-layers whose profile fields are all `filler`.
    pub(in crate::media::thumbnail) fn unit(layers: u32, filler: u8, width: u32, height: u32) -> Vec<u8> {
        let mut bits = format!("0000{layers:03b}1{}", format!("{filler:08b}").repeat(12));
        if layers > 0 {
            bits += &"11".repeat(layers as usize);
            bits += &"00".repeat(8 - layers as usize);
            bits += &"1".repeat(96 * layers as usize);
        }
        for value in [0, 1, width, height] {
            let code = format!("{:b}", value + 1);
            bits += &"0".repeat(code.len() - 1);
            bits += &code;
        }
        bits += "1";
        let mut out = vec![0x42, 1];
        let mut zeros = 0;
        for piece in bits.as_bytes().chunks(8) {
            let byte = u8::from_str_radix(&format!("{:0<8}", std::str::from_utf8(piece).unwrap()), 2).unwrap();
            if zeros >= 2 && byte <= 3 {
                out.push(3);
                zeros = 0;
            }
            zeros = if byte == 0 { zeros + 1 } else { 0 };
            out.push(byte);
        }
        out
    }

    #[test]
    fn sizes_behind_whatever_the_profile_says() {
        for (layers, filler) in [(0, 0x60), (0, 0), (2, 0xff), (6, 0)] {
            for (width, height) in [(512, 512), (4032, 3024), (1, 65_535), (1 << 30, 7)] {
                let unit = unit(layers, filler, width, height);
                assert!(is_sequence(&unit));
                assert_eq!(size(&unit), Some((width, height)), "{layers} {filler}");
            }
        }
        assert!(!is_sequence(&[0x44, 1]) && !is_sequence(&[]));
    }

    #[test]
    fn a_short_or_senseless_one_has_no_size() {
        let whole = unit(1, 0x60, 512, 512);
        for len in 0..whole.len() - 3 {
            assert_eq!(size(&whole[..len]), None, "{len}");
        }
        assert_eq!(size(&[&[0x42, 1][..], &[0; 400]].concat()), None);
    }
}
