//! The project that is handed in with a run: a zip, of which only the names matter here.

/// The names in a zip; `None` when it is not one.
pub fn names(bytes: &[u8]) -> Option<Vec<String>> {
    let archive = rawzip::ZipArchive::from_slice(bytes).ok()?;
    let mut entries = archive.entries();
    let mut names = Vec::new();
    while let Some(entry) = entries.next_entry().ok()? {
        if !entry.is_dir() {
            names.push(String::from_utf8_lossy(entry.file_path().as_bytes()).into_owned());
        }
    }
    Some(names)
}
