//! How much of a limit is used.

use leptos::prelude::*;

/// From which share of a limit on it is near.
const NEAR: f64 = 0.8;

/// A bar with words: "20 of 24". Nothing where there is no limit.
#[component]
pub fn UsageBar(
    /// What is used.
    #[prop(into)]
    name: String,
    used: i64,
    limit: Option<u64>,
) -> impl IntoView {
    let limit = limit?;
    let (used, most) = (used.max(0) as f64, limit as f64);
    let is_full = used >= most;
    let is_near = !is_full && used >= most * NEAR;
    let words = match limit {
        0 => "None may be had",
        _ if is_full => "Used up",
        _ if is_near => "Nearly used up",
        _ => "",
    };
    // A bar of nothing has no length.
    let bar = (limit > 0).then(|| {
        let label = format!("{name}, used");
        view! { <progress max=most value=used.min(most) aria-label=label></progress> }
    });

    Some(view! {
        <span class="usage" class:full=is_full class:near=is_near>
            {bar}
            {(!words.is_empty()).then(|| view! { <span class="words">{words}</span> })}
        </span>
    })
}
