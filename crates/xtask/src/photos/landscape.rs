//! A landscape of sky, hills and ground with a sensor's grain, so that a JPEG of it weighs what a photo weighs.

use super::random::Random;

/// Side of the square of grain that is repeated over the picture.
const TILE: usize = 256;
const HILLS: usize = 3;

/// Draws RGB pixels; `grain` is the noise's reach in steps of brightness.
pub(super) fn draw(width: u32, height: u32, grain: u8, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let (width, height) = (width as usize, height as usize);
    let tile = grain_tile(&mut random, grain);
    let ridges = ridges(&mut random, width, height);
    let colours = colours(&mut random);
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        // Shifted from row to row of tiles, or the eye would see the grid.
        let shift = (y / TILE) * 97;
        let row = &tile[(y % TILE) * TILE..(y % TILE + 1) * TILE];
        let light = i32::try_from(y * 90 / height).unwrap_or(0);
        for (x, ridge) in ridges.iter().enumerate() {
            let behind = ridge.iter().filter(|edge| y >= **edge).count();
            let noise = i32::from(row[(x + shift) % TILE]);
            // Sky grows lighter towards the horizon, ground darker towards the viewer.
            let light = if behind == 0 { light } else { -light / 2 };
            pixels.extend(colours[behind].map(|part| u8::try_from((part + light + noise).clamp(0, 255)).unwrap_or(0)));
        }
    }
    pixels
}

/// Brightness steps around 0, a sum of two so that small ones are more frequent.
fn grain_tile(random: &mut Random, grain: u8) -> Vec<i8> {
    let reach = u32::from(grain) + 1;
    let step = |random: &mut Random| i32::try_from(random.below(reach)).unwrap_or(0);
    (0..TILE * TILE).map(|_| i8::try_from(step(random) - step(random)).unwrap_or(0)).collect()
}

/// For each column the heights at which the ranges of hills begin, the farthest first.
fn ridges(random: &mut Random, width: usize, height: usize) -> Vec<[usize; HILLS]> {
    let mut part = |of: u32| f64::from(random.below(1000)) / 1000.0 * f64::from(of);
    let ranges: [(f64, f64, f64, f64); HILLS] = std::array::from_fn(|range| {
        let base = 0.4 + 0.17 * range as f64 + part(1) * 0.08;
        (base, 0.03 + part(1) * 0.05, 3.0 + part(9), part(6))
    });
    (0..width)
        .map(|x| {
            let along = x as f64 / width as f64;
            ranges.map(|(base, swing, waves, start)| {
                let wave = (along * waves + start).sin() + 0.4 * (along * waves * 3.7 + start).sin();
                ((base + swing * wave).clamp(0.0, 1.0) * height as f64) as usize
            })
        })
        .collect()
}

/// Sky, then the ranges from far to near.
fn colours(random: &mut Random) -> [[i32; 3]; HILLS + 1] {
    let mut tint = |part: i32| part + i32::try_from(random.below(50)).unwrap_or(0) - 25;
    [[90, 130, 180], [130, 145, 160], [95, 125, 90], [75, 95, 55]].map(|colour| colour.map(&mut tint))
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn a_picture_has_all_its_pixels_and_light_above() {
        let pixels = draw(640, 480, 12, 3);
        assert_eq!(pixels.len(), 640 * 480 * 3);
        let brightness = |rows: std::ops::Range<usize>| {
            let part = &pixels[rows.start * 640 * 3..rows.end * 640 * 3];
            part.iter().map(|part| u64::from(*part)).sum::<u64>() / part.len() as u64
        };
        assert!(brightness(0..100) > brightness(400..480) + 10);
        assert_ne!(pixels, draw(640, 480, 12, 4));
    }
}
