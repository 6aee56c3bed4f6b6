//! The table of runs: filters, columns, selection.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlElement;

use crate::page::{Fault, Page, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

fn runs(query: &str) -> String {
    format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/experiments/loaves-per-day{query}"
    )
}

fn link(name: &str) -> HtmlElement {
    let links = document().query_selector_all("tbody th a").expect("the selector is one");
    let mut links = (0..links.length())
        .map(|index| links.item(index).expect("there are as many").unchecked_into::<HtmlElement>());
    links.find(|link| link.inner_text() == name).expect("the run is in the table")
}

async fn is_focused(page: &Page, name: &str) {
    let has_focus = || document().active_element().is_some_and(|active| active == *link(name));
    page.until(&format!("the focus on {name}"), || has_focus().then_some(())).await;
}

async fn press_key(page: &Page, name: &str, key: &str) {
    let options = web_sys::KeyboardEventInit::new();
    options.set_key(key);
    options.set_bubbles(true);
    options.set_cancelable(true);
    let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options)
        .expect("events can be made");
    link(name).dispatch_event(&event).expect("links take events");
    page.until("a moment", || Some(())).await;
}

#[wasm_bindgen_test]
async fn statuses_are_chosen_in_a_menu_and_taken_out_one_by_one() {
    let page = open_signed_in(&runs("")).await;
    page.expect("brave_oven_12").await;
    page.press("Status").await;
    page.tick("Did not work").await;
    page.expect_gone("brave_oven_12").await;
    assert!(page.address().ends_with("?status=Failed"), "{}", page.address());
    page.tick("Working").await;
    page.expect("brave_oven_12").await;
    page.press("Remove Status: Did not work").await;
    page.until("one status", || page.address().ends_with("?status=Running").then_some(())).await;
    page.press("Clear all").await;
    page.until("no status", || (!page.address().contains("status")).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_filter_that_the_service_refuses_can_be_applied_here() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    let refusal = r#"{"error":{"code":"UserError","message":"The filter is not valid."}}"#;
    page.network.fail("runs:query", 1, Fault::Status(400, refusal));
    page.go(&runs("?status=Running")).await;
    page.expect("The filter is not valid.").await;
    page.press("Filter on this page").await;
    page.expect("brave_oven_12").await;
    page.expect("Filtered on this page only").await;
}

#[wasm_bindgen_test]
async fn metrics_are_columns_and_the_choice_is_in_the_address_and_remembered() {
    let page = open_signed_in(&runs("")).await;
    page.expect("brave_oven_12").await;
    assert_eq!(page.network.asked("metrics").len(), 0);
    page.press("Columns").await;
    page.tick("mae").await;
    page.until("the column", || page.address().contains("m.mae").then_some(())).await;
    page.until("a number", || {
        let cells = document().query_selector_all("td[data-label='mae']").expect("the selector is one");
        (0..cells.length())
            .any(|index| {
                cells
                    .item(index)
                    .and_then(|cell| cell.text_content())
                    .unwrap_or_default()
                    .parse::<f64>()
                    .is_ok()
            })
            .then_some(())
    })
    .await;
    page.press("Move mae left").await;
    page.until("the order", || page.address().contains("m.mae%2Ctags").then_some(())).await;
    page.until("the focus", || {
        let focused = document().active_element().and_then(|element| element.get_attribute("aria-label"));
        (focused.as_deref() == Some("Move mae left")).then_some(())
    })
    .await;
    page.go("#/subscriptions").await;
    page.expect("Harbour Bakery").await;
    page.go(&runs("")).await;
    page.until("the columns of before", || page.address().contains("m.mae%2Ctags").then_some(())).await;
}

#[wasm_bindgen_test]
async fn keys_go_from_row_to_row_and_select() {
    let page = open_signed_in(&runs("?status=Completed,Failed")).await;
    page.expect("calm_dough_7").await;
    let links = document().query_selector_all("tbody th a").expect("the selector is one");
    let name =
        |index| links.item(index).expect("there are as many").unchecked_into::<HtmlElement>().inner_text();
    let (first, second) = (name(0), name(1));
    link(&first).focus().expect("links take the focus");
    press_key(&page, &first, "j").await;
    is_focused(&page, &second).await;
    press_key(&page, &second, " ").await;
    page.expect("1 selected").await;
    press_key(&page, &second, "ArrowUp").await;
    is_focused(&page, &first).await;
    press_key(&page, &first, " ").await;
    page.expect("2 selected").await;
    let compare = page.control("Compare").expect("two runs can be compared");
    assert_eq!(compare.get_attribute("href").unwrap_or_default().matches("run=").count(), 2);
}

#[wasm_bindgen_test]
async fn a_refresh_keeps_the_selection_and_the_focus() {
    let page = open_signed_in(&runs("")).await;
    page.expect("brave_oven_12").await;
    link("calm_dough_7").focus().expect("links take the focus");
    press_key(&page, "calm_dough_7", " ").await;
    page.expect("1 selected").await;
    let asked = page.network.asked("runs:query").len();
    page.press("Refresh").await;
    page.until("another question", || (page.network.asked("runs:query").len() > asked).then_some(())).await;
    page.until("its answer", || {
        page.control("Refresh")?.get_attribute("aria-disabled").is_none().then_some(())
    })
    .await;
    is_focused(&page, "calm_dough_7").await;
    assert!(page.text().contains("1 selected"));
}

/// The edge of a column, and how wide that is.
fn edge(label: &str) -> HtmlElement {
    let edge = document().query_selector(&format!("[role=separator][aria-label='Width of {label}']"));
    edge.expect("the selector is one").expect("the column has an edge").unchecked_into()
}

fn width(label: &str) -> u32 {
    let width = edge(label).get_attribute("aria-valuenow").expect("an edge says how wide its column is");
    width.parse().expect("widths are numbers")
}

#[wasm_bindgen_test]
async fn columns_are_made_wider_with_keys_and_by_their_edge() {
    let page = open_signed_in(&runs("")).await;
    page.expect("brave_oven_12").await;
    let usual = width("Compute");
    edge("Compute").focus().expect("edges take the focus");
    let options = web_sys::KeyboardEventInit::new();
    options.set_key("ArrowRight");
    options.set_bubbles(true);
    let press = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &options)
        .expect("events can be made");
    edge("Compute").dispatch_event(&press).expect("edges take events");
    page.until("a wider column", || (width("Compute") == usual + 16).then_some(())).await;
    page.until("its address", || page.address().contains(&format!("{}", usual + 16)).then_some(())).await;

    let pointer = |name: &str, x: i32| {
        // Any event that bubbles does: handlers look at its name and at where it is.
        let options = web_sys::KeyboardEventInit::new();
        options.set_bubbles(true);
        options.set_cancelable(true);
        let event = web_sys::KeyboardEvent::new_with_keyboard_event_init_dict(name, &options)
            .expect("events can be made");
        js_sys::Reflect::set(&event, &"clientX".into(), &x.into()).expect("events take properties");
        edge("Compute").dispatch_event(&event).expect("edges take events");
    };
    pointer("pointerdown", 300);
    pointer("pointermove", 350);
    page.until("the width while it is dragged", || (width("Compute") == usual + 66).then_some(())).await;
    assert!(!page.address().contains(&format!("{}", usual + 66)), "{}", page.address());
    pointer("pointerup", 360);
    page.until("the new width", || (width("Compute") == usual + 76).then_some(())).await;
    page.until("its address", || page.address().contains(&format!("{}", usual + 76)).then_some(())).await;
    // The name of the column is pressed for its order, its edge is not.
    assert!(!page.address().contains("sort"), "{}", page.address());
}
