//! The resource groups of a subscription.

use azimuth_api::{ListResourceGroups, ResourceGroup, SubscriptionId};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::table::{FilterBox, TableFrame};
use crate::listed::{filter_count, matches};
use crate::load::{ListFooter, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::{Loaded, list};
use crate::route::Route;

/// All that the signed-in person may see.
#[component]
pub fn ResourceGroupsPage(subscription: SubscriptionId) -> impl IntoView {
    use_title("Resource groups".to_owned());
    let navigation = expect_context::<Navigation>();
    let of = subscription.clone();
    let groups = list(move || ListResourceGroups { subscription: of.clone(), next: None });
    let filter = navigation.parameter("filter");
    let all_workspaces = navigation.href(Route::SubscriptionWorkspaces(subscription.clone()));
    let subscription = StoredValue::new(subscription);

    view! {
        <div class="page">
            <PageTitle title="Resource groups">
                <a class="button" href=all_workspaces>"All workspaces of this subscription"</a>
            </PageTitle>
            <Load query=groups.query() what="the resource groups" rows=6 let:loaded>
                {
                    let shown = Memo::new(move |_| loaded.with(|loaded| {
                        let filter = filter.get();
                        let fits = |group: &&ResourceGroup| {
                            let tags = group.tags.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
                            matches(&filter, [group.name.as_str(), group.location.as_str()].into_iter().chain(tags))
                        };
                        loaded.items().filter(fits).cloned().collect::<Vec<_>>()
                    }));
                    let all = Memo::new(move |_| loaded.with(Loaded::len));
                    view! {
                        <Show
                            when=move || all.get() != 0
                            fallback=|| view! {
                                <EmptyState
                                    title="No resource group to see"
                                    text="There is none in this subscription, or whoever is signed in has no role on one. An owner of the subscription can give one."
                                />
                            }
                        >
                            <div class="section">
                                <div class="toolbar">
                                    <FilterBox
                                        value=filter
                                        on_input=move |text: String| navigation.set_parameter("filter", &text)
                                        count=Signal::derive(move || filter_count(shown.with(Vec::len), all.get()))
                                    />
                                </div>
                                <ResourceGroupTable groups=shown subscription=subscription.get_value()/>
                                <ListFooter list=groups noun="resource groups"/>
                            </div>
                        </Show>
                    }
                }
            </Load>
        </div>
    }
}

#[component]
fn ResourceGroupTable(groups: Memo<Vec<ResourceGroup>>, subscription: SubscriptionId) -> impl IntoView {
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
                        <th scope="col">"Name"</th>
                        <th scope="col">"Location"</th>
                        <th scope="col">"State"</th>
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
