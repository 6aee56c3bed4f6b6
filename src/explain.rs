//! Failures in plain words: what happened, what to do, who can do it, and what to give to support.

pub mod codes;
pub mod hand_on;

use azimuth_api::{ApiError, NoAnswer, Refusal};

use crate::explain::codes::{Remedy, Who, meaning_of};
use crate::explain::hand_on::{HandOn, Task};

/// A failure as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What did not work.
    pub title: String,
    /// Why, in plain words.
    pub message: String,
    /// The service's own words.
    pub said: Option<String>,
    /// The next step.
    pub advice: Option<String>,
    /// Who can take it, if that is not the person at the screen.
    pub who: Option<Who>,
    /// The service's code.
    pub code: Option<String>,
    /// For support: names and values.
    pub details: Vec<(String, String)>,
    /// What a button can do about it.
    pub remedy: Remedy,
    /// Seconds that the service asks to wait.
    pub wait: Option<u32>,
    /// What to send to whoever can mend it.
    pub to_hand_on: Option<HandOn>,
}

/// Explains why something did not work. `what` completes "could not": "load the runs", "submit the run".
pub fn explain(error: &ApiError, what: &str) -> Explanation {
    match error {
        // Signed in, and not well enough.
        ApiError::SignedOut(refusal) if refusal.claims.is_some() => {
            explain_refusal(refusal, format!("Could not {what}"))
        }
        ApiError::SignedOut(refusal) => explain_refusal(refusal, format!("Signed out: could not {what}")),
        ApiError::Refused(refusal) => explain_refusal(refusal, refused_title(refusal, what)),
        ApiError::Unreachable(no_answer) => unreachable(*no_answer, what),
        ApiError::Unreadable { status, reason, excerpt } => Explanation {
            details: details([
                ("Status", Some(status.to_string())),
                ("The answer begins", Some(excerpt.clone())),
            ]),
            remedy: Remedy::Retry,
            ..plain(
                format!("Could not {what}: the answer is not what the service sends"),
                reason.clone(),
                "A proxy or a sign-in page of a network may have answered instead. Try again, or try from another network.",
            )
        },
        ApiError::Untrusted { address, rule } => Explanation {
            who: Some(Who::Deployer),
            details: details([("Address", Some(address.clone()))]),
            ..plain(
                format!("Could not {what}: this page does not call that address"),
                format!("The service named an address, but {rule}."),
                "Tell whoever runs this page. Nothing was sent there.",
            )
        },
    }
}

/// Explains why signing in with Microsoft did not work. A refusal for the kind of the redirect address comes without
/// leave to read it, so there is no code.
pub fn explain_sign_in(error: &ApiError) -> Explanation {
    let explanation = explain(error, "sign in");
    let ApiError::Unreachable(NoAnswer::Failed | NoAnswer::NotShared | NoAnswer::Lost) = error else {
        return explanation;
    };
    let means = "Microsoft sent you back, but did not let this page read the answer to its code. Most likely its address is registered with the application, and not as that of a single-page application.";
    let handed_on = "The page may not read the answer to the code of a sign-in. Most likely its redirect address is registered, and not as that of a single-page application (AADSTS9002326).";
    Explanation {
        message: means.to_owned(),
        advice: Some("An administrator can register it so. If the answer was only lost on the way, signing in again helps.".to_owned()),
        who: Some(Who::Administrator),
        to_hand_on: Some(HandOn {
            task: Task::RegisterAddress,
            means: handed_on.to_owned(),
            refusal: Refusal::default(),
        }),
        ..explanation
    }
}

/// Explains what a service said, under a title.
pub fn explain_refusal(refusal: &Refusal, title: String) -> Explanation {
    // The most exact code that is known; where only a general one is, what it says.
    let known = [&refusal.inner_code, &refusal.code].into_iter().flatten().find_map(|code| meaning_of(code));
    // The data plane says `UserError` to everything that is not its own fault; its status says more than that.
    let meaning = known.filter(|meaning| !meaning.is_general || matches!(refusal.status, 0 | 200 | 400));
    let (means, helps, who, remedy, task) = match meaning {
        _ if refusal.is_held_by_deleted() => HELD_BY_DELETED,
        _ if refusal.wants_stronger_sign_in() => STRONGER_SIGN_IN,
        Some(meaning) => (meaning.means, meaning.helps, meaning.who, meaning.remedy, meaning.task),
        None => by_status(refusal.status),
    };
    // The authority calls it so, and its logs are searched by it.
    let is_from_sign_in = refusal.exact_code().is_some_and(|code| code.starts_with("AADSTS"));
    let versions = refusal.supported_versions();
    let mut rows = details([
        ("Status", Some(refusal.status).filter(|status| *status > 0).map(|status| status.to_string())),
        ("Code", refusal.code.clone().filter(|code| refusal.exact_code() != Some(code))),
        ("About", refusal.target.clone()),
        ("Action", refusal.denied_action().filter(|_| remedy == Remedy::AskOwner).map(str::to_owned)),
        ("Scope", refusal.denied_scope().filter(|_| remedy == Remedy::AskOwner).map(str::to_owned)),
        ("Versions that are taken", (!versions.is_empty()).then(|| versions.join(", "))),
        (if is_from_sign_in { "Correlation id" } else { "Request id" }, refusal.request_id.clone()),
        ("Time", refusal.time.clone()),
    ]);
    rows.extend(refusal.details.iter().map(|detail| {
        (if detail.code.is_empty() { "Also".to_owned() } else { detail.code.clone() }, detail.message.clone())
    }));
    let mut advice = helps.to_owned();
    if let Some(newest) = versions.first() {
        advice = format!("The service takes {} versions, the newest is {newest}. {advice}", versions.len());
    }
    Explanation {
        title,
        message: means.to_owned(),
        said: Some(refusal.message.clone()).filter(|said| !said.is_empty()),
        advice: Some(advice).filter(|advice| !advice.is_empty()),
        who: Some(who).filter(|who| *who != Who::You),
        code: refusal.exact_code().map(str::to_owned),
        details: rows,
        remedy,
        wait: refusal.retry_after,
        to_hand_on: task.map(|task| HandOn { task, means: means.to_owned(), refusal: refusal.clone() }),
    }
}

type Known = (&'static str, &'static str, Who, Remedy, Option<Task>);

/// The code says nothing of it.
const HELD_BY_DELETED: Known = (
    "The name is held by a workspace that was deleted: Azure keeps its name and its data for 14 days.",
    "Choose another name. Or bring the old one back, or delete it for good, in the Azure portal under “Recently deleted”.",
    Who::You,
    Remedy::OtherName,
    None,
);

/// Neither here; the challenge does.
const STRONGER_SIGN_IN: Known = (
    "Azure wants a stronger sign-in for this than the one that was given.",
    "Sign in with a second proof of who you are: an app, a message or a key.",
    Who::You,
    Remedy::SecondProof,
    None,
);

/// Explains why a run did not work. What a service says of a request does not hold for a script: its general codes only
/// tell whose fault it was.
pub fn explain_run_failure(failure: &Refusal) -> Explanation {
    let explanation = explain_refusal(failure, "The run did not work".to_owned());
    let code = failure.exact_code().unwrap_or_default();
    let is_exact = meaning_of(code).is_some_and(|meaning| !meaning.is_general && meaning.who != Who::Support);
    let (message, advice, who) = if is_exact {
        (explanation.message, explanation.advice, explanation.who)
    } else if code.contains("User") || code.contains("Validation") {
        let advice =
            "The cause is in the script, its arguments or its packages. Correct it and hand in a new run.";
        ("The script, or what it needs, failed.".to_owned(), Some(advice.to_owned()), None)
    } else if ["Service", "System", "Internal", "Storage", "Transient"].iter().any(|word| code.contains(word))
    {
        let advice = "Hand the run in again; if it stays, give its id to Azure support.";
        ("The service failed, not the script.".to_owned(), Some(advice.to_owned()), Some(Who::Support))
    } else {
        let advice = "Correct what the service’s words name and hand in a new run.";
        ("The run ended with an error.".to_owned(), Some(advice.to_owned()), None)
    };
    Explanation { message, advice, who, remedy: Remedy::None, to_hand_on: None, wait: None, ..explanation }
}

fn refused_title(refusal: &Refusal, what: &str) -> String {
    match refusal.status {
        403 => format!("You may not {what}"),
        404 => format!("Not found: could not {what}"),
        409 => format!("Could not {what}: something is in the way"),
        412 => format!("Could not {what}: it is not as expected"),
        413 => format!("Could not {what}: it is too large"),
        429 => format!("Could not {what}: the service asks to wait"),
        500.. => format!("Could not {what}: the service failed"),
        _ => format!("Could not {what}"),
    }
}

/// What a status means where its code is not known.
fn by_status(status: u16) -> Known {
    match status {
        401 => ("The service does not take this sign-in.", "Sign in again.", Who::You, Remedy::SignIn, None),
        403 => (
            "This account may not do that.",
            "Ask an owner for access.",
            Who::Owner,
            Remedy::AskOwner,
            Some(Task::GiveAccess),
        ),
        404 => (
            "It is not there.",
            "Check the address, or go back: it may have been deleted or moved.",
            Who::You,
            Remedy::None,
            None,
        ),
        405 => (
            "The service does not know how to do this here.",
            "Tell whoever runs this page: it should not happen.",
            Who::Deployer,
            Remedy::None,
            None,
        ),
        409 => (
            "It is there already, or is being changed.",
            "Wait a moment and try again.",
            Who::You,
            Remedy::Retry,
            None,
        ),
        412 => (
            "It is in use, or was changed since it was read.",
            "Look at the reasons, then try again.",
            Who::You,
            Remedy::Retry,
            None,
        ),
        413 => ("It is larger than the service takes.", "Make it smaller.", Who::You, Remedy::None, None),
        429 => ("Too much was asked in a short time.", "Wait a moment.", Who::You, Remedy::Wait, None),
        500.. => (
            "The service, or a gateway before it, failed.",
            "Try again in a moment. If it stays, give the request id to Azure support.",
            Who::Support,
            Remedy::Retry,
            None,
        ),
        _ => ("The service does not take what was asked.", "", Who::You, Remedy::None, None),
    }
}

fn unreachable(no_answer: NoAnswer, what: &str) -> Explanation {
    let (message, advice, who) = match no_answer {
        NoAnswer::Offline => (
            "This computer is offline.".to_owned(),
            "Connect to the network. What is missing is then asked for by itself.",
            Who::You,
        ),
        NoAnswer::TimedOut(seconds) => (
            format!("No answer came within {seconds} seconds."),
            "Try again; if it stays, the service may be down.",
            Who::Support,
        ),
        NoAnswer::Redirected => (
            "The host sends this page on to another address. This page takes no answer from there.".to_owned(),
            "Tell whoever runs this page: something between it and Azure redirects requests.",
            Who::Deployer,
        ),
        NoAnswer::Failed => (
            "No answer came. The network may be down, the host may not exist, or it does not answer web pages (CORS). A browser does not tell which."
                .to_owned(),
            "Check the network and try again.",
            Who::You,
        ),
        NoAnswer::NoNetwork => (
            "Neither the service nor this page’s own site answers, so it is most likely this computer’s network.".to_owned(),
            "Check the network: a cable, a VPN, the sign-in page of a guest network. Then try again.",
            Who::You,
        ),
        NoAnswer::HostDead => (
            "The host does not answer at all, while this page’s own site does.".to_owned(),
            "It may be down, or a firewall or a VPN keeps this computer from it. Try again, or try from another network.",
            Who::You,
        ),
        NoAnswer::NotShared => (
            "The host answers, but not to web pages of other sites (CORS).".to_owned(),
            "A page cannot get there by itself. Use the Azure CLI or the studio for this, and tell whoever runs this page. “Diagnostics” shows which hosts are concerned.",
            Who::Deployer,
        ),
        NoAnswer::Lost => (
            "The host answers this page, but this answer was lost on the way, or it was an error that a page may not read (CORS)."
                .to_owned(),
            "Try again. If it stays, sign in again: a sign-in that has run out can look like this.",
            Who::You,
        ),
    };
    Explanation {
        who: Some(who).filter(|who| *who != Who::You),
        remedy: Remedy::Retry,
        ..plain(format!("Could not {what}: no answer"), message, advice)
    }
}

fn plain(title: String, message: String, advice: &str) -> Explanation {
    Explanation {
        title,
        message,
        said: None,
        advice: Some(advice.to_owned()),
        who: None,
        code: None,
        details: Vec::new(),
        remedy: Remedy::None,
        wait: None,
        to_hand_on: None,
    }
}

fn details<const N: usize>(rows: [(&str, Option<String>); N]) -> Vec<(String, String)> {
    rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_with(status: u16, code: &str, message: &str) -> Explanation {
        let refusal = Refusal {
            status,
            code: Some(code.to_owned()),
            message: message.to_owned(),
            ..Refusal::default()
        };
        explain(&ApiError::Refused(Box::new(refusal)), "load the runs")
    }

    #[test]
    fn the_services_words_and_code_are_always_there() {
        for status in [400, 403, 404, 409, 429, 500, 503] {
            let explanation = refused_with(status, "SomeCode", "words");
            assert_eq!(
                (explanation.said.as_deref(), explanation.code.as_deref()),
                (Some("words"), Some("SomeCode"))
            );
            assert!(explanation.title.contains("load the runs"), "{}", explanation.title);
            assert!(!explanation.message.is_empty());
        }
    }

    #[test]
    fn a_code_that_says_nothing_leaves_it_to_the_status() {
        assert_eq!(refused_with(401, "UserError", "words").remedy, Remedy::SignIn);
        assert_eq!(refused_with(404, "UserError", "words").message, "It is not there.");
        assert!(refused_with(400, "UserError", "words").message.contains("words say why"));
    }

    #[test]
    fn a_known_code_decides_and_not_the_status() {
        let known = refused_with(400, "InternalServerError", "words");
        assert_eq!((known.remedy, known.who), (Remedy::Retry, Some(Who::Support)));
    }

    #[test]
    fn an_exact_code_that_is_not_known_leaves_it_to_the_general_one() {
        let refusal = Refusal {
            status: 429,
            code: Some("TooManyRequests".to_owned()),
            inner_code: Some("SomethingNew".to_owned()),
            ..Refusal::default()
        };
        let explanation = explain_refusal(&refusal, String::new());
        assert_eq!((explanation.remedy, explanation.code.as_deref()), (Remedy::Wait, Some("SomethingNew")));
    }

    #[test]
    fn a_wrong_secret_says_what_to_check() {
        assert!(refused_with(401, "AADSTS7000215", "").advice.unwrap().contains("secret"));
    }

    #[test]
    fn a_name_that_a_deleted_workspace_holds_is_told_apart_from_a_bad_request() {
        let words = "Ein vorläufig gelöschter Arbeitsbereich ist vorhanden. https://aka.ms/wsoftdelete";
        let held = refused_with(400, "BadRequest", words);
        assert!(held.message.contains("deleted") && held.remedy == Remedy::OtherName);
        assert_ne!(refused_with(400, "BadRequest", "words").remedy, Remedy::OtherName);
    }

    #[test]
    fn a_failed_run_says_whose_turn_it_is() {
        let failure = |code: &str| {
            let refusal = Refusal {
                status: 200,
                code: Some(code.to_owned()),
                message: "words".to_owned(),
                ..Refusal::default()
            };
            explain_run_failure(&refusal)
        };
        let advice = |code: &str| failure(code).advice.unwrap();
        assert!(advice("UserError").contains("script"));
        assert_eq!(failure("UserError").who, None);
        assert!(advice("ServiceError").contains("Azure support"));
        assert_eq!(failure("SomethingNew").message, "The run ended with an error.");
        // A code that says what is wrong says more than whose fault it is.
        assert!(advice("QuotaExceeded").contains("quota"));
        for code in ["UserError", "QuotaExceeded", ""] {
            assert_eq!((failure(code).said.as_deref(), failure(code).remedy), (Some("words"), Remedy::None));
        }
    }

    #[test]
    fn what_an_administrator_has_to_do_goes_with_the_sign_in_that_it_stopped() {
        let refusal = Refusal {
            status: 400,
            code: Some("invalid_grant".to_owned()),
            inner_code: Some("AADSTS65001".to_owned()),
            request_id: Some("id".to_owned()),
            time: Some("then".to_owned()),
            ..Refusal::default()
        };
        let explanation = explain_refusal(&refusal, String::new());
        assert_eq!(explanation.who, Some(Who::Administrator));
        assert_eq!(explanation.to_hand_on.map(|hand_on| hand_on.task), Some(Task::Consent));
        for row in [("Correlation id", "id"), ("Time", "then"), ("Code", "invalid_grant")] {
            assert!(explanation.details.contains(&(row.0.to_owned(), row.1.to_owned())), "{row:?}");
        }
    }

    #[test]
    fn an_answer_to_a_code_that_may_not_be_read_is_most_likely_a_matter_of_the_registration() {
        for silence in [NoAnswer::Failed, NoAnswer::Lost, NoAnswer::NotShared] {
            let explanation = explain_sign_in(&ApiError::Unreachable(silence));
            assert_eq!(explanation.to_hand_on.map(|hand_on| hand_on.task), Some(Task::RegisterAddress));
        }
        assert_eq!(explain_sign_in(&ApiError::Unreachable(NoAnswer::Offline)).to_hand_on, None);
    }

    #[test]
    fn a_challenge_asks_for_a_second_proof_whatever_the_code() {
        let refusal = Refusal {
            status: 403,
            code: Some("AuthorizationFailed".to_owned()),
            claims: Some("{}".to_owned()),
            ..Refusal::default()
        };
        let explanation = explain_refusal(&refusal, String::new());
        assert_eq!((explanation.remedy, explanation.to_hand_on), (Remedy::SecondProof, None));
        // A region that is closed has the same code.
        assert!(refused_with(403, "RequestDisallowedByAzure", "words").message.contains("region"));
        assert!(!refused_with(401, "RequestDisallowedByAzure", "words").message.contains("region"));
    }

    #[test]
    fn each_kind_of_silence_is_told_apart() {
        let kinds = [
            NoAnswer::Failed,
            NoAnswer::Offline,
            NoAnswer::NoNetwork,
            NoAnswer::HostDead,
            NoAnswer::NotShared,
            NoAnswer::Lost,
            NoAnswer::Redirected,
            NoAnswer::TimedOut(30),
        ];
        let mut messages: Vec<String> =
            kinds.iter().map(|kind| explain(&ApiError::Unreachable(*kind), "load").message).collect();
        messages.sort();
        messages.dedup();
        assert_eq!(messages.len(), kinds.len());
    }
}
