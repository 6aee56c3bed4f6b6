//! The field for the name of an experiment.

use azimuth_api::ExperimentName;
use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::field::{TextField, TextKind};
use crate::pages::submit::experiment_name::nearest;

/// The name, the names that are known, and while it cannot be a name the nearest one.
#[component]
pub fn ExperimentField(
    experiment: RwSignal<String>,
    #[prop(into)] known: Signal<Vec<String>>,
    #[prop(into)] disabled: Signal<bool>,
) -> impl IntoView {
    let list = element_id("names");
    let fault = Memo::new(move |_| {
        let name = ExperimentName::from(experiment.with(|text| text.trim().to_owned()));
        if name.as_str().is_empty() { None } else { name.fault() }
    });
    let proposal = move || {
        let name = fault.with(Option::is_some).then(|| experiment.with(|name| nearest(name))).flatten()?;
        let label = format!("Use {name}");
        let take = move |_| experiment.set(name.clone());
        Some(
            view! { <div><button type="button" class="button small" disabled=disabled on:click=take>{label}</button></div> },
        )
    };
    let options = move || {
        known.get().into_iter().map(|name| view! { <option value=name></option> }).collect::<Vec<_>>()
    };

    view! {
        <div class="stack tight">
            <TextField
                label="Experiment"
                value=experiment
                kind=TextKind::Code
                help="An experiment that is there, or a new name."
                error=fault
                disabled=disabled
                required=true
                list=list.clone()
            />
            {proposal}
            <datalist id=list>{options}</datalist>
        </div>
    }
}
