//! Settings, hosts, versions.

use leptos::prelude::*;

#[component]
pub fn DiagnosticsPage() -> impl IntoView {}
