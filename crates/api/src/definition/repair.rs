//! Repairs of texts that are nearly a run definition: what other languages write differently, what editors turn
//! round, what is given without what belongs around it. Values stay what they are.

use std::iter;

use crate::definition::{DefinitionError, RunDefinition};

/// A repaired text, and what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionRepair {
    /// The text, which is a definition.
    pub text: String,
    /// What is different, each in a few words.
    pub changes: Vec<&'static str>,
}

impl DefinitionRepair {
    /// How a text that is no definition becomes one; none where that cannot be told from the text alone.
    pub fn of(text: &str) -> Option<Self> {
        let mut repair = match RunDefinition::parse(text) {
            Ok(_) => return None,
            Err(DefinitionError::NoConfiguration) => Self { text: text.to_owned(), changes: Vec::new() },
            Err(DefinitionError::NotJson { .. }) => Mender::new(text).mend()?,
        };
        if RunDefinition::parse(&repair.text) == Err(DefinitionError::NoConfiguration) {
            repair.text = put_inside(&repair.text)?;
            repair.changes.push("everything put inside “Configuration”");
        }
        RunDefinition::parse(&repair.text).is_ok().then_some(repair)
    }
}

/// What stands alone is put inside the object it belongs into, if it is what belongs there.
fn put_inside(text: &str) -> Option<String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let first = document
        .as_object()?
        .keys()
        .find(|key| ["script", "target"].iter().any(|name| key.eq_ignore_ascii_case(name)))?;
    let is_upper = first.starts_with(char::is_uppercase);
    // A string of JSON has no line breaks, so none is indented from within.
    let inner = text.lines().collect::<Vec<_>>().join("\n  ");
    Some(format!("{{\n  \"{}\": {inner}\n}}\n", if is_upper { "Configuration" } else { "configuration" }))
}

const COMMENTS: &str = "comments taken away";
const COMMAS: &str = "commas before a closing bracket taken away";
const QUOTES: &str = "curly and single quotes made straight double ones";
const WORDS: &str = "True, False and None written as true, false and null";
const NUMBERS: &str = "NaN and Infinity, which JSON does not have, written as null";
const NAMES: &str = "names put in quotes";
const SPACES: &str = "spaces of other kinds made plain";

const CURLY: [char; 5] = ['“', '”', '„', '‟', '″'];
const CURLY_SINGLE: [char; 4] = ['‘', '’', '‚', '‛'];

/// Reads a text from its beginning to its end, and writes it as JSON.
struct Mender<'a> {
    rest: &'a str,
    text: String,
    changes: Vec<&'static str>,
}

impl<'a> Mender<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text, text: String::with_capacity(text.len()), changes: Vec::new() }
    }

    /// None where something is found that cannot be told.
    fn mend(mut self) -> Option<DefinitionRepair> {
        while let Some(character) = self.rest.chars().next() {
            match character {
                '"' => self.take_string()?,
                '/' | '#' => self.drop_comment()?,
                ',' => self.take_comma()?,
                '\'' => self.take_quoted(&['\''])?,
                _ if CURLY.contains(&character) => self.take_quoted(&CURLY)?,
                _ if CURLY_SINGLE.contains(&character) => self.take_quoted(&CURLY_SINGLE)?,
                '_' | '$' => self.take_word(),
                _ if character.is_ascii_alphabetic() => self.take_word(),
                // These have no width.
                '\u{feff}' | '\u{200b}' => self.replace(character, "", SPACES),
                _ if character.is_whitespace() && !character.is_ascii() => {
                    self.replace(character, " ", SPACES);
                }
                _ => self.take(character.len_utf8()),
            }
        }
        Some(DefinitionRepair { text: self.text, changes: self.changes })
    }

    fn note(&mut self, change: &'static str) {
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    fn take(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.text.push_str(taken);
        self.rest = rest;
    }

    fn replace(&mut self, character: char, with: &str, change: &'static str) {
        self.rest = &self.rest[character.len_utf8()..];
        self.text.push_str(with);
        self.note(change);
    }

    /// A string of JSON, as it is.
    fn take_string(&mut self) -> Option<()> {
        let mut is_escaped = false;
        let inner = &self.rest[1..];
        let end = inner.char_indices().find(|(_, character)| {
            let ends = *character == '"' && !is_escaped;
            is_escaped = *character == '\\' && !is_escaped;
            ends
        });
        let (end, _) = end?;
        self.take(end + 2);
        Some(())
    }

    /// A string in other quotes, with what it holds.
    fn take_quoted(&mut self, ends: &[char]) -> Option<()> {
        let mut characters = self.rest.char_indices().skip(1);
        let mut content = String::from("\"");
        loop {
            match characters.next()? {
                (place, character) if ends.contains(&character) => {
                    self.rest = &self.rest[place + character.len_utf8()..];
                    break;
                }
                // Where kinds of quotes are mixed, which one ends the string cannot be told.
                (_, '"') if ends != ['\''] => return None,
                (_, '"') => content.push_str("\\\""),
                (_, '\\') => match characters.next()?.1 {
                    '\'' => content.push('\''),
                    escaped if "\"\\/bfnrtu".contains(escaped) => content.extend(['\\', escaped]),
                    _ => return None,
                },
                (_, character) => content.push(character),
            }
        }
        self.text.push_str(&content);
        self.text.push('"');
        self.note(QUOTES);
        Some(())
    }

    fn drop_comment(&mut self) -> Option<()> {
        let rest = after_comment(self.rest)?;
        let is_block = self.rest.starts_with("/*");
        let line = self.text.trim_end_matches([' ', '\t']);
        let has_line_alone = line.is_empty() || line.ends_with('\n');
        let blank = rest.trim_start_matches([' ', '\t']);
        let after_line = blank.strip_prefix("\r\n").or_else(|| blank.strip_prefix('\n'));
        match after_line {
            Some(next) if has_line_alone => {
                self.text.truncate(line.len());
                self.rest = next;
            }
            _ if is_block && after_line.is_none() => {
                // What it stood between must not grow together.
                self.text.push(' ');
                self.rest = rest;
            }
            _ => {
                self.text.truncate(line.len());
                self.rest = rest;
            }
        }
        self.note(COMMENTS);
        Some(())
    }

    fn take_comma(&mut self) -> Option<()> {
        let mut next = self.rest[1..].trim_start();
        while next.starts_with(['/', '#']) {
            next = after_comment(next)?.trim_start();
        }
        if next.starts_with(['}', ']']) {
            self.replace(',', "", COMMAS);
        } else {
            self.take(1);
        }
        Some(())
    }

    fn take_word(&mut self) {
        let is_of_word = |character: char| character.is_ascii_alphanumeric() || "_$".contains(character);
        let length = self.rest.find(|character| !is_of_word(character)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(length);
        let is_name = rest.trim_start().starts_with(':');
        let (written, change) = match word {
            _ if is_name => ("", NAMES),
            "True" => ("true", WORDS),
            "False" => ("false", WORDS),
            "None" => ("null", WORDS),
            "NaN" | "Infinity" => ("null", NUMBERS),
            _ => return self.take(length),
        };
        self.rest = rest;
        self.note(change);
        if is_name {
            self.text.extend(iter::once("\"").chain([word, "\""]));
        } else {
            if word == "Infinity" && self.text.ends_with('-') {
                self.text.pop();
            }
            self.text.push_str(written);
        }
    }
}

/// What follows the comment that a text begins with; none where it does not, or where the comment has no end.
fn after_comment(text: &str) -> Option<&str> {
    if let Some(block) = text.strip_prefix("/*") {
        return block.split_once("*/").map(|(_, rest)| rest);
    }
    if text.starts_with("//") || text.starts_with('#') {
        let end = text.find(['\r', '\n']).unwrap_or(text.len());
        return Some(&text[end..]);
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn repaired(text: &str) -> DefinitionRepair {
        DefinitionRepair::of(text).unwrap_or_else(|| panic!("this can be repaired: {text}"))
    }

    /// The configuration of a repaired text, and what was done.
    fn configuration(text: &str) -> (Value, Vec<&'static str>) {
        let repair = repaired(text);
        let mut document: Value = serde_json::from_str(&repair.text).unwrap();
        (document["Configuration"].take(), repair.changes)
    }

    #[test]
    fn what_is_in_order_is_left_alone() {
        assert_eq!(DefinitionRepair::of(r#"{"Configuration":{"Script":"a.py"}}"#), None);
    }

    #[test]
    fn each_slip_is_repaired_and_named() {
        let cases = [
            ("{\"Configuration\": {\"Script\": \"a.py\", // the script\n \"Target\": \"c\"}}", COMMENTS),
            (
                "/* ours */ {\"Configuration\": {\"Script\": \"a.py\", /* where */ \"Target\": \"c\"}}",
                COMMENTS,
            ),
            ("# ours\n{\"Configuration\": {\"Script\": \"a.py\", \"Target\": \"c\"} # end\n}", COMMENTS),
            ("{\"Configuration\": {\"Script\": \"a.py\", \"Target\": \"c\",},}", COMMAS),
            ("{“Configuration”: {“Script”: “a.py”, „Target”: “c”}}", QUOTES),
            ("{'Configuration': {'Script': 'a.py', 'Target': 'c'}}", QUOTES),
            ("{‘Configuration’: {‘Script’: ‘a.py’, ‘Target’: ‘c’}}", QUOTES),
            ("{Configuration: {Script: \"a.py\", Target : \"c\"}}", NAMES),
            ("{\"Configuration\":\u{a0}{\"Script\": \"a.py\",\u{200b} \"Target\": \"c\"}}", SPACES),
        ];
        for (text, change) in cases {
            assert_eq!(
                configuration(text),
                (json!({ "Script": "a.py", "Target": "c" }), vec![change]),
                "{text}"
            );
        }
    }

    #[test]
    fn words_of_python_are_written_as_json_does() {
        let text = "{\"Configuration\": {\"a\": True, \"b\": False, \"c\": None, \"d\": [NaN, -Infinity, Infinity, -1]}}";
        let expected = json!({ "a": true, "b": false, "c": null, "d": [null, null, null, -1] });
        assert_eq!(configuration(text), (expected, vec![WORDS, NUMBERS]));
    }

    #[test]
    fn what_is_in_strings_stays() {
        let strings = [
            "https://example.org/a // b",
            "/* no comment */",
            "# no comment",
            "a, ]",
            ",}",
            "“curly” and 'single' and \\\"straight\\\"",
            "True None NaN",
            "a back slash at the end \\\\",
            "a quote \\\" // and more, ]",
            "\\u00e9 é \u{a0}",
        ];
        for string in strings {
            let text =
                format!("{{\"Configuration\": {{\"Arguments\": [\"{string}\", \"{string}\",],}},}} // end");
            let expected: Value = serde_json::from_str(&format!("[\"{string}\", \"{string}\"]")).unwrap();
            let (configuration, changes) = configuration(&text);
            assert_eq!(configuration["Arguments"], expected);
            assert_eq!(changes, [COMMAS, COMMENTS]);
        }
    }

    #[test]
    fn what_other_quotes_hold_stays() {
        let (found, _) = configuration(
            r#"{'Configuration': {'a': 'say "hi"', 'b': 'it\'s', 'c': 'C:\\data\n', 'd': '// “x”'}}"#,
        );
        let expected = json!({ "a": "say \"hi\"", "b": "it's", "c": "C:\\data\n", "d": "// “x”" });
        assert_eq!(found, expected);
        let (found, _) = configuration("{“Configuration”: {“a”: “it’s 'fine' // here”}}");
        assert_eq!(found, json!({ "a": "it’s 'fine' // here" }));
    }

    #[test]
    fn what_cannot_be_told_is_not_repaired() {
        let cases = [
            "",
            "[]",
            "{\"Configuration\": {",
            "{\"Configuration\": {\"Script\": \"a.py\"} /* no end",
            "{\"Configuration\": {\"Script\" \"a.py\"}}",
            "{\"Configuration\": {\"Script\": \"a.py\" \"Target\": \"c\"}}",
            "{“Configuration\": {“Script”: “a.py”}}",
            "{“Configuration”: {“Arguments”: [“a\", \"b”]}}",
            "{\"Configuration\": {\"Nodes\": 1/* or */2}}",
            "{\"Configuration\": {\"Script\": 'it's'}}",
            "{'Configuration': {'Script': 'a\\x41'}}",
            "{\"Configuration\": {\"Script\": \"a.py\"}} and more",
            "{\"Configuration\": {\"Nodes\": 0x10}}",
            "{\"Configuration\": {\"Script\": a.py}}",
            "{\"Settings\": {\"Colour\": \"blue\",}}",
            "{\"Configuration\": [1, 2,]}",
        ];
        for text in cases {
            assert_eq!(DefinitionRepair::of(text), None, "{text}");
        }
    }

    #[test]
    fn a_configuration_alone_is_put_where_it_belongs() {
        let repair = repaired("\u{feff}{\n  \"script\": \"a.py\",\n  \"target\": \"c\"\n}\n");
        assert_eq!(
            repair.text,
            "{\n  \"configuration\": {\n    \"script\": \"a.py\",\n    \"target\": \"c\"\n  }\n}\n"
        );
        let (found, changes) = configuration("{'Script': 'a.py',}");
        assert_eq!(found, json!({ "Script": "a.py" }));
        assert_eq!(changes.len(), 3, "{changes:?}");
    }

    #[test]
    fn lines_stay_as_they_were_laid_out() {
        let text = "{\n  // ours\n  \"Configuration\": {\n    \"Script\": \"a.py\", // the script\n\n    /* where */\n    \"Target\": \"c\",\n  },\n}\n";
        let expected =
            "{\n  \"Configuration\": {\n    \"Script\": \"a.py\",\n\n    \"Target\": \"c\"\n  }\n}\n";
        assert_eq!(repaired(text).text, expected);
        let windows = text.replace('\n', "\r\n");
        assert_eq!(repaired(&windows).text, expected.replace('\n', "\r\n"));
    }
}
