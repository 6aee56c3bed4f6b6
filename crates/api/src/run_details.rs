//! What belongs to runs and is asked for beside them: their children, their events, who runs on a compute, how many
//! there are.

use serde::Deserialize;
use serde_json::Value;

use crate::experiments::history;
use crate::tolerant::null_as_default;
use crate::{
    Address, ComputeName, Experiment, ExperimentName, Operation, Page, Paged, Path, Query, RegionalService,
    Run, RunFilter, RunId, RunStatus, Service, Timestamp, WorkspaceId, timestamp,
};

fn address(workspace: &WorkspaceId, path: Path, query: Query) -> Address {
    Address::Path(Service::Regional(workspace.clone(), RegionalService::History), path, query)
}

/// A list of run history that is only asked for with `GET`.
fn list_query(filter: &RunFilter, order: &str, top: Option<u32>, next: Option<&String>) -> Query {
    Query::new()
        .maybe("$filter", filter.expression())
        .with("$orderby", order)
        .maybe("$top", top)
        .maybe("$continuationtoken", next)
}

/// `GET …/history/v1.0/…/runs/{run}`: a run whose experiment is not known, as the published client asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct GetRunById {
    /// Where.
    pub workspace: WorkspaceId,
    /// Which one.
    pub run: RunId,
}

impl Operation for GetRunById {
    type Output = Run;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["runs", self.run.as_str()]);
        address(&self.workspace, path, Query::new())
    }
}

/// `GET …/experimentids/{id}` ([reference]): the experiment that a run names by its id.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetExperimentById {
    /// Where.
    pub workspace: WorkspaceId,
    /// Its id, not its name.
    pub experiment_id: String,
}

impl Operation for GetExperimentById {
    type Output = Experiment;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["experimentids", &self.experiment_id]);
        address(&self.workspace, path, Query::new())
    }
}

/// `GET …/experiments/{experiment}/runs/{run}/children` ([reference]): trials, steps and other parts of a run.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListChildRuns {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Whose.
    pub run: RunId,
    /// At most so many in a page.
    pub top: Option<u32>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl ListChildRuns {
    /// All of a run, the oldest first.
    pub fn of(workspace: WorkspaceId, experiment: ExperimentName, run: RunId) -> Self {
        Self { workspace, experiment, run, top: None, next: None }
    }
}

impl Operation for ListChildRuns {
    type Output = Page<Run>;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join([
            "experiments",
            self.experiment.as_str(),
            "runs",
            self.run.as_str(),
            "children",
        ]);
        // What is already loaded keeps its place while trials are added at the end.
        let query = list_query(&RunFilter::default(), "CreatedUtc asc", self.top, self.next.as_ref());
        address(&self.workspace, path, query)
    }
}

impl Paged for ListChildRuns {
    type Item = Run;

    fn after(&self, page: &Page<Run>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/experiments/{experiment}/runs/{run}/events`: what happened to a run, as the published client asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListRunEvents {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Whose.
    pub run: RunId,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl Operation for ListRunEvents {
    type Output = Page<RunEvent>;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join([
            "experiments",
            self.experiment.as_str(),
            "runs",
            self.run.as_str(),
            "events",
        ]);
        let query = Query::new().maybe("$continuationtoken", self.next.as_ref());
        address(&self.workspace, path, query)
    }
}

impl Paged for ListRunEvents {
    type Item = RunEvent;

    fn after(&self, page: &Page<RunEvent>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/computes/{compute}/runs`: the runs of all experiments on a compute, as the published client asks for them.
#[derive(Clone, Debug, PartialEq)]
pub struct ListComputeRuns {
    /// Where.
    pub workspace: WorkspaceId,
    /// On which compute.
    pub compute: ComputeName,
    /// Which ones.
    pub filter: RunFilter,
    /// At most so many in a page.
    pub top: Option<u32>,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

impl ListComputeRuns {
    /// Those that are not over, the newest first.
    pub fn unfinished_on(workspace: WorkspaceId, compute: ComputeName) -> Self {
        let filter = RunFilter { statuses: RunStatus::UNFINISHED.to_vec(), ..RunFilter::default() };
        Self { workspace, compute, filter, top: None, next: None }
    }
}

impl Operation for ListComputeRuns {
    type Output = Page<Run>;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["computes", self.compute.as_str(), "runs"]);
        let query = list_query(&self.filter, "CreatedUtc desc", self.top, self.next.as_ref());
        address(&self.workspace, path, query)
    }
}

impl Paged for ListComputeRuns {
    type Item = Run;

    fn after(&self, page: &Page<Run>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// Something that happened to a run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEvent {
    /// When.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub timestamp: Option<Timestamp>,
    /// `Microsoft.MachineLearning.Run.Start` and others; see [`RunEvent::kind`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub name: String,
    /// What the service says of it. No description is public.
    #[serde(default)]
    pub data: Value,
}

impl RunEvent {
    /// The last word of its name: `Start`, `Queued`, `Warning` and others.
    pub fn kind(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or_default()
    }

    /// The state that began with it, if one did.
    ///
    /// The published client has names for some states only, and calls the beginning of `Running` `Start`; a `status` in
    /// the data says more where it is there.
    pub fn status(&self) -> Option<RunStatus> {
        let said = ["status", "Status"].into_iter().find_map(|name| self.data.get(name)?.as_str());
        let word = match (said, self.kind()) {
            (Some(word), _) => word,
            (None, "Start") => "Running",
            (None, "Created") => "NotStarted",
            (None, kind) => kind,
        };
        let status = RunStatus::new(word);
        // What is not the name of a state tells of something else: a warning, a sign of life.
        (said.is_some() || !matches!(status, RunStatus::Other(_))).then_some(status)
    }
}

/// Why a run waits, in the service's words.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct QueueingInfo {
    /// A code; no list of them is public.
    #[serde(deserialize_with = "null_as_default")]
    pub code: String,
    /// A sentence.
    #[serde(deserialize_with = "null_as_default")]
    pub message: String,
    /// When the service looked last.
    #[serde(deserialize_with = "timestamp::tolerant")]
    pub last_refresh_timestamp: Option<Timestamp>,
}

/// Something that a run was warned of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RunWarning {
    /// Who warns.
    #[serde(deserialize_with = "null_as_default")]
    pub source: String,
    /// Of what.
    #[serde(deserialize_with = "null_as_default")]
    pub message: String,
}

/// What a run is, as far as a page shows it in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunKind {
    /// A sweep of HyperDrive: its children are trials.
    Sweep,
    /// A pipeline: its children are steps.
    Pipeline,
    /// A step of a pipeline.
    Step,
    /// Any other.
    Script,
}

impl Run {
    /// What it is: by its type, which older runs lack, or by what made it.
    pub fn kind(&self) -> RunKind {
        let source = self.properties.get("azureml.runsource").map(String::as_str);
        let words = [self.run_type.as_deref(), source];
        let is = |word: &str| words.iter().flatten().any(|known| known.eq_ignore_ascii_case(word));
        if is("hyperdrive") {
            RunKind::Sweep
        } else if is("azureml.PipelineRun") {
            RunKind::Pipeline
        } else if is("azureml.StepRun") {
            RunKind::Step
        } else {
            RunKind::Script
        }
    }

    /// Whether a step took over what an earlier one had done.
    pub fn is_reused(&self) -> bool {
        self.properties.get("azureml.isreused").is_some_and(|word| word.eq_ignore_ascii_case("true"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(text: &str) -> RunEvent {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_event_tells_which_state_began() {
        let posted = event(include_str!("../../simulator/samples/history_run_event_post_request.json"));
        assert_eq!(posted.status(), Some(RunStatus::Canceled));
        assert!(posted.timestamp.is_some());
        let named = |name: &str| event(&format!(r#"{{"name":"Microsoft.MachineLearning.Run.{name}"}}"#));
        assert_eq!(named("Start").status(), Some(RunStatus::Running));
        assert_eq!(named("Queued").status(), Some(RunStatus::Queued));
        for other in ["Warning", "Error", "Heartbeat", "QueueingInfo"] {
            assert_eq!(named(other).status(), None, "{other}");
        }
        let said = event(r#"{"name":"Something","data":{"Status":"Hibernating"}}"#);
        assert_eq!(said.status(), Some(RunStatus::Other("Hibernating".to_owned())));
    }

    #[test]
    fn an_event_of_any_shape_is_read() {
        let odd = event(r#"{"name":null,"timestamp":"soon","data":["a"]}"#);
        assert_eq!((odd.kind(), odd.timestamp, odd.status()), ("", None, None));
    }

    #[test]
    fn older_runs_are_known_by_what_made_them() {
        let kind = |text: &str| serde_json::from_str::<Run>(text).unwrap().kind();
        assert_eq!(kind(r#"{"runId":"r","status":"Running","runType":"hyperdrive"}"#), RunKind::Sweep);
        let old =
            r#"{"runId":"r","status":"Running","properties":{"azureml.runsource":"azureml.PipelineRun"}}"#;
        assert_eq!(kind(old), RunKind::Pipeline);
        assert_eq!(kind(r#"{"runId":"r","status":"Running"}"#), RunKind::Script);
    }
}
