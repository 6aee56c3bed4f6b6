//! Runs as documents: made once, then shown as they are at a time.

use std::sync::OnceLock;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::checksum::fraction;
use crate::checksum::guid;
use crate::computes::status_tag;
use crate::errors::{run_error, sample};
use crate::run_progress::{Board, Ending, node_limit};
use crate::state::{Experiment, Run, Work, Workspace, text};
use crate::times::stamp;

/// What a new run's document is made from.
pub struct NewRun<'a> {
    pub id: &'a str,
    pub number: usize,
    pub created: OffsetDateTime,
    pub created_by: Value,
    pub target: &'a str,
    pub script: &'a str,
    pub parent: Option<&'a str>,
}

/// The document of a new run; `history` is the address of run history's host.
pub fn document(new: &NewRun<'_>, workspace: &Value, experiment: &Value, history: &str) -> Value {
    // A world has many runs: the example is read once.
    static EXAMPLE: OnceLock<Value> = OnceLock::new();
    let read = || sample(include_str!("../samples/history_run_get_running.json"));
    let mut run = EXAMPLE.get_or_init(read).clone();
    let link = format!(
        "{history}/execution/v1.0{}/experiments/{}/runId/{}",
        text(workspace, "id"),
        text(experiment, "name"),
        new.id
    );
    run["runNumber"] = new.number.into();
    run["runId"] = new.id.into();
    run["rootRunId"] = new.parent.unwrap_or(new.id).into();
    run["parentRunId"] = new.parent.into();
    run["experimentId"] = experiment["experimentId"].clone();
    run["createdUtc"] = stamp(new.created).into();
    run["userId"] = new.created_by["userObjectId"].clone();
    run["createdBy"] = new.created_by.clone();
    run["warnings"] = Value::Null;
    run["revision"] = 1.into();
    run["status"] = "NotStarted".into();
    run["startTimeUtc"] = Value::Null;
    run["dataContainerId"] = format!("dcid.{}", new.id).into();
    run["properties"]["ContentSnapshotId"] = snapshot(new.id).into();
    run["scriptName"] = new.script.into();
    run["target"] = new.target.into();
    run["tags"] = json!({});
    run["cancelUri"] = format!("{link}/cancel").into();
    run["diagnosticsUri"] = format!("{link}/diagnostics").into();
    run
}

/// The id of what a run's project was stored as.
pub fn snapshot(run: &str) -> String {
    guid(&format!("snapshot of {run}"))
}

/// The document of an experiment.
pub fn experiment_document(name: &str, workspace: &Value, created: OffsetDateTime) -> Value {
    let mut experiment = sample(include_str!("../samples/history_experiment_get.json"));
    experiment["experimentId"] = guid(&format!("experiment {name} of {}", text(workspace, "id"))).into();
    experiment["name"] = name.into();
    experiment["createdUtc"] = stamp(created).into();
    experiment["latestCreatedRunCreatedUtc"] = Value::Null;
    experiment["latestCreatedRunId"] = Value::Null;
    experiment
}

/// Why a run has no nodes yet. Guess: codes, words, and that it is looked at twice a minute.
fn queueing_info(workspace: &Workspace, board: &Board, target: &str) -> Value {
    let limit = workspace.compute(target).map_or(0, node_limit);
    let working = board.load(target).working;
    let (code, message) = if working >= limit {
        ("NodesBusy", format!("All {limit} nodes of {target} are in use. The run waits for its turn."))
    } else {
        ("NodesStarting", format!("{target} makes nodes ready: {working} of at most {limit} are in use."))
    };
    let refreshed = board.now().unix_timestamp().div_euclid(30) * 30;
    let refreshed = OffsetDateTime::from_unix_timestamp(refreshed).map(stamp).ok();
    json!({ "code": code, "message": message, "lastRefreshTimestamp": refreshed })
}

impl Experiment {
    /// Takes a run in, and remembers it as the latest.
    pub fn add(&mut self, run: Run) {
        self.document["latestCreatedRunId"] = run.document["runId"].clone();
        self.document["latestCreatedRunCreatedUtc"] = run.document["createdUtc"].clone();
        self.runs.push(run);
    }
}

impl Run {
    /// The run as it is at the board's time.
    pub fn document_now(&self, workspace: &Workspace, board: &Board) -> Value {
        let mut document = self.document.clone();
        let Some(course) = &self.course else { return document };
        let moment = board.moment(self);
        document["status"] = moment.status.as_str().into();
        document["startTimeUtc"] = moment.started.map(stamp).into();
        document["endTimeUtc"] = moment.ended.map(stamp).into();
        let revision = document["revision"].as_u64().unwrap_or_default();
        document["revision"] = (revision + moment.steps.len() as u64).into();
        if let (Ending::Failed(reason), "Failed", Some(ended)) =
            (&course.ending, moment.status.as_str(), moment.ended)
        {
            document["error"] = run_error(self.id(), ended, reason);
        }
        let after_start = !matches!(moment.status.as_str(), "NotStarted" | "Starting");
        if after_start && let Some(tag) = status_tag(workspace, board, text(&self.document, "target")) {
            document["tags"]["_aml_system_ComputeTargetStatus"] = tag;
        }
        if moment.status == "Queued" {
            document["queueingInfo"] = queueing_info(workspace, board, text(&self.document, "target"));
        }
        document
    }

    /// How much of its work a run has done that is as its document says.
    pub fn settled_work(&self) -> f64 {
        match (text(&self.document, "status"), &self.work) {
            ("Completed" | "Finalizing", _) => 1.0,
            ("Failed", Work::Training { diverges: true, .. } | Work::Sorting { diverges: true, .. }) => 1.0,
            ("Failed", _) => 0.0,
            // A share that is the same for every start.
            _ if self.document["startTimeUtc"].is_string() => 0.1 + 0.6 * fraction(self.id()),
            _ => 0.0,
        }
    }

    /// Stops the clock: from now on the run is as its document says.
    pub fn settle(&mut self, document: Value) {
        self.document = document;
        self.course = None;
    }
}
