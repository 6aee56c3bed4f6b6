//! The files that a run left.

use azimuth_api::Run;
use leptos::prelude::*;

use crate::pages::run::Place;
use crate::query::Shown;

#[component]
pub fn OutputsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let _ = (run, place);
}
