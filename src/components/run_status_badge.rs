//! The status of a run, in a plain word and the service's own.

use azimuth_api::{RunPhase, RunStatus};
use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};

/// "● Working  Running".
#[component]
pub fn RunStatusBadge(#[prop(into)] status: Signal<RunStatus>) -> impl IntoView {
    let kind = Signal::derive(move || status.with(kind_of_status));
    let plain = Signal::derive(move || status.with(|status| status.plain().to_owned()));
    let word = Signal::derive(move || status.with(|status| status.word().to_owned()));
    view! { <StatusBadge kind=kind plain=plain word=word/> }
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
