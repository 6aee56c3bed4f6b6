//! The address bar: where the page is, and how it goes elsewhere.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{FocusOptions, HtmlElement};

use crate::route::{Location, Route};
use crate::scroll;
use crate::session::SessionKind;

/// Where the page is. A handle.
#[derive(Clone, Copy)]
pub struct Navigation {
    location: RwSignal<Location>,
    /// What is under way on this page and ends when it is left, in a sentence.
    at_stake: StoredValue<Option<Signal<Option<String>>>>,
    /// What no reload brings back, by number: its name, and whether there is any of it now.
    unkept: StoredValue<Vec<(u32, &'static str, Signal<bool>)>>,
    /// What is gone once somebody signs out, in a sentence.
    until_sign_out: StoredValue<Vec<Signal<Option<String>>>>,
    /// Where somebody wants to go all the same, and what that ends.
    leaving: RwSignal<Option<(Leaving, String)>>,
}

/// A way from where the page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// To another page.
    To(Location),
    /// Signing out.
    SignOut,
}

impl Navigation {
    /// Follows the address bar until its owner goes away.
    pub fn start() -> Self {
        let location = RwSignal::new(current());
        scroll::follow();
        let navigation = Self {
            location,
            at_stake: StoredValue::new(None),
            unkept: StoredValue::default(),
            until_sign_out: StoredValue::default(),
            leaving: RwSignal::new(None),
        };
        let listener = window_event_listener(ev::hashchange, move |_| {
            let next = current();
            let Some(known) = location.try_get_untracked().filter(|known| *known != next) else { return };
            if navigation.may_leave(&known, &next) {
                show(location, next);
            } else {
                // The address has changed already; it goes back to that of the page which stays.
                replace_address(&known);
            }
        });
        // The browser asks in its own words before the tab closes or loads anew.
        let unload = window_event_listener(ev::beforeunload, move |event| {
            if navigation.at_stake().is_some() {
                event.prevent_default();
                event.set_return_value("");
            }
        });
        on_cleanup(move || {
            listener.remove();
            unload.remove();
        });
        navigation
    }

    /// Asks before this page is left, for as long as the signal has a sentence that says what would end.
    pub fn ask_before_leaving(self, at_stake: Signal<Option<String>>) {
        self.at_stake.set_value(Some(at_stake));
        on_cleanup(move || {
            let _ = self.at_stake.try_update_value(|known| *known = None);
        });
    }

    /// Tells of something that is gone once the page is loaded anew, while the signal says that it is there: files that
    /// were picked, secrets that were typed. The name stands in a sentence behind "the".
    pub fn cannot_keep(self, name: &'static str, is_there: impl Into<Signal<bool>>) {
        let is_there = is_there.into();
        let number = self.unkept.try_update_value(|all| {
            let number = all.last().map_or(0, |(last, ..)| last + 1);
            all.push((number, name, is_there));
            number
        });
        on_cleanup(move || {
            let _ = self.unkept.try_update_value(|all| all.retain(|(one, ..)| Some(*one) != number));
        });
    }

    /// What would be lost if the whole page went elsewhere now, even to come back to the same address, in a sentence.
    /// None if it would come back as it is.
    pub fn would_lose(self) -> Option<String> {
        let is_there = |signal: &Signal<bool>| signal.try_get_untracked().unwrap_or_default();
        let mut names = self
            .unkept
            .try_with_value(|all| {
                let there = all.iter().filter(|(.., signal)| is_there(signal));
                there.map(|(_, name, _)| *name).collect::<Vec<_>>()
            })
            .unwrap_or_default();
        names.dedup();
        self.at_stake().or_else(|| loss(&names))
    }

    /// Asks before somebody signs out, while the signal has a sentence that says what would be gone.
    pub fn ask_before_sign_out(self, at_stake: Signal<Option<String>>) {
        self.until_sign_out.update_value(|all| all.push(at_stake));
        on_cleanup(move || {
            let _ = self.until_sign_out.try_update_value(|all| all.retain(|one| *one != at_stake));
        });
    }

    /// Whether somebody may sign out at once; else it is asked.
    pub fn may_sign_out(self) -> bool {
        let sentence = |at_stake: &Signal<Option<String>>| at_stake.try_get_untracked().flatten();
        let at_stake: Vec<_> =
            self.until_sign_out.with_value(|all| all.iter().filter_map(sentence).collect());
        let may = at_stake.is_empty();
        if !may {
            self.ask_sign_out(at_stake.join(" "));
        }
        may
    }

    /// Asks whether somebody wants to sign out although that has this consequence.
    pub fn ask_sign_out(self, at_stake: String) {
        self.leaving.set(Some((Leaving::SignOut, at_stake)));
    }

    /// Where somebody wants to go although that ends something, and what.
    pub fn leaving(self) -> Signal<Option<(Leaving, String)>> {
        self.leaving.into()
    }

    /// Stays after all.
    pub fn stay(self) {
        self.leaving.set(None);
    }

    /// Goes where somebody wanted to, whatever that ends. Whether that is signing out, which is not done here.
    pub fn leave(self) -> bool {
        let way = self.leaving.get_untracked().map(|(way, _)| way);
        self.leaving.set(None);
        self.at_stake.set_value(None);
        if let Some(Leaving::To(location)) = &way {
            self.go(location);
        }
        way == Some(Leaving::SignOut)
    }

    fn at_stake(self) -> Option<String> {
        self.at_stake.try_get_value().flatten()?.try_get_untracked().flatten()
    }

    fn may_leave(self, known: &Location, next: &Location) -> bool {
        if known.route == next.route && known.session == next.session {
            return true;
        }
        let Some(at_stake) = self.at_stake() else { return true };
        self.leaving.set(Some((Leaving::To(next.clone()), at_stake)));
        false
    }

    /// Where the page is.
    pub fn location(self) -> Signal<Location> {
        self.location.into()
    }

    /// Whose session the page is of.
    pub fn session(self) -> SessionKind {
        self.location.with(|location| location.session)
    }

    /// Goes elsewhere; Back comes back.
    pub fn go(self, location: &Location) {
        if !self.may_leave(&self.location.get_untracked(), location) {
            return;
        }
        scroll::keep();
        // The event that follows tells the signal; setting it now saves a moment in which it lies.
        let _ = window().location().set_hash(&location.href());
        show(self.location, location.clone());
    }

    /// Changes the address in place: for filters, which Back should not undo letter by letter.
    pub fn replace(self, location: &Location) {
        replace_address(location);
        self.location.set(location.clone());
    }

    /// The address of a screen in the session that the page is of.
    pub fn href(self, route: Route) -> String {
        Location::new(self.location.with_untracked(|location| location.session), route).href()
    }

    /// Goes to a screen.
    pub fn go_to(self, route: Route) {
        self.go(&Location::new(self.location.with_untracked(|location| location.session), route));
    }

    /// A value of the query part of the address, as a signal.
    pub fn parameter(self, name: &'static str) -> Signal<String> {
        let location = self.location;
        Memo::new(move |_| location.with(|location| location.parameter(name).unwrap_or_default().to_owned()))
            .into()
    }

    /// Whether the query part of the address has a name, with a value or without.
    pub fn has_parameter(self, name: &'static str) -> Signal<bool> {
        let location = self.location;
        Memo::new(move |_| location.with(|location| location.parameter(name).is_some())).into()
    }

    /// The address of a screen with a name in its query part.
    pub fn href_with(self, route: Route, name: &str) -> String {
        let session = self.location.with_untracked(|location| location.session);
        Location::new(session, route).with_parameter(name, Some("")).href()
    }

    /// Sets a value of the query part in place; empty takes it out.
    pub fn set_parameter(self, name: &str, value: &str) {
        let location = self.location.get_untracked();
        self.replace(&location.with_parameter(name, Some(value).filter(|value| !value.is_empty())));
    }
}

/// What has to be done again, in a sentence.
fn loss(names: &[&str]) -> Option<String> {
    let (last, others) = names.split_last()?;
    let others: Vec<String> = others.iter().map(|name| format!("the {name}")).collect();
    let all = if others.is_empty() {
        format!("the {last}")
    } else {
        format!("{} and the {last}", others.join(", "))
    };
    Some(format!("The page would come back without {all}: no page may keep that."))
}

fn replace_address(location: &Location) {
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or(JsValue::NULL);
        let _ = history.replace_state_with_url(&state, "", Some(&location.href()));
    }
}

fn current() -> Location {
    Location::parse(&window().location().hash().unwrap_or_default())
}

/// Another screen is another page; the same one with other filters stays as it is.
fn show(signal: RwSignal<Location>, next: Location) {
    if signal.with_untracked(|known| known.route != next.route || known.session != next.session) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_lost_is_named() {
        assert_eq!(loss(&[]), None);
        assert_eq!(
            loss(&["picked files"]).unwrap(),
            "The page would come back without the picked files: no page may keep that."
        );
        assert_eq!(
            loss(&["definition", "picked files", "password"]).unwrap(),
            "The page would come back without the definition, the picked files and the password: no page may keep that."
        );
    }
}
