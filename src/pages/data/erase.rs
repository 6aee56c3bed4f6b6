//! Erasing the data of a workspace.

use azimuth_api::WorkspaceId;
use leptos::prelude::*;

/// Erases what was chosen.
#[component]
pub fn EraseTab(workspace: WorkspaceId) -> impl IntoView {
    view! { <p class="muted">"What is in "<bdi>{workspace.name.to_string()}</bdi>"."</p> }
}
