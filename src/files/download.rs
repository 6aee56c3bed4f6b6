//! Saves files of a run on this computer. Their bytes are handed to the browser in parts as they come, so that a large
//! file is never wholly in our memory.

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url};

use crate::components::download::save_blob;
use crate::files::reader::{FileReader, ReadError};
use crate::files::zip::{self, Checksum, Entry};
use crate::transport::ByteRange;

/// How much is asked for at once.
const PART: u64 = 4 << 20;

/// How far a download has come, in bytes. A total of 0 is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amount {
    pub done: f64,
    pub total: f64,
}

/// Why a download ended too soon.
#[derive(Clone, Debug, PartialEq)]
pub enum DownloadError {
    /// A file could not be read.
    Unread { path: String, error: Box<ReadError> },
    /// There is more than fits into one zip.
    TooLarge,
}

/// Saves a file under its own name.
///
/// # Errors
/// Why it could not be read to its end.
pub async fn save_file(reader: &FileReader, amount: RwSignal<Amount>) -> Result<(), DownloadError> {
    let parts = Array::new();
    let mut done = 0.0;
    read_to_end(reader, |bytes, total| {
        parts.push(&part(bytes));
        done += bytes.len() as f64;
        amount.try_set(Amount { done, total: total.unwrap_or_default() as f64 });
        Ok(())
    })
    .await?;
    let name = reader.path().rsplit('/').next().unwrap_or_default();
    save(&parts, if name.is_empty() { "file" } else { name }, "application/octet-stream");
    Ok(())
}

/// Saves several files as a zip.
///
/// # Errors
/// Which of them could not be read, or that there is too much.
pub async fn save_zip(
    readers: &[FileReader],
    name: &str,
    amount: RwSignal<Amount>,
    files: RwSignal<(usize, usize)>,
) -> Result<(), DownloadError> {
    if readers.len() > zip::MOST_FILES {
        return Err(DownloadError::TooLarge);
    }
    files.try_set((0, readers.len()));
    let parts = Array::new();
    let mut entries = Vec::new();
    let mut done = 0u64;
    for reader in readers {
        let content = Array::new();
        let mut checksum = Checksum::default();
        let mut size = 0u64;
        read_to_end(reader, |bytes, _| {
            checksum.add(bytes);
            size += bytes.len() as u64;
            content.push(&part(bytes));
            amount.try_set(Amount { done: (done + size) as f64, total: 0.0 });
            if done + size > zip::MOST_BYTES { Err(DownloadError::TooLarge) } else { Ok(()) }
        })
        .await?;
        done += size;
        let entry = Entry { name: reader.path().to_owned(), size, checksum: checksum.value() };
        parts.push(&part(&zip::header(&entry)));
        for part in content.iter() {
            parts.push(&part);
        }
        entries.push(entry);
        files.try_set((entries.len(), readers.len()));
    }
    parts.push(&part(&zip::directory(&entries)));
    save(&parts, name, "application/zip");
    Ok(())
}

/// Reads a file to its end, part by part.
///
/// # Errors
/// Why it could not be read, or what `take` says against going on.
async fn read_to_end(
    reader: &FileReader,
    mut take: impl FnMut(&[u8], Option<u64>) -> Result<(), DownloadError>,
) -> Result<(), DownloadError> {
    let mut from = 0;
    loop {
        let piece = reader.read(ByteRange { from, to: Some(from + PART) }).await.map_err(|error| {
            DownloadError::Unread { path: reader.path().to_owned(), error: Box::new(error) }
        })?;
        take(&piece.bytes, piece.total)?;
        from += piece.bytes.len() as u64;
        if piece.is_end || piece.bytes.is_empty() {
            return Ok(());
        }
    }
}

/// Reads the beginning of a file, at most so many bytes, and says how long it is if that is known.
///
/// # Errors
/// Why it could not be read.
pub async fn read_beginning(reader: &FileReader, most: u64) -> Result<Beginning, ReadError> {
    let mut bytes = Vec::new();
    loop {
        let from = bytes.len() as u64;
        let piece = reader.read(ByteRange { from, to: Some((from + PART).min(most)) }).await?;
        let (is_end, total) = (piece.is_end || piece.bytes.is_empty(), piece.total);
        bytes.extend(piece.bytes);
        let is_cut = bytes.len() as u64 > most;
        bytes.truncate(most as usize);
        let length = bytes.len() as u64;
        if is_end || length >= most {
            let total = total.or((is_end && !is_cut).then_some(length));
            return Ok(Beginning { bytes, total, is_whole: is_end && !is_cut });
        }
    }
}

/// The beginning of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    pub bytes: Vec<u8>,
    /// How long the file is, if that was said.
    pub total: Option<u64>,
    /// Whether these are all of its bytes.
    pub is_whole: bool,
}

/// An address of some bytes inside this page, for an image or a download, until it is dropped.
pub struct BlobAddress(String);

impl BlobAddress {
    /// Of these bytes.
    pub fn of(bytes: &[u8], kind: &str) -> Self {
        let blob = blob_of(&Array::of1(&part(bytes)), kind);
        Self(blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()).unwrap_or_default())
    }

    /// As it goes into an attribute.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for BlobAddress {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// Bytes that the browser keeps, and may put on its disk.
fn part(bytes: &[u8]) -> JsValue {
    let array = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence(&array).map_or(JsValue::UNDEFINED, JsValue::from)
}

fn save(parts: &Array, name: &str, kind: &str) {
    if let Some(blob) = blob_of(parts, kind) {
        save_blob(name, &blob);
    }
}

fn blob_of(parts: &Array, kind: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Blob::new_with_u8_array_sequence_and_options(parts, &options).ok()
}

impl DownloadError {
    /// What the service said, where it said something.
    pub fn read_error(&self) -> Option<&ReadError> {
        match self {
            Self::Unread { error, .. } => Some(error),
            Self::TooLarge => None,
        }
    }
}
