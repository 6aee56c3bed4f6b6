//! Which runs a question is about, and in which order: the filters and orders that this page itself writes.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use azimuth_api::Timestamp;
use serde::Deserialize;

/// What runs are filtered and ordered by.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunKey {
    /// Its place among the runs of its experiment in the export.
    #[serde(skip)]
    pub place: usize,
    pub run_id: Option<Box<str>>,
    status: Option<Box<str>>,
    pub parent_run_id: Option<Box<str>>,
    pub data_container_id: Option<Box<str>>,
    created_utc: Option<Box<str>>,
    start_time_utc: Option<Box<str>>,
    end_time_utc: Option<Box<str>>,
    target: Option<Box<str>>,
    run_type: Option<Box<str>>,
    tags: Option<BTreeMap<Box<str>, Box<str>>>,
    properties: Option<BTreeMap<Box<str>, Box<str>>>,
}

impl RunKey {
    /// Reads what of a run's document is needed.
    pub fn read(document: &[u8], place: usize) -> Self {
        let mut key: Self = serde_json::from_slice(document).unwrap_or_default();
        key.place = place;
        if let Some(properties) = &mut key.properties {
            properties.retain(|name, _| name.starts_with("azureml.runsource"));
        }
        key
    }

    fn field(&self, name: &str) -> Option<&str> {
        if let Some((map, key)) = name.split_once('/') {
            let map = match map {
                "Tags" => &self.tags,
                "Properties" => &self.properties,
                _ => return None,
            };
            return map.as_ref()?.get(key).map(AsRef::as_ref);
        }
        match name {
            "RunId" => &self.run_id,
            "Status" => &self.status,
            "ParentRunId" => &self.parent_run_id,
            "Target" => &self.target,
            "RunType" => &self.run_type,
            "CreatedUtc" => &self.created_utc,
            "StartTimeUtc" => &self.start_time_utc,
            "EndTimeUtc" => &self.end_time_utc,
            _ => return None,
        }
        .as_deref()
    }
}

/// A condition on runs.
#[derive(Debug, PartialEq)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Compare {
        field: String,
        operator: Operator,
        value: String,
    },
    /// A tag that is there, whatever its value; the published client asks for it in an odd form.
    Has(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operator {
    Equal,
    NotEqual,
    NotBefore,
    NotAfter,
}

impl Filter {
    /// Reads a filter; none where it is in no form that this page writes.
    pub fn parse(text: &str) -> Option<Self> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let filter = Self::joined(&mut rest)?;
        rest.is_empty().then_some(filter)
    }

    /// Conditions that are all joined by `and`, or all by `or`.
    fn joined(rest: &mut &[&str]) -> Option<Self> {
        let mut parts = vec![Self::single(rest)?];
        let mut word = None;
        while let Some(next) = rest.first().filter(|next| matches!(**next, "and" | "or")) {
            if word.is_some_and(|word| word != *next) {
                return None;
            }
            word = Some(*next);
            *rest = &rest[1..];
            parts.push(Self::single(rest)?);
        }
        Some(match word {
            None => parts.pop()?,
            Some("and") => Self::All(parts),
            Some(_) => Self::Any(parts),
        })
    }

    fn single(rest: &mut &[&str]) -> Option<Self> {
        if let ["(", inside @ ..] = *rest {
            *rest = inside;
            let filter = Self::joined(rest)?;
            let [")", after @ ..] = *rest else { return None };
            *rest = after;
            return Some(filter);
        }
        let [field, operator, value, after @ ..] = *rest else { return None };
        *rest = after;
        let operator = match *operator {
            "eq" => Operator::Equal,
            "ne" => Operator::NotEqual,
            "ge" => Operator::NotBefore,
            "le" => Operator::NotAfter,
            _ => return None,
        };
        if *value == "null" && field.starts_with("Tags/") {
            return Some(Self::Has((*field).to_owned()));
        }
        Some(Self::Compare { field: (*field).to_owned(), operator, value: (*value).to_owned() })
    }

    /// Whether a run is meant.
    pub fn fits(&self, run: &RunKey) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(run)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(run)),
            Self::Has(field) => run.field(field).is_some(),
            Self::Compare { field, operator, value } => {
                let found = run.field(field);
                let times = || Some((Timestamp::parse(found?)?, Timestamp::parse(value)?));
                match operator {
                    Operator::Equal => found == Some(value),
                    Operator::NotEqual => found != Some(value),
                    Operator::NotBefore => times().is_some_and(|(found, wanted)| found >= wanted),
                    Operator::NotAfter => times().is_some_and(|(found, wanted)| found <= wanted),
                }
            }
        }
    }

    /// The runs that are named, where it names nothing else.
    pub fn runs(&self) -> Option<Vec<&str>> {
        match self {
            Self::Any(parts) => {
                let runs: Option<Vec<_>> = parts.iter().map(Self::runs).collect();
                Some(runs?.concat())
            }
            Self::Compare { field, operator: Operator::Equal, value } if field == "RunId" => {
                Some(vec![value])
            }
            _ => None,
        }
    }
}

/// Puts runs in an order, as `CreatedUtc desc`; what is in no form that this page writes leaves them as they are.
pub fn arrange(runs: &mut [&RunKey], order: &str) {
    let (field, direction) = order.split_once(' ').unwrap_or((order, "asc"));
    if !matches!(field, "CreatedUtc" | "StartTimeUtc" | "EndTimeUtc") {
        return;
    }
    let is_descending = direction.eq_ignore_ascii_case("desc");
    let time = |run: &RunKey| run.field(field).and_then(Timestamp::parse);
    // Times are read once for each run, not once for each comparison.
    runs.sort_by_cached_key(|run| Place(time(run), is_descending));
}

#[derive(PartialEq, Eq)]
struct Place(Option<Timestamp>, bool);

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        let order = self.0.cmp(&other.0);
        if self.1 { order.reverse() } else { order }
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use azimuth_api::{Body, ListForm, ListRuns, Operation, RunFilter, RunStatus, TagFilter};

    use super::*;

    fn run(text: &str) -> RunKey {
        RunKey::read(text.as_bytes(), 0)
    }

    /// The filter as the page's own question writes it.
    fn asked(filter: RunFilter) -> Filter {
        let workspace = azimuth_api::WorkspaceId {
            subscription: "s".into(),
            resource_group: "g".into(),
            name: "w".into(),
        };
        let question = ListRuns { filter, form: ListForm::Query, ..ListRuns::of(workspace, "e".into()) };
        let Body::Json(body) = question.body() else { unreachable!("a query has a body") };
        Filter::parse(body["filter"].as_str().expect("something is filtered by")).expect("it is read")
    }

    #[test]
    fn every_filter_that_the_page_writes_is_understood() {
        let done = run(
            r#"{"runId":"r1","status":"Completed","target":"cpu","createdUtc":"2020-01-21T21:30:22.877+00:00",
                "tags":{"team":"loaves"},"properties":{"azureml.runsource":"azureml.PipelineRun"}}"#,
        );
        let failed = run(
            r#"{"runId":"r2","status":"Failed","target":null,"createdUtc":"2020-01-22T21:30:22Z","tags":null}"#,
        );
        let fits = |filter: RunFilter| {
            let filter = asked(filter);
            (filter.fits(&done), filter.fits(&failed))
        };
        let statuses =
            |statuses: &[RunStatus]| RunFilter { statuses: statuses.to_vec(), ..RunFilter::default() };
        assert_eq!(fits(statuses(&[RunStatus::Completed])), (true, false));
        assert_eq!(fits(statuses(&[RunStatus::Completed, RunStatus::Failed])), (true, true));
        assert_eq!(
            fits(RunFilter { kind: Some("azureml.PipelineRun"), ..RunFilter::default() }),
            (true, false)
        );
        assert_eq!(
            fits(RunFilter { computes: vec!["cpu".to_owned()], ..RunFilter::default() }),
            (true, false)
        );
        let after = Timestamp::parse("2020-01-22T00:00:00Z");
        assert_eq!(fits(RunFilter { created_after: after, ..RunFilter::default() }), (false, true));
        assert_eq!(fits(RunFilter { created_before: after, ..RunFilter::default() }), (true, false));
        let tag =
            |value: Option<&str>| TagFilter { name: "team".to_owned(), value: value.map(str::to_owned) };
        assert_eq!(fits(RunFilter { tags: vec![tag(None)], ..RunFilter::default() }), (true, false));
        assert_eq!(fits(RunFilter { tags: vec![tag(Some("rye"))], ..RunFilter::default() }), (false, false));
        let both = RunFilter {
            statuses: vec![RunStatus::Completed],
            tags: vec![tag(Some("loaves"))],
            runs: vec!["r1".into(), "r2".into()],
            ..RunFilter::default()
        };
        assert_eq!(fits(both), (true, false));
    }

    #[test]
    fn another_language_is_no_filter() {
        for other in
            ["", "startswith(Name, 'a')", "Status eq", "(Status eq A", "Status eq A and B eq C or D eq E"]
        {
            assert_eq!(Filter::parse(other), None, "{other}");
        }
    }

    #[test]
    fn runs_are_named_by_a_question_for_metrics() {
        assert_eq!(Filter::parse("RunId eq a or RunId eq b").unwrap().runs(), Some(vec!["a", "b"]));
        assert_eq!(Filter::parse("RunId eq a").unwrap().runs(), Some(vec!["a"]));
        assert_eq!(Filter::parse("Status eq a").unwrap().runs(), None);
    }

    #[test]
    fn the_newest_comes_first_where_that_is_asked() {
        let runs = [
            run(r#"{"runId":"old","createdUtc":"2020-01-21T00:00:00Z"}"#),
            run(r#"{"runId":"new","createdUtc":"2020-01-21T00:00:00.5+00:00"}"#),
            run(r#"{"runId":"never"}"#),
        ];
        let arranged = |order: &str| {
            let mut all: Vec<&RunKey> = runs.iter().collect();
            arrange(&mut all, order);
            all.iter().map(|run| run.run_id.as_deref().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(arranged("CreatedUtc desc"), ["new", "old", "never"]);
        assert_eq!(arranged("CreatedUtc asc"), ["never", "old", "new"]);
        assert_eq!(arranged("Something desc"), ["old", "new", "never"]);
    }
}
