//! The table of contents of a zip, read from its end without reading the rest.

use std::borrow::Cow;

use crate::files::zip::{self, Checksum};
pub use crate::project_zip::ignore::Ignore;
pub use crate::project_zip::kind::FileKind;
pub use crate::project_zip::report::{Named, ScriptPlace, Sort, ZipReport, is_ballast};
pub use crate::project_zip::rewrite::{Piece, ZipFix};
pub use crate::project_zip::selection::{Bundle, IGNORE_FILES, Reason, bundles, without_folder};

mod ignore;
mod kind;
mod report;
mod rewrite;
mod selection;

/// How much of the end of a file is looked at first: the longest comment a zip can have, and some of the directory.
const FIRST_WINDOW: u64 = 128 * 1024;

/// How much of the beginning of a file tells what it is.
pub const HEAD: u64 = 1024;

/// A directory larger than this is not read: it would name tens of thousands of files, and no project has so many.
const LARGEST_DIRECTORY: u64 = 6 * 1024 * 1024;

/// In no field of 16 or 32 bits: the number is in a field of 64 bits elsewhere.
const ELSEWHERE: u64 = 0xFFFF_FFFF;

const RECORD: &[u8] = b"PK\x01\x02";
const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";
const WIDE_END: &[u8] = b"PK\x06\x06";
const WIDE_LOCATOR: &[u8] = b"PK\x06\x07";

/// The sizes of these without what follows them.
const RECORD_SIZE: usize = 46;
const LOCAL_HEADER_SIZE: usize = 30;
const END_SIZE: usize = 22;
const WIDE_END_SIZE: usize = 56;
const WIDE_LOCATOR_SIZE: usize = 20;

/// What a zip holds: its directory as it stands in the file, which is less than the names and numbers in it would be.
#[derive(PartialEq, Eq)]
pub struct ProjectZip {
    /// How many bytes the whole file has.
    size: u64,
    directory: Vec<u8>,
    /// Where each record begins in the directory.
    records: Vec<u32>,
    /// Whether it ends as zips with fields of 64 bits do.
    is_wide: bool,
    comment: Vec<u8>,
}

/// Why a file is no zip that can be handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZipFault {
    /// It has no bytes.
    Empty,
    /// It went away, or was changed, after it was chosen.
    Unreadable,
    /// It is something else.
    Other(FileKind),
    /// It is a zip whose end is missing.
    CutOff,
    /// It is a zip whose parts do not fit together.
    Damaged,
    /// It is one of several parts.
    Split,
    /// Its directory is too large.
    TooManyFiles,
}

impl ZipFault {
    /// What it is and what to do.
    pub fn words(&self) -> String {
        let words = match self {
            Self::Empty => "The file is empty. Make the zip again.",
            Self::Unreadable => {
                "The file cannot be read any more: it was moved or changed after it was chosen. Choose it again."
            }
            Self::Other(kind) => return kind.instead_of_zip(),
            Self::CutOff => {
                "The zip is cut off: its end is missing. Copy or download it again, or make it again."
            }
            Self::Damaged => "The zip is damaged: its parts do not fit together. Make it again.",
            Self::Split => "This is one part of a zip in several parts. Make one zip of them.",
            Self::TooManyFiles => {
                "The zip names tens of thousands of files; the service is known to take 2,000. \
                 Leave out what a run does not need, such as .venv, .git and node_modules."
            }
        };
        words.to_owned()
    }
}

impl ProjectZip {
    /// Reads the directory of a file of `size` bytes. `read` gives the bytes from one place to another, or none where
    /// they cannot be read.
    ///
    /// # Errors
    /// Where the file is no zip that can be handed in.
    pub async fn read(size: u64, read: impl AsyncFn(u64, u64) -> Option<Vec<u8>>) -> Result<Self, ZipFault> {
        Self::read_up_to(LARGEST_DIRECTORY, size, read).await
    }

    /// The same of a zip whose directory may be this large.
    ///
    /// # Errors
    /// As [`ProjectZip::read`].
    pub async fn read_up_to(
        largest_directory: u64,
        size: u64,
        read: impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
    ) -> Result<Self, ZipFault> {
        if size == 0 {
            return Err(ZipFault::Empty);
        }
        let window = Window::read(&read, size.saturating_sub(FIRST_WINDOW), size).await?;
        let Some(end) = find_end(&window.bytes) else {
            let head = Window::read(&read, 0, size.min(HEAD)).await?;
            return Err(fault_of(&head.bytes));
        };
        let at_end = window.from + end as u64;
        let bytes = &window.bytes[end..];
        if !matches!(number(bytes, 4, 2), 0 | 0xFFFF) {
            return Err(ZipFault::Split);
        }
        let comment = bytes[END_SIZE..END_SIZE + number(bytes, 20, 2) as usize].to_vec();
        let (mut count, mut length, mut offset, mut limit) =
            (number(bytes, 10, 2), number(bytes, 12, 4), number(bytes, 16, 4), at_end);
        let locator = end.checked_sub(WIDE_LOCATOR_SIZE).map(|place| &window.bytes[place..]);
        let locator = locator.filter(|locator| locator.starts_with(WIDE_LOCATOR));
        if let Some(locator) = locator {
            limit = number(locator, 8, 8);
            let wide = window.or_read(&read, limit, WIDE_END_SIZE as u64, size).await?;
            if !wide.starts_with(WIDE_END) {
                return Err(ZipFault::Damaged);
            }
            (count, length, offset) = (number(&wide, 32, 8), number(&wide, 40, 8), number(&wide, 48, 8));
        }
        let is_wide = locator.is_some();
        if length > largest_directory {
            return Err(ZipFault::TooManyFiles);
        }
        if offset.checked_add(length).is_none_or(|end| end > limit) {
            return Err(ZipFault::Damaged);
        }
        let directory = window.or_read(&read, offset, length, size).await?.into_owned();
        let records = records_of(&directory).ok_or(ZipFault::Damaged)?;
        // Without fields of 64 bits, more than 65,535 are counted from 0 again.
        let counted = records.len() as u64;
        if count != counted && (is_wide || count != counted & 0xFFFF) {
            return Err(ZipFault::Damaged);
        }
        let zip = Self { size, directory, records, is_wide, comment };
        let length = |entry: Entry<'_>| entry.packed().saturating_add(LOCAL_HEADER_SIZE as u64);
        let is_whole = zip.entries().all(|entry| length(entry).saturating_add(entry.offset()) <= offset);
        // Files that share their bytes would be any number of times what the zip is.
        let all = zip.entries().map(length).fold(0_u64, u64::saturating_add);
        if is_whole && all <= offset { Ok(zip) } else { Err(ZipFault::Damaged) }
    }

    /// What is in it, in the order of its directory: files and folders.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.records.len()).map(|index| self.entry(index))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// One of them, by its place in the directory.
    pub fn entry(&self, index: usize) -> Entry<'_> {
        let from = self.records[index] as usize;
        Entry { record: &self.directory[from..from + record_length(&self.directory[from..])] }
    }
}

/// A file or a folder in a zip.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its record in the directory.
    record: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Its name with all folders, as `folder/name`; what is no UTF-8 is replaced.
    pub fn name(self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.name_bytes())
    }

    /// Whether it is a folder.
    pub fn is_folder(self) -> bool {
        self.name_bytes().ends_with(b"/")
    }

    /// How many bytes it takes in the zip.
    pub fn packed(self) -> u64 {
        self.wide_number(20)
    }

    /// How many bytes it has unpacked, by the zip's own word.
    pub fn unpacked(self) -> u64 {
        self.wide_number(24)
    }

    /// Whether it needs a password.
    pub fn is_encrypted(self) -> bool {
        self.flags() & 1 != 0
    }

    /// Whether it is a link to another file.
    pub fn is_link(self) -> bool {
        const UNIX: u8 = 3;
        const MACOS: u8 = 19;
        let mode = number(self.record, 38, 4) >> 16;
        matches!(self.record[5], UNIX | MACOS) && mode & 0o170_000 == 0o120_000
    }

    /// The number of the way it is packed: 0 stored, 8 deflated.
    pub fn method(self) -> u64 {
        number(self.record, 10, 2)
    }

    fn flags(self) -> u64 {
        number(self.record, 8, 2)
    }

    /// The CRC-32 of its content.
    pub fn checksum(self) -> u64 {
        number(self.record, 16, 4)
    }

    /// Where its local header is.
    pub fn offset(self) -> u64 {
        self.wide_number(42)
    }

    /// Its name as it stands there.
    pub fn name_bytes(self) -> &'a [u8] {
        &self.record[RECORD_SIZE..RECORD_SIZE + number(self.record, 28, 2) as usize]
    }

    fn extra(self) -> &'a [u8] {
        let from = RECORD_SIZE + self.name_bytes().len();
        &self.record[from..from + number(self.record, 30, 2) as usize]
    }

    fn comment(self) -> &'a [u8] {
        &self.record[RECORD_SIZE + self.name_bytes().len() + self.extra().len()..]
    }

    /// Whether a field of 32 bits says that its number is elsewhere.
    fn is_elsewhere(self, field: usize) -> bool {
        number(self.record, field, 4) == ELSEWHERE
    }

    fn wide_number(self, field: usize) -> u64 {
        if !self.is_elsewhere(field) {
            return number(self.record, field, 4);
        }
        // Without the other place the number stands for itself.
        self.wide_place(field).map_or(ELSEWHERE, |place| number(self.extra(), place, 8))
    }

    /// Where in the extra fields the 64 bits of a field are: only those stand there that are elsewhere, in this order.
    fn wide_place(self, field: usize) -> Option<usize> {
        let (from, length) = extra_field(self.extra(), 1)?;
        let before = [24, 20, 42].into_iter().take_while(|other| *other != field);
        let place = 8 * before.filter(|other| self.is_elsewhere(*other)).count();
        (place + 8 <= length).then_some(from + place)
    }
}

/// Where the content of an extra field is, and how long it is.
fn extra_field(extra: &[u8], id: u64) -> Option<(usize, usize)> {
    let mut from = 0;
    while from + 4 <= extra.len() {
        let length = number(extra, from + 2, 2) as usize;
        if from + 4 + length > extra.len() {
            return None;
        }
        if number(extra, from, 2) == id {
            return Some((from + 4, length));
        }
        from += 4 + length;
    }
    None
}

/// A piece of a file.
struct Window {
    from: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Reads from one place to another; less than that is not what was there when the file was chosen.
    async fn read(
        read: &impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        from: u64,
        to: u64,
    ) -> Result<Self, ZipFault> {
        let bytes = read(from, to).await.filter(|bytes| bytes.len() as u64 == to - from);
        Ok(Self { from, bytes: bytes.ok_or(ZipFault::Unreadable)? })
    }

    fn get(&self, from: u64, length: u64) -> Option<&[u8]> {
        let start = usize::try_from(from.checked_sub(self.from)?).ok()?;
        self.bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    }

    /// What is in this piece, or is read.
    async fn or_read(
        &self,
        read: &impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        from: u64,
        length: u64,
        size: u64,
    ) -> Result<Cow<'_, [u8]>, ZipFault> {
        if let Some(bytes) = self.get(from, length) {
            return Ok(Cow::Borrowed(bytes));
        }
        match from.checked_add(length) {
            Some(to) if to <= size => Ok(Cow::Owned(Self::read(read, from, to).await?.bytes)),
            _ => Err(ZipFault::Damaged),
        }
    }
}

/// Where the record begins that ends a zip: the last that has room for the comment it names.
fn find_end(bytes: &[u8]) -> Option<usize> {
    (0..(bytes.len() + 1).saturating_sub(END_SIZE)).rev().find(|&place| {
        bytes[place..].starts_with(END)
            && place + END_SIZE + number(bytes, place + 20, 2) as usize <= bytes.len()
    })
}

/// What is wrong with a file that does not end as a zip does.
fn fault_of(head: &[u8]) -> ZipFault {
    if head.starts_with(LOCAL_HEADER) {
        ZipFault::CutOff
    } else if head.starts_with(b"PK\x07\x08") {
        ZipFault::Split
    } else {
        ZipFault::Other(FileKind::of(head))
    }
}

/// Where the records of a directory begin; none where they do not follow each other.
fn records_of(directory: &[u8]) -> Option<Vec<u32>> {
    let mut records = Vec::new();
    let mut from = 0;
    while let Some(rest) = directory.get(from..).filter(|rest| rest.starts_with(RECORD)) {
        if rest.len() < RECORD_SIZE || rest.len() < record_length(rest) {
            return None;
        }
        records.push(u32::try_from(from).ok()?);
        from += record_length(rest);
    }
    // A signature of the directory may follow, and nothing else.
    (from == directory.len() || directory[from..].starts_with(b"PK\x05\x05")).then_some(records)
}

fn record_length(record: &[u8]) -> usize {
    RECORD_SIZE + [28, 30, 32].map(|field| number(record, field, 2) as usize).iter().sum::<usize>()
}

/// A number of so many bytes, the lowest first, as all numbers of a zip.
fn number(bytes: &[u8], from: usize, length: usize) -> u64 {
    bytes[from..from + length].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn put_number(bytes: &mut [u8], from: usize, length: usize, number: u64) {
    bytes[from..from + length].copy_from_slice(&number.to_le_bytes()[..length]);
}

/// A zip of one file, stored as it is.
pub fn zip_of(name: &str, content: &[u8]) -> Vec<u8> {
    let mut checksum = Checksum::default();
    checksum.add(content);
    let entry = zip::Entry { name: name.to_owned(), size: content.len() as u64, checksum: checksum.value() };
    [zip::header(&entry), content.to_vec(), zip::directory(&[entry])].concat()
}

#[cfg(test)]
pub(crate) mod samples;

#[cfg(test)]
mod tests {
    use super::samples::{File, read, zip};
    use super::*;

    fn names(zip: &ProjectZip) -> Vec<String> {
        zip.entries().map(|entry| entry.name().into_owned()).collect()
    }

    #[test]
    fn a_zip_made_here_is_read_by_others() {
        let bytes = zip_of("hello.py", b"print('hello')\n");
        assert_eq!(samples::unpacked(&bytes), [("hello.py".to_owned(), b"print('hello')\n".to_vec())]);
        assert_eq!(names(&read(&bytes).unwrap()), ["hello.py"]);
    }

    #[test]
    fn only_the_end_is_looked_at() {
        let bytes = zip_of("data.bin", &vec![b'#'; 1_000_000]);
        let looked_at = std::cell::Cell::new(0);
        let found = samples::now(ProjectZip::read(bytes.len() as u64, async |from, to| {
            looked_at.set(looked_at.get() + (to - from));
            Some(bytes[from as usize..to as usize].to_vec())
        }));
        assert_eq!(names(&found.unwrap()), ["data.bin"]);
        assert!(looked_at.get() <= FIRST_WINDOW, "{}", looked_at.get());
    }

    #[test]
    fn a_directory_larger_than_the_first_look_is_read_whole() {
        let files: Vec<File> =
            (0..5_000).map(|index| File::new(&format!("data/part-{index:05}.csv"), b"1")).collect();
        let bytes = zip(&files);
        assert_eq!(read(&bytes).unwrap().entries().count(), 5_000);
    }

    #[test]
    fn a_comment_and_fields_of_64_bits_are_understood() {
        let wide = File { is_wide: true, claimed: Some(7), ..File::new("b.py", b"22") };
        let mut bytes = zip(&[File::new("a.py", b"1"), wide]);
        let found = read(&bytes).unwrap();
        let sizes: Vec<_> = found.entries().map(|entry| (entry.packed(), entry.unpacked())).collect();
        assert_eq!(sizes, [(1, 1), (2, 7)]);
        assert!(found.is_wide);
        // A comment that looks like an end is none where it has no room for its own.
        let comment = b"made by hand PK\x05\x06 0123456789012345\xff\xff";
        let place = bytes.len() - 2;
        put_number(&mut bytes, place, 2, comment.len() as u64);
        bytes.extend(comment);
        assert_eq!(read(&bytes).unwrap().comment, comment);
    }

    #[test]
    fn what_is_no_zip_is_told_from_a_broken_one() {
        let fault = |bytes: &[u8]| read(bytes).err().expect("it is not in order");
        assert_eq!(fault(b""), ZipFault::Empty);
        assert_eq!(fault(b"import numpy"), ZipFault::Other(FileKind::Script));
        assert_eq!(fault(b"\x89PNG\r\n"), ZipFault::Other(FileKind::Binary("a picture (PNG)")));
        let whole = zip(&[File::new("hello.py", b"print()"), File::new("data.csv", b"1,2")]);
        assert_eq!(fault(&whole[..whole.len() - 30]), ZipFault::CutOff);
        assert_eq!(fault(&whole[20..]), ZipFault::Damaged);
        let end = whole.len() - END_SIZE;
        let with = |place: usize, length: usize, value: u64| {
            let mut bytes = whole.clone();
            put_number(&mut bytes, place, length, value);
            fault(&bytes)
        };
        assert_eq!(with(end + 4, 2, 2), ZipFault::Split);
        assert_eq!(with(end + 10, 2, 3), ZipFault::Damaged, "a file less than it says");
        assert_eq!(with(end + 16, 4, 1), ZipFault::Damaged, "the directory is elsewhere");
        assert_eq!(with(end + 12, 4, 100_000_000), ZipFault::TooManyFiles);
        let record = number(&whole, end + 16, 4) as usize;
        assert_eq!(with(record + 28, 2, 60_000), ZipFault::Damaged, "a name longer than the directory");
        assert_eq!(with(record + 20, 4, 1_000_000), ZipFault::Damaged, "data beyond the directory");
        assert_eq!(with(record + 42, 4, 1_000_000), ZipFault::Damaged, "a file beyond the directory");
        let all = (record - LOCAL_HEADER_SIZE) as u64;
        assert_eq!(with(record + 20, 4, all), ZipFault::Damaged, "a file that has the next in it");
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let whole = zip(&[
            File { is_wide: true, descriptor: Some(8), ..File::new("a/hello.py", b"print()") },
            File::new("b", b"2"),
        ]);
        for place in 0..whole.len() {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut bytes = whole.clone();
                bytes[place] = value;
                if let Ok(zip) = read(&bytes) {
                    let report = zip.report();
                    let _ = samples::rewritten(&bytes, &ZipFix::TakeOut(report.folder));
                }
            }
            let _ = read(&whole[place..]);
        }
    }

    #[test]
    fn a_file_that_went_away_is_said_to_have_gone() {
        let found = samples::now(ProjectZip::read(1_000, async |_, _| None));
        assert_eq!(found.err(), Some(ZipFault::Unreadable));
        let shorter = samples::now(ProjectZip::read(1_000, async |_, _| Some(vec![0; 10])));
        assert_eq!(shorter.err(), Some(ZipFault::Unreadable));
    }
}
