//! What a person sees when something does not work.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::HtmlInputElement;

use crate::page::{Fault, open_signed_in, set_hidden};
use crate::sign_in::SUBSCRIPTION;
use crate::submit::filled_in;

fn runs() -> String {
    format!(
        "#/subscriptions/{SUBSCRIPTION}/resourceGroups/bakery-rg/workspaces/forecasting/experiments/loaves-per-day"
    )
}

#[wasm_bindgen_test]
async fn a_refusal_fills_the_place_of_the_page_and_can_be_tried_again() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    page.network.fail("/resourcegroups?", 1, Fault::Status(403, r#"{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization to perform action."}}"#));
    page.press("Harbour Bakery").await;
    page.expect("AuthorizationFailed").await;
    page.expect("does not have authorization").await;
    page.press("Try again").await;
    page.expect("bakery-rg").await;
}

#[wasm_bindgen_test]
async fn a_passing_fault_is_asked_again_without_a_word() {
    let page = open_signed_in("#/").await;
    page.expect("Harbour Bakery").await;
    page.network.fail("/resourcegroups?", 1, Fault::Status(503, "<html>busy</html>"));
    page.press("Harbour Bakery").await;
    page.expect("bakery-rg").await;
    assert_eq!(page.network.asked("/resourcegroups?").len(), 2);
}

#[wasm_bindgen_test]
async fn a_failed_refresh_keeps_the_last_runs_on_screen() {
    let page = open_signed_in(&runs()).await;
    page.expect("brave_oven_12").await;
    page.network.fail(
        "runs:query",
        1,
        Fault::Status(400, r#"{"error":{"code":"UserError","message":"Not today."}}"#),
    );
    page.press("Refresh").await;
    page.expect("Not today.").await;
    assert!(page.text().contains("brave_oven_12"));
}

#[wasm_bindgen_test]
async fn lists_are_asked_the_older_way_where_the_newer_is_not_known() {
    let page = open_signed_in(&runs()).await;
    page.expect("brave_oven_12").await;
    page.network.fail("runs:query", 1, Fault::Status(404, ""));
    page.press("Refresh").await;
    page.until("the older question", || (page.network.asked("/runs?").len() == 1).then_some(())).await;
    let newer = page.network.asked("runs:query").len();
    page.press("Refresh").await;
    page.until("a second older question", || (page.network.asked("/runs?").len() >= 2).then_some(())).await;
    assert_eq!(page.network.asked("runs:query").len(), newer, "the host's way was forgotten");
}

#[wasm_bindgen_test]
async fn unfinished_runs_are_asked_for_again_but_not_while_the_tab_is_hidden() {
    let page = open_signed_in(&runs()).await;
    page.expect("brave_oven_12").await;
    set_hidden(true);
    let asked = page.network.asked("runs:query").len();
    gloo_timers::future::sleep(std::time::Duration::from_secs(7)).await;
    assert_eq!(page.network.asked("runs:query").len(), asked, "a hidden tab asked");
    set_hidden(false);
    page.until("a refresh", || (page.network.asked("runs:query").len() > asked).then_some(())).await;
}

#[wasm_bindgen_test]
async fn a_name_that_may_not_be_used_leads_back_to_its_field() {
    let page = filled_in().await;
    page.network.fail(
        "startrun",
        1,
        Fault::Status(400, r#"{"error":{"code":"InvalidResourceName","message":"Not that one."}}"#),
    );
    page.press("Submit run").await;
    page.press("Choose another name").await;
    let focused = document().active_element().map(JsCast::unchecked_into::<HtmlInputElement>);
    assert_eq!(focused.map(|field| field.value()).as_deref(), Some("loaves-per-day"));
}
