//! The choice of one thing that a workspace is made of.

use azimuth_api::{Dependency, Resource};
use leptos::prelude::*;

use crate::components::button::CopyButton;
use crate::components::field::{Choice, SelectField, TextField, TextKind};
use crate::load::ApiErrorPanel;
use crate::pages::new_workspace::wanted::{OTHER, WITHOUT, command, in_a_sentence};
use crate::query::ListQuery;

/// One of those that are in the resource group, another by its id, or none where that may be.
#[component]
pub fn PartField(
    kind: Dependency,
    choice: RwSignal<String>,
    /// The id of another one.
    typed: RwSignal<String>,
    /// What is in the resource group.
    candidates: ListQuery<Resource>,
    /// Where the workspace is to be.
    region: RwSignal<String>,
    /// The resource group.
    group: String,
    disabled: Signal<bool>,
) -> impl IntoView {
    let query = candidates.query();
    let there = Memo::new(move |_| {
        let fitting = |one: &&Resource| kind.is(one);
        query.with(|loaded| Some(loaded?.items().filter(fitting).cloned().collect::<Vec<_>>()))
    });
    let may_be_left_out = kind == Dependency::ContainerRegistry;
    // Where there is one choice, it is made.
    Effect::new(move || {
        if choice.with_untracked(|choice| !choice.is_empty()) {
            return;
        }
        match there.get().as_deref() {
            _ if may_be_left_out => choice.set(WITHOUT.to_owned()),
            Some([only]) => choice.set(only.id.clone()),
            _ => {}
        }
    });
    let choices = Signal::derive(move || {
        let chosen = choice.get();
        let mut choices: Vec<Choice> = Vec::new();
        let mut add = |value: &str, label: String| choices.push(Choice { value: value.to_owned(), label });
        if chosen.is_empty() {
            add("", "Choose one".to_owned());
        }
        if may_be_left_out {
            add(WITHOUT, "None yet: one is made when it is first needed".to_owned());
        }
        let there = there.get().unwrap_or_default();
        for one in &there {
            add(&one.id, format!("{}, {}", one.name, one.location));
        }
        // It was chosen before, and the list is not there.
        let is_known =
            ["", WITHOUT, OTHER].contains(&chosen.as_str()) || there.iter().any(|one| one.id == chosen);
        if !is_known {
            add(&chosen, chosen.rsplit('/').next().unwrap_or_default().to_owned());
        }
        add(OTHER, "Another one, by its id".to_owned());
        choices
    });
    let help = Signal::derive(move || {
        let there = there.get();
        let chosen = choice.get();
        let own = there.iter().flatten().find(|one| one.id == chosen);
        match (own, there.as_deref()) {
            (Some(own), _) if region.with(|region| !region.is_empty() && *region != own.location) => {
                format!(
                    "It is in {}, not where the workspace is to be: slower, and the traffic costs.",
                    own.location
                )
            }
            (None, Some([])) if chosen != OTHER => {
                format!("There is no {} in this resource group.", in_a_sentence(kind))
            }
            _ if kind == Dependency::ContainerRegistry && chosen != WITHOUT => {
                "Its admin user has to be enabled, else the workspace cannot be made.".to_owned()
            }
            _ => use_of(kind).to_owned(),
        }
    });
    let is_other = Memo::new(move |_| choice.with(|choice| choice == OTHER));
    let has_none = Memo::new(move |_| there.with(|there| there.as_ref().is_some_and(Vec::is_empty)));
    let fault = Signal::derive(move || {
        let id = typed.with(|id| id.trim().to_owned());
        if id.is_empty() { None } else { kind.id_fault(&id) }
    });
    let failure = move || {
        let failed = query.error().get().filter(|_| kind == Dependency::StorageAccount);
        failed.map(|error| {
            view! {
                <ApiErrorPanel
                    error=error
                    what="list what is in the resource group"
                    inline=true
                    on_retry=Callback::new(move |()| query.ask_again())
                />
            }
        })
    };
    let make = move || {
        let command = command(kind, &group, &region.get());
        view! {
            <details>
                <summary>"How to make one"</summary>
                <div class="command"><pre>{command.clone()}</pre><CopyButton text=command label="Copy the command" bare=true/></div>
            </details>
        }
    };

    view! {
        <div class="stack tight">
            {failure}
            <SelectField label=kind.label() value=choice choices=choices on_change=move |chosen| choice.set(chosen) help=help disabled=disabled/>
            <Show when=move || is_other.get()>
                <TextField
                    label=format!("Id of the {}", in_a_sentence(kind))
                    value=typed
                    kind=TextKind::Code
                    placeholder=format!("/subscriptions/…/providers/{}/…", kind.resource_type())
                    error=fault
                    disabled=disabled
                />
            </Show>
            {move || (has_none.get() && !may_be_left_out).then(&make)}
        </div>
    }
}

/// What a workspace needs it for.
fn use_of(kind: Dependency) -> &'static str {
    match kind {
        Dependency::StorageAccount => "Keeps projects, logs and outputs of runs.",
        Dependency::KeyVault => "Keeps the secrets of the workspace.",
        Dependency::ApplicationInsights => "Gathers what deployed services tell.",
        Dependency::ContainerRegistry => "Keeps the images that runs and services start from.",
    }
}
