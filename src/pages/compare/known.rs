//! What is known of a run that is compared: its facts, parameters, tags, definition and numbers, by name.

use std::collections::BTreeMap;

use azimuth_api::{
    CellValue, ExperimentName, PrimaryMetric, Run, RunDefinition, RunDetails, RunId, RunMetric, RunStatus,
    Timestamp,
};
use serde_json::{Value, json};

use crate::components::chart::Series;
use crate::secrets::{NOT_SHOWN, has_signature, is_secret};

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    Metrics,
    Parameters,
    Tags,
    Run,
    Properties,
    Definition,
}

impl Section {
    pub const ALL: [Self; 6] =
        [Self::Metrics, Self::Parameters, Self::Tags, Self::Run, Self::Properties, Self::Definition];

    /// Its heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Parameters => "Parameters",
            Self::Metrics => "Metrics",
            Self::Tags => "Tags",
            Self::Properties => "Properties",
            Self::Definition => "Definition, where it differs",
        }
    }
}

/// What the section of the run itself has, in this order; the names of the others are in the order of the alphabet.
pub const RUN_FACTS: [&str; 9] =
    ["Id", "Experiment", "Created", "Duration", "Compute", "Submitted by", "Script", "Type", "Description"];

/// A value as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Text(String),
    /// In monospace.
    Code(String),
    /// Of a link to the experiment.
    Experiment(ExperimentName),
    /// Of a link to the compute.
    Compute(String),
    /// Milliseconds since 1970.
    Time(i64),
    /// From when to when a script worked; it still does where there is no end.
    Work(i64, Option<i64>),
}

/// A number that was measured, perhaps several times.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The value that was logged last.
    pub latest: CellValue,
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// Whether it can be drawn.
    pub is_curve: bool,
}

/// What was found out about a run besides what it says itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundRun {
    pub run: Run,
    /// None where the service does not say.
    pub experiment: Option<ExperimentName>,
    /// What it is judged by, where it or the run that it is a part of says so.
    pub primary_metric: Option<PrimaryMetric>,
}

/// The metrics of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// One of each name.
    pub metrics: Vec<RunMetric>,
    /// Whether the service has more than was asked for.
    pub has_more: bool,
}

/// What is known by now.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub id: RunId,
    /// A name for people, else its id.
    pub label: String,
    pub status: Option<RunStatus>,
    pub primary_metric: Option<PrimaryMetric>,
    /// Values by section and name.
    values: BTreeMap<(Section, String), (String, Shown)>,
    /// By the name of the metric.
    pub measures: BTreeMap<String, Measure>,
    has_run: bool,
    has_details: bool,
    has_metrics: bool,
}

impl Known {
    /// Of what was answered so far.
    pub fn of(
        id: &RunId,
        found: Option<&FoundRun>,
        details: Option<&RunDetails>,
        measured: Option<&Measured>,
    ) -> Self {
        let label = found.and_then(|found| found.run.label()).unwrap_or(id.as_str()).to_owned();
        let mut known = Self {
            id: id.clone(),
            label,
            status: found.map(|found| found.run.status.clone()),
            primary_metric: found.and_then(|found| found.primary_metric.clone()),
            values: BTreeMap::new(),
            measures: measured.map(measures).unwrap_or_default(),
            has_run: found.is_some(),
            has_details: details.is_some(),
            has_metrics: measured.is_some(),
        };
        if let Some(found) = found {
            known.read_run(found);
        }
        if let Some(definition) = details.and_then(|details| details.run_definition.as_ref()) {
            known.read_definition(definition);
        }
        known
    }

    /// Whether it has a name beside its id.
    pub fn has_label(&self) -> bool {
        self.label != self.id.as_str()
    }

    /// A value.
    pub fn value(&self, section: Section, key: &str) -> Option<&Shown> {
        self.values.get(&(section, key.to_owned())).map(|(_, value)| value)
    }

    /// The keys of a section and how this run writes them, in order.
    pub fn names(&self, section: Section) -> impl Iterator<Item = (&str, &str)> {
        let of_section = self.values.iter().filter(move |((own, _), _)| *own == section);
        of_section.map(|((_, key), (name, _))| (key.as_str(), name.as_str()))
    }

    /// Whether what belongs to a section has been answered. Parameters are in the run and in its definition.
    pub fn has(&self, section: Section) -> bool {
        match section {
            Section::Run | Section::Tags | Section::Properties => self.has_run,
            Section::Parameters => self.has_run && self.has_details,
            Section::Definition => self.has_details,
            Section::Metrics => self.has_metrics,
        }
    }

    fn put(&mut self, section: Section, name: &str, value: Shown) {
        self.values.insert((section, name.to_owned()), (name.to_owned(), value));
    }

    /// The same parameter is written in several ways: with dashes as an argument, without as a parameter.
    fn put_parameter(&mut self, name: &str, value: String) {
        let key = name.trim_start_matches('-').replace('-', "_");
        self.values.insert((Section::Parameters, key), (name.to_owned(), shown_value(name, value)));
    }

    fn read_run(&mut self, found: &FoundRun) {
        let run = &found.run;
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).map(Shown::Text);
        let begin = run.start_time_utc.map(Timestamp::unix_milliseconds);
        let end = run.end_time_utc.map(Timestamp::unix_milliseconds);
        // Of a run that is over without an end nobody knows how long it worked.
        let work = begin.filter(|_| end.is_some() || !run.status.is_finished());
        let facts: [_; RUN_FACTS.len()] = [
            ("Id", Some(Shown::Code(run.run_id.to_string()))),
            ("Experiment", found.experiment.clone().map(Shown::Experiment)),
            ("Created", run.created_utc.map(|time| Shown::Time(time.unix_milliseconds()))),
            ("Duration", work.map(|begin| Shown::Work(begin, end))),
            ("Compute", run.target.clone().filter(|name| !name.is_empty()).map(Shown::Compute)),
            ("Submitted by", run.created_by.as_ref().and_then(|user| text(&user.user_name))),
            ("Script", run.script_name.clone().filter(|name| !name.is_empty()).map(Shown::Code)),
            ("Type", text(&run.run_type)),
            ("Description", text(&run.description)),
        ];
        for (name, value) in facts {
            if let Some(value) = value {
                self.put(Section::Run, name, value);
            }
        }
        for (name, value) in run.chosen_parameters() {
            self.put_parameter(&name, value);
        }
        // What the service sets says nothing about the work.
        for (name, value) in run.user_tags() {
            self.put(Section::Tags, name, shown_value(name, value.to_owned()));
        }
        for (name, value) in run.properties.iter().filter(|(name, _)| !is_of_the_service(name)) {
            self.put(Section::Properties, name, shown_value(name, value.clone()));
        }
    }

    fn read_definition(&mut self, definition: &Value) {
        // The service gives the inner part of what was handed in.
        let whole = json!({ "configuration": definition }).to_string();
        if let Ok(read) = RunDefinition::parse(&whole) {
            for (name, value) in named_arguments(&read.arguments) {
                self.put_parameter(&name, value);
            }
        }
        let mut fields = Vec::new();
        flatten(definition, "", &mut fields);
        for (path, value) in fields {
            self.put(Section::Definition, &path, shown_value(&path, value));
        }
    }
}

/// The numbers, texts and truths that a run measured. Tables and files are on the run's own page.
fn measures(measured: &Measured) -> BTreeMap<String, Measure> {
    let measure = |metric: &RunMetric| {
        let values = metric.values()?;
        let latest = values.iter().rev().find(|value| **value != CellValue::Missing)?.clone();
        let numbers = || values.iter().filter_map(CellValue::number).filter(|number| number.is_finite());
        Some(Measure {
            latest,
            least: numbers().reduce(f64::min),
            most: numbers().reduce(f64::max),
            is_curve: Series::of(metric).is_some(),
        })
    };
    let metrics = measured.metrics.iter();
    metrics.filter_map(|metric| Some((metric.name.clone(), measure(metric)?))).collect()
}

/// Arguments by name: `--name value`, `--name=value`, `--name` alone, several values after one name; those without a
/// name by their place.
fn named_arguments(arguments: &[String]) -> Vec<(String, String)> {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    let mut is_open = false;
    let mut place = 0;
    for argument in arguments {
        // A number below zero is a value.
        let is_name = argument.len() > 1 && argument.starts_with('-') && argument.parse::<f64>().is_err();
        match (is_name, argument.split_once('=')) {
            (true, Some((name, value))) => {
                named.push((name.to_owned(), vec![value.to_owned()]));
                is_open = false;
            }
            (true, None) => {
                named.push((argument.clone(), Vec::new()));
                is_open = true;
            }
            (false, _) => match named.last_mut().filter(|_| is_open) {
                Some((_, values)) => values.push(argument.clone()),
                None => {
                    place += 1;
                    named.push((format!("argument {place}"), vec![argument.clone()]));
                }
            },
        }
    }
    let mut joined: Vec<(String, String)> = Vec::new();
    for (name, values) in named {
        let value = if values.is_empty() { "yes".to_owned() } else { values.join(" ") };
        match joined.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = format!("{known}, {value}"),
            None => joined.push((name, value)),
        }
    }
    joined
}

/// What the definition says, one line for each value: `environment.docker.baseImage`.
fn flatten(value: &Value, path: &str, fields: &mut Vec<(String, String)>) {
    // Shown by themselves.
    const ELSEWHERE: [&str; 3] = ["script", "arguments", "target"];
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                let is_elsewhere =
                    path.is_empty() && ELSEWHERE.iter().any(|known| known.eq_ignore_ascii_case(name));
                let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if is_elsewhere {
                    continue;
                }
                if is_secret(name) && !value.is_null() {
                    fields.push((below, NOT_SHOWN.to_owned()));
                } else {
                    flatten(value, &below, fields);
                }
            }
        }
        Value::Array(items) if items.is_empty() => {}
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let texts: Vec<String> = items.iter().map(plain).collect();
            fields.push((path.to_owned(), texts.join(", ")));
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                flatten(item, &format!("{path}[{place}]"), fields);
            }
        }
        Value::Null => {}
        value => fields.push((path.to_owned(), plain(value))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn shown_value(name: &str, value: String) -> Shown {
    if is_secret(name) || has_signature(&value) {
        Shown::Text(NOT_SHOWN.to_owned())
    } else {
        Shown::Code(value)
    }
}

/// Whether a property is the service's own.
fn is_of_the_service(name: &str) -> bool {
    const NAMES: [&str; 4] =
        ["ContentSnapshotId", "ProcessInfoFile", "ProcessStatusFile", "primary_metric_config"];
    let lower = name.to_ascii_lowercase();
    ["_azureml", "azureml.", "_aml_", "mlflow."].iter().any(|prefix| lower.starts_with(prefix))
        || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<(String, String)> {
        named_arguments(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
    }

    #[test]
    fn arguments_are_read_by_name_however_they_are_written() {
        assert_eq!(
            arguments("data.csv --rounds 40 --shop=harbour --quiet --rate -0.5 --layers 64 32"),
            pairs([
                ("argument 1", "data.csv"),
                ("--rounds", "40"),
                ("--shop", "harbour"),
                ("--quiet", "yes"),
                ("--rate", "-0.5"),
                ("--layers", "64 32"),
            ])
        );
        assert_eq!(arguments("--add a --add b"), pairs([("--add", "a, b")]));
        assert_eq!(arguments("234"), pairs([("argument 1", "234")]));
    }

    #[test]
    fn a_definition_has_a_line_for_each_value_and_none_for_what_is_empty() {
        let definition = json!({
            "script": "a.py", "arguments": ["1"], "target": "cpu", "nodeCount": 2, "jobName": null,
            "environment": { "docker": { "arguments": [], "baseImage": "image" }, "list": ["a", 1] },
        });
        let mut fields = Vec::new();
        flatten(&definition, "", &mut fields);
        let expected = pairs([
            ("environment.docker.baseImage", "image"),
            ("environment.list", "a, 1"),
            ("nodeCount", "2"),
        ]);
        assert_eq!(fields, expected);
    }

    #[test]
    fn secrets_are_never_shown() {
        let definition = json!({
            "arguments": ["--api-key", "open sesame", "--max_tokens", "512"],
            "environment": {
                "environmentVariables": { "HF_TOKEN": "open sesame", "DATA": "https://h/p?sv=1&sig=open%20sesame" },
                "docker": { "baseImageRegistry": { "password": "open sesame" } },
            },
        });
        let details = RunDetails { run_definition: Some(definition), log_files: BTreeMap::new() };
        let known = Known::of(&"r".into(), None, Some(&details), None);
        assert!(!format!("{known:?}").contains("sesame"));
        assert_eq!(known.value(Section::Parameters, "max_tokens"), Some(&Shown::Code("512".to_owned())));
        assert_eq!(known.value(Section::Parameters, "api_key"), Some(&Shown::Text(NOT_SHOWN.to_owned())));
    }

    #[test]
    fn a_parameter_is_the_same_with_dashes_and_without() {
        let run: Run = serde_json::from_str(
            r#"{"runId":"r","status":"Running","tags":{"hyperparameters":"{\"learning_rate\": 1}","team":"a"}}"#,
        )
        .unwrap();
        let found = FoundRun { run, experiment: None, primary_metric: None };
        let definition = json!({ "arguments": ["--learning-rate", "1"] });
        let details = RunDetails { run_definition: Some(definition), log_files: BTreeMap::new() };
        let known = Known::of(&"r".into(), Some(&found), Some(&details), None);
        let names: Vec<_> = known.names(Section::Parameters).collect();
        assert_eq!(names, [("learning_rate", "--learning-rate")]);
        assert_eq!(known.names(Section::Tags).map(|(key, _)| key).collect::<Vec<_>>(), ["team"]);
    }

    #[test]
    fn a_number_has_its_last_its_least_and_its_most() {
        let metric: RunMetric = serde_json::from_str(
            r#"{"runId":"r","metricType":"azureml.v1.scalar","name":"mae","cells":[{"mae":9},{"mae":"NaN"},{"mae":7},{"mae":8}]}"#,
        )
        .unwrap();
        let measures = measures(&Measured { metrics: vec![metric], has_more: false });
        let expected =
            Measure { latest: CellValue::Number(8.0), least: Some(7.0), most: Some(9.0), is_curve: true };
        assert_eq!(measures["mae"], expected);
    }
}
