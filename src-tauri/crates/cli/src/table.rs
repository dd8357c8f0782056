//! Columns that line up on a terminal, whatever letters are in them.
//!
//! A table is for reading: control characters become visible, line breaks become spaces, long cells end in `…`. CSV
//! and JSON carry values to the byte.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Wider cells are cut.
const CELL_WIDTH_MAX: usize = 80;
const GAP: &str = "  ";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new<'a>(columns: impl IntoIterator<Item = (&'a str, Align)>) -> Table {
        let columns = columns.into_iter().map(|(name, align)| (readable(name), align)).collect();
        Table { columns, rows: Vec::new() }
    }

    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(|cell| readable(cell.as_ref())).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Header, rule and rows, each on a line of its own.
    pub(crate) fn render(&self) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width());
                cells.chain([self.columns[at].0.width()]).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        self.put(&mut text, &header, &widths);
        let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.put(&mut text, &rules, &widths);
        for row in &self.rows {
            self.put(&mut text, row, &widths);
        }
        text
    }

    fn put(&self, text: &mut String, cells: &[String], widths: &[usize]) {
        let start = text.len();
        for (at, (cell, width)) in cells.iter().zip(widths).enumerate() {
            if at > 0 {
                text.push_str(GAP);
            }
            let room = " ".repeat(width.saturating_sub(cell.width()));
            match self.columns[at].1 {
                Align::Left => text.extend([cell.as_str(), &room]),
                Align::Right => text.extend([room.as_str(), cell]),
            }
        }
        text.truncate(start + text[start..].trim_end_matches(' ').len());
        text.push('\n');
    }
}

/// One line of text that moves no cursor, at most [`CELL_WIDTH_MAX`] columns wide.
pub(crate) fn readable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(4 * CELL_WIDTH_MAX));
    let mut width = 0;
    for c in text.chars() {
        let c = match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() || is_direction(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        };
        width += c.width().unwrap_or(0);
        if width > CELL_WIDTH_MAX {
            // Takes back what the ellipsis needs room for; a wide letter may leave one column free.
            while shown.width() > CELL_WIDTH_MAX - 1 {
                shown.pop();
            }
            shown.push('…');
            break;
        }
        shown.push(c);
    }
    shown
}

/// Marks that turn the direction of everything after them.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_two_columns() {
        let mut table = Table::new([("name", Align::Left), ("n", Align::Right)]);
        table.row(["Ada", "7"]);
        table.row(["東京自転車", "12"]);
        table.row(["Zoë 🚲", ""]);
        let expected = "\
name         n
──────────  ──
Ada          7
東京自転車  12
Zoë 🚲
";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn nothing_in_a_cell_can_move_the_cursor_or_turn_the_line() {
        assert_eq!(readable("a\u{1b}[2Jb\nc\rd\te\0f\u{7}"), "a\u{fffd}[2Jb c d e\u{fffd}f\u{fffd}");
        assert_eq!(readable("x\u{202e}y"), "x\u{fffd}y");
        assert_eq!(readable("שלום"), "שלום");
    }

    #[test]
    fn a_long_cell_says_that_it_goes_on() {
        let long = readable(&"長".repeat(100));
        assert!(long.ends_with('…') && long.width() <= CELL_WIDTH_MAX, "{long}");
        assert_eq!(readable(&"a".repeat(80)), "a".repeat(80));
        assert_eq!(readable(&"a".repeat(81)), format!("{}…", "a".repeat(79)));
    }
}
