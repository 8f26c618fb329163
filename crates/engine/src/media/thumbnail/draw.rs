//! From a picture in some format to the small JPEG that is shown: bars cut off, scaled, turned upright, in sRGB.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::io::{BufRead, Cursor, Seek};

const QUALITY: u8 = 80;
/// What one decoder may take: 120 million pixels of three bytes, and a little.
const MOST_MEMORY: u64 = 400_000_000;
const MOST_PIXELS: u64 = 120_000_000;
/// A progressive JPEG is held twice, as coefficients of two bytes too.
const MOST_PIXELS_PROGRESSIVE: u64 = 50_000_000;

/// A decoded picture, and the colour profile that came with it.
#[derive(Debug)]
pub(super) struct Drawn {
    pub picture: DynamicImage,
    pub icc: Option<Vec<u8>>,
}

impl Drawn {
    /// Turned as EXIF's number says.
    pub(super) fn turned(mut self, orientation: u8) -> Self {
        if let Some(orientation) = Orientation::from_exif(orientation) {
            self.picture.apply_orientation(orientation);
        }
        self
    }
}

/// How the frame of a smaller picture stands to the one of the whole photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frame {
    Same,
    /// The photo lies within, bars at its sides: so many pixels left and right, above and below.
    Within(u32, u32),
}

impl Frame {
    pub(super) fn of(inner: (u32, u32), photo: (u32, u32)) -> Self {
        let (width, height) = (u64::from(inner.0.max(1)), u64::from(inner.1.max(1)));
        let (across, down) = (u64::from(photo.0.max(1)), u64::from(photo.1.max(1)));
        // Sides of a thumbnail are rounded, those of a preview now and then by more.
        let (one, other) = (width * down, height * across);
        if one.abs_diff(other) * 100 <= one.max(other) * 3 {
            return Self::Same;
        }
        let bar = |outer: u64, inside: u64| u32::try_from(outer.saturating_sub(inside) / 2).unwrap_or(0);
        if one > other {
            Self::Within(bar(width, other.div_ceil(down)), 0)
        } else {
            Self::Within(0, bar(height, one.div_ceil(across)))
        }
    }
}

/// Cuts black bars off a smaller picture, so that it shows what the photo shows; `Err`, with the picture as it is:
/// there are none, so it shows something else (the photo was cropped or turned since).
pub(super) fn without_bars(picture: DynamicImage, photo: (u32, u32)) -> Result<DynamicImage, DynamicImage> {
    let size = (picture.width(), picture.height());
    let Frame::Within(sides, ends) = Frame::of(size, photo) else { return Ok(picture) };
    let luma = picture.to_luma8();
    let is_bar = |x: u32, y: u32| x < sides || y < ends || x >= size.0 - sides || y >= size.1 - ends;
    let bars = luma.enumerate_pixels().filter(|(x, y, _)| is_bar(*x, *y));
    let (sum, count) = bars.fold((0u64, 0u64), |(sum, count), (.., pixel)| (sum + u64::from(pixel.0[0]), count + 1));
    // The photo's edge smears into the bar, so not every pixel of it is black.
    if count == 0 || sum / count > 16 {
        return Err(picture);
    }
    // One more, into which the bar smears.
    let (sides, ends) = (sides + u32::from(sides > 0), ends + u32::from(ends > 0));
    let (width, height) = (size.0.saturating_sub(2 * sides), size.1.saturating_sub(2 * ends));
    if width == 0 || height == 0 { Err(picture) } else { Ok(picture.crop_imm(sides, ends, width, height)) }
}

/// Puts choices in the order to try: the smallest that fills `edge` first, then larger ones, then the largest of those
/// that don't.
pub(super) fn best_first<T>(sized: &mut [(u32, T)], edge: u32) {
    sized.sort_by_key(|(side, _)| if *side >= edge { (0, *side) } else { (1, u32::MAX - *side) });
}

/// Whether a JPEG of that size is decoded at all.
pub(super) fn is_bearable(size: (u32, u32), progressive: bool) -> bool {
    let most = if progressive { MOST_PIXELS_PROGRESSIVE } else { MOST_PIXELS };
    u64::from(size.0) * u64::from(size.1) <= most
}

/// Decodes a JPEG that is in memory.
pub(super) fn decode_jpeg(jpeg: &[u8]) -> Option<Drawn> {
    decode(Cursor::new(jpeg), ImageFormat::Jpeg)
}

/// Decodes a picture within the limits; of an animation the first frame.
pub(super) fn decode(from: impl BufRead + Seek, format: ImageFormat) -> Option<Drawn> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(from, format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if !is_bearable((width, height), false) || decoder.total_bytes() > MOST_MEMORY {
        return None;
    }
    // A profile that can't be read is none.
    let icc = decoder.icc_profile().ok().flatten();
    let picture = DynamicImage::from_decoder(decoder).ok()?;
    Some(Drawn { picture, icc })
}

/// Scales a picture down into a box of `edge` and writes it as JPEG; never up.
pub(super) fn thumbnail(drawn: Drawn, edge: u32) -> Option<Vec<u8>> {
    let picture = shrunk(drawn.picture, edge);
    let mut picture = over_white(picture);
    if let Some(icc) = drawn.icc {
        to_srgb(&mut picture, &icc);
    }
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(&picture).ok()?;
    Some(out)
}

fn shrunk(picture: DynamicImage, edge: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= edge {
        return picture;
    }
    // Averaging is quick and good down to double the size; the fine filter does the rest.
    let halfway = edge * 2;
    let picture =
        if picture.width().max(picture.height()) > halfway { picture.thumbnail(halfway, halfway) } else { picture };
    picture.resize(edge, edge, FilterType::CatmullRom)
}

/// Without transparency: what shows through is white.
fn over_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let mut out = RgbImage::new(picture.width(), picture.height());
    for (to, from) in out.pixels_mut().zip(picture.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u16::from);
        let over = |value: u16| u8::try_from((value * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        *to = Rgb([over(red), over(green), over(blue)]);
    }
    out
}

/// Turns colours of a wider space into sRGB. A profile that can't be read, or isn't RGB's, changes nothing.
fn to_srgb(picture: &mut RgbImage, icc: &[u8]) {
    const LARGEST: usize = 4 << 20;
    if icc.len() > LARGEST {
        return;
    }
    let Ok(profile) = ColorProfile::new_from_slice(icc) else { return };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options) else { return };
    let mut out = vec![0; picture.as_raw().len()];
    if transform.transform(picture.as_raw(), &mut out).is_ok()
        && let Some(turned) = RgbImage::from_raw(picture.width(), picture.height(), out)
    {
        *picture = turned;
    }
}
