//! docs/doctor.md against the table it tells of.

use offload_engine::contract::Check;
use offload_protocol::checkup::{About, Stack};
use std::fmt::Write as _;
use std::path::Path;

const BEGIN: &str = "<!-- from crates/engine/src/contract/checks.rs; OFFLOAD_WRITE_DOCS=1 cargo test -p offload-engine --test doctor docs -->\n";
const END: &str = "<!-- end -->\n";

fn table() -> String {
    let mut text = String::new();
    for (about, heading) in [
        (About::Machine, "This machine"),
        (About::Backend, "The backend"),
        (About::SignIn, "Who may ask"),
        (About::Signature, "What it signs"),
        (About::Probe, "A file that was really sent"),
    ] {
        let _ = write!(text, "\n## {heading}\n\n| code | what | how to mend it |\n| --- | --- | --- |\n");
        for known in Check::ALL.iter().map(|check| check.known()).filter(|known| known.about == about) {
            let mends: Vec<String> = known
                .mends
                .iter()
                .map(|(stack, mend)| {
                    let whose = match stack {
                        Stack::Anyone => "",
                        Stack::Django => "*Django, boto3:* ",
                        Stack::Js => "*JavaScript:* ",
                        Stack::Companion => "*Companion:* ",
                    };
                    format!("{whose}{}", escaped(mend))
                })
                .collect();
            let _ = writeln!(text, "| `{}` | {} | {} |", known.code, escaped(known.what), mends.join("<br>"));
        }
    }
    text.push('\n');
    text
}

/// Fit for a cell of a table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('*', "\\*").replace('_', "\\_")
}

#[test]
fn the_page_has_every_code_and_every_mend() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/doctor.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has the mark where the table begins");
    let (told, after) = rest.split_once(END).expect("the page has the mark where the table ends");
    let wanted = table();
    if std::env::var_os("OFFLOAD_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}")).unwrap();
        return;
    }
    assert!(told == wanted, "docs/doctor.md is behind the table: OFFLOAD_WRITE_DOCS=1 writes it anew");
}

#[test]
fn codes_are_stable_words_of_their_own() {
    let mut codes: Vec<&str> = Check::ALL.iter().map(|check| check.code()).collect();
    assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b.is_ascii_digit())));
    codes.sort_unstable();
    let count = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), count);
}

#[test]
fn words_begin_small_and_end_without_a_stop() {
    for known in Check::ALL.iter().map(|check| check.known()) {
        let first = known.what.split(' ').next().unwrap_or_default();
        let is_name = ["S3"].contains(&first) || first.contains('_') || first.contains('-');
        let is_small =
            first.starts_with(|c: char| c.is_lowercase()) || first.starts_with("X-Amz") || first.starts_with("S3");
        assert!((is_name || is_small) && !known.what.ends_with('.'), "{}: {}", known.code, known.what);
    }
}
