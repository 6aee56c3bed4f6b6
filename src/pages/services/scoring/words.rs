//! Why a service cannot be asked from here, what its answers mean, and the same question for a terminal.

use azimuth_api::{ApiError, NoAnswer, ServiceAccess, ServiceId, WorkspaceId};

use crate::request_log::quoted;
use crate::transport::ScoringObstacle;

/// What stands in the way, and what helps.
pub fn obstacle_in_words(obstacle: ScoringObstacle) -> (&'static str, &'static str) {
    match obstacle {
        ScoringObstacle::NotSecure => (
            "Its address is plain http, which a page that came over https may not ask (mixed content).",
            "Give the service TLS, or ask whoever runs this page for a relay. From a terminal it can be asked as it is.",
        ),
        ScoringObstacle::NotNamed => (
            "The settings of this page do not name its origin, so the page does not send it a key.",
            "Whoever runs this page adds the origin to dataOrigins in config.json, or sets up a relay. From a terminal it can be asked as it is.",
        ),
    }
}

/// What to do where no answer came, beyond what is said of any host.
pub fn silence_in_words(error: &ApiError, has_relay: bool) -> Option<&'static str> {
    let ApiError::Unreachable(no_answer) = error else { return None };
    match no_answer {
        NoAnswer::NotShared if has_relay => Some(
            "It answers, but does not let pages of other origins read that (CORS). The relay can ask it: choose “Through the relay”.",
        ),
        NoAnswer::NotShared => Some(
            "It answers, but does not let pages of other origins read that (CORS): services on Azure do so only where the entry script or something in front of it adds the headers. A relay would do, and so does a terminal.",
        ),
        NoAnswer::Lost => Some(
            "The service answers pages, but this answer was lost on the way. Asking changes nothing here, so ask again.",
        ),
        NoAnswer::TimedOut(_) => {
            Some("The entry script may take longer than a page waits. A terminal waits longer.")
        }
        _ => None,
    }
}

/// What a refusal of a service means. Its words are the entry script's, or of what stands in front of it.
/// Its `code` is of use where it is one of the relay's.
pub fn refusal_in_words(status: u16, code: &str) -> (&'static str, &'static str) {
    match code {
        "RelayUnknownService" => {
            return (
                "The relay does not know the service",
                "Whoever runs the relay adds its name and address to scoring.conf. The service was not asked.",
            );
        }
        "RelayRefusedToken" => {
            return (
                "The relay stopped a token for Azure",
                "A service is opened by its own key, and the key that was typed is a token for Azure. The service was not asked.",
            );
        }
        _ if code.starts_with("Relay") => {
            return ("The relay refused the question", "Its own words are below. The service was not asked.");
        }
        _ => {}
    }
    match status {
        401 | 403 => (
            "The service did not take the key",
            "It may have been changed. It is read anew the next time; a key that was typed has to be typed again.",
        ),
        404 => (
            "There is nothing at this address",
            "The service may be gone, or be made anew at another address.",
        ),
        408 | 504 => (
            "The service took too long",
            "Ask for less at a time, or let whoever runs it give it more time and replicas.",
        ),
        413 => ("The question is too large", "Ask for fewer rows at a time."),
        429 => ("The service is asked too much", "Wait a little, then ask again."),
        500 | 502 => (
            "The entry script failed",
            "Its words are below, the cause last. Most often the question has another shape than the script wants; the logs of the service say more.",
        ),
        503 => (
            "The service does not take questions now",
            "It starts, has too much to do, or is not well. Its state is above, and its logs say more.",
        ),
        _ => ("The service refused the question", "Its own words are below."),
    }
}

/// What a snippet is made of.
pub struct Snippet<'a> {
    pub address: &'a str,
    pub question: &'a str,
    /// The command that gets the key, for a service that wants one.
    pub key: Option<&'a str>,
}

/// The question as a curl command.
pub fn curl(snippet: &Snippet<'_>) -> String {
    let key = snippet.key.map(|key| format!("KEY=$({key})\n")).unwrap_or_default();
    let header = if key.is_empty() { "" } else { "  -H \"Authorization: Bearer $KEY\" \\\n" };
    format!(
        "{key}curl -X POST {} \\\n{header}  -H 'Content-Type: application/json' \\\n  -d {}",
        quoted(snippet.address),
        quoted(snippet.question)
    )
}

/// The question as a Python script that needs no package.
pub fn python(snippet: &Snippet<'_>) -> String {
    // A text in JSON is one in Python too.
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let (key, header) = match snippet.key {
        Some(key) => (
            format!("# export KEY=$({key})\n"),
            "\n    \"Authorization\": \"Bearer \" + os.environ[\"KEY\"],",
        ),
        None => (String::new(), ""),
    };
    format!(
        "{key}import json, os, urllib.request\n\nquestion = {}\nheaders = {{\n    \"Content-Type\": \"application/json\",{header}\n}}\n\
         request = urllib.request.Request({}, question.encode(), headers)\nwith urllib.request.urlopen(request) as answer:\n    \
         print(json.load(answer))",
        text(snippet.question),
        text(snippet.address)
    )
}

/// The command of Azure's client that prints the key.
pub fn how_to_get_the_key(service: &ServiceId, workspace: &WorkspaceId, access: ServiceAccess) -> String {
    let (command, field) = match access {
        ServiceAccess::Token => ("get-access-token", "accessToken"),
        _ => ("get-keys", "primaryKey"),
    };
    format!(
        "az ml service {command} --name {} --workspace-name {} --resource-group {} --query {field} --output tsv",
        quoted(service.as_str()),
        quoted(workspace.name.as_str()),
        quoted(workspace.resource_group.as_str())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snippets_hold_a_variable_and_no_key() {
        let snippet = Snippet { address: "http://h/score", question: "{\"it's\": 1}", key: Some("az get") };
        assert_eq!(
            curl(&snippet),
            "KEY=$(az get)\ncurl -X POST 'http://h/score' \\\n  -H \"Authorization: Bearer $KEY\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{\"it'\\''s\": 1}'"
        );
        let script = python(&snippet);
        assert!(script.contains("os.environ[\"KEY\"]"), "{script}");
        assert!(script.contains(r#"question = "{\"it's\": 1}""#), "{script}");
    }

    #[test]
    fn an_open_service_is_asked_without_a_key() {
        let snippet = Snippet { address: "http://h/score", question: "{}", key: None };
        assert!(!curl(&snippet).contains("KEY") && !python(&snippet).contains("KEY"));
    }

    #[test]
    fn a_refusal_of_the_relay_is_none_of_the_service() {
        let title = |status, code| refusal_in_words(status, code).0;
        assert_ne!(title(404, "RelayUnknownService"), title(404, ""));
        assert_ne!(title(403, "RelayRefusedToken"), title(403, "Forbidden"));
        assert!(refusal_in_words(400, "RelayRefusedAddress").1.contains("was not asked"));
    }

    #[test]
    fn what_a_browser_hides_is_told_apart() {
        let said = |no_answer| silence_in_words(&ApiError::Unreachable(no_answer), false);
        assert!(said(NoAnswer::NotShared).is_some_and(|words| words.contains("CORS")));
        assert!(said(NoAnswer::Lost).is_some_and(|words| words.contains("ask again")));
        assert_eq!(said(NoAnswer::HostDead), None);
        let (mixed, _) = obstacle_in_words(ScoringObstacle::NotSecure);
        let (unnamed, advice) = obstacle_in_words(ScoringObstacle::NotNamed);
        assert!(mixed.contains("mixed content") && advice.contains("dataOrigins") && mixed != unnamed);
    }
}
