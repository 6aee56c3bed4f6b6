//! What runs measured.

use std::collections::BTreeMap;
use std::fmt;

use http::Method;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::experiments::history;
use crate::tolerant::null_as_default;
use crate::{
    Address, Body, ExperimentName, ListForm, Operation, Page, Paged, Query, RegionalService, RunId, Service,
    Timestamp, WorkspaceId, timestamp,
};

/// `POST …/experiments/{experiment}/metrics:query`, or `GET …/metrics` ([reference]): what some runs of an experiment
/// measured.
///
/// The service can be asked for many runs at once; see [`ListMetrics::for_runs`].
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct ListMetrics {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Of which runs.
    pub runs: Vec<RunId>,
    /// Which way to ask.
    pub form: ListForm,
    /// Where to go on, from the page before.
    pub next: Option<String>,
}

/// Each run adds an alternative to the filter, and addresses of the older form must not get too long.
const RUNS_AT_ONCE: usize = 20;

impl ListMetrics {
    /// Of one run.
    pub fn of(workspace: WorkspaceId, experiment: ExperimentName, run: RunId) -> Self {
        Self { workspace, experiment, runs: vec![run], form: ListForm::default(), next: None }
    }

    /// Of many, in as many questions as it takes.
    pub fn for_runs(
        workspace: &WorkspaceId,
        experiment: &ExperimentName,
        runs: &[RunId],
    ) -> impl Iterator<Item = Self> {
        runs.chunks(RUNS_AT_ONCE).map(|runs| Self {
            workspace: workspace.clone(),
            experiment: experiment.clone(),
            runs: runs.to_vec(),
            form: ListForm::default(),
            next: None,
        })
    }

    /// In the service's language: values are not quoted.
    fn filter(&self) -> String {
        let alternatives: Vec<String> = self.runs.iter().map(|run| format!("RunId eq {run}")).collect();
        alternatives.join(" or ")
    }
}

impl Operation for ListMetrics {
    type Output = Page<RunMetric>;

    fn method(&self) -> Method {
        match self.form {
            ListForm::Query => Method::POST,
            ListForm::Get => Method::GET,
        }
    }

    fn address(&self) -> Address {
        let path = history(&self.workspace).join(["experiments", self.experiment.as_str(), "metrics"]);
        let service = Service::Regional(self.workspace.clone(), RegionalService::History);
        match self.form {
            ListForm::Query => Address::Path(service, path.verb("query"), Query::new()),
            ListForm::Get => Address::Path(
                service,
                path,
                Query::new().with("$filter", self.filter()).maybe("$continuationtoken", self.next.as_deref()),
            ),
        }
    }

    fn body(&self) -> Body {
        match self.form {
            ListForm::Query => Body::Json(json!({ "filter": self.filter(), "continuationToken": self.next })),
            ListForm::Get => Body::Empty,
        }
    }

    fn is_read(&self) -> bool {
        true
    }

    fn otherwise(&self) -> Option<Self> {
        (self.form == ListForm::Query).then(|| Self { form: ListForm::Get, ..self.clone() })
    }
}

impl Paged for ListMetrics {
    type Item = RunMetric;

    fn after(&self, page: &Page<RunMetric>) -> Option<Self> {
        let token = page.continuation_token()?.to_owned();
        Some(Self { next: Some(token), ..self.clone() })
    }
}

/// `GET …/experiments/{experiment}/metrics/{metric}` ([reference]).
///
/// [reference]: https://github.com/Azure/azure-rest-api-specs/tree/main/specification/machinelearningservices/data-plane
#[derive(Clone, Debug, PartialEq)]
pub struct GetMetric {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one, [`RunMetric::metric_id`].
    pub metric: String,
}

impl Operation for GetMetric {
    type Output = RunMetric;

    fn address(&self) -> Address {
        let path = history(&self.workspace).join([
            "experiments",
            self.experiment.as_str(),
            "metrics",
            self.metric.as_str(),
        ]);
        let service = Service::Regional(self.workspace.clone(), RegionalService::History);
        Address::Path(service, path, Query::new())
    }
}

/// Something that a run measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunMetric {
    /// Which run.
    pub run_id: RunId,
    /// Its id.
    #[serde(default)]
    pub metric_id: Option<String>,
    /// Its name; the service does not promise that there is one of each.
    pub name: String,
    /// What it is.
    pub metric_type: MetricType,
    /// When it was logged first.
    #[serde(default, deserialize_with = "timestamp::tolerant")]
    pub created_utc: Option<Timestamp>,
    /// A text for people.
    #[serde(default)]
    pub description: Option<String>,
    /// Where the values are when they are not here: `aml://artifactId/{origin}/{container}/{path}`.
    #[serde(default)]
    pub data_location: Option<String>,
    /// The values.
    #[serde(default)]
    pub cells: Cells,
    /// The columns in the order in which they were logged.
    #[serde(default)]
    schema: Option<Schema>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Schema {
    #[serde(default, deserialize_with = "null_as_default")]
    properties: Vec<Property>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Property {
    name: Option<String>,
}

/// What kind of metric, `azureml.v1.scalar` and others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// One value, or, logged several times, a series.
    Scalar,
    /// A series.
    List,
    /// Rows with named columns.
    Table,
    /// A picture, in an artifact.
    Image,
    /// How often each class was taken for each, as JSON in an artifact.
    ConfusionMatrix,
    /// Counts for many thresholds, as JSON in an artifact.
    AccuracyTable,
    /// How far predictions are off, as JSON in an artifact.
    Residuals,
    /// Predictions beside what was true, as JSON in an artifact.
    Predictions,
    /// Any other, in the service's word.
    Other(String),
}

impl MetricType {
    /// What it is called here; of those that are not known the service's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Scalar => "scalar",
            Self::List => "list",
            Self::Table => "table",
            Self::Image => "image",
            Self::ConfusionMatrix => "confusion_matrix",
            Self::AccuracyTable => "accuracy_table",
            Self::Residuals => "residuals",
            Self::Predictions => "predictions",
            Self::Other(word) => word,
        }
    }
}

impl<'de> Deserialize<'de> for MetricType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        // The generation of the client is between the dots; what the names mean has stayed.
        let name = word.strip_prefix("azureml.").and_then(|rest| rest.split_once('.')).map(|(_, name)| name);
        Ok(match name {
            Some("scalar") => Self::Scalar,
            Some("list") => Self::List,
            Some("table") => Self::Table,
            Some("image") => Self::Image,
            Some("confusion_matrix") => Self::ConfusionMatrix,
            Some("accuracy_table") => Self::AccuracyTable,
            Some("residuals") => Self::Residuals,
            Some("predictions") => Self::Predictions,
            _ => Self::Other(word),
        })
    }
}

impl RunMetric {
    /// The values of a metric that has one column: a scalar or a list. None of a table.
    pub fn values(&self) -> Option<&[CellValue]> {
        match self.cells.columns.as_slice() {
            [only] => Some(&only.values),
            columns if self.metric_type != MetricType::Table => {
                columns.iter().find(|column| column.name == self.name).map(|column| column.values.as_slice())
            }
            _ => None,
        }
    }

    /// The last number of a scalar or a list.
    pub fn latest_number(&self) -> Option<f64> {
        self.values()?.iter().rev().find_map(CellValue::number)
    }

    /// Rows are objects, whose fields have no order; the schema has one.
    fn order_columns(&mut self) {
        let Some(schema) = &self.schema else { return };
        let place = |column: &Column| {
            let known = schema.properties.iter();
            known.take_while(|property| property.name.as_ref() != Some(&column.name)).count()
        };
        self.cells.columns.sort_by_key(place);
    }

    /// The path of the artifact that its values are in, below its container: `outputs/plot.png`.
    pub fn artifact_path(&self) -> Option<&str> {
        let mut parts = self.data_location.as_deref()?.strip_prefix("aml://artifactId/")?.splitn(3, '/');
        parts.next()?;
        parts.next()?;
        parts.next().filter(|path| !path.is_empty())
    }

    /// One of each name and kind for each run, in the order of their names: the service may give a value that was
    /// logged several times as several metrics.
    pub fn joined(metrics: impl IntoIterator<Item = RunMetric>) -> Vec<RunMetric> {
        let mut sorted: Vec<RunMetric> = metrics.into_iter().collect();
        sorted.sort_by(|one, other| {
            let key = |metric: &RunMetric| metric.created_utc.map(Timestamp::unix_milliseconds);
            (&one.run_id, &one.name).cmp(&(&other.run_id, &other.name)).then(key(one).cmp(&key(other)))
        });
        let mut joined: Vec<RunMetric> = Vec::new();
        for mut metric in sorted {
            metric.order_columns();
            let last = joined.last_mut().filter(|last| {
                (&last.run_id, &last.name, &last.metric_type)
                    == (&metric.run_id, &metric.name, &metric.metric_type)
                    && metric.data_location.is_none()
                    && matches!(metric.metric_type, MetricType::Scalar | MetricType::List | MetricType::Table)
            });
            match last {
                Some(last) => last.cells.append(metric.cells),
                None => joined.push(metric),
            }
        }
        joined
    }
}

/// Values by column. The service gives them by row; a series of ten thousand would be as many maps of one entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cells {
    /// In the order in which they were met.
    pub columns: Vec<Column>,
    /// How many rows there are.
    pub rows: usize,
}

/// A column: as many values as there are rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<CellValue>,
}

impl Column {
    /// Whether it has numbers and nothing else, gaps aside.
    pub fn is_numeric(&self) -> bool {
        let mut values = self.values.iter().filter(|value| **value != CellValue::Missing).peekable();
        values.peek().is_some() && values.all(|value| value.number().is_some())
    }
}

impl Cells {
    fn put(&mut self, name: &str, value: CellValue) {
        let row = self.rows;
        let column = match self.columns.iter_mut().position(|column| column.name == name) {
            Some(place) => &mut self.columns[place],
            None => {
                self.columns.push(Column { name: name.to_owned(), values: Vec::new() });
                self.columns.last_mut().expect("a column was just added")
            }
        };
        column.values.resize(row, CellValue::Missing);
        column.values.push(value);
    }

    fn end_row(&mut self) {
        self.rows += 1;
        for column in &mut self.columns {
            column.values.resize(self.rows, CellValue::Missing);
        }
    }

    fn append(&mut self, other: Cells) {
        let rows = self.rows;
        for column in other.columns {
            let place = self.columns.iter().position(|known| known.name == column.name);
            let place = place.unwrap_or_else(|| {
                self.columns.push(Column { name: column.name.clone(), values: Vec::new() });
                self.columns.len() - 1
            });
            let known = &mut self.columns[place].values;
            known.resize(rows, CellValue::Missing);
            known.extend(column.values);
        }
        self.rows += other.rows;
        for column in &mut self.columns {
            column.values.resize(self.rows, CellValue::Missing);
        }
    }
}

/// One value.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum CellValue {
    /// Nothing was logged here.
    Missing,
    /// A number; not a number and infinite are numbers too, which the service writes as texts.
    Number(f64),
    /// Yes or no.
    Bool(bool),
    /// Any other; lists and objects as JSON.
    Text(String),
}

impl PartialEq for CellValue {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Missing, Self::Missing) => true,
            // By their bits: a value that is not a number has not changed as long as it is none.
            (Self::Number(one), Self::Number(other)) => one.to_bits() == other.to_bits(),
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            _ => false,
        }
    }
}

impl CellValue {
    /// As a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    fn of_text(text: &str) -> Self {
        match text {
            "NaN" => Self::Number(f64::NAN),
            "Infinity" | "inf" => Self::Number(f64::INFINITY),
            "-Infinity" | "-inf" => Self::Number(f64::NEG_INFINITY),
            text => Self::Text(text.to_owned()),
        }
    }
}

impl fmt::Display for CellValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Bool(flag) => write!(formatter, "{flag}"),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for CellValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = CellValue;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any value")
            }

            fn visit_f64<E>(self, number: f64) -> Result<CellValue, E> {
                Ok(CellValue::Number(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<CellValue, E> {
                Ok(CellValue::Number(number as f64))
            }

            fn visit_u64<E>(self, number: u64) -> Result<CellValue, E> {
                Ok(CellValue::Number(number as f64))
            }

            fn visit_bool<E>(self, flag: bool) -> Result<CellValue, E> {
                Ok(CellValue::Bool(flag))
            }

            fn visit_str<E>(self, text: &str) -> Result<CellValue, E> {
                Ok(CellValue::of_text(text))
            }

            fn visit_unit<E>(self) -> Result<CellValue, E> {
                Ok(CellValue::Missing)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<CellValue, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element::<Value>()? {
                    values.push(value);
                }
                Ok(CellValue::Text(Value::Array(values).to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CellValue, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    fields.insert(name, value);
                }
                Ok(CellValue::Text(json!(fields).to_string()))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;

        impl<'de> Visitor<'de> for Rows {
            type Value = Cells;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of cells")
            }

            fn visit_unit<E>(self) -> Result<Cells, E> {
                Ok(Cells::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Cells, A::Error> {
                let mut cells = Cells::default();
                while list.next_element_seed(Row(&mut cells))?.is_some() {}
                Ok(cells)
            }
        }

        /// One row, put into the columns.
        struct Row<'cells>(&'cells mut Cells);

        impl<'de> DeserializeSeed<'de> for Row<'_> {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        impl<'de> Visitor<'de> for Row<'_> {
            type Value = ();

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a cell")
            }

            fn visit_unit<E>(self) -> Result<(), E> {
                self.0.end_row();
                Ok(())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
                while let Some((name, value)) = map.next_entry::<String, CellValue>()? {
                    self.0.put(&name, value);
                }
                self.0.end_row();
                Ok(())
            }
        }

        deserializer.deserialize_any(Rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, created: &str, cells: &str) -> RunMetric {
        let text = format!(
            r#"{{"runId":"r","metricType":"azureml.v1.scalar","name":"{name}","createdUtc":"{created}","cells":{cells}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_published_examples_are_read() {
        let page: Page<RunMetric> =
            serde_json::from_str(include_str!("../../simulator/samples/history_metrics_list.json")).unwrap();
        let kinds: Vec<_> = page.value.iter().map(|metric| metric.metric_type.clone()).collect();
        assert_eq!(kinds, [MetricType::Scalar, MetricType::List, MetricType::Table]);
        assert_eq!(page.value[0].latest_number(), Some(0.93));
        assert_eq!(page.value[1].values().unwrap().len(), 3);
        assert_eq!(page.value[2].values(), None);
        assert!(page.value[2].cells.columns.len() > 1);
    }

    #[test]
    fn values_that_are_no_numbers_in_json_are_numbers_here() {
        let metric = metric(
            "loss",
            "2020-01-21T21:34:10Z",
            r#"[{"loss":1},{"loss":"NaN"},{"loss":"-Infinity"},null]"#,
        );
        let numbers: Vec<_> = metric.values().unwrap().iter().map(CellValue::number).collect();
        assert_eq!(numbers[0], Some(1.0));
        assert!(numbers[1].unwrap().is_nan());
        assert_eq!(numbers[2], Some(f64::NEG_INFINITY));
        assert_eq!(numbers[3], None);
        assert_eq!(metric.clone(), metric, "not a number is the same as before");
    }

    #[test]
    fn gaps_of_a_table_stay_gaps() {
        let mut metric = metric("t", "2020-01-21T21:34:10Z", r#"[{"a":1},{"b":true},{"a":"x","b":[1]}]"#);
        metric.metric_type = MetricType::Table;
        let column = |name: &str| {
            metric.cells.columns.iter().find(|column| column.name == name).map(|column| column.values.clone())
        };
        assert_eq!(
            column("a").unwrap(),
            [CellValue::Number(1.0), CellValue::Missing, CellValue::Text("x".to_owned())]
        );
        assert_eq!(
            column("b").unwrap(),
            [CellValue::Missing, CellValue::Bool(true), CellValue::Text("[1]".to_owned())]
        );
    }

    #[test]
    fn values_that_come_alone_are_joined_in_the_order_of_their_times() {
        let joined = RunMetric::joined([
            metric("loss", "2020-01-21T21:34:12Z", r#"[{"loss":3}]"#),
            metric("accuracy", "2020-01-21T21:34:10Z", r#"[{"accuracy":0.5}]"#),
            metric("loss", "2020-01-21T21:34:11Z", r#"[{"loss":2}]"#),
        ]);
        let names: Vec<_> = joined.iter().map(|metric| metric.name.as_str()).collect();
        assert_eq!(names, ["accuracy", "loss"]);
        assert_eq!(joined[1].values().unwrap(), [CellValue::Number(2.0), CellValue::Number(3.0)]);
        assert_eq!(joined[1].latest_number(), Some(3.0));
    }

    #[test]
    fn columns_are_in_the_order_of_the_schema() {
        let mut metric = metric("t", "2020-01-21T21:34:10Z", r#"[{"a":1,"b":2,"c":3}]"#);
        metric.schema = serde_json::from_str(r#"{"properties":[{"name":"c"},{"name":"a"}]}"#).unwrap();
        let joined = RunMetric::joined([metric]);
        let names: Vec<_> = joined[0].cells.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }

    #[test]
    fn an_artifact_is_found_by_its_path() {
        let mut image = metric("plot", "2020-01-21T21:34:10Z", "null");
        image.data_location = Some("aml://artifactId/ExperimentRun/dcid.r/outputs/a plot.png".to_owned());
        assert_eq!(image.artifact_path(), Some("outputs/a plot.png"));
        image.data_location = Some("https://elsewhere/x".to_owned());
        assert_eq!(image.artifact_path(), None);
    }

    #[test]
    fn many_runs_are_asked_for_in_several_questions() {
        let workspace =
            WorkspaceId { subscription: "s".into(), resource_group: "g".into(), name: "w".into() };
        let runs: Vec<RunId> = (0..45).map(|number| format!("r_{number}").into()).collect();
        let questions: Vec<_> = ListMetrics::for_runs(&workspace, &"e".into(), &runs).collect();
        assert_eq!(questions.iter().map(|question| question.runs.len()).collect::<Vec<_>>(), [20, 20, 5]);
        assert_eq!(
            questions[2].filter(),
            "RunId eq r_40 or RunId eq r_41 or RunId eq r_42 or RunId eq r_43 or RunId eq r_44"
        );
    }

    #[test]
    fn kinds_are_the_same_in_every_generation_of_clients() {
        let kind = |word: &str| serde_json::from_value::<MetricType>(json!(word)).unwrap();
        assert_eq!(kind("azureml.v2.scalar"), MetricType::Scalar);
        assert_eq!(kind("azureml.v1.confusion_matrix"), MetricType::ConfusionMatrix);
        assert_eq!(kind("something"), MetricType::Other("something".to_owned()));
    }
}
