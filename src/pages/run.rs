//! One run.

use leptos::prelude::*;

#[component]
pub fn RunPage(
    workspace: azimuth_api::WorkspaceId,
    experiment: azimuth_api::ExperimentName,
    run: azimuth_api::RunId,
) -> impl IntoView {
    let _ = workspace;
    let _ = experiment;
    let _ = run;
}
