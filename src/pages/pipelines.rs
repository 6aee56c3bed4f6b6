//! The runs of pipelines in a workspace, and each thing of the pipeline service by its id.

mod found;
mod parts;

use azimuth_api::{ListExperiments, PipelineId, WorkspaceId};
use leptos::prelude::*;

use crate::components::field::{Choice, SelectField, TextField, TextKind};
use crate::components::header::PageTitle;
use crate::kept::kept;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::pages::pipelines::found::FoundRuns;
use crate::pages::pipelines::parts::{DataSourcePage, GraphPage, ModulePage, PipelineRunPage, TemplatePage};
use crate::query::list;
use crate::route::{PipelinePart, Route, WorkspaceRoute};

/// The pipeline service has no list of anything. Runs are looked for in run history, an experiment after the other.
#[component]
pub fn PipelinesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Pipelines".to_owned());
    let asked = workspace.clone();
    let experiments = list(move || ListExperiments::of(asked.clone()));
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle title="Pipelines">
                <Freshness query=experiments.query() pausable=false/>
            </PageTitle>
            <div class="columns">
                <section class="section" aria-label="Runs of pipelines">
                    <Load query=experiments.query() what="the experiments" rows=6 let:_>
                        <FoundRuns workspace=place.clone() experiments=experiments/>
                    </Load>
                </section>
                <OpenById workspace=workspace/>
            </div>
        </div>
    }
}

const PARTS: [(PipelinePart, &str); 5] = [
    (PipelinePart::Experiment, "Pipeline run"),
    (PipelinePart::Graph, "Graph"),
    (PipelinePart::Module, "Module"),
    (PipelinePart::Template, "Template"),
    (PipelinePart::DataSource, "Data source"),
];

/// The way to what no list leads to.
#[component]
fn OpenById(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (kind, id) = (kept("kind"), kept("id"));
    if kind.with_untracked(String::is_empty) {
        kind.set(PARTS[0].1.to_owned());
    }
    let error = RwSignal::new(None::<String>);
    let choices: Vec<Choice> = PARTS
        .iter()
        .map(|(_, label)| Choice { value: (*label).to_owned(), label: (*label).to_owned() })
        .collect();
    let open = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let id = id.with_untracked(|id| id.trim().to_owned());
        let part = PARTS.iter().find(|(_, label)| kind.with_untracked(|kind| kind == label));
        match part {
            Some((part, _)) if !id.is_empty() => {
                let part = WorkspaceRoute::Pipeline(*part, PipelineId::from(id));
                navigation.go_to(Route::Workspace(workspace.clone(), part));
            }
            _ => error.set(Some("Type or paste an id.".to_owned())),
        }
    };
    Effect::new(move || {
        if id.with(|id| !id.trim().is_empty()) {
            error.set(None);
        }
    });

    view! {
        <section class="section" aria-label="Open by id">
            <h2>"Open by id"</h2>
            <form class="stack" novalidate on:submit=open>
                <SelectField label="What" value=kind choices=choices on_change=move |chosen| kind.set(chosen)/>
                <TextField label="Id" value=id kind=TextKind::Code error=error required=true/>
                <div><button type="submit" class="button">"Open"</button></div>
                <p class="muted small">
                    "The service lists no graphs, modules, templates or data sources. Their ids are in the pages of the pipeline runs that use them, and in the SDK."
                </p>
            </form>
        </section>
    }
}

/// One thing of the pipeline service.
#[component]
pub fn PipelinePage(workspace: WorkspaceId, part: PipelinePart, id: PipelineId) -> impl IntoView {
    match part {
        PipelinePart::Experiment => view! { <PipelineRunPage workspace=workspace id=id/> }.into_any(),
        PipelinePart::Graph => view! { <GraphPage workspace=workspace id=id/> }.into_any(),
        PipelinePart::Module => view! { <ModulePage workspace=workspace id=id/> }.into_any(),
        PipelinePart::Template => view! { <TemplatePage workspace=workspace id=id/> }.into_any(),
        PipelinePart::DataSource => view! { <DataSourcePage workspace=workspace id=id/> }.into_any(),
    }
}
