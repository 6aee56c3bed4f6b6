//! Runs and metrics of an export as tables, for programs that read CSV.

use std::collections::HashMap;

use azimuth_api::{CellValue, Run, RunMetric, Timestamp};
use serde::Deserialize;

use crate::components::download::csv_line;
use crate::export::task::hash;

/// The first line of the table of runs.
pub fn runs_head() -> String {
    csv_line(
        [
            "experiment",
            "run",
            "number",
            "name",
            "status",
            "type",
            "compute",
            "created",
            "started",
            "ended",
            "seconds",
            "created by",
            "parent run",
            "script",
            "description",
            "tags",
            "error",
        ]
        .into_iter(),
    )
}

/// The line of a run; none where its document cannot be read.
pub fn run_line(experiment: &str, document: &[u8]) -> Option<String> {
    let run: Run = serde_json::from_slice(document).ok()?;
    let time = |time: Option<Timestamp>| time.map(|time| format!("{}Z", time.iso())).unwrap_or_default();
    let seconds = match (run.start_time_utc, run.end_time_utc) {
        (Some(start), Some(end)) => {
            format!("{}", (end.unix_milliseconds() - start.unix_milliseconds()) as f64 / 1_000.0)
        }
        _ => String::new(),
    };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let tags: Vec<String> = run.user_tags().map(|(name, value)| format!("{name}={value}")).collect();
    let cells = [
        experiment.to_owned(),
        run.run_id.to_string(),
        run.run_number.map(|number| number.to_string()).unwrap_or_default(),
        run.label().unwrap_or_default().to_owned(),
        run.status.word().to_owned(),
        text(&run.run_type),
        text(&run.target),
        time(run.created_utc),
        time(run.start_time_utc),
        time(run.end_time_utc),
        seconds,
        run.created_by.as_ref().map(|user| text(&user.user_name)).unwrap_or_default(),
        run.parent_run_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        text(&run.script_name),
        text(&run.description),
        tags.join("; "),
        run.failure().map(|failure| failure.message).unwrap_or_default(),
    ];
    Some(csv_line(cells.iter().map(String::as_str)))
}

/// The first line of the table of metrics.
pub fn metrics_head() -> String {
    csv_line(["experiment", "run", "metric", "type", "first logged", "row", "column", "value"].into_iter())
}

/// How many rows each metric of a run had in the pages before.
pub type Rows = HashMap<u64, usize>;

/// The lines of a page of what a run measured, one for each value; none where the document cannot be read.
pub fn metric_lines(experiment: &str, document: &[u8], rows: &mut Rows) -> Option<String> {
    #[derive(Deserialize)]
    struct Metrics {
        value: Vec<RunMetric>,
    }
    let metrics: Metrics = serde_json::from_slice(document).ok()?;
    let mut lines = String::new();
    for metric in RunMetric::joined(metrics.value) {
        let first = metric.created_utc.map(|time| format!("{}Z", time.iso())).unwrap_or_default();
        let start = [experiment, metric.run_id.as_str(), &metric.name, metric.metric_type.word(), &first];
        let before = rows.entry(hash(&(experiment, metric.run_id.as_str(), &metric.name))).or_default();
        let first_row = *before + 1;
        *before += metric.cells.rows;
        for row in 0..metric.cells.rows {
            for column in &metric.cells.columns {
                let value = match column.values.get(row) {
                    Some(CellValue::Number(number)) => number.to_string(),
                    Some(CellValue::Bool(yes)) => yes.to_string(),
                    Some(CellValue::Text(text)) => text.clone(),
                    Some(CellValue::Missing) | None => continue,
                };
                let row = (first_row + row).to_string();
                let cells = start.into_iter().chain([row.as_str(), &column.name, &value]);
                lines.push_str(&csv_line(cells));
            }
        }
        if metric.cells.rows == 0 && metric.artifact_path().is_some() {
            let place = format!("in the file {}", metric.artifact_path().unwrap_or_default());
            lines.push_str(&csv_line(start.into_iter().chain(["", "", &place])));
        }
    }
    Some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_one_line_that_no_spreadsheet_takes_for_a_formula() {
        let document = br#"{"runId":"r_1","runNumber":3,"status":"Completed","displayName":"=1+1","createdUtc":"2020-01-21T21:30:22.877Z","startTimeUtc":"2020-01-21T21:30:23Z","endTimeUtc":"2020-01-21T21:30:24.5Z","tags":{"a":"b,c"},"createdBy":{"userName":"Maya"}}"#;
        assert_eq!(
            run_line("e", document).unwrap(),
            "e,r_1,3,'=1+1,Completed,,,2020-01-21T21:30:22Z,2020-01-21T21:30:23Z,2020-01-21T21:30:24Z,1.5,Maya,,,,\"a=b,c\",\r\n"
        );
        assert_eq!(run_line("e", b"[]"), None);
    }

    #[test]
    fn each_value_of_a_metric_is_a_line() {
        let document = br#"{"value":[{"runId":"r","name":"loss","metricType":"azureml.v1.scalar","cells":[{"loss":0.5},{"loss":0.25}]},{"runId":"r","name":"note","metricType":"azureml.v1.scalar","cells":[{"note":"@x"}]}]}"#;
        let mut rows = Rows::default();
        assert_eq!(
            metric_lines("e", document, &mut rows).unwrap(),
            "e,r,loss,scalar,,1,loss,0.5\r\ne,r,loss,scalar,,2,loss,0.25\r\ne,r,note,scalar,,1,note,'@x\r\n"
        );
        assert_eq!(metric_lines("e", br#"{"value":[]}"#, &mut rows).unwrap(), "");
        // Its rows go on where the page before ended, and those of another run do not.
        let page = br#"{"value":[{"runId":"r","name":"loss","metricType":"azureml.v1.scalar","cells":[{"loss":0.1}]},{"runId":"s","name":"loss","metricType":"azureml.v1.scalar","cells":[{"loss":0.2}]}]}"#;
        assert_eq!(
            metric_lines("e", page, &mut rows).unwrap(),
            "e,r,loss,scalar,,3,loss,0.1\r\ne,s,loss,scalar,,1,loss,0.2\r\n"
        );
    }
}
