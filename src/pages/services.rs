//! The web services of a workspace.

use azimuth_api::{ServiceId, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn ServicesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Services".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Services"/></div> }
}

#[component]
pub fn ServicePage(workspace: WorkspaceId, service: ServiceId) -> impl IntoView {
    use_title("Service".to_owned());
    let _ = (workspace, service);
    view! { <div class="page"><PageTitle title="Service"/></div> }
}
