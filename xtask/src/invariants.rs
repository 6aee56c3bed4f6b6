//! Security invariants that a search of the source can hold up. They are listed in ARCHITECTURE.md.

use std::fs;
use std::path::Path;

use crate::{dist, process};

/// Words that may stand in no code, except where `only_in` says.
struct Invariant {
    /// Beginnings of the paths that it holds for.
    holds_in: &'static [&'static str],
    words: &'static [&'static str],
    only_in: &'static [&'static str],
    reason: &'static str,
}

/// All that the page runs.
const PAGE: &[&str] = &["src/", "public/", "boot.js"];
/// What of it is Rust.
const RUST: &[&str] = &["src/"];
/// What of it is not.
const SCRIPTS: &[&str] = &["public/", "boot.js"];
/// With the operations and models.
const RUST_AND_OPERATIONS: &[&str] = &["src/", "crates/api/src/"];

const INVARIANTS: [Invariant; 18] = [
    Invariant {
        holds_in: PAGE,
        // With the comma: the name with a value behind it, as a call or a pair has it.
        words: &["AUTHORIZATION", "\"Authorization\",", "\"authorization\",", "\"Bearer {}\"", "bearer_auth"],
        only_in: &["src/transport.rs"],
        reason: "a token is put into a request in one place only",
    },
    Invariant {
        holds_in: SCRIPTS,
        words: &["uthorization", "Bearer"],
        only_in: &[],
        reason: "scripts send no token",
    },
    Invariant {
        holds_in: PAGE,
        words: &[
            "inner_html",
            "innerhtml",
            "innerHTML =",
            "outer_html",
            "outerhtml",
            "outerHTML",
            "insert_adjacent_html",
            "insertAdjacentHTML",
            "DomParser",
            "DOMParser",
            "create_contextual_fragment",
            "createContextualFragment",
            "srcdoc",
            "document.write",
        ],
        only_in: &[],
        reason: "what the service says is shown as text, never as markup",
    },
    Invariant {
        holds_in: RUST,
        words: &["set_item(", "session_storage(", "local_storage("],
        only_in: &["src/kept.rs", "src/components/theme.rs", "src/authority/tab.rs"],
        reason: "what is stored is listed in few places: forms, columns, the theme, and what a sign-in needs",
    },
    Invariant {
        holds_in: SCRIPTS,
        words: &["localStorage"],
        only_in: &["boot.js"],
        reason: "of what is stored for good, scripts read the theme alone",
    },
    Invariant {
        holds_in: SCRIPTS,
        words: &["sessionStorage"],
        only_in: &["public/auth.js"],
        reason: "of what is stored for the tab, scripts write the authority's answer alone",
    },
    Invariant {
        holds_in: PAGE,
        words: &[
            "indexed_db",
            "indexedDB",
            "set_cookie(",
            ".cookie",
            "caches(",
            "caches.",
            "service_worker",
            "serviceWorker",
            "set_name(",
            "window.name",
        ],
        only_in: &[],
        reason: "there is no other place in which anything is kept",
    },
    Invariant {
        holds_in: PAGE,
        words: &["get_directory(", "getDirectory(", "create_writable(", "createWritable("],
        only_in: &["src/private_files.rs"],
        reason: "private files are written in one place",
    },
    Invariant {
        holds_in: PAGE,
        words: &["js_sys::eval", "eval(", "new_with_args(", "new_no_args(", "new Function("],
        only_in: &[],
        reason: "no code is made from text",
    },
    Invariant {
        holds_in: PAGE,
        words: &["open_with_url", "window.open("],
        only_in: &["src/pages/run/file_failure.rs"],
        reason: "an address is opened in another tab in one place, from the press of a button",
    },
    Invariant {
        holds_in: PAGE,
        words: &[
            "location().assign(",
            "location.assign(",
            "location().replace(",
            "location.replace(",
            "set_href(",
        ],
        only_in: &["src/authority/work.rs", "src/components/download.rs", "public/auth.js"],
        reason: "the page leaves for the authority and for nowhere else",
    },
    Invariant {
        holds_in: PAGE,
        words: &["BroadcastChannel", "post_message", "postMessage", "SharedWorker", "MessageChannel"],
        only_in: &["src/authority/tabs.rs"],
        reason: "other tabs are told of a sign-out and of nothing else",
    },
    Invariant {
        holds_in: PAGE,
        words: &[
            "set_hook(",
            "panic_hook",
            "console::",
            "console.",
            "logging::",
            "println!(",
            "print!(",
            "dbg!(",
        ],
        only_in: &[],
        reason: "nothing is written to the console; a panic says where it was and nothing of what was asked",
    },
    Invariant {
        holds_in: RUST,
        words: &["gloo_net", "fetch_with", "XmlHttpRequest", "WebSocket", "EventSource", "send_beacon"],
        only_in: &["src/transport/fetch.rs"],
        reason: "requests are sent behind the transport, which asks the rule for tokens and masks the log",
    },
    Invariant {
        holds_in: RUST,
        words: &[".reveal()", ".to_open()"],
        only_in: &[
            "src/transport.rs",
            "src/keys.rs",
            "src/pages/run/file_failure.rs",
            "src/authority/tab.rs",
            "src/authority/work.rs",
        ],
        reason: "a secret is taken out where it is sent, kept as somebody wished, or shown on demand",
    },
    Invariant {
        holds_in: RUST_AND_OPERATIONS,
        words: &[
            "access_token: String",
            "refresh_token: String",
            "id_token: String",
            "client_secret: String",
            "assertion: String",
            "password: String",
            "verifier: String",
        ],
        only_in: &[],
        reason: "a secret has a type of its own, whose Debug says nothing",
    },
    Invariant {
        holds_in: RUST,
        words: &["style=\"", "style=move", "style=format!", "style=style"],
        only_in: &[],
        reason: "the page's policy refuses style attributes: use a class, or style:property",
    },
    Invariant {
        holds_in: RUST,
        words: &["format!(\"http", "format!(\"{}://"],
        only_in: &[],
        reason: "addresses are built from segments, in the API crate",
    },
];

/// Looks through the page's own code, and the operations.
pub fn hold() -> Result<(), String> {
    let root = process::root();
    let mut paths = vec![root.join("boot.js")];
    for folder in ["src", "public", "crates/api/src"] {
        paths.extend(dist::files_below(&root.join(folder))?);
    }
    let mut broken = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "rs" || end == "js")) {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        broken.extend(broken_by(path.strip_prefix(root).unwrap_or(path), &text));
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("\n  {}", broken.join("\n  "))) }
}

/// Comments may name what the code may not do.
fn broken_by(path: &Path, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let holds = |invariant: &&Invariant| {
        invariant.holds_in.iter().any(|place| path.to_string_lossy().starts_with(place))
    };
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("//") {
            continue;
        }
        for invariant in INVARIANTS.iter().filter(holds) {
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
    fn the_code_keeps_to_them() {
        assert_eq!(hold(), Ok(()));
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
    fn scripts_send_no_token() {
        check("boot.js", r#"fetch(address, { headers: { authorization: `Bearer ${token}` } })"#, 1);
        check("public/auth.js", "const name = 'Authorization';", 1);
    }

    #[test]
    fn what_is_kept_has_few_places() {
        let line = "window().session_storage().ok()";
        check("src/kept.rs", line, 0);
        check("src/authority/tab.rs", line, 0);
        check("src/session.rs", line, 1);
        check("src/authority/work.rs", "storage.set_item(key, &token)", 1);
        check("public/auth.js", "sessionStorage.setItem('aml.auth.response', answer);", 0);
        check("public/auth.js", "localStorage.setItem('aml.auth.response', answer);", 1);
        check("boot.js", "localStorage.getItem('azimuth.theme')", 0);
        check("boot.js", "sessionStorage.getItem('aml.auth.tokens')", 1);
        for elsewhere in ["document.cookie = token", "indexedDB.open('tokens')", "caches.open('tokens')"] {
            check("boot.js", elsewhere, 1);
        }
        check("src/session.rs", "window().set_name(&state);", 1);
        check("src/private_files.rs", "storage.get_directory()", 0);
        check("src/session.rs", "window().navigator().storage().get_directory()", 1);
    }

    #[test]
    fn the_page_leaves_for_the_authority_alone_and_opens_nothing_with_a_token() {
        let line = "window().location().assign(&address)";
        check("src/authority/work.rs", line, 0);
        check("src/pages/run.rs", line, 1);
        check("src/pages/run.rs", "window().open_with_url(&address)", 1);
        check("public/auth.js", "location.replace('./');", 0);
        check("boot.js", "location.replace(answer);", 1);
        check("boot.js", "Object.assign(link, { rel: 'preload' });", 0);
        check("src/session.rs", "channel.post_message(&token.into())", 1);
    }

    #[test]
    fn nothing_is_written_to_the_console() {
        for line in [
            "web_sys::console::log_1(&text.into());",
            "leptos::logging::log!(\"{request:?}\");",
            "println!(\"{request:?}\");",
            "std::panic::set_hook(Box::new(|panic| show(panic)));",
        ] {
            check("src/transport.rs", line, 1);
        }
        check("boot.js", "console.error(error);", 1);
    }

    #[test]
    fn requests_are_sent_behind_the_transport() {
        check("src/pages/run.rs", "gloo_net::http::Request::get(&address)", 1);
        check("src/transport/fetch.rs", "use gloo_net::http::Request;", 0);
    }

    #[test]
    fn a_secret_has_its_own_type_and_is_taken_out_in_few_places() {
        check("src/transport.rs", "token.reveal()", 0);
        check("src/request_log.rs", "token.reveal()", 1);
        check("crates/api/src/token.rs", "self.client_secret.reveal()", 0);
        check("crates/api/src/token.rs", "    pub refresh_token: String,", 1);
        check("src/authority/tab.rs", "    verifier: String,", 1);
        check("src/authority/tab.rs", "    verifier: Secret,", 0);
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
