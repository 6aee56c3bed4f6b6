//! The table of contents of a zip, read from its end without reading the rest.

use std::cell::Cell;
use std::io;

use rawzip::{ErrorKind, ReaderAt, ZipLocator};

/// How much of the end of a file is looked at first: the largest comment a zip can have, and some of the directory.
pub const FIRST_WINDOW: u64 = 128 * 1024;

/// A directory larger than this is not read: it would name more than half a million files.
const LARGEST_WINDOW: u64 = 64 * 1024 * 1024;

/// What a zip holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectZip {
    /// Its files, folders left out, as `folder/name`.
    pub files: Vec<String>,
    /// What they take unpacked, by the zip's own word.
    pub unpacked_bytes: u64,
    /// Whether one of them needs a password.
    pub is_encrypted: bool,
}

/// What came of looking at the end of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The directory is read.
    Done(ProjectZip),
    /// The directory begins earlier: look again from this offset on.
    From(u64),
}

/// Why a file is no zip that can be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZipFault {
    /// It has no bytes.
    Empty,
    /// Nothing in it says that it is a zip.
    NotAZip,
    /// It is a zip that is cut off or broken.
    Damaged,
    /// Its directory is too large.
    TooManyFiles,
}

/// Where the script of a definition is in a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScriptPlace {
    /// Where it belongs.
    Found,
    /// There, but written in another case; names are compared letter by letter where it runs.
    OtherCase(String),
    /// In a folder, while the definition says that it is at the root.
    InFolder(String),
    /// Nowhere.
    Missing,
}

impl ZipFault {
    /// In a sentence.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Empty => "The file is empty.",
            Self::NotAZip => "This is not a zip file.",
            Self::Damaged => "The zip is cut off or damaged. Make it again.",
            Self::TooManyFiles => "The zip names more files than can be handed in.",
        }
    }
}

impl ProjectZip {
    /// Reads the directory out of the last bytes of a file of `size` bytes. Its first bytes tell a zip that was cut
    /// off from something else.
    ///
    /// # Errors
    /// Where the file is no zip that can be handed in.
    pub fn read(head: &[u8], window: &[u8], size: u64) -> Result<Step, ZipFault> {
        if size == 0 {
            return Err(ZipFault::Empty);
        }
        let offset = size - window.len() as u64;
        let missing = Cell::new(None);
        let result = Self::read_through(Window { bytes: window, offset, missing: &missing }, size);
        match (missing.get(), result) {
            // The reader looked before the window, so what it made of that means nothing yet.
            (Some(from), _) if size - from > LARGEST_WINDOW => Err(ZipFault::TooManyFiles),
            (Some(from), _) => Ok(Step::From(from)),
            (None, Ok(zip)) => Ok(Step::Done(zip)),
            (None, Err(ErrorKind::MissingEndOfCentralDirectory)) if head.starts_with(b"PK\x03\x04") => {
                Err(ZipFault::Damaged)
            }
            (None, Err(ErrorKind::MissingEndOfCentralDirectory)) => Err(ZipFault::NotAZip),
            (None, Err(_)) => Err(ZipFault::Damaged),
        }
    }

    fn read_through(window: Window<'_>, size: u64) -> Result<Self, ErrorKind> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = ZipLocator::new()
            .max_search_space(FIRST_WINDOW / 2 + 1024)
            .locate_in_reader(window, &mut buffer, size)
            .map_err(|(_, error)| error.into_kind())?;
        let mut entries = archive.entries(&mut buffer);
        let mut zip = Self::default();
        while let Some(entry) = entries.next_entry().map_err(rawzip::Error::into_kind)? {
            zip.is_encrypted |= entry.flags().is_encrypted();
            zip.unpacked_bytes = zip.unpacked_bytes.saturating_add(entry.uncompressed_size_hint());
            if !entry.is_dir() {
                zip.files.push(String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned());
            }
        }
        Ok(zip)
    }

    /// Where a script is.
    pub fn place_of(&self, script: &str) -> ScriptPlace {
        let script = script.trim_start_matches("./");
        if self.files.iter().any(|file| file == script) {
            return ScriptPlace::Found;
        }
        if let Some(file) = self.files.iter().find(|file| file.eq_ignore_ascii_case(script)) {
            return ScriptPlace::OtherCase(file.clone());
        }
        match self
            .files
            .iter()
            .find(|file| file.strip_suffix(script).is_some_and(|folder| folder.ends_with('/')))
        {
            Some(file) => {
                ScriptPlace::InFolder(file.trim_end_matches(script).trim_end_matches('/').to_owned())
            }
            None => ScriptPlace::Missing,
        }
    }
}

/// The end of a file, as if it were the file. Notes the lowest place that was asked for and is not there.
struct Window<'a> {
    bytes: &'a [u8],
    offset: u64,
    missing: &'a Cell<Option<u64>>,
}

impl ReaderAt for Window<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let Some(start) = offset.checked_sub(self.offset) else {
            let lowest = self.missing.get().map_or(offset, |known| known.min(offset));
            self.missing.set(Some(lowest));
            return Err(io::Error::other("outside the window"));
        };
        let start = usize::try_from(start).unwrap_or(usize::MAX).min(self.bytes.len());
        let available = &self.bytes[start..];
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        Ok(length)
    }
}

/// A zip of one uncompressed file.
pub fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
    let written = (|| -> Result<(), rawzip::Error> {
        let (mut entry, config) = archive.new_file(name).start()?;
        let mut writer = config.wrap(&mut entry);
        io::Write::write_all(&mut writer, content)?;
        let (_, descriptor) = writer.finish()?;
        entry.finish(descriptor)?;
        archive.finish()?;
        Ok(())
    })();
    written.expect("writing into memory does not fail");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zip(files: &[&str]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut bytes);
        for name in files {
            let (mut entry, config) = archive.new_file(name).start().unwrap();
            let mut writer = config.wrap(&mut entry);
            io::Write::write_all(&mut writer, b"print()").unwrap();
            let (_, descriptor) = writer.finish().unwrap();
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        bytes
    }

    /// Reads as a page does: the end first, then from where it is told to. Also tells how many bytes were looked at.
    fn read(bytes: &[u8], first: u64) -> (Result<ProjectZip, ZipFault>, u64) {
        let size = bytes.len() as u64;
        let mut from = size.saturating_sub(first);
        for _ in 0..4 {
            match ProjectZip::read(&bytes[..bytes.len().min(4)], &bytes[from as usize..], size) {
                Ok(Step::Done(zip)) => return (Ok(zip), size - from),
                Ok(Step::From(earlier)) => {
                    assert!(earlier < from);
                    from = earlier;
                }
                Err(fault) => return (Err(fault), size - from),
            }
        }
        panic!("the window keeps growing");
    }

    #[test]
    fn the_files_of_a_zip_are_found_from_its_end_alone() {
        let (found, looked_at) = read(&zip_of("hello.py", &vec![b'#'; 1_000_000]), 4_096);
        assert_eq!(found.unwrap().files, ["hello.py"]);
        assert!(looked_at <= 4_096, "{looked_at}");
    }

    #[test]
    fn a_directory_that_begins_earlier_is_asked_for() {
        let names: Vec<String> = (0..2_000).map(|number| format!("data/part-{number:05}.csv")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (found, _) = read(&zip(&names), 1_024);
        assert_eq!(found.unwrap().files.len(), 2_000);
    }

    #[test]
    fn what_is_no_zip_is_told_from_a_broken_one() {
        assert_eq!(read(b"", 1_024).0, Err(ZipFault::Empty));
        assert_eq!(read(b"import numpy", 1_024).0, Err(ZipFault::NotAZip));
        let whole = zip(&["hello.py"]);
        assert_eq!(read(&whole[..whole.len() - 30], 1_024).0, Err(ZipFault::Damaged));
    }

    #[test]
    fn the_script_is_looked_for_where_it_belongs() {
        let zip = ProjectZip {
            files: ["hello.py", "src/train.py", "README.md"].map(str::to_owned).into(),
            ..ProjectZip::default()
        };
        assert_eq!(zip.place_of("hello.py"), ScriptPlace::Found);
        assert_eq!(zip.place_of("./src/train.py"), ScriptPlace::Found);
        assert_eq!(zip.place_of("Hello.py"), ScriptPlace::OtherCase("hello.py".to_owned()));
        assert_eq!(zip.place_of("train.py"), ScriptPlace::InFolder("src".to_owned()));
        assert_eq!(zip.place_of("rain.py"), ScriptPlace::Missing);
    }

    #[test]
    fn a_zip_made_here_is_read_back() {
        let (found, _) = read(&zip_of("hello.py", b"print()"), 1_024);
        assert_eq!(found.unwrap().files, ["hello.py"]);
    }
}
