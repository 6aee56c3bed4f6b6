//! The form that makes a resource group.

use azimuth_api::{
    CreateResourceGroup, GetResourceGroup, ListLocations, NewResourceGroup, ResourceGroupName, SubscriptionId,
};
use leptos::prelude::*;

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{ChangeState, Expected, Plan, Target, change};
use crate::client::Client;
use crate::components::field::{Choice, SelectField, TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::components::tags_field::{TagsField, tags_in};
use crate::kept::{forget, kept};
use crate::load::{ApiErrorPanel, Load};
use crate::name_check::NameCheck;
use crate::navigation::{Navigation, use_passing_title};
use crate::query::query;
use crate::route::Route;

/// Name, region and tags.
#[component]
pub fn NewResourceGroupPage(subscription: SubscriptionId) -> impl IntoView {
    use_passing_title("Create a resource group".to_owned());
    let client = expect_context::<Client>();
    let navigation = expect_context::<Navigation>();
    let (name, region, tags) = (kept("name"), kept("region"), kept("tags"));
    let list = Route::ResourceGroups(subscription.clone());
    let of = subscription.clone();
    let locations = query(move || ListLocations { subscription: of.clone() });

    let name_of = move || ResourceGroupName::from(name.with(|name| name.trim().to_owned()));
    let subscription = StoredValue::new(subscription);
    // The first thing that is missing, or what is asked for.
    let wanted = move || {
        let group = name_of();
        if let Some(fault) = group.fault() {
            return Err(fault);
        }
        let location = region.get();
        if location.is_empty() {
            return Err("Choose a region.".to_owned());
        }
        let tags = tags.with(|tags| tags_in(tags))?;
        Ok((group, NewResourceGroup { location, tags }))
    };
    let creation = change(move || {
        let (group, wanted) = wanted().ok()?;
        let subscription = subscription.get_value();
        let target = Target::ResourceGroup(subscription.clone(), group.clone());
        let made = Route::Workspaces(subscription.clone(), group.clone());
        let title = format!("Create resource group {group}");
        let operation = CreateResourceGroup { subscription, resource_group: group, wanted };
        let opens = move || {
            forget(navigation);
            navigation.go_to(made.clone());
        };
        Some(Plan::new(title, &operation, target, Expected::There).then(opens))
    });
    let check = RwSignal::new(NameCheck::default());
    Effect::new(move || {
        name.track();
        check.set(NameCheck::Unasked);
    });
    let is_asking = Memo::new(move |_| check.with(|check| *check == NameCheck::Asking));
    let is_sent = Memo::new(move |_| creation.state().with(ChangeState::is_open));
    let is_busy = Signal::derive(move || is_asking.get() || is_sent.get());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Ok((resource_group, _)) = untrack(wanted) else { return };
        if creation.is_read_only() || is_busy.get_untracked() {
            return;
        }
        let question = GetResourceGroup { subscription: subscription.get_value(), resource_group };
        NameCheck::ask(check, client, question, move || creation.send());
    };
    let fault = Signal::derive(move || name_of().fault().filter(|_| name.with(|name| !name.is_empty())));
    let why_not = Signal::derive(move || match is_asking.get() {
        true => Some("Looking whether the name is free.".to_owned()),
        false => wanted().err(),
    });
    let found = move || match check.get() {
        NameCheck::Taken => {
            let group = name_of();
            let href = navigation.href(Route::Workspaces(subscription.get_value(), group.clone()));
            view! {
                <Hint warning=true>
                    <p>"There is a resource group of this name already. "<a href=href>"Open "<bdi>{group.to_string()}</bdi></a>", or choose another name."</p>
                </Hint>
            }
            .into_any()
        }
        NameCheck::Failed(error) => {
            view! { <ApiErrorPanel error=error what="find out whether the name is free" inline=true/> }
                .into_any()
        }
        NameCheck::Unasked | NameCheck::Asking => ().into_any(),
    };

    view! {
        <div class="page narrow">
            <PageTitle title="Create a resource group">
                <a class="button" href=navigation.href(list)>"Back to the resource groups"</a>
            </PageTitle>
            <p class="muted">"A resource group holds what belongs together: workspaces, and what they are made of. It costs nothing by itself."</p>
            <form class="stack" novalidate=true on:submit=submit>
                <TextField
                    label="Name"
                    value=name
                    kind=TextKind::Code
                    help="Unique in the subscription. It cannot be changed afterwards."
                    error=fault
                    disabled=is_busy
                    required=true
                />
                <Load query=locations what="the regions" let:locations>
                    <SelectField
                        label="Region"
                        value=region
                        choices=Signal::derive(move || {
                            let known = locations.with(|locations| {
                                let choice = |location: &azimuth_api::Location| Choice {
                                    value: location.name.clone(),
                                    label: match location.display_name.as_str() {
                                        "" => location.name.clone(),
                                        name => name.to_owned(),
                                    },
                                };
                                locations.regions().map(choice).collect::<Vec<_>>()
                            });
                            with_none(known, region.with(String::is_empty))
                        })
                        on_change=move |chosen| region.set(chosen)
                        help="Where its description is kept. What is in it may be elsewhere."
                        disabled=is_busy
                    />
                </Load>
                <TagsField text=tags error=Signal::derive(move || tags.with(|tags| tags_in(tags)).err()) disabled=is_busy/>
                <div class="stack tight">
                    <ChangeButton
                        change=creation
                        label="Create resource group"
                        class="primary"
                        why_not=why_not
                        submits=true
                        done="It was made."
                    />
                    <div role="status">{found}</div>
                </div>
                <RequestFold change=creation/>
            </form>
        </div>
    }
}

/// With the choice of none, as long as nothing is chosen.
fn with_none(mut choices: Vec<Choice>, is_open: bool) -> Vec<Choice> {
    if is_open {
        choices.insert(0, Choice { value: String::new(), label: "Choose a region".to_owned() });
    }
    choices
}
