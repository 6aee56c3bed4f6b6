//! Asks the first pages that a plan is worked out from.

use std::collections::{BTreeMap, BTreeSet};

use azimuth_api::{
    ApiError, ArtifactContainer, ExperimentName, ExperimentView, GetArtifactContentInfo, GetRunDetails,
    GetWorkspace, ListAssets, ListComputes, ListDatastores, ListExperiments, ListImages, ListMetrics,
    ListModels, ListNotifications, ListRunArtifacts, ListRunEvents, ListRuns, ListServices, Operation, Page,
    Paged, Run, RunFilter, RunKind, SignedAddress, Timestamp,
};
use futures::future::LocalBoxFuture;
use futures::stream::{StreamExt, iter};
use http::header::CONTENT_RANGE;

use crate::client::{Client, Question};
use crate::export::plan::{Cost, Files, FirstPage, ListedExperiments, NewestRuns, OneRun, Samples};
use crate::export::selection::{Kind, Selection};
use crate::export::task::is_log;
use crate::transport::ByteRange;

/// How many chosen runs are asked for at once.
const RUNS_AT_ONCE: usize = 20;
/// How many wait for their answer at a time.
const AT_ONCE: usize = 4;
/// How many pages of experiments are listed.
const EXPERIMENT_PAGES: usize = 20;
/// Into how many experiments it looks.
const EXPERIMENTS: usize = 40;
/// Of how many runs everything is asked.
const WHOLE_RUNS: usize = 3;
/// Of how many files of a run it is found out how large they are.
const SIZES: usize = 3;

/// Asks for what is wanted, in part. What fails is kept as that, and the rest goes on. `asked` is told of each answer.
pub async fn samples(client: Client, selection: &Selection, asked: impl Fn() + Copy + 'static) -> Samples {
    let asking = Asking { client, selection, asked };
    let needs_runs =
        [Kind::Runs, Kind::Metrics, Kind::Files, Kind::Pipelines].iter().any(|kind| selection.has(*kind));
    let mut samples = Samples::default();
    if selection.has(Kind::Workspace) {
        let question = GetWorkspace { workspace: selection.workspace.clone() };
        samples.workspace = Some(asking.cost(question).await);
    }
    samples.lists = asking.lists().await;
    if !needs_runs && !selection.has(Kind::Experiments) {
        return samples;
    }
    let (experiments, names) = asking.experiments().await;
    samples.experiments = Some(experiments);
    if !needs_runs {
        return samples;
    }
    let looked = spread(&names, EXPERIMENTS);
    let found: Vec<LookedInto> =
        iter(looked).map(|name| asking.newest_runs(name)).buffered(AT_ONCE).collect().await;
    let mut whole = Vec::new();
    for one in found {
        samples.runs.push(one.map(|(found, experiment, runs)| {
            samples.people.extend(runs.iter().flat_map(names_of).map(str::to_owned));
            let fitting = runs.into_iter().filter(|run| fits(selection, run));
            // The newest may still go on, and has little.
            let mut fitting: Vec<Run> = fitting.collect();
            let ended = fitting.iter().position(|run| run.status.is_finished()).unwrap_or(0);
            if ended < fitting.len() {
                whole.push((experiment, fitting.swap_remove(ended)));
            }
            found
        }));
    }
    let whole = spread(&whole, WHOLE_RUNS);
    samples.of_runs =
        iter(whole).map(|(experiment, run)| asking.whole(experiment, run)).buffered(AT_ONCE).collect().await;
    samples
}

/// Who a run names as its maker.
fn names_of(run: &Run) -> impl Iterator<Item = &str> {
    run.created_by.iter().filter_map(|person| person.user_name.as_deref()).filter(|name| !name.is_empty())
}

fn fits(selection: &Selection, run: &Run) -> bool {
    let person = run.created_by.as_ref();
    let made_by = person.into_iter().flat_map(|person| [&person.user_name, &person.user_object_id]).flatten();
    selection.fits(run.created_utc, made_by.map(String::as_str))
}

/// So many of them, from all over.
fn spread<T: Clone>(all: &[T], most: usize) -> Vec<T> {
    let count = all.len().min(most);
    (0..count).map(|place| all[place * all.len() / count].clone()).collect()
}

#[derive(Clone, Copy)]
struct Asking<'a, F> {
    client: Client,
    selection: &'a Selection,
    asked: F,
}

/// What came of looking into an experiment: how many runs it has, which it is, and some of them.
type LookedInto = Result<(NewestRuns, ExperimentName, Vec<Run>), ApiError>;

impl<F: Fn() + Copy + 'static> Asking<'_, F> {
    /// An answer and what it cost.
    async fn ask<O: Operation>(self, operation: O) -> Result<(O::Output, Cost), ApiError> {
        let began = js_sys::Date::now();
        let older = operation.otherwise().map(|older| Question::of(&older));
        let answer = self.client.answer(Question::of(&operation), older).await;
        (self.asked)();
        let answer = answer?;
        let cost = Cost { bytes: answer.body().len() as f64, milliseconds: js_sys::Date::now() - began };
        Ok((operation.read(&answer)?, cost))
    }

    async fn cost<O: Operation>(self, operation: O) -> Result<Cost, ApiError> {
        self.ask(operation).await.map(|(_, cost)| cost)
    }

    async fn first_page<O: Paged>(
        self,
        operation: O,
        created: fn(&O::Item) -> Option<Timestamp>,
    ) -> Result<FirstPage, ApiError> {
        let (page, cost): (Page<O::Item>, Cost) = self.ask(operation).await?;
        let fitting = page.value.iter().filter(|item| self.selection.fits(created(item), [])).count();
        Ok(FirstPage { cost, items: page.value.len(), fitting, is_last: page.is_last() })
    }

    /// What is one list.
    async fn lists(self) -> BTreeMap<Kind, Result<FirstPage, ApiError>> {
        let workspace = || self.selection.workspace.clone();
        let kinds = Kind::ALL.into_iter().filter(|kind| self.selection.has(*kind));
        let asked = kinds.filter_map(|kind| {
            let page: LocalBoxFuture<'_, _> = match kind {
                Kind::Computes => {
                    let list = ListComputes { workspace: workspace(), next: None };
                    Box::pin(self.first_page(list, |compute| compute.properties.created_on))
                }
                Kind::Notifications => {
                    let list = ListNotifications { workspace: workspace(), next: None };
                    Box::pin(self.first_page(list, |_| None))
                }
                Kind::Datastores => Box::pin(self.first_page(ListDatastores::of(workspace()), |_| None)),
                Kind::Models => {
                    Box::pin(self.first_page(ListModels::of(workspace()), |model| model.created_time))
                }
                Kind::Assets => {
                    Box::pin(self.first_page(ListAssets::of(workspace()), |asset| asset.created_time))
                }
                Kind::Images => {
                    Box::pin(self.first_page(ListImages::of(workspace()), |image| image.created_time))
                }
                Kind::Services => {
                    Box::pin(self.first_page(ListServices::of(workspace()), |service| service.created_time))
                }
                _ => return None,
            };
            Some(async move { (kind, page.await) })
        });
        iter(asked.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await
    }

    /// The experiments that are wanted: those that were chosen, or those in use and then the archived ones.
    async fn experiments(self) -> (Result<ListedExperiments, ApiError>, Vec<ExperimentName>) {
        if let Some(chosen) = &self.selection.experiments {
            let listed = ListedExperiments { pages: Vec::new(), wanted: chosen.len(), is_all: true };
            return (Ok(listed), chosen.clone());
        }
        let mut listed = ListedExperiments { is_all: true, ..ListedExperiments::default() };
        let (mut known, mut names) = (BTreeSet::new(), Vec::new());
        for view in [ExperimentView::InUse, ExperimentView::Archived] {
            let mut next =
                Some(ListExperiments { view, ..ListExperiments::of(self.selection.workspace.clone()) });
            while let Some(question) = next.take() {
                if listed.pages.len() >= EXPERIMENT_PAGES {
                    listed.is_all = false;
                    break;
                }
                let (page, cost) = match self.ask(question.clone()).await {
                    Ok(answer) => answer,
                    Err(error) => return (Err(error), Vec::new()),
                };
                listed.pages.push(cost);
                next = question.after(&page);
                // The older way of asking gives the archived ones with the others.
                names.extend(
                    page.value.into_iter().map(|one| one.name).filter(|name| known.insert(name.clone())),
                );
            }
        }
        listed.wanted = names.len();
        (Ok(listed), names)
    }

    async fn newest_runs(self, experiment: ExperimentName) -> LookedInto {
        let mut list = ListRuns::of(self.selection.workspace.clone(), experiment.clone());
        // The whole second: what begins within it belongs to the next.
        let before = |to: Timestamp| Timestamp::from_unix_milliseconds(to.unix_milliseconds() - 1_000);
        let runs = self.selection.runs.iter().flatten();
        let runs = runs.filter(|run| RunFilter::can_be_asked(run.as_str()));
        list.filter.runs = runs.take(RUNS_AT_ONCE).cloned().collect();
        list.filter.created_after = self.selection.from;
        list.filter.created_before = self.selection.to.map(before);
        let is_narrowed =
            self.selection.from.is_some() || self.selection.to.is_some() || self.selection.runs.is_some();
        let (page, cost) = self.ask(list).await?;
        let is_last = page.is_last();
        let runs = page.value;
        let fitting: Vec<&Run> = runs.iter().filter(|run| fits(self.selection, run)).collect();
        let found = NewestRuns {
            newest_number: runs.first().and_then(|run| run.run_number).filter(|_| !is_narrowed),
            pipelines: fitting.iter().filter(|run| run.kind() == RunKind::Pipeline).count(),
            has_parts: fitting.iter().any(|run| run.kind() != RunKind::Script),
            page: FirstPage { cost, items: runs.len(), fitting: fitting.len(), is_last },
        };
        Ok((found, experiment, runs))
    }

    /// All that is asked of one run.
    async fn whole(self, experiment: ExperimentName, run: Run) -> OneRun {
        let workspace = &self.selection.workspace;
        let mut found = OneRun::default();
        let mut logs = BTreeMap::new();
        if self.selection.has(Kind::Runs) {
            let (workspace, experiment, run) = (workspace.clone(), experiment.clone(), run.run_id.clone());
            let details = GetRunDetails {
                workspace: workspace.clone(),
                experiment: experiment.clone(),
                run: run.clone(),
            };
            found.details = Some(self.ask(details).await.map(|(details, cost)| {
                logs = details.log_files;
                cost
            }));
            found.events = Some(self.cost(ListRunEvents { workspace, experiment, run, next: None }).await);
        }
        if self.selection.has(Kind::Metrics) {
            let metrics = ListMetrics::of(workspace.clone(), experiment, run.run_id.clone());
            found.metrics = Some(self.cost(metrics).await);
        }
        if self.selection.has(Kind::Files) {
            let named = run.data_container_id.as_deref();
            let container = ArtifactContainer::of_run(workspace.clone(), &run.run_id, named);
            found.files = Some(self.files(container, logs).await);
        }
        found
    }

    async fn files(
        self,
        container: ArtifactContainer,
        listed: BTreeMap<String, SignedAddress>,
    ) -> Result<Files, ApiError> {
        let (page, cost) = self.ask(ListRunArtifacts::of(container.clone())).await?;
        let (mut logs, others): (Vec<String>, Vec<String>) =
            page.value.into_iter().map(|file| file.path).partition(|path| is_log(path));
        // Details may name logs that no list has.
        let unlisted: Vec<String> = listed.keys().filter(|path| !logs.contains(path)).cloned().collect();
        logs.extend(unlisted);
        let mut files = Files { cost, logs: logs.len(), others: others.len(), ..Files::default() };
        if self.selection.with_logs {
            files.log_sizes = self.sizes(&container, &spread(&logs, SIZES), &listed).await;
        }
        if self.selection.with_contents {
            files.other_sizes = self.sizes(&container, &spread(&others, SIZES), &listed).await;
        }
        Ok(files)
    }

    /// How large files are, as the storage says it beside their first byte. The artifact service would send them whole.
    async fn sizes(
        self,
        container: &ArtifactContainer,
        paths: &[String],
        listed: &BTreeMap<String, SignedAddress>,
    ) -> Vec<f64> {
        let mut sizes = Vec::new();
        for path in paths {
            let address = match listed.get(path) {
                Some(address) => Ok(address.clone()),
                None => {
                    let question = GetArtifactContentInfo::of(container.clone(), path);
                    self.ask(question).await.map(|(content, _)| content.content_uri)
                }
            };
            let Ok(address) = address else { continue };
            let may_be_read = address.origin().is_none_or(|origin| self.client.data_origins().has(&origin));
            if !may_be_read {
                continue;
            }
            let answer = self.client.read_signed(&address, ByteRange { from: 0, to: Some(1) }).await;
            (self.asked)();
            let said = answer.ok().and_then(|answer| {
                let range = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?;
                range.rsplit_once('/')?.1.parse::<f64>().ok()
            });
            sizes.extend(said);
        }
        sizes
    }
}
