//! Asking a service: what opens it, what it wants to be asked, and what it answers.
//!
//! A service answers whatever its entry script answers; `{"data": […]}` is a convention, and so is a list in return.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::{AccessToken, KeyKind, Secret, ServiceKeys, ServiceToken};

/// What opens a service: a key of its own, or a token that its model management gave for it. The Azure AD token is
/// another type, and a text that looks like one is not taken.
#[derive(Clone, PartialEq)]
pub struct ScoringKey(Secret);

impl fmt::Debug for ScoringKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ScoringKey(…)")
    }
}

impl ScoringKey {
    /// One of the keys of a service.
    pub fn of_keys(keys: &ServiceKeys, kind: KeyKind) -> Self {
        Self(match kind {
            KeyKind::Primary => keys.primary.clone(),
            KeyKind::Secondary => keys.secondary.clone(),
        })
    }

    /// The token of a service.
    pub fn of_token(token: &ServiceToken) -> Self {
        Self(token.token.clone())
    }

    /// What somebody has in hand.
    ///
    /// # Errors
    /// In a sentence, what is wrong with it: nothing, two words, or what signs somebody in to Azure.
    pub fn typed(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Give the service’s key.");
        }
        if !text.chars().all(|character| character.is_ascii_graphic()) {
            return Err("A key has no spaces, and no letters but a to z.");
        }
        let audience = AccessToken::new(text).claims().and_then(|claims| claims.aud);
        let is_azures = |audience: &str| audience.contains("//management.") || audience.contains("ml.azure.");
        if audience.is_some_and(|audience| is_azures(&audience)) {
            return Err(
                "This is a token for Azure itself, which would be in the hands of whoever runs the service. \
                        Give the service’s own key.",
            );
        }
        Ok(Self(Secret::new(text)))
    }

    /// The key itself, for the request that must carry it and nothing else.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

/// What to ask a service first, after its own description (Swagger 2 or OpenAPI 3): its example, or something of the
/// shape that it names.
pub fn sample_question(description: &Value) -> Option<Value> {
    let paths = description["paths"].as_object()?;
    let score = paths.iter().find(|(path, _)| path.ends_with("/score")).or_else(|| paths.iter().next())?.1;
    let post = &score["post"];
    let in_body = |parameter: &&Value| parameter["in"] == "body";
    let body = post["parameters"].as_array().and_then(|parameters| parameters.iter().find(in_body));
    let schema = match body {
        Some(body) => &body["schema"],
        None => {
            let content = &post["requestBody"]["content"]["application/json"];
            if !content["example"].is_null() {
                return Some(content["example"].clone());
            }
            &content["schema"]
        }
    };
    let sample = sample_of(description, schema, 0)?;
    sample.is_object().then_some(sample)
}

/// Descriptions may refer to themselves.
const DEEPEST: u8 = 8;

fn sample_of(description: &Value, schema: &Value, depth: u8) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return sample_of(description, description.pointer(reference.strip_prefix('#')?)?, depth + 1);
    }
    for given in ["example", "default"] {
        if !schema[given].is_null() {
            return Some(schema[given].clone());
        }
    }
    let kind = schema["type"].as_str();
    Some(match kind {
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("string") => json!(schema["enum"][0].as_str().unwrap_or_default()),
        Some("array") => {
            Value::Array(sample_of(description, &schema["items"], depth + 1).into_iter().collect())
        }
        _ => {
            let properties = schema["properties"].as_object()?;
            let fields = properties.iter().filter_map(|(name, schema)| {
                Some((name.clone(), sample_of(description, schema, depth + 1)?))
            });
            Value::Object(fields.collect())
        }
    })
}

/// What a service answered, made readable.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoringAnswer {
    /// The JSON in it, also where that is written as a text within JSON.
    pub value: Option<Value>,
    /// Whether it was a text within JSON.
    pub was_text: bool,
    /// The text of that; where it is no JSON, or JSON's text of other words, the words.
    pub text: String,
}

impl ScoringAnswer {
    /// Reads the body of an answer.
    pub fn of(body: &[u8]) -> Self {
        let raw = String::from_utf8_lossy(body).into_owned();
        match serde_json::from_str::<Value>(&raw) {
            // What an entry script throws is often a text of several lines.
            Ok(Value::String(words)) => match serde_json::from_str(&words) {
                Ok(value) => Self { value: Some(value), was_text: true, text: words },
                Err(_) => Self { value: None, was_text: false, text: words },
            },
            Ok(value) => Self { value: Some(value), was_text: false, text: raw },
            Err(_) => Self { value: None, was_text: false, text: raw },
        }
    }

    /// As a table, where it is a list.
    pub fn table(&self) -> Option<ScoredTable> {
        ScoredTable::of(self.value.as_ref()?)
    }
}

/// Rows of a question or an answer: what is a list, of lists, of records or of values.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredTable {
    /// In which field of the document it is; none where the document is the list.
    pub field: Option<String>,
    /// The names of its columns; numbers, where the rows name none.
    pub columns: Vec<String>,
    /// What stands in each; null where a record has no such field.
    pub rows: Vec<Vec<Value>>,
    /// What a row is.
    pub row: RowKind,
}

/// What a row of a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// A value alone.
    Value,
    /// A list of values.
    List,
    /// Values with names.
    Record,
}

/// The rows in the `data` of a question.
pub fn data_rows(question: &Value) -> Option<ScoredTable> {
    let fields = question.as_object()?;
    let (field, _) =
        fields.get_key_value("data").or_else(|| fields.iter().find(|(_, value)| value.is_array()))?;
    ScoredTable::in_field(question, Some(field.clone()))
}

impl ScoredTable {
    /// The list that a document is, or the only list in it.
    pub fn of(document: &Value) -> Option<Self> {
        let field = match document {
            Value::Array(_) => None,
            Value::Object(fields) => {
                let mut lists = fields.iter().filter(|(_, value)| value.is_array());
                let (name, _) = lists.next()?;
                if lists.next().is_some() {
                    return None;
                }
                Some(name.clone())
            }
            _ => return None,
        };
        Self::in_field(document, field).filter(|table| !table.rows.is_empty())
    }

    fn in_field(document: &Value, field: Option<String>) -> Option<Self> {
        let list = match &field {
            Some(name) => document[name].as_array()?,
            None => document.as_array()?,
        };
        let is_flat = |value: &Value| !value.is_array() && !value.is_object();
        if list.iter().all(is_flat) {
            let rows = list.iter().map(|value| vec![value.clone()]).collect();
            return Some(Self { field, columns: vec!["1".to_owned()], rows, row: RowKind::Value });
        }
        if let Some(lists) = list.iter().map(Value::as_array).collect::<Option<Vec<_>>>() {
            let width = lists.iter().map(|list| list.len()).max().unwrap_or_default();
            if !lists.iter().all(|list| list.iter().all(is_flat)) {
                return None;
            }
            let filled = |list: &Vec<Value>| {
                let mut row = list.clone();
                row.resize(width, Value::Null);
                row
            };
            let columns = (1..=width).map(|number| number.to_string()).collect();
            return Some(Self {
                field,
                columns,
                rows: lists.into_iter().map(filled).collect(),
                row: RowKind::List,
            });
        }
        let records = list.iter().map(Value::as_object).collect::<Option<Vec<&Map<String, Value>>>>()?;
        if !records.iter().all(|record| record.values().all(is_flat)) {
            return None;
        }
        let mut columns: Vec<String> = Vec::new();
        for name in records.iter().flat_map(|record| record.keys()) {
            if !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        let row = |record: &Map<String, Value>| {
            columns.iter().map(|name| record.get(name).cloned().unwrap_or(Value::Null)).collect()
        };
        Some(Self { field, rows: records.into_iter().map(row).collect(), columns, row: RowKind::Record })
    }

    /// The document with these rows in the place of its own.
    pub fn put_into(&self, mut document: Value) -> Value {
        let rows = self.rows.iter().map(|row| match self.row {
            RowKind::Value => row.first().cloned().unwrap_or(Value::Null),
            RowKind::List => Value::Array(row.clone()),
            RowKind::Record => {
                let named = self.columns.iter().cloned().zip(row.iter().cloned());
                Value::Object(named.filter(|(_, value)| !value.is_null()).collect())
            }
        });
        let rows = Value::Array(rows.collect());
        match &self.field {
            Some(field) => document[field] = rows,
            None => document = rows,
        }
        document
    }

    /// One more row, like the last.
    pub fn add_row(&mut self) {
        let row = self.rows.last().cloned().unwrap_or_else(|| vec![json!(0); self.columns.len()]);
        self.rows.push(row);
    }

    /// The columns that are numbers in every row, by name.
    pub fn numbers(&self) -> Vec<(String, Vec<f64>)> {
        let column = |place: usize| -> Option<Vec<f64>> {
            self.rows.iter().map(|row| row.get(place).and_then(Value::as_f64)).collect()
        };
        let named = self.columns.iter().enumerate();
        named.filter_map(|(place, name)| Some((name.clone(), column(place)?))).collect()
    }
}

/// What somebody typed into a cell: a number, true, false or null where it is one, else a text.
pub fn cell_value(text: &str) -> Value {
    let text = text.trim();
    match serde_json::from_str::<Value>(text) {
        Ok(value) if !value.is_array() && !value.is_object() => value,
        _ => text.into(),
    }
}

/// A cell as somebody types it.
pub fn cell_text(value: &Value) -> String {
    match value {
        // A text that would be read as something else keeps its quotes.
        Value::String(text) if cell_value(text) == *value => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_for_azure_is_not_taken_for_a_key() {
        let payload = |audience: &str| {
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let text = format!(r#"{{"aud":"{audience}"}}"#);
            let mut out = String::new();
            for chunk in text.as_bytes().chunks(3) {
                let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
                    << (8 * (3 - chunk.len()));
                for place in 0..=chunk.len() {
                    out.push(alphabet[(word >> (18 - 6 * place) & 63) as usize].into());
                }
            }
            format!("head.{out}.signature")
        };
        assert!(ScoringKey::typed(&payload("https://management.azure.com/")).is_err());
        assert!(ScoringKey::typed(&payload("https://ml.azure.com")).is_err());
        assert!(ScoringKey::typed(&payload("weather-live")).is_ok());
        assert!(ScoringKey::typed(" ").is_err());
        assert!(ScoringKey::typed("two words").is_err());
        let key = ScoringKey::typed(" hush ").expect("it is a key");
        assert_eq!((key.reveal(), format!("{key:?}").contains("hush")), ("hush", false));
    }

    #[test]
    fn a_description_gives_its_example_or_something_of_its_shape() {
        let path = |schema: Value| {
            json!({ "paths": { "/score": { "post": { "parameters": [{ "in": "body", "schema": schema }] } } },
                    "definitions": { "Row": { "type": "object", "properties": {
                        "shop": { "type": "string", "enum": ["harbour"] }, "hour": { "type": "integer" } } },
                        "Loop": { "type": "array", "items": { "$ref": "#/definitions/Loop" } } } })
        };
        let given = path(json!({ "type": "object", "example": { "data": [[1, 2]] } }));
        assert_eq!(sample_question(&given), Some(json!({ "data": [[1, 2]] })));
        let shaped = path(json!({ "type": "object", "properties": {
            "data": { "type": "array", "items": { "$ref": "#/definitions/Row" } } } }));
        assert_eq!(sample_question(&shaped), Some(json!({ "data": [{ "shop": "harbour", "hour": 0 }] })));
        let endless = path(json!({ "properties": { "data": { "$ref": "#/definitions/Loop" } } }));
        assert!(sample_question(&endless).is_some());
        let newer = json!({ "paths": { "/score": { "post": { "requestBody": { "content": { "application/json": {
            "schema": { "type": "object", "properties": { "data": { "type": "array", "items": { "type": "number" } } } }
        } } } } } } });
        assert_eq!(sample_question(&newer), Some(json!({ "data": [0] })));
        assert_eq!(sample_question(&json!({ "paths": {} })), None);
    }

    #[test]
    fn an_answer_that_is_a_text_of_json_is_read_as_what_it_holds() {
        let answer = ScoringAnswer::of(br#""{\"result\": [1, 2.5]}""#);
        assert!(answer.was_text);
        assert_eq!(answer.value, Some(json!({ "result": [1, 2.5] })));
        let table = answer.table().expect("it holds a list");
        assert_eq!(table.numbers(), [("1".to_owned(), vec![1.0, 2.5])]);
        let words = ScoringAnswer::of(br#""Traceback:\n  line 1""#);
        assert_eq!((words.was_text, words.text.lines().count()), (false, 2));
        assert_eq!(ScoringAnswer::of(b"no healthy upstream").value, None);
    }

    #[test]
    fn rows_are_lists_records_or_values() {
        let rows =
            |document: Value| ScoredTable::of(&document).map(|table| (table.columns, table.rows, table.row));
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(
            rows(json!([1, 2])),
            Some((texts(&["1"]), vec![vec![json!(1)], vec![json!(2)]], RowKind::Value))
        );
        assert_eq!(
            rows(json!({ "data": [[1, 2], [3]] })),
            Some((
                texts(&["1", "2"]),
                vec![vec![json!(1), json!(2)], vec![json!(3), Value::Null]],
                RowKind::List
            ))
        );
        let records = rows(json!([{ "shop": "a", "rain": 1 }, { "shop": "b", "wind": 2 }]));
        assert_eq!(records.map(|(columns, ..)| columns), Some(texts(&["rain", "shop", "wind"])));
        assert_eq!(rows(json!({ "a": [1], "b": [2] })), None);
        assert_eq!(rows(json!([[[1]]])), None);
        assert_eq!(rows(json!([])), None);
    }

    #[test]
    fn changed_rows_go_back_where_they_were() {
        let question = json!({ "data": [{ "shop": "a", "hour": 8 }], "method": "predict" });
        let mut table = data_rows(&question).expect("there are rows");
        table.add_row();
        table.rows[1][0] = cell_value("9");
        assert_eq!(
            table.put_into(question),
            json!({ "data": [{ "shop": "a", "hour": 8 }, { "shop": "a", "hour": 9 }], "method": "predict" })
        );
        let mut empty = data_rows(&json!({ "data": [] })).expect("an empty list has no rows yet");
        empty.add_row();
        assert_eq!(empty.put_into(json!({ "data": [] })), json!({ "data": [0] }));
    }

    #[test]
    fn a_cell_is_what_it_looks_like() {
        for (text, value) in
            [("1.5", json!(1.5)), ("true", json!(true)), ("harbour", json!("harbour")), ("\"7\"", json!("7"))]
        {
            assert_eq!(cell_value(text), value, "{text}");
            assert_eq!(cell_text(&value), text, "{text}");
        }
        assert_eq!(cell_value("[1]"), json!("[1]"));
    }
}
