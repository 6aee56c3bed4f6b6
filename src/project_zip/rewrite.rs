//! Another zip of the same data: names changed, files left out, nothing packed anew.

use crate::project_zip::{
    ELSEWHERE, END, END_SIZE, Entry, LOCAL_HEADER, LOCAL_HEADER_SIZE, ProjectZip, RECORD_SIZE, Sort,
    WIDE_END, WIDE_END_SIZE, WIDE_LOCATOR, WIDE_LOCATOR_SIZE, Window, ZipFault, extra_field, number,
    put_number, report,
};

/// What can be put right in a zip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ZipFix {
    /// Takes the files out of this folder, which is named with a slash at its end. What macOS and Windows added goes
    /// as well: it would be left beside what was taken out.
    TakeOut(String),
    /// Leaves out what is of this sort.
    LeaveOut(Sort),
    /// Writes the slashes of folders as zips do.
    Slashes,
}

/// A piece of the new zip.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What is in the old zip from one place to another.
    Old(u64, u64),
}

/// How much is read at once: many small files stand in it together, and it is little where they are large.
const READ_AT_ONCE: u64 = 64 * 1024;

/// How large a piece of the new directory is.
const DIRECTORY_PIECE: usize = 64 * 1024;

/// The extra field that repeats the name, with a checksum of it.
const NAME_IN_UNICODE: u64 = 0x7075;

impl ProjectZip {
    /// Makes the zip anew, piece by piece. `read` reads the old one.
    ///
    /// # Errors
    /// Where the old zip cannot be read, or its parts do not fit together.
    pub async fn rewrite(
        &self,
        fix: &ZipFix,
        read: impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        mut put: impl FnMut(Piece),
    ) -> Result<(), ZipFault> {
        let names = self.new_names(fix);
        let mut order: Vec<usize> = (0..self.records.len()).filter(|index| names[*index].is_some()).collect();
        order.sort_unstable_by_key(|index| self.entry(*index).offset());
        let mut offsets = vec![0; self.records.len()];
        let mut position = 0;
        let mut window = Window { from: 0, bytes: Vec::new() };
        // What is passed through and not put yet: files that follow each other are one piece.
        let mut passed: Option<(u64, u64)> = None;
        for index in order {
            let entry = self.entry(index);
            let name = names[index].as_deref().unwrap_or_default();
            let from = entry.offset();
            let header = self.header(&mut window, &read, from).await?;
            let data = from + header.len() as u64;
            let end = data + entry.packed();
            let end = end + self.descriptor(&mut window, &read, entry, end).await?;
            if end > self.size {
                return Err(ZipFault::Damaged);
            }
            offsets[index] = position;
            let is_same = local_name(&header) == name;
            let passes_from = if is_same { from } else { data };
            let continues = is_same && passed.is_none_or(|(_, end)| end == passes_from);
            if let (false, Some((from, to))) = (continues, passed) {
                put(Piece::Old(from, to));
                passed = None;
            }
            if !is_same {
                let header = renamed_header(&header, name);
                position += header.len() as u64;
                put(Piece::Bytes(header));
            }
            passed = Some((passed.map_or(passes_from, |(from, _)| from), end));
            position += end - passes_from;
        }
        if let Some((from, to)) = passed {
            put(Piece::Old(from, to));
        }
        self.put_directory(&names, &offsets, position, put);
        Ok(())
    }

    /// The new name of each entry; none where it is left out.
    fn new_names(&self, fix: &ZipFix) -> Vec<Option<Vec<u8>>> {
        let environments = report::environments(self);
        let of = |entry: Entry<'_>| {
            let name = entry.name_bytes();
            let sort = || report::sort_of(&entry.name(), &environments);
            match fix {
                ZipFix::TakeOut(folder) => match name.strip_prefix(folder.as_bytes()) {
                    Some(b"") => None,
                    // The folders above it are empty once it is gone.
                    None if folder.as_bytes().starts_with(name) => None,
                    _ if sort() == Some(Sort::Added) => None,
                    stripped => Some(stripped.unwrap_or(name).to_vec()),
                },
                ZipFix::LeaveOut(unwanted) => (sort() != Some(*unwanted)).then(|| name.to_vec()),
                // In some older encodings of names a backslash is the half of a letter.
                ZipFix::Slashes if std::str::from_utf8(name).is_err() => Some(name.to_vec()),
                ZipFix::Slashes => {
                    Some(name.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect())
                }
            }
        };
        self.entries().map(of).collect()
    }

    /// The local header at this place, with its name and extra fields.
    async fn header(
        &self,
        window: &mut Window,
        read: &impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        from: u64,
    ) -> Result<Vec<u8>, ZipFault> {
        let fixed = self.look(window, read, from, LOCAL_HEADER_SIZE as u64).await?;
        if !fixed.starts_with(LOCAL_HEADER) {
            return Err(ZipFault::Damaged);
        }
        let length = LOCAL_HEADER_SIZE as u64 + number(fixed, 26, 2) + number(fixed, 28, 2);
        Ok(self.look(window, read, from, length).await?.to_vec())
    }

    /// How many bytes stand behind the data of a file and say again how large it is: its sizes are of 32 or 64 bits,
    /// and a signature before them is optional.
    async fn descriptor(
        &self,
        window: &mut Window,
        read: &impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        entry: Entry<'_>,
        from: u64,
    ) -> Result<u64, ZipFault> {
        const HAS_DESCRIPTOR: u64 = 8;
        if entry.flags() & HAS_DESCRIPTOR == 0 {
            return Ok(0);
        }
        for (signature, size) in [(4, 8), (4, 4), (0, 8), (0, 4)] {
            let length = signature + 4 + 2 * size;
            let Ok(bytes) = self.look(window, read, from, length as u64).await else { continue };
            let is_signed = bytes.starts_with(b"PK\x07\x08");
            let low = |number: u64| if size == 4 { number & ELSEWHERE } else { number };
            if (signature == 0 || is_signed)
                && number(bytes, signature, 4) == entry.checksum()
                && number(bytes, signature + 4, size) == low(entry.packed())
                && number(bytes, signature + 4 + size, size) == low(entry.unpacked())
            {
                return Ok(length as u64);
            }
        }
        // Some writers say that there is one and leave it out.
        Ok(0)
    }

    /// Some bytes of the old zip. Files stand one behind the other, and so do the places that are looked at.
    async fn look<'w>(
        &self,
        window: &'w mut Window,
        read: &impl AsyncFn(u64, u64) -> Option<Vec<u8>>,
        from: u64,
        length: u64,
    ) -> Result<&'w [u8], ZipFault> {
        if window.get(from, length).is_none() {
            let most = self.size.saturating_sub(from);
            if length > most {
                return Err(ZipFault::Damaged);
            }
            *window = Window::read(read, from, from + most.min(length.max(READ_AT_ONCE))).await?;
        }
        window.get(from, length).ok_or(ZipFault::Damaged)
    }

    /// The directory of the new zip, which begins at `start`, and the end.
    fn put_directory(
        &self,
        names: &[Option<Vec<u8>>],
        offsets: &[u64],
        start: u64,
        mut put: impl FnMut(Piece),
    ) {
        let mut count = 0;
        let mut length = 0;
        let mut piece = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let Some(name) = name else { continue };
            let from = piece.len();
            put_record(&mut piece, self.entry(index), name, offsets[index]);
            count += 1;
            length += (piece.len() - from) as u64;
            if piece.len() > DIRECTORY_PIECE {
                put(Piece::Bytes(std::mem::take(&mut piece)));
            }
        }
        if self.is_wide || count > 0xFFFF {
            put_wide_end(&mut piece, count, length, start);
        }
        let from = piece.len();
        piece.extend_from_slice(END);
        piece.resize(from + END_SIZE, 0);
        // What does not fit is in the end of 64 bits.
        put_number(&mut piece, from + 8, 2, count.min(0xFFFF));
        put_number(&mut piece, from + 10, 2, count.min(0xFFFF));
        put_number(&mut piece, from + 12, 4, length);
        put_number(&mut piece, from + 16, 4, start);
        put_number(&mut piece, from + 20, 2, self.comment.len() as u64);
        piece.extend_from_slice(&self.comment);
        put(Piece::Bytes(piece));
    }
}

fn local_name(header: &[u8]) -> &[u8] {
    &header[LOCAL_HEADER_SIZE..LOCAL_HEADER_SIZE + number(header, 26, 2) as usize]
}

/// A local header with another name.
fn renamed_header(header: &[u8], name: &[u8]) -> Vec<u8> {
    let extra = without_name(&header[LOCAL_HEADER_SIZE + local_name(header).len()..]);
    let mut renamed = header[..LOCAL_HEADER_SIZE].to_vec();
    put_number(&mut renamed, 26, 2, name.len() as u64);
    put_number(&mut renamed, 28, 2, extra.len() as u64);
    renamed.extend_from_slice(name);
    renamed.extend_from_slice(&extra);
    renamed
}

/// A record with another name and another place.
fn put_record(directory: &mut Vec<u8>, entry: Entry<'_>, name: &[u8], offset: u64) {
    let mut extra = entry.extra().to_vec();
    let place = entry.is_elsewhere(42).then(|| entry.wide_place(42)).flatten();
    if let Some(place) = place {
        put_number(&mut extra, place, 8, offset);
    }
    if name != entry.name_bytes() {
        extra = without_name(&extra);
    }
    let from = directory.len();
    directory.extend_from_slice(&entry.record[..RECORD_SIZE]);
    put_number(directory, from + 28, 2, name.len() as u64);
    put_number(directory, from + 30, 2, extra.len() as u64);
    if place.is_none() {
        put_number(directory, from + 42, 4, offset);
    }
    directory.extend_from_slice(name);
    directory.extend_from_slice(&extra);
    directory.extend_from_slice(entry.comment());
}

/// The end that has its numbers in 64 bits, and the record that says where it is.
fn put_wide_end(piece: &mut Vec<u8>, count: u64, length: u64, start: u64) {
    const VERSION: u64 = 45;
    let from = piece.len();
    piece.extend_from_slice(WIDE_END);
    piece.resize(from + WIDE_END_SIZE, 0);
    // Without this field and the signature.
    put_number(piece, from + 4, 8, WIDE_END_SIZE as u64 - 12);
    put_number(piece, from + 12, 2, VERSION);
    put_number(piece, from + 14, 2, VERSION);
    put_number(piece, from + 24, 8, count);
    put_number(piece, from + 32, 8, count);
    put_number(piece, from + 40, 8, length);
    put_number(piece, from + 48, 8, start);
    let from = piece.len();
    piece.extend_from_slice(WIDE_LOCATOR);
    piece.resize(from + WIDE_LOCATOR_SIZE, 0);
    put_number(piece, from + 8, 8, start + length);
    put_number(piece, from + 16, 4, 1);
}

/// Extra fields without the one that repeats the name that was.
fn without_name(extra: &[u8]) -> Vec<u8> {
    let mut kept = extra.to_vec();
    if let Some((from, length)) = extra_field(extra, NAME_IN_UNICODE) {
        kept.drain(from - 4..from + length);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project_zip::samples::{File, read, rewritten, unpacked, zip};

    fn take_out(folder: &str) -> ZipFix {
        ZipFix::TakeOut(folder.to_owned())
    }

    fn names(bytes: &[u8]) -> Vec<String> {
        unpacked(bytes).into_iter().map(|(name, _)| name).collect()
    }

    /// Each way of writing the same two files.
    fn ways() -> Vec<[File; 2]> {
        let script = File::new("project/hello.py", b"print('hello')\n");
        let data =
            File::new("project/data/loaves.csv", b"day,loaves\nMon,212\nPK\x03\x04 is no header here\n");
        // Times in the way of Info-ZIP.
        let extra = b"UT\x05\0\x01\0\0\0\0".to_vec();
        let both = |change: &dyn Fn(File) -> File| [change(script.clone()), change(data.clone())];
        let mut ways = vec![
            both(&|file| file),
            both(&|file| File { extra: extra.clone(), made_by: 0x031E, attributes: 0x81A4_0000, ..file }),
            both(&|file| File { is_wide: true, ..file }),
            [
                script.clone(),
                File { is_wide: true, descriptor: Some(8), extra: extra.clone(), ..data.clone() },
            ],
        ];
        for descriptor in [4, 3, 8, 7] {
            ways.push(both(&|file| File { descriptor: Some(descriptor), ..file }));
        }
        ways
    }

    #[test]
    fn files_are_taken_out_of_a_folder_however_they_were_written() {
        for files in ways() {
            let content =
                |bytes: &[u8]| unpacked(bytes).into_iter().map(|(_, data)| data).collect::<Vec<_>>();
            let old = zip(&files);
            let new = rewritten(&old, &take_out("project/")).unwrap();
            assert_eq!(names(&new), ["hello.py", "data/loaves.csv"]);
            assert_eq!(content(&new), content(&old));
            // All but the names is kept: methods, times, attributes, descriptors.
            let mut expected = files;
            for file in &mut expected {
                file.name.drain(.."project/".len());
            }
            assert_eq!(new, zip(&expected));
        }
    }

    #[test]
    fn files_are_left_out_however_they_were_written() {
        for [script, data] in ways() {
            let secret = File { name: b"project/.env".to_vec(), ..script.clone() };
            let old = zip(&[secret.clone(), script.clone(), secret.clone(), data.clone(), secret]);
            let new = rewritten(&old, &ZipFix::LeaveOut(Sort::Secret)).unwrap();
            assert_eq!(new, zip(&[script, data]));
        }
    }

    #[test]
    fn what_macos_added_goes_with_the_folder() {
        let file = |name: &str| File::new(name, b"1");
        let folder = |name: &str| File::new(name, b"");
        let old = zip(&[
            folder("project/"),
            file("project/hello.py"),
            folder("project/data/"),
            file("project/data/a.csv"),
            file("project/.DS_Store"),
            folder("__MACOSX/"),
            file("__MACOSX/project/._hello.py"),
        ]);
        let new = rewritten(&old, &take_out("project/")).unwrap();
        assert_eq!(names(&new), ["hello.py", "data/", "data/a.csv"]);
        let nested = zip(&[folder("a/"), folder("a/b/"), file("a/b/hello.py")]);
        assert_eq!(names(&rewritten(&nested, &take_out("a/b/")).unwrap()), ["hello.py"]);
    }

    #[test]
    fn each_sort_is_left_out_alone() {
        let all = ["a.py", ".env", ".venv/lib/x.py", ".DS_Store", "env/pyvenv.cfg", "env/lib/y.py"];
        let old = zip(&all.map(|name| File::new(name, b"1")));
        let without = |sort| names(&rewritten(&old, &ZipFix::LeaveOut(sort)).unwrap());
        assert_eq!(
            without(Sort::Secret),
            ["a.py", ".venv/lib/x.py", ".DS_Store", "env/pyvenv.cfg", "env/lib/y.py"]
        );
        assert_eq!(without(Sort::Ballast), ["a.py", ".env", ".DS_Store"]);
        assert_eq!(
            without(Sort::Added),
            ["a.py", ".env", ".venv/lib/x.py", "env/pyvenv.cfg", "env/lib/y.py"]
        );
    }

    #[test]
    fn backslashes_become_slashes_where_they_are_no_half_letters() {
        let files =
            [File::new("src\\train.py", b"1"), File { name: b"\x83\\.csv".to_vec(), ..File::new("", b"2") }];
        let new = rewritten(&zip(&files), &ZipFix::Slashes).unwrap();
        let zip = read(&new).unwrap();
        let names: Vec<_> = zip.entries().map(Entry::name_bytes).collect();
        assert_eq!(names, [b"src/train.py".as_slice(), b"\x83\\.csv"]);
    }

    #[test]
    fn a_directory_in_another_order_than_the_files_is_kept() {
        let bytes = zip(&[File::new("p/a.py", b"first"), File::new("p/b.py", b"second")]);
        let read_back = read(&bytes).unwrap();
        let start = bytes.len() - END_SIZE - read_back.directory.len();
        let half = start + read_back.records[1] as usize;
        let end = bytes.len() - END_SIZE;
        let turned = [&bytes[..start], &bytes[half..end], &bytes[start..half], &bytes[end..]].concat();
        let new = rewritten(&turned, &take_out("p/")).unwrap();
        assert_eq!(
            unpacked(&new),
            [("b.py".to_owned(), b"second".to_vec()), ("a.py".to_owned(), b"first".to_vec())]
        );
    }

    #[test]
    fn what_stands_between_files_is_not_taken_along() {
        let kept = zip(&[File::new("a.py", b"1")]);
        let secret = File::new("secret.pem", b"a key that was deleted from the directory alone");
        let mut bytes = zip(&[secret]);
        let gap = bytes.len();
        bytes.extend(&kept);
        let record = gap + number(&kept, kept.len() - END_SIZE + 16, 4) as usize;
        put_number(&mut bytes, record + 42, 4, gap as u64);
        let end = bytes.len() - END_SIZE;
        put_number(&mut bytes, end + 16, 4, record as u64);
        assert_eq!(names(&bytes), ["a.py"]);
        assert_eq!(rewritten(&bytes, &ZipFix::Slashes).unwrap(), kept);
    }

    #[test]
    fn a_name_in_another_field_goes_with_the_old_name() {
        let name = b"up\x0A\0\x01\0\0\0\0p/a.p".to_vec();
        let extra = [name.as_slice(), b"UT\x05\0\x01\0\0\0\0"].concat();
        let old = zip(&[File { extra, ..File::new("p/a.p", b"1") }]);
        let new = rewritten(&old, &take_out("p/")).unwrap();
        assert_eq!(new, zip(&[File { extra: b"UT\x05\0\x01\0\0\0\0".to_vec(), ..File::new("a.p", b"1") }]));
    }

    #[test]
    fn more_files_than_16_bits_count_are_kept() {
        let files: Vec<File> = (0..66_000).map(|index| File::new(&format!("p/{index}"), b"")).collect();
        let old = zip(&files);
        let new = rewritten(&old, &take_out("p/")).unwrap();
        assert_eq!(read(&new).unwrap().entries().count(), 66_000);
        assert_eq!(unpacked(&new)[65_999].0, "65999");
    }

    #[test]
    fn a_file_that_is_not_where_the_directory_says_is_damage() {
        let mut bytes = zip(&[File::new("p/a.py", b"1"), File::new("p/b.py", b"2")]);
        bytes[2] = 0;
        assert_eq!(rewritten(&bytes, &take_out("p/")), Err(ZipFault::Damaged));
        let mut bytes = zip(&[File::new("p/a.py", &[b'#'; 1_000])]);
        put_number(&mut bytes, 28, 2, 200);
        assert_eq!(
            rewritten(&bytes, &take_out("p/")),
            Err(ZipFault::Damaged),
            "its data would end behind the file"
        );
    }
}
