//! What is in a file, as far as a page can show it.

use std::sync::Arc;

use base64_of::base64_of;
use leptos::prelude::*;

use crate::components::format::format_bytes;
use crate::components::panel::{EmptyState, Hint};
use crate::components::table::TableFrame;
use crate::components::text_view::ansi;
use crate::components::text_view::long_text::LongText;
use crate::components::text_view::{TextPlace, TextView};
use crate::files::csv::CsvTable;
use crate::files::download::{BlobAddress, read_beginning};
use crate::files::json_text::indented;
use crate::files::notebook::{Cell, CellKind, Output, cells};
use crate::files::reader::{FileReader, ReadError};

/// More of a text is not loaded to be shown.
const MOST_TEXT: u64 = 5_000_000;
/// Enough for more rows than are shown of a table.
const MOST_TABLE: u64 = 2_000_000;
/// Larger pictures are not loaded.
const MOST_PICTURE: u64 = 20_000_000;
/// From which it is told whether a file is a text.
const SAMPLE: u64 = 64 << 10;
/// The rows of a table that are shown.
const MOST_ROWS: usize = 1_000;

/// What is shown of a file.
#[derive(Clone)]
pub struct Preview {
    /// How long the file is, if that is known.
    pub total: Option<u64>,
    content: Content,
    /// Whether there is more in the file.
    is_cut: bool,
}

#[derive(Clone)]
enum Content {
    Empty,
    Text(Arc<LongText>),
    Table(Arc<CsvTable>),
    /// A picture of pixels.
    Picture(Arc<BlobAddress>),
    /// A picture of lines, as an address that holds all of it. Such a file may hold scripts: shown as an image they do
    /// not run, and opened from an address of this kind it is not of this page's origin.
    Drawing(String),
    TooLarge,
    Notebook(Arc<Vec<Cell>>),
    /// It is no text, and of no type that is shown.
    Binary,
}

/// How a file is looked at, from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileKind {
    Picture(&'static str),
    Drawing,
    Json,
    Notebook,
    Table,
    Unknown,
}

fn kind_of(path: &str) -> FileKind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let end = name.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).unwrap_or_default();
    match end.as_str() {
        "png" => FileKind::Picture("image/png"),
        "jpg" | "jpeg" => FileKind::Picture("image/jpeg"),
        "gif" => FileKind::Picture("image/gif"),
        "webp" => FileKind::Picture("image/webp"),
        "bmp" => FileKind::Picture("image/bmp"),
        "svg" => FileKind::Drawing,
        "json" => FileKind::Json,
        "ipynb" => FileKind::Notebook,
        "csv" | "tsv" => FileKind::Table,
        _ => FileKind::Unknown,
    }
}

/// Reads as much of a file as is shown of it.
///
/// # Errors
/// Why it could not be read.
pub async fn load_preview(reader: &FileReader) -> Result<Preview, ReadError> {
    let kind = kind_of(reader.path());
    let first = read_beginning(reader, SAMPLE).await?;
    let preview = |total, content, is_cut| Preview { total, content, is_cut };
    if first.bytes.is_empty() {
        return Ok(preview(Some(0), Content::Empty, false));
    }
    let is_picture = matches!(kind, FileKind::Picture(_));
    if !is_picture && !is_text(&first.bytes) {
        return Ok(preview(first.total, Content::Binary, false));
    }
    let most = match kind {
        FileKind::Picture(_) => MOST_PICTURE,
        FileKind::Table => MOST_TABLE,
        _ => MOST_TEXT,
    };
    if is_picture && first.total.is_some_and(|total| total > most) {
        return Ok(preview(first.total, Content::TooLarge, false));
    }
    let read = if first.is_whole { first } else { read_beginning(reader, most).await? };
    let (total, is_cut) = (read.total, !read.is_whole);
    let as_text = |bytes: &[u8]| Content::Text(Arc::new(LongText::of(bytes)));
    let content = match kind {
        FileKind::Picture(_) if is_cut => Content::TooLarge,
        FileKind::Picture(kind) => Content::Picture(Arc::new(BlobAddress::of(&read.bytes, kind))),
        FileKind::Drawing if !is_cut => {
            Content::Drawing(format!("data:image/svg+xml;base64,{}", base64_of(&read.bytes)))
        }
        FileKind::Table => {
            let table = CsvTable::read(&String::from_utf8_lossy(&read.bytes), MOST_ROWS, is_cut);
            let has_more = table.has_more;
            return Ok(preview(total, Content::Table(Arc::new(table)), has_more));
        }
        FileKind::Json if !is_cut => {
            let text = String::from_utf8_lossy(&read.bytes);
            match serde_json::from_str::<serde_json::Value>(text.trim_start_matches('\u{feff}')) {
                Ok(_) => as_text(indented(&text).as_bytes()),
                Err(_) => as_text(&read.bytes),
            }
        }
        FileKind::Notebook if !is_cut => match cells(&String::from_utf8_lossy(&read.bytes)) {
            Some(cells) => Content::Notebook(Arc::new(cells)),
            None => as_text(&read.bytes),
        },
        _ => as_text(&read.bytes),
    };
    Ok(preview(total, content, is_cut))
}

/// Whether bytes are a text for people. UTF-16 is none here.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.contains(&0) {
        return false;
    }
    let odd = |character: char| {
        character == '\u{fffd}'
            || (character.is_control()
                && !character.is_whitespace()
                && character != '\u{1b}'
                && character != '\u{8}')
    };
    let text = String::from_utf8_lossy(bytes);
    let (mut all, mut strange) = (0, 0);
    for character in text.chars() {
        all += 1;
        strange += usize::from(odd(character));
    }
    strange * 20 <= all
}

/// What was read of a file.
#[component]
pub fn PreviewView(preview: Preview, name: String) -> impl IntoView {
    let total = preview.total.map(|total| format!(" of {}", format_bytes(total as f64))).unwrap_or_default();
    let cut = match &preview.content {
        Content::Table(table) if preview.is_cut => Some(format!(
            "These are the first {} rows{total}. The whole file can be downloaded.",
            table.rows.len()
        )),
        Content::Text(text) if preview.is_cut => Some(format!(
            "This is the first {}{total}. The whole file can be downloaded.",
            format_bytes(text.len() as f64)
        )),
        _ => None,
    };
    let content = match preview.content {
        Content::Empty => view! { <EmptyState title="This file is empty" text="There is nothing in it."/> }.into_any(),
        Content::Binary => view! {
            <EmptyState title="No preview" text="This file is not a text, and of no type that this page shows. It can be downloaded."/>
        }
        .into_any(),
        Content::TooLarge => view! {
            <EmptyState title="No preview" text="This picture is larger than 20 MB. It can be downloaded."/>
        }
        .into_any(),
        Content::Text(text) => {
            let text = RwSignal::new(Arc::unwrap_or_clone(text));
            view! { <TextView label=name text=text place=TextPlace::new()/> }.into_any()
        }
        Content::Picture(address) => {
            // The address lives as long as what shows it.
            let address = StoredValue::new(address);
            let source = address.with_value(|address| address.as_str().to_owned());
            view! { <PictureView source=source name=name/> }.into_any()
        }
        Content::Drawing(source) => view! { <PictureView source=source name=name/> }.into_any(),
        Content::Table(table) => view! { <TableView table=table name=name/> }.into_any(),
        Content::Notebook(cells) => view! { <NotebookView cells=cells/> }.into_any(),
    };
    view! {
        {cut.map(|cut| view! { <Hint><p>{cut}</p></Hint> })}
        {content}
    }
}

#[component]
fn PictureView(source: String, name: String) -> impl IntoView {
    let is_broken = RwSignal::new(false);
    view! {
        <figure class="picture" hidden=move || is_broken.get()>
            <img src=source alt=format!("The picture {name}") on:error=move |_| is_broken.set(true)/>
        </figure>
        <Show when=move || is_broken.get()>
            <EmptyState title="No preview" text="The browser cannot read this picture. It can be downloaded."/>
        </Show>
    }
}

#[component]
fn TableView(table: Arc<CsvTable>, name: String) -> impl IntoView {
    let numeric: Vec<bool> = (0..table.width()).map(|column| table.is_numeric(column)).collect();
    let head: Vec<_> = table
        .head
        .iter()
        .cloned()
        .enumerate()
        .map(|(column, cell)| view! { <th scope="col" class:number=numeric.get(column).copied().unwrap_or_default()>{cell}</th> })
        .collect();
    let row = |row: &Vec<String>| {
        let cells: Vec<_> = row
            .iter()
            .cloned()
            .enumerate()
            .map(|(column, cell)| view! { <td class:number=numeric.get(column).copied().unwrap_or_default()>{cell}</td> })
            .collect();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = table.rows.iter().map(row).collect();
    view! {
        <div class="file-table">
            <TableFrame caption=name>
                <table class="table">
                    <thead><tr>{head}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </TableFrame>
        </div>
    }
}

#[component]
fn NotebookView(cells: Arc<Vec<Cell>>) -> impl IntoView {
    let cell = |(index, cell): (usize, &Cell)| {
        let kind = match &cell.kind {
            CellKind::Code(Some(count)) => format!("Code [{count}]"),
            CellKind::Code(None) => "Code".to_owned(),
            CellKind::Markdown => "Text".to_owned(),
            CellKind::Other(kind) => kind.clone(),
        };
        let label = format!("Cell {}: {kind}", index + 1);
        let outputs: Vec<_> = cell.outputs.iter().cloned().map(output_view).collect();
        view! {
            <section class="cell" aria-label=label>
                <p class="kind">{kind}</p>
                <pre tabindex="0" role="region" aria-label=format!("Source of cell {}", index + 1)>{cell.source.clone()}</pre>
                {outputs}
            </section>
        }
    };
    let shown: Vec<_> = cells.iter().enumerate().map(cell).collect();
    view! { <div class="notebook">{shown}</div> }
}

fn output_view(output: Output) -> AnyView {
    let plain = |text: &str| {
        let lines: Vec<_> = text.lines().map(|line| ansi::plain(line.as_bytes()).into_owned()).collect();
        lines.join("\n")
    };
    match output {
        Output::Text(text) => view! { <pre class="output">{plain(&text)}</pre> }.into_any(),
        Output::Error(text) => view! { <pre class="output error">{plain(&text)}</pre> }.into_any(),
        Output::Png(picture) => {
            let source = format!("data:image/png;base64,{picture}");
            view! { <img class="output" src=source alt="A picture that this cell made"/> }.into_any()
        }
        Output::Other(kinds) if kinds.is_empty() => ().into_any(),
        Output::Other(kinds) => {
            view! { <p class="muted small">{format!("Not shown: {kinds}")}</p> }.into_any()
        }
    }
}

/// Base64, as addresses that hold data want it.
mod base64_of {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    pub fn base64_of(bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
        for group in bytes.chunks(3) {
            let number = group
                .iter()
                .enumerate()
                .fold(0u32, |number, (index, byte)| number | u32::from(*byte) << (16 - 8 * index));
            for index in 0..4 {
                let letter = LETTERS[(number >> (18 - 6 * index)) as usize & 63];
                text.push(if index <= group.len() { char::from(letter) } else { '=' });
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_apart_by_their_names() {
        assert_eq!(kind_of("outputs/plot.PNG"), FileKind::Picture("image/png"));
        assert_eq!(kind_of("a.b/plot.svg"), FileKind::Drawing);
        assert_eq!(kind_of("a.csv/README"), FileKind::Unknown);
        assert_eq!(kind_of("residuals"), FileKind::Unknown);
    }

    #[test]
    fn texts_are_told_from_other_bytes() {
        assert!(is_text("Brötchen\t\u{1b}[31mred\r\n".as_bytes()));
        assert!(is_text(b"one bad byte \xff in many others is still a text"));
        assert!(!is_text(b"\x80\x04\x95\xff\xfe\x01\x02"));
        assert!(!is_text(b"PK\x03\x04\x00"));
    }

    #[test]
    fn base64_has_its_padding() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64_of(bytes.as_bytes()), text);
        }
    }
}
