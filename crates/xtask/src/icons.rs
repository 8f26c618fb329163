//! `cargo xtask icons`: the drawings in icons/, as the pictures that systems want.

mod containers;

use crate::command::{program, quietly, root};
use crate::packages::{self, Need};
use crate::say;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// File name without its end, and pixels. Up to 32 pixels the smaller drawing is used, which leaves the margin and the hills away.
const APP: [(&str, u32); 8] = [
    ("16x16", 16),
    ("32x32", 32),
    ("48x48", 48),
    ("64x64", 64),
    ("128x128", 128),
    ("128x128@2x", 256),
    ("256x256", 256),
    ("512x512", 512),
];

/// What Windows chooses from.
const ICO: [u32; 6] = [16, 24, 32, 48, 64, 256];

/// What macOS chooses from: kind and pixels.
const ICNS: [(&[u8; 4], u32); 10] = [
    (b"ic04", 16),
    (b"ic11", 32),
    (b"ic05", 32),
    (b"ic12", 64),
    (b"ic07", 128),
    (b"ic13", 256),
    (b"ic08", 256),
    (b"ic14", 512),
    (b"ic09", 512),
    (b"ic10", 1024),
];

/// The states of the tray, each a drawing.
const TRAY: [&str; 6] = ["up-to-date", "uploading", "paused", "offline", "needs-attention", "signed-out"];

/// Pixels of a tray icon, the grid its drawing is made on, and the empty margin around it.
const TRAY_SIZES: [(u32, u32, u32); 5] = [(16, 16, 0), (22, 22, 0), (24, 22, 1), (32, 16, 0), (44, 22, 0)];

pub(crate) fn icons() -> Result<()> {
    let missing = packages::provide(&[Need::program("rsvg-convert", "librsvg2-bin")]);
    ensure!(missing.is_empty(), "icons cannot be drawn without rsvg-convert; {}", packages::advice(&missing));
    let icons = root().join("icons");
    for (name, pixels) in APP {
        write(&icons.join(format!("{name}.png")), &app(&icons, pixels)?)?;
    }
    let pictures = ICO.iter().map(|pixels| Ok((*pixels, app(&icons, *pixels)?))).collect::<Result<Vec<_>>>()?;
    write(&icons.join("icon.ico"), &containers::ico(&pictures)?)?;
    let pictures = ICNS.iter().map(|(kind, pixels)| Ok((*kind, app(&icons, *pixels)?))).collect::<Result<Vec<_>>>()?;
    write(&icons.join("icon.icns"), &containers::icns(&pictures)?)?;
    for state in TRAY {
        for (pixels, grid, margin) in TRAY_SIZES {
            let drawing = icons.join(format!("tray/{state}-{grid}.svg"));
            write(&icons.join(format!("tray/{state}-{pixels}.png")), &picture(&drawing, pixels, margin)?)?;
        }
    }
    let tray = TRAY.len() * TRAY_SIZES.len();
    say::line(format_args!(
        "Written to {}: {} pictures of the app, {tray} of the tray",
        icons.display(),
        APP.len() + 2
    ));
    Ok(())
}

/// The app's icon, as a PNG.
fn app(icons: &Path, pixels: u32) -> Result<Vec<u8>> {
    let drawing = if pixels > 32 { "app.svg" } else { "app-small.svg" };
    picture(&icons.join(drawing), pixels, 0)
}

/// A drawing as a PNG of so many pixels to a side, of which the margin stays empty.
fn picture(drawing: &Path, pixels: u32, margin: u32) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let made = folder.path().join("picture.png");
    let [page, inner, margin] = [pixels, pixels - 2 * margin, margin].map(|length| length.to_string());
    let mut command: Command = program("rsvg-convert");
    command.args(["--width", &inner, "--height", &inner, "--page-width", &page, "--page-height", &page]);
    command.args(["--left", &margin, "--top", &margin]).arg("--output").arg(&made).arg(drawing);
    let ended = quietly(&mut command, Duration::from_secs(60))?;
    ensure!(ended.success, "{} cannot be drawn: {}", drawing.display(), ended.said());
    fs::read(&made).context("rsvg-convert made no picture")
}

fn write(file: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::{APP, TRAY, TRAY_SIZES};
    use crate::command::root;

    /// Width and height, where they stand in every PNG.
    fn size(png: &[u8]) -> [u32; 2] {
        [16, 20].map(|at| u32::from_be_bytes(png[at..at + 4].try_into().unwrap()))
    }

    #[test]
    fn every_picture_is_there_in_its_size() {
        let app = APP.iter().map(|(name, pixels)| (format!("{name}.png"), *pixels));
        let tray = TRAY.iter().flat_map(|state| {
            TRAY_SIZES.iter().map(move |(pixels, _, _)| (format!("tray/{state}-{pixels}.png"), *pixels))
        });
        for (name, pixels) in app.chain(tray) {
            let png = std::fs::read(root().join("icons").join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(size(&png), [pixels; 2], "{name}");
        }
        for name in ["icon.ico", "icon.icns"] {
            assert!(root().join("icons").join(name).is_file(), "{name}");
        }
    }

    #[test]
    fn no_two_states_of_the_tray_look_alike() {
        for (pixels, _, _) in TRAY_SIZES {
            let mut seen: Vec<Vec<u8>> = Vec::new();
            for state in TRAY {
                let png = std::fs::read(root().join(format!("icons/tray/{state}-{pixels}.png"))).unwrap();
                assert!(!seen.contains(&png), "{state} at {pixels} pixels");
                seen.push(png);
            }
        }
    }
}
