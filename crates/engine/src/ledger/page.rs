//! Pages of the list of files, quick at any depth.
//!
//! Two steps: the page's numbers from an index that holds all the filter asks, then the rows themselves. A page in the second
//! half of a list is counted from its end.

use super::error::LedgerError;
use super::{outbox, read};
use offload_protocol::view::{Filter, Order, Page, PageQuery, State};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

/// So few rows are sorted quicker than they are found among all.
const FEW: u64 = 2_000;
/// Where so few rows are not wanted, naming them is quicker than asking each wanted one for its state.
const FEW_OTHERS: u64 = 10_000;

/// A page of files.
pub fn page(db: &Connection, query: &PageQuery) -> Result<Page, LedgerError> {
    // One read transaction: the page and its number are of the same moment.
    let _snapshot = db.is_autocommit().then(|| db.unchecked_transaction()).transpose()?;
    let seq = outbox::last(db)?;
    let filter = &query.filter;
    let count = if is_counted(filter) { Some(count(db, filter, &filter.states)?) } else { None };
    let total = match count {
        _ if !query.count => None,
        Some(count) => Some(count),
        None => Some(count_rows(db, filter)?),
    };
    let limit = match query.limit {
        0 => 200,
        limit => u64::from(limit.min(1000)),
    };
    let Some(part) = Part::of(query.offset, limit, count) else {
        return Ok(Page { files: Vec::new(), total, seq });
    };
    let mut values = Vec::new();
    let index = index(query, count);
    let mut condition = conditions(filter, &mut values);
    if let Some(count) = count
        && !filter.states.is_empty()
        && index != "files_by_state"
    {
        let others: Vec<State> = State::ALL.into_iter().filter(|state| !filter.states.contains(state)).collect();
        if self::count(db, filter, &others)? <= FEW_OTHERS.min(count) {
            condition = conditions(&Filter { states: Vec::new(), ..filter.clone() }, &mut Vec::new());
            let others = words(&others);
            condition += &format!(
                " AND f.id NOT IN (SELECT id FROM files INDEXED BY files_by_state WHERE state IN ({others}) AND shown = 1)"
            );
        }
    }
    values.push(i64::try_from(part.limit).unwrap_or(i64::MAX).into());
    values.push(i64::try_from(part.offset).unwrap_or(i64::MAX).into());
    let direction = if query.descending == part.from_the_end { "ASC" } else { "DESC" };
    let order = match query.order {
        Order::Seen => format!("f.id {direction}"),
        Order::Path => format!("f.path COLLATE NOCASE {direction}, f.id {direction}"),
        Order::Size => format!("f.size {direction}, f.id {direction}"),
        Order::Changed => format!("f.changed_ms {direction}, f.id {direction}"),
    };
    let sql = format!(
        "SELECT f.id FROM files f INDEXED BY {index} WHERE {condition} ORDER BY {order} LIMIT ?{} OFFSET ?{}",
        values.len() - 1,
        values.len()
    );
    let mut ids: Vec<i64> =
        db.prepare_cached(&sql)?.query_map(params_from_iter(values), |row| row.get(0))?.collect::<Result<_, _>>()?;
    if part.from_the_end {
        ids.reverse();
    }
    Ok(Page { files: read::rows(db, &ids)?, total, seq })
}

/// What to skip and take, from which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    offset: u64,
    limit: u64,
    from_the_end: bool,
}

impl Part {
    /// The shorter way to a page of `count` rows; `None` where it lies behind the last one.
    fn of(offset: u64, limit: u64, count: Option<u64>) -> Option<Self> {
        let Some(count) = count else { return Some(Self { offset, limit, from_the_end: false }) };
        let left = count.checked_sub(offset).filter(|left| *left > 0)?;
        let limit = limit.min(left);
        let behind = left - limit;
        Some(if behind < offset {
            Self { offset: behind, limit, from_the_end: true }
        } else {
            Self { offset, limit, from_the_end: false }
        })
    }
}

/// Whether the kept sums say how many rows a filter lets through.
fn is_counted(filter: &Filter) -> bool {
    !filter.old_versions && searched(filter).is_none()
}

fn searched(filter: &Filter) -> Option<&str> {
    filter.search.as_deref().filter(|text| !text.is_empty())
}

fn words(states: &[State]) -> String {
    let words: Vec<String> = states.iter().map(|state| format!("'{}'", state.as_str())).collect();
    words.join(", ")
}

/// Rows of a filter's sources in these states (none: in all), from the kept sums.
fn count(db: &Connection, filter: &Filter, states: &[State]) -> Result<u64, LedgerError> {
    let mut sql = String::from("SELECT coalesce(sum(files), 0) FROM totals WHERE ");
    sql += match filter.source_id {
        Some(_) => "source_id = ?1",
        None => "?1 IS NULL AND source_id IN (SELECT id FROM sources WHERE removed_ms IS NULL)",
    };
    if !states.is_empty() {
        sql += &format!(" AND state IN ({})", words(states));
    }
    let count: i64 = db.prepare_cached(&sql)?.query_row([filter.source_id], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The same by looking at the rows, for what the kept sums don't tell: the path's index holds all but the state.
fn count_rows(db: &Connection, filter: &Filter) -> Result<u64, LedgerError> {
    let mut values = Vec::new();
    let condition = conditions(filter, &mut values);
    let index = match (searched(filter), filter.states.is_empty()) {
        (None, false) => "files_by_state",
        (None, true) => "files_by_seen",
        (Some(_), _) => "files_by_path",
    };
    let sql = format!("SELECT count(*) FROM files f INDEXED BY {index} WHERE {condition}");
    let count: i64 = db.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The index that finds a page soonest; the ledger keeps no statistics that SQLite could choose by.
fn index(query: &PageQuery, count: Option<u64>) -> &'static str {
    let filter = &query.filter;
    if searched(filter).is_some() {
        return "files_by_path";
    }
    let ordered_so = query.order == Order::Seen && filter.states.len() == 1;
    if !filter.states.is_empty() && (ordered_so || count.is_some_and(|count| count <= FEW)) {
        return "files_by_state";
    }
    match query.order {
        Order::Seen => "files_by_seen",
        Order::Path => "files_by_path",
        Order::Size => "files_by_size",
        Order::Changed => "files_by_change",
    }
}

/// What a filter asks of `files f`; adds its values.
pub(super) fn conditions(filter: &Filter, values: &mut Vec<Value>) -> String {
    let mut parts = Vec::new();
    match filter.source_id {
        Some(source) => {
            values.push(source.into());
            parts.push(format!("f.source_id = ?{}", values.len()));
        }
        None => parts.push("f.source_id NOT IN (SELECT id FROM sources WHERE removed_ms IS NOT NULL)".into()),
    }
    if !filter.states.is_empty() {
        parts.push(format!("f.state IN ({})", words(&filter.states)));
    }
    if !filter.old_versions {
        parts.push("f.shown = 1".into());
    }
    if let Some(search) = searched(filter) {
        let escaped = search.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.push(format!("%{escaped}%").into());
        parts.push(format!("f.path LIKE ?{} ESCAPE '\\'", values.len()));
    }
    parts.join(" AND ")
}

#[cfg(test)]
mod tests;
