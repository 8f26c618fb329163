//! Tables on a terminal, aligned by the columns that characters really take.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A column: its heading, where its text stands, and how wide it may become before it is cut in its middle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    pub(crate) align: Align,
    pub(crate) most: usize,
}

impl Column {
    pub(crate) const fn left(heading: &'static str, most: usize) -> Self {
        Self { heading, align: Align::Left, most }
    }

    pub(crate) const fn right(heading: &'static str) -> Self {
        Self { heading, align: Align::Right, most: usize::MAX }
    }
}

/// Lays rows out under headings; a row's missing cells are empty.
pub(crate) fn lay_out(columns: &[Column], rows: &[Vec<String>]) -> String {
    let cell = |row: &[String], index: usize| cut(row.get(index).map_or("", String::as_str), columns[index].most);
    let mut lines: Vec<Vec<String>> = vec![columns.iter().map(|column| column.heading.to_owned()).collect()];
    lines.extend(rows.iter().map(|row| (0..columns.len()).map(|index| cell(row, index)).collect()));
    let widths: Vec<usize> =
        (0..columns.len()).map(|index| lines.iter().map(|line| line[index].width()).max().unwrap_or(0)).collect();
    let rule = widths.iter().map(|width| "─".repeat(*width)).collect();
    lines.insert(1, rule);
    let mut text = String::new();
    for line in lines {
        let padded =
            line.iter().zip(&widths).zip(columns).map(|((cell, width), column)| pad(cell, *width, column.align));
        let padded: Vec<String> = padded.collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn pad(text: &str, width: usize, align: Align) -> String {
    let space = " ".repeat(width.saturating_sub(text.width()));
    match align {
        Align::Left => format!("{text}{space}"),
        Align::Right => format!("{space}{text}"),
    }
}

/// At most so many columns wide; what is left out stands as `…` in the middle, since names differ at both ends.
pub(crate) fn cut(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(1);
    let end: String = take(text.chars().rev(), room / 2).into_iter().rev().collect();
    let start: String = take(text.chars(), room - end.width()).into_iter().collect();
    format!("{start}…{end}")
}

fn take(chars: impl Iterator<Item = char>, most: usize) -> Vec<char> {
    let mut width = 0;
    chars
        .take_while(|c| {
            width += c.width().unwrap_or(0);
            width <= most
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Column, cut, lay_out};

    #[test]
    fn columns_stand_under_their_headings_whatever_the_script() {
        let columns = [Column::left("PATH", 12), Column::right("SIZE"), Column::left("NOTE", 40)];
        let rows = [["a.jpg", "1 B", "✓"], ["서울 봄.JPG", "12 MB", ""]].map(|row| row.map(str::to_owned).to_vec());
        let laid = lay_out(&columns, &rows);
        let wanted = "PATH          SIZE  NOTE\n───────────  ─────  ────\na.jpg          1 B  ✓\n서울 봄.JPG  12 MB\n";
        assert_eq!(laid, wanted);
        assert_eq!(lay_out(&columns[..1], &[vec![]]), "PATH\n────\n\n");
    }

    #[test]
    fn long_names_keep_both_ends() {
        assert_eq!(cut("DCIM/100CANON/IMG_0001.JPG", 12), "DCIM/1…1.JPG");
        assert_eq!(cut("골목길골목길", 7), "골목…길");
        assert_eq!(cut("short", 5), "short");
    }
}
