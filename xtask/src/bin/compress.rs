//! Writes a `.br` beside each file named on the command line.

use std::error::Error;
use std::fs::{self, File};
use std::io::Write;

/// Brotli's highest quality: these files are compressed once and downloaded often.
const QUALITY: u32 = 11;
const WINDOW: u32 = 22;
const BUFFER_SIZE: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let content = fs::read(&path)?;
        // Under its own name only once it is whole: a server may be serving the folder.
        let part = format!("{path}.br.part");
        let file = File::create(&part)?;
        let mut compressed = brotli::CompressorWriter::new(file, BUFFER_SIZE, QUALITY, WINDOW);
        compressed.write_all(&content)?;
        compressed.flush()?;
        drop(compressed);
        fs::rename(part, format!("{path}.br"))?;
    }
    Ok(())
}
