//! A chart of series: lines with a legend, values under the pointer or the arrow keys, a closer look at a part, a table
//! of the same numbers, and both to take away.

pub mod scale;

use std::sync::Arc;

use azimuth_api::{CellValue, RunMetric};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, Path2d, PointerEvent};

use crate::components::chart::scale::{
    Scale, extent, nearest, number_in_words, path, smoothed, with_room, within,
};
use crate::components::download::{csv_line, save_blob, save_text};
use crate::components::icon::{Icon, IconName};
use crate::components::on_screen::{use_size, use_was_seen};

/// A line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// Rising in the first number.
    pub points: Arc<[(f64, f64)]>,
}

impl Series {
    /// The numbers of a metric over their places in it, if there are at least two and nothing else.
    pub fn of(metric: &RunMetric) -> Option<Self> {
        let values = metric.values().filter(|values| values.len() > 1)?;
        let points: Vec<(f64, f64)> = values
            .iter()
            .enumerate()
            .map(|(step, value)| (step as f64, value.number().unwrap_or(f64::NAN)))
            .collect();
        let is_numeric = values.iter().any(|value| value.number().is_some())
            && values.iter().all(|value| matches!(value, CellValue::Number(_) | CellValue::Missing));
        is_numeric.then(|| Self { name: metric.name.clone(), points: points.into() })
    }
}

/// How many series have a colour of their own; further ones differ by their dashes.
const COLOURS: usize = 6;
const DASHES: [&str; 5] = ["", "7 3", "2 3", "9 3 2 3", "14 4"];

/// Which colour and dashes a series has.
pub fn series_class(index: usize) -> String {
    format!("series-{}", index % COLOURS + 1)
}

fn dashes(index: usize) -> &'static str {
    DASHES[index % DASHES.len()]
}

/// How many rows of the table are in the page at a time.
const TABLE_ROWS: usize = 200;

const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;

/// Everything that is drawn, in pixels.
#[derive(Clone, PartialEq)]
struct Drawing {
    x: Scale,
    y: Scale,
    x_ticks: Vec<f64>,
    y_ticks: Vec<f64>,
    /// Index of the series, its line, and the line before smoothing.
    lines: Vec<(usize, String, Option<String>)>,
    width: f64,
    height: f64,
}

/// A chart with its table.
#[component]
pub fn Chart(
    /// What it shows: its heading, and the name of the files.
    #[prop(into)]
    title: Signal<String>,
    #[prop(into)] series: Signal<Vec<Series>>,
    /// What is counted along it.
    #[prop(into, default = "step".to_owned())]
    along: String,
    #[prop(optional, into)] logarithmic: Signal<bool>,
    /// How much of the value before goes into each, from 0 to 1.
    #[prop(optional, into)]
    smoothing: Signal<f64>,
    /// Taller, with more to read.
    #[prop(optional)]
    large: bool,
    /// What stands beside the heading.
    #[prop(optional, into)]
    actions: ViewFn,
) -> impl IntoView {
    let hidden = RwSignal::new(Vec::<String>::new());
    let zoom = RwSignal::new(None::<(f64, f64)>);
    let cursor = RwSignal::new(None::<f64>);
    let as_table = RwSignal::new(false);
    let figure = NodeRef::<html::Figure>::new();
    let plot = NodeRef::<html::Div>::new();
    let is_seen = use_was_seen(figure);
    let size = use_size(plot);
    let height = if large { 380.0 } else { 200.0 };

    let drawing = Memo::new(move |_| {
        let width = size.get().0;
        (is_seen.get() && width > 80.0).then(|| {
            series.with(|series| {
                hidden.with(|hidden| {
                    draw(series, hidden, zoom.get(), logarithmic.get(), smoothing.get(), (width, height))
                })
            })
        })?
    });
    let has_several = Memo::new(move |_| series.with(|series| series.len() > 1));
    let along = StoredValue::new(along);
    let toggle = move |name: String| {
        hidden.update(|hidden| match hidden.iter().position(|known| *known == name) {
            Some(place) => drop(hidden.remove(place)),
            None => hidden.push(name),
        });
    };
    let save_table = move |_| {
        let text = series.with_untracked(|series| along.with_value(|along| csv(along, series)));
        save_text(&format!("{}.csv", title.get_untracked()), "text/csv", &text);
    };
    let save_picture = move |_| {
        if let (Some(drawing), Some(figure)) = (drawing.get_untracked(), figure.get_untracked()) {
            save_png(&format!("{}.png", title.get_untracked()), &drawing, &figure);
        }
    };
    let legend = move || {
        series.with(|series| {
            let entry = |(index, series): (usize, &Series)| {
                let (name, other) = (series.name.clone(), series.name.clone());
                let is_shown = Memo::new(move |_| hidden.with(|hidden| !hidden.contains(&name)));
                let label = other.clone();
                view! {
                    <li>
                        <button
                            type="button"
                            class=format!("key {}", series_class(index))
                            aria-pressed=move || if is_shown.get() { "true" } else { "false" }
                            on:click=move |_| toggle(other.clone())
                        >
                            <svg viewBox="0 0 22 8" aria-hidden="true"><path d="M1 4h20" stroke-dasharray=dashes(index)></path></svg>
                            <bdi>{label}</bdi>
                        </button>
                    </li>
                }
            };
            series.iter().enumerate().map(entry).collect::<Vec<_>>()
        })
    };

    // Of one line the last value is what most readers look for.
    let latest = move || {
        series.with(|series| match series.as_slice() {
            [only] => only
                .points
                .last()
                .map(|(_, value)| view! { " "<span class="muted">{number_in_words(*value)}</span> }),
            _ => None,
        })
    };

    view! {
        <figure class="chart" class:large=large node_ref=figure>
            <figcaption>
                <span class="name"><bdi>{title}</bdi>{latest}</span>
                <span class="tools">
                    <Show when=move || zoom.get().is_some() && !as_table.get()>
                        <button type="button" class="button quiet small" on:click=move |_| zoom.set(None)>"Whole"</button>
                    </Show>
                    <button
                        type="button"
                        class="button quiet small"
                        aria-pressed=move || if as_table.get() { "true" } else { "false" }
                        aria-label=move || format!("Table of {}", title.get())
                        on:click=move |_| as_table.update(|as_table| *as_table = !*as_table)
                    >
                        "Table"
                    </button>
                    <button type="button" class="button quiet small" aria-label=move || format!("{} as CSV", title.get()) on:click=save_table>
                        "CSV"
                    </button>
                    <Show when=move || !as_table.get()>
                        <button type="button" class="button quiet small" aria-label=move || format!("{} as PNG", title.get()) on:click=save_picture>
                            "PNG"
                        </button>
                    </Show>
                    {actions.run()}
                </span>
            </figcaption>
            <Show when=move || has_several.get()>
                <ul class="legend" aria-label="Lines">{legend}</ul>
            </Show>
            <div class="plot" node_ref=plot hidden=move || as_table.get()>
                <Plot drawing=drawing series=series hidden=hidden zoom=zoom cursor=cursor title=title along=along height=height/>
            </div>
            <Show when=move || as_table.get()>
                <SeriesTable series=series along=along title=title/>
            </Show>
        </figure>
    }
}

/// The lines, and what is under the pointer.
#[component]
fn Plot(
    drawing: Memo<Option<Drawing>>,
    series: Signal<Vec<Series>>,
    hidden: RwSignal<Vec<String>>,
    zoom: RwSignal<Option<(f64, f64)>>,
    cursor: RwSignal<Option<f64>>,
    title: Signal<String>,
    along: StoredValue<String>,
    height: f64,
) -> impl IntoView {
    // Where a finger or a button went down, to look closer at what it is drawn over.
    let grip = RwSignal::new(None::<f64>);
    let area = NodeRef::<html::Div>::new();
    let x_at = move |event: &PointerEvent| {
        let left = area.get_untracked()?.get_bounding_client_rect().left();
        let place = f64::from(event.client_x()) - left;
        drawing.with_untracked(|drawing| {
            let x = drawing.as_ref()?.x;
            Some(x.value(place.clamp(x.begin, x.end)))
        })
    };
    let moved = move |event: PointerEvent| cursor.set(x_at(&event));
    let pressed = move |event: PointerEvent| {
        if event.pointer_type() != "touch" && event.button() == 0 {
            grip.set(x_at(&event));
        }
    };
    let released = move |event: PointerEvent| {
        let (Some(begin), Some(end)) = (grip.get_untracked(), x_at(&event)) else { return };
        grip.set(None);
        let is_wide = drawing.with_untracked(|drawing| {
            drawing
                .as_ref()
                .is_some_and(|drawing| (drawing.x.place(begin) - drawing.x.place(end)).abs() > 6.0)
        });
        if is_wide {
            zoom.set(Some((begin.min(end), begin.max(end))));
        }
    };
    let left = move |_| {
        cursor.set(None);
        grip.set(None);
    };
    let scaled = move |factor: f64| {
        let range =
            drawing.with_untracked(|drawing| drawing.as_ref().map(|drawing| (drawing.x.from, drawing.x.to)));
        let Some((from, to)) = range else { return };
        let middle = cursor.get_untracked().unwrap_or((from + to) / 2.0);
        let whole = series.with_untracked(|series| x_extent(series, &[]));
        zoom.set(whole.and_then(|whole| zoomed(whole, (from, to), middle, factor)));
    };
    let keys = move |event: web_sys::KeyboardEvent| {
        let moved = match event.key().as_str() {
            "ArrowLeft" => step_cursor(drawing, series, hidden, cursor.get_untracked(), -1),
            "ArrowRight" => step_cursor(drawing, series, hidden, cursor.get_untracked(), 1),
            "Home" => drawing.with_untracked(|drawing| drawing.as_ref().map(|drawing| drawing.x.from)),
            "End" => drawing.with_untracked(|drawing| drawing.as_ref().map(|drawing| drawing.x.to)),
            "+" | "=" => {
                scaled(0.5);
                return event.prevent_default();
            }
            "-" => {
                scaled(2.0);
                return event.prevent_default();
            }
            "0" => return zoom.set(None),
            "Escape" => return cursor.set(None),
            _ => return,
        };
        event.prevent_default();
        cursor.set(moved);
    };
    let wheel = move |event: web_sys::WheelEvent| {
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            scaled(if event.delta_y() > 0.0 { 1.25 } else { 0.8 });
        }
    };
    // What is under the cursor: the place along, and each line's name, colour, value and place.
    let read = Memo::new(move |_| {
        let x = cursor.get()?;
        let found = series.with(|series| hidden.with(|hidden| values_at(series, hidden, x)));
        let at = found.first()?.2.0;
        Some((at, found))
    });
    let words = move || {
        read.get().map_or_else(String::new, |(at, found)| {
            let values: Vec<String> = found
                .iter()
                .map(|(_, name, (_, value))| format!("{name} {}", number_in_words(*value)))
                .collect();
            format!("{} {}: {}", along.get_value(), number_in_words(at), values.join(", "))
        })
    };
    let description = move || {
        series.with(|series| {
            let counts = series.iter().map(|series| series.points.len()).max().unwrap_or_default();
            format!("Chart of {}: {} lines, up to {counts} values. Arrows read values, + and - look closer, 0 shows all.", title.get(), series.len())
        })
    };
    let lines = move || {
        drawing.with(|drawing| {
            drawing.as_ref().map(|drawing| {
                let line = |(index, line, raw): &(usize, String, Option<String>)| {
                    let class = series_class(*index);
                    let raw = raw.clone().map(|raw| view! { <path class=format!("line raw {class}") d=raw></path> });
                    view! {
                        {raw}
                        <path class=format!("line {class}") d=line.clone() stroke-dasharray=dashes(*index)></path>
                    }
                };
                // An inner picture of the plot alone, which cuts off what lies outside of it.
                let (width, height) = (drawing.width - LEFT - RIGHT, drawing.height - TOP - BOTTOM);
                view! {
                    <svg x=LEFT y=TOP width=width height=height viewBox=format!("{LEFT} {TOP} {width} {height}")>
                        {drawing.lines.iter().map(line).collect::<Vec<_>>()}
                    </svg>
                }
            })
        })
    };
    let grid = move || {
        drawing.with(|drawing| drawing.as_ref().map(|drawing| grid_view(drawing, &along.get_value())))
    };
    let mark = move || {
        let (at, found) = read.get()?;
        drawing.with(|drawing| {
            let drawing = drawing.as_ref()?;
            let x = drawing.x.place(at);
            let dots: Vec<_> = found
                .iter()
                .filter_map(|(index, _, (at, value))| {
                    let (x, y) = (drawing.x.place(*at), drawing.y.place(*value));
                    (x.is_finite() && y.is_finite()).then(|| {
                        view! { <circle class=format!("dot {}", series_class(*index)) cx=x cy=y r="3.5"></circle> }
                    })
                })
                .collect();
            Some(view! {
                <line class="crosshair" x1=x x2=x y1=TOP y2=drawing.height - BOTTOM></line>
                {dots}
            })
        })
    };
    let selection = move || {
        let (begin, end) = (grip.get()?, cursor.get()?);
        drawing.with(|drawing| {
            let drawing = drawing.as_ref()?;
            let (one, other) = (drawing.x.place(begin), drawing.x.place(end));
            Some(view! {
                <rect class="selection" x=one.min(other) y=TOP width=(one - other).abs() height=drawing.height - TOP - BOTTOM></rect>
            })
        })
    };
    let tip = move || {
        let (at, found) = read.get()?;
        let (left, is_right) = drawing.with(|drawing| {
            let drawing = drawing.as_ref()?;
            let place = drawing.x.place(at);
            Some((place, place > drawing.width / 2.0))
        })?;
        let rows: Vec<_> = found
            .into_iter()
            .map(|(index, name, (_, value))| {
                view! {
                    <tr>
                        <th scope="row"><span class=format!("swatch {}", series_class(index))></span><bdi>{name}</bdi></th>
                        <td>{number_in_words(value)}</td>
                    </tr>
                }
            })
            .collect();
        Some(view! {
            <div class=if is_right { "tip before" } else { "tip" } style:left=format!("{left}px") aria-hidden="true">
                <p class="muted">{format!("{} {}", along.get_value(), number_in_words(at))}</p>
                <table><tbody>{rows}</tbody></table>
            </div>
        })
    };

    view! {
        <div
            class="area"
            role="application"
            tabindex="0"
            aria-label=description
            node_ref=area
            on:pointermove=moved
            on:pointerdown=pressed
            on:pointerup=released
            on:pointerleave=left
            on:dblclick=move |_| zoom.set(None)
            on:wheel=wheel
            on:keydown=keys
            on:blur=move |_| cursor.set(None)
        >
            <svg height=height width="100%" aria-hidden="true">{grid}{lines}{selection}{mark}</svg>
            {tip}
            <Show when=move || drawing.with(|drawing| drawing.as_ref().is_some_and(|drawing| drawing.lines.iter().all(|line| line.1.is_empty())))>
                <p class="nothing muted">"Nothing to draw here."</p>
            </Show>
        </div>
        <p class="visually-hidden" role="status">{words}</p>
    }
}

/// Lines and numbers behind the series.
fn grid_view(drawing: &Drawing, along: &str) -> impl IntoView + use<> {
    let (right, bottom) = (drawing.width - RIGHT, drawing.height - BOTTOM);
    let across: Vec<_> = drawing
        .y_ticks
        .iter()
        .map(|tick| {
            let y = drawing.y.place(*tick);
            view! {
                <line class="grid" x1=LEFT x2=right y1=y y2=y></line>
                <text class="tick" x=LEFT - 8.0 y=y + 4.0 text-anchor="end">{number_in_words(*tick)}</text>
            }
        })
        .collect();
    let up: Vec<_> = drawing
        .x_ticks
        .iter()
        .map(|tick| {
            let x = drawing.x.place(*tick);
            view! {
                <line class="mark" x1=x x2=x y1=bottom y2=bottom + 4.0></line>
                <text class="tick" x=x y=bottom + 17.0 text-anchor="middle">{number_in_words(*tick)}</text>
            }
        })
        .collect();
    view! {
        {across}
        <line class="axis" x1=LEFT x2=right y1=bottom y2=bottom></line>
        {up}
        <text class="tick" x=LEFT - 8.0 y=bottom + 17.0 text-anchor="end">{along.to_owned()}</text>
    }
}

/// The same numbers, a part of them at a time.
#[component]
fn SeriesTable(
    series: Signal<Vec<Series>>,
    along: StoredValue<String>,
    title: Signal<String>,
) -> impl IntoView {
    let first = RwSignal::new(0usize);
    let rows = Memo::new(move |_| series.with(|series| rows(series)));
    let count = Memo::new(move |_| rows.with(Vec::len));
    let names = move || {
        series.with(|series| {
            let head = |series: &Series| view! { <th scope="col" class="number"><bdi>{series.name.clone()}</bdi></th> };
            series.iter().map(head).collect::<Vec<_>>()
        })
    };
    let body = move || {
        let first = first.get().min(count.get().saturating_sub(1) / TABLE_ROWS * TABLE_ROWS);
        rows.with(|rows| {
            let row = |(at, values): &(f64, Vec<Option<f64>>)| {
                let cells: Vec<_> = values
                    .iter()
                    .map(|value| view! { <td class="number">{value.map(number_in_words)}</td> })
                    .collect();
                view! { <tr><th scope="row" class="number">{number_in_words(*at)}</th>{cells}</tr> }
            };
            rows.iter().skip(first).take(TABLE_ROWS).map(row).collect::<Vec<_>>()
        })
    };
    let place = move || {
        let (first, count) = (first.get(), count.get());
        format!("{} to {} of {count}", first + 1, (first + TABLE_ROWS).min(count))
    };

    view! {
        <div class="chart-table" role="region" tabindex="0" aria-label=move || format!("Values of {}", title.get())>
            <table class="table">
                <thead><tr><th scope="col" class="number">{along.get_value()}</th>{names}</tr></thead>
                <tbody>{body}</tbody>
            </table>
        </div>
        <Show when=move || { count.get() > TABLE_ROWS }>
            <div class="cluster">
                <button
                    type="button"
                    class="button small"
                    aria-disabled=move || (first.get() == 0).then_some("true")
                    on:click=move |_| first.update(|first| *first = first.saturating_sub(TABLE_ROWS))
                >
                    "Earlier"
                </button>
                <button
                    type="button"
                    class="button small"
                    aria-disabled=move || (first.get() + TABLE_ROWS >= count.get()).then_some("true")
                    on:click=move |_| first.update(|first| if *first + TABLE_ROWS < count.get_untracked() { *first += TABLE_ROWS })
                >
                    "Later"
                </button>
                <span class="muted" role="status">{place}</span>
            </div>
        </Show>
    }
}

/// A button that opens a chart alone, or closes it again.
#[component]
pub fn EnlargeButton(
    #[prop(into)] href: Signal<String>,
    /// What it opens.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <a class="button quiet small bare" href=href aria-label=label.clone() title=label>
            <Icon name=IconName::External/>
        </a>
    }
}

fn draw(
    series: &[Series],
    hidden: &[String],
    zoom: Option<(f64, f64)>,
    is_logarithmic: bool,
    smoothing: f64,
    (width, height): (f64, f64),
) -> Option<Drawing> {
    let (from, to) = zoom.or_else(|| x_extent(series, hidden))?;
    let shown = || series.iter().enumerate().filter(|(_, series)| !hidden.contains(&series.name));
    let seen = shown().flat_map(|(_, series)| {
        let points = series.points.iter();
        points.filter(|(x, _)| (from..=to).contains(x))
    });
    // What is smooth lags behind, so it may come into a part that its values have left.
    let smooth: Vec<Vec<(f64, f64)>> = match smoothing > 0.0 {
        true => shown().map(|(_, series)| smoothed(&series.points, smoothing)).collect(),
        false => Vec::new(),
    };
    let seen_smooth = smooth.iter().flatten().filter(|(x, _)| (from..=to).contains(x));
    let range = extent(seen.chain(seen_smooth), is_logarithmic).unwrap_or((1.0, 1.0));
    let (least, most) = with_room(range, is_logarithmic);
    let (from, to) = if from < to { (from, to) } else { (from - 0.5, to + 0.5) };
    let x = Scale { from, to, begin: LEFT, end: width - RIGHT, is_logarithmic: false };
    let y = Scale { from: least, to: most, begin: height - BOTTOM, end: TOP, is_logarithmic };
    let lines = shown()
        .enumerate()
        .map(|(place, (index, series))| {
            let raw = path(within(&series.points, from, to), &x, &y);
            match smooth.get(place) {
                Some(smooth) => (index, path(within(smooth, from, to), &x, &y), Some(raw)),
                None => (index, raw, None),
            }
        })
        .collect();
    let x_ticks = x.ticks(((width / 90.0) as usize).max(2));
    let y_ticks = y.ticks(((height / 36.0) as usize).max(3));
    Some(Drawing { x, y, x_ticks, y_ticks, lines, width, height })
}

/// From where to where the series go.
fn x_extent(series: &[Series], hidden: &[String]) -> Option<(f64, f64)> {
    let shown = series.iter().filter(|series| !hidden.contains(&series.name));
    let ends = shown.filter_map(|series| Some((series.points.first()?.0, series.points.last()?.0)));
    ends.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
}

/// A closer or a wider look around a place; nothing where that is the whole.
fn zoomed(whole: (f64, f64), (from, to): (f64, f64), middle: f64, factor: f64) -> Option<(f64, f64)> {
    let range =
        ((middle - (middle - from) * factor).max(whole.0), (middle + (to - middle) * factor).min(whole.1));
    (range.0 > whole.0 || range.1 < whole.1).then_some(range).filter(|range| range.0 < range.1)
}

/// Index, name, and the point that is nearest to a place, of each line that is shown.
fn values_at(series: &[Series], hidden: &[String], x: f64) -> Vec<(usize, String, (f64, f64))> {
    let shown = series.iter().enumerate().filter(|(_, series)| !hidden.contains(&series.name));
    shown
        .filter_map(|(index, series)| {
            let place = nearest(&series.points, x)?;
            Some((index, series.name.clone(), series.points[place]))
        })
        .collect()
}

/// The next place with a value, one way or the other; among many a few at a time, so that a key gets somewhere.
fn step_cursor(
    drawing: Memo<Option<Drawing>>,
    series: Signal<Vec<Series>>,
    hidden: RwSignal<Vec<String>>,
    cursor: Option<f64>,
    direction: i64,
) -> Option<f64> {
    let (from, to) =
        drawing.with_untracked(|drawing| drawing.as_ref().map(|drawing| (drawing.x.from, drawing.x.to)))?;
    series.with_untracked(|series| {
        let hidden = hidden.get_untracked();
        let longest = series
            .iter()
            .filter(|series| !hidden.contains(&series.name))
            .max_by_key(|series| series.points.len())?;
        let points: Vec<_> =
            longest.points.iter().filter(|(x, _)| (from..=to).contains(x)).copied().collect();
        let Some(cursor) = cursor else { return points.first().map(|point| point.0) };
        let here = nearest(&points, cursor)? as i64;
        let step = (points.len() as i64 / 200).max(1);
        let next = (here + direction * step).clamp(0, points.len() as i64 - 1);
        points.get(next as usize).map(|point| point.0)
    })
}

/// All places along, in order, with the value that each series has there.
fn rows(series: &[Series]) -> Vec<(f64, Vec<Option<f64>>)> {
    let mut places: Vec<f64> =
        series.iter().flat_map(|series| series.points.iter().map(|point| point.0)).collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let mut next = vec![0usize; series.len()];
    places
        .into_iter()
        .map(|at| {
            let values = series.iter().zip(&mut next).map(|(series, next)| {
                let mut found = None;
                while let Some((x, value)) = series.points.get(*next).filter(|(x, _)| *x <= at) {
                    if *x == at {
                        found = Some(*value);
                    }
                    *next += 1;
                }
                found
            });
            (at, values.collect())
        })
        .collect()
}

/// As a file that spreadsheets read.
fn csv(along: &str, series: &[Series]) -> String {
    let names = series.iter().map(|series| series.name.as_str());
    let mut text = csv_line(std::iter::once(along).chain(names));
    for (at, values) in rows(series) {
        let values =
            values.into_iter().map(|value| value.map_or_else(String::new, |value| value.to_string()));
        let line: Vec<String> = std::iter::once(at.to_string()).chain(values).collect();
        text.push_str(&csv_line(line.iter().map(String::as_str)));
    }
    text
}

/// Draws the same lines on a canvas, twice as fine, in the colours of the page, and saves that.
fn save_png(name: &str, drawing: &Drawing, figure: &web_sys::HtmlElement) -> Option<()> {
    const FINER: f64 = 2.0;
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((drawing.width * FINER) as u32);
    canvas.set_height((drawing.height * FINER) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    let style = window().get_computed_style(figure).ok()??;
    let colour = |name: &str| style.get_property_value(name).unwrap_or_default();
    context.scale(FINER, FINER).ok()?;
    // `light-dark()` in a token is not a colour to a canvas; the drawn elements have the colour itself.
    let of = |selector: &str, property: &str| {
        let element = figure.query_selector(selector).ok().flatten()?;
        window().get_computed_style(&element).ok()??.get_property_value(property).ok()
    };
    let background = colour("background-color");
    let background = if background.contains(", 0)") || background.is_empty() {
        document().body().and_then(|body| {
            window().get_computed_style(&body).ok()??.get_property_value("background-color").ok()
        })
    } else {
        Some(background)
    };
    context.set_fill_style_str(&background.unwrap_or_else(|| "#fff".to_owned()));
    context.fill_rect(0.0, 0.0, drawing.width, drawing.height);
    let text_colour = of("text.tick", "fill").unwrap_or_else(|| "#666".to_owned());
    let grid_colour = of("line.grid", "stroke").unwrap_or_else(|| "#ddd".to_owned());
    let (right, bottom) = (drawing.width - RIGHT, drawing.height - BOTTOM);
    context.set_font("12px system-ui, sans-serif");
    context.set_fill_style_str(&text_colour);
    context.set_stroke_style_str(&grid_colour);
    for tick in &drawing.y_ticks {
        let y = drawing.y.place(*tick);
        context.begin_path();
        context.move_to(LEFT, y);
        context.line_to(right, y);
        context.stroke();
        context.set_text_align("right");
        context.fill_text(&number_in_words(*tick), LEFT - 8.0, y + 4.0).ok()?;
    }
    context.set_text_align("center");
    for tick in &drawing.x_ticks {
        context.fill_text(&number_in_words(*tick), drawing.x.place(*tick), bottom + 17.0).ok()?;
    }
    context.begin_path();
    context.rect(LEFT, TOP, right - LEFT, bottom - TOP);
    context.clip();
    context.set_line_width(1.75);
    for (index, line, _) in &drawing.lines {
        let class = series_class(*index);
        let stroke = of(&format!("path.line.{class}"), "stroke").unwrap_or_else(|| "#06c".to_owned());
        context.set_stroke_style_str(&stroke);
        let pattern = js_sys::Array::new();
        for length in dashes(*index).split_whitespace().filter_map(|length| length.parse::<f64>().ok()) {
            pattern.push(&length.into());
        }
        context.set_line_dash(&pattern).ok()?;
        context.stroke_with_path(&Path2d::new_with_path_string(line).ok()?);
    }
    let name = name.to_owned();
    let save = Closure::once_into_js(move |blob: web_sys::Blob| save_blob(&name, &blob));
    canvas.to_blob(save.unchecked_ref()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, points: &[(f64, f64)]) -> Series {
        Series { name: name.to_owned(), points: points.into() }
    }

    #[test]
    fn a_table_has_a_row_for_every_place_and_gaps_where_a_series_has_none() {
        let all = [series("a", &[(1.0, 10.0), (2.0, 20.0)]), series("b", &[(2.0, 5.0), (3.0, 6.0)])];
        assert_eq!(
            rows(&all),
            [(1.0, vec![Some(10.0), None]), (2.0, vec![Some(20.0), Some(5.0)]), (3.0, vec![None, Some(6.0)])]
        );
        assert_eq!(csv("step", &all), "step,a,b\r\n1,10,\r\n2,20,5\r\n3,,6\r\n");
    }

    #[test]
    fn a_closer_look_stays_inside_and_ends_at_the_whole() {
        let whole = (0.0, 100.0);
        assert_eq!(zoomed(whole, whole, 50.0, 0.5), Some((25.0, 75.0)));
        assert_eq!(zoomed(whole, whole, 0.0, 0.5), Some((0.0, 50.0)));
        assert_eq!(zoomed(whole, (25.0, 75.0), 50.0, 2.0), None);
    }

    #[test]
    fn a_hidden_line_is_not_drawn_and_leaves_room_for_the_others() {
        let all = [series("a", &[(0.0, 1.0), (1.0, 2.0)]), series("b", &[(0.0, 1_000.0), (1.0, 2_000.0)])];
        let drawing = draw(&all, &["b".to_owned()], None, false, 0.0, (400.0, 200.0)).unwrap();
        assert_eq!(drawing.lines.iter().map(|line| line.0).collect::<Vec<_>>(), [0]);
        assert!(drawing.y.to < 3.0);
    }

    #[test]
    fn values_under_the_cursor_are_those_of_the_nearest_points() {
        let all = [series("a", &[(0.0, 1.0), (10.0, 2.0)]), series("b", &[])];
        assert_eq!(values_at(&all, &[], 7.0), [(0, "a".to_owned(), (10.0, 2.0))]);
    }
}
