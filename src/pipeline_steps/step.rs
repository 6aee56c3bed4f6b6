//! A step of a pipeline run, put together from what three services know: the graph, the state of its nodes, and the
//! step's run in run history.

use std::collections::BTreeMap;

use azimuth_api::{
    NodeStatus, PipelineGraph, PipelineId, PipelineState, Run, RunId, RunPhase, RunStatus, Timestamp,
};

use crate::components::badge::StatusKind;
use crate::components::run_status_badge::kind_of_status;

/// A step, or data that steps read.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its id in the graph; the run's where there is no graph.
    pub id: String,
    pub name: String,
    /// A text for people.
    pub about: Option<String>,
    pub kind: StepKind,
    /// None where nothing is known of it.
    pub state: Option<StepState>,
    /// When it began and when it was over, in milliseconds since 1970.
    pub span: Option<(i64, Option<i64>)>,
    /// Its run, once there is one.
    pub run: Option<RunId>,
    /// The pipeline run whose results were taken, where it did not run again.
    pub reused: Option<Reused>,
    /// Whether it was warned of something.
    pub warned: bool,
    /// The places in the list of what it reads.
    pub reads: Vec<usize>,
}

/// What a node of the graph is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It runs a module.
    Module(Option<PipelineId>),
    /// It is data.
    Data(Option<PipelineId>),
}

/// How a step is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepState {
    pub kind: StatusKind,
    pub plain: String,
    pub word: String,
    /// Why it failed, in the service's words.
    pub detail: Option<String>,
}

/// Where results come from that were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reused {
    pub pipeline_run: Option<PipelineId>,
}

/// The names of modules and data sources, as far as they are known.
pub type Names = BTreeMap<PipelineId, String>;

/// The steps of a graph and then its data, as the graph has them; without a graph the runs of the steps.
pub fn steps(
    graph: Option<&PipelineGraph>,
    statuses: Option<&BTreeMap<String, NodeStatus>>,
    runs: &[Run],
    names: &Names,
) -> Vec<Step> {
    let Some(graph) = graph else { return runs.iter().map(of_run).collect() };
    let name_of =
        |id: &Option<PipelineId>| id.as_ref().and_then(|id| names.get(id)).filter(|name| !name.is_empty());
    let modules = graph.module_nodes.iter().map(|node| {
        let status = statuses.and_then(|statuses| statuses.get(&node.id));
        let run = runs.iter().find(|run| is_run_of(run, &node.id, status));
        let comment = node.comment.clone().filter(|comment| !comment.is_empty());
        let own_name =
            run.and_then(|run| run.label()).or_else(|| name_of(&node.module_id).map(String::as_str));
        let name = own_name.or(comment.as_deref()).unwrap_or(&node.id).to_owned();
        let reused = reused(status, run);
        Step {
            id: node.id.clone(),
            about: comment.filter(|comment| *comment != name),
            kind: StepKind::Module(node.module_id.clone()),
            state: status.map(state_of_node).or_else(|| run.map(state_of_run)),
            // What was taken from another run took no time here.
            span: if reused.is_some() {
                None
            } else {
                status.and_then(span_of_node).or_else(|| span_of_run(run?))
            },
            run: status.and_then(|status| status.run_id.clone()).or_else(|| Some(run?.run_id.clone())),
            warned: status.is_some_and(|status| status.has_warnings),
            reused,
            name,
            reads: Vec::new(),
        }
    });
    let data = graph.dataset_nodes.iter().map(|node| {
        let own_name = name_of(&node.dataset_id).cloned();
        Step {
            id: node.id.clone(),
            name: own_name
                .or_else(|| node.data_path_parameter_name.clone())
                .unwrap_or_else(|| node.id.clone()),
            about: None,
            kind: StepKind::Data(node.dataset_id.clone()),
            state: None,
            span: None,
            run: None,
            reused: None,
            warned: false,
            reads: Vec::new(),
        }
    });
    let mut steps: Vec<Step> = modules.chain(data).collect();
    for (from, to) in arrows(graph) {
        if !steps[to].reads.contains(&from) {
            steps[to].reads.push(from);
        }
    }
    steps
}

/// From which step to which, by their places in the list of [`steps`].
pub fn arrows(graph: &PipelineGraph) -> Vec<(usize, usize)> {
    let ids = graph.module_nodes.iter().map(|node| node.id.as_str());
    let ids = ids.chain(graph.dataset_nodes.iter().map(|node| node.id.as_str()));
    let places: BTreeMap<&str, usize> = ids.enumerate().map(|(place, id)| (id, place)).collect();
    let place = |id: &Option<String>| places.get(id.as_deref()?).copied();
    let edges = graph.edges.iter();
    // An edge of a port of the graph itself has no node at one end.
    edges
        .filter_map(|edge| {
            Some((place(&edge.source_output_port.node_id)?, place(&edge.destination_input_port.node_id)?))
        })
        .collect()
}

/// The property of a step's run that names its node.
const NODE_ID: &str = "azureml.nodeid";

fn is_run_of(run: &Run, node: &str, status: Option<&NodeStatus>) -> bool {
    match status.and_then(|status| status.run_id.as_ref()) {
        Some(id) => run.run_id == *id,
        None => run.properties.get(NODE_ID).is_some_and(|id| id == node),
    }
}

fn of_run(run: &Run) -> Step {
    let module = run.properties.get("azureml.moduleid").map(|id| PipelineId::from(id.as_str()));
    let reused = reused(None, Some(run));
    Step {
        id: run.run_id.to_string(),
        name: run.label().unwrap_or(run.run_id.as_str()).to_owned(),
        about: run.description.clone().filter(|text| !text.is_empty()),
        kind: StepKind::Module(module),
        state: Some(state_of_run(run)),
        span: if reused.is_some() { None } else { span_of_run(run) },
        run: Some(run.run_id.clone()),
        reused,
        warned: !run.warnings.is_empty(),
        reads: Vec::new(),
    }
}

fn reused(status: Option<&NodeStatus>, run: Option<&Run>) -> Option<Reused> {
    if let Some(info) = status.and_then(|status| status.reuse_info.as_ref()) {
        return Some(Reused { pipeline_run: info.pipeline_run_id.clone() });
    }
    let properties = &run?.properties;
    let is_reused = properties.get("azureml.isreused").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    is_reused.then(|| Reused {
        pipeline_run: properties.get("azureml.reusedpipelinerunid").map(|id| id.as_str().into()),
    })
}

fn state_of_node(status: &NodeStatus) -> StepState {
    let detail = status.status_detail.clone().filter(|detail| !detail.is_empty());
    let state = &status.status_code;
    StepState {
        kind: kind_of_state(state),
        plain: state.plain().to_owned(),
        word: state.word().to_owned(),
        // The service has words for other states too, which say no more than the state.
        detail: detail.filter(|_| *state == PipelineState::Failed),
    }
}

/// What a state means to the person looking at it.
pub fn kind_of_state(state: &PipelineState) -> StatusKind {
    match state.phase() {
        // A step that was not reached yet, or never will be, is nothing to wait for.
        _ if *state == PipelineState::NotStarted => StatusKind::Neutral,
        RunPhase::Waiting | RunPhase::Unclear => StatusKind::Waiting,
        RunPhase::Working => StatusKind::Working,
        RunPhase::Done => StatusKind::Good,
        RunPhase::Failed => StatusKind::Bad,
        RunPhase::Stopped => StatusKind::Neutral,
    }
}

fn state_of_run(run: &Run) -> StepState {
    let detail = run.failure().map(|failure| failure.message);
    StepState {
        kind: kind_of_status(&run.status),
        plain: run.status.plain().to_owned(),
        word: run.status.word().to_owned(),
        detail: detail.filter(|_| run.status == RunStatus::Failed),
    }
}

fn span_of_node(status: &NodeStatus) -> Option<(i64, Option<i64>)> {
    span(
        status.start_time?.unix_milliseconds(),
        status.end_time.map(Timestamp::unix_milliseconds),
        status.status_code.is_finished(),
    )
}

fn span_of_run(run: &Run) -> Option<(i64, Option<i64>)> {
    let end = run.end_time_utc.map(Timestamp::unix_milliseconds);
    span(run.start_time_utc?.unix_milliseconds(), end, run.status.is_finished())
}

/// What is over without a known end lasted nobody knows how long.
fn span(start: i64, end: Option<i64>, is_finished: bool) -> Option<(i64, Option<i64>)> {
    match end {
        Some(end) => Some((start, Some(end))),
        None => (!is_finished).then_some((start, None)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn graph() -> PipelineGraph {
        let edge = |from: Value, to: &str| json!({ "SourceOutputPort": { "NodeId": from }, "DestinationInputPort": { "NodeId": to } });
        serde_json::from_value(json!({
            "Id": "g",
            "ModuleNodes": [
                { "Id": "a", "ModuleId": "m1", "Comment": "Cleans" },
                { "Id": "b", "ModuleId": "m2", "Comment": null },
                { "Id": "c", "ModuleId": "m3", "Comment": "Only a comment" },
            ],
            "DatasetNodes": [{ "Id": "d", "DatasetId": "s1" }],
            "Edges": [edge(json!("d"), "a"), edge(json!("a"), "b"), edge(json!("a"), "b"), edge(Value::Null, "b")],
        }))
        .unwrap()
    }

    fn run(id: &str, status: &str, more: Value) -> Run {
        let mut run = json!({ "runId": id, "status": status });
        run.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(run).unwrap()
    }

    fn names() -> Names {
        [("m1", "clean.py"), ("m2", "train.py"), ("s1", "sales")]
            .map(|(id, name)| (id.into(), name.to_owned()))
            .into()
    }

    #[test]
    fn a_step_is_named_by_its_run_then_its_module_then_its_comment() {
        let runs =
            [run("r1", "Completed", json!({ "name": "clean", "properties": { "azureml.nodeid": "a" } }))];
        let all = steps(Some(&graph()), None, &runs, &names());
        let found: Vec<_> = all.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(found, ["clean", "train.py", "Only a comment", "sales"]);
        let bare = steps(Some(&graph()), None, &[], &Names::new());
        let found: Vec<_> = bare.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(found, ["Cleans", "b", "Only a comment", "d"]);
        assert_eq!((all[0].about.as_deref(), bare[0].about.as_deref()), (Some("Cleans"), None));
    }

    #[test]
    fn a_step_reads_each_thing_once_and_no_port_of_the_graph() {
        let all = steps(Some(&graph()), None, &[], &names());
        let reads: Vec<_> = all.iter().map(|step| step.reads.clone()).collect();
        assert_eq!(reads, [vec![3], vec![0], vec![], vec![]]);
    }

    #[test]
    fn the_node_says_how_a_step_is_and_its_run_where_the_node_says_nothing() {
        let statuses: BTreeMap<String, NodeStatus> = serde_json::from_value(json!({
            "a": { "StatusCode": "Failed", "StatusDetail": "no memory", "RunId": "r1",
                   "StartTime": "2020-01-22T10:00:00Z", "EndTime": "2020-01-22T10:00:02Z" },
        }))
        .unwrap();
        let runs = [
            // The node names another run than the property: the node counts.
            run("r0", "Completed", json!({ "properties": { "azureml.nodeid": "a" } })),
            run("r1", "Running", json!({ "name": "the node's" })),
            run(
                "r2",
                "Running",
                json!({ "properties": { "azureml.nodeid": "b" }, "startTimeUtc": "2020-01-22T10:00:00Z" }),
            ),
        ];
        let all = steps(Some(&graph()), Some(&statuses), &runs, &names());
        let state = all[0].state.clone().unwrap();
        assert_eq!(
            (state.kind, state.word.as_str(), state.detail.as_deref()),
            (StatusKind::Bad, "Failed", Some("no memory"))
        );
        assert_eq!((all[0].run.clone(), all[0].name.as_str()), (Some("r1".into()), "the node's"));
        assert_eq!(all[0].span.map(|(start, end)| end.unwrap() - start), Some(2_000));
        assert_eq!(all[1].state.as_ref().map(|state| state.word.as_str()), Some("Running"));
        assert_eq!((all[1].run.clone(), all[1].span.map(|span| span.1)), (Some("r2".into()), Some(None)));
        assert_eq!((all[2].state.clone(), all[2].run.clone()), (None, None));
    }

    #[test]
    fn a_step_that_was_reused_took_no_time_here() {
        let properties =
            json!({ "azureml.nodeid": "a", "azureml.isreused": "True", "azureml.reusedpipelinerunid": "p0" });
        let taken = run(
            "r1",
            "Completed",
            json!({ "properties": properties, "startTimeUtc": "2020-01-22T10:00:00Z", "endTimeUtc": "2020-01-22T10:00:02Z" }),
        );
        for all in [
            steps(Some(&graph()), None, std::slice::from_ref(&taken), &names()),
            steps(None, None, &[taken], &names()),
        ] {
            assert_eq!(all[0].reused, Some(Reused { pipeline_run: Some("p0".into()) }));
            assert_eq!(all[0].span, None);
        }
    }

    #[test]
    fn without_a_graph_the_runs_of_the_steps_are_the_list() {
        let runs = [run(
            "r1",
            "Failed",
            json!({ "error": { "error": { "code": "UserError", "message": "no file" } } }),
        )];
        let all = steps(None, None, &runs, &Names::new());
        assert_eq!((all[0].name.as_str(), all[0].run.clone()), ("r1", Some("r1".into())));
        assert_eq!(all[0].state.as_ref().and_then(|state| state.detail.as_deref()), Some("no file"));
    }
}
