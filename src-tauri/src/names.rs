//! Names of files, folders and accounts as they may stand in a menu or a notification: text on one line, and nothing else.

/// The most characters of a name in a menu.
const IN_MENU: usize = 44;
/// The most characters of a name in a notification's title.
const IN_TITLE: usize = 80;
const CUT: char = '…';

/// For a menu: cleaned, shortened in the middle, `&` (which would underline the next letter) doubled.
pub(crate) fn in_menu(path: &str) -> String {
    isolated(shortened(&cleaned(last_part(path)), IN_MENU)).replace('&', "&&")
}

/// For a notification.
pub(crate) fn in_title(name: &str) -> String {
    isolated(shortened(&cleaned(name), IN_TITLE))
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path)
}

/// Control characters and those that turn the direction of writing become U+FFFD: they could make a name look like another.
fn cleaned(name: &str) -> String {
    name.chars().map(|c| if c.is_control() || turns_writing(c) { '\u{fffd}' } else { c }).collect()
}

const fn turns_writing(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The beginning and the end, which carries the number and the kind of the file.
fn shortened(name: &str, most: usize) -> String {
    let count = name.chars().count();
    if count <= most {
        return name.to_owned();
    }
    let end = most / 2;
    let begin = most - end - 1;
    name.chars().take(begin).chain([CUT]).chain(name.chars().skip(count - end)).collect()
}

/// A name written from right to left keeps to its place in the sentence.
fn isolated(name: String) -> String {
    let is_rtl = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    if name.contains(is_rtl) { format!("\u{2068}{name}\u{2069}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::{in_menu, in_title};

    #[test]
    fn names_in_menus() {
        for (path, shown) in [
            ("DCIM/100/IMG_0001.JPG", "IMG_0001.JPG"),
            ("a&b.jpg", "a&&b.jpg"),
            ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
            ("two\nlines\t.jpg", "two\u{fffd}lines\u{fffd}.jpg"),
            ("photo\u{202e}gpj.exe", "photo\u{fffd}gpj.exe"),
            ("\u{5e9}\u{5dc}\u{5d5}\u{5dd}.jpg", "\u{2068}\u{5e9}\u{5dc}\u{5d5}\u{5dd}.jpg\u{2069}"),
            ("folder/", "folder"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(in_menu(path), shown, "{path:?}");
        }
    }

    #[test]
    fn long_names_keep_both_ends() {
        let long = format!("begin{}0042.CR3", "x".repeat(240));
        let shown = in_menu(&long);
        assert_eq!(shown.chars().count(), 44);
        assert!(shown.starts_with("begin") && shown.ends_with("0042.CR3") && shown.contains('…'));
        assert_eq!(in_title(&"사".repeat(300)).chars().count(), 80);
    }
}
