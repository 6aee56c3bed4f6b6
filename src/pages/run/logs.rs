//! What a run wrote while it worked.

use azimuth_api::Run;
use leptos::prelude::*;

use crate::pages::run::Place;
use crate::query::Shown;

#[component]
pub fn LogsTab(run: Shown<Run>, place: StoredValue<Place>) -> impl IntoView {
    let _ = (run, place);
}
