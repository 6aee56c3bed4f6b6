//! Where the focus goes when what had it goes away.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Puts the focus on the heading of what is shown now, if what had it went away with what was shown before: a button
/// that was pressed, for example. `is_there` tracks what is shown, and tells whether it is more than a wait.
pub fn keep_focus(is_there: impl Fn() -> bool + 'static) {
    Effect::new(move |was_shown: Option<()>| {
        if is_there() && was_shown.is_some() {
            request_animation_frame(find_again);
        }
    });
}

fn find_again() {
    if document().active_element().is_some_and(|active| has_focus(&active)) {
        return;
    }
    let first = |selector| document().query_selector(selector).ok().flatten();
    let heading = first("main section h2[tabindex]").or_else(|| first("main h1"));
    if let Some(heading) = heading.and_then(|heading| heading.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}

/// What is hidden keeps the focus until the page is drawn.
fn has_focus(active: &Element) -> bool {
    active.tag_name() != "BODY" && active.closest("[hidden]").is_ok_and(|hidden| hidden.is_none())
}
