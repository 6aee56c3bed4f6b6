//! Buttons with a task of their own, and links side by side. Plain buttons are `<button class="button">`.

use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement};

use crate::components::format::shorten_middle;
use crate::components::icon::{Icon, IconName};

/// How long "Copied" stands, in milliseconds.
const CONFIRMATION: u32 = 2_000;

/// Copies a text, and says whether that worked.
#[component]
pub fn CopyButton(
    #[prop(into)] text: Signal<String>,
    #[prop(into, default = "Copy".into())] label: Signal<String>,
    /// Shows the icon alone; the label is still its name.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let copying = RwSignal::new(Copying::Ready);
    let copy = move |_| {
        let text = text.get_untracked();
        spawn_local(async move {
            let next = if write_to_clipboard(&text).await { Copying::Done } else { Copying::Refused };
            copying.try_set(next);
            TimeoutFuture::new(CONFIRMATION).await;
            copying.try_set(Copying::Ready);
        });
    };
    let icon = Signal::derive(move || match copying.get() {
        Copying::Ready => IconName::Copy,
        Copying::Done => IconName::Check,
        Copying::Refused => IconName::Cross,
    });
    let said = move || match copying.get() {
        Copying::Ready => "",
        Copying::Done => "Copied",
        Copying::Refused => "The browser did not let us copy",
    };
    let words = move || {
        let said = said();
        if said.is_empty() { label.get() } else { said.to_owned() }
    };

    view! {
        <button
            type="button"
            class=if bare { "button quiet small bare" } else { "button small" }
            class:copied=move || copying.get() == Copying::Done
            class:not-copied=move || copying.get() == Copying::Refused
            aria-label=move || bare.then(|| label.get())
            title=move || {
                let said = said();
                if said.is_empty() { bare.then(|| label.get()) } else { Some(said.to_owned()) }
            }
            on:click=copy
        >
            <Icon name=icon/>
            {(!bare).then_some(words)}
        </button>
        <span class="visually-hidden" role="status">{move || if bare { said() } else { "" }}</span>
    }
}

/// An id, shortened in the middle; the whole of it is its title and what is copied.
#[component]
pub fn Identifier(
    #[prop(into)] value: Signal<String>,
    /// How many characters to show.
    #[prop(default = 20)]
    length: usize,
) -> impl IntoView {
    let label = Signal::derive(move || format!("Copy {}", value.get()));

    view! {
        <span class="identifier">
            <bdi title=value>{move || shorten_middle(&value.get(), length)}</bdi>
            <CopyButton text=value label=label bare=true/>
        </span>
    }
}

/// A link of a [`Tabs`] bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
}

/// Links to the parts of one thing. Each is an address, so Back and reload work.
#[component]
pub fn Tabs(#[prop(into)] label: Signal<String>, #[prop(into)] tabs: Signal<Vec<Tab>>) -> impl IntoView {
    let links = move || {
        tabs.get()
            .into_iter()
            .map(|tab| view! { <a href=tab.href aria-current=tab.current.then_some("page")>{tab.label}</a> })
            .collect::<Vec<_>>()
    };

    view! { <nav class="tabs" aria-label=label on:keydown=move_in_tabs>{links}</nav> }
}

/// Arrows go to the link beside, round the ends; Home and End to the first and the last.
fn move_in_tabs(event: web_sys::KeyboardEvent) {
    let bar = event.current_target().and_then(|bar| bar.dyn_into::<Element>().ok());
    let Some(links) = bar.and_then(|bar| bar.query_selector_all("a").ok()) else { return };
    let count = links.length();
    let focused = document().active_element();
    let here = (0..count).find(|index| {
        let link = links.item(*index).and_then(|link| link.dyn_into::<Element>().ok());
        link.is_some() && link == focused
    });
    let Some(here) = here else { return };
    let next = match event.key().as_str() {
        "ArrowRight" => (here + 1) % count,
        "ArrowLeft" => (here + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return,
    };
    event.prevent_default();
    if let Some(link) = links.item(next).and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
        let _ = link.focus();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copying {
    Ready,
    Done,
    Refused,
}

/// Whether the browser let us copy.
pub(crate) async fn write_to_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    // Absent on a page that is neither https nor loopback.
    let present = Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    present && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}
