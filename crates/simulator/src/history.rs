//! Run history and its neighbours on the regional host: who may ask, and where a path leads.

use std::borrow::Cow;

use http::Method;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Outcome};
use crate::call::Call;
use crate::errors::{self, HISTORY, bad_argument, user_error};
use crate::experiment_runs::{Item, Runs};
use crate::filter::{Fact, Field, Fields, Filter, Order};
use crate::paging::{in_order, next_link, page, reach};
use crate::run_output;
use crate::run_progress::{Board, Cancel, Course, Ending};
use crate::runs::{self, NewRun};
use crate::simulator::Simulator;
use crate::state::{Experiment, Run, Work, Workspace, text};
use crate::times::{self, stamp};

/// The names of a workspace's ARM id.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    pub subscription: &'a str,
    pub group: &'a str,
    pub workspace: &'a str,
}

impl<'a> Scope<'a> {
    /// The scope that a path begins with, and what follows it.
    pub fn split<'b>(path: &'b [&'a str]) -> Option<(Scope<'a>, &'b [&'a str])> {
        let [first, subscription, second, group, third, provider, fourth, workspace, rest @ ..] = path else {
            return None;
        };
        let words = [*first, *second, *third, *provider, *fourth];
        let expected = [
            "subscriptions",
            "resourceGroups",
            "providers",
            "Microsoft.MachineLearningServices",
            "workspaces",
        ];
        let fits = words.iter().zip(expected).all(|(word, expected)| word.eq_ignore_ascii_case(expected));
        fits.then_some((Scope { subscription, group, workspace }, rest))
    }
}

const EXPERIMENT_FIELDS: &[&str] = &[
    "experimentId",
    "name",
    "description",
    "createdUtc",
    "archivedTime",
    "latestCreatedRunCreatedUtc",
    "latestCreatedRunId",
    "tags",
];

pub const RUN_FIELDS: &[&str] = &[
    "runNumber",
    "runId",
    "rootRunId",
    "parentRunId",
    "experimentId",
    "status",
    "createdUtc",
    "startTimeUtc",
    "endTimeUtc",
    "userId",
    "runType",
    "name",
    "description",
    "hidden",
    "scriptName",
    "target",
    "tags",
    "properties",
];

pub const METRIC_FIELDS: &[&str] =
    &["runId", "metricId", "metricType", "createdUtc", "name", "dataContainerId", "description", "label"];

/// Which part of the regional host speaks, by the first segment of the path.
pub fn component(area: &str) -> Option<&'static str> {
    Some(match area {
        "history" => HISTORY,
        "execution" => errors::EXECUTION,
        "artifact" => errors::ARTIFACT,
        "datastore" => errors::DATASTORE,
        "notification" => errors::NOTIFICATION,
        _ => return None,
    })
}

impl Simulator {
    /// The regional host.
    pub(crate) fn regional(&mut self, call: &Call<'_>) -> Outcome {
        let path = call.path();
        match path.as_slice() {
            ["discovery"] if call.method == Method::GET => Ok(self.discovery(call)),
            ["modelmanagement", "v1.0", rest @ ..] => self.model_management(call, rest),
            ["pipelines", "v1.0", rest @ ..] => self.pipelines(call, rest),
            ["hyperdrive", "v1.0", rest @ ..] => self.hyperdrive(call, rest),
            [
                area @ ("history" | "execution" | "artifact" | "datastore" | "notification"),
                version,
                rest @ ..,
            ] => {
                let component = component(area).unwrap_or(HISTORY);
                let claims = self
                    .data_plane_claims(call)
                    .map_err(|reason| user_error(call, component, 401, reason))?;
                let Some((scope, rest)) = Scope::split(rest) else {
                    return Err(no_such_path(call, component));
                };
                if self.at(scope).is_none() {
                    // Guess: the wording.
                    let message = format!("Workspace {} was not found", scope.workspace);
                    return Err(user_error(call, component, 404, message));
                }
                match (*area, *version) {
                    ("history", "v1.0") => self.history(call, scope, rest, &claims),
                    ("execution", "v1.0") => self.execution(call, scope, rest, &claims),
                    ("artifact", "v1.0" | "v2.0") => self.artifacts(call, scope, rest),
                    ("datastore", "v1.0") => self.datastores(call, scope, rest),
                    ("notification", "v1.0") => self.notifications(call, scope, rest),
                    _ => Err(no_such_path(call, component)),
                }
            }
            _ => Err(no_such_path(call, "gateway")),
        }
    }

    pub(crate) fn at(&self, scope: Scope<'_>) -> Option<&Workspace> {
        self.state.workspace(scope.subscription, scope.group, scope.workspace)
    }

    pub(crate) fn at_mut(&mut self, scope: Scope<'_>) -> Option<&mut Workspace> {
        self.state.workspace_mut(scope.subscription, scope.group, scope.workspace)
    }

    /// What a request may read of a workspace.
    pub(crate) fn view<'a>(&'a self, call: &'a Call<'a>, scope: Scope<'_>) -> Result<View<'a>, Answer> {
        let workspace = self.at(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        let board = Board::new(workspace, self.speed, call.now);
        Ok(View { simulator: self, call, workspace, board })
    }

    fn history(&mut self, call: &Call<'_>, scope: Scope<'_>, path: &[&str], claims: &Value) -> Outcome {
        match (call.method, path) {
            (&Method::POST, ["experiments", name]) => self.create_experiment(call, scope, name),
            (&Method::PATCH, ["experimentids", id]) => self.change_experiment(call, scope, id),
            // The specification has the first, the published client sends the second.
            (&Method::DELETE, ["experimentids", id, "tags"])
            | (&Method::POST, ["experimentids", id, "tags:delete"]) => {
                self.delete_experiment_tags(call, scope, id)
            }
            (&Method::DELETE, ["experimentids", id]) => self.delete_experiment(call, scope, id),
            (&Method::PATCH, ["experiments", name, "runs", run]) => {
                self.change_run(call, scope, name, run, claims)
            }
            (&Method::DELETE, ["experiments", name, "runs", run, "tags"]) => {
                self.delete_tags(call, scope, name, run)
            }
            (&Method::POST, ["experiments", name, "runs", run, "cancel"]) => {
                self.cancel(call, scope, name, run, HISTORY)?;
                let view = self.view(call, scope)?;
                Ok(Answer::json(200, &view.document(&*view.run(name, run)?)))
            }
            (&Method::POST, ["experiments", name, "runs", run, "events"]) => {
                self.event(call, scope, name, run)
            }
            (&Method::POST, ["experiments", name, "runs", run, "metrics"]) => {
                self.log_metric(call, scope, name, run)
            }
            (&Method::GET | &Method::POST, _) => self.view(call, scope)?.read(path),
            _ => Err(method_not_allowed(call)),
        }
    }

    /// An experiment that exists is answered as it is.
    fn create_experiment(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str) -> Outcome {
        check_experiment_name(call, HISTORY, name)?;
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        Ok(Answer::json(200, &workspace.experiment_or_new(name, call.now).document))
    }

    fn change_experiment(&mut self, call: &Call<'_>, scope: Scope<'_>, id: &str) -> Outcome {
        let changes = json_body(call)?;
        let document = self.experiment_document(call, scope, id)?;
        if changes["description"].is_string() {
            document["description"] = changes["description"].clone();
        }
        merge_texts(&mut document["tags"], &changes["tags"]);
        if let Some(archive) = changes["archive"].as_bool() {
            document["archivedTime"] = archive.then(|| stamp(call.now)).into();
        }
        Ok(Answer::json(200, document))
    }

    fn delete_experiment_tags(&mut self, call: &Call<'_>, scope: Scope<'_>, id: &str) -> Outcome {
        let command = json_body(call)?;
        let keys = command["tags"]
            .as_array()
            .ok_or_else(|| bad_argument(call, HISTORY, "tags", "A list of keys is expected."))?;
        let document = self.experiment_document(call, scope, id)?;
        if let Some(tags) = document["tags"].as_object_mut() {
            tags.retain(|key, _| !keys.iter().any(|gone| gone == key));
        }
        Ok(Answer::json(200, document))
    }

    fn experiment_document(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        id: &str,
    ) -> Result<&mut Value, Answer> {
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        let mut experiments = workspace.experiments.iter_mut();
        let experiment = experiments.find(|experiment| experiment.document["experimentId"] == id);
        Ok(&mut experiment.ok_or_else(|| no_experiment(call, id))?.document)
    }

    /// Guess: that it is refused while there are runs, and the text.
    fn delete_experiment(&mut self, call: &Call<'_>, scope: Scope<'_>, id: &str) -> Outcome {
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        let experiments = &mut workspace.experiments;
        let index = experiments.iter().position(|experiment| experiment.document["experimentId"] == id);
        let index = index.ok_or_else(|| no_experiment(call, id))?;
        if !experiments[index].runs.is_empty() {
            let message = "The experiment has runs. Only an experiment without runs can be deleted.";
            return Err(user_error(call, HISTORY, 400, message));
        }
        experiments.remove(index);
        Ok(Answer::empty(200))
    }

    /// Changes a run, or makes one that no service executes.
    fn change_run(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        id: &str,
        claims: &Value,
    ) -> Outcome {
        if call.content_type().is_none() {
            return Err(user_error(call, HISTORY, 415, "The request has no content type."));
        }
        let changes = json_body(call)?;
        check_run_id(call, HISTORY, id)?;
        if self.view(call, scope)?.run(name, id).is_err() {
            self.make_run(call, scope, name, id, claims)?;
        }
        let view = self.view(call, scope)?;
        let run = view.run(name, id)?;
        let moment = view.board.moment(&run);
        // A terminal state never changes; any other is this request's from now on.
        let settled = (changes["status"].is_string() && !moment.is_over()).then(|| view.document(&run));
        let run = self.run_mut(call, scope, name, id)?;
        if let Some(document) = settled {
            run.settle(document);
            for field in ["status", "startTimeUtc", "endTimeUtc"] {
                if changes[field].is_string() {
                    run.document[field] = changes[field].clone();
                }
            }
        }
        for field in ["name", "displayName", "description", "hidden", "runType", "scriptName", "target"] {
            if !changes[field].is_null() {
                run.document[field] = changes[field].clone();
            }
        }
        merge_texts(&mut run.document["tags"], &changes["tags"]);
        merge_texts(&mut run.document["properties"], &changes["properties"]);
        run.document["revision"] = (run.document["revision"].as_u64().unwrap_or_default() + 1).into();
        let view = self.view(call, scope)?;
        Ok(Answer::json(200, &view.document(&*view.run(name, id)?)))
    }

    fn make_run(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        id: &str,
        claims: &Value,
    ) -> Result<(), Answer> {
        let history = self.history_origin(scope);
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        if workspace.run(id).is_some() {
            return Err(user_error(
                call,
                HISTORY,
                409,
                format!("Run {id} already exists in another experiment"),
            ));
        }
        let workspace_document = workspace.document.clone();
        let experiment =
            workspace.experiments.iter_mut().find(|experiment| experiment.document["name"] == name);
        let experiment = experiment.ok_or_else(|| no_experiment(call, name))?;
        let new = NewRun {
            id,
            number: experiment.runs.len() + 1,
            created: call.now,
            created_by: author(claims),
            target: "local",
            script: "",
            parent: None,
        };
        let mut document = runs::document(&new, &workspace_document, &experiment.document, &history);
        for field in ["target", "scriptName", "cancelUri", "diagnosticsUri"] {
            document[field] = Value::Null;
        }
        let (definition, work) = (Value::Null, Work::Hello);
        experiment.add(Run { document, course: None, definition, work, logged: Vec::new() });
        Ok(())
    }

    fn delete_tags(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, id: &str) -> Outcome {
        let keys = json_body(call)?;
        let keys = keys
            .as_array()
            .ok_or_else(|| bad_argument(call, HISTORY, "tags", "A list of keys is expected."))?;
        let run = self.run_mut(call, scope, name, id)?;
        if let Some(tags) = run.document["tags"].as_object_mut() {
            tags.retain(|key, _| !keys.iter().any(|gone| gone == key));
        }
        let view = self.view(call, scope)?;
        Ok(Answer::json(200, &view.document(&*view.run(name, id)?)))
    }

    /// Events that change a run's state do; the others are taken and forgotten.
    fn event(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, id: &str) -> Outcome {
        let event = json_body(call)?;
        let status = match text(&event, "name").strip_prefix("Microsoft.MachineLearning.Run.") {
            Some("Start") => "Running",
            Some("Completed") => "Completed",
            Some("Failed") => "Failed",
            Some("Canceled") => "Canceled",
            Some("CancelRequested") => {
                self.cancel(call, scope, name, id, HISTORY)?;
                return Ok(Answer::empty(200));
            }
            _ => {
                self.view(call, scope)?.run(name, id)?;
                return Ok(Answer::empty(200));
            }
        };
        let view = self.view(call, scope)?;
        let run = view.run(name, id)?;
        if view.board.moment(&run).is_over() {
            return Ok(Answer::empty(200));
        }
        let document = view.document(&run);
        let run = self.run_mut(call, scope, name, id)?;
        run.settle(document);
        run.document["status"] = status.into();
        let field = if status == "Running" { "startTimeUtc" } else { "endTimeUtc" };
        run.document[field] = stamp(call.now).into();
        Ok(Answer::empty(200))
    }

    fn log_metric(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, id: &str) -> Outcome {
        let mut metric = json_body(call)?;
        if !metric["name"].is_string() || !metric["cells"].is_array() {
            return Err(bad_argument(call, HISTORY, "metric", "A metric has a name and cells."));
        }
        let run = self.run_mut(call, scope, name, id)?;
        metric["runId"] = id.into();
        if !metric["metricId"].is_string() {
            metric["metricId"] =
                crate::checksum::guid(&format!("logged {} of {id}", run.logged.len())).into();
        }
        if !metric["createdUtc"].is_string() {
            metric["createdUtc"] = stamp(call.now).into();
        }
        metric["numCells"] = metric["cells"].as_array().map_or(0, Vec::len).into();
        run.logged.push(metric);
        Ok(Answer::empty(200))
    }

    pub(crate) fn run_mut(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        id: &str,
    ) -> Result<&mut Run, Answer> {
        let workspace = self.at_mut(scope).ok_or_else(|| no_such_path(call, HISTORY))?;
        let experiment =
            workspace.experiments.iter_mut().find(|experiment| experiment.document["name"] == name);
        let run = experiment.and_then(|experiment| experiment.runs.find_mut(id));
        run.ok_or_else(|| no_run(call, HISTORY, id))
    }

    /// Asks a run to stop. What a finished run gets is a guess: 400 `UserError`.
    pub(crate) fn cancel(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        id: &str,
        component: &str,
    ) -> Result<(), Answer> {
        self.view(call, scope)?.run(name, id)?;
        self.stop(call, scope, name, id).map_err(|status| {
            let message = format!("Run {id} is {status} and can not be cancelled.");
            user_error(call, component, 400, message)
        })
    }

    /// Asks a run and all its parts to stop; what is over stays as it is. Refused with the status of a run that is over.
    pub(crate) fn cancel_with_parts(
        &mut self,
        call: &Call<'_>,
        scope: Scope<'_>,
        name: &str,
        id: &str,
    ) -> Result<(), String> {
        self.stop(call, scope, name, id)?;
        let parts: Vec<String> = self
            .at(scope)
            .and_then(|workspace| workspace.experiment(name))
            .into_iter()
            .flat_map(|experiment| experiment.runs.kept())
            .filter(|run| run.document["parentRunId"] == id)
            .map(|run| run.id().to_owned())
            .collect();
        for part in parts {
            // One that is over has nothing to stop.
            drop(self.cancel_with_parts(call, scope, name, &part));
        }
        Ok(())
    }

    /// Asks a run that is there to stop. Refused with the status of a run that is over.
    fn stop(&mut self, call: &Call<'_>, scope: Scope<'_>, name: &str, id: &str) -> Result<(), String> {
        let gone = |_| "NotFound".to_owned();
        let view = self.view(call, scope).map_err(gone)?;
        let run = view.run(name, id).map_err(gone)?;
        let moment = view.board.moment(&run);
        if moment.is_over() {
            return Err(moment.status);
        }
        let takes_seconds = view.workspace.submission.seconds_to_cancel;
        let created = times::parse(text(&run.document, "createdUtc")).unwrap_or(call.now);
        let run = self.run_mut(call, scope, name, id).map_err(gone)?;
        let course = run.course.get_or_insert_with(|| {
            let mut course = Course::new(call.now, &[], Ending::Completed, 1);
            course.past.push(("NotStarted", created));
            course.past.extend(moment.started.map(|started| ("Running", started)));
            course.work_before = moment.work_done;
            course
        });
        course.cancel.get_or_insert(Cancel { asked: call.now, takes_seconds });
        Ok(())
    }

    pub(crate) fn history_origin(&self, scope: Scope<'_>) -> String {
        self.hosts.history(self.at(scope).map_or("", Workspace::region))
    }
}

/// Guess: the order without `orderBy`, in which the published client asks for runs.
fn newest_first() -> Order {
    Order::of("createdUtc", true)
}

impl Workspace {
    /// The experiment with a name, made if there is none.
    pub fn experiment_or_new(&mut self, name: &str, now: time::OffsetDateTime) -> &mut Experiment {
        let index = self.experiments.iter().position(|experiment| experiment.document["name"] == name);
        let index = index.unwrap_or_else(|| {
            let document = runs::experiment_document(name, &self.document, now);
            self.experiments.push(Experiment { document, runs: Runs::default() });
            self.experiments.len() - 1
        });
        &mut self.experiments[index]
    }
}

/// A workspace at the time of a request.
pub struct View<'a> {
    pub simulator: &'a Simulator,
    pub call: &'a Call<'a>,
    pub workspace: &'a Workspace,
    pub board: Board,
}

impl View<'_> {
    fn read(&self, path: &[&str]) -> Outcome {
        match (self.call.method, path) {
            (&Method::GET, ["experiments"]) => self.experiments("All"),
            (&Method::POST, ["experiments:query"]) => {
                self.experiments(self.call.query("viewType").unwrap_or("Default"))
            }
            (&Method::GET, ["experiments", name]) => Ok(Answer::json(200, &self.experiment(name)?.document)),
            (&Method::GET, ["experimentids", id]) => {
                Ok(Answer::json(200, &self.experiment_with_id(id)?.document))
            }
            (&Method::GET, ["experiments", name, "runs"])
            | (&Method::POST, ["experiments", name, "runs:query"]) => {
                self.runs_of(self.experiment(name)?, |_| true)
            }
            (&Method::GET, ["experiments", name, "runs", id]) => {
                Ok(Answer::json(200, &self.document(&*self.run(name, id)?)))
            }
            (&Method::GET, ["experimentids", experiment, "runs", id]) => {
                let name = text(&self.experiment_with_id(experiment)?.document, "name");
                Ok(Answer::json(200, &self.document(&*self.run(name, id)?)))
            }
            (&Method::GET, ["runs", id]) => {
                let run = self.workspace.run(id).ok_or_else(|| no_run(self.call, HISTORY, id))?;
                Ok(Answer::json(200, &self.document(&run)))
            }
            (&Method::GET, ["experiments", name, "runs", id, "children"]) => {
                self.run(name, id)?;
                let parent = Field { name: "parentRunId", key: None };
                let parent_id = Fact::Text((*id).into());
                self.runs_of(self.experiment(name)?, |item| item.fact(&parent).as_ref() == Some(&parent_id))
            }
            (&Method::GET, ["experiments", name, "runs", id, "details"]) => {
                self.details(&*self.run(name, id)?)
            }
            (&Method::GET, ["experiments", name, "runs", id, "events"]) => self.events(&*self.run(name, id)?),
            (&Method::GET, ["experiments", name, "runcounts"]) => self.run_counts(self.experiment(name)?),
            (&Method::GET, ["computes", compute, "runs"]) => self.runs_on(compute),
            (&Method::GET, ["experiments", name, "metrics"])
            | (&Method::POST, ["experiments", name, "metrics:query"]) => self.metrics(self.experiment(name)?),
            (&Method::GET, ["experiments", name, "metrics", id]) => self.metric(self.experiment(name)?, id),
            (&Method::GET, ["experiments", name, "runs", id, "metricsingest", "wait"]) => {
                self.ingestion(&*self.run(name, id)?)
            }
            (&Method::GET, ["experiments", name, "runs", id, "artifacts", rest @ ..]) => {
                self.run_artifacts(&*self.run(name, id)?, rest)
            }
            (&Method::POST, ["experiments" | "runs", ..]) => Err(method_not_allowed(self.call)),
            _ => Err(no_such_path(self.call, HISTORY)),
        }
    }

    fn experiments(&self, view: &str) -> Outcome {
        let archived = |experiment: &&Experiment| experiment.document["archivedTime"].is_string();
        let documents = self.workspace.experiments.iter().filter(|experiment| match view {
            "ArchivedOnly" => archived(experiment),
            // Guess: by default a query leaves archived experiments out.
            "Default" | "ActiveOnly" => !archived(experiment),
            _ => true,
        });
        let wanted = Wanted::read(self.call, EXPERIMENT_FIELDS)?;
        let items = documents.map(|experiment| Item::Document(experiment.document.clone())).collect();
        self.list(&wanted, items)
    }

    /// The runs of an experiment.
    fn runs_of(&self, experiment: &Experiment, belongs: impl Fn(&Item<'_>) -> bool) -> Outcome {
        let mut wanted = Wanted::read(self.call, RUN_FIELDS)?;
        let newest_first = newest_first();
        let order = wanted.order.take();
        let ids = wanted.filter.as_ref().and_then(|filter| filter.only_values_of("runId"));
        let mut items = experiment.runs.items(ids.as_deref(), &|run| self.document(run));
        items.retain(belongs);
        match order {
            // They stand in this order already.
            None => {}
            Some(order) if order == newest_first => {}
            Some(order) if order == newest_first.reversed() => items.reverse(),
            other => wanted.order = other,
        }
        self.list(&wanted, items)
    }

    /// The runs on a compute, of all experiments.
    fn runs_on(&self, compute: &str) -> Outcome {
        let mut wanted = Wanted::read(self.call, RUN_FIELDS)?;
        wanted.order.get_or_insert_with(newest_first);
        let target = Field { name: "target", key: None };
        let compute = Fact::Text(compute.into());
        let mut items = Vec::new();
        for experiment in &self.workspace.experiments {
            items.extend(experiment.runs.items(None, &|run| self.document(run)));
        }
        items.retain(|item| item.fact(&target).as_ref() == Some(&compute));
        self.list(&wanted, items)
    }

    /// A list, filtered, ordered and cut as the query of a GET or the body of a POST says. Documents are made only for
    /// what is answered.
    pub fn list(&self, wanted: &Wanted, mut items: Vec<Item<'_>>) -> Outcome {
        let is_wanted = |item: &Item<'_>| wanted.filter.as_ref().is_none_or(|filter| filter.fits(item));
        let size = wanted.top.unwrap_or(self.simulator.page_size);
        let Some(order) = &wanted.order else {
            // No further than the page.
            return self.page_of(items.into_iter().filter(is_wanted), wanted, size, Item::document);
        };
        items.retain(is_wanted);
        let keys: Vec<_> = items.iter().map(|item| order.key(item)).collect();
        let compare = |left: usize, right: usize| order.compare_keys(&keys[left], &keys[right]);
        let places = in_order(items.len(), wanted.reach(size), &compare);
        drop(keys);
        let items =
            places.into_iter().map(|place| std::mem::replace(&mut items[place], Item::Document(Value::Null)));
        self.page_of(items, wanted, size, Item::document)
    }

    /// The page that is asked for; only its items are written.
    pub fn page_of<T>(
        &self,
        items: impl IntoIterator<Item = T>,
        wanted: &Wanted,
        size: usize,
        write: impl Fn(T) -> Value,
    ) -> Outcome {
        let call = self.call;
        let page = page(items, wanted.token.as_deref(), size).ok_or_else(|| {
            bad_argument(call, HISTORY, "continuationToken", "The continuation token is not valid.")
        })?;
        let key = "$continuationtoken";
        let link = page.next.as_deref().map(|token| next_link(call, key, &["continuationToken"], token));
        let items: Vec<Value> = page.items.into_iter().map(write).collect();
        Ok(Answer::json(200, &json!({ "value": items, "continuationToken": page.next, "nextLink": link })))
    }

    fn run_counts(&self, experiment: &Experiment) -> Outcome {
        let mut counts = Map::new();
        for status in [
            "notStarted",
            "starting",
            "provisioning",
            "preparing",
            "queued",
            "running",
            "completed",
            "failed",
            "canceled",
            "notResponding",
        ] {
            counts.insert(status.to_owned(), 0.into());
        }
        let status = Field { name: "status", key: None };
        for item in experiment.runs.items(None, &|run| json!({ "status": self.board.moment(run).status })) {
            let Some(Fact::Text(status)) = item.fact(&status) else { continue };
            let counted = counts.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(&status));
            if let Some((_, count)) = counted {
                *count = (count.as_u64().unwrap_or_default() + 1).into();
            }
        }
        Ok(Answer::json(200, &Value::Object(counts)))
    }

    fn details(&self, run: &Run) -> Outcome {
        let document = self.document(run);
        let logs = run_output::files(run, &self.board.moment(run)).into_iter().filter(|file| file.is_log);
        let logs: Map<String, Value> =
            logs.map(|file| (file.path.clone(), self.signed_address(run, &file.path).into())).collect();
        let mut details = json!({ "logFiles": logs, "runDefinition": run.definition });
        for field in [
            "runId",
            "target",
            "status",
            "parentRunId",
            "startTimeUtc",
            "endTimeUtc",
            "error",
            "warnings",
            "tags",
            "properties",
            "revision",
        ] {
            details[field] = document[field].clone();
        }
        Ok(Answer::json(200, &details))
    }

    pub fn experiment(&self, name: &str) -> Result<&Experiment, Answer> {
        self.workspace.experiment(name).ok_or_else(|| no_experiment(self.call, name))
    }

    fn experiment_with_id(&self, id: &str) -> Result<&Experiment, Answer> {
        let mut experiments = self.workspace.experiments.iter();
        let experiment = experiments.find(|experiment| experiment.document["experimentId"] == id);
        experiment.ok_or_else(|| no_experiment(self.call, id))
    }

    pub fn run(&self, experiment: &str, id: &str) -> Result<Cow<'_, Run>, Answer> {
        let run = self.workspace.experiment(experiment).and_then(|experiment| experiment.runs.find(id));
        run.ok_or_else(|| no_run(self.call, HISTORY, id))
    }

    pub fn document(&self, run: &Run) -> Value {
        run.document_now(self.workspace, &self.board)
    }
}

/// What a list request asks for.
pub struct Wanted {
    pub filter: Option<Filter>,
    pub order: Option<Order>,
    pub top: Option<usize>,
    token: Option<String>,
}

impl Wanted {
    /// From the query of a GET, or the body of a POST, whose keys are read in any case: the specification writes
    /// `orderBy`, the published client sends `orderby`. Filter and order are over documents that have the `fields`.
    pub fn read(call: &Call<'_>, fields: &[&'static str]) -> Result<Wanted, Answer> {
        let body = match *call.method {
            Method::POST if !call.body.is_empty() => json_body(call)?,
            _ => Value::Null,
        };
        let field = |name: &str| {
            let mut fields = body.as_object().into_iter().flatten();
            let (_, value) =
                fields.find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null())?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let query = |name: &str| call.query(&format!("${name}")).or(call.query(name)).map(str::to_owned);
        let orders: Vec<&str> = call.queries("$orderby").collect();
        let orders = (!orders.is_empty()).then(|| orders.join(","));
        let value = |name: &str| field(name).or_else(|| query(name)).filter(|value| !value.is_empty());
        let top = match value("top") {
            None => None,
            Some(top) => {
                let refusal = || bad_argument(call, HISTORY, "top", "The number of items is not valid.");
                Some(top.parse().ok().filter(|top| *top > 0).ok_or_else(refusal)?)
            }
        };
        let refusal = |name: &str, message: &str| bad_argument(call, HISTORY, name, message);
        let filter = value("filter")
            .map(|text| {
                Filter::parse(&text, fields).ok_or_else(|| refusal("filter", "The filter is not valid."))
            })
            .transpose()?;
        let order = field("orderby")
            .or(orders)
            .map(|text| {
                Order::parse(&text, fields).ok_or_else(|| refusal("orderBy", "The order is not valid."))
            })
            .transpose()?;
        Ok(Wanted { filter, order, top, token: value("continuationtoken") })
    }

    /// How many items from the beginning on decide about the page, when none is longer than `size`.
    pub fn reach(&self, size: usize) -> usize {
        reach(self.token.as_deref(), size)
    }
}

/// Who a token speaks for, as run history writes it.
pub fn author(claims: &Value) -> Value {
    // People have a name; a service principal goes by its client id.
    let name = if claims["name"].is_string() { &claims["name"] } else { &claims["appid"] };
    json!({ "userObjectId": claims["oid"], "userTenantId": claims["tid"], "userName": name })
}

/// Experiment names: a letter or digit, then letters, digits, `_` and `-` (the published client's rule).
pub fn check_experiment_name(call: &Call<'_>, component: &str, name: &str) -> Result<(), Answer> {
    if is_name(name, 255) {
        return Ok(());
    }
    let message = format!(
        "Experiment name '{name}' is not valid. It begins with a letter or a digit, holds letters, digits, \
         underscores and dashes, and is at most 255 characters long."
    );
    Err(bad_argument(call, component, "experimentName", message))
}

/// Run ids follow the same rule, and may be one character longer.
pub fn check_run_id(call: &Call<'_>, component: &str, id: &str) -> Result<(), Answer> {
    if is_name(id, 256) {
        return Ok(());
    }
    Err(bad_argument(call, component, "runId", format!("Run id '{id}' is not valid.")))
}

fn is_name(name: &str, limit: usize) -> bool {
    name.len() <= limit
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
}

fn json_body(call: &Call<'_>) -> Result<Value, Answer> {
    serde_json::from_slice(call.body)
        .map_err(|error| bad_argument(call, HISTORY, "body", format!("The body is not valid JSON: {error}")))
}

/// Tags and properties are changed key by key; a value is text.
fn merge_texts(under: &mut Value, over: &Value) {
    for (key, value) in over.as_object().into_iter().flatten() {
        under[key] = value.as_str().map_or_else(|| value.to_string(), str::to_owned).into();
    }
}

/// Guess: the wording, after that of a missing run.
fn no_experiment(call: &Call<'_>, name: &str) -> Answer {
    user_error(call, HISTORY, 404, format!("Experiment {name} was not found"))
}

/// As recorded.
pub fn no_run(call: &Call<'_>, component: &str, id: &str) -> Answer {
    user_error(call, component, 404, format!("Run {id} was not found"))
}

pub fn no_such_path(call: &Call<'_>, component: &str) -> Answer {
    user_error(call, component, 404, "The requested path was not found.")
}

fn method_not_allowed(call: &Call<'_>) -> Answer {
    user_error(call, HISTORY, 405, format!("The path does not support {}.", call.method))
}
