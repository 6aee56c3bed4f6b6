//! The experiments of a workspace.

use azimuth_api::{Experiment, ListExperiments, WorkspaceId};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::rows::Rows;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::navigation::{Navigation, use_title};
use crate::query::list;
use crate::route::{Route, WorkspaceRoute};

/// All of them, the one with the newest run first.
#[component]
pub fn ExperimentsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Experiments".to_owned());
    let navigation = expect_context::<Navigation>();
    let asked = workspace.clone();
    let experiments = list(move || ListExperiments::of(asked.clone()));
    let submit = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Submit));
    let place = workspace.clone();

    view! {
        <div class="page">
            <PageTitle title="Experiments">
                <a class="button primary" href=submit>"Submit a run"</a>
            </PageTitle>
            <Listing
                list=experiments
                noun="experiments"
                usual="-when"
                fits=fits
                sort_key=sort_key
                empty=move || view! { <NoExperiments workspace=place.clone()/> }
                table=move |experiments, sorting| {
                    view! { <ExperimentTable experiments=experiments sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

#[component]
fn ExperimentTable(
    experiments: Memo<Vec<Experiment>>,
    sorting: Sorting,
    workspace: WorkspaceId,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let row = move |experiment: Signal<Experiment>| {
        let experiment = experiment.get_untracked();
        let href = |part: WorkspaceRoute| navigation.href(Route::Workspace(workspace.clone(), part));
        let runs = href(WorkspaceRoute::Runs(experiment.name.clone()));
        let last_run = match experiment.latest_created_run_id {
            Some(run) => {
                let label = run.to_string();
                let title = label.clone();
                let href = href(WorkspaceRoute::Run(experiment.name.clone(), run));
                view! { <a href=href title=title><bdi>{label}</bdi></a> }.into_any()
            }
            None => view! { <span class="meta">"No run yet"</span> }.into_any(),
        };
        let when = experiment
            .latest_created_run_created_utc
            .map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> });
        let archived =
            experiment.archived_time.map(|_| view! { " "<span class="meta small">"archived"</span> });
        let description = experiment.description.filter(|text| !text.is_empty());
        let description = description.map(|text| view! { " "<bdi class="meta">{text}</bdi> });
        let tags: Vec<_> = experiment.tags.into_iter().collect();
        view! {
            <tr>
                <th scope="row" class="lead fills">
                    <a href=runs><bdi>{experiment.name.to_string()}</bdi></a>
                    {archived}
                    {description}
                </th>
                <td class="clips">{last_run}</td>
                <td class="meta">{when}</td>
                <td><Tags tags=tags/></td>
            </tr>
        }
    };

    view! {
        <TableFrame caption="Experiments">
            <table class="table stacks">
                <thead>
                    <tr>
                        <SortColumn sorting=sorting column="name" label="Name"/>
                        <SortColumn sorting=sorting column="run" label="Last run"/>
                        <SortColumn sorting=sorting column="when" label="When" first=Direction::Descending/>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows
                    each=experiments
                    key=|experiment| (
                        experiment.name.clone(),
                        experiment.latest_created_run_id.clone(),
                        experiment.archived_time.is_some(),
                        experiment.description.clone(),
                        experiment.tags.clone(),
                    )
                    children=row
                />
            </table>
        </TableFrame>
    }
}

#[component]
fn NoExperiments(workspace: WorkspaceId) -> impl IntoView {
    let submit = expect_context::<Navigation>().href(Route::Workspace(workspace, WorkspaceRoute::Submit));

    view! {
        <EmptyState
            title="No experiment yet"
            text="An experiment holds runs that try the same thing in different ways. The first run that is handed in under a name makes it."
        >
            <a class="button primary" href=submit>"Submit a run"</a>
        </EmptyState>
    }
}

fn fits(experiment: &Experiment, filter: &str) -> bool {
    let own = [
        experiment.name.as_str(),
        experiment.description.as_deref().unwrap_or_default(),
        experiment.latest_created_run_id.as_ref().map_or("", |run| run.as_str()),
        if experiment.archived_time.is_some() { "archived" } else { "" },
    ];
    matches(filter, own.into_iter().chain(tag_texts(&experiment.tags)))
}

fn sort_key(experiment: &Experiment, column: &str) -> SortKey {
    match column {
        "name" => SortKey::text(experiment.name.as_str()),
        "run" => SortKey::text(experiment.latest_created_run_id.as_ref().map_or("", |run| run.as_str())),
        "when" => SortKey::time(experiment.latest_created_run_created_utc),
        _ => SortKey::Missing,
    }
}
