//! How far a page was scrolled. It is kept with the page's entry in the browser's history, so that Back, Forward and
//! F5 come back to the same place, once what was there has been loaded again.

use std::cell::Cell;
use std::time::Duration;

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, Event, ScrollRestoration};

/// Boxes that scroll by themselves, beside the page itself.
const BOXES: &str = "main .table-frame";

/// Positions are kept once scrolling rests for a moment; browsers take only so many of them.
const REST: Duration = Duration::from_millis(120);

/// How many frames a page has to become as long as it was: about ten seconds.
const FRAMES: u32 = 600;

/// What ends going back to an old place: the person goes elsewhere.
const MOVES: [&str; 4] = ["wheel", "touchstart", "pointerdown", "keydown"];

/// What is on the screen.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    /// Not what the address names: that is still to come.
    Another,
    /// The page of the address, on its way back to its old place.
    OnItsWay,
    /// The page of the address.
    Page,
}

thread_local! {
    static SHOWN: Cell<Shown> = const { Cell::new(Shown::Another) };
    /// Tells the entries apart, and rises: when the page of the entry was first there.
    static MARK: Cell<u64> = const { Cell::new(0) };
    /// Whether somebody looks when scrolling rests, and whether it went on since the last look.
    static WAITS: Cell<bool> = const { Cell::new(false) };
    static GOES_ON: Cell<bool> = const { Cell::new(false) };
}

/// Follows all scrolling until its owner goes away. The browser's own way does not know when a page has its data.
pub fn follow() {
    if let Ok(history) = window().history() {
        let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
    }
    // Scrolling of a box does not bubble, so it is caught on its way down; so is a press, before it leads elsewhere.
    listen("scroll", |_| {
        GOES_ON.set(true);
        if !WAITS.replace(true) {
            keep_at_rest();
        }
    });
    listen("click", |_| keep());
    listen("pagehide", |_| keep());
    for name in MOVES {
        listen(name, |_| {
            if SHOWN.get() == Shown::OnItsWay {
                SHOWN.set(Shown::Page);
            }
        });
    }
}

/// The page of an entry is there: goes to where it was, or to its top where it is new.
pub fn arrive() {
    let (mark, wanted) = kept().unwrap_or_else(|| (js_sys::Date::now() as u64, vec![0]));
    MARK.set(mark);
    SHOWN.set(Shown::OnItsWay);
    go_on(mark, wanted, FRAMES);
}

/// Something else comes: until the page of the address is there, nothing is kept for its entry.
pub fn leave() {
    SHOWN.set(Shown::Another);
}

/// Something stands in the place of the page of the address, from its top.
pub fn pass() {
    leave();
    set_positions(&[0]);
}

/// Not before scrolling rests: a browser takes longer for this than for drawing some rows.
fn keep_at_rest() {
    if GOES_ON.replace(false) {
        set_timeout(keep_at_rest, REST);
    } else {
        WAITS.set(false);
        keep();
    }
}

/// Keeps the positions with the entry of the page. Where that cannot be done, the page starts at its top.
pub fn keep() {
    // A link may have led to another entry a moment ago, of which the page knows nothing yet.
    let is_here = kept().is_some_and(|(mark, _)| mark == MARK.get());
    if SHOWN.get() == Shown::Page && is_here {
        write(&positions());
    }
}

/// A frame at a time: what is loaded makes the page longer.
fn go_on(mark: u64, wanted: Vec<i32>, frames: u32) {
    if SHOWN.get() != Shown::OnItsWay || MARK.get() != mark {
        return;
    }
    set_positions(&wanted);
    let now = positions();
    let is_there =
        now.len() >= wanted.len() && wanted.iter().zip(&now).all(|(wanted, now)| (wanted - now).abs() <= 1);
    if is_there || frames == 0 {
        SHOWN.set(Shown::Page);
        write(&now);
    } else {
        request_animation_frame(move || go_on(mark, wanted, frames - 1));
    }
}

/// The mark and the positions of the entry that the browser is at, if it was here before.
fn kept() -> Option<(u64, Vec<i32>)> {
    let state = window().history().ok()?.state().ok()?.as_string()?;
    let mut words = state.split(' ');
    let mark = words.next()?.parse().ok()?;
    Some((mark, words.filter_map(|word| word.parse().ok()).collect()))
}

fn write(positions: &[i32]) {
    let mut state = MARK.get().to_string();
    for position in positions {
        state.push(' ');
        state.push_str(&position.to_string());
    }
    if let Ok(history) = window().history() {
        let _ = history.replace_state(&state.into(), "");
    }
}

/// The page, then its boxes.
fn boxes() -> Vec<Element> {
    let mut boxes: Vec<Element> = document().document_element().into_iter().collect();
    if let Ok(found) = document().query_selector_all(BOXES) {
        boxes.extend((0..found.length()).filter_map(|index| found.item(index)?.dyn_into().ok()));
    }
    boxes
}

fn positions() -> Vec<i32> {
    boxes().iter().map(Element::scroll_top).collect()
}

fn set_positions(positions: &[i32]) {
    for (element, position) in boxes().iter().zip(positions) {
        element.set_scroll_top(*position);
    }
}

fn listen(name: &'static str, act: impl Fn(Event) + 'static) {
    let act = Closure::<dyn Fn(Event)>::new(act);
    let listener = act.as_ref().unchecked_ref();
    let _ = window().add_event_listener_with_callback_and_bool(name, listener, true);
    let act = StoredValue::new_local(act);
    on_cleanup(move || {
        act.with_value(|act| {
            let listener = act.as_ref().unchecked_ref();
            let _ = window().remove_event_listener_with_callback_and_bool(name, listener, true);
        });
    });
}
