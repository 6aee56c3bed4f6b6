//! What the runs of a sweep say of themselves: the parameters of a trial, and the metric that trials are judged by.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Run;

/// The metric that runs are judged by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryMetric {
    /// Its name.
    pub name: String,
    /// Which of its values are good.
    pub goal: Goal,
}

/// Which values of a metric are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// The low ones.
    Minimize,
    /// The high ones.
    Maximize,
}

#[derive(Deserialize)]
struct PrimaryMetricConfig {
    name: String,
    goal: String,
}

impl Run {
    /// The parameters that were chosen for this trial, from its tag `hyperparameters`; for a run of a pipeline those
    /// of the pipeline, from its property `azureml.parameters`. Both hold JSON.
    pub fn chosen_parameters(&self) -> Vec<(String, String)> {
        let texts = [self.tags.get("hyperparameters"), self.properties.get("azureml.parameters")];
        let objects = texts
            .into_iter()
            .flatten()
            .filter_map(|text| serde_json::from_str::<Map<String, Value>>(text).ok())
            .flatten();
        objects
            .map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (name, value)
            })
            .collect()
    }

    /// The metric that the trials below this run are judged by. The service keeps it in a tag, and newer ones in a
    /// property too.
    pub fn primary_metric(&self) -> Option<PrimaryMetric> {
        const NAME: &str = "primary_metric_config";
        let text = self.properties.get(NAME).or_else(|| self.tags.get(NAME))?;
        let config: PrimaryMetricConfig = serde_json::from_str(text).ok()?;
        // Clients write it in either case.
        let goal = match config.goal {
            goal if goal.eq_ignore_ascii_case("minimize") => Goal::Minimize,
            goal if goal.eq_ignore_ascii_case("maximize") => Goal::Maximize,
            _ => return None,
        };
        Some(PrimaryMetric { name: config.name, goal })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(fields: &str) -> Run {
        serde_json::from_str(&format!(r#"{{"runId":"r","status":"Running",{fields}}}"#)).unwrap()
    }

    #[test]
    fn a_trial_knows_its_parameters() {
        let trial = run(r#""tags":{"hyperparameters":"{\"--depth\": 4, \"--shop\": \"harbour\"}"}"#);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(trial.chosen_parameters(), [pair("--depth", "4"), pair("--shop", "harbour")]);
        let pipeline = run(r#""properties":{"azureml.parameters":"{\"shop\":\"market\"}"}"#);
        assert_eq!(pipeline.chosen_parameters(), [pair("shop", "market")]);
        assert_eq!(run(r#""tags":{"hyperparameters":"none"}"#).chosen_parameters(), []);
    }

    #[test]
    fn a_goal_is_read_in_either_case_from_either_place() {
        let minimize = PrimaryMetric { name: "mae".to_owned(), goal: Goal::Minimize };
        let of = |place: &str, goal: &str| {
            run(&format!(
                r#""{place}":{{"primary_metric_config":"{{\"name\":\"mae\",\"goal\":\"{goal}\"}}"}}"#
            ))
            .primary_metric()
        };
        assert_eq!(of("properties", "minimize"), Some(minimize.clone()));
        assert_eq!(of("tags", "MINIMIZE"), Some(minimize));
        assert_eq!(of("tags", "Maximize").map(|metric| metric.goal), Some(Goal::Maximize));
        assert_eq!(of("tags", "sideways"), None);
        assert_eq!(run(r#""tags":{}"#).primary_metric(), None);
    }
}
