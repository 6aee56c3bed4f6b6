//! The status of a run, in a plain word and the service's own.

use azimuth_api::{RunPhase, RunStatus};
use leptos::prelude::*;

use crate::components::badge::{StatusKind, status_badge};

/// "● Working  Running".
#[component]
pub fn RunStatusBadge(#[prop(into)] status: Signal<RunStatus>) -> impl IntoView {
    move || status.with(run_status_badge)
}

/// The same for a status that stays.
pub fn run_status_badge(status: &RunStatus) -> impl IntoView + use<> {
    status_badge(kind_of_status(status), status.plain(), status.word())
}

/// What a status means to the person looking at it. What is unclear is not over, so it does not look like "Stopped".
pub fn kind_of_status(status: &RunStatus) -> StatusKind {
    match status.phase() {
        RunPhase::Waiting | RunPhase::Unclear => StatusKind::Waiting,
        RunPhase::Working => StatusKind::Working,
        RunPhase::Done => StatusKind::Good,
        RunPhase::Failed => StatusKind::Bad,
        RunPhase::Stopped => StatusKind::Neutral,
    }
}
