//! The form that hands in a run.

use leptos::prelude::*;

#[component]
pub fn SubmitPage(workspace: azimuth_api::WorkspaceId) -> impl IntoView {
    let _ = workspace;
}
