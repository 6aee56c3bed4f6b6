//! What hosts may want of a built site beside the files themselves: each compressed, and the manifest of all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::manifest::{self, Compressed, Content, Manifest, SiteFile};

/// What gets smaller. `config.json` is edited where it is served, where a compressed one would be out of date.
const COMPRESSED: [&str; 5] = ["wasm", "js", "css", "html", "svg"];
/// Brotli's highest quality: these files are compressed once and downloaded often.
const QUALITY: u32 = 11;
const WINDOW: u32 = 22;
const BUFFER_SIZE: usize = 64 * 1024;
/// The encodings, as `Content-Encoding` calls them and as names of files end.
const ENCODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// Writes a `.br` and a `.gz` beside each file that gets smaller, and `files.json`.
pub fn pack(folder: &Path) -> Result<(), String> {
    let mut files = Vec::new();
    for path in paths_below(folder)? {
        let content = read(&path)?;
        let mut compressed = Vec::new();
        if has_extension(&path, &COMPRESSED) {
            for (encoding, extension) in ENCODINGS {
                let beside = PathBuf::from(format!("{}.{extension}", path.display()));
                write_compressed(&beside, encoding, &content)?;
                compressed.push(Compressed {
                    encoding: encoding.to_owned(),
                    path: site_path(folder, &beside),
                    content: content_of(&read(&beside)?),
                });
            }
        }
        files.push(SiteFile::new(site_path(folder, &path), content_of(&content), compressed));
    }
    let manifest = Manifest { files, former: Vec::new() };
    write_whole(&folder.join(manifest::NAME), |file| file.write_all(manifest.text().as_bytes()))
}

/// The files of a site alone: what was written beside them is not one of them.
fn paths_below(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(within) = folders.pop() {
        let unreadable = |error| format!("{}: {error}", within.display());
        for entry in fs::read_dir(&within).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.is_dir() {
                folders.push(path);
            } else if !has_extension(&path, &["br", "gz", "part"]) && path != folder.join(manifest::NAME) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn write_compressed(path: &Path, encoding: &str, content: &[u8]) -> Result<(), String> {
    write_whole(path, |file| {
        if encoding == "br" {
            let mut compressed = brotli::CompressorWriter::new(file, BUFFER_SIZE, QUALITY, WINDOW);
            compressed.write_all(content)?;
            return compressed.flush();
        }
        let mut compressed = GzEncoder::new(file, flate2::Compression::best());
        compressed.write_all(content)?;
        compressed.finish().map(drop)
    })
}

/// Under its own name only once it is whole: a server may be serving the folder.
fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> Result<(), String> {
    let part = PathBuf::from(format!("{}.part", path.display()));
    let written = File::create(&part).and_then(|mut file| write(&mut file));
    written.and_then(|()| fs::rename(&part, path)).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn content_of(bytes: &[u8]) -> Content {
    let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Content { size: bytes.len() as u64, sha256 }
}

fn site_path(folder: &Path, path: &Path) -> String {
    let names = path.strip_prefix(folder).unwrap_or(path).iter();
    names.map(|name| name.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().is_some_and(|extension| extensions.iter().any(|one| extension == *one))
}
