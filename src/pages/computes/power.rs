//! Starting, stopping and restarting a compute instance.

use azimuth_api::{ActOnInstance, Compute, InstanceAction, Timestamp, WorkspaceId};
use leptos::prelude::*;

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::query::Shown;

/// The three of them, each with what it sends.
#[component]
pub fn Power(compute: Shown<Compute>, workspace: WorkspaceId) -> impl IntoView {
    let workspace = StoredValue::new(workspace);
    let action =
        move |action| view! { <PowerButton compute=compute workspace=workspace.get_value() action=action/> };

    view! {
        <section class="section">
            <h2>"Start and stop"</h2>
            <p class="muted">"An instance that is stopped costs nothing but its disk, which stays. What runs on it ends when it is stopped or restarted."</p>
            <div class="stack">
                {action(InstanceAction::Start)}
                {action(InstanceAction::Stop)}
                {action(InstanceAction::Restart)}
            </div>
        </section>
    }
}

#[component]
fn PowerButton(compute: Shown<Compute>, workspace: WorkspaceId, action: InstanceAction) -> impl IntoView {
    let verb = match action {
        InstanceAction::Start => "Start",
        InstanceAction::Stop => "Stop",
        InstanceAction::Restart => "Restart",
    };
    let place = StoredValue::new(workspace);
    let plan = change(move || {
        let (workspace, compute) = (place.get_value(), compute.get());
        let name = compute.name.clone();
        let operation = ActOnInstance { workspace: workspace.clone(), compute: name.clone(), action };
        let title = format!("{verb} compute {name}");
        let plan = Plan::new(title, &operation, Target::Compute(workspace, name), expected(action, &compute));
        Some(plan.long())
    });
    let why_not = move || compute.with(|compute| why_not(action, compute.state_word()));

    view! {
        <div class="stack tight">
            <ChangeButton change=plan label=verb why_not=Signal::derive(why_not)/>
            <RequestFold change=plan/>
        </div>
    }
}

/// What the instance shows once it was done.
fn expected(action: InstanceAction, compute: &Compute) -> Expected {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match action {
        InstanceAction::Start => Expected::Becomes {
            through: words(&["Starting", "SettingUp", "UserSettingUp"]),
            to: words(&["Running", "JobRunning"]),
        },
        InstanceAction::Stop => Expected::Becomes { through: words(&["Stopping"]), to: words(&["Stopped"]) },
        // It runs before and after, so its state tells nothing: the time of what was done last does.
        InstanceAction::Restart => {
            let last = compute.properties.properties.last_operation.as_ref();
            let time = last.and_then(|last| last.operation_time);
            let was = time.map_or(0, Timestamp::unix_milliseconds);
            Expected::Later("/properties/properties/lastOperation/operationTime".to_owned(), was)
        }
    }
}

/// Why it cannot be done while the instance is like this.
fn why_not(action: InstanceAction, state: &str) -> Option<String> {
    let fits = match action {
        InstanceAction::Start => matches!(state, "Stopped" | "Unknown"),
        InstanceAction::Stop | InstanceAction::Restart => {
            matches!(
                state,
                "Running" | "JobRunning" | "Unusable" | "Unknown" | "SetupFailed" | "UserSetupFailed"
            )
        }
    };
    (!fits).then(|| match action {
        InstanceAction::Start => format!("It is {state}, and only what is stopped can be started."),
        InstanceAction::Stop => format!("It is {state}, and only what runs can be stopped."),
        InstanceAction::Restart => format!("It is {state}, and only what runs can be restarted."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stopped_can_be_started_and_nothing_else() {
        assert_eq!(why_not(InstanceAction::Start, "Stopped"), None);
        assert!(why_not(InstanceAction::Stop, "Stopped").is_some());
        assert!(why_not(InstanceAction::Start, "Running").is_some());
        assert_eq!(why_not(InstanceAction::Restart, "Running"), None);
        assert!(why_not(InstanceAction::Stop, "Stopping").is_some());
    }
}
