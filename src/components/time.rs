//! Times relative to now, with the exact time as their title, in the words of `Intl`.

use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::prelude::*;
use web_sys::wasm_bindgen::JsValue;

use crate::components::format::format_duration;

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// "2 min ago"; a date once that says more.
#[component]
pub fn RelativeTime(
    /// Milliseconds since 1970, as in JavaScript.
    unix_ms: f64,
    /// The same, for now.
    #[prop(into)]
    now: Signal<f64>,
) -> impl IntoView {
    let date = Date::new(&unix_ms.into());
    let offset = date.get_timezone_offset() * MINUTE;
    // `toISOString` throws for a date that is none.
    let (exact, machine) = if unix_ms.is_finite() {
        (exact_time(&date), String::from(date.to_iso_string()))
    } else {
        Default::default()
    };
    // A step changes seldom, the clock often.
    let step = Memo::new(move |_| step(unix_ms, now.get(), offset));

    view! { <time datetime=machine title=exact>{move || words(step.get(), unix_ms)}</time> }
}

/// "2 m 04 s".
#[component]
pub fn Duration(#[prop(into)] milliseconds: Signal<f64>) -> impl IntoView {
    let text = Memo::new(move |_| format_duration(milliseconds.get()));
    view! { <span class="nowrap">{text}</span> }
}

/// How far away a time is, in the unit that people would use.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Away(f64, &'static str),
    /// More than a week: the date says more.
    Far,
}

/// Days are counted by the local calendar, so that "yesterday" is yesterday; `offset` is what UTC is ahead.
fn step(then: f64, now: f64, offset: f64) -> Step {
    let away = then - now;
    let size = away.abs();
    let day = |time: f64| ((time - offset) / DAY).floor();
    match size {
        // Clocks differ by seconds; "in 3 seconds" would be a lie.
        size if size < 10.0 * SECOND => Step::Away(0.0, "second"),
        size if size < MINUTE => Step::Away((away / SECOND).trunc(), "second"),
        size if size < HOUR => Step::Away((away / MINUTE).trunc(), "minute"),
        size if size < DAY => Step::Away((away / HOUR).trunc(), "hour"),
        size if size < 7.0 * DAY => Step::Away(day(then) - day(now), "day"),
        _ => Step::Far,
    }
}

fn words(step: Step, unix_ms: f64) -> String {
    match step {
        Step::Away(amount, unit) => RELATIVE.with(|relative| relative.format(amount, unit)).into(),
        Step::Far if unix_ms.is_finite() => DATE.with(|date| format_date(date, &Date::new(&unix_ms.into()))),
        Step::Far => String::new(),
    }
}

/// Both the local time and UTC, which is what logs speak.
fn exact_time(date: &Date) -> String {
    let local = EXACT.with(|exact| format_date(exact, date));
    format!("{local} ({})", String::from(date.to_iso_string()).replacen('T', " ", 1).replacen('Z', " UTC", 1))
}

thread_local! {
    // Making one takes longer than formatting a table with it.
    static RELATIVE: Intl::RelativeTimeFormat =
        Intl::RelativeTimeFormat::new(&page_language(), &options(&[("numeric", "auto"), ("style", "short")]));
    static DATE: Intl::DateTimeFormat =
        Intl::DateTimeFormat::new(&page_language(), &options(&[("dateStyle", "medium")]));
    // In the person's own locale.
    static EXACT: Intl::DateTimeFormat =
        Intl::DateTimeFormat::new(&Array::new(), &options(&[("dateStyle", "full"), ("timeStyle", "long")]));
}

fn page_language() -> Array {
    let language = document().document_element().and_then(|root| root.get_attribute("lang"));
    language.iter().map(JsValue::from).collect()
}

fn options(options: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in options {
        // A plain object takes every property.
        drop(Reflect::set(&object, &(*name).into(), &(*value).into()));
    }
    object
}

fn format_date(format: &Intl::DateTimeFormat, date: &Date) -> String {
    let formatted = format.format().call1(&JsValue::UNDEFINED, date);
    formatted.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_fitting_unit() {
        let now = 20_000.0 * DAY + 12.0 * HOUR;
        assert_eq!(step(now - 4.0 * SECOND, now, 0.0), Step::Away(0.0, "second"));
        assert_eq!(step(now + 4.0 * SECOND, now, 0.0), Step::Away(0.0, "second"));
        assert_eq!(step(now - 45.0 * SECOND, now, 0.0), Step::Away(-45.0, "second"));
        assert_eq!(step(now - 125.0 * SECOND, now, 0.0), Step::Away(-2.0, "minute"));
        assert_eq!(step(now - 5.0 * HOUR, now, 0.0), Step::Away(-5.0, "hour"));
        assert_eq!(step(now + 52.0 * MINUTE, now, 0.0), Step::Away(52.0, "minute"));
        assert_eq!(step(now - 30.0 * DAY, now, 0.0), Step::Far);
    }

    #[test]
    fn days_are_those_of_the_local_calendar() {
        let noon = 20_000.0 * DAY + 12.0 * HOUR;
        assert_eq!(step(noon - 30.0 * HOUR, noon, 0.0), Step::Away(-1.0, "day"));
        assert_eq!(step(noon - 47.0 * HOUR, noon, 0.0), Step::Away(-2.0, "day"));
        // Nine hours west of UTC it is three in the morning, and 30 hours ago was the day before yesterday.
        assert_eq!(step(noon - 30.0 * HOUR, noon, 9.0 * HOUR), Step::Away(-2.0, "day"));
    }
}
