//! How fast the page asks: a service that says that it is too much is left alone, and asked less often for a while.

use std::time::Duration;

use azimuth_api::Origin;
use gloo_timers::future::sleep;
use leptos::prelude::*;

/// For how long after the last refusal everything that asks by itself asks less often.
const CALM_MS: f64 = 300_000.0;
/// How much less often.
const SLOWER: u32 = 3;

/// The pace of a session. A handle: copies are the same pace.
#[derive(Clone, Copy)]
pub struct Pace {
    held: RwSignal<Vec<Held>>,
    calm_until: RwSignal<f64>,
}

/// A host that asked to wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its name.
    pub host: String,
    /// Until when nothing is asked there, in milliseconds since 1970.
    pub until: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { held: RwSignal::new(Vec::new()), calm_until: RwSignal::new(0.0) }
    }
}

impl Pace {
    /// Who asked to wait, and until when.
    pub fn held(self) -> Signal<Vec<Held>> {
        self.held.into()
    }

    /// How many times as long as usual everything waits between two questions that it asks by itself.
    pub fn factor(self) -> u32 {
        let calm_until = self.calm_until.try_get_untracked().unwrap_or_default();
        if js_sys::Date::now() < calm_until { SLOWER } else { 1 }
    }

    /// Until when everything is asked less often, in milliseconds since 1970; the past where nothing is.
    pub fn calm_until(self) -> Signal<f64> {
        self.calm_until.into()
    }

    /// Notes that a host asked to wait, and that nothing is asked there for so long.
    pub fn hold(self, origin: &Origin, wait: Duration) {
        self.calm_down();
        let until = js_sys::Date::now() + wait.as_millis() as f64;
        let host = origin.host().to_owned();
        // The page may be gone, and the pace with it.
        let _ = self.held.try_update(|held| {
            held.retain(|known| known.host != host);
            held.push(Held { host, until });
        });
    }

    /// Notes that it was too much.
    pub fn calm_down(self) {
        let _ = self.calm_until.try_set(js_sys::Date::now() + CALM_MS);
    }

    /// Waits until a host may be asked again. Those who waited do not come back all at once.
    pub async fn until_free(self, origin: &Origin) {
        loop {
            let now = js_sys::Date::now();
            let until = self.held.try_with_untracked(|held| {
                held.iter().find(|held| held.host == origin.host()).map(|held| held.until)
            });
            let Some(until) = until.flatten() else { return };
            if until <= now {
                let _ = self.held.try_update(|held| held.retain(|held| held.until > now));
                return;
            }
            sleep(Duration::from_millis((until - now) as u64 + (js_sys::Math::random() * 500.0) as u64))
                .await;
        }
    }
}
