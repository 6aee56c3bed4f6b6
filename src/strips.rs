//! The lines above every page that say what holds it up: no network, a service that asks to wait.

use azimuth_api::ApiError;
use leptos::ev;
use leptos::prelude::*;

use crate::authority::{Authority, Leaving};
use crate::client::Client;
use crate::clock::use_now;
use crate::components::format::format_wait;
use crate::components::icon::{Icon, IconName};
use crate::components::time::RelativeTime;
use crate::query::OnScreen;
use crate::transport::fetch::is_offline;

/// The lines. They stay in the page, so that what appears in them is read out.
#[component]
pub fn Strips() -> impl IntoView {
    let client = expect_context::<Client>();
    let needs_network = !client.session().is_demo();

    view! {
        <div class="strips" role="status">
            {needs_network.then(|| view! { <OfflineStrip/> })}
            <SlowDownStrip/>
            {expect_context::<Option<Authority>>().map(|authority| view! { <RenewalStrip authority=authority/> })}
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

/// Says that the token could not be renewed, and when it ends.
#[component]
fn RenewalStrip(authority: Authority) -> impl IntoView {
    let session = authority.client().session();
    let now = use_now();
    let why = Memo::new(move |_| {
        let error = authority.unrenewed().get()?;
        Some(match error.refusal() {
            _ if error.wants_person() => "Microsoft wants to see you".to_owned(),
            Some(refusal) => match refusal.exact_code() {
                Some(code) => format!("Microsoft answered {} ({code})", refusal.status),
                None => format!("Microsoft answered {}", refusal.status),
            },
            None => "no answer came".to_owned(),
        })
    });
    let wants_person = Memo::new(move |_| {
        authority.unrenewed().with(|error| error.as_ref().is_some_and(ApiError::wants_person))
    });
    let left = Memo::new(move |_| {
        let expires = session.person().with(|person| person.as_ref().and_then(|person| person.expires))?;
        Some(((expires - now.get()) / 60_000.0).ceil().max(0.0) as u32)
    });
    let until = move || match left.get() {
        Some(0) => "It has ended.".to_owned(),
        Some(1) => "It ends within a minute.".to_owned(),
        Some(minutes) => format!("It ends in {minutes} minutes."),
        None => String::new(),
    };
    let leave = move |_| authority.leave_as_known(Leaving::default());

    view! {
        <Show when=move || why.with(Option::is_some)>
            <p class="strip warning">
                <Icon name=IconName::Warning/>
                <span>
                    "The sign-in could not be renewed: "{why}". "{until}" "
                    {move || if wants_person.get() { "" } else { "This page tries again." }}
                </span>
                {move || wants_person.get().then(|| view! { <button type="button" class="button small" on:click=leave>"Sign in with Microsoft"</button> })}
            </p>
        </Show>
    }
}
