//! The images that services are made of.

use azimuth_api::{ImageId, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn ImagesPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Images".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Images"/></div> }
}

#[component]
pub fn ImagePage(workspace: WorkspaceId, image: ImageId) -> impl IntoView {
    use_title("Image".to_owned());
    let _ = (workspace, image);
    view! { <div class="page"><PageTitle title="Image"/></div> }
}
