//! The experiments of a workspace.

use azimuth_api::{
    CreateExperiment, Experiment, ExperimentName, ExperimentView, ListExperiments, WorkspaceId,
};
use leptos::prelude::*;

use crate::changes::forms::{ChangeButton, RequestFold};
use crate::changes::{Expected, Plan, Target, change};
use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::button::{Tab, Tabs};
use crate::components::field::{TextField, TextKind};
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::rows::Rows;
use crate::components::sort::{SortColumn, SortKey, Sorting};
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::kept::kept;
use crate::listed::{matches, tag_texts};
use crate::listing::Listing;
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::query::list;
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::form_link;

/// The value of `view` in the address, and the name under which the form is open.
const ARCHIVED: &str = "archived";
const CREATE: &str = "create";

/// All of them, the one with the newest run first.
#[component]
pub fn ExperimentsPage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Experiments".to_owned());
    let navigation = expect_context::<Navigation>();
    let asked = workspace.clone();
    let shown = navigation.parameter("view");
    let view = Memo::new(move |_| match shown.with(|view| view == ARCHIVED) {
        true => ExperimentView::Archived,
        false => ExperimentView::InUse,
    });
    let experiments =
        list(move || ListExperiments { view: view.get(), ..ListExperiments::of(asked.clone()) });
    let submit = navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Submit));
    let place = workspace.clone();
    let tabs = Memo::new(move |_| {
        let location = navigation.location().get();
        let tab = |label: &str, own, value: Option<&str>| Tab {
            label: label.to_owned(),
            href: Location::new(location.session, location.route.clone())
                .with_parameter("view", value)
                .href(),
            current: view.get() == own,
        };
        vec![
            tab("In use", ExperimentView::InUse, None),
            tab("Archived", ExperimentView::Archived, Some(ARCHIVED)),
        ]
    });

    view! {
        <div class="page">
            <PageTitle title="Experiments">
                <NewExperimentLink/>
                {form_link("button primary", submit, "Submit a run")}
            </PageTitle>
            <NewExperiment workspace=workspace.clone()/>
            <Tabs label="Experiments" tabs=tabs/>
            <Listing
                list=experiments
                noun="experiments"
                usual="-when"
                fits=fits
                sort_key=sort_key
                empty=move || match view.get() {
                    ExperimentView::InUse => view! { <NoExperiments workspace=place.clone()/> }.into_any(),
                    ExperimentView::Archived => view! { <NoneArchived/> }.into_any(),
                }
                table=move |experiments, sorting| {
                    view! { <ExperimentTable experiments=experiments sorting=sorting workspace=workspace.clone()/> }.into_any()
                }
            />
        </div>
    }
}

/// Opens and closes the form, which has an address.
#[component]
fn NewExperimentLink() -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let is_open = Memo::new(move |_| navigation.location().with(is_creating));
    let href = move || {
        let location = navigation.location().get();
        let wanted = (!is_creating(&location)).then_some("1");
        location.with_parameter(CREATE, wanted).href()
    };
    let words = move || if is_open.get() { "Close the form" } else { "New experiment" };
    (!is_export()).then(|| view! { <a class="button" href=href>{words}</a> })
}

fn is_creating(location: &Location) -> bool {
    location.parameter(CREATE).is_some()
}

/// The form that makes an experiment before it has a run.
#[component]
fn NewExperiment(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let is_open = Memo::new(move |_| navigation.location().with(is_creating));
    let workspace = StoredValue::new(workspace);

    view! {
        <Show when=move || is_open.get()>
            <ExperimentForm workspace=workspace.get_value()/>
        </Show>
    }
}

#[component]
fn ExperimentForm(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let text = kept("experiment name");
    let name = Memo::new(move |_| ExperimentName::from(text.with(|text| text.trim().to_owned())));
    let fault =
        Memo::new(move |_| name.with(|name| if name.as_str().is_empty() { None } else { name.fault() }));
    let creation = change(move || {
        let experiment = name.get();
        if experiment.as_str().is_empty() || experiment.fault().is_some() {
            return None;
        }
        let title = format!("Create experiment {experiment}");
        let target = Target::Experiment(workspace.clone(), experiment.clone());
        let runs = Route::Workspace(workspace.clone(), WorkspaceRoute::Runs(experiment.clone()));
        let operation = CreateExperiment { workspace: workspace.clone(), experiment };
        Some(Plan::new(title, &operation, target, Expected::There).then(move || {
            text.set(String::new());
            navigation.go_to(runs.clone());
        }))
    });
    let why_not = Signal::derive(move || match (name.with(|name| name.as_str().is_empty()), fault.get()) {
        (true, _) => Some("An experiment needs a name.".to_owned()),
        (false, fault) => fault.map(|_| "This cannot be a name.".to_owned()),
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        creation.send();
    };

    view! {
        <section class="notes" aria-label="New experiment">
            <form class="editor" novalidate=true on:submit=submit>
                <TextField
                    label="Name"
                    value=text
                    kind=TextKind::Code
                    help="One that is there already stays as it is. The first run under a name makes an experiment too."
                    error=fault
                    required=true
                />
                <div class="stack tight">
                    <ChangeButton change=creation label="Create experiment" class="primary" done="It is there." why_not=why_not submits=true/>
                    <RequestFold change=creation/>
                </div>
            </form>
        </section>
    }
}

#[component]
fn NoneArchived() -> impl IntoView {
    view! {
        <EmptyState
            title="Nothing is archived"
            text="An experiment that is no longer worked on can be archived from its page: it keeps its runs, and is listed here."
        />
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
            {form_link("button primary", submit, "Submit a run")}
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
