//! The steps of a pipeline run.

use azimuth_api::Run;
use leptos::prelude::*;

use crate::load::Load;
use crate::pages::run::Place;
use crate::pipeline_steps::{PipelineSteps, pipeline_run};
use crate::query::Shown;
use crate::route::{PipelinePart, WorkspaceRoute};
use crate::shown::PartLink;

/// Its steps as a graph and as a list, each leading to its own run.
#[component]
pub fn StepsGraph(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let id = run.with(|run| run.run_id.clone());
    let (workspace, experiment) =
        place.with_value(|place| (place.workspace.clone(), place.experiment.clone()));
    let pipeline = pipeline_run(workspace.clone(), id.as_str().into());
    let part = WorkspaceRoute::Pipeline(PipelinePart::Experiment, id.as_str().into());

    view! {
        <section class="section" aria-label="Steps">
            <div class="section-title">
                <h2>"Steps"</h2>
                <PartLink workspace=workspace.clone() part=part label="What the pipeline service knows of this run"/>
            </div>
            // Only to say that it could not be asked: the runs of the steps are shown all the same.
            <Load query=pipeline what="the graph of this run" let:_>""</Load>
            <PipelineSteps workspace=workspace pipeline=pipeline run=id experiment=Some(experiment)/>
        </section>
    }
}
