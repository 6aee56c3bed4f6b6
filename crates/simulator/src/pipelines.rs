//! Pipelines: their runs, graphs, modules, templates and data sources, one at a time.

use http::Method;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors;
use crate::history::Scope;
use crate::run_progress::Board;
use crate::simulator::Simulator;
use crate::state::{Run, Workspace, text};

/// What a workspace's pipelines are made of, as the service would return it.
#[derive(Default)]
pub struct Pipelines {
    pub runs: Vec<Value>,
    pub graphs: Vec<Value>,
    pub modules: Vec<Value>,
    pub templates: Vec<Value>,
    pub data_sources: Vec<Value>,
}

impl Pipelines {
    /// The documents of a kind, by the segment of the address.
    fn kind(&self, segment: &str) -> Option<&[Value]> {
        Some(match segment {
            // Later clients say `PipelineRuns`.
            "experiments" | "pipelineruns" => &self.runs,
            "graphs" => &self.graphs,
            "modules" => &self.modules,
            "templates" => &self.templates,
            "datasources" => &self.data_sources,
            _ => return None,
        })
    }
}

impl Simulator {
    /// The host of its own: `/api`, and the regional host's prefix too.
    pub(crate) fn pipelines_host(&mut self, call: &Call<'_>) -> Outcome {
        match call.path().as_slice() {
            ["api" | "pipelines", "v1.0", rest @ ..] => self.pipelines(call, rest),
            _ => Err(no_such_path(call)),
        }
    }

    /// What follows the version.
    pub(crate) fn pipelines(&mut self, call: &Call<'_>, path: &[&str]) -> Outcome {
        self.data_plane_claims(call)
            .map_err(|reason| errors::pipelines(call, 401, "Unauthorized", reason))?;
        let (scope, path) = Scope::split(path).ok_or_else(|| no_such_path(call))?;
        let workspace = self.at(scope).ok_or_else(|| {
            // Guess: the wording.
            let message = format!("Workspace {} was not found", scope.workspace);
            errors::pipelines(call, 404, "NotFound", &message)
        })?;
        let lower: Vec<String> = path.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let [kind, _, below @ ..] = lower.as_slice() else { return Err(no_such_path(call)) };
        let documents = workspace.pipelines.kind(kind).ok_or_else(|| no_such_path(call))?;
        let id = path[1];
        let document = documents.iter().find(|document| text(document, "Id").eq_ignore_ascii_case(id));
        let document = document.ok_or_else(|| {
            // Guess: the wording.
            errors::pipelines(call, 404, "NotFound", &format!("{} {id} was not found", path[0]))
        })?;
        if let (&Method::DELETE, "experiments" | "pipelineruns", ["execution"]) = (call.method, *kind, below)
        {
            let id = text(document, "Id").to_owned();
            return self.cancel_pipeline_run(call, scope, &id);
        }
        let board = Board::new(workspace, self.speed, call.now);
        match (call.method, *kind, below) {
            (&Method::GET, "experiments" | "pipelineruns", []) => {
                Ok(Answer::json(200, &run_now(workspace, &board, document)))
            }
            (
                &Method::POST,
                "experiments" | "pipelineruns",
                ["graph", "allnodes", "status"] | ["graph", "nodes", "status"],
            ) => Ok(Answer::json(200, &node_statuses(workspace, &board, document))),
            (&Method::GET, _, []) => Ok(Answer::json(200, document)),
            (_, _, [] | ["graph", ..] | ["execution"]) => {
                let message = format!("The path does not support {}.", call.method);
                Err(errors::pipelines(call, 405, "MethodNotAllowed", &message))
            }
            _ => Err(no_such_path(call)),
        }
    }
}

impl Simulator {
    /// Guess: an empty answer, and that a run which is over is refused.
    fn cancel_pipeline_run(&mut self, call: &Call<'_>, scope: Scope<'_>, id: &str) -> Outcome {
        let experiment = self.at(scope).and_then(|workspace| {
            let mut experiments = workspace.experiments.iter();
            experiments.find(|experiment| experiment.runs.find(id).is_some())
        });
        let Some(experiment) = experiment.map(|experiment| text(&experiment.document, "name").to_owned())
        else {
            return Err(errors::pipelines(call, 404, "NotFound", &format!("Experiments {id} was not found")));
        };
        self.cancel_with_parts(call, scope, &experiment, id).map_err(|status| {
            let message = format!("Pipeline run {id} is {status} and can not be cancelled.");
            errors::pipelines(call, 400, "PipelineRunIsOver", &message)
        })?;
        Ok(Answer::empty(200))
    }
}

/// The pipeline run with the state that run history has for it.
fn run_now(workspace: &Workspace, board: &Board, document: &Value) -> Value {
    let mut document = document.clone();
    let Some(run) = workspace.run(text(&document, "Id")) else { return document };
    let now = run.document_now(workspace, board);
    document["Status"] = status(&now);
    document["HasErrors"] = (now["status"] == "Failed").into();
    document
}

fn node_statuses(workspace: &Workspace, board: &Board, document: &Value) -> Value {
    let id = text(document, "Id");
    let graph = workspace.pipelines.graphs.iter().find(|graph| graph["Id"] == document["GraphId"]);
    let nodes = graph.into_iter().flat_map(|graph| graph["ModuleNodes"].as_array().into_iter().flatten());
    let steps = workspace.experiments.iter().flat_map(|experiment| experiment.runs.kept());
    let steps: Vec<&Run> = steps.filter(|run| run.document["parentRunId"] == id).collect();
    let node_status = |node: &Value| {
        let step = steps.iter().find(|step| step.document["properties"]["azureml.nodeid"] == node["Id"]);
        // Guess: that a node whose step never came is told like this.
        let Some(step) = step else { return json!({ "StatusCode": "NotStarted", "RunId": null }) };
        let now = step.document_now(workspace, board);
        let mut status = status(&now);
        let properties = &now["properties"];
        status["ScheduleTime"] = utc(&now["createdUtc"]);
        status["StartTime"] = utc(&now["startTimeUtc"]);
        status["RequestId"] = properties["ContentSnapshotId"].clone();
        status["RunId"] = now["runId"].clone();
        status["RealTimeLogPath"] = Value::Null;
        status["HasWarnings"] = now["warnings"].is_array().into();
        status["ReuseInfo"] = match properties["azureml.isreused"] == "true" {
            false => Value::Null,
            true => json!({
                "PipelineRunId": properties["azureml.reusedpipelinerunid"],
                "NodeId": properties["azureml.reusednodeid"],
                "RunId": properties["azureml.reusedrunid"],
                "NodeStartTime": utc(&now["startTimeUtc"]),
                "NodeEndTime": utc(&now["endTimeUtc"]),
            }),
        };
        status
    };
    let statuses: Map<String, Value> =
        nodes.map(|node| (text(node, "Id").to_owned(), node_status(node))).collect();
    Value::Object(statuses)
}

/// A run's state in this service's words.
fn status(run: &Value) -> Value {
    let code = match text(run, "status") {
        "NotStarted" | "Starting" => "NotStarted",
        "Provisioning" | "Preparing" | "Queued" => "Queued",
        "Completed" => "Finished",
        "Failed" => "Failed",
        "Canceled" => "Canceled",
        _ => "Running",
    };
    json!({
        "StatusCode": code,
        "StatusDetail": run["error"]["error"]["message"],
        "CreationTime": utc(&run["createdUtc"]),
        "EndTime": utc(&run["endTimeUtc"]),
    })
}

/// A time of run history in this service's form.
fn utc(time: &Value) -> Value {
    time.as_str().map(|time| time.replace("+00:00", "Z")).into()
}

fn no_such_path(call: &Call<'_>) -> Answer {
    errors::pipelines(call, 404, "NotFound", "The requested path was not found.")
}
