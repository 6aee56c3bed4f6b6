//! Failures in plain words: what happened, what to do, and what to give to support.

use azimuth_api::{ApiError, NoAnswer, Refusal};

/// A failure as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What happened.
    pub title: String,
    /// The service's own words, or ours where it had none.
    pub message: String,
    /// The next step, and who can take it.
    pub advice: Option<String>,
    /// The service's code.
    pub code: Option<String>,
    /// For support: names and values.
    pub details: Vec<(String, String)>,
}

/// Explains why something did not work. `what` completes "could not": "load the runs", "submit the run".
pub fn explain(error: &ApiError, what: &str) -> Explanation {
    match error {
        ApiError::SignedOut(refusal) => refused(refusal, format!("You are signed out: could not {what}"), Some("Sign in again.")),
        ApiError::Refused(refusal) => refused(refusal, refused_title(refusal, what), advice(refusal)),
        ApiError::Unreachable(no_answer) => unreachable(*no_answer, what),
        ApiError::Unreadable { status, reason, excerpt } => Explanation {
            title: format!("Could not {what}: the answer is not what the service sends"),
            message: reason.clone(),
            advice: Some("A proxy or a sign-in page of a network may have answered instead. Try again, or try from another network.".to_owned()),
            code: None,
            details: details([("Status", Some(status.to_string())), ("The answer begins", Some(excerpt.clone()))]),
        },
        ApiError::Untrusted { address, rule } => Explanation {
            title: format!("Could not {what}: this page does not call that address"),
            message: format!("The service named an address, but {rule}."),
            advice: Some("Tell whoever runs this page. Nothing was sent there.".to_owned()),
            code: None,
            details: details([("Address", Some(address.clone()))]),
        },
    }
}

fn refused(refusal: &Refusal, title: String, advice: Option<&str>) -> Explanation {
    let mut rows = details([
        ("Status", Some(refusal.status.to_string())),
        ("Code", refusal.code.clone().filter(|code| refusal.exact_code() != Some(code))),
        ("About", refusal.target.clone()),
        ("Request id", refusal.request_id.clone()),
    ]);
    rows.extend(refusal.details.iter().map(|detail| {
        (if detail.code.is_empty() { "Also".to_owned() } else { detail.code.clone() }, detail.message.clone())
    }));
    Explanation {
        title,
        message: refusal.message.clone(),
        advice: advice.map(str::to_owned),
        code: refusal.exact_code().map(str::to_owned),
        details: rows,
    }
}

fn refused_title(refusal: &Refusal, what: &str) -> String {
    match refusal.status {
        403 => format!("You may not {what}"),
        404 => format!("Not found: could not {what}"),
        409 => format!("Could not {what}: it is there already, or being changed"),
        413 => format!("Could not {what}: it is too large"),
        429 => format!("Could not {what}: the service asks to wait"),
        500.. => format!("Could not {what}: the service failed"),
        _ => format!("Could not {what}"),
    }
}

fn advice(refusal: &Refusal) -> Option<&'static str> {
    match (refusal.status, refusal.exact_code()) {
        (_, Some("AADSTS7000215" | "AADSTS7000222")) => Some(
            "Check the secret: it is the value, not the id, of the client secret, and it may have run out. Whoever manages the application can make a new one.",
        ),
        (_, Some("AADSTS700016")) => {
            Some("Check the client id and the tenant: this application is not in that tenant.")
        }
        (_, Some("AADSTS90002")) => {
            Some("Check the tenant: an id, or a domain such as contoso.onmicrosoft.com.")
        }
        (_, Some("AADSTS9002326" | "AADSTS9002327")) => Some(
            "Entra does not take a client secret from a web page. Get a token with the Azure CLI and paste it under “Access token”.",
        ),
        (_, Some("SubscriptionNotFound")) => {
            Some("Check the subscription in the address, and that you are signed in to its tenant.")
        }
        (403, _) => Some(
            "Ask an owner of the subscription or the workspace for the role that this needs. If you just got it, sign in again.",
        ),
        (404, _) => Some("Check the address, or go back: it may have been deleted."),
        (429, _) => Some("Wait a moment and try again."),
        (500.., _) => Some("Try again in a moment. If it stays, give the request id below to Azure support."),
        _ => None,
    }
}

fn unreachable(no_answer: NoAnswer, what: &str) -> Explanation {
    let (message, advice) = match no_answer {
        NoAnswer::Offline => ("This computer is offline.".to_owned(), "Connect to the network and try again."),
        NoAnswer::TimedOut(seconds) => {
            (format!("No answer came within {seconds} seconds."), "Try again; if it stays, the service may be down.")
        }
        NoAnswer::Redirected => (
            "The answer came from another address than the one asked.".to_owned(),
            "Tell whoever runs this page: something between it and Azure redirects requests.",
        ),
        NoAnswer::Failed => (
            "No answer came. The network may be down, the host may not exist, or it does not answer web pages (CORS). A browser does not tell which."
                .to_owned(),
            "Check the network and try again. If only this host fails, it needs a relay: whoever runs this page can set one up.",
        ),
    };
    Explanation {
        title: format!("Could not {what}: no answer"),
        message,
        advice: Some(advice.to_owned()),
        code: None,
        details: Vec::new(),
    }
}

fn details<const N: usize>(rows: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_with(status: u16, code: &str) -> Explanation {
        let refusal = Refusal {
            status,
            code: Some(code.to_owned()),
            message: "words".to_owned(),
            ..Refusal::default()
        };
        explain(&ApiError::Refused(Box::new(refusal)), "load the runs")
    }

    #[test]
    fn the_services_words_and_code_are_always_there() {
        for status in [400, 403, 404, 409, 429, 500, 503] {
            let explanation = refused_with(status, "SomeCode");
            assert_eq!(
                (explanation.message.as_str(), explanation.code.as_deref()),
                ("words", Some("SomeCode"))
            );
            assert!(explanation.title.contains("load the runs"), "{}", explanation.title);
        }
    }

    #[test]
    fn a_wrong_secret_says_what_to_check() {
        assert!(refused_with(401, "AADSTS7000215").advice.unwrap().contains("secret"));
    }

    #[test]
    fn being_offline_is_told_apart_from_no_answer() {
        let offline = explain(&ApiError::Unreachable(NoAnswer::Offline), "load the runs");
        let failed = explain(&ApiError::Unreachable(NoAnswer::Failed), "load the runs");
        assert_ne!(offline.message, failed.message);
    }
}
