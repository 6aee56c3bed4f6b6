//! What can be done about a workspace: other words for it, its keys, its end. Loaded when somebody asks for it.

use std::rc::Rc;

use azimuth_api::{
    ChangeWorkspace, DeleteWorkspace, ListWorkspaceKeys, ResyncWorkspaceKeys, Workspace, WorkspaceChange,
    WorkspaceId,
};
use futures::FutureExt;
use leptos::prelude::*;
use serde_json::json;

use crate::changes::forms::{ChangeButton, DeleteDialog, RequestFold};
use crate::changes::{Change, ChangeState, Expected, Plan, Target, change};
use crate::client::Client;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{TextArea, TextField};
use crate::components::tags_field::{TagsField, tag_text, tags_in};
use crate::kept::{forget, kept};
use crate::keys::{Open, Opening, Secrets};
use crate::load::Load;
use crate::navigation::Navigation;
use crate::query::Query;
use crate::route::Route;
use crate::unmade::UnmadeWorkspace;

/// What is done about a workspace, as the address says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Managing {
    /// Its words for people are changed.
    Words,
    /// Its keys are read.
    Keys,
    /// It is deleted.
    Removal,
    /// It could not be made, and somebody wants to know why.
    Failure,
}

impl Managing {
    /// What the address says, if anything.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "edit" => Some(Self::Words),
            "keys" => Some(Self::Keys),
            "delete" => Some(Self::Removal),
            _ => None,
        }
    }
}

/// One of these.
#[component]
pub fn ManageWorkspace(workspace: WorkspaceId, found: Query<Workspace>, what: Managing) -> impl IntoView {
    match what {
        Managing::Words => view! {
            <section class="card manage">
                <h2>"Edit"</h2>
                <Load query=found what="the workspace" let:shown>
                    <Words workspace=workspace.clone() there=Signal::from(shown)/>
                </Load>
            </section>
        }
        .into_any(),
        Managing::Keys => view! { <Keys workspace=workspace/> }.into_any(),
        Managing::Removal => view! { <Removal workspace=workspace found=found/> }.into_any(),
        Managing::Failure => view! { <UnmadeWorkspace workspace=workspace found=found/> }.into_any(),
    }
}

fn close(navigation: Navigation) {
    navigation.set_parameter("manage", "");
}

/// Name, text and tags for people.
#[component]
fn Words(workspace: WorkspaceId, there: Signal<Workspace>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (name, text, tags) = (kept("friendly name"), kept("description"), kept("tags"));
    // What was typed before a reload goes on; else it begins with what is there.
    let begun = kept("begun");
    if begun.with_untracked(String::is_empty) {
        there.with_untracked(|workspace| {
            name.set(workspace.properties.friendly_name.clone());
            text.set(workspace.properties.description.clone());
            tags.set(tag_text(&workspace.tags));
        });
        begun.set("yes".to_owned());
    }
    let wanted = Memo::new(move |_| {
        let tags = tags.with(|tags| tags_in(tags))?;
        let (name, text) =
            (name.with(|name| name.trim().to_owned()), text.with(|text| text.trim().to_owned()));
        let change = there.with(|workspace| WorkspaceChange::between(workspace, name, text, tags));
        if change.is_empty() { Err("Nothing is different yet.".to_owned()) } else { Ok(change) }
    });
    let title = format!("Change workspace {}", workspace.name);
    let saving = change(move || {
        let change = wanted.get().ok()?;
        let expected = Expected::Values(values(&change));
        let operation = ChangeWorkspace { workspace: workspace.clone(), change };
        let done = move || {
            forget(navigation);
            close(navigation);
        };
        Some(Plan::new(title.clone(), &operation, Target::Workspace(workspace.clone()), expected).then(done))
    });
    let is_busy = busy(saving);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        saving.send();
    };
    let cancel = move |_| {
        forget(navigation);
        close(navigation);
    };
    let fault = Signal::derive(move || tags.with(|tags| tags_in(tags)).err());

    view! {
        <form class="stack" novalidate=true on:submit=submit>
            <TextField label="Friendly name" value=name help="For people: shown in place of the name, which stays." disabled=is_busy/>
            <TextArea label="Description" value=text rows=2 disabled=is_busy/>
            <TagsField text=tags error=fault disabled=is_busy/>
            <ChangeButton
                change=saving
                label="Save"
                class="primary"
                why_not=Signal::derive(move || wanted.with(|wanted| wanted.as_ref().err().cloned()))
                submits=true
                done="Saved."
            >
                <button type="button" class="button" on:click=cancel>"Cancel"</button>
            </ChangeButton>
            <RequestFold change=saving/>
        </form>
    }
}

/// What the workspace shows once a change was made.
fn values(change: &WorkspaceChange) -> Vec<(String, serde_json::Value)> {
    let words = &change.properties;
    let word = |field: &str, wanted: &Option<String>| {
        Some((format!("/properties/{field}"), json!(wanted.as_ref()?)))
    };
    let tags = change.tags.as_ref().map(|tags| ("/tags".to_owned(), json!(tags)));
    let words = [word("friendlyName", &words.friendly_name), word("description", &words.description)];
    words.into_iter().flatten().chain(tags).collect()
}

/// What opens its storage and its registry, and the way to have it read these anew.
#[component]
fn Keys(workspace: WorkspaceId) -> impl IntoView {
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let of = workspace.clone();
    let read: Open = Rc::new(move || {
        let question = ListWorkspaceKeys { workspace: of.clone() };
        let opened = async move {
            let keys = client.ask(&question).await?;
            let user = keys.registry_user.map(|user| ("Registry user", user));
            Ok(Opening { secrets: keys.keys, user, expires: None })
        };
        opened.boxed_local()
    });
    let title = format!("Resync keys of workspace {}", workspace.name);
    let resync = change(move || {
        let operation = ResyncWorkspaceKeys { workspace: workspace.clone() };
        let expected = Expected::Passes { through: vec!["Updating".to_owned()] };
        Some(Plan::new(title.clone(), &operation, Target::Workspace(workspace.clone()), expected).long())
    });

    view! {
        <section class="card manage">
            <div class="section-title">
                <h2>"Keys"</h2>
                <button type="button" class="button quiet small" on:click=move |_| close(navigation)>"Close"</button>
            </div>
            <p class="muted">"They open what the workspace is made of: its storage, its registry. Reading them is a right of its own, and changes nothing."</p>
            <Secrets open=read read="Read the keys" forget="Forget the keys"/>
            <h3>"Resync"</h3>
            <p class="muted">"After somebody changed a key of the storage account or the registry, the workspace has to read it anew; else runs fail. Doing so once more does no harm."</p>
            <ChangeButton change=resync label="Resync keys" done="The workspace has read its keys anew."/>
            <RequestFold change=resync/>
        </section>
    }
}

/// What goes and what stays, and the name to type.
#[component]
fn Removal(workspace: WorkspaceId, found: Query<Workspace>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let name = workspace.name.to_string();
    let title = format!("Delete workspace {name}");
    let list = Route::Workspaces(workspace.subscription.clone(), workspace.resource_group.clone());
    let of = workspace.clone();
    let own_title = title.clone();
    let deletion = change(move || {
        let operation = DeleteWorkspace { workspace: of.clone() };
        let target = Target::Workspace(of.clone());
        let list = list.clone();
        let leave = move || navigation.go_to(list.clone());
        Some(Plan::new(own_title.clone(), &operation, target, Expected::Gone).long().then(leave))
    });
    let open = RwSignal::new(true);
    Effect::new(move || {
        if !open.get() {
            close(navigation);
        }
    });
    let stays = move || {
        let properties = found.with(|found| found.map(|found| found.properties.clone())).unwrap_or_default();
        let parts = [
            ("Storage account", properties.storage_account),
            ("Key vault", properties.key_vault),
            ("Container registry", properties.container_registry),
            ("Application Insights", properties.application_insights),
        ];
        let named = parts.into_iter().filter_map(|(kind, id)| {
            let name = id.filter(|id| !id.is_empty())?.rsplit('/').next()?.to_owned();
            Some(view! { <Fact name=kind><bdi>{name}</bdi></Fact> })
        });
        named.collect::<Vec<_>>()
    };

    view! {
        <DeleteDialog change=deletion open=open title=title workspace=workspace name=name verb="Delete workspace" kind="Workspace">
            <div class="stack tight">
                <p>"With it go its experiments and runs, models, images and services, and its computes, also those that are working."</p>
                <p>"These stay, and go on costing until somebody deletes them:"</p>
                <Facts>{stays}</Facts>
                <p>"Azure keeps its data and its name for 14 days. Until then it can be brought back in the Azure portal, and no other workspace of the group can have its name."</p>
                <p class="muted">"A workspace cannot be moved to another subscription or tenant: another one has to be made there. And to delete its registry instead would break it."</p>
            </div>
        </DeleteDialog>
    }
}

/// Whether a change is on its way.
fn busy(change: Change) -> Signal<bool> {
    let state = change.state();
    Signal::derive(move || state.with(ChangeState::is_open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_of_a_change_is_what_differs() {
        let there: Workspace = serde_json::from_value(json!({
            "id": "/x", "name": "w", "tags": { "a": "b" }, "properties": { "friendlyName": "W", "description": "d" },
        }))
        .unwrap();
        let change = WorkspaceChange::between(&there, "V".to_owned(), "d".to_owned(), Default::default());
        let expected = [("/properties/friendlyName".to_owned(), json!("V")), ("/tags".to_owned(), json!({}))];
        assert_eq!(values(&change), expected);
    }
}
