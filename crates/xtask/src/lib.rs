//! What the development commands share with tests: photos to work with, drawn on the spot.

pub mod photos;
