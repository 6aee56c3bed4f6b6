//! Runs that try many settings: a parent, and a child for each trial.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{How, Told, experiment};
use crate::checksum::fraction;
use crate::measured::best_trial;
use crate::paging::in_order;
use crate::state::{Run, Work, Workspace, text};
use crate::times::{self, stamp};

/// A trial's place in the sampled space, and what came of it.
struct Trial {
    id: String,
    parameters: Value,
    error: f64,
}

const COMPUTE: &str = "team-cluster";

impl Trial {
    fn new(parent: &str, index: usize) -> Trial {
        let id = format!("{parent}_{index}");
        let chance = |what: &str| fraction(&format!("{what} of {id}"));
        let depth = [2_u32, 4, 8, 16][(chance("depth") * 4.0) as usize];
        let rate = 10_f64.powf(-3.0 + 2.5 * chance("rate"));
        let rate = (rate * 1e5).round() / 1e5;
        let shop = ["harbour", "market"][(chance("shop") * 2.0) as usize];
        let error = 5.6
            + (f64::from(depth).log2() - 2.6).abs()
            + (rate.log10() + 1.6).abs() * 2.0
            + if shop == "market" { 0.4 } else { 0.0 };
        let parameters = json!({ "--depth": depth, "--rate": rate, "--shop": shop });
        Trial { id, parameters, error: (error * 100.0).round() / 100.0 }
    }

    /// Whether the policy stopped it: it was too far behind the best.
    fn is_stopped(&self) -> bool {
        self.error > 8.6
    }
}

pub fn experiments(workspace: &mut Workspace, now: OffsetDateTime) {
    let (done, going) = ("oven_sweep_1", "oven_sweep_2");
    let trials = |parent: &'static str, count| -> Vec<Trial> {
        (0..count).map(|index| Trial::new(parent, index)).collect()
    };
    let (first, second) = (trials(done, 16), trials(going, 12));
    let lead = |parent: &'static str, trials: &[Trial], is_over| Work::Leading {
        path: "azureml-logs/hyperdrive.txt",
        log: controller_log(parent, trials, is_over),
    };
    let usual = || Told { who: "Tom Okafor", target: COMPUTE, script: "bake.py", ..Told::usual() };
    let mut told = vec![Told {
        id: done,
        note: Some("Depth, rate and shop, at random"),
        minutes_ago: 26.0 * 60.0,
        how: How::Completed { minutes: 58.0 },
        nodes: 0,
        kind: "hyperdrive",
        work: Some(lead(done, &first, true)),
        ..usual()
    }];
    for (index, trial) in first.iter().enumerate() {
        let minutes = 8.0 + 4.0 * fraction(&trial.id);
        told.push(Told {
            id: &trial.id,
            // Four at a time.
            minutes_ago: 26.0 * 60.0 - 1.0 - 13.0 * (index / 4) as f64 - 0.1 * (index % 4) as f64,
            how: match trial.is_stopped() {
                true => How::Canceled { minutes: minutes * 0.4 },
                false => How::Completed { minutes },
            },
            error: trial.error,
            parent: Some(done),
            ..usual()
        });
    }
    told.push(Told {
        id: going,
        note: Some("The same with this year's sales"),
        minutes_ago: 32.0,
        how: How::Moves {
            behind: &[("NotStarted", 32.0), ("Starting", 31.9), ("Running", 31.5)],
            ahead: &[("Running", 2_400.0)],
            done: 0.4,
        },
        nodes: 0,
        kind: "hyperdrive",
        work: Some(lead(going, &second, false)),
        ..usual()
    });
    for (index, trial) in second.iter().enumerate() {
        let minutes_ago = 31.0 - 9.0 * (index / 4) as f64 - 0.1 * (index % 4) as f64;
        let how = match index {
            _ if index < 8 && trial.is_stopped() => How::Canceled { minutes: 3.0 },
            0..=8 => How::Completed { minutes: 7.5 + fraction(&trial.id) },
            9 => How::Moves {
                behind: &[("NotStarted", 12.0), ("Starting", 11.9), ("Queued", 11.5), ("Running", 10.0)],
                ahead: &[("Running", 1_800.0), ("Finalizing", 10.0)],
                done: 0.25,
            },
            10 => How::Moves {
                behind: &[("NotStarted", 12.0), ("Starting", 11.9), ("Queued", 11.5), ("Running", 6.0)],
                ahead: &[("Running", 1_400.0), ("Finalizing", 10.0)],
                done: 0.3,
            },
            _ => How::Moves {
                behind: &[("NotStarted", 12.0), ("Starting", 11.9), ("Queued", 11.5)],
                ahead: &[("Queued", 300.0), ("Running", 900.0), ("Finalizing", 10.0)],
                done: 0.0,
            },
        };
        let (error, parent) = (trial.error, Some(going));
        told.push(Told { id: &trial.id, minutes_ago, how, error, parent, rounds: 120, ..usual() });
    }
    experiment(workspace, now, "oven-sweep", Some("Which settings bake best?"), &told);
    let Some(experiment) = workspace.experiments.last_mut() else { return };
    for trial in first.iter().chain(&second) {
        let Some(run) = experiment.runs.find_mut(&trial.id) else { continue };
        run.document["tags"] = json!({ "hyperparameters": trial.parameters.to_string() });
        let arguments = trial.parameters.as_object().into_iter().flatten();
        run.definition["arguments"] = arguments
            .flat_map(|(name, value)| {
                [name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]
            })
            .map(Value::from)
            .collect();
    }
    for (parent, trials, is_over) in [(done, &first, true), (going, &second, false)] {
        let ended: Vec<(&Trial, OffsetDateTime)> = trials
            .iter()
            .filter_map(|trial| {
                let run = experiment.runs.find(&trial.id)?;
                let ended = times::parse(text(&run.document, "endTimeUtc"))?;
                (run.document["status"] == "Completed").then_some((trial, ended))
            })
            .collect();
        if let Some(run) = experiment.runs.find_mut(parent) {
            describe_parent(run, trials, &ended, is_over);
        }
    }
}

/// Tags, properties and the table of the best, as runs of the real service have them that people have shown.
fn describe_parent(run: &mut Run, trials: &[Trial], ended: &[(&Trial, OffsetDateTime)], is_over: bool) {
    let (policy, space) = (
        json!({ "name": "BANDIT", "properties": {
            "evaluation_interval": 1, "delay_evaluation": 5, "slack_factor": 0.15,
        } }),
        json!({ "name": "RANDOM", "parameter_space": {
            "--depth": ["choice", [[2, 4, 8, 16]]],
            "--rate": ["loguniform", [-6.9, -1.15]],
            "--shop": ["choice", [["harbour", "market"]]],
        } }),
    );
    let metric = r#"{"name": "mae", "goal": "minimize"}"#;
    let mut tags = json!({
        "generator_config": space.to_string(),
        "policy_config": policy.to_string(),
        "primary_metric_config": metric,
        "max_total_jobs": trials.len().to_string(),
        "max_concurrent_jobs": "4",
        "max_duration_minutes": "10080",
        "_aml_system_all_jobs_generated": "true",
        "_aml_system_cancellation_requested": "false",
    });
    for trial in trials {
        tags[&trial.id] = trial.parameters.to_string().into();
    }
    run.document["tags"] = tags;
    let properties = &mut run.document["properties"];
    properties["primary_metric_config"] = metric.into();
    properties["resume_from"] = "null".into();
    properties["runTemplate"] = "HyperDrive".into();
    properties["azureml.runsource"] = "hyperdrive".into();
    properties["platform"] = "AML".into();
    let mut best: Option<&Trial> = None;
    let mut rows = Vec::new();
    let row = |trial: &Trial, time: OffsetDateTime, is_final: bool| {
        json!({
            "metric_name": "mae",
            "timestamp": stamp(time),
            "run_id": trial.id,
            "metric_value": trial.error,
            "final": is_final,
        })
    };
    let places = in_order(ended.len(), ended.len(), &|left, right| ended[left].1.cmp(&ended[right].1));
    let in_time: Vec<_> = places.into_iter().map(|place| ended[place]).collect();
    for (trial, time) in &in_time {
        if best.is_none_or(|best| trial.error < best.error) {
            best = Some(trial);
            rows.push(row(trial, *time, false));
        }
    }
    let (Some(best), Some((_, last))) = (best, in_time.last()) else { return };
    if is_over {
        rows.push(row(best, *last + Duration::seconds(20), true));
        properties["score"] = best.error.to_string().into();
        properties["best_child_run_id"] = best.id.clone().into();
        properties["best_metric_status"] = "Succeeded".into();
    }
    let table = best_trial(run, *last, rows);
    run.logged.push(table);
}

/// In the form that the service's own has.
fn controller_log(parent: &str, trials: &[Trial], is_over: bool) -> String {
    let mut log = String::new();
    let mut say = |minute: usize, who: &str, words: &str| {
        log.push_str(&format!("<START>[2026-05-27T18:{minute:02}:46.727067][{who}][INFO]{words}<END>\n"));
    };
    say(0, "API", "Experiment created");
    for (index, trial) in trials.iter().enumerate() {
        let minute = index / 4 * 13;
        if index % 4 == 0 {
            say(minute, "GENERATOR", "Trying to sample '4' jobs from the hyperparameter space");
        }
        say(minute, "SCHEDULER", &format!("Scheduling job, id='{}'", trial.id));
        if trial.is_stopped() {
            say(minute + 5, "ENFORCER", &format!("Jobs [{parent}, {}] do not meet the policy", trial.id));
        }
    }
    if is_over {
        let words = "Experiment was 'ExperimentStatus.RUNNING', is 'ExperimentStatus.FINISHED'.";
        say(58, "CONTROLLER", words);
    }
    log
}
