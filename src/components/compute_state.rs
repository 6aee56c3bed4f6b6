//! What a compute does, in the service's word and a plain one, and its machines in words.

use azimuth_api::{AmlComputeProperties, Compute, ComputeState};
use leptos::prelude::*;

use crate::components::badge::{StatusBadge, StatusKind};

/// "● Growing or shrinking  Resizing".
#[component]
pub fn ComputeStateBadge(#[prop(into)] compute: Signal<Compute>) -> impl IntoView {
    let kind = Signal::derive(move || compute.with(plain_state).0);
    let plain = Signal::derive(move || compute.with(|compute| plain_state(compute).1));
    let word = Signal::derive(move || compute.with(|compute| compute.state_word().to_owned()));
    view! { <StatusBadge kind=kind plain=plain word=word/> }
}

/// What the service's word means.
pub fn plain_state(compute: &Compute) -> (StatusKind, String) {
    let word = compute.state_word();
    let (kind, plain) = match (compute.state(), word) {
        (ComputeState::Failed, "Canceled") => (StatusKind::Neutral, "Not made"),
        (ComputeState::Failed, "Failed" | "CreateFailed") => (StatusKind::Bad, "Could not be made"),
        (ComputeState::Failed, _) => (StatusKind::Bad, "Broken"),
        (_, "Creating" | "SettingUp") => (StatusKind::Working, "Being made"),
        (_, "Updating") => (StatusKind::Working, "Being changed"),
        (_, "Deleting") => (StatusKind::Working, "Being deleted"),
        (_, "Resizing") => (StatusKind::Working, "Growing or shrinking"),
        (_, "Starting" | "Restarting") => (StatusKind::Working, "Starting"),
        (_, "Stopping") => (StatusKind::Working, "Stopping"),
        (_, "JobRunning") => (StatusKind::Working, "Working"),
        (_, "Stopped") => (StatusKind::Neutral, "Stopped"),
        (_, "Succeeded" | "Steady" | "Running") => (StatusKind::Good, "Ready"),
        (_, other) => (StatusKind::Neutral, other),
    };
    (kind, plain.to_owned())
}

/// "2 of 4 busy, 1 starting"; nothing where there are no machines to tell of.
pub fn nodes_in_words(compute: &AmlComputeProperties) -> String {
    let Some(count) = compute.current_node_count else { return String::new() };
    let nodes = compute.node_state_counts.unwrap_or_default();
    if count == 0 {
        return match compute.target_node_count {
            Some(target) if target > 0 => format!("None yet, {target} asked for"),
            _ => "None on".to_owned(),
        };
    }
    let others = [
        (nodes.preparing_node_count, "starting"),
        (nodes.leaving_node_count, "leaving"),
        (nodes.unusable_node_count, "broken"),
        (nodes.preempted_node_count, "taken away"),
    ];
    let mut words = format!("{} of {count} busy", nodes.running_node_count);
    for (amount, what) in others.into_iter().filter(|(amount, _)| *amount > 0) {
        words.push_str(&format!(", {amount} {what}"));
    }
    words
}

/// "0–4".
pub fn limits_in_words(compute: &AmlComputeProperties) -> String {
    let Some(scale) = &compute.scale_settings else { return String::new() };
    if scale.min_node_count == scale.max_node_count {
        scale.max_node_count.to_string()
    } else {
        format!("{}–{}", scale.min_node_count, scale.max_node_count)
    }
}

/// `LowPriority` as people say it.
pub fn priority_in_words(compute: &AmlComputeProperties) -> String {
    match compute.vm_priority.as_deref() {
        Some("LowPriority") => "Low priority".to_owned(),
        other => other.unwrap_or_default().to_owned(),
    }
}

/// "2 minutes" from the ISO 8601 duration `PT120S`; a text of another form stays as it is.
pub fn idle_time_in_words(duration: &str) -> String {
    let seconds = seconds_of(duration);
    let (amount, unit) = match seconds {
        None => return duration.to_owned(),
        Some(seconds) if seconds > 0 && seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        Some(seconds) if seconds > 0 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        Some(seconds) => (seconds, "second"),
    };
    format!("{amount} {unit}{}", if amount == 1 { "" } else { "s" })
}

/// The seconds of an ISO 8601 duration without months and years, whose length is not fixed, and without fractions.
pub fn seconds_of(duration: &str) -> Option<u64> {
    let rest = duration.strip_prefix('P')?;
    let (mut seconds, mut digits, mut is_time, mut is_empty) = (0_u64, String::new(), false, true);
    for character in rest.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let size = match character {
            'T' if !is_time && digits.is_empty() => {
                is_time = true;
                continue;
            }
            'D' if !is_time => 86_400,
            'H' if is_time => 3_600,
            'M' if is_time => 60,
            'S' if is_time => 1,
            _ => return None,
        };
        let amount: u64 = digits.parse().ok()?;
        seconds = amount.checked_mul(size)?.checked_add(seconds)?;
        digits.clear();
        is_empty = false;
    }
    (!is_empty && digits.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(properties: &str) -> Compute {
        serde_json::from_str(&format!(r#"{{"name":"c","properties":{properties}}}"#)).unwrap()
    }

    fn cluster(properties: &str) -> AmlComputeProperties {
        serde_json::from_str(properties).unwrap()
    }

    #[test]
    fn each_state_has_a_plain_word_and_a_kind() {
        let state = |made: &str, inner: &str| {
            plain_state(&compute(&format!(
                r#"{{"computeType":"AmlCompute","provisioningState":"{made}","properties":{inner}}}"#
            )))
        };
        assert_eq!(
            state("Succeeded", r#"{"allocationState":"Steady"}"#),
            (StatusKind::Good, "Ready".to_owned())
        );
        assert_eq!(
            state("Succeeded", r#"{"allocationState":"Resizing"}"#),
            (StatusKind::Working, "Growing or shrinking".to_owned())
        );
        assert_eq!(state("Failed", "null"), (StatusKind::Bad, "Could not be made".to_owned()));
        assert_eq!(state("Creating", "null"), (StatusKind::Working, "Being made".to_owned()));
        assert_eq!(state("Succeeded", r#"{"state":"Stopped"}"#), (StatusKind::Neutral, "Stopped".to_owned()));
        assert_eq!(state("Succeeded", r#"{"state":"Unusable"}"#), (StatusKind::Bad, "Broken".to_owned()));
        assert_eq!(
            state("Succeeded", r#"{"state":"Dreaming"}"#),
            (StatusKind::Neutral, "Dreaming".to_owned())
        );
    }

    #[test]
    fn machines_are_told_by_what_they_do() {
        assert_eq!(
            nodes_in_words(&cluster(
                r#"{"currentNodeCount":4,"nodeStateCounts":{"runningNodeCount":2,"preparingNodeCount":1}}"#
            )),
            "2 of 4 busy, 1 starting"
        );
        assert_eq!(nodes_in_words(&cluster(r#"{"currentNodeCount":0,"targetNodeCount":0}"#)), "None on");
        assert_eq!(
            nodes_in_words(&cluster(r#"{"currentNodeCount":0,"targetNodeCount":2}"#)),
            "None yet, 2 asked for"
        );
        assert_eq!(nodes_in_words(&cluster("{}")), "");
    }

    #[test]
    fn limits_are_a_range_or_a_number() {
        let limits = |text: &str| limits_in_words(&cluster(text));
        assert_eq!(limits(r#"{"scaleSettings":{"minNodeCount":0,"maxNodeCount":4}}"#), "0–4");
        assert_eq!(limits(r#"{"scaleSettings":{"minNodeCount":1,"maxNodeCount":1}}"#), "1");
        assert_eq!(limits("{}"), "");
    }

    #[test]
    fn an_iso_duration_is_said_in_the_largest_whole_unit() {
        for (duration, words) in [
            ("PT120S", "2 minutes"),
            ("PT90S", "90 seconds"),
            ("PT1H", "1 hour"),
            ("P1DT1H", "25 hours"),
            ("PT2M30S", "150 seconds"),
            ("PT0S", "0 seconds"),
            ("P1M", "P1M"),
            ("PT1.5S", "PT1.5S"),
            ("P", "P"),
            ("soon", "soon"),
        ] {
            assert_eq!(idle_time_in_words(duration), words);
        }
    }
}
