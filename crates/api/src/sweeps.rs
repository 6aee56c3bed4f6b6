//! Sweeps of HyperDrive: what a run that leads trials tries, how it judges them, and what each trial was given.
//!
//! Only stopping one has an operation: the service keeps the configuration as JSON in the tags of the run.

use std::collections::BTreeMap;

use http::{Method, Response};
use serde_json::Value;

use crate::operation::read_nothing;
use crate::{
    Address, ApiError, ExperimentName, Goal, HostHeader, Operation, Path, Query, RegionalService, Run, RunId,
    Service, WorkspaceId,
};

/// `POST /hyperdrive/v1.0/…/experiments/{experiment}/runs/{run}/cancel` ([reference]): asks a sweep to stop, with its
/// trials.
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct CancelSweep {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
}

impl Operation for CancelSweep {
    type Output = ();

    fn method(&self) -> Method {
        Method::POST
    }

    fn address(&self) -> Address {
        Address::Path(
            Service::Regional(self.workspace.clone(), RegionalService::Sweeps),
            Path::new(["hyperdrive", "v1.0"]).join(self.workspace.segments()).join([
                "experiments",
                self.experiment.as_str(),
                "runs",
                self.run.as_str(),
                "cancel",
            ]),
            Query::new(),
        )
    }

    // It has no other way to know which run history the run is in.
    fn host_header(&self) -> Option<HostHeader> {
        let service = Service::Regional(self.workspace.clone(), RegionalService::History);
        Some(HostHeader { name: "runhistoryhost", service })
    }

    fn read(&self, response: &Response<Vec<u8>>) -> Result<(), ApiError> {
        read_nothing(response)
    }
}

/// What a sweep tries, as far as its tags tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    /// How values are picked: `RANDOM`, `GRID`, `BAYESIANOPTIMIZATION`.
    pub sampling: Option<String>,
    /// What is tried, by name.
    pub space: BTreeMap<String, Distribution>,
    /// When trials are stopped early.
    pub policy: Option<Policy>,
    /// The metric that trials are judged by.
    pub metric: Option<String>,
    /// Which trial is the better one.
    pub goal: Option<Goal>,
    /// How many trials there may be.
    pub most_trials: Option<u64>,
    /// How many may run at the same time.
    pub most_at_once: Option<u64>,
    /// How many minutes it may take.
    pub most_minutes: Option<u64>,
    /// The trial that the service calls the best, once it is over.
    pub best: Option<RunId>,
}

/// Where the values of a parameter come from: `choice`, `uniform`, `loguniform` and others.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Its name.
    pub kind: String,
    /// What it takes.
    pub arguments: Vec<Value>,
}

/// A rule that stops trials early: `Bandit`, `MedianStopping`, `TruncationSelection`, `Default` for none.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub properties: BTreeMap<String, Value>,
}

impl Goal {
    /// The best of the numbers.
    pub fn best(self, numbers: impl IntoIterator<Item = f64>) -> Option<f64> {
        let numbers = numbers.into_iter().filter(|number| !number.is_nan());
        numbers.reduce(match self {
            Self::Minimize => f64::min,
            Self::Maximize => f64::max,
        })
    }
}

impl Sweep {
    /// What the run that leads the trials says of itself.
    pub fn of(run: &Run) -> Self {
        // Microsoft's clients write it to the tags; what people have shown has parts of it in the properties too.
        let text = |name: &str| run.tags.get(name).or_else(|| run.properties.get(name));
        let json = |name: &str| -> Value {
            text(name).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        };
        let number = |name: &str| text(name).and_then(|text| text.trim().parse().ok());
        let (generator, policy, metric) =
            (json("generator_config"), json("policy_config"), json("primary_metric_config"));
        let word = |value: &Value| value.as_str().filter(|word| !word.is_empty()).map(str::to_owned);
        let space = generator["parameter_space"].as_object().into_iter().flatten();
        Self {
            sampling: word(&generator["name"]),
            space: space.map(|(name, value)| (name.clone(), Distribution::read(value))).collect(),
            policy: word(&policy["name"]).map(|name| Policy {
                name,
                properties: policy["properties"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), value.clone()))
                    .collect(),
            }),
            metric: word(&metric["name"]).or_else(|| run.primary_metric_name.clone()),
            goal: run.primary_metric().map(|metric| metric.goal),
            most_trials: number("max_total_jobs"),
            most_at_once: number("max_concurrent_jobs"),
            most_minutes: number("max_duration_minutes"),
            best: run
                .properties
                .get("best_child_run_id")
                .filter(|id| !id.is_empty())
                .map(|id| id.as_str().into()),
        }
    }
}

impl Distribution {
    /// `["choice", [[16, 32]]]`.
    fn read(value: &Value) -> Self {
        let kind = value[0].as_str().unwrap_or_default().to_owned();
        let arguments = match value[1].as_array().map(Vec::as_slice) {
            // The values to choose from are one argument.
            Some([Value::Array(choices)]) => choices.clone(),
            Some(arguments) => arguments.to_vec(),
            None => Vec::new(),
        };
        Self { kind, arguments }
    }
}

/// What a trial was given, by name: its own tag says so, or that of the run that leads it.
pub fn trial_parameters(leader: &Run, trial: &Run) -> BTreeMap<String, Value> {
    let told = trial.tags.get("hyperparameters").or_else(|| leader.tags.get(trial.run_id.as_str()));
    told.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(tags: &Value) -> Run {
        serde_json::from_value(json!({ "runId": "s_1", "status": "Running", "tags": tags })).unwrap()
    }

    #[test]
    fn a_sweep_is_read_out_of_the_tags() {
        let config: Value =
            serde_json::from_str(include_str!("../../simulator/samples/hyperdrive_create_config.json"))
                .unwrap();
        let sweep = Sweep::of(&run(&json!({
            "generator_config": config["generator_config"].to_string(),
            "policy_config": config["policy_config"].to_string(),
            "primary_metric_config": config["primary_metric_config"].to_string(),
            "max_total_jobs": "20",
        })));
        assert_eq!((sweep.sampling.as_deref(), sweep.most_trials), (Some("RANDOM"), Some(20)));
        assert_eq!((sweep.metric.as_deref(), sweep.goal), (Some("accuracy"), Some(Goal::Maximize)));
        let batch = &sweep.space["--batch-size"];
        assert_eq!((batch.kind.as_str(), batch.arguments.len()), ("choice", 3));
        assert_eq!(sweep.space["--learning-rate"].arguments, [json!(0.01), json!(0.1)]);
        let policy = sweep.policy.unwrap();
        assert_eq!((policy.name.as_str(), &policy.properties["slack_factor"]), ("Bandit", &json!(0.1)));
    }

    #[test]
    fn a_sweep_without_tags_tells_nothing_and_harms_nothing() {
        assert_eq!(
            Sweep::of(&run(&json!({ "policy_config": "no json", "max_total_jobs": "many" }))),
            Sweep::default()
        );
    }

    #[test]
    fn a_trial_tells_its_parameters_or_its_leader_does() {
        let leader = run(&json!({ "s_1_0": r#"{"--rate": 0.1}"# }));
        let trial = |tags: Value| -> Run {
            serde_json::from_value(json!({ "runId": "s_1_0", "status": "Running", "tags": tags })).unwrap()
        };
        assert_eq!(trial_parameters(&leader, &trial(json!({})))["--rate"], json!(0.1));
        let own = trial(json!({ "hyperparameters": r#"{"--rate": 0.2}"# }));
        assert_eq!(trial_parameters(&leader, &own)["--rate"], json!(0.2));
        assert!(trial_parameters(&run(&json!({})), &trial(json!({}))).is_empty());
    }

    #[test]
    fn the_better_number_depends_on_the_goal() {
        let numbers = [3.0, f64::NAN, 1.0, 2.0];
        assert_eq!((Goal::Minimize.best(numbers), Goal::Maximize.best(numbers)), (Some(1.0), Some(3.0)));
        assert_eq!(Goal::Minimize.best([f64::NAN]), None);
    }
}
