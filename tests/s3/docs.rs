//! docs/s3-servers.md, written from the list of cases: what is tested and what is told can't drift apart.

use crate::case::{self, Case, Object, Seen, Verdict};
use crate::differs;
use offload_engine::cause::{Code, Retry};
use offload_engine::transfer::send::Proof;
use offload_tests::s3_servers::Kind;
use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str = "\
# What S3 servers answer, and what Offload does

Written by `OFFLOAD_WRITE_DOCS=1 cargo test -p offload-tests --test s3 docs`; do not edit it by hand. `cargo xtask test` sends every case with Offload's own transfer
code to the sandbox's S3 and, where they can be had, to two independent servers, and compares: the answer, Offload's decision, the bucket afterwards (asked with a signature of
its own), and that the person gets a sentence that says what happened and what to do without telling a secret. The servers' cells are what was seen; AWS's are what it documents
([errors](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html), [policies](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html),
[PutObject](https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html), [signed URLs](https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)):
no request went there. Besides, a folder goes through the whole of Offload into each of them, by POST and by PUT, and disk, ledger, backend and bucket are held
against each other.

Each cell has the status, S3's code, and what Offload does. Where nothing else is said, the bucket holds the very bytes after a success, and no object after anything else.
**Bold** differs from what AWS documents; the numbers lead to the reasons below.

";

const LEGEND: &str = "
| Offload | |
| --- | --- |
| stored (MD5), (SHA-256), (length) | goes on to the confirmation; what shows that the right bytes arrived: the ETag, S3's checksum, or only the length of the body |
| signs anew | asks the backend for a new form or URL at once; the file loses no attempt |
| reads again | the file is read and sent once more; a second time in a row it is `failed` |
| tries again | after a pause |
| fails | the file is `failed` with cause and next step; a person decides |

## Where servers differ from AWS

";

#[test]
fn docs_say_what_is_tested() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/s3-servers.md");
    let wanted = written();
    if std::env::var_os("OFFLOAD_WRITE_DOCS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let differing =
        wanted.lines().zip(found.lines().chain(std::iter::repeat(""))).find(|(wanted, found)| wanted != found);
    assert!(
        wanted == found,
        "docs/s3-servers.md is out of date: OFFLOAD_WRITE_DOCS=1 cargo test -p offload-tests --test s3 docs\n{differing:#?}"
    );
}

fn written() -> String {
    let mut text = HEAD.to_owned();
    let titles = Kind::ALL.map(Kind::title).join(" | ");
    writeln!(text, "| case | AWS documents | {titles} |\n|{}", " --- |".repeat(2 + Kind::ALL.len())).unwrap();
    for case in case::all() {
        let cells = Kind::ALL.map(|kind| cell_of(&case, kind)).join(" | ");
        writeln!(text, "| {} | {} | {cells} |", case.name, cell(&case.documented())).unwrap();
    }
    text.push_str(LEGEND);
    for (index, differs) in differs::ALL.iter().enumerate() {
        writeln!(text, "{}. {}, {}: {}.", index + 1, differs.server.title(), differs.case, differs.why).unwrap();
    }
    text
}

fn cell_of(case: &Case, kind: Kind) -> String {
    let expected = cell(&case.expected(kind));
    match differs::ALL.iter().position(|differs| differs.server == kind && differs.case == case.name) {
        Some(index) => format!("**{expected}** ({})", index + 1),
        None => expected,
    }
}

fn cell(seen: &Seen) -> String {
    let status = seen.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    let code = if seen.code.is_empty() { String::new() } else { format!(" {}", seen.code) };
    let (does, usual) = match seen.offload {
        Verdict::Stored(proof) => (format!("stored ({})", name(proof)), Object::Same),
        Verdict::Because(code) => (format!("`{}`, {}", code.as_str(), does(code)), Object::None),
    };
    let object = match seen.object {
        object if object == usual => "",
        Object::None => "; no object",
        Object::Same => "; the object is there",
        Object::Other => "; an object with other bytes",
        Object::Unreadable => "; an object that can't be read",
    };
    format!("{status}{code}: {does}{object}")
}

const fn name(proof: Proof) -> &'static str {
    match proof {
        Proof::Sha256 => "SHA-256",
        Proof::Md5 => "MD5",
        Proof::Length => "length",
    }
}

fn does(code: Code) -> &'static str {
    match code.retry() {
        Retry::Again | Retry::SlowDown => "tries again",
        Retry::NewForm => "signs anew",
        Retry::ReadAgain => "reads again",
        Retry::Never => "fails",
        other => panic!("{code:?}: {other:?} is no answer of S3's"),
    }
}
