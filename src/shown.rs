//! What the pages of a workspace show of anything in it: when, where it leads, its tags and properties.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use azimuth_api::{
    Asset, AssetArtifact, ExperimentName, GetExperimentById, GetRunById, ModelId, Run, RunId, Timestamp,
    WorkspaceId,
};
use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::clock::use_now;
use crate::components::button::{Tab, Tabs};
use crate::components::facts::{Fact, Facts};

use crate::components::run_status_badge::RunStatusBadge;
use crate::components::table::TableFrame;
use crate::components::time::RelativeTime;
use crate::navigation::Navigation;
use crate::opened::is_export;
use crate::route::{Location, Route, WorkspaceRoute};

/// "2 min ago".
#[component]
pub fn Moment(time: Timestamp) -> impl IntoView {
    let now = use_now();
    view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> }
}

/// A link to a part of a workspace. What is cut has its whole text as a title.
#[component]
pub fn PartLink(workspace: WorkspaceId, part: WorkspaceRoute, #[prop(into)] label: String) -> impl IntoView {
    let href = expect_context::<Navigation>().href(Route::Workspace(workspace, part));
    let title = label.clone();
    view! { <a href=href title=title><bdi>{label}</bdi></a> }
}

/// A run: a link where its experiment is known too.
#[component]
pub fn RunLink(workspace: WorkspaceId, experiment: Option<String>, run: Option<RunId>) -> impl IntoView {
    let experiment = experiment.filter(|name| !name.is_empty());
    match (experiment, run.filter(|run| !run.as_str().is_empty())) {
        (Some(experiment), Some(run)) => {
            let label = run.to_string();
            let part = WorkspaceRoute::Run(ExperimentName::from(experiment), run);
            view! { <PartLink workspace=workspace part=part label=label/> }.into_any()
        }
        (None, Some(run)) => view! { <bdi title=run.to_string()>{run.to_string()}</bdi> }.into_any(),
        (_, None) => ().into_any(),
    }
}

/// The form that registers a model, with what is known of its files.
pub fn register_href(navigation: Navigation, workspace: WorkspaceId, known: &[(&str, &str)]) -> String {
    let route = Route::Workspace(workspace, WorkspaceRoute::Models);
    let form = Location::new(navigation.session(), route).with_parameter("create", Some(""));
    known.iter().fold(form, |form, (name, value)| form.with_parameter(name, Some(value))).href()
}

/// A link to an export of an experiment, or of one of its runs; none in what was exported.
pub fn export_link(
    navigation: Navigation,
    workspace: WorkspaceId,
    experiment: &ExperimentName,
    run: Option<&RunId>,
) -> Option<AnyView> {
    let session = navigation.session();
    let href = Location::new(session, Route::Workspace(workspace, WorkspaceRoute::Data))
        .with_parameter("experiment", Some(experiment.as_str()))
        .with_parameter("run", run.map(RunId::as_str))
        .href();
    form_link("button", href, "Export")
}

/// A link to a form; none in an export, where nobody takes what is sent.
pub fn form_link(class: &'static str, href: String, words: &'static str) -> Option<AnyView> {
    (!is_export()).then(|| view! { <a class=class href=href>{words}</a> }.into_any())
}

/// The address of a file among the outputs of a run.
pub fn output_href(
    navigation: Navigation,
    workspace: &WorkspaceId,
    experiment: &ExperimentName,
    run: &RunId,
    path: &str,
) -> String {
    let part = WorkspaceRoute::Run(experiment.clone(), run.clone());
    let route = Route::Workspace(workspace.clone(), part);
    Location::new(navigation.session(), route)
        .with_parameter("tab", Some("outputs"))
        .with_parameter("file", Some(path).filter(|path| !path.is_empty() && !path.ends_with('/')))
        .href()
}

/// Models, each a link.
#[component]
pub fn ModelLinks(workspace: WorkspaceId, models: Vec<ModelId>) -> impl IntoView {
    let link = |model: ModelId| {
        let label = model.to_string();
        let part = WorkspaceRoute::Model(model);
        view! { <li><PartLink workspace=workspace.clone() part=part label=label/></li> }
    };
    view! { <ul class="links">{models.into_iter().map(link).collect::<Vec<_>>()}</ul> }
}

/// Tags or properties under a heading.
#[component]
pub fn NamedValues(
    title: &'static str,
    values: BTreeMap<String, String>,
    none: &'static str,
) -> impl IntoView {
    let is_empty = values.is_empty();
    let rows: Vec<_> =
        values.into_iter().map(|(name, value)| view! { <Fact name=name><bdi>{value}</bdi></Fact> }).collect();

    view! {
        <section class="section">
            <h2>{title}</h2>
            {if is_empty {
                view! { <p class="muted">{none}</p> }.into_any()
            } else {
                view! { <Facts stacks=true>{rows}</Facts> }.into_any()
            }}
        </section>
    }
}

/// The lists of model management. The navigation has only the first, and leads to the others by it.
#[component]
pub fn ModelTabs(workspace: WorkspaceId) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let tabs = Memo::new(move |_| {
        let here = navigation.location().get().route;
        let tab = |label: &'static str, part: WorkspaceRoute| {
            let route = Route::Workspace(workspace.clone(), part);
            Tab { label: label.to_owned(), current: route == here, href: navigation.href(route) }
        };
        vec![
            tab("Models", WorkspaceRoute::Models),
            tab("Assets", WorkspaceRoute::Assets),
            tab("Images", WorkspaceRoute::Images),
        ]
    });
    view! { <Tabs label="Models and what is made of them" tabs=tabs/> }
}

/// The files of an asset, each leading to the outputs of the run that made it where that is known.
#[component]
pub fn AssetFiles(
    asset: Asset,
    workspace: WorkspaceId,
    /// The experiment of the asset's run.
    experiment: Option<ExperimentName>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let own_run = asset.run_id.clone();
    let item = move |artifact: AssetArtifact| {
        let text = artifact.text().to_owned();
        let place = artifact.in_run().filter(|(run, _)| own_run.as_ref().is_none_or(|own| own == run));
        match (place, &experiment) {
            (Some((run, path)), Some(experiment)) => {
                let href = output_href(navigation, &workspace, experiment, &run, path);
                let path = path.to_owned();
                view! { <li><a href=href title=text><bdi class="code">{path}</bdi></a></li> }.into_any()
            }
            _ => view! { <li><bdi class="code">{text}</bdi></li> }.into_any(),
        }
    };
    if asset.artifacts.is_empty() {
        return view! { <p class="muted">"The asset names no files."</p> }.into_any();
    }
    view! { <ul class="links">{asset.artifacts.into_iter().map(item).collect::<Vec<_>>()}</ul> }.into_any()
}

/// The experiment of a run that is known by its id alone. Two questions find it; until they are answered, and where
/// they are not, it is unknown.
pub fn use_experiment_of(
    workspace: WorkspaceId,
    run: Signal<Option<RunId>>,
) -> Signal<Option<ExperimentName>> {
    let client = expect_context::<Client>();
    let lookups = Lookups::new();
    let found = RwSignal::new(None::<(RunId, ExperimentName)>);
    Effect::new(move || {
        let Some(run) = run.get() else { return };
        let workspace = workspace.clone();
        lookups.begin(async move {
            // Nobody waits for it: a run that is gone, or may not be read, stays a name.
            let asked = GetRunById { workspace: workspace.clone(), run: run.clone() };
            let Ok(answer) = client.ask(&asked).await else { return };
            let Some(experiment_id) = answer.experiment_id else { return };
            let asked = GetExperimentById { workspace, experiment_id };
            let Ok(experiment) = client.ask(&asked).await else { return };
            found.try_set(Some((run, experiment.name)));
        });
    });
    Signal::derive(move || {
        let run = run.get()?;
        found.get().filter(|(known, _)| *known == run).map(|(_, experiment)| experiment)
    })
}

/// Questions under way, given up when their page goes away.
#[derive(Clone, Copy)]
struct Lookups(StoredValue<Vec<AbortHandle>, LocalStorage>);

impl Lookups {
    fn new() -> Self {
        let lookups = StoredValue::new_local(Vec::<AbortHandle>::new());
        on_cleanup(move || {
            let _ = lookups.try_update_value(|lookups| lookups.drain(..).for_each(|lookup| lookup.abort()));
        });
        Self(lookups)
    }

    fn begin(self, lookup: impl Future<Output = ()> + 'static) {
        let (task, handle) = abortable(lookup);
        self.0.update_value(|lookups| lookups.push(handle));
        spawn_local(async move {
            let _ = task.await;
        });
    }
}

/// A run whose experiment may become known.
#[component]
pub fn LocatedRun(
    workspace: WorkspaceId,
    run: RunId,
    experiment: Signal<Option<ExperimentName>>,
) -> impl IntoView {
    move || {
        let experiment = experiment.get().map(|name| name.to_string());
        view! { <RunLink workspace=workspace.clone() experiment=experiment run=Some(run.clone())/> }
    }
}

/// How many experiments are looked up by their ids on one page.
const MOST_LOOKED_UP: usize = 20;

/// The names of experiments that runs name by their ids. Each is asked for once; what is not found stays unknown.
pub fn use_experiment_names(
    workspace: WorkspaceId,
    ids: Signal<Vec<String>>,
) -> Signal<HashMap<String, ExperimentName>> {
    let client = expect_context::<Client>();
    let lookups = Lookups::new();
    let found = RwSignal::new(HashMap::new());
    let asked = StoredValue::new(HashSet::new());
    Effect::new(move || {
        for experiment_id in ids.get() {
            let is_new = asked.try_update_value(|asked| {
                asked.len() < MOST_LOOKED_UP && asked.insert(experiment_id.clone())
            });
            if is_new != Some(true) {
                continue;
            }
            let workspace = workspace.clone();
            lookups.begin(async move {
                let question = GetExperimentById { workspace, experiment_id: experiment_id.clone() };
                if let Ok(experiment) = client.ask(&question).await {
                    found.try_update(|found| found.insert(experiment_id, experiment.name));
                }
            });
        }
    });
    found.into()
}

/// Runs of any experiments: which, how they are, and since when.
#[component]
pub fn RunTable(
    workspace: WorkspaceId,
    #[prop(into)] runs: Signal<Vec<Run>>,
    /// What they are.
    caption: &'static str,
    /// Names of experiments by their ids, as far as they are known.
    #[prop(optional, into)]
    known: Signal<HashMap<String, ExperimentName>>,
    /// Leaves out who handed them in, where there is little room.
    #[prop(optional)]
    short: bool,
) -> impl IntoView {
    let ids = Memo::new(move |_| {
        let ids = runs
            .with(|runs| runs.iter().filter_map(|run| run.experiment_id.clone()).collect::<BTreeSet<_>>());
        known.with(|known| ids.into_iter().filter(|id| !known.contains_key(id)).collect::<Vec<_>>())
    });
    let names = use_experiment_names(workspace.clone(), ids.into());
    let row = move |run: Run| {
        let id = run.run_id.clone();
        let experiment = run.experiment_id.clone();
        let experiment = Memo::new(move |_| {
            let id = experiment.as_ref()?;
            let of = |names: &HashMap<String, ExperimentName>| names.get(id).map(ToString::to_string);
            known.with(of).or_else(|| names.with(of))
        });
        let first = run.status.clone();
        let own = id.clone();
        let status = Memo::new(move |_| {
            let found =
                runs.with(|runs| runs.iter().find(|run| run.run_id == own).map(|run| run.status.clone()));
            found.unwrap_or_else(|| first.clone())
        });
        let when = run.created_utc.map(|time| view! { <Moment time=time/> });
        let who = run.created_by.and_then(|user| user.user_name).unwrap_or_default();
        let who = (!short)
            .then(|| view! { <td class="clips meta" title=who.clone()><bdi>{who.clone()}</bdi></td> });
        let (of_run, of_experiment) = (workspace.clone(), workspace.clone());
        view! {
            <tr>
                <th scope="row" class="lead fills run">
                    {move || view! { <RunLink workspace=of_run.clone() experiment=experiment.get() run=Some(id.clone())/> }}
                </th>
                <td class="state"><RunStatusBadge status=status/></td>
                <td class="clips">
                    {move || experiment.get().map(|name| {
                        let part = WorkspaceRoute::Runs(name.as_str().into());
                        view! { <PartLink workspace=of_experiment.clone() part=part label=name/> }
                    })}
                </td>
                <td class="meta">{when}</td>
                {who}
            </tr>
        }
    };

    view! {
        <TableFrame caption=caption>
            <table class="table stacks">
                <thead><tr>
                    <th scope="col">"Run"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Experiment"</th>
                    <th scope="col">"Handed in"</th>
                    {(!short).then(|| view! { <th scope="col">"By"</th> })}
                </tr></thead>
                <tbody>
                    <For each=move || runs.get() key=|run| run.run_id.clone() children=row/>
                </tbody>
            </table>
        </TableFrame>
    }
}
