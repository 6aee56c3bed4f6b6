//! What a run measured.

use azimuth_api::Run;
use leptos::prelude::*;

use crate::pages::run::Place;
use crate::query::Shown;

#[component]
pub fn MetricsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let _ = (run, place);
}
