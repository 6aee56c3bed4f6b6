//! The file of a run definition, as text.

use web_sys::File;

use crate::components::format::format_bytes;
use crate::pages::submit::project::read_bytes;
use crate::project_zip::{FileKind, HEAD, ZipFault};

/// A run definition is a page of text; what is larger is something else.
const MOST_BYTES: f64 = 1_000_000.0;

/// The text of a file.
///
/// # Errors
/// A sentence on why it is no text that can be shown.
pub async fn read_definition(file: &File) -> Result<String, String> {
    let size = file.size();
    let is_too_large = size > MOST_BYTES;
    let Some(bytes) = read_bytes(file, 0, if is_too_large { HEAD } else { size as u64 }).await else {
        return Err(ZipFault::Unreadable.words());
    };
    match FileKind::of(&bytes[..bytes.len().min(HEAD as usize)]).instead_of_definition() {
        _ if bytes.is_empty() => Err("The file is empty.".to_owned()),
        Some(words) => Err(words),
        None if is_too_large => {
            Err(format!("It has {}; a run definition is a page of text.", format_bytes(size)))
        }
        None => text_of(&bytes)
            .ok_or_else(|| "This is no text in UTF-8. Save it as UTF-8, or choose another file.".to_owned()),
    }
}

/// Bytes as text: in UTF-8, or in UTF-16, which PowerShell writes.
fn text_of(bytes: &[u8]) -> Option<String> {
    let units = |number: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| number([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] => units(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => units(u16::from_be_bytes),
        _ => str::from_utf8(bytes).ok().map(str::to_owned),
    };
    Some(text?.trim_start_matches('\u{feff}').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_editors_and_shells_write_them() {
        let text = "{\"Script\": \"é.py\"}";
        let wide = |order: fn(u16) -> [u8; 2]| {
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(order).collect::<Vec<u8>>()
        };
        let marked = format!("\u{feff}{text}").into_bytes();
        for bytes in [text.as_bytes().to_vec(), marked, wide(u16::to_le_bytes), wide(u16::to_be_bytes)] {
            assert_eq!(text_of(&bytes).as_deref(), Some(text));
        }
        assert_eq!(text_of(b"{\"a\": \"\xe9\"}"), None);
    }
}
