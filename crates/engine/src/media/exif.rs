//! EXIF's tags, whatever container they come in: <https://www.cipa.jp/std/documents/download_e.html?CIPA_DC-008-2024-E>.

use super::bytes::{Bytes, Fault, Span};
use super::tiff::{Directory, Tiff};
use super::{GpsConsent, dates, place};
use offload_protocol::wire::Media;

const SUBFILE_TYPE: u16 = 0xfe;
const IMAGE_WIDTH: u16 = 0x100;
const IMAGE_LENGTH: u16 = 0x101;
const MAKE: u16 = 0x10f;
const MODEL: u16 = 0x110;
const ORIENTATION: u16 = 0x112;
const DATE_TIME: u16 = 0x132;
pub(super) const SUB_DIRECTORIES: u16 = 0x14a;
pub(super) const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const DATE_TIME_ORIGINAL: u16 = 0x9003;
const DATE_TIME_DIGITIZED: u16 = 0x9004;
const OFFSET_TIME: u16 = 0x9010;
const OFFSET_TIME_ORIGINAL: u16 = 0x9011;
const OFFSET_TIME_DIGITIZED: u16 = 0x9012;
const SUB_SECONDS: u16 = 0x9290;
const SUB_SECONDS_ORIGINAL: u16 = 0x9291;
const SUB_SECONDS_DIGITIZED: u16 = 0x9292;
const PIXEL_X_DIMENSION: u16 = 0xa002;
const PIXEL_Y_DIMENSION: u16 = 0xa003;
const LENS_MODEL: u16 = 0xa434;

/// What EXIF says, before the container had its word.
#[derive(Debug, Default)]
pub(super) struct Exif {
    pub make: Option<String>,
    pub model: Option<String>,
    pub lens: Option<String>,
    pub orientation: Option<u8>,
    pub gps: Option<offload_protocol::wire::Gps>,
    /// Size by PixelXDimension and PixelYDimension: of the picture as the camera made it, stale after a crop.
    pub stated: Option<(u32, u32)>,
    /// Size of the largest picture in the directories that is not marked as a preview.
    pub largest: Option<(u32, u32)>,
    original: Option<String>,
    digitized: Option<String>,
    changed: Option<String>,
    /// DateTime without its sub-seconds and offset, which stand in another directory.
    changed_raw: Option<String>,
}

impl Exif {
    /// Reads a TIFF structure: main directories, EXIF, GPS, sub-directories.
    pub(super) fn read(bytes: &mut Bytes<'_>, span: Span, gps: GpsConsent) -> Result<Self, Fault> {
        /// Pages of a TIFF and pictures of a RAW file that are looked at.
        const MOST_DIRECTORIES: usize = 8;
        let tiff = Tiff::open(bytes, span)?;
        let mut exif = Self::default();
        let main = tiff.directory(bytes, tiff.first)?;
        exif.take_main(&tiff, bytes, &main);
        if let Some(at) = tiff.number(bytes, &main, EXIF_DIRECTORY)
            && let Ok(directory) = tiff.directory(bytes, u64::from(at))
        {
            exif.take_exif(&tiff, bytes, &directory);
        }
        if gps == GpsConsent::Share
            && let Some(at) = tiff.number(bytes, &main, GPS_DIRECTORY)
            && let Ok(directory) = tiff.directory(bytes, u64::from(at))
        {
            exif.gps = place::of_exif(&tiff, bytes, &directory);
        }
        for at in tiff.numbers(bytes, &main, SUB_DIRECTORIES).into_iter().take(MOST_DIRECTORIES) {
            if let Ok(directory) = tiff.directory(bytes, u64::from(at)) {
                exif.take_size(&tiff, bytes, &directory);
            }
        }
        Ok(exif)
    }

    /// Takes in the main directory (IFD0).
    pub(super) fn take_main(&mut self, tiff: &Tiff, bytes: &mut Bytes<'_>, main: &Directory) {
        self.make = tiff.text(bytes, main, MAKE);
        self.model = tiff.text(bytes, main, MODEL);
        self.orientation = tiff
            .number(bytes, main, ORIENTATION)
            .and_then(|value| u8::try_from(value).ok())
            .filter(|value| (1..=8).contains(value));
        self.changed_raw = tiff.text(bytes, main, DATE_TIME);
        self.changed = dates::of_exif(self.changed_raw.clone(), None, None);
        self.take_size(tiff, bytes, main);
    }

    /// Takes in the EXIF directory; after the main one, whose DateTime has its sub-seconds and offset here.
    pub(super) fn take_exif(&mut self, tiff: &Tiff, bytes: &mut Bytes<'_>, directory: &Directory) {
        let mut text = |tag| tiff.text(bytes, directory, tag);
        let changed = self.changed_raw.take();
        self.changed = dates::of_exif(changed, text(SUB_SECONDS), text(OFFSET_TIME));
        self.original =
            dates::of_exif(text(DATE_TIME_ORIGINAL), text(SUB_SECONDS_ORIGINAL), text(OFFSET_TIME_ORIGINAL));
        self.digitized =
            dates::of_exif(text(DATE_TIME_DIGITIZED), text(SUB_SECONDS_DIGITIZED), text(OFFSET_TIME_DIGITIZED));
        // Cameras without a lens of their own write dashes.
        self.lens = text(LENS_MODEL).filter(|lens| lens.chars().any(char::is_alphanumeric));
        let size = (tiff.number(bytes, directory, PIXEL_X_DIMENSION), tiff.number(bytes, directory, PIXEL_Y_DIMENSION));
        self.stated = size.0.zip(size.1).filter(is_size);
    }

    fn take_size(&mut self, tiff: &Tiff, bytes: &mut Bytes<'_>, directory: &Directory) {
        // Bit 0: a reduced copy of another picture in this file.
        let preview = tiff.number(bytes, directory, SUBFILE_TYPE).is_some_and(|kind| kind & 1 == 1);
        let size = (tiff.number(bytes, directory, IMAGE_WIDTH), tiff.number(bytes, directory, IMAGE_LENGTH));
        let size = size.0.zip(size.1).filter(is_size);
        let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        if !preview && size.map(area) > self.largest.map(area) {
            self.largest = size;
        }
    }

    /// Hands over all but the size, which the container knows better.
    pub(super) fn fill(self, media: &mut Media) {
        media.captured_at = self.original.or(self.digitized).or(self.changed);
        media.make = self.make;
        media.model = self.model;
        media.lens = self.lens;
        media.orientation = self.orientation.or(media.orientation);
        media.gps = self.gps;
    }
}

pub(super) fn is_size(size: &(u32, u32)) -> bool {
    size.0 > 0 && size.1 > 0
}
