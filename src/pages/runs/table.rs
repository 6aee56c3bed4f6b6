//! The table of runs: its rows, its columns, and which rows are selected.

use std::collections::HashSet;

use azimuth_api::{ExperimentName, Run, RunId, RunStatus, Timestamp, WorkspaceId};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent, PointerEvent};

use crate::clock::{use_now, use_run_clock};
use crate::components::badge::Tags;
use crate::components::format::shorten_middle;
use crate::components::icon::{Icon, IconName};
use crate::components::rows::Rows;
use crate::components::run_duration::format_run_duration;
use crate::components::run_status_badge::run_status_badge;
use crate::components::sort::Sorting;
use crate::components::table::{Direction, TableFrame};
use crate::components::time::RelativeTime;
use crate::navigation::Navigation;
use crate::pages::runs::columns::{Column, Shown, WIDTHS, format_metric};
use crate::pages::runs::measured::Measured;
use crate::query::Shared;
use crate::route::{Route, WorkspaceRoute};

/// How many characters of a run's name fit in its column; ids differ at their ends, so the middle goes.
const LONGEST_LABEL: usize = 44;

/// How wide the columns of the boxes and of the names are at least.
const FIRST_COLUMNS: u32 = 36 + 200;

/// Which columns, and the way to others. A handle.
#[derive(Clone, Copy)]
pub struct Columns {
    pub list: Memo<Vec<Shown>>,
    pub change: Callback<Vec<Shown>>,
}

impl Columns {
    /// Makes a column so wide.
    fn resize(self, column: &Column, width: u32) {
        let mut list = self.list.get_untracked();
        if let Some(shown) = list.iter_mut().find(|shown| shown.column == *column) {
            shown.width = Some(width.clamp(WIDTHS.0, WIDTHS.1));
        }
        self.change.run(list);
    }
}

/// Which runs are selected. A handle.
#[derive(Clone, Copy)]
pub struct Selection {
    chosen: RwSignal<HashSet<RunId>>,
    /// Where a range begins.
    last: StoredValue<Option<RunId>>,
    shown: Memo<Vec<Shared<Run>>>,
}

impl Selection {
    /// None of these.
    pub fn new(shown: Memo<Vec<Shared<Run>>>) -> Self {
        Self { chosen: RwSignal::new(HashSet::new()), last: StoredValue::new(None), shown }
    }

    fn has(self, run: &RunId) -> bool {
        self.chosen.with(|chosen| chosen.contains(run))
    }

    /// How many.
    pub fn count(self) -> usize {
        self.chosen.with(HashSet::len)
    }

    /// In the order of the table; those that it does not show now come last.
    pub fn ids(self) -> Vec<RunId> {
        self.chosen.with(|chosen| {
            let mut ids: Vec<RunId> = self.shown.with(|shown| {
                shown.iter().map(|run| &run.run_id).filter(|id| chosen.contains(*id)).cloned().collect()
            });
            let known: HashSet<&RunId> = ids.iter().collect();
            let mut rest: Vec<RunId> = chosen.iter().filter(|id| !known.contains(id)).cloned().collect();
            rest.sort_unstable();
            ids.extend(rest);
            ids
        })
    }

    /// Those that the table shows now, in its order.
    pub fn runs(self) -> Vec<Shared<Run>> {
        self.chosen.with(|chosen| {
            self.shown
                .with(|shown| shown.iter().filter(|run| chosen.contains(&run.run_id)).cloned().collect())
        })
    }

    /// Selects a run or not any more; with `is_range` all from the last one that was pressed to this one.
    fn press(self, run: &RunId, is_range: bool) {
        let start = self.last.get_value().filter(|_| is_range);
        let range: Vec<RunId> = self.shown.with_untracked(|shown| {
            let place = |wanted: &RunId| shown.iter().position(|run| run.run_id == *wanted);
            let ends = start.as_ref().and_then(place).zip(place(run));
            let Some((one, other)) = ends else { return Vec::new() };
            shown[one.min(other)..=one.max(other)].iter().map(|run| run.run_id.clone()).collect()
        });
        self.chosen.update(|chosen| {
            if !range.is_empty() {
                chosen.extend(range);
            } else if !chosen.remove(run) {
                chosen.insert(run.clone());
            }
        });
        self.last.set_value(Some(run.clone()));
    }

    /// All that the table has, or none.
    fn press_all(self, is_on: bool) {
        let all = match is_on {
            true => self.shown.with_untracked(|shown| shown.iter().map(|run| run.run_id.clone()).collect()),
            false => HashSet::new(),
        };
        self.chosen.set(all);
    }

    /// Selects none.
    pub fn clear(self) {
        self.chosen.set(HashSet::new());
    }
}

/// The runs, one row each.
#[component]
pub fn RunTable(
    runs: Memo<Vec<Shared<Run>>>,
    columns: Columns,
    sorting: Sorting,
    selection: Selection,
    measured: Measured,
    /// When the runs came, in milliseconds since 1970.
    updated: Signal<Option<f64>>,
    place: StoredValue<(WorkspaceId, ExperimentName)>,
) -> impl IntoView {
    // While an edge is dragged, its column is as wide as this says.
    let dragged = RwSignal::new(None::<(Column, u32)>);
    let kinds = Memo::new(move |_| {
        columns.list.with(|list| list.iter().map(|shown| shown.column.clone()).collect::<Vec<_>>())
    });
    let width = move |column: &Column| {
        let dragged =
            dragged.with(|dragged| dragged.as_ref().filter(|(of, _)| of == column).map(|(_, width)| *width));
        let chosen = || {
            columns
                .list
                .with(|list| list.iter().find(|shown| shown.column == *column).and_then(|shown| shown.width))
        };
        dragged.or_else(chosen).unwrap_or_else(|| column.usual_width())
    };
    let least = move || {
        let all: u32 = kinds.with(|kinds| kinds.iter().map(&width).sum());
        format!("{}px", all + FIRST_COLUMNS)
    };
    let head = move |column: Column| {
        view! { <Head column=column columns=columns sorting=sorting width=width dragged=dragged/> }
    };
    let has_metrics = Memo::new(move |_| {
        kinds.with(|kinds| kinds.iter().any(|column| matches!(column, Column::Metric(_))))
    });
    let row = move |run| {
        view! { <RunRow run=run kinds=kinds has_metrics=has_metrics selection=selection measured=measured updated=updated place=place/> }
    };
    let has_all = Memo::new(move |_| {
        let count = selection.count();
        count > 0 && runs.with(|runs| runs.iter().all(|run| selection.has(&run.run_id)))
    });
    let has_some = Memo::new(move |_| !has_all.get() && selection.count() != 0);

    view! {
        <TableFrame caption="Runs">
            <table class="table stacks fixed" style:min-width=least>
                <thead>
                    <tr>
                        <th scope="col" class="pick">
                            <input
                                type="checkbox"
                                aria-label="Select all runs that are loaded"
                                prop:checked=has_all
                                prop:indeterminate=has_some
                                on:change:target=move |event| selection.press_all(event.target().checked())
                            />
                        </th>
                        <th scope="col">"Run"</th>
                        <For each=move || kinds.get() key=Clone::clone children=head/>
                    </tr>
                </thead>
                <Rows each=runs key=|run| run.run_id.clone() children=row/>
            </table>
        </TableFrame>
    }
}

/// The head of a column: a press sorts, and its edge makes it wider.
#[component]
fn Head(
    column: Column,
    columns: Columns,
    sorting: Sorting,
    width: impl Fn(&Column) -> u32 + Copy + Send + Sync + 'static,
    dragged: RwSignal<Option<(Column, u32)>>,
) -> impl IntoView {
    let key = column.key();
    let label = column.label().to_owned();
    let edge = format!("Width of {label}");
    let title = label.clone();
    let is_number = column.is_number();
    let first = match column {
        Column::Created | Column::Started | Column::Ended | Column::Duration | Column::Number => {
            Direction::Descending
        }
        _ => Direction::Ascending,
    };
    let column = StoredValue::new(column);
    let width = Memo::new(move |_| column.with_value(width));
    let sort = {
        let key = key.clone();
        Memo::new(move |_| sorting.direction_of(&key))
    };
    let aria_sort = move || {
        sort.get().map(|direction| match direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        })
    };
    let start = StoredValue::new(None::<(i32, u32)>);
    let drag = move |event: &PointerEvent| {
        let (from, width) = start.get_value()?;
        let width = (width as i32 + event.client_x() - from).max(0) as u32;
        Some((column.get_value(), width.clamp(WIDTHS.0, WIDTHS.1)))
    };
    let take = move |event: PointerEvent| {
        event.prevent_default();
        start.set_value(Some((event.client_x(), width.get_untracked())));
        let handle = event.current_target().and_then(|target| target.dyn_into::<Element>().ok());
        if let Some(handle) = handle {
            let _ = handle.set_pointer_capture(event.pointer_id());
        }
    };
    let pull = move |event: PointerEvent| {
        if let Some(next) = drag(&event) {
            dragged.set(Some(next));
        }
    };
    let leave = move |event: PointerEvent| {
        if let Some((column, width)) = drag(&event) {
            columns.resize(&column, width);
        }
        start.set_value(None);
        dragged.set(None);
    };
    let press = move |event: KeyboardEvent| {
        const STEP: u32 = 16;
        let width = width.get_untracked();
        let next = match event.key().as_str() {
            "ArrowLeft" => width.saturating_sub(STEP),
            "ArrowRight" => width + STEP,
            "Home" => WIDTHS.0,
            "End" => WIDTHS.1,
            _ => return,
        };
        event.prevent_default();
        column.with_value(|column| columns.resize(column, next));
    };

    view! {
        <th scope="col" class:number=is_number aria-sort=aria_sort style:width=move || format!("{}px", width.get())>
            <button type="button" class="sort" title=title on:click=move |_| sorting.press(&key, first)>
                <bdi>{label}</bdi>
                <Icon name=IconName::ArrowDown/>
            </button>
            <span
                class="edge"
                role="separator"
                tabindex="0"
                aria-orientation="vertical"
                aria-label=edge
                aria-valuemin=WIDTHS.0.to_string()
                aria-valuemax=WIDTHS.1.to_string()
                aria-valuenow=move || width.get().to_string()
                on:pointerdown=take
                on:pointermove=pull
                on:pointerup=leave
                on:pointercancel=leave
                on:keydown=press
            ></span>
        </th>
    }
}

#[component]
fn RunRow(
    run: Signal<Shared<Run>>,
    kinds: Memo<Vec<Column>>,
    has_metrics: Memo<bool>,
    selection: Selection,
    measured: Measured,
    updated: Signal<Option<f64>>,
    place: StoredValue<(WorkspaceId, ExperimentName)>,
) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let id = StoredValue::new(run.with_untracked(|run| run.run_id.clone()));
    let href = place.with_value(|(workspace, experiment)| {
        let part = WorkspaceRoute::Run(experiment.clone(), id.get_value());
        navigation.href(Route::Workspace(workspace.clone(), part))
    });
    let label = Memo::new(move |_| {
        run.with(|run| shorten_middle(run.label().unwrap_or(run.run_id.as_str()), LONGEST_LABEL))
    });
    let is_chosen = Memo::new(move |_| id.with_value(|id| selection.has(id)));
    let pick = move |is_range| id.with_value(|id| selection.press(id, is_range));
    let on_space = move |event: KeyboardEvent| {
        if event.key() == " " {
            event.prevent_default();
            pick(event.shift_key());
        }
    };
    Effect::new(move || {
        if !has_metrics.get() {
            return;
        }
        let goes_on = run.with(|run| !run.status.is_finished());
        if goes_on {
            updated.track();
        }
        measured.want(id.get_value(), goes_on);
    });
    let now = use_now();
    let status = status_of(run);
    // A run that changes is drawn anew as a whole: signals of their own for all cells would take longer than that.
    let cells = move || {
        run.with(|run| {
            kinds.with(|kinds| {
                let cells = kinds.iter().map(|column| cell(column, run, status, measured, now));
                cells.collect::<Vec<_>>()
            })
        })
    };

    view! {
        <tr class:selected=is_chosen>
            <td class="pick">
                // The link of the row is its one stop for Tab; the arrows go from it to the box.
                <input
                    type="checkbox"
                    tabindex="-1"
                    aria-label=move || format!("Select {}", label.get())
                    prop:checked=is_chosen
                    on:click=move |event: MouseEvent| pick(event.shift_key())
                />
            </td>
            <th scope="row" class="lead">
                <a href=href title=id.with_value(ToString::to_string) on:keydown=on_space><bdi>{label}</bdi></a>
            </th>
            {cells}
        </tr>
    }
}

/// What a row has in a column.
fn cell(
    column: &Column,
    run: &Shared<Run>,
    status: Memo<(RunStatus, u32)>,
    measured: Measured,
    now: Signal<f64>,
) -> AnyView {
    let moment = |time: Option<Timestamp>| {
        time.map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })
    };
    match column {
        Column::Status => {
            // Which shows for a moment that it changed.
            let class = match status.with(|(_, count)| *count) {
                0 => "run-status",
                odd if odd % 2 == 1 => "run-status changed",
                _ => "run-status changed-again",
            };
            view! { <td class="state"><span class=class>{run_status_badge(&run.status)}</span></td> }
                .into_any()
        }
        Column::Created => view! { <td class="meta">{moment(run.created_utc)}</td> }.into_any(),
        Column::Started => {
            view! { <td class="meta" data-label="Started">{moment(run.start_time_utc)}</td> }.into_any()
        }
        Column::Ended => {
            view! { <td class="meta" data-label="Ended">{moment(run.end_time_utc)}</td> }.into_any()
        }
        Column::Duration => {
            let (run, lasting) = (run.clone(), use_run_clock());
            view! {
                <td class="number" data-label="Duration">
                    <span class="nowrap">{move || format_run_duration(&run, lasting)}</span>
                </td>
            }
            .into_any()
        }
        Column::Tags => {
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            let tags: Vec<_> = run.user_tags().map(owned).collect();
            view! { <td>{(!tags.is_empty()).then(|| view! { <Tags tags=tags/> })}</td> }.into_any()
        }
        Column::Metric(name) => {
            let (id, name, label) = (run.run_id.clone(), name.clone(), name.clone());
            let number = Memo::new(move |_| measured.of(&id).map(|numbers| numbers.get(&name).copied()));
            let title = move || number.get().flatten().map(|number| number.to_string());
            let words = move || match number.get() {
                Some(Some(number)) => format_metric(number),
                Some(None) => "–".to_owned(),
                None => String::new(),
            };
            view! { <td class="number" data-label=label title=title>{words}</td> }.into_any()
        }
        column => {
            let label = matches!(column, Column::Number | Column::Kind | Column::Tag(_))
                .then(|| column.label().to_owned());
            let class = if column.is_number() { "meta number" } else { "meta" };
            let text = column.text(run, None);
            let title = text.clone();
            view! { <td class=class data-label=label title=title><bdi>{text}</bdi></td> }.into_any()
        }
    }
}

/// The status of a run, and how often it changed while somebody looked; beside the status that counts, so that only
/// another one does.
fn status_of(run: Signal<Shared<Run>>) -> Memo<(RunStatus, u32)> {
    Memo::new(move |known: Option<&(RunStatus, u32)>| {
        run.with(|run| {
            let count = known.map_or(0, |(known, count)| count + u32::from(*known != run.status));
            (run.status.clone(), count)
        })
    })
}

/// Gives the focus to the control of that name, once what was pressed is drawn again.
pub fn focus_again(within: HtmlElement, name: String) {
    request_animation_frame(move || {
        let Ok(found) = within.query_selector_all("button") else { return };
        let mut found =
            (0..found.length()).filter_map(|index| found.item(index)?.dyn_into::<HtmlElement>().ok());
        let named = found.find(|button| button.get_attribute("aria-label").as_deref() == Some(name.as_str()));
        if let Some(button) = named {
            let _ = button.focus();
        }
    });
}
