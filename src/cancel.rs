//! Asking runs to stop: asked first, and "Stopping" until they are over.

use std::time::Duration;

use azimuth_api::{ExperimentName, RunCancel, RunId, RunKind, WorkspaceId};
use gloo_timers::future::sleep;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::changes::forms::{ChangeButton, ChangeRemark, RequestFold, read_only_reason};
use crate::changes::{ChangeState, Expected, Plan, Target, change};
use crate::components::dialog::ModalDialog;
use crate::components::element_id::element_id;
use crate::components::format::format_count;

/// A run that may be asked to stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Cancellable {
    /// Where.
    pub workspace: WorkspaceId,
    /// Of which experiment.
    pub experiment: ExperimentName,
    /// Which one.
    pub run: RunId,
    /// What it is, which decides whom to ask.
    pub kind: RunKind,
}

impl Cancellable {
    fn plan(&self) -> Plan {
        let Self { workspace, experiment, run, kind } = self.clone();
        let title = format!("Cancel run {run}");
        let target = Target::Run(workspace.clone(), experiment.clone(), run.clone());
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        // It may end by itself before it is stopped.
        let to = words(&["Canceled", "Completed", "Failed"]);
        let expected = Expected::Becomes { through: words(&["CancelRequested"]), to };
        let plan = match RunCancel::of(workspace, experiment, run, kind) {
            RunCancel::Script(operation) => Plan::new(title, &operation, target, expected),
            RunCancel::Sweep(operation) => Plan::new(title, &operation, target, expected),
            RunCancel::Pipeline(operation) => Plan::new(title, &operation, target, expected),
        };
        plan.long()
    }
}

/// What goes with a run that is stopped.
fn consequence(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Sweep => "Its trials are asked to stop too. What they have measured so far stays.",
        RunKind::Pipeline => "Its steps are asked to stop too. What they have written so far stays.",
        RunKind::Step => "What it has written so far stays. Steps that wait for it may not run.",
        RunKind::Script => {
            "What it has written so far stays. It cannot go on later, but it can be submitted again."
        }
    }
}

/// "Cancel run", and the question before it.
#[component]
pub fn CancelButton(
    /// Which one.
    #[prop(into)]
    run: Signal<Cancellable>,
    /// Whether it is stopping already.
    #[prop(into)]
    is_stopping: Signal<bool>,
    /// Whether it is over.
    #[prop(into)]
    is_over: Signal<bool>,
    /// The service refused; what is shown of the run may be old.
    #[prop(into)]
    on_refusal: Callback<()>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let reason = element_id("reason");
    let described_by = reason.clone();
    let why_not = Memo::new(move |_| match () {
        () if is_stopping.get() => Some("It is stopping already.".to_owned()),
        () => read_only_reason().map(str::to_owned),
    });
    let press = move |_| {
        if why_not.with_untracked(Option::is_none) {
            open.set(true);
        }
    };
    let title = Signal::derive(move || run.with(|run| format!("Cancel run {}", run.run)));

    view! {
        <Show when=move || !is_over.get()>
            <button
                type="button"
                class="button danger"
                aria-disabled=move || why_not.with(Option::is_some).then_some("true")
                title=move || why_not.get()
                aria-describedby=described_by.clone()
                on:click=press
            >
                "Cancel run"
            </button>
        </Show>
        <span id=reason class="visually-hidden">{move || why_not.get().filter(|_| !is_over.get())}</span>
        <ModalDialog open=open label=title on_close=move |()| open.set(false)>
            <CancelQuestion run=run open=open is_over=is_over on_refusal=on_refusal/>
        </ModalDialog>
    }
}

#[component]
fn CancelQuestion(
    run: Signal<Cancellable>,
    open: RwSignal<bool>,
    is_over: Signal<bool>,
    on_refusal: Callback<()>,
) -> impl IntoView {
    let cancel = change(move || Some(run.with(Cancellable::plan)));
    let state = cancel.state();
    Effect::new(move |was: Option<bool>| {
        let is_taken = state.with(|state| matches!(state, ChangeState::UnderWay | ChangeState::Done(_)));
        if state.with(|state| matches!(state, ChangeState::Refused(_))) {
            on_refusal.run(());
        }
        // What comes now is told by the run itself, and above the page.
        if is_taken && was == Some(false) {
            open.set(false);
        }
        is_taken
    });
    let why_not =
        Signal::derive(move || is_over.get().then(|| "It is over, so there is nothing to stop.".to_owned()));

    view! {
        <div class="stack">
            <p>{move || run.with(|run| consequence(run.kind))}</p>
            <RequestFold change=cancel/>
            <ChangeButton change=cancel label="Cancel run" class="danger primary" why_not=why_not done="It was asked to stop.">
                <button type="button" class="button" on:click=move |_| open.set(false)>"Keep it running"</button>
            </ChangeButton>
        </div>
    }
}

/// The question before several runs are asked to stop, and what came of each.
#[component]
pub fn CancelSeveral(
    open: RwSignal<bool>,
    /// Those that are not over.
    runs: Signal<Vec<Cancellable>>,
) -> impl IntoView {
    view! {
        <ModalDialog open=open label="Cancel runs" on_close=move |()| open.set(false)>
            <SeveralQuestion open=open runs=runs.get_untracked()/>
        </ModalDialog>
    }
}

#[component]
fn SeveralQuestion(open: RwSignal<bool>, runs: Vec<Cancellable>) -> impl IntoView {
    let label = match runs.len() {
        1 => "Cancel 1 run".to_owned(),
        count => format!("Cancel {} runs", format_count(count)),
    };
    let cancels: Vec<_> = runs
        .into_iter()
        .map(|run| {
            let name = run.run.to_string();
            let cancel = change(move || Some(run.plan()));
            (name, cancel, cancel.state())
        })
        .collect();
    let rows: Vec<_> = cancels
        .iter()
        .map(|(name, cancel, _)| {
            let (name, cancel) = (name.clone(), *cancel);
            view! { <li><bdi>{name}</bdi><ChangeRemark change=cancel done="It is over."/></li> }
        })
        .collect();
    let is_busy = RwSignal::new(false);
    let is_begun = RwSignal::new(false);
    let read_only = read_only_reason();
    let is_worth_it = |state: &ChangeState| {
        matches!(state, ChangeState::Ready | ChangeState::NotArrived | ChangeState::Refused(_))
    };
    let states: Vec<_> = cancels.iter().map(|(_, _, state)| *state).collect();
    let cannot = Memo::new(move |_| {
        read_only.is_some() || is_busy.get() || !states.iter().any(|state| state.with(is_worth_it))
    });
    let press = move |_| {
        if cannot.get_untracked() {
            return;
        }
        is_busy.set(true);
        is_begun.set(true);
        let cancels = cancels.clone();
        // One after the other: many at once would be turned away.
        spawn_local(async move {
            for (_, cancel, state) in cancels {
                if state.try_with_untracked(is_worth_it) == Some(true) {
                    cancel.send();
                }
                while state.try_with_untracked(|state| *state == ChangeState::Sending) == Some(true) {
                    sleep(Duration::from_millis(50)).await;
                }
            }
            is_busy.try_set(false);
        });
    };

    view! {
        <div class="stack">
            <p>"These are not over. What they have written so far stays; they cannot go on later."</p>
            <ul class="cancelled-runs">{rows}</ul>
            <div class="cluster">
                <button
                    type="button"
                    class="button danger primary"
                    aria-disabled=move || cannot.get().then_some("true")
                    on:click=press
                >
                    {label}
                </button>
                <button type="button" class="button" on:click=move |_| open.set(false)>
                    {move || if is_begun.get() { "Back to the runs" } else { "Keep them running" }}
                </button>
                {read_only.map(|reason| view! { <span class="muted small">{reason}</span> })}
            </div>
        </div>
    }
}
