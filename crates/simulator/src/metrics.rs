//! Metrics: what runs have measured, as run history tells it.

use time::Duration;

use crate::answer::{Answer, Outcome};
use crate::errors::{HISTORY, user_error};
use crate::history::{METRIC_FIELDS, View, Wanted};
use crate::measured::Measured;
use crate::paging::in_order;
use crate::run_output;
use crate::run_progress::Board;
use crate::state::{Experiment, Run};
use crate::times::seconds;

/// Guess: for how long what a script measured is on its way. The published client waits for it after a run's end.
const INGESTION_SECONDS: f64 = 8.0;

/// Guess: how many cells an answer holds at most. More come on the next page.
const LARGEST_PAGE: usize = 100_000;

impl View<'_> {
    /// The metrics of an experiment's runs. Values of one name come merged, unless the query asks for each alone.
    pub fn metrics(&self, experiment: &Experiment) -> Outcome {
        let wanted = Wanted::read(self.call, METRIC_FIELDS)?;
        let ids = wanted.filter.as_ref().and_then(|filter| filter.only_values_of("runId"));
        let fits = |metric: &Measured| wanted.filter.as_ref().is_none_or(|filter| filter.fits(metric.head()));
        let size = wanted.top.unwrap_or(self.simulator.page_size);
        // Without an order nothing behind the page matters.
        let reach = if wanted.order.is_some() { usize::MAX } else { wanted.reach(size) };
        let metrics: Vec<Measured> =
            self.measured(experiment, ids.as_deref()).filter(fits).take(reach).collect();
        let places = match &wanted.order {
            None => (0..metrics.len()).collect(),
            Some(order) => in_order(metrics.len(), metrics.len(), &|left, right| {
                order.compare(metrics[left].head(), metrics[right].head())
            }),
        };
        let alone =
            self.call.query("mergestrategytype").is_some_and(|kind| kind.eq_ignore_ascii_case("none"));
        // Which metric, and which of its values.
        let items: Vec<(usize, Option<usize>)> = places
            .into_iter()
            .flat_map(|index| {
                let metric = &metrics[index];
                let values = if alone && metric.is_merged() { metric.count } else { 1 };
                (0..values).map(move |value| (index, (values > 1).then_some(value)))
            })
            .collect();
        let most = if alone { 1 } else { metrics.iter().map(|metric| metric.count).max().unwrap_or(1) };
        let size = size.min((LARGEST_PAGE / most.max(1)).max(1));
        self.page_of(items, &wanted, size, |(index, value)| match value {
            Some(value) => metrics[index].one(value),
            None => metrics[index].whole(),
        })
    }

    pub fn metric(&self, experiment: &Experiment, id: &str) -> Outcome {
        let metric = self.measured(experiment, None).find(|metric| metric.head()["metricId"] == id);
        let refusal = || user_error(self.call, HISTORY, 404, format!("Metric {id} was not found"));
        Ok(Answer::json(200, &metric.ok_or_else(refusal)?.whole()))
    }

    /// Whether everything has arrived that a run has measured so far.
    pub fn ingestion(&self, run: &Run) -> Outcome {
        let (now, arrived) = (self.board.moment(run), self.arrived().moment(run));
        let is_done = now.work_done <= arrived.work_done && now.is_over() == arrived.is_over();
        Ok(Answer::empty(if is_done { 200 } else { 202 }))
    }

    /// What the runs with some ids, or all, have measured, one after the other.
    fn measured<'b>(
        &'b self,
        experiment: &'b Experiment,
        ids: Option<&'b [&'b str]>,
    ) -> impl Iterator<Item = Measured> {
        let arrived = self.arrived();
        experiment.runs.iter(ids).flat_map(move |run| run_output::metrics(&run, &arrived.moment(&run)))
    }

    /// The runs as they were when what has arrived by now was measured.
    fn arrived(&self) -> Board {
        let delay: Duration = seconds(INGESTION_SECONDS / self.simulator.speed);
        Board::new(self.workspace, self.simulator.speed, self.call.now - delay)
    }
}
