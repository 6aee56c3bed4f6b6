//! The latest numbers that runs measured, asked for a few rows at a time as they come onto the screen.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use azimuth_api::{ApiError, ExperimentName, ListMetrics, RunId, RunMetric, WorkspaceId};
use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::client::Client;
use crate::query::whole_list;

/// By name.
pub type Numbers = BTreeMap<String, f64>;

/// How long rows are gathered before they are asked for together.
const GATHERED: Duration = Duration::from_millis(60);

/// What is known of the runs of an experiment. A handle.
#[derive(Clone, Copy)]
pub struct Measured {
    known: RwSignal<HashMap<RunId, Arc<Numbers>>>,
    error: RwSignal<Option<ApiError>>,
    wanted: StoredValue<Vec<RunId>>,
    /// Those that were asked for last and did not come.
    missing: StoredValue<Vec<RunId>>,
    tasks: StoredValue<Vec<AbortHandle>>,
    client: Client,
    place: StoredValue<(WorkspaceId, ExperimentName)>,
}

impl Measured {
    /// Nothing yet. What is asked ends with the page.
    pub fn new(place: StoredValue<(WorkspaceId, ExperimentName)>) -> Self {
        let tasks = StoredValue::new(Vec::<AbortHandle>::new());
        on_cleanup(move || {
            let _ = tasks.try_update_value(|tasks| tasks.iter().for_each(AbortHandle::abort));
        });
        Self {
            known: RwSignal::new(HashMap::new()),
            error: RwSignal::new(None),
            wanted: StoredValue::new(Vec::new()),
            missing: StoredValue::new(Vec::new()),
            tasks,
            client: expect_context::<Client>(),
            place,
        }
    }

    /// What a run measured, if that is known.
    pub fn of(self, run: &RunId) -> Option<Arc<Numbers>> {
        self.known.with(|known| known.get(run).cloned())
    }

    /// The names of all that is known.
    pub fn names(self) -> Vec<String> {
        self.known.with(|known| {
            let mut names: Vec<String> = known.values().flat_map(|numbers| numbers.keys().cloned()).collect();
            names.sort_unstable();
            names.dedup();
            names
        })
    }

    /// Why the latest of it did not come.
    pub fn error(self) -> Signal<Option<ApiError>> {
        self.error.into()
    }

    /// Asks for a run that is on the screen; again where it may have gone on since.
    pub fn want(self, run: RunId, goes_on: bool) {
        if !goes_on && self.known.with_untracked(|known| known.contains_key(&run)) {
            return;
        }
        let is_first = self.wanted.try_update_value(|wanted| {
            let is_first = wanted.is_empty();
            if !wanted.contains(&run) {
                wanted.push(run);
            }
            is_first
        });
        if is_first == Some(true) {
            set_timeout(move || self.ask(), GATHERED);
        }
    }

    /// Asks again for what did not come.
    pub fn try_again(self) {
        self.error.set(None);
        let missing = self.missing.try_update_value(std::mem::take).unwrap_or_default();
        for run in missing {
            self.want(run, true);
        }
    }

    fn ask(self) {
        let Some(runs) = self.wanted.try_update_value(std::mem::take) else { return };
        let (task, handle) = abortable(self.load(runs));
        self.tasks.update_value(|tasks| {
            tasks.retain(|task| !task.is_aborted());
            tasks.push(handle);
        });
        spawn_local(async move {
            let _ = task.await;
        });
    }

    async fn load(self, runs: Vec<RunId>) {
        let Some((workspace, experiment)) = self.place.try_get_value() else { return };
        for operation in ListMetrics::for_runs(&workspace, &experiment, &runs) {
            let asked = operation.runs.clone();
            match whole_list(self.client, operation).await {
                Ok(metrics) => {
                    let mut numbers: HashMap<RunId, Numbers> =
                        asked.into_iter().map(|run| (run, Numbers::new())).collect();
                    for metric in RunMetric::joined(metrics) {
                        if let Some(number) = metric.latest_number() {
                            numbers.entry(metric.run_id).or_default().insert(metric.name, number);
                        }
                    }
                    self.error.try_set(None);
                    self.known.try_update(|known| {
                        known.extend(numbers.into_iter().map(|(run, numbers)| (run, Arc::new(numbers))));
                    });
                }
                Err(error) => {
                    self.error.try_set(Some(error));
                    self.missing.try_update_value(|missing| missing.extend(asked));
                    return;
                }
            }
        }
    }
}
