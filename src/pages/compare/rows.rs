//! The comparison itself: rows with a value for each run, which of them differ, and which is best.

use std::collections::BTreeMap;
use std::sync::Arc;

use azimuth_api::{CellValue, Goal};

use crate::components::chart::scale::number_in_words;
use crate::pages::compare::known::{Known, Measure, RUN_FACTS, Section, Shown};

/// How the person wants it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    /// Which of its values a metric is compared by.
    pub by: By,
    /// What the others are compared with.
    pub baseline: Option<usize>,
    /// What the person says of metrics; none where no value is better than another.
    pub goals: BTreeMap<String, Option<Goal>>,
}

/// Which of its values a metric is compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Latest,
    Best,
}

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub section: Section,
    pub key: String,
    /// As the first run that has it writes it.
    pub name: String,
    pub cells: Vec<Cell>,
    pub differs: bool,
    /// Which values are good, of a metric of which that can be said.
    pub goal: Option<Goal>,
}

/// What a run has there.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// It is not known yet, or not at all.
    Unknown,
    /// Nothing.
    Missing,
    Value(Shown),
    Number(NumberCell),
}

/// A number among those of the others.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberCell {
    pub value: f64,
    pub is_best: bool,
    /// How far it is from that of the baseline, and whether that is better.
    pub against: Option<(String, Option<bool>)>,
}

impl Cell {
    /// The number, if it is one that can be compared.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(number.value).filter(|value| value.is_finite()),
            _ => None,
        }
    }
}

/// All rows, in order.
pub fn rows(known: &[Arc<Known>], wishes: &Wishes) -> Vec<Row> {
    Section::ALL
        .into_iter()
        .flat_map(|section| match section {
            Section::Metrics => metric_rows(known, wishes),
            section => value_rows(known, section),
        })
        // The definition has dozens of fields that nobody sets.
        .filter(|row| row.section != Section::Definition || row.differs)
        // Where no run has another name, their ids stand over the columns.
        .filter(|row| {
            row.section != Section::Run || row.key != "Id" || known.iter().any(|known| known.has_label())
        })
        .collect()
}

fn value_rows(known: &[Arc<Known>], section: Section) -> Vec<Row> {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (key, name) in known.iter().flat_map(|known| known.names(section)) {
        names.entry(key).or_insert(name);
    }
    let mut names: Vec<(&str, &str)> = names.into_iter().collect();
    if section == Section::Run {
        names.sort_by_key(|(key, _)| RUN_FACTS.iter().position(|fact| fact == key));
    }
    let row = |(key, name): (&str, &str)| {
        let cell = |known: &Arc<Known>| match (known.value(section, key), known.has(section)) {
            (Some(value), _) => Cell::Value(value.clone()),
            (None, true) => Cell::Missing,
            (None, false) => Cell::Unknown,
        };
        let cells: Vec<Cell> = known.iter().map(cell).collect();
        let differs = differ(&cells);
        Row { section, key: key.to_owned(), name: name.to_owned(), cells, differs, goal: None }
    };
    names.into_iter().map(row).collect()
}

fn metric_rows(known: &[Arc<Known>], wishes: &Wishes) -> Vec<Row> {
    let mut names: Vec<&String> = known.iter().flat_map(|known| known.measures.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| metric_row(name, known, wishes)).collect()
}

fn metric_row(name: &str, known: &[Arc<Known>], wishes: &Wishes) -> Row {
    let goal = match wishes.goals.get(name) {
        Some(goal) => *goal,
        None => stated_goal(name, known).or_else(|| usual_goal(name)),
    };
    let mut cells: Vec<Cell> = known
        .iter()
        .map(|known| match known.measures.get(name) {
            Some(measure) => measured_cell(measure, wishes.by, goal),
            None if known.has(Section::Metrics) => Cell::Missing,
            None => Cell::Unknown,
        })
        .collect();
    let differs = differ(&cells);
    let numbers: Vec<Option<f64>> = cells.iter().map(Cell::number).collect();
    let best = goal.map(|goal| best_of(&numbers, goal)).unwrap_or_default();
    let base = wishes.baseline.and_then(|place| Some((place, (*numbers.get(place)?)?)));
    for (place, cell) in cells.iter_mut().enumerate() {
        if let Cell::Number(number) = cell {
            number.is_best = best.contains(&place);
            let base = base.filter(|(own, _)| *own != place && number.value.is_finite());
            number.against =
                base.map(|(_, base)| (difference(number.value, base), is_better(number.value, base, goal)));
        }
    }
    Row { section: Section::Metrics, key: name.to_owned(), name: name.to_owned(), cells, differs, goal }
}

fn measured_cell(measure: &Measure, by: By, goal: Option<Goal>) -> Cell {
    let best = match (by, goal) {
        (By::Best, Some(Goal::Minimize)) => measure.least,
        (By::Best, Some(Goal::Maximize)) => measure.most,
        _ => None,
    };
    let number = |value| Cell::Number(NumberCell { value, is_best: false, against: None });
    match (best, &measure.latest) {
        (Some(best), _) => number(best),
        (None, CellValue::Number(value)) => number(*value),
        (None, CellValue::Bool(flag)) => {
            Cell::Value(Shown::Text(if *flag { "yes" } else { "no" }.to_owned()))
        }
        (None, CellValue::Text(text)) => Cell::Value(Shown::Text(text.clone())),
        (None, CellValue::Missing) => Cell::Missing,
    }
}

/// Whether those that are known are not all the same. Of one there is nothing to say.
fn differ(cells: &[Cell]) -> bool {
    let mut known = cells.iter().filter(|cell| **cell != Cell::Unknown);
    let Some(first) = known.next() else { return false };
    let is_same = |one: &Cell, other: &Cell| match (one, other) {
        // Not a number is the same as not a number.
        (Cell::Number(one), Cell::Number(other)) => {
            one.value == other.value || (one.value.is_nan() && other.value.is_nan())
        }
        (one, other) => one == other,
    };
    known.any(|cell| !is_same(first, cell))
}

/// The places of the best. None where all are the same, or only one has a number: being best among none is nothing.
pub fn best_of(numbers: &[Option<f64>], goal: Goal) -> Vec<usize> {
    let all = || numbers.iter().flatten().copied().filter(|number| number.is_finite());
    let (least, most) = (all().reduce(f64::min), all().reduce(f64::max));
    let best = match goal {
        Goal::Minimize => least,
        Goal::Maximize => most,
    };
    if least == most {
        return Vec::new();
    }
    (0..numbers.len()).filter(|place| numbers[*place].is_some() && numbers[*place] == best).collect()
}

fn is_better(value: f64, base: f64, goal: Option<Goal>) -> Option<bool> {
    match goal? {
        _ if value == base => None,
        Goal::Minimize => Some(value < base),
        Goal::Maximize => Some(value > base),
    }
}

/// `−0.5 (−7 %)`.
fn difference(value: f64, base: f64) -> String {
    let signed = |number: f64, words: String| {
        if number > 0.0 {
            format!("+{words}")
        } else if number < 0.0 {
            format!("−{words}")
        } else {
            words
        }
    };
    let away = value - base;
    let amount = signed(away, number_in_words(away.abs()));
    match share(value, base) {
        Some(share) if away != 0.0 => format!("{amount} ({})", signed(away, share)),
        _ => amount,
    }
}

/// How far a number is from another, as a part of that: `12 %`. None where that says nothing.
fn share(value: f64, base: f64) -> Option<String> {
    let percent = (value - base).abs() / base.abs() * 100.0;
    let says_something = percent.is_finite() && percent < 1_000.0 && (value >= 0.0) == (base >= 0.0);
    says_something.then(|| match percent {
        percent if percent >= 9.95 => format!("{} %", percent.round()),
        percent if percent >= 0.05 => format!("{} %", number_in_words((percent * 10.0).round() / 10.0)),
        _ => "less than 0.1 %".to_owned(),
    })
}

/// What the runs, or those that they are parts of, say is good.
fn stated_goal(name: &str, known: &[Arc<Known>]) -> Option<Goal> {
    let stated = known.iter().filter_map(|known| known.primary_metric.as_ref());
    stated.filter(|metric| metric.name == name).map(|metric| metric.goal).next()
}

/// What is good of a metric of this name, as everybody uses it.
pub fn usual_goal(name: &str) -> Option<Goal> {
    const LOW: [&str; 26] = [
        "loss",
        "logloss",
        "error",
        "errors",
        "err",
        "mae",
        "mse",
        "rmse",
        "rmsle",
        "mape",
        "smape",
        "wer",
        "cer",
        "perplexity",
        "ppl",
        "nll",
        "fid",
        "latency",
        "residual",
        "divergence",
        "deviance",
        "brier",
        "bic",
        "aic",
        "mdae",
        "regret",
    ];
    const HIGH: [&str; 27] = [
        "accuracy",
        "acc",
        "auc",
        "auroc",
        "auprc",
        "f1",
        "fbeta",
        "precision",
        "recall",
        "r2",
        "score",
        "map",
        "bleu",
        "rouge",
        "ndcg",
        "iou",
        "miou",
        "dice",
        "kappa",
        "spearman",
        "pearson",
        "correlation",
        "sensitivity",
        "specificity",
        "reward",
        "throughput",
        "mrr",
    ];
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    // scikit-learn turns errors round, so that more of each is better: `neg_mean_squared_error`.
    let is_turned = words.first().is_some_and(|word| word == "neg");
    match (has(&LOW), has(&HIGH)) {
        (true, _) if is_turned => Some(Goal::Maximize),
        // The loss of accuracy, the error of a score.
        (true, _) => Some(Goal::Minimize),
        (false, true) => Some(Goal::Maximize),
        (false, false) => None,
    }
}

/// `valLoss/mean-2` is val, loss, mean, 2.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        let begins = !letter.is_alphanumeric() || (was_small && letter.is_uppercase());
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.push(letter.to_ascii_lowercase());
        }
        was_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How runs are called: by their label, or by their id where several have the same one.
pub fn names(known: &[Arc<Known>]) -> Vec<String> {
    let is_shared = |label: &str| known.iter().filter(|known| known.label == label).count() > 1;
    let name = |known: &Arc<Known>| {
        if is_shared(&known.label) { known.id.to_string() } else { known.label.clone() }
    };
    known.iter().map(name).collect()
}

/// The difference in a sentence: who is best by what, by how much, and what may have made it so.
pub fn summary(names: &[String], rows: &[Row], known: &[Arc<Known>], wishes: &Wishes) -> Option<String> {
    if names.len() < 2 {
        return None;
    }
    let Some(row) = deciding_row(rows, known) else {
        let are_all_there = known.iter().all(|known| known.has(Section::Metrics));
        return are_all_there.then(|| "No two of these runs measured the same thing.".to_owned());
    };
    let goal = row.goal?;
    let numbers: Vec<Option<f64>> = row.cells.iter().map(Cell::number).collect();
    let best = best_of(&numbers, goal);
    let metric = &row.name;
    let Some(winner) = best.first().copied() else {
        let value = numbers.iter().flatten().next()?;
        return Some(format!("All have the same {metric}: {}.", number_in_words(*value)));
    };
    let value = numbers[winner]?;
    let word = match goal {
        Goal::Minimize => "lowest",
        Goal::Maximize => "highest",
    };
    let others: Vec<Option<f64>> =
        numbers.iter().enumerate().map(|(place, number)| number.filter(|_| !best.contains(&place))).collect();
    let is_other = |place: &usize| others.get(*place).is_some_and(Option::is_some);
    let rival = wishes.baseline.filter(is_other).or_else(|| second(&others, goal))?;
    let rival_value = others[rival]?;
    let side = if value < rival_value { "below" } else { "above" };
    let away = share(value, rival_value).unwrap_or_else(|| number_in_words((value - rival_value).abs()));
    let winners: Vec<String> = best.iter().map(|place| names[*place].clone()).collect();
    let verb = if winners.len() == 1 { "has" } else { "have" };
    let differences = differing(rows, winner, rival);
    let reason = match differences {
        Some(differences) if differences.is_empty() => {
            "; nothing else that the service knows of them differs".to_owned()
        }
        Some(differences) => format!("; they differ in {}", listed(&differences, 4)),
        None => String::new(),
    };
    Some(format!(
        "{} {verb} the {word} {metric} ({}, {away} {side} {}){reason}.",
        listed(&winners, 3),
        number_in_words(value),
        names[rival],
    ))
}

/// The metric to judge by: one that most runs have; of those the one that they say they are judged by, else one that is
/// no loss, which is what a script steers by and not what people want of it.
fn deciding_row<'a>(rows: &'a [Row], known: &[Arc<Known>]) -> Option<&'a Row> {
    let metrics = rows.iter().filter(|row| row.section == Section::Metrics && row.goal.is_some());
    let count = |row: &Row| row.cells.iter().filter(|cell| cell.number().is_some()).count();
    let is_loss = |row: &Row| words(&row.key).iter().any(|word| word.ends_with("loss"));
    let weight = |row: &Row| (count(row), stated_goal(&row.key, known).is_some(), !is_loss(row));
    let weighed = metrics.map(|row| (weight(row), row)).filter(|((count, _, _), _)| *count > 1);
    // The first of those that weigh the same.
    weighed.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, row)| row)
}

fn second(others: &[Option<f64>], goal: Goal) -> Option<usize> {
    let numbers = others.iter().enumerate().filter_map(|(place, number)| Some((place, (*number)?)));
    let is_better = |one: f64, other: f64| match goal {
        Goal::Minimize => one < other,
        Goal::Maximize => one > other,
    };
    numbers.reduce(|best, next| if is_better(next.1, best.1) { next } else { best }).map(|(place, _)| place)
}

/// In what two runs differ that may have a part in their results; none while that is not known of both.
fn differing(rows: &[Row], one: usize, other: usize) -> Option<Vec<String>> {
    const TOLD: [&str; 3] = ["Experiment", "Compute", "Script"];
    let mut names = Vec::new();
    for row in rows {
        let is_cause = match row.section {
            Section::Parameters | Section::Tags | Section::Properties | Section::Definition => true,
            Section::Run => TOLD.contains(&row.key.as_str()),
            Section::Metrics => false,
        };
        let (one, other) = (&row.cells[one], &row.cells[other]);
        if !is_cause || one == other {
            continue;
        }
        if *one == Cell::Unknown || *other == Cell::Unknown {
            return None;
        }
        let name = match row.section {
            Section::Run => row.name.to_lowercase(),
            Section::Tags => format!("the tag {}", row.name),
            _ => row.name.clone(),
        };
        names.push((row.section != Section::Parameters, name));
    }
    // Parameters first: they are what people change.
    names.sort_by_key(|(is_other, _)| *is_other);
    Some(names.into_iter().map(|(_, name)| name).collect())
}

/// `a`, `a and b`, `a, b and 3 more`.
fn listed(names: &[String], most: usize) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        names if names.len() > most => {
            format!("{} and {} more", names[..most - 1].join(", "), names.len() - (most - 1))
        }
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use azimuth_api::{Run, RunDetails, RunMetric};
    use serde_json::json;

    use crate::pages::compare::known::{FoundRun, Measured};

    use super::*;

    /// A run with an error, arguments and a compute.
    fn known(id: &str, mae: &[f64], arguments: &[&str], compute: &str) -> Arc<Known> {
        let run: Run = serde_json::from_value(json!({
            "runId": id, "status": "Completed", "target": compute, "tags": { "data": "2026" },
        }))
        .unwrap();
        let found = FoundRun { run, experiment: Some("e".into()), primary_metric: None };
        let details: RunDetails =
            serde_json::from_value(json!({ "runDefinition": { "arguments": arguments } })).unwrap();
        let cells: Vec<_> = mae.iter().map(|value| json!({ "mae": value })).collect();
        let metric: RunMetric = serde_json::from_value(json!({
            "runId": id, "name": "mae", "metricType": "azureml.v1.scalar", "cells": cells,
        }))
        .unwrap();
        let metrics = if mae.is_empty() { Vec::new() } else { vec![metric] };
        let measured = Measured { metrics, has_more: false };
        Arc::new(Known::of(&id.into(), Some(&found), Some(&details), Some(&measured)))
    }

    fn row<'a>(rows: &'a [Row], key: &str) -> &'a Row {
        rows.iter().find(|row| row.key == key).unwrap()
    }

    fn said(known: &[Arc<Known>], wishes: &Wishes) -> String {
        summary(&names(known), &rows(known, wishes), known, wishes).unwrap_or_default()
    }

    #[test]
    fn what_is_good_is_known_by_the_name() {
        for low in
            ["loss", "val_loss", "valLoss", "best_mae", "train/RMSE", "mean absolute error", "top-1 error"]
        {
            assert_eq!(usual_goal(low), Some(Goal::Minimize), "{low}");
        }
        for high in ["Accuracy", "AUC_weighted", "f1", "r2_score", "val-acc", "neg_mean_squared_error"] {
            assert_eq!(usual_goal(high), Some(Goal::Maximize), "{high}");
        }
        for unknown in ["depth", "learning_rate", "glossary", "epoch", ""] {
            assert_eq!(usual_goal(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn the_best_is_marked_only_among_several_that_differ() {
        let numbers = [Some(3.0), None, Some(f64::NAN), Some(1.0), Some(1.0)];
        assert_eq!(best_of(&numbers, Goal::Minimize), [3, 4]);
        assert_eq!(best_of(&numbers, Goal::Maximize), [0]);
        assert!(best_of(&[Some(1.0), None], Goal::Minimize).is_empty());
        assert!(best_of(&[Some(1.0), Some(1.0)], Goal::Minimize).is_empty());
    }

    #[test]
    fn a_sentence_says_who_is_best_and_what_may_have_made_it_so() {
        let all = [
            known("late_crumb_3", &[9.0, 7.8], &["--rounds", "40"], "cpu"),
            known("calm_dough_7", &[8.0, 6.9], &["--rounds", "60"], "gpu"),
            known("golden_crust_1", &[12.0, 11.8], &["--rounds", "40"], "cpu"),
        ];
        assert_eq!(
            said(&all, &Wishes::default()),
            "calm_dough_7 has the lowest mae (6.9, 12 % below late_crumb_3); they differ in --rounds and compute."
        );
        let against = Wishes { baseline: Some(2), ..Wishes::default() };
        assert_eq!(
            said(&all, &against),
            "calm_dough_7 has the lowest mae (6.9, 42 % below golden_crust_1); they differ in --rounds and compute."
        );
        let turned =
            Wishes { goals: BTreeMap::from([("mae".to_owned(), Some(Goal::Maximize))]), ..Wishes::default() };
        assert!(
            said(&all, &turned)
                .starts_with("golden_crust_1 has the highest mae (11.8, 51 % above late_crumb_3)")
        );
        let by_best = Wishes { by: By::Best, ..turned };
        assert!(
            said(&all, &by_best)
                .starts_with("golden_crust_1 has the highest mae (12, 33 % above late_crumb_3)")
        );
    }

    #[test]
    fn a_sentence_claims_no_more_than_is_known() {
        let same = ["--rounds", "40"];
        let equal = [known("a", &[7.0], &same, "cpu"), known("b", &[7.0], &same, "cpu")];
        assert_eq!(said(&equal, &Wishes::default()), "All have the same mae: 7.");
        let alike = [known("a", &[7.0], &same, "cpu"), known("b", &[8.0], &same, "cpu")];
        let end = "; nothing else that the service knows of them differs.";
        assert!(said(&alike, &Wishes::default()).ends_with(end));
        let without = [known("a", &[7.0], &same, "cpu"), known("b", &[], &same, "cpu")];
        assert_eq!(said(&without, &Wishes::default()), "No two of these runs measured the same thing.");
        // Its definition is not there yet, so nothing is said of differences.
        let metric = Measured { metrics: Vec::new(), has_more: false };
        let mut early = Known::of(&"c".into(), None, None, Some(&metric));
        early.measures = alike[1].measures.clone();
        let early = [Arc::clone(&alike[0]), Arc::new(early)];
        assert_eq!(said(&early, &Wishes::default()), "a has the lowest mae (7, 13 % below c).");
    }

    #[test]
    fn rows_say_what_differs_and_leave_out_the_definition_that_does_not() {
        let all = [known("a", &[7.0], &["--x", "1"], "cpu"), known("b", &[8.0], &["--y", "1"], "cpu")];
        let rows = rows(&all, &Wishes::default());
        assert!(row(&rows, "x").differs && row(&rows, "mae").differs);
        assert!(!row(&rows, "Compute").differs && !row(&rows, "data").differs);
        assert_eq!(row(&rows, "x").cells[1], Cell::Missing);
        assert!(rows.iter().all(|row| row.section != Section::Definition));
    }

    #[test]
    fn what_is_not_known_yet_is_no_difference() {
        let there = known("a", &[7.0], &["--x", "1"], "cpu");
        let loading = Arc::new(Known::of(&"b".into(), None, None, None));
        let rows = rows(&[there, loading], &Wishes::default());
        assert_eq!(row(&rows, "x").cells[1], Cell::Unknown);
        assert!(rows.iter().all(|row| !row.differs));
    }

    #[test]
    fn numbers_are_told_against_the_baseline() {
        let all = [
            known("a", &[8.0], &[], "cpu"),
            known("b", &[6.0], &[], "cpu"),
            known("c", &[f64::NAN], &[], "cpu"),
        ];
        let rows = rows(&all, &Wishes { baseline: Some(0), ..Wishes::default() });
        let against = |place: usize| match &row(&rows, "mae").cells[place] {
            Cell::Number(number) => number.against.clone(),
            _ => None,
        };
        assert_eq!(against(0), None);
        assert_eq!(against(1), Some(("−2 (−25 %)".to_owned(), Some(true))));
        assert_eq!(against(2), None);
        assert_eq!(difference(1.0, 0.0), "+1");
        assert_eq!(difference(5.0, 5.0), "0");
    }

    #[test]
    fn runs_of_one_label_are_told_apart_by_their_ids() {
        let named = |id: &str| {
            let run: Run =
                serde_json::from_value(json!({ "runId": id, "status": "Running", "displayName": "rye" }))
                    .unwrap();
            let found = FoundRun { run, experiment: None, primary_metric: None };
            Arc::new(Known::of(&id.into(), Some(&found), None, None))
        };
        assert_eq!(names(&[named("a"), named("b")]), ["a", "b"]);
        assert_eq!(names(&[named("a")]), ["rye"]);
    }

    #[test]
    fn many_names_become_a_few_and_a_count() {
        let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
        assert_eq!(listed(&names[..1], 4), "a");
        assert_eq!(listed(&names[..4], 4), "a, b, c and d");
        assert_eq!(listed(&names, 4), "a, b, c and 2 more");
    }
}
