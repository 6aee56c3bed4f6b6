//! The models of a workspace, and one of them.

use leptos::prelude::*;

#[component]
pub fn ModelsPage(workspace: azimuth_api::WorkspaceId) -> impl IntoView {
    let _ = workspace;
}

#[component]
pub fn ModelPage(workspace: azimuth_api::WorkspaceId, model: azimuth_api::ModelId) -> impl IntoView {
    let _ = workspace;
    let _ = model;
}
