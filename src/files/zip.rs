//! A zip of files whose bytes stand elsewhere: only what goes between them is made here. Nothing is packed.

/// What is known of a file once all of it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub size: u32,
    pub checksum: u32,
}

/// More does not fit into this form of a zip.
pub const MOST_BYTES: u64 = 2_000_000_000;
/// Nor more files.
pub const MOST_FILES: usize = 65_000;

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

/// What all headers of an entry have in common. Bit 11 of the flags says that its name is UTF-8.
fn common(entry: &Entry) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Version 2.0; then method 0, "stored"; then midnight of the first day that a zip knows.
    for number in [20, 1 << 11, 0, 0, 0x21] {
        bytes.extend(u16::to_le_bytes(number));
    }
    for number in [entry.checksum, entry.size, entry.size] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend((entry.name.len() as u16).to_le_bytes());
    bytes.extend(0u16.to_le_bytes());
    bytes
}

/// What stands before the bytes of a file.
pub fn header(entry: &Entry) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(common(entry));
    bytes.extend(entry.name.as_bytes());
    bytes
}

/// What stands behind all files.
pub fn directory(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut begin = 0u32;
    for entry in entries {
        bytes.extend(b"PK\x01\x02\x14\x00");
        bytes.extend(common(entry));
        // No comment, the first disk, no attributes.
        bytes.extend([0; 10]);
        bytes.extend(begin.to_le_bytes());
        bytes.extend(entry.name.as_bytes());
        begin += header(entry).len() as u32 + entry.size;
    }
    let size = bytes.len() as u32;
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        bytes.extend((entries.len() as u16).to_le_bytes());
    }
    bytes.extend(size.to_le_bytes());
    bytes.extend(begin.to_le_bytes());
    bytes.extend([0, 0]);
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
                Entry { name: name.to_owned(), size: content.len() as u32, checksum: checksum.value() };
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

    #[test]
    fn the_checksum_is_the_known_one() {
        let mut checksum = Checksum::default();
        checksum.add(b"1234");
        checksum.add(b"56789");
        assert_eq!(checksum.value(), 0xcbf4_3926);
    }
}
