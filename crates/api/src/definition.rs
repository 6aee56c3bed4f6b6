//! The run definition: what is read of it before it is handed in.

use std::fmt;

use serde_json::{Map, Value};

pub use crate::definition::document::DefinitionDocument;
pub use crate::definition::repair::DefinitionRepair;

mod document;
mod repair;

/// What a run definition says, as far as it can be checked before it is handed in.
///
/// Keys are read in any case, as the service does: the articles write `Configuration.Script`, the published
/// description `configuration.script`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunDefinition {
    /// The script, as a path in the zip.
    pub script: Option<String>,
    /// The name of the compute.
    pub target: Option<String>,
    /// How many machines.
    pub node_count: Option<u64>,
    /// After how many seconds the service stops it.
    pub max_run_duration_seconds: Option<u64>,
    /// The arguments of the script, joined by spaces.
    pub arguments: Vec<String>,
    /// The document itself.
    pub document: Value,
}

/// Why a text is no run definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionError {
    /// Not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// JSON without an object `configuration`.
    NoConfiguration,
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { line, column, reason } => {
                write!(formatter, "Not JSON at line {line}, column {column}: {reason}.")
            }
            Self::NoConfiguration => formatter.write_str(
                "There is no “Configuration” in it: script, target and environment belong inside one.",
            ),
        }
    }
}

impl RunDefinition {
    /// Reads a definition; a byte order mark before it is forgiven.
    ///
    /// # Errors
    /// Where the text is no JSON, or has no `configuration`.
    pub fn parse(text: &str) -> Result<Self, DefinitionError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document: Value = serde_json::from_str(text).map_err(|error| {
            let full = error.to_string();
            // serde_json ends its sentence with the place, which we say ourselves.
            let reason = full.split(" at line ").next().unwrap_or(&full).to_owned();
            DefinitionError::NotJson { line: error.line(), column: error.column(), reason }
        })?;
        let configuration = any_case(document.as_object(), "configuration")
            .and_then(Value::as_object)
            .ok_or(DefinitionError::NoConfiguration)?;
        let field = |name| any_case(Some(configuration), name);
        let text_field =
            |name| field(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let arguments = field("arguments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(Self {
            script: text_field("script"),
            target: text_field("target"),
            node_count: field("nodeCount").and_then(Value::as_u64),
            max_run_duration_seconds: field("maxRunDurationSeconds").and_then(Value::as_u64),
            arguments: arguments
                .iter()
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .collect(),
            document,
        })
    }

    /// What the configuration says at a path, whose keys are read in any case; null says nothing.
    pub fn field(&self, path: &[&str]) -> Option<&Value> {
        let mut value = any_case(self.document.as_object(), "configuration")?;
        for key in path {
            value = any_case(value.as_object(), key)?;
        }
        (!value.is_null()).then_some(value)
    }
}

fn any_case<'a>(object: Option<&'a Map<String, Value>>, name: &str) -> Option<&'a Value> {
    object?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_cases_of_the_keys_say_the_same() {
        let article = include_str!("../../simulator/samples/execution_startrun_definition.json");
        let specification =
            include_str!("../../simulator/samples/execution_startrun_definition_camelcase.json");
        for text in [article, specification] {
            let definition = RunDefinition::parse(text).unwrap();
            assert_eq!(definition.script.as_deref(), Some("hello.py"));
            assert_eq!(definition.target.as_deref(), Some("cpu-compute"));
            assert_eq!((definition.node_count, definition.max_run_duration_seconds), (Some(1), Some(1200)));
            assert_eq!(definition.arguments, ["234"]);
        }
    }

    #[test]
    fn a_byte_order_mark_is_forgiven() {
        assert!(RunDefinition::parse("\u{feff}{\"configuration\":{\"script\":\"a.py\"}}").is_ok());
    }

    #[test]
    fn a_field_is_found_in_any_case() {
        let definition = RunDefinition::parse(
            r#"{"Configuration":{"Environment":{"python":{"InterpreterPath":"p"}},"Target":null}}"#,
        );
        let definition = definition.unwrap();
        let path = definition.field(&["environment", "Python", "interpreterPath"]);
        assert_eq!(path.and_then(Value::as_str), Some("p"));
        assert_eq!(definition.field(&["target"]), None);
        assert_eq!(definition.field(&["environment", "docker", "baseImage"]), None);
    }

    #[test]
    fn a_fault_has_its_place() {
        let error = RunDefinition::parse("{\n  \"Configuration\": {,}\n}").unwrap_err();
        assert!(matches!(error, DefinitionError::NotJson { line: 2, column: 21, .. }), "{error:?}");
        assert!(error.to_string().starts_with("Not JSON at line 2, column 21: "), "{error}");
        assert_eq!(RunDefinition::parse("[]"), Err(DefinitionError::NoConfiguration));
        assert_eq!(RunDefinition::parse("{\"Script\":\"a.py\"}"), Err(DefinitionError::NoConfiguration));
    }
}
