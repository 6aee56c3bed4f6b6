//! The demo: the whole walk, with nobody's account and no network.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::open;

#[wasm_bindgen_test]
async fn the_demo_is_one_press_away_and_asks_the_service_nothing() {
    let page = open("#/").await;
    page.expect_heading("Sign in").await;
    page.press("Explore the demo").await;
    page.expect("Demo: nothing is real, nothing costs").await;
    page.expect_heading("Subscriptions").await;
    page.press("Harbour Bakery").await;
    page.expect_heading("Resource groups").await;
    page.press("bakery-rg").await;
    page.expect_heading("Workspaces").await;
    page.press("Forecasting").await;
    page.expect("westeurope.api.azureml.ms").await;
    page.press("Experiments").await;
    page.expect_heading("Experiments").await;
    page.press("loaves-per-day").await;
    page.expect("brave_oven_12").await;
    assert!(page.network.asked("").is_empty(), "{:?}", page.network.asked(""));
}

#[wasm_bindgen_test]
async fn a_demo_address_starts_the_demo_at_its_place() {
    let page = open("#/demo/subscriptions").await;
    page.expect("Harbour Bakery").await;
    assert_eq!(page.address(), "#/demo/subscriptions");
}

#[wasm_bindgen_test]
async fn signing_out_of_the_demo_leads_back_to_sign_in() {
    let page = open("#/demo/subscriptions").await;
    page.expect("Harbour Bakery").await;
    page.press("Sign out").await;
    page.expect_heading("Sign in").await;
}

#[wasm_bindgen_test]
async fn where_the_demo_is_not_offered_its_addresses_ask_to_sign_in() {
    let settings = azimuth::settings::Settings { demo: false, ..Default::default() };
    let page = crate::page::open_with("#/demo/subscriptions", settings).await;
    page.expect_heading("Sign in").await;
    assert!(page.control("Explore the demo").is_none());
}
