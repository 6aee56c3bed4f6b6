//! The lines above every page that say what holds it up: no network, a service that asks to wait.

use leptos::ev;
use leptos::prelude::*;

use crate::authority::Authority;
use crate::client::Client;
use crate::clock::use_now;
use crate::components::format::format_wait;
use crate::components::icon::{Icon, IconName};
use crate::components::time::RelativeTime;
use crate::parts::{self, Part, at_once, late};
use crate::query::OnScreen;
use crate::transport::fetch::is_offline;

/// The lines. They stay in the page, so that what appears in them is read out.
#[component]
pub fn Strips() -> impl IntoView {
    let client = expect_context::<Client>();
    let needs_network = client.session().is_service();

    view! {
        <div class="strips" role="status">
            {needs_network.then(|| view! { <OfflineStrip/> })}
            <SlowDownStrip/>
            {expect_context::<Option<Authority>>().map(|authority| {
                let is_there = Memo::new(move |_| authority.unrenewed().with(Option::is_some));
                // What could not renew it is in the same part.
                let line = move || at_once(parts::renewal_line(authority));
                move || is_there.get().then(|| late(Signal::stored(Some(Part::Authority)), None, Box::new(line)))
            })}
        </div>
    }
}

/// Says that the computer is offline, and how old what is shown is.
#[component]
fn OfflineStrip() -> impl IntoView {
    let offline = RwSignal::new(is_offline());
    let look = move |_| {
        let _ = offline.try_set(is_offline());
    };
    let listeners = [window_event_listener(ev::offline, look), window_event_listener(ev::online, look)];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    let now = use_now();
    let on_screen = expect_context::<OnScreen>();
    let oldest = Memo::new(move |_| on_screen.oldest());

    view! {
        <Show when=move || offline.get()>
            <p class="strip warning">
                <Icon name=IconName::Warning/>
                <span>
                    "This computer is offline. "
                    {move || match oldest.get() {
                        Some(time) => view! { "What is shown was last updated "<RelativeTime unix_ms=time now=now/>". " }.into_any(),
                        None => ().into_any(),
                    }}
                    "It is asked for again as soon as there is a network."
                </span>
            </p>
        </Show>
    }
}

/// Counts down while a service asks to wait.
#[component]
fn SlowDownStrip() -> impl IntoView {
    let held = expect_context::<Client>().pace().held();
    let now = use_now();
    let longest = Memo::new(move |_| {
        let now = now.get();
        let left = |until: f64| ((until - now) / 1_000.0).ceil().max(0.0) as u32;
        held.with(|held| held.iter().map(|held| (left(held.until), held.host.clone())).max())
            .filter(|(left, _)| *left > 0)
    });
    let host = Memo::new(move |_| longest.with(|longest| longest.as_ref().map(|(_, host)| host.clone())));

    view! {
        <Show when=move || host.with(Option::is_some)>
            <p class="strip">
                <Icon name=IconName::Pause/>
                <span>
                    <code>{move || host.get()}</code>
                    " says that too much was asked. This page goes on in "
                    // Read out once, and not with every second.
                    <span class="number" aria-hidden="true">{move || longest.with(|longest| longest.as_ref().map(|(left, _)| format_wait(*left)))}</span>
                    ", and asks less often for five minutes."
                </span>
            </p>
        </Show>
    }
}
