//! The runs of an experiment.

use std::time::Duration;

use azimuth_api::{ExperimentName, ListRuns, Run, RunFilter, RunPhase, RunStatus, WorkspaceId};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::clock::use_now;
use crate::components::badge::Tags;
use crate::components::field::{Choice, SelectField};
use crate::components::format::shorten_middle;
use crate::components::header::PageTitle;
use crate::components::panel::EmptyState;
use crate::components::rows::{Growing, Rows};
use crate::components::run_duration::RunDuration;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::sort::{Sort, SortColumn, Sorting};
use crate::components::table::{Direction, FilterBox, TableFrame};
use crate::components::time::RelativeTime;
use crate::listed::{address_filter, address_sorting, matches};
use crate::load::{Freshness, ListFooter, Load};
use crate::navigation::{Navigation, use_title};
use crate::query::{Loaded, Shared, list_until};
use crate::route::{Location, Route, WorkspaceRoute};

/// How many runs the service is asked for at a time.
const PAGE: u32 = 100;

/// How many characters of a run's name fit in its column; ids differ at their ends, so the middle goes.
const LONGEST_LABEL: usize = 44;

/// All of them, newest first, refreshed while one is unfinished.
#[component]
pub fn RunsPage(workspace: WorkspaceId, experiment: ExperimentName) -> impl IntoView {
    use_title(format!("Runs of {experiment}"));
    let navigation = expect_context::<Navigation>();
    let status = navigation.parameter("status");
    let (filter, change_filter) = address_filter(navigation);
    let sorting = address_sorting(navigation, "-created");

    let question = ListRuns { top: Some(PAGE), ..ListRuns::of(workspace.clone(), experiment.clone()) };
    let runs = list_until(
        move || ListRuns {
            filter: RunFilter {
                statuses: status.with(|status| StatusFilter::read(status).statuses),
                ..RunFilter::default()
            },
            order_by: order_by(&sorting.get()),
            ..question.clone()
        },
        |run| !run.status.is_finished(),
    )
    .refresh(|loaded| refresh_after(loaded.items(), js_sys::Date::now() as i64));
    let query = runs.query();
    // Behind a filter nobody knows whether the next page has anything to show, so it is asked for by hand.
    provide_context(Growing {
        more: Callback::new(move |()| {
            if filter.with_untracked(|filter| filter.trim().is_empty()) {
                runs.come_near_the_end();
            }
        }),
        has_more: Signal::derive(move || query.with(|loaded| loaded.is_some_and(Loaded::has_more))),
        arrangement: filter,
    });
    let pausable = Memo::new(move |_| {
        query.with(|loaded| loaded.is_some_and(|loaded| refresh_after(loaded.items(), 0).is_some()))
    });

    let title = experiment.to_string();
    let demo = navigation.location().with_untracked(|location| location.demo);
    let submit = Location::new(demo, Route::Workspace(workspace.clone(), WorkspaceRoute::Submit))
        .with_parameter("experiment", Some(experiment.as_str()))
        .href();
    let submit_first = submit.clone();
    let place = StoredValue::new((workspace, experiment));
    let toolbar = NodeRef::<html::Div>::new();
    // A button that clears goes away with the words around it; the focus goes on to what it cleared.
    let focus = move |selector: &str| {
        let field =
            toolbar.get_untracked().and_then(|toolbar| toolbar.query_selector(selector).ok().flatten());
        if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
            let _ = field.focus();
        }
    };
    let clear_filter = move |text| {
        change_filter.run(text);
        focus("input");
    };
    let change_status = move |status: String| navigation.set_parameter("status", &status);
    let clear_status = move |status| {
        change_status(status);
        focus("select");
    };
    // Beside an experiment that never had a run there is nothing to filter.
    let has_toolbar = Memo::new(move |_| {
        let is_empty = query.with(|loaded| loaded.is_some_and(has_none));
        !is_empty || status.with(|status| !StatusFilter::read(status).statuses.is_empty())
    });
    let count = Memo::new(move |_| {
        let filter = filter.get();
        query.with(|loaded| {
            loaded.map_or_else(String::new, |loaded| {
                let shown = listed(loaded).filter(|run| fits(run, &filter)).count();
                filter_words(&filter, shown, listed(loaded).count(), loaded.has_more())
            })
        })
    });

    view! {
        <div class="page">
            <PageTitle kind="Runs of" title=title>
                <a class="button primary" href=submit>"Submit a run"</a>
            </PageTitle>
            <div class="section">
                <Show when=move || has_toolbar.get()>
                    <div class="toolbar" node_ref=toolbar>
                        <FilterBox value=filter on_input=change_filter count=count/>
                        <SelectField
                            label="Status"
                            value=Signal::derive(move || status.with(|status| StatusFilter::read(status).value))
                            choices=Signal::derive(move || status.with(|status| status_choices(status)))
                            on_change=change_status
                            in_toolbar=true
                        />
                        <Freshness query=query pausable=pausable/>
                    </div>
                </Show>
                <Load query=query what="the runs" rows=8 let:loaded>
                    {
                        let submit = submit_first.clone();
                        let table = Memo::new(move |_| loaded.with(|loaded| {
                            let filter = filter.get();
                            loaded.shared().filter(|run| !run.hidden && fits(run, &filter)).collect::<Vec<_>>()
                        }));
                        let is_empty = Memo::new(move |_| loaded.with(has_none));
                        let none_fits = Memo::new(move |_| table.with(Vec::is_empty));
                        let content = move || match (is_empty.get(), none_fits.get()) {
                            (true, _) => {
                                let submit = submit.clone();
                                view! { <NoRuns status=status on_clear=clear_status submit=submit/> }.into_any()
                            }
                            (false, true) => view! { <NoneFits on_clear=clear_filter/> }.into_any(),
                            (false, false) => {
                                view! { <RunTable runs=table sorting=sorting place=place/> }.into_any()
                            }
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

/// The runs, one row each.
#[component]
fn RunTable(
    runs: Memo<Vec<Shared<Run>>>,
    sorting: Sorting,
    place: StoredValue<(WorkspaceId, ExperimentName)>,
) -> impl IntoView {
    let row = move |run| view! { <RunRow run=run place=place/> };

    view! {
        <TableFrame caption="Runs">
            <table class="table stacks">
                <thead>
                    <tr>
                        <th scope="col">"Run"</th>
                        <th scope="col">"Status"</th>
                        <SortColumn sorting=sorting column="created" label="Created" first=Direction::Descending/>
                        <th scope="col" class="number">"Duration"</th>
                        <th scope="col">"Compute"</th>
                        <th scope="col">"Submitted by"</th>
                        <th scope="col">"Tags"</th>
                    </tr>
                </thead>
                <Rows each=runs key=|run| run.run_id.clone() children=row/>
            </table>
        </TableFrame>
    }
}

#[component]
fn RunRow(run: Signal<Shared<Run>>, place: StoredValue<(WorkspaceId, ExperimentName)>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let now = use_now();
    let href = place.with_value(|(workspace, experiment)| {
        let run = run.with_untracked(|run| run.run_id.clone());
        navigation.href(Route::Workspace(workspace.clone(), WorkspaceRoute::Run(experiment.clone(), run)))
    });
    let id = run.with_untracked(|run| run.run_id.to_string());
    let label = Memo::new(move |_| {
        run.with(|run| shorten_middle(run.label().unwrap_or(run.run_id.as_str()), LONGEST_LABEL))
    });
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    // How often it changed, beside the status that counts, so that only another one does.
    let changes = Memo::new(move |known: Option<&(RunStatus, u32)>| {
        let status = status.get();
        let count = known.map_or(0, |(known, count)| count + u32::from(*known != status));
        (status, count)
    });
    let class = move || match changes.with(|(_, count)| *count) {
        0 => "run-status",
        odd if odd % 2 == 1 => "run-status changed",
        _ => "run-status changed-again",
    };
    let created = Memo::new(move |_| run.with(|run| run.created_utc));
    let compute = Memo::new(move |_| run.with(|run| run.target.clone()));
    let user = Memo::new(move |_| {
        run.with(|run| run.created_by.as_ref().and_then(|user| user.user_name.clone())).unwrap_or_default()
    });
    let tags = Memo::new(move |_| {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        run.with(|run| run.user_tags().map(owned).collect::<Vec<_>>())
    });

    view! {
        <tr>
            <th scope="row" class="lead"><a href=href title=id><bdi>{label}</bdi></a></th>
            <td class="state"><span class=class><RunStatusBadge status=status/></span></td>
            <td class="meta">
                {move || created.get().map(|time| view! { <RelativeTime unix_ms=time.unix_milliseconds() as f64 now=now/> })}
            </td>
            <td class="number" data-label="Duration"><RunDuration run=Signal::derive(move || run.with(|run| Run::clone(run))) now=now/></td>
            <td class="meta"><bdi>{compute}</bdi></td>
            <td class="meta" title=user><bdi>{move || shorten_middle(&user.get(), 24)}</bdi></td>
            <td><Tags tags=tags/></td>
        </tr>
    }
}

/// Nothing is listed: of the status that was asked for, or at all.
#[component]
fn NoRuns(status: Signal<String>, #[prop(into)] on_clear: Callback<String>, submit: String) -> impl IntoView {
    let asked = StatusFilter::read(&status.get_untracked());
    if asked.statuses.is_empty() {
        return view! {
            <EmptyState
                title="No run yet"
                text="A run is one execution of a script on a computer of the workspace. Hand in a zip and a definition, and it is listed here."
            >
                <a class="button" href=submit>"Submit a run"</a>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState
            title=format!("No run is “{}”", asked.label())
            text="The experiment may have runs in other states."
        >
            <button type="button" class="button" on:click=move |_| on_clear.run(String::new())>"Show any status"</button>
        </EmptyState>
    }
    .into_any()
}

#[component]
fn NoneFits(#[prop(into)] on_clear: Callback<String>) -> impl IntoView {
    view! {
        <EmptyState title="None of the runs fits the filter" text="Every word of the filter has to be somewhere in a row.">
            <button type="button" class="button" on:click=move |_| on_clear.run(String::new())>"Clear the filter"</button>
        </EmptyState>
    }
}

/// Those that are shown. People hide a run because the service deletes none.
fn listed(loaded: &Loaded<Run>) -> impl Iterator<Item = &Run> {
    loaded.items().filter(|run| !run.hidden)
}

/// Whether there is nothing to list, now or on a later page.
fn has_none(loaded: &Loaded<Run>) -> bool {
    !loaded.has_more() && listed(loaded).next().is_none()
}

/// Whether a filter keeps a run, by what its row shows.
fn fits(run: &Run, filter: &str) -> bool {
    let user = run.created_by.as_ref().and_then(|user| user.user_name.as_deref());
    let own = [
        run.run_id.as_str(),
        run.label().unwrap_or_default(),
        run.status.word(),
        run.status.plain(),
        run.target.as_deref().unwrap_or_default(),
        user.unwrap_or_default(),
    ];
    matches(filter, own.into_iter().chain(run.user_tags().flat_map(|(name, value)| [name, value])))
}

/// How much a filter leaves, and that it looks at nothing that is still to come.
fn filter_words(filter: &str, shown: usize, all: usize, has_more: bool) -> String {
    match (filter.trim().is_empty(), has_more) {
        (true, _) => String::new(),
        (false, false) => format!("{shown} of {all}"),
        (false, true) => format!("{shown} of the {all} loaded so far"),
    }
}

/// The service's words for an order; nothing for one that it is not asked for.
fn order_by(sort: &Sort) -> Option<String> {
    let direction = match sort.direction {
        Direction::Ascending => "asc",
        Direction::Descending => "desc",
    };
    (sort.column == "created").then(|| format!("CreatedUtc {direction}"))
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

/// Which statuses the address asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StatusFilter {
    /// As the address says it; empty for all.
    value: String,
    statuses: Vec<RunStatus>,
}

/// What `?status=` has for all that are not over.
const UNFINISHED: &str = "unfinished";

/// The service's words behind each choice. One plain word may stand for two of the service's.
const CHOICES: [&str; 11] = [
    "NotStarted,Starting",
    "Provisioning,Preparing",
    "Queued",
    "Running",
    "Finalizing",
    "CancelRequested",
    "Completed",
    "Failed",
    "Canceled",
    "NotResponding",
    "Paused",
];

impl StatusFilter {
    /// Reads `Running`, `Queued,Running` or `unfinished`; what is no word of a status asks for nothing.
    fn read(parameter: &str) -> Self {
        let is_word =
            |word: &&str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphabetic());
        let statuses =
            |text: &str| -> Vec<RunStatus> { text.split(',').filter(is_word).map(RunStatus::new).collect() };
        if parameter == UNFINISHED {
            let known = CHOICES.iter().flat_map(|choice| statuses(choice));
            // Words that have no choice of their own.
            let rare = ["Pausing", "Unapproved"].map(RunStatus::new);
            let unfinished = known.chain(rare).filter(|status| !status.is_finished()).collect();
            return Self { value: UNFINISHED.to_owned(), statuses: unfinished };
        }
        let statuses = statuses(parameter);
        let words: Vec<&str> = statuses.iter().map(RunStatus::word).collect();
        Self { value: words.join(","), statuses }
    }

    /// In plain words.
    fn label(&self) -> String {
        match (self.value.as_str(), self.statuses.as_slice()) {
            (UNFINISHED, _) => "Unfinished".to_owned(),
            (_, []) => "Any status".to_owned(),
            (value, statuses) => {
                let mut words: Vec<String> = Vec::new();
                for status in statuses {
                    // A word of its own says more than that it is on hold, and one of two more than their common one.
                    let is_alone = statuses.len() == 1 && !CHOICES.contains(&value);
                    let word = if is_alone {
                        format!("{} ({})", status.plain(), status.word())
                    } else {
                        status.plain().to_owned()
                    };
                    if !words.contains(&word) {
                        words.push(word);
                    }
                }
                words.join(", ")
            }
        }
    }
}

/// What can be chosen, with what the address asks for where that is something else.
fn status_choices(parameter: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = ["", UNFINISHED]
        .into_iter()
        .chain(CHOICES)
        .map(StatusFilter::read)
        .map(|filter| Choice { label: filter.label(), value: filter.value })
        .collect();
    let asked = StatusFilter::read(parameter);
    if !choices.iter().any(|choice| choice.value == asked.value) {
        choices.push(Choice { label: asked.label(), value: asked.value });
    }
    choices
}

#[cfg(test)]
mod tests {
    use azimuth_api::Timestamp;

    use super::*;

    const NOW: i64 = 1_579_642_200_000;

    fn run(status: &str) -> Run {
        serde_json::from_str(&format!(
            r#"{{"runId":"loaves_1","status":"{status}","createdUtc":"2020-01-01T00:00:00Z","target":"cpu-compute",
                "createdBy":{{"userName":"Ada"}},"tags":{{"_aml_system_x":"secret","team":"rye"}}}}"#
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
    fn a_filter_looks_at_what_the_row_shows() {
        for filter in ["LOAVES", "working", "Running", "cpu", "ada rye"] {
            assert!(fits(&run("Running"), filter), "{filter}");
        }
        assert!(!fits(&run("Running"), "secret"));
    }

    #[test]
    fn a_filter_says_what_it_does_not_look_at() {
        assert_eq!(filter_words(" ", 50, 50, true), "");
        assert_eq!(filter_words("rye", 3, 50, false), "3 of 50");
        assert_eq!(filter_words("rye", 3, 50, true), "3 of the 50 loaded so far");
    }

    #[test]
    fn the_order_is_asked_of_the_service() {
        let order = |text: &str| order_by(&Sort::parse(text).unwrap());
        assert_eq!(order("-created").as_deref(), Some("CreatedUtc desc"));
        assert_eq!(order("created").as_deref(), Some("CreatedUtc asc"));
        assert_eq!(order("nonsense"), None);
    }

    #[test]
    fn a_status_in_the_address_is_one_word_or_several() {
        let statuses = |text: &str| StatusFilter::read(text).statuses;
        assert_eq!(statuses("Running"), [RunStatus::Running]);
        assert_eq!(statuses("Queued,Running"), [RunStatus::Queued, RunStatus::Running]);
        assert_eq!(statuses(""), []);
        let unfinished = statuses(UNFINISHED);
        assert!(unfinished.contains(&RunStatus::Queued) && !unfinished.contains(&RunStatus::Failed));
    }

    #[test]
    fn an_address_cannot_put_more_than_words_into_the_question() {
        assert_eq!(StatusFilter::read("x or Status eq y").statuses, []);
        assert_eq!(StatusFilter::read("Running,(a)").statuses, [RunStatus::Running]);
    }

    #[test]
    fn the_choices_have_plain_words_and_what_the_address_asks_for() {
        let labels: Vec<String> = status_choices("").into_iter().map(|choice| choice.label).collect();
        assert_eq!(
            labels,
            [
                "Any status",
                "Unfinished",
                "Received",
                "Getting the computer ready",
                "Waiting for a free computer",
                "Working",
                "Saving results",
                "Stopping",
                "Done",
                "Did not work",
                "Stopped",
                "Silent for a while, may come back",
                "On hold",
            ]
        );
        let last = |text: &str| status_choices(text).pop().unwrap().label;
        assert_eq!(last("Queued,Running"), "Waiting for a free computer, Working");
        assert_eq!(last("Unapproved"), "On hold (Unapproved)");
    }
}
