//! What people hand over in definitions and should not: it is left out of what is shown.

use serde_json::Value;

/// What stands in its place.
pub const NOT_SHOWN: &str = "not shown";

/// Whether a name is that of something to be kept secret; people hand keys over as arguments and variables.
pub fn is_secret(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let letters: String =
        last.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
    // `max_tokens` is a number of words.
    ["password", "passwd", "secret", "token", "apikey", "accesskey", "accountkey", "connectionstring"]
        .iter()
        .any(|end| letters.ends_with(end))
}

/// Whether a text has the key or the signature of a storage account in it.
pub fn has_signature(text: &str) -> bool {
    ["sig=", "AccountKey=", "SharedAccessSignature="].iter().any(|mark| text.contains(mark))
}

/// A document with its secrets left out.
pub fn without_secrets(document: &Value) -> Value {
    match document {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let is_kept = !is_secret(name) || value.is_null() || value.is_boolean();
                (name.clone(), if is_kept { without_secrets(value) } else { NOT_SHOWN.into() })
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(items) => {
            // As arguments: `--api-key value` or `--api-key=value`.
            let mut is_next_secret = false;
            let item = |item: &Value| {
                let Some(text) = item.as_str() else { return without_secrets(item) };
                let was_secret = std::mem::take(&mut is_next_secret);
                match text.split_once('=') {
                    _ if was_secret && !text.starts_with('-') => NOT_SHOWN.into(),
                    Some((name, _)) if name.starts_with('-') && is_secret(name) => {
                        format!("{name}={NOT_SHOWN}").into()
                    }
                    _ => {
                        is_next_secret = text.starts_with('-') && is_secret(text);
                        without_secrets(item)
                    }
                }
            };
            Value::Array(items.iter().map(item).collect())
        }
        Value::String(text) if has_signature(text) => NOT_SHOWN.into(),
        value => value.clone(),
    }
}

/// The names of what [`without_secrets`] left out of a document.
pub fn left_out(document: &Value) -> Vec<String> {
    let mut names = Vec::new();
    find_left_out(document, "", &mut names);
    names
}

fn find_left_out(value: &Value, name: &str, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| find_left_out(value, name, names)),
        Value::Array(items) => items.iter().for_each(|item| find_left_out(item, name, names)),
        Value::String(text) => {
            let is_left_out = text.strip_suffix(NOT_SHOWN).is_some_and(|before| {
                before.is_empty() || (before.starts_with('-') && before.ends_with('='))
            });
            if is_left_out {
                names.push(name.to_owned());
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_definition_is_shown_without_its_secrets() {
        let definition = json!({
            "arguments": ["--rounds", "40", "--api-key", "k1", "--token=t1", "--max-tokens", "9", "--secret", "-v"],
            "environment": {
                "environmentVariables": { "DB_PASSWORD": "p1", "SHOP": "harbour" },
                "docker": { "baseImageRegistry": { "address": "r.io", "password": "p2", "username": "u" } },
            },
            "data": "https://a.blob.core.windows.net/c?sv=1&sig=s1",
            "password": null,
        });
        assert_eq!(
            without_secrets(&definition),
            json!({
                "arguments": ["--rounds", "40", "--api-key", NOT_SHOWN, "--token=not shown", "--max-tokens", "9", "--secret", "-v"],
                "environment": {
                    "environmentVariables": { "DB_PASSWORD": NOT_SHOWN, "SHOP": "harbour" },
                    "docker": { "baseImageRegistry": { "address": "r.io", "password": NOT_SHOWN, "username": "u" } },
                },
                "data": NOT_SHOWN,
                "password": null,
            })
        );
        assert_eq!(
            left_out(&without_secrets(&definition)),
            ["arguments", "arguments", "data", "password", "DB_PASSWORD"]
        );
        assert!(left_out(&json!({ "note": "what is not shown", "a": ["not shown here"] })).is_empty());
    }
}
