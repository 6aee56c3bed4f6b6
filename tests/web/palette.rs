//! The command palette: what it finds, what it does, and where the focus goes.
#![allow(clippy::unwrap_used, reason = "what is in the way of a test fails it")]

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{HtmlDialogElement, HtmlElement};

use crate::page::{Page, open, open_signed_in};
use crate::sign_in::SUBSCRIPTION;

#[wasm_bindgen(inline_js = "
export function key(name, control) {
    const options = { key: name, ctrlKey: control, bubbles: true, cancelable: true };
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', options));
}
export function type_into_focused(text) {
    document.activeElement.value = text;
    document.activeElement.dispatchEvent(new Event('input', { bubbles: true }));
}
export function options() {
    return [...document.querySelectorAll('[role=option]')].map((option) => option.innerText.trim()).join('\\n');
}
export function chosen() {
    const field = document.querySelector('[role=combobox]');
    const row = document.getElementById(field?.getAttribute('aria-activedescendant'));
    return row?.getAttribute('aria-selected') === 'true' ? row.querySelector('.label').innerText : '';
}
")]
extern "C" {
    fn key(name: &str, control: bool);
    fn type_into_focused(text: &str);
    fn options() -> String;
    fn chosen() -> String;
}

const FIELD: &str = "Find a page, a run, an action";

fn focused() -> String {
    let element = document().active_element();
    element
        .map(|element| element.get_attribute("aria-label").unwrap_or(element.tag_name()))
        .unwrap_or_default()
}

async fn open_palette(page: &Page) {
    key("k", true);
    page.until("the field of the palette to have the focus", || (focused() == FIELD).then_some(())).await;
}

#[wasm_bindgen_test]
async fn what_a_list_brought_is_found_from_another_page() {
    let page = open("#/demo/subscriptions").await;
    page.press("Harbour Bakery").await;
    page.press("bakery-rg").await;
    page.press("Forecasting").await;
    page.expect("loaves-per-day").await;
    page.press("Requests").await;
    page.expect_heading("Requests").await;

    open_palette(&page).await;
    type_into_focused("lpd");
    page.until("the experiment", || (chosen() == "loaves-per-day").then_some(())).await;
    key("Enter", false);
    page.expect_heading("Runs of loaves-per-day").await;
    assert!(page.address().starts_with("#/demo/subscriptions/"), "{}", page.address());
    page.until("the heading to have the focus", || (focused() == "H1").then_some(())).await;
}

#[wasm_bindgen_test]
async fn escape_gives_the_focus_back_and_the_arrows_go_round() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    let field = document().query_selector("main input").unwrap().unwrap();
    field.unchecked_into::<HtmlElement>().focus().unwrap();
    assert_eq!(focused(), "Filter");
    open_palette(&page).await;
    let all = options();
    let (first, last) = (all.lines().next().unwrap().to_owned(), all.lines().last().unwrap().to_owned());
    assert_eq!(chosen(), first);
    key("ArrowUp", false);
    page.until("the last row", || last.contains(&chosen()).then_some(())).await;
    key("ArrowDown", false);
    page.until("the first row", || (chosen() == first).then_some(())).await;
    // As Escape does; a script cannot press it.
    let dialog = document().query_selector("dialog[open]").unwrap().unwrap();
    dialog.unchecked_into::<HtmlDialogElement>().close();
    page.until("the focus to be back", || (focused() == "Filter").then_some(())).await;
}

#[wasm_bindgen_test]
async fn only_actions_that_the_page_has_are_offered() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    open_palette(&page).await;
    let all = options();
    for action in ["Refresh", "Switch the theme", "Copy the address", "Sign out", "Requests", "Diagnostics"] {
        assert!(all.lines().any(|line| line == action), "{action} is missing:\n{all}");
    }
    assert!(!all.contains("Submit a run"), "{all}");
    type_into_focused("sign out");
    page.until("the action", || (chosen() == "Sign out").then_some(())).await;
    key("Enter", false);
    page.expect_heading("Sign in").await;

    open_palette(&page).await;
    type_into_focused("harbour");
    page.expect("Nothing that was opened so far fits.").await;
}

#[wasm_bindgen_test]
async fn what_was_opened_by_its_address_is_found_later() {
    let run = format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/experiments/loaves-per-day/runs/calm_dough_7"
    );
    let page = open_signed_in(&run).await;
    page.expect_heading("calm_dough_7").await;
    page.expect("It ran to its end").await;
    page.press("Requests").await;
    page.expect_heading("Requests").await;
    open_palette(&page).await;
    type_into_focused("cd7");
    page.until("the run", || (chosen() == "calm_dough_7").then_some(())).await;
}
