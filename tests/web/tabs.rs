//! The bar of links to the parts of one thing.

use azimuth::components::button::{Tab, Tabs};
use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlElement, KeyboardEvent, KeyboardEventInit};

fn focused() -> String {
    document().active_element().and_then(|element| element.text_content()).unwrap_or_default()
}

fn press(key: &str) {
    let options = KeyboardEventInit::new();
    options.set_key(key);
    options.set_bubbles(true);
    let event =
        KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options).expect("events can be made");
    let element = document().active_element().expect("something has the focus");
    element.dispatch_event(&event).expect("elements take events");
}

#[wasm_bindgen_test]
fn arrows_go_from_tab_to_tab_and_round_the_ends() {
    let root: HtmlElement = document().create_element("div").expect("a page has elements").unchecked_into();
    document().body().expect("a page has a body").append_child(&root).expect("a body takes elements");
    let tab = |label: &str| Tab { label: label.to_owned(), href: "#".to_owned(), current: false };
    let tabs = vec![tab("Overview"), tab("Logs"), tab("Outputs")];
    let mounted = mount_to(root.clone(), move || view! { <Tabs label="Run" tabs=tabs/> });
    let first = root.query_selector("a").expect("the selector is good").expect("there are tabs");
    first.unchecked_into::<HtmlElement>().focus().expect("links take the focus");

    for (key, name) in [
        ("ArrowRight", "Logs"),
        ("End", "Outputs"),
        ("ArrowRight", "Overview"),
        ("ArrowLeft", "Outputs"),
        ("Home", "Overview"),
        ("x", "Overview"),
    ] {
        press(key);
        assert_eq!(focused(), name, "{key}");
    }
    drop(mounted);
    root.remove();
}
