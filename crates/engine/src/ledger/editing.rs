//! Changing a source: its name and destination, and which files are its own from now on.

use super::error::LedgerError;
use super::files::{state_of, step};
use super::sources::{self, Source};
use super::state::Move;
use crate::cause::{Cause, Code};
use crate::watch::name::path_from_bytes;
use crate::watch::{Filter, Ignored, Verdict};
use offload_protocol::control::SourceEdit;
use offload_protocol::view::{SourceKind, State};
use rusqlite::{Connection, params};

/// Rows looked at together.
const GROUP: u32 = 500;

/// What an edit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub source: Source,
    /// Other files than before are to be sent: the source is to be looked through.
    pub looks_otherwise: bool,
}

/// Writes an edit that was checked. Files it leaves out, and that are not in S3 yet, are skipped; what goes out from now on goes
/// to the new destination.
pub fn edit(db: &Connection, edit: &SourceEdit, filter: &Filter, now_ms: i64) -> Result<Edited, LedgerError> {
    let before = sources::get(db, edit.id)?;
    let name = match edit.name.trim() {
        "" => before.name.clone(),
        name => name.to_owned(),
    };
    sources::set_rules(db, edit, &name)?;
    if before.prefix != edit.prefix {
        name_anew(db, edit.id)?;
    }
    let picks = before.include != edit.include || before.exclude != edit.exclude;
    let source = sources::get(db, edit.id)?;
    if picks {
        let mut after = 0;
        loop {
            let LeftOut { rows, last } = left_out(db, &source, filter, after)?;
            skip(db, &rows, now_ms)?;
            let Some(last) = last else { break };
            after = last;
        }
    }
    Ok(Edited { looks_otherwise: picks || before.changed != source.changed, source })
}

/// A file that a worker had goes to the new destination under a new name: the backend keeps one key for one name.
fn name_anew(db: &Connection, source: i64) -> Result<(), LedgerError> {
    db.execute(
        "UPDATE files SET claimed = 2 WHERE source_id = ?1 AND claimed = 1 AND uploaded_ms IS NULL
         AND state IN ('settling', 'queued', 'uploading', 'waiting', 'failed', 'skipped', 'missing')",
        [source],
    )?;
    Ok(())
}

/// Some rows of a source, held against its filter.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// Those the filter leaves out.
    pub rows: Vec<(i64, State)>,
    /// The last one looked at; `None`: there are no more.
    pub last: Option<i64>,
}

/// The next rows of a source that are not in S3, held against a filter.
/// A file that was given by name is never left out.
pub fn left_out(db: &Connection, source: &Source, filter: &Filter, after: i64) -> Result<LeftOut, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT id, local, state FROM files WHERE source_id = ?1 AND id > ?2
         AND state IN ('settling', 'queued', 'uploading', 'waiting', 'failed', 'missing') ORDER BY id LIMIT ?3",
    )?;
    let mut rows = statement.query(params![source.id, after, GROUP])?;
    let mut found = LeftOut::default();
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        found.last = Some(id);
        let local = path_from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?);
        let mut folders = source.roots.iter().filter(|root| root.is_folder);
        let rel = folders.find_map(|root| local.strip_prefix(&root.path).ok());
        let verdict = rel.map(|rel| filter.admits_file(rel));
        if matches!(verdict, Some(Verdict::Ignored(Ignored::Excluded | Ignored::NotIncluded))) {
            found.rows.push((id, state_of(row, 2)?));
        }
    }
    Ok(found)
}

/// Skips what the filter leaves out.
pub fn skip(db: &Connection, rows: &[(i64, State)], now_ms: i64) -> Result<(), LedgerError> {
    let cause = Cause::new(Code::Excluded, "the patterns of its source leave it out")
        .hint("to send it after all, change the patterns of the source");
    for (id, state) in rows {
        match step(db, *id, *state, Move::Skip, Some(&cause), now_ms) {
            // Somebody was quicker.
            Ok(_) | Err(LedgerError::Moved { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a batch is through, so that an edit is no reason to look for its folders again.
pub fn is_through(db: &Connection, source: &Source) -> Result<bool, LedgerError> {
    let pending = sources::totals(db)?.get(&source.id).map_or(0, offload_protocol::view::Totals::pending);
    Ok(source.kind == SourceKind::Batch && source.scanned_ms.is_some() && pending == 0)
}
