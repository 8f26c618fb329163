//! Words from outside, made fit to be shown: one line, short, and without anything that could be a secret.

/// Longest piece of text taken over from a server, in characters.
pub const LONGEST: usize = 300;

/// A run of base64 or hex digits this long may be a policy, a token or a signature.
const SECRET_RUN: usize = 32;

/// Makes a server's text quotable: control characters become spaces, runs of spaces one, and the whole is cut to `longest`
/// characters. What looks like a key, token, signature or policy is replaced by `…`.
pub fn quote(text: &str, longest: usize) -> String {
    line(text, longest, withhold_into)
}

/// As `quote`, but nothing is replaced: for names and keys, which may look like a secret and are none.
pub fn plain(text: &str, longest: usize) -> String {
    line(text, longest, String::push_str)
}

fn line(text: &str, longest: usize, mut push: impl FnMut(&mut String, &str)) -> String {
    let mut words = String::new();
    // Cut before the work: a server may send megabytes, and four bytes a character is the most that can survive.
    let text = text.get(..text.floor_char_boundary(longest.saturating_mul(16))).unwrap_or_default();
    for word in
        text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c)).filter(|word| !word.is_empty())
    {
        if !words.is_empty() {
            words.push(' ');
        }
        push(&mut words, word);
    }
    shorten(&words, longest)
}

/// Cuts to `longest` characters and marks the cut with `…`.
pub fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

/// Direction marks and zero-width characters could make a message read as another one.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn withhold_into(out: &mut String, word: &str) {
    let is_digit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let mut rest = word;
    while let Some(start) = rest.find(is_digit) {
        let (before, from) = rest.split_at(start);
        let (run, after) = from.split_at(from.find(|c| !is_digit(c)).unwrap_or(from.len()));
        out.push_str(before);
        out.push_str(if looks_secret(run) { "…" } else { run });
        rest = after;
    }
    out.push_str(rest);
}

fn looks_secret(run: &str) -> bool {
    // Paths and prose are made of short pieces, error codes of letters alone; secrets are neither.
    let longest_piece = run.split(['/', '-', '_']).map(str::len).max().unwrap_or(0);
    let has_digit = run.bytes().any(|b| b.is_ascii_digit());
    let whole = longest_piece >= SECRET_RUN && (has_digit || run.len() >= 2 * SECRET_RUN);
    let pieces = run.len() >= 40 && longest_piece >= 16 && has_digit;
    let base64 = run.len() >= SECRET_RUN && run.contains(['+', '=']);
    whole || pieces || base64 || run.contains("/aws4_request") || is_access_key(run)
}

/// AWS access key ids: `AKIA` (long-lived) or `ASIA` (temporary) and 16 more.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>
fn is_access_key(run: &str) -> bool {
    ["AKIA", "ASIA"].iter().any(|kind| {
        run.find(kind).is_some_and(|at| {
            run.as_bytes()
                .get(at + 4..at + 20)
                .is_some_and(|rest| rest.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_one_short_clean_line() {
        let cases = [
            ("plain words", "plain words"),
            ("two\r\nlines\tand\u{0}nul", "two lines and nul"),
            ("\u{1b}[31mred\u{202e}gnp.exe", "[31mred gnp.exe"),
            ("  padded   out ", "padded out"),
            ("사진 📷 bleibt", "사진 📷 bleibt"),
            ("", ""),
        ];
        for (given, wanted) in cases {
            assert_eq!(quote(given, 300), wanted, "{given:?}");
        }
        assert_eq!(quote(&"word ".repeat(100), 20), "word word word word…");
        assert_eq!(quote(&"é".repeat(1_000_000), 5), "ééééé…");
    }

    #[test]
    fn keys_stay_whole() {
        let key = "studio/offload-doctor/offload-doctor-probe-0190f8e0b2c47a3e9d5f1c2b3a495867.jpg";
        assert_eq!(plain(&format!("{key}\u{202e}\n"), 200), key);
        assert_eq!(plain("abcdef", 3), "abc…");
    }

    #[test]
    fn what_looks_secret_is_withheld() {
        let signature = "9b1f".repeat(16);
        let policy = "eyJleHBpcmF0aW9uIjogIjIwMjQtMDEtMDFUMDA6MDA6MDBaIn0=";
        let token = "FwoGZXIvYXdzEBYaDPw/abc+def/ghi0123456789ABCDEFGHIJKLMNOPQRSTUV";
        let credential = "minioadmin/20240501/us-east-1/s3/aws4_request";
        for secret in [signature.as_str(), policy, token, credential, "AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"] {
            let shown = quote(&format!("Policy Condition failed: [\"eq\", \"$x\", \"{secret}\"] and more"), 300);
            assert!(!shown.contains(&secret[..12]), "{shown}");
            assert!(shown.contains("Policy Condition failed") && shown.ends_with("and more"), "{shown}");
        }
    }

    #[test]
    fn paths_and_names_stay_readable() {
        for text in [
            "[\"starts-with\", \"$key\", \"user/eric/2024/wedding-of-anna-and-ben/selects/IMG_0001.CR3\"]",
            "x-amz-server-side-encryption-customer-algorithm is missing",
            "the region 'us-east-1' is wrong; expecting 'eu-central-1'",
        ] {
            assert_eq!(quote(text, 300), text);
        }
    }
}
