//! Tables in text: commas, semicolons or tabs between cells, quotes where a cell has them.

/// Some rows of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsvTable {
    /// The first row.
    pub head: Vec<String>,
    /// The rows behind it, as many as were wanted.
    pub rows: Vec<Vec<String>>,
    /// Whether there are more.
    pub has_more: bool,
}

impl CsvTable {
    /// Reads at most so many rows. What is cut off at the end of a text that goes on is left out.
    pub fn read(text: &str, most: usize, goes_on: bool) -> Self {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = Reader { rest: text, separator: separator(text) };
        let Some(head) = reader.row() else { return Self::default() };
        let mut table = Self { head, rows: Vec::new(), has_more: false };
        while let Some(row) = reader.row() {
            if table.rows.len() == most || (goes_on && reader.rest.is_empty()) {
                table.has_more = true;
                return table;
            }
            table.rows.push(row);
        }
        table.has_more = goes_on;
        table
    }

    /// Whether all cells of a column that hold anything hold numbers.
    pub fn is_numeric(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().filter_map(|row| row.get(column)).filter(|cell| !cell.is_empty()).peekable();
        cells.peek().is_some() && cells.all(|cell| cell.trim().parse::<f64>().is_ok())
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.rows.iter().map(Vec::len).chain([self.head.len()]).max().unwrap_or_default()
    }
}

/// The one that the first line has most of.
fn separator(text: &str) -> char {
    let line = text.lines().next().unwrap_or_default();
    let count = |separator: char| line.matches(separator).count();
    [',', ';', '\t'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(',')
}

struct Reader<'a> {
    rest: &'a str,
    separator: char,
}

impl Reader<'_> {
    /// The next row; empty lines are none.
    fn row(&mut self) -> Option<Vec<String>> {
        self.rest = self.rest.trim_start_matches(['\r', '\n']);
        if self.rest.is_empty() {
            return None;
        }
        let mut cells = vec![String::new()];
        let mut is_quoted = false;
        let mut characters = self.rest.char_indices().peekable();
        while let Some((index, character)) = characters.next() {
            let cell = cells.last_mut().expect("a row has a cell from its beginning");
            match character {
                '"' if is_quoted && characters.peek().is_some_and(|(_, next)| *next == '"') => {
                    characters.next();
                    cell.push('"');
                }
                '"' if is_quoted => is_quoted = false,
                '"' if cell.is_empty() => is_quoted = true,
                '\r' | '\n' if !is_quoted => {
                    self.rest = &self.rest[index..];
                    return Some(cells);
                }
                character if character == self.separator && !is_quoted => cells.push(String::new()),
                character => cell.push(character),
            }
        }
        self.rest = "";
        Some(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        CsvTable::read(text, 100, false).rows
    }

    #[test]
    fn quotes_hold_separators_lines_and_quotes() {
        assert_eq!(
            rows("name,what\r\n\"a, b\",\"say \"\"x\"\"\nthen y\"\r\nc,\n"),
            [["a, b", "say \"x\"\nthen y"], ["c", ""]]
        );
    }

    #[test]
    fn other_separators_are_recognised() {
        assert_eq!(rows("a;b,c;d\n1;2;3")[0], ["1", "2", "3"]);
        assert_eq!(rows("a\tb\n1\t2")[0], ["1", "2"]);
        assert_eq!(rows("\u{feff}only\n1")[0], ["1"]);
    }

    #[test]
    fn what_is_left_out_is_told() {
        let table = CsvTable::read("a\n1\n2\n3\n", 2, false);
        assert_eq!((table.rows.len(), table.has_more), (2, true));
        let cut = CsvTable::read("a,b\n1,2\n3,", 10, true);
        assert_eq!((cut.rows, cut.has_more), (vec![vec!["1".to_owned(), "2".to_owned()]], true));
        assert!(!CsvTable::read("a\n1\n2\n", 2, false).has_more);
        assert_eq!(CsvTable::read("", 2, false), CsvTable::default());
    }

    #[test]
    fn a_column_of_numbers_is_one() {
        let table = CsvTable::read("day,loaves\nMonday,1.5\nTuesday,\n", 9, false);
        assert_eq!((table.is_numeric(0), table.is_numeric(1), table.width()), (false, true, 2));
    }
}
