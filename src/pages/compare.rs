//! The Several runs side by side.

use azimuth_api::WorkspaceId;
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn ComparePage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Compare runs".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Compare runs"/></div> }
}
