//! Taking the data of a workspace out.

use azimuth_api::WorkspaceId;
use leptos::prelude::*;

/// Takes out what was chosen.
#[component]
pub fn ExportTab(workspace: WorkspaceId) -> impl IntoView {
    view! { <p class="muted">"What is in "<bdi>{workspace.name.to_string()}</bdi>"."</p> }
}
