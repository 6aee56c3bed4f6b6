//! The runs of an experiment.

use leptos::prelude::*;

#[component]
pub fn RunsPage(
    workspace: azimuth_api::WorkspaceId,
    experiment: azimuth_api::ExperimentName,
) -> impl IntoView {
    let _ = workspace;
    let _ = experiment;
}
