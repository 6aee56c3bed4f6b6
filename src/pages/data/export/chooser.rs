//! Some of many, or all of them.

use std::collections::{BTreeSet, HashSet};

use leptos::prelude::*;

use crate::components::element_id::element_id;
use crate::components::field::About;
use crate::components::format::format_count;
use crate::components::table::FilterBox;
use crate::listed::matches;

/// All, or those that are chosen from a list that can be filtered.
#[component]
pub fn Chooser(
    /// "Experiments".
    label: &'static str,
    /// "All experiments".
    all_label: &'static str,
    /// "Chosen experiments".
    some_label: &'static str,
    /// Those that are chosen; none where all are meant.
    #[prop(into)]
    chosen: Signal<Option<Vec<String>>>,
    #[prop(into)] on_change: Callback<Option<Vec<String>>>,
    #[prop(into)] error: Signal<Option<String>>,
    #[prop(optional, into)] help: Signal<String>,
    /// What there is to choose from, and what stands around the list. Asked for only while some are chosen.
    #[prop(into)]
    list: ViewFn,
) -> impl IntoView {
    let name = element_id("chooser");
    let about = format!("{name}-about");
    let means = format!("{name}-means");
    let described_by = format!("{means} {about}");
    let is_some = Memo::new(move |_| chosen.with(Option::is_some));
    let list = StoredValue::new(list);
    let other = name.clone();

    view! {
        <fieldset class="chooser" aria-describedby=described_by>
            <legend>{label}</legend>
            <div class="cluster">
                <label class="choice">
                    <input type="radio" name=name prop:checked=move || !is_some.get() on:change=move |_| on_change.run(None)/>
                    <span>{all_label}</span>
                </label>
                <label class="choice">
                    <input type="radio" name=other prop:checked=is_some on:change=move |_| on_change.run(Some(Vec::new()))/>
                    <span>{some_label}</span>
                </label>
            </div>
            // The list may be long; what the choice means stands before it, and what is wrong with it behind.
            <p class="muted small" id=means>{help}</p>
            <Show when=move || is_some.get()>{list.with_value(ViewFn::run)}</Show>
            <About id=about help=Signal::stored(String::new()) error=error/>
        </fieldset>
    }
}

/// The list of a [`Chooser`].
#[component]
pub fn ChoiceList(
    /// What it holds, in the plural: "experiments".
    noun: &'static str,
    /// What there is to choose from.
    #[prop(into)]
    offered: Signal<Vec<String>>,
    #[prop(into)] chosen: Signal<Vec<String>>,
    #[prop(into)] on_change: Callback<Vec<String>>,
    /// Whether more are on their way.
    #[prop(optional, into)]
    is_loading: Signal<bool>,
) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let is_chosen = Memo::new(move |_| chosen.with(|chosen| chosen.iter().cloned().collect::<HashSet<_>>()));
    // What is chosen and not offered (any more) can be seen too, and taken out.
    let all = Memo::new(move |_| {
        let offered = offered.get();
        let known: BTreeSet<&String> = offered.iter().collect();
        let others: Vec<String> =
            chosen.with(|chosen| chosen.iter().filter(|one| !known.contains(one)).cloned().collect());
        others.into_iter().chain(offered.iter().cloned()).collect::<Vec<_>>()
    });
    let shown = Memo::new(move |_| {
        filter.with(|filter| {
            all.with(|all| {
                all.iter().filter(|one| matches(filter, [one.as_str()])).cloned().collect::<Vec<_>>()
            })
        })
    });
    let turn = move |one: &str, is_on: bool| {
        let mut chosen = chosen.get_untracked();
        chosen.retain(|known| known != one);
        if is_on {
            chosen.push(one.to_owned());
        }
        on_change.run(chosen);
    };
    let choose_shown = move |_| {
        let known = is_chosen.get_untracked();
        let mut chosen = chosen.get_untracked();
        chosen.extend(shown.get_untracked().into_iter().filter(|one| !known.contains(one)));
        on_change.run(chosen);
    };
    let count = move || {
        let (chosen, all) = (chosen.with(Vec::len), all.with(Vec::len));
        let more = if is_loading.get() { " so far" } else { "" };
        format!("{} of {}{more} chosen", format_count(chosen), format_count(all))
    };
    let row = move |one: String| {
        let own = one.clone();
        let is_on = Memo::new(move |_| is_chosen.with(|chosen| chosen.contains(&own)));
        let label = one.clone();
        view! {
            <li>
                <label class="choice">
                    <input type="checkbox" prop:checked=is_on on:change:target=move |event| turn(&one, event.target().checked())/>
                    <bdi>{label}</bdi>
                </label>
            </li>
        }
    };

    view! {
        <div class="choices">
            <div class="toolbar">
                <FilterBox label=format!("Filter {noun}") value=filter on_input=move |text| filter.set(text) count=Signal::derive(count)/>
                <button type="button" class="button small" on:click=choose_shown>
                    {move || if filter.with(|filter| filter.trim().is_empty()) { "Choose all" } else { "Choose those shown" }}
                </button>
                <button
                    type="button"
                    class="button small"
                    on:click=move |_| on_change.run(Vec::new())
                >
                    "Choose none"
                </button>
            </div>
            <ul tabindex="0" aria-label=noun>
                <For each=move || shown.get() key=Clone::clone children=row/>
            </ul>
            <p class="muted small" hidden=move || shown.with(|shown| !shown.is_empty()) role="status">
                {move || if is_loading.get() { format!("Loading the {noun}…") } else { format!("None of the {noun} fits.") }}
            </p>
        </div>
    }
}
