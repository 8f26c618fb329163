//! Sources: watched folders and batches, with their roots.

use super::error::LedgerError;
use super::queue;
use crate::cause::Cause;
use crate::notice::of_words;
use offload_protocol::control::{NewSource, SourceEdit};
use offload_protocol::view::{ChangedPolicy, Notice, SourceKind, SourceState, SourceView, State, Totals};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

use crate::watch::name::{path_bytes, path_from_bytes, shown};

/// One folder or file a source was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub id: i64,
    pub path: PathBuf,
    /// Put before paths below it: a batch keeps the name of the folder that was given; a watched folder's is empty.
    pub label: String,
    pub is_folder: bool,
    pub volume: Option<String>,
}

/// A source as the engine works with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub id: i64,
    pub kind: SourceKind,
    pub name: String,
    pub prefix: String,
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub changed: ChangedPolicy,
    pub paused: bool,
    pub away: Option<Notice>,
    pub notices: Vec<Notice>,
    pub scanned_ms: Option<i64>,
    pub cancelled: bool,
    pub roots: Vec<Root>,
}

impl Source {
    pub fn state(&self) -> SourceState {
        if self.cancelled {
            SourceState::Cancelled
        } else if self.paused {
            SourceState::Paused
        } else if self.away.is_some() {
            SourceState::Away
        } else {
            SourceState::Active
        }
    }

    pub fn view(&self, totals: Totals, scanning: bool) -> SourceView {
        let mut notices = self.notices.clone();
        notices.extend(self.away.clone());
        SourceView {
            id: self.id,
            kind: self.kind,
            name: self.name.clone(),
            roots: self.roots.iter().map(|root| shown(&root.path)).collect(),
            prefix: self.prefix.clone(),
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            changed: self.changed,
            state: self.state(),
            scanning,
            notices,
            scanned_at_ms: self.scanned_ms,
            totals,
        }
    }
}

const fn kind_word(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Watched => "watched",
        SourceKind::Batch => "batch",
    }
}

const fn changed_word(changed: ChangedPolicy) -> &'static str {
    match changed {
        ChangedPolicy::NewVersion => "new-version",
        ChangedPolicy::KeepFirst => "keep-first",
    }
}

/// A root to be: path and whether it is a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRoot {
    pub path: PathBuf,
    pub is_folder: bool,
}

/// Adds a watched folder; the same folder with the same prefix again gives the source that is there.
pub fn add_watched(db: &Connection, new: &NewSource, root: &NewRoot, now_ms: i64) -> Result<i64, LedgerError> {
    for other in list(db)?.into_iter().filter(|source| source.kind == SourceKind::Watched) {
        for theirs in &other.roots {
            if theirs.path == root.path {
                if other.prefix == new.prefix {
                    return Ok(other.id);
                }
                return Err(LedgerError::Refused(format!(
                    "{} is already watched, with the destination `{}`",
                    shown(&root.path),
                    other.prefix
                )));
            }
            if root.path.starts_with(&theirs.path) || theirs.path.starts_with(&root.path) {
                return Err(LedgerError::Refused(format!(
                    "{} and the watched folder {} lie inside each other; files would be sent twice",
                    shown(&root.path),
                    shown(&theirs.path)
                )));
            }
        }
    }
    insert(db, SourceKind::Watched, new, std::slice::from_ref(root), now_ms)
}

/// Adds a batch, or finds the one with the same paths and prefix: giving a folder twice does not send it twice.
pub fn add_batch(db: &Connection, new: &NewSource, roots: &[NewRoot], now_ms: i64) -> Result<i64, LedgerError> {
    let mut wanted: Vec<&Path> = roots.iter().map(|root| root.path.as_path()).collect();
    wanted.sort_unstable();
    wanted.dedup();
    for other in list(db)?.into_iter().rev() {
        if other.kind != SourceKind::Batch || other.prefix != new.prefix || other.cancelled {
            continue;
        }
        let mut theirs: Vec<&Path> = other.roots.iter().map(|root| root.path.as_path()).collect();
        theirs.sort_unstable();
        if theirs == wanted {
            db.execute(
                "UPDATE sources SET include = ?2, exclude = ?3, changed = ?4, paused = 0 WHERE id = ?1",
                params![other.id, words(&new.include), words(&new.exclude), changed_word(new.changed)],
            )?;
            return Ok(other.id);
        }
    }
    insert(db, SourceKind::Batch, new, roots, now_ms)
}

fn insert(
    db: &Connection,
    kind: SourceKind,
    new: &NewSource,
    roots: &[NewRoot],
    now_ms: i64,
) -> Result<i64, LedgerError> {
    let name = new.name.clone().unwrap_or_else(|| default_name(roots));
    db.execute(
        "INSERT INTO sources (kind, name, prefix, include, exclude, changed, created_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            kind_word(kind),
            name,
            new.prefix,
            words(&new.include),
            words(&new.exclude),
            changed_word(new.changed),
            now_ms
        ],
    )?;
    let id = db.last_insert_rowid();
    let mut labels = std::collections::HashMap::<String, u32>::new();
    for root in roots {
        // A watched folder's files stand right under the prefix; a folder that was given keeps its name, told apart where two are alike.
        let label = match (kind, root.is_folder, root.path.file_name()) {
            (SourceKind::Batch, true, Some(name)) => {
                let name = shown(Path::new(name));
                let seen = labels.entry(name.clone()).or_default();
                *seen += 1;
                if *seen == 1 { name } else { format!("{name} ({seen})") }
            }
            _ => String::new(),
        };
        db.execute(
            "INSERT OR IGNORE INTO roots (source_id, path, label, is_folder) VALUES (?1, ?2, ?3, ?4)",
            params![id, path_bytes(&root.path), label, root.is_folder],
        )?;
    }
    Ok(id)
}

fn default_name(roots: &[NewRoot]) -> String {
    let first = roots.first().and_then(|root| root.path.file_name()).map(|name| shown(Path::new(name)));
    match (first, roots.len()) {
        (Some(first), 0 | 1) => first,
        (Some(first), more) => format!("{first} and {} more", more - 1),
        (None, _) => "/".into(),
    }
}

fn words(list: &[String]) -> String {
    serde_json::Value::from(list.to_vec()).to_string()
}

/// A list that can't be read is an error: taken for an empty one it would send what was excluded.
fn read_words(row: &Row<'_>, column: &str) -> rusqlite::Result<Vec<String>> {
    read_json(row, column)
}

fn read_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, format!("{column}: {error}").into())
    })
}

/// Notices are objects; versions before 0.2 kept words alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Notice(Notice),
    Words(String),
}

impl From<Kept> for Notice {
    fn from(kept: Kept) -> Self {
        match kept {
            Kept::Notice(notice) => notice,
            Kept::Words(text) => of_words(text),
        }
    }
}

fn notices_of(row: &Row<'_>) -> rusqlite::Result<Vec<Notice>> {
    let kept: Vec<Kept> = read_json(row, "notices")?;
    Ok(kept.into_iter().map(Notice::from).collect())
}

fn away_of(kept: String) -> Notice {
    serde_json::from_str(&kept).unwrap_or_else(|_| Notice::new("away", kept.as_str()).with("why", &kept))
}

fn unwritable(error: serde_json::Error) -> LedgerError {
    LedgerError::Contradiction(error.to_string())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        id: row.get("id")?,
        kind: if row.get_ref("kind")?.as_str()? == "batch" { SourceKind::Batch } else { SourceKind::Watched },
        name: row.get("name")?,
        prefix: row.get("prefix")?,
        include: read_words(row, "include")?,
        exclude: read_words(row, "exclude")?,
        changed: if row.get_ref("changed")?.as_str()? == "keep-first" {
            ChangedPolicy::KeepFirst
        } else {
            ChangedPolicy::NewVersion
        },
        paused: row.get("paused")?,
        away: row.get::<_, Option<String>>("away")?.map(away_of),
        notices: notices_of(row)?,
        scanned_ms: row.get("scanned_ms")?,
        cancelled: row.get::<_, Option<i64>>("cancelled_ms")?.is_some(),
        roots: Vec::new(),
    })
}

fn roots(db: &Connection, source: i64) -> Result<Vec<Root>, LedgerError> {
    let mut statement =
        db.prepare_cached("SELECT id, path, label, is_folder, volume FROM roots WHERE source_id = ?1 ORDER BY id")?;
    let rows = statement.query_map([source], |row| {
        Ok(Root {
            id: row.get(0)?,
            path: path_from_bytes(row.get_ref(1)?.as_blob()?),
            label: row.get(2)?,
            is_folder: row.get(3)?,
            volume: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// All sources that were not removed, oldest first.
pub fn list(db: &Connection) -> Result<Vec<Source>, LedgerError> {
    let mut statement = db.prepare_cached("SELECT * FROM sources WHERE removed_ms IS NULL ORDER BY id")?;
    let mut found: Vec<Source> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    for source in &mut found {
        source.roots = roots(db, source.id)?;
    }
    Ok(found)
}

/// Sources that still have something to do: watched ones, those away, and batches that are not looked through or not through.
pub fn at_work(db: &Connection) -> Result<Vec<Source>, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM sources s WHERE removed_ms IS NULL AND cancelled_ms IS NULL AND
         (kind = 'watched' OR away IS NOT NULL OR scanned_ms IS NULL OR EXISTS
          (SELECT 1 FROM totals t WHERE t.source_id = s.id AND t.files > 0 AND
           t.state IN ('settling', 'queued', 'uploading', 'uploaded', 'waiting')))
         ORDER BY id",
    )?;
    let mut found: Vec<Source> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    for source in &mut found {
        source.roots = roots(db, source.id)?;
    }
    Ok(found)
}

/// What a worker needs of a source: name and prefix. The roots, of which a batch may have thousands, are left out.
pub fn destination(db: &Connection, id: i64) -> Result<Source, LedgerError> {
    let found = db
        .prepare_cached("SELECT * FROM sources WHERE id = ?1 AND removed_ms IS NULL")?
        .query_row([id], read)
        .optional()?;
    found.ok_or(LedgerError::NoSource(id))
}

/// One source; `NoSource` where it is not there or was removed.
pub fn get(db: &Connection, id: i64) -> Result<Source, LedgerError> {
    let mut source = destination(db, id)?;
    source.roots = roots(db, id)?;
    Ok(source)
}

pub fn set_paused(db: &Connection, id: i64, paused: bool) -> Result<(), LedgerError> {
    changed_one(
        db.execute("UPDATE sources SET paused = ?2 WHERE id = ?1 AND removed_ms IS NULL", params![id, paused])?,
        id,
    )
}

/// Notes that a source's folder is not there (`Some`: why), or is back.
pub fn set_away(db: &Connection, id: i64, away: Option<&Notice>) -> Result<(), LedgerError> {
    let away = away.map(serde_json::to_string).transpose().map_err(unwritable)?;
    changed_one(db.execute("UPDATE sources SET away = ?2 WHERE id = ?1", params![id, away])?, id)
}

/// Notes the end of a scan.
pub fn set_scanned(db: &Connection, id: i64, now_ms: i64, notices: &[Notice]) -> Result<(), LedgerError> {
    let notices = serde_json::to_string(notices).map_err(unwritable)?;
    changed_one(
        db.execute("UPDATE sources SET scanned_ms = ?2, notices = ?3 WHERE id = ?1", params![id, now_ms, notices])?,
        id,
    )
}

/// Writes name, destination, globs and policy.
pub(super) fn set_rules(db: &Connection, edit: &SourceEdit, name: &str) -> Result<(), LedgerError> {
    changed_one(
        db.execute(
            "UPDATE sources SET name = ?2, prefix = ?3, include = ?4, exclude = ?5, changed = ?6
             WHERE id = ?1 AND removed_ms IS NULL",
            params![edit.id, name, edit.prefix, words(&edit.include), words(&edit.exclude), changed_word(edit.changed)],
        )?,
        edit.id,
    )
}

pub fn set_volume(db: &Connection, root: i64, volume: &str) -> Result<(), LedgerError> {
    db.execute("UPDATE roots SET volume = ?2 WHERE id = ?1", params![root, volume])?;
    Ok(())
}

/// Takes a source out of sight: what is not in S3 yet is skipped, what was confirmed stays in the ledger's history.
pub fn remove(db: &Connection, id: i64, cause: &Cause, now_ms: i64) -> Result<(), LedgerError> {
    queue::skip_all(db, id, cause, now_ms)?;
    let rows =
        db.execute("UPDATE sources SET removed_ms = ?2 WHERE id = ?1 AND removed_ms IS NULL", params![id, now_ms])?;
    changed_one(rows, id)
}

/// Ends a batch: what is not in S3 yet is skipped. Refused for a watched folder.
pub fn cancel(db: &Connection, id: i64, cause: &Cause, now_ms: i64) -> Result<(), LedgerError> {
    if get(db, id)?.kind == SourceKind::Watched {
        return Err(LedgerError::Refused(
            "only a batch can be cancelled; a watched folder is paused or removed".into(),
        ));
    }
    queue::skip_all(db, id, cause, now_ms)?;
    let rows = db.execute(
        "UPDATE sources SET cancelled_ms = coalesce(cancelled_ms, ?2) WHERE id = ?1 AND removed_ms IS NULL",
        params![id, now_ms],
    )?;
    changed_one(rows, id)
}

fn changed_one(rows: usize, id: i64) -> Result<(), LedgerError> {
    if rows == 1 { Ok(()) } else { Err(LedgerError::NoSource(id)) }
}

/// Files by state of each source, from the kept sums.
pub fn totals(db: &Connection) -> Result<std::collections::HashMap<i64, Totals>, LedgerError> {
    let mut statement = db.prepare_cached("SELECT source_id, state, files, bytes FROM totals")?;
    let mut rows = statement.query([])?;
    let mut found = std::collections::HashMap::<i64, Totals>::new();
    while let Some(row) = rows.next()? {
        if let Some(state) = State::parse(&row.get::<_, String>(1)?) {
            let tally = found.entry(row.get(0)?).or_default().get_mut(state);
            tally.files = row.get::<_, i64>(2)?.unsigned_abs();
            tally.bytes = row.get::<_, i64>(3)?.unsigned_abs();
        }
    }
    Ok(found)
}

/// Files by state over all sources that were not removed.
pub fn grand_totals(db: &Connection) -> Result<Totals, LedgerError> {
    let mut statement = db.prepare_cached(
        "SELECT t.state, sum(t.files), sum(t.bytes) FROM totals t JOIN sources s ON s.id = t.source_id
         WHERE s.removed_ms IS NULL GROUP BY t.state",
    )?;
    let mut rows = statement.query([])?;
    let mut found = Totals::default();
    while let Some(row) = rows.next()? {
        if let Some(state) = State::parse(&row.get::<_, String>(0)?) {
            let tally = found.get_mut(state);
            tally.files = row.get::<_, i64>(1)?.unsigned_abs();
            tally.bytes = row.get::<_, i64>(2)?.unsigned_abs();
        }
    }
    Ok(found)
}
