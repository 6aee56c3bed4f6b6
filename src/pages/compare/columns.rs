//! What is asked for each run that is compared.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use azimuth_api::{
    ApiError, ExperimentName, GetExperimentById, GetRunById, GetRunDetails, ListMetrics, Paged,
    PrimaryMetric, RunDetails, RunId, RunMetric, WorkspaceId,
};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::*;

use crate::client::Client;
use crate::pages::compare::known::{FoundRun, Known, Measured};
use crate::query::{Query, query_several};

/// How often a run that goes on is asked for, with its metrics.
const WHILE_IT_RUNS: Duration = Duration::from_secs(10);
/// With so many values one answer has megabytes, so it is asked for less often.
const MANY_VALUES: usize = 50_000;
const WHILE_IT_RUNS_WITH_MANY: Duration = Duration::from_secs(60);
/// What was logged last arrives a little after the run is over.
const LATE_MILLISECONDS: i64 = 60_000;
/// How many pages of metrics are asked for.
const MOST_PAGES: usize = 50;

/// A run beside the others.
#[derive(Clone)]
pub struct Column {
    pub id: RunId,
    pub found: Query<FoundRun>,
    pub details: Query<RunDetails>,
    pub metrics: Query<Measured>,
    pub known: Memo<Arc<Known>>,
    /// Its questions end with it.
    _owner: Owner,
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// A column for each run. One that stays, wherever it moves, keeps what is known of it.
pub fn columns(workspace: WorkspaceId, runs: Memo<Vec<RunId>>) -> Memo<Vec<Column>> {
    let lookups = StoredValue::new_local(Lookups::new(expect_context::<Client>(), workspace.clone()));
    let page = Owner::current().expect("a page has an owner");
    Memo::new(move |known: Option<&Vec<Column>>| {
        let known = known.map(Vec::as_slice).unwrap_or_default();
        let column = |run: RunId| {
            let kept = known.iter().find(|column| column.id == run).cloned();
            kept.unwrap_or_else(|| {
                let owner = page.child();
                untrack(|| owner.with(|| Column::new(&workspace, run, lookups, owner.clone())))
            })
        };
        runs.get().into_iter().map(column).collect()
    })
}

impl Column {
    fn new(
        workspace: &WorkspaceId,
        id: RunId,
        lookups: StoredValue<Lookups, LocalStorage>,
        owner: Owner,
    ) -> Self {
        let client = expect_context::<Client>();
        let place = StoredValue::new((workspace.clone(), id.clone()));
        let first = move || {
            place.with_value(|(workspace, run)| GetRunById { workspace: workspace.clone(), run: run.clone() })
        };
        let found = query_several(
            move || Some(first()),
            move |operation: GetRunById, known: Option<FoundRun>| {
                let lookups = lookups.get_value();
                async move {
                    let run = client.ask(&operation).await?;
                    if let Some(known) = known {
                        return Ok(FoundRun { run, ..known });
                    }
                    let experiment = match run.experiment_id.clone() {
                        Some(id) => Some(lookups.experiment(id).await?),
                        None => None,
                    };
                    let parent = run.parent_run_id.clone();
                    let primary_metric = match (run.primary_metric(), parent) {
                        (None, Some(parent)) => lookups.primary_metric(parent).await,
                        (own, _) => own,
                    };
                    Ok(FoundRun { run, experiment, primary_metric })
                }
            },
        );
        let experiment =
            Memo::new(move |_| found.with(|found| found.and_then(|found| found.experiment.clone())));
        let details = query_several(
            move || {
                let experiment = experiment.get()?;
                place.with_value(|(workspace, run)| {
                    Some(GetRunDetails { workspace: workspace.clone(), experiment, run: run.clone() })
                })
            },
            move |operation: GetRunDetails, _| async move { client.ask(&operation).await },
        );
        let metrics = query_several(
            move || {
                let experiment = experiment.get()?;
                place.with_value(|(workspace, run)| {
                    Some(ListMetrics::of(workspace.clone(), experiment, run.clone()))
                })
            },
            move |operation: ListMetrics, _| async move { all_metrics(client, operation).await },
        );
        let found = found.refresh(move |found| {
            let values = metrics.with_untracked(|measured| measured.map_or(0, values));
            refresh_after(found, values, js_sys::Date::now() as i64)
        });
        // The metrics are as old as the run, so that one pause and one button are for both.
        Effect::new(move |previous: Option<Option<f64>>| {
            let updated = found.updated().get();
            let was_there = previous.flatten().is_some();
            // A slow answer is waited for.
            if was_there && updated != previous.flatten() && !metrics.is_loading().get_untracked() {
                metrics.ask_again();
            }
            updated
        });
        let own_id = id.clone();
        let known = Memo::new(move |_| {
            found.with(|found| {
                details.with(|details| {
                    metrics.with(|metrics| Arc::new(Known::of(&own_id, found, details, metrics)))
                })
            })
        });
        Self { id, found, details, metrics, known, _owner: owner }
    }

    /// Whether it asks again by itself.
    pub fn is_growing(&self) -> bool {
        self.found.with(|found| found.is_some_and(|found| !found.run.status.is_finished()))
    }
}

fn values(measured: &Measured) -> usize {
    measured.metrics.iter().map(|metric| metric.cells.rows).sum()
}

fn refresh_after(found: &FoundRun, values: usize, now: i64) -> Option<Duration> {
    let end = found.run.end_time_utc.map_or(0, |end| end.unix_milliseconds() + LATE_MILLISECONDS);
    let grows = !found.run.status.is_finished() || now < end;
    let delay = if values > MANY_VALUES { WHILE_IT_RUNS_WITH_MANY } else { WHILE_IT_RUNS };
    grows.then_some(delay)
}

async fn all_metrics(client: Client, first: ListMetrics) -> Result<Measured, ApiError> {
    let mut metrics = Vec::new();
    let mut next = Some(first);
    let mut pages = 0;
    while let Some(operation) = next.take_if(|_| pages < MOST_PAGES) {
        let page = client.ask(&operation).await?;
        next = operation.after(&page);
        metrics.extend(page.value);
        pages += 1;
    }
    Ok(Measured { metrics: RunMetric::joined(metrics), has_more: next.is_some() })
}

type Answering<T> = Shared<LocalBoxFuture<'static, Result<T, ApiError>>>;

/// What several runs ask for, asked once: the names of their experiments, and the runs that they are parts of.
#[derive(Clone)]
struct Lookups {
    client: Client,
    workspace: WorkspaceId,
    experiments: Rc<RefCell<HashMap<String, Answering<ExperimentName>>>>,
    parents: Rc<RefCell<HashMap<RunId, Answering<Option<PrimaryMetric>>>>>,
}

impl Lookups {
    fn new(client: Client, workspace: WorkspaceId) -> Self {
        Self { client, workspace, experiments: Rc::default(), parents: Rc::default() }
    }

    async fn experiment(&self, id: String) -> Result<ExperimentName, ApiError> {
        let (client, workspace, experiment_id) = (self.client, self.workspace.clone(), id.clone());
        let answering = self
            .experiments
            .borrow_mut()
            .entry(id.clone())
            .or_insert_with(|| {
                let asking = async move {
                    let operation = GetExperimentById { workspace, experiment_id };
                    client.ask(&operation).await.map(|experiment| experiment.name)
                };
                asking.boxed_local().shared()
            })
            .clone();
        let answer = answering.await;
        if answer.is_err() {
            self.experiments.borrow_mut().remove(&id);
        }
        answer
    }

    /// What the trials of a run are judged by. It only helps to tell good from bad, so a failure is none of the page's.
    async fn primary_metric(&self, parent: RunId) -> Option<PrimaryMetric> {
        let (client, workspace, run) = (self.client, self.workspace.clone(), parent.clone());
        let answering = self
            .parents
            .borrow_mut()
            .entry(parent)
            .or_insert_with(|| {
                let asking = async move {
                    let parent = client.ask(&GetRunById { workspace, run }).await?;
                    Ok(parent.primary_metric())
                };
                asking.boxed_local().shared()
            })
            .clone();
        answering.await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use azimuth_api::Run;

    use super::*;

    fn found(fields: &str) -> FoundRun {
        let run: Run = serde_json::from_str(&format!(r#"{{"runId":"r",{fields}}}"#)).unwrap();
        FoundRun { run, experiment: None, primary_metric: None }
    }

    #[test]
    fn a_run_is_asked_for_again_until_its_last_metrics_have_arrived() {
        let running = found(r#""status":"Running""#);
        assert_eq!(refresh_after(&running, 0, 0), Some(WHILE_IT_RUNS));
        assert_eq!(refresh_after(&running, MANY_VALUES + 1, 0), Some(WHILE_IT_RUNS_WITH_MANY));
        let over = found(r#""status":"Completed","endTimeUtc":"2020-01-21T21:35:48Z""#);
        let end = over.run.end_time_utc.unwrap().unix_milliseconds();
        assert_eq!(refresh_after(&over, 0, end + 1_000), Some(WHILE_IT_RUNS));
        assert_eq!(refresh_after(&over, 0, end + LATE_MILLISECONDS), None);
        assert_eq!(refresh_after(&found(r#""status":"Failed""#), 0, 0), None);
    }
}
