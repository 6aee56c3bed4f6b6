//! Security invariants that a search of the source can hold up. They are listed in ARCHITECTURE.md.

use std::fs;
use std::path::Path;

use crate::{dist, process};

/// Words that may stand in no code of the page, except where `only_in` says.
struct Invariant {
    words: &'static [&'static str],
    only_in: &'static [&'static str],
    reason: &'static str,
}

const INVARIANTS: [Invariant; 6] = [
    Invariant {
        // With the comma: the name with a value behind it, as a call or a pair has it.
        words: &["AUTHORIZATION", "\"Authorization\",", "\"authorization\","],
        only_in: &["src/transport.rs"],
        reason: "a token is put into a request in one place only",
    },
    Invariant {
        words: &[
            "inner_html",
            "innerhtml",
            "outer_html",
            "outerhtml",
            "insert_adjacent_html",
            "document.write",
        ],
        only_in: &[],
        reason: "what the service says is shown as text, never as markup",
    },
    Invariant {
        words: &["set_item(", "session_storage(", "local_storage("],
        only_in: &["src/kept.rs", "src/components/theme.rs"],
        reason: "what is stored is listed in one place: forms, columns, and the theme",
    },
    Invariant {
        words: &["js_sys::eval", "eval(", "new_with_args(", "new_no_args("],
        only_in: &[],
        reason: "no code is made from text",
    },
    Invariant {
        words: &["style=\"", "style=move", "style=format!", "style=style"],
        only_in: &[],
        reason: "the page's policy refuses style attributes: use a class, or style:property",
    },
    Invariant {
        words: &["format!(\"http", "format!(\"{}://"],
        only_in: &[],
        reason: "addresses are built from segments, in the API crate",
    },
];

/// Looks through the page's own code.
pub fn hold() -> Result<(), String> {
    let root = process::root();
    let mut broken = Vec::new();
    for path in dist::files_below(&root.join("src"))? {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        broken.extend(broken_by(path.strip_prefix(root).unwrap_or(&path), &text));
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("\n  {}", broken.join("\n  "))) }
}

/// Comments may name what the code may not do.
fn broken_by(path: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") {
            continue;
        }
        for invariant in &INVARIANTS {
            let allowed = invariant.only_in.iter().any(|one| path == Path::new(one));
            if let Some(word) = invariant.words.iter().find(|word| !allowed && line.contains(**word)) {
                broken.push(format!("{}:{}: {word}: {}", path.display(), index + 1, invariant.reason));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, line: &str, expected: usize) {
        assert_eq!(broken_by(Path::new(path), line).len(), expected, "{path}: {line}");
    }

    #[test]
    fn a_token_is_put_into_a_request_in_the_transport_alone() {
        let line = r#"request.header("Authorization", token)"#;
        check("src/transport.rs", line, 0);
        check("src/pages/runs.rs", line, 1);
        check("src/pages/runs.rs", "headers.insert(header::AUTHORIZATION, value);", 1);
        check("src/pages/runs.rs", "use http::header::{AUTHORIZATION, HeaderValue};", 1);
        check("src/request_log.rs", r#"if name == "Authorization" {"#, 0);
        check("src/pages/requests.rs", r#""the Authorization header is masked""#, 0);
    }

    #[test]
    fn markup_is_never_made_from_text() {
        check("src/pages/run.rs", "<div inner_html=log/>", 1);
        check("src/pages/run.rs", "element.set_inner_html(&log);", 1);
        check("src/pages/run.rs", "js_sys::eval(&script)", 1);
    }

    #[test]
    fn style_attributes_are_refused_and_style_properties_are_not() {
        check("src/components/bar.rs", r#"<div style="width: 4px"/>"#, 1);
        check("src/components/bar.rs", "<div style=move || width.get()/>", 1);
        check("src/components/bar.rs", "<div style:width=width/>", 0);
        check("src/components/bar.rs", r#"<div class="bar"/>"#, 0);
    }

    #[test]
    fn addresses_are_not_put_together_by_hand() {
        check("src/session.rs", r#"format!("https://{host}/{path}")"#, 1);
    }

    #[test]
    fn a_comment_may_name_what_is_forbidden() {
        check("src/pages/run.rs", "// Not inner_html: logs are text.", 0);
    }
}
