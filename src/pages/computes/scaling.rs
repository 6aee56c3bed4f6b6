//! Letting a cluster grow and shrink otherwise.

use azimuth_api::{Compute, ScaleCompute, WorkspaceId};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::components::compute_state::seconds_of;
use crate::components::field::TextField;
use crate::kept::kept;
use crate::pages::computes::cluster::{count, idle_time, most_fault, scale};
use crate::query::Shown;

/// The limits of a cluster, to be changed in place.
#[component]
pub fn Scaling(compute: Shown<Compute>, workspace: WorkspaceId) -> impl IntoView {
    let now = Memo::new(move |_| {
        compute.with(|compute| compute.properties.properties.scale_settings.clone().unwrap_or_default())
    });
    // What was typed survives a reload; what is as it is now is not kept, since it may be otherwise by then.
    let fields = ["least", "most", "idle"].map(|field| (RwSignal::new(String::new()), kept(field)));
    let [(least, _), (most, _), (idle, _)] = fields;
    let usual = move || {
        let now = now.get();
        let seconds = now.node_idle_time_before_scale_down.as_deref().and_then(seconds_of);
        let idle = seconds.map(|seconds| (seconds as f64 / 60.0).to_string()).unwrap_or_default();
        [now.min_node_count.to_string(), now.max_node_count.to_string(), idle]
    };
    let start = move || {
        for ((field, _), usual) in fields.into_iter().zip(untrack(usual)) {
            field.set(usual);
        }
    };
    start();
    for (field, kept) in fields {
        if let Some(typed) = Some(kept.get_untracked()).filter(|typed| !typed.is_empty()) {
            field.set(typed);
        }
    }
    Effect::new(move || {
        for ((field, kept), usual) in fields.into_iter().zip(usual()) {
            let typed = field.get();
            kept.set(if typed == usual { String::new() } else { typed });
        }
    });
    let wanted =
        Memo::new(move |_| least.with(|least| most.with(|most| idle.with(|idle| scale(least, most, idle)))));
    let is_same = move || {
        let (now, wanted) = (now.get(), wanted.get()?);
        let seconds = |text: Option<&str>| text.and_then(seconds_of);
        let same = (wanted.min_node_count, wanted.max_node_count) == (now.min_node_count, now.max_node_count)
            && seconds(wanted.node_idle_time_before_scale_down.as_deref())
                == seconds(now.node_idle_time_before_scale_down.as_deref());
        same.then(|| "It is like that already.".to_owned())
    };
    let is_moving = move || {
        let word = compute.with(|compute| compute.properties.provisioning_state.clone()).unwrap_or_default();
        let is_moving = matches!(word.as_str(), "Creating" | "Updating" | "Deleting");
        is_moving.then(|| "It is being changed already.".to_owned())
    };
    let why_not = move || {
        let fault = wanted.with(Option::is_none).then(|| "The limits are not in order yet.".to_owned());
        fault.or_else(is_moving).or_else(is_same)
    };
    let place = StoredValue::new(workspace);
    let scaling = change(move || {
        let (scale, now) = (wanted.get()?, now.get());
        let (workspace, compute) = (place.get_value(), compute.with(|compute| compute.name.clone()));
        let pointer = |field: &str| format!("/properties/properties/scaleSettings/{field}");
        let is_same =
            (scale.min_node_count, scale.max_node_count) == (now.min_node_count, now.max_node_count);
        // The service writes durations in another way than they were sent.
        let expected = if is_same {
            let was = now.node_idle_time_before_scale_down.map_or(Value::Null, Value::from);
            Expected::Differs(pointer("nodeIdleTimeBeforeScaleDown"), was)
        } else {
            Expected::Values(vec![
                (pointer("minNodeCount"), json!(scale.min_node_count)),
                (pointer("maxNodeCount"), json!(scale.max_node_count)),
            ])
        };
        let operation = ScaleCompute { workspace: workspace.clone(), compute: compute.clone(), scale };
        let title = format!("Scale compute {compute}");
        Some(Plan::new(title, &operation, Target::Compute(workspace, compute), expected).long())
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        scaling.send();
    };

    view! {
        <section class="section">
            <h2>"Scale"</h2>
            <form class="stack" novalidate=true on:submit=submit>
                <div class="field-row">
                    <TextField
                        label="Machines, at least"
                        value=least
                        error=Signal::derive(move || least.with(|text| count(text).err()))
                    />
                    <TextField
                        label="Machines, at most"
                        value=most
                        error=Signal::derive(move || least.with(|least| most.with(|most| most_fault(least, most))))
                    />
                    <TextField
                        label="Let go after, in minutes"
                        value=idle
                        error=Signal::derive(move || idle.with(|text| idle_time(text).err()))
                    />
                </div>
                <RequestFold change=scaling/>
                <ChangeButton change=scaling label="Scale" class="primary" why_not=Signal::derive(why_not) submits=true>
                    <button type="button" class="button" on:click=move |_| start()>"As it is"</button>
                </ChangeButton>
            </form>
        </section>
    }
}
