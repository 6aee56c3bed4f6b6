//! Several runs side by side: what they were told, what they measured, which is best and what differs.

mod columns;
mod known;
mod rows;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use azimuth_api::{Goal, RunId, WorkspaceId};
use leptos::either::Either;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::clock::{use_now, use_run_clock};
use crate::components::chart::scale::number_in_words;
use crate::components::chart::{Chart, Series};
use crate::components::download::{csv_line, save_text};
use crate::components::field::{Choice, SelectField};
use crate::components::format::{format_duration, shorten_middle};
use crate::components::header::PageTitle;
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{EmptyState, Hint, Loading};
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::table::{FilterBox, TableFrame};
use crate::components::time::RelativeTime;
use crate::listed::{address_filter, filter_count, matches};
use crate::load::{ApiErrorPanel, Freshness};
use crate::navigation::{Navigation, use_title};
use crate::pages::compare::columns::{Column, columns};
use crate::pages::compare::known::{Known, Section, Shown};
use crate::pages::compare::rows::{By, Cell, NumberCell, Row, Wishes, names, rows, summary};
use crate::query::Query;
use crate::route::{Location, Route, WorkspaceRoute};

/// More do not fit beside each other.
const MOST_RUNS: usize = 10;

/// How many characters of a run's name fit in its column; ids differ at their ends, so the middle goes.
const LONGEST_LABEL: usize = 28;

/// The runs that the address names, in its order: parameters, metrics, tags and definitions in one table, the curves
/// of each metric in one chart.
#[component]
pub fn ComparePage(workspace: WorkspaceId) -> impl IntoView {
    use_title("Compare runs".to_owned());
    let navigation = expect_context::<Navigation>();
    let asked = Memo::new(move |_| navigation.location().with(runs_of));
    let runs =
        Memo::new(move |_| asked.with(|asked| asked.iter().take(MOST_RUNS).cloned().collect::<Vec<_>>()));
    let left_out = Memo::new(move |_| asked.with(|asked| asked.len().saturating_sub(MOST_RUNS)));
    let count = Memo::new(move |_| runs.with(Vec::len));
    let columns = columns(workspace.clone(), runs);
    let experiments =
        Signal::stored(navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Experiments)));
    let place = StoredValue::new(workspace);
    let has_any = Memo::new(move |_| count.get() > 0);
    let none = move || {
        view! {
            <EmptyState
                title="No run to compare"
                text="Open an experiment, select two to ten of its runs and compare them."
            >
                <a class="button primary" href=experiments>"Experiments"</a>
            </EmptyState>
        }
    };

    view! {
        <div class="page">
            <PageTitle title="Compare runs"/>
            <Show when=move || left_out.get() != 0>
                <Hint warning=true>
                    <p>{move || format!("At most {MOST_RUNS} runs are compared; the address names {} more.", left_out.get())}</p>
                </Hint>
            </Show>
            <Show when=move || count.get() == 1>
                <Hint><p>"One run alone has nothing to be compared with. Select another in the table of its experiment."</p></Hint>
            </Show>
            <Show when=move || has_any.get() fallback=none>
                <Comparison columns=columns place=place/>
            </Show>
        </div>
    }
}

/// The runs that an address names, each once.
fn runs_of(location: &Location) -> Vec<RunId> {
    let mut known = HashSet::new();
    let named = location.parameters("run").filter(|id| !id.is_empty());
    named.filter(|id| known.insert((*id).to_owned())).map(RunId::from).collect()
}

/// The same address with these runs.
fn with_runs(mut location: Location, runs: &[RunId]) -> Location {
    location.query.retain(|(name, _)| name != "run");
    let named = runs.iter().map(|run| ("run".to_owned(), run.to_string()));
    location.query.splice(0..0, named);
    location
}

/// What the address says of metrics: `better=mae:lower`.
fn goals_of(location: &Location) -> BTreeMap<String, Option<Goal>> {
    let read = |text: &str| {
        let (name, word) = text.rsplit_once(':')?;
        let goal = match word {
            "lower" => Some(Goal::Minimize),
            "higher" => Some(Goal::Maximize),
            "neither" => None,
            _ => return None,
        };
        Some((name.to_owned(), goal))
    };
    location.parameters("better").filter_map(read).collect()
}

/// The same address with another word on a metric.
fn with_goal(mut location: Location, metric: &str, goal: Option<Goal>) -> Location {
    let word = match goal {
        Some(Goal::Minimize) => "lower",
        Some(Goal::Maximize) => "higher",
        None => "neither",
    };
    let is_of_metric = |text: &str| text.rsplit_once(':').is_some_and(|(name, _)| name == metric);
    location.query.retain(|(name, text)| name != "better" || !is_of_metric(text));
    location.query.push(("better".to_owned(), format!("{metric}:{word}")));
    location
}

/// What one press asks for next.
fn next_goal(goal: Option<Goal>) -> Option<Goal> {
    match goal {
        Some(Goal::Minimize) => Some(Goal::Maximize),
        Some(Goal::Maximize) => None,
        None => Some(Goal::Minimize),
    }
}

fn goal_in_words(goal: Option<Goal>) -> &'static str {
    match goal {
        Some(Goal::Minimize) => "lower is better",
        Some(Goal::Maximize) => "higher is better",
        None => "no goal",
    }
}

/// What the parts of the page share. A handle.
#[derive(Clone, Copy)]
struct Side {
    columns: Memo<Vec<Column>>,
    names: Memo<Vec<String>>,
    place: StoredValue<WorkspaceId>,
}

#[component]
fn Comparison(columns: Memo<Vec<Column>>, place: StoredValue<WorkspaceId>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let location = navigation.location();
    let known = Memo::new(move |_| {
        columns.with(|columns| columns.iter().map(|column| column.known.get()).collect::<Vec<Arc<Known>>>())
    });
    let names = Memo::new(move |_| known.with(|known| names(known)));
    let baseline = navigation.parameter("baseline");
    let by = navigation.parameter("value");
    let goals = Memo::new(move |_| location.with(goals_of));
    let wishes = Memo::new(move |_| {
        let baseline = baseline.get();
        Wishes {
            by: by.with(|by| if by == "best" { By::Best } else { By::Latest }),
            baseline: columns
                .with(|columns| columns.iter().position(|column| column.id.as_str() == baseline)),
            goals: goals.get(),
        }
    });
    let all = Memo::new(move |_| known.with(|known| wishes.with(|wishes| rows(known, wishes))));
    let sentence = Memo::new(move |_| {
        known.with(|known| {
            names.with(|names| all.with(|rows| wishes.with(|wishes| summary(names, rows, known, wishes))))
        })
    });
    let only = navigation.parameter("only");
    let only_differences = Memo::new(move |_| only.with(|only| only == "differences"));
    let (filter, change_filter) = address_filter(navigation);
    let shown = Memo::new(move |_| {
        let filter = filter.get();
        let is_shown = |row: &&Row| {
            (row.differs || !only_differences.get())
                && matches(&filter, [row.name.as_str(), row.section.label()])
        };
        all.with(|rows| rows.iter().filter(is_shown).cloned().collect::<Vec<_>>())
    });
    let found = Memo::new(move |_| filter_count(shown.with(Vec::len), all.with(Vec::len)));
    let choices = Memo::new(move |_| {
        let runs =
            columns.with(|columns| columns.iter().map(|column| column.id.to_string()).collect::<Vec<_>>());
        let named = names.with(|names| {
            runs.into_iter()
                .zip(names)
                .map(|(value, name)| {
                    let label = format!("Against {}", shorten_middle(name, LONGEST_LABEL));
                    Choice { value, label }
                })
                .collect::<Vec<_>>()
        });
        std::iter::once(choice("", "No baseline")).chain(named).collect::<Vec<_>>()
    });
    // A run that was taken out is no baseline any more.
    let chosen_baseline = Memo::new(move |_| {
        if wishes.with(|wishes| wishes.baseline.is_some()) { baseline.get() } else { String::new() }
    });
    let save = move |_| {
        let now = js_sys::Date::now();
        let text = names.with_untracked(|names| shown.with_untracked(|rows| csv(names, rows, now)));
        save_text("compare.csv", "text/csv", &text);
    };
    let side = Side { columns, names, place };

    view! {
        {move || sentence.get().map(|sentence| view! { <p class="compare-summary"><bdi>{sentence}</bdi></p> })}
        <div class="section">
            <div class="toolbar">
                <FilterBox value=filter on_input=change_filter count=found/>
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=only_differences
                        on:change:target=move |event| {
                            navigation.set_parameter("only", if event.target().checked() { "differences" } else { "" });
                        }
                    />
                    "Only what differs"
                </label>
                <SelectField
                    label="Value of a metric"
                    value=by
                    choices=vec![choice("", "Latest values"), choice("best", "Best values")]
                    on_change=move |by: String| navigation.set_parameter("value", &by)
                    in_toolbar=true
                />
                <SelectField
                    label="Baseline"
                    value=chosen_baseline
                    choices=choices
                    on_change=move |run: String| navigation.set_parameter("baseline", &run)
                    in_toolbar=true
                />
                <button type="button" class="button quiet small push" aria-label="Comparison as CSV" on:click=save>"CSV"</button>
            </div>
            <CompareTable side=side rows=shown/>
            <Show when=move || shown.with(Vec::is_empty) && !all.with(Vec::is_empty)>
                <p class="muted">"Nothing is left to show: no row fits what was asked for."</p>
            </Show>
        </div>
        <Charts side=side/>
    }
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

/// The runs as columns. Rows stay while their values change, so that the focus stays too.
#[component]
fn CompareTable(side: Side, rows: Memo<Vec<Row>>) -> impl IntoView {
    let Side { columns, .. } = side;
    let width = Memo::new(move |_| columns.with(Vec::len) + 1);
    let sections = Section::ALL
        .into_iter()
        .map(|section| {
            let keys = Memo::new(move |_| {
                let keys = |rows: &Vec<Row>| {
                    let of_section = rows.iter().filter(|row| row.section == section);
                    of_section.map(|row| row.key.clone()).collect::<Vec<_>>()
                };
                rows.with(keys)
            });
            let row = move |key: String| view! { <CompareRow side=side rows=rows section=section key=key/> };
            view! {
                <tbody hidden=move || keys.with(Vec::is_empty)>
                    <tr class="group"><th scope="rowgroup" colspan=width><span>{section.label()}</span></th></tr>
                    <For each=move || keys.get() key=|key| key.clone() children=row/>
                </tbody>
            }
        })
        .collect::<Vec<_>>();

    view! {
        <TableFrame caption="Runs side by side">
            <table class="table compare">
                <thead>
                    <tr>
                        <td></td>
                        <For
                            each=move || columns.get()
                            key=|column| column.id.clone()
                            children=move |column| view! { <ColumnHead side=side column=column/> }
                        />
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">"Status"</th>
                        <For
                            each=move || columns.get()
                            key=|column| column.id.clone()
                            children=|column| view! { <td><ColumnState column=column/></td> }
                        />
                    </tr>
                </tbody>
                {sections}
            </table>
        </TableFrame>
    }
}

/// A run's name, and where its column goes.
#[component]
fn ColumnHead(side: Side, column: Column) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let Side { columns, names, place } = side;
    let id = column.id.clone();
    let own_id = id.clone();
    let index = Memo::new(move |_| {
        columns.with(|columns| columns.iter().position(|column| column.id == own_id)).unwrap_or_default()
    });
    let own_id = id.to_string();
    let name = Memo::new(move |_| {
        names.with(|names| names.get(index.get()).cloned()).unwrap_or_else(|| own_id.clone())
    });
    let found = column.found;
    let run = id.clone();
    let href = Memo::new(move |_| {
        let experiment = found.with(|found| found.and_then(|found| found.experiment.clone()))?;
        let route = WorkspaceRoute::Run(experiment, run.clone());
        Some(navigation.href(Route::Workspace(place.get_value(), route)))
    });
    let label = move || shorten_middle(&name.get(), LONGEST_LABEL);
    let title = id.to_string();
    let link = move || match href.get() {
        Some(href) => Either::Left(view! { <a href=href title=title.clone()><bdi>{label}</bdi></a> }),
        None => Either::Right(view! { <bdi title=title.clone()>{label}</bdi> }),
    };
    let is_last = move || index.get() + 1 == columns.with(Vec::len);
    let change = move |change: fn(&mut Vec<RunId>, usize)| {
        let index = index.get_untracked();
        let mut runs: Vec<RunId> =
            columns.with_untracked(|columns| columns.iter().map(|column| column.id.clone()).collect());
        change(&mut runs, index);
        navigation.replace(&with_runs(navigation.location().get_untracked(), &runs));
        runs.len()
    };
    // A column that moves loses the focus, and one that goes away takes it along.
    let to_left = move |_| {
        let index = index.get_untracked();
        if index > 0 {
            change(|runs, index| runs.swap(index - 1, index));
            focus_soon(index - 1, "to-left");
        }
    };
    let to_right = move |_| {
        let index = index.get_untracked();
        if index + 1 < columns.with_untracked(Vec::len) {
            change(|runs, index| runs.swap(index, index + 1));
            focus_soon(index + 1, "to-right");
        }
    };
    let take_out = move |_| {
        let index = index.get_untracked();
        let left = change(|runs, index| drop(runs.remove(index)));
        focus_soon(index.min(left.saturating_sub(1)), "take-out");
    };

    view! {
        <th scope="col">
            <div class="head">
                {link}
                <span class="moves">
                    <button
                        type="button"
                        class="button quiet small bare to-left"
                        aria-label=move || format!("Move {} to the left", name.get())
                        title="Move to the left"
                        aria-disabled=move || (index.get() == 0).then_some("true")
                        on:click=to_left
                    >
                        <Icon name=IconName::Chevron/>
                    </button>
                    <button
                        type="button"
                        class="button quiet small bare to-right"
                        aria-label=move || format!("Move {} to the right", name.get())
                        title="Move to the right"
                        aria-disabled=move || is_last().then_some("true")
                        on:click=to_right
                    >
                        <Icon name=IconName::Chevron/>
                    </button>
                    <button
                        type="button"
                        class="button quiet small bare take-out"
                        aria-label=move || format!("Take out {}", name.get())
                        title="Take out"
                        on:click=take_out
                    >
                        <Icon name=IconName::Cross/>
                    </button>
                </span>
            </div>
        </th>
    }
}

/// Puts the focus on a button of a column, once it stands there; on the heading where there is none any more.
fn focus_soon(place: usize, button: &'static str) {
    request_animation_frame(move || {
        let found = document()
            .query_selector(&format!(".compare thead th:nth-child({}) .{button}", place + 2))
            .ok()
            .flatten()
            .or_else(|| document().query_selector("main h1").ok().flatten());
        if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
            let _ = found.focus();
        }
    });
}

/// How a run is, how old that is, and what of it could not be read.
#[component]
fn ColumnState(column: Column) -> impl IntoView {
    let Column { found, details, metrics, .. } = column.clone();
    let status = Memo::new(move |known: Option<&Option<_>>| {
        let status = found.with(|found| found.map(|found| found.run.status.clone()));
        status.or_else(|| known.cloned().flatten())
    });
    let is_there = Memo::new(move |_| status.with(Option::is_some));
    let is_growing = Memo::new(move |_| column.is_growing());
    let has_experiment =
        Memo::new(move |_| found.with(|found| found.is_none_or(|found| found.experiment.is_some())));
    let has_more =
        Memo::new(move |_| metrics.with(|measured| measured.is_some_and(|measured| measured.has_more)));
    let is_loading = Memo::new(move |_| {
        let awaits = |has_value: bool, failed: bool| !has_value && !failed;
        awaits(found.has_value(), found.error().with(Option::is_some))
            || (is_there.get()
                && has_experiment.get()
                && (awaits(details.has_value(), details.error().with(Option::is_some))
                    || awaits(metrics.has_value(), metrics.error().with(Option::is_some))))
    });
    let badge = move || {
        let status = Signal::derive(move || status.get().unwrap_or(azimuth_api::RunStatus::NotStarted));
        is_there.get().then(|| {
            view! {
                <span role="status"><RunStatusBadge status=status/></span>
                <Freshness query=found pausable=is_growing/>
            }
        })
    };

    view! {
        <div class="stack tight">
            {badge}
            <Show when=move || is_loading.get()>
                <Loading what=if is_there.get_untracked() { "the rest of the run" } else { "the run" }/>
            </Show>
            <Failed query=found.progress() what="the run"/>
            <Failed query=details.progress() what="the definition"/>
            <Failed query=metrics.progress() what="the metrics"/>
            <Show when=move || !has_experiment.get()>
                <p class="muted small">"The service does not say which experiment it belongs to, so its definition and metrics cannot be asked for."</p>
            </Show>
            <Show when=move || has_more.get()>
                <p class="muted small">"It has more metrics than are shown here."</p>
            </Show>
        </div>
    }
}

/// Why a part of a run is not there, or not new.
#[component]
fn Failed(query: Query<()>, what: &'static str) -> impl IntoView {
    move || {
        query.error().get().map(|error| {
            let verb = if query.has_value() { "refresh" } else { "load" };
            let retry = Callback::new(move |()| query.ask_again());
            view! { <ApiErrorPanel error=error what=format!("{verb} {what}") inline=true on_retry=retry/> }
        })
    }
}

/// A line of the table.
#[component]
fn CompareRow(side: Side, rows: Memo<Vec<Row>>, section: Section, key: String) -> impl IntoView {
    let own_key = key.clone();
    let row = Memo::new(move |_| {
        rows.with(|rows| rows.iter().find(|row| row.section == section && row.key == own_key).cloned())
    });
    let name =
        Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.name.clone())).unwrap_or_default());
    let differs = Memo::new(move |_| row.with(|row| row.as_ref().is_some_and(|row| row.differs)));
    let cells = move || {
        row.with(|row| {
            let cells = row.iter().flat_map(|row| &row.cells);
            cells.map(|cell| cell_view(cell, side.place)).collect::<Vec<_>>()
        })
    };

    view! {
        <tr class:differs=differs>
            <th scope="row">
                <bdi class:code=section != Section::Run>{name}</bdi>
                {(section == Section::Metrics).then(|| view! { " "<GoalButton metric=key row=row/> })}
            </th>
            {cells}
        </tr>
    }
}

/// Which values of a metric are better; a press says otherwise.
#[component]
fn GoalButton(metric: String, row: Memo<Option<Row>>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let goal = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.goal)));
    let has_numbers = Memo::new(move |_| {
        row.with(|row| row.iter().flat_map(|row| &row.cells).any(|cell| cell.number().is_some()))
    });
    let name = StoredValue::new(metric);
    let turn = move |_| {
        let location = navigation.location().get_untracked();
        let next = next_goal(goal.get_untracked());
        navigation.replace(&name.with_value(|name| with_goal(location, name, next)));
    };

    view! {
        <Show when=move || has_numbers.get()>
            <button
                type="button"
                class="button quiet small goal"
                aria-label=move || format!("{}: {}", name.get_value(), goal_in_words(goal.get()))
                title="Press to change what is better"
                on:click=turn
            >
                {move || goal_in_words(goal.get())}
            </button>
        </Show>
    }
}

fn cell_view(cell: &Cell, place: StoredValue<WorkspaceId>) -> AnyView {
    match cell {
        Cell::Unknown => view! { <td></td> }.into_any(),
        Cell::Missing => view! { <td class="meta">"–"</td> }.into_any(),
        Cell::Value(value) => shown_view(value.clone(), place),
        Cell::Number(number) => number_view(number.clone()),
    }
}

fn number_view(number: NumberCell) -> AnyView {
    let against = number.against.map(|(words, is_better)| {
        let said = match is_better {
            Some(true) => " better",
            Some(false) => " worse",
            None => "",
        };
        view! {
            " "
            <span class="against" class:better=is_better == Some(true) class:worse=is_better == Some(false)>
                {words}<span class="visually-hidden">{said}</span>
            </span>
        }
    });
    view! {
        <td class="measure" class:best=number.is_best>
            <span title=number.value.to_string()>{number_in_words(number.value)}</span>
            {number.is_best.then(|| view! { " "<span class="mark">"best"</span> })}
            {against}
        </td>
    }
    .into_any()
}

fn shown_view(value: Shown, place: StoredValue<WorkspaceId>) -> AnyView {
    let navigation = expect_context::<Navigation>();
    let link = |part: WorkspaceRoute, text: String| {
        let href = navigation.href(Route::Workspace(place.get_value(), part));
        view! { <td><a href=href><bdi>{text}</bdi></a></td> }.into_any()
    };
    match value {
        Shown::Text(text) => view! { <td><bdi>{text}</bdi></td> }.into_any(),
        Shown::Code(text) => view! { <td><bdi class="code">{text}</bdi></td> }.into_any(),
        Shown::Experiment(name) => {
            let text = name.to_string();
            link(WorkspaceRoute::Runs(name), text)
        }
        // A run on one's own machine has no compute in the workspace.
        Shown::Compute(name) if name == "local" => view! { <td>{name}</td> }.into_any(),
        Shown::Compute(name) => link(WorkspaceRoute::Compute(name.clone().into()), name),
        Shown::Time(time) => view! { <td><RelativeTime unix_ms=time as f64 now=use_now()/></td> }.into_any(),
        Shown::Work(begin, Some(end)) => {
            view! { <td>{format_duration((end - begin) as f64)}</td> }.into_any()
        }
        Shown::Work(begin, None) => {
            let now = use_run_clock();
            view! { <td>{move || format_duration(now.get() - begin as f64)}</td> }.into_any()
        }
    }
}

/// The curves of each metric that several of the runs have, over each other.
#[component]
fn Charts(side: Side) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let Side { columns, names, .. } = side;
    let metrics = Memo::new(move |_| {
        columns.with(|columns| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for column in columns {
                column.known.with(|known| {
                    for (name, _) in known.measures.iter().filter(|(_, measure)| measure.is_curve) {
                        *counts.entry(name.clone()).or_default() += 1;
                    }
                });
            }
            let enough = columns.len().min(2);
            counts.into_iter().filter(|(_, count)| *count >= enough).map(|(name, _)| name).collect::<Vec<_>>()
        })
    });
    let scale = navigation.parameter("scale");
    let logarithmic = Signal::derive(move || scale.with(|scale| scale == "log"));
    let chart = move |metric: String| {
        let title = metric.clone();
        // A run without this metric has a line without points, so that each run has the same colour in all charts.
        let series = Memo::new(move |_| {
            let line = |(column, name): (&Column, &String)| {
                if !column.known.with(|known| known.measures.values().any(|measure| measure.is_curve)) {
                    return None;
                }
                let points = column.metrics.with(|measured| {
                    let measured = measured?.metrics.iter().find(|measured| measured.name == metric)?;
                    Some(Series::of(measured)?.points)
                });
                Some(Series { name: name.clone(), points: points.unwrap_or_else(|| [].into()) })
            };
            columns.with(|columns| {
                names.with(|names| columns.iter().zip(names).filter_map(line).collect::<Vec<_>>())
            })
        });
        view! { <Chart title=title series=series logarithmic=logarithmic/> }
    };

    view! {
        <Show when=move || !metrics.with(Vec::is_empty)>
            <section class="section" aria-label="Curves">
                <div class="section-title">
                    <h2>"Curves"</h2>
                    <SelectField
                        label="Scale"
                        value=scale
                        choices=vec![choice("", "Linear scale"), choice("log", "Logarithmic scale")]
                        on_change=move |scale: String| navigation.set_parameter("scale", &scale)
                        in_toolbar=true
                    />
                </div>
                <div class="charts">
                    <For each=move || metrics.get() key=|name| name.clone() children=chart/>
                </div>
            </section>
        </Show>
    }
}

/// What is shown, as a file that spreadsheets read.
fn csv(names: &[String], rows: &[Row], now: f64) -> String {
    let head = ["section", "name"].into_iter().chain(names.iter().map(String::as_str));
    let mut text = csv_line(head);
    for row in rows {
        let cells: Vec<String> = row.cells.iter().map(|cell| cell_text(cell, now)).collect();
        let line = [row.section.label(), row.name.as_str()].into_iter();
        text.push_str(&csv_line(line.chain(cells.iter().map(String::as_str))));
    }
    text
}

fn cell_text(cell: &Cell, now: f64) -> String {
    match cell {
        Cell::Unknown | Cell::Missing => String::new(),
        Cell::Number(number) => number.value.to_string(),
        Cell::Value(value) => match value {
            Shown::Text(text) | Shown::Code(text) | Shown::Compute(text) => text.clone(),
            Shown::Experiment(name) => name.to_string(),
            Shown::Time(time) => time_text(*time),
            Shown::Work(begin, end) => {
                let end = end.map_or(now, |end| end as f64);
                format!("{} s", ((end - *begin as f64) / 1_000.0).round())
            }
        },
    }
}

/// As machines read it.
fn time_text(time: i64) -> String {
    js_sys::Date::new(&(time as f64).into()).to_iso_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_runs_once_and_in_order() {
        let location = Location::parse("#/x?run=b&only=differences&run=a&run=b&run=");
        let runs = runs_of(&location);
        assert_eq!(runs, [RunId::from("b"), RunId::from("a")]);
        let turned: Vec<RunId> = runs.into_iter().rev().collect();
        let location = with_runs(location, &turned);
        assert_eq!(runs_of(&location), turned);
        assert_eq!(location.parameter("only"), Some("differences"));
    }

    #[test]
    fn what_is_better_is_read_back_as_it_was_written() {
        let location = Location::parse("#/x?better=a:b:higher&better=mae:sideways");
        assert_eq!(goals_of(&location), BTreeMap::from([("a:b".to_owned(), Some(Goal::Maximize))]));
        let location = with_goal(location, "a:b", None);
        assert_eq!(goals_of(&location), BTreeMap::from([("a:b".to_owned(), None)]));
    }

    #[test]
    fn presses_go_through_all_that_can_be_said_of_a_metric() {
        let mut goal = Some(Goal::Minimize);
        let words = [(); 4].map(|()| {
            let words = goal_in_words(goal);
            goal = next_goal(goal);
            words
        });
        assert_eq!(words, ["lower is better", "higher is better", "no goal", "lower is better"]);
    }

    #[test]
    fn a_file_has_what_is_shown_and_no_formulas() {
        let value = |text: &str| Cell::Value(Shown::Code(text.to_owned()));
        let number = |value| Cell::Number(NumberCell { value, is_best: true, against: None });
        let row = |section, name: &str, cells| Row {
            section,
            key: name.to_owned(),
            name: name.to_owned(),
            cells,
            differs: true,
            goal: None,
        };
        let rows = [
            row(Section::Parameters, "--rounds", vec![value("=1+1"), Cell::Missing]),
            row(Section::Metrics, "mae", vec![number(-1.5), Cell::Unknown]),
            row(
                Section::Run,
                "Duration",
                vec![Cell::Value(Shown::Work(0, Some(2_000))), Cell::Value(Shown::Work(0, None))],
            ),
        ];
        assert_eq!(
            csv(&["a,b".to_owned(), "@c".to_owned()], &rows, 5_000.0),
            "section,name,\"a,b\",'@c\r\nParameters,'--rounds,'=1+1,\r\nMetrics,mae,-1.5,\r\nRun,Duration,2 s,5 s\r\n"
        );
    }
}
