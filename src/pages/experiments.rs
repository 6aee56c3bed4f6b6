//! The experiments of a workspace.

use leptos::prelude::*;

#[component]
pub fn ExperimentsPage(workspace: azimuth_api::WorkspaceId) -> impl IntoView {
    let _ = workspace;
}
