//! Notebooks (`.ipynb`): cells in their order, and what they printed.

use serde_json::Value;

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    pub kind: CellKind,
    pub source: String,
    pub outputs: Vec<Output>,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// The how-manieth that was run.
    Code(Option<u64>),
    Markdown,
    Other(String),
}

/// What a cell left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    Text(String),
    /// As Base64.
    Png(String),
    /// A traceback.
    Error(String),
    /// Of a type that is not shown.
    Other(String),
}

/// The cells of a notebook; none where the text is no notebook.
pub fn cells(text: &str) -> Option<Vec<Cell>> {
    let document: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    // The third version has them one step deeper.
    let cells = document["cells"].as_array().or_else(|| document["worksheets"][0]["cells"].as_array())?;
    Some(cells.iter().map(cell).collect())
}

fn cell(cell: &Value) -> Cell {
    let kind = match cell["cell_type"].as_str().unwrap_or_default() {
        "code" => CellKind::Code(cell["execution_count"].as_u64().or(cell["prompt_number"].as_u64())),
        "markdown" => CellKind::Markdown,
        other => CellKind::Other(other.to_owned()),
    };
    let source = joined(if cell["source"].is_null() { &cell["input"] } else { &cell["source"] });
    let outputs = cell["outputs"].as_array().into_iter().flatten().map(output).collect();
    Cell { kind, source, outputs }
}

fn output(output: &Value) -> Output {
    if let Some(lines) = output["traceback"].as_array() {
        let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
        return Output::Error(lines.join("\n"));
    }
    if !output["text"].is_null() {
        return Output::Text(joined(&output["text"]));
    }
    let data = &output["data"];
    if !data["image/png"].is_null() {
        let picture: String = joined(&data["image/png"]).split_ascii_whitespace().collect();
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if picture.bytes().all(is_base64) {
            return Output::Png(picture);
        }
    }
    if !data["text/plain"].is_null() {
        return Output::Text(joined(&data["text/plain"]));
    }
    let kinds: Vec<&str> = data.as_object().into_iter().flatten().map(|(kind, _)| kind.as_str()).collect();
    Output::Other(kinds.join(", "))
}

/// A text, or its lines.
fn joined(value: &Value) -> String {
    match value {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_with_what_they_left() {
        let cells = cells(
            r##"{"cells":[
                {"cell_type":"markdown","source":["# Bread\n","daily"]},
                {"cell_type":"code","execution_count":2,"source":"1/0","outputs":[
                    {"output_type":"stream","text":["a\n","b"]},
                    {"output_type":"execute_result","data":{"text/plain":"3","text/html":"<b>3</b>"}},
                    {"output_type":"display_data","data":{"image/png":"iVBO\nRw=="}},
                    {"output_type":"error","traceback":["Traceback","no"]},
                    {"output_type":"display_data","data":{"text/html":"<script>"}}]},
                {"cell_type":"raw","source":null}]}"##,
        )
        .unwrap();
        assert_eq!((cells[0].kind.clone(), cells[0].source.as_str()), (CellKind::Markdown, "# Bread\ndaily"));
        assert_eq!(
            cells[1].outputs,
            [
                Output::Text("a\nb".to_owned()),
                Output::Text("3".to_owned()),
                Output::Png("iVBORw==".to_owned()),
                Output::Error("Traceback\nno".to_owned()),
                Output::Other("text/html".to_owned()),
            ]
        );
        assert_eq!(cells[1].kind, CellKind::Code(Some(2)));
        assert_eq!(cells[2].kind, CellKind::Other("raw".to_owned()));
    }

    #[test]
    fn a_picture_that_is_none_is_not_made_one() {
        let text = r#"{"cells":[{"cell_type":"code","source":"","outputs":[{"data":{"image/png":"a\" onerror=x","text/plain":"p"}}]}]}"#;
        assert_eq!(cells(text).unwrap()[0].outputs, [Output::Text("p".to_owned())]);
    }

    #[test]
    fn other_json_is_no_notebook() {
        assert_eq!(cells("{}"), None);
        assert_eq!(cells("not json"), None);
    }
}
