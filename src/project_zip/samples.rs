//! Zips made by hand for tests, with what writers of zips do in different ways.

use std::future::Future;

use futures::FutureExt;

use crate::files::zip::Checksum;
use crate::project_zip::{Piece, ProjectZip, ZipFault, ZipFix};

/// A file of a zip; what it holds is stored as it is.
#[derive(Clone)]
pub struct File {
    pub name: Vec<u8>,
    pub content: Vec<u8>,
    pub flags: u64,
    pub method: u64,
    /// The high bytes say on which system it was made, the low ones its attributes there.
    pub made_by: u64,
    pub attributes: u64,
    /// How many bytes a size has in the record behind the data, if there is one; its signature is left out for 3 and 7.
    pub descriptor: Option<usize>,
    /// Whether sizes and place are in fields of 64 bits.
    pub is_wide: bool,
    /// Other extra fields, of the local header and of the record.
    pub extra: Vec<u8>,
    /// Another size unpacked than it has.
    pub claimed: Option<u64>,
}

impl File {
    pub fn new(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            content: content.to_vec(),
            flags: 0,
            method: 0,
            made_by: 20,
            attributes: 0,
            descriptor: None,
            is_wide: false,
            extra: Vec::new(),
            claimed: None,
        }
    }

    fn unpacked(&self) -> u64 {
        self.claimed.unwrap_or(self.content.len() as u64)
    }
}

fn checksum(bytes: &[u8]) -> u64 {
    let mut checksum = Checksum::default();
    checksum.add(bytes);
    u64::from(checksum.value())
}

/// Numbers of so many bytes, one behind the other.
fn numbers(fields: &[(usize, u64)]) -> Vec<u8> {
    fields.iter().flat_map(|(length, number)| number.to_le_bytes()[..*length].to_vec()).collect()
}

/// A zip of these files.
pub fn zip(files: &[File]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for file in files {
        let offset = bytes.len() as u64;
        let (sum, packed, unpacked) = (checksum(&file.content), file.content.len() as u64, file.unpacked());
        let flags = file.flags | if file.descriptor.is_some() { 8 } else { 0 };
        let name = file.name.len() as u64;
        let known = file.descriptor.is_none();
        let size = |number: u64| if file.is_wide { 0xFFFF_FFFF } else { number };
        let in_header = |number: u64| if known { number } else { 0 };
        let wide = if file.is_wide {
            numbers(&[(2, 1), (2, 16), (8, in_header(unpacked)), (8, in_header(packed))])
        } else {
            Vec::new()
        };
        let extra = [file.extra.as_slice(), &wide].concat();
        let sizes = |sum, packed, unpacked| [(4, sum), (4, packed), (4, unpacked)];
        let common = [(2, 45), (2, flags), (2, file.method), (2, 0x6000), (2, 0x5921)];
        bytes.extend(b"PK\x03\x04");
        bytes.extend(numbers(&common));
        bytes.extend(numbers(&sizes(in_header(sum), size(in_header(packed)), size(in_header(unpacked)))));
        bytes.extend(numbers(&[(2, name), (2, extra.len() as u64)]));
        bytes.extend([&file.name, &extra, &file.content].map(Vec::as_slice).concat());
        if let Some(size) = file.descriptor {
            let (size, is_signed) = if size % 4 == 3 { (size + 1, false) } else { (size, true) };
            bytes.extend(if is_signed { b"PK\x07\x08".as_slice() } else { b"" });
            bytes.extend(numbers(&[(4, sum), (size, packed), (size, unpacked)]));
        }

        let wide = if file.is_wide {
            numbers(&[(2, 1), (2, 24), (8, unpacked), (8, packed), (8, offset)])
        } else {
            Vec::new()
        };
        let extra = [file.extra.as_slice(), &wide].concat();
        directory.extend(b"PK\x01\x02");
        directory.extend(numbers(&[(2, file.made_by)]));
        directory.extend(numbers(&common));
        directory.extend(numbers(&sizes(sum, size(packed), size(unpacked))));
        directory.extend(numbers(&[(2, name), (2, extra.len() as u64), (2, 0), (2, 0), (2, 0)]));
        directory.extend(numbers(&[(4, file.attributes), (4, size(offset))]));
        directory.extend([file.name.as_slice(), &extra].concat());
    }
    let (start, length, count) = (bytes.len() as u64, directory.len() as u64, files.len() as u64);
    bytes.extend(directory);
    if files.iter().any(|file| file.is_wide) {
        let place = bytes.len() as u64;
        bytes.extend(b"PK\x06\x06");
        bytes.extend(numbers(&[(8, 44), (2, 45), (2, 45), (4, 0), (4, 0), (8, count), (8, count)]));
        bytes.extend(numbers(&[(8, length), (8, start)]));
        bytes.extend(b"PK\x06\x07");
        bytes.extend(numbers(&[(4, 0), (8, place), (4, 1)]));
    }
    bytes.extend(b"PK\x05\x06");
    bytes.extend(numbers(&[(2, 0), (2, 0), (2, count), (2, count), (4, length), (4, start), (2, 0)]));
    bytes
}

/// What comes of a future that waits for nothing.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("bytes in memory are there at once")
}

/// Reads as a page does.
pub fn read(bytes: &[u8]) -> Result<ProjectZip, ZipFault> {
    now(ProjectZip::read(bytes.len() as u64, reader(bytes)))
}

/// Rewrites as a page does.
pub fn rewritten(bytes: &[u8], fix: &ZipFix) -> Result<Vec<u8>, ZipFault> {
    let mut new = Vec::new();
    let put = |piece| match piece {
        Piece::Bytes(bytes) => new.extend(bytes),
        Piece::Old(from, to) => new.extend(&bytes[from as usize..to as usize]),
    };
    now(read(bytes)?.rewrite(fix, reader(bytes), put))?;
    Ok(new)
}

fn reader(bytes: &[u8]) -> impl AsyncFn(u64, u64) -> Option<Vec<u8>> {
    async |from, to| Some(bytes[from as usize..to as usize].to_vec())
}

/// Names and stored data, as an unpacker that somebody else wrote finds them.
pub fn unpacked(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let archive = rawzip::ZipArchive::from_slice(bytes).expect("it is a zip");
    let mut files = Vec::new();
    for entry in archive.entries() {
        let entry = entry.expect("its directory is whole");
        let found = archive.get_entry(entry.wayfinder()).expect("the file is where the directory says");
        let local = found.local_header();
        assert_eq!(local.file_path().as_bytes(), entry.file_path().as_bytes());
        let mut data = Vec::new();
        std::io::copy(&mut found.verifying_reader(found.data()), &mut data).expect("its checksum is right");
        files.push((String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned(), data));
    }
    files
}
