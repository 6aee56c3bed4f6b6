//! The workspaces of a resource group or a subscription.

use leptos::prelude::*;

#[component]
pub fn WorkspacesPage(of: azimuth_api::Workspaces) -> impl IntoView {
    let _ = of;
}
