//! Wire types: the backend's protocol v1 (`wire`), and what the engine tells a window or a terminal (`view`, `control`).
//!
//! Types only. No I/O, no decisions. The wire format is pinned by golden JSON files under `tests/golden`.

pub mod control;
pub mod view;
pub mod wire;
