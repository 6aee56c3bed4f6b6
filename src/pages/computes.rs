//! The computes of a workspace, and one of them.

use leptos::prelude::*;

#[component]
pub fn ComputesPage(workspace: azimuth_api::WorkspaceId) -> impl IntoView {
    let _ = workspace;
}

#[component]
pub fn ComputePage(workspace: azimuth_api::WorkspaceId, compute: azimuth_api::ComputeName) -> impl IntoView {
    let _ = workspace;
    let _ = compute;
}
