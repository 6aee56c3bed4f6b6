//! The patterns of `.gitignore` and `.amlignore`: which files a project leaves out.
//!
//! As in Microsoft's SDK, one file at the root of the project counts: `.amlignore`, and where there is none `.gitignore`.

/// The patterns of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// Its parts between slashes; `**` stands for any number of folders.
    parts: Vec<String>,
    /// Whether it takes back what an earlier one left out.
    is_kept: bool,
    /// Whether it is of folders alone.
    is_folder: bool,
}

impl Ignore {
    /// Reads a file of patterns, one in each line.
    pub fn parse(text: &str) -> Self {
        Self { patterns: text.lines().filter_map(Pattern::parse).collect() }
    }

    /// Whether a file is left out: itself, or a folder that it is in.
    pub fn leaves_out(&self, path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').collect();
        // What is in a folder that is left out cannot be taken back.
        (1..=parts.len()).any(|length| self.is_ignored(&parts[..length], length < parts.len()))
    }

    fn is_ignored(&self, parts: &[&str], is_folder: bool) -> bool {
        let last = self.patterns.iter().rev().find(|pattern| {
            let parts_of_pattern: Vec<&str> = pattern.parts.iter().map(String::as_str).collect();
            (is_folder || !pattern.is_folder) && fits_path(&parts_of_pattern, parts)
        });
        last.is_some_and(|pattern| !pattern.is_kept)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = without_blanks(line.trim_start_matches('\u{feff}'));
        if line.starts_with('#') {
            return None;
        }
        let (is_kept, line) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let (is_folder, line) = match line.strip_suffix('/') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        if line.is_empty() {
            return None;
        }
        let mut parts: Vec<String> = line.trim_start_matches('/').split('/').map(str::to_owned).collect();
        // Without a slash it may be anywhere.
        if !line.contains('/') {
            parts.insert(0, "**".to_owned());
        }
        Some(Self { parts, is_kept, is_folder })
    }
}

/// A line without blanks at its end, unless a backslash keeps them.
fn without_blanks(line: &str) -> &str {
    let trimmed = line.trim_end();
    if trimmed.ends_with('\\') && trimmed.len() < line.len() { &line[..=trimmed.len()] } else { trimmed }
}

fn fits_path(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern, path) {
        ([], []) => true,
        // At the end it stands for what is inside, and so for something.
        (["**"], rest) => !rest.is_empty(),
        (["**", rest @ ..], path) => (0..=path.len()).any(|skipped| fits_path(rest, &path[skipped..])),
        ([part, rest @ ..], [name, others @ ..]) => {
            let (part, name): (Vec<char>, Vec<char>) = (part.chars().collect(), name.chars().collect());
            fits(&part, &name) && fits_path(rest, others)
        }
        _ => false,
    }
}

/// Whether a name fits a pattern without slashes.
fn fits(pattern: &[char], name: &[char]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        (['*', rest @ ..], name) => (0..=name.len()).any(|skipped| fits(rest, &name[skipped..])),
        (['?', rest @ ..], [_, others @ ..]) => fits(rest, others),
        (['\\', letter, rest @ ..], [first, others @ ..]) => letter == first && fits(rest, others),
        (['[', rest @ ..], [first, others @ ..]) => match class(rest, *first) {
            Some((is_in, rest)) => is_in && fits(rest, others),
            None => *first == '[' && fits(rest, others),
        },
        ([letter, rest @ ..], [first, others @ ..]) => letter == first && fits(rest, others),
        _ => false,
    }
}

/// Whether a letter is one of those between brackets, and what follows them; none where they do not close.
fn class(pattern: &[char], letter: char) -> Option<(bool, &[char])> {
    let (is_negated, letters) = match pattern {
        ['!' | '^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    // A bracket that comes first is a letter.
    let end = 1 + letters.iter().skip(1).position(|letter| *letter == ']')?;
    let mut is_in = false;
    let mut place = 0;
    while place < end {
        if place + 2 < end && letters[place + 1] == '-' {
            is_in |= (letters[place]..=letters[place + 2]).contains(&letter);
            place += 3;
        } else {
            is_in |= letters[place] == letter;
            place += 1;
        }
    }
    Some((is_in != is_negated, &letters[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left_out<'a>(patterns: &str, paths: &[&'a str]) -> Vec<&'a str> {
        let ignore = Ignore::parse(patterns);
        paths.iter().copied().filter(|path| ignore.leaves_out(path)).collect()
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        for (patterns, paths, expected) in [
            ("*.csv", &["a.csv", "data/b.csv", "a.csv.py"][..], &["a.csv", "data/b.csv"][..]),
            ("data/", &["data/a", "src/data/b", "data"], &["data/a", "src/data/b"]),
            ("/data", &["data/a", "src/data/b", "data"], &["data/a", "data"]),
            ("src/data", &["src/data/a", "x/src/data/a"], &["src/data/a"]),
            (
                "**/logs/*.txt",
                &["logs/a.txt", "x/y/logs/a.txt", "logs/b/a.txt"],
                &["logs/a.txt", "x/y/logs/a.txt"],
            ),
            ("docs/**", &["docs/a", "docs/b/c", "docs"], &["docs/a", "docs/b/c"]),
            ("a/**/b", &["a/b", "a/x/b", "a/x/y/b", "ab"], &["a/b", "a/x/b", "a/x/y/b"]),
            ("# a\n\n\\#b\nc \nd\\ ", &["# a", "#b", "c", "d ", "d"], &["#b", "c", "d "]),
            ("run?.[ch]\n[!a-c]1\n[]x", &["run1.c", "run.c", "d1", "b1", "[]x"], &["run1.c", "d1", "[]x"]),
            ("\u{feff}*.log\r\n!keep.log\r\n", &["a.log", "keep.log", "x/keep.log"], &["a.log"]),
            ("logs/\n!logs/keep.log", &["logs/keep.log"], &["logs/keep.log"]),
            ("*\n!*.py\n!*/", &["a.py", "src/b.py", "src/c.csv"], &["src/c.csv"]),
            ("é*", &["été", "ete"], &["été"]),
        ] {
            assert_eq!(left_out(patterns, paths), expected, "{patterns:?}");
        }
    }
}
