//! One run.

mod children;
mod details;
mod file_download;
mod file_failure;
mod logs;
mod metrics;
mod outputs;
mod overview;
mod progress;
mod properties;
mod steps;
mod trials;
mod usual;
mod waiting;

use azimuth_api::{
    ApiError, ExperimentName, GetRun, ListChildRuns, ListForm, ListRunEvents, ListRuns, Refusal, Run,
    RunEvent, RunFilter, RunId, RunKind, RunStatus, WorkspaceId,
};
use leptos::prelude::*;

use crate::cancel::{CancelButton, Cancellable};
use crate::client::Client;
use crate::clock::use_run_clock;
use crate::components::button::{Tab, Tabs};
use crate::components::clock_time::clock_time;
use crate::components::format::format_duration;
use crate::components::header::PageTitle;
use crate::components::panel::Hint;
use crate::components::run_status_badge::RunStatusBadge;
use crate::components::stages::{Stage, Stages};
use crate::load::{Freshness, Load};
use crate::navigation::{Navigation, use_title};
use crate::opened::is_export;
use crate::pages::run::children::ChildrenTab;
use crate::pages::run::details::DetailsTab;
use crate::pages::run::logs::LogsTab;
use crate::pages::run::metrics::MetricsTab;
use crate::pages::run::outputs::OutputsTab;
use crate::pages::run::overview::OverviewTab;
use crate::pages::run::progress::{
    RunStage, SeenStatus, StageTime, known, refresh_after, see, stages, tab_title, told, what_happens,
};
use crate::pages::run::steps::StepsGraph;
use crate::pages::run::usual::{earlier_lengths, usual_in_words};
use crate::pages::run::waiting::WhyItWaits;
use crate::parts::{self, Part, at_once, late};
use crate::query::{ListQuery, Query, Shown, list, query};
use crate::route::{Location, Route, WorkspaceRoute};
use crate::shown::{export_link, form_link};
use crate::watch::NotifyButton;

/// How it is, how far it has come, why it failed, what it is, and what it was told to do.
#[component]
pub fn RunPage(workspace: WorkspaceId, experiment: ExperimentName, run: RunId) -> impl IntoView {
    let question = GetRun { workspace: workspace.clone(), experiment: experiment.clone(), run: run.clone() };
    let run_query =
        query(move || question.clone()).refresh(|run| refresh_after(run, js_sys::Date::now() as i64));
    let id = run.to_string();
    let place = StoredValue::new(Place { workspace, experiment, run });
    let own_id = id.clone();
    let heading = Memo::new(move |_| {
        let label = run_query.with(|run| run.and_then(|run| run.label().map(str::to_owned)));
        label.unwrap_or_else(|| own_id.clone())
    });
    let title = Memo::new(move |_| run_query.with(|run| run.map(tab_title)).unwrap_or_else(|| id.clone()));
    use_title(title);

    view! {
        <div class="page">
            <PageTitle title=heading>
                <RunActions query=run_query place=place/>
            </PageTitle>
            <Load query=run_query what="the run" rows=6 let:run>
                <RunView run=run query=run_query place=place/>
            </Load>
            <NotThereYet query=run_query/>
        </div>
    }
}

/// What can be done with the run as a whole.
#[component]
fn RunActions(query: Query<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let kind = Memo::new(move |_| query.with(|run| run.map(Run::kind)));
    let status = Memo::new(move |_| query.with(|run| run.map(|run| run.status.clone())));
    let is_over =
        Memo::new(move |_| status.with(|status| status.as_ref().is_none_or(RunStatus::is_finished)));
    let is_stopping = Memo::new(move |_| status.with(|status| *status == Some(RunStatus::CancelRequested)));
    let again = place.with_value(|place| {
        let from = format!("{}/{}", place.experiment, place.run);
        let form = Location::new(navigation.session(), place.route(WorkspaceRoute::Submit));
        form.with_parameter("from", Some(&from)).href()
    });
    let export = move || {
        place.with_value(|place| {
            export_link(navigation, place.workspace.clone(), &place.experiment, Some(&place.run))
        })
    };
    let run = Signal::derive(move || {
        let Place { workspace, experiment, run } = place.get_value();
        Cancellable { workspace, experiment, run, kind: kind.get().unwrap_or(RunKind::Script) }
    });

    view! {
        // What leads others was not handed in with a definition of its own.
        <Show when=move || kind.get() == Some(RunKind::Script)>
            {form_link("button", again.clone(), "Submit again")}
        </Show>
        <Show when=move || kind.with(Option::is_some)>{export}</Show>
        <CancelButton run=run is_stopping=is_stopping is_over=is_over on_refusal=move |()| query.ask_again()/>
    }
}

/// A run that is there.
#[component]
fn RunView(run: Shown<Run>, query: Query<Run>, place: StoredValue<Place>) -> impl IntoView {
    let navigation = expect_context::<Navigation>();
    let events = list(move || place.with_value(Place::events));
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    Effect::new(move |known: Option<RunStatus>| {
        let status = status.get();
        if known.is_some_and(|known| known != status) {
            // What began with a new status has its exact time there.
            events.query().ask_again();
        }
        status
    });
    // A run never becomes one of another kind.
    let kind = untrack(|| run.with(Run::kind));
    let has_children = has_children(kind, place);
    let tab = navigation.parameter("tab");
    let part = Memo::new(move |_| {
        let part = tab.with(|tab| RunPart::named(tab));
        if part == RunPart::Children && !has_children.get() { RunPart::Overview } else { part }
    });
    let tabs = Memo::new(move |_| {
        let location = navigation.location().get();
        RunPart::ALL
            .into_iter()
            .filter(|each| *each != RunPart::Children || has_children.get())
            .map(|each| each.tab(kind, &location, part.get()))
            .collect::<Vec<_>>()
    });

    view! {
        <StatusLine run=run query=query place=place events=events/>
        <FailureOf run=run/>
        <WarningsOf run=run/>
        <Tabs label="Run" tabs=tabs/>
        {move || match part.get() {
            RunPart::Overview => view! { <OverviewTab run=run place=place/> }.into_any(),
            RunPart::Metrics => view! { <MetricsTab run=run place=place/> }.into_any(),
            RunPart::Logs => view! { <LogsTab run=run place=place/> }.into_any(),
            RunPart::Outputs => view! { <OutputsTab run=run place=place/> }.into_any(),
            RunPart::Children if kind == RunKind::Pipeline => {
                view! { <StepsGraph run=run place=place/> }.into_any()
            }
            RunPart::Children => view! { <ChildrenTab run=run place=place kind=kind/> }.into_any(),
            RunPart::Details => view! { <DetailsTab run=run place=place events=events/> }.into_any(),
        }}
    }
}

/// Whether a run has parts of its own. What leads others has by its nature; other runs are asked for.
fn has_children(kind: RunKind, place: StoredValue<Place>) -> Memo<bool> {
    if matches!(kind, RunKind::Sweep | RunKind::Pipeline) {
        return Memo::new(|_| true);
    }
    let first = place.with_value(|place| ListChildRuns { top: Some(1), ..place.children() });
    let first = query(move || first.clone());
    // Where it cannot be told, the tab is there and says so.
    Memo::new(move |_| {
        first.with(|page| page.is_some_and(|page| !page.value.is_empty()))
            || first.error().with(Option::is_some)
    })
}

/// A part of the page, `tab` in its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RunPart {
    Overview,
    Children,
    Metrics,
    Logs,
    Outputs,
    Details,
}

impl RunPart {
    const ALL: [Self; 6] =
        [Self::Overview, Self::Children, Self::Metrics, Self::Logs, Self::Outputs, Self::Details];

    fn name(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Children => "children",
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Outputs => "outputs",
            Self::Details => "details",
        }
    }

    fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|part| part.name() == name).unwrap_or(Self::Overview)
    }

    fn tab(self, kind: RunKind, location: &Location, current: Self) -> Tab {
        let label = match (self, kind) {
            (Self::Overview, _) => "Overview",
            (Self::Children, RunKind::Sweep) => "Trials",
            (Self::Children, RunKind::Pipeline) => "Steps",
            (Self::Children, _) => "Child runs",
            (Self::Metrics, _) => "Metrics",
            (Self::Logs, _) => "Logs",
            (Self::Outputs, _) => "Outputs",
            (Self::Details, _) => "Details",
        };
        let name = Some(self.name()).filter(|name| !name.is_empty());
        // What is chosen in one part means nothing in another.
        let address = Location::new(location.session, location.route.clone()).with_parameter("tab", name);
        Tab { label: label.to_owned(), href: address.href(), current: self == current }
    }
}

/// Which run it is.
#[derive(Clone)]
struct Place {
    workspace: WorkspaceId,
    experiment: ExperimentName,
    run: RunId,
}

impl Place {
    fn route(&self, part: WorkspaceRoute) -> Route {
        Route::Workspace(self.workspace.clone(), part)
    }

    fn children(&self) -> ListChildRuns {
        ListChildRuns::of(self.workspace.clone(), self.experiment.clone(), self.run.clone())
    }

    fn events(&self) -> ListRunEvents {
        ListRunEvents {
            workspace: self.workspace.clone(),
            experiment: self.experiment.clone(),
            run: self.run.clone(),
            next: None,
        }
    }

    /// The runs of its experiment that are done, as many as make a habit.
    fn done_before(&self) -> ListRuns {
        ListRuns {
            filter: RunFilter { statuses: vec![RunStatus::Completed], ..RunFilter::default() },
            top: Some(50),
            form: ListForm::default(),
            ..ListRuns::of(self.workspace.clone(), self.experiment.clone())
        }
    }
}

/// Why a run may be missing although its address is right.
#[component]
fn NotThereYet(query: Query<Run>) -> impl IntoView {
    let is_demo = expect_context::<Client>().session().is_demo();
    let error = query.error();
    // In an export it does not appear any more.
    let is_export = is_export();
    let is_missing = Memo::new(move |_| {
        let refused =
            error.with(|error| error.as_ref().and_then(ApiError::refusal).is_some_and(is_without_run));
        refused && !is_export && !query.has_value()
    });

    view! {
        <Show when=move || is_missing.get()>
            <Hint>
                <p>"A run that was just handed in can take a few seconds to appear. Try again in a moment."</p>
                {is_demo.then(|| view! {
                    <p>"The demo begins anew each time the page is loaded, so a run handed in before that is gone."</p>
                })}
            </Hint>
        </Show>
    }
}

/// Whether the run is what is missing, and not the workspace or what holds it: those are said to be by their names.
fn is_without_run(refusal: &Refusal) -> bool {
    refusal.status == 404 && !refusal.exact_code().is_some_and(|code| code.ends_with("NotFound"))
}

/// How the run is, in words, and how far it has come.
#[component]
fn StatusLine(
    run: Shown<Run>,
    query: Query<Run>,
    place: StoredValue<Place>,
    events: ListQuery<RunEvent>,
) -> impl IntoView {
    let now = use_run_clock();
    let is_export = is_export();
    let status = Memo::new(move |_| run.with(|run| run.status.clone()));
    let updated = query.updated();
    let seen = Memo::new(move |known: Option<&Vec<SeenStatus>>| {
        let known = known.map(Vec::as_slice).unwrap_or_default();
        let at = updated.get_untracked().unwrap_or_default() as i64;
        see(known, &status.get(), at)
    });
    // Where the service gives no events, the run's own times and what the page saw have to do.
    let told = Memo::new(move |_| {
        events.query().with(|loaded| loaded.map(|loaded| told(loaded.items())).unwrap_or_default())
    });
    let seen = Memo::new(move |_| told.with(|told| seen.with(|seen| known(told, seen))));
    let sentence = Memo::new(move |_| run.with(|run| seen.with(|seen| what_happens(run, seen))));
    let stages = Memo::new(move |_| {
        // A run that is over needs no clock, only to know which day it is.
        let is_over = status.with(RunStatus::is_finished);
        let now = if is_over { now.get_untracked() } else { now.get() };
        let stages = run.with(|run| seen.with(|seen| stages(run, seen, now as i64)));
        stages.into_iter().map(|stage| shown_stage(stage, now)).collect::<Vec<_>>()
    });
    let pausable = Signal::derive(move || !status.with(RunStatus::is_finished));

    view! {
        <section class="run-line" aria-label="Status">
            <div class="stack tight">
                <div class="toolbar">
                    <span role="status"><RunStatusBadge status=status/></span>
                    // In an export nothing ends any more.
                    <Show when=move || pausable.get() && !is_export>
                        {place.with_value(|place| view! {
                            <NotifyButton workspace=place.workspace.clone() experiment=place.experiment.clone() run=place.run.clone()/>
                        })}
                    </Show>
                    <Freshness query=query pausable=pausable/>
                </div>
                <p>{sentence}</p>
                <WhyItWaits run=run place=place/>
                <Usual run=run place=place/>
            </div>
            <Stages stages=stages/>
        </section>
    }
}

/// A stage in words. Times that the page saw itself say so. An amount stays on one line with its unit.
fn shown_stage(stage: RunStage, now: f64) -> Stage {
    let time = stage.begin.map(|begin| match begin {
        StageTime::Exact(time) => clock_time(time as f64, now),
        StageTime::Seen(time) => format!("seen\u{a0}{}", clock_time(time as f64, now)),
    });
    let duration = stage.length.map(|length| {
        let words = format_duration(length.milliseconds as f64).replace(' ', "\u{a0}");
        if length.exact { words } else { format!("about\u{a0}{words}") }
    });
    Stage { plain: stage.plain.to_owned(), word: stage.word, state: stage.state, time, duration }
}

/// How long runs like it take, and how much of that is left.
#[component]
fn Usual(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let now = use_run_clock();
    let others = query(move || place.with_value(Place::done_before));
    let lengths = Memo::new(move |_| {
        others.with(|page| page.map(|page| run.with(|run| earlier_lengths(run, &page.value))))
    });
    let words = Memo::new(move |_| {
        let is_over = run.with(|run| run.status.is_finished());
        let now = if is_over { now.get_untracked() } else { now.get() };
        lengths.with(|lengths| run.with(|run| usual_in_words(lengths.as_deref()?, run, now as i64)))
    });
    move || words.get().map(|words| view! { <p class="muted">{words}</p> })
}

/// Why the run failed, in plain words and the service's own, and with what to do.
#[component]
fn FailureOf(run: Shown<Run>) -> impl IntoView {
    let failure = Memo::new(move |_| run.with(Run::failure));

    move || {
        failure.get().map(|failure| {
            let shown = move || at_once(parts::run_failure(failure.clone()));
            late(Signal::stored(Some(Part::Failures)), None, Box::new(shown))
        })
    }
}

/// What the service warned of.
#[component]
fn WarningsOf(run: Shown<Run>) -> impl IntoView {
    let warnings = Memo::new(move |_| run.with(|run| run.warnings.clone()));
    let lines = move || {
        warnings
            .get()
            .into_iter()
            .filter(|warning| !warning.message.is_empty())
            .map(|warning| {
                let source = (!warning.source.is_empty())
                    .then(|| view! { <span class="muted">" "<bdi>{warning.source}</bdi></span> });
                view! { <p><bdi>{warning.message}</bdi>{source}</p> }
            })
            .collect::<Vec<_>>()
    };

    view! {
        <Show when=move || !warnings.with(Vec::is_empty)>
            <Hint warning=true>{lines}</Hint>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_run_is_told_from_a_missing_subscription() {
        let refusal =
            |status, code: &str| Refusal { status, code: Some(code.to_owned()), ..Refusal::default() };
        assert!(is_without_run(&refusal(404, "UserError")));
        assert!(!is_without_run(&refusal(404, "SubscriptionNotFound")));
        assert!(!is_without_run(&refusal(403, "UserError")));
    }
}
