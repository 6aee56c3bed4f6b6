//! Run definitions: the keys in any case, the missing ones filled in.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use crate::errors::sample;

/// A definition with every key, as details show it.
pub fn complete(configuration: &Value) -> Value {
    // A world has many runs: the example is read once.
    static EXAMPLE: OnceLock<Value> = OnceLock::new();
    let read = || sample(include_str!("../samples/history_run_details.json"))["runDefinition"].take();
    let mut definition = EXAMPLE.get_or_init(read).clone();
    definition["arguments"] = Value::Array(Vec::new());
    definition["maxRunDurationSeconds"] = Value::Null;
    definition["environment"]["name"] = Value::Null;
    definition["environment"]["version"] = Value::Null;
    merge(&mut definition, configuration);
    definition
}

/// A definition of the usual kind.
pub fn usual(script: &str, arguments: &[&str], target: &str, nodes: usize) -> Value {
    let mut definition = complete(&Value::Null);
    definition["script"] = script.into();
    definition["arguments"] = arguments.iter().map(|argument| Value::from(*argument)).collect();
    definition["target"] = target.into();
    definition["nodeCount"] = nodes.into();
    definition
}

/// The same value with camelCase keys: both cases are bound (the article has one, the specification the other).
/// What is named by its writer keeps its case.
pub fn with_camel_case_keys(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| {
                let key = camel_case(key);
                let named_within =
                    matches!(key.as_str(), "condaDependencies" | "environmentVariables" | "dataReferences");
                let value = if named_within { value.clone() } else { with_camel_case_keys(value) };
                (key, value)
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(with_camel_case_keys).collect(),
        other => other.clone(),
    }
}

fn camel_case(key: &str) -> String {
    let mut characters = key.chars();
    match characters.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + characters.as_str(),
        None => String::new(),
    }
}

/// Lays `over` over `under`, field by field; null changes nothing.
fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (_, Value::Null) => {}
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                merge(under.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over.clone(),
    }
}
