//! A pipeline run, a graph, a module, a template, a data source: each by its id.

use azimuth_api::{
    DataLocation, Described, ExperimentName, GetPipelineDataSource, GetPipelineModule, GetPipelineTemplate,
    ModuleInput, ModuleOutput, ModuleParameter, PipelineGraph, PipelineId, PipelineModule, PipelineRun,
    PipelineState, RunKind, StructuredInterface, WorkspaceId,
};
use leptos::prelude::*;
use serde_json::Value;

use crate::cancel::{CancelButton, Cancellable};
use crate::clock::use_now;
use crate::components::badge::{StatusBadge, Tags};
use crate::components::button::{CopyButton, Identifier};
use crate::components::facts::{Fact, Facts};
use crate::components::format::format_duration;
use crate::components::header::PageTitle;
use crate::components::table::TableFrame;
use crate::load::{Freshness, Load};
use crate::navigation::use_title;
use crate::pipeline_steps::{GraphSteps, PipelineSteps, kind_of_state, pipeline_graph, pipeline_run};
use crate::query::{Answer, Query, Shown, query};
use crate::route::{PipelinePart, WorkspaceRoute};
use crate::shown::{Moment, PartLink};

/// What all of these pages have: the name once it is known, and how fresh it is.
fn page<T: Answer>(
    kind: &'static str,
    id: String,
    query: Query<Described<T>>,
    name: fn(&T) -> &str,
    pausable: Signal<bool>,
    body: impl Fn(Shown<Described<T>>) -> AnyView + Send + 'static,
) -> AnyView {
    let title = Memo::new(move |_| {
        let name = query.with(|found| found.map(|found| name(&found.value).to_owned()));
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.clone())
    });
    use_title(title);
    let what = format!("the {}", crate::components::format::lower_case(kind));

    view! {
        <div class="page">
            <PageTitle kind=kind title=title>
                <Freshness query=query pausable=pausable/>
            </PageTitle>
            <Load query=query what=what rows=6 let:found>{body(found)}</Load>
        </div>
    }
    .into_any()
}

/// A run of a pipeline: what the pipeline service knows of it, and its steps.
#[component]
pub fn PipelineRunPage(workspace: WorkspaceId, id: PipelineId) -> impl IntoView {
    let query = pipeline_run(workspace.clone(), id.clone());
    let is_going = Memo::new(move |_| {
        query.with(|run| run.is_some_and(|run| !run.value.status.status_code.is_finished()))
    });
    let own_id = id.clone();
    page(
        "Pipeline run",
        id.to_string(),
        query,
        |_| "",
        is_going.into(),
        move |found| {
            let experiment = found.with(|found| found.value.run_history_experiment_name.clone());
            let (workspace, run) = (workspace.clone(), own_id.as_str().into());
            view! {
            <RunLine found=found/>
            <CancelPipeline query=query found=found workspace=workspace.clone()/>
            <div class="columns">
                <section class="section" aria-label="Steps">
                    <h2>"Steps"</h2>
                    <PipelineSteps workspace=workspace.clone() pipeline=query run=run experiment=experiment/>
                </section>
                <section class="section" aria-label="Facts">
                    <h2>"Facts"</h2>
                    {
                        move || view! { <RunFacts run=found.with(|found| found.value.clone()) workspace=workspace.clone()/> }
                    }
                    <WholeDocument found=found/>
                </section>
            </div>
        }
        .into_any()
        },
    )
}

/// How it is, and why it failed.
#[component]
fn RunLine(found: Shown<Described<PipelineRun>>) -> impl IntoView {
    let state = Memo::new(move |_| found.with(|found| found.value.status.status_code.clone()));
    let kind = Signal::derive(move || state.with(kind_of_state));
    let plain = Signal::derive(move || state.with(|state| state.plain().to_owned()));
    let word = Signal::derive(move || state.with(|state| state.word().to_owned()));
    let detail = Memo::new(move |_| found.with(|found| found.value.status.status_detail.clone()));
    let warned = Memo::new(move |_| found.with(|found| found.value.has_warnings));
    view! {
        <section class="run-line" aria-label="Status">
            <div class="stack tight">
                <div class="cluster">
                    <span role="status"><StatusBadge kind=kind plain=plain word=word/></span>
                    {move || warned.get().then(|| view! { <span class="muted">"with warnings"</span> })}
                </div>
                {move || detail.get().filter(|detail| !detail.is_empty()).map(|detail| view! { <p><bdi>{detail}</bdi></p> })}
            </div>
        </section>
    }
}

/// Asks it to stop. It is run history that tells how far that is.
#[component]
fn CancelPipeline(
    query: Query<Described<PipelineRun>>,
    found: Shown<Described<PipelineRun>>,
    workspace: WorkspaceId,
) -> impl IntoView {
    let is_over = Memo::new(move |_| found.with(|found| found.value.status.status_code.is_finished()));
    let experiment = Memo::new(move |_| found.with(|found| found.value.run_history_experiment_name.clone()));
    let id = found.with(|found| found.value.id.clone());
    move || {
        let experiment = experiment.get()?;
        let run = Cancellable {
            workspace: workspace.clone(),
            experiment,
            run: id.as_str().into(),
            kind: RunKind::Pipeline,
        };
        let ask_again = move |()| query.ask_again();
        Some(
            view! { <div><CancelButton run=Signal::stored(run) is_stopping=false is_over=is_over on_refusal=ask_again/></div> },
        )
    }
}

#[component]
fn RunFacts(run: PipelineRun, workspace: WorkspaceId) -> impl IntoView {
    let created = run.status.creation_time.or(run.created_date);
    let lasted = lasted(&run);
    let link = |part: WorkspaceRoute, label: String| {
        view! { <PartLink workspace=workspace.clone() part=part label=label/> }
    };
    let own_run = run.run_history_experiment_name.clone().map(|experiment| {
        let part = WorkspaceRoute::Run(experiment, run.id.as_str().into());
        link(part, "Metrics, logs and outputs".to_owned())
    });
    let experiment = run.run_history_experiment_name.map(|experiment: ExperimentName| {
        let label = experiment.to_string();
        link(WorkspaceRoute::Runs(experiment), label)
    });
    let graph = run.graph_id.map(|id| {
        let label = id.to_string();
        link(WorkspaceRoute::Pipeline(PipelinePart::Graph, id), label)
    });
    let parameters: Vec<_> = run
        .parameter_assignments
        .into_iter()
        .map(|(name, value)| view! { <Fact name=name><bdi class="code">{in_words(&value)}</bdi></Fact> })
        .collect();
    let tags: Vec<_> = run.tags.into_iter().collect();

    view! {
        <Facts>
            {run.description.filter(|text| !text.is_empty()).map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
            <Fact name="Id"><Identifier value=run.id.to_string() length=24/></Fact>
            {own_run.map(|link| view! { <Fact name="Run">{link}</Fact> })}
            {experiment.map(|link| view! { <Fact name="Experiment">{link}</Fact> })}
            {run.run_type.map(|kind| view! { <Fact name="Started by"><bdi>{kind}</bdi></Fact> })}
            {created.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
            {run.status.end_time.map(|time| view! { <Fact name="Ended"><Moment time=time/></Fact> })}
            {lasted.map(|lasted| view! { <Fact name="Duration">{lasted}</Fact> })}
            {run.total_run_steps.map(|count| view! { <Fact name="Steps">{count}</Fact> })}
            {graph.map(|link| view! { <Fact name="Graph">{link}</Fact> })}
            {run.pipeline_id.map(|id| view! { <Fact name="Pipeline"><Identifier value=id/></Fact> })}
            {run.schedule_id.map(|id| view! { <Fact name="Schedule"><Identifier value=id/></Fact> })}
            {(!tags.is_empty()).then(|| view! { <Fact name="Tags"><Tags tags=tags/></Fact> })}
        </Facts>
        {(!parameters.is_empty()).then(|| view! { <h3>"Parameters"</h3><Facts>{parameters}</Facts> })}
    }
}

/// From its making to its end, going on while it does.
fn lasted(run: &PipelineRun) -> Option<impl Fn() -> String + Clone + Send + Sync + 'static> {
    let start = run.status.creation_time?.unix_milliseconds() as f64;
    let end = run.status.end_time.map(|end| end.unix_milliseconds() as f64);
    let is_over = run.status.status_code.is_finished();
    let now = use_now();
    if is_over && end.is_none() || run.status.status_code == PipelineState::NotStarted {
        return None;
    }
    Some(move || format_duration(end.unwrap_or_else(|| now.get()) - start))
}

/// A graph, drawn without a run.
#[component]
pub fn GraphPage(workspace: WorkspaceId, id: PipelineId) -> impl IntoView {
    let query = pipeline_graph(workspace.clone(), id.clone());
    page(
        "Graph",
        id.to_string(),
        query,
        |_| "",
        false.into(),
        move |found| {
            view! {
                <GraphFacts graph=found.with(|found| found.value.clone())/>
                <section class="section" aria-label="Steps">
                    <h2>"Steps"</h2>
                    <GraphSteps workspace=workspace.clone() graph=query/>
                </section>
                <WholeDocument found=found/>
            }
            .into_any()
        },
    )
}

#[component]
fn GraphFacts(graph: PipelineGraph) -> impl IntoView {
    view! {
        <Facts>
            <Fact name="Id"><Identifier value=graph.id.to_string() length=40/></Fact>
            <Fact name="Steps">{graph.module_nodes.len()}</Fact>
            <Fact name="Data sources">{graph.dataset_nodes.len()}</Fact>
            {graph.created_date.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
        </Facts>
    }
}

/// What a step runs.
#[component]
pub fn ModulePage(workspace: WorkspaceId, id: PipelineId) -> impl IntoView {
    let question = GetPipelineModule::of(workspace.clone(), id.clone());
    let query = query(move || question.clone());
    page(
        "Module",
        id.to_string(),
        query,
        |module: &PipelineModule| &module.name,
        false.into(),
        move |found| {
            let workspace = workspace.clone();
            let module = move || {
                let module = found.with(|found| found.value.clone());
                view! { <ModuleDetails module=module workspace=workspace.clone()/> }
            };
            view! { {module}<WholeDocument found=found/> }.into_any()
        },
    )
}

#[component]
fn ModuleDetails(module: PipelineModule, workspace: WorkspaceId) -> impl IntoView {
    let user = module.created_by.and_then(|user| user.user_name);
    let about = module.description.filter(|text| !text.is_empty() && *text != module.name);
    let reuse = module.is_deterministic.map(|same| match same {
        true => "Where its inputs are the same as before",
        false => "Never: it runs each time",
    });
    let tags: Vec<_> = module.tags.into_iter().collect();
    view! {
        <div class="columns">
            <Interface interface=module.structured_interface workspace=workspace.clone()/>
            <section class="section" aria-label="Facts">
                <h2>"Facts"</h2>
                <Facts>
                    {about.map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
                    <Fact name="Id"><Identifier value=module.id.to_string() length=24/></Fact>
                    {module.step_type.map(|kind| view! { <Fact name="Type of step"><bdi>{kind}</bdi></Fact> })}
                    {module.module_execution_type.map(|kind| view! { <Fact name="Run by"><bdi>{kind}</bdi></Fact> })}
                    {reuse.map(|reuse| view! { <Fact name="Results are reused">{reuse}</Fact> })}
                    {module.entity_status.map(|status| view! { <Fact name="Status"><bdi>{status}</bdi></Fact> })}
                    {module.created_date.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                    {user.map(|user| view! { <Fact name="Created by"><bdi>{user}</bdi></Fact> })}
                    {module.hash.map(|hash| view! { <Fact name="Hash"><Identifier value=hash/></Fact> })}
                    <Location location=module.data_location workspace=workspace/>
                    {(!tags.is_empty()).then(|| view! { <Fact name="Tags"><Tags tags=tags/></Fact> })}
                </Facts>
            </section>
        </div>
    }
}

/// What goes in, what comes out, what can be set.
#[component]
fn Interface(interface: StructuredInterface, workspace: WorkspaceId) -> impl IntoView {
    let StructuredInterface { inputs, outputs, parameters } = interface;
    let optional = |is_optional: bool| if is_optional { "optional" } else { "" };
    let input = move |input: ModuleInput| {
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{input.name}</bdi></th>
                <td><bdi>{input.data_type_ids_list.join(", ")}</bdi></td>
                <td class="meta"><bdi>{input.data_store_mode}</bdi></td>
                <td class="meta">{optional(input.is_optional)}</td>
            </tr>
        }
    };
    let output = move |output: ModuleOutput| {
        let store = output.data_store_name.map(|name| {
            let label = name.to_string();
            view! { <PartLink workspace=workspace.clone() part=WorkspaceRoute::Datastore(name) label=label/> }
        });
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{output.name}</bdi></th>
                <td><bdi>{output.data_type_id}</bdi></td>
                <td class="meta"><bdi>{output.data_store_mode}</bdi></td>
                <td>{store}</td>
            </tr>
        }
    };
    let parameter = move |parameter: ModuleParameter| {
        let usual = parameter.default_value.as_ref().map(in_words);
        view! {
            <tr>
                <th scope="row" class="lead fills"><bdi>{parameter.name}</bdi></th>
                <td><bdi>{parameter.parameter_type}</bdi></td>
                <td><bdi class="code">{usual}</bdi></td>
                <td class="meta">{optional(parameter.is_optional)}</td>
            </tr>
        }
    };
    let inputs: Vec<AnyView> = inputs.into_iter().map(|each| input(each).into_any()).collect();
    let outputs: Vec<AnyView> = outputs.into_iter().map(|each| output(each).into_any()).collect();
    let parameters: Vec<AnyView> = parameters.into_iter().map(|each| parameter(each).into_any()).collect();

    view! {
        <div class="stack">
            <Ports title="Inputs" heads=["Name", "Type", "Handed over by", ""] rows=inputs none="It reads nothing."/>
            <Ports title="Outputs" heads=["Name", "Type", "Handed over by", "Kept in"] rows=outputs none="It hands nothing on."/>
            <Ports title="Parameters" heads=["Name", "Type", "Default", ""] rows=parameters none="Nothing can be set."/>
        </div>
    }
}

#[component]
fn Ports(
    title: &'static str,
    heads: [&'static str; 4],
    rows: Vec<AnyView>,
    none: &'static str,
) -> impl IntoView {
    let head = |head: &'static str| match head {
        // A column of remarks has no name of its own.
        "" => view! { <th scope="col"><span class="visually-hidden">"Remark"</span></th> }.into_any(),
        head => view! { <th scope="col">{head}</th> }.into_any(),
    };
    view! {
        <section class="section">
            <h2>{title}</h2>
            {if rows.is_empty() {
                view! { <p class="muted">{none}</p> }.into_any()
            } else {
                view! {
                    <TableFrame caption=title>
                        <table class="table stacks">
                            <thead><tr>{heads.into_iter().map(head).collect::<Vec<_>>()}</tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </TableFrame>
                }
                .into_any()
            }}
        </section>
    }
}

/// A pipeline to make others from.
#[component]
pub fn TemplatePage(workspace: WorkspaceId, id: PipelineId) -> impl IntoView {
    let question = GetPipelineTemplate::of(workspace.clone(), id.clone());
    let query = query(move || question.clone());
    page(
        "Template",
        id.to_string(),
        query,
        |template| &template.name,
        false.into(),
        move |found| {
            let workspace = workspace.clone();
            let facts = move || {
                let template = found.with(|found| found.value.clone());
                let from = template.experiment_id.map(|id| {
                let label = id.to_string();
                let part = WorkspaceRoute::Pipeline(PipelinePart::Experiment, id);
                let workspace = workspace.clone();
                view! { <Fact name="Made from"><PartLink workspace=workspace part=part label=label/></Fact> }
            });
                view! {
                    <Facts>
                        {template.description.filter(|text| !text.is_empty()).map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
                        <Fact name="Id"><Identifier value=template.id.to_string() length=40/></Fact>
                        {template.version.map(|version| view! { <Fact name="Version"><bdi>{version}</bdi></Fact> })}
                        {from}
                        {template.entity_status.map(|status| view! { <Fact name="Status"><bdi>{status}</bdi></Fact> })}
                        {template.created_date.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                    </Facts>
                }
            };
            view! { {facts}<WholeDocument found=found/> }.into_any()
        },
    )
}

/// Data that a pipeline reads.
#[component]
pub fn DataSourcePage(workspace: WorkspaceId, id: PipelineId) -> impl IntoView {
    let question = GetPipelineDataSource::of(workspace.clone(), id.clone());
    let query = query(move || question.clone());
    page(
        "Data source",
        id.to_string(),
        query,
        |source| &source.name,
        false.into(),
        move |found| {
            let workspace = workspace.clone();
            let facts = move || {
                let source = found.with(|found| found.value.clone());
                let workspace = workspace.clone();
                view! {
                    <Facts>
                        {source.description.filter(|text| !text.is_empty()).map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })}
                        <Fact name="Id"><Identifier value=source.id.to_string() length=40/></Fact>
                        {source.data_type_id.map(|kind| view! { <Fact name="Type"><bdi>{kind}</bdi></Fact> })}
                        <Location location=source.data_location workspace=workspace/>
                        {source.entity_status.map(|status| view! { <Fact name="Status"><bdi>{status}</bdi></Fact> })}
                        {source.created_date.map(|time| view! { <Fact name="Created"><Moment time=time/></Fact> })}
                    </Facts>
                }
            };
            view! { {facts}<WholeDocument found=found/> }.into_any()
        },
    )
}

/// Where files are. What would open them was never kept.
#[component]
fn Location(location: Option<DataLocation>, workspace: WorkspaceId) -> impl IntoView {
    let location = location?;
    let path = location.path().map(str::to_owned);
    let store = location.datastore().map(|name| {
        let label = name.to_string();
        view! { <Fact name="Datastore"><PartLink workspace=workspace part=WorkspaceRoute::Datastore(name) label=label/></Fact> }
    });
    Some(view! {
        {location.storage_type.map(|kind| view! { <Fact name="Storage"><bdi>{kind}</bdi></Fact> })}
        {location.storage_id.map(|id| view! { <Fact name="Storage id"><Identifier value=id length=24/></Fact> })}
        {store}
        {path.map(|path| view! { <Fact name="Path"><bdi class="code">{path}</bdi></Fact> })}
        {location.uri.map(|uri| view! { <Fact name="Address"><Identifier value=uri length=60/></Fact> })}
    })
}

/// All of it, as it came.
#[component]
fn WholeDocument<T: Answer>(found: Shown<Described<T>>) -> impl IntoView {
    let text = Memo::new(move |_| {
        found.with(|found| serde_json::to_string_pretty(&found.document).unwrap_or_default())
    });
    view! {
        <details class="folded">
            <summary>"All of it, as JSON"</summary>
            <div class="stack tight">
                <div><CopyButton text=text label="Copy the JSON"/></div>
                <pre class="log" role="region" aria-label="JSON" tabindex="0">{text}</pre>
            </div>
        </details>
    }
}

/// A text as it is, anything else as JSON.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
