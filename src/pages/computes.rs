//! The computes of a workspace, and one of them.

mod cluster;
mod creation;
mod nodes;
mod power;
mod quota;
mod removal;
mod scaling;
mod sizes;

use std::time::Duration;

use azimuth_api::{
    AmlComputeProperties, ApiError, Application, Compute, ComputeName, ComputeState, GetCompute,
    ListComputeRuns, ListComputes, ListVmSizes, Run, RunFilter, SubscriptionId, VmSize, WorkspaceId,
};
use leptos::prelude::*;

use crate::components::badge::Tags;
use crate::components::button::{Identifier, Tab, Tabs};
use crate::components::compute_state::{
    ComputeStateBadge, idle_time_in_words, limits_in_words, nodes_in_words, plain_state, priority_in_words,
};
use crate::components::facts::{Fact, Facts};
use crate::components::format::decimal;
use crate::components::header::PageTitle;
use crate::components::panel::{EmptyState, ErrorPanel, Hint};
use crate::components::rows::Rows;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::explain::explain;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::pages::computes::creation::ComputeCreation;
use crate::pages::computes::nodes::Nodes;
use crate::pages::computes::power::Power;
use crate::pages::computes::quota::QuotaTab;
use crate::pages::computes::removal::Removal;
use crate::pages::computes::scaling::Scaling;
use crate::query::{Loaded, Shown, list_until, query};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::{Moment, RunTable};

/// How often a compute is asked for while it changes by itself.
const WHILE_CHANGING: Duration = Duration::from_secs(5);

/// How often one whose machines have work is asked for: they come and go with the runs.
const WHILE_BUSY: Duration = Duration::from_secs(15);

/// All of them, or the form that makes one: `?create`.
#[component]
pub fn ComputesPage(workspace: WorkspaceId) -> impl IntoView {
    let location = expect_context::<Navigation>().location();
    let creates = Memo::new(move |_| location.with(|location| location.parameter("create").is_some()));
    view! {
        <div class="page">
            {move || if creates.get() {
                view! { <ComputeCreation workspace=workspace.clone()/> }.into_any()
            } else {
                view! { <ComputeList workspace=workspace.clone()/> }.into_any()
            }}
        </div>
    }
}

/// What they do is kept up to date.
#[component]
fn ComputeList(workspace: WorkspaceId) -> impl IntoView {
    use_title("Computes".to_owned());
    let asked = workspace.clone();
    let computes =
        list_until(move || ListComputes { workspace: asked.clone(), next: None }, Compute::is_changing)
            .refresh(refresh_after);
    let query = computes.query();
    let refreshes = Memo::new(move |_| query.with(|computes| computes.and_then(refresh_after).is_some()));
    let navigation = expect_context::<Navigation>();
    let tab = navigation.parameter("tab");
    let is_quota = Memo::new(move |_| tab.with(|tab| tab == "quota"));
    let tabs = Memo::new(move |_| {
        let Location { session, route, .. } = navigation.location().get();
        let tab = |label: &str, name: Option<&str>| Tab {
            label: label.to_owned(),
            href: Location::new(session, route.clone()).with_parameter("tab", name).href(),
            current: name.is_some() == is_quota.get(),
        };
        vec![tab("Computes", None), tab("Quota", Some("quota"))]
    });
    let place = workspace.clone();
    let listing = move || {
        let workspace = workspace.clone();
        view! {
            <Listing
                list=computes
                noun="computes"
                usual="name"
                fits=fits
                sort_key=sort_key
                refreshes=refreshes
                empty=|| view! {
                    <EmptyState
                        title="No compute yet"
                        text="A compute is what runs run on: machines that come when there is work, and go when there is none."
                    />
                }
                table=move |computes, sorting| {
                    view! { <ComputeTable computes=computes sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        }
    };

    let create = move || {
        let Location { session, route, .. } = navigation.location().get();
        Location::new(session, route).with_parameter("create", Some("")).href()
    };

    view! {
        <PageTitle title="Computes">
            {(!is_export()).then(|| view! { <a class="button primary" href=create>"Create a compute"</a> })}
        </PageTitle>
        <Tabs label="Computes" tabs=tabs/>
        {move || if is_quota.get() {
            view! { <QuotaTab workspace=place.clone()/> }.into_any()
        } else {
            listing().into_any()
        }}
    }
}

#[component]
fn ComputeTable(computes: Memo<Vec<Compute>>, sorting: Sorting, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let row = move |compute: Signal<Compute>| {
        let (name, label) =
            compute.with_untracked(|compute| (compute.name.clone(), compute.name.to_string()));
        let href = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Compute(name)));
        let has_limits = Memo::new(move |_| {
            compute.with(|compute| compute.properties.properties.scale_settings.is_some())
        });
        let of_cluster = move |words: fn(&AmlComputeProperties) -> String| {
            move || compute.with(|compute| words(&compute.properties.properties))
        };
        view! {
            <tr>
                <th scope="row" class="lead fills"><a href=href><bdi>{label}</bdi></a></th>
                <td class="state"><ComputeStateBadge compute=compute/></td>
                <td class="meta">{move || compute.with(|compute| plain_type(&compute.properties.compute_type))}</td>
                <td class="meta">{of_cluster(|cluster| cluster.vm_size.clone().unwrap_or_default())}</td>
                <td>{of_cluster(nodes_in_words)}</td>
                <td class="number" data-label=move || has_limits.get().then_some("Limits")>{of_cluster(limits_in_words)}</td>
                <td class="meta">{of_cluster(priority_in_words)}</td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Computes">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="state" label="State"/>
                        <SortColumn sorting=sorting column="type" label="Type"/>
                        <SortColumn sorting=sorting column="size" label="Size"/>
                        <SortColumn sorting=sorting column="nodes" label="Nodes" first=Direction::Descending/>
                        <th scope="col" class="number">"Limits"</th>
                        <SortColumn sorting=sorting column="priority" label="Priority"/>
                    </tr>
                </thead>
                <Rows each=computes key=|compute| compute.name.clone() children=row/>
            </table>
        </TableFrame>
    }
}

/// One compute: what it is, what its machines do, and why it could not be made.
#[component]
pub fn ComputePage(workspace: WorkspaceId, compute: ComputeName) -> impl IntoView {
    let title = compute.to_string();
    use_title(title.clone());
    let asked = GetCompute { workspace: workspace.clone(), compute: compute.clone() };
    let found = query(move || asked.clone()).refresh(refresh_one_after);
    let refreshes = Memo::new(move |_| found.with(|compute| compute.and_then(refresh_one_after).is_some()));
    // Only these have machines to list, and only once they were made. An export holds none of them.
    let is_export = is_export();
    let has_nodes = Memo::new(move |_| {
        !is_export
            && found.with(|compute| {
                compute.is_some_and(|compute| {
                    compute.properties.compute_type == "AmlCompute" && compute.state() == ComputeState::Usable
                })
            })
    });
    let takes_runs = Memo::new(move |_| {
        found.with(|compute| compute.is_some_and(|compute| compute.state() != ComputeState::NotForRuns))
    });
    let place = workspace.clone();
    let (of_nodes, of_runs) = ((workspace.clone(), compute.clone()), (workspace, compute));

    view! {
        <div class="page">
            <PageTitle kind="Compute" title=title>
                <Freshness query=found pausable=refreshes/>
            </PageTitle>
            <Load query=found what="the compute" let:compute>
                <ComputeDetails compute=compute workspace=place.clone()/>
            </Load>
            <Show when=move || takes_runs.get()>
                <RunsOfCompute workspace=of_runs.0.clone() compute=of_runs.1.clone()/>
            </Show>
            <Show when=move || has_nodes.get()>
                <Nodes workspace=of_nodes.0.clone() compute=of_nodes.1.clone()/>
            </Show>
        </div>
    }
}

/// Who uses it: what is not over, then what was over last.
#[component]
fn RunsOfCompute(workspace: WorkspaceId, compute: ComputeName) -> impl IntoView {
    /// How many of those that are over are shown.
    const LATEST: u32 = 10;
    let unfinished = ListComputeRuns::unfinished_on(workspace.clone(), compute.clone());
    let latest = ListComputeRuns {
        filter: RunFilter::default(),
        top: Some(LATEST),
        ..ListComputeRuns::unfinished_on(workspace.clone(), compute)
    };
    let unfinished = list_until(move || unfinished.clone(), |run: &Run| !run.status.is_finished())
        .refresh(|runs| (!runs.is_empty()).then_some(WHILE_BUSY));
    let latest = query(move || latest.clone());
    // What ended is among the latest now.
    let count = Memo::new(move |_| unfinished.query().with(|runs| runs.map(Loaded::len)));
    Effect::new(move |known: Option<Option<usize>>| {
        let count = count.get();
        if known.flatten().is_some_and(|known| Some(known) != count) {
            latest.ask_again();
        }
        count
    });
    let place = StoredValue::new(workspace);

    view! {
        <section class="section">
            <h2>"Waiting and working here"</h2>
            <Load query=unfinished.query() what="the runs" rows=2 let:loaded>
                {
                    let runs = Signal::derive(move || loaded.with(|loaded| loaded.items().cloned().collect::<Vec<_>>()));
                    view! {
                        <Show
                            when=move || runs.with(|runs| !runs.is_empty())
                            fallback=|| view! { <p class="muted">"No run waits for it or works on it."</p> }
                        >
                            <RunTable workspace=place.get_value() runs=runs caption="Runs that wait or work"/>
                        </Show>
                    }
                }
                <ListFooter list=unfinished noun="runs"/>
            </Load>
        </section>
        <section class="section">
            <h2>"Over lately"</h2>
            <Load query=latest what="the latest runs" rows=4 let:page>
                {
                    let runs = Signal::derive(move || page.with(|page| {
                        page.value.iter().filter(|run| run.status.is_finished()).cloned().collect::<Vec<_>>()
                    }));
                    view! {
                        <Show
                            when=move || runs.with(|runs| !runs.is_empty())
                            fallback=|| view! { <p class="muted">"None of the latest runs here is over."</p> }
                        >
                            <RunTable workspace=place.get_value() runs=runs caption="Runs that are over"/>
                        </Show>
                    }
                }
            </Load>
        </section>
    }
}

#[component]
fn ComputeDetails(compute: Shown<Compute>, workspace: WorkspaceId) -> impl IntoView {
    let faults = Memo::new(move |_| compute.with(Compute::faults));
    let machine_faults = Memo::new(move |_| compute.with(Compute::machine_faults));
    let size = Memo::new(move |_| {
        compute.with(|compute| {
            let inner = &compute.properties.properties;
            Some((inner.vm_size.clone().or(inner.agent_vm_size.clone())?, compute.location.clone()?))
        })
    });
    let subscription = StoredValue::new(workspace.subscription.clone());
    let size = move || {
        size.get().map(|(name, location)| {
            let subscription = subscription.get_value();
            view! { <Fact name="Size"><SizeOf subscription=subscription location=location name=name/></Fact> }
        })
    };
    let remark = Memo::new(move |_| compute.with(remark));
    let of_changes = StoredValue::new(workspace.clone());
    let kind = Memo::new(move |_| compute.with(|compute| compute.properties.compute_type.clone()));
    let is_of = move |wanted: &str| kind.with(|kind| kind == wanted);
    let properties = move || {
        let Compute { location, tags, properties, .. } = compute.get();
        let tags: Vec<_> = tags.into_iter().collect();
        view! {
            <Facts>
                <Fact name="Type">{plain_type(&properties.compute_type)}</Fact>
                {location.map(|location| view! { <Fact name="Location">{location}</Fact> })}
                {properties.description.filter(|text| !text.is_empty()).map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
                {properties.properties.created_by.and_then(|user| user.user_name).map(|name| view! { <Fact name="Made by"><bdi>{name}</bdi></Fact> })}
                {properties.is_attached_compute.then(|| view! { <Fact name="Attached">"It was there before, and stays when it is detached"</Fact> })}
                {properties.resource_id.map(|id| view! { <Fact name="Resource"><Identifier value=id length=28/></Fact> })}
                {properties.created_on.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                {properties.modified_on.map(|time| view! { <Fact name="Changed"><Moment time=time/></Fact> })}
                {(!tags.is_empty()).then(|| view! { <Fact name="Tags"><Tags tags=tags/></Fact> })}
            </Facts>
        }
    };
    let machines = move || {
        let cluster = compute.get().properties.properties;
        let priority = priority_in_words(&cluster);
        let nodes =
            cluster.node_state_counts.filter(|_| cluster.current_node_count.is_some_and(|count| count > 0));
        let asked_for =
            cluster.target_node_count.filter(|target| Some(*target) != cluster.current_node_count);
        let subnet = cluster.subnet().map(str::to_owned);
        let since = cluster.allocation_state_transition_time;
        let allocation = cluster.allocation_state.filter(|state| !state.is_empty());
        let login = cluster.remote_login_port_public_access;
        let last = cluster
            .last_operation
            .and_then(|last| Some((last.operation_name?, last.operation_status, last.operation_time)));
        let applications: Vec<_> = cluster
            .applications
            .into_iter()
            .map(|application| view! { <ApplicationLink application=application/> })
            .collect();
        let scale = cluster.scale_settings;
        view! {
                {(!priority.is_empty()).then(|| view! { <Fact name="Priority">{priority}</Fact> })}
                {scale.map(|scale| {
                    let idle = scale.node_idle_time_before_scale_down.as_deref().map(idle_time_in_words);
                    view! {
                        <Fact name="At least">{scale.min_node_count}</Fact>
                        <Fact name="At most">{scale.max_node_count}</Fact>
                        {idle.map(|idle| view! { <Fact name="Let go after"><bdi>{idle}</bdi>" with nothing to do"</Fact> })}
                    }
                })}
                {cluster.current_node_count.map(|count| view! { <Fact name="Now">{count}</Fact> })}
                {asked_for.map(|count| view! { <Fact name="Asked for">{count}</Fact> })}
                {nodes.map(|nodes| view! {
                    <Fact name="Working on runs">{nodes.running_node_count}</Fact>
                    <Fact name="Idle">{nodes.idle_node_count}</Fact>
                    <Fact name="Getting ready">{nodes.preparing_node_count}</Fact>
                    <Fact name="Leaving">{nodes.leaving_node_count}</Fact>
                    {(nodes.unusable_node_count > 0).then(|| view! { <Fact name="Broken">{nodes.unusable_node_count}</Fact> })}
                    {(nodes.preempted_node_count > 0).then(|| view! { <Fact name="Taken away">{nodes.preempted_node_count}</Fact> })}
                })}
                {cluster.agent_count.map(|count| view! { <Fact name="Machines">{count}</Fact> })}
                {cluster.cluster_fqdn.map(|address| view! { <Fact name="Address"><bdi>{address}</bdi></Fact> })}
                {allocation.map(|state| view! {
                    <Fact name="Allocation">{state}{since.map(|time| view! { ", since "<Moment time=time/> })}</Fact>
                })}
                {last.map(|(name, status, time)| view! {
                    <Fact name="Done last">
                        {name}{status.map(|status| format!(", {status}"))}{time.map(|time| view! { ", "<Moment time=time/> })}
                    </Fact>
                })}
                {login.map(|word| view! { <Fact name="Public login">{word}</Fact> })}
                {subnet.map(|id| view! { <Fact name="Subnet"><Identifier value=id length=28/></Fact> })}
                {(!applications.is_empty()).then(|| view! { <Fact name="To open"><ul class="links">{applications}</ul></Fact> })}
        }
    };
    let has_machines = Memo::new(move |_| {
        compute.with(|compute| compute.properties.properties != AmlComputeProperties::default())
    });

    view! {
        <div class="cluster">
            <ComputeStateBadge compute=Signal::from(compute)/>
            <div class="cluster push"><Removal compute=compute workspace=workspace.clone()/></div>
        </div>
        {move || remark.get().map(|text| view! { <Hint>{text}</Hint> })}
        {move || {
            let faults = faults.get();
            (!faults.is_empty()).then(|| view! {
                <ErrorPanel
                    title="The service could not make this compute"
                    message=faults.join("\n")
                    what_to_do=Some("See to what the service names, or ask an owner of the workspace to; then delete the compute and make another one.".to_owned())
                />
            })
        }}
        {move || {
            let faults = machine_faults.get();
            (!faults.is_empty()).then(|| view! {
                <ErrorPanel
                    title="Its machines have a problem"
                    message=faults.join("\n")
                    what_to_do=Some("What the service names here keeps it from having the machines it should have: quota is often the reason, and is told on the page of all computes.".to_owned())
                />
            })
        }}
        <div class="tiles">
            <section class="section">
                <h2>"Compute"</h2>
                {properties}
            </section>
            <Show when=move || has_machines.get()>
                <section class="section">
                    <h2>"Machines"</h2>
                    <Facts>{size}{machines}</Facts>
                </section>
            </Show>
            <Show when=move || is_of("AmlCompute")>
                <Scaling compute=compute workspace=of_changes.get_value()/>
            </Show>
            <Show when=move || is_of("ComputeInstance")>
                <Power compute=compute workspace=of_changes.get_value()/>
            </Show>
        </div>
    }
}

/// The name of a size of machine, and what such a machine has.
#[component]
fn SizeOf(subscription: SubscriptionId, location: String, name: String) -> impl IntoView {
    let sizes = query(move || ListVmSizes { subscription: subscription.clone(), location: location.clone() });
    let own = name.clone();
    let words =
        Memo::new(move |_| sizes.with(|sizes| sizes.and_then(|sizes| sizes.named(&own)).map(size_in_words)));
    // An export holds nothing of what is the subscription's.
    let is_export = is_export();
    let problem = move || {
        let failed = |error: ApiError| explain(&error, "look up what such a machine has").title;
        sizes.error().get().filter(|_| !sizes.has_value() && !is_export).map(failed)
    };

    view! {
        <bdi>{name}</bdi>
        {move || words.get().map(|words| view! { <br/><span class="muted small">{words}</span> })}
        {move || problem().map(|problem| view! { <br/><span class="muted small">{problem}</span> })}
    }
}

/// Something that can be opened on a compute instance. The service chose the address, so it leads to https alone.
#[component]
fn ApplicationLink(application: Application) -> impl IntoView {
    let Application { display_name, endpoint_uri } = application;
    if endpoint_uri.starts_with("https://") {
        let title = endpoint_uri.clone();
        view! { <li><a href=endpoint_uri title=title target="_blank" rel="noopener noreferrer"><bdi>{display_name}</bdi></a></li> }
            .into_any()
    } else {
        view! { <li><bdi>{display_name}</bdi>" "<span class="muted small"><bdi>{endpoint_uri}</bdi></span></li> }.into_any()
    }
}

/// "6 CPU, 56 GB of memory, 1 GPU".
fn size_in_words(size: &VmSize) -> String {
    let gpus = size.gpus.filter(|count| *count > 0).map(|count| format!(", {count} GPU"));
    let memory = decimal(size.memory_gigabytes);
    format!("{} CPU, {memory} GB of memory{}", size.processors, gpus.unwrap_or_default())
}

/// Soon while something changes, later while machines have work, else never.
fn refresh_after(computes: &Loaded<Compute>) -> Option<Duration> {
    computes.items().filter_map(refresh_one_after).min()
}

fn refresh_one_after(compute: &Compute) -> Option<Duration> {
    if compute.is_changing() {
        return Some(WHILE_CHANGING);
    }
    let nodes = compute.properties.properties.node_state_counts.unwrap_or_default();
    let moving = nodes.running_node_count + nodes.preparing_node_count + nodes.leaving_node_count;
    (moving > 0).then_some(WHILE_BUSY)
}

/// What the service's name of a kind of compute means.
fn plain_type(kind: &str) -> String {
    match kind {
        "AmlCompute" => "Cluster",
        "ComputeInstance" => "Instance",
        "AKS" => "Kubernetes (AKS)",
        "VirtualMachine" => "Virtual machine",
        other => other,
    }
    .to_owned()
}

/// Why runs cannot be handed in to it, where its state does not say that.
fn remark(compute: &Compute) -> Option<String> {
    match compute.state() {
        ComputeState::NotForRuns => Some(
            "Runs cannot be handed in to this kind of compute: it serves models or moves data.".to_owned(),
        ),
        ComputeState::NotNow(word) if word == "Stopped" => {
            Some("It is stopped. Once whoever it belongs to has started it, it takes runs.".to_owned())
        }
        ComputeState::NotNow(_) if compute.is_changing() => {
            Some("It does not take runs yet. This page looks again by itself.".to_owned())
        }
        _ => None,
    }
}

fn fits(compute: &Compute, filter: &str) -> bool {
    let properties = &compute.properties;
    let (_, plain) = plain_state(compute);
    let plain_type = plain_type(&properties.compute_type);
    let own = [
        compute.name.as_str(),
        &properties.compute_type,
        &plain_type,
        &plain,
        compute.state_word(),
        properties.properties.vm_size.as_deref().unwrap_or_default(),
        properties.description.as_deref().unwrap_or_default(),
    ];
    matches(filter, own.into_iter().chain(tag_texts(&compute.tags)))
}

fn sort_key(compute: &Compute, column: &str) -> SortKey {
    let cluster = &compute.properties.properties;
    match column {
        "name" => SortKey::text(compute.name.as_str()),
        "type" => SortKey::text(&plain_type(&compute.properties.compute_type)),
        "state" => SortKey::text(&plain_state(compute).1),
        "size" => SortKey::text(cluster.vm_size.as_deref().unwrap_or_default()),
        "nodes" => SortKey::number(cluster.current_node_count),
        "priority" => SortKey::text(&priority_in_words(cluster)),
        _ => SortKey::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(kind: &str, made: &str) -> Compute {
        serde_json::from_str(&format!(
            r#"{{"name":"c","properties":{{"computeType":"{kind}","provisioningState":"{made}"}}}}"#
        ))
        .unwrap()
    }

    #[test]
    fn what_changes_is_asked_for_sooner_than_what_works_and_the_rest_not_at_all() {
        assert_eq!(refresh_one_after(&compute("AmlCompute", "Creating")), Some(WHILE_CHANGING));
        let mut busy = compute("AmlCompute", "Succeeded");
        assert_eq!(refresh_one_after(&busy), None);
        busy.properties.properties.node_state_counts =
            Some(azimuth_api::NodeCounts { running_node_count: 1, ..Default::default() });
        assert_eq!(refresh_one_after(&busy), Some(WHILE_BUSY));
        assert_eq!(refresh_one_after(&compute("AmlCompute", "Failed")), None);
    }

    #[test]
    fn the_filter_finds_the_plain_words_too() {
        let compute = compute("AmlCompute", "Failed");
        assert!(fits(&compute, "cluster could not"));
        assert!(fits(&compute, "amlcompute FAILED"));
        assert!(!fits(&compute, "instance"));
    }
}
