//! Execution: handing in runs, and stopping them.

use http::Method;
use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors::{EXECUTION, bad_argument, user_error};
use crate::history::{Scope, author, check_experiment_name, check_run_id, no_such_path};
use crate::multipart;
use crate::project_zip;
use crate::run_definition;
use crate::run_progress::{Course, Ending};
use crate::runs::{self, NewRun};
use crate::simulator::Simulator;
use crate::state::{Run, Workspace, text};

/// The published client's limit for a project, taken as the service's.
const LARGEST_BODY: usize = 300 * 1024 * 1024;

impl Simulator {
    pub(crate) fn execution(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        path: &[&str],
        claims: &Value,
    ) -> Outcome {
        match (call.method, path) {
            (&Method::POST, ["experiments", name, "startrun"]) => self.start_run(call, scope, name, claims),
            (&Method::POST, ["experiments", name, "snapshotrun"]) => {
                self.start_snapshot_run(call, scope, name, claims)
            }
            (&Method::POST, ["experiments", name, "runId", id, "cancel"]) => {
                self.cancel(call, scope, name, id, EXECUTION)?;
                Ok(Answer::json(200, &json!({ "runId": id })))
            }
            (
                _,
                ["experiments", _, "startrun" | "snapshotrun"] | ["experiments", _, "runId", _, "cancel"],
            ) => Err(user_error(call, EXECUTION, 405, format!("The path does not support {}.", call.method))),
            _ => Err(no_such_path(call, EXECUTION)),
        }
    }

    fn start_run(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, claims: &Value) -> Outcome {
        if call.body.len() > LARGEST_BODY {
            return Err(user_error(call, EXECUTION, 413, "The project is larger than 300 MB."));
        }
        check_experiment_name(call, EXECUTION, name)?;
        let submitted = Submitted::read(call)?;
        self.take(call, scope, name, claims, &submitted)
    }

    /// A run whose project is here already. Guess: that the script is not looked for in it before it starts, and the
    /// words for a snapshot that is not there.
    fn start_snapshot_run(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        claims: &Value,
    ) -> Outcome {
        check_experiment_name(call, EXECUTION, name)?;
        let submitted = Submitted::of_document(call, call.body, "body")?;
        let Some(snapshot) = submitted.snapshot.clone() else {
            return Err(bad_argument(call, EXECUTION, "snapshotId", "The run definition names no snapshot."));
        };
        let workspace = self.at(scope).ok_or_else(|| no_such_path(call, EXECUTION))?;
        let is_its = |run: &Run| run.document["properties"]["ContentSnapshotId"] == snapshot.as_str();
        let mut experiments = workspace.experiments.iter();
        if !experiments.any(|experiment| experiment.runs.iter(None).any(|run| is_its(&run))) {
            return Err(user_error(call, EXECUTION, 404, format!("Snapshot {snapshot} was not found")));
        }
        self.take(call, scope, name, claims, &submitted)
    }

    fn take(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        claims: &Value,
        submitted: &Submitted,
    ) -> Outcome {
        let id = match call.query("runId") {
            Some(id) => id.to_owned(),
            // The form that the article shows.
            None => format!("{name}_{}", call.now.unix_timestamp_nanos() / 1_000_000),
        };
        check_run_id(call, EXECUTION, &id)?;
        let speed = self.speed;
        let history = self.history_origin(scope);
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, EXECUTION))?;
        if workspace.run(&id).is_some() {
            // Guess: the wording.
            return Err(user_error(call, EXECUTION, 409, format!("Run {id} already exists.")));
        }
        let course = course(call, workspace, submitted, speed);
        let work = workspace.submission.work.clone();
        let workspace_document = workspace.document.clone();
        let experiment = workspace.experiment_or_new(name, call.now);
        let new = NewRun {
            id: &id,
            number: experiment.runs.len() + 1,
            created: call.now,
            created_by: author(claims),
            target: submitted.target(),
            script: submitted.script(),
            parent: None,
        };
        let mut document = runs::document(&new, &workspace_document, &experiment.document, &history);
        if let Some(snapshot) = &submitted.snapshot {
            document["properties"]["ContentSnapshotId"] = snapshot.as_str().into();
        }
        let definition = run_definition::complete(&submitted.configuration);
        experiment.add(Run { document, course: Some(course), definition, work, logged: Vec::new() });
        Ok(Answer::json(200, &json!({ "runId": id })))
    }
}

/// What was handed in, once it is known to be whole.
struct Submitted {
    /// With camelCase keys.
    configuration: Value,
    /// The project, where it is one that was handed in before.
    snapshot: Option<String>,
}

impl Submitted {
    fn read(call: &Call<'_>) -> Result<Submitted, Answer> {
        let refuse = |target: &str, message: &str| bad_argument(call, EXECUTION, target, message);
        let content_type = call.header("content-type").unwrap_or_default();
        let parts = multipart::parts(content_type, call.body).map_err(|bad| refuse("body", bad.message()))?;
        let part = |name: &str| {
            let part = parts.iter().find(|part| part.name == name);
            part.ok_or_else(|| refuse(name, &format!("The part '{name}' is missing.")))
        };
        let definition = part("runDefinitionFile")?.content;
        let project = part("projectZipFile")?.content;
        let submitted =
            Submitted { snapshot: None, ..Submitted::of_document(call, definition, "runDefinitionFile")? };
        let names = project_zip::names(project)
            .ok_or_else(|| refuse("projectZipFile", "The project is not a zip file."))?;
        if !names.iter().any(|name| name == submitted.script()) {
            let message = format!("The script '{}' is not at the root of the project.", submitted.script());
            return Err(refuse("script", &message));
        }
        Ok(submitted)
    }

    /// A definition alone, which stands in a part of the request.
    fn of_document(call: &Call<'_>, definition: &[u8], part: &str) -> Result<Submitted, Answer> {
        let refuse = |target: &str, message: &str| bad_argument(call, EXECUTION, target, message);
        // Editors on Windows begin a file with a byte order mark.
        let definition = definition.strip_prefix(b"\xef\xbb\xbf").unwrap_or(definition);
        let definition: Value = serde_json::from_slice(definition)
            .map_err(|error| refuse(part, &format!("The run definition is not valid JSON: {error}")))?;
        let definition = run_definition::with_camel_case_keys(&definition);
        let configuration = definition["configuration"].clone();
        if !configuration.is_object() {
            return Err(refuse("configuration", "The run definition has no configuration."));
        }
        let snapshot = text(&definition, "snapshotId");
        let snapshot = (!snapshot.is_empty()).then(|| snapshot.to_owned());
        let submitted = Submitted { configuration, snapshot };
        for (field, value) in [("script", submitted.script()), ("target", submitted.target())] {
            if value.is_empty() {
                return Err(refuse(field, &format!("The configuration names no {field}.")));
            }
        }
        if submitted.target().eq_ignore_ascii_case("local") {
            return Err(refuse("target", "The target 'local' can not be used with startrun."));
        }
        Ok(submitted)
    }

    fn script(&self) -> &str {
        text(&self.configuration, "script")
    }

    fn target(&self) -> &str {
        text(&self.configuration, "target")
    }

    fn nodes(&self) -> usize {
        self.configuration["nodeCount"].as_u64().and_then(|nodes| usize::try_from(nodes).ok()).unwrap_or(1)
    }
}

/// How a run will go: as runs of this workspace do, unless its compute can not be used.
fn course(call: &Call<'_>, workspace: &Workspace, submitted: &Submitted, speed: f64) -> Course {
    let stages = workspace.submission.stages;
    if let Some(reason) = unusable(workspace, submitted.target()) {
        let until_noticed =
            stages.iter().take_while(|(status, _)| matches!(*status, "NotStarted" | "Starting"));
        let until_noticed: Vec<_> = until_noticed.copied().collect();
        return Course::new(call.now, &until_noticed, Ending::Failed(reason), submitted.nodes());
    }
    let mut course = Course::new(call.now, stages, Ending::Completed, submitted.nodes());
    // A run that may not take as long as it would is stopped by the service (specification).
    if let Some(limit) = submitted.configuration["maxRunDurationSeconds"].as_f64()
        && let Some(working) =
            stages.iter().find(|(status, _)| *status == "Running").map(|(_, length)| length)
        && limit > 0.0
        && limit < working / speed
    {
        course.limit_seconds = Some(limit);
    }
    course
}

/// Why a compute can not run anything. Guess: that the run is taken and fails, and the wordings.
fn unusable(workspace: &Workspace, target: &str) -> Option<String> {
    let Some(compute) = workspace.compute(target) else {
        return Some(format!(
            "Compute target with name {target} was not found in workspace {}.",
            workspace.name()
        ));
    };
    let properties = &compute["properties"];
    let state = text(properties, "provisioningState");
    if !matches!(state, "Succeeded" | "Updating") {
        return Some(format!("Compute target {target} can not be used: its state is {state}."));
    }
    if properties["properties"]["state"] == "Stopped" {
        return Some(format!("Compute target {target} is stopped. Start it, then submit the run again."));
    }
    None
}

impl Workspace {
    fn name(&self) -> &str {
        text(&self.document, "name")
    }
}
