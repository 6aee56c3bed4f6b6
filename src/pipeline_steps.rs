//! The steps of a pipeline, as a graph and as a list: of a pipeline run, with how each of them is, or of a graph alone.

mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use azimuth_api::{
    Described, ExperimentName, GetPipelineDataSource, GetPipelineGraph, GetPipelineModule,
    GetPipelineNodeStatuses, GetPipelineRun, ListChildRuns, NodeStatus, PipelineGraph, PipelineId,
    PipelineRun, Run, RunId, WorkspaceId,
};
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::badge::StatusBadge;
use crate::components::format::{format_duration, lower_case};
use crate::components::graph::{Graph, GraphNode, NodeState};
use crate::components::icon::IconName;
use crate::components::panel::EmptyState;
use crate::components::table::TableFrame;
use crate::load::{ApiErrorPanel, ListFooter, Load};
use crate::navigation::Navigation;
pub use crate::pipeline_steps::step::kind_of_state;
use crate::pipeline_steps::step::{Names, Step, StepKind, arrows, steps};
use crate::query::{Answer, ListQuery, Query, list_until, query};
use crate::route::{PipelinePart, Route, WorkspaceRoute};
use crate::several::{Several, several};
use crate::shown::PartLink;

/// How often a pipeline run that is not over is asked for.
const REFRESH: Duration = Duration::from_secs(5);

/// How many runs of steps are loaded by themselves.
const LOADED_BY_ITSELF: usize = 500;

/// Below this width the list is shown first.
const NARROW: f64 = 720.0;

/// A run of a pipeline, asked for again until it is over.
pub fn pipeline_run(workspace: WorkspaceId, id: PipelineId) -> Query<Described<PipelineRun>> {
    let question = GetPipelineRun::of(workspace, id);
    query(move || question.clone())
        .refresh(|run| (!run.value.status.status_code.is_finished()).then_some(REFRESH))
}

/// The steps of a pipeline run. What one service does not tell does not hide what another knows: without the graph the
/// runs of the steps are listed, without run history the graph is drawn.
#[component]
pub fn PipelineSteps(
    workspace: WorkspaceId,
    /// The run's own question; with each of its answers the steps are asked for again.
    pipeline: Query<Described<PipelineRun>>,
    run: RunId,
    /// In which experiment it is, where that is known.
    experiment: Option<ExperimentName>,
) -> impl IntoView {
    // Nothing until the run was answered, or asked for in vain.
    let graph_id = Memo::new(move |_| {
        let known = pipeline.with(|pipeline| pipeline.map(|pipeline| pipeline.value.graph_id.clone()));
        known.or_else(|| pipeline.error().with(Option::is_some).then_some(None))
    });
    let runs = experiment.clone().map(|experiment| {
        let question = ListChildRuns::of(workspace.clone(), experiment, run.clone());
        list_until(move || question.clone(), |run| !run.status.is_finished())
    });
    if let Some(runs) = runs {
        load_all(runs);
    }

    move || {
        let graph_id = graph_id.get()?;
        let statuses = graph_id.is_some().then(|| {
            let question = GetPipelineNodeStatuses::of(workspace.clone(), run.as_str().into());
            query(move || question.clone())
        });
        let graph = graph_id.map(|id| pipeline_graph(workspace.clone(), id));
        follow(pipeline, statuses, runs);
        let sources = Sources { graph, statuses, runs };
        Some(view! { <Steps workspace=workspace.clone() experiment=experiment.clone() sources=sources/> })
    }
}

/// A graph, which never changes.
pub fn pipeline_graph(workspace: WorkspaceId, id: PipelineId) -> Query<Described<PipelineGraph>> {
    let question = GetPipelineGraph::of(workspace, id);
    query(move || question.clone())
}

/// The steps of a graph that no run is looked at of.
#[component]
pub fn GraphSteps(workspace: WorkspaceId, graph: Query<Described<PipelineGraph>>) -> impl IntoView {
    let sources = Sources { graph: Some(graph), statuses: None, runs: None };
    view! { <Steps workspace=workspace experiment=None sources=sources/> }
}

/// Who knows what of the steps.
#[derive(Clone, Copy)]
struct Sources {
    graph: Option<Query<Described<PipelineGraph>>>,
    statuses: Option<Query<BTreeMap<String, NodeStatus>>>,
    runs: Option<ListQuery<Run>>,
}

/// Goes on to the next page by itself, up to a point.
fn load_all(runs: ListQuery<Run>) {
    let query = runs.query();
    Effect::new(move || {
        let goes_on = query
            .with(|loaded| loaded.is_some_and(|loaded| loaded.has_more() && loaded.len() < LOADED_BY_ITSELF));
        if goes_on && !query.is_loading().get() && query.error().with(Option::is_none) {
            runs.more_by_itself();
        }
    });
}

/// Asks for the steps whenever the pipeline run was answered anew: one clock for all, which stops with the run.
fn follow(
    pipeline: Query<Described<PipelineRun>>,
    statuses: Option<Query<BTreeMap<String, NodeStatus>>>,
    runs: Option<ListQuery<Run>>,
) {
    let updated = pipeline.updated();
    Effect::new(move |before: Option<Option<f64>>| {
        let now = updated.get();
        if before.flatten().is_some_and(|before| Some(before) != now) {
            if let Some(statuses) = statuses {
                statuses.ask_again();
            }
            if let Some(runs) = runs {
                runs.query().ask_again();
            }
        }
        now
    });
}

#[component]
fn Steps(workspace: WorkspaceId, experiment: Option<ExperimentName>, sources: Sources) -> impl IntoView {
    let Sources { graph, statuses, runs } = sources;
    let named = |read: fn(&PipelineGraph) -> Vec<PipelineId>| {
        Signal::derive(move || {
            let ids = graph.and_then(|graph| graph.with(|graph| graph.map(|graph| read(&graph.value))));
            ids.unwrap_or_default()
        })
    };
    let place = workspace.clone();
    let modules = several(
        named(module_ids),
        move |id: &PipelineId| GetPipelineModule::of(place.clone(), id.clone()),
        |_| None,
    );
    let place = workspace.clone();
    let data = several(
        named(data_ids),
        move |id: &PipelineId| GetPipelineDataSource::of(place.clone(), id.clone()),
        |_| None,
    );
    let names = Memo::new(move |_| {
        let modules = modules.answers().into_iter().map(|(id, module)| (id, module.value.name));
        let data = data.answers().into_iter().map(|(id, source)| (id, source.value.name));
        modules.chain(data).collect::<Names>()
    });
    let all = Memo::new(move |_| {
        let graph = graph.and_then(|graph| graph.with(|graph| Some(graph?.value.clone())));
        let statuses = statuses.and_then(Query::get);
        let runs = runs.and_then(|runs| {
            runs.query().with(|loaded| loaded.map(|loaded| loaded.items().cloned().collect::<Vec<_>>()))
        });
        let runs = runs.unwrap_or_default();
        names.with(|names| steps(graph.as_ref(), statuses.as_ref(), &runs, names))
    });
    let shown = Shown {
        steps: all,
        names,
        has_states: statuses.is_some() || runs.is_some(),
        workspace: StoredValue::new(workspace),
        experiment: StoredValue::new(experiment),
    };
    let graph_failed = Memo::new(move |_| {
        graph.is_some_and(|graph| !graph.has_value() && graph.error().with(Option::is_some))
    });

    view! {
        <div class="section">
            {statuses.map(|statuses| view! { <Said query=statuses.progress() what="load how the steps are"/> })}
            {runs.map(|runs| view! { <Said query=runs.query().progress() what="load the runs of the steps"/> })}
            <Unnamed several=modules what="modules"/>
            <Unnamed several=data what="data sources"/>
            {graph.map(|graph| view! {
                <Load query=graph what="the graph" rows=6 let:graph>
                    {move || {
                        let arrows = graph.with(|graph| arrows(&graph.value));
                        view! { <GraphAndList shown=shown arrows=arrows/> }
                    }}
                </Load>
            })}
            // The runs of the steps are known to another service than the graph.
            <Show when=move || graph.is_none() || graph_failed.get()>
                {runs.map(|runs| view! { <Load query=runs.query() what="the runs of the steps" rows=6 let:_>
                    {move || view! { <StepTable shown=shown/> }}
                </Load> })}
            </Show>
            {runs.map(|runs| view! { <ListFooter list=runs noun="runs of steps"/> })}
        </div>
    }
}

/// What is shown, and where it leads. A handle.
#[derive(Clone, Copy)]
struct Shown {
    steps: Memo<Vec<Step>>,
    names: Memo<Names>,
    /// Whether it is a run's.
    has_states: bool,
    workspace: StoredValue<WorkspaceId>,
    experiment: StoredValue<Option<ExperimentName>>,
}

impl Shown {
    /// The run of a step; what it runs where there is none yet; the data source.
    fn leads_to(self, step: &Step) -> Option<WorkspaceRoute> {
        let run = step.run.clone().zip(self.experiment.get_value());
        match (run, &step.kind) {
            (Some((run, experiment)), _) => Some(WorkspaceRoute::Run(experiment, run)),
            (None, StepKind::Module(id)) => Some(WorkspaceRoute::Pipeline(PipelinePart::Module, id.clone()?)),
            (None, StepKind::Data(id)) => {
                Some(WorkspaceRoute::Pipeline(PipelinePart::DataSource, id.clone()?))
            }
        }
    }
}

fn module_ids(graph: &PipelineGraph) -> Vec<PipelineId> {
    let mut ids: Vec<_> = graph.module_nodes.iter().filter_map(|node| node.module_id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn data_ids(graph: &PipelineGraph) -> Vec<PipelineId> {
    let mut ids: Vec<_> = graph.dataset_nodes.iter().filter_map(|node| node.dataset_id.clone()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// A part of what is shown that could not be asked for; the rest stays.
#[component]
fn Said(query: Query<()>, what: &'static str) -> impl IntoView {
    move || {
        let error = query.error().get()?;
        let again = Callback::new(move |()| query.ask_again());
        Some(view! { <ApiErrorPanel error=error what=what inline=true on_retry=again/> })
    }
}

/// Names that could not be asked for: the first reason, once.
#[component]
fn Unnamed<T: Answer>(several: Several<PipelineId, T>, what: &'static str) -> impl IntoView {
    let failed = Memo::new(move |_| {
        let failures = several.failures();
        let count = failures.len();
        failures.into_iter().next().map(|(_, error)| (count, error))
    });
    move || {
        let (count, error) = failed.get()?;
        let again = Callback::new(move |()| several.ask_failed_again());
        let what = format!("load the names of {count} {what}");
        Some(view! { <ApiErrorPanel error=error what=what inline=true on_retry=again/> })
    }
}

#[component]
fn GraphAndList(shown: Shown, arrows: Vec<(usize, usize)>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let chosen = navigation.parameter("steps");
    // Boxes side by side want room; whoever has none gets the list first, and may choose.
    let is_narrow =
        window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < NARROW);
    let as_list = Memo::new(move |_| match chosen.get().as_str() {
        "list" => true,
        "graph" => false,
        _ => is_narrow,
    });
    let arrows = StoredValue::new(arrows);
    let button = move |label: &'static str, is_list: bool| {
        let name = if is_list { "list" } else { "graph" };
        view! {
            <button
                type="button"
                class="button small"
                aria-pressed=move || if as_list.get() == is_list { "true" } else { "false" }
                on:click=move |_| navigation.set_parameter("steps", name)
            >
                {label}
            </button>
        }
    };
    let words = move || shown.steps.with(|steps| in_words(steps));
    let has_any = Memo::new(move |_| shown.steps.with(|steps| !steps.is_empty()));

    view! {
        <Show
            when=move || has_any.get()
            fallback=|| view! {
                <EmptyState title="This graph has no steps" text="A pipeline has a step for each script that it runs."/>
            }
        >
            <div class="toolbar">
                <p class="muted">{words}</p>
                <div class="either push" role="group" aria-label="Show the steps as">
                    {button("Graph", false)}
                    {button("List", true)}
                </div>
            </div>
            {move || if as_list.get() {
                view! { <StepTable shown=shown/> }.into_any()
            } else {
                view! { <StepGraph shown=shown arrows=arrows.get_value()/> }.into_any()
            }}
        </Show>
    }
}

/// "7 steps: 2 done, 1 working, 4 not begun".
fn in_words(steps: &[Step]) -> String {
    let own: Vec<&Step> = steps.iter().filter(|step| matches!(step.kind, StepKind::Module(_))).collect();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for state in own.iter().filter_map(|step| step.state.as_ref()) {
        let plain = lower_case(&state.plain);
        match counts.iter_mut().find(|(known, _)| *known == plain) {
            Some((_, count)) => *count += 1,
            None => counts.push((plain, 1)),
        }
    }
    let noun = if own.len() == 1 { "step" } else { "steps" };
    let counts: Vec<String> = counts.into_iter().map(|(plain, count)| format!("{count} {plain}")).collect();
    match counts.is_empty() {
        true => format!("{} {noun}", own.len()),
        false => format!("{} {noun}: {}", own.len(), counts.join(", ")),
    }
}

#[component]
fn StepGraph(shown: Shown, arrows: Vec<(usize, usize)>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let node = move |step: &Step| {
        let href = shown
            .leads_to(step)
            .map(|part| navigation.href(Route::Workspace(shown.workspace.get_value(), part)));
        let detail = step.state.as_ref().and_then(|state| state.detail.as_deref());
        let about = [Some(step.name.as_str()), step.about.as_deref(), detail];
        GraphNode {
            name: step.name.clone(),
            about: about.into_iter().flatten().collect::<Vec<_>>().join("\n"),
            icon: if matches!(step.kind, StepKind::Data(_)) { IconName::Database } else { IconName::Box },
            href,
            state: step.state.as_ref().map(|state| NodeState {
                kind: state.kind,
                plain: state.plain.clone(),
                word: state.word.clone(),
            }),
            span: step.span,
            remark: remark(step),
        }
    };
    let nodes = Memo::new(move |_| shown.steps.with(|steps| steps.iter().map(node).collect::<Vec<_>>()));
    view! { <Graph label="Graph of the steps" nodes=nodes arrows=arrows now=use_now()/> }
}

fn remark(step: &Step) -> Option<&'static str> {
    match (&step.kind, &step.reused, step.warned) {
        (StepKind::Data(_), ..) => Some("data"),
        (_, Some(_), _) => Some("reused"),
        (_, None, true) => Some("warnings"),
        _ => None,
    }
}

#[component]
fn StepTable(shown: Shown) -> impl IntoView {
    let rows = move || {
        shown.steps.with(|steps| {
            let own = steps.iter().filter(|step| matches!(step.kind, StepKind::Module(_)));
            own.map(|step| step.id.clone()).collect::<Vec<_>>()
        })
    };
    let has_states = shown.has_states;

    view! {
        <TableFrame caption="List of the steps">
            <table class="table stacks">
                <thead>
                    <tr>
                        <th scope="col">"Step"</th>
                        {has_states.then(|| view! { <th scope="col">"Status"</th><th scope="col" class="number">"Duration"</th> })}
                        <th scope="col">"Reads"</th>
                        // Without a run a step leads to its module already.
                        {has_states.then(|| view! { <th scope="col">"Module"</th> })}
                    </tr>
                </thead>
                <tbody>
                    <For each=rows key=Clone::clone let(id)>
                        <StepRow shown=shown id=id/>
                    </For>
                </tbody>
            </table>
        </TableFrame>
    }
}

/// A row stays while what it says changes, so that the focus does too.
#[component]
fn StepRow(shown: Shown, id: String) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let step = Memo::new(move |_| shown.steps.with(|steps| steps.iter().find(|step| step.id == id).cloned()));
    let part = move |read: fn(Step) -> Option<String>| Memo::new(move |_| step.get().and_then(read));
    let name = part(|step| Some(step.name));
    let about = part(|step| step.about);
    let detail = part(|step| step.state?.detail);
    let href = Memo::new(move |_| {
        let part = step.with(|step| step.as_ref().and_then(|step| shown.leads_to(step)))?;
        Some(navigation.href(Route::Workspace(shown.workspace.get_value(), part)))
    });
    let state = Memo::new(move |_| step.get().and_then(|step| step.state));
    let badge = move || {
        state.get().map(|state| {
            view! { <StatusBadge kind=Signal::stored(state.kind) plain=state.plain word=state.word/> }
        })
    };
    let reused = Memo::new(move |_| step.get().and_then(|step| step.reused));
    let reused_from = move || {
        let reused = reused.get()?;
        let from = reused.pipeline_run.map(|id| {
            let label = id.to_string();
            let part = WorkspaceRoute::Pipeline(PipelinePart::Experiment, id);
            view! { " from "<PartLink workspace=shown.workspace.get_value() part=part label=label/> }
        });
        Some(view! { <span class="meta small">"reused"{from}</span> })
    };
    let warned = Memo::new(move |_| step.with(|step| step.as_ref().is_some_and(|step| step.warned)));
    let duration = Memo::new(move |_| {
        let (start, end) = step.with(|step| step.as_ref()?.span)?;
        let end = end.map_or_else(|| now.get(), |end| end as f64);
        Some(format_duration(end - start as f64))
    });
    let reads = Memo::new(move |_| {
        shown.steps.with(|steps| {
            let of_step = step.with(|step| step.as_ref().map(|step| step.reads.clone()).unwrap_or_default());
            let names: Vec<_> =
                of_step.into_iter().filter_map(|place| Some(steps.get(place)?.name.clone())).collect();
            names.join(", ")
        })
    });
    let module = Memo::new(move |_| match step.get()?.kind {
        StepKind::Module(id) => id,
        StepKind::Data(_) => None,
    });
    let module_link = move || {
        let id = module.get()?;
        let label = shown.names.with(|names| names.get(&id).cloned()).unwrap_or_else(|| id.to_string());
        let part = WorkspaceRoute::Pipeline(PipelinePart::Module, id);
        Some(view! { <PartLink workspace=shown.workspace.get_value() part=part label=label/> })
    };

    view! {
        <tr>
            <th scope="row" class="lead fills">
                // Without an address it is no link, and only words.
                <a href=move || href.get()><bdi>{name}</bdi></a>
                {move || about.get().map(|about| view! { " "<bdi class="meta">{about}</bdi> })}
                {move || detail.get().map(|detail| view! { <p class="meta small"><bdi>{detail}</bdi></p> })}
            </th>
            {shown.has_states.then(|| view! {
                <td class="state">
                    <span class="cluster tight">
                        <span class="run-status">{badge}</span>
                        {reused_from}
                        {move || warned.get().then(|| view! { <span class="meta small">"with warnings"</span> })}
                    </span>
                </td>
                <td class="number" data-label="Duration">{move || duration.get().unwrap_or_else(|| "–".to_owned())}</td>
            })}
            <td class="meta clips optional" title=reads><bdi>{reads}</bdi></td>
            {shown.has_states.then(|| view! { <td class="clips">{module_link}</td> })}
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use azimuth_api::PipelineGraph;

    use super::*;

    #[test]
    fn the_steps_are_counted_by_how_they_are_and_data_is_none() {
        let graph: PipelineGraph = serde_json::from_str(
            r#"{"Id":"g","ModuleNodes":[{"Id":"a"},{"Id":"b"},{"Id":"c"}],"DatasetNodes":[{"Id":"d"}]}"#,
        )
        .unwrap();
        let statuses = serde_json::from_str(
            r#"{"a":{"StatusCode":"Finished"},"b":{"StatusCode":"NotStarted"},"c":{"StatusCode":"Finished"}}"#,
        )
        .unwrap();
        let with = steps(Some(&graph), Some(&statuses), &[], &Names::new());
        assert_eq!(in_words(&with), "3 steps: 2 done, 1 not begun");
        assert_eq!(in_words(&steps(Some(&graph), None, &[], &Names::new())), "3 steps");
        assert_eq!(in_words(&with[..1]), "1 step: 1 done");
    }
}
