//! The address bar: where the page is, and how it goes elsewhere.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FocusOptions, HtmlElement};

use crate::route::{Location, Route};
use crate::scroll;

/// Where the page is. A handle.
#[derive(Clone, Copy)]
pub struct Navigation(RwSignal<Location>);

impl Navigation {
    /// Follows the address bar until its owner goes away.
    pub fn start() -> Self {
        let location = RwSignal::new(current());
        scroll::follow();
        let listener = window_event_listener(ev::hashchange, move |_| {
            let next = current();
            if location.try_get_untracked().is_some_and(|known| known != next) {
                show(location, next);
            }
        });
        on_cleanup(move || listener.remove());
        Self(location)
    }

    /// Where the page is.
    pub fn location(self) -> Signal<Location> {
        self.0.into()
    }

    /// Whether the page is in the demo.
    pub fn is_demo(self) -> bool {
        self.0.with(|location| location.demo)
    }

    /// Goes elsewhere; Back comes back.
    pub fn go(self, location: &Location) {
        scroll::keep();
        // The event that follows tells the signal; setting it now saves a moment in which it lies.
        let _ = window().location().set_hash(&location.href());
        show(self.0, location.clone());
    }

    /// Changes the address in place: for filters, which Back should not undo letter by letter.
    pub fn replace(self, location: &Location) {
        if let Ok(history) = window().history() {
            let state = history.state().unwrap_or(JsValue::NULL);
            let _ = history.replace_state_with_url(&state, "", Some(&location.href()));
        }
        self.0.set(location.clone());
    }

    /// The address of a screen, in the demo if the page is in the demo.
    pub fn href(self, route: Route) -> String {
        Location::new(self.0.with_untracked(|location| location.demo), route).href()
    }

    /// Goes to a screen.
    pub fn go_to(self, route: Route) {
        self.go(&Location::new(self.0.with_untracked(|location| location.demo), route));
    }

    /// A value of the query part of the address, as a signal.
    pub fn parameter(self, name: &'static str) -> Signal<String> {
        let location = self.0;
        Memo::new(move |_| location.with(|location| location.parameter(name).unwrap_or_default().to_owned()))
            .into()
    }

    /// Sets a value of the query part in place; empty takes it out.
    pub fn set_parameter(self, name: &str, value: &str) {
        let location = self.0.get_untracked();
        self.replace(&location.with_parameter(name, Some(value).filter(|value| !value.is_empty())));
    }
}

fn current() -> Location {
    Location::parse(&window().location().hash().unwrap_or_default())
}

/// Another screen is another page; the same one with other filters stays as it is.
fn show(signal: RwSignal<Location>, next: Location) {
    if signal.with_untracked(|known| known.route != next.route || known.demo != next.demo) {
        scroll::leave();
    }
    signal.set(next);
}

/// Names the tab after the page, puts the focus on its heading when the page opens, and scrolls to where it was.
pub fn use_title(title: impl Into<Signal<String>>) {
    open_page(title.into(), scroll::arrive);
}

/// The same for a page that stands in the place of another for a while: how far that was scrolled is not forgotten.
pub fn use_passing_title(title: impl Into<Signal<String>>) {
    open_page(title.into(), scroll::pass);
}

fn open_page(title: Signal<String>, scroll: fn()) {
    Effect::new(move || document().set_title(&format!("{} · Azimuth", title.get())));
    request_animation_frame(move || {
        scroll();
        let heading = document().query_selector("main h1").ok().flatten();
        if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = heading.focus_with_options(&options);
        }
    });
}
