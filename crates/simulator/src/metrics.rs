//! Metrics: what runs have measured.

use serde_json::{Value, json};

use crate::answer::{Answer, Outcome};
use crate::errors::{HISTORY, user_error};
use crate::history::{METRIC_FIELDS, View};
use crate::run_output;
use crate::state::{Experiment, text};

impl View<'_> {
    /// The metrics of an experiment's runs. Values of one name come merged, unless the query asks for each alone.
    pub fn metrics(&self, experiment: &Experiment) -> Outcome {
        let mut metrics = self.all_metrics(experiment);
        if self.call.query("mergestrategytype").is_some_and(|kind| kind.eq_ignore_ascii_case("none")) {
            metrics = metrics.iter().flat_map(split).collect();
        }
        self.list(metrics, METRIC_FIELDS, None)
    }

    pub fn metric(&self, experiment: &Experiment, id: &str) -> Outcome {
        let metric = self.all_metrics(experiment).into_iter().find(|metric| metric["metricId"] == id);
        let refusal = || user_error(self.call, HISTORY, 404, format!("Metric {id} was not found"));
        Ok(Answer::json(200, &metric.ok_or_else(refusal)?))
    }

    fn all_metrics(&self, experiment: &Experiment) -> Vec<Value> {
        experiment.runs.iter().flat_map(|run| run_output::metrics(run, &self.board.moment(run))).collect()
    }
}

fn split(metric: &Value) -> Vec<Value> {
    if metric["metricType"] != "azureml.v1.scalar" {
        return vec![metric.clone()];
    }
    let cells = metric["cells"].as_array().into_iter().flatten().enumerate();
    cells
        .map(|(index, cell)| {
            let mut one = metric.clone();
            one["cells"] = json!([cell]);
            one["numCells"] = 1.into();
            one["metricId"] = crate::checksum::guid(&format!("{} {index}", text(metric, "metricId"))).into();
            one
        })
        .collect()
}
