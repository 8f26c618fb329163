//! What a look at a path means for the ledger: a new file, a new version, or nothing new.

use super::error::LedgerError;
use super::files::{self, Place};
use super::queue;
use super::stat_of;
use super::state::Move;
use super::versions;
use crate::cause::{Cause, Code};
use crate::watch::name::path_bytes;
use crate::watch::stat::Stat;
use offload_protocol::view::{ChangedPolicy, State};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::PathBuf;

/// A regular file that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    pub local: PathBuf,
    /// Path inside the source, as shown and as sent.
    pub path: String,
    pub stat: Stat,
}

/// What the ledger says of a path now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub id: i64,
    pub file_id: String,
    pub state: State,
    pub code: Option<Code>,
    pub stat: Stat,
}

/// What to do with an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// First time seen.
    New,
    /// Nothing that the ledger doesn't know.
    Nothing,
    /// Still settling, and it moved: note the new size and time, start the clock again.
    Moved,
    /// Changed before it was sent: the row becomes the new version.
    Replace,
    /// Changed after its bytes went out or while they go: a version of its own that supersedes the old one.
    NewVersion,
    /// Unchanged, but what stood in its way may be gone: look again.
    LookAgain,
    /// Changed, and the source keeps the first version.
    KeepFirst,
}

/// The meaning of a sighting; pure.
pub fn meaning(known: Option<&Known>, stat: &Stat, policy: ChangedPolicy) -> Meaning {
    let Some(known) = known else { return Meaning::New };
    let same = known.stat == *stat;
    match known.state {
        State::Settling if same => Meaning::Nothing,
        State::Settling => Meaning::Moved,
        State::Queued | State::Waiting if same => Meaning::Nothing,
        State::Missing => Meaning::Replace,
        // A failure of the file itself is tried again whenever a scan sees the file, and so is one that was gone; others wait
        // for a person.
        State::Failed | State::Skipped
            if same
                && matches!(
                    known.code,
                    Some(Code::Unreadable | Code::NotAFile | Code::Excluded | Code::MovedElsewhere | Code::Dismissed)
                ) =>
        {
            Meaning::LookAgain
        }
        State::Failed | State::Skipped if same => Meaning::Nothing,
        State::Queued | State::Waiting | State::Failed => Meaning::Replace,
        State::Skipped if known.code == Some(Code::KeptFirst) => Meaning::Nothing,
        State::Skipped => Meaning::Replace,
        // A file can be rewritten with its old size and time put back; only its bytes tell, so they are hashed again.
        State::Uploading | State::Uploaded | State::Confirmed if same && !stat.was_touched_since(&known.stat) => {
            Meaning::Nothing
        }
        State::Uploading | State::Uploaded | State::Confirmed => match policy {
            ChangedPolicy::NewVersion => Meaning::NewVersion,
            ChangedPolicy::KeepFirst => Meaning::KeepFirst,
        },
    }
}

/// What the ledger knows of the latest version of a place.
pub fn known(db: &Connection, source: i64, local: &[u8]) -> Result<Option<Known>, LedgerError> {
    let found = db
        .prepare_cached(
            "SELECT id, file_id, state, code, size, mtime_ns, ctime_ns FROM files WHERE source_id = ?1 AND local = ?2 AND current = 1",
        )?
        .query_row(params![source, local], |row| {
            Ok(Known {
                id: row.get(0)?,
                file_id: row.get(1)?,
                state: files::state_of(row, 2)?,
                code: row.get_ref(3)?.as_str_or_null()?.and_then(Code::parse),
                stat: Stat { ctime_ns: row.get(6)?, ..stat_of(row.get::<_, i64>(4)?.unsigned_abs(), row.get(5)?) },
            })
        })
        .optional()?;
    Ok(found)
}

/// Notes what was seen of one path of a source.
pub fn observe(
    db: &Connection,
    source: i64,
    policy: ChangedPolicy,
    seen: &Observation,
    rules: Settling,
) -> Result<Meaning, LedgerError> {
    let local = path_bytes(&seen.local);
    let known = known(db, source, &local)?;
    let meaning = meaning(known.as_ref(), &seen.stat, policy);
    match (meaning, &known) {
        (Meaning::Nothing | Meaning::KeepFirst, _) => {}
        (Meaning::New, _) => {
            let place = Place { source, local: &local, path: &seen.path };
            files::insert(db, &place, &seen.stat, State::Settling, None, None, rules)?;
            versions::found_again(db, source, &seen.path, &seen.stat, rules.now_ms)?;
        }
        (Meaning::NewVersion, Some(old)) => {
            db.prepare_cached("UPDATE files SET current = 0 WHERE id = ?1")?.execute([old.id])?;
            let place = Place { source, local: &local, path: &seen.path };
            files::insert(db, &place, &seen.stat, State::Settling, Some(&old.file_id), None, rules)?;
        }
        (Meaning::Moved | Meaning::Replace, Some(old)) => {
            versions::change(db, old.id, old.state, &seen.stat, rules)?;
        }
        (Meaning::LookAgain, Some(old)) => queue::resettle(db, old.id, old.state, None, rules)?,
        (Meaning::NewVersion | Meaning::Moved | Meaning::Replace | Meaning::LookAgain, None) => {}
    }
    Ok(meaning)
}

/// Notes something at a path that is not a file to send: it stands in plain sight with its reason.
pub fn obstacle(
    db: &Connection,
    source: i64,
    local: &[u8],
    path: &str,
    state: State,
    cause: &Cause,
    now_ms: i64,
) -> Result<(), LedgerError> {
    let rules = Settling { now_ms, still_ms: 0 };
    match known(db, source, local)? {
        None => {
            files::insert(db, &Place { source, local, path }, &stat_of(0, 0), state, None, Some(cause), rules)?;
        }
        Some(old) if old.state == state && old.code == Some(cause.code) => {}
        Some(old) => {
            let by = if state == State::Failed { Move::Fail } else { Move::Skip };
            // A file that is in S3 already stays what it is, whatever took its place on disk.
            if super::state::after(old.state, by).is_some()
                && old.state != State::Uploading
                && old.state != State::Uploaded
            {
                files::step(db, old.id, old.state, by, Some(cause), now_ms)?;
            }
        }
    }
    Ok(())
}

/// When a file that moved is looked at next.
#[derive(Debug, Clone, Copy)]
pub struct Settling {
    pub now_ms: i64,
    /// Milliseconds until the next look.
    pub still_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::{ChangedPolicy, Code, Known, Meaning, State, meaning, stat_of};

    fn known(state: State, code: Option<Code>) -> Known {
        Known { id: 1, file_id: "a".into(), state, code, stat: stat_of(10, 100) }
    }

    #[test]
    fn table() {
        use Meaning as M;
        use State as S;
        let new = ChangedPolicy::NewVersion;
        // (state, code, meaning when unchanged, meaning when changed)
        let rows = [
            (S::Settling, None, M::Nothing, M::Moved),
            (S::Queued, None, M::Nothing, M::Replace),
            (S::Waiting, Some(Code::Dropped), M::Nothing, M::Replace),
            (S::Uploading, None, M::Nothing, M::NewVersion),
            (S::Uploaded, None, M::Nothing, M::NewVersion),
            (S::Confirmed, None, M::Nothing, M::NewVersion),
            (S::Failed, Some(Code::PolicyCondition), M::Nothing, M::Replace),
            (S::Failed, Some(Code::Unreadable), M::LookAgain, M::Replace),
            (S::Skipped, Some(Code::Cancelled), M::Nothing, M::Replace),
            (S::Skipped, Some(Code::NotAFile), M::LookAgain, M::Replace),
            (S::Skipped, Some(Code::MovedElsewhere), M::LookAgain, M::Replace),
            (S::Skipped, Some(Code::Dismissed), M::LookAgain, M::Replace),
            (S::Skipped, Some(Code::KeptFirst), M::Nothing, M::Nothing),
            (S::Missing, Some(Code::Vanished), M::Replace, M::Replace),
        ];
        for (state, code, unchanged, changed) in rows {
            let known = known(state, code);
            assert_eq!(meaning(Some(&known), &stat_of(10, 100), new), unchanged, "{state:?} unchanged");
            assert_eq!(meaning(Some(&known), &stat_of(11, 100), new), changed, "{state:?} size changed");
            assert_eq!(meaning(Some(&known), &stat_of(10, 101), new), changed, "{state:?} time changed");
        }
        for state in State::ALL {
            let at = |ctime_ns| crate::watch::stat::Stat { ctime_ns, ..stat_of(10, 100) };
            let known = Known { stat: at(Some(5)), ..known(state, None) };
            let sent = matches!(state, S::Uploading | S::Uploaded | S::Confirmed);
            let expected = if sent { M::NewVersion } else { meaning(Some(&known), &at(Some(5)), new) };
            assert_eq!(meaning(Some(&known), &at(Some(6)), new), expected, "{state:?} with another ctime");
            assert_eq!(meaning(Some(&known), &at(None), new), meaning(Some(&known), &at(Some(5)), new));
        }
        assert_eq!(meaning(None, &stat_of(1, 1), new), M::New);
        assert_eq!(
            meaning(Some(&known(S::Confirmed, None)), &stat_of(11, 100), ChangedPolicy::KeepFirst),
            M::KeepFirst
        );
    }
}
