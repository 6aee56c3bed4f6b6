//! What the page asked, as curl.

use leptos::prelude::*;

#[component]
pub fn RequestsPage() -> impl IntoView {}
