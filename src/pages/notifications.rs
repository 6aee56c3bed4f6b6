//! The notifications of a workspace.

use azimuth_api::{NotificationId, WorkspaceId};
use leptos::prelude::*;

use crate::components::header::PageTitle;
use crate::navigation::use_title;

#[component]
pub fn NotificationsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Notifications".to_owned());
    let _ = workspace;
    view! { <div class="page"><PageTitle title="Notifications"/></div> }
}

#[component]
pub fn NotificationPage(workspace: WorkspaceId, notification: NotificationId) -> impl IntoView {
    use_title("Notification".to_owned());
    let _ = (workspace, notification);
    view! { <div class="page"><PageTitle title="Notification"/></div> }
}
