//! A moment as a clock on the wall shows it.

use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;

/// "14:03:22", with its date where that is not the day of `now`; in the time and the language of the page.
pub fn clock_time(unix_ms: f64, now: f64) -> String {
    let (time, today) = (Date::new(&unix_ms.into()), Date::new(&now.into()));
    let options = Object::new();
    let set = |name: &str, value: &str| drop(Reflect::set(&options, &name.into(), &value.into()));
    set("timeStyle", "medium");
    if time.to_date_string() != today.to_date_string() {
        set("dateStyle", "medium");
    }
    time.to_locale_string(&language(), &options).into()
}

/// The language of the page.
pub fn language() -> String {
    let root = document().document_element();
    root.and_then(|root| root.get_attribute("lang")).unwrap_or_else(|| "en-GB".to_owned())
}
