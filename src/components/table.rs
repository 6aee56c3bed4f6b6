//! What tables are made of. The table itself is `<table class="table">` with rows of its page.

use leptos::html;
use leptos::prelude::*;

use crate::components::icon::{Icon, IconName};

/// Which end of a sorted column comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    Ascending,
    Descending,
}

/// The box that a table scrolls in; it takes the focus, so that keys scroll it too.
#[component]
pub fn TableFrame(
    /// What the table holds.
    #[prop(into)]
    caption: Signal<String>,
    /// For pages that follow the scrolling.
    #[prop(optional)]
    frame: NodeRef<html::Div>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="table-frame" role="region" aria-label=caption tabindex="0" node_ref=frame>
            {children()}
        </div>
    }
}

/// The head of a column that can be sorted by.
#[component]
pub fn SortHeader(
    #[prop(into)] label: Signal<String>,
    /// Whether the rows are sorted by this column now.
    #[prop(into)]
    sort: Signal<Option<Direction>>,
    #[prop(into)] on_sort: Callback<()>,
    /// Numbers stand to the right, and so does their head.
    #[prop(optional)]
    number: bool,
) -> impl IntoView {
    let aria_sort = move || {
        sort.get().map(|direction| match direction {
            Direction::Ascending => "ascending",
            Direction::Descending => "descending",
        })
    };

    view! {
        <th scope="col" class:number=number aria-sort=aria_sort>
            <button type="button" class="sort" on:click=move |_| on_sort.run(())>
                {label}
                <Icon name=IconName::ArrowDown/>
            </button>
        </th>
    }
}

/// A box to narrow a list by text.
#[component]
pub fn FilterBox(
    #[prop(into, default = "Filter".into())] label: Signal<String>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    /// How much is left: "12 of 340".
    #[prop(optional, into)]
    count: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="filter">
            <div class="box">
                <Icon name=IconName::Search/>
                <input
                    class="input"
                    type="search"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    aria-label=label
                    placeholder=label
                    prop:value=value
                    on:input:target=move |event| on_input.run(event.target().value())
                />
            </div>
            <span class="count" role="status">{count}</span>
        </div>
    }
}
