//! Names and their values.

use leptos::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(
    /// Puts each name over its value where it is narrow; for long values.
    #[prop(optional)]
    stacks: bool,
    children: Children,
) -> impl IntoView {
    view! { <dl class="facts" class:stacks=stacks>{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Fact(#[prop(into)] name: Signal<String>, children: Children) -> impl IntoView {
    view! {
        <dt>{name}</dt>
        <dd>{children()}</dd>
    }
}
