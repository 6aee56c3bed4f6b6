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
    let amount = Signal::derive(move || match total.get() {
        total if total > 0.0 => format_progress(done.get(), total),
        _ => format_bytes(done.get()),
    });
    let share = Signal::derive(move || (total.get() > 0.0).then(|| done.get() / total.get()));

    view! { <ShareBar label=label amount=amount share=share/> }
}

/// Which share of something is done, and how much that is in words. A share that is not known the browser draws as going
/// on.
#[component]
pub fn ShareBar(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] amount: Signal<String>,
    share: Signal<Option<f64>>,
) -> impl IntoView {
    let id = element_id("progress");
    let value = move || share.get().map(|share| ((share.clamp(0.0, 1.0) * 1000.0) as u32).to_string());

    view! {
        <div class="progress">
            <label for=id.clone()>{label}</label>
            <span class="amount">{amount}</span>
            <progress id=id max="1000" value=value></progress>
        </div>
    }
}
