//! What a file is, by its first bytes.

use std::str;

/// What a file is that was taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// An archive of another kind; its name.
    Archive(&'static str),
    /// Something else that is no text; its name with an article.
    Binary(&'static str),
    /// A zip, or what is made of one.
    Zip,
    /// A page of the web.
    WebPage,
    /// A notebook.
    Notebook,
    /// JSON, such as a run definition.
    Json,
    /// A script.
    Script,
    /// Any other text.
    Text,
    /// None of these.
    Unknown,
}

/// What files begin with. The longer beginnings come first where one begins with another.
const BEGINNINGS: [(&[u8], FileKind); 25] = [
    (b"PK\x03\x04", FileKind::Zip),
    (b"PK\x05\x06", FileKind::Zip),
    (b"PK\x07\x08", FileKind::Zip),
    (b"\x1f\x8b", FileKind::Archive("gzip (.tar.gz)")),
    (b"7z\xbc\xaf\x27\x1c", FileKind::Archive("7z")),
    (b"Rar!\x1a\x07", FileKind::Archive("RAR")),
    (b"\xfd7zXZ\0", FileKind::Archive("xz")),
    (b"BZh", FileKind::Archive("bzip2")),
    (b"\x28\xb5\x2f\xfd", FileKind::Archive("Zstandard")),
    (b"MSCF", FileKind::Archive("cabinet")),
    (b"%PDF-", FileKind::Binary("a PDF document")),
    (b"\x89PNG", FileKind::Binary("a picture (PNG)")),
    (b"\xff\xd8\xff", FileKind::Binary("a picture (JPEG)")),
    (b"GIF8", FileKind::Binary("a picture (GIF)")),
    (b"\xd0\xcf\x11\xe0", FileKind::Binary("a document of an older Office")),
    (b"SQLite format 3\0", FileKind::Binary("a database (SQLite)")),
    (b"PAR1", FileKind::Binary("a table of data (Parquet)")),
    (b"\x89HDF", FileKind::Binary("data or a model (HDF5)")),
    (b"\x93NUMPY", FileKind::Binary("an array (NumPy)")),
    (b"MZ", FileKind::Binary("a program for Windows")),
    (b"\x7fELF", FileKind::Binary("a program for Linux")),
    (b"\xcf\xfa\xed\xfe", FileKind::Binary("a program for macOS")),
    (b"bplist", FileKind::Binary("a file of macOS settings")),
    (b"\xff\xfe", FileKind::Text),
    (b"\xfe\xff", FileKind::Text),
];

impl FileKind {
    /// By the first bytes, about a thousand.
    pub fn of(head: &[u8]) -> Self {
        if head.get(257..262) == Some(b"ustar") {
            return Self::Archive("tar");
        }
        match BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning)) {
            Some((_, kind)) => *kind,
            None => text_of(head).map_or(Self::Unknown, kind_of_text),
        }
    }

    /// What it is and what to do, where a zip was wanted.
    pub fn instead_of_zip(self) -> String {
        let (what, advice) = match self {
            Self::Archive(kind) => {
                return format!(
                    "This is an archive of another kind, {kind}, not a zip. Unpack it, and zip the files."
                );
            }
            Self::Binary(what) => {
                return format!("This is {what}, not a zip. Choose the zip of your project.");
            }
            Self::WebPage => (
                "a web page",
                "Where a download needs a sign-in, its page may be saved instead: sign in and download again.",
            ),
            Self::Notebook => {
                ("a notebook", "Save it as a script (jupyter nbconvert --to script), and put that in a zip.")
            }
            Self::Json => ("JSON", "A run definition belongs under “Run definition”."),
            Self::Script => ("a script", "Put it in a zip, at its root."),
            Self::Text => ("a text file", "Choose the zip of your project."),
            Self::Zip | Self::Unknown => {
                return "This is not a zip file. Choose the zip of your project.".to_owned();
            }
        };
        format!("This is {what}, not a zip. {advice}")
    }

    /// What it is and what to do, where a run definition was wanted; none where it is a text that can be shown.
    pub fn instead_of_definition(self) -> Option<String> {
        let what = match self {
            Self::Json | Self::Text => return None,
            Self::Zip => {
                return Some("This is a zip. It belongs under “Project zip”.".to_owned());
            }
            Self::Archive(kind) => {
                return Some(format!("This is an archive ({kind}), not a run definition."));
            }
            Self::Binary(what) => what,
            Self::WebPage => "a web page",
            Self::Notebook => "a notebook",
            Self::Script => "a script",
            Self::Unknown => {
                return Some(
                    "This is no text in UTF-8. Save it as UTF-8, or choose another file.".to_owned(),
                );
            }
        };
        Some(format!("This is {what}, not a run definition. Choose a JSON file."))
    }
}

/// The beginning of a file as text, if it is one.
fn text_of(head: &[u8]) -> Option<&str> {
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(error) if error.error_len().is_none() => str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let is_binary = |character: char| character.is_control() && !character.is_ascii_whitespace();
    (!text.is_empty() && !text.contains(is_binary)).then_some(text)
}

fn kind_of_text(text: &str) -> FileKind {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let begins = |beginning: &str| {
        text.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    };
    if ["<!doctype html", "<html"].into_iter().any(begins) {
        FileKind::WebPage
    } else if begins("{") && (text.contains("\"nbformat") || text.contains("\"cells\"")) {
        FileKind::Notebook
    } else if begins("{") || begins("[") {
        FileKind::Json
    } else if begins("#!") || text.lines().any(is_line_of_script) {
        FileKind::Script
    } else {
        FileKind::Text
    }
}

fn is_line_of_script(line: &str) -> bool {
    let imports = line.starts_with("from ") && line.contains(" import ");
    // “import” alone begins sentences too, rarely with one word behind it.
    let name = line.strip_prefix("import ").map(|rest| rest.split(" as ").next().unwrap_or(rest).trim());
    let is_module = name.is_some_and(|name| !name.is_empty() && !name.contains(' '));
    let defines = (line.starts_with("def ") || line.starts_with("class ")) && line.ends_with(':');
    is_module || imports || defines || line.starts_with("print(")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_its_first_bytes() {
        let mut tar = [0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let archives: [(&[u8], &str); 7] = [
            (b"\x1f\x8b\x08\0\0\0", "gzip (.tar.gz)"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
            (b"Rar!\x1a\x07\x01\0", "RAR"),
            (b"\xfd7zXZ\0\0", "xz"),
            (b"BZh91AY&SY", "bzip2"),
            (b"\x28\xb5\x2f\xfd\x04", "Zstandard"),
            (&tar, "tar"),
        ];
        for (head, kind) in archives {
            assert_eq!(FileKind::of(head), FileKind::Archive(kind));
        }
        let others: [(&[u8], FileKind); 16] = [
            (b"PK\x03\x04\x14", FileKind::Zip),
            (b"%PDF-1.7", FileKind::Binary("a PDF document")),
            (b"\x89PNG\r\n\x1a\n", FileKind::Binary("a picture (PNG)")),
            (b"<!DOCTYPE html>\n<html>", FileKind::WebPage),
            (b"\n<HTML lang=en>", FileKind::WebPage),
            (b"{\n \"cells\": [\n", FileKind::Notebook),
            (b"{\"metadata\": {}, \"nbformat\": 4}", FileKind::Notebook),
            (b"\xef\xbb\xbf{\"Configuration\": {}}", FileKind::Json),
            (b"#!/usr/bin/env python\n", FileKind::Script),
            (b"\"\"\"Trains.\"\"\"\nimport numpy as np\n", FileKind::Script),
            (b"from sklearn import svm\n", FileKind::Script),
            (b"print('hello')\n", FileKind::Script),
            (b"day,loaves\n1,2\n", FileKind::Text),
            (b"import these figures by Monday\n", FileKind::Text),
            (b"\xff\xfe{\0", FileKind::Text),
            (b"\x01\x02\x03", FileKind::Unknown),
        ];
        for (head, kind) in others {
            assert_eq!(FileKind::of(head), kind, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn a_character_that_is_cut_in_two_makes_no_text_binary() {
        assert_eq!(FileKind::of(&"Brötchen".as_bytes()[..3]), FileKind::Text);
        assert_eq!(FileKind::of(b"Br\xf6tchen"), FileKind::Unknown);
    }

    #[test]
    fn what_it_is_and_what_to_do_is_said() {
        assert_eq!(
            FileKind::of(b"\x1f\x8b").instead_of_zip(),
            "This is an archive of another kind, gzip (.tar.gz), not a zip. Unpack it, and zip the files."
        );
        assert!(FileKind::Json.instead_of_zip().contains("“Run definition”"));
        assert!(FileKind::Zip.instead_of_definition().unwrap().contains("“Project zip”"));
        assert_eq!(FileKind::Json.instead_of_definition(), None);
    }
}
