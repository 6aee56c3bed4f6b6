//! The overview of a workspace.

mod inside;
pub mod manage;
mod now;

use std::time::Duration;

use azimuth_api::{
    ApiError, Cloud, Compute, Discovery, Experiment, GetDiscovery, GetWorkspace, ListComputes,
    ListExperiments, ListModels, WebAddress, Workspace, WorkspaceId,
};
use leptos::prelude::*;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::button::{CopyButton, Identifier};
use crate::components::facts::{Fact, Facts};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::sort::{Sort, SortKey, arranged};
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::components::workspace_state::WorkspaceStateBadge;
use crate::explain::explain;
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::pages::workspace::inside::{ComputesInShort, LatestModels, QuotaInShort};
use crate::pages::workspace::manage::Managing;
use crate::pages::workspace::now::Now;
use crate::parts::{self, Part, at_once, late};
use crate::query::{ListQuery, Listed, Query, Shown, list, list_until, query};
use crate::route::{Route, WorkspaceRoute};
use crate::shown::form_link;

/// How many of the latest runs are shown.
const LATEST: usize = 5;

/// What it is, what is in it, where its services are, and the ways to everything below.
#[component]
pub fn WorkspacePage(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let asked = GetWorkspace { workspace: workspace.clone() };
    let found = query(move || asked.clone()).refresh(refresh_after);
    let name = workspace.name.to_string();
    let title = Memo::new(move |_| {
        found.with(|found| found.map(|found| found.label().to_owned())).unwrap_or_else(|| name.clone())
    });
    use_title(title);
    let submit = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Submit));
    // Without it there is nothing in it either, and one failure is said once.
    let is_missing = Memo::new(move |_| !found.has_value() && found.error().with(Option::is_some));
    let workspace = StoredValue::new(workspace);
    // What is left of a subscription's quota is not the workspace's.
    let is_export = is_export();
    let word = navigation.parameter("manage");
    let managed = Memo::new(move |_| {
        let has_failed =
            found.with(|found| found.is_some_and(|found| found.provisioning_state() == "Failed"));
        Managing::named(&word.get()).or(has_failed.then_some(Managing::Failure))
    });
    // There is nothing in it yet that could be asked for.
    let is_new = Memo::new(move |_| {
        found.with(|found| found.is_some_and(|found| found.provisioning_state() == "Creating"))
    });

    view! {
        <div class="page">
            <PageTitle title=title>
                {(!is_export).then(|| view! { <ManageButtons/> })}
                {form_link("button primary", submit, "Submit a run")}
            </PageTitle>
            {move || managed.get().map(|what| {
                let shown = move || at_once(parts::managing(workspace.get_value(), found, what));
                late(Signal::stored(Some(Part::Management)), None, Box::new(shown))
            })}
            <Show
                when=move || !is_missing.get()
                fallback=move || view! { <Load query=found what="the workspace" let:_found>""</Load> }
            >
                <div class="columns">
                    <Show when=move || !is_new.get() fallback=|| view! { <BeingMade/> }>
                        <Inside workspace=workspace.get_value()/>
                    </Show>
                    <div class="overview">
                        <section class="section">
                            <div class="section-title"><h2>"Properties"</h2><Freshness query=found pausable=false/></div>
                            <Load query=found what="the workspace" let:found>
                                {move || view! { <Properties workspace=found.get()/> }}
                            </Load>
                        </section>
                        <Show when=move || !is_new.get() && !is_export><QuotaInShort workspace=found place=workspace.get_value()/></Show>
                    </div>
                </div>
                // In an export nobody asks them.
                <Show when=move || !is_new.get() && !is_export><Services workspace=found/></Show>
            </Show>
        </div>
    }
}

/// What can be done about it, each opening its place above.
#[component]
fn ManageButtons() -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let word = navigation.parameter("manage");
    let button = move |own: &'static str, label: &'static str| {
        let is_open = move || word.get() == own;
        let press = move |_| navigation.set_parameter("manage", if untrack(is_open) { "" } else { own });
        let expanded = move || if is_open() { "true" } else { "false" };
        view! { <button type="button" class="button" aria-expanded=expanded on:click=press>{label}</button> }
    };

    view! {
        {button("edit", "Edit")}
        {button("keys", "Keys")}
        {button("delete", "Delete")}
    }
}

#[component]
fn BeingMade() -> impl IntoView {
    view! {
        <section class="section">
            <h2>"Being made"</h2>
            <p class="loading">"Azure is making it. It takes half a minute, or some minutes."</p>
        </section>
    }
}

/// How much is in it, what happens now, what happened last, and what it has.
#[component]
fn Inside(workspace: WorkspaceId) -> impl IntoView {
    let (of_experiments, of_models, of_computes) = (workspace.clone(), workspace.clone(), workspace.clone());
    let experiments = list(move || ListExperiments::of(of_experiments.clone()));
    let models = list(move || ListModels::of(of_models.clone()));
    let computes =
        list_until(move || ListComputes { workspace: of_computes.clone(), next: None }, Compute::is_changing)
            .refresh(inside::refresh_after);
    let to = |part: WorkspaceRoute| Route::Workspace(workspace.clone(), part);

    view! {
        <div class="overview">
            <ul class="counts" aria-label="What is in it">
                <Count list=experiments one="Experiment" many="Experiments" route=to(WorkspaceRoute::Experiments)/>
                <Count list=models one="Model version" many="Model versions" route=to(WorkspaceRoute::Models)/>
                <Count list=computes one="Compute" many="Computes" route=to(WorkspaceRoute::Computes)/>
            </ul>
            <Now workspace=workspace.clone() experiments=experiments/>
            <LatestRuns workspace=workspace.clone() experiments=experiments/>
            <div class="tiles">
                <LatestModels workspace=workspace.clone() models=models/>
                <ComputesInShort workspace=workspace computes=computes/>
            </div>
        </div>
    }
}

#[component]
fn Count<T: Listed>(
    list: ListQuery<T>,
    one: &'static str,
    many: &'static str,
    route: Route,
) -> impl IntoView {
    let query = list.query();
    let count =
        Memo::new(move |_| query.with(|loaded| loaded.map(|loaded| (loaded.len(), loaded.has_more()))));
    let number =
        move || count.get().map_or_else(|| "–".to_owned(), |(count, more)| count_in_words(count, more));
    let noun = move || if count.get() == Some((1, false)) { one } else { many };
    let problem = move || {
        let failed = |error: ApiError| explain(&error, "count them").title;
        count.get().is_none().then(|| query.error().get().map(failed)).flatten()
    };
    let href = expect_context::<Navigation>().href(route);

    view! {
        <li>
            <a href=href>
                <span class="amount">{number}</span>
                <span class="noun">{noun}</span>
            </a>
            {move || problem().map(|problem| view! { <p class="muted small">{problem}</p> })}
        </li>
    }
}

/// The newest run of each experiment, the newest first. It costs no question of its own.
#[component]
fn LatestRuns(workspace: WorkspaceId, experiments: ListQuery<Experiment>) -> impl IntoView {
    let query = experiments.query();
    let workspace = StoredValue::new(workspace);

    view! {
        <section class="section">
            <div class="section-title"><h2>"Latest runs"</h2></div>
            <Load query=query what="the latest runs" rows=LATEST let:loaded>
                {
                    let latest = Memo::new(move |_| loaded.with(|loaded| newest_first(loaded.items(), LATEST)));
                    let partly = Memo::new(move |_| loaded.with(|loaded| loaded.has_more().then(|| loaded.len())));
                    view! {
                        <Show
                            when=move || !latest.with(Vec::is_empty)
                            fallback=move || view! { <NoRuns workspace=workspace.get_value()/> }
                        >
                            <LatestRunTable experiments=latest workspace=workspace.get_value()/>
                            <p class="muted small">
                                {move || match partly.get() {
                                    Some(count) => format!("The newest run of each experiment, among the first {count} experiments."),
                                    None => "The newest run of each experiment.".to_owned(),
                                }}
                            </p>
                        </Show>
                    }
                }
            </Load>
        </section>
    }
}

#[component]
fn NoRuns(workspace: WorkspaceId) -> impl IntoView {
    let submit = expect_context::<Navigation>().href(Route::Workspace(workspace, WorkspaceRoute::Submit));

    view! {
        <EmptyState title="No run yet" text="A run is a project that is handed in together with the words on how to run it.">
            {form_link("button", submit, "Submit a run")}
        </EmptyState>
    }
}

#[component]
fn LatestRunTable(experiments: Memo<Vec<Experiment>>, workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let row = move |experiment: Experiment| {
        let href = |part: WorkspaceRoute| navigation.href(Route::Workspace(workspace.clone(), part));
        let runs = href(WorkspaceRoute::Runs(experiment.name.clone()));
        let name = experiment.name.to_string();
        let run = experiment.latest_created_run_id.map(|run| {
            let label = run.to_string();
            let href = href(WorkspaceRoute::Run(experiment.name.clone(), run));
            view! { <a href=href><bdi>{label}</bdi></a> }
        });
        let when = experiment
            .latest_created_run_created_utc
            .map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> });
        view! {
            <tr>
                <th scope="row" class="lead fills">{run}</th>
                <td class="clips"><a href=runs title=name.clone()><bdi>{name.clone()}</bdi></a></td>
                <td class="meta">{when}</td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Latest runs">
            <table class="table stacks">
                <thead><tr><th scope="col">"Run"</th><th scope="col">"Experiment"</th><th scope="col">"When"</th></tr></thead>
                <tbody>
                    <For
                        each=move || experiments.get()
                        key=|experiment| (experiment.name.clone(), experiment.latest_created_run_id.clone())
                        children=row
                    />
                </tbody>
            </table>
        </TableFrame>
    }
}

#[component]
fn Properties(workspace: Workspace) -> impl IntoView {
    let now = use_now();
    let state = workspace.provisioning_state().to_owned();
    let resource_name = workspace.name.to_string();
    let tags: Vec<_> = workspace.tags.into_iter().collect();
    let properties = workspace.properties;
    let edition = workspace.sku.map(|sku| sku.name).filter(|name| !name.is_empty());
    let identity = workspace.identity.map(|identity| identity.kind).filter(|kind| !kind.is_empty());
    let attached = |arm_id: Option<String>| {
        arm_id.filter(|id| !id.is_empty()).map(|id| {
            let name = last_segment(&id).to_owned();
            view! { <span class="identifier"><bdi title=id.clone()>{name}</bdi><CopyButton text=id label="Copy the full id" bare=true/></span> }
        })
    };
    let storage = attached(properties.storage_account);
    let key_vault = attached(properties.key_vault);
    let insights = attached(properties.application_insights);
    let registry = attached(properties.container_registry);

    view! {
        <Facts>
            {(!properties.description.is_empty()).then(|| view! { <Fact name="Description"><bdi>{properties.description}</bdi></Fact> })}
            <Fact name="State"><WorkspaceStateBadge state=state/></Fact>
            <Fact name="Name"><bdi>{resource_name}</bdi></Fact>
            <Fact name="Location">{workspace.location}</Fact>
            {edition.map(|edition| view! { <Fact name="Edition">{edition}</Fact> })}
            {properties.creation_time.map(|time| view! {
                <Fact name="Created"><RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/></Fact>
            })}
            {storage.map(|storage| view! { <Fact name="Storage">{storage}</Fact> })}
            {key_vault.map(|vault| view! { <Fact name="Key vault">{vault}</Fact> })}
            {registry.map(|registry| view! { <Fact name="Registry">{registry}</Fact> })}
            {insights.map(|insights| view! { <Fact name="Insights">{insights}</Fact> })}
            {identity.map(|identity| view! { <Fact name="Identity">{identity}</Fact> })}
            {properties.hbi_workspace.then(|| view! { <Fact name="Data">"Of high business impact"</Fact> })}
            {(!properties.workspace_id.is_empty()).then(|| view! {
                <Fact name="Id"><Identifier value=properties.workspace_id length=18/></Fact>
            })}
            {(!tags.is_empty()).then(|| view! { <Fact name="Tags"><Tags tags=tags/></Fact> })}
        </Facts>
    }
}

/// Its regional services, once it is known where they are named.
#[component]
fn Services(workspace: Query<Workspace>) -> impl IntoView {
    let address =
        Memo::new(move |_| workspace.with(|found| found.map(|found| found.properties.discovery_url.clone())));
    let services = move || {
        address.get().map(|address| {
            let found = if address.is_empty() {
                view! { <p class="muted">"The workspace does not say where its services are named."</p> }
                    .into_any()
            } else {
                view! { <Discovered address=address/> }.into_any()
            };
            view! {
                <section class="section">
                    <h2>"Services"</h2>
                    {found}
                </section>
            }
        })
    };

    view! { {services} }
}

#[component]
fn Discovered(address: String) -> impl IntoView {
    let shown = address.clone();
    let discovery = query(move || GetDiscovery { discovery_url: address.clone() });

    view! {
        <p class="muted">"The workspace names them at "<code>{shown}</code>". This page calls only addresses that its cloud knows; the others are shown."</p>
        <Load query=discovery what="the services" rows=6 let:discovery>
            <ServiceTable discovery=discovery/>
        </Load>
    }
}

#[component]
fn ServiceTable(discovery: Shown<Discovery>) -> impl IntoView {
    let cloud = expect_context::<Client>().cloud();
    let row = move |(name, address): (String, String)| {
        let use_of = if may_call(&cloud, &address) { "May be called" } else { "Shown only" };
        view! {
            <tr>
                <th scope="row" class="lead"><bdi>{name}</bdi></th>
                <td class="fills"><Identifier value=address length=80/></td>
                <td class="meta">{use_of}</td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Services">
            <table class="table stacks">
                <thead><tr><th scope="col">"Service"</th><th scope="col">"Address"</th><th scope="col">"This page"</th></tr></thead>
                <tbody>
                    <For each=move || discovery.get().0.into_iter() key=Clone::clone children=row/>
                </tbody>
            </table>
        </TableFrame>
    }
}

/// While something is being done to it.
fn refresh_after(workspace: &Workspace) -> Option<Duration> {
    let is_changing = matches!(workspace.provisioning_state(), "Creating" | "Updating" | "Deleting");
    is_changing.then_some(Duration::from_secs(5))
}

/// The experiments that have a run, by their newest one.
fn newest_first<'a>(experiments: impl Iterator<Item = &'a Experiment>, most: usize) -> Vec<Experiment> {
    let order = Sort { column: String::new(), direction: Direction::Descending };
    let with_runs = experiments.filter(|experiment| experiment.latest_created_run_id.is_some());
    let by_time = |experiment: &Experiment, _: &str| SortKey::time(experiment.latest_created_run_created_utc);
    let mut latest = arranged(with_runs, &order, by_time);
    latest.truncate(most);
    latest
}

/// "12", or "100+" when there are more than were loaded.
fn count_in_words(count: usize, has_more: bool) -> String {
    if has_more { format!("{count}+") } else { count.to_string() }
}

/// The name in an ARM id.
fn last_segment(arm_id: &str) -> &str {
    arm_id.trim_end_matches('/').rsplit('/').next().unwrap_or(arm_id)
}

/// Whether the rule of the cloud lets this page call an address of a discovery document.
fn may_call(cloud: &Cloud, address: &str) -> bool {
    WebAddress::parse(address).is_some_and(|address| cloud.may_carry_token(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_does_not_claim_more_than_was_loaded() {
        assert_eq!(count_in_words(12, false), "12");
        assert_eq!(count_in_words(100, true), "100+");
    }

    #[test]
    fn services_of_others_are_shown_only() {
        let cloud = Cloud::Public;
        assert!(may_call(&cloud, "https://westeurope.experiments.azureml.net"));
        assert!(!may_call(&cloud, "https://catalog.cortanaanalytics.com"));
        assert!(!may_call(&cloud, "not an address"));
    }

    #[test]
    fn the_name_of_a_resource_is_the_end_of_its_id() {
        assert_eq!(
            last_segment("/subscriptions/s/providers/Microsoft.Storage/storageAccounts/flour"),
            "flour"
        );
        assert_eq!(last_segment("flour/"), "flour");
    }
}
