//! The runs of an experiment.

mod about;
mod bar;
mod columns;
mod filters;
mod measured;
mod table;
mod words;

use std::time::Duration;

use azimuth_api::{
    ApiError, ExperimentName, ListRuns, Run, RunFilter, RunId, RunPhase, RunStatus, WorkspaceId,
};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::cancel::{CancelSeveral, Cancellable};
use crate::changes::forms::read_only_reason;
use crate::components::button::CopyButton;
use crate::components::download::{csv_line, save_text};
use crate::components::format::format_count;
use crate::components::header::PageTitle;
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{EmptyState, Hint};
use crate::components::rows::Growing;
use crate::components::sort::{Sort, arranged};
use crate::components::table::{Direction, FilterBox};
use crate::kept::{choose_columns, chosen_columns};
use crate::listed::address_sorting;
use crate::load::{ApiErrorPanel, Freshness, ListFooter, Load};
use crate::navigation::{Navigation, use_title};
use crate::pages::runs::about::AboutExperiment;
use crate::pages::runs::bar::{Chips, ColumnMenu, ComputeMenu, MoreMenu, StatusMenu};
use crate::pages::runs::columns::{Column, Shown};
use crate::pages::runs::filters::{Filters, PARAMETERS};
use crate::pages::runs::measured::Measured;
use crate::pages::runs::table::{Columns, RunTable, Selection};
use crate::query::{ListQuery, Loaded, Shared, list_watched};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::{export_link, form_link};

/// How many runs the service is asked for at a time: some 200 kB, so that the first rows are there soon.
const PAGE: u32 = 100;

/// How many pages "Load 1,000 more" asks for.
const PAGES_AT_ONCE: usize = 10;

/// As many runs can be compared.
const COMPARED: std::ops::RangeInclusive<usize> = 2..=10;

/// All of them, newest first, refreshed while one is unfinished.
#[component]
pub fn RunsPage(workspace: WorkspaceId, experiment: ExperimentName) -> impl IntoView {
    use_title(format!("Runs of {experiment}"));
    let navigation = expect_context::<Navigation>();
    let filters = Memo::new(move |_| {
        navigation.location().with(|location| Filters::read(location, js_sys::Date::now() as i64))
    });
    // A moment that lies some hours back moves on with every look at the clock; the question is asked once.
    let asked = {
        let address = Memo::new(move |_| {
            let text =
                |name| navigation.location().with(|location| location.parameter(name).map(str::to_owned));
            ["status", "compute", "tag", "after", "before", "here"].map(text)
        });
        Memo::new(move |_| {
            // Read, and not only tracked: what nobody reads is never made, and so never told of anything.
            address.with(|_| filters.with_untracked(Filters::asked))
        })
    };
    let sorting = address_sorting(navigation, "-created");
    let table_name = format!("{}/{experiment}", workspace.segments().join("/"));
    let columns = address_columns(navigation, table_name);
    let asks_for = Memo::new(move |_| order_by(&sorting.get()));

    let question = ListRuns { top: Some(PAGE), ..ListRuns::of(workspace.clone(), experiment.clone()) };
    let runs = list_watched(
        move || ListRuns { filter: asked.get(), order_by: asks_for.get(), ..question.clone() },
        |run| !run.status.is_finished(),
        |list, ids| {
            let runs: Vec<RunId> = ids.iter().map(|id| RunId::from(id.as_str())).collect();
            ListRuns {
                top: Some(ids.len() as u32),
                filter: RunFilter { runs, ..list.filter.clone() },
                next: None,
                ..list.clone()
            }
        },
    )
    .refresh(|loaded| refresh_after(loaded.items(), js_sys::Date::now() as i64));
    let query = runs.query();
    let place = StoredValue::new((workspace.clone(), experiment.clone()));
    let measured = Measured::new(place);
    let has_more = Memo::new(move |_| query.with(|loaded| loaded.is_some_and(Loaded::has_more)));
    let local_sort = Memo::new(move |_| local_sort(&sorting.get()));
    let shown = Memo::new(move |_| {
        let fitting: Vec<Shared<Run>> = query.with(|loaded| {
            let Some(loaded) = loaded else { return Vec::new() };
            filters.with(|filters| loaded.shared().filter(|run| filters.fits(run)).collect())
        });
        match local_sort.get() {
            Some((column, sort)) => arranged(fitting.iter(), &sort, |run, _| {
                column.sort_key(run, measured.of(&run.run_id).as_deref())
            }),
            None => fitting,
        }
    });
    let selection = Selection::new(shown);
    // What is looked at on this page alone finds nothing beyond what is loaded.
    let only_here = Memo::new(move |_| {
        let mut words: Vec<String> =
            filters.with(|filters| filters.only_here().into_iter().map(str::to_owned).collect());
        if let Some((column, _)) = local_sort.get() {
            words.push(format!("the order by {}", column.label().to_lowercase()));
        }
        words
    });
    let tops = RwSignal::new(0);
    let arrived = RwSignal::new(0);
    provide_context(Growing {
        more: Callback::new(move |()| {
            if only_here.with_untracked(Vec::is_empty) {
                runs.more_by_itself();
            }
        }),
        has_more: has_more.into(),
        arrangement: Signal::derive(move || {
            format!(
                "{} {} {}",
                sorting.get().text(),
                filters.with(|filters| filters.text.clone()),
                tops.get()
            )
        }),
        arrived,
    });
    let pausable = Memo::new(move |_| {
        query.with(|loaded| loaded.is_some_and(|loaded| refresh_after(loaded.items(), 0).is_some()))
    });

    let title = experiment.to_string();
    let session = navigation.location().with_untracked(|location| location.session);
    let submit = Location::new(session, Route::Workspace(workspace.clone(), WorkspaceRoute::Submit))
        .with_parameter("experiment", Some(experiment.as_str()))
        .href();
    let export = export_link(navigation, workspace.clone(), &experiment, None);
    let submit_first = StoredValue::new(submit.clone());
    let toolbar = NodeRef::<html::Div>::new();
    // What clears a filter goes away with it; the focus goes on in the box.
    let focus_box = move || {
        let field =
            toolbar.get_untracked().and_then(|toolbar| toolbar.query_selector("input").ok().flatten());
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    };
    let clear_all = Callback::new(move |()| {
        let location = navigation.location().get_untracked();
        navigation.replace(
            &PARAMETERS.into_iter().fold(location, |location, name| location.with_parameter(name, None)),
        );
        focus_box();
    });
    let clear = Callback::new(move |(parameter, value): (&'static str, String)| {
        navigation.set_parameter(parameter, &value);
        focus_box();
    });
    let is_empty = Memo::new(move |_| {
        query.with(|loaded| {
            loaded.is_some_and(|loaded| !loaded.has_more() && loaded.items().all(|run| run.hidden))
        })
    });
    let is_filtered = Memo::new(move |_| filters.with(|filters| !filters.is_empty()));
    // Beside an experiment that never had a run there is nothing to filter.
    let has_toolbar = Memo::new(move |_| !is_empty.get() || is_filtered.get());
    let count = Memo::new(move |_| {
        let is_narrowed = filters.with(|filters| !filters.only_here().is_empty());
        let loaded =
            query.with(|loaded| loaded.map_or(0, |loaded| loaded.items().filter(|run| !run.hidden).count()));
        if is_narrowed { count_words(shown.with(Vec::len), loaded, has_more.get()) } else { String::new() }
    });
    let refused = Memo::new(move |_| {
        let is_refused = query.error().with(|error| error.as_ref().is_some_and(is_about_the_question));
        is_refused && !query.has_value() && asked.with(|asked| *asked != RunFilter::default())
    });
    let name = StoredValue::new(experiment);
    let save = move || {
        let chosen = selection.count() > 0;
        let ids = if chosen { selection.ids() } else { Vec::new() };
        let text = shown.with_untracked(|shown| {
            let rows = shown.iter().filter(|run| !chosen || ids.contains(&run.run_id));
            columns.list.with_untracked(|columns| csv(rows, columns, measured))
        });
        save_text(&format!("{}.csv", name.get_value()), "text/csv", &text);
    };

    view! {
        <div class="page">
            <PageTitle kind="Runs of" title=title>
                {export}
                {form_link("button primary", submit, "Submit a run")}
            </PageTitle>
            {place.with_value(|(workspace, experiment)| view! { <AboutExperiment workspace=workspace.clone() experiment=experiment.clone()/> })}
            <div class="section">
                <Show when=move || has_toolbar.get()>
                    <div class="toolbar" node_ref=toolbar>
                        <FilterBox
                            value=Signal::derive(move || filters.with(|filters| filters.text.clone()))
                            on_input=move |text: String| navigation.set_parameter("filter", &text)
                            count=count
                        />
                        <StatusMenu filters=filters/>
                        <ComputeMenu filters=filters loaded=query/>
                        <MoreMenu filters=filters/>
                        <ColumnMenu columns=columns measured=measured loaded=query/>
                        <button type="button" class="button" title="What is loaded and shown, or what is selected, as a file" on:click=move |_| save()>
                            <Icon name=IconName::Download/>
                            "CSV"
                        </button>
                        <Freshness query=query pausable=pausable/>
                    </div>
                    <Chips filters=filters on_clear=clear on_clear_all=clear_all/>
                </Show>
                <Show when=move || refused.get()>
                    <Hint warning=true>
                        <p>"The service does not take this filter. It can be applied on this page to what is loaded."</p>
                        <div><button type="button" class="button small" on:click=move |_| navigation.set_parameter("here", "1")>"Filter on this page"</button></div>
                    </Hint>
                </Show>
                <LookedAtHere words=only_here has_more=has_more runs=runs/>
                <SelectionBar selection=selection place=place/>
                {move || measured.error().get().map(|error| view! {
                    <ApiErrorPanel error=error what="load the metrics" inline=true on_retry=Callback::new(move |()| measured.try_again())/>
                })}
                <Load query=query what="the runs" rows=8 let:loaded>
                    {
                        let _ = loaded;
                        let none_fits = Memo::new(move |_| shown.with(Vec::is_empty));
                        let updated = query.updated();
                        let content = move || match (is_empty.get() && !is_filtered.get(), none_fits.get()) {
                            (true, _) => view! { <NoRuns submit=submit_first.get_value()/> }.into_any(),
                            (false, true) => view! { <NoneFits has_more=has_more on_clear=clear_all/> }.into_any(),
                            (false, false) => view! {
                                <div>
                                <Arrived count=arrived on_press=move || tops.update(|tops| *tops += 1)/>
                                <RunTable
                                    runs=shown
                                    columns=columns
                                    sorting=sorting
                                    selection=selection
                                    measured=measured
                                    updated=updated
                                    place=place
                                />
                                </div>
                            }
                            .into_any(),
                        };
                        view! {
                            {content}
                            <ListFooter list=runs noun="runs"/>
                        }
                    }
                </Load>
            </div>
        </div>
    }
}

/// The columns that the address has. A page without any begins with those that were chosen here before.
fn address_columns(navigation: Navigation, table: String) -> Columns {
    let parameter = navigation.parameter("columns");
    let kept = chosen_columns(&table);
    if !kept.is_empty() {
        Effect::new(move |is_done: Option<bool>| {
            if is_done.is_none() && parameter.with_untracked(String::is_empty) {
                navigation.set_parameter("columns", &kept);
            }
            true
        });
    }
    Columns {
        list: Memo::new(move |_| parameter.with(|text| columns::read(text))),
        change: Callback::new(move |list: Vec<Shown>| {
            let text = columns::text(&list);
            choose_columns(&table, &text);
            navigation.set_parameter("columns", &text);
        }),
    }
}

/// Says what looks only at what is loaded, and loads more of it.
#[component]
fn LookedAtHere(words: Memo<Vec<String>>, has_more: Memo<bool>, runs: ListQuery<Run>) -> impl IntoView {
    let loaded = move || runs.query().with(|loaded| loaded.map_or(0, Loaded::len));
    let sentence = move || {
        let words = words.with(|words| words.join(", "));
        format!("Only the {} runs that are loaded are looked at for {words}.", format_count(loaded()))
    };
    let growing = runs.is_growing();
    let press = move |_| {
        if growing.get_untracked() {
            runs.stop_growing();
        } else {
            runs.grow_by(PAGES_AT_ONCE);
        }
    };

    view! {
        <Show when=move || has_more.get() && !words.with(Vec::is_empty)>
            <div class="cluster">
                <span class="muted">{sentence}</span>
                <button type="button" class="button small" on:click=press>
                    {move || if growing.get() { "Stop".to_owned() } else { format!("Load {} more", format_count(PAGES_AT_ONCE * PAGE as usize)) }}
                </button>
            </div>
        </Show>
    }
}

/// How many runs are selected, and what can be done with them.
#[component]
fn SelectionBar(selection: Selection, place: StoredValue<(WorkspaceId, ExperimentName)>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let count = Memo::new(move |_| selection.count());
    let ids = Signal::derive(move || {
        selection.ids().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    });
    let compare = move || {
        let workspace = place.with_value(|(workspace, _)| workspace.clone());
        let mut location =
            Location::new(navigation.session(), Route::Workspace(workspace, WorkspaceRoute::Compare));
        location.query.extend(selection.ids().iter().map(|run| ("run".to_owned(), run.to_string())));
        location.href()
    };
    let is_asked = RwSignal::new(false);
    let unfinished = Signal::derive(move || {
        let (workspace, experiment) = place.get_value();
        let runs = selection.runs();
        let going =
            runs.iter().filter(|run| !run.status.is_finished() && run.status != RunStatus::CancelRequested);
        going
            .map(|run| Cancellable {
                workspace: workspace.clone(),
                experiment: experiment.clone(),
                run: run.run_id.clone(),
                kind: run.kind(),
            })
            .collect::<Vec<_>>()
    });
    let why_not = Memo::new(move |_| match unfinished.with(Vec::is_empty) {
        true => Some("Nothing that is selected can be stopped: it is over, or stopping.".to_owned()),
        false => read_only_reason().map(str::to_owned),
    });
    let compared = move || {
        if COMPARED.contains(&count.get()) {
            return view! { <a class="button small" href=compare()>"Compare"</a> }.into_any();
        }
        let reason = format!("{} to {} runs can be compared", COMPARED.start(), COMPARED.end());
        view! { <button type="button" class="button small" aria-disabled="true" title=reason>"Compare"</button> }.into_any()
    };

    view! {
        <div class="cluster selection" role="region" aria-label="Selection" hidden=move || count.get() == 0>
            <span role="status">{move || match count.get() {
                0 => String::new(),
                count => format!("{} selected", format_count(count)),
            }}</span>
            {compared}
            <CopyButton text=ids label="Copy ids"/>
            <button
                type="button"
                class="button danger small"
                aria-disabled=move || why_not.with(Option::is_some).then_some("true")
                title=move || why_not.get()
                on:click=move |_| if why_not.with_untracked(Option::is_none) { is_asked.set(true) }
            >
                "Cancel runs"
            </button>
            <button type="button" class="button quiet small" on:click=move |_| selection.clear()>"Select none"</button>
        </div>
        <CancelSeveral open=is_asked runs=unfinished/>
    }
}

/// New runs above what one looks at.
#[component]
fn Arrived(count: RwSignal<usize>, on_press: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let words = move || match count.get() {
        1 => "1 new run".to_owned(),
        count => format!("{} new runs", format_count(count)),
    };

    view! {
        <div class="arrived" role="status">
            <Show when=move || count.get() != 0>
                <button type="button" class="button small" on:click=move |_| on_press()>
                    <Icon name=IconName::ArrowDown/>
                    {words}
                </button>
            </Show>
        </div>
    }
}

/// The experiment never had a run.
#[component]
fn NoRuns(submit: String) -> impl IntoView {
    view! {
        <EmptyState
            title="No run yet"
            text="A run is one execution of a script on a computer of the workspace. Hand in a zip and a definition, and it is listed here."
        >
            {form_link("button", submit, "Submit a run")}
        </EmptyState>
    }
}

#[component]
fn NoneFits(has_more: Memo<bool>, on_clear: Callback<()>) -> impl IntoView {
    let title = move || match has_more.get() {
        true => "None of the runs that are loaded fits the filter",
        false => "None of the runs fits the filter",
    };
    view! {
        <EmptyState title=Signal::derive(move || title().to_owned()) text="All parts of the filter have to fit, and every word of its text has to be somewhere in a row.">
            <button type="button" class="button" on:click=move |_| on_clear.run(())>"Clear the filter"</button>
        </EmptyState>
    }
}

/// A file with what the table has, and with the ids.
fn csv<'a>(runs: impl Iterator<Item = &'a Shared<Run>>, columns: &[Shown], measured: Measured) -> String {
    let heads = columns.iter().map(|shown| shown.column.label());
    let mut text = csv_line(["Run", "Name"].into_iter().chain(heads));
    for run in runs {
        let numbers = measured.of(&run.run_id);
        let mut cells = vec![run.run_id.to_string(), run.label().unwrap_or_default().to_owned()];
        cells.extend(columns.iter().map(|shown| shown.column.text(run, numbers.as_deref())));
        text.push_str(&csv_line(cells.iter().map(String::as_str)));
    }
    text
}

/// How much is shown, and that nothing was looked at that is still to come.
fn count_words(shown: usize, all: usize, has_more: bool) -> String {
    let (shown, all) = (format_count(shown), format_count(all));
    if has_more { format!("{shown} of the {all} loaded so far") } else { format!("{shown} of {all}") }
}

/// Whether the service did not understand what it was asked.
fn is_about_the_question(error: &ApiError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.status == 400)
}

/// The service's words for an order; nothing for one that it is not asked for.
fn order_by(sort: &Sort) -> Option<String> {
    let direction = match sort.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    let name = columns::read(&sort.column).first()?.column.service_name()?;
    Some(format!("{name} {direction}"))
}

/// The order by a column that the service is not asked for.
fn local_sort(sort: &Sort) -> Option<(Column, Sort)> {
    let column = columns::read(&sort.column).into_iter().next()?.column;
    column.service_name().is_none().then(|| (column, sort.clone()))
}

/// When to ask for the list again: soon while something moves or is young, seldom while all that is unfinished waits.
fn refresh_after<'a>(runs: impl Iterator<Item = &'a Run>, now: i64) -> Option<Duration> {
    const SOON: Duration = Duration::from_secs(5);
    const SELDOM: Duration = Duration::from_secs(20);
    const YOUNG: i64 = 3 * 60 * 1_000;
    let waits =
        |run: &Run| matches!(run.status, RunStatus::Queued) || run.status.phase() == RunPhase::Unclear;
    let is_young = |run: &Run| run.created_utc.is_some_and(|time| now - time.unix_milliseconds() < YOUNG);
    runs.filter(|run| !run.hidden && !run.status.is_finished())
        .map(|run| if waits(run) && !is_young(run) { SELDOM } else { SOON })
        .min()
}

#[cfg(test)]
mod tests {
    use azimuth_api::Timestamp;

    use super::*;

    const NOW: i64 = 1_579_642_200_000;

    fn run(status: &str) -> Run {
        serde_json::from_str(&format!(
            r#"{{"runId":"loaves_1","status":"{status}","createdUtc":"2020-01-01T00:00:00Z"}}"#
        ))
        .unwrap()
    }

    fn seconds(runs: &[Run]) -> Option<u64> {
        refresh_after(runs.iter(), NOW).map(|delay| delay.as_secs())
    }

    #[test]
    fn polling_stops_once_every_run_has_finished() {
        assert_eq!(seconds(&[run("Completed"), run("Failed"), run("Canceled")]), None);
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[run("Completed"), run("Running")]), Some(5));
    }

    #[test]
    fn what_only_waits_is_asked_for_less_often() {
        assert_eq!(seconds(&[run("Queued"), run("NotResponding"), run("Hibernating")]), Some(20));
        assert_eq!(seconds(&[run("Queued"), run("Preparing")]), Some(5));
        let mut young = run("Queued");
        young.created_utc = Some(Timestamp::from_unix_milliseconds(NOW - 60_000));
        assert_eq!(seconds(&[young]), Some(5));
    }

    #[test]
    fn a_hidden_run_keeps_nothing_going() {
        let mut hidden = run("Running");
        hidden.hidden = true;
        assert_eq!(seconds(&[hidden]), None);
    }

    #[test]
    fn a_count_says_what_was_not_looked_at() {
        assert_eq!(count_words(3, 1_500, false), "3 of 1,500");
        assert_eq!(count_words(3, 50, true), "3 of the 50 loaded so far");
    }

    #[test]
    fn the_service_is_asked_for_the_orders_that_it_has_and_the_others_are_made_here() {
        let sort = |text: &str| Sort::parse(text).unwrap();
        assert_eq!(order_by(&sort("-created")).as_deref(), Some("CreatedUtc desc"));
        assert_eq!(order_by(&sort("started")).as_deref(), Some("StartTimeUtc asc"));
        assert_eq!(order_by(&sort("m.mae")), None);
        assert_eq!(local_sort(&sort("-created")), None);
        assert_eq!(local_sort(&sort("-m.mae")).map(|(column, _)| column.key()).as_deref(), Some("m.mae"));
        assert_eq!(local_sort(&sort("nonsense")), None);
    }
}
