//! A line as a terminal shows it: colours, progress that is written over itself, and nothing else that moves.
//!
//! Only SGR (`ESC [ … m`) and what stays on the line is understood; every other sequence is dropped. Colours become the
//! eight that this page has in both themes, because any colour that a program names may be unreadable on one of them.

use std::borrow::Cow;

/// How some text of a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextStyle {
    pub colour: Option<Colour>,
    /// Behind the text; the text has then the colour of the page.
    pub background: Option<Colour>,
    pub is_bold: bool,
    pub is_faint: bool,
    pub is_italic: bool,
    pub is_underlined: bool,
    pub is_struck: bool,
    pub is_inverse: bool,
}

/// The colours of a terminal; the bright ones are the same here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Black,
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
    White,
}

impl Colour {
    const ALL: [Self; 8] = [
        Self::Black,
        Self::Red,
        Self::Green,
        Self::Yellow,
        Self::Blue,
        Self::Magenta,
        Self::Cyan,
        Self::White,
    ];

    /// The name of its class.
    pub fn word(self) -> &'static str {
        match self {
            Self::Black => "black",
            Self::Red => "red",
            Self::Green => "green",
            Self::Yellow => "yellow",
            Self::Blue => "blue",
            Self::Magenta => "magenta",
            Self::Cyan => "cyan",
            Self::White => "white",
        }
    }

    /// One of 256: the sixteen of a terminal, a cube of six by six by six, and greys.
    fn indexed(index: u32) -> Self {
        match index {
            0..16 => Self::ALL[index as usize % 8],
            16..232 => {
                let step = |divisor| (index - 16) / divisor % 6 * 51;
                Self::nearest([step(36), step(6), step(1)])
            }
            _ => {
                let grey = 8 + index.saturating_sub(232) * 10;
                Self::nearest([grey; 3])
            }
        }
    }

    /// The hue decides, and without one the brightness.
    fn nearest(parts: [u32; 3]) -> Self {
        let most = parts.into_iter().max().unwrap_or_default();
        let least = parts.into_iter().min().unwrap_or_default();
        if most - least.min(most) < 48 {
            return if most > 127 { Self::White } else { Self::Black };
        }
        let middle = (most + least) / 2;
        let bits = parts.into_iter().enumerate().filter(|(_, part)| *part > middle);
        Self::ALL[bits.map(|(index, _)| 1 << index).sum::<usize>() % 8]
    }
}

/// Text that looks the same throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub text: String,
    pub style: TextStyle,
}

/// Whether a line is anything but its own text.
fn has_controls(line: &[u8]) -> bool {
    line.iter().any(|byte| *byte < 0x20 || *byte == 0x7f)
}

/// A line as it is shown, and the style that goes on behind it.
pub fn shown(line: &[u8], style: TextStyle) -> (Vec<Span>, TextStyle) {
    let text = String::from_utf8_lossy(line);
    if !has_controls(line) {
        let span = (!text.is_empty()).then(|| Span { text: text.into_owned(), style });
        return (span.into_iter().collect(), style);
    }
    let mut terminal = Terminal { cells: Vec::new(), cursor: 0, style };
    terminal.write(&text);
    let mut spans: Vec<Span> = Vec::new();
    for (character, style) in terminal.cells {
        match spans.last_mut() {
            Some(last) if last.style == style => last.text.push(character),
            _ => spans.push(Span { text: character.to_string(), style }),
        }
    }
    (spans, terminal.style)
}

/// A line's text as it is shown.
pub fn plain(line: &[u8]) -> Cow<'_, str> {
    if !has_controls(line) {
        return String::from_utf8_lossy(line);
    }
    shown(line, TextStyle::default()).0.into_iter().map(|span| span.text).collect::<String>().into()
}

/// How many columns a line takes.
pub fn width(line: &[u8]) -> usize {
    if line.iter().all(|byte| (0x20..0x7f).contains(byte)) {
        return line.len();
    }
    plain(line).chars().map(columns).sum()
}

/// How many columns a character takes in a monospaced font.
pub fn columns(character: char) -> usize {
    match u32::from(character) {
        0x300..0x370 | 0x200b..0x2010 | 0xfe00..0xfe10 => 0,
        0x1100..0x1160
        | 0x2e80..0xa4d0
        | 0xac00..0xd7a4
        | 0xf900..0xfb00
        | 0xfe30..0xfe70
        | 0xff00..0xff61 => 2,
        0x1f300..0x1f650 | 0x1f900..0x1fa00 | 0x20000..0x30000 => 2,
        _ => 1,
    }
}

struct Terminal {
    cells: Vec<(char, TextStyle)>,
    cursor: usize,
    style: TextStyle,
}

/// No line goes beyond, whatever a sequence says.
const LAST_COLUMN: usize = 100_000;

impl Terminal {
    fn write(&mut self, text: &str) {
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            match character {
                '\r' => self.cursor = 0,
                '\u{8}' => self.cursor = self.cursor.saturating_sub(1),
                '\t' => (0..8 - self.cursor % 8).for_each(|_| self.put(' ')),
                '\u{1b}' => self.escape(&mut rest),
                character if character.is_control() => {}
                character => self.put(character),
            }
        }
    }

    fn put(&mut self, character: char) {
        if self.cursor >= LAST_COLUMN {
            return;
        }
        while self.cells.len() < self.cursor {
            self.cells.push((' ', TextStyle::default()));
        }
        let cell = (character, self.style);
        match self.cells.get_mut(self.cursor) {
            Some(old) => *old = cell,
            None => self.cells.push(cell),
        }
        self.cursor += 1;
    }

    fn escape(&mut self, rest: &mut std::str::Chars<'_>) {
        match rest.next() {
            Some('[') => self.control_sequence(rest),
            // A title or a link: to the bell, or to `ESC \`.
            Some(']' | 'P' | '_' | '^' | 'X') => {
                while let Some(character) = rest.next() {
                    if character == '\u{7}' || (character == '\u{1b}' && rest.next() == Some('\\')) {
                        return;
                    }
                }
            }
            // Two characters follow where the first of them is between blank and slash.
            Some(' '..='/') => drop(rest.next()),
            _ => {}
        }
    }

    fn control_sequence(&mut self, rest: &mut std::str::Chars<'_>) {
        let mut parameters = String::new();
        let end = loop {
            match rest.next() {
                Some(character @ '\u{40}'..='\u{7e}') => break character,
                Some(character) => parameters.push(character),
                None => return,
            }
        };
        let first = parameters.split([';', ':']).next().and_then(|number| number.parse::<usize>().ok());
        match end {
            'm' => self.select(&parameters),
            'K' => match first.unwrap_or(0) {
                0 => self.cells.truncate(self.cursor),
                1 => {
                    let end = self.cursor.min(self.cells.len());
                    self.cells[..end].fill((' ', TextStyle::default()));
                }
                _ => self.cells.clear(),
            },
            'C' => self.cursor = self.cursor.saturating_add(first.unwrap_or(1).max(1)).min(LAST_COLUMN),
            'D' => self.cursor = self.cursor.saturating_sub(first.unwrap_or(1).max(1)),
            'G' => self.cursor = first.unwrap_or(1).saturating_sub(1).min(LAST_COLUMN),
            _ => {}
        }
    }

    fn select(&mut self, parameters: &str) {
        let mut numbers =
            parameters.split([';', ':']).map(|number| if number.is_empty() { Ok(0) } else { number.parse() });
        let style = &mut self.style;
        while let Some(Ok(number)) = numbers.next() {
            let number: u32 = number;
            match number {
                0 => *style = TextStyle::default(),
                1 => style.is_bold = true,
                2 => style.is_faint = true,
                3 => style.is_italic = true,
                4 => style.is_underlined = true,
                7 => style.is_inverse = true,
                9 => style.is_struck = true,
                22 => (style.is_bold, style.is_faint) = (false, false),
                23 => style.is_italic = false,
                24 => style.is_underlined = false,
                27 => style.is_inverse = false,
                29 => style.is_struck = false,
                30..38 | 90..98 => style.colour = Some(Colour::ALL[number as usize % 10]),
                39 => style.colour = None,
                40..48 | 100..108 => style.background = Some(Colour::ALL[number as usize % 10]),
                49 => style.background = None,
                38 | 48 => {
                    let mut next = || numbers.next().and_then(Result::ok);
                    let colour = match next() {
                        Some(5) => next().map(Colour::indexed),
                        Some(2) => {
                            let parts = [next(), next(), next()].map(Option::unwrap_or_default);
                            Some(Colour::nearest(parts))
                        }
                        _ => None,
                    };
                    if number == 38 {
                        style.colour = colour;
                    } else {
                        style.background = colour;
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<(String, TextStyle)> {
        shown(line.as_bytes(), TextStyle::default())
            .0
            .into_iter()
            .map(|span| (span.text, span.style))
            .collect()
    }

    fn coloured(colour: Colour) -> TextStyle {
        TextStyle { colour: Some(colour), ..TextStyle::default() }
    }

    #[test]
    fn colours_go_on_until_they_are_taken_back() {
        assert_eq!(
            texts("a \u{1b}[31mred\u{1b}[1m bold\u{1b}[0m b"),
            [
                ("a ".to_owned(), TextStyle::default()),
                ("red".to_owned(), coloured(Colour::Red)),
                (" bold".to_owned(), TextStyle { is_bold: true, ..coloured(Colour::Red) }),
                (" b".to_owned(), TextStyle::default()),
            ]
        );
        let (_, after) = shown(b"\x1b[32mgreen", TextStyle::default());
        assert_eq!(shown(b"next", after).0[0].style, coloured(Colour::Green));
    }

    #[test]
    fn colours_of_any_kind_become_one_of_eight() {
        for (sequence, colour) in [
            ("91", Colour::Red),
            ("38;5;1", Colour::Red),
            ("38;5;196", Colour::Red),
            ("38;5;46", Colour::Green),
            ("38;5;21", Colour::Blue),
            ("38;5;250", Colour::White),
            ("38;5;236", Colour::Black),
            ("38;2;255;165;0", Colour::Yellow),
            ("38;2;0;200;200", Colour::Cyan),
            ("38:2:200:0:200", Colour::Magenta),
        ] {
            assert_eq!(texts(&format!("\u{1b}[{sequence}mx"))[0].1, coloured(colour), "{sequence}");
        }
    }

    #[test]
    fn progress_is_shown_as_it_was_last_written() {
        assert_eq!(plain(b"10%\r55%\r100% done"), "100% done");
        assert_eq!(plain(b"a long line\rshort"), "shortg line");
        assert_eq!(plain(b"a long line\r\x1b[Kshort"), "short");
        assert_eq!(plain(b"as it was\r"), "as it was");
        assert_eq!(plain(b"abc\x08X"), "abX");
    }

    #[test]
    fn what_would_move_or_ask_is_dropped() {
        assert_eq!(
            plain(b"\x1b[2J\x1b[1;1Ha\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\x1b(Bd\x07\x00"),
            "abcd"
        );
        assert_eq!(plain(b"cut off \x1b[3"), "cut off ");
        assert_eq!(plain(b"cut off \x1b"), "cut off ");
    }

    #[test]
    fn tabs_go_to_the_next_eighth_column() {
        assert_eq!(plain(b"a\tb\t"), "a       b       ");
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(plain(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(width("ä\u{1b}[1mö日本".as_bytes()), 6);
    }

    #[test]
    fn a_column_far_away_takes_no_memory() {
        assert!(plain(b"\x1b[999999999Cx").len() <= LAST_COLUMN + 4);
    }
}
