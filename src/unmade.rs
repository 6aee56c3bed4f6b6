//! Why a workspace could not be made: in the service's words where they can be read, else the command that shows them.

use azimuth_api::{GetOperationStatus, Refusal, ResourceGroupName, SubscriptionId, Workspace, WorkspaceId};
use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::panel::{Hint, Loading};
use crate::explain::{Explanation, explain_refusal};
use crate::kept::kept_in;
use crate::load::ExplanationPanel;
use crate::navigation::Navigation;
use crate::query::{Query, query};
use crate::route::{Location, Route, WorkspaceRoute};

/// Where the service tells how the making of a workspace goes, beside the form that made it: its name and the address.
/// The page may be loaded anew until that is over.
pub fn status_link(
    navigation: Navigation,
    subscription: &SubscriptionId,
    group: &ResourceGroupName,
) -> RwSignal<String> {
    let form = Route::Workspaces(subscription.clone(), group.clone());
    let session = navigation.location().with_untracked(|location| location.session);
    kept_in(&Location::new(session, form).href(), "status link")
}

/// The reason, and what to do now.
#[component]
pub fn UnmadeWorkspace(
    /// Which one.
    workspace: WorkspaceId,
    /// What came of it, as far as it is read.
    found: Query<Workspace>,
    /// Whether it leads to its page, where it can be deleted.
    #[prop(optional)]
    leads: bool,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let kept = status_link(navigation, &workspace.subscription, &workspace.resource_group).get_untracked();
    let link = kept.split_once(' ').filter(|(name, _)| *name == workspace.name.as_str());
    let status = link.map(|(_, link)| {
        let link = link.to_owned();
        query(move || GetOperationStatus { link: link.clone() })
    });
    let command = command(&workspace);
    let reason = move || {
        let Some(status) = status else { return Err(true) };
        match status.get() {
            Some(status) => status.failure().ok_or(true),
            None => Err(status.error().with(Option::is_some)),
        }
    };
    let why = move || match reason() {
        Ok(refusal) => {
            let registry =
                found.with(|found| found.and_then(|found| found.properties.container_registry.clone()));
            let registry = registry.as_deref().map(|id| id.rsplit('/').next().unwrap_or_default());
            view! { <ExplanationPanel explanation=explained(&refusal, registry) inline=true/> }.into_any()
        }
        Err(false) => view! { <Loading what="the reason"/> }.into_any(),
        Err(true) => {
            let command = command.clone();
            view! {
                <Hint warning=true>
                    <p>"It could not be made, and this page cannot read why. The Azure CLI shows it:"</p>
                    <div class="command"><pre>{command.clone()}</pre><CopyButton text=command label="Copy the command" bare=true/></div>
                </Hint>
            }
            .into_any()
        }
    };
    let href = leads.then(|| navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Overview)));
    let name = workspace.name.to_string();

    view! {
        <div class="stack tight">
            {why}
            <p>
                "What it is made of cannot be exchanged: delete what came of it, then make it again. "
                {href.map(|href| view! { <a href=href>"Open "<bdi>{name}</bdi></a> })}
            </p>
        </div>
    }
}

/// A refusal of what a workspace is made of. The service names the registry, whatever its language is.
fn explained(refusal: &Refusal, registry: Option<&str>) -> Explanation {
    let explanation = explain_refusal(refusal, "Why it could not be made".to_owned());
    match registry.filter(|registry| refusal.names(registry)) {
        Some(registry) => Explanation {
            message: format!(
                "It is about the container registry {registry}. A workspace needs one whose admin user is enabled."
            ),
            advice: Some(format!("Enable it: az acr update --name {registry} --admin-enabled true")),
            ..explanation
        },
        None => explanation,
    }
}

/// The command that shows why something could not be made.
fn command(workspace: &WorkspaceId) -> String {
    let id = workspace.segments().join("/");
    format!(
        "az monitor activity-log list --resource-id \"/{id}\" --offset 1d \
         --query \"[?status.value=='Failed'].properties.statusMessage\" --output tsv"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_that_is_named_is_told_what_it_needs() {
        let refusal = Refusal {
            code: Some("BadRequest".to_owned()),
            message: "Die Registrierung 'ovens' braucht den Administrator.".to_owned(),
            ..Refusal::default()
        };
        let named = explained(&refusal, Some("ovens"));
        assert!(named.advice.is_some_and(|advice| advice.contains("az acr update --name ovens")));
        assert!(!explained(&refusal, Some("other")).message.contains("other"));
    }

    #[test]
    fn the_command_names_the_workspace() {
        let workspace =
            WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() };
        assert!(command(&workspace).contains(
            "\"/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w\""
        ));
    }
}
