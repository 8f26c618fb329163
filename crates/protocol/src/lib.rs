//! Wire types: the backend's protocol v1 (`wire`), and what the engine tells a window or a terminal (`view`, `control`),
//! what `doctor` found (`checkup`), and what the window and its shell say to each other (`window`, with its TypeScript in `typescript`).
//!
//! Types only. No I/O, no decisions. The wire format is pinned by golden JSON files under `tests/golden`.

pub mod checkup;
pub mod control;
pub mod typescript;
pub mod view;
pub mod window;
pub mod wire;
