//! How long a run worked, or works so far.

use azimuth_api::{Run, Timestamp};
use leptos::prelude::*;

use crate::components::format::format_duration;
use crate::opened::made;

/// "2 m 04 s", going on while the run does; "–" where it has not begun.
#[component]
pub fn RunDuration(#[prop(into)] run: Signal<Run>, #[prop(into)] now: Signal<f64>) -> impl IntoView {
    let now = made().map_or(now, Signal::stored);
    let text = Memo::new(move |_| run.with(|run| format_run_duration(run, now)));
    view! { <span class="nowrap">{text}</span> }
}

/// The same as a text, which changes with the clock.
pub fn format_run_duration(run: &Run, now: Signal<f64>) -> String {
    // The clock is read only for a run that it changes, so that the others stay still.
    let is_over = run.end_time_utc.is_some() || run.status.is_finished();
    let now = if is_over { 0 } else { now.get() as i64 };
    let milliseconds = run.duration_milliseconds(Timestamp::from_unix_milliseconds(now));
    milliseconds.map_or_else(|| "–".to_owned(), |milliseconds| format_duration(milliseconds as f64))
}
