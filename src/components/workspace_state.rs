//! The state of a workspace, in the service's word and a plain one.

use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};

/// "✓ Ready  Succeeded".
#[component]
pub fn WorkspaceStateBadge(
    /// The service's word, such as `Succeeded`.
    state: String,
) -> impl IntoView {
    let (kind, plain) = plain_state(&state);
    view! { <StatusBadge kind=kind plain=plain.to_owned() word=state/> }
}

/// What Resource Manager's word for how something was made means.
fn plain_state(state: &str) -> (StatusKind, &str) {
    match state {
        "Succeeded" => (StatusKind::Good, "Ready"),
        "Creating" => (StatusKind::Working, "Being made"),
        "Updating" => (StatusKind::Working, "Being changed"),
        "Deleting" => (StatusKind::Working, "Being deleted"),
        "Failed" => (StatusKind::Bad, "Did not work"),
        "Canceled" => (StatusKind::Neutral, "Stopped"),
        "SoftDeleted" => (StatusKind::Neutral, "Deleted, can be brought back"),
        other => (StatusKind::Neutral, other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_not_known_is_shown_as_it_is() {
        assert_eq!(plain_state("Succeeded"), (StatusKind::Good, "Ready"));
        assert_eq!(plain_state("Hibernating"), (StatusKind::Neutral, "Hibernating"));
    }
}
