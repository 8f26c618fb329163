//! The object key of a file: unique by its `file_id`, readable by its path.

use uuid::Uuid;

/// Longest key S3 takes, in bytes.
pub const MAX_KEY: usize = 1024;
/// Longest component we make. File systems stop at 255; the rest is room for a tool's own suffix.
const MAX_COMPONENT: usize = 200;

/// Reads a `file_id`; only the canonical form (lower-case, hyphens) is taken, so that two spellings never share a key.
pub fn parse_file_id(file_id: &str) -> Option<Uuid> {
    Uuid::try_parse(file_id).ok().filter(|id| id.hyphenated().to_string() == file_id)
}

/// The key `{account}/{folders}/{stem}-{file_id}.{ext}`: the whole id stands in it, so no two ids share a key.
pub fn object_key(account: &str, file_id: Uuid, path: &str) -> String {
    let mut components: Vec<String> = path.split('/').filter(|c| !matches!(*c, "" | ".")).map(sanitise).collect();
    let name = components.pop().unwrap_or_default();
    let name = unique_name(&name, file_id);
    let account = cut(&sanitise(account), 64);
    let account = if account.is_empty() { "_".to_owned() } else { account };
    let mut folders: Vec<String> = components.into_iter().map(|c| cut(&c, MAX_COMPONENT)).collect();
    // The folders nearest to the file say the most, so the outer ones go first.
    let room = MAX_KEY - account.len() - 1 - name.len() - 1;
    while folders.iter().map(|c| c.len() + 1).sum::<usize>() > room {
        folders.remove(0);
    }
    let mut key = account;
    for component in folders.iter().chain([&name]) {
        key.push('/');
        key.push_str(component);
    }
    key
}

fn unique_name(name: &str, file_id: Uuid) -> String {
    let id = file_id.simple().to_string();
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.is_empty() && ending.len() <= 16 => (stem, Some(ending)),
        _ => (name, None),
    };
    let spare = MAX_COMPONENT - id.len() - 1 - ending.map_or(0, |e| e.len() + 1);
    let stem = cut(stem, spare);
    let stem = if stem.is_empty() { "file" } else { &stem };
    ending.map_or_else(|| format!("{stem}-{id}"), |ending| format!("{stem}-{id}.{ending}"))
}

/// One component without what leads out of the folder, breaks a line, or turns the reading direction around.
fn sanitise(component: &str) -> String {
    if matches!(component, "." | "..") {
        return "_".repeat(component.len());
    }
    let harmless: String = component.chars().map(|c| if is_harmful(c) { '_' } else { c }).collect();
    // S3 replaces `${filename}` in a form's key: the object would lie under another name than was signed for.
    harmless.replace("${", "_{")
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\\' | '/')
        || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// At most `max` bytes, cut between characters.
fn cut(text: &str, max: usize) -> String {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{MAX_KEY, object_key, parse_file_id};
    use proptest::prelude::*;
    use uuid::Uuid;

    const ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_00ab);

    #[test]
    fn keys_read_well_and_stay_inside() {
        let id = ID.simple();
        let table = [
            ("a.jpg", format!("kim/a-{id}.jpg")),
            ("2024/05/DSC_1.NEF", format!("kim/2024/05/DSC_1-{id}.NEF")),
            ("사진/🌸 봄.jpg", format!("kim/사진/🌸 봄-{id}.jpg")),
            ("../../etc/passwd", format!("kim/__/__/etc/passwd-{id}")),
            ("/abs//x.jpg", format!("kim/abs/x-{id}.jpg")),
            ("${filename}.jpg", format!("kim/_{{filename}}-{id}.jpg")),
            ("./a/./b.jpg", format!("kim/a/b-{id}.jpg")),
            ("a\\..\\b.jpg", format!("kim/a_.._b-{id}.jpg")),
            ("a\r\nb\0.jpg", format!("kim/a__b_-{id}.jpg")),
            ("x\u{202E}gpj.exe", format!("kim/x_gpj-{id}.exe")),
            (".hidden", format!("kim/.hidden-{id}")),
            ("name.", format!("kim/name.-{id}")),
            ("", format!("kim/file-{id}")),
            ("folder/..", format!("kim/folder/__-{id}")),
        ];
        for (path, key) in table {
            assert_eq!(object_key("kim", ID, path), key, "{path:?}");
        }
        assert_eq!(object_key("a/../b", ID, "x"), format!("a_.._b/x-{id}"));
        assert_eq!(object_key("", ID, "x"), format!("_/x-{id}"));
        assert_eq!(object_key(".", ID, "x"), format!("_/x-{id}"));
    }

    #[test]
    fn one_spelling_of_an_id() {
        assert_eq!(parse_file_id(&ID.to_string()), Some(ID));
        for other in [&ID.simple().to_string(), &ID.to_string().to_uppercase(), "", "x", &format!("{{{ID}}}")] {
            assert_eq!(parse_file_id(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn every_key_is_bounded_and_harmless(account in ".{0,90}", path in "(\\PC|[\\x00-\\x1f/\\\\.가-힣🌸]){0,900}", id in any::<u128>()) {
            let key = object_key(&account, Uuid::from_u128(id), &path);
            prop_assert!(key.len() <= MAX_KEY);
            prop_assert_eq!(&key, &object_key(&account, Uuid::from_u128(id), &path));
            for component in key.split('/') {
                prop_assert!(!component.is_empty() && component.len() <= 255);
                prop_assert!(component != "." && component != "..");
            }
            prop_assert!(!key.chars().any(|c| c.is_control() || c == '\\'));
        }

        #[test]
        fn two_ids_never_share_a_key(path in "\\PC{0,300}", other in "\\PC{0,300}", a in any::<u128>(), b in any::<u128>()) {
            prop_assume!(a != b);
            prop_assert_ne!(object_key("k", Uuid::from_u128(a), &path), object_key("k", Uuid::from_u128(b), &other));
        }
    }
}
