//! What a change is expected to make of its target, and what a reading of the target says about that.

use azimuth_api::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::changes::target::{Reading, Target, failure_in};

/// What shows, in the target, that a change arrived. It is kept while the change is under way, so no secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Expected {
    /// It is not there any more.
    Gone,
    /// It is there.
    There,
    /// Fields, by JSON pointer, have these values; null stands for none.
    Values(Vec<(String, Value)>),
    /// A field, by JSON pointer, has another value than this one.
    Differs(String, Value),
    /// A time, by JSON pointer, is later than this one, in milliseconds since 1970.
    Later(String, i64),
    /// Its state is one of these, through some that pass.
    Becomes {
        /// What it is while that goes on.
        through: Vec<String>,
        /// What it is in the end.
        to: Vec<String>,
    },
    /// Its state is one of these while it goes on. Once it rests, nothing shows that it ever did.
    Passes {
        /// What it is while it goes on.
        through: Vec<String>,
    },
    /// Nothing that can be read shows it.
    Untold,
}

/// What a reading says about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It shows nothing of it.
    NotArrived,
    /// It arrived, and is not over.
    UnderWay,
    /// It is over, and the target's word for what it is now.
    Done(String),
    /// It is over, and did not work, in the service's words.
    Failed(String),
    /// Nobody can tell.
    Untold,
}

impl Expected {
    /// What a reading of the target says. `was_under_way`: an earlier one showed that it goes on.
    pub fn judge(&self, target: &Target, reading: &Reading, was_under_way: bool) -> Verdict {
        let document = match (self, reading) {
            (Self::Untold, _) => return Verdict::Untold,
            (Self::Gone, Reading::Gone) => return Verdict::Done(String::new()),
            (_, Reading::Gone) if was_under_way => {
                return Verdict::Failed("It is not there any more.".to_owned());
            }
            (_, Reading::Gone) => return Verdict::NotArrived,
            (_, Reading::There(document)) => document,
        };
        match self {
            Self::Gone => match target.settling_state(document) {
                Some("Deleting") => Verdict::UnderWay,
                _ if was_under_way => Verdict::Failed(failure(document, "It is still there.")),
                _ => Verdict::NotArrived,
            },
            Self::There => settled(target, document),
            Self::Values(values) => {
                let has = |(pointer, value): &(String, Value)| {
                    document.pointer(pointer).unwrap_or(&Value::Null) == value
                };
                self.arrived(values.iter().all(has), target, document)
            }
            Self::Differs(pointer, was) => {
                self.arrived(document.pointer(pointer).unwrap_or(&Value::Null) != was, target, document)
            }
            Self::Later(pointer, than) => {
                let time = document.pointer(pointer).and_then(Value::as_str).and_then(Timestamp::parse);
                let is_later = time.is_some_and(|time| time.unix_milliseconds() > *than);
                self.arrived(is_later, target, document)
            }
            Self::Becomes { through, to } => {
                let state = target.state(document).unwrap_or_default();
                let is_in = |words: &[String]| words.iter().any(|word| word == state);
                match () {
                    () if is_in(to) => Verdict::Done(state.to_owned()),
                    () if is_in(through) => Verdict::UnderWay,
                    () if was_under_way => Verdict::Failed(failure(document, &format!("It is {state}."))),
                    () => Verdict::NotArrived,
                }
            }
            Self::Passes { through } => match settled(target, document) {
                _ if target.state(document).is_some_and(|state| through.iter().any(|word| word == state)) => {
                    Verdict::UnderWay
                }
                Verdict::Done(_) if !was_under_way => Verdict::Untold,
                verdict => verdict,
            },
            Self::Untold => Verdict::Untold,
        }
    }

    fn arrived(&self, has_arrived: bool, target: &Target, document: &Value) -> Verdict {
        if has_arrived { settled(target, document) } else { Verdict::NotArrived }
    }
}

/// Whether it has come to rest, and how.
fn settled(target: &Target, document: &Value) -> Verdict {
    let state = target.settling_state(document).unwrap_or_default();
    match state {
        "Accepted" | "Creating" | "Deleting" | "InProgress" | "Provisioning" | "Registering"
        | "Restarting" | "SettingUp" | "Starting" | "Stopping" | "Transitioning" | "Updating"
        | "UserSettingUp" => Verdict::UnderWay,
        "Canceled" | "CreateFailed" | "Failed" | "SetupFailed" | "TimedOut" | "Unhealthy" | "Unusable"
        | "UserSetupFailed" => Verdict::Failed(failure(document, unsaid(target))),
        _ => Verdict::Done(state.to_owned()),
    }
}

/// What stands where the target itself does not say why it failed.
fn unsaid(target: &Target) -> &'static str {
    match target {
        // It says so elsewhere, and its page asks there.
        Target::Workspace(_) => "Its page says why.",
        _ => "The service does not say why.",
    }
}

fn failure(document: &Value, otherwise: &str) -> String {
    failure_in(document).unwrap_or_else(|| otherwise.to_owned())
}

#[cfg(test)]
mod tests {
    use azimuth_api::WorkspaceId;
    use serde_json::json;

    use super::*;

    fn workspace() -> WorkspaceId {
        WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() }
    }

    fn compute() -> Target {
        Target::Compute(workspace(), "c".into())
    }

    fn there(state: &str) -> Reading {
        Reading::There(json!({ "properties": {
            "provisioningState": state,
            "provisioningErrors": [{ "error": { "message": "No cores left." } }],
            "properties": { "scaleSettings": { "maxNodeCount": 4 } },
        } }))
    }

    #[test]
    fn a_deletion_is_over_when_nothing_is_found() {
        let judge = |reading, was| Expected::Gone.judge(&compute(), &reading, was);
        assert_eq!(judge(Reading::Gone, false), Verdict::Done(String::new()));
        assert_eq!(judge(there("Deleting"), false), Verdict::UnderWay);
        assert_eq!(judge(there("Succeeded"), false), Verdict::NotArrived);
        assert_eq!(judge(there("Succeeded"), true), Verdict::Failed("No cores left.".to_owned()));
    }

    #[test]
    fn what_is_made_is_over_when_it_comes_to_rest() {
        let judge = |reading, was| Expected::There.judge(&compute(), &reading, was);
        assert_eq!(judge(Reading::Gone, false), Verdict::NotArrived);
        assert_eq!(judge(there("Creating"), false), Verdict::UnderWay);
        assert_eq!(judge(there("Succeeded"), true), Verdict::Done("Succeeded".to_owned()));
        assert_eq!(judge(there("Failed"), true), Verdict::Failed("No cores left.".to_owned()));
        assert!(matches!(judge(Reading::Gone, true), Verdict::Failed(_)));
    }

    #[test]
    fn values_tell_whether_they_were_set() {
        let most = |count: u32| {
            let pointer = "/properties/properties/scaleSettings/maxNodeCount".to_owned();
            Expected::Values(vec![(pointer, json!(count))])
        };
        assert_eq!(most(4).judge(&compute(), &there("Updating"), false), Verdict::UnderWay);
        assert_eq!(
            most(4).judge(&compute(), &there("Succeeded"), false),
            Verdict::Done("Succeeded".to_owned())
        );
        assert_eq!(most(5).judge(&compute(), &there("Succeeded"), false), Verdict::NotArrived);
        let run = Target::Run(workspace(), "e".into(), "r".into());
        let untagged = Expected::Values(vec![("/tags/x".to_owned(), Value::Null)]);
        let failed = Reading::There(json!({ "status": "Failed", "tags": {} }));
        assert_eq!(untagged.judge(&run, &failed, false), Verdict::Done(String::new()));
    }

    #[test]
    fn a_state_is_reached_or_passed_through() {
        let run = Target::Run(workspace(), "e".into(), "r".into());
        let expected = Expected::Becomes {
            through: vec!["CancelRequested".to_owned()],
            to: vec!["Canceled".to_owned(), "Completed".to_owned()],
        };
        let judge =
            |status: &str, was| expected.judge(&run, &Reading::There(json!({ "status": status })), was);
        assert_eq!(judge("Running", false), Verdict::NotArrived);
        assert_eq!(judge("CancelRequested", false), Verdict::UnderWay);
        assert_eq!(judge("Canceled", true), Verdict::Done("Canceled".to_owned()));
        assert_eq!(judge("Running", true), Verdict::Failed("It is Running.".to_owned()));
    }

    #[test]
    fn a_later_time_tells_of_what_looks_the_same_before_and_after() {
        let later = |than| Expected::Later("/properties/modifiedOn".to_owned(), than);
        let reading =
            Reading::There(json!({ "properties": { "modifiedOn": "1970-01-01T00:00:02.5000001Z" } }));
        assert_eq!(later(2_500).judge(&compute(), &reading, false), Verdict::NotArrived);
        assert_eq!(later(2_499).judge(&compute(), &reading, false), Verdict::Done(String::new()));
        assert_eq!(later(0).judge(&compute(), &there("Succeeded"), false), Verdict::NotArrived);
    }

    #[test]
    fn what_differs_has_changed() {
        let was = Expected::Differs("/properties/provisioningState".to_owned(), json!("Succeeded"));
        assert_eq!(was.judge(&compute(), &there("Succeeded"), false), Verdict::NotArrived);
        assert_eq!(was.judge(&compute(), &there("Updating"), false), Verdict::UnderWay);
    }

    #[test]
    fn what_is_expected_survives_a_reload() {
        for expected in [
            Expected::Gone,
            Expected::Values(vec![("/tags/a".to_owned(), json!("b"))]),
            Expected::Becomes { through: vec!["a".to_owned()], to: vec!["b".to_owned()] },
        ] {
            let text = serde_json::to_string(&(&expected, &compute())).unwrap();
            assert_eq!(serde_json::from_str::<(Expected, Target)>(&text).unwrap(), (expected, compute()));
        }
    }

    #[test]
    fn what_only_passes_is_told_while_it_goes_on_and_known_to_be_over_once_it_was_seen() {
        let target = Target::Workspace(workspace());
        let expected = Expected::Passes { through: vec!["Updating".to_owned()] };
        let judge = |state, was| expected.judge(&target, &there(state), was);
        assert_eq!(judge("Updating", false), Verdict::UnderWay);
        assert_eq!(judge("Succeeded", false), Verdict::Untold);
        assert_eq!(judge("Succeeded", true), Verdict::Done("Succeeded".to_owned()));
        assert!(matches!(judge("Failed", true), Verdict::Failed(_)));
    }
}
