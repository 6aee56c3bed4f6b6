//! The form that makes a cluster.

use std::time::Duration;

use azimuth_api::{
    Administrator, Compute, ComputeName, CreateCompute, GetCompute, GetWorkspace, ListUsages, ListVmSizes,
    NewCluster, Page, Secret, Timestamp, Usage, VmSizes, WorkspaceId,
};
use leptos::prelude::*;

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::client::Client;
use crate::components::compute_state::seconds_of;
use crate::components::field::{Choice, SelectField, TextArea, TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::kept::{forget, kept};
use crate::load::{ApiErrorPanel, Load};
use crate::navigation::{Navigation, use_title};
use crate::pages::computes::cluster::{count, differences, idle_time, most_fault, scale};
use crate::pages::computes::sizes::{SizeTable, cores_left};
use crate::query::{Query, query, query_several};
use crate::route::{Route, WorkspaceRoute};

/// How long nothing is typed before it is looked whether a name is taken.
const PAUSE: Duration = Duration::from_millis(400);

/// Takes all that a cluster needs, says what it would replace, makes it, and goes to it.
#[component]
pub fn ComputeCreation(workspace: WorkspaceId) -> impl IntoView {
    use_title("Create a compute".to_owned());
    let navigation = expect_context::<Navigation>();
    let client = expect_context::<Client>();
    let [name, size, priority, least, most, idle, description, administrator] =
        ["name", "size", "priority", "least", "most", "idle", "description", "administrator"].map(kept);
    for (field, usual) in [(least, "0"), (most, "4"), (idle, "2"), (priority, "Dedicated")] {
        if field.with_untracked(String::is_empty) {
            field.set(usual.to_owned());
        }
    }
    // Secrets, so they are kept nowhere.
    let (password, public_key) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    for (name, secret) in [("administrator password", password), ("SSH public key", public_key)] {
        navigation.cannot_keep(name, Memo::new(move |_| secret.with(|secret| !secret.is_empty())));
    }
    let is_low_priority = Memo::new(move |_| priority.with(|priority| priority == "LowPriority"));

    let asked = GetWorkspace { workspace: workspace.clone() };
    let found = query(move || asked.clone());
    let location = Memo::new(move |_| found.with(|found| Some(found?.location.clone())));
    let subscription = StoredValue::new(workspace.subscription.clone());
    let sizes: Query<VmSizes> = query_several(
        move || Some(ListVmSizes { subscription: subscription.get_value(), location: location.get()? }),
        move |operation, _| async move { client.ask(&operation).await },
    );
    let usages: Query<Page<Usage>> = query_several(
        move || {
            let (subscription, location) = (subscription.get_value(), location.get()?);
            Some(ListUsages { subscription, location, next: None })
        },
        move |operation, _| async move { client.ask(&operation).await },
    );
    let usages =
        Memo::new(move |_| usages.with(|page| page.map(|page| page.value.clone()).unwrap_or_default()));

    let compute = Memo::new(move |_| name.with(|name| ComputeName::from(name.trim())));
    let name_fault = Memo::new(move |_| compute.with(ComputeName::fault));
    // An empty field is no mistake yet.
    let shown_fault = move || name_fault.get().filter(|_| !name.with(|name| name.trim().is_empty()));
    let typed = RwSignal::new(None::<ComputeName>);
    Effect::new(move || {
        let own = compute.get();
        let take = {
            let own = own.clone();
            move || {
                if compute.try_get_untracked().as_ref() == Some(&own) && own.fault().is_none() {
                    typed.try_set(Some(own));
                }
            }
        };
        if own.fault().is_none() {
            set_timeout(take, PAUSE);
        }
    });
    let place = StoredValue::new(workspace.clone());
    let existing: Query<Option<Compute>> = query_several(
        move || Some(GetCompute { workspace: place.get_value(), compute: typed.get()? }),
        move |operation, _| async move {
            match client.ask(&operation).await {
                Ok(compute) => Ok(Some(compute)),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(error),
            }
        },
    );
    // What is there of the name as it is typed now; none until that is known.
    let known = Memo::new(move |_| {
        let is_asked = typed.with(|typed| typed.as_ref() == Some(&*compute.read()));
        existing.get().filter(|_| is_asked)
    });
    let replaced = Memo::new(move |_| known.get().flatten());
    let is_cluster = |compute: &Compute| compute.properties.compute_type == "AmlCompute";

    let administrator_fault = move || {
        let has_secret = !password.with(String::is_empty) || !public_key.with(|key| key.trim().is_empty());
        match (administrator.with(|name| name.trim().is_empty()), has_secret) {
            (true, true) => Some("A password or a key needs a name.".to_owned()),
            (false, false) => Some("Give a password or a public key too.".to_owned()),
            _ => None,
        }
    };
    let wanted = Memo::new(move |_| {
        let name = administrator.with(|name| name.trim().to_owned());
        Some(NewCluster {
            location: location.get()?,
            tags: replaced.with(|replaced| replaced.as_ref().map(|old| old.tags.clone())).unwrap_or_default(),
            description: description.with(|text| text.trim().to_owned()),
            vm_size: size.get(),
            is_low_priority: is_low_priority.get(),
            scale: least.with(|least| most.with(|most| idle.with(|idle| scale(least, most, idle))))?,
            administrator: (!name.is_empty()).then(|| Administrator {
                name,
                password: Secret::new(password.get()),
                public_key: public_key.with(|key| key.trim().to_owned()),
            }),
        })
    });
    let why_not = move || {
        let faults = [
            name_fault.get(),
            replaced.with(|replaced| {
                let other = replaced.as_ref().filter(|replaced| !is_cluster(replaced));
                other.map(|_| "There is a compute of another kind with this name.".to_owned())
            }),
            size.with(String::is_empty).then(|| "Choose a size.".to_owned()),
            wanted.with(Option::is_none).then(|| "The limits are not in order yet.".to_owned()),
            administrator_fault(),
            known.with(Option::is_none).then(|| "Looking whether there is one of that name…".to_owned()),
        ];
        faults.into_iter().flatten().next()
    };
    let creation = change(move || {
        let wanted = wanted.get().filter(|_| why_not().is_none())?;
        let (workspace, compute) = (place.get_value(), compute.get());
        let operation = CreateCompute { workspace: workspace.clone(), compute: compute.clone(), wanted };
        let page = Route::Workspace(workspace.clone(), WorkspaceRoute::Compute(compute.clone()));
        let (verb, expected) = match replaced.get() {
            None => ("Create", Expected::There),
            // Whatever else stays as it was, this does not.
            Some(old) => {
                let changed = old.properties.modified_on.map_or(0, Timestamp::unix_milliseconds);
                ("Replace", Expected::Later("/properties/modifiedOn".to_owned(), changed))
            }
        };
        let title = format!("{verb} compute {compute}");
        let plan = Plan::new(title, &operation, Target::Compute(workspace, compute), expected).long();
        Some(plan.then(move || {
            forget(navigation);
            navigation.go_to(page.clone());
        }))
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        creation.send();
    };

    let start_from = move |_| {
        let Some(old) = replaced.get_untracked() else { return };
        let cluster = old.properties.properties;
        let scale = cluster.scale_settings.unwrap_or_default();
        size.set(cluster.vm_size.unwrap_or_default());
        priority.set(cluster.vm_priority.unwrap_or_else(|| "Dedicated".to_owned()));
        least.set(scale.min_node_count.to_string());
        most.set(scale.max_node_count.to_string());
        let seconds = scale.node_idle_time_before_scale_down.as_deref().and_then(seconds_of);
        idle.set(seconds.map(|seconds| (seconds as f64 / 60.0).to_string()).unwrap_or_default());
        description.set(old.properties.description.unwrap_or_default());
    };
    let replacing = move || {
        let old = replaced.get().filter(is_cluster)?;
        let rows: Vec<_> = wanted
            .with(|wanted| wanted.as_ref().map(|wanted| differences(&old, wanted)))
            .unwrap_or_default()
            .into_iter()
            .map(|(what, was, is)| {
                view! { <tr><th scope="row">{what}</th><td><bdi>{was}</bdi></td><td><bdi>{is}</bdi></td></tr> }
            })
            .collect();
        let changes_size = size.with(|size| {
            !old.properties.properties.vm_size.as_deref().unwrap_or_default().eq_ignore_ascii_case(size)
        });
        Some(view! {
            <Hint warning=true>
                <p>"There is a compute of this name, and it is replaced by what is sent. Its tags stay; who may log in is set anew."</p>
                {changes_size.then(|| view! { <p>"The size of a cluster that is there cannot be changed: delete it first."</p> })}
                {if rows.is_empty() {
                    view! { <p>"Nothing else would be different."</p> }.into_any()
                } else {
                    view! {
                        <table class="table plain-rows">
                            <caption class="visually-hidden">"What would be different"</caption>
                            <thead><tr><th scope="col">"What"</th><th scope="col">"As it is"</th><th scope="col">"As it would be"</th></tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    }
                    .into_any()
                }}
                <div><button type="button" class="button small" on:click=start_from>"Start from what it is"</button></div>
            </Hint>
        })
    };
    let here = workspace.clone();
    let too_many = move || {
        let (sizes, wanted) = (sizes.get()?, wanted.get()?);
        let size = sizes.named(&wanted.vm_size)?;
        let left = usages.with(|usages| cores_left(size, usages, &here, wanted.is_low_priority))?;
        let needed = u64::from(size.processors) * u64::from(wanted.scale.max_node_count);
        (needed > left).then(|| {
            let words = format!(
                "{} machines have {needed} cores, and the quota leaves {left}. It may not grow that far, or may not be made at all. “Quota” on the page of all computes says who uses what.",
                wanted.scale.max_node_count
            );
            view! { <Hint warning=true><p>{words}</p></Hint> }
        })
    };
    let always_on = move || {
        let is_some = least.with(|least| count(least).is_ok_and(|least| least > 0));
        is_some.then(|| "These are always on, and cost money while there is nothing to do.".to_owned())
    };
    let size_fault = move || {
        let sizes = sizes.get()?;
        let found = size.with(|size| sizes.named(size).cloned())?;
        let is_missing = is_low_priority.get() && !found.low_priority_capable;
        is_missing.then(|| "Machines of the chosen size are not had at low priority.".to_owned())
    };
    let priorities = vec![
        Choice { value: "Dedicated".to_owned(), label: "Dedicated".to_owned() },
        Choice { value: "LowPriority".to_owned(), label: "Low priority".to_owned() },
    ];
    let list = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Computes));

    view! {
        <PageTitle title="Create a compute">
            <a class="button" href=list>"Back to all computes"</a>
        </PageTitle>
        <form class="stack creation" novalidate=true on:submit=submit>
            <TextField
                label="Name"
                value=name
                kind=TextKind::Code
                help="2 to 16 letters, digits and -, a letter first."
                error=Signal::derive(shown_fault)
                required=true
            />
            {move || existing.error().get().map(|error| view! {
                <ApiErrorPanel
                    error=error
                    what="look whether there is a compute of that name"
                    inline=true
                    on_retry=Callback::new(move |()| existing.ask_again())
                />
            })}
            {replacing}
            <SelectField
                label="Priority"
                value=priority
                choices=priorities
                on_change=move |value| priority.set(value)
                help="Machines at low priority cost less, and may be taken away while they work."
                error=Signal::derive(size_fault)
            />
            <fieldset class="stack tight">
                <legend>"Size of its machines"</legend>
                <Load query=found what="the workspace’s region" let:_found>
                    <Load query=sizes what="the sizes of machines" rows=6 let:sizes>
                        <SizeTable
                            sizes=Signal::derive(move || sizes.with(|sizes| sizes.value.clone()))
                            usages=usages
                            workspace=place.get_value()
                            is_low_priority=is_low_priority
                            chosen=size
                        />
                    </Load>
                </Load>
            </fieldset>
            <div class="field-row">
                <TextField
                    label="Machines, at least"
                    value=least
                    help=Signal::derive(move || always_on().unwrap_or_default())
                    error=Signal::derive(move || least.with(|text| count(text).err()))
                />
                <TextField
                    label="Machines, at most"
                    value=most
                    error=Signal::derive(move || least.with(|least| most.with(|most| most_fault(least, most))))
                />
                <TextField
                    label="Let go after, in minutes"
                    value=idle
                    help="Of having nothing to do."
                    error=Signal::derive(move || idle.with(|text| idle_time(text).err()))
                />
            </div>
            {too_many}
            <TextField label="Description (optional)" value=description/>
            <details>
                <summary>"Logging in to its machines (optional)"</summary>
                <div class="stack">
                    <p class="muted">"Nobody needs to for runs. Password and key are sent once and kept nowhere; after a reload they have to be given again."</p>
                    <TextField label="Administrator name" value=administrator kind=TextKind::Code/>
                    <TextField label="Administrator password" value=password kind=TextKind::Password autocomplete="new-password"/>
                    <TextArea label="SSH public key" value=public_key rows=3 code=true/>
                </div>
            </details>
            <RequestFold change=creation/>
            <ChangeButton
                change=creation
                label=Signal::derive(move || if replaced.with(Option::is_some) { "Replace compute" } else { "Create compute" }.to_owned())
                class="primary"
                why_not=Signal::derive(why_not)
                submits=true
            />
        </form>
    }
}
