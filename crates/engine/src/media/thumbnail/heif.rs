//! HEIC: the thumbnail a phone put in, or the picture itself, decoded by `heic-rs`; JPEG items as they are.
//!
//! The decoder is pure Rust without `unsafe`, and knows intra-coded HEVC only, which is what photos are. AVIF is not
//! decoded. Its authors grant no patent licence for HEVC; who distributes Offload where such patents hold should know.

use super::OneLarge;
use super::draw::{self, Drawn};
use super::sequence;
use crate::media::boxes;
use crate::media::bytes::{Bytes, Span};
use heic_rs::context::Context;
use heic_rs::meta::iref::RefKind;
use heic_rs::{DecodeOptions, PixelLayout, Rotation, Transform};
use image::{DynamicImage, RgbImage};

/// Photos of phones are up to 10 MB, those of cameras up to 50.
const LARGEST_FILE: u64 = 96 << 20;
/// Phones make up to 48 million pixels.
const MOST_PIXELS: u64 = 64_000_000;

/// The smallest picture in the file that fills `edge`, upright; `None`: nothing in it can be decoded.
pub(super) fn picture(bytes: &mut Bytes<'_>, edge: u32, large: &OneLarge) -> Option<Drawn> {
    let whole = bytes.whole();
    let mut file = bytes.copy(whole, LARGEST_FILE).ok()?;
    let primary = primary_place(bytes)?;
    let (choices, icc) = choices(&file, edge)?;
    for choice in choices {
        let decoded = match choice {
            Choice::Jpeg(jpeg, turn) => draw::decode_jpeg(&jpeg).map(|drawn| drawn.turned(turn)),
            Choice::Hevc(id, size) => {
                // The decoder decodes what the file calls its primary item.
                write_id(&mut file, primary, id)?;
                let _one_at_a_time = large.hold(size);
                decode_primary(&file)
            }
        };
        if let Some(drawn) = decoded {
            return Some(Drawn { icc: drawn.icc.or(icc), ..drawn });
        }
    }
    None
}

enum Choice {
    /// Its bytes, and EXIF's number for how it is turned.
    Jpeg(Vec<u8>, u8),
    /// An item, and its size.
    Hevc(u32, (u32, u32)),
}

/// What to try, best first, and the main picture's colour profile.
fn choices(file: &[u8], edge: u32) -> Option<(Vec<Choice>, Option<Vec<u8>>)> {
    let context = Context::open(file).ok()?;
    let primary = context.meta.primary;
    let main = context.props(primary).ok()?;
    let icc = main.icc.map(<[u8]>::to_vec);
    let main_size = context.coded_size(primary, &main).ok()?;
    let thumbnails = context.meta.refs.iter().filter(|one| one.kind == RefKind::Thmb && one.to.contains(&primary));
    let mut sized = Vec::new();
    for id in thumbnails.map(|one| one.from).chain([primary]).take(8) {
        let Ok(props) = context.props(id) else { continue };
        let Ok(size) = context.coded_size(id, &props) else { continue };
        if draw::Frame::of(size, main_size) != draw::Frame::Same {
            continue;
        }
        let choice = match context.meta.item(id).map(|item| item.item_type) {
            Some([b'j', b'p', b'e', b'g']) => {
                let Ok(data) = context.item_data(id) else { continue };
                let turn = props.transforms.iter().find_map(|one| match one {
                    Transform::Rotate(turn) => Some(exif_turn(*turn)),
                    _ => None,
                });
                Choice::Jpeg(data.into_owned(), turn.unwrap_or(1))
            }
            Some(_) if is_bounded(&context, id) => Choice::Hevc(id, size),
            _ => continue,
        };
        sized.push((size.0.max(size.1), choice));
    }
    draw::best_first(&mut sized, edge);
    Some((sized.into_iter().map(|(_, choice)| choice).collect(), icc))
}

/// EXIF's number for a turn against the clock.
fn exif_turn(turn: Rotation) -> u8 {
    match turn {
        Rotation::None => 1,
        Rotation::Ccw90 => 8,
        Rotation::Ccw180 => 3,
        Rotation::Ccw270 => 6,
    }
}

/// Whether decoding `id` stays within [`MOST_PIXELS`].
///
/// The decoder checks the size that the container states, but takes memory by the one in the bitstream, a gigapixel in
/// twenty bytes, and for each tile of a grid.
pub(super) fn is_bounded(context: &Context<'_>, id: u32) -> bool {
    const MOST_TILES: usize = 1024;
    let coded = match context.grid(id) {
        Ok(Some((_, tiles))) => tiles,
        Ok(None) => vec![id],
        Err(_) => return false,
    };
    if coded.len() > MOST_TILES {
        return false;
    }
    let mut pixels = 0u64;
    for id in coded {
        let Ok(props) = context.props(id) else { return false };
        let Some(config) = props.hvcc else { return false };
        for set in config.parameter_sets().iter().filter(|set| sequence::is_sequence(set)) {
            let Some((width, height)) = sequence::size(set) else { return false };
            pixels = pixels.saturating_add(u64::from(width).saturating_mul(u64::from(height)));
        }
    }
    pixels <= MOST_PIXELS + MOST_PIXELS / 4
}

pub(super) fn decode_primary(file: &[u8]) -> Option<Drawn> {
    let options = DecodeOptions {
        layout: PixelLayout::Rgb8,
        max_pixels: Some(MOST_PIXELS),
        apply_transforms: true,
        decode_alpha: false,
        strict: false,
        threads: Some(1),
    };
    let decoded = heic_rs::decode(file, &options).ok()?;
    let picture = RgbImage::from_raw(decoded.width, decoded.height, decoded.data)?;
    Some(Drawn { picture: DynamicImage::ImageRgb8(picture), icc: None })
}

/// Where the file names its primary item, two or four bytes.
pub(super) fn primary_place(bytes: &mut Bytes<'_>) -> Option<Span> {
    let whole = bytes.whole();
    let meta = boxes::find(bytes, whole, *b"meta").ok()??.from(4).ok()?;
    let place = boxes::find(bytes, meta, *b"pitm").ok()??;
    let width = if bytes.u8(place, 0).ok()? == 0 { 2 } else { 4 };
    place.part(4, width).ok()
}

pub(super) fn write_id(file: &mut [u8], place: Span, id: u32) -> Option<()> {
    let range = usize::try_from(place.start).ok()?..usize::try_from(place.end).ok()?;
    let id = id.to_be_bytes();
    let width = range.len();
    file.get_mut(range)?.copy_from_slice(id.get(4 - width..)?);
    Some(())
}
