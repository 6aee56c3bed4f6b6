//! Whether an element was seen, and how large it is.

use leptos::prelude::*;

use wasm_bindgen::prelude::*;
use web_sys::{
    Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit, ResizeObserver,
};

/// How far below the window something is made ready.
const AHEAD: &str = "400px";

/// Whether an element is, or ever was, near what the window shows.
pub fn use_was_seen<E>(node: NodeRef<E>) -> Signal<bool>
where
    E: leptos::html::ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let seen = RwSignal::new(false);
    let observed = move |element: Element| {
        let on_change = Closure::<dyn FnMut(js_sys::Array, IntersectionObserver)>::new(
            move |entries: js_sys::Array, observer: IntersectionObserver| {
                let near = entries
                    .iter()
                    .any(|entry| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting());
                if near {
                    observer.disconnect();
                    let _ = seen.try_set(true);
                }
            },
        );
        let options = IntersectionObserverInit::new();
        options.set_root_margin(AHEAD);
        let observer =
            IntersectionObserver::new_with_options(on_change.as_ref().unchecked_ref(), &options).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        let kept = StoredValue::new_local((observer, on_change));
        on_cleanup(move || {
            let _ =
                kept.try_with_value(|(observer, _)| observer.as_ref().map(IntersectionObserver::disconnect));
        });
    };
    Effect::new(move || {
        if let Some(element) = node.get() {
            let element: &Element = element.as_ref();
            observed(element.clone());
        }
    });
    seen.into()
}

/// How wide and high an element is, in pixels; nothing before it is there.
pub fn use_size<E>(node: NodeRef<E>) -> Signal<(f64, f64)>
where
    E: leptos::html::ElementType + 'static,
    E::Output: JsCast + Clone + AsRef<Element> + 'static,
{
    let size = RwSignal::new((0.0, 0.0));
    let observed = move |element: Element| {
        let measured = element.clone();
        let measure = move || {
            let next = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.try_get_untracked().is_some_and(|known| known != next) {
                size.set(next);
            }
        };
        measure();
        let on_change = Closure::<dyn FnMut()>::new(measure);
        let observer = ResizeObserver::new(on_change.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(&element);
        }
        let kept = StoredValue::new_local((observer, on_change));
        on_cleanup(move || {
            let _ = kept.try_with_value(|(observer, _)| observer.as_ref().map(ResizeObserver::disconnect));
        });
    };
    Effect::new(move || {
        if let Some(element) = node.get() {
            let element: &Element = element.as_ref();
            observed(element.clone());
        }
    });
    size.into()
}
