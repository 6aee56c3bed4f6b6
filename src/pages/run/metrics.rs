//! What a run measured: numbers, curves, tables, pictures.

mod measured_file;
mod report;

use std::sync::Arc;
use std::time::Duration;

use azimuth_api::{ArtifactContainer, CellValue, GetMetric, ListMetrics, MetricType, Run, RunMetric};
use leptos::either::Either;
use leptos::prelude::*;

use crate::clock::use_now;
use crate::components::button::Identifier;
use crate::components::chart::scale::number_in_words;
use crate::components::chart::{Chart, EnlargeButton, Series};
use crate::components::download::{csv_line, save_text};
use crate::components::facts::{Fact, Facts};
use crate::components::field::{Choice, SelectField};
use crate::components::panel::EmptyState;
use crate::components::table::FilterBox;
use crate::components::time::RelativeTime;
use crate::listed::{address_filter, filter_count, matches};
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::Navigation;
use crate::pages::run::Place;
use crate::pages::run::logs::container_of;
use crate::pages::run::metrics::measured_file::{MeasuredFile, is_shown};
use crate::query::{Loaded, Shown, list, query};
use crate::route::Location;

/// How often a run that goes on is asked what it has measured by now. Metrics are large and their service is slow.
const WHILE_IT_RUNS: Duration = Duration::from_secs(10);
/// With so many values one answer has megabytes, so it is asked for less often.
const MANY_VALUES: usize = 50_000;
const WHILE_IT_RUNS_WITH_MANY: Duration = Duration::from_secs(60);
/// What was logged last arrives a little after the run is over.
const LATE_MILLISECONDS: i64 = 60_000;
/// More metrics than a reader sees at a glance.
const MANY_METRICS: usize = 8;
/// How many pages are asked for by itself.
const MOST_PAGES: usize = 50;
/// How many rows of a table are shown.
const TABLE_ROWS: usize = 500;

/// All that it measured by now; it grows while the run goes on, and for a while after.
#[component]
pub fn MetricsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let container = StoredValue::new(container_of(run, place));
    let question = place.with_value(|place| {
        ListMetrics::of(place.workspace.clone(), place.experiment.clone(), place.run.clone())
    });
    // Until when it may still grow, in milliseconds since 1970; none while the run goes on.
    let grows_until = Memo::new(move |_| {
        run.with(|run| {
            let end = run.end_time_utc.map_or(0, |end| end.unix_milliseconds() + LATE_MILLISECONDS);
            run.status.is_finished().then_some(end)
        })
    });
    let metrics = list(move || question.clone()).refresh(move |loaded: &Loaded<RunMetric>| {
        let grows =
            grows_until.try_get_untracked().flatten().is_none_or(|end| (js_sys::Date::now() as i64) < end);
        grows.then(|| refresh_delay(loaded))
    });
    let query = metrics.query();
    let pages = StoredValue::new(1);
    Effect::new(move || {
        let has_more = query.with(|loaded| loaded.is_some_and(Loaded::has_more));
        if has_more && !query.is_loading().get() && pages.get_value() < MOST_PAGES {
            pages.update_value(|pages| *pages += 1);
            metrics.more_by_itself();
        }
    });

    let (filter, change_filter) = address_filter(navigation);
    let scale = navigation.parameter("scale");
    let logarithmic = Signal::derive(move || scale.with(|scale| scale == "log"));
    let smooth = navigation.parameter("smooth");
    let smoothing = Signal::derive(move || smooth.with(|smooth| Smoothing::named(smooth).share()));
    let chosen = navigation.parameter("metric");
    let pausable = Memo::new(move |_| grows_until.get().is_none());

    view! {
        <section class="section" aria-label="Metrics">
            <Load query=query what="the metrics" rows=4 let:loaded>
                {
                    let all = Memo::new(move |_| loaded.with(|loaded| Arc::new(RunMetric::joined(loaded.items().cloned()))));
                    let found = Memo::new(move |_| {
                        let filter = filter.get();
                        all.with(|all| Parts::of(all.iter().filter(|metric| matches(&filter, [metric.name.as_str()]))))
                    });
                    let count = Memo::new(move |_| found.with(|found| filter_count(found.len(), all.with(|all| all.len()))));
                    let has_curves = Memo::new(move |_| all.with(|all| all.iter().any(|metric| Series::of(metric).is_some())));
                    let ids = Memo::new(move |_| {
                        let of = |metric: &RunMetric| Some((metric.name.clone(), metric.metric_id.clone()?));
                        all.with(|all| all.iter().filter_map(of).collect::<Vec<_>>())
                    });
                    // Memos: what grows must not be made anew, or a table that somebody reads would close.
                    let is_empty = Memo::new(move |_| all.with(|all| all.is_empty()));
                    let none_fits = Memo::new(move |_| found.with(|found| found.len() == 0));
                    let shown = move || match (is_empty.get(), none_fits.get()) {
                        (true, _) => view! { <NoMetrics run=run/> }.into_any(),
                        (false, true) => view! {
                            <EmptyState title="None of the metrics fits the filter" text="Every word of the filter has to be in its name.">
                                <button type="button" class="button" on:click=move |_| change_filter.run(String::new())>"Clear the filter"</button>
                            </EmptyState>
                        }
                        .into_any(),
                        _ => view! { <AllMetrics parts=found ids=ids chosen=chosen logarithmic=logarithmic smoothing=smoothing container=container place=place/> }.into_any(),
                    };
                    view! {
                        <div class="toolbar">
                            <Show when=move || { all.with(|all| all.len()) > MANY_METRICS }>
                                <FilterBox value=filter on_input=change_filter count=count/>
                            </Show>
                            <Show when=move || has_curves.get()>
                                <SelectField
                                    label="Scale"
                                    value=scale
                                    choices=vec![choice("", "Linear scale"), choice("log", "Logarithmic scale")]
                                    on_change=move |scale: String| navigation.set_parameter("scale", &scale)
                                    in_toolbar=true
                                />
                                <SelectField
                                    label="Smoothing"
                                    value=smooth
                                    choices=Smoothing::ALL.map(|each| choice(each.name(), each.label())).to_vec()
                                    on_change=move |smooth: String| navigation.set_parameter("smooth", &smooth)
                                    in_toolbar=true
                                />
                            </Show>
                            <Freshness query=query pausable=pausable/>
                        </div>
                        {shown}
                        <ListFooter list=metrics noun="metrics"/>
                    }
                }
            </Load>
        </section>
    }
}

fn choice(value: &str, label: &str) -> Choice {
    Choice { value: value.to_owned(), label: label.to_owned() }
}

/// How much of the value before goes into each point of a curve.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Smoothing {
    Off,
    Some,
    Much,
}

impl Smoothing {
    const ALL: [Self; 3] = [Self::Off, Self::Some, Self::Much];

    fn name(self) -> &'static str {
        match self {
            Self::Off => "",
            Self::Some => "some",
            Self::Much => "much",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Off => "No smoothing",
            Self::Some => "Some smoothing",
            Self::Much => "Much smoothing",
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|each| each.name() == name).unwrap_or(Self::Off)
    }

    fn share(self) -> f64 {
        match self {
            Self::Off => 0.0,
            Self::Some => 0.6,
            Self::Much => 0.9,
        }
    }
}

#[component]
fn NoMetrics(run: Shown<Run>) -> impl IntoView {
    let text = move || {
        if run.with(|run| run.status.is_finished()) {
            "The script logged none. A line such as run.log(\"mae\", value), with run = Run.get_context(), makes one."
        } else {
            "They appear here as the script logs them, with run.log(\"mae\", value)."
        }
    };
    view! { <EmptyState title="No metric yet" text=Signal::derive(move || text().to_owned())/> }
}

/// The metrics by how they are shown.
#[derive(Clone, Default, PartialEq)]
struct Parts {
    /// Name and value.
    single: Vec<(String, String)>,
    curves: Vec<Series>,
    /// Those with columns.
    tables: Vec<RunMetric>,
    /// Those whose values are in a file: name, what it is, path.
    files: Vec<(String, MetricType, String)>,
}

impl Parts {
    fn of<'a>(metrics: impl Iterator<Item = &'a RunMetric>) -> Self {
        let mut parts = Self::default();
        for metric in metrics {
            if let Some(path) = metric.artifact_path() {
                parts.files.push((metric.name.clone(), metric.metric_type.clone(), path.to_owned()));
            } else if let Some(series) = Series::of(metric) {
                parts.curves.push(series);
            } else if let Some([value]) = metric.values() {
                parts.single.push((metric.name.clone(), value_in_words(value)));
            } else {
                parts.tables.push(metric.clone());
            }
        }
        parts
    }

    fn len(&self) -> usize {
        self.single.len() + self.curves.len() + self.tables.len() + self.files.len()
    }
}

/// Curves of a table: its numeric columns over the first of them, if that rises, or over the rows.
fn table_curves(metric: &RunMetric) -> Option<(String, Vec<Series>)> {
    let columns: Vec<_> = metric.cells.columns.iter().filter(|column| column.is_numeric()).collect();
    if metric.cells.rows < 2 || columns.is_empty() {
        return None;
    }
    let numbers = |index: usize| {
        columns[index].values.iter().map(|value| value.number().unwrap_or(f64::NAN)).collect::<Vec<_>>()
    };
    let first = numbers(0);
    let rises = columns.len() > 1 && first.windows(2).all(|pair| pair[0] < pair[1]);
    // Names of things along the rows make no curve.
    let has_names = columns.len() < metric.cells.columns.len();
    if !rises && has_names {
        return None;
    }
    let (along, places, from) = if rises {
        (columns[0].name.clone(), first, 1)
    } else {
        ("row".to_owned(), (0..metric.cells.rows).map(|row| row as f64).collect(), 0)
    };
    let series = (from..columns.len())
        .map(|index| Series {
            name: columns[index].name.clone(),
            points: places.iter().copied().zip(numbers(index)).collect(),
        })
        .collect();
    Some((along, series))
}

fn value_in_words(value: &CellValue) -> String {
    match value {
        CellValue::Missing => "nothing".to_owned(),
        CellValue::Number(number) => number_in_words(*number),
        CellValue::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        CellValue::Text(text) => text.clone(),
    }
}

fn kind_in_words(kind: &MetricType) -> &'static str {
    match kind {
        MetricType::Image => "Picture",
        MetricType::ConfusionMatrix => "Confusion matrix",
        MetricType::AccuracyTable => "Accuracy table",
        MetricType::Residuals => "Residuals",
        MetricType::Predictions => "Predictions",
        _ => "File",
    }
}

fn refresh_delay(loaded: &Loaded<RunMetric>) -> Duration {
    let values: usize = loaded.items().map(|metric| metric.cells.rows).sum();
    if values > MANY_VALUES { WHILE_IT_RUNS_WITH_MANY } else { WHILE_IT_RUNS }
}

/// The metrics, or the one that is looked at alone.
#[component]
fn AllMetrics(
    parts: Memo<Parts>,
    /// Names and ids.
    ids: Memo<Vec<(String, String)>>,
    chosen: Signal<String>,
    logarithmic: Signal<bool>,
    smoothing: Signal<f64>,
    container: StoredValue<ArtifactContainer>,
    place: StoredValue<Place>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let names = Memo::new(move |_| {
        parts.with(|parts| parts.curves.iter().map(|series| series.name.clone()).collect::<Vec<_>>())
    });
    let alone = Memo::new(move |_| {
        chosen.with(|chosen| names.with(|names| names.contains(chosen).then(|| chosen.clone())))
    });
    let with_metric =
        move |name: Option<&str>| navigation.location().get_untracked().with_parameter("metric", name).href();
    let series_of = move |name: String| {
        Signal::from(Memo::new(move |_| {
            parts.with(|parts| {
                parts.curves.iter().filter(|series| series.name == name).cloned().collect::<Vec<_>>()
            })
        }))
    };
    let chart = move |name: String| {
        let href = with_metric(Some(&name));
        let label = format!("{name} alone, large");
        view! {
            <Chart
                title=name.clone()
                series=series_of(name)
                logarithmic=logarithmic
                smoothing=smoothing
                actions=move || view! { <EnlargeButton href=href.clone() label=label.clone()/> }
            />
        }
    };
    let content = move || match alone.get() {
        Some(name) => Either::Left(view! {
            <p><a href=with_metric(None)>"All metrics"</a></p>
            <Chart title=name.clone() series=series_of(name.clone()) logarithmic=logarithmic smoothing=smoothing large=true/>
            <MetricFacts id=ids.with(|ids| ids.iter().find(|(other, _)| *other == name).map(|(_, id)| id.clone())) place=place/>
        }),
        None => Either::Right(view! {
            <Singles parts=parts/>
            <div class="charts">
                <For each=move || names.get() key=|name| name.clone() children=chart/>
            </div>
            <Tables parts=parts logarithmic=logarithmic/>
            <FilesOf parts=parts container=container/>
        }),
    };

    view! { <div class="stack">{content}</div> }
}

/// What the service says of one metric beside its values.
#[component]
fn MetricFacts(id: Option<String>, place: StoredValue<Place>) -> impl IntoView {
    let now = use_now();
    id.map(|metric| {
        let question = place.with_value(|place| GetMetric {
            workspace: place.workspace.clone(),
            experiment: place.experiment.clone(),
            metric,
        });
        let metric = query(move || question.clone());
        view! {
            <Load query=metric what="the metric" rows=3 let:metric>
                {
                    let kind = move || metric.with(|metric| metric.metric_type.word().to_owned());
                    let id = Signal::derive(move || metric.with(|metric| metric.metric_id.clone().unwrap_or_default()));
                    let logged = move || {
                        let time = metric.with(|metric| metric.created_utc);
                        time.map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })
                    };
                    let about = move || {
                        let text = metric.with(|metric| metric.description.clone()).filter(|text| !text.is_empty());
                        text.map(|text| view! { <Fact name="Description"><bdi>{text}</bdi></Fact> })
                    };
                    view! {
                        <Facts>
                            <Fact name="Type"><span class="code">{kind}</span></Fact>
                            {move || logged().map(|time| view! { <Fact name="First logged">{time}</Fact> })}
                            {about}
                            <Fact name="Id"><Identifier value=id/></Fact>
                        </Facts>
                    }
                }
            </Load>
        }
    })
}

/// Single values.
#[component]
fn Singles(parts: Memo<Parts>) -> impl IntoView {
    let single = Memo::new(move |_| parts.with(|parts| parts.single.clone()));
    move || {
        (!single.with(Vec::is_empty)).then(|| {
            let facts = single.get().into_iter().map(|(name, value)| {
                view! { <Fact name=name><span class="strong"><bdi>{value}</bdi></span></Fact> }
            });
            view! { <Facts>{facts.collect::<Vec<_>>()}</Facts> }
        })
    }
}

/// Tables, each with a chart where it has one.
#[component]
fn Tables(parts: Memo<Parts>, logarithmic: Signal<bool>) -> impl IntoView {
    let names = Memo::new(move |_| {
        parts.with(|parts| parts.tables.iter().map(|metric| metric.name.clone()).collect::<Vec<_>>())
    });
    let table = move |name: String| {
        let title = name.clone();
        let found = Memo::new(move |_| {
            parts.with(|parts| parts.tables.iter().find(|metric| metric.name == name).cloned())
        });
        move || {
            found
                .get()
                .map(|metric| view! { <TableOf title=title.clone() metric=metric logarithmic=logarithmic/> })
        }
    };
    view! { <For each=move || names.get() key=|name| name.clone() children=table/> }
}

#[component]
fn TableOf(title: String, metric: RunMetric, logarithmic: Signal<bool>) -> impl IntoView {
    let rows = metric.cells.rows;
    let head: Vec<_> = metric
        .cells
        .columns
        .iter()
        .map(|column| view! { <th scope="col" class:number=column.is_numeric()><bdi>{column.name.clone()}</bdi></th> })
        .collect();
    let body: Vec<_> = (0..rows.min(TABLE_ROWS))
        .map(|row| {
            let cells: Vec<_> = metric
                .cells
                .columns
                .iter()
                .map(|column| {
                    let value = &column.values[row];
                    let shown =
                        if *value == CellValue::Missing { String::new() } else { value_in_words(value) };
                    view! { <td class:number=value.number().is_some()><bdi>{shown}</bdi></td> }
                })
                .collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    let chart = table_curves(&metric).map(|(along, series)| {
        let title = title.clone();
        view! { <Chart title=title series=Signal::stored(series) along=along logarithmic=logarithmic/> }
    });
    let file = title.clone();
    let save = move |_| save_text(&format!("{file}.csv"), "text/csv", &table_csv(&metric));

    view! {
        <section class="section" aria-label=title.clone()>
            <div class="section-title">
                <h2><bdi>{title.clone()}</bdi></h2>
                <button type="button" class="button quiet small" aria-label=format!("{title} as CSV") on:click=save>"CSV"</button>
            </div>
            {chart}
            <div class="chart-table" role="region" tabindex="0" aria-label=format!("Rows of {title}")>
                <table class="table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
            </div>
            {(rows > TABLE_ROWS).then(|| view! { <p class="muted small">{format!("The first {TABLE_ROWS} of {rows} rows; the CSV has all.")}</p> })}
        </section>
    }
}

fn table_csv(metric: &RunMetric) -> String {
    let columns = &metric.cells.columns;
    let mut text = csv_line(columns.iter().map(|column| column.name.as_str()));
    for row in 0..metric.cells.rows {
        let cells: Vec<String> = columns.iter().map(|column| column.values[row].to_string()).collect();
        text.push_str(&csv_line(cells.iter().map(String::as_str)));
    }
    text
}

/// Metrics whose values are files: pictures and reports as what they are, the others as links to their files.
#[component]
fn FilesOf(parts: Memo<Parts>, container: StoredValue<ArtifactContainer>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let files = move |shown: bool| {
        Memo::new(move |_| {
            let is_wanted = |(_, kind, path): &&(String, MetricType, String)| is_shown(kind, path) == shown;
            parts.with(|parts| parts.files.iter().filter(is_wanted).cloned().collect::<Vec<_>>())
        })
    };
    let (shown, linked) = (files(true), files(false));
    let href = move |path: &str| {
        let location = navigation.location().get_untracked();
        Location::new(location.session, location.route)
            .with_parameter("tab", Some("outputs"))
            .with_parameter("file", Some(path))
            .href()
    };
    let file = move |(name, kind, path): (String, MetricType, String)| {
        let href = href(&path);
        view! { <MeasuredFile name=name kind=kind path=path href=href container=container.get_value()/> }
    };
    let link = move |(name, kind, path): (String, MetricType, String)| {
        view! {
            <tr>
                <th scope="row" class="lead"><a href=href(&path)><bdi>{name}</bdi></a></th>
                <td class="meta">{kind_in_words(&kind)}</td>
                <td class="meta fills"><bdi>{path}</bdi></td>
            </tr>
        }
    };

    view! {
        <For each=move || shown.get() key=|(name, _, path)| (name.clone(), path.clone()) children=file/>
        <Show when=move || !linked.with(Vec::is_empty)>
            <section class="section" aria-label="In files">
                <h2>"In files"</h2>
                <table class="table">
                    <tbody>
                        <For each=move || linked.get() key=|(name, _, path)| (name.clone(), path.clone()) children=link/>
                    </tbody>
                </table>
            </section>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(kind: &str, cells: &str) -> RunMetric {
        let text = format!(r#"{{"runId":"r","metricType":"azureml.v1.{kind}","name":"m","cells":{cells}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_metric_is_shown_as_what_it_is() {
        let mut picture = metric("image", "null");
        picture.data_location = Some("aml://artifactId/ExperimentRun/dcid.r/plots/p.png".to_owned());
        let all = [
            metric("scalar", r#"[{"m":6.4123}]"#),
            metric("scalar", r#"[{"m":true}]"#),
            metric("list", r#"[{"m":1},{"m":"NaN"},{"m":3}]"#),
            metric("list", r#"[{"m":"red"},{"m":"green"}]"#),
            metric("table", r#"[{"day":"Monday","mae":1}]"#),
            picture,
        ];
        let parts = Parts::of(all.iter());
        assert_eq!(parts.single, [("m".to_owned(), "6.412".to_owned()), ("m".to_owned(), "yes".to_owned())]);
        assert_eq!((parts.curves.len(), parts.tables.len()), (1, 2));
        assert!(parts.curves[0].points[1].1.is_nan());
        assert_eq!(parts.files, [("m".to_owned(), MetricType::Image, "plots/p.png".to_owned())]);
    }

    #[test]
    fn a_table_is_drawn_over_its_first_column_if_that_rises() {
        let (along, series) = table_curves(&metric("table", r#"[{"x":1,"y":5},{"x":2,"y":6}]"#)).unwrap();
        assert_eq!((along.as_str(), series.len()), ("x", 1));
        assert_eq!(&series[0].points[..], [(1.0, 5.0), (2.0, 6.0)]);
        let (along, series) = table_curves(&metric("table", r#"[{"x":2,"y":5},{"x":1,"y":6}]"#)).unwrap();
        assert_eq!((along.as_str(), series.len()), ("row", 2));
        assert!(table_curves(&metric("table", r#"[{"day":"a","y":5},{"day":"b","y":6}]"#)).is_none());
    }

    #[test]
    fn a_table_is_saved_with_its_gaps() {
        let text = table_csv(&metric("table", r#"[{"a":1,"b":"=x"},{"b":"y"}]"#));
        assert_eq!(text, "a,b\r\n1,'=x\r\n,y\r\n");
    }
}
