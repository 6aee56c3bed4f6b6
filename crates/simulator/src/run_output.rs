//! What a run has written by now: logs, outputs and metrics, all from its work and its moment.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::checksum::{checksum, fraction, guid};
use crate::run_progress::Moment;
use crate::state::{Run, Work, text};
use crate::times::{self, http_stamp, stamp};

/// A file in a run's container.
pub struct File {
    pub path: String,
    pub created: OffsetDateTime,
    pub content: Vec<u8>,
    /// Whether details list it.
    pub is_log: bool,
}

/// The files of a run.
pub fn files(run: &Run, moment: &Moment) -> Vec<File> {
    let mut files = Vec::new();
    let created = text(&run.document, "createdUtc");
    let created = times::parse(created).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let mut add = |path: &str, created: OffsetDateTime, content: String, is_log: bool| {
        files.push(File { path: path.to_owned(), created, content: content.into_bytes(), is_log });
    };
    let preparing = moment.steps.iter().find(|(status, _)| *status == "Preparing").map(|(_, begins)| *begins);
    if let Some(preparing) = preparing.or(moment.started) {
        let log = "Looking for the environment's image\nFound it in the registry: nothing to build\n";
        add("azureml-logs/20_image_build_log.txt", preparing, log.to_owned(), true);
    }
    let Some(started) = moment.started else { return files };
    let node = format!("tvmps_{:016x}_d", checksum(text(&run.document, "target")));
    let line = |time: OffsetDateTime, words: &str| format!("{}  {words}\n", http_stamp(time));
    let log = line(started, "Starting the container") + &line(started, "The container has started");
    add(&format!("azureml-logs/55_azureml-execution-{node}.txt"), started, log, true);
    let log = line(started, "Job preparation is complete");
    add(&format!("azureml-logs/65_job_prep-{node}.txt"), started, log, true);
    add("azureml-logs/70_driver_log.txt", started, driver_log(run, moment, started), true);
    let finalizing =
        moment.steps.iter().find(|(status, _)| *status == "Finalizing").map(|(_, begins)| *begins);
    if let Some(after) = finalizing.or(moment.ended) {
        let log = line(after, "Uploading outputs") + &line(after, "Job release is complete");
        add(&format!("azureml-logs/75_job_post-{node}.txt"), after, log, true);
    }
    let process = json!({ "job": { "name": run.id(), "pid": 117 } });
    add("azureml-logs/process_info.json", started, process.to_string(), true);
    let process = json!({ "job": { "status": moment.status } });
    add("azureml-logs/process_status.json", started, process.to_string(), true);
    add("logs/azureml/140_azureml.log", started, line(created, "Run history is connected"), false);
    let finished = moment.work_done >= 1.0 && matches!(moment.status.as_str(), "Finalizing" | "Completed");
    if let (true, Some(after)) = (finished, finalizing.or(moment.ended)) {
        let model = format!("a model, as {} left it", run.id());
        add("outputs/model.pkl", after, model, false);
        if let Some(curve) = Curve::of(run, moment) {
            add("outputs/forecast.csv", after, curve.forecast(), false);
            add("outputs/summary.json", after, curve.summary(run).to_string(), false);
        }
    }
    files
}

fn driver_log(run: &Run, moment: &Moment, started: OffsetDateTime) -> String {
    let arguments: Vec<&str> =
        run.definition["arguments"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let script = text(&run.document, "scriptName");
    let mut log = format!("{}\n$ python {script} {}\n", http_stamp(started), arguments.join(" "));
    match Curve::of(run, moment) {
        None => log.push_str("Hello, REST!\n"),
        Some(curve) => curve.write_log(&mut log),
    }
    match moment.status.as_str() {
        "Completed" | "Finalizing" => {
            log.push_str("The experiment completed successfully. Finalizing run...\n");
        }
        "Failed" => {
            let reason = run.document["error"]["error"]["message"].as_str().unwrap_or_default();
            log.push_str(&format!(
                "Traceback (most recent call last):\n  File \"{script}\", line 18\n{reason}\n"
            ));
        }
        "CancelRequested" | "Canceled" => log.push_str("Stopping: the run was cancelled\n"),
        _ => {}
    }
    log
}

/// The metrics of a run, as run history shows them.
pub fn metrics(run: &Run, moment: &Moment) -> Vec<Value> {
    let mut metrics = run.logged.clone();
    let (Some(curve), Some(started)) = (Curve::of(run, moment), moment.started) else { return metrics };
    let created = started + Duration::seconds(2);
    let numbers = |name: &str, values: Vec<Value>| {
        let cells: Vec<Value> = values.into_iter().map(|value| json!({ name: value })).collect();
        metric(run, name, "azureml.v1.scalar", created, cells, &[(name, "float")])
    };
    if curve.done > 0 {
        let rounds = || 1..=curve.done;
        metrics.push(numbers("mae", rounds().map(|round| curve.error(round)).collect()));
        metrics.push(numbers("loss", rounds().map(|round| curve.loss(round)).collect()));
    }
    if moment.status == "Completed" {
        let when = moment.ended.unwrap_or(started);
        let best = vec![json!({ "best_mae": curve.error(curve.rounds) })];
        metrics.push(metric(run, "best_mae", "azureml.v1.scalar", when, best, &[("best_mae", "float")]));
        let properties = [("weekday", "string"), ("mae", "float")];
        metrics.push(metric(
            run,
            "mae_by_weekday",
            "azureml.v1.table",
            when,
            curve.by_weekday(),
            &properties,
        ));
    }
    metrics
}

fn metric(
    run: &Run,
    name: &str,
    kind: &str,
    created: OffsetDateTime,
    cells: Vec<Value>,
    properties: &[(&str, &str)],
) -> Value {
    let properties: Vec<Value> = properties
        .iter()
        .map(|(name, kind)| json!({ "propertyId": name, "name": name, "type": kind }))
        .collect();
    json!({
        "runId": run.id(),
        "metricId": guid(&format!("metric {name} of {}", run.id())),
        "dataContainerId": run.document["dataContainerId"],
        "metricType": kind,
        "createdUtc": stamp(created),
        "name": name,
        "description": "",
        "label": null,
        "numCells": cells.len(),
        "dataLocation": null,
        "cells": cells,
        "schema": { "numProperties": properties.len(), "properties": properties },
    })
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// How a run learns: an error that falls from the first to the last, with some noise.
struct Curve {
    seed: String,
    rounds: u32,
    done: u32,
    first: f64,
    last: f64,
    diverges: bool,
}

/// The round after which a run that diverges has no numbers any more.
const LAST_GOOD_ROUND: u32 = 9;

impl Curve {
    fn of(run: &Run, moment: &Moment) -> Option<Curve> {
        let Work::Training { rounds, first_error: first, last_error: last, diverges } = run.work else {
            return None;
        };
        let done = (f64::from(rounds) * moment.work_done) as u32;
        let done = if diverges { done.min(LAST_GOOD_ROUND + 1) } else { done };
        Some(Curve { seed: run.id().to_owned(), rounds, done, first, last, diverges })
    }

    fn number(&self, round: u32) -> f64 {
        let progress = f64::from(round) / f64::from(self.rounds.max(1));
        if self.diverges {
            return self.first * 1.7_f64.powi(i32::try_from(round).unwrap_or_default());
        }
        let fall = ((-5.0 * progress).exp() - (-5.0_f64).exp()) / (1.0 - (-5.0_f64).exp());
        let noise = (fraction(&format!("{} {round}", self.seed)) - 0.5) * (1.0 - progress);
        self.last + (self.first - self.last) * fall + noise
    }

    fn value(&self, round: u32, number: f64) -> Value {
        if self.diverges && round > LAST_GOOD_ROUND {
            // Guess: numbers that JSON does not have come as text.
            return "NaN".into();
        }
        ((number * 1000.0).round() / 1000.0).into()
    }

    fn error(&self, round: u32) -> Value {
        self.value(round, self.number(round))
    }

    fn loss(&self, round: u32) -> Value {
        self.value(round, (self.number(round) / self.first).powi(2))
    }

    fn write_log(&self, log: &mut String) {
        for round in 1..=self.done {
            let (error, loss) = (self.error(round), self.loss(round));
            let (error, loss) = (error.to_string(), loss.to_string());
            let (error, loss) = (error.trim_matches('"'), loss.trim_matches('"'));
            log.push_str(&format!(
                "round {round:>4} of {}   loss {loss:<8} off by {error} loaves\n",
                self.rounds
            ));
        }
    }

    fn by_weekday(&self) -> Vec<Value> {
        let row = |(index, weekday): (usize, &&str)| {
            let factor = 0.8 + 0.5 * fraction(&format!("{} weekday {index}", self.seed));
            json!({ "weekday": weekday, "mae": (self.last * factor * 100.0).round() / 100.0 })
        };
        WEEKDAYS.iter().enumerate().map(row).collect()
    }

    fn forecast(&self) -> String {
        let mut table = "weekday,loaves\n".to_owned();
        for (index, weekday) in WEEKDAYS.iter().enumerate() {
            let loaves = 180.0 + 140.0 * fraction(&format!("{} loaves {index}", self.seed));
            table.push_str(&format!("{weekday},{}\n", loaves as u32));
        }
        table
    }

    fn summary(&self, run: &Run) -> Value {
        json!({ "run": run.id(), "rounds": self.rounds, "off_by_loaves": self.last })
    }
}
