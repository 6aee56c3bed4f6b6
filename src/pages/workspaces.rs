//! The workspaces of a resource group or a subscription.

use azimuth_api::{ListWorkspaces, Workspace, Workspaces};
use leptos::either::Either;
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::TableFrame;
use crate::components::workspace_state::WorkspaceStateBadge;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::navigation::{Navigation, use_title};
use crate::query::list;
use crate::route::{Route, WorkspaceRoute};

/// All that the signed-in person may see.
#[component]
pub fn WorkspacesPage(of: Workspaces) -> impl IntoView {
    use_title("Workspaces".to_owned());
    let asked = of.clone();
    let create = match &of {
        Workspaces::OfResourceGroup(subscription, group) => {
            let route = Route::Workspaces(subscription.clone(), group.clone());
            Some(expect_context::<Navigation>().href_with(route, "create"))
        }
        Workspaces::OfSubscription(_) => None,
    };
    let workspaces = list(move || ListWorkspaces { of: asked.clone(), next: None });
    let whose = of.clone();

    view! {
        <div class="page">
            <PageTitle title="Workspaces">
                {create.map(|href| view! { <a class="button primary" href=href>"Create a workspace"</a> })}
            </PageTitle>
            <Listing
                list=workspaces
                noun="workspaces"
                usual="name"
                fits=fits
                sort_key=sort_key
                empty=move || view! { <NoWorkspaces of=whose.clone()/> }
                table=move |workspaces, sorting| {
                    view! { <WorkspaceTable workspaces=workspaces sorting=sorting of=of.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn WorkspaceTable(workspaces: Memo<Vec<Workspace>>, sorting: Sorting, of: Workspaces) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let shows_group = matches!(of, Workspaces::OfSubscription(_));
    let row = move |workspace: Workspace| {
        let id = workspace.workspace_id();
        let label = workspace.label().to_owned();
        let name = match id.clone() {
            Some(id) => {
                let href = navigation.href(Route::Workspace(id, WorkspaceRoute::Overview));
                Either::Left(view! { <a href=href><bdi>{label.clone()}</bdi></a> })
            }
            None => Either::Right(view! { <bdi>{label.clone()}</bdi> }),
        };
        let resource_name = workspace.name.to_string();
        let resource_name =
            (resource_name != label).then(|| view! { " "<bdi class="meta">{resource_name}</bdi> });
        let group_cell = shows_group.then(|| {
            id.map(|id| {
                let label = id.resource_group.to_string();
                let href = navigation.href(Route::Workspaces(id.subscription, id.resource_group));
                view! { <td><a href=href><bdi>{label}</bdi></a></td> }
            })
        });
        let state = workspace.provisioning_state().to_owned();
        let tags: Vec<_> = workspace.tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills">{name}{resource_name}</th>
                {group_cell}
                <td class="meta">{workspace.location}</td>
                <td><WorkspaceStateBadge state=state/></td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Workspaces">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        {shows_group.then(|| view! { <SortColumn sorting=sorting column="group" label="Resource group"/> })}
                        <SortColumn sorting=sorting column="location" label="Location"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || workspaces.get()
                        key=|workspace| (
                            workspace.id.clone(),
                            workspace.label().to_owned(),
                            workspace.provisioning_state().to_owned(),
                            workspace.tags.clone(),
                        )
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

#[component]
fn NoWorkspaces(of: Workspaces) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let (text, route, label) = match of {
        Workspaces::OfResourceGroup(subscription, _) => (
            "There is none in this resource group, or whoever is signed in has no role on one. It may be in another group of the subscription.",
            Route::SubscriptionWorkspaces(subscription),
            "All workspaces of this subscription",
        ),
        Workspaces::OfSubscription(subscription) => (
            "There is none in this subscription, or whoever is signed in has no role on one. An owner can give one.",
            Route::ResourceGroups(subscription),
            "Resource groups of this subscription",
        ),
    };
    let href = navigation.href(route);

    view! {
        <EmptyState title="No workspace to see" text=text>
            <a class="button" href=href>{label}</a>
        </EmptyState>
    }
}

fn fits(workspace: &Workspace, filter: &str) -> bool {
    let id = workspace.workspace_id();
    let own = [
        workspace.label(),
        workspace.name.as_str(),
        &workspace.location,
        workspace.provisioning_state(),
        id.as_ref().map_or("", |id| id.resource_group.as_str()),
    ];
    matches(filter, own.into_iter().chain(tag_texts(&workspace.tags)))
}

fn sort_key(workspace: &Workspace, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(workspace.label()),
        "group" => {
            SortKey::text(workspace.workspace_id().as_ref().map_or("", |id| id.resource_group.as_str()))
        }
        "location" => SortKey::text(&workspace.location),
        "state" => SortKey::text(workspace.provisioning_state()),
        _ => SortKey::Missing,
    }
}
