//! Small pictures of photos, for the window.
//!
//! Cameras and phones put smaller pictures into their files; the smallest that is large enough is taken (`previews`). A
//! photo without one is decoded whole, within limits of size and memory: JPEG, PNG, WebP, GIF by the `image` crate, HEIC by
//! `heic-rs`. What can't be drawn (videos, AVIF, JPEG XL, plain TIFF, RAW files whose previews are stored uncompressed or in
//! a place unknown here) has what the Linux desktop's file manager made of it, or `None`: the window shows an icon.
//!
//! Photos come from anywhere. Nothing of them reaches the window as it was: what is shown was decoded and written anew.
//! Reads are bounded, decoders are Rust without `unsafe` of their own making, two files at a time are worked on, one of the
//! large ones, and a panic in a decoder costs one thumbnail.

mod cache;
mod desktop;
mod draw;
mod heif;
mod latest_first;
mod previews;
mod sequence;

#[cfg(test)]
mod asked;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod real;
#[cfg(test)]
mod tests;

pub use self::cache::ThumbnailCache;

use self::cache::{Key, Known};
use self::draw::Drawn;
use self::latest_first::LatestFirst;
use self::previews::Preview;
use super::bytes::Bytes as Pieces;
use super::{Format, GpsConsent};
use crate::watch::Stat;
use ::bytes::Bytes;
use image::ImageFormat;
use offload_protocol::wire::Media;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The larger JPEGs that are read; photos of the largest cameras take up to 100 MB.
const LARGEST_JPEG: u64 = 128 << 20;
/// Pictures over so many pixels are decoded one at a time.
const LARGE: u64 = 24_000_000;
/// Files worked on at once, and looks into the cache.
const THREADS: usize = 2;
/// More rows than any window shows at once.
const MOST_WAITING: usize = 256;

/// The box a thumbnail fits into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// 96 pixels: a row of the list.
    Small,
    /// 512 pixels: a file's own page.
    Large,
}

impl Edge {
    pub fn pixels(self) -> u32 {
        match self {
            Self::Small => 96,
            Self::Large => 512,
        }
    }
}

/// A file whose thumbnail is wanted, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThumbnailSource {
    pub path: PathBuf,
    pub file_id: String,
    pub size: u64,
    pub mtime_ns: i64,
}

/// Thumbnails on demand; every clone shares threads and cache.
#[derive(Debug, Clone)]
pub struct Thumbnails {
    maker: Arc<Maker>,
    looks: LatestFirst,
    makes: LatestFirst,
}

/// Why there is no thumbnail, now or at all.
#[derive(Debug)]
enum Missing {
    /// The file has nothing that can be shown.
    Nothing,
    /// It is another file by now.
    Changed,
    Unreadable(io::Error),
}

#[derive(Debug)]
struct Maker {
    cache: ThumbnailCache,
    desktop: Option<PathBuf>,
    large: OneLarge,
}

/// Lets one large picture at a time be decoded.
#[derive(Debug, Default)]
struct OneLarge(Mutex<()>);

impl OneLarge {
    /// Waits where the picture is large and another is at it; to be held while it is decoded.
    fn hold(&self, size: (u32, u32)) -> Option<MutexGuard<'_, ()>> {
        let is_large = u64::from(size.0) * u64::from(size.1) > LARGE;
        // A panic in a decoder leaves nothing behind it that could be wrong.
        is_large.then(|| self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Thumbnails {
    pub fn new(cache: ThumbnailCache) -> Self {
        Self::beside(cache, desktop::folder())
    }

    fn beside(cache: ThumbnailCache, desktop: Option<PathBuf>) -> Self {
        Self {
            maker: Arc::new(Maker { cache, desktop, large: OneLarge::default() }),
            looks: LatestFirst::new(THREADS, MOST_WAITING),
            makes: LatestFirst::new(THREADS, MOST_WAITING),
        }
    }

    /// A JPEG of the file that fits into the box, upright, in sRGB; `None`: show an icon.
    ///
    /// What is asked for last is made first. Dropping the future takes the request back; of more than a few hundred waiting
    /// ones the oldest are answered with `None`. A file that is no longer the one the ledger knows has no thumbnail, unless
    /// it was made before.
    pub async fn get(&self, source: ThumbnailSource, edge: Edge) -> Option<Bytes> {
        let key = Key::of(&source.file_id, source.size, source.mtime_ns, edge.pixels());
        let maker = self.maker.clone();
        match self.looks.run(move || maker.cache.look(key)).await? {
            Known::Picture(jpeg) => return Some(jpeg),
            Known::Nothing => return None,
            Known::Unknown => {}
        }
        let maker = self.maker.clone();
        self.makes.run(move || maker.make_and_keep(&source, key, edge)).await?
    }
}

impl Maker {
    fn make_and_keep(&self, source: &ThumbnailSource, key: Key, edge: Edge) -> Option<Bytes> {
        // The same may have been asked for twice.
        match self.cache.look(key) {
            Known::Picture(jpeg) => return Some(jpeg),
            Known::Nothing => return None,
            Known::Unknown => {}
        }
        let jpeg = match self.make(source, edge) {
            Ok(jpeg) => Some(jpeg),
            Err(Missing::Nothing) => None,
            // Neither says anything about the bytes that the key stands for.
            Err(Missing::Changed) => return None,
            Err(Missing::Unreadable(error)) => {
                tracing::debug!(path = %source.path.display(), %error, "no thumbnail: the file could not be read");
                return None;
            }
        };
        if let Err(error) = self.cache.keep(key, jpeg.as_deref()) {
            tracing::debug!(%error, "a thumbnail could not be kept");
        }
        jpeg.map(Bytes::from)
    }

    fn make(&self, source: &ThumbnailSource, edge: Edge) -> Result<Vec<u8>, Missing> {
        let file = open(&source.path).map_err(Missing::Unreadable)?;
        let is_same = |file: &File| {
            let stat = Stat::of(&file.metadata().map_err(Missing::Unreadable)?);
            if stat.size == source.size && stat.mtime_ns == source.mtime_ns { Ok(()) } else { Err(Missing::Changed) }
        };
        is_same(&file)?;
        let again = file.try_clone().map_err(Missing::Unreadable)?;
        let failed = Arc::new(Mutex::new(None));
        let noting = Noting { file, failed: failed.clone() };
        let jpeg = Pieces::new(Box::new(noting)).and_then(|mut pieces| self.draw(&mut pieces, edge));
        // Rewritten while it was read, it may be a mixture.
        is_same(&again)?;
        let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (jpeg.map_err(Missing::Unreadable)?, failed) {
            (Some(jpeg), _) => Ok(jpeg),
            (None, Some(error)) => Err(Missing::Unreadable(error)),
            (None, None) => self.of_desktop(source, edge).ok_or(Missing::Nothing),
        }
    }

    fn of_desktop(&self, source: &ThumbnailSource, edge: Edge) -> Option<Vec<u8>> {
        let png = desktop::find(self.desktop.as_deref()?, &source.path, source.mtime_ns, edge.pixels())?;
        guarded(|| draw::thumbnail(draw::decode(Cursor::new(png), ImageFormat::Png)?, edge.pixels()))
    }

    /// The thumbnail of an open file; `None`: nothing in it can be drawn.
    fn draw(&self, pieces: &mut Pieces<'_>, edge: Edge) -> io::Result<Option<Vec<u8>>> {
        let head = pieces.head(32)?;
        let Some(format) = Format::of(&head) else { return Ok(None) };
        let edge = edge.pixels();
        Ok(guarded(|| draw::thumbnail(self.best(pieces, format, edge)?, edge)))
    }

    /// The best picture in a file, upright.
    fn best(&self, pieces: &mut Pieces<'_>, format: Format, edge: u32) -> Option<Drawn> {
        if format == Format::Heif {
            return heif::picture(pieces, edge, &self.large);
        }
        let mut media = Media::default();
        // What was read before the damage counts.
        let _damaged = format.read(pieces, GpsConsent::Withhold, &mut media);
        let stated = media.width.zip(media.height);
        let turn = media.orientation.unwrap_or(1);
        let previews = previews::find(pieces, format);
        let frame = match format {
            // The sensor's size is not that of the photo: cameras crop.
            Format::Tiff | Format::Cr3 | Format::Raf => largest(&previews).or(stated),
            _ => stated,
        };
        let mut choices: Vec<(u32, Choice)> =
            previews.into_iter().map(|preview| (long_side(preview.size), Choice::Preview(preview))).collect();
        if let Some(whole) = whole(format) {
            choices.push((stated.map_or(u32::MAX, long_side), Choice::Whole(whole)));
        }
        draw::best_first(&mut choices, edge);
        choices.into_iter().find_map(|(_, choice)| match choice {
            Choice::Preview(preview) => {
                let drawn = self.preview(pieces, preview)?;
                let picture = match frame {
                    Some(frame) if format == Format::Jpeg => draw::without_bars(drawn.picture, frame).ok()?,
                    Some(frame) => draw::without_bars(drawn.picture, frame).unwrap_or_else(|as_it_is| as_it_is),
                    None => drawn.picture,
                };
                Some(Drawn { picture, ..drawn }.turned(turn))
            }
            Choice::Whole(whole) => self.whole(pieces, whole, stated).map(|drawn| drawn.turned(turn)),
        })
    }

    fn preview(&self, pieces: &mut Pieces<'_>, preview: Preview) -> Option<Drawn> {
        if !draw::is_bearable(preview.size, preview.progressive) {
            return None;
        }
        let jpeg = pieces.copy(preview.span, LARGEST_JPEG).ok()?;
        let _one_at_a_time = self.large.hold(preview.size);
        draw::decode_jpeg(&jpeg)
    }

    fn whole(&self, pieces: &mut Pieces<'_>, format: ImageFormat, size: Option<(u32, u32)>) -> Option<Drawn> {
        let size = size?;
        let _one_at_a_time = self.large.hold(size);
        let whole = pieces.whole();
        if format == ImageFormat::Jpeg {
            let (_, progressive) = previews::measure(pieces, whole)?;
            if !draw::is_bearable(size, progressive) {
                return None;
            }
            return draw::decode_jpeg(&pieces.copy(whole, LARGEST_JPEG).ok()?);
        }
        draw::decode(BufReader::new(pieces.rewound().ok()?), format)
    }
}

/// Notes why reading failed: readers and decoders make "nothing found" of it, which would be remembered.
#[derive(Debug)]
struct Noting<R> {
    file: R,
    failed: Arc<Mutex<Option<io::Error>>>,
}

impl<R> Noting<R> {
    fn noted<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.map_err(|error| {
            let kind = error.kind();
            // A signal came; it is tried again.
            if kind == io::ErrorKind::Interrupted {
                return error;
            }
            *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            kind.into()
        })
    }
}

impl<R: Read> Read for Noting<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let outcome = self.file.read(into);
        self.noted(outcome)
    }
}

impl<R: Seek> Seek for Noting<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let outcome = self.file.seek(to);
        self.noted(outcome)
    }
}

/// Opens a file for reading, links followed; what is no regular file is refused, and a pipe without a writer does not block.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
}

/// Runs a decoder; files decide every branch of it, and a slip there is worth an icon, not the app.
fn guarded<T>(draw: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(draw)).unwrap_or_else(|_| {
        tracing::warn!("a picture made a decoder panic; it has no thumbnail");
        None
    })
}

enum Choice {
    Preview(Preview),
    Whole(ImageFormat),
}

/// How the whole file can be decoded, if it can.
fn whole(format: Format) -> Option<ImageFormat> {
    match format {
        Format::Jpeg => Some(ImageFormat::Jpeg),
        Format::Png => Some(ImageFormat::Png),
        Format::WebP => Some(ImageFormat::WebP),
        Format::Gif => Some(ImageFormat::Gif),
        Format::Tiff | Format::Heif | Format::Cr3 | Format::Raf | Format::Video | Format::Jxl => None,
    }
}

fn long_side(size: (u32, u32)) -> u32 {
    size.0.max(size.1)
}

fn largest(previews: &[Preview]) -> Option<(u32, u32)> {
    previews.iter().map(|preview| preview.size).max_by_key(|size| u64::from(size.0) * u64::from(size.1))
}
