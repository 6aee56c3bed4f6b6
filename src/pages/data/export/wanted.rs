//! What the address says of an export, and what is wrong with it.

use std::collections::BTreeSet;

use azimuth_api::{ExperimentName, RunFilter, RunId, Timestamp, WorkspaceId};

use crate::export::selection::{Kind, Selection};
use crate::route::Location;

/// What is wanted, as it stands in the query part of the address.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    pub kinds: BTreeSet<Kind>,
    /// Chosen ones; none yet where empty. Without them all.
    pub experiments: Option<Vec<ExperimentName>>,
    pub runs: Vec<RunId>,
    /// Chosen ones; none yet where empty. Without them everybody.
    pub people: Option<Vec<String>>,
    /// A day; may be empty.
    pub from: String,
    /// The last day; may be empty.
    pub to: String,
    pub with_logs: bool,
    pub with_contents: bool,
    pub redacted: bool,
}

/// What is wrong, by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    pub kinds: Option<String>,
    pub experiments: Option<String>,
    pub people: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
}

impl Faults {
    /// The first of them.
    pub fn first(&self) -> Option<&str> {
        let all = [&self.kinds, &self.experiments, &self.people, &self.from, &self.to];
        all.into_iter().find_map(|fault| fault.as_deref())
    }
}

/// What belongs to a run.
const OF_RUNS: [Kind; 4] = [Kind::Runs, Kind::Metrics, Kind::Files, Kind::Pipelines];

impl Wanted {
    /// What an address says.
    pub fn of(location: &Location) -> Self {
        let values = |name: &'static str| {
            let is_there = location.parameter(name).is_some();
            let all = location.parameters(name).filter(|value| !value.is_empty());
            let mut known = BTreeSet::new();
            let each_once = all.filter(|value| known.insert((*value).to_owned())).map(str::to_owned);
            is_there.then(|| each_once.collect::<Vec<String>>())
        };
        let text = |name: &str| location.parameter(name).unwrap_or_default().to_owned();
        let experiments = values("experiment");
        let kinds =
            values("kind").map(|kinds| kinds.iter().filter_map(|word| Kind::from_word(word)).collect());
        Self {
            kinds: kinds.unwrap_or_else(|| usual(experiments.is_some())),
            experiments: experiments.map(|names| names.into_iter().map(ExperimentName::from).collect()),
            runs: values("run").unwrap_or_default().into_iter().map(RunId::from).collect(),
            people: values("person"),
            from: text("from"),
            to: text("to"),
            with_logs: location.parameter("logs") != Some("no"),
            with_contents: location.parameter("contents").is_some(),
            redacted: location.parameter("names") == Some("no"),
        }
    }

    /// The same address, with this.
    pub fn put_in(&self, location: &Location) -> Location {
        const NAMES: [&str; 9] =
            ["kind", "experiment", "run", "person", "from", "to", "logs", "contents", "names"];
        let mut location = location.clone();
        location.query.retain(|(name, _)| !NAMES.contains(&name.as_str()));
        let mut put = |name: &str, value: &str| location.query.push((name.to_owned(), value.to_owned()));
        let mut put_all = |name: &str, values: &[&str]| {
            // A name without a value says that there are to be some.
            if values.is_empty() {
                put(name, "");
            }
            values.iter().for_each(|value| put(name, value));
        };
        if self.kinds != usual(self.experiments.is_some()) {
            put_all("kind", &self.kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>());
        }
        if let Some(experiments) = &self.experiments {
            put_all("experiment", &experiments.iter().map(ExperimentName::as_str).collect::<Vec<_>>());
        }
        if let Some(people) = &self.people {
            put_all("person", &people.iter().map(String::as_str).collect::<Vec<_>>());
        }
        self.runs.iter().for_each(|run| put("run", run.as_str()));
        for (name, value) in [("from", &self.from), ("to", &self.to)] {
            if !value.is_empty() {
                put(name, value);
            }
        }
        for (name, value, is_said) in [
            ("logs", "no", !self.with_logs),
            ("contents", "", self.with_contents),
            ("names", "no", self.redacted),
        ] {
            if is_said {
                put(name, value);
            }
        }
        location
    }

    /// Takes a kind, and what it is found by; or leaves it out, and what is found by it.
    pub fn turn(&mut self, kind: Kind, is_on: bool) {
        if is_on {
            self.kinds.extend([Some(kind), kind.needs()].into_iter().flatten());
        } else {
            self.kinds.retain(|one| *one != kind && one.needs() != Some(kind));
        }
    }

    /// Narrows it to chosen experiments, or takes all. What is usual then is taken with them.
    pub fn choose_experiments(&mut self, chosen: Option<Vec<ExperimentName>>) {
        if self.kinds == usual(self.experiments.is_some()) {
            self.kinds = usual(chosen.is_some());
        }
        if chosen.as_ref().is_none_or(Vec::is_empty) {
            self.runs.clear();
        }
        self.experiments = chosen;
    }

    /// What it is of a workspace, or what is wrong with it. `midnight` says when a day begins.
    pub fn selection(
        &self,
        workspace: WorkspaceId,
        midnight: impl Fn(Day) -> Timestamp,
    ) -> Result<Selection, Faults> {
        let mut faults = Faults::default();
        let (from, to) = (day(&self.from), day(&self.to));
        if self.kinds.is_empty() {
            faults.kinds = Some("Choose at least one kind.".to_owned());
        }
        if self.experiments.as_ref().is_some_and(Vec::is_empty) {
            faults.experiments = Some("Choose at least one experiment, or all of them.".to_owned());
        }
        if let Some(run) = self.runs.iter().find(|run| !RunFilter::can_be_asked(run.as_str())) {
            faults.experiments =
                Some(format!("No run can have the id “{run}”: letters, digits, _, - and . alone."));
        }
        if self.people.as_ref().is_some_and(Vec::is_empty) {
            faults.people = Some("Choose at least one person, or everybody.".to_owned());
        }
        faults.from = from.as_ref().err().cloned();
        faults.to = to.as_ref().err().cloned();
        if let (Ok(Some(from)), Ok(Some(to))) = (&from, &to)
            && from > to
        {
            faults.to = Some("The last day is before the first.".to_owned());
        }
        let (Ok(from), Ok(to), None) = (from, to, faults.first()) else { return Err(faults) };
        Ok(Selection {
            workspace,
            kinds: self.kinds.clone(),
            experiments: self.experiments.clone(),
            runs: Some(self.runs.clone()).filter(|runs| !runs.is_empty()),
            people: self.people.clone(),
            from: from.map(&midnight),
            to: to.map(|to| midnight(Day { day: to.day + 1, ..to })),
            with_logs: self.with_logs && self.kinds.contains(&Kind::Files),
            with_contents: self.with_contents && self.kinds.contains(&Kind::Files),
            redacted: self.redacted,
        })
    }
}

/// What is taken where nobody said otherwise: everything, or what chosen experiments have.
fn usual(of_experiments: bool) -> BTreeSet<Kind> {
    match of_experiments {
        true => OF_RUNS.into_iter().chain([Kind::Experiments]).collect(),
        false => Kind::ALL.into(),
    }
}

/// A day of the calendar. The day after the last of a month is the first of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub year: u32,
    pub month: u32,
    pub day: u32,
}

/// Reads `2020-01-21`; an empty text is no day.
fn day(text: &str) -> Result<Option<Day>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let numbers: Option<Vec<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let is_whole = text.len() == 10 && text.is_ascii();
    match numbers.as_deref() {
        // Whether there is such a day, whoever reads times knows.
        Some(&[year, month, day])
            if is_whole && year >= 1970 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some() =>
        {
            Ok(Some(Day { year, month, day }))
        }
        _ => Err(format!("“{text}” is no day. Write it like 2020-01-21.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "#/subscriptions/s/resourceGroups/g/workspaces/w/data";

    fn wanted(query: &str) -> Wanted {
        Wanted::of(&Location::parse(&format!("{PAGE}{query}")))
    }

    fn workspace() -> WorkspaceId {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
        WorkspaceId::parse(id).unwrap()
    }

    /// Days that begin two hours before those of UTC.
    fn midnight(day: Day) -> Timestamp {
        let days = (day.year - 2020) * 366 + (day.month - 1) * 31 + day.day - 1;
        Timestamp::from_unix_milliseconds(1_577_836_800_000 + i64::from(days) * 86_400_000 - 7_200_000)
    }

    fn selected(query: &str) -> Result<Selection, Faults> {
        wanted(query).selection(workspace(), midnight)
    }

    #[test]
    fn everything_but_the_contents_of_files_is_wanted_at_first() {
        let selection = selected("").unwrap();
        assert_eq!(selection, Selection::all(workspace()));
        assert!(!selection.with_contents);
    }

    #[test]
    fn every_choice_comes_back_from_the_address_that_it_made() {
        for query in [
            "",
            "?kind=runs&kind=models",
            "?kind",
            "?experiment=loaves%20per%2Fday&experiment=rye",
            "?experiment",
            "?kind=workspace&experiment=rye&run=r_1&run=r_2",
            "?person=Maya%20%26%20Noah&from=2020-01-21&to=2020-02-01",
            "?person",
            "?logs=no&contents&names=no",
        ] {
            let location = Location::parse(&format!("{PAGE}{query}"));
            let wanted = Wanted::of(&location);
            assert_eq!(wanted.put_in(&location).href(), location.href(), "{query}");
        }
    }

    #[test]
    fn what_else_stands_in_the_address_stays() {
        let location = Location::parse(&format!("{PAGE}?tab=export&logs=no&filter=a"));
        let all = Wanted::of(&Location::parse(PAGE));
        assert_eq!(all.put_in(&location).href(), format!("{PAGE}?tab=export&filter=a"));
    }

    #[test]
    fn who_comes_from_a_run_gets_what_belongs_to_it() {
        let selection = selected("?experiment=e&run=r").unwrap();
        let kinds = [Kind::Experiments, Kind::Runs, Kind::Metrics, Kind::Files, Kind::Pipelines];
        assert_eq!(selection.kinds, kinds.into());
        assert_eq!(selection.runs, Some(vec!["r".into()]));
    }

    #[test]
    fn all_experiments_after_chosen_ones_are_everything_again() {
        let mut wanted = wanted("?experiment=e&run=r");
        wanted.choose_experiments(None);
        assert_eq!(wanted, self::wanted(""));
    }

    #[test]
    fn a_kind_comes_with_what_it_is_found_by_and_goes_with_it() {
        let mut wanted = wanted("?kind=models");
        wanted.turn(Kind::Metrics, true);
        assert_eq!(wanted.kinds, [Kind::Models, Kind::Runs, Kind::Metrics].into());
        wanted.turn(Kind::Runs, false);
        assert_eq!(wanted.kinds, [Kind::Models].into());
    }

    #[test]
    fn files_that_are_not_wanted_have_neither_logs_nor_contents() {
        let selection = selected("?kind=runs&contents").unwrap();
        assert!(!selection.with_logs && !selection.with_contents);
    }

    #[test]
    fn days_are_those_of_the_person_and_the_last_one_belongs_to_them() {
        let selection = selected("?from=2020-01-21&to=2020-01-21").unwrap();
        assert_eq!(selection.from, Timestamp::parse("2020-01-20T22:00:00Z"));
        assert_eq!(selection.to, Timestamp::parse("2020-01-21T22:00:00Z"));
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        let faults = selected("?kind&experiment&person&from=yesterday&to=2020-02-30").unwrap_err();
        for fault in [&faults.kinds, &faults.experiments, &faults.people, &faults.from, &faults.to] {
            assert!(fault.is_some(), "{faults:?}");
        }
        let faults = selected("?from=2020-01-22&to=2020-01-21").unwrap_err();
        assert_eq!(
            faults,
            Faults { to: Some("The last day is before the first.".to_owned()), ..Faults::default() }
        );
        assert!(selected("?from=2020-1-21").is_err(), "as the service writes them");
    }
}
