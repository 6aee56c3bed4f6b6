//! One question of an export after the other: what is asked, and what follows from the answer.

use std::hash::{Hash, Hasher};

use azimuth_api::{
    ApiError, ArtifactContainer, ComputeName, ExperimentName, ExperimentView, GetCompute, GetExperiment,
    GetNotification, GetPipelineDataSource, GetPipelineGraph, GetPipelineModule, GetPipelineNodeStatuses,
    GetPipelineRun, GetPipelineTemplate, GetRunDetails, GetService, GetWorkspace, ListAssets, ListChildRuns,
    ListComputes, ListDatastores, ListExperiments, ListImages, ListMetrics, ListModels, ListNotifications,
    ListRunArtifacts, ListRunEvents, ListRuns, ListServices, NotificationId, Operation, PipelineId, Run,
    RunFilter, RunId, RunKind, ServiceId, Timestamp, WorkspaceId,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::Question;
use crate::export::archive::{FileKind, path, run_path};
use crate::export::selection::{Kind, Selection};

/// How many runs are asked for their metrics at once, as everywhere.
const RUNS_AT_ONCE: usize = 20;

/// Something to ask.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Task {
    Workspace,
    Computes {
        next: Option<String>,
    },
    Compute {
        name: ComputeName,
    },
    Experiments {
        archived: bool,
        next: Option<String>,
    },
    Experiment {
        name: ExperimentName,
    },
    /// The runs of an experiment, or these of them.
    Runs {
        experiment: ExperimentName,
        runs: Vec<RunId>,
        next: Option<String>,
    },
    /// The parts of a run.
    Children {
        experiment: ExperimentName,
        run: RunId,
        next: Option<String>,
    },
    /// A run whose document is there: what else there is of it comes next. It asks nothing itself.
    Run(OfRun),
    Details(OfRun),
    Events {
        of: OfRun,
        page: u32,
        next: Option<String>,
    },
    Files {
        of: OfRun,
        page: u32,
        next: Option<String>,
    },
    Content {
        of: OfRun,
        file: String,
        log: bool,
    },
    Metrics {
        experiment: ExperimentName,
        runs: Vec<RunId>,
        page: u32,
        next: Option<String>,
    },
    Notifications {
        next: Option<String>,
    },
    Notification {
        id: NotificationId,
    },
    Datastores {
        next: Option<String>,
    },
    Models {
        next: Option<String>,
    },
    Assets {
        next: Option<String>,
    },
    Images {
        next: Option<String>,
    },
    Services {
        next: Option<String>,
    },
    Service {
        id: ServiceId,
    },
    Pipeline {
        id: PipelineId,
    },
    NodeStates {
        id: PipelineId,
    },
    Graph {
        id: PipelineId,
    },
    Module {
        id: PipelineId,
    },
    Template {
        id: PipelineId,
    },
    DataSource {
        id: PipelineId,
    },
}

/// A run, and where its files are if that is no usual place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OfRun {
    pub experiment: ExperimentName,
    pub run: RunId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

impl OfRun {
    /// Where its files are.
    pub fn container(&self, workspace: &WorkspaceId) -> ArtifactContainer {
        ArtifactContainer::of_run(workspace.clone(), &self.run, self.container.as_deref())
    }
}

/// A file that an answer gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub path: String,
    pub kind: FileKind,
    pub id: String,
    pub experiment: Option<String>,
    pub run: Option<String>,
    pub text: String,
}

/// What comes of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub files: Vec<Made>,
    pub next: Vec<Task>,
    /// Where the workspace is.
    pub region: Option<String>,
}

/// What of a list is read: the rest stays as it came.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
    #[serde(default)]
    next_link: Option<String>,
    #[serde(default)]
    continuation_token: Option<String>,
}

impl RawPage<'_> {
    fn link(&self) -> Option<String> {
        self.next_link.clone().filter(|link| !link.is_empty())
    }

    fn token(&self) -> Option<String> {
        self.continuation_token.clone().filter(|token| !token.is_empty())
    }
}

/// The first tasks of an export.
pub fn first(selection: &Selection) -> Vec<Task> {
    let mut tasks = vec![Task::Workspace];
    let has = |kind| selection.has(kind);
    let next = None;
    if has(Kind::Computes) {
        tasks.push(Task::Computes { next: None });
    }
    if has(Kind::Experiments) || has(Kind::Runs) {
        match &selection.experiments {
            Some(names) => tasks.extend(names.iter().map(|name| Task::Experiment { name: name.clone() })),
            None => {
                tasks.extend([false, true].map(|archived| Task::Experiments { archived, next: None }));
            }
        }
    }
    for (kind, task) in [
        (Kind::Notifications, Task::Notifications { next: None }),
        (Kind::Datastores, Task::Datastores { next: None }),
        (Kind::Models, Task::Models { next: None }),
        (Kind::Assets, Task::Assets { next: None }),
        (Kind::Images, Task::Images { next: None }),
        (Kind::Services, Task::Services { next }),
    ] {
        if has(kind) {
            tasks.push(task);
        }
    }
    tasks
}

impl Task {
    /// Which kind of thing it brings, and what it stands for in the manifest where it fails.
    pub fn kinds(&self) -> (Kind, FileKind) {
        match self {
            Self::Workspace => (Kind::Workspace, FileKind::Workspace),
            Self::Computes { .. } | Self::Compute { .. } => (Kind::Computes, FileKind::Compute),
            Self::Experiments { .. } | Self::Experiment { .. } => (Kind::Experiments, FileKind::Experiment),
            Self::Runs { .. } | Self::Children { .. } | Self::Run(_) => (Kind::Runs, FileKind::Run),
            Self::Details(_) => (Kind::Runs, FileKind::RunDetails),
            Self::Events { .. } => (Kind::Runs, FileKind::RunEvents),
            Self::Files { .. } => (Kind::Files, FileKind::RunFiles),
            Self::Content { log, .. } => (Kind::Files, if *log { FileKind::Log } else { FileKind::File }),
            Self::Metrics { .. } => (Kind::Metrics, FileKind::RunMetrics),
            Self::Notifications { .. } | Self::Notification { .. } => {
                (Kind::Notifications, FileKind::Notification)
            }
            Self::Datastores { .. } => (Kind::Datastores, FileKind::Datastore),
            Self::Models { .. } => (Kind::Models, FileKind::Model),
            Self::Assets { .. } => (Kind::Assets, FileKind::Asset),
            Self::Images { .. } => (Kind::Images, FileKind::Image),
            Self::Services { .. } | Self::Service { .. } => (Kind::Services, FileKind::Service),
            Self::Pipeline { .. } => (Kind::Pipelines, FileKind::PipelineRun),
            Self::NodeStates { .. } => (Kind::Pipelines, FileKind::PipelineNodeStates),
            Self::Graph { .. } => (Kind::Pipelines, FileKind::Graph),
            Self::Module { .. } => (Kind::Pipelines, FileKind::Module),
            Self::Template { .. } => (Kind::Pipelines, FileKind::Template),
            Self::DataSource { .. } => (Kind::Pipelines, FileKind::DataSource),
        }
    }

    /// The id of what it asks for; of a list, what it is a list of.
    pub fn id(&self) -> String {
        match self {
            Self::Workspace => "workspace".to_owned(),
            Self::Compute { name } => name.to_string(),
            Self::Experiment { name } => name.to_string(),
            Self::Computes { .. } => "list of computes".to_owned(),
            Self::Experiments { archived: false, .. } => "list of experiments".to_owned(),
            Self::Experiments { .. } => "list of archived experiments".to_owned(),
            Self::Runs { experiment, .. } => format!("list of runs of {experiment}"),
            Self::Children { run, .. } => format!("list of parts of {run}"),
            Self::Run(of) | Self::Details(of) | Self::Events { of, .. } | Self::Files { of, .. } => {
                of.run.to_string()
            }
            Self::Content { file, .. } => file.clone(),
            Self::Metrics { runs, .. } => match runs.as_slice() {
                [run] => run.to_string(),
                runs => format!("metrics of {} runs", runs.len()),
            },
            Self::Notifications { .. } => "list of notifications".to_owned(),
            Self::Notification { id } => id.to_string(),
            Self::Datastores { .. } => "list of datastores".to_owned(),
            Self::Models { .. } => "list of models".to_owned(),
            Self::Assets { .. } => "list of assets".to_owned(),
            Self::Images { .. } => "list of images".to_owned(),
            Self::Services { .. } => "list of services".to_owned(),
            Self::Service { id } => id.to_string(),
            Self::Pipeline { id }
            | Self::NodeStates { id }
            | Self::Graph { id }
            | Self::Module { id }
            | Self::Template { id }
            | Self::DataSource { id } => id.to_string(),
        }
    }

    /// The experiment and the run that it belongs to.
    pub fn place(&self) -> (Option<String>, Option<String>) {
        match self {
            Self::Runs { experiment, .. } => (Some(experiment.to_string()), None),
            Self::Metrics { experiment, runs, .. } => {
                (Some(experiment.to_string()), runs.first().filter(|_| runs.len() == 1).map(RunId::to_string))
            }
            Self::Children { experiment, run, .. } => (Some(experiment.to_string()), Some(run.to_string())),
            Self::Run(of)
            | Self::Details(of)
            | Self::Events { of, .. }
            | Self::Files { of, .. }
            | Self::Content { of, .. } => (Some(of.experiment.to_string()), Some(of.run.to_string())),
            _ => (None, None),
        }
    }

    /// What comes first: lists, so that it is known how much there is; then what has been begun of a thing; then the
    /// next thing.
    pub fn rank(&self) -> u8 {
        match self {
            Self::Workspace => 0,
            Self::Computes { .. }
            | Self::Experiments { .. }
            | Self::Experiment { .. }
            | Self::Runs { .. }
            | Self::Children { .. }
            | Self::Notifications { .. }
            | Self::Datastores { .. }
            | Self::Models { .. }
            | Self::Assets { .. }
            | Self::Images { .. }
            | Self::Services { .. } => 1,
            Self::Run(_) => 3,
            Self::Metrics { .. } => 4,
            _ => 2,
        }
    }

    /// How many things of its kind are done with it, as far as it is known before.
    pub fn things(&self, selection: &Selection) -> Vec<(Kind, usize)> {
        match self {
            Self::Run(_) => {
                let mut things = vec![(Kind::Runs, 1)];
                if selection.has(Kind::Files) {
                    things.push((Kind::Files, 1));
                }
                things
            }
            Self::Metrics { runs, .. } => vec![(Kind::Metrics, runs.len())],
            // These belong to a thing that is counted, or bring things that are counted when they are there.
            Self::Events { .. } | Self::NodeStates { .. } => Vec::new(),
            Self::Files { page, .. } if *page > 1 => Vec::new(),
            task if task.rank() == 1 && !matches!(task, Self::Experiment { .. }) => Vec::new(),
            task => vec![(task.kinds().0, 1)],
        }
    }

    /// How many questions it takes, with what follows from it as far as that is known before.
    pub fn questions(&self, selection: &Selection) -> usize {
        match self {
            Self::Run(_) => 2 + usize::from(selection.has(Kind::Files)),
            Self::Content { .. } => 2,
            _ => 1,
        }
    }

    /// What tells it from others; a list from its beginning is another than a list that goes on.
    pub fn key(&self) -> u64 {
        match self {
            // The details name logs that the list of files has too.
            Self::Content { of, file, .. } => hash(&("content", of, file)),
            task => hash(task),
        }
    }

    /// Tried again: a list is begun anew, since the way on to its next page may not be good any more. What of it is there
    /// already is known.
    pub fn again(self) -> Self {
        match self {
            Self::Computes { .. } => Self::Computes { next: None },
            Self::Experiments { archived, .. } => Self::Experiments { archived, next: None },
            Self::Runs { experiment, runs, .. } => Self::Runs { experiment, runs, next: None },
            Self::Children { experiment, run, .. } => Self::Children { experiment, run, next: None },
            Self::Notifications { .. } => Self::Notifications { next: None },
            Self::Datastores { .. } => Self::Datastores { next: None },
            Self::Models { .. } => Self::Models { next: None },
            Self::Assets { .. } => Self::Assets { next: None },
            Self::Images { .. } => Self::Images { next: None },
            Self::Services { .. } => Self::Services { next: None },
            task => task,
        }
    }

    /// Whether it is a page of a list that is begun anew where one of its pages fails.
    pub fn is_next_page(&self) -> bool {
        self.clone().again() != *self
    }

    /// Smaller ones in its place, where one of several things may be what makes it fail.
    pub fn split(&self) -> Vec<Self> {
        match self {
            Self::Metrics { experiment, runs, page: 1, next: None } if runs.len() > 1 => {
                let one = |run: &RunId| Self::Metrics {
                    experiment: experiment.clone(),
                    runs: vec![run.clone()],
                    page: 1,
                    next: None,
                };
                runs.iter().map(one).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What to ask, and the same in the older form; none where there is nothing to ask, or it is asked in another way.
    pub fn question(&self, selection: &Selection) -> Option<(Question, Option<Question>)> {
        let workspace = || selection.workspace.clone();
        Some(match self {
            Self::Workspace => both(&GetWorkspace { workspace: workspace() }),
            Self::Computes { next } => both(&ListComputes { workspace: workspace(), next: next.clone() }),
            Self::Compute { name } => both(&GetCompute { workspace: workspace(), compute: name.clone() }),
            Self::Experiments { archived, next } => both(&ListExperiments {
                view: if *archived { ExperimentView::Archived } else { ExperimentView::InUse },
                next: next.clone(),
                ..ListExperiments::of(workspace())
            }),
            Self::Experiment { name } => {
                both(&GetExperiment { workspace: workspace(), experiment: name.clone() })
            }
            Self::Runs { experiment, runs, next } => {
                let mut list = ListRuns::of(workspace(), experiment.clone());
                // Runs that begin while this goes on come at the end, and nothing moves to another page.
                list.order_by = Some("CreatedUtc asc".to_owned());
                list.filter.runs.clone_from(runs);
                list.filter.created_after = selection.from;
                list.filter.created_before = selection.to;
                list.next.clone_from(next);
                both(&list)
            }
            Self::Children { experiment, run, next } => {
                let list = ListChildRuns::of(workspace(), experiment.clone(), run.clone());
                both(&ListChildRuns { next: next.clone(), ..list })
            }
            Self::Run(_) | Self::Content { .. } => return None,
            Self::Details(of) => both(&GetRunDetails {
                workspace: workspace(),
                experiment: of.experiment.clone(),
                run: of.run.clone(),
            }),
            Self::Events { of, next, .. } => both(&ListRunEvents {
                workspace: workspace(),
                experiment: of.experiment.clone(),
                run: of.run.clone(),
                next: next.clone(),
            }),
            Self::Files { of, next, .. } => {
                let container = of.container(&selection.workspace);
                both(&ListRunArtifacts { next: next.clone(), ..ListRunArtifacts::of(container) })
            }
            Self::Metrics { experiment, runs, next, .. } => {
                let mut list = ListMetrics::for_runs(&selection.workspace, experiment, runs).next()?;
                list.next.clone_from(next);
                both(&list)
            }
            Self::Notifications { next } => {
                both(&ListNotifications { workspace: workspace(), next: next.clone() })
            }
            Self::Notification { id } => {
                both(&GetNotification { workspace: workspace(), notification: id.clone() })
            }
            Self::Datastores { next } => {
                both(&ListDatastores { next: next.clone(), ..ListDatastores::of(workspace()) })
            }
            Self::Models { next } => both(&ListModels { next: next.clone(), ..ListModels::of(workspace()) }),
            Self::Assets { next } => both(&ListAssets { next: next.clone(), ..ListAssets::of(workspace()) }),
            Self::Images { next } => both(&ListImages { next: next.clone(), ..ListImages::of(workspace()) }),
            Self::Services { next } => {
                both(&ListServices { next: next.clone(), ..ListServices::of(workspace()) })
            }
            Self::Service { id } => both(&GetService::of(workspace(), id.clone())),
            Self::Pipeline { id } => both(&GetPipelineRun::of(workspace(), id.clone())),
            Self::NodeStates { id } => both(&GetPipelineNodeStatuses::of(workspace(), id.clone())),
            Self::Graph { id } => both(&GetPipelineGraph::of(workspace(), id.clone())),
            Self::Module { id } => both(&GetPipelineModule::of(workspace(), id.clone())),
            Self::Template { id } => both(&GetPipelineTemplate::of(workspace(), id.clone())),
            Self::DataSource { id } => both(&GetPipelineDataSource::of(workspace(), id.clone())),
        })
    }

    /// What comes of it where nothing is asked.
    pub fn follow(&self, selection: &Selection) -> Outcome {
        let Self::Run(of) = self else { return Outcome::default() };
        let mut next = vec![Self::Details(of.clone()), Self::Events { of: of.clone(), page: 1, next: None }];
        if selection.has(Kind::Files) {
            next.push(Self::Files { of: of.clone(), page: 1, next: None });
        }
        Outcome { next, ..Outcome::default() }
    }

    /// What comes of an answer.
    ///
    /// # Errors
    /// The refusal, or that the answer is not what was asked for.
    pub fn read(
        &self,
        selection: &Selection,
        response: &http::Response<Vec<u8>>,
    ) -> Result<Outcome, ApiError> {
        if !response.status().is_success() {
            return Err(ApiError::refused(response));
        }
        let unreadable = |error: &serde_json::Error| ApiError::unreadable(response, error);
        let text = std::str::from_utf8(response.body())
            .map_err(|error| unreadable(&serde::de::Error::custom(error)))?
            .trim_start_matches('\u{feff}');
        self.outcome(selection, text).map_err(|error| unreadable(&error))
    }

    fn outcome(&self, selection: &Selection, text: &str) -> serde_json::Result<Outcome> {
        let mut out = Outcome::default();
        match self {
            Self::Workspace => {
                let document: Value = serde_json::from_str(text)?;
                out.region = document["location"].as_str().map(str::to_owned);
                if selection.has(Kind::Workspace) {
                    let id = document["id"].as_str().unwrap_or_default();
                    out.files.push(made("workspace.json".to_owned(), FileKind::Workspace, id, text));
                }
            }
            Self::Computes { .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                out.next.extend(page.link().map(|link| Self::Computes { next: Some(link) }));
                for member in &page.value {
                    let name = text_of(member, "name")?;
                    out.next.push(Self::Compute { name: name.into() });
                }
            }
            Self::Compute { name } => {
                let path = path(["computes", name.as_str()]) + ".json";
                out.files.push(whole(path, FileKind::Compute, name.as_str(), text)?);
            }
            Self::Experiments { archived, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                let next =
                    page.token().map(|next| Self::Experiments { archived: *archived, next: Some(next) });
                out.next.extend(next);
                for member in &page.value {
                    out.experiment(selection, member)?;
                }
            }
            Self::Experiment { .. } => out.experiment(selection, serde_json::from_str(text)?)?,
            Self::Runs { experiment, runs, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                let (experiment, runs) = (experiment.clone(), runs.clone());
                out.runs(selection, &experiment, &runs, &page)?;
                out.next.extend(page.token().map(|next| Self::Runs { experiment, runs, next: Some(next) }));
            }
            Self::Children { experiment, run, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                let (experiment, run) = (experiment.clone(), run.clone());
                out.runs(selection, &experiment, &[], &page)?;
                out.next.extend(page.token().map(|next| Self::Children {
                    experiment,
                    run,
                    next: Some(next),
                }));
            }
            Self::Run(_) | Self::Content { .. } => {}
            Self::Details(of) => {
                let document: Value = serde_json::from_str(text)?;
                out.files.push(of_run(of, FileKind::RunDetails, "details", 1, text));
                let logs = document["logFiles"].as_object().into_iter().flatten();
                if selection.with_logs {
                    let log = |(file, _): (&String, _)| Self::Content {
                        of: of.clone(),
                        file: file.clone(),
                        log: true,
                    };
                    out.next.extend(logs.map(log));
                }
            }
            Self::Events { of, page: number, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                out.files.push(of_run(of, FileKind::RunEvents, "events", *number, text));
                let next = |next| Self::Events { of: of.clone(), page: number + 1, next: Some(next) };
                out.next.extend(page.token().map(next));
            }
            Self::Files { of, page: number, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                out.files.push(of_run(of, FileKind::RunFiles, "files", *number, text));
                for member in &page.value {
                    let file = text_of(member, "path")?;
                    let log = is_log(&file);
                    if if log { selection.with_logs } else { selection.with_contents } {
                        out.next.push(Self::Content { of: of.clone(), file, log });
                    }
                }
                let next = |next| Self::Files { of: of.clone(), page: number + 1, next: Some(next) };
                out.next.extend(page.token().map(next));
            }
            Self::Metrics { experiment, runs, page: number, .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                let mut owners = Vec::with_capacity(page.value.len());
                for member in &page.value {
                    owners.push(text_of(member, "runId")?);
                }
                for run in runs {
                    let own = owners.iter().zip(&page.value).filter(|(owner, _)| *owner == run.as_str());
                    let own: Vec<&str> = own.map(|(_, member)| member.get()).collect();
                    // On the first page the file says that there is nothing, too.
                    if !own.is_empty() || *number == 1 {
                        let of = OfRun { experiment: experiment.clone(), run: run.clone(), container: None };
                        let text = format!("{{\"value\":[{}]}}", own.join(","));
                        out.files.push(of_run(&of, FileKind::RunMetrics, "metrics", *number, &text));
                    }
                }
                let next = |next| Self::Metrics {
                    experiment: experiment.clone(),
                    runs: runs.clone(),
                    page: number + 1,
                    next: Some(next),
                };
                out.next.extend(page.token().map(next));
            }
            Self::Notifications { .. } => {
                // A page, a bare list or a single one: no description of it is public.
                let (members, next) = match serde_json::from_str::<RawPage<'_>>(text) {
                    Ok(page) => (page.value.clone(), page.token()),
                    Err(_) => match serde_json::from_str::<Vec<&RawValue>>(text) {
                        Ok(members) => (members, None),
                        Err(_) => (vec![serde_json::from_str::<&RawValue>(text)?], None),
                    },
                };
                for member in &members {
                    let notification = azimuth_api::Notification(serde_json::from_str(member.get())?);
                    match notification.id() {
                        Some(id) => out.next.push(Self::Notification { id }),
                        None => {
                            // The same one whichever page it is on.
                            let name = format!("without an id {:016x}", hash(&member.get()));
                            let path = path(["notifications", &name]) + ".json";
                            out.files.push(made(path, FileKind::Notification, &name, member.get()));
                        }
                    }
                }
                out.next.extend(next.map(|next| Self::Notifications { next: Some(next) }));
            }
            Self::Notification { id } => {
                let path = path(["notifications", id.as_str()]) + ".json";
                out.files.push(whole(path, FileKind::Notification, id.as_str(), text)?);
            }
            Self::Datastores { .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                for member in &page.value {
                    out.files.push(member_file("datastores", FileKind::Datastore, "name", member)?);
                }
                out.next.extend(page.token().map(|next| Self::Datastores { next: Some(next) }));
            }
            Self::Models { .. } => {
                let page = out.managed(selection, "models", FileKind::Model, text)?;
                out.next.extend(page.map(|next| Self::Models { next: Some(next) }));
            }
            Self::Assets { .. } => {
                let page = out.managed(selection, "assets", FileKind::Asset, text)?;
                out.next.extend(page.map(|next| Self::Assets { next: Some(next) }));
            }
            Self::Images { .. } => {
                let page = out.managed(selection, "images", FileKind::Image, text)?;
                out.next.extend(page.map(|next| Self::Images { next: Some(next) }));
            }
            Self::Services { .. } => {
                let page: RawPage<'_> = serde_json::from_str(text)?;
                for member in &page.value {
                    if fits(selection, member)? {
                        out.next.push(Self::Service { id: text_of(member, "id")?.into() });
                    }
                }
                out.next.extend(page.link().map(|next| Self::Services { next: Some(next) }));
            }
            Self::Service { id } => {
                let path = path(["services", id.as_str()]) + ".json";
                out.files.push(whole(path, FileKind::Service, id.as_str(), text)?);
            }
            Self::Pipeline { id } => {
                let path = path(["pipelines", id.as_str()]) + "/pipeline-run.json";
                out.files.push(whole(path, FileKind::PipelineRun, id.as_str(), text)?);
                out.next.push(Self::NodeStates { id: id.clone() });
                out.pipeline_parts(text)?;
            }
            Self::NodeStates { id } => {
                let path = path(["pipelines", id.as_str()]) + "/node-states.json";
                out.files.push(whole(path, FileKind::PipelineNodeStates, id.as_str(), text)?);
            }
            Self::Graph { id } => {
                out.files.push(pipeline_file("graphs", FileKind::Graph, id, text)?);
                out.pipeline_parts(text)?;
            }
            Self::Module { id } => out.files.push(pipeline_file("modules", FileKind::Module, id, text)?),
            Self::Template { id } => {
                out.files.push(pipeline_file("templates", FileKind::Template, id, text)?);
                out.pipeline_parts(text)?;
            }
            Self::DataSource { id } => {
                out.files.push(pipeline_file("data-sources", FileKind::DataSource, id, text)?);
            }
        }
        Ok(out)
    }
}

impl Outcome {
    fn experiment(&mut self, selection: &Selection, member: &RawValue) -> serde_json::Result<()> {
        let name = text_of(member, "name")?;
        if selection.has(Kind::Experiments) && fits(selection, member)? {
            let path = path(["experiments", &name]) + "/experiment.json";
            self.files.push(Made {
                experiment: Some(name.clone()),
                ..made(path, FileKind::Experiment, &name, member.get())
            });
        }
        if selection.has(Kind::Runs) {
            let experiment = ExperimentName::from(name);
            let list = |runs: &[RunId]| Task::Runs {
                experiment: experiment.clone(),
                runs: runs.to_vec(),
                next: None,
            };
            match &selection.runs {
                Some(runs) => {
                    let runs = runs.iter().filter(|run| RunFilter::can_be_asked(run.as_str()));
                    let runs: Vec<RunId> = runs.cloned().collect();
                    self.next.extend(runs.chunks(RUNS_AT_ONCE).map(list));
                }
                None => self.next.push(list(&[])),
            }
        }
        Ok(())
    }

    /// A page of runs: these of them, or all where none is named.
    fn runs(
        &mut self,
        selection: &Selection,
        experiment: &ExperimentName,
        wanted: &[RunId],
        page: &RawPage<'_>,
    ) -> serde_json::Result<()> {
        let mut measured = Vec::new();
        for member in &page.value {
            let run: Run = serde_json::from_str(member.get())?;
            let is_wanted = wanted.is_empty() || wanted.contains(&run.run_id);
            if !is_wanted || !fits(selection, member)? {
                continue;
            }
            let usual = format!("dcid.{}", run.run_id);
            let container = run.data_container_id.clone().filter(|name| !name.is_empty() && *name != usual);
            let of = OfRun { experiment: experiment.clone(), run: run.run_id.clone(), container };
            self.files.push(of_run(&of, FileKind::Run, "run", 1, member.get()));
            if selection.has(Kind::Pipelines) && run.kind() == RunKind::Pipeline {
                self.next.push(Task::Pipeline { id: PipelineId::from(run.run_id.as_str()) });
            }
            // Who names a run means its parts too.
            if selection.runs.is_some() && run.kind() != RunKind::Script {
                let (experiment, run) = (experiment.clone(), run.run_id.clone());
                self.next.push(Task::Children { experiment, run, next: None });
            }
            self.next.push(Task::Run(of));
            measured.push(run.run_id);
        }
        if selection.has(Kind::Metrics) {
            self.next.extend(measured.chunks(RUNS_AT_ONCE).map(|runs| Task::Metrics {
                experiment: experiment.clone(),
                runs: runs.to_vec(),
                page: 1,
                next: None,
            }));
        }
        Ok(())
    }

    /// The members of a list of model management, and the way on.
    fn managed(
        &mut self,
        selection: &Selection,
        folder: &str,
        kind: FileKind,
        text: &str,
    ) -> serde_json::Result<Option<String>> {
        let page: RawPage<'_> = serde_json::from_str(text)?;
        for member in &page.value {
            if fits(selection, member)? {
                self.files.push(member_file(folder, kind, "id", member)?);
            }
        }
        Ok(page.link())
    }

    /// What a document of the pipeline service names by its id.
    fn pipeline_parts(&mut self, text: &str) -> serde_json::Result<()> {
        let document: Value = serde_json::from_str(text)?;
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(fields) => {
                    for (name, value) in fields {
                        let id = value.as_str().filter(|id| !id.is_empty()).map(PipelineId::from);
                        match (name.to_ascii_lowercase().as_str(), id) {
                            ("graphid", Some(id)) => self.next.push(Task::Graph { id }),
                            ("moduleid", Some(id)) => self.next.push(Task::Module { id }),
                            ("datasetid" | "datasourceid", Some(id)) => {
                                self.next.push(Task::DataSource { id });
                            }
                            ("templateid", Some(id)) => self.next.push(Task::Template { id }),
                            _ => open.push(value),
                        }
                    }
                }
                Value::Array(values) => open.extend(values),
                _ => {}
            }
        }
        Ok(())
    }
}

fn both<O: Operation>(operation: &O) -> (Question, Option<Question>) {
    (Question::of(operation), operation.otherwise().map(|older| Question::of(&older)))
}

/// A hash that stays the same, whatever makes it: FNV-1a. It is written into journals.
pub fn hash(value: &impl Hash) -> u64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }

        fn finish(&self) -> u64 {
            self.0
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

fn made(path: String, kind: FileKind, id: &str, text: &str) -> Made {
    Made { path, kind, id: id.to_owned(), experiment: None, run: None, text: text.to_owned() }
}

/// A document as it came, which has to be one.
fn whole(path: String, kind: FileKind, id: &str, text: &str) -> serde_json::Result<Made> {
    serde_json::from_str::<&RawValue>(text)?;
    Ok(made(path, kind, id, text))
}

fn of_run(of: &OfRun, kind: FileKind, name: &str, page: u32, text: &str) -> Made {
    let name = if page > 1 { format!("{name}-{page}.json") } else { format!("{name}.json") };
    let (experiment, run) = (of.experiment.as_str(), of.run.as_str());
    Made {
        experiment: Some(experiment.to_owned()),
        run: Some(run.to_owned()),
        ..made(run_path(experiment, run, &name), kind, run, text)
    }
}

fn member_file(
    folder: &str,
    kind: FileKind,
    key: &'static str,
    member: &RawValue,
) -> serde_json::Result<Made> {
    let id = text_of(member, key)?;
    Ok(made(path([folder, &id]) + ".json", kind, &id, member.get()))
}

fn pipeline_file(folder: &str, kind: FileKind, id: &PipelineId, text: &str) -> serde_json::Result<Made> {
    whole(path(["pipelines", folder, id.as_str()]) + ".json", kind, id.as_str(), text)
}

/// A text of a member of a list, which has to have it.
fn text_of(member: &RawValue, name: &'static str) -> serde_json::Result<String> {
    let document: Value = serde_json::from_str(member.get())?;
    let text = document[name].as_str().map(str::to_owned);
    text.ok_or_else(|| serde::de::Error::missing_field(name))
}

/// Whether a thing is wanted, by when it was made and by whom, where it says so.
fn fits(selection: &Selection, member: &RawValue) -> serde_json::Result<bool> {
    if !selection.is_narrowed() {
        return Ok(true);
    }
    let document: Value = serde_json::from_str(member.get())?;
    let times = ["createdUtc", "createdTime", "creationTime", "createdDate", "createdOn", "createdAt"];
    let created = times.iter().find_map(|name| Timestamp::parse(document[*name].as_str()?));
    let person = &document["createdBy"];
    let names = ["userName", "userObjectId", "userPuId"].map(|name| person[name].as_str());
    Ok(selection.fits(created, names.into_iter().chain([person.as_str()]).flatten()))
}

/// Whether a file is a log, by where it is.
pub fn is_log(path: &str) -> bool {
    ["azureml-logs/", "user_logs/", "system_logs/", "logs/"].iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection() -> Selection {
        Selection::all(WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() })
    }

    fn read(task: &Task, selection: &Selection, text: &str) -> Outcome {
        task.outcome(selection, text).unwrap()
    }

    fn of(run: &str) -> OfRun {
        OfRun { experiment: "e".into(), run: run.into(), container: None }
    }

    fn paths(outcome: &Outcome) -> Vec<&str> {
        outcome.files.iter().map(|file| file.path.as_str()).collect()
    }

    #[test]
    fn members_of_a_list_are_files_letter_by_letter() {
        let task = Task::Models { next: None };
        let page = "{\"value\":[ {\"id\":\"m:1\",  \"n\": 1.50,\"x\":\"\\u00fc\"},{\"id\":\"m:2\"}],\"nextLink\":\"https://x/y\"}";
        let out = read(&task, &selection(), page);
        assert_eq!(paths(&out), ["models/m_1.json", "models/m_2.json"]);
        assert_eq!(out.files[0].text, "{\"id\":\"m:1\",  \"n\": 1.50,\"x\":\"\\u00fc\"}");
        assert_eq!(out.files[0].id, "m:1");
        assert_eq!(out.next, [Task::Models { next: Some("https://x/y".to_owned()) }]);
    }

    #[test]
    fn a_page_of_runs_leads_to_all_there_is_of_them() {
        let task = Task::Runs { experiment: "e".into(), runs: Vec::new(), next: None };
        let page = r#"{"value":[{"runId":"r_1","status":"Completed","dataContainerId":"dcid.r_1"},{"runId":"r_2","status":"Completed","runType":"azureml.PipelineRun","dataContainerId":"other"}],"continuationToken":"c"}"#;
        let out = read(&task, &selection(), page);
        assert_eq!(paths(&out), ["experiments/e/runs/r_1/run.json", "experiments/e/runs/r_2/run.json"]);
        let other = OfRun { container: Some("other".to_owned()), ..of("r_2") };
        assert_eq!(
            out.next,
            [
                Task::Run(of("r_1")),
                Task::Pipeline { id: "r_2".into() },
                Task::Run(other),
                Task::Metrics {
                    experiment: "e".into(),
                    runs: vec!["r_1".into(), "r_2".into()],
                    page: 1,
                    next: None
                },
                Task::Runs { experiment: "e".into(), runs: Vec::new(), next: Some("c".to_owned()) },
            ]
        );
    }

    #[test]
    fn of_named_runs_no_others_are_taken_and_no_id_changes_the_question() {
        let wanted =
            Selection { runs: Some(vec!["r_1".into(), "r_1 or RunId ne r_1".into()]), ..selection() };
        let out = read(&Task::Experiment { name: "e".into() }, &wanted, r#"{"name":"e"}"#);
        let list = Task::Runs { experiment: "e".into(), runs: vec!["r_1".into()], next: None };
        assert_eq!(out.next, vec![list.clone()]);
        let page = r#"{"value":[{"runId":"r_1","status":"Completed"},{"runId":"r_2","status":"Completed"}]}"#;
        assert_eq!(paths(&read(&list, &wanted, page)), ["experiments/e/runs/r_1/run.json"]);
        // Parts of a run that is wanted have ids of their own.
        let parts = Task::Children { experiment: "e".into(), run: "r_1".into(), next: None };
        assert_eq!(paths(&read(&parts, &wanted, page)).len(), 2);
    }

    #[test]
    fn notifications_without_an_id_are_told_apart_whichever_page_they_are_on() {
        let page = |text: &str| read(&Task::Notifications { next: None }, &selection(), text);
        let first = page(r#"{"value":[{"event":"a"}],"continuationToken":"c"}"#);
        let second = page(r#"{"value":[{"event":"b"},{"event":"a"}]}"#);
        assert_ne!(paths(&first)[0], paths(&second)[0]);
        assert_eq!(paths(&first)[0], paths(&second)[1]);
    }

    #[test]
    fn metrics_of_many_runs_become_a_file_for_each() {
        let runs: Vec<RunId> = vec!["r_1".into(), "r_2".into()];
        let task = |page| Task::Metrics { experiment: "e".into(), runs: runs.clone(), page, next: None };
        let text = r#"{"value":[{"runId":"r_2","name":"a","cells":[{"a":1.0}]},{"runId":"r_9","name":"b"},{"runId":"r_2","name":"c"}]}"#;
        let out = read(&task(1), &selection(), text);
        assert_eq!(
            paths(&out),
            ["experiments/e/runs/r_1/metrics.json", "experiments/e/runs/r_2/metrics.json"]
        );
        assert_eq!(out.files[0].text, r#"{"value":[]}"#);
        assert_eq!(
            out.files[1].text,
            r#"{"value":[{"runId":"r_2","name":"a","cells":[{"a":1.0}]},{"runId":"r_2","name":"c"}]}"#
        );
        assert_eq!(paths(&read(&task(2), &selection(), text)), ["experiments/e/runs/r_2/metrics-2.json"]);
        assert_eq!(task(1).split().len(), 2);
        assert!(task(1).split()[0].split().is_empty());
    }

    #[test]
    fn of_the_files_of_a_run_logs_and_contents_are_taken_as_wished() {
        let page = r#"{"value":[{"path":"logs/a.txt"},{"path":"outputs/m.pkl"}]}"#;
        let task = Task::Files { of: of("r_1"), page: 1, next: None };
        let wanted = |with_logs, with_contents| {
            let selection = Selection { with_logs, with_contents, ..selection() };
            let out = read(&task, &selection, page);
            let name = |task: &Task| {
                if let Task::Content { file, .. } = task { file.clone() } else { String::new() }
            };
            out.next.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(wanted(true, true), ["logs/a.txt", "outputs/m.pkl"]);
        assert_eq!(wanted(true, false), ["logs/a.txt"]);
        assert!(wanted(false, false).is_empty());
    }

    #[test]
    fn what_a_pipeline_names_is_asked_for() {
        let task = Task::Graph { id: "g".into() };
        let text = r#"{"Id":"g","ModuleNodes":[{"Id":"n","ModuleId":"m"}],"DatasetNodes":[{"DatasetId":"d"}],"TemplateId":"t"}"#;
        let out = read(&task, &selection(), text);
        for expected in [
            Task::Module { id: "m".into() },
            Task::DataSource { id: "d".into() },
            Task::Template { id: "t".into() },
        ] {
            assert!(out.next.contains(&expected), "{expected:?}");
        }
        assert_eq!(paths(&out), ["pipelines/graphs/g.json"]);
    }

    #[test]
    fn an_answer_that_is_no_list_is_no_empty_list() {
        for task in [Task::Models { next: None }, Task::Datastores { next: None }] {
            assert!(task.outcome(&selection(), "{}").is_err());
        }
        let task = Task::Compute { name: "c".into() };
        assert!(task.outcome(&selection(), "<html>").is_err());
    }

    #[test]
    fn tasks_are_read_back_as_they_were_written() {
        for task in [
            Task::Workspace,
            Task::Run(of("r_1")),
            Task::Content { of: of("r_1"), file: "a/b".to_owned(), log: true },
            Task::Runs { experiment: "e".into(), runs: vec!["r".into()], next: Some("c".to_owned()) },
        ] {
            let text = serde_json::to_string(&task).unwrap();
            assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
        }
    }
}
