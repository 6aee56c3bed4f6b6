//! A zip of files whose bytes stand elsewhere: only what goes between them is made here. Nothing is packed.

/// What is known of a file once all of it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub size: u64,
    pub checksum: u32,
}

/// More is not put together in one go.
pub const MOST_BYTES: u64 = 2_000_000_000;
/// Nor more files.
pub const MOST_FILES: usize = 65_000;

/// Stands where a number does not fit, which then is in the further form of a zip, zip64.
const ELSEWHERE: u32 = u32::MAX;

/// CRC-32 of bytes that come one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Checksum(u32);

impl Default for Checksum {
    fn default() -> Self {
        Self(!0)
    }
}

impl Checksum {
    /// Counts more bytes in.
    pub fn add(&mut self, bytes: &[u8]) {
        const TABLE: [u32; 256] = table();
        for byte in bytes {
            self.0 = (self.0 >> 8) ^ TABLE[((self.0 ^ u32::from(*byte)) & 0xff) as usize];
        }
    }

    /// Of all so far.
    pub fn value(self) -> u32 {
        !self.0
    }
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut value = index as u32;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { (value >> 1) ^ 0xedb8_8320 } else { value >> 1 };
            bit += 1;
        }
        table[index] = value;
        index += 1;
    }
    table
}

/// What all headers of an entry have in common, up to its name. Bit 11 of the flags says that its name is UTF-8.
fn common(entry: &Entry, further: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Version 2.0, or 4.5 with zip64; then method 0, "stored"; then midnight of the first day that a zip knows.
    for number in [version(further), 1 << 11, 0, 0, 0x21] {
        bytes.extend(u16::to_le_bytes(number));
    }
    let size = short(entry.size);
    for number in [entry.checksum, size, size] {
        bytes.extend(number.to_le_bytes());
    }
    for length in [entry.name.len(), further.len()] {
        bytes.extend((length as u16).to_le_bytes());
    }
    bytes
}

fn version(further: &[u8]) -> u16 {
    if further.is_empty() { 20 } else { 45 }
}

fn short(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// What of these numbers does not fit into four bytes, as a field of zip64. The same number twice for a size, since what
/// is stored is as long as it was.
fn further(numbers: &[u64]) -> Vec<u8> {
    let large: Vec<u8> = numbers
        .iter()
        .filter(|number| short(**number) == ELSEWHERE)
        .flat_map(|number| number.to_le_bytes())
        .collect();
    if large.is_empty() {
        return large;
    }
    let mut bytes = vec![1, 0];
    bytes.extend((large.len() as u16).to_le_bytes());
    bytes.extend(large);
    bytes
}

/// What stands before the bytes of a file.
pub fn header(entry: &Entry) -> Vec<u8> {
    let further = further(&[entry.size, entry.size]);
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(common(entry, &further));
    bytes.extend(entry.name.as_bytes());
    bytes.extend(further);
    bytes
}

/// What the directory says of a file whose header begins there.
pub fn record(entry: &Entry, begin: u64) -> Vec<u8> {
    let further = further(&[entry.size, entry.size, begin]);
    let mut bytes = b"PK\x01\x02".to_vec();
    bytes.extend(version(&further).to_le_bytes());
    bytes.extend(common(entry, &further));
    // No comment, the first disk, no attributes.
    bytes.extend([0; 10]);
    bytes.extend(short(begin).to_le_bytes());
    bytes.extend(entry.name.as_bytes());
    bytes.extend(further);
    bytes
}

/// What stands behind the directory, which has so many records and bytes and begins there.
pub fn end(count: u64, size: u64, begin: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let is_large =
        count >= u64::from(u16::MAX) || [size, begin].iter().any(|number| short(*number) == ELSEWHERE);
    if is_large {
        bytes.extend(b"PK\x06\x06");
        // So many bytes follow; made by and for version 4.5; one disk.
        bytes.extend(44u64.to_le_bytes());
        bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for number in [count, count, size, begin] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend((begin + size).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
    }
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        bytes.extend(u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes());
    }
    bytes.extend(short(size).to_le_bytes());
    bytes.extend(short(begin).to_le_bytes());
    bytes.extend([0, 0]);
    bytes
}

/// What stands behind all files.
pub fn directory(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut begin = 0;
    for entry in entries {
        bytes.extend(record(entry, begin));
        begin += header(entry).len() as u64 + entry.size;
    }
    let size = bytes.len() as u64;
    bytes.extend(end(entries.len() as u64, size, begin));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_zip_is_read_by_others() {
        let files = [("outputs/a.txt", b"first".as_slice()), ("ü/b c.bin", &[0, 255, 10]), ("empty", b"")];
        let mut zip = Vec::new();
        let mut entries = Vec::new();
        for (name, content) in files {
            let mut checksum = Checksum::default();
            content.chunks(2).for_each(|part| checksum.add(part));
            let entry =
                Entry { name: name.to_owned(), size: content.len() as u64, checksum: checksum.value() };
            zip.extend(header(&entry));
            zip.extend(content);
            entries.push(entry);
        }
        zip.extend(directory(&entries));

        let archive = rawzip::ZipArchive::from_slice(zip.as_slice()).unwrap();
        let mut found = Vec::new();
        for entry in archive.entries() {
            let entry = entry.unwrap();
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
            assert_eq!(entry.compression_method(), rawzip::CompressionMethod::STORE);
            let content = archive.get_entry(entry.wayfinder()).unwrap();
            let mut read = Vec::new();
            std::io::copy(&mut content.verifying_reader(content.data()), &mut read).unwrap();
            found.push((name, read));
        }
        let expected: Vec<_> = files.map(|(name, content)| (name.to_owned(), content.to_vec())).into();
        assert_eq!(found, expected);
    }

    /// The bytes of the files themselves, which nobody looks at here, are left out: `at` says where they would stand.
    #[derive(Debug)]
    struct Gap {
        pieces: Vec<(u64, Vec<u8>)>,
        length: u64,
    }

    impl rawzip::ReaderAt for Gap {
        fn read_at(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
            let count = buffer.len().min((self.length.saturating_sub(offset)) as usize);
            buffer[..count].fill(0);
            for (at, piece) in &self.pieces {
                for (index, byte) in piece.iter().enumerate() {
                    let place = at + index as u64;
                    if place >= offset && place < offset + count as u64 {
                        buffer[(place - offset) as usize] = *byte;
                    }
                }
            }
            Ok(count)
        }
    }

    #[test]
    fn more_than_four_gigabytes_are_read_by_others() {
        let entry = |name: &str, size| Entry { name: name.to_owned(), size, checksum: 7 };
        // Too large itself; behind it one that begins too far; one of exactly the size that means "elsewhere".
        let entries = [
            entry("small", 3),
            entry("large", 5 << 30),
            entry("behind", 9),
            entry("edge", u64::from(u32::MAX)),
        ];
        let mut pieces = Vec::new();
        let mut begin = 0;
        for entry in &entries {
            pieces.push((begin, header(entry)));
            begin += header(entry).len() as u64 + entry.size;
        }
        let directory = directory(&entries);
        let length = begin + directory.len() as u64;
        pieces.push((begin, directory));
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive =
            rawzip::ZipLocator::new().locate_in_reader(Gap { pieces, length }, &mut buffer, length).unwrap();
        let mut found = Vec::new();
        let mut records = archive.entries(&mut buffer);
        while let Some(entry) = records.next_entry().unwrap() {
            let name = String::from_utf8(entry.file_path().as_ref().to_vec()).unwrap();
            let size = entry.uncompressed_size_hint();
            assert_eq!(entry.compressed_size_hint(), size);
            found.push((name, size, entry.local_header_offset()));
        }
        let mut begin = 0;
        let expected = entries.map(|entry| {
            let one = (entry.name.clone(), entry.size, begin);
            begin += header(&entry).len() as u64 + entry.size;
            one
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn more_than_65535_files_are_counted() {
        let entries: Vec<_> =
            (0..70_000).map(|number| Entry { name: number.to_string(), size: 0, checksum: 0 }).collect();
        let mut zip: Vec<u8> = entries.iter().flat_map(header).collect();
        zip.extend(directory(&entries));
        let archive = rawzip::ZipArchive::from_slice(zip.as_slice()).unwrap();
        assert_eq!(archive.entries_hint(), 70_000);
        assert_eq!(archive.entries().count(), 70_000);
        // What fits has the plain form alone, which every program reads.
        assert!(!directory(&entries[..65_534]).windows(4).any(|bytes| bytes == b"PK\x06\x06"));
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        let mut checksum = Checksum::default();
        checksum.add(b"1234");
        checksum.add(b"56789");
        assert_eq!(checksum.value(), 0xcbf4_3926);
    }
}
