//! A button that opens choices beside it.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Event, KeyboardEvent, Node};

use crate::components::element_id::element_id;
use crate::components::icon::{Icon, IconName};

/// The button, and below it what it opens. Escape closes it, and so does whatever is done elsewhere.
#[component]
pub fn Menu(
    #[prop(into)] label: Signal<String>,
    /// How many of the choices are on; said behind the label.
    #[prop(optional, into)]
    count: Signal<usize>,
    /// Drawn anew each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let is_open = RwSignal::new(false);
    let id = element_id("menu");
    let panel_id = id.clone();
    let menu = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let leaves = move |event: &Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        // What was pressed may be gone already, because the press changed the choices; and a press on words that
        // take no focus gives it to what is around them.
        let is_elsewhere = menu.get_untracked().zip(target).is_some_and(|(menu, target)| {
            target.is_connected() && !menu.contains(Some(&target)) && !target.contains(Some(&menu))
        });
        if is_elsewhere {
            is_open.set(false);
        }
    };
    // A press beside the menu may well be one on what is around it.
    let presses = move |event: &Event| {
        let target = event.target().and_then(|target| target.dyn_into::<Node>().ok());
        let is_inside = menu.get_untracked().is_some_and(|menu| menu.contains(target.as_ref()));
        if !is_inside && target.is_some_and(|target| target.is_connected()) {
            is_open.set(false);
        }
    };
    let listeners = [
        window_event_listener(ev::pointerdown, move |event| presses(&event)),
        window_event_listener(ev::focusin, move |event| leaves(&event)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && is_open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            is_open.set(false);
            if let Some(button) = button.get_untracked() {
                let _ = button.focus();
            }
        }
    };
    let words = move || match count.get() {
        0 => label.get(),
        count => format!("{} ({count})", label.get()),
    };

    view! {
        <div class="menu" node_ref=menu on:keydown=on_key>
            <button
                type="button"
                class="button"
                class:chosen=move || count.get() != 0
                node_ref=button
                aria-expanded=move || if is_open.get() { "true" } else { "false" }
                aria-controls=move || is_open.get().then(|| panel_id.clone())
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                {words}
                <Icon name=IconName::ChevronDown/>
            </button>
            <Show when=move || is_open.get()>
                <div class="menu-panel" id=id.clone() role="group" aria-label=label>
                    {children.with_value(|children| children())}
                </div>
            </Show>
        </div>
    }
}

/// A choice that is on or off.
#[component]
pub fn MenuChoice(
    #[prop(into)] label: Signal<String>,
    #[prop(into)] is_on: Signal<bool>,
    #[prop(into)] on_change: Callback<bool>,
) -> impl IntoView {
    view! {
        <label class="choice">
            <input
                type="checkbox"
                prop:checked=is_on
                on:change:target=move |event| on_change.run(event.target().checked())
            />
            <bdi>{label}</bdi>
        </label>
    }
}
