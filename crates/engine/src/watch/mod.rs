//! What lies in the folders: events that hint, scans that know, and the gate that lets only still files through.
//!
//! Knows no ledger. Events are hints and may be lost; a scan is the truth.

pub mod filter;
pub mod held;
pub mod name;
pub mod scan;
pub mod stat;
pub mod still;
pub mod volume;
pub mod watcher;

pub use filter::{Filter, FilterError, Ignored, Verdict};
pub use held::open_for_writing;
pub use scan::{Obstacle, ObstacleKind, RootKind, ScanEnd, ScanError, ScanReport, ScanRoot, Seen, Sighting, scan};
pub use stat::{FileId, Stat, StatLook, stat};
pub use still::{SettleRules, Settled, look_and_settle, settle};
pub use volume::{AwayWhy, RootLook, Standing, Volume, VolumeId, root_standing, volume_of};
pub use watcher::{Hint, Limit, RescanWhy, WatchError, WatchNotice, WatchOptions, Watcher};
