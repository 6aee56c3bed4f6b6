//! Which lines are where in a text of rows of one height.

use crate::components::text_view::ansi;
use crate::components::text_view::long_text::LongText;

/// The rows of a text: one for each line, or more where long lines are wrapped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// After how many columns a line goes on in the next row.
    columns: Option<usize>,
    /// The row behind each line, where they are wrapped.
    ends: Vec<u32>,
    lines: usize,
}

/// A row: the line, and the how-manieth row of it this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub line: usize,
    pub part: usize,
}

impl Layout {
    /// The rows of a text, wrapped after so many columns or not at all.
    pub fn of(text: &LongText, columns: Option<usize>) -> Self {
        let columns = columns.map(|columns| columns.max(8));
        let mut layout = Self { columns, ends: Vec::new(), lines: 0 };
        layout.grow(text);
        layout
    }

    /// Takes in what was appended. The last line may have become longer.
    pub fn grow(&mut self, text: &LongText) {
        let lines = text.line_count();
        if let Some(columns) = self.columns {
            self.ends.truncate(self.lines.saturating_sub(1));
            let mut end = self.ends.last().copied().unwrap_or_default();
            for line in self.ends.len()..lines {
                let width = ansi::width(&text.visible_line(line).0);
                end += width.div_ceil(columns).max(1) as u32;
                self.ends.push(end);
            }
        }
        self.lines = lines;
    }

    /// After how many columns lines are wrapped.
    pub fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match self.columns {
            Some(_) => self.ends.last().map_or(0, |end| *end as usize),
            None => self.lines,
        }
    }

    /// What is in a row.
    pub fn row(&self, row: usize) -> Row {
        if self.columns.is_none() {
            return Row { line: row, part: 0 };
        }
        let line = self.ends.partition_point(|end| *end as usize <= row);
        Row { line, part: row - self.first_row(line) }
    }

    /// The first row of a line.
    pub fn first_row(&self, line: usize) -> usize {
        match (self.columns, line.checked_sub(1)) {
            (None, _) => line,
            (Some(_), None) => 0,
            (Some(_), Some(before)) => {
                self.ends.get(before).or(self.ends.last()).map_or(0, |end| *end as usize)
            }
        }
    }
}

/// Browsers draw no element higher than some millions of pixels; beyond, rows go by faster than pixels.
const MOST_PIXELS: f64 = 15_000_000.0;

/// How rows lie in a box that is scrolled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// How many there are.
    pub rows: usize,
    pub row_height: f64,
    pub view_height: f64,
}

impl Window {
    /// The height of all of it.
    pub fn height(self) -> f64 {
        (self.rows as f64 * self.row_height).min(MOST_PIXELS)
    }

    /// How many rows can be seen at once.
    pub fn seen(self) -> f64 {
        self.view_height / self.row_height
    }

    /// The row at the upper edge, where it is scrolled so far.
    pub fn row_at(self, top: f64) -> f64 {
        let way = (self.height() - self.view_height).max(1.0);
        let rows = (self.rows as f64 - self.seen()).max(0.0);
        (top / way).clamp(0.0, 1.0) * rows
    }

    /// How far it is scrolled where a row is at the upper edge.
    pub fn top_of(self, row: f64) -> f64 {
        let way = (self.height() - self.view_height).max(0.0);
        let rows = (self.rows as f64 - self.seen()).max(1.0);
        (row / rows).clamp(0.0, 1.0) * way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_wrapping_a_row_is_a_line() {
        let layout = Layout::of(&LongText::of(b"a\nb\nc"), None);
        assert_eq!((layout.rows(), layout.row(2), layout.first_row(1)), (3, Row { line: 2, part: 0 }, 1));
    }

    #[test]
    fn long_lines_take_several_rows_and_empty_ones_one() {
        let mut text = LongText::of(b"12345678901234567890\n\nshort\n1234567");
        let mut layout = Layout::of(&text, Some(8));
        assert_eq!(layout.rows(), 3 + 1 + 1 + 1);
        assert_eq!(layout.row(2), Row { line: 0, part: 2 });
        assert_eq!(layout.row(3), Row { line: 1, part: 0 });
        assert_eq!((layout.first_row(0), layout.first_row(2)), (0, 4));
        text.append(b"89\nlast");
        layout.grow(&text);
        assert_eq!((layout.rows(), layout.first_row(4)), (8, 7));
        assert_eq!(layout, Layout::of(&text, Some(8)));
    }

    #[test]
    fn rows_are_found_from_pixels_and_back_however_many_there_are() {
        for rows in [10, 1_000, 500_000, 9_000_000] {
            let window = Window { rows, row_height: 20.0, view_height: 600.0 };
            for row in [0.0, rows as f64 / 3.0, rows as f64 - 30.0] {
                let row = row.clamp(0.0, (rows as f64 - window.seen()).max(0.0));
                assert!((window.row_at(window.top_of(row)) - row).abs() < 0.01, "{rows} {row}");
            }
            assert!(window.height() <= MOST_PIXELS);
        }
        let window = Window { rows: 1_000, row_height: 20.0, view_height: 600.0 };
        assert!((window.row_at(200.0) - 10.0).abs() < 0.001);
    }
}
