//! What people hand over in definitions and should not: it is left out of what is shown, and of what is kept.

use azimuth_api::DefinitionDocument;
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
                match without_argument(text, &mut is_next_secret, NOT_SHOWN) {
                    Some(argument) => argument.into(),
                    None => without_secrets(item),
                }
            };
            Value::Array(items.iter().map(item).collect())
        }
        Value::String(text) if has_signature(text) => NOT_SHOWN.into(),
        value => value.clone(),
    }
}

/// An argument without its secret; none where it has none. `is_next_secret` goes from one argument to the next.
pub fn without_argument(text: &str, is_next_secret: &mut bool, instead: &str) -> Option<String> {
    let was_secret = std::mem::take(is_next_secret);
    match text.split_once('=') {
        _ if was_secret && !text.starts_with('-') => Some(instead.to_owned()),
        Some((name, _)) if name.starts_with('-') && is_secret(name) => Some(format!("{name}={instead}")),
        _ => {
            *is_next_secret = text.starts_with('-') && is_secret(text);
            None
        }
    }
}

/// Whether the value of a variable is none of those that people keep secret: nothing, a number, or yes or no.
pub fn is_plain(text: &str) -> bool {
    text.is_empty() || matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

/// What of a definition may be kept in the tab's storage: all but what is or may be a secret. None where that cannot be
/// told.
///
/// Variables are where people put passwords, under any name, so of them only numbers and yes or no are kept.
pub fn definition_to_keep(text: &str) -> Option<String> {
    let Ok(document) = DefinitionDocument::parse(text) else {
        // A text that cannot be read, half typed as it may be: what could be a secret cannot be told from the rest.
        let letters = text.to_ascii_lowercase();
        let marks = [
            "environmentvariables",
            "password",
            "passwd",
            "secret",
            "token",
            "key",
            "connectionstring",
            "sig=",
            "signature",
        ];
        return (!marks.iter().any(|mark| letters.contains(mark))).then(|| text.to_owned());
    };
    let mut is_next_secret = false;
    Some(document.with_scalars(|path, value| {
        let (name, above) = path.split_last()?;
        let is_variable =
            above.last().is_some_and(|above| above.eq_ignore_ascii_case("environmentVariables"));
        let text = value.as_str().unwrap_or_default();
        if value.is_boolean() || text.is_empty() && value.is_string() {
            return None;
        }
        if name.eq_ignore_ascii_case("arguments") {
            let argument = without_argument(text, &mut is_next_secret, NOT_SHOWN);
            return argument.or_else(|| has_signature(text).then(|| NOT_SHOWN.to_owned())).map(Value::from);
        }
        let is_kept = !is_secret(name) && !has_signature(text) && (is_plain(text) || !is_variable);
        (!is_kept).then(|| NOT_SHOWN.into())
    }))
}

/// The names of what [`without_secrets`] or [`definition_to_keep`] left out of a document.
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

    #[test]
    fn a_definition_is_kept_without_its_secrets() {
        let text = r#"{
  "Configuration": {
    "Script": "train.py",
    "Arguments": ["--api-key", "k1", "--token=t1", "--rounds", "40", "https://a/c?sig=s1"],
    "Environment": {
      "EnvironmentVariables": { "DB": "harbour-4711", "ROUNDS": "40", "DEBUG": true, "EMPTY": "", "PASSWORD": "123" },
      "Docker": { "BaseImageRegistry": { "Username": "u", "Password": "p2" } }
    }
  }
}"#;
        let kept = definition_to_keep(text).unwrap();
        for secret in ["k1", "t1", "s1", "harbour-4711", "123", "p2"] {
            assert!(!kept.contains(secret), "{secret} in {kept}");
        }
        for rest in
            ["train.py", "\"ROUNDS\": \"40\"", "\"DEBUG\": true", "\"EMPTY\": \"\"", "\"Username\": \"u\""]
        {
            assert!(kept.contains(rest), "{rest} not in {kept}");
        }
        let document = serde_json::from_str(&kept).unwrap();
        assert_eq!(
            left_out(&document),
            ["Arguments", "Arguments", "Arguments", "Password", "DB", "PASSWORD"]
        );
        assert_eq!(definition_to_keep(&kept).as_deref(), Some(kept.as_str()));
    }

    #[test]
    fn of_a_text_that_cannot_be_read_nothing_is_kept_that_could_be_a_secret() {
        let half = r#"{"Configuration": {"Script": "train.py", "#;
        assert_eq!(definition_to_keep(half).as_deref(), Some(half));
        for secret in
            [r#"{"environment": {"environmentVariables": {"A": "p"#, "{'Password': 'p'}", "x?sig=abc"]
        {
            assert_eq!(definition_to_keep(secret), None, "{secret}");
        }
    }
}
