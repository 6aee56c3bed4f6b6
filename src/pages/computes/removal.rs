//! Deleting a compute, or letting go of one that was attached.

use azimuth_api::{Compute, DeleteCompute, UnderlyingResource, WorkspaceId};
use leptos::prelude::*;

use crate::changes::forms::{DeleteDialog, OpenButton};
use crate::changes::{Expected, Plan, Target, change};
use crate::navigation::Navigation;
use crate::query::Shown;
use crate::route::{Route, WorkspaceRoute};

/// "Delete", and "Detach" where something was there before that stays.
#[component]
pub fn Removal(compute: Shown<Compute>, workspace: WorkspaceId) -> impl IntoView {
    let can_detach = Memo::new(move |_| compute.with(can_detach));
    let of_detaching = workspace.clone();

    view! {
        <Show when=move || can_detach.get()>
            <RemovalOf compute=compute workspace=of_detaching.clone() underlying=UnderlyingResource::Detach/>
        </Show>
        <RemovalOf compute=compute workspace=workspace underlying=UnderlyingResource::Delete/>
    }
}

/// Only what exists outside of the workspace can go on without it.
fn can_detach(compute: &Compute) -> bool {
    !matches!(compute.properties.compute_type.as_str(), "AmlCompute" | "ComputeInstance")
}

#[component]
fn RemovalOf(
    compute: Shown<Compute>,
    workspace: WorkspaceId,
    underlying: UnderlyingResource,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let open = RwSignal::new(false);
    let verb = match underlying {
        UnderlyingResource::Delete => "Delete",
        UnderlyingResource::Detach => "Detach",
    };
    let name = Memo::new(move |_| compute.with(|compute| compute.name.clone()));
    let place = StoredValue::new(workspace.clone());
    let removal = change(move || {
        let (workspace, compute) = (place.get_value(), name.get());
        let operation = DeleteCompute { workspace: workspace.clone(), compute: compute.clone(), underlying };
        let title = format!("{verb} compute {compute}");
        let list = Route::Workspace(workspace.clone(), WorkspaceRoute::Computes);
        let plan = Plan::new(title, &operation, Target::Compute(workspace, compute), Expected::Gone);
        Some(plan.long().then(move || navigation.go_to(list.clone())))
    });
    let is_going = move || {
        let is_going = compute.with(|compute| compute.state_word() == "Deleting");
        is_going.then(|| "It is being deleted already.".to_owned())
    };

    view! {
        <OpenButton open=open label=verb why_not=Signal::derive(is_going)/>
        <DeleteDialog
            change=removal
            open=open
            title=Signal::derive(move || format!("{verb} compute {}", name.get()))
            workspace=workspace
            name=Signal::derive(move || name.get().to_string())
            verb=verb
            kind="Compute"
        >
            <p>{match underlying {
                UnderlyingResource::Delete => "Its machines and what is on their disks are gone for good. Runs that work on it are stopped, and runs that wait for it do not begin; what runs have saved stays in the workspace.",
                UnderlyingResource::Detach => "The workspace forgets it. What it stands for goes on outside of the workspace, and can be attached again; runs can no longer be handed in to it.",
            }}</p>
        </DeleteDialog>
    }
}
