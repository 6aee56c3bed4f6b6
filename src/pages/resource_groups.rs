//! The resource groups of a subscription.

use azimuth_api::{ListResourceGroups, ResourceGroup, SubscriptionId};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::TableFrame;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::navigation::{Navigation, use_title};
use crate::query::list;
use crate::route::Route;

/// All that the signed-in person may see.
#[component]
pub fn ResourceGroupsPage(subscription: SubscriptionId) -> impl IntoView {
    use_title("Resource groups".to_owned());
    let navigation = expect_context::<Navigation>();
    let of = subscription.clone();
    let groups = list(move || ListResourceGroups { subscription: of.clone(), next: None });
    let create =
        StoredValue::new(navigation.href_with(Route::ResourceGroups(subscription.clone()), "create"));
    let all_workspaces = navigation.href(Route::SubscriptionWorkspaces(subscription.clone()));

    view! {
        <div class="page">
            <PageTitle title="Resource groups">
                <a class="button" href=all_workspaces>"All workspaces of this subscription"</a>
                <a class="button primary" href=create.get_value()>"Create a resource group"</a>
            </PageTitle>
            <Listing
                list=groups
                noun="resource groups"
                usual="name"
                fits=fits
                sort_key=sort_key
                empty=move || view! {
                    <EmptyState
                        title="No resource group to see"
                        text="There is none in this subscription, or whoever is signed in has no role on one. An owner of the subscription can give one."
                    >
                        <a class="button" href=create.get_value()>"Create a resource group"</a>
                    </EmptyState>
                }
                table=move |groups, sorting| {
                    view! { <ResourceGroupTable groups=groups sorting=sorting subscription=subscription.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn ResourceGroupTable(
    groups: Memo<Vec<ResourceGroup>>,
    sorting: Sorting,
    subscription: SubscriptionId,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |group: ResourceGroup| {
        let href = navigation.href(Route::Workspaces(subscription.clone(), group.name.clone()));
        let tags: Vec<_> = group.tags.clone().into_iter().collect();
        let state = group.provisioning_state().unwrap_or_default().to_owned();
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{group.name.to_string()}</bdi></a></th>
                <td class="meta">{group.location}</td>
                <td class="meta">{state}</td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Resource groups">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="location" label="Location"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || groups.get()
                        key=|group| (group.name.clone(), group.provisioning_state().map(str::to_owned))
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

fn fits(group: &ResourceGroup, filter: &str) -> bool {
    let own = [group.name.as_str(), group.location.as_str(), group.provisioning_state().unwrap_or_default()];
    matches(filter, own.into_iter().chain(tag_texts(&group.tags)))
}

fn sort_key(group: &ResourceGroup, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(group.name.as_str()),
        "location" => SortKey::text(&group.location),
        "state" => SortKey::text(group.provisioning_state().unwrap_or_default()),
        _ => SortKey::Missing,
    }
}
