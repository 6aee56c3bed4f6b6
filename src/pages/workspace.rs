//! The overview of a workspace.

use leptos::prelude::*;

#[component]
pub fn WorkspacePage(workspace: azimuth_api::WorkspaceId) -> impl IntoView {
    let _ = workspace;
}
