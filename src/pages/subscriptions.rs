//! The subscriptions of the tenant.

use azimuth_api::{ListSubscriptions, Subscription, SubscriptionId};
use leptos::prelude::*;

use crate::authority::Authority;
use crate::client::Client;
use crate::components::button::Identifier;
use crate::components::field::{TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::TableFrame;
use crate::kept::kept;
use crate::listed::matches;
use crate::listing::Listing;
use crate::navigation::{Navigation, use_title};
use crate::query::list;
use crate::route::Route;
use crate::tenants::Tenants;

/// Those that the signed-in person may see, or a field for the id where none is listed.
#[component]
pub fn SubscriptionsPage() -> impl IntoView {
    use_title("Subscriptions".to_owned());
    let subscriptions = list(ListSubscriptions::default);
    let client = expect_context::<Client>();
    let authority = expect_context::<Option<Authority>>().filter(|_| client.session().is_renewable());

    view! {
        <div class="page">
            <PageTitle title="Subscriptions"/>
            <Listing
                list=subscriptions
                noun="subscriptions"
                usual="name"
                fits=fits
                sort_key=sort_key
                empty=|| view! { <NoSubscriptions/> }
                table=|subscriptions, sorting| {
                    view! { <SubscriptionTable subscriptions=subscriptions sorting=sorting/> }.into_any()
                }
            />
            {authority.map(|authority| view! { <Tenants authority=authority/> })}
        </div>
    }
}

#[component]
fn SubscriptionTable(subscriptions: Memo<Vec<Subscription>>, sorting: Sorting) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |subscription: Subscription| {
        let href = navigation.href(Route::ResourceGroups(subscription.subscription_id.clone()));
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{subscription.label().to_owned()}</bdi></a></th>
                <td class="meta">{subscription.state.clone()}</td>
                <td class="meta"><Identifier value=subscription.subscription_id.to_string()/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Subscriptions">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <th scope="col">"Id"</th>
                    </tr>
                </thead>
                <tbody>
                    <For
                        each=move || subscriptions.get()
                        key=|subscription| (subscription.subscription_id.clone(), subscription.state.clone())
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

/// A service principal without a role on a subscription sees none, though it may reach a workspace in one.
#[component]
fn NoSubscriptions() -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let id = kept("subscription");
    let error = RwSignal::new(None);
    let open = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let typed = id.get_untracked().trim().to_owned();
        if typed.is_empty() {
            error.set(Some("Enter the id of a subscription.".to_owned()));
            return;
        }
        navigation.go_to(Route::ResourceGroups(SubscriptionId::from(typed)));
    };

    view! {
        <EmptyState
            title="No subscription is listed for this sign-in"
            text="Whoever is signed in may have a role deeper down, on a resource group or a workspace. Enter the id of the subscription to go there."
        >
            <form class="cluster" novalidate=true on:submit=open>
                <TextField label="Subscription ID" value=id kind=TextKind::Code error=error/>
                <button type="submit" class="button primary">"Open"</button>
            </form>
        </EmptyState>
    }
}

fn fits(subscription: &Subscription, filter: &str) -> bool {
    matches(filter, [subscription.label(), subscription.subscription_id.as_str()])
}

fn sort_key(subscription: &Subscription, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(subscription.label()),
        "state" => SortKey::text(subscription.state.as_deref().unwrap_or_default()),
        _ => SortKey::Missing,
    }
}
