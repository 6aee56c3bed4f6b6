//! How far something has come.

use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::format::{format_bytes, format_progress};

/// Bytes on their way: "12.4 of 300 MB". A total of 0 is not known yet.
#[component]
pub fn ProgressBar(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] done: Signal<f64>,
    #[prop(into)] total: Signal<f64>,
) -> impl IntoView {
    let id = element_id("progress");
    let amount = move || match total.get() {
        total if total > 0.0 => format_progress(done.get(), total),
        _ => format_bytes(done.get()),
    };
    // Without a value the browser draws it as going on.
    let share = move || (total.get() > 0.0).then(|| ((done.get() / total.get()).min(1.0) * 1000.0) as u32);

    view! {
        <div class="progress">
            <label for=id.clone()>{label}</label>
            <span class="amount">{amount}</span>
            <progress id=id max="1000" value=move || share().map(|share| share.to_string())></progress>
        </div>
    }
}
