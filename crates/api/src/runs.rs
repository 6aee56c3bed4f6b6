//! Runs: one execution of a script, and how it is handed in.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::experiments::history;
use crate::tolerant::null_as_default;
use crate::{
    Address, Body, ExperimentName, ListForm, Operation, Page, Paged, Part, Path, Query, QueueingInfo,
    RegionalService, RunId, RunStatus, RunWarning, Service, SignedAddress, Timestamp, Upload, WorkspaceId,
    timestamp,
};

/// `POST …/experiments/{experiment}/runs:query`, or `GET …/runs` ([reference]): the runs of an experiment.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListRuns {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which ones.
    pub filter: RunFilter,
    /// In which order, in the service's words; newest first if there is none.
    pub order_by: Option<String>,
    /// At most so many in a page.
    pub top: Option<u32>,
    /// Which way to ask.
    pub form: ListForm,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

/// Which runs; what the service can filter by. All of it has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Any of these, or all where empty.
    pub statuses: Vec<RunStatus>,
    /// Of this kind, in the service's word: `azureml.PipelineRun`.
    pub kind: Option<&'static str>,
    /// On any of these computes, or on all where empty.
    pub computes: Vec<String>,
    /// With all of these tags.
    pub tags: Vec<TagFilter>,
    /// Not before.
    pub created_after: Option<Timestamp>,
    /// Not after.
    pub created_before: Option<Timestamp>,
    /// These and no others, or all where empty.
    pub runs: Vec<RunId>,
}

/// A tag that a run has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagFilter {
    /// Its name.
    pub name: String,
    /// Its value; any where there is none.
    pub value: Option<String>,
}

impl TagFilter {
    /// Whether a run has it.
    pub fn fits(&self, run: &Run) -> bool {
        let found = run.tags.get(&self.name);
        found.is_some_and(|found| self.value.as_ref().is_none_or(|value| value == found))
    }

    /// Whether the service can be asked for it.
    pub fn can_be_asked(&self) -> bool {
        RunFilter::can_be_asked(&self.name) && self.value.as_deref().is_none_or(RunFilter::can_be_asked)
    }

    fn expression(&self) -> String {
        let name = &self.name;
        match &self.value {
            Some(value) => format!("Tags/{name} eq {value}"),
            // So the published client asks whether there is one.
            None => format!("(Tags/{name} ne null or Tags/{name} eq null)"),
        }
    }
}

impl RunFilter {
    /// Whether a value can stand in a filter. Values are not quoted there, so that a space, a parenthesis or a word of
    /// the language would mean something else.
    pub fn can_be_asked(value: &str) -> bool {
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        let is_word = ["null", "and", "or", "not"].iter().any(|word| value.eq_ignore_ascii_case(word));
        !value.is_empty() && value.chars().all(is_plain) && !is_word
    }

    /// In the service's language: property names begin with a capital, values are not quoted. What cannot be asked is
    /// left out.
    pub(crate) fn expression(&self) -> Option<String> {
        let statuses = any_of("Status", self.statuses.iter().map(RunStatus::word));
        // Not every kind of run has a type, and not every one names its source; the published client asks for both.
        let kind =
            self.kind.map(|kind| format!("(RunType eq {kind} or Properties/azureml.runsource eq {kind})"));
        let computes = self.computes.iter().map(String::as_str).filter(|name| Self::can_be_asked(name));
        let created =
            |operator: &str, time: Option<Timestamp>| Some(format!("CreatedUtc {operator} {}", time?.iso()));
        let tags = self.tags.iter().filter(|tag| tag.can_be_asked()).map(TagFilter::expression);
        let conditions: Vec<String> = [statuses, kind, any_of("Target", computes)]
            .into_iter()
            .chain([created("ge", self.created_after), created("le", self.created_before)])
            .chain([any_of("RunId", self.runs.iter().map(RunId::as_str))])
            .flatten()
            .chain(tags)
            .collect();
        (!conditions.is_empty()).then(|| conditions.join(" and "))
    }
}

fn any_of<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Option<String> {
    let alternatives: Vec<String> = values.map(|value| format!("{name} eq {value}")).collect();
    (!alternatives.is_empty()).then(|| format!("({})", alternatives.join(" or ")))
}

/// Newest first: what a reader wants, and what the service does without it is not known.
const NEWEST_FIRST: &str = "CreatedUtc desc";

impl ListRuns {
    /// All of an experiment, newest first.
    pub fn of(workspace: WorkspaceId, experiment: ExperimentName) -> Self {
        Self {
            workspace,
            experiment,
            filter: RunFilter::default(),
            order_by: None,
            top: None,
            form: ListForm::default(),
            next: None,
        }
    }

    fn order(&self) -> &str {
        self.order_by.as_deref().unwrap_or(NEWEST_FIRST)
    }
}

impl Operation for ListRuns {
    type Output = Page<Run>;

    fn method(&self) -> Method {
        match self.form {
            ListForm::Query => Method::POST,
            ListForm::Get => Method::GET,
        }
    }

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["experiments", self.experiment.as_str(), "runs"]);
        let service = Service::Regional(self.workspace.clone(), RegionalService::History);
        match self.form {
            ListForm::Query => Address::Path(service, path.verb("query"), Query::new()),
            ListForm::Get => Address::Path(
                service,
                path,
                Query::new()
                    .maybe("$filter", self.filter.expression())
                    .with("$orderby", self.order())
                    .maybe("$top", self.top)
                    .maybe("$continuationtoken", self.next.as_deref()),
            ),
        }
    }

    fn body(&self) -> Body {
        match self.form {
            ListForm::Query => Body::Json(json!({
                "filter": self.filter.expression(),
                "orderBy": self.order(),
                "top": self.top,
                "continuationToken": self.next,
            })),
            ListForm::Get => Body::Empty,
        }
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ListForm::Query).then(|| Self { form: ListForm::Get, ..self.clone() })
    }
}

impl Paged for ListRuns {
    type Item = Run;

    fn after(&self, page: &Page<Run>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/experiments/{experiment}/runs/{run}` ([reference]).
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetRun {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
}

fn run_address(workspace: &WorkspaceId, experiment: &ExperimentName, run: &RunId, rest: &[&str]) -> Address {
    Address::Path(
        Service::Regional(workspace.clone(), RegionalService::History),
        history(workspace)
            .join(["experiments", experiment.as_str(), "runs", run.as_str()])
            .join(rest.iter().copied()),
        Query::new(),
    )
}

impl Operation for GetRun {
    type Output = Run;

    fn address(&self) -> Address {
        run_address(&self.workspace, &self.experiment, &self.run, &[])
    }
}

/// `GET …/experiments/{experiment}/runs/{run}/details` ([reference]): the definition. Slow, so never polled.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetRunDetails {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
}

impl Operation for GetRunDetails {
    type Output = RunDetails;

    fn address(&self) -> Address {
        run_address(&self.workspace, &self.experiment, &self.run, &["details"])
    }
}

/// `POST …/execution/v1.0/…/experiments/{experiment}/startrun?runId={run}` ([reference]): hands in a run.
///
/// The experiment is made if there is none of that name. An id that exists is answered 409.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug)]
pub struct StartRun<F> {
    /// Where.
    pub workspace: WorkspaceId,
    /// Under which name.
    pub experiment: ExperimentName,
    /// The id it shall have, made by [`RunId::new`].
    pub run: RunId,
    /// The zip with the script at its root.
    pub project_zip: F,
    /// The run definition.
    pub definition: F,
}

impl<F> Operation for StartRun<F> {
    type Output = StartedRun;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::Execution),
            Path::new(["execution", "v1.0"]).join(self.workspace.segments()).join([
                "experiments",
                self.experiment.as_str(),
                "startrun",
            ]),
            Query::new().with("runId", &self.run),
        )
    }

    fn body(&self) -> Body {
        Body::Parts
    }
}

impl<F: Clone> Upload for StartRun<F> {
    type File = F;

    fn parts(&self) -> Vec<Part<F>> {
        vec![
            Part { name: "runDefinitionFile", file_name: "definition.json", file: self.definition.clone() },
            Part { name: "projectZipFile", file_name: "project.zip", file: self.project_zip.clone() },
        ]
    }
}

/// `POST …/execution/v1.0/…/experiments/{experiment}/snapshotrun?runId={run}` ([reference]): hands in a run whose project
/// the service has already, from an earlier run.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct StartSnapshotRun {
    /// Where.
    pub workspace: WorkspaceId,
    /// Under which name.
    pub experiment: ExperimentName,
    /// The id it shall have, made by [`RunId::new`].
    pub run: RunId,
    /// The project.
    pub snapshot: String,
    /// The run definition. What it says of a snapshot itself does not count.
    pub definition: Value,
}

impl Operation for StartSnapshotRun {
    type Output = StartedRun;

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::Execution),
            Path::new(["execution", "v1.0"]).join(self.workspace.segments()).join([
                "experiments",
                self.experiment.as_str(),
                "snapshotrun",
            ]),
            Query::new().with("runId", &self.run),
        )
    }

    fn body(&self) -> Body {
        let mut definition = self.definition.clone();
        if let Some(fields) = definition.as_object_mut() {
            // Keys are read in any case, so one that is there would stand beside ours.
            fields.retain(|name, _| !name.eq_ignore_ascii_case("snapshotId"));
            fields.insert("snapshotId".to_owned(), self.snapshot.as_str().into());
        }
        Body::Json(definition)
    }
}

/// The answer to a run that was taken.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartedRun {
    /// Its id.
    pub run_id: RunId,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its id.
    pub run_id: RunId,
    /// Its number in the experiment, rising.
    #[serde(default)]
    pub run_number: Option<u64>,
    /// Its status.
    pub status: RunStatus,
    /// The run that it is a part of.
    #[serde(default)]
    pub parent_run_id: Option<RunId>,
    /// When it was handed in.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_utc: Option<Timestamp>,
    /// When its script began.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub start_time_utc: Option<Timestamp>,
    /// When it was over.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub end_time_utc: Option<Timestamp>,
    /// Who handed it in.
    #[serde(default)]
    pub created_by: Option<RunUser>,
    /// Why it failed: a whole error answer, see [`Run::failure`].
    #[serde(default)]
    error: Option<Value>,
    /// Tags, with those of the system; see [`Run::user_tags`].
    #[serde(default, deserialize_with = "null_as_default")]
    pub tags: BTreeMap<String, String>,
    /// Properties, which never change.
    #[serde(default, deserialize_with = "null_as_default")]
    pub properties: BTreeMap<String, String>,
    /// The name of the compute.
    #[serde(default)]
    pub target: Option<String>,
    /// The script.
    #[serde(default)]
    pub script_name: Option<String>,
    /// `azureml.scriptrun`, `hyperdrive` and others.
    #[serde(default)]
    pub run_type: Option<String>,
    /// A name for people, in newer answers.
    #[serde(default)]
    pub display_name: Option<String>,
    /// A name for people, in older answers.
    #[serde(default)]
    pub name: Option<String>,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is kept out of lists.
    #[serde(default, deserialize_with = "null_as_default")]
    pub hidden: bool,
    /// Where its artifacts are.
    #[serde(default)]
    pub data_container_id: Option<String>,
    /// Rises with each change.
    #[serde(default)]
    pub revision: Option<u64>,
    /// The outermost run that it is a part of; its own id where it is no part.
    #[serde(default)]
    pub root_run_id: Option<RunId>,
    /// The id of its experiment.
    #[serde(default)]
    pub experiment_id: Option<String>,
    /// What it was warned of.
    #[serde(default, deserialize_with = "null_as_default")]
    pub warnings: Vec<RunWarning>,
    /// Why it waits, in newer answers.
    #[serde(default)]
    pub queueing_info: Option<QueueingInfo>,
    /// The metric that it is judged by, in newer answers.
    #[serde(default)]
    pub primary_metric_name: Option<String>,
}

/// Who handed in a run.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunUser {
    /// A name; of a service principal, its application id.
    #[serde(default)]
    pub user_name: Option<String>,
    /// The id in the directory.
    #[serde(default)]
    pub user_object_id: Option<String>,
}

impl Run {
    /// A name for people, if somebody gave one.
    pub fn label(&self) -> Option<&str> {
        [&self.display_name, &self.name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|name| !name.is_empty())
    }

    /// Why it failed: the service's words and the most exact code.
    ///
    /// `error` holds a whole error answer, whose own `error` has the words.
    pub fn failure(&self) -> Option<crate::Refusal> {
        let error = self.error.as_ref().filter(|error| error.is_object())?;
        let answer = http::Response::new(serde_json::to_vec(error).unwrap_or_default());
        crate::ApiError::refused(&answer).refusal().cloned()
    }

    /// The project that it ran, as the service keeps it.
    pub fn snapshot(&self) -> Option<&str> {
        self.properties.get("ContentSnapshotId").map(String::as_str).filter(|id| !id.is_empty())
    }

    /// The tags that people set; those of the system begin with `_aml_system` or `_azureml`, and a sweep keeps its
    /// settings and what each of its trials was given in tags too.
    pub fn user_tags(&self) -> impl Iterator<Item = (&str, &str)> {
        const OF_SWEEPS: [&str; 8] = [
            "generator_config",
            "policy_config",
            "primary_metric_config",
            "platform_config",
            "max_concurrent_jobs",
            "max_total_jobs",
            "max_duration_minutes",
            "hyperparameters",
        ];
        let is_of_trial = |key: &str| {
            let number = key.strip_prefix(self.run_id.as_str()).and_then(|rest| rest.strip_prefix('_'));
            number.is_some_and(|number| number.starts_with(|digit: char| digit.is_ascii_digit()))
        };
        self.tags
            .iter()
            .filter(move |(key, _)| {
                !key.starts_with("_aml_system")
                    && !key.starts_with("_azureml")
                    && !OF_SWEEPS.contains(&key.as_str())
                    && !is_of_trial(key)
            })
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Milliseconds from the start of its script to its end, or to `now`.
    pub fn duration_milliseconds(&self, now: Timestamp) -> Option<i64> {
        let start = self.start_time_utc?;
        let end = self.end_time_utc.or_else(|| (!self.status.is_finished()).then_some(now))?;
        Some((end.unix_milliseconds() - start.unix_milliseconds()).max(0))
    }
}

/// What a run was told to do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunDetails {
    /// The definition, as the service completed it.
    #[serde(default)]
    pub run_definition: Option<Value>,
    /// Its logs: their paths in its container, and where each can be read for some hours.
    #[serde(default, deserialize_with = "null_as_default")]
    pub log_files: BTreeMap<String, SignedAddress>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> Run {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_failure_is_read_out_of_the_whole_error_answer() {
        let failed = run(include_str!("../../simulator/samples/history_run_get_failed.json"));
        let failure = failed.failure().unwrap();
        assert_eq!(failure.message, "The script exited with a non-zero code: 1");
        assert_eq!(failure.exact_code(), Some("UserError"));
        assert_eq!(
            run(include_str!("../../simulator/samples/history_run_get_completed.json")).failure(),
            None
        );
    }

    #[test]
    fn tags_of_the_system_are_not_the_users() {
        let run = run(
            r#"{"runId":"r","status":"Running","tags":{"_aml_system_x":"1","_azureml.y":"2","max_total_jobs":"4","r_0":"{}","team":"vision"}}"#,
        );
        assert_eq!(run.user_tags().collect::<Vec<_>>(), [("team", "vision")]);
    }

    #[test]
    fn a_run_lasts_until_its_end_or_until_now() {
        let completed = run(include_str!("../../simulator/samples/history_run_get_completed.json"));
        let now = Timestamp::parse("2020-01-21T21:34:05.123Z").unwrap();
        assert_eq!(completed.duration_milliseconds(now), Some(163_642));
        let running = run(include_str!("../../simulator/samples/history_run_get_running.json"));
        assert_eq!(running.duration_milliseconds(now), Some(60_000));
        assert_eq!(run(r#"{"runId":"r","status":"Queued"}"#).duration_milliseconds(now), None);
        assert_eq!(
            run(r#"{"runId":"r","status":"Failed","startTimeUtc":"2020-01-21T21:33:05Z"}"#)
                .duration_milliseconds(now),
            None
        );
    }

    #[test]
    fn a_snapshot_stands_in_a_definition_once() {
        let operation = StartSnapshotRun {
            workspace: WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() },
            experiment: "e".into(),
            run: "e_2".into(),
            snapshot: "5b".to_owned(),
            definition: json!({ "Configuration": { "Script": "a.py" }, "SnapshotId": "old" }),
        };
        let expected = json!({ "Configuration": { "Script": "a.py" }, "snapshotId": "5b" });
        assert!(operation.body() == Body::Json(expected) && !operation.is_read());
    }

    #[test]
    fn several_statuses_are_alternatives() {
        let filter =
            RunFilter { statuses: vec![RunStatus::Running, RunStatus::Queued], ..RunFilter::default() };
        assert_eq!(filter.expression().as_deref(), Some("(Status eq Running or Status eq Queued)"));
        let pipelines = RunFilter { kind: Some("azureml.PipelineRun"), ..filter };
        assert_eq!(
            pipelines.expression().as_deref(),
            Some(
                "(Status eq Running or Status eq Queued) and (RunType eq azureml.PipelineRun or \
                 Properties/azureml.runsource eq azureml.PipelineRun)"
            )
        );
        assert_eq!(RunFilter::default().expression(), None);
    }

    #[test]
    fn every_condition_of_a_filter_has_the_services_words() {
        let filter = RunFilter {
            statuses: vec![RunStatus::Failed],
            computes: vec!["cpu-compute".to_owned(), "gpu-cluster".to_owned()],
            tags: vec![
                TagFilter { name: "team".to_owned(), value: Some("vision".to_owned()) },
                TagFilter { name: "best".to_owned(), value: None },
            ],
            created_after: Timestamp::parse("2020-01-21T00:00:00Z"),
            created_before: Timestamp::parse("2020-01-22T12:30:05Z"),
            runs: vec![RunId::from("a_1"), RunId::from("a_2")],
            ..RunFilter::default()
        };
        assert_eq!(
            filter.expression().as_deref(),
            Some(
                "(Status eq Failed) and (Target eq cpu-compute or Target eq gpu-cluster) \
                and CreatedUtc ge 2020-01-21T00:00:00 and CreatedUtc le 2020-01-22T12:30:05 \
                and (RunId eq a_1 or RunId eq a_2) \
                and Tags/team eq vision and (Tags/best ne null or Tags/best eq null)"
            )
        );
    }

    #[test]
    fn a_value_that_would_mean_something_else_is_not_asked() {
        for value in ["", "night shift", "a)", "null", "OR", "x/y", "d\u{e9}p\u{f4}t"] {
            assert!(!RunFilter::can_be_asked(value), "{value}");
        }
        assert!(RunFilter::can_be_asked("mean-absolute_error.2"));
        let tag = TagFilter { name: "team".to_owned(), value: Some("x or Status eq y".to_owned()) };
        let filter =
            RunFilter { tags: vec![tag.clone()], computes: vec!["b c".to_owned()], ..RunFilter::default() };
        assert_eq!(filter.expression(), None);
        assert!(!tag.fits(&run(r#"{"runId":"r","status":"Running","tags":{"team":"x"}}"#)));
        let any = TagFilter { name: "team".to_owned(), value: None };
        assert!(any.fits(&run(r#"{"runId":"r","status":"Running","tags":{"team":""}}"#)));
    }
}
