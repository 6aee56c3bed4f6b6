//! The pipelines of a workspace.

use azimuth_api::{PipelineId, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;
use crate::route::PipelinePart;

#[component]
pub fn PipelinesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Pipelines".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Pipelines"/></div> }
}

#[component]
pub fn PipelinePage(workspace: WorkspaceId, part: PipelinePart, id: PipelineId) -> impl IntoView {
    use_title("Pipeline".to_owned());
    let _ = (workspace, part, id);
    view! { <div class="page"><PageTitle title="Pipeline"/></div> }
}
