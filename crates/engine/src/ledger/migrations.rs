//! The ledger's tables, step by step. A step that shipped is never edited; a change is a new step.

use rusqlite_migration::{M, Migrations};

/// Marks the file as Offload's: "OFLD".
pub(super) const APPLICATION_ID: i64 = 0x4f46_4c44;

/// Format this version writes: the number of steps.
pub(super) const VERSION: i64 = STEPS.len() as i64;

const STEPS: &[M<'static>] = &[M::up(include_str!("0001_first.sql"))];

pub(super) const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

#[cfg(test)]
mod tests {
    #[test]
    fn steps_are_sound() {
        super::MIGRATIONS.validate().unwrap();
    }
}
