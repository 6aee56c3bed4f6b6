//! The states of services and images, in plain words and the service's own.

use azimuth_api::ServiceState;
use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};

/// "✓ Answers  Healthy".
#[component]
pub fn ServiceStateBadge(#[prop(into)] state: Signal<ServiceState>) -> impl IntoView {
    let kind = Signal::derive(move || state.with(kind_of_state));
    let plain = Signal::derive(move || state.with(|state| state.plain().to_owned()));
    let word = Signal::derive(move || state.with(|state| state.word().to_owned()));
    view! { <StatusBadge kind=kind plain=plain word=word/> }
}

fn kind_of_state(state: &ServiceState) -> StatusKind {
    match state {
        ServiceState::Transitioning | ServiceState::Deleting => StatusKind::Working,
        ServiceState::Healthy => StatusKind::Good,
        ServiceState::Unhealthy | ServiceState::Failed => StatusKind::Bad,
        ServiceState::Unschedulable => StatusKind::Waiting,
        ServiceState::Other(_) => StatusKind::Neutral,
    }
}

/// How making an image goes: "✓ Ready  Succeeded".
#[component]
pub fn ImageStateBadge(#[prop(into)] state: Signal<String>) -> impl IntoView {
    let kind = Signal::derive(move || state.with(|state| plain_image_state(state).0));
    let plain = Signal::derive(move || state.with(|state| plain_image_state(state).1.to_owned()));
    view! { <StatusBadge kind=kind plain=plain word=state/> }
}

/// What the service's word for how making an image goes means.
pub fn plain_image_state(word: &str) -> (StatusKind, &str) {
    match word {
        "NotStarted" => (StatusKind::Waiting, "Not begun"),
        "Running" => (StatusKind::Working, "Being made"),
        "Succeeded" => (StatusKind::Good, "Ready"),
        "Failed" => (StatusKind::Bad, "Could not be made"),
        "Cancelled" | "Canceled" => (StatusKind::Neutral, "Stopped"),
        "TimedOut" => (StatusKind::Bad, "Took too long"),
        "" => (StatusKind::Neutral, "Unknown"),
        other => (StatusKind::Neutral, other),
    }
}
