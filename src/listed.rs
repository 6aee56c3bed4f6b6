//! What tells the items of each list apart, what a filter looks at, and the list that it narrows.

use std::collections::BTreeMap;
use std::fmt::Display;

use azimuth_api::{
    Artifact, Asset, Compute, ComputeNode, Datastore, Experiment, Image, Model, Notification, Quota,
    Resource, ResourceGroup, Run, RunEvent, RunMetric, Subscription, Tenant, Usage, WebService, Workspace,
};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::format::{format_count, lower_case};
use crate::components::panel::EmptyState;
use crate::components::sort::Sorting;
use crate::components::table::FilterBox;
use crate::navigation::Navigation;
use crate::query::Listed;
use crate::route::{Route, WorkspaceRoute};
use crate::seen::SeenItem;

impl Listed for Subscription {
    fn id(&self) -> String {
        self.subscription_id.to_string()
    }

    fn seen(&self, _on: &Route) -> Vec<SeenItem> {
        let route = Route::ResourceGroups(self.subscription_id.clone());
        vec![SeenItem { label: self.label().to_owned(), route }]
    }
}

impl Listed for Tenant {
    fn id(&self) -> String {
        self.tenant_id.clone()
    }
}

impl Listed for ResourceGroup {
    fn id(&self) -> String {
        self.name.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        let route = |subscription| Route::Workspaces(subscription, self.name.clone());
        let item = |route| SeenItem { label: self.name.to_string(), route };
        on.subscription().cloned().map(route).map(item).into_iter().collect()
    }
}

impl Listed for Workspace {
    fn id(&self) -> String {
        self.id.clone()
    }

    fn seen(&self, _on: &Route) -> Vec<SeenItem> {
        let route = |id| Route::Workspace(id, WorkspaceRoute::Overview);
        let item = |route| SeenItem { label: self.label().to_owned(), route };
        self.workspace_id().map(route).map(item).into_iter().collect()
    }
}

impl Listed for Experiment {
    fn id(&self) -> String {
        self.name.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        let mut items = in_workspace(on, &self.name, WorkspaceRoute::Runs(self.name.clone()));
        if let Some(run) = &self.latest_created_run_id {
            items.extend(in_workspace(on, run, WorkspaceRoute::Run(self.name.clone(), run.clone())));
        }
        items
    }
}

impl Listed for Run {
    fn id(&self) -> String {
        self.run_id.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        let Route::Workspace(_, WorkspaceRoute::Runs(experiment)) = on else { return Vec::new() };
        let part = WorkspaceRoute::Run(experiment.clone(), self.run_id.clone());
        in_workspace(on, &self.label().unwrap_or(self.run_id.as_str()), part)
    }
}

impl Listed for RunEvent {
    fn id(&self) -> String {
        format!("{:?} {} {}", self.timestamp, self.name, self.data)
    }
}

impl Listed for RunMetric {
    fn id(&self) -> String {
        self.metric_id.clone().unwrap_or_else(|| format!("{} {}", self.run_id, self.name))
    }
}

impl Listed for Artifact {
    fn id(&self) -> String {
        self.path.clone()
    }
}

impl Listed for Model {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        in_workspace(on, &self.id, WorkspaceRoute::Model(self.id.clone()))
    }
}

impl Listed for Compute {
    fn id(&self) -> String {
        self.name.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        in_workspace(on, &self.name, WorkspaceRoute::Compute(self.name.clone()))
    }
}

impl Listed for Asset {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        let label = if self.name.is_empty() { self.id.as_str() } else { &self.name };
        in_workspace(on, &label, WorkspaceRoute::Asset(self.id.clone()))
    }
}

impl Listed for Image {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        in_workspace(on, &self.id, WorkspaceRoute::Image(self.id.clone()))
    }
}

impl Listed for WebService {
    fn id(&self) -> String {
        self.id.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        in_workspace(on, &self.id, WorkspaceRoute::Service(self.id.clone()))
    }
}

impl Listed for Datastore {
    fn id(&self) -> String {
        self.name.to_string()
    }

    fn seen(&self, on: &Route) -> Vec<SeenItem> {
        in_workspace(on, &self.name, WorkspaceRoute::Datastore(self.name.clone()))
    }
}

impl Listed for Notification {
    /// One that has no id is told apart by all that it says.
    fn id(&self) -> String {
        self.id().map_or_else(|| self.0.to_string(), |id| id.to_string())
    }
}

impl Listed for Resource {
    fn id(&self) -> String {
        self.id.to_lowercase()
    }
}

impl Listed for Usage {
    fn id(&self) -> String {
        format!("{} {}", self.id, self.name.value)
    }
}

impl Listed for Quota {
    fn id(&self) -> String {
        format!("{} {}", self.id, self.name.value)
    }
}

impl Listed for ComputeNode {
    fn id(&self) -> String {
        self.node_id.clone()
    }
}

/// A part of the workspace that a page belongs to.
fn in_workspace(page: &Route, label: &dyn Display, part: WorkspaceRoute) -> Vec<SeenItem> {
    let Route::Workspace(workspace, _) = page else { return Vec::new() };
    vec![SeenItem { label: label.to_string(), route: Route::Workspace(workspace.clone(), part) }]
}

/// Whether every word of a filter is in one of the texts, whatever the case.
pub fn matches<'a>(filter: &str, texts: impl IntoIterator<Item = &'a str>) -> bool {
    if filter.trim().is_empty() {
        return true;
    }
    let texts: Vec<String> = texts.into_iter().map(lower_case).collect();
    lower_case(filter).split_whitespace().all(|word| texts.iter().any(|text| text.contains(word)))
}

/// "12 of 340", or nothing where nothing is filtered out.
pub fn filter_count(shown: usize, all: usize) -> String {
    if shown == all { String::new() } else { format!("{} of {}", format_count(shown), format_count(all)) }
}

/// Names and values of tags, for a filter to look at.
pub fn tag_texts(tags: &BTreeMap<String, String>) -> impl Iterator<Item = &str> {
    tags.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()])
}

/// The filter of a list, in the address, and how it changes there.
pub fn address_filter(navigation: Navigation) -> (Signal<String>, Callback<String>) {
    let change = Callback::new(move |text: String| navigation.set_parameter("filter", &text));
    (navigation.parameter("filter"), change)
}

/// The order of a table, in the address; `usual` is its order without one.
pub fn address_sorting(navigation: Navigation, usual: &'static str) -> Sorting {
    let change = Callback::new(move |text: String| navigation.set_parameter("sort", &text));
    Sorting::new(navigation.parameter("sort"), usual, change)
}

/// The filter, what stands beside it, and the list.
#[component]
pub fn FilteredList(
    /// What is filtered by now.
    filter: Signal<String>,
    #[prop(into)] on_filter: Callback<String>,
    /// How many fit.
    #[prop(into)]
    shown: Signal<usize>,
    /// How many there are.
    #[prop(into)]
    all: Signal<usize>,
    /// What they are, in the plural: "runs".
    noun: &'static str,
    /// What stands beside the box: more filters, how fresh the list is.
    #[prop(optional, into)]
    beside: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let toolbar = NodeRef::<html::Div>::new();
    // The button goes away with the words around it; the focus goes on in the box.
    let clear = move |_| {
        on_filter.run(String::new());
        let field =
            toolbar.get_untracked().and_then(|toolbar| toolbar.query_selector("input").ok().flatten());
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = field.focus();
        }
    };

    view! {
        <div class="section">
            <div class="toolbar" node_ref=toolbar>
                <FilterBox
                    value=filter
                    on_input=on_filter
                    count=Signal::derive(move || filter_count(shown.get(), all.get()))
                />
                {beside.run()}
            </div>
            <Show
                when=move || shown.get() != 0
                fallback=move || view! {
                    <EmptyState
                        title=format!("None of the {noun} fits the filter")
                        text="Every word of the filter has to be somewhere in a row."
                    >
                        <button type="button" class="button" on:click=clear>"Clear the filter"</button>
                    </EmptyState>
                }
            >
                {children.with_value(|children| children())}
            </Show>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_a_filter_counts_in_any_order() {
        let texts = ["Harbour Bakery", "westeurope"];
        assert!(matches("", texts));
        assert!(matches("bakery EUROPE", texts));
        assert!(!matches("bakery asia", texts));
    }
}
