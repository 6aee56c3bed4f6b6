//! The parts of a page, of which one is shown. They are links: each part has an address of its own.

use leptos::prelude::*;

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: &'static str,
    pub href: String,
    pub current: bool,
}

/// Links to the parts of a page.
#[component]
pub fn Tabs(
    /// What they are parts of.
    label: &'static str,
    #[prop(into)] tabs: Signal<Vec<Tab>>,
) -> impl IntoView {
    let links = move || {
        let link = |tab: Tab| {
            view! { <li><a href=tab.href aria-current=tab.current.then_some("page")>{tab.label}</a></li> }
        };
        tabs.get().into_iter().map(link).collect::<Vec<_>>()
    };
    view! { <nav class="tabs" aria-label=label><ul>{links}</ul></nav> }
}
