//! The datastores of a workspace.

use azimuth_api::{DatastoreName, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn DatastoresPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Datastores".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Datastores"/></div> }
}

#[component]
pub fn DatastorePage(workspace: WorkspaceId, datastore: DatastoreName) -> impl IntoView {
    use_title("Datastore".to_owned());
    let _ = (workspace, datastore);
    view! { <div class="page"><PageTitle title="Datastore"/></div> }
}
