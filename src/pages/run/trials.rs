//! The trials of a sweep: what each was given and how well it did, as a table and over one parameter.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::time::Duration;

use azimuth_api::{
    Distribution, Goal, ListMetrics, Policy, Run, RunId, RunMetric, RunStatus, Sweep, trial_parameters,
};
use leptos::prelude::*;
use serde_json::Value;

use crate::clock::use_now;
use crate::components::chart::scale::number_in_words;
use crate::components::facts::{Fact, Facts};
use crate::components::field::{Choice, SelectField};
use crate::components::icon::{Icon, IconName};
use crate::components::run_duration::RunDuration;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::scatter::{Dot, Position, Scatter};
use crate::components::sort::{Sort, SortKey, arranged};
use crate::components::table::{Direction, SortHeader, TableFrame};
use crate::load::{ListFooter, Load};
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::pages::run::children::child_href;
use crate::query::{ListQuery, Loaded, Shown, list};

/// How often it is asked what trials have measured while some go on.
const WHILE_THEY_RUN: Duration = Duration::from_secs(20);

/// A trial with what it was given and how well it did.
#[derive(Clone, Debug, PartialEq)]
struct Trial {
    run: Run,
    parameters: BTreeMap<String, Value>,
    /// The best value of the metric that trials are judged by, so far.
    metric: Option<f64>,
    is_best: bool,
}

/// What the sweep tries and what came of it.
#[component]
pub fn Trials(run: Shown<Run>, place: StoredValue<Place>, children: Shown<Loaded<Run>>) -> impl IntoView {
    let sweep = Memo::new(move |_| run.with(Sweep::of));
    let measured = measured(place, children);
    let trials = Memo::new(move |_| {
        let metrics: Vec<RunMetric> = measured.with(|measured| {
            let loaded = measured.iter().map(|list| {
                list.query().with(|metrics| {
                    metrics.map(|metrics| metrics.items().cloned().collect::<Vec<_>>()).unwrap_or_default()
                })
            });
            loaded.flatten().collect()
        });
        sweep.with(|sweep| {
            run.with(|run| children.with(|children| trials_of(run, sweep, children.items(), metrics)))
        })
    });
    // One failure for all: they are questions to the same service.
    let failed = Memo::new(move |_| {
        measured.with(|measured| measured.iter().position(|list| list.query().error().with(Option::is_some)))
    });

    view! {
        <div class="stack">
            <SweepFacts sweep=sweep/>
            {move || failed.get().and_then(|place| measured.with(|measured| measured.get(place).copied())).map(|list| {
                view! { <Load query=list.query() what="what the trials measured" let:_metrics>""</Load> }
            })}
            {move || measured.get().into_iter().map(|list| view! { <ListFooter list=list noun="metrics"/> }).collect::<Vec<_>>()}
            <ParameterChart sweep=sweep trials=trials/>
            <TrialTable sweep=sweep trials=trials place=place/>
        </div>
    }
}

/// What the loaded trials measured, in as many questions as it takes.
fn measured(place: StoredValue<Place>, children: Shown<Loaded<Run>>) -> RwSignal<Vec<ListQuery<RunMetric>>> {
    let ids = Memo::new(move |_| {
        children.with(|children| children.items().map(|run| run.run_id.clone()).collect::<Vec<RunId>>())
    });
    let goes_on =
        Memo::new(move |_| children.with(|children| children.items().any(|run| !run.status.is_finished())));
    let lists = RwSignal::new(Vec::new());
    Effect::new(move || {
        let questions = ids.with(|ids| {
            place.with_value(|place| {
                ListMetrics::for_runs(&place.workspace, &place.experiment, ids).collect::<Vec<_>>()
            })
        });
        let ask = |question: ListMetrics| {
            let metrics = list(move || question.clone())
                .refresh(move |_| goes_on.try_get_untracked().unwrap_or(false).then_some(WHILE_THEY_RUN));
            let query = metrics.query();
            // A trial without its metric would stand in the wrong place, so all pages are asked for.
            Effect::new(move || {
                let has_more = query.with(|loaded| loaded.is_some_and(Loaded::has_more));
                if has_more && !query.is_loading().get() {
                    metrics.more_by_itself();
                }
            });
            metrics
        };
        lists.set(questions.into_iter().map(ask).collect());
    });
    lists
}

/// The trials with what they were given and how well they did. The service says which is the best once all are over;
/// until then it is the best of those that are done.
fn trials_of<'a>(
    leader: &Run,
    sweep: &Sweep,
    children: impl Iterator<Item = &'a Run>,
    metrics: Vec<RunMetric>,
) -> Vec<Trial> {
    let mut values: BTreeMap<RunId, f64> = BTreeMap::new();
    for metric in RunMetric::joined(metrics) {
        if sweep.metric.as_deref() != Some(metric.name.as_str()) {
            continue;
        }
        let numbers = metric.values().unwrap_or_default().iter().filter_map(azimuth_api::CellValue::number);
        let value = match sweep.goal {
            Some(goal) => goal.best(numbers),
            None => metric.latest_number(),
        };
        values.extend(value.map(|value| (metric.run_id.clone(), value)));
    }
    let mut trials: Vec<Trial> = children
        .map(|run| Trial {
            run: run.clone(),
            parameters: trial_parameters(leader, run),
            metric: values.get(&run.run_id).copied(),
            is_best: false,
        })
        .collect();
    let done = trials.iter().filter(|trial| trial.run.status == RunStatus::Completed);
    let best_so_far = sweep.goal.and_then(|goal| {
        done.filter_map(|trial| Some((trial.run.run_id.clone(), trial.metric?)))
            .min_by(|one, other| better_first(goal, one.1, other.1))
            .map(|(id, _)| id)
    });
    let best = sweep.best.clone().or(best_so_far);
    for trial in &mut trials {
        trial.is_best = best.as_ref() == Some(&trial.run.run_id);
    }
    trials
}

fn better_first(goal: Goal, one: f64, other: f64) -> Ordering {
    match goal {
        Goal::Minimize => one.total_cmp(&other),
        Goal::Maximize => other.total_cmp(&one),
    }
}

/// What is tried, how it is judged, and when trials are stopped early.
#[component]
fn SweepFacts(sweep: Memo<Sweep>) -> impl IntoView {
    let facts = move || {
        let sweep = sweep.get();
        let judged = judged_in_words(&sweep);
        let limits = limits_in_words(&sweep);
        let sampling = sweep.sampling.as_deref().map(sampling_in_words);
        let policy = sweep.policy.as_ref().map(policy_in_words);
        let space: Vec<_> = sweep
            .space
            .iter()
            .map(|(name, distribution)| {
                view! { <li><bdi class="strong">{plain_name(name).to_owned()}</bdi>" "<bdi>{distribution_in_words(distribution)}</bdi></li> }
            })
            .collect();
        view! {
            <Facts>
                {judged.map(|judged| view! { <Fact name="Judged by"><bdi>{judged}</bdi></Fact> })}
                {(!space.is_empty()).then(|| view! { <Fact name="Tries"><ul class="plain-list">{space}</ul></Fact> })}
                {sampling.map(|sampling| view! { <Fact name="Values are">{sampling}</Fact> })}
                {policy.map(|policy| view! { <Fact name="Stopped early">{policy}</Fact> })}
                {limits.map(|limits| view! { <Fact name="At most">{limits}</Fact> })}
            </Facts>
        }
    };
    let is_known = Memo::new(move |_| sweep.with(|sweep| *sweep != Sweep::default()));

    view! {
        <Show
            when=move || is_known.get()
            fallback=|| view! { <p class="muted">"The run does not say how its trials are chosen and judged."</p> }
        >
            {facts}
        </Show>
    }
}

fn judged_in_words(sweep: &Sweep) -> Option<String> {
    let metric = sweep.metric.as_deref()?;
    Some(match sweep.goal {
        Some(Goal::Minimize) => format!("{metric}, the smaller the better"),
        Some(Goal::Maximize) => format!("{metric}, the larger the better"),
        None => metric.to_owned(),
    })
}

fn limits_in_words(sweep: &Sweep) -> Option<String> {
    let parts = [
        sweep
            .most_trials
            .map(|count| if count == 1 { "1 trial".to_owned() } else { format!("{count} trials") }),
        sweep.most_at_once.map(|count| format!("{count} at the same time")),
        sweep.most_minutes.map(minutes_in_words),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn minutes_in_words(minutes: u64) -> String {
    let (count, unit) = match minutes {
        days if days >= 1_440 && days.is_multiple_of(1_440) => (days / 1_440, "day"),
        hours if hours >= 60 && hours.is_multiple_of(60) => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

fn sampling_in_words(name: &str) -> String {
    match name.to_ascii_uppercase().as_str() {
        "RANDOM" => "picked at random".to_owned(),
        "GRID" => "all combinations".to_owned(),
        "BAYESIANOPTIMIZATION" => "picked by what earlier trials showed".to_owned(),
        _ => name.to_owned(),
    }
}

/// When a policy stops trials. Microsoft's words for the policies are in its article on tuning hyperparameters.
fn policy_in_words(policy: &Policy) -> String {
    let number =
        |name: &str| policy.properties.get(name).and_then(Value::as_f64).filter(|number| *number > 0.0);
    let when = match policy.name.to_ascii_lowercase().as_str() {
        "default" | "nopolicy" | "noterminationpolicy" => return "never".to_owned(),
        "bandit" => match (number("slack_factor"), number("slack_amount")) {
            (Some(factor), _) => {
                format!("when more than {} % behind the best", number_in_words(factor * 100.0))
            }
            (None, Some(amount)) => format!("when more than {} behind the best", number_in_words(amount)),
            (None, None) => "when behind the best".to_owned(),
        },
        "medianstopping" => "when worse than half of the others".to_owned(),
        "truncationselection" => match number("truncation_percentage") {
            Some(percent) => format!("the worst {} %, each time", number_in_words(percent)),
            None => "the worst, each time".to_owned(),
        },
        _ => format!("by the policy {}", policy.name),
    };
    let every = number("evaluation_interval").filter(|interval| *interval > 1.0);
    let every = every.map(|interval| format!("looked at every {} values", number_in_words(interval)));
    let after =
        number("delay_evaluation").map(|delay| format!("not before {} values", number_in_words(delay)));
    [Some(when), every, after].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Where the values of a parameter come from. The names are those of Microsoft's client.
fn distribution_in_words(distribution: &Distribution) -> String {
    let arguments = &distribution.arguments;
    let number = |place: usize| arguments.get(place).and_then(Value::as_f64);
    let written = || arguments.iter().map(value_in_words).collect::<Vec<_>>().join(", ");
    match (distribution.kind.as_str(), number(0), number(1)) {
        ("choice", ..) => format!("one of {}", written()),
        ("randint", Some(upper), _) => format!("a whole number below {}", number_in_words(upper)),
        ("uniform" | "quniform", Some(low), Some(high)) => {
            format!("{} to {}", number_in_words(low), number_in_words(high))
        }
        // Its arguments are logarithms.
        ("loguniform" | "qloguniform", Some(low), Some(high)) => {
            format!(
                "{} to {}, as many small ones as large",
                number_in_words(low.exp()),
                number_in_words(high.exp())
            )
        }
        ("normal" | "qnormal", Some(mean), Some(deviation)) => {
            format!("around {}, ±{}", number_in_words(mean), number_in_words(deviation))
        }
        (kind, ..) => format!("{kind}({})", written()),
    }
}

/// A parameter as people call it: without the dashes that a command line wants.
fn plain_name(name: &str) -> &str {
    name.trim_start_matches('-')
}

fn value_in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), number_in_words),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The parameters of all trials: those of the sweep, then any other.
fn parameter_names(sweep: &Sweep, trials: &[Trial]) -> Vec<String> {
    let mut names: Vec<String> = sweep.space.keys().cloned().collect();
    for name in trials.iter().flat_map(|trial| trial.parameters.keys()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// How well trials did over one parameter, `parameter` in the address.
#[component]
fn ParameterChart(sweep: Memo<Sweep>, trials: Memo<Vec<Trial>>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let asked = navigation.parameter("parameter");
    let names = Memo::new(move |_| sweep.with(|sweep| trials.with(|trials| parameter_names(sweep, trials))));
    let chosen = Memo::new(move |_| {
        names.with(|names| {
            let asked = asked.get();
            names.iter().find(|name| **name == asked).or(names.first()).cloned().unwrap_or_default()
        })
    });
    let choices = Memo::new(move |_| {
        names.with(|names| {
            names
                .iter()
                .map(|name| Choice { value: name.clone(), label: plain_name(name).to_owned() })
                .collect::<Vec<_>>()
        })
    });
    let metric = Memo::new(move |_| sweep.with(|sweep| sweep.metric.clone().unwrap_or_default()));
    let dots = Memo::new(move |_| chosen.with(|name| trials.with(|trials| dots_of(trials, name))));
    let is_logarithmic = Memo::new(move |_| {
        chosen.with(|name| {
            sweep.with(|sweep| sweep.space.get(name).is_some_and(|space| space.kind.ends_with("loguniform")))
        })
    });
    let has_dots = Memo::new(move |_| dots.with(|dots| dots.len() > 1));
    let label = Signal::derive(move || {
        let name = chosen.with(|name| plain_name(name).to_owned());
        format!(
            "{} trials: {} over {name}. The table below has the numbers.",
            dots.with(Vec::len),
            metric.get()
        )
    });

    view! {
        <Show when=move || has_dots.get()>
            <div class="stack tight">
                <div class="toolbar">
                    <SelectField
                        label="Parameter"
                        value=chosen
                        choices=choices
                        on_change=move |name: String| navigation.set_parameter("parameter", &name)
                        in_toolbar=true
                    />
                </div>
                <Scatter
                    label=label
                    dots=dots
                    is_logarithmic=is_logarithmic
                    x_name=Signal::derive(move || chosen.with(|name| plain_name(name).to_owned()))
                    y_name=metric
                />
            </div>
        </Show>
    }
}

fn dots_of(trials: &[Trial], name: &str) -> Vec<Dot> {
    let dot = |trial: &Trial| {
        let value = trial.parameters.get(name)?;
        let y = trial.metric?;
        let title = format!(
            "{}: {} {}, {}",
            trial.run.run_id,
            plain_name(name),
            value_in_words(value),
            number_in_words(y)
        );
        Some(Dot {
            title: if trial.is_best { format!("Best. {title}") } else { title },
            x: value.as_f64().map_or_else(|| Position::Word(value_in_words(value)), Position::Number),
            y,
            is_best: trial.is_best,
            is_open: !trial.run.status.is_finished(),
        })
    };
    trials.iter().filter_map(dot).collect()
}

/// A trial in a row, the best first; `sort` in the address.
#[component]
fn TrialTable(sweep: Memo<Sweep>, trials: Memo<Vec<Trial>>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let asked = navigation.parameter("sort");
    let sort = Memo::new(move |_| {
        let usual = sweep.with(|sweep| sweep.goal) == Some(Goal::Maximize);
        let direction = if usual { Direction::Descending } else { Direction::Ascending };
        asked
            .with(|asked| Sort::parse(asked))
            .unwrap_or_else(|| Sort { column: "metric".to_owned(), direction })
    });
    let names = Memo::new(move |_| sweep.with(|sweep| trials.with(|trials| parameter_names(sweep, trials))));
    let in_order = Memo::new(move |_| trials.with(|trials| arranged(trials.iter(), &sort.get(), sort_key)));
    let metric = Signal::derive(move || {
        sweep.with(|sweep| sweep.metric.clone()).unwrap_or_else(|| "Metric".to_owned())
    });
    let header = move |column: String, label: Signal<String>, number: bool| {
        let own = column.clone();
        let direction =
            Signal::derive(move || sort.with(|sort| (sort.column == own).then_some(sort.direction)));
        let on_sort = move |()| {
            let next = sort.with_untracked(|sort| sort.clicked(&column, Direction::Ascending));
            navigation.set_parameter("sort", &next.text());
        };
        view! { <SortHeader label=label sort=direction on_sort=on_sort number=number/> }
    };
    let parameter_heads = move || {
        let head = |name: String| {
            let label = Signal::stored(plain_name(&name).to_owned());
            let number = trials.with_untracked(|trials| {
                trials.iter().filter_map(|trial| trial.parameters.get(&name)).all(Value::is_number)
            });
            header(name, label, number)
        };
        names.get().into_iter().map(head).collect::<Vec<_>>()
    };

    view! {
        <TableFrame caption="Trials">
            <table class="table">
                <thead>
                    <tr>
                        {header("run".to_owned(), "Trial".into(), false)}
                        {header("status".to_owned(), "Status".into(), false)}
                        {header("metric".to_owned(), metric, true)}
                        {parameter_heads}
                        {header("duration".to_owned(), "Duration".into(), true)}
                    </tr>
                </thead>
                <tbody>
                    <For each=move || in_order.get() key=|trial| trial.run.run_id.clone() let(first)>
                        <TrialRow trials=trials first=first names=names place=place/>
                    </For>
                </tbody>
            </table>
        </TableFrame>
    }
}

#[component]
fn TrialRow(
    trials: Memo<Vec<Trial>>,
    first: Trial,
    names: Memo<Vec<String>>,
    place: StoredValue<Place>,
) -> impl IntoView {
    let now = use_now();
    let href = child_href(place, &first.run);
    let id = first.run.run_id.clone();
    let label = first.run.label().unwrap_or(id.as_str()).to_owned();
    let trial = Memo::new(move |known: Option<&Trial>| {
        let found = trials.with(|trials| trials.iter().find(|trial| trial.run.run_id == id).cloned());
        found.or_else(|| known.cloned()).unwrap_or_else(|| first.clone())
    });
    let status = Memo::new(move |_| trial.with(|trial| trial.run.status.clone()));
    let run = Memo::new(move |_| trial.with(|trial| trial.run.clone()));
    let metric = move || trial.with(|trial| trial.metric).map_or_else(|| "–".to_owned(), number_in_words);
    let parameters = move || {
        trial.with(|trial| {
            names.with(|names| {
                let cell = |name: &String| {
                    let value = trial.parameters.get(name);
                    let class = if value.is_some_and(Value::is_number) { "number" } else { "" };
                    view! { <td class=class><bdi>{value.map_or_else(|| "–".to_owned(), value_in_words)}</bdi></td> }
                };
                names.iter().map(cell).collect::<Vec<_>>()
            })
        })
    };

    view! {
        <tr aria-selected=move || trial.with(|trial| trial.is_best).then_some("true")>
            <th scope="row" class="lead">
                <a href=href><bdi>{label}</bdi></a>
            </th>
            <td class="state">
                <RunStatusBadge status=status/>
                {move || trial.with(|trial| trial.is_best).then(|| view! {
                    " "<span class="badge good"><Icon name=IconName::Check/><span class="plain">"Best"</span></span>
                })}
            </td>
            <td class="number">{metric}</td>
            {parameters}
            <td class="number"><RunDuration run=run now=now/></td>
        </tr>
    }
}

fn sort_key(trial: &Trial, column: &str) -> SortKey {
    match column {
        "run" => trial.run.run_number.map_or_else(
            || SortKey::text(trial.run.run_id.as_str()),
            |number| SortKey::Number(number as f64),
        ),
        "status" => SortKey::text(trial.run.status.plain()),
        "metric" => trial.metric.filter(|metric| !metric.is_nan()).map_or(SortKey::Missing, SortKey::Number),
        "duration" => {
            let ended = trial.run.end_time_utc.or(trial.run.start_time_utc);
            let length = ended.and_then(|ended| trial.run.duration_milliseconds(ended));
            length.map_or(SortKey::Missing, |length| SortKey::Number(length as f64))
        }
        name => match trial.parameters.get(name) {
            Some(Value::Number(number)) => number.as_f64().map_or(SortKey::Missing, SortKey::Number),
            Some(value) => SortKey::text(&value_in_words(value)),
            None => SortKey::Missing,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn leader(goal: &str, best: Option<&str>) -> Run {
        serde_json::from_value(json!({
            "runId": "s", "status": "Running",
            "tags": {
                "primary_metric_config": json!({ "name": "mae", "goal": goal }).to_string(),
                "generator_config": r#"{"name":"RANDOM","parameter_space":{"--rate":["loguniform",[-3,-1]]}}"#,
                "s_0": r#"{"--rate":0.1}"#, "s_1": r#"{"--rate":0.2,"--shop":"harbour"}"#,
            },
            "properties": { "best_child_run_id": best.unwrap_or_default() },
        }))
        .unwrap()
    }

    fn child(id: &str, status: &str) -> Run {
        serde_json::from_value(json!({ "runId": id, "status": status })).unwrap()
    }

    fn metric(run: &str, values: &[f64]) -> RunMetric {
        let cells: Vec<Value> = values.iter().map(|value| json!({ "mae": value })).collect();
        serde_json::from_value(
            json!({ "runId": run, "name": "mae", "metricType": "azureml.v1.scalar", "cells": cells }),
        )
        .unwrap()
    }

    fn trials(leader: &Run) -> Vec<Trial> {
        let children = [
            child("s_0", "Completed"),
            child("s_1", "Completed"),
            child("s_2", "Running"),
            child("s_3", "Queued"),
        ];
        let metrics =
            vec![metric("s_0", &[9.0, 5.0, 6.0]), metric("s_1", &[7.0, 4.0]), metric("s_2", &[1.0])];
        trials_of(leader, &Sweep::of(leader), children.iter(), metrics)
    }

    fn best(trials: &[Trial]) -> Vec<&str> {
        trials.iter().filter(|trial| trial.is_best).map(|trial| trial.run.run_id.as_str()).collect()
    }

    #[test]
    fn the_best_is_the_best_of_those_that_are_done_until_the_service_says_which() {
        let smaller = trials(&leader("minimize", None));
        assert_eq!(best(&smaller), ["s_1"]);
        assert_eq!(
            smaller.iter().map(|trial| trial.metric).collect::<Vec<_>>(),
            [Some(5.0), Some(4.0), Some(1.0), None]
        );
        let larger = trials(&leader("MAXIMIZE", None));
        assert_eq!((best(&larger), larger[0].metric), (vec!["s_0"], Some(9.0)));
        assert_eq!(best(&trials(&leader("minimize", Some("s_0")))), ["s_0"]);
    }

    #[test]
    fn trials_without_a_metric_come_last_whichever_end_is_first() {
        let all = trials(&leader("minimize", None));
        for text in ["metric", "-metric"] {
            let sorted = arranged(all.iter(), &Sort::parse(text).unwrap(), sort_key);
            assert_eq!(sorted[3].run.run_id.as_str(), "s_3", "{text}");
        }
        let sorted = arranged(all.iter(), &Sort::parse("-metric").unwrap(), sort_key);
        assert_eq!(sorted[0].run.run_id.as_str(), "s_0");
    }

    #[test]
    fn every_parameter_has_a_column_and_a_dot_where_there_is_a_number() {
        let leader = leader("minimize", None);
        let all = trials(&leader);
        assert_eq!(parameter_names(&Sweep::of(&leader), &all), ["--rate", "--shop"]);
        let dots = dots_of(&all, "--rate");
        assert_eq!(dots.iter().map(|dot| dot.is_best).collect::<Vec<_>>(), [false, true]);
        assert_eq!(dots_of(&all, "--shop")[0].x, Position::Word("harbour".to_owned()));
    }

    #[test]
    fn what_a_sweep_does_is_said_in_words() {
        let space = |kind: &str, arguments: &[Value]| {
            distribution_in_words(&Distribution { kind: kind.to_owned(), arguments: arguments.to_vec() })
        };
        assert_eq!(space("choice", &[json!(16), json!("a")]), "one of 16, a");
        assert_eq!(space("uniform", &[json!(0.01), json!(0.1)]), "0.01 to 0.1");
        assert!(space("loguniform", &[json!(-1), json!(0)]).starts_with("0.3679 to 1,"));
        assert_eq!(space("new", &[json!(1)]), "new(1)");
        let policy = |name: &str, properties: Value| {
            let properties = properties.as_object().unwrap().clone().into_iter().collect();
            policy_in_words(&Policy { name: name.to_owned(), properties })
        };
        assert_eq!(
            policy(
                "BANDIT",
                json!({ "evaluation_interval": 2, "delay_evaluation": 5, "slack_factor": 0.15 })
            ),
            "when more than 15 % behind the best; looked at every 2 values; not before 5 values"
        );
        assert_eq!(policy("DEFAULT", json!({})), "never");
        assert!(policy("TruncationSelection", json!({ "truncation_percentage": 20 })).contains("20 %"));
        let limits = Sweep {
            most_trials: Some(20),
            most_at_once: Some(4),
            most_minutes: Some(10_080),
            ..Sweep::default()
        };
        assert_eq!(limits_in_words(&limits).unwrap(), "20 trials, 4 at the same time, 7 days");
    }
}
