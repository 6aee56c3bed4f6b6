//! A long text in memory: its bytes as they came, and where its lines are.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Text that grows at both ends. It is kept in chunks, so that growing never copies all of it.
#[derive(Clone, Debug, Default)]
pub struct LongText {
    chunks: VecDeque<Chunk>,
    /// By how many the numbers of its lines rose, because others were put before them.
    risen: usize,
}

#[derive(Clone, Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    /// Where in it lines end.
    ends: Vec<u32>,
}

/// A chunk takes no more once it has this many bytes.
const FULL: usize = 1 << 20;

impl Chunk {
    fn take(&mut self, bytes: &[u8]) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        self.ends.extend(ends.map(|(index, _)| (before + index) as u32));
    }

    fn of(bytes: &[u8]) -> Self {
        let mut chunk = Self { bytes: Vec::with_capacity(bytes.len()), ends: Vec::new() };
        chunk.take(bytes);
        chunk.ends.shrink_to_fit();
        chunk
    }
}

impl LongText {
    /// A text that is there at once.
    pub fn of(bytes: &[u8]) -> Self {
        let mut text = Self::default();
        text.append(bytes);
        text
    }

    /// Adds what follows.
    pub fn append(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if let Some(last) = self.chunks.back_mut().filter(|last| last.bytes.len() < FULL) {
            let (first, after) = rest.split_at(rest.len().min(FULL - last.bytes.len()));
            last.take(first);
            rest = after;
        }
        self.chunks.extend(rest.chunks(FULL).map(Chunk::of));
    }

    /// Adds what is before.
    pub fn prepend(&mut self, bytes: &[u8]) {
        for chunk in bytes.rchunks(FULL).map(Chunk::of) {
            self.risen += chunk.ends.len();
            self.chunks.push_front(chunk);
        }
    }

    /// By how many the numbers of its lines rose so far.
    pub fn risen(&self) -> usize {
        self.risen
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes.len()).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.bytes.is_empty())
    }

    /// How many lines there are. What is behind the last end of a line is one too, unless it is empty.
    pub fn line_count(&self) -> usize {
        let ends: usize = self.chunks.iter().map(|chunk| chunk.ends.len()).sum();
        let is_open =
            self.chunks.iter().rev().find_map(|chunk| chunk.bytes.last()).is_some_and(|last| *last != b'\n');
        ends + usize::from(is_open)
    }

    /// A line without its end; empty behind the last one.
    pub fn line(&self, index: usize) -> Cow<'_, [u8]> {
        let begin = match index.checked_sub(1) {
            None => Some((0, 0)),
            Some(before) => self.end_of(before).map(|(chunk, offset)| (chunk, offset + 1)),
        };
        let Some((first, from)) = begin else { return Cow::default() };
        let end = self.end_of(index);
        let (last, to) = end.unwrap_or_else(|| {
            let last = self.chunks.len().saturating_sub(1);
            (last, self.chunks.back().map_or(0, |chunk| chunk.bytes.len()))
        });
        if first == last {
            return Cow::Borrowed(self.chunks.get(first).map_or(&[][..], |chunk| &chunk.bytes[from..to]));
        }
        let mut line = Vec::new();
        for index in first..=last {
            let bytes = &self.chunks[index].bytes;
            let from = if index == first { from } else { 0 };
            let to = if index == last { to } else { bytes.len() };
            line.extend_from_slice(&bytes[from..to]);
        }
        Cow::Owned(line)
    }

    /// What is seen of a line: of a long one its beginning; of one that was written over again and again, its end.
    /// And how many bytes were left out.
    pub fn visible_line(&self, index: usize) -> (Cow<'_, [u8]>, usize) {
        let line = self.line(index);
        // A character that has not arrived wholly at the end of a text that grows is left out until it has.
        let is_last = index + 1 == self.line_count();
        let line = if is_last { without_begun_character(line) } else { line };
        if line.len() <= LONGEST_LINE {
            return (line, 0);
        }
        let end = line.strip_suffix(b"\r").unwrap_or(&line);
        let tail = &end[end.len() - LONGEST_LINE.min(end.len())..];
        if let Some(over) = tail.iter().position(|byte| *byte == b'\r') {
            return (Cow::Owned(tail[over + 1..].to_vec()), 0);
        }
        let mut kept = LONGEST_LINE;
        while kept > LONGEST_LINE - 4 && line[kept] & 0xc0 == 0x80 {
            kept -= 1;
        }
        let left_out = line.len() - kept;
        (Cow::Owned(line[..kept].to_vec()), left_out)
    }

    /// The chunk and the place in it where a line ends.
    fn end_of(&self, line: usize) -> Option<(usize, usize)> {
        let mut before = 0;
        for (index, chunk) in self.chunks.iter().enumerate() {
            if let Some(end) = chunk.ends.get(line - before) {
                return Some((index, *end as usize));
            }
            before += chunk.ends.len();
        }
        None
    }
}

/// More of a line is not shown.
const LONGEST_LINE: usize = 20_000;

fn without_begun_character(line: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    let kept = match std::str::from_utf8(&line) {
        // No length: the text ends in the middle of a character.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        _ => return line,
    };
    match line {
        Cow::Borrowed(line) => Cow::Borrowed(&line[..kept]),
        Cow::Owned(mut line) => {
            line.truncate(kept);
            Cow::Owned(line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &LongText) -> Vec<String> {
        (0..text.line_count()).map(|index| String::from_utf8_lossy(&text.line(index)).into_owned()).collect()
    }

    #[test]
    fn lines_are_found_wherever_the_text_was_cut() {
        let whole = "one\ntwo ü\n\nfour\nfive";
        for cut in 0..=whole.len() {
            let (first, second) = whole.as_bytes().split_at(cut);
            let mut grown = LongText::of(first);
            grown.append(second);
            let mut prepended = LongText::of(second);
            prepended.prepend(first);
            for text in [grown, prepended] {
                assert_eq!(lines(&text), ["one", "two ü", "", "four", "five"], "{cut}");
                assert_eq!(text.len(), whole.len());
            }
        }
    }

    #[test]
    fn what_is_put_before_a_line_raises_its_number() {
        let mut text = LongText::of(b"ree\nfour\n");
        text.prepend(b"one\ntwo\nth");
        assert_eq!((text.risen(), text.line(2 + 1).as_ref()), (2, b"four".as_slice()));
    }

    #[test]
    fn a_last_end_of_line_begins_no_line() {
        assert_eq!(lines(&LongText::of(b"")), [""; 0]);
        assert_eq!(lines(&LongText::of(b"a\n")), ["a"]);
        assert_eq!(lines(&LongText::of(b"\n")), [""]);
        assert_eq!(LongText::of(b"a\n").line(7).len(), 0);
    }

    #[test]
    fn chunks_make_no_difference() {
        let line = format!("{}\n", "x".repeat(99));
        let text = LongText::of(line.repeat(3 * FULL / 100).as_bytes());
        assert!(text.chunks.len() > 2);
        assert_eq!(text.line_count(), 3 * FULL / 100);
        let across = FULL / 100;
        assert_eq!(text.line(across).len(), 99);
        assert!(matches!(text.line(across), Cow::Owned(_)));
        assert!((0..text.line_count()).all(|index| text.line(index).len() == 99));
    }

    #[test]
    fn a_character_that_is_not_whole_yet_waits() {
        let mut text = LongText::of(b"a\n\xc3");
        assert_eq!(text.visible_line(1).0.as_ref(), b"");
        text.append(b"\xbc\nb\xff");
        assert_eq!(text.visible_line(1).0.as_ref(), "ü".as_bytes());
        assert_eq!(text.visible_line(2).0.as_ref(), b"b\xff");
    }

    #[test]
    fn of_a_very_long_line_the_beginning_is_seen_and_of_progress_the_end() {
        let long = "ü".repeat(15_000);
        let (line, left_out) = LongText::of(long.as_bytes()).visible_line(0).clone_out();
        assert_eq!(line.len() + left_out, 30_000);
        assert!(std::str::from_utf8(&line).is_ok());
        let progress: String = (0..10_000).map(|step| format!("\rstep {step}")).collect();
        let (line, left_out) = LongText::of(progress.as_bytes()).visible_line(0).clone_out();
        assert!(line.ends_with(b"\rstep 9999") && line.len() <= LONGEST_LINE && left_out == 0);
    }

    trait CloneOut {
        fn clone_out(self) -> (Vec<u8>, usize);
    }

    impl CloneOut for (Cow<'_, [u8]>, usize) {
        fn clone_out(self) -> (Vec<u8>, usize) {
            (self.0.into_owned(), self.1)
        }
    }
}
