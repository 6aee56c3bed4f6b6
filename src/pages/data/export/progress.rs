//! How far an export is, what came of it, and what can be done about it.

use std::time::Duration;

use leptos::prelude::*;

use crate::background::{self, Told};
use crate::clock::use_now;
use crate::components::dialog::ModalDialog;
use crate::components::facts::{Fact, Facts};
use crate::components::focus::keep_focus;
use crate::components::format::{format_bytes, format_count, format_duration, format_wait};
use crate::components::icon::{Icon, IconName};
use crate::components::panel::{EmptyState, ErrorPanel, Hint};
use crate::components::progress::ShareBar;
use crate::components::table::TableFrame;
use crate::components::time::RelativeTime;
use crate::export::selection::{Kind, Selection};
use crate::export::state::{ExportState, Failure, Finished, KindProgress, Pause, Progress};
use crate::pages::data::export::form::words;

/// What can be done about an export. A handle.
#[derive(Clone, Copy)]
pub struct Controls {
    pub pause: Callback<()>,
    /// Goes on; after all was asked, without what did not work.
    pub resume: Callback<()>,
    pub retry_failed: Callback<()>,
    /// Makes a zip of what is there.
    pub stop: Callback<()>,
    pub save: Callback<()>,
    /// Removes it from this browser.
    pub remove: Callback<()>,
}

/// An export that is not done.
#[component]
pub fn UnderWay(#[prop(into)] state: Signal<ExportState>, controls: Controls) -> impl IntoView {
    let progress = Memo::new(move |known: Option<&Option<Progress>>| match state.get() {
        ExportState::Ready(progress) | ExportState::Working(progress) | ExportState::Paused(_, progress) => {
            Some(progress)
        }
        // What was done stays to be seen while tables are made.
        _ => known.cloned().flatten(),
    });
    let stage = Memo::new(move |_| Stage::of(&state.get()));
    keep_focus(move || {
        stage.track();
        true
    });
    let is_stopping = RwSignal::new(false);
    let is_removing = RwSignal::new(false);
    let is_working = Memo::new(move |_| stage.with(|stage| *stage == Stage::Working));
    let left = move || {
        let left = progress.with(|progress| progress.as_ref().and_then(|progress| progress.left));
        left.map_or("not known yet".to_owned(), time_left)
    };
    let of = move |words: fn(&Progress) -> String| {
        Signal::derive(move || progress.with(|progress| progress.as_ref().map(words).unwrap_or_default()))
    };
    let failures = Memo::new(move |_| {
        progress.with(|progress| {
            progress.as_ref().map(|progress| (progress.failed, progress.failures.clone())).unwrap_or_default()
        })
    });
    let kinds = Memo::new(move |_| {
        progress.with(|progress| progress.as_ref().map(|progress| progress.kinds.clone()))
    });

    view! {
        <section class="section export-progress" aria-label="Export">
            <div class="section-title">
                <h2 tabindex="-1">"Export"</h2>
                <Buttons stage=stage controls=controls is_stopping=is_stopping is_removing=is_removing/>
            </div>
            <StageLine stage=stage/>
            <Bar state=state progress=progress/>
            <Facts>
                <Fact name="Begun">{move || progress.with(|progress| progress.as_ref().map(|progress| progress.started)).map(|started| {
                    let now = use_now();
                    view! { <RelativeTime unix_ms=started.unix_milliseconds() as f64 now=now/> }
                })}</Fact>
                <Fact name="Here so far">{of(|progress| format_bytes(progress.bytes))}</Fact>
                <Fact name="Requests">{of(|progress| format_count(progress.requests))}</Fact>
                <Show when=move || is_working.get()><Fact name="Time left">{left}</Fact></Show>
                <Fact name="What">{of(|progress| in_words(&progress.selection))}</Fact>
            </Facts>
            {move || kinds.get().map(|kinds| view! { <KindTable kinds=kinds/> })}
            <Failures
                count=Signal::derive(move || failures.with(|(count, _)| *count))
                failures=Signal::derive(move || failures.with(|(_, failures)| failures.clone()))
                title="What did not work so far"
            />
            <p class="muted small">"It lies in this browser’s own files, where no other site sees it, until you remove it. Signing out removes it too. You can look at other pages meanwhile; after a reload it waits here to go on."</p>
        </section>
        <ModalDialog open=is_stopping label="Stop the export?" on_close=move |()| is_stopping.set(false)>
            <p>"What is there by now becomes a zip, whose manifest says what is missing. It cannot go on afterwards."</p>
            <div class="cluster">
                <button type="button" class="button" autofocus=true on:click=move |_| is_stopping.set(false)>"Back"</button>
                <button type="button" class="button primary" on:click=move |_| { is_stopping.set(false); controls.stop.run(()); }>"Stop and make the zip"</button>
            </div>
        </ModalDialog>
        <RemoveDialog open=is_removing controls=controls text="What was taken out so far is thrown away. Nothing changes in the workspace."/>
    }
}

/// What is on, whatever the figures.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Interrupted,
    Working,
    Paused(Pause),
    Finishing,
}

impl Stage {
    fn of(state: &ExportState) -> Self {
        match state {
            ExportState::Ready(_) => Self::Interrupted,
            ExportState::Paused(why, _) => Self::Paused(why.clone()),
            ExportState::Finishing(_) => Self::Finishing,
            _ => Self::Working,
        }
    }
}

#[component]
fn Buttons(
    stage: Memo<Stage>,
    controls: Controls,
    is_stopping: RwSignal<bool>,
    is_removing: RwSignal<bool>,
) -> impl IntoView {
    let is_finishing = Memo::new(move |_| stage.with(|stage| *stage == Stage::Finishing));
    let has_failures = Memo::new(move |_| stage.with(|stage| *stage == Stage::Paused(Pause::Failures)));
    // One button for both, so that the focus stays on it.
    let goes_on = move || stage.with(|stage| *stage == Stage::Working);
    let turn = move |_| match goes_on() {
        true => controls.pause.run(()),
        false => controls.resume.run(()),
    };
    let label = move || match (goes_on(), has_failures.get()) {
        (true, _) => "Pause",
        (_, true) => "Finish without these",
        _ => "Resume",
    };

    view! {
        <div class="cluster" hidden=is_finishing>
            <Show when=move || has_failures.get()>
                <button type="button" class="button primary" on:click=move |_| controls.retry_failed.run(())>"Try the failed ones again"</button>
            </Show>
            <button type="button" class="button" class:primary=move || !goes_on() && !has_failures.get() on:click=turn>{label}</button>
            <button type="button" class="button" hidden=has_failures on:click=move |_| is_stopping.set(true)>"Stop"</button>
            <Show when=move || !goes_on()>
                <button type="button" class="button" on:click=move |_| is_removing.set(true)>"Remove from this browser"</button>
            </Show>
        </div>
    }
}

/// How it is, in words. What changes in it is read out.
#[component]
fn StageLine(stage: Memo<Stage>) -> impl IntoView {
    let now = use_now();
    let shown = move || {
        let (icon, words) = match stage.get() {
            Stage::Working => (IconName::Refresh, "Working.".to_owned()),
            Stage::Finishing => (IconName::Refresh, "All was asked. The tables and the list of contents are being made.".to_owned()),
            Stage::Interrupted => (IconName::Pause, "It was interrupted: the page was closed or loaded anew. What was finished is still here; resume to go on.".to_owned()),
            Stage::Paused(why) => (pause_icon(&why), why_paused(&why)),
        };
        view! { <p class="export-stage"><Icon name=icon/><span>{words}</span></p> }
    };
    // Outside of what is read out: it changes every second.
    let wait = move || match stage.get() {
        Stage::Paused(Pause::AskedToWait(until)) => {
            let seconds = ((until - now.get()) / 1_000.0).ceil().max(0.0);
            Some(format!("It goes on in {}.", format_wait(seconds as u32)))
        }
        _ => None,
    };

    view! {
        <div role="status">{shown}</div>
        {move || wait().map(|wait| view! { <p class="muted small">{wait}</p> })}
    }
}

fn pause_icon(why: &Pause) -> IconName {
    match why {
        Pause::Wished => IconName::Pause,
        Pause::AskedToWait(_) => IconName::Clock,
        _ => IconName::Warning,
    }
}

fn why_paused(why: &Pause) -> String {
    match why {
        Pause::Wished => "Paused.".to_owned(),
        Pause::NoNetwork => "Paused: there is no network. It goes on by itself when there is one again.".to_owned(),
        Pause::AskedToWait(_) => "Paused: the service asks to be left alone for a while. It goes on by itself.".to_owned(),
        Pause::SignedOut => "Paused: the sign-in ended. Resume asks for it, and goes on where it was.".to_owned(),
        Pause::NoRoom => "Paused: this browser has no room left for this site. Make room on this computer and resume, or stop and save what is there.".to_owned(),
        Pause::Storage(words) => format!("Paused: the browser could not use its own files. It says: {words}"),
        Pause::Failures => "All was asked. Some of it did not work: try that again, or finish without it; the manifest names what is missing.".to_owned(),
    }
}

#[component]
fn Bar(#[prop(into)] state: Signal<ExportState>, progress: Memo<Option<Progress>>) -> impl IntoView {
    let finishing = move || match state.get() {
        ExportState::Finishing(share) => Some(share),
        _ => None,
    };
    let known = move || progress.with(|progress| progress.as_ref().map(steps).unwrap_or_default());
    let share = Signal::derive(move || {
        let (done, all) = known();
        Some(finishing().unwrap_or(done as f64 / all.max(1) as f64))
    });
    let label =
        Signal::derive(move || if finishing().is_some() { "Making tables" } else { "Asked" }.to_owned());
    let amount = Signal::derive(move || match finishing() {
        Some(share) => format!("{} %", (share.clamp(0.0, 1.0) * 100.0) as u32),
        None => {
            let (done, all) = known();
            let so_far = if done == all { "" } else { " known so far" };
            format!("{} of {} steps{so_far}", format_count(done), format_count(all))
        }
    });

    view! { <ShareBar label=label amount=amount share=share/> }
}

/// What other pages say of it.
pub fn told(state: &ExportState) -> Told {
    let (stage, words, amount) = match state {
        ExportState::Working(progress) => {
            let (done, all) = steps(progress);
            (background::Stage::Going, "", format!("{} %", done * 100 / all.max(1)))
        }
        ExportState::Finishing(share) => {
            let percent = (share.clamp(0.0, 1.0) * 100.0) as u32;
            (background::Stage::Going, "making tables, ", format!("{percent} %"))
        }
        ExportState::Paused(why, _) => {
            let words = match why {
                Pause::Wished => "paused",
                Pause::NoNetwork => "paused, there is no network",
                Pause::AskedToWait(_) => "paused, the service asks to wait",
                Pause::SignedOut => "paused, the sign-in ended",
                Pause::NoRoom => "paused, this browser has no room left",
                Pause::Storage(_) => "paused, the browser could not use its files",
                Pause::Failures => "all was asked, and some of it did not work",
            };
            (background::Stage::Held, words, String::new())
        }
        ExportState::Done(_) => (background::Stage::Over, "done; the zip can be saved", String::new()),
        _ => return Told::default(),
    };
    Told { stage, words: words.to_owned(), amount }
}

/// How many steps are over, of how many that are known.
fn steps(progress: &Progress) -> (usize, usize) {
    let over: usize = progress.kinds.iter().map(|kind| kind.done + kind.failed).sum();
    let todo: usize = progress.kinds.iter().map(|kind| kind.todo).sum();
    (over, over + todo)
}

#[component]
fn KindTable(kinds: Vec<KindProgress>) -> impl IntoView {
    let rows: Vec<_> = kinds
        .iter()
        .map(|kind| {
            let (label, _) = words(kind.kind);
            view! {
                <tr>
                    <th scope="row">{label}</th>
                    <td class="number">{format_count(kind.done)}</td>
                    <td class="number">{format_count(kind.todo)}</td>
                    <td class="number" class:export-failed=kind.failed != 0>{format_count(kind.failed)}</td>
                </tr>
            }
        })
        .collect();

    view! {
        <TableFrame caption="How far each kind is">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"What"</th>
                        <th scope="col" class="number">"Done"</th>
                        <th scope="col" class="number">"To do"</th>
                        <th scope="col" class="number">"Failed"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableFrame>
    }
}

/// What could not be had: what it is, where, why and the service's code.
#[component]
fn Failures(
    #[prop(into)] count: Signal<usize>,
    #[prop(into)] failures: Signal<Vec<Failure>>,
    title: &'static str,
) -> impl IntoView {
    let has_any = Memo::new(move |_| failures.with(|failures| !failures.is_empty()));
    let shown = Memo::new(move |_| failures.get());
    let row = |failure: Failure| {
        let place = place_of(&failure);
        let code = code_of(&failure);
        view! {
            <tr>
                <th scope="row" class="lead"><bdi>{failure.id}</bdi>{place.map(|place| view! { <span class="muted small"><bdi>{place}</bdi></span> })}</th>
                <td class="meta">{failure.kind.in_words()}</td>
                <td class="export-why">{failure.why}{code.map(|code| view! { " " <span class="error-code">{code}</span> })}</td>
            </tr>
        }
    };
    let more = move || {
        let (count, shown) = (count.get(), shown.with(Vec::len));
        (count > shown).then(|| {
            format!(
                "The first {} of {}; the manifest names them all.",
                format_count(shown),
                format_count(count)
            )
        })
    };

    view! {
        <Show when=move || has_any.get()>
            <div class="section">
                <h3>{title}</h3>
                <TableFrame caption=title>
                    <table class="table stacks export-failures">
                        <thead>
                            <tr>
                                <th scope="col">"What"</th>
                                <th scope="col">"Kind"</th>
                                <th scope="col">"Why"</th>
                            </tr>
                        </thead>
                        <tbody>{move || shown.get().into_iter().map(row).collect::<Vec<_>>()}</tbody>
                    </table>
                </TableFrame>
                {move || more().map(|more| view! { <p class="muted small">{more}</p> })}
            </div>
        </Show>
    }
}

fn place_of(failure: &Failure) -> Option<String> {
    match (&failure.run, &failure.experiment) {
        (Some(run), _) if *run != failure.id => Some(run.clone()),
        (_, Some(experiment)) if *experiment != failure.id => Some(experiment.clone()),
        _ => None,
    }
}

/// "403 AuthorizationFailed".
fn code_of(failure: &Failure) -> Option<String> {
    let status = failure.status.map(|status| status.to_string());
    let parts: Vec<String> = [status, failure.code.clone()].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// An export that can be saved.
#[component]
pub fn Outcome(finished: Finished, controls: Controls) -> impl IntoView {
    let now = use_now();
    let is_removing = RwSignal::new(false);
    let missing = match (finished.missing, finished.stopped) {
        (0, false) => "Nothing: all that was wanted is in it.".to_owned(),
        (0, true) => "Whatever was not asked when it was stopped.".to_owned(),
        (1, _) => "1 thing, which its manifest names.".to_owned(),
        (count, _) => format!("{} things, which its manifest names.", format_count(count)),
    };
    let is_whole = finished.missing == 0 && !finished.stopped;
    let headline = match (finished.stopped, finished.missing) {
        (true, _) => "The export was stopped. What was there by then is in the zip.",
        (false, 0) => "The export is done.",
        (false, _) => "The export is done, without what could not be had.",
    };
    let can_retry = finished.missing != 0 && !finished.stopped;
    let failures = finished.failures.clone();
    let (count, name) = (finished.missing, finished.name.clone());

    view! {
        <section class="section export-progress" aria-label="Export">
            <div class="section-title">
                <h2 tabindex="-1">"Export"</h2>
                <div class="cluster">
                    <button type="button" class="button primary" on:click=move |_| controls.save.run(())>
                        <Icon name=IconName::Download/>
                        "Save the zip"
                    </button>
                    {can_retry.then(|| view! {
                        <button type="button" class="button" on:click=move |_| controls.retry_failed.run(())>"Try the failed ones again"</button>
                    })}
                    <button type="button" class="button" on:click=move |_| is_removing.set(true)>"Remove from this browser"</button>
                </div>
            </div>
            <div role="status">
                <p class="export-stage">
                    <Icon name=if is_whole { IconName::Check } else { IconName::Warning }/>
                    <span>{headline}</span>
                </p>
            </div>
            <Facts>
                <Fact name="File"><bdi>{name}</bdi></Fact>
                <Fact name="Size">{format_bytes(finished.size)}</Fact>
                <Fact name="Files in it">{format_count(finished.files)}</Fact>
                <Fact name="Missing">{missing}</Fact>
                <Fact name="Finished"><RelativeTime unix_ms=finished.finished now=now/></Fact>
                <Fact name="What">{in_words(&finished.selection)}</Fact>
            </Facts>
            <Failures count=count failures=failures title="What is missing"/>
            <Hint>
                <p>{format!("It takes {} of this browser’s room until you remove it or sign out. Save it first; another export of this workspace can be made once it is removed.", format_bytes(finished.size))}</p>
            </Hint>
        </section>
        <RemoveDialog open=is_removing controls=controls text="A zip that you saved stays where you saved it. Nothing changes in the workspace."/>
    }
}

#[component]
fn RemoveDialog(open: RwSignal<bool>, controls: Controls, text: &'static str) -> impl IntoView {
    view! {
        <ModalDialog open=open label="Remove the export from this browser?" on_close=move |()| open.set(false)>
            <p>{text}</p>
            <div class="cluster">
                <button type="button" class="button" autofocus=true on:click=move |_| open.set(false)>"Back"</button>
                <button type="button" class="button danger" on:click=move |_| { open.set(false); controls.remove.run(()); }>"Remove"</button>
            </div>
        </ModalDialog>
    }
}

/// Another tab works on it.
#[component]
pub fn Elsewhere() -> impl IntoView {
    view! {
        <EmptyState
            title="Another tab of this browser works on an export of this workspace"
            text="Go on there. Once that tab is closed, load this page anew to go on here."
        />
    }
}

/// There is one, and it cannot be read.
#[component]
pub fn Damaged(why: String, on_remove: Callback<()>) -> impl IntoView {
    view! {
        <ErrorPanel
            title="What was kept of an export cannot be read"
            message="The files that this browser keeps of it are damaged, or another version of the dashboard wrote them. It cannot go on or be saved; nothing changed in the workspace. Remove it to begin another one."
            details=vec![("Reason".to_owned(), why)]
        >
            <button type="button" class="button" on:click=move |_| on_remove.run(())>"Remove from this browser"</button>
        </ErrorPanel>
    }
}

fn time_left(left: Duration) -> String {
    let seconds = left.as_secs_f64();
    if seconds < 60.0 {
        "less than a minute".to_owned()
    } else {
        format!("about {}", format_duration(seconds * 1_000.0))
    }
}

/// "All kinds, 2 experiments, 1 run, without names of people".
fn in_words(selection: &Selection) -> String {
    let counted = |count: usize, one: &str, several: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{} {several}", format_count(count)),
    };
    let kinds = selection.kinds.len();
    let is_all = kinds == Kind::ALL.len();
    let mut parts = vec![if is_all { "All kinds".to_owned() } else { counted(kinds, "kind", "kinds") }];
    parts.extend(
        selection.experiments.as_ref().map(|chosen| counted(chosen.len(), "experiment", "experiments")),
    );
    parts.extend(selection.runs.as_ref().map(|chosen| counted(chosen.len(), "run", "runs")));
    parts.extend(selection.people.as_ref().map(|chosen| counted(chosen.len(), "person", "people")));
    for (is_said, words) in [
        (selection.from.is_some() || selection.to.is_some(), "a time span"),
        (selection.with_logs, "with logs"),
        (selection.with_contents, "with contents of files"),
        (selection.redacted, "without names of people"),
    ] {
        if is_said {
            parts.push(words.to_owned());
        }
    }
    parts.join(", ")
}
