//! Looking for words in a long text, a part at a time.

use std::ops::Range;

use crate::components::text_view::ansi;
use crate::components::text_view::long_text::LongText;

/// Where something was found: the line, and the bytes of it as it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    pub line: u32,
    pub from: u32,
    pub to: u32,
}

/// A search, as far as it has come. Letters of ASCII are found in either case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    needle: String,
    matches: Vec<Match>,
    /// The first line that was not looked at.
    next: usize,
}

/// Nobody goes through more.
const MOST: usize = 100_000;

impl Search {
    /// A search that has not begun.
    pub fn of(words: &str) -> Self {
        Self { needle: words.to_owned(), matches: Vec::new(), next: 0 }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.needle.is_empty()
    }

    /// What was found so far, from the first line on.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// Whether there may be more than were counted.
    pub fn is_cut(&self) -> bool {
        self.matches.len() >= MOST
    }

    /// Whether all lines were looked at. The last one may still grow, so it is looked at again.
    pub fn is_done(&self, text: &LongText) -> bool {
        self.is_empty() || self.is_cut() || self.next >= text.line_count()
    }

    /// The last line has grown, or others follow it.
    pub fn text_has_grown(&mut self) {
        self.next = self.next.saturating_sub(1);
        let next = self.next;
        self.matches.retain(|found| (found.line as usize) < next);
    }

    /// Looks at some more lines.
    pub fn advance(&mut self, text: &LongText, lines: usize) {
        let end = text.line_count().min(self.next + lines);
        while self.next < end && !self.is_done(text) {
            let line = text.visible_line(self.next).0;
            let shown = ansi::plain(&line);
            for found in occurrences(&shown, &self.needle) {
                let found = Match { line: self.next as u32, from: found.start as u32, to: found.end as u32 };
                self.matches.push(found);
            }
            self.next += 1;
        }
    }

    /// The matches of a line, with their places in all.
    pub fn in_line(&self, line: usize) -> impl Iterator<Item = (usize, Match)> {
        let first = self.matches.partition_point(|found| (found.line as usize) < line);
        let found = self.matches[first..].iter().copied();
        found
            .take_while(move |found| found.line as usize == line)
            .enumerate()
            .map(move |(index, found)| (first + index, found))
    }

    /// The first match at or behind a line, or else the first of all.
    pub fn first_from(&self, line: usize) -> Option<usize> {
        let index = self.matches.partition_point(|found| (found.line as usize) < line);
        if index < self.matches.len() { Some(index) } else { (!self.matches.is_empty()).then_some(0) }
    }
}

fn occurrences(text: &str, needle: &str) -> Vec<Range<usize>> {
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    let mut found = Vec::new();
    let Some((first, last)) = needle.first().zip(text.len().checked_sub(needle.len())) else { return found };
    let mut at = 0;
    while at <= last {
        if text[at].eq_ignore_ascii_case(first) && text[at..at + needle.len()].eq_ignore_ascii_case(needle) {
            found.push(at..at + needle.len());
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

/// The first line that tells of a failure: where a traceback begins, else what is called an error.
pub fn first_error(text: &LongText) -> Option<usize> {
    let is_about = |line: &[u8], words: &[&str]| {
        let line = ansi::plain(line);
        words.iter().any(|words| {
            !occurrences(&line, words).is_empty() && (words.contains(' ') || is_called(&line, words))
        })
    };
    let lines = || (0..text.line_count()).map(|index| (index, text.visible_line(index).0));
    let mut error = None;
    for (index, line) in lines() {
        if is_about(&line, &["Traceback (most recent call last)"]) {
            return Some(index);
        }
        if error.is_none() && is_about(&line, &["error", "fatal", "critical", "exception"]) {
            error = Some(index);
        }
    }
    error
}

/// Whether a word stands by itself or at the end of a name (`ValueError:`), and not in `error_rate` or `errors=0`.
fn is_called(line: &str, word: &str) -> bool {
    occurrences(line, word).into_iter().any(|found| {
        let behind = line.as_bytes().get(found.end);
        behind.is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'=' | b'-'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(words: &str, text: &str) -> Vec<(u32, u32)> {
        let text = LongText::of(text.as_bytes());
        let mut search = Search::of(words);
        while !search.is_done(&text) {
            search.advance(&text, 1);
        }
        search.matches().iter().map(|found| (found.line, found.from)).collect()
    }

    #[test]
    fn words_are_found_in_either_case_and_through_colours() {
        assert_eq!(all("loss", "Loss 1\nno\nlo\u{1b}[31mss 2, LOSS 3"), [(0, 0), (2, 0), (2, 8)]);
        assert_eq!(all("ü", "über\nÜ"), [(0, 0)]);
        assert_eq!(all("aa", "aaaaa"), [(0, 0), (0, 2)]);
        assert_eq!(all("", "text"), []);
        assert_eq!(all("longer than the line", "line"), []);
    }

    #[test]
    fn what_grows_is_looked_at_again_from_its_last_line() {
        let mut text = LongText::of(b"loss\nlo");
        let mut search = Search::of("loss");
        search.advance(&text, 10);
        assert_eq!(search.matches().len(), 1);
        text.append(b"ss\nloss\n");
        search.text_has_grown();
        search.advance(&text, 10);
        assert_eq!(search.matches().iter().map(|found| found.line).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(search.in_line(1).map(|(index, _)| index).collect::<Vec<_>>(), [1]);
        assert_eq!((search.first_from(2), search.first_from(9)), (Some(2), Some(0)));
    }

    #[test]
    fn a_traceback_is_the_first_error_and_else_what_is_called_one() {
        let first = |text: &str| first_error(&LongText::of(text.as_bytes()));
        assert_eq!(first("ERROR: disk\nTraceback (most recent call last):\n"), Some(1));
        assert_eq!(first("error_rate 3\nerrors=0\nValueError: no\n"), Some(2));
        assert_eq!(first("all is well\n"), None);
    }
}
