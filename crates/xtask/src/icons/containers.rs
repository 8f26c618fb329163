//! Files that hold one icon in several sizes: ICO for Windows, ICNS for macOS.

use anyhow::{Context, Result};
use image::{ImageFormat, Rgba, RgbaImage};

/// From this many pixels on, Windows wants a PNG within the ICO; below, some readers know bitmaps only.
const PNG_FROM: u32 = 256;

/// A Windows icon of these PNGs, each with its pixels to a side.
pub(super) fn ico(pictures: &[(u32, Vec<u8>)]) -> Result<Vec<u8>> {
    let images = pictures
        .iter()
        .map(|(pixels, png)| if *pixels < PNG_FROM { bitmap(png) } else { Ok(png.clone()) })
        .collect::<Result<Vec<_>>>()?;
    let mut file = Vec::new();
    for word in [0, 1, u16::try_from(images.len())?] {
        file.extend(word.to_le_bytes());
    }
    let mut offset = u32::try_from(6 + 16 * images.len())?;
    for ((pixels, _), image) in pictures.iter().zip(&images) {
        // 256 is written as 0.
        let side = u8::try_from(*pixels % 256)?;
        let length = u32::try_from(image.len())?;
        file.extend([side, side, 0, 0, 1, 0, 32, 0]);
        file.extend(length.to_le_bytes());
        file.extend(offset.to_le_bytes());
        offset += length;
    }
    file.extend(images.concat());
    Ok(file)
}

fn picture(png: &[u8]) -> Result<RgbaImage> {
    Ok(image::load_from_memory_with_format(png, ImageFormat::Png).context("no PNG")?.to_rgba8())
}

/// The bitmap of an ICO: a header that counts the mask's rows too, the picture from below as BGRA, and a mask of one bit
/// a pixel, all unset, since the picture's alpha says what shows.
fn bitmap(png: &[u8]) -> Result<Vec<u8>> {
    let picture = picture(png)?;
    let (width, height) = picture.dimensions();
    let mask = width.div_ceil(32) * 4 * height;
    let mut bytes = Vec::new();
    for number in [40, width, 2 * height, 1 | 32 << 16, 0, 4 * width * height + mask, 0, 0, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    for row in picture.rows().rev() {
        for Rgba([red, green, blue, alpha]) in row.copied() {
            bytes.extend([blue, green, red, alpha]);
        }
    }
    bytes.resize(bytes.len() + usize::try_from(mask)?, 0);
    Ok(bytes)
}

/// Alpha, red, green and blue one after the other, each in runs of at most 128 bytes, said before the run.
fn planes(png: &[u8]) -> Result<Vec<u8>> {
    let picture = picture(png)?;
    let mut bytes = b"ARGB".to_vec();
    for channel in [3, 0, 1, 2] {
        let plane: Vec<u8> = picture.pixels().map(|pixel| pixel.0[channel]).collect();
        for run in plane.chunks(128) {
            bytes.push(u8::try_from(run.len() - 1)?);
            bytes.extend(run);
        }
    }
    Ok(bytes)
}

/// The two smallest of an ICNS are no PNG.
const PLANES: [&[u8; 4]; 2] = [b"ic04", b"ic05"];

/// A macOS icon of these PNGs, each with its kind.
pub(super) fn icns(pictures: &[(&[u8; 4], Vec<u8>)]) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    for (kind, png) in pictures {
        let image = if PLANES.contains(kind) { planes(png)? } else { png.clone() };
        body.extend(*kind);
        body.extend(u32::try_from(image.len() + 8)?.to_be_bytes());
        body.extend(image);
    }
    let mut file = b"icns".to_vec();
    file.extend(u32::try_from(body.len() + 8)?.to_be_bytes());
    file.extend(body);
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::{icns, ico};
    use image::{ImageFormat, Rgba, RgbaImage};
    use std::io::Cursor;

    fn png(pixels: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let picture = RgbaImage::from_fn(pixels, pixels, |x, y| Rgba([x as u8, y as u8, 7, 255]));
        picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn an_ico_says_where_each_size_lies() {
        let file = ico(&[(16, png(16)), (256, png(256))]).unwrap();
        assert_eq!(file[..6], [0, 0, 1, 0, 2, 0]);
        let entry = |index: usize| {
            let at = 6 + 16 * index;
            let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
            (file[at], &file[number(at + 12)..number(at + 12) + number(at + 8)])
        };
        let (side, bitmap) = entry(0);
        assert_eq!((side, bitmap.len()), (16, 40 + 16 * 16 * 4 + 16 * 4));
        // The first pixel stored is the lowest of the first column.
        assert_eq!(bitmap[40..44], [7, 15, 0, 255]);
        let (side, kept) = entry(1);
        assert_eq!((side, kept), (0, png(256).as_slice()));
    }

    #[test]
    fn an_icns_counts_its_heads() {
        let file = icns(&[(b"ic04", png(16)), (b"ic07", vec![2; 3])]).unwrap();
        // Four planes of 256 bytes are two runs each.
        let planes = 4 + 4 * (256 + 2);
        assert_eq!(file.len(), 8 + (8 + planes) + (8 + 3));
        assert_eq!(file[..8], [b"icns".as_slice(), &(file.len() as u32).to_be_bytes()].concat());
        assert_eq!(
            file[8..22],
            [b"ic04".as_slice(), &(8 + planes as u32).to_be_bytes(), b"ARGB", &[127, 255]].concat()
        );
        assert_eq!(file[16 + planes..], *b"ic07\0\0\0\x0b\x02\x02\x02");
    }
}
