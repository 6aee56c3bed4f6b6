//! What a run has written by now: logs, outputs and metrics, all from its work and its moment.

use std::rc::Rc;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::checksum::{checksum, fraction};
use crate::content::Content;
use crate::leftovers;
use crate::measured::{Kind, Measured};
use crate::picture::{BERRY, CRUST, INK, Picture};
use crate::run_progress::Moment;
use crate::sorting::Sorter;
use crate::state::{Run, Work, text};
use crate::times::{self, http_stamp};

/// A file in a run's container.
pub struct File {
    pub path: String,
    pub created: OffsetDateTime,
    pub content: Content,
    /// Whether details list it.
    pub is_log: bool,
}

impl File {
    /// Its type, as the service guesses it from the name.
    pub fn content_type(&self) -> &'static str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        match name.rsplit_once('.').map_or("", |(_, end)| end) {
            "json" | "ipynb" => "application/json",
            "txt" | "log" | "md" => "text/plain",
            "csv" => "text/csv",
            "png" => "image/png",
            "svg" => "image/svg+xml",
            "html" => "text/html",
            _ => "application/octet-stream",
        }
    }
}

/// Files while they are gathered.
#[derive(Default)]
struct Files(Vec<File>);

impl Files {
    /// A file that details list.
    fn log(&mut self, path: &str, created: OffsetDateTime, content: impl Into<Content>) {
        self.0.push(File { path: path.to_owned(), created, content: content.into(), is_log: true });
    }

    fn add(&mut self, path: &str, created: OffsetDateTime, content: impl Into<Content>) {
        self.0.push(File { path: path.to_owned(), created, content: content.into(), is_log: false });
    }
}

/// The files of a run.
pub fn files(run: &Run, moment: &Moment) -> Vec<File> {
    let mut files = Files::default();
    let created = text(&run.document, "createdUtc");
    let created = times::parse(created).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let preparing = moment.steps.iter().find(|(status, _)| *status == "Preparing").map(|(_, begins)| *begins);
    if let Some(preparing) = preparing.or(moment.started) {
        let log = "Looking for the environment's image\nFound it in the registry: nothing to build\n";
        files.log("azureml-logs/20_image_build_log.txt", preparing, log);
    }
    let Some(started) = moment.started else { return files.0 };
    if let Work::Leading { path, log } = &run.work {
        return vec![File {
            path: (*path).to_owned(),
            created: started,
            content: log.clone().into(),
            is_log: true,
        }];
    }
    #[cfg(feature = "full")]
    if let Work::Keeping { lines } = run.work {
        files.0.clear();
        files.log("azureml-logs/70_driver_log.txt", started, crate::stress::kept_log(lines));
        if let (true, "Completed", Some(ended)) = (lines > 0, moment.status.as_str(), moment.ended) {
            files.add("outputs/checkpoint.bin", ended, crate::stress::kept(lines));
        }
        return files.0;
    }
    let node = format!("tvmps_{:016x}_d", checksum(text(&run.document, "target")));
    let line = |time: OffsetDateTime, words: &str| format!("{}  {words}\n", http_stamp(time));
    let log = line(started, "Starting the container") + &line(started, "The container has started");
    files.log(&format!("azureml-logs/55_azureml-execution-{node}.txt"), started, log);
    let log = line(started, "Job preparation is complete");
    files.log(&format!("azureml-logs/65_job_prep-{node}.txt"), started, log);
    files.log("azureml-logs/70_driver_log.txt", started, driver_log(run, moment, started));
    let finalizing =
        moment.steps.iter().find(|(status, _)| *status == "Finalizing").map(|(_, begins)| *begins);
    if let Some(after) = finalizing.or(moment.ended) {
        let log = line(after, "Uploading outputs") + &line(after, "Job release is complete");
        files.log(&format!("azureml-logs/75_job_post-{node}.txt"), after, log);
    }
    let process = json!({ "job": { "name": run.id(), "pid": 117 } });
    files.log("azureml-logs/process_info.json", started, process.to_string());
    let process = json!({ "job": { "status": moment.status } });
    files.log("azureml-logs/process_status.json", started, process.to_string());
    files.add("logs/azureml/140_azureml.log", started, line(created, "Run history is connected"));
    let finished = moment.work_done >= 1.0 && matches!(moment.status.as_str(), "Finalizing" | "Completed");
    if let (true, Some(after)) = (finished, finalizing.or(moment.ended)) {
        files.add("outputs/model.pkl", after, leftovers::pickle(run.id()));
        if let Some(curve) = Curve::of(run, moment) {
            files.add("outputs/forecast.csv", after, curve.forecast());
            files.add("outputs/summary.json", after, curve.summary(run).to_string());
        }
        for (path, content) in reports(run, moment) {
            files.add(path, after, content);
        }
        if let Work::Sorting { skill, .. } = run.work {
            for (path, content) in leftovers::tree(run.id(), skill) {
                files.add(path, after, content);
            }
        }
    }
    files.0
}

/// The files that a finished run's metrics name.
fn reports(run: &Run, moment: &Moment) -> Vec<(&'static str, Vec<u8>)> {
    match (&run.work, Sorter::of(run, moment), Curve::of(run, moment)) {
        (_, Some(sorter), _) => sorter.files().into(),
        (Work::Reporting { .. }, _, Some(curve)) => curve.reports().into(),
        _ => Vec::new(),
    }
}

fn driver_log(run: &Run, moment: &Moment, started: OffsetDateTime) -> Content {
    #[cfg(feature = "full")]
    if let Some(log) = crate::stress::log(run, moment) {
        return log;
    }
    let arguments: Vec<&str> =
        run.definition["arguments"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let script = text(&run.document, "scriptName");
    let mut log = format!("{}\n$ python {script} {}\n", http_stamp(started), arguments.join(" "));
    match (Curve::of(run, moment), Sorter::of(run, moment)) {
        (Some(curve), _) => curve.write_log(&mut log),
        (_, Some(sorter)) => sorter.write_log(&mut log),
        (None, None) => log.push_str("Hello, REST!\n"),
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
    log.into()
}

/// The metrics of a run.
pub fn metrics(run: &Run, moment: &Moment) -> Vec<Measured> {
    let mut metrics: Vec<Measured> = run.logged.iter().cloned().map(Measured::sent).collect();
    #[cfg(feature = "full")]
    metrics.extend(crate::stress::metrics(run, moment));
    if let Some(sorter) = Sorter::of(run, moment) {
        sorter.metrics(run, moment, &mut metrics);
    }
    let (Some(curve), Some(started)) = (Curve::of(run, moment), moment.started) else { return metrics };
    let curve = Rc::new(curve);
    let created = started + Duration::seconds(2);
    if curve.done > 0 {
        let count = curve.done as usize;
        let of = Rc::clone(&curve);
        metrics.push(Measured::numbers(run, "mae", created, count, move |index| of.error(index as u32 + 1)));
        let of = Rc::clone(&curve);
        metrics.push(Measured::numbers(run, "loss", created, count, move |index| of.loss(index as u32 + 1)));
    }
    if moment.status != "Completed" {
        return metrics;
    }
    let when = moment.ended.unwrap_or(started);
    metrics.push(Measured::value(run, "best_mae", "float", when, curve.error(curve.rounds)));
    let columns = &[("weekday", "string"), ("mae", "float")];
    let kind = Kind { name: "mae_by_weekday", kind: "table", columns };
    metrics.push(Measured::rows(run, &kind, when, curve.by_weekday()));
    if matches!(run.work, Work::Reporting { .. }) {
        let columns = &[("hour", "int"), ("expected", "float"), ("sold", "float")];
        let kind = Kind { name: "loaves_by_hour", kind: "table", columns };
        metrics.push(Measured::rows(run, &kind, when, curve.by_hour()));
        metrics.push(Measured::value(run, "r2", "float", when, (1.0 - curve.last / 60.0).into()));
        for name in ["residuals", "predictions"] {
            metrics.push(Measured::file(run, name, name, when, name));
        }
        metrics.push(Measured::file(run, "residual_plot", "image", when, "residual_plot.png"));
    }
    metrics
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
        let (rounds, first, last, diverges) = match run.work {
            Work::Training { rounds, first_error, last_error, diverges } => {
                (rounds, first_error, last_error, diverges)
            }
            Work::Reporting { rounds, first_error, last_error } => (rounds, first_error, last_error, false),
            _ => return None,
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

    /// Loaves by the hour: what was expected, and what was sold.
    fn by_hour(&self) -> Vec<Value> {
        let row = |hour: u32| {
            let expected = 14.0 + 22.0 * (-(f64::from(hour) - 9.0).powi(2) / 8.0).exp();
            let sold = expected + self.last * (fraction(&format!("{} hour {hour}", self.seed)) - 0.5);
            let tenth = |number: f64| (number * 10.0).round() / 10.0;
            json!({ "hour": hour, "expected": tenth(expected), "sold": tenth(sold) })
        };
        (6..=18).map(row).collect()
    }

    /// How often it was how far off: counts for steps of four loaves around nought.
    fn residuals(&self) -> Vec<u32> {
        let count = |index: u32| {
            let distance = (f64::from(index) - 4.5) * 4.0 / self.last;
            let noise = fraction(&format!("{} residual {index}", self.seed));
            (180.0 * (-distance * distance / 2.0).exp() + 6.0 * noise) as u32
        };
        (0..10).map(count).collect()
    }

    /// The files that metrics name; the shapes are those of the published client's reference.
    fn reports(&self) -> [(&'static str, Vec<u8>); 3] {
        let counts = self.residuals();
        let edges: Vec<i32> = (0..=10).map(|index| (index - 5) * 4).collect();
        let residuals = json!({
            "schema_type": "residuals",
            "schema_version": "v1",
            "data": { "bin_edges": edges, "bin_counts": counts },
        });
        let bins = || (0..8).map(|bin| (bin, fraction(&format!("{} bin {bin}", self.seed))));
        let tenth = |number: f64| (number * 10.0).round() / 10.0;
        let middle = |bin: i32| 100.0 + 40.0 * f64::from(bin);
        let averages: Vec<f64> =
            bins().map(|(bin, noise)| tenth(middle(bin) + self.last * (noise - 0.5))).collect();
        let errors: Vec<f64> = bins().map(|(_, noise)| tenth(self.last * (0.5 + noise))).collect();
        let photos: Vec<u32> = bins().map(|(_, noise)| 20 + (60.0 * noise) as u32).collect();
        let ends: Vec<f64> = (0..=8).map(|bin| middle(bin) - 20.0).collect();
        let predictions = json!({
            "schema_type": "predictions",
            "schema_version": "v1",
            "data": { "bin_averages": averages, "bin_errors": errors, "bin_counts": photos, "bin_edges": ends },
        });
        let mut plot = Picture::new(240, 160);
        for (index, count) in counts.iter().enumerate() {
            let height = (*count as usize * 130 / 190).max(1);
            let colour = if (4..=5).contains(&index) { CRUST } else { BERRY };
            plot.fill((16 + index * 21, 145 - height), (18, height), colour);
        }
        plot.fill((12, 145), (220, 2), INK);
        plot.fill((12, 10), (2, 137), INK);
        [
            ("residuals", residuals.to_string().into_bytes()),
            ("predictions", predictions.to_string().into_bytes()),
            ("residual_plot.png", plot.png()),
        ]
    }
}
