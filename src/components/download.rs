//! Files that the page makes and hands out.

use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long the browser has to begin with a download before its address is given up.
const ADDRESS_LIFE: std::time::Duration = std::time::Duration::from_secs(60);

/// Hands out a text as a file.
pub fn save_text(name: &str, kind: &str, text: &str) {
    let properties = BlobPropertyBag::new();
    properties.set_type(kind);
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &properties) {
        save_blob(name, &blob);
    }
}

/// Hands out a file.
pub fn save_blob(name: &str, blob: &Blob) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    let anchor =
        document().create_element("a").ok().and_then(|anchor| anchor.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(anchor) = anchor {
        anchor.set_href(&address);
        anchor.set_download(&file_name(name));
        anchor.click();
    }
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        ADDRESS_LIFE,
    );
}

/// What no file system takes is left out of a name.
fn file_name(name: &str) -> String {
    name.chars()
        .map(
            |character| {
                if r#"/\:*?"<>|"#.contains(character) || character.is_control() { '_' } else { character }
            },
        )
        .collect()
}

/// One line of a file with commas. A cell that a spreadsheet would take for a formula gets an apostrophe; a number is
/// none.
pub fn csv_line<'a>(cells: impl Iterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.map(csv_cell).collect();
    cells.join(",") + "\r\n"
}

fn csv_cell(cell: &str) -> String {
    // Spreadsheets of some languages take the wide signs for the usual ones.
    let marks = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    let is_formula = cell.starts_with(marks) && cell.parse::<f64>().is_err();
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_never_becomes_a_formula() {
        let line = csv_line(["=1+1", "+x", "-x", "@a", "\tb", "-1.5", "a,b", "say \"hi\"", ""].into_iter());
        assert_eq!(line, "'=1+1,'+x,'-x,'@a,'\tb,-1.5,\"a,b\",\"say \"\"hi\"\"\",\r\n");
        let line = csv_line(["\n=1", "＝1", "＋1", "－1", "＠a"].into_iter());
        assert_eq!(line, "\"'\n=1\",'＝1,'＋1,'－1,'＠a\r\n");
    }

    #[test]
    fn a_file_name_has_no_path_in_it() {
        assert_eq!(file_name("../a:b.csv"), ".._a_b.csv");
    }
}
