//! The files and images that models are made of.

use azimuth_api::{AssetId, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn AssetsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Assets".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Assets"/></div> }
}

#[component]
pub fn AssetPage(workspace: WorkspaceId, asset: AssetId) -> impl IntoView {
    use_title("Asset".to_owned());
    let _ = (workspace, asset);
    view! { <div class="page"><PageTitle title="Asset"/></div> }
}
