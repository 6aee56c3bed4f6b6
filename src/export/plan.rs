//! What an export will ask, worked out from a few first pages. Each figure says how well it is known.

pub mod asking;

use std::collections::{BTreeMap, BTreeSet};

use azimuth_api::ApiError;

use crate::components::format::format_count;
use crate::export::selection::{Kind, Selection};

/// How many questions of an export wait for their answer at a time.
const AT_ONCE: f64 = 4.0;
/// How many runs are asked for their metrics at once.
const RUNS_AT_ONCE: f64 = 20.0;

/// What an export will ask.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Of what.
    pub selection: Selection,
    /// Kind by kind, in the order in which kinds are shown.
    pub lines: Vec<Line>,
    /// How long it takes at the pace of the first pages, in seconds.
    pub seconds: f64,
    /// How the figures came about and what they leave open, in sentences.
    pub notes: Vec<String>,
    /// Who was named in the first pages.
    pub people: BTreeSet<String>,
}

/// What will be asked of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub kind: Kind,
    /// How many there are.
    pub things: Amount,
    /// How many questions they take.
    pub requests: Amount,
    /// How much that is, in bytes, as far as it is known.
    pub bytes: f64,
    /// Why nothing is known of it.
    pub failure: Option<ApiError>,
}

impl Plan {
    /// All questions.
    pub fn requests(&self) -> Amount {
        self.lines.iter().fold(Amount::NONE, |sum, line| sum.plus(line.requests))
    }

    /// The size of the whole, in bytes, as far as it is known.
    pub fn bytes(&self) -> f64 {
        self.lines.iter().map(|line| line.bytes).sum()
    }
}

/// How many, and how well that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Amount {
    pub count: f64,
    pub known: Known,
}

/// How well an amount is known; of two that are put together, the later word holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    Exactly,
    AtLeast,
    About,
}

impl Amount {
    const NONE: Self = Self { count: 0.0, known: Known::Exactly };

    pub fn exactly(count: usize) -> Self {
        Self { count: count as f64, known: Known::Exactly }
    }

    /// As many as were seen, and whether those are all.
    fn seen(count: usize, is_all: bool) -> Self {
        Self { count: count as f64, known: if is_all { Known::Exactly } else { Known::AtLeast } }
    }

    fn about(count: f64) -> Self {
        Self { count, known: Known::About }
    }

    pub fn plus(self, other: Self) -> Self {
        Self { count: self.count + other.count, known: self.known.max(other.known) }
    }

    /// So many times another: something that each of these has.
    fn times(self, each: Self) -> Self {
        Self { count: self.count * each.count, known: self.known.max(each.known) }
    }

    /// "1,234", "at least 100", "about 1,200": what is a guess has no digits that nobody knows.
    pub fn words(self) -> String {
        match self.known {
            Known::Exactly => format_count(self.count.round() as usize),
            Known::AtLeast => format!("at least {}", format_count(self.count.round() as usize)),
            Known::About => format!("about {}", format_count(two_digits(self.count) as usize)),
        }
    }
}

/// Rounded to its first two digits.
fn two_digits(count: f64) -> f64 {
    let mut step = 1.0;
    while count / step >= 100.0 {
        step *= 10.0;
    }
    (count / step).round() * step
}

/// What a question cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    pub bytes: f64,
    pub milliseconds: f64,
}

/// The first page of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FirstPage {
    pub cost: Cost,
    /// How many things are on it.
    pub items: usize,
    /// How many of them are wanted.
    pub fitting: usize,
    /// Whether there is no other page.
    pub is_last: bool,
}

impl FirstPage {
    fn things(&self) -> Amount {
        Amount::seen(self.fitting, self.is_last)
    }

    fn requests(&self) -> Amount {
        Amount::seen(if self.is_last { 1 } else { 2 }, self.is_last)
    }

    fn bytes_of_one(&self) -> f64 {
        self.cost.bytes / self.items.max(1) as f64
    }
}

/// The experiments of a workspace, as far as they were listed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListedExperiments {
    /// A cost for each page.
    pub pages: Vec<Cost>,
    /// How many are wanted.
    pub wanted: usize,
    /// Whether these are all.
    pub is_all: bool,
}

/// The newest runs of one experiment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewestRuns {
    pub page: FirstPage,
    /// The number of the newest run: there are no more than that. None where something other than the page narrows it.
    pub newest_number: Option<u64>,
    /// How many of the fitting ones ran a pipeline.
    pub pipelines: usize,
    /// Whether any of them has parts: trials, steps.
    pub has_parts: bool,
}

impl NewestRuns {
    /// How many runs of the experiment there are, wanted or not.
    fn all(&self) -> Amount {
        match self.newest_number {
            _ if self.page.is_last => Amount::exactly(self.page.items),
            Some(number) if number as usize > self.page.items => Amount::about(number as f64),
            _ => Amount::seen(self.page.items, false),
        }
    }

    /// How many of them are wanted.
    fn wanted(&self) -> Amount {
        let all = self.all();
        if self.page.fitting == self.page.items {
            return all;
        }
        if self.page.is_last {
            return Amount::exactly(self.page.fitting);
        }
        Amount::about(all.count * self.page.fitting as f64 / self.page.items.max(1) as f64)
    }

    fn requests(&self) -> Amount {
        let all = self.all();
        Amount { count: (all.count / self.page.items.max(1) as f64).ceil().max(1.0), known: all.known }
    }

    /// Metrics come for several runs at once.
    fn metric_requests(&self) -> Amount {
        let wanted = self.wanted();
        Amount { count: (wanted.count / RUNS_AT_ONCE).ceil(), known: wanted.known }
    }
}

/// What one run has, asked as the export will ask it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OneRun {
    pub details: Option<Result<Cost, ApiError>>,
    pub events: Option<Result<Cost, ApiError>>,
    pub metrics: Option<Result<Cost, ApiError>>,
    pub files: Option<Result<Files, ApiError>>,
}

/// The files of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Files {
    pub cost: Cost,
    /// How many of them are logs.
    pub logs: usize,
    /// How many are something else.
    pub others: usize,
    /// How large some logs are, where the storage says so.
    pub log_sizes: Vec<f64>,
    /// How large some of the others are.
    pub other_sizes: Vec<f64>,
}

/// What was asked for the plan, and what came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples {
    pub workspace: Option<Result<Cost, ApiError>>,
    /// What is one list: computes, models and others.
    pub lists: BTreeMap<Kind, Result<FirstPage, ApiError>>,
    pub experiments: Option<Result<ListedExperiments, ApiError>>,
    /// Of each experiment that was looked into.
    pub runs: Vec<Result<NewestRuns, ApiError>>,
    pub of_runs: Vec<OneRun>,
    pub people: BTreeSet<String>,
}

impl Plan {
    /// Works out what an export will ask.
    pub fn of(selection: Selection, samples: Samples) -> Self {
        let run_count = runs_in_all(&selection, &samples);
        let mut notes = Vec::new();
        let mut milliseconds = 0.0;
        let lines: Vec<Line> = Kind::ALL
            .into_iter()
            .filter(|kind| selection.has(*kind))
            .map(|kind| {
                let (line, each) = line(kind, &selection, &samples, run_count);
                milliseconds += line.requests.count * each;
                line
            })
            .collect();
        notes.extend(how_runs_were_counted(&samples));
        notes.extend(what_is_not_known_of_files(&selection, &samples));
        if lines.iter().any(|line| line.failure.is_some()) {
            notes.push(
                "What could not be asked now will be asked again by the export, which says at its end what is missing."
                    .to_owned(),
            );
        }
        Self { selection, lines, seconds: milliseconds / AT_ONCE / 1_000.0, notes, people: samples.people }
    }
}

/// One kind, and how long one question of it takes.
fn line(kind: Kind, selection: &Selection, samples: &Samples, runs: Option<Amount>) -> (Line, f64) {
    let nothing = Line { kind, things: Amount::NONE, requests: Amount::NONE, bytes: 0.0, failure: None };
    let failed = |error: &ApiError| (Line { failure: Some(error.clone()), ..nothing.clone() }, 0.0);
    match kind {
        Kind::Workspace => match &samples.workspace {
            Some(Ok(cost)) => {
                let one = Amount::exactly(1);
                (Line { things: one, requests: one, bytes: cost.bytes, ..nothing }, cost.milliseconds)
            }
            Some(Err(error)) => failed(error),
            None => (nothing, 0.0),
        },
        Kind::Experiments => match &samples.experiments {
            Some(Ok(found)) => {
                let things = Amount::seen(found.wanted, found.is_all);
                let requests = experiment_requests(selection, found);
                let cost = sum(found.pages.iter());
                let each = cost.milliseconds / found.pages.len().max(1) as f64;
                (Line { things, requests, bytes: cost.bytes, ..nothing }, each)
            }
            Some(Err(error)) => failed(error),
            None => (nothing, 0.0),
        },
        Kind::Runs | Kind::Metrics | Kind::Files | Kind::Pipelines => {
            let Some(runs) = runs else {
                let failures = samples.runs.iter().filter_map(|found| found.as_ref().err());
                let error =
                    failures.chain(samples.experiments.iter().filter_map(|found| found.as_ref().err()));
                return error.last().map_or((nothing.clone(), 0.0), failed);
            };
            match kind {
                Kind::Runs => runs_line(nothing, selection, samples, runs),
                Kind::Metrics => metrics_line(nothing, samples, runs),
                Kind::Files => files_line(nothing, selection, samples, runs),
                _ => pipelines_line(nothing, samples, runs),
            }
        }
        _ => match samples.lists.get(&kind) {
            Some(Ok(page)) => {
                let things = page.things();
                // These are asked one by one too: alone they say more than in their list.
                let is_asked_alone = matches!(kind, Kind::Computes | Kind::Notifications | Kind::Services);
                let alone = if is_asked_alone { things } else { Amount::NONE };
                let requests = page.requests().plus(alone);
                let bytes = page.bytes_of_one() * things.count;
                (Line { things, requests, bytes, ..nothing }, page.cost.milliseconds)
            }
            Some(Err(error)) => failed(error),
            None => (nothing, 0.0),
        },
    }
}

/// Chosen experiments are asked for one by one.
fn experiment_requests(selection: &Selection, found: &ListedExperiments) -> Amount {
    match &selection.experiments {
        Some(chosen) => Amount::exactly(chosen.len()),
        None => Amount::seen(found.pages.len(), found.is_all),
    }
}

fn runs_line(nothing: Line, selection: &Selection, samples: &Samples, runs: Amount) -> (Line, f64) {
    let pages = found_runs(samples);
    let listed = sum(pages.iter().map(|runs| &runs.page.cost));
    let items: usize = pages.iter().map(|runs| runs.page.items).sum();
    let mut lists = listing_requests(samples);
    // Who does not want them needs them all the same, to find their runs.
    if let (false, Some(Ok(found))) = (selection.has(Kind::Experiments), &samples.experiments) {
        lists = lists.plus(experiment_requests(selection, found));
    }
    let (details, events) =
        (mean(samples, |run| run.details.as_ref()), mean(samples, |run| run.events.as_ref()));
    let known = details.as_ref().ok().into_iter().chain(events.as_ref().ok());
    let alone = sum(known);
    let failure = details.as_ref().err().or(events.as_ref().err()).cloned().flatten();
    let requests = lists.plus(runs.times(Amount::exactly(2)));
    let bytes = runs.count * (listed.bytes / items.max(1) as f64 + alone.bytes);
    let line = Line { things: runs, requests, bytes, failure, ..nothing };
    (line, if alone.milliseconds > 0.0 { alone.milliseconds / 2.0 } else { mean_time(listed, pages.len()) })
}

fn metrics_line(nothing: Line, samples: &Samples, runs: Amount) -> (Line, f64) {
    let metrics = mean(samples, |run| run.metrics.as_ref());
    let cost = metrics.as_ref().copied().unwrap_or_default();
    let experiments = samples.experiments.as_ref().and_then(|found| found.as_ref().ok());
    let requests = experiments
        .and_then(|found| per_experiment(samples, found, NewestRuns::metric_requests))
        .unwrap_or(runs);
    let line = Line {
        things: runs,
        requests,
        bytes: runs.count * cost.bytes,
        failure: metrics.err().flatten(),
        ..nothing
    };
    (line, cost.milliseconds)
}

fn files_line(nothing: Line, selection: &Selection, samples: &Samples, runs: Amount) -> (Line, f64) {
    let asked: Vec<_> = samples.of_runs.iter().filter_map(|run| run.files.as_ref()).collect();
    let found: Vec<&Files> = asked.iter().filter_map(|files| files.as_ref().ok()).collect();
    if found.is_empty() {
        let failure = asked.iter().find_map(|files| files.as_ref().err()).cloned();
        return (Line { requests: runs, failure, ..nothing }, 0.0);
    }
    // Every run was looked into: nothing is guessed.
    let is_whole = found.len() as f64 >= runs.count && runs.known == Known::Exactly;
    let per_run = |count: usize| {
        let count = count as f64 / found.len() as f64 * runs.count;
        if is_whole { Amount { count, known: Known::Exactly } } else { Amount::about(count) }
    };
    let logs = per_run(found.iter().map(|files| files.logs).sum());
    let others = per_run(found.iter().map(|files| files.others).sum());
    let cost = sum(found.iter().map(|files| &files.cost));
    let of_one = |sizes: fn(&Files) -> &Vec<f64>| {
        let sizes: Vec<f64> = found.iter().flat_map(|files| sizes(files)).copied().collect();
        sizes.iter().sum::<f64>() / sizes.len().max(1) as f64
    };
    // Where a file is, and the file.
    let two = Amount::exactly(2);
    let mut requests = runs;
    let mut bytes = runs.count * cost.bytes / found.len() as f64;
    if selection.with_logs {
        requests = requests.plus(logs.times(two));
        bytes += logs.count * of_one(|files| &files.log_sizes);
    }
    if selection.with_contents {
        requests = requests.plus(others.times(two));
        bytes += others.count * of_one(|files| &files.other_sizes);
    }
    (Line { things: logs.plus(others), requests, bytes, ..nothing }, mean_time(cost, found.len()))
}

/// A pipeline's run is asked for itself, its states and its graph; what its steps are made of is known only then.
fn pipelines_line(nothing: Line, samples: &Samples, runs: Amount) -> (Line, f64) {
    let pages = found_runs(samples);
    let seen: usize = pages.iter().map(|runs| runs.page.fitting).sum();
    let pipelines: usize = pages.iter().map(|runs| runs.pipelines).sum();
    let is_whole = runs.known == Known::Exactly && seen as f64 >= runs.count;
    let things = match is_whole {
        true => Amount::exactly(pipelines),
        false => Amount::about(runs.count * pipelines as f64 / seen.max(1) as f64),
    };
    let of_run = mean(samples, |run| run.details.as_ref()).unwrap_or_default();
    let three = Amount { count: 3.0, known: Known::AtLeast };
    let requests = if pipelines == 0 { things } else { things.times(three) };
    (Line { things, requests, bytes: requests.count * of_run.bytes, ..nothing }, of_run.milliseconds)
}

/// How many runs are wanted; none where no experiment says.
fn runs_in_all(selection: &Selection, samples: &Samples) -> Option<Amount> {
    let experiments = samples.experiments.as_ref()?.as_ref().ok()?;
    let runs = per_experiment(samples, experiments, NewestRuns::wanted)?;
    // Chosen runs bring their parts, which nobody has counted yet.
    let brings_more = selection.runs.is_some() && found_runs(samples).iter().any(|found| found.has_parts);
    Some(Amount { known: if brings_more { runs.known.max(Known::AtLeast) } else { runs.known }, ..runs })
}

fn listing_requests(samples: &Samples) -> Amount {
    let experiments = samples.experiments.as_ref().and_then(|found| found.as_ref().ok());
    let found = experiments.and_then(|found| per_experiment(samples, found, NewestRuns::requests));
    found.unwrap_or_else(|| Amount::exactly(samples.runs.len()))
}

/// What the experiments that were looked into have, and the others after them.
fn per_experiment(
    samples: &Samples,
    experiments: &ListedExperiments,
    of_one: fn(&NewestRuns) -> Amount,
) -> Option<Amount> {
    if experiments.wanted == 0 {
        return Some(Amount::NONE);
    }
    let found = found_runs(samples);
    if found.is_empty() {
        return None;
    }
    let seen = found.iter().map(|runs| of_one(runs)).fold(Amount::NONE, Amount::plus);
    if found.len() >= experiments.wanted && experiments.is_all {
        return Some(seen);
    }
    Some(Amount::about(seen.count / found.len() as f64 * experiments.wanted as f64))
}

fn found_runs(samples: &Samples) -> Vec<&NewestRuns> {
    samples.runs.iter().filter_map(|found| found.as_ref().ok()).collect()
}

fn how_runs_were_counted(samples: &Samples) -> Vec<String> {
    let Some(Ok(experiments)) = &samples.experiments else { return Vec::new() };
    let (looked, found) = (samples.runs.len(), found_runs(samples));
    let mut notes = Vec::new();
    if !experiments.is_all {
        let count = format_count(experiments.wanted);
        notes.push(format!("Only the first {count} experiments were listed for this plan; there are more."));
    }
    if looked > 0 && looked < experiments.wanted {
        notes.push(format!(
            "Runs were looked at in {} of {} experiments; the others are taken to have as many.",
            format_count(looked),
            format_count(experiments.wanted)
        ));
    }
    if found.len() < looked {
        notes.push(format!(
            "The runs of {} of these experiments could not be listed now.",
            format_count(looked - found.len())
        ));
    }
    if found.iter().any(|runs| runs.all().known == Known::About) {
        notes.push(
            "Experiments with more runs than one page are counted by the number of their newest run."
                .to_owned(),
        );
    }
    let whole = samples.of_runs.len();
    if whole > 0 {
        let runs = if whole == 1 { "one run".to_owned() } else { format!("{whole} runs") };
        notes.push(format!(
            "Details, events, metrics and files of {runs} were asked for, to know how large they are: others may be larger."
        ));
    }
    notes
}

fn what_is_not_known_of_files(selection: &Selection, samples: &Samples) -> Option<String> {
    let found: Vec<&Files> =
        samples.of_runs.iter().filter_map(|run| run.files.as_ref()?.as_ref().ok()).collect();
    let lacks = |wanted: bool, count: fn(&Files) -> usize, sizes: fn(&Files) -> &Vec<f64>| {
        wanted
            && found.iter().any(|files| count(files) > 0)
            && found.iter().all(|files| sizes(files).is_empty())
    };
    let logs = lacks(selection.with_logs, |files| files.logs, |files| &files.log_sizes);
    let others = lacks(selection.with_contents, |files| files.others, |files| &files.other_sizes);
    let what = match (logs, others) {
        (true, true) => "The logs and contents of files are",
        (true, false) => "Logs are",
        (false, true) => "The contents of files are",
        (false, false) => return None,
    };
    Some(format!("{what} not part of the size: nobody says how large files are before they are read."))
}

fn sum<'a>(costs: impl Iterator<Item = &'a Cost>) -> Cost {
    costs.fold(Cost::default(), |sum, cost| Cost {
        bytes: sum.bytes + cost.bytes,
        milliseconds: sum.milliseconds + cost.milliseconds,
    })
}

fn mean_time(cost: Cost, count: usize) -> f64 {
    cost.milliseconds / count.max(1) as f64
}

/// What one run costs of something, or why nobody knows.
fn mean(
    samples: &Samples,
    of: fn(&OneRun) -> Option<&Result<Cost, ApiError>>,
) -> Result<Cost, Option<ApiError>> {
    let asked: Vec<_> = samples.of_runs.iter().filter_map(of).collect();
    let found: Vec<&Cost> = asked.iter().filter_map(|cost| cost.as_ref().ok()).collect();
    if found.is_empty() {
        return Err(asked.iter().find_map(|cost| cost.as_ref().err()).cloned());
    }
    let cost = sum(found.iter().copied());
    let count = found.len() as f64;
    Ok(Cost { bytes: cost.bytes / count, milliseconds: cost.milliseconds / count })
}

#[cfg(test)]
mod tests {
    use azimuth_api::{NoAnswer, WorkspaceId};

    use super::*;

    fn selection(kinds: &[Kind]) -> Selection {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";
        Selection {
            kinds: kinds.iter().copied().collect(),
            ..Selection::all(WorkspaceId::parse(id).unwrap())
        }
    }

    fn cost(bytes: f64) -> Cost {
        Cost { bytes, milliseconds: 100.0 }
    }

    fn page(items: usize, fitting: usize, is_last: bool) -> FirstPage {
        FirstPage { cost: cost(items as f64 * 50.0), items, fitting, is_last }
    }

    fn runs(items: usize, is_last: bool, newest_number: Option<u64>) -> Result<NewestRuns, ApiError> {
        Ok(NewestRuns { page: page(items, items, is_last), newest_number, ..NewestRuns::default() })
    }

    fn experiments(wanted: usize) -> Option<Result<ListedExperiments, ApiError>> {
        Some(Ok(ListedExperiments { pages: vec![cost(500.0)], wanted, is_all: true }))
    }

    fn line(plan: &Plan, kind: Kind) -> Line {
        plan.lines.iter().find(|line| line.kind == kind).unwrap().clone()
    }

    fn offline() -> ApiError {
        ApiError::Unreachable(NoAnswer::NoNetwork)
    }

    #[test]
    fn what_is_on_one_page_is_known_exactly_and_what_has_more_pages_is_not() {
        let lists = [(Kind::Models, Ok(page(7, 7, true))), (Kind::Images, Ok(page(100, 100, false)))];
        let samples = Samples { lists: lists.into(), ..Samples::default() };
        let plan = Plan::of(selection(&[Kind::Models, Kind::Images]), samples);
        assert_eq!(line(&plan, Kind::Models).things.words(), "7");
        assert_eq!(line(&plan, Kind::Models).requests.words(), "1");
        assert_eq!(line(&plan, Kind::Models).bytes, 350.0);
        assert_eq!(line(&plan, Kind::Images).things.words(), "at least 100");
        assert_eq!(line(&plan, Kind::Images).requests.words(), "at least 2");
        assert_eq!(plan.requests().words(), "at least 3");
    }

    #[test]
    fn a_list_that_failed_leaves_the_others_as_they_are() {
        let lists = [(Kind::Models, Err(offline())), (Kind::Images, Ok(page(2, 2, true)))];
        let samples = Samples { lists: lists.into(), ..Samples::default() };
        let plan = Plan::of(selection(&[Kind::Models, Kind::Images]), samples);
        assert_eq!(line(&plan, Kind::Models).failure, Some(offline()));
        assert_eq!(line(&plan, Kind::Images).things.words(), "2");
        assert!(plan.notes.iter().any(|note| note.contains("asked again by the export")), "{:?}", plan.notes);
    }

    #[test]
    fn runs_are_counted_exactly_where_every_experiment_has_one_page() {
        let samples = Samples {
            experiments: experiments(2),
            runs: vec![runs(3, true, Some(9)), runs(4, true, Some(4))],
            of_runs: vec![OneRun {
                details: Some(Ok(cost(1_000.0))),
                events: Some(Ok(cost(200.0))),
                ..OneRun::default()
            }],
            ..Samples::default()
        };
        let plan = Plan::of(selection(&[Kind::Experiments, Kind::Runs]), samples);
        let found = line(&plan, Kind::Runs);
        assert_eq!(found.things.words(), "7");
        // Two lists, and details and events of each.
        assert_eq!(found.requests.words(), "16");
        assert_eq!(found.bytes, 7.0 * (50.0 + 1_200.0));
    }

    #[test]
    fn an_experiment_of_many_pages_is_counted_by_its_newest_number() {
        let samples = Samples {
            experiments: experiments(2),
            runs: vec![runs(100, false, Some(1_234)), runs(6, true, None)],
            ..Samples::default()
        };
        let plan = Plan::of(selection(&[Kind::Runs]), samples);
        assert_eq!(line(&plan, Kind::Runs).things.words(), "about 1,200");
        assert!(
            plan.notes.iter().any(|note| note.contains("number of their newest run")),
            "{:?}",
            plan.notes
        );
    }

    #[test]
    fn experiments_that_were_not_looked_into_are_taken_to_have_as_many_runs_and_that_is_said() {
        let samples = Samples {
            experiments: experiments(1_000),
            runs: vec![runs(10, true, None); 40],
            ..Samples::default()
        };
        let plan = Plan::of(selection(&[Kind::Runs]), samples);
        assert_eq!(line(&plan, Kind::Runs).things.words(), "about 10,000");
        assert!(plan.notes.iter().any(|note| note.contains("40 of 1,000 experiments")), "{:?}", plan.notes);
    }

    #[test]
    fn files_are_counted_by_those_of_a_few_runs_with_the_sizes_that_the_storage_told() {
        let files = Files {
            cost: cost(300.0),
            logs: 2,
            others: 8,
            log_sizes: vec![1_000.0, 3_000.0],
            other_sizes: Vec::new(),
        };
        let of_runs = vec![OneRun { files: Some(Ok(files)), ..OneRun::default() }];
        let samples = Samples {
            experiments: experiments(1),
            runs: vec![runs(100, true, None)],
            of_runs,
            ..Samples::default()
        };
        let wanted = Selection { with_contents: true, ..selection(&[Kind::Files]) };
        let plan = Plan::of(wanted, samples);
        let found = line(&plan, Kind::Files);
        assert_eq!(found.things.words(), "about 1,000");
        assert_eq!(found.requests.words(), "about 2,100");
        assert_eq!(found.bytes, 100.0 * 300.0 + 200.0 * 2_000.0);
        assert!(
            plan.notes.iter().any(|note| note.starts_with("The contents of files are not part")),
            "{:?}",
            plan.notes
        );
    }

    #[test]
    fn a_share_of_people_is_a_share_of_what_was_not_seen_too() {
        let found =
            NewestRuns { page: page(100, 25, false), newest_number: Some(1_000), ..NewestRuns::default() };
        let samples = Samples { experiments: experiments(1), runs: vec![Ok(found)], ..Samples::default() };
        let plan = Plan::of(selection(&[Kind::Runs]), samples);
        assert_eq!(line(&plan, Kind::Runs).things.words(), "about 250");
    }

    #[test]
    fn the_time_is_that_of_all_requests_four_at_a_time() {
        let samples =
            Samples { lists: [(Kind::Services, Ok(page(39, 39, true)))].into(), ..Samples::default() };
        let plan = Plan::of(selection(&[Kind::Services]), samples);
        assert_eq!(plan.requests().words(), "40");
        assert_eq!(plan.seconds, 1.0);
    }

    #[test]
    fn a_guess_has_two_digits() {
        for (count, words) in
            [(7.0, "about 7"), (123.0, "about 120"), (9_960.0, "about 10,000"), (0.0, "about 0")]
        {
            assert_eq!(Amount::about(count).words(), words);
        }
    }
}
