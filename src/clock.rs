//! The time, for everything on the page that says how long ago something was.

use std::time::Duration;

use leptos::prelude::*;

use crate::opened::made;

/// Now, in milliseconds since 1970, a second at most behind. A handle.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<f64>);

impl Clock {
    /// A clock that runs until its owner goes away.
    pub fn start() -> Self {
        let now = RwSignal::new(js_sys::Date::now());
        // Without a window there is nothing to tell the time to.
        if let Ok(interval) = set_interval_with_handle(
            move || {
                let _ = now.try_set(js_sys::Date::now());
            },
            Duration::from_secs(1),
        ) {
            on_cleanup(move || interval.clear());
        }
        Self(now)
    }

    /// The time, as a signal.
    pub fn now(self) -> Signal<f64> {
        self.0.into()
    }
}

/// Now, for what goes on; in an export nothing goes on after the moment at which it was made.
pub fn use_run_clock() -> Signal<f64> {
    made().map_or_else(use_now, Signal::stored)
}

/// The clock of the app.
pub fn use_now() -> Signal<f64> {
    expect_context::<Clock>().now()
}
