//! What is in a file: bytes, or lines that are made when somebody reads them.

use std::ops::Range;

/// The content of a file.
#[derive(Clone, Debug)]
pub enum Content {
    Bytes(Vec<u8>),
    /// Lines of one length, each made from its number, so that a large file costs nothing until it is read.
    Lines {
        count: usize,
        line: fn(usize) -> String,
    },
}

/// The length of a made line with its end. Shorter ones are filled with blanks, longer ones cut.
const LINE_LENGTH: usize = 100;

impl Content {
    /// How many bytes there are.
    pub fn len(&self) -> usize {
        match self {
            Content::Bytes(bytes) => bytes.len(),
            Content::Lines { count, .. } => count * LINE_LENGTH,
        }
    }

    /// The bytes at some places; places behind the end are left out.
    pub fn read(&self, range: Range<usize>) -> Vec<u8> {
        let range = range.start.min(self.len())..range.end.min(self.len());
        match self {
            Content::Bytes(bytes) => bytes[range].to_vec(),
            Content::Lines { line, .. } => {
                let first = range.start / LINE_LENGTH;
                let mut bytes = Vec::with_capacity(range.len() + 2 * LINE_LENGTH);
                for number in first..range.end.div_ceil(LINE_LENGTH) {
                    let mut words = line(number);
                    words.truncate(LINE_LENGTH - 1);
                    bytes.extend_from_slice(format!("{words:<width$}\n", width = LINE_LENGTH - 1).as_bytes());
                }
                bytes.drain(..range.start - first * LINE_LENGTH);
                bytes.truncate(range.len());
                bytes
            }
        }
    }

    /// All of it.
    pub fn all(&self) -> Vec<u8> {
        self.read(0..self.len())
    }
}

impl From<String> for Content {
    fn from(text: String) -> Content {
        Content::Bytes(text.into_bytes())
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Content {
        Content::Bytes(text.into())
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        Content::Bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_lines_read_the_same_whole_and_in_parts() {
        let content = Content::Lines { count: 50, line: |number| format!("line {number}") };
        let all = content.all();
        assert_eq!((all.len(), content.len()), (5_000, 5_000));
        assert!(all.starts_with(b"line 0 ") && all.ends_with(b" \n"));
        for (start, end) in [(0, 1), (99, 101), (100, 200), (137, 4_001), (4_990, 9_999), (6_000, 7_000)] {
            let expected = &all[start.min(5_000)..end.min(5_000)];
            assert_eq!(content.read(start..end), expected, "{start} to {end}");
        }
    }

    #[test]
    fn a_long_line_is_cut() {
        let content = Content::Lines { count: 2, line: |_| "x".repeat(400) };
        assert_eq!(content.all(), ("x".repeat(99) + "\n").repeat(2).into_bytes());
    }
}
