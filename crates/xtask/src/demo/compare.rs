//! Disk, ledger, backend and bucket held against each other, file by file.

use super::facts::{Facts, Object, Record, Row};
use super::folder::OnDisk;
use crate::say::{bytes, name};
use crate::table::{Column, lay_out};
use std::collections::{HashMap, HashSet};

/// What the four places say together.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    /// A row a file: path, size, state, digests, when the backend confirmed it, key.
    rows: Vec<Vec<String>>,
    /// In which all agree.
    pub(super) agree: usize,
    /// What does not agree, in plain words.
    pub(super) complaints: Vec<String>,
}

impl Comparison {
    pub(super) fn table(&self) -> String {
        let columns = [
            Column::left("PATH", 32),
            Column::right("SIZE"),
            Column::left("STATE", 10),
            Column::left("SHA-256 DISK=LEDGER=BUCKET", 40),
            Column::left("CONFIRMED (UTC)", 24),
            Column::left("KEY", 32),
        ];
        lay_out(&columns, &self.rows)
    }
}

/// Compares. Neither a ledger nor a bucket is taken at its word: what is in one must be in the others.
pub(super) fn compare(facts: &Facts) -> Comparison {
    let mut comparison = Comparison::default();
    let records: HashMap<&str, &Record> =
        facts.backend.iter().map(|record| (record.file_id.as_str(), record)).collect();
    let objects: HashMap<&str, &Object> = facts.bucket.iter().map(|object| (object.key.as_str(), object)).collect();
    let current: HashMap<&str, &Row> =
        facts.ledger.iter().filter(|row| row.current).map(|row| (row.path.as_str(), row)).collect();
    for file in &facts.disk {
        let row = current.get(file.path.as_str()).copied();
        let record = row.and_then(|row| records.get(row.file_id.as_str()).copied());
        let object = row.and_then(|row| objects.get(row.key.as_deref()?).copied());
        let wrong = wrong(file, row, record, object);
        comparison.rows.push(cells(file, row, record, object, wrong.is_empty()));
        comparison.agree += usize::from(wrong.is_empty());
        comparison.complaints.extend(wrong.iter().map(|wrong| format!("{}: {wrong}", name(&file.path))));
    }
    comparison.complaints.extend(strays(facts));
    comparison
}

/// What is wrong with a file on disk.
fn wrong(file: &OnDisk, row: Option<&Row>, record: Option<&Record>, object: Option<&Object>) -> Vec<String> {
    let Some(row) = row else { return vec!["on disk, but not in the ledger".into()] };
    let mut wrong = Vec::new();
    if row.state != "confirmed" {
        let why = [&row.reason, &row.hint].into_iter().flatten().map(|text| name(text)).collect::<Vec<_>>().join("; ");
        let why = if why.is_empty() { why } else { format!(" ({why})") };
        wrong.push(format!("the ledger says {}, not confirmed{why}", name(&row.state)));
        return wrong;
    }
    let mut must = |holds: bool, what: &str| {
        if !holds {
            wrong.push(what.to_owned());
        }
    };
    must(row.size == file.size, "the ledger has another size than the file on disk");
    must(row.sha256.as_deref() == Some(file.sha256.as_str()), "the ledger has another SHA-256 than the file on disk");
    must(object.is_some(), "the ledger says confirmed, but the bucket has no such object");
    if let Some(object) = object {
        must(object.size == file.size && object.sha256 == file.sha256, "the bucket has other bytes than the disk");
    }
    let confirmed = record.filter(|record| record.confirmed_at.is_some());
    must(confirmed.is_some(), "the ledger says confirmed, but the backend has no record of it");
    if let Some(record) = confirmed {
        must(Some(&record.key) == row.key.as_ref(), "the backend recorded another key than the ledger");
        must(
            record.size == file.size && record.sha256 == file.sha256,
            "the backend recorded other bytes than the disk has",
        );
    }
    wrong
}

fn cells(
    file: &OnDisk,
    row: Option<&Row>,
    record: Option<&Record>,
    object: Option<&Object>,
    good: bool,
) -> Vec<String> {
    let short = |digest: Option<&str>| digest.map_or("–", |digest| digest.get(..10).unwrap_or(digest)).to_owned();
    let digests = [
        short(Some(&file.sha256)),
        short(row.and_then(|row| row.sha256.as_deref())),
        short(object.map(|object| object.sha256.as_str())),
    ];
    let digests = if good { format!("{} ✓", digests[0]) } else { format!("{} ✗", digests.join(" ")) };
    vec![
        name(&file.path),
        bytes(file.size),
        name(row.map_or("unknown", |row| row.state.as_str())),
        digests,
        record.and_then(|record| record.confirmed_at.as_deref()).map_or("–".into(), |at| name(&seconds(at))),
        name(row.and_then(|row| row.key.as_deref()).unwrap_or("–")),
    ]
}

/// RFC 3339 in UTC without the fraction of the second, for the eye.
fn seconds(at: &str) -> String {
    at.split_once('.').map_or_else(|| at.to_owned(), |(seconds, _)| seconds.replace('T', " "))
}

/// What stands in one place and in no other, and what was sent of a file that was not whole.
fn strays(facts: &Facts) -> Vec<String> {
    let mut strays = Vec::new();
    let keys: HashSet<&str> = facts.ledger.iter().filter_map(|row| row.key.as_deref()).collect();
    let ids: HashSet<&str> = facts.ledger.iter().map(|row| row.file_id.as_str()).collect();
    let paths: HashSet<&str> = facts.disk.iter().map(|file| file.path.as_str()).collect();
    for object in facts.bucket.iter().filter(|object| !keys.contains(object.key.as_str())) {
        strays.push(format!("{}: in the bucket, but not in the ledger", name(&object.key)));
    }
    for record in facts.backend.iter().filter(|record| !ids.contains(record.file_id.as_str())) {
        strays.push(format!("{}: recorded by the backend, but not in the ledger", name(&record.key)));
    }
    for row in facts.ledger.iter().filter(|row| row.current && !paths.contains(row.path.as_str())) {
        strays.push(format!("{}: in the ledger, but not on disk", name(&row.path)));
    }
    for row in facts.ledger.iter().filter(|row| !row.current) {
        let what =
            if row.sha256.is_some() { "a version that was sent before the file was whole" } else { "a second version" };
        strays.push(format!("{}: the ledger has {what}, of {}", name(&row.path), bytes(row.size)));
    }
    strays
}

#[cfg(test)]
mod tests {
    use super::{compare, seconds};
    use crate::demo::facts::{Facts, Object, Record, Row};
    use crate::demo::folder::OnDisk;

    const DIGEST: &str = "0123456789abcdef";

    fn good() -> Facts {
        let row = Row {
            file_id: "f1".into(),
            path: "a.jpg".into(),
            size: 5,
            state: "confirmed".into(),
            sha256: Some(DIGEST.into()),
            key: Some("k1".into()),
            current: true,
            ..Row::default()
        };
        let record = Record {
            file_id: "f1".into(),
            key: "k1".into(),
            size: 5,
            sha256: DIGEST.into(),
            confirmed_at: Some("2024-05-01T06:00:00.123Z".into()),
        };
        Facts {
            disk: vec![OnDisk { path: "a.jpg".into(), size: 5, sha256: DIGEST.into() }],
            ledger: vec![row],
            backend: vec![record],
            bucket: vec![Object { key: "k1".into(), size: 5, sha256: DIGEST.into() }],
        }
    }

    #[test]
    fn where_all_agree_there_is_nothing_to_complain_of() {
        let comparison = compare(&good());
        assert_eq!((comparison.agree, comparison.complaints.len()), (1, 0));
        let table = comparison.table();
        assert!(table.contains("0123456789 ✓") && table.contains("2024-05-01 06:00:00"), "{table}");
        assert_eq!(seconds("2024-05-01T06:00:00Z"), "2024-05-01T06:00:00Z");
    }

    #[test]
    fn whatever_disagrees_is_named() {
        type Spoil = fn(&mut Facts);
        let table: [(Spoil, &str); 14] = [
            (|facts| facts.ledger.clear(), "on disk, but not in the ledger"),
            (|facts| facts.ledger[0].state = "failed".into(), "the ledger says failed"),
            (|facts| facts.ledger[0].size = 6, "another size"),
            (|facts| facts.ledger[0].sha256 = None, "another SHA-256"),
            (|facts| facts.bucket.clear(), "no such object"),
            (|facts| facts.bucket[0].sha256 = "ff".into(), "other bytes than the disk"),
            (|facts| facts.bucket[0].size = 4, "other bytes than the disk"),
            (|facts| facts.backend.clear(), "no record of it"),
            (|facts| facts.backend[0].confirmed_at = None, "no record of it"),
            (|facts| facts.backend[0].key = "k2".into(), "another key"),
            (|facts| facts.backend[0].sha256 = "ff".into(), "recorded other bytes"),
            (|facts| facts.disk.clear(), "in the ledger, but not on disk"),
            (|facts| facts.disk[0].sha256 = "ff".into(), "another SHA-256"),
            (
                |facts| {
                    let old = Row { current: false, size: 3, ..facts.ledger[0].clone() };
                    facts.ledger.push(old);
                },
                "sent before the file was whole",
            ),
        ];
        for (spoil, complaint) in table {
            let mut facts = good();
            spoil(&mut facts);
            let comparison = compare(&facts);
            let found = comparison.complaints.iter().any(|said| said.contains(complaint));
            assert!(found, "{complaint}: {:?}", comparison.complaints);
        }
    }

    #[test]
    fn what_only_one_place_knows_is_named() {
        let mut facts = good();
        facts.bucket.push(Object { key: "stray\n".into(), ..Object::default() });
        facts.backend.push(Record { file_id: "f2".into(), key: "k2".into(), ..Record::default() });
        let said = compare(&facts).complaints;
        assert_eq!(
            said,
            [r"stray\n: in the bucket, but not in the ledger", "k2: recorded by the backend, but not in the ledger"]
        );
    }
}
